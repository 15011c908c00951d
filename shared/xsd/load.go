package xsd

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/xmltree"
)

const schemaSpace = "http://www.w3.org/2001/XMLSchema"

// limits of a schema file: somebody wrote it who has the program too.
var limits = xmltree.Limits{Nodes: 1_000_000}

// Load reads a schema file of fsys with those it includes and imports, each found by its schemaLocation relative to the file that
// names it. The error joins all that is wrong with them, each with file and line.
func Load(fsys fs.FS, name string) (*Schema, error) {
	l := &loader{fsys: fsys, files: make(map[string]*file), elements: make(map[xmltree.Name]*component), types: make(map[xmltree.Name]*component)}
	l.open(path.Clean(name), nil, nil)
	s := &Schema{elements: make(map[xmltree.Name]*element, len(l.elements))}
	for _, c := range l.components {
		if c.xml.Name.Local == "element" {
			s.elements[c.name] = l.globalElement(c)
		} else {
			l.globalType(c)
		}
	}
	if l.problems != nil {
		return nil, errors.Join(l.problems...)
	}
	return s, nil
}

// loader gathers the components of all files first, and then makes each when it is asked for.
type loader struct {
	fsys       fs.FS
	files      map[string]*file
	components []*component // in the order of their files
	elements   map[xmltree.Name]*component
	types      map[xmltree.Name]*component
	problems   []error
}

// file is one schema file.
type file struct {
	name  string
	space string          // its targetNamespace
	sees  map[string]bool // the namespaces that it may refer to
}

// component is a global element or type.
type component struct {
	file *file
	name xmltree.Name
	xml  *xmltree.Element

	// What has been made of it, which is one of them.
	element *element
	content *content
	simple  *simple
	busy    bool // it is being made
}

func (l *loader) problem(f *file, at *xmltree.Element, format string, args ...any) {
	l.problems = append(l.problems, fmt.Errorf("%s:%d: %s", f.name, at.Line, fmt.Sprintf(format, args...)))
}

// open reads a file, once, that from names at an element; the first is named by nobody.
func (l *loader) open(name string, from *file, at *xmltree.Element) *file {
	if f, ok := l.files[name]; ok {
		return f
	}
	f := &file{name: name, sees: map[string]bool{schemaSpace: true}}
	l.files[name] = f
	root, err := l.read(name)
	if err != nil {
		where := name
		if from != nil {
			where = fmt.Sprintf("%s:%d: %s", from.name, at.Line, name)
		}
		l.problems = append(l.problems, fmt.Errorf("%s: %w", where, err))
		return f
	}
	l.schema(f, root)
	return f
}

func (l *loader) read(name string) (*xmltree.Element, error) {
	text, err := fs.ReadFile(l.fsys, name)
	if err != nil {
		return nil, err
	}
	return xmltree.Read(bytes.NewReader(text), limits)
}

// schema gathers what is in a file.
func (l *loader) schema(f *file, root *xmltree.Element) {
	if root.Name != (xmltree.Name{Space: schemaSpace, Local: "schema"}) {
		l.problem(f, root, "this is no XML schema")
		return
	}
	l.attributes(f, root, "targetNamespace", "elementFormDefault", "version")
	f.space, _ = attr(root, "targetNamespace")
	if form, _ := attr(root, "elementFormDefault"); f.space == "" || form != "qualified" {
		l.problem(f, root, `targetNamespace and elementFormDefault="qualified" must stand here`)
	}
	f.sees[f.space] = true
	references := true
	for _, part := range l.parts(f, root, "include", "import", "element", "complexType", "simpleType") {
		switch part.Name.Local {
		case "include", "import":
			if !references {
				l.problem(f, part, "xs:%s must stand before the components", part.Name.Local)
			}
			l.reference(f, part)
		default:
			references = false
			l.gather(f, part)
		}
	}
}

// reference follows xs:include and xs:import.
func (l *loader) reference(f *file, at *xmltree.Element) {
	location, _ := attr(at, "schemaLocation")
	if location == "" {
		l.problem(f, at, "schemaLocation is missing")
		return
	}
	space := f.space
	if at.Name.Local == "import" {
		l.attributes(f, at, "namespace", "schemaLocation")
		space, _ = attr(at, "namespace")
		if space == "" || space == f.space {
			l.problem(f, at, "xs:import must name another namespace")
			return
		}
		f.sees[space] = true
	} else {
		l.attributes(f, at, "schemaLocation")
	}
	l.parts(f, at)
	named := l.open(path.Join(path.Dir(f.name), location), f, at)
	if named.space != "" && named.space != space {
		l.problem(f, at, "%s is of the namespace %s, not %s", named.name, named.space, space)
	}
}

