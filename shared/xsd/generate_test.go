package xsd

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"dagtilbudsregisteret.dk/shared/xmltree"
)

// generator makes documents of a schema, sound ones and others.
type generator struct {
	*rand.Rand
	globals []*element
	padded  bool // with white space around values
}

func newGenerator(schema *Schema, seed uint64) *generator {
	byName := func(a, b *element) int { return strings.Compare(a.name.Local+a.name.Space, b.name.Local+b.name.Space) }
	return &generator{Rand: rand.New(rand.NewPCG(seed, 1)), globals: slices.SortedFunc(maps.Values(schema.elements), byName)}
}

// one tells true once in n times.
func (g *generator) one(n int) bool { return g.IntN(n) == 0 }

func pick[T any](g *generator, from []T) T { return from[g.IntN(len(from))] }

// sound makes an element that obeys its declaration.
func (g *generator) sound(declared *element, depth int) *xmltree.Element {
	e := &xmltree.Element{Name: declared.name}
	switch {
	case declared.nillable && g.one(3):
		e.Attrs = append(e.Attrs, xmltree.Attr{Name: xmltree.Name{Space: instanceSpace, Local: "nil"}, Value: pick(g, []string{"true", "1"})})
	case declared.content == nil:
		e.Text = g.value(declared.value)
	default:
		for _, p := range declared.content.particles {
			n := 1
			if p.many {
				n = 1 + g.IntN(3)
			}
			if p.optional && (g.one(3) || depth > 5) {
				n = 0
			}
			for range n {
				e.Children = append(e.Children, g.sound(p.element, depth+1))
			}
		}
		if len(e.Children) > 0 && g.one(3) {
			e.Text = "\n\t "
		}
	}
	return e
}

// value makes a value of a type, if it finds one.
func (g *generator) value(s *simple) (v string) {
	for range 200 {
		switch {
		case s.low != nil && s.high != nil && g.one(8):
			v = pick(g, []*value{s.low, s.high}).lexical
		case s.codes != nil:
			v = pick(g, s.codes).lexical
		case len(s.patterns) > 0 && g.one(2):
			parsed, _ := syntax.Parse(pick(g, pick(g, s.patterns).branches).String(), syntax.Perl)
			v = g.matching(parsed)
		case g.one(8):
			v = pick(g, odd[s.kind])
		default:
			v = g.ordinary(s)
		}
		if g.padded && s.space == collapse && g.one(2) {
			v = pick(g, []string{" ", "\n", "\t "}) + v + " "
		}
		if _, fault := s.check(v); fault == "" {
			return v
		}
	}
	return v
}

// ordinary makes a value of a kind.
func (g *generator) ordinary(s *simple) string {
	switch s.kind {
	case integer:
		return strconv.Itoa(pick(g, []int{g.IntN(10), g.IntN(5000), -g.IntN(100)}))
	case decimal, double:
		return strconv.FormatFloat(float64(g.IntN(2000)-1000)/100, 'f', g.IntN(4), 64)
	case boolean:
		return pick(g, []string{"true", "false", "0", "1"})
	case date:
		return fmt.Sprintf("20%02d-%02d-%02d", g.IntN(100), 1+g.IntN(12), 1+g.IntN(28))
	case dateTime:
		return fmt.Sprintf("20%02d-%02d-%02dT%02d:%02d:%02dZ", g.IntN(100), 1+g.IntN(12), 1+g.IntN(28), g.IntN(24), g.IntN(60), g.IntN(60))
	}
	var b strings.Builder
	for range g.IntN(max(s.minLength, min(s.maxLength, 10), 6) + 1) {
		b.WriteString(pick(g, []string{"a", "B", "7", " ", "æ", "Ø", "-", ".", "&", "<", ">", "\"", "c"}))
	}
	return b.String()
}

// matching makes a text that fits a regular expression.
func (g *generator) matching(r *syntax.Regexp) (s string) {
	times := func(low, high int) {
		if high < 0 {
			high = low + 3
		}
		for range low + g.IntN(high-low+1) {
			s += g.matching(r.Sub[0])
		}
	}
	switch r.Op {
	case syntax.OpLiteral:
		return string(r.Rune)
	case syntax.OpCharClass:
		i := g.IntN(min(len(r.Rune)/2, 3)) * 2 // scripts of before Unicode 5, for others know no later ones
		if c := r.Rune[i] + rune(g.IntN(int(min(r.Rune[i+1]-r.Rune[i], 90))+1)); c >= ' ' {
			return string(c)
		}
		return "\t"
	case syntax.OpStar:
		times(0, -1)
	case syntax.OpPlus:
		times(1, -1)
	case syntax.OpQuest:
		times(0, 1)
	case syntax.OpRepeat:
		times(r.Min, r.Max)
	case syntax.OpAlternate:
		return g.matching(pick(g, r.Sub))
	case syntax.OpCapture, syntax.OpConcat:
		for _, sub := range r.Sub {
			s += g.matching(sub)
		}
	}
	return s
}

