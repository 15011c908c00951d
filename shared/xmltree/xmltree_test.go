package xmltree

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"
)

// shape writes a tree down in short: names, attributes, text, and where each element stands.
func shape(e *Element) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d:%d{%s}%s", e.Line, e.Column, e.Name.Space, e.Name.Local)
	for _, a := range e.Attrs {
		fmt.Fprintf(&b, " {%s}%s=%q", a.Name.Space, a.Name.Local, a.Value)
	}
	fmt.Fprintf(&b, " %q", e.Text)
	if e.Mixed {
		fmt.Fprintf(&b, " mixed at %d:%d", e.TextLine, e.TextColumn)
	}
	for _, child := range e.Children {
		fmt.Fprintf(&b, " (%s)", shape(child))
	}
	return b.String()
}

// sound are documents, with the tree that each is.
var sound = []struct{ name, document, want string }{
	{"one element", `<a/>`, `1:1{}a ""`},
	{"an element of its own end tag", "<a \t></a\n>", `1:1{}a ""`},
	{"text", `<a>Ærø &amp; &lt;Å&gt; &quot;&apos;</a>`, `1:1{}a "Ærø & <Å> \"'"`},
	{"references by number", `<a>&#230;&#xE6;&#x1F600;&#9;</a>`, `1:1{}a "ææ😀\t"`},
	{"zeros in front", `<a>&#` + strings.Repeat("0", 5000) + `65;</a>`, `1:1{}a "A"`},
	{"line ends become LF, those by number stay", "<a>1\r\n2\r3\n4&#13;\r\r\n</a>", `1:1{}a "1\n2\n3\n4\r\n\n"`},
	{"sections", `<a>x<![CDATA[<b>&amp;]]]]>y<![CDATA[]]>]]</a>`, `1:1{}a "x<b>&amp;]]y]]"`},
	{"brackets that end nothing", `<a>]] > ]]&gt;]&#93;></a>`, `1:1{}a "]] > ]]>]]>"`},
	{"text around children", "<a> x <b/> y </a>", `1:1{}a " x  y " mixed at 1:5 (1:7{}b "")`},
	{"texts of siblings", "<a><b>1</b>x<b>2<c>3</c></b><b/></a>", `1:1{}a "x" mixed at 1:12 (1:4{}b "1") (1:13{}b "2" mixed at 1:16 (1:17{}c "3")) (1:29{}b "")`},
	{"text in forms", "<a>&#32;<b/>\n&#120;y</a>", `1:1{}a " \nxy" mixed at 2:1 (1:9{}b "")`},
	{"text in a section", "<a><![CDATA[ ]]><![CDATA[]]><b/>\n <![CDATA[ x]]></a>", `1:1{}a " \n  x" mixed at 2:2 (1:29{}b "")`},
	{"white space around children", "<a>\n\t<b/>&#32;<b/></a>", `1:1{}a "\n\t " (2:2{}b "") (2:11{}b "")`},
	{"comments", "<!-- a - b -><c> --><a>1<!----><!-->-->2</a><!-- -->", `1:21{}a "12"`},
	{"attributes", "<a b='\"' c=\"'\"  d = '&lt;\n\t\r\n&#10;'/>", `1:1{}a {}b="\"" {}c="'" {}d="<   \n" ""`},
	{"a declaration", "<?xml version='1.0' encoding=\"utf-8\" standalone='no' ?>\n<a/>\n", `2:1{}a ""`},
	{"a declaration without an encoding", `<?xml version="1.0" standalone="yes"?><a/>`, `1:39{}a ""`},
	{"version alone", `<?xml version="1.0"?><a/>`, `1:22{}a ""`},
	{"places are characters", "<æ>\r\n  😀<ø/>\r<å/></æ>", `1:1{}æ "\n  😀\n" mixed at 2:3 (2:4{}ø "") (3:1{}å "")`},
	{"a default namespace", `<a xmlns="u:1"><b c="d"/><b xmlns=""/></a>`, `1:1{u:1}a "" (1:16{u:1}b {}c="d" "") (1:26{}b "")`},
	{"prefixes", `<p:a xmlns:p="u:1" p:b="1" b="2"><b xmlns:p="u:2" p:c=""/><p:c/></p:a>`,
		`1:1{u:1}a {u:1}b="1" {}b="2" "" (1:34{}b {u:2}c="" "") (1:59{u:1}c "")`},
	{"a prefix that is declared after it is used", `<p:a p:b="1" xmlns:p="u:1"/>`, `1:1{u:1}a {u:1}b="1" ""`},
	{"xml needs no declaration", `<a xml:lang="da" xmlns:xml="http://www.w3.org/XML/1998/namespace"/>`,
		`1:1{}a {http://www.w3.org/XML/1998/namespace}lang="da" ""`},
	{"names of all letters", `<_a.b-1·̀ Ωmega="1"/>`, `1:1{}_a.b-1·̀ {}Ωmega="1" ""`},
}

