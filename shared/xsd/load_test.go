package xsd

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// schema is a schema file of some components.
func schema(components string) string {
	return `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:a" targetNamespace="urn:a" elementFormDefault="qualified">` + "\n" +
		components + "\n</xs:schema>"
}

// restricted is a schema file of a type, which restricts another.
func restricted(base, facets string) string {
	return schema(fmt.Sprintf(`<xs:simpleType name="A"><xs:restriction base="%s">%s</xs:restriction></xs:simpleType>`, base, facets))
}

// tegn says how many characters there may be.
func tegn(span string) string { return `<xs:appinfo source="` + Tegn + `">` + span + "</xs:appinfo>" }

// counted is a schema file of a type that says how many characters its pattern lets pass.
func counted(base, span, pattern string) string {
	facets := ""
	if pattern != "" {
		facets = fmt.Sprintf("<xs:pattern value='%s'/>", pattern)
	}
	return schema(fmt.Sprintf(`<xs:simpleType name="A"><xs:annotation>%s</xs:annotation><xs:restriction base="%s">%s</xs:restriction></xs:simpleType>`,
		tegn(span), base, facets))
}

// sequence is a schema file of a type, of a sequence.
func sequence(elements string) string {
	return schema("<xs:complexType name='A'><xs:sequence>" + elements + "</xs:sequence></xs:complexType>")
}

