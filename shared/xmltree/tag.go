package xmltree

import (
	"fmt"
	"unicode/utf8"
)

// attribute is one as it stands in its tag.
type attribute struct {
	name, value  string
	line, column int
}

func appendRune(buf []byte, c rune) []byte {
	if c == end {
		return buf
	}
	return utf8.AppendRune(buf, c)
}

// readName reads a name into p.name, and tells whether one stands here.
func (p *parser) readName() bool {
	p.name = p.name[:0]
	if !nameStart(p.c) {
		if p.c == end {
			p.expected("et navn", "a name")
		} else {
			p.fail(Navn, fmt.Sprintf("Her skal stå et navn, ikke %s. Tegnet < selv skrives &lt;.", shown(p.c)),
				fmt.Sprintf("There must be a name here, not %s. The character < itself is written &lt;.", shown(p.c)))
		}
		return false
	}
	for ; namePart(p.c); p.next() {
		if p.name = utf8.AppendRune(p.name, p.c); len(p.name) > p.limits.Name {
			p.limit(NavnForLangt, p.limits.Name, "bytes i et navn", "bytes in a name")
			return false
		}
	}
	return p.err == nil
}

// qualified reads a name that may have a prefix, and gives it as it stands; an empty one is a fault.
func (p *parser) qualified() string {
	line, column := p.line, p.column
	if !p.readName() {
		return ""
	}
	name, known := p.names[string(p.name)]
	if known {
		return name
	}
	name = string(p.name)
	if _, _, ok := split(name); !ok {
		p.failAt(line, column, Navn,
			fmt.Sprintf("%s er ikke et navn med højst ét præfiks.", name), fmt.Sprintf("%s is not a name with one prefix at most.", name))
		return ""
	}
	p.names[name] = name
	return name
}

// limit notes that a limit is passed.
func (p *parser) limit(kode string, limit int, da, en string) {
	p.limitAt(p.line, p.column, kode, limit, da, en)
}

// limitAt is limit, at a place that has been read past.
func (p *parser) limitAt(line, column int, kode string, limit int, da, en string) {
	p.failAt(line, column, kode, fmt.Sprintf("Der må højst være %d %s.", limit, da), fmt.Sprintf("There may be at most %d %s.", limit, en))
}

// count counts an element or an attribute.
func (p *parser) count() bool {
	if p.nodes++; p.nodes > p.limits.Nodes {
		p.limit(ForMange, p.limits.Nodes, "elementer og attributter", "elements and attributes")
		return false
	}
	return true
}

// startTag reads one, from after its <, which stands at line and column.
func (p *parser) startTag(line, column int) {
	name := p.qualified()
	if name == "" || !p.count() {
		return
	}
	if p.root != nil && len(p.open) == 0 {
		p.failAt(line, column, UdenforRoden,
			fmt.Sprintf("Efter rodelementet står endnu et, <%s>.", name), fmt.Sprintf("After the root element there is another, <%s>.", name))
		return
	}
	if len(p.open) == p.limits.Depth {
		p.limit(ForDyb, p.limits.Depth, "elementer inden i hinanden", "elements within each other")
		return
	}
	empty := p.attributes()
	e := &Element{Line: line, Column: column}
	if !p.resolve(e, name) {
		return
	}
	p.push(e, name)
	if empty {
		p.close()
	}
}

// push opens an element below the innermost that is open.
func (p *parser) push(e *Element, name string) {
	if n := len(p.open); n > 0 {
		above := p.open[n-1].element
		above.Children = append(above.Children, e)
	} else {
		p.root = e
	}
	p.open = append(p.open, level{e, name})
	if len(p.spare) < len(p.open) {
		p.spare = append(p.spare, nil)
	}
}

// attributes reads those of a start tag into p.raw, and the tag's end; empty tells that the element ends with it.
func (p *parser) attributes() (empty bool) {
	p.raw = p.raw[:0]
	for p.c != end {
		space := p.space()
		switch {
		case p.c == '>':
			p.next()
			return false
		case p.c == '/':
			p.next()
			return p.literal(">")
		case !space:
			p.expected("mellemrum, > eller />", "a space, > or />")
		case len(p.raw) == p.limits.Attributes:
			p.limit(ForMangeAttributter, p.limits.Attributes, "attributter i et element", "attributes in an element")
		default:
			p.attribute()
		}
	}
	p.expected(">", ">")
	return false
}

func (p *parser) attribute() {
	a := attribute{line: p.line, column: p.column}
	if a.name = p.qualified(); a.name == "" || !p.count() {
		return
	}
	p.space()
	p.literal("=")
	p.space()
	quote := p.quote()
	p.value = p.value[:0]
	for p.c != quote && p.c != end {
		switch {
		case p.c == '<':
			p.fail(Syntaks, "< må ikke stå i en attribut: skriv &lt;.", "< may not stand in an attribute: write &lt;.")
		case p.c == '&':
			p.value = appendRune(p.value, p.reference())
		case blank(p.c):
			p.value = append(p.value, ' ')
			p.next()
		default:
			p.value = appendRune(p.value, p.c)
			p.next()
		}
	}
	p.literal(string(quote))
	a.value = string(p.value)
	p.raw = append(p.raw, a)
}

// endTag reads one, from after its </, which stands at line and column.
func (p *parser) endTag(line, column int) {
	name := p.qualified()
	if name == "" {
		return
	}
	if len(p.open) == 0 {
		p.failAt(line, column, Sluttag, fmt.Sprintf("</%s> afslutter intet.", name), fmt.Sprintf("</%s> ends nothing.", name))
		return
	}
	if opened := p.open[len(p.open)-1]; opened.name != name {
		p.failAt(line, column, Sluttag,
			fmt.Sprintf("Her står </%s>, men <%s> fra linje %d er ikke afsluttet.", name, opened.name, opened.element.Line),
			fmt.Sprintf("There is </%s> here, but <%s> of line %d has not ended.", name, opened.name, opened.element.Line))
		return
	}
	p.space()
	if p.literal(">") {
		p.close()
	}
}