func TestRead(t *testing.T) {
	for _, c := range sound {
		t.Run(c.name, func(t *testing.T) {
			for how, read := range ways(c.document) {
				e, err := read()
				if err != nil {
					t.Fatalf("%s: %v", how, err)
				}
				if got := shape(e); got != c.want {
					t.Errorf("%s:\n got %s\nwant %s", how, got, c.want)
				}
			}
		})
	}
}

// ways are those of reading a document of UTF-8: whole, byte by byte, and from a string.
func ways(document string) map[string]func() (*Element, error) {
	return map[string]func() (*Element, error){
		"whole":        func() (*Element, error) { return Read(strings.NewReader(document), Limits{}) },
		"byte by byte": func() (*Element, error) { return Read(iotest.OneByteReader(strings.NewReader(document)), Limits{}) },
		"a string":     func() (*Element, error) { return ReadString(document, Limits{}) },
	}
}

// unsound are documents that are refused, with where and how.
var unsound = []struct {
	name, document string
	want           string // line:column kode
}{
	{"nothing", "", "1:1 uafsluttet"},
	{"white space", " \n ", "2:2 uafsluttet"},
	{"a comment alone", "<!-- -->", "1:9 uafsluttet"},
	{"an open element", "<a><b></b>", "1:11 uafsluttet"},
	{"an open tag", "<a b='1'", "1:9 uafsluttet"},
	{"an open attribute", "<a b='1", "1:8 uafsluttet"},
	{"an open comment", "<a/><!-- -", "1:11 uafsluttet"},
	{"an open section", "<a><![CDATA[]]", "1:15 uafsluttet"},
	{"an open reference", "<a>&#1", "1:7 uafsluttet"},
	{"an open declaration", "<?xml version='1.0'", "1:20 uafsluttet"},
	{"the wrong end tag", "<a>\n<b></a>", "2:4 sluttag"},
	{"end tags across", "<a><b></a></b>", "1:7 sluttag"},
	{"another prefix at the end", "<p:a xmlns:p='u' xmlns:q='u'></q:a>", "1:30 sluttag"},
	{"an end tag alone", "</a>", "1:1 sluttag"},
	{"an end tag too many", "<a></a></a>", "1:8 sluttag"},
	{"attributes in an end tag", "<a></a b=''>", "1:8 syntaks"},
	{"two roots", "<a/>\n<b/>", "2:1 udenforRoden"},
	{"text before the root", "x<a/>", "1:1 udenforRoden"},
	{"text after the root", "<a/> x", "1:6 udenforRoden"},
	{"a reference after the root", "<a/>&#32;", "1:5 udenforRoden"},
	{"a section after the root", "<a/><![CDATA[]]>", "1:7 syntaks"},
	{"no name", "<a>< b/></a>", "1:5 navn"},
	{"a name of digits", "<a><1/></a>", "1:5 navn"},
	{"two colons", "<a:b:c xmlns:a='u' xmlns:b='u'/>", "1:2 navn"},
	{"a colon in front", "<:a/>", "1:2 navn"},
	{"a colon at the end", "<a: xmlns:a='u'/>", "1:2 navn"},
	{"a digit after the colon", "<a:1 xmlns:a='u'/>", "1:2 navn"},
	{"an attribute of two colons", "<a a:b:c='' xmlns:a='u'/>", "1:4 navn"},
	{"an attribute twice", "<a b='1' c='' b='1'/>", "1:15 attributToGange"},
	{"an attribute twice by two prefixes", "<a xmlns:p='u' xmlns:q='u' p:b='1'\n q:b='2'/>", "2:2 attributToGange"},
	{"a prefix twice", "<a xmlns:p='u' xmlns:p='v'/>", "1:16 attributToGange"},
	{"the default namespace twice", "<a xmlns='u' xmlns='u'/>", "1:14 attributToGange"},
	{"an unknown prefix", "<p:a/>", "1:1 praefiks"},
	{"an unknown prefix of an attribute", "<a p:b=''/>", "1:4 praefiks"},
	{"a prefix out of scope", "<a><b xmlns:p='u'/><p:c/></a>", "1:20 praefiks"},
	{"the prefix xmlns of an element", "<xmlns:a/>", "1:1 praefiks"},
	{"an empty prefix", "<a xmlns:p=''/>", "1:4 navnerum"},
	{"xml as another", "<a xmlns:xml='u'/>", "1:4 navnerum"},
	{"xml by another prefix", "<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>", "1:4 navnerum"},
	{"xml as the default", "<a xmlns='http://www.w3.org/XML/1998/namespace'/>", "1:4 navnerum"},
	{"xmlns declared", "<a xmlns:xmlns='http://www.w3.org/2000/xmlns/'/>", "1:4 navnerum"},
	{"xmlns by another prefix", "<a xmlns:p='http://www.w3.org/2000/xmlns/'/>", "1:4 navnerum"},
	{"xmlns as the default", "<a xmlns='http://www.w3.org/2000/xmlns/'/>", "1:4 navnerum"},
	{"a control character", "<a>1\x01</a>", "1:5 tegn"},
	{"a form feed between attributes", "<a\f/>", "1:3 tegn"},
	{"a noncharacter", "<a>\ufffe</a>", "1:4 tegn"},
	{"a control character by number", "<a>&#1;</a>", "1:4 tegn"},
	{"a zero by number", "<a>&#0;</a>", "1:4 tegn"},
	{"a surrogate by number", "<a b='&#xD800;'/>", "1:7 tegn"},
	{"a number beyond all", "<a>&#x" + strings.Repeat("F", 100) + ";</a>", "1:4 tegn"},
	{"a reference of no digits", "<a>&#;</a>", "1:6 syntaks"},
	{"a reference of hexadecimal digits without x", "<a>&#1F;</a>", "1:7 syntaks"},
	{"a reference by X", "<a>&#X41;</a>", "1:6 syntaks"},
	{"an entity of HTML", "<a>x&aelig;</a>", "1:5 enhed"},
	{"an entity in an attribute", "<a b='&x;'/>", "1:7 enhed"},
	{"an ampersand", "<a>A & B</a>", "1:6 syntaks"},
	{"an ampersand before a word", "<a>A &B</a>", "1:6 syntaks"},
	{"the end of a section in text", "<a>]]></a>", "1:6 syntaks"},
	{"more brackets and the end of a section", "<a>]]]]></a>", "1:8 syntaks"},
	{"< in an attribute", "<a b='<'/>", "1:7 syntaks"},
	{"no quotes", "<a b=1/>", "1:6 syntaks"},
	{"no value", "<a b/>", "1:5 syntaks"},
	{"no space between attributes", "<a b='1'c='2'/>", "1:9 syntaks"},
	{"a slash that ends nothing", "<a / >", "1:5 syntaks"},
	{"two hyphens in a comment", "<a><!-- -- --></a>", "1:11 syntaks"},
	{"three hyphens at a comment's end", "<a><!-- ---></a>", "1:11 syntaks"},
	{"a doctype", "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "1:1 dtd"},
	{"a doctype after a declaration", "<?xml version='1.0'?>\n<!DOCTYPE a SYSTEM 'http://localhost/a.dtd'><a/>", "2:1 dtd"},
	{"a doctype in an element", "<a><!DOCTYPE a></a>", "1:4 dtd"},
	{"a declaration of DTDs", "<!ELEMENT a ANY><a/>", "1:3 syntaks"},
	{"a processing instruction", "<?xml-stylesheet href='a'?><a/>", "1:1 procesinstruktion"},
	{"a processing instruction in an element", "<a><?b?></a>", "1:4 procesinstruktion"},
	{"a processing instruction called XML", "<?XML version='1.0'?><a/>", "1:1 procesinstruktion"},
	{"a processing instruction of no name", "<? a?><a/>", "1:3 navn"},
	{"white space before the declaration", "\n<?xml version='1.0'?><a/>", "2:1 syntaks"},
	{"a second declaration", "<?xml version='1.0'?><?xml version='1.0'?><a/>", "1:22 syntaks"},
	{"XML 1.1", "<?xml version='1.1'?><a/>", "1:7 version"},
	{"XML 2.0", "<?xml version='2.0'?><a/>", "1:7 version"},
	{"no version", "<?xml encoding='UTF-8'?><a/>", "1:7 syntaks"},
	{"no space before the version", "<?xml?><a/>", "1:6 syntaks"},
	{"no space before the encoding", "<?xml version='1.0'encoding='UTF-8'?><a/>", "1:20 syntaks"},
	{"the declaration in another order", "<?xml version='1.0' standalone='no' encoding='UTF-8'?><a/>", "1:37 syntaks"},
	{"standalone perhaps", "<?xml version='1.0' standalone='maybe'?><a/>", "1:21 syntaks"},
	{"an encoding without a name", "<?xml version='1.0' encoding=''?><a/>", "1:21 syntaks"},
	{"a reference in the declaration", "<?xml version='1.&#48;'?><a/>", "1:18 syntaks"},
	{"a declaration that ends as a tag", "<?xml version='1.0'><a/>", "1:20 syntaks"},
}

func TestRefused(t *testing.T) {
	for _, c := range unsound {
		t.Run(c.name, func(t *testing.T) {
			for how, read := range ways(c.document) {
				if got := verdict(t, read); got != c.want {
					t.Errorf("%s: %s, want %s", how, got, c.want)
				}
			}
		})
	}
}

// verdict is where a document is at fault, and how.
func verdict(t *testing.T, read func() (*Element, error)) string {
	t.Helper()
	e, err := read()
	if err == nil {
		return "read"
	}
	fault, ok := errors.AsType[*Fault](err)
	if !ok {
		return "error: " + err.Error()
	}
	if e != nil || fault.Tekst.Da == "" || fault.Tekst.En == "" || fault.Tekst.Da == fault.Tekst.En || len(fault.Tekst.Da) > 400 {
		t.Errorf("element %v, fault %+v", e, fault)
	}
	if want := fmt.Sprintf("%d:%d: %s", fault.Line, fault.Column, fault.Tekst.En); fault.Error() != want {
		t.Errorf("%q, want %q", fault.Error(), want)
	}
	return fmt.Sprintf("%d:%d %s", fault.Line, fault.Column, fault.Kode)
}

// inUTF16 is a text as UTF-16, with a byte order mark.
func inUTF16(order binary.AppendByteOrder, s string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune("\ufeff" + s)) {
		b = order.AppendUint16(b, u)
	}
	return string(b)
}