// refusedSchemas are such as cannot be loaded: the file a.xsd, with what is wrong with it. Those that are unsound are none to
// anybody; the others go beyond the subset.
var refusedSchemas = []struct {
	name, file, want string
	unsound          bool
}{
	{"no XML", "<xs:schema", "a.xsd: 1:11:", true},
	{"no schema", "<schema/>", "a.xsd:1: this is no XML schema", true},
	{"no targetNamespace", `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified"/>`,
		"a.xsd:1: targetNamespace", false},
	{"unqualified", `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="a"/>`,
		`a.xsd:1: targetNamespace and elementFormDefault="qualified"`, false},
	{"other attributes", strings.Replace(schema(""), ">", ` blockDefault="#all">`, 1), "a.xsd:1: the attribute blockDefault of xs:schema", false},
	{"attributes of other namespaces", schema(`<xs:element name="a" type="xs:int" x:b="" xmlns:x="x"/>`),
		"a.xsd:2: the attribute b of xs:element", false},
	{"text", schema("x"), "a.xsd:1: xs:schema holds no text", true},
	{"other elements", schema(`<x/>`), "a.xsd:2: x is not known here, in xs:schema", true},
	{"a global attribute", schema(`<xs:attribute name="a"/>`), "a.xsd:2: attribute is not known here, in xs:schema", false},
	{"a group", schema(`<xs:group name="a"><xs:sequence/></xs:group>`), "a.xsd:2: group is not known", false},
	{"an annotation of another kind", schema(`<xs:annotation><xs:appinfo/></xs:annotation>`), "a.xsd:2: an annotation holds", false},
	{"a number of characters in the wrong place", schema(`<xs:element name="a" type="xs:int"><xs:annotation>` + tegn("1-2") + `</xs:annotation></xs:element>`),
		"a.xsd:2: an annotation holds", false},
	{"a number of characters that is none", counted("xs:string", "mange", "a"), `a.xsd:2: "mange" is no number of characters`, false},
	{"more characters at least than at most", counted("xs:string", "3-2", "a"), `a.xsd:2: "3-2" is no number of characters`, false},
	{"a number of characters that nothing counts", counted("xs:string", "1-2", ""), `a.xsd:2: "1-2" is no number of characters`, false},
	{"a number of characters of what is no text", counted("xs:int", "1-2", "1"), `a.xsd:2: "1-2" is no number of characters`, false},
	{"an annotation in the wrong place", schema("<xs:complexType name='A'><xs:sequence/><xs:annotation/></xs:complexType>"),
		"a.xsd:2: annotation is not known here", true},
	{"a name that is none", schema(`<xs:element name="1" type="xs:int"/>`), `a.xsd:2: "1" is no name`, true},
	{"a name with a prefix", schema(`<xs:element name="xs:a" type="xs:int"/>`), `a.xsd:2: "xs:a" is no name`, true},
	{"no name", schema(`<xs:element type="xs:int"/>`), `a.xsd:2: "" is no name`, true},
	{"an element twice", schema("<xs:element name='a' type='xs:int'/>\n<xs:element name='a' type='xs:int'/>"),
		"a.xsd:3: a stands in a.xsd:2 already", true},
	{"a type twice", schema("<xs:complexType name='A'/>\n<xs:simpleType name='A'><xs:restriction base='xs:int'/></xs:simpleType>"),
		"a.xsd:3: A stands in a.xsd:2 already", true},

	{"an element of no type", schema(`<xs:element name="a"/>`), "a.xsd:2: an element has a type, or one within it", false},
	{"an element of two types", schema(`<xs:element name="a" type="xs:int"><xs:complexType/></xs:element>`),
		"a.xsd:2: an element has a type, or one", true},
	{"an unknown type", schema(`<xs:element name="a" type="B"/>`), `a.xsd:2: there is no type="B"`, true},
	{"an unknown prefix", schema(`<xs:element name="a" type="b:B"/>`), `a.xsd:2: type="b:B" is no name, or has an unknown prefix`, true},
	{"a type of a namespace that is not imported", schema(`<xs:element name="a" type="b:B" xmlns:b="urn:b"/>`),
		`a.xsd:2: type="b:B" is of a namespace that is not imported`, true},
	{"a type of XML Schema that it has not", schema(`<xs:element name="a" type="xs:whole"/>`), "a.xsd:2: type: the type xs:whole is not known", true},
	{"another type of XML Schema", schema(`<xs:element name="a" type="xs:anyURI"/>`), "a.xsd:2: type: the type xs:anyURI is not known", false},
	{"anything", schema(`<xs:element name="a" type="xs:anyType"/>`), "a.xsd:2: type: the type xs:anyType is not known", false},
	{"a default", schema(`<xs:element name="a" type="xs:int" default="1"/>`), "a.xsd:2: the attribute default of xs:element", false},
	{"a fixed value", schema(`<xs:element name="a" type="xs:int" fixed="1"/>`), "a.xsd:2: the attribute fixed of xs:element", false},
	{"an abstract element", schema(`<xs:element name="a" type="xs:int" abstract="true"/>`), "a.xsd:2: the attribute abstract", false},
	{"keys", schema(`<xs:element name="a" type="xs:int"><xs:unique name="b"><xs:selector xpath="."/><xs:field xpath="."/></xs:unique></xs:element>`),
		"a.xsd:2: unique is not known here, in xs:element", false},
	{"nillable perhaps", schema(`<xs:element name="a" type="xs:int" nillable="perhaps"/>`), "a.xsd:2: nillable is true or false", true},
	{"global, and so many times", schema(`<xs:element name="a" type="xs:int" minOccurs="0"/>`), "a.xsd:2: the attribute minOccurs", true},

	{"mixed content", schema(`<xs:complexType name="A" mixed="true"/>`), "a.xsd:2: the attribute mixed", false},
	{"attributes of elements", schema(`<xs:complexType name="A"><xs:attribute name="b"/></xs:complexType>`),
		"a.xsd:2: attribute is not known here, in xs:complexType", false},
	{"a choice", schema(`<xs:complexType name="A"><xs:choice/></xs:complexType>`), "a.xsd:2: choice is not known here", false},
	{"an extension", schema(`<xs:complexType name="A"><xs:simpleContent><xs:extension base="xs:int"/></xs:simpleContent></xs:complexType>`),
		"a.xsd:2: simpleContent is not known", false},
	{"two sequences", schema(`<xs:complexType name="A"><xs:sequence/><xs:sequence/></xs:complexType>`), "a.xsd:2: a type has one sequence", true},
	{"a sequence that repeats", schema(`<xs:complexType name="A"><xs:sequence maxOccurs="2"/></xs:complexType>`),
		"a.xsd:2: the attribute maxOccurs of xs:sequence", false},
	{"a sequence in a sequence", sequence("<xs:sequence/>"), "a.xsd:2: sequence is not known here, in xs:sequence", false},
	{"anything in a sequence", sequence("<xs:any/>"), "a.xsd:2: any is not known here, in xs:sequence", false},
	{"twice at least", sequence(`<xs:element name="a" type="xs:int" minOccurs="2" maxOccurs="unbounded"/>`), "a.xsd:2: minOccurs is 0 or 1", false},
	{"three at most", sequence(`<xs:element name="a" type="xs:int" maxOccurs="3"/>`), "a.xsd:2: maxOccurs is 1 or unbounded", false},
	{"many at most", sequence(`<xs:element name="a" type="xs:int" maxOccurs="many"/>`), "a.xsd:2: maxOccurs is 1 or unbounded", true},
	{"the same name again", sequence(`<xs:element name="a" type="xs:int"/><xs:element name="a" type="xs:int"/>`),
		"a.xsd:2: a stands in the sequence already", false},
	{"the same name again, where it may be either", sequence("<xs:element name='a' type='xs:int' minOccurs='0'/>\n<xs:element name='a' type='xs:int'/>"),
		"a.xsd:3: a stands in the sequence already", true},
	{"an unknown element", sequence(`<xs:element ref="a"/>`), `a.xsd:2: there is no ref="a"`, true},
	{"an element, and more than that", schema(`<xs:element name="a" type="xs:int"/>` + "\n<xs:complexType name='A'><xs:sequence><xs:element ref='a' nillable='true'/></xs:sequence></xs:complexType>"),
		"a.xsd:3: the attribute nillable of xs:element", true},

	{"a list", schema(`<xs:simpleType name="A"><xs:list itemType="xs:int"/></xs:simpleType>`), "a.xsd:2: list is not known here", false},
	{"no restriction", schema(`<xs:simpleType name="A"/>`), "a.xsd:2: a simple type has one restriction", true},
	{"a restriction of nothing", schema(`<xs:simpleType name="A"><xs:restriction/></xs:simpleType>`), "a.xsd:2: base is missing", true},
	{"a restriction of what is unknown", restricted("B", ""), `a.xsd:2: there is no base="B"`, true},
	{"a restriction of itself", restricted("A", ""), "a.xsd:2: A is derived from itself", true},
	{"a restriction of elements", schema("<xs:complexType name='B'/>\n<xs:simpleType name='A'><xs:restriction base='B'/></xs:simpleType>"),
		"a.xsd:3: B is no simple type", true},
	{"a facet of another type", restricted("xs:int", "<xs:maxLength value='1'/>"), "a.xsd:2: maxLength is not known here, in xs:restriction", true},
	{"a facet beyond the subset", restricted("xs:int", "<xs:minExclusive value='1'/>"), "a.xsd:2: minExclusive is not known", false},
	{"an enumeration of truths", restricted("xs:boolean", "<xs:enumeration value='true'/>"), "a.xsd:2: enumeration is not known", true},
	{"bounds of dates", restricted("xs:date", "<xs:minInclusive value='2026-01-01'/>"), "a.xsd:2: minInclusive is not known", false},
	{"a fixed facet", restricted("xs:token", "<xs:maxLength value='1' fixed='true'/>"), "a.xsd:2: the attribute fixed of xs:maxLength", false},
	{"a facet of no value", restricted("xs:token", "<xs:maxLength/>"), "a.xsd:2: value is missing", true},
	{"a facet twice", restricted("xs:token", "<xs:maxLength value='1'/><xs:maxLength value='1'/>"),
		"a.xsd:2: maxLength stands in the restriction already", true},
	{"a length of no number", restricted("xs:token", "<xs:maxLength value='-1'/>"), `a.xsd:2: "-1" is no number of anything`, true},
	{"length and more", restricted("xs:token", "<xs:length value='1'/><xs:minLength value='2'/>"), "a.xsd:2: length stands alone", true},
	{"lengths that leave nothing", restricted("xs:token", "<xs:minLength value='2'/><xs:maxLength value='1'/>"),
		"a.xsd:2: the facets leave no value", true},
	{"bounds that leave nothing", restricted("xs:double", "<xs:minInclusive value='1e1'/><xs:maxInclusive value='9'/>"),
		"a.xsd:2: the facets leave no value", true},
	{"digits that leave nothing", restricted("xs:decimal", "<xs:totalDigits value='2'/><xs:fractionDigits value='3'/>"),
		"a.xsd:2: the facets leave no value", true},
	{"no digits", restricted("xs:decimal", "<xs:totalDigits value='0'/>"), `a.xsd:2: totalDigits "0" is none`, true},
	{"decimals of integers", restricted("xs:integer", "<xs:fractionDigits value='1'/>"), `a.xsd:2: fractionDigits "1"`, true},
	{"a bound that is no number", restricted("xs:int", "<xs:maxInclusive value='x'/>"), `a.xsd:2: maxInclusive "x" is none`, true},
	{"a bound beyond the type's", restricted("xs:positiveInteger", "<xs:minInclusive value='0'/>"), `a.xsd:2: minInclusive "0"`, true},
	{"a code that is no number", restricted("xs:int", "<xs:enumeration value='a'/>"), `a.xsd:2: enumeration "a"`, true},
	{"a code twice", restricted("xs:int", "<xs:enumeration value='1'/><xs:enumeration value='01'/>"),
		"a.xsd:2: 01 stands in the enumeration already", false},
	{"less of white space", restricted("xs:token", "<xs:whiteSpace value='preserve'/>"), `a.xsd:2: whiteSpace "preserve"`, true},
	{"white space of no kind", restricted("xs:string", "<xs:whiteSpace value='trim'/>"), `a.xsd:2: whiteSpace "trim"`, true},
	{"a pattern that is none", restricted("xs:token", "<xs:pattern value='[a'/>"), `a.xsd:2: pattern "[a": a class is not closed`, true},
	{"more than the type below", schema("<xs:simpleType name='B'><xs:restriction base='xs:token'><xs:maxLength value='2'/></xs:restriction></xs:simpleType>\n" +
		"<xs:simpleType name='A'><xs:restriction base='B'><xs:maxLength value='3'/></xs:restriction></xs:simpleType>"),
		`a.xsd:3: maxLength "3"`, true},
	{"less than the type below", schema("<xs:simpleType name='B'><xs:restriction base='xs:token'><xs:length value='2'/></xs:restriction></xs:simpleType>\n" +
		"<xs:simpleType name='A'><xs:restriction base='B'><xs:minLength value='1'/></xs:restriction></xs:simpleType>"),
		`a.xsd:3: minLength "1"`, true},
	{"a code that the type below has not", schema("<xs:simpleType name='B'><xs:restriction base='xs:int'><xs:enumeration value='1'/></xs:restriction></xs:simpleType>\n" +
		"<xs:simpleType name='A'><xs:restriction base='B'><xs:enumeration value='2'/></xs:restriction></xs:simpleType>"),
		`a.xsd:3: enumeration "2"`, true},
	{"more decimals than the type below", schema("<xs:simpleType name='B'><xs:restriction base='xs:decimal'><xs:fractionDigits value='1'/></xs:restriction></xs:simpleType>\n" +
		"<xs:simpleType name='A'><xs:restriction base='B'><xs:fractionDigits value='2'/></xs:restriction></xs:simpleType>"),
		`a.xsd:3: fractionDigits "2"`, true},

	{"a file that is not there", schema(`<xs:include schemaLocation="b.xsd"/>`), "a.xsd:2: b.xsd: open b.xsd: file does not exist", true},
	{"an include of nothing", schema("<xs:include/>"), "a.xsd:2: schemaLocation is missing", true},
	{"an include of another namespace", schema(`<xs:include schemaLocation="andet.xsd"/>`),
		"a.xsd:2: andet.xsd is of the namespace urn:andet, not urn:a", true},
	{"an import of nothing", schema(`<xs:import namespace="urn:b"/>`), "a.xsd:2: schemaLocation is missing", false},
	{"an import of its own namespace", schema(`<xs:import namespace="urn:a" schemaLocation="a.xsd"/>`),
		"a.xsd:2: xs:import must name another namespace", true},
	{"an import of another namespace than the file's", schema(`<xs:import namespace="urn:b" schemaLocation="andet.xsd"/>`),
		"a.xsd:2: andet.xsd is of the namespace urn:andet, not urn:b", true},
	{"an include after components", schema("<xs:element name='b' type='xs:int'/>\n<xs:include schemaLocation='a.xsd'/>"),
		"a.xsd:3: xs:include must stand before the components", true},
}

