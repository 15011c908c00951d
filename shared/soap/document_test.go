package soap

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/xmltree"
)

func TestDocument(t *testing.T) {
	var d document
	d.open("a")
	d.text("b", `<"&'>`+"\r\n\t\x01\xff\uffff")
	d.optional("c", "")
	d.optional("c", "x")
	d.int("d", -7)
	d.flag("e", true)
	d.grad("f", register.Grad{})
	d.grad("f", register.Grad{Value: 55.5, Given: true})
	d.time("g", time.Date(2026, 11, 23, 8, 30, 0, 120_000_000, time.UTC))
	d.close("a")
	want := "<a><b>&lt;&quot;&amp;'&gt;&#13;\n\t\ufffd\ufffd\ufffd</b><c>x</c><d>-7</d><e>true</e><f>55.5</f><g>2026-11-23T08:30:00.12Z</g></a>"
	if got := string(d.buf); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestTexts has any text come out as it went in, as far as XML has a place for it.
func TestTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		var d document
		d.raw(`<a b="`)
		d.escaped(text)
		d.raw(`">`)
		d.escaped(text)
		d.raw("</a>")
		root, err := xmltree.ReadString(string(d.buf), xmltree.Standard)
		if err != nil {
			t.Fatalf("%q: %v", d.buf, err)
		}
		want := make([]rune, 0, len(text))
		for _, c := range text {
			if !xmlCharacter(c) {
				c = '\ufffd'
			}
			want = append(want, c)
		}
		if root.Text != string(want) {
			t.Errorf("%q came out as %q", text, root.Text)
		}
	})
}
