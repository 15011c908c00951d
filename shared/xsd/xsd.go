// Package xsd checks documents against XML Schema 1.0, as far as the register's own schemas use it. All it knows of fields stands in the
// schema files, see [Load]; whatever in them it does not know is an error when they are loaded, so that no rule of a schema is passed over.
//
// # What a schema may hold
//
//   - xs:schema with a targetNamespace and elementFormDefault="qualified"; xs:include of files of the same namespace, xs:import of a file of
//     another; xs:annotation with xs:documentation wherever it may stand, and that of a simple type with an xs:appinfo, see below.
//   - xs:element, global or in a sequence: by type, by a type within it, or by ref; nillable; minOccurs 0 or 1, maxOccurs 1 or unbounded.
//   - xs:complexType, with nothing in it or one xs:sequence of elements, in which no name stands twice.
//   - xs:simpleType with xs:restriction by enumeration, pattern, length, minLength, maxLength, minInclusive, maxInclusive, totalDigits,
//     fractionDigits and whiteSpace, each as far as it goes with the type: of dates and booleans there are patterns alone.
//   - The builtin types string, token, int, long, integer, positiveInteger, nonNegativeInteger, decimal, double, boolean, date and dateTime.
//
// Patterns are translated to Go's regular expressions. What has no translation is an error: subtraction of classes, \i, \c, blocks, and
// more than 1,000 repetitions.
//
// A pattern is how a schema counts characters without the white space around them, and tells nobody that it counts. So the annotation of a
// simple type with patterns may say it beside them, in a way that other processors pass over: <xs:appinfo source="…/tegn">1-132</xs:appinfo>
// (the source is [Tegn]) is how few and how many characters its patterns let pass, without a second number for any. It decides nothing:
// of a value that breaks the patterns it says why.
//
// # How a document is checked
//
// By [Schema.Check], which finds all that is wrong and not what follows from it: an element that is unknown is one fault, whatever is in it;
// one that stands in the wrong place is one, and those around it are none; one in the wrong namespace is one, and those within it in the
// same namespace are none. A value has one fault, the first by which it is not of its type.
//
// The verdict, sound or not, is that of other processors, which a test holds it against. By intent it differs in this: xsi:type is refused,
// whatever it says, and lengths are in characters, of which some processors count those beyond U+FFFF twice.
package xsd

import (
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/xmltree"
)

// Tegn is the source of an xs:appinfo that says how many characters the patterns of a type let pass.
const Tegn = "https://dagtilbudsregisteret.dk/xsd/tegn"

// Schema is a set of schema files that belong together. It is never changed after it was loaded, so any number of goroutines may use it.
type Schema struct {
	elements map[xmltree.Name]*element // the global ones
}

// element is the declaration of one.
type element struct {
	name     xmltree.Name
	content  *content // the elements that it holds; nil where it holds a value
	value    *simple
	nillable bool
}

// content is what an element holds that holds elements, in their order. One without particles is empty.
type content struct{ particles []particle }

// particle is an element's place in a sequence.
type particle struct {
	*element
	optional, many bool
}

// Fault is one thing that is wrong with a document.
type Fault struct {
	Kode         string // one of the constants, stable
	Line, Column int    // of the element that it is about, counted from 1; of the one above it where one is missing; of text that may not be
	Path         string // of that element: /anvisningsenhed/adresse/postNummer, with [2] where it has siblings of its name; /@name for an attribute
	Tekst        register.Text
}

// The codes of faults.
const (
	UkendtRod           = "ukendtRod"           // the schema has no such document
	ForkertNavnerum     = "forkertNavnerum"     // the right name, in another namespace
	UkendtElement       = "ukendtElement"       // no such element may stand here at all
	ForkertRaekkefoelge = "forkertRaekkefoelge" // the element may stand here, but before or after others
	ForMange            = "forMange"            // the element may stand here once
	Mangler             = "mangler"             // an element that must be there is not; Path is where it should be
	SkalVaereTom        = "skalVaereTom"        // text, be it white space, in an element that holds nothing
	KunElementer        = "kunElementer"        // text in an element that holds elements only
	UkendtAttribut      = "ukendtAttribut"      // no such attribute may stand here
	Nil                 = "nil"                 // xsi:nil where the schema does not allow it, or with content, or neither true nor false
	XsiType             = "xsiType"             // xsi:type: the type is the schema's to say

	ForLang       = "forLang"       // more characters than may be
	ForKort       = "forKort"       // fewer characters than must be
	UkendtKode    = "ukendtKode"    // not one of the values that the schema lists
	Format        = "format"        // not of the pattern
	Heltal        = "heltal"        // not an integer
	Tal           = "tal"           // not a number
	Boolsk        = "boolsk"        // not true, false, 1 or 0
	Dato          = "dato"          // not a date
	Tidspunkt     = "tidspunkt"     // not a date with a time
	Udenfor       = "udenfor"       // a number below or above what may be
	ForMangeCifre = "forMangeCifre" // a number of more digits than may be, in all or after the point

	FlereFejl = "flereFejl" // there are more faults than are given; the last one says so
)

// MaxFaults is how many faults are given of one document at most.
const MaxFaults = 1000
