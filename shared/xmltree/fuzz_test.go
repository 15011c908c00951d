package xmltree

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzRead reads anything. What is read keeps the limits, encoding/xml reads the same in it, and both read the same in it once it is
// written anew.
func FuzzRead(f *testing.F) {
	for _, document := range []string{
		`<?xml version="1.0" encoding="UTF-8"?><p:a xmlns:p="u:1" xmlns="u:2" p:b='1' b="&lt;&#10;"><b xmlns="">x<![CDATA[<]]>]]&gt;</b> y</p:a>`,
		"<a xml:lang='da'><!-- x -->\r\n<b c='\t\n'/>&amp;&#xE6;</a>\r", `<?xml version="1.0" encoding="ISO-8859-1"?><` + "\xe6/>",
		`<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`, "<a>&b;</a>", "<a><?b c?></a>", "<a xmlns:b=''/>", "<a b='' b=''/>", "<a:b/>", "<a></b>",
		inUTF16(binary.LittleEndian, "<a>😀</a>"), inUTF16(binary.BigEndian, `<?xml version="1.0" encoding="utf-16"?><æ b="ø"/>`),
		strings.Repeat("<a>", 40), "<a><a><a/></a></a><a/>", "<a>]]></a>", "<a>\x00</a>", "<æ\u0300>\ufffd</æ\u0300>",
	} {
		f.Add([]byte(document))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		limits := Limits{Depth: 8, Nodes: 64, Attributes: 8, Name: 32}
		e, err := Read(bytes.NewReader(document), limits)
		if err != nil {
			if fault, ok := errors.AsType[*Fault](err); !ok || fault.Kode == "" || fault.Line < 1 || fault.Column < 1 ||
				fault.Tekst.Da == "" || fault.Tekst.En == "" {
				t.Errorf("%+v", err)
			}
			return
		}
		if nodes := wantLimits(t, e, limits, 1); nodes > limits.Nodes {
			t.Errorf("%d nodes", nodes)
		}
		inUTF8 := utf8.Valid(document) && !bytes.Contains(document, []byte("encoding"))
		if _, unreadable := reread(document); inUTF8 && unreadable == nil {
			wantSame(t, e, document)
		} else if inUTF8 && ascii7(document) {
			t.Errorf("encoding/xml: %v", unreadable)
		}
		written := write(nil, e)
		again, err := Read(bytes.NewReader(written), Limits{Depth: 8, Nodes: 256, Attributes: 32, Name: 64})
		if err != nil {
			t.Fatalf("written as %s: %v", written, err)
		}
		if got, want := flat(again, false), flat(e, false); got != want {
			t.Errorf("written as %s\n got %s\nwant %s", written, got, want)
		}
		if ascii7(written) {
			wantSame(t, e, written)
		}
	})
}

// wantLimits checks an element at a depth, and gives how many elements and attributes it has in it.
func wantLimits(t *testing.T, e *Element, limits Limits, depth int) (nodes int) {
	t.Helper()
	if depth > limits.Depth || len(e.Attrs) > limits.Attributes || len(e.Name.Local) > limits.Name {
		t.Errorf("%s at depth %d with %d attributes", e.Name.Local, depth, len(e.Attrs))
	}
	nodes = 1 + len(e.Attrs)
	for _, child := range e.Children {
		nodes += wantLimits(t, child, limits, depth+1)
	}
	return nodes
}

// ascii7 tells whether all is ASCII. encoding/xml has the names of an older edition, which differ beyond it.
func ascii7(b []byte) bool {
	return bytes.IndexFunc(b, func(c rune) bool { return c >= utf8.RuneSelf }) < 0
}

// wantSame checks that encoding/xml reads what has been read.
func wantSame(t *testing.T, e *Element, document []byte) {
	t.Helper()
	other, err := reread(document)
	if err != nil {
		t.Fatalf("encoding/xml in %s: %v", document, err)
	}
	if got, want := flat(e, true), flat(other, true); got != want {
		t.Errorf("%s\n is %s\n to encoding/xml it is %s", document, got, want)
	}
}

// reread reads a document by encoding/xml.
func reread(document []byte) (root *Element, err error) {
	d := xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(document, []byte(byteOrderMark))))
	var open []*Element
	for {
		token, err := d.Token()
		if err == io.EOF {
			return root, nil
		}
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			e := &Element{Name: Name(token.Name)}
			for _, a := range token.Attr {
				if a.Name.Space != "xmlns" && a.Name != (xml.Name{Local: "xmlns"}) {
					e.Attrs = append(e.Attrs, Attr{Name(a.Name), a.Value})
				}
			}
			if n := len(open); n > 0 {
				open[n-1].Children = append(open[n-1].Children, e)
			} else {
				root = e
			}
			open = append(open, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if n := len(open); n > 0 {
				open[n-1].Text += string(token)
			}
		}
	}
}

// flat writes a tree down without places; where loose, white space in attributes is as encoding/xml leaves it, which is as it stands.
func flat(e *Element, loose bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "{%s}%s", e.Name.Space, e.Name.Local)
	for _, a := range e.Attrs {
		if loose {
			a.Value = strings.NewReplacer("\t", " ", "\n", " ", "\r", " ").Replace(a.Value)
		}
		fmt.Fprintf(&b, " {%s}%s=%q", a.Name.Space, a.Name.Local, a.Value)
	}
	fmt.Fprintf(&b, " %q", e.Text)
	for _, child := range e.Children {
		fmt.Fprintf(&b, " (%s)", flat(child, loose))
	}
	return b.String()
}

var escaped = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\r", "&#13;", "\n", "&#10;", "\t", "&#9;")

// write appends a tree as XML, with prefixes of its own.
func write(buf []byte, e *Element) []byte {
	var declarations []byte
	qualified := func(name Name, prefix string) string {
		switch name.Space {
		case "":
			return name.Local
		case xmlSpace:
			return "xml:" + name.Local
		}
		declarations = fmt.Appendf(declarations, ` xmlns:%s="%s"`, prefix, escaped.Replace(name.Space))
		return prefix + ":" + name.Local
	}
	name := qualified(e.Name, "e")
	buf = fmt.Appendf(buf, "<%s", name)
	for i, a := range e.Attrs {
		buf = fmt.Appendf(buf, ` %s="%s"`, qualified(a.Name, fmt.Sprint("a", i)), escaped.Replace(a.Value))
	}
	buf = fmt.Appendf(append(buf, declarations...), ">%s", escaped.Replace(e.Text))
	for _, child := range e.Children {
		buf = write(buf, child)
	}
	return fmt.Appendf(buf, "</%s>", name)
}