// encoded is a document as it arrives.
type encoded struct {
	name, charset, document string
	want                    string // the text, or line:column kode
}

// encodings are documents in many encodings, with the text in each, or with where and how it is refused.
func encodings() []encoded {
	declared := func(encoding, text string) string {
		return `<?xml version="1.0" encoding="` + encoding + `"?><a>` + text + "</a>"
	}
	little, big := binary.AppendByteOrder(binary.LittleEndian), binary.AppendByteOrder(binary.BigEndian)
	return []encoded{
		{"UTF-8", "", "<a>Ærø😀</a>", "Ærø😀"},
		{"UTF-8 by its mark", "", "\ufeff<a>Ærø</a>", "Ærø"},
		{"UTF-8 by mark and declaration", "", "\ufeff" + declared("utf-8", "Ærø"), "Ærø"},
		{"UTF-8 by the call", "utf-8", "<a>Ærø</a>", "Ærø"},
		{"UTF-8 by all three", "UTF-8", "\ufeff" + declared("UTF-8", "Ærø"), "Ærø"},
		{"two marks", "", "\ufeff\ufeff<a/>", "1:1 udenforRoden"},
		{"UTF-16, little end first", "", inUTF16(little, "<a>Ærø😀</a>"), "Ærø😀"},
		{"UTF-16, big end first", "", inUTF16(big, "<a>Ærø😀</a>"), "Ærø😀"},
		{"UTF-16, declared", "", inUTF16(big, declared("UTF-16", "Å")), "Å"},
		{"UTF-16, declared with its order", "", inUTF16(little, declared("UTF-16LE", "Å")), "Å"},
		{"UTF-16 by the call", "utf-16", inUTF16(big, declared("UTF-16BE", "Å")), "Å"},
		{"UTF-16, of the other order", "", inUTF16(little, declared("UTF-16BE", "Å")), "1:21 tegnsaetModsagt"},
		{"UTF-16, declared as UTF-8", "", inUTF16(little, declared("utf-8", "Å")), "1:21 tegnsaetModsagt"},
		{"UTF-16, of which the call says UTF-8", "utf-8", inUTF16(little, "<a/>"), "1:1 tegnsaetModsagt"},
		{"UTF-16 without its mark", "", inUTF16(little, "<a/>")[2:], "1:1 tegnsaet"},
		{"UTF-16 without its mark, big end first", "", inUTF16(big, "<a/>")[2:], "1:1 tegnsaet"},
		{"UTF-16 declared, and not", "", declared("UTF-16", "x"), "1:21 tegnsaetModsagt"},
		{"UTF-16 by the call, and not", "UTF-16", "<a/>", "1:1 tegnsaetModsagt"},
		{"half a surrogate pair", "", inUTF16(big, "<a>") + "\xd8\x3d\x00x\x00<", "1:4 bytes"},
		{"the second half alone", "", inUTF16(big, "<a>") + "\xdc\x00\x00<\x00/", "1:4 bytes"},
		{"half a unit", "", inUTF16(big, "<a/>") + "\x00", "1:5 bytes"},
		{"ISO-8859-1", "", declared("ISO-8859-1", "\xc6r\xf8"), "Ærø"},
		{"ISO-8859-1 by the call", "iso-8859-1", "<a>\xc6r\xf8</a>", "Ærø"},
		{"ISO-8859-1 declared, UTF-8 by the call", "utf-8", declared("ISO-8859-1", "x"), "1:21 tegnsaetModsagt"},
		{"ISO-8859-1 declared behind a mark", "", "\ufeff" + declared("ISO-8859-1", "x"), "1:21 tegnsaetModsagt"},
		{"ISO-8859-1 undeclared", "", "<a>\xc6r\xf8</a>", "1:4 bytes"},
		{"control characters of ISO-8859-1", "", declared("iso-8859-1", "\x80\x9f"), "\u0080\u009f"},
		{"windows-1252", "", declared("Windows-1252", "\x80\x93\xc6r\xf8\x94\x9f"), "€“Ærø”Ÿ"},
		{"what windows-1252 has not", "", declared("windows-1252", "\x81"), "1:49 bytes"},
		{"US-ASCII", "", declared("US-ASCII", "x"), "x"},
		{"beyond US-ASCII", "", declared("us-ascii", "\xe6"), "1:45 bytes"},
		{"the first character is read by the declaration", "", `<?xml version="1.0" encoding="US-ASCII"?>` + "æ", "1:42 bytes"},
		{"an unknown encoding", "", declared("UTF-7", "x"), "1:21 tegnsaet"},
		{"an unknown encoding of the call", strings.Repeat("x", 1000), "<a/>", "1:1 tegnsaet"},
		{"UTF-32", "", "\xff\xfe\x00\x00<\x00\x00\x00", "1:1 tegnsaet"},
		{"UTF-32 without its mark", "", "\x00\x00\x00<", "1:1 tegnsaet"},
		{"EBCDIC", "", "\x4c\x6f\xa7\x94", "1:1 tegnsaet"},
		{"overlong", "", "<a>\xc0\xbc</a>", "1:4 bytes"},
		{"a surrogate in UTF-8", "", "<a>\xed\xa0\x80</a>", "1:4 bytes"},
		{"beyond Unicode", "", "<a>\xf4\x90\x80\x80</a>", "1:4 bytes"},
		{"a character that breaks off", "", "<a>\xf0\x9f", "1:4 bytes"},
		{"what stands for a broken character", "", "<a>\ufffd</a>", "\ufffd"},
	}
}