func TestLoadRefuses(t *testing.T) {
	andet, err := os.ReadFile("testdata/alt/andet.xsd")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range refusedSchemas {
		t.Run(c.name, func(t *testing.T) {
			_, err := Load(fstest.MapFS{"a.xsd": {Data: []byte(c.file)}, "andet.xsd": {Data: andet}}, "a.xsd")
			if err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}

// TestLoadNamesAll has everything that is wrong with several files, each by its file and line.
func TestLoadNamesAll(t *testing.T) {
	_, err := Load(fstest.MapFS{
		"x/a.xsd": {Data: []byte(schema("<xs:include schemaLocation='../y/b.xsd'/>\n<xs:element name='a' type='B'/>\n<xs:element name='c' type='xs:int' b=''/>"))},
		"y/b.xsd": {Data: []byte(schema("<xs:include schemaLocation='c.xsd'/>\n<xs:simpleType name='B'><xs:union/></xs:simpleType>"))},
		"y/c.xsd": {Data: []byte("<a>\n</b>")},
	}, "x/a.xsd")
	want := []string{"y/b.xsd:2: y/c.xsd: 2:1: There is </b> here, but <a> of line 1 has not ended.",
		"y/b.xsd:3: union is not known here, in xs:simpleType",
		"y/b.xsd:3: a simple type has one restriction", "x/a.xsd:4: the attribute b of xs:element is not known here"}
	if err == nil || !slices.Equal(strings.Split(err.Error(), "\n"), want) {
		t.Errorf("%v, want\n%s", err, strings.Join(want, "\n"))
	}
}

// TestOthersRefuse asks the other tools about the refused schemas. Those that are unsound one of them refuses at least, for neither is strict
// about everything; the others both take.
func TestOthersRefuse(t *testing.T) {
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS("testdata/alt")); err != nil {
		t.Fatal(err)
	}
	var jobs []job
	for i, c := range refusedSchemas {
		name := filepath.Join(folder, fmt.Sprintf("%03d.xsd", i))
		if err := os.WriteFile(name, []byte(strings.ReplaceAll(c.file, "a.xsd", filepath.Base(name))), 0o600); err != nil {
			t.Fatal(err)
		}
		jobs = append(jobs, job{schema: name})
	}
	refused := make([]bool, len(jobs))
	for _, other := range tools {
		for i, theirs := range other.run(t, jobs) {
			refused[i] = refused[i] || theirs != "ok"
		}
	}
	for i, c := range refusedSchemas {
		if refused[i] != c.unsound {
			t.Errorf("%s: refused by others: %v\n%s", c.name, refused[i], c.file)
		}
	}
}