// gather notes a global component by its name.
func (l *loader) gather(f *file, at *xmltree.Element) {
	c := &component{file: f, name: xmltree.Name{Space: f.space, Local: l.name(f, at)}, xml: at}
	in := l.types
	if at.Name.Local == "element" {
		in = l.elements
	}
	if first, twice := in[c.name]; twice {
		l.problem(f, at, "%s stands in %s:%d already", c.name.Local, first.file.name, first.xml.Line)
		return
	}
	in[c.name] = c
	l.components = append(l.components, c)
}

// name gives the name that a component is declared by.
func (l *loader) name(f *file, at *xmltree.Element) string {
	name, _ := attr(at, "name")
	if resolved, ok := (&xmltree.Element{}).Resolve(name); !ok || resolved.Local != name {
		l.problem(f, at, "%q is no name", name)
	}
	return name
}

// lookup finds what an attribute names, such as type="d:Navn".
func (l *loader) lookup(f *file, at *xmltree.Element, attribute string, in map[xmltree.Name]*component) *component {
	value, _ := attr(at, attribute)
	name, ok := at.Resolve(value)
	if !ok {
		l.problem(f, at, "%s=%q is no name, or has an unknown prefix", attribute, value)
		return nil
	}
	if !f.sees[name.Space] {
		l.problem(f, at, "%s=%q is of a namespace that is not imported here", attribute, value)
		return nil
	}
	c, ok := in[name]
	if !ok {
		l.problem(f, at, "there is no %s=%q", attribute, value)
	}
	return c
}

// attr gives an attribute that has no namespace.
func attr(at *xmltree.Element, name string) (value string, ok bool) {
	return at.Attr(xmltree.Name{Local: name})
}

// attributes notes each attribute of an element that is not among those known here.
func (l *loader) attributes(f *file, at *xmltree.Element, known ...string) {
	for _, a := range at.Attrs {
		if a.Name.Space != "" || !slices.Contains(known, a.Name.Local) {
			l.problem(f, at, "the attribute %s of xs:%s is not known here", a.Name.Local, at.Name.Local)
		}
	}
}

// parts gives the children of an element that are among those known here, without its annotation, and notes all others.
func (l *loader) parts(f *file, at *xmltree.Element, known ...string) (parts []*xmltree.Element) {
	if strings.TrimSpace(at.Text) != "" {
		l.problem(f, at, "xs:%s holds no text", at.Name.Local)
	}
	for i, child := range at.Children {
		switch {
		case child.Name.Space == schemaSpace && slices.Contains(known, child.Name.Local):
			parts = append(parts, child)
		case child.Name == (xmltree.Name{Space: schemaSpace, Local: "annotation"}) && (i == 0 || at.Name.Local == "schema"):
			l.annotation(f, child, at.Name.Local)
		default:
			l.problem(f, child, "%s is not known here, in xs:%s", child.Name.Local, at.Name.Local)
		}
	}
	return parts
}

// annotation checks that of a component: all that is in it is text.
func (l *loader) annotation(f *file, at *xmltree.Element, of string) {
	l.attributes(f, at)
	for _, child := range at.Children {
		_, spoken := child.Attr(language)
		switch {
		case isTegn(child) && of == "simpleType":
		case child.Name.Local != "documentation" || len(child.Children) > 0 || len(child.Attrs) > 1 || len(child.Attrs) == 1 && !spoken:
			l.problem(f, child, "an annotation holds xs:documentation, of text, with xml:lang alone")
		}
	}
}

// language is xml:lang.
var language = xmltree.Name{Space: "http://www.w3.org/XML/1998/namespace", Local: "lang"}

// annotated gives what is in the annotation of an element.
func annotated(at *xmltree.Element) []*xmltree.Element {
	if len(at.Children) == 0 || at.Children[0].Name.Local != "annotation" {
		return nil
	}
	return at.Children[0].Children
}

// isTegn tells whether an element of an annotation says how many characters there may be.
func isTegn(e *xmltree.Element) bool {
	source, _ := attr(e, "source")
	return e.Name.Local == "appinfo" && source == Tegn
}

// documentation gives what the annotation of an element says, by language. What names none is in both.
func documentation(at *xmltree.Element) (text register.Text) {
	for _, child := range annotated(at) {
		if child.Name.Local != "documentation" {
			continue
		}
		said := strings.Join(strings.Fields(child.Text), " ")
		switch lang, _ := child.Attr(language); lang {
		case "da":
			text.Da = said
		case "en":
			text.En = said
		case "":
			text = register.Text{Da: said, En: said}
		}
	}
	return text
}