func TestEncodings(t *testing.T) {
	for _, c := range encodings() {
		t.Run(c.name, func(t *testing.T) {
			for _, r := range []io.Reader{strings.NewReader(c.document), iotest.OneByteReader(strings.NewReader(c.document))} {
				var e *Element
				got := verdict(t, func() (*Element, error) {
					read, err := ReadAs(r, c.charset, Limits{})
					e = read
					return read, err
				})
				if e != nil {
					got = e.Text
				}
				if got != c.want {
					t.Errorf("%q, want %q", got, c.want)
				}
			}
		})
	}
}

// TestReadString reads what says of itself what it was before it became a string.
func TestReadString(t *testing.T) {
	for _, document := range []string{
		`<?xml version="1.0" encoding="utf-16"?><a>Å</a>`, `<?xml version="1.0" encoding="x-mac"?><a>Å</a>`, "\ufeff<a>Å</a>",
	} {
		if e, err := ReadString(document, Limits{}); err != nil || e.Text != "Å" {
			t.Errorf("%s: %v, %v", document, e, err)
		}
	}
	if got := verdict(t, func() (*Element, error) { return ReadString("<a>\xff</a>", Limits{}) }); got != "1:4 bytes" {
		t.Errorf("bytes that are no UTF-8: %s", got)
	}
}

