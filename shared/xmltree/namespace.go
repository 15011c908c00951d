package xmltree

import (
	"fmt"
	"strings"
)

// The namespaces of the prefixes xml and xmlns, which no document declares otherwise.
const (
	xmlSpace   = "http://www.w3.org/XML/1998/namespace"
	xmlnsSpace = "http://www.w3.org/2000/xmlns/"
)

// binding is the declaration of a prefix, empty for the default namespace, and what was declared before it.
type binding struct {
	prefix, space string
	outer         *binding
}

// find gives the namespace of a prefix. The empty one always has one, be it none.
func (b *binding) find(prefix string) (space string, ok bool) {
	if prefix == "xml" {
		return xmlSpace, true
	}
	for ; b != nil; b = b.outer {
		if b.prefix == prefix {
			return b.space, true
		}
	}
	return "", prefix == ""
}

// resolve gives an element its name and attributes, from those in p.raw.
func (p *parser) resolve(e *Element, name string) bool {
	if n := len(p.open); n > 0 {
		e.scope = p.open[n-1].element.scope
	}
	above := e.scope
	for _, a := range p.raw {
		if prefix, declares := declaration(a.name); declares {
			p.declare(e, above, prefix, a)
		}
	}
	e.Name = p.lookup(e.scope, name, e.Line, e.Column)
	for _, a := range p.raw {
		if _, declares := declaration(a.name); !declares {
			p.add(e, a)
		}
	}
	return p.err == nil
}

// declaration gives the prefix that an attribute declares, if it does.
func declaration(name string) (prefix string, declares bool) {
	if name == "xmlns" {
		return "", true
	}
	return strings.CutPrefix(name, "xmlns:")
}

// declare takes the declaration of a prefix; above are those of the elements around.
func (p *parser) declare(e *Element, above *binding, prefix string, a attribute) {
	if (prefix == "xml") != (a.value == xmlSpace) || prefix == "xmlns" || a.value == xmlnsSpace || prefix != "" && a.value == "" {
		p.failAt(a.line, a.column, Navnerum,
			fmt.Sprintf("%s=\"%s\" kan ikke erklæres.", a.name, shortened(a.value)),
			fmt.Sprintf("%s=\"%s\" cannot be declared.", a.name, shortened(a.value)))
		return
	}
	if len(a.value) > p.limits.Space {
		p.limitAt(a.line, a.column, NavnForLangt, p.limits.Space, "bytes i et navnerum", "bytes in a namespace")
		return
	}
	for b := e.scope; b != above; b = b.outer {
		if b.prefix == prefix {
			p.twice(a)
			return
		}
	}
	e.scope = &binding{prefix, a.value, e.scope}
}

// add gives an element an attribute.
func (p *parser) add(e *Element, a attribute) {
	name := Name{Local: a.name}
	if strings.Contains(a.name, ":") {
		name = p.lookup(e.scope, a.name, a.line, a.column)
	}
	if _, ok := e.Attr(name); ok {
		p.twice(a)
		return
	}
	if e.Attrs == nil {
		e.Attrs = make([]Attr, 0, len(p.raw))
	}
	e.Attrs = append(e.Attrs, Attr{name, a.value})
}

func (p *parser) twice(a attribute) {
	p.failAt(a.line, a.column, AttributToGange,
		fmt.Sprintf("%s står to gange i samme element.", a.name), fmt.Sprintf("%s stands twice in the same element.", a.name))
}

// lookup gives what a name stands for within a scope.
func (p *parser) lookup(scope *binding, name string, line, column int) Name {
	prefix, local, _ := strings.Cut(name, ":")
	if local == "" {
		prefix, local = "", name
	}
	space, ok := scope.find(prefix)
	if !ok {
		p.failAt(line, column, Praefiks, fmt.Sprintf("Præfikset i %s er ikke erklæret.", name), fmt.Sprintf("The prefix of %s is not declared.", name))
	}
	return Name{space, local}
}