// odd are values of each kind that are at its edges, on either side.
var odd = map[kind][]string{
	text: {"", " ", "a b", " a  b ", "a\tb", "a\nb", "\r", "rød", "lyse grøn", "lyse  grøn", "gul",
		"abab", "abcd", "ccc", "cabcd", "x.+", "xÆ.^-", "^x$", "x",
		"abc", " \u00a0abc\u0085\n", "abcdef", "\u2003abcdef\t", "ab", "a", "ade", "\u00a0", "xyzæø", "xyzæøå",
		"A1a_x", "Æøå٣_%!", "Ab-a!", "(\n\t\r\\|?{}[])", "\\", "]xy", "-\nx", "fxyz", "a.", "4000", "０００４", "G12345", "Å00000", "Å0000",
		"OK", " OK", "Fejl", "ok", "12345678901", "123456789012", "1234567890123", "éééé", "e\u0301e\u0301", "\u00a0a"},
	integer: {"0", "-0", "+0", "1", "+1", "01", "-1", "1.0", "1.", ".", "", "+", "-", "1 2", "1e3",
		"0x1", "1_0", "１", "99", "100", "999", "1000", "0000999",
		"2147483647", "2147483648", "-2147483648", "-2147483649", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
		"-9223372036854775809", "123456789012345678901234", "2", "30", "030", "+30", "3", "12a", "--1", "+-1", "\u00a01"},
	decimal: {"0", "-0.0", ".5", "5.", "+.5", ".", "", "-", "0.50", "00.5000", "1", "1.0", "-2.25",
		"-2.2500", "-10.5", "-10.51", "-10.50", "999.99", "1000",
		"999.990", "99999", "100000", "0099999.00", "0.01", "0.001", "12345.1", "123.456", "1e1",
		"INF", "NaN", "2.5", "2.50", "2.51", "-1", "-1.0", "1.25",
		"3.4.5", "1,5", "-1.", "2.", "0.0", "1 000"},
	double: {"0", "-0", "1e5", "1E5", "1e+5", "1e-5", "e5", "1.e5", ".5e5", "INF", "-INF", "inf",
		"Infinity", "NaN", "nan", "", ".", "90", "90.0", "90.0000001",
		"-90", "-90.1", "9e1", "9.1e1", "1e400", "-1e400", "1e-400", "0x1p4", "1_0", "1e5.0", "+1",
		"+1e1", "-5", "-5.0", "55.6761", "1d", "1f", "12,5", "--1", "1 e5"},
	boolean: {"true", "false", "1", "0", "TRUE", "True", "", "yes", "01", "ja", "t", "true false"},
	date: {"2026-01-31", "2026-02-29", "2024-02-29", "2000-02-29", "1900-02-29", "2026-02-28",
		"2026-04-31", "2026-13-01", "2026-00-01", "2026-01-00", "2026-01-32",
		"26-01-31", "02026-01-31", "12026-01-31", "0001-01-01", "0000-01-01", "-0001-01-01", "2026-1-31",
		"2026-01-1", "2026-01-31Z", "2026-01-31+01:00",
		"2026-01-31-14:00", "2026-01-31+14:01", "2026-01-31+15:00", "2026-01-31+1:00", "2026-01-31+01:60",
		"2026-01-31z", "2026-01-31T00:00:00", "", "31-01-2026",
		"2026/01/31", "2026-01-31 Z", "20260131", "2026-01-31+0100", "+2026-01-31", "12000-02-29", "11900-02-29", "2026-01-31-00:00"},
	dateTime: {"2026-01-31T12:00:00", "2026-01-31T12:00:00Z", "2026-01-31T12:00:00.5Z", "2026-01-31T12:00:00.123456789012Z", "2026-01-31T12:00:00.Z",
		"2026-01-31T24:00:00", "2026-01-31T24:00:00.000", "2026-01-31T24:00:01", "2026-01-31T24:01:00", "2026-01-31T25:00:00", "2026-01-31T12:60:00",
		"2026-01-31T12:00:60", "2026-01-31T12:00", "2026-01-31T12", "2026-01-31", "2026-01-31 12:00:00",
		"2026-01-31t12:00:00z", "2026-01-31T12:00:00+01:00",
		"2026-01-31T12:00:00-13:59", "2026-01-31T12:00:00+14:00", "2026-01-31T12:00:00+14:30", "2026-02-30T12:00:00Z",
		"", "T12:00:00", "2026-01-31T1:00:00",
		"2026-01-31T12:00:00 Z", "2026-01-31T-1:00:00", "2026-01-31T12:00:5", "2026-01-31T12:00:00.5", "2024-02-29T23:59:59.999+02:00"},
}