// TestReadersError lets the reader break off at each byte: its error comes back as it is, wherever it was.
func TestReadersError(t *testing.T) {
	gone := errors.New("the line is gone")
	for _, document := range []string{
		"<?xml version='1.0' encoding='UTF-8'?><a b='&lt;'>æ😀<!-- x --><![CDATA[x]]></a>", inUTF16(binary.BigEndian, "<a>😀</a>"),
	} {
		for n := range len(document) {
			_, err := Read(io.MultiReader(strings.NewReader(document[:n]), iotest.ErrReader(gone)), Limits{})
			if err != gone {
				t.Errorf("after %d bytes of %q: %v", n, document, err)
			}
		}
	}
	if _, err := Read(idle{}, Limits{}); err != io.ErrNoProgress {
		t.Errorf("a reader that gives nothing: %v", err)
	}
}

// idle is a reader that never gives anything, nor ends.
type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

func TestResolve(t *testing.T) {
	root, err := ReadString(`<p:a xmlns:p="u:1" xmlns="u:2"><b xmlns="" xmlns:q="u:3"/></p:a>`, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		at    *Element
		value string
		want  Name
		ok    bool
	}{
		{root, "p:x", Name{"u:1", "x"}, true},
		{root, " x\n", Name{"u:2", "x"}, true},
		{root, "q:x", Name{}, false},
		{root, "xml:lang", Name{xmlSpace, "lang"}, true},
		{root.Children[0], "q:x", Name{"u:3", "x"}, true},
		{root.Children[0], "p:x", Name{"u:1", "x"}, true},
		{root.Children[0], "x", Name{"", "x"}, true},
		{root, "p:x:y", Name{}, false},
		{root, "p x", Name{}, false},
		{root, "", Name{}, false},
		{&Element{}, "x", Name{"", "x"}, true},
	} {
		if got, ok := c.at.Resolve(c.value); ok != c.ok || ok && got != c.want {
			t.Errorf("%q: %v, %v; want %v, %v", c.value, got, ok, c.want, c.ok)
		}
	}
}

