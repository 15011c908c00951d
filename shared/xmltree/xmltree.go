// Package xmltree reads XML from strangers into a small tree, in bounded memory. It takes XML 1.0 (fifth edition) with Namespaces, as far
// as documents need it that carry data: what it refuses, it refuses with a [Fault] that says where and why in both languages.
//
// It is a reader of its own, for encoding/xml takes much that is not XML (two roots, repeated attributes, prefixes that nobody declared)
// and gives the whole of a start tag before anybody could count its attributes.
//
// # What is taken
//
// UTF-8 with or without a byte order mark, UTF-16 in either order with one, and, where the document declares them, ISO-8859-1, US-ASCII and
// windows-1252. A declaration that contradicts the bytes is refused, and so are bytes that mean nothing in the encoding.
//
// # What is refused that XML would allow
//
//   - Any DOCTYPE. With it go all entities but the five that every document has: nothing is fetched, and nothing grows.
//   - Processing instructions. SOAP forbids them, nothing in the register acts on one, and to pass over what a sender took the trouble to
//     instruct would be a guess.
//   - XML 1.1 and whatever else is not 1.0. 1.1 has other names, other line ends, and lets in control characters that the register takes nowhere.
//   - What goes beyond the [Limits].
//
// Comments are passed over.
//
// # The tree
//
// Line ends are LF and white space in attributes is spaces, as XML has it. CDATA sections and references have become the text they stand
// for. Namespace declarations are not among the attributes; [Element.Resolve] knows them.
package xmltree

import (
	"fmt"
	"io"
	"strings"

	"dagtilbudsregisteret.dk/shared/register"
)

// Name is the name of an element or an attribute: the namespace, empty for none, and the part after the prefix.
type Name struct{ Space, Local string }

// Attr is an attribute. One without a prefix is in no namespace.
type Attr struct {
	Name  Name
	Value string
}

// Element is an element with all that is in it.
type Element struct {
	Name         Name
	Attrs        []Attr     // in their order, without namespace declarations; no name stands twice
	Children     []*Element // in their order; empty for none
	Text         string     // its own character data, joined: what stands in its children is not in it, white space between them is
	Mixed        bool       // it has children, and beside them text that is not white space alone
	Line, Column int        // of the start tag's <, counted from 1; columns are characters

	TextLine, TextColumn int // of the first of its own text that is not white space; 0 where there is none

	scope *binding // the namespaces declared here and above
}

// Limits bound what a document may hold. A limit of 0 is that of [Standard]. How many bytes there may be is for the caller to
// limit, in the reader.
type Limits struct {
	Depth      int // elements within each other, the root being one
	Nodes      int // elements and attributes together, namespace declarations among them
	Attributes int // of one element, namespace declarations among them
	Name       int // bytes of a name with its prefix
	Space      int // bytes of a namespace: one is declared once and may be that of every element
}

// Standard are limits that a document of the register is far from.
var Standard = Limits{Depth: 32, Nodes: 40_000, Attributes: 32, Name: 128, Space: 1024}

// Fault is what is wrong with a document; the first thing is, for what comes after it means nothing any more.
type Fault struct {
	Line, Column int    // where, counted from 1; columns are characters
	Kode         string // one of the constants, stable
	Tekst        register.Text
}

// Error gives the place and the English text.
func (f *Fault) Error() string { return fmt.Sprintf("%d:%d: %s", f.Line, f.Column, f.Tekst.En) }

// The codes of faults.
const (
	Syntaks             = "syntaks"             // it is not XML: the text says what stands where something else must
	Uafsluttet          = "uafsluttet"          // it ends before it is complete; an empty document does
	Sluttag             = "sluttag"             // an end tag does not belong to the start tag
	UdenforRoden        = "udenforRoden"        // text or a second element outside the one element
	Navn                = "navn"                // a name is none, or has colons where none may be
	AttributToGange     = "attributToGange"     // an attribute, or a declaration of a namespace, stands twice
	Praefiks            = "praefiks"            // a prefix is not declared
	Navnerum            = "navnerum"            // a declaration that Namespaces forbid: of xml or xmlns, or of a prefix as empty
	Tegn                = "tegn"                // a character that XML forbids
	Enhed               = "enhed"               // a reference to an entity that is not among XML's five
	DTD                 = "dtd"                 // a DOCTYPE
	Procesinstruktion   = "procesinstruktion"   // a processing instruction
	Version             = "version"             // another XML than 1.0
	Tegnsaet            = "tegnsaet"            // an encoding that is not read here
	TegnsaetModsagt     = "tegnsaetModsagt"     // a declared encoding that the bytes, or the call, contradict
	Bytes               = "bytes"               // bytes that mean nothing in the encoding
	ForDyb              = "forDyb"              // the limits, in their order
	ForMange            = "forMange"            //
	ForMangeAttributter = "forMangeAttributter" //
	NavnForLangt        = "navnForLangt"        // of an element, an attribute, an entity or a namespace
)

// Read reads one document from bytes. The error is a [*Fault] where the document is at fault, and otherwise that of r, as it is. It reads to
// the end of r, and no further than the first fault.
func Read(r io.Reader, limits Limits) (*Element, error) { return ReadAs(r, "", limits) }

// ReadAs reads one document whose encoding is named by the call that it came in, as Content-Type does by charset; an empty one names
// nothing. An encoding that the document declares must be the same.
func ReadAs(r io.Reader, charset string, limits Limits) (*Element, error) {
	p := newParser(r, limits)
	p.detect(charset)
	return p.document()
}

// ReadString reads one document that has been decoded already. The encoding that it declares is of no account: .NET writes utf-16 into what
// was sent as UTF-8 long since. The error is a [*Fault].
func ReadString(s string, limits Limits) (*Element, error) {
	p := newParser(strings.NewReader(strings.TrimPrefix(s, byteOrderMark)), limits)
	p.decoded = true
	return p.document()
}

// Attr gives the value of an attribute, and whether there is one.
func (e *Element) Attr(name Name) (value string, ok bool) {
	for _, a := range e.Attrs {
		if a.Name == name {
			return a.Value, true
		}
	}
	return "", false
}

// Resolve gives the name that a value such as "xs:string" stands for where the element stands; one without a prefix is in the default
// namespace. ok is false when the value is not such a name or its prefix is not declared.
func (e *Element) Resolve(value string) (name Name, ok bool) {
	prefix, local, ok := split(strings.Trim(value, blanks))
	if !ok {
		return Name{}, false
	}
	space, ok := e.scope.find(prefix)
	return Name{space, local}, ok
}