// clone copies a tree, so that it can be changed.
func clone(e *xmltree.Element) *xmltree.Element {
	c := *e
	c.Attrs, c.Children = slices.Clone(e.Attrs), make([]*xmltree.Element, len(e.Children))
	for i, child := range e.Children {
		c.Children[i] = clone(child)
	}
	return &c
}

// all gives an element and all within it.
func all(e *xmltree.Element) []*xmltree.Element {
	elements := []*xmltree.Element{e}
	for _, child := range e.Children {
		elements = append(elements, all(child)...)
	}
	return elements
}

// mutations each change one thing somewhere in a tree.
var mutations = map[string]func(g *generator, e *xmltree.Element){
	"drop": func(g *generator, e *xmltree.Element) {
		if n := len(e.Children); n > 0 {
			i := g.IntN(n)
			e.Children = slices.Delete(e.Children, i, i+1)
		}
	},
	"duplicate": func(g *generator, e *xmltree.Element) {
		if n := len(e.Children); n > 0 {
			e.Children = slices.Insert(e.Children, g.IntN(n+1), clone(pick(g, e.Children)))
		}
	},
	"reorder": func(g *generator, e *xmltree.Element) {
		if n := len(e.Children); n > 1 {
			i, j := g.IntN(n), g.IntN(n)
			e.Children[i], e.Children[j] = e.Children[j], e.Children[i]
		}
	},
	"shuffle": func(g *generator, e *xmltree.Element) {
		g.Shuffle(len(e.Children), func(i, j int) { e.Children[i], e.Children[j] = e.Children[j], e.Children[i] })
	},
	"rename": func(g *generator, e *xmltree.Element) {
		e.Name.Local = pick(g, []string{"ukendt", "navn", "a", strings.ToUpper(e.Name.Local)})
	},
	"namespace": func(g *generator, e *xmltree.Element) {
		e.Name.Space = pick(g, []string{"", "urn:andet", "urn:x", e.Name.Space + "/"})
	},
	"namespaces": func(g *generator, e *xmltree.Element) {
		space := pick(g, []string{"", "urn:x"})
		for _, e := range all(e) {
			e.Name.Space = space
		}
	},
	"insert": func(g *generator, e *xmltree.Element) {
		e.Children = slices.Insert(e.Children, g.IntN(len(e.Children)+1), &xmltree.Element{Name: xmltree.Name{Space: e.Name.Space, Local: "nyt"}, Text: "x"})
	},
	"odd value": func(g *generator, e *xmltree.Element) {
		if len(e.Children) == 0 {
			e.Text = pick(g, odd[kind(g.IntN(int(dateTime)+1))])
		}
	},
	"longer value": func(g *generator, e *xmltree.Element) { e.Text += strings.Repeat("x", 1+g.IntN(12)) },
	"long value": func(g *generator, e *xmltree.Element) {
		around := pick(g, []string{"", "\u00a0", " \n", "\u2003\u0085"})
		e.Text = around + strings.Repeat(pick(g, []string{"æ", "1", "a@"}), pick(g, []int{5, 6, 10, 11, 20, 21, 66, 132, 133})) + around
	},
	"no value": func(_ *generator, e *xmltree.Element) { e.Text = "" },
	"text": func(g *generator, e *xmltree.Element) {
		if len(e.Children) > 0 {
			e.Text = pick(g, []string{"x", "\u00a0", " ", "\n"})
		} else {
			e.Text += pick(g, []string{"x", "\u00a0"})
		}
	},
	"space in what is empty": func(_ *generator, e *xmltree.Element) {
		if len(e.Children) == 0 && e.Text == "" {
			e.Text = " "
		}
	},
	"attribute": func(g *generator, e *xmltree.Element) {
		e.Attrs = append(e.Attrs, xmltree.Attr{Name: xmltree.Name{Space: pick(g, []string{"", "urn:x", e.Name.Space}), Local: "b"}, Value: "1"})
	},
	"nil": func(g *generator, e *xmltree.Element) {
		e.Attrs = []xmltree.Attr{{Name: xmltree.Name{Space: instanceSpace, Local: "nil"}, Value: pick(g,
			[]string{"true", "false", "1", "0", " true ", "nej", ""})}}
	},
	"nil and empty": func(_ *generator, e *xmltree.Element) {
		e.Attrs = []xmltree.Attr{{Name: xmltree.Name{Space: instanceSpace, Local: "nil"}, Value: "true"}}
		e.Children, e.Text = nil, ""
	},
	"location": func(_ *generator, e *xmltree.Element) {
		e.Attrs = []xmltree.Attr{{Name: xmltree.Name{Space: instanceSpace, Local: "noNamespaceSchemaLocation"}, Value: "intet.xsd"}}
	},
}