// TestNames holds the classes of characters against the productions of the standard, written down as they stand there.
func TestNames(t *testing.T) {
	start := []rune{':', ':', 'A', 'Z', '_', '_', 'a', 'z', 0xC0, 0xD6, 0xD8, 0xF6, 0xF8, 0x2FF, 0x370, 0x37D, 0x37F, 0x1FFF, 0x200C, 0x200D,
		0x2070, 0x218F, 0x2C00, 0x2FEF, 0x3001, 0xD7FF, 0xF900, 0xFDCF, 0xFDF0, 0xFFFD, 0x10000, 0xEFFFF}
	part := append(slices.Clone(start), '-', '-', '.', '.', '0', '9', 0xB7, 0xB7, 0x0300, 0x036F, 0x203F, 0x2040)
	char := []rune{0x9, 0x9, 0xA, 0xA, 0xD, 0xD, 0x20, 0xD7FF, 0xE000, 0xFFFD, 0x10000, 0x10FFFF}
	in := func(c rune, pairs []rune) bool {
		for i := 0; i < len(pairs); i += 2 {
			if c >= pairs[i] && c <= pairs[i+1] {
				return true
			}
		}
		return false
	}
	for c := rune(-1); c <= 0x110001; c++ {
		if nameStart(c) != in(c, start) || namePart(c) != in(c, part) || allowed(c) != in(c, char) {
			t.Fatalf("%U: %v %v %v", c, nameStart(c), namePart(c), allowed(c))
		}
	}
}

