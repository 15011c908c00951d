package xmltree

import (
	"bytes"
	"fmt"
	"io"
)

// parser reads one document. After an error it finds itself at the end, so that all loops end there and none of them asks for it.
type parser struct {
	*input
	limits Limits
	nodes  int
	open   []level           // the elements that are not closed yet, the root first
	spare  [][]byte          // buffers for the text of each depth
	names  map[string]string // the names so far, so that each is kept once
	name   []byte            // the name being read
	value  []byte            // the value of the attribute being read
	raw    []attribute       // the attributes of the start tag being read
	root   *Element
}

// level is an element that is not closed yet.
type level struct {
	element *Element
	name    string // as it stands in its tag
}

func newParser(r io.Reader, limits Limits) *parser {
	for _, l := range []struct{ limit, standard *int }{
		{&limits.Depth, &Standard.Depth}, {&limits.Nodes, &Standard.Nodes},
		{&limits.Attributes, &Standard.Attributes}, {&limits.Name, &Standard.Name}, {&limits.Space, &Standard.Space},
	} {
		if *l.limit == 0 {
			*l.limit = *l.standard
		}
	}
	return &parser{input: newInput(r), limits: limits, names: make(map[string]string)}
}

// document reads it all.
func (p *parser) document() (*Element, error) {
	p.load()
	for first := true; p.c != end; first = false {
		switch {
		case p.c == '<':
			p.markup(first)
		case len(p.open) > 0:
			p.text()
		case !p.space():
			p.fail(UdenforRoden, fmt.Sprintf("Uden for rodelementet står %s; der må ikke stå tekst.", shown(p.c)),
				fmt.Sprintf("%s stands outside the root element; no text may.", shown(p.c)))
		}
	}
	if n := len(p.open); n > 0 {
		p.expected("</"+p.open[n-1].name+">", "</"+p.open[n-1].name+">")
	} else if p.root == nil {
		p.expected("et element", "an element")
	}
	if p.err != nil {
		return nil, p.err
	}
	return p.root, nil
}

// markup reads what begins with <; first tells that nothing stands before it.
func (p *parser) markup(first bool) {
	line, column := p.line, p.column
	p.next()
	switch p.c {
	case '?':
		p.next()
		p.instruction(first, line, column)
	case '/':
		p.next()
		p.endTag(line, column)
	case '!':
		p.next()
		switch {
		case p.c == '-':
			p.comment()
		case p.c == '[' && len(p.open) > 0:
			p.cdata()
		case p.c == 'D' && p.literal("DOCTYPE"):
			p.failAt(line, column, DTD, "En DOCTYPE læses ikke her: fjern den. Af entiteter findes &lt; &gt; &amp; &quot; og &apos;.",
				"A DOCTYPE is not read here: remove it. The entities there are, are &lt; &gt; &amp; &quot; and &apos;.")
		default:
			p.expected("--, [CDATA[ i et element eller DOCTYPE", "--, [CDATA[ within an element, or DOCTYPE")
		}
	default:
		p.startTag(line, column)
	}
}

// comment goes past one, from the - after <!.
func (p *parser) comment() {
	p.literal("--")
	for p.c != end {
		if p.c != '-' {
			p.next()
			continue
		}
		if p.next(); p.c == '-' {
			p.next()
			p.literal(">")
			return
		}
	}
	p.expected("-->", "-->")
}

// cdata reads a section, from the [ after <!.
func (p *parser) cdata() {
	line, column := p.line, p.column
	p.literal("[CDATA[")
	buf := p.buffer()
	from := len(*buf)
	for brackets := 0; p.c != end; p.next() {
		switch {
		case p.c == ']':
			brackets++
		case p.c == '>' && brackets >= 2:
			*buf = (*buf)[:len(*buf)-2]
			if text := bytes.Trim((*buf)[from:], blanks); len(text) > 0 {
				p.said(rune(text[0]), line, column-len("<!"))
			}
			p.next()
			return
		default:
			brackets = 0
		}
		*buf = appendRune(*buf, p.c)
	}
	p.expected("]]>", "]]>")
}

// text reads character data up to the next markup.
func (p *parser) text() {
	buf := p.buffer()
	for brackets := 0; p.c != end && p.c != '<'; {
		line, column := p.line, p.column
		if p.c == '&' {
			c := p.reference()
			p.said(c, line, column)
			*buf = appendRune(*buf, c)
			brackets = 0
			continue
		}
		p.said(p.c, line, column)
		switch {
		case p.c == ']':
			brackets++
		case p.c == '>' && brackets >= 2:
			p.fail(Syntaks, "]]> må ikke stå i tekst: skriv ]]&gt;.", "]]> may not stand in text: write ]]&gt;.")
			return
		default:
			brackets = 0
		}
		*buf = appendRune(*buf, p.c)
		p.next()
	}
}

// said notes where the innermost open element begins to have text that is not white space: c is some of its text.
func (p *parser) said(c rune, line, column int) {
	if e := p.open[len(p.open)-1].element; e.TextLine == 0 && !blank(c) {
		e.TextLine, e.TextColumn = line, column
	}
}

// buffer is where the text of the innermost open element is gathered.
func (p *parser) buffer() *[]byte { return &p.spare[len(p.open)-1] }

// reference reads one, from its &, and gives the character that it stands for.
func (p *parser) reference() rune {
	line, column := p.line, p.column
	p.next()
	if p.c == '#' {
		return p.number(line, column)
	}
	if !nameStart(p.c) || !p.readName() || p.c != ';' {
		p.failAt(line, column, Syntaks, "& begynder en reference som &lt;; selve tegnet skrives &amp;.",
			"& begins a reference such as &lt;; the character itself is written &amp;.")
		return end
	}
	c, ok := entities[string(p.name)]
	if !ok {
		p.failAt(line, column, Enhed, fmt.Sprintf("Der er ingen entitet &%s; her; der er &lt; &gt; &amp; &quot; og &apos;.", p.name),
			fmt.Sprintf("There is no entity &%s; here; there are &lt; &gt; &amp; &quot; and &apos;.", p.name))
		return end
	}
	p.next()
	return c
}

// entities are those that every document has.
var entities = map[string]rune{"lt": '<', "gt": '>', "amp": '&', "quot": '"', "apos": '\''}

// number reads a reference by number, from its #.
func (p *parser) number(line, column int) (c rune) {
	base := rune(10)
	if p.next(); p.c == 'x' {
		base = 16
		p.next()
	}
	digits := 0
	for d := digit(p.c); d < base; d = digit(p.c) {
		c = min(c*base+d, 1<<24)
		digits++
		p.next()
	}
	if digits == 0 || p.c != ';' {
		p.expected("en reference som &#230;", "a reference such as &#230;")
		return end
	}
	if !allowed(c) {
		p.failAt(line, column, Tegn, "Referencen står for et tegn, der ikke kan stå i XML.", "The reference is to a character that cannot stand in XML.")
		return end
	}
	p.next()
	return c
}

// digit is what a character counts, and 16 where it is no digit.
func digit(c rune) rune {
	switch lower := c | 0x20; {
	case c >= '0' && c <= '9':
		return c - '0'
	case lower >= 'a' && lower <= 'f':
		return lower - 'a' + 10
	}
	return 16
}

// close ends the innermost open element.
func (p *parser) close() {
	n := len(p.open) - 1
	e, text := p.open[n].element, &p.spare[n]
	e.Text = string(*text)
	e.Mixed = len(e.Children) > 0 && len(bytes.Trim(*text, blanks)) > 0
	*text = (*text)[:0]
	p.open = p.open[:n]
}