var kindsOfMutation = slices.Sorted(maps.Keys(mutations))

// mutate changes n things in a tree.
func (g *generator) mutate(e *xmltree.Element, n int) {
	for range n {
		mutations[pick(g, kindsOfMutation)](g, pick(g, all(e)))
	}
}

var escaped = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\r", "&#13;")

// write writes a tree as XML, in one of many ways. space is the default namespace around it.
func (g *generator) write(b *strings.Builder, e *xmltree.Element, space string) {
	name, declarations := e.Name.Local, ""
	switch {
	case e.Name.Space == space:
	case e.Name.Space == "" || g.one(2):
		space = e.Name.Space
		declarations = fmt.Sprintf(" xmlns=\"%s\"", space)
	default:
		name, declarations = "p:"+name, fmt.Sprintf("  xmlns:p='%s'", e.Name.Space)
	}
	fmt.Fprintf(b, "<%s%s", name, declarations)
	for i, a := range e.Attrs {
		if a.Name.Space == "" {
			fmt.Fprintf(b, " %s=\"%s\"", a.Name.Local, escaped.Replace(a.Value))
		} else {
			fmt.Fprintf(b, "\n xmlns:a%d=\"%s\" a%d:%s=\"%s\"", i, a.Name.Space, i, a.Name.Local, escaped.Replace(a.Value))
		}
	}
	if e.Text == "" && len(e.Children) == 0 && g.one(2) {
		b.WriteString("/>")
		return
	}
	b.WriteString(">")
	switch {
	case len(e.Children) > 0 || e.Text == "" || strings.ContainsAny(e.Text, "]\r") || !g.one(6):
		b.WriteString(escaped.Replace(e.Text))
	case g.one(2):
		fmt.Fprintf(b, "<![CDATA[%s]]>", e.Text)
	default:
		for _, c := range e.Text {
			fmt.Fprintf(b, "&#x%x;", c)
		}
	}
	if g.one(12) {
		b.WriteString("<!-- - -->")
	}
	for _, child := range e.Children {
		g.write(b, child, space)
	}
	fmt.Fprintf(b, "</%s>", name)
}

// document writes a tree as a document.
func (g *generator) document(e *xmltree.Element) string {
	var b strings.Builder
	g.write(&b, e, "")
	return b.String()
}

// broken changes something in a document so that it may not be XML any more.
func (g *generator) broken(document string) string {
	i := g.IntN(len(document))
	switch g.IntN(4) {
	case 0:
		return document[:i]
	case 1:
		return document[:i] + document[i+1:]
	case 2:
		return document[:i] + pick(g, []string{"<", ">", "&", "&nbsp;", "&#1;", "&#x;", "]]>", "\x02",
			"\xff", "\"", "/", "<b>", "</b>", "<!--", "<p:q/>", " b='' b=''", "'"}) +
			document[i:]
	}
	j := g.IntN(len(document))
	i, j = min(i, j), max(i, j)
	return document[:i] + document[j:]
}

// encoded writes a document in some encoding, which may not be the one that it says.
func (g *generator) encoded(document string) string {
	declared := func(encoding string) string {
		return fmt.Sprintf("<?xml version=\"1.0\" encoding='%s'?>\n%s", encoding, document)
	}
	switch g.IntN(9) {
	case 0:
		return "\ufeff" + declared("utf-8")
	case 1:
		return declared("UTF-8")
	case 2:
		return inUTF16(binary.LittleEndian, declared("UTF-16"))
	case 3:
		return inUTF16(binary.BigEndian, document)
	case 4:
		return inLatin1(declared("ISO-8859-1"))
	case 5:
		return inLatin1(declared("windows-1252"))
	case 6:
		return inLatin1(declared("US-ASCII"))
	case 7:
		return inLatin1(document)
	}
	return "<?xml version='1.0' standalone=\"yes\" ?>" + document
}

func inUTF16(order binary.AppendByteOrder, s string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune("\ufeff" + s)) {
		b = order.AppendUint16(b, u)
	}
	return string(b)
}

func inLatin1(s string) string {
	var b strings.Builder
	for _, c := range s {
		if c < 0x80 || c >= 0xA0 && c <= 0xFF {
			b.WriteByte(byte(c))
		} else {
			fmt.Fprintf(&b, "&#%d;", c)
		}
	}
	return b.String()
}
