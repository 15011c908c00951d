package xsd

import (
	"slices"

	"dagtilbudsregisteret.dk/shared/xmltree"
)

// globalElement makes a global element, when it is first asked for.
func (l *loader) globalElement(c *component) *element {
	if c.element == nil {
		// It is there before it is complete, for its content may refer to it.
		c.element = &element{name: c.name}
		l.attributes(c.file, c.xml, "name", "type", "nillable")
		l.define(c.file, c.xml, c.element)
	}
	return c.element
}

// globalType makes a global type, when it is first asked for.
func (l *loader) globalType(c *component) {
	if c.content != nil || c.simple != nil {
		return
	}
	if c.xml.Name.Local == "complexType" {
		c.content = &content{}
		l.attributes(c.file, c.xml, "name")
		l.fill(c.file, c.xml, c.content)
		return
	}
	if c.busy {
		l.problem(c.file, c.xml, "%s is derived from itself", c.name.Local)
		return
	}
	c.busy = true
	l.attributes(c.file, c.xml, "name")
	c.simple = l.simple(c.file, c.xml)
}

// define reads what an element holds: by its type, or by one within it.
func (l *loader) define(f *file, at *xmltree.Element, e *element) {
	switch nillable, _ := attr(at, "nillable"); nillable {
	case "true", "1":
		e.nillable = true
	case "false", "0", "":
	default:
		l.problem(f, at, "nillable is true or false")
	}
	parts := l.parts(f, at, "complexType", "simpleType")
	typ, named := attr(at, "type")
	switch {
	case named == (len(parts) == 1) || len(parts) > 1:
		l.problem(f, at, "an element has a type, or one within it")
	case !named && parts[0].Name.Local == "complexType":
		e.content = &content{}
		l.attributes(f, parts[0])
		l.fill(f, parts[0], e.content)
	case !named:
		l.attributes(f, parts[0])
		e.value = l.simple(f, parts[0])
	default:
		if name, _ := at.Resolve(typ); name.Space == schemaSpace {
			e.value = l.builtin(f, at, "type", name.Local)
		} else if c := l.lookup(f, at, "type", l.types); c != nil {
			l.globalType(c)
			e.content, e.value = c.content, c.simple
		}
	}
}

// fill reads the sequence of a complex type.
func (l *loader) fill(f *file, at *xmltree.Element, into *content) {
	sequences := l.parts(f, at, "sequence")
	if len(sequences) == 0 {
		return
	}
	if len(sequences) > 1 {
		l.problem(f, sequences[1], "a type has one sequence")
	}
	l.attributes(f, sequences[0])
	for _, part := range l.parts(f, sequences[0], "element") {
		p := particle{element: l.member(f, part)}
		switch low, _ := attr(part, "minOccurs"); low {
		case "", "1":
		case "0":
			p.optional = true
		default:
			l.problem(f, part, "minOccurs is 0 or 1")
		}
		switch high, _ := attr(part, "maxOccurs"); high {
		case "", "1":
		case "unbounded":
			p.many = true
		default:
			l.problem(f, part, "maxOccurs is 1 or unbounded")
		}
		if slices.ContainsFunc(into.particles, func(other particle) bool { return other.name.Local == p.name.Local }) {
			l.problem(f, part, "%s stands in the sequence already", p.name.Local)
		}
		into.particles = append(into.particles, p)
	}
}

// member makes an element of a sequence: a global one, or one of its own.
func (l *loader) member(f *file, at *xmltree.Element) *element {
	if _, refers := attr(at, "ref"); refers {
		l.attributes(f, at, "ref", "minOccurs", "maxOccurs")
		l.parts(f, at)
		if c := l.lookup(f, at, "ref", l.elements); c != nil {
			return l.globalElement(c)
		}
		return &element{}
	}
	l.attributes(f, at, "name", "type", "nillable", "minOccurs", "maxOccurs")
	e := &element{name: xmltree.Name{Space: f.space, Local: l.name(f, at)}}
	l.define(f, at, e)
	return e
}