func TestLimits(t *testing.T) {
	limits := Limits{Depth: 3, Nodes: 7, Attributes: 2, Name: 8, Space: 8}
	for _, c := range []struct{ document, want string }{
		{"<a><b><c/></b><b><c/></b></a>", "read"},
		{"<a><b><c><d/></c></b></a>", "1:12 forDyb"},
		{"<a><b/><b/><b/><b/><b/><b/></a>", "read"},
		{"<a><b/><b/><b/><b/><b/><b/><b/></a>", "1:30 forMange"},
		{"<a b='' c=''><b c='' xmlns:d='u'/><b/></a>", "read"},
		{"<a b='' c=''><b c='' xmlns:d='u'/><b c=''/></a>", "1:39 forMange"},
		{"<a b='' c='' d=''/>", "1:14 forMangeAttributter"},
		{"<a xmlns='' xmlns:c='u' d=''/>", "1:25 forMangeAttributter"},
		{"<aaaaaaaa/>", "read"},
		{"<aaaaaaaaa/>", "1:10 navnForLangt"},
		{"<aaaa:bbb xmlns:aaaa='u'/>", "1:19 navnForLangt"},
		{"<a ææææ=''/>", "read"},
		{"<a æææææ=''/>", "1:8 navnForLangt"},
		{"<a>&aaaaaaaaa;</a>", "1:13 navnForLangt"},
		{"<a xmlns:b='uuuuuuuu'/>", "read"},
		{"<a>\n<b c='uuuuuuuuu' xmlns='uuuuuuuuu'/></a>", "2:18 navnForLangt"},
	} {
		if got := verdict(t, func() (*Element, error) { return ReadString(c.document, limits) }); got != c.want {
			t.Errorf("%s: %s, want %s", c.document, got, c.want)
		}
	}
}

// TestStopsAtFirstFault reads documents that never end, as far as the fault in them.
func TestStopsAtFirstFault(t *testing.T) {
	for _, endless := range []struct{ begins, goesOn, kode string }{
		{"<a>", "<a>", ForDyb}, {"<a>", "<b/>", ForMange}, {"<a ", "b='' ", AttributToGange}, {"<a", "a", NavnForLangt},
		{"<a>&", "a", NavnForLangt}, {"<a ", "\x01", Tegn}, {"", "\xff", Bytes}, {"<?xml version='", "1", Syntaks},
	} {
		r := &counted{r: io.MultiReader(strings.NewReader(endless.begins), &repeated{text: endless.goesOn})}
		_, err := Read(r, Limits{})
		if fault, ok := errors.AsType[*Fault](err); !ok || fault.Kode != endless.kode && endless.kode != AttributToGange {
			t.Errorf("%s%s…: %v, want %s", endless.begins, endless.goesOn, err, endless.kode)
		}
		if r.n > 200_000 {
			t.Errorf("%s%s…: read %d bytes", endless.begins, endless.goesOn, r.n)
		}
	}
}

// repeated is a text again and again.
type repeated struct {
	text string
	at   int
}

func (r *repeated) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = r.text[r.at]
		r.at = (r.at + 1) % len(r.text)
	}
	return len(p), nil
}

// counted counts what is read.
type counted struct {
	r io.Reader
	n int
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}
