package xmltree

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// TestMemory reads documents of a megabyte: all that is allocated for one, be it for long or not, is a small multiple of it.
func TestMemory(t *testing.T) {
	const size, most = 1 << 20, 14
	for name, document := range hostile(size) {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			Read(bytes.NewReader(document), Limits{})
			runtime.ReadMemStats(&after)
			if got := float64(after.TotalAlloc-before.TotalAlloc) / size; got > most {
				t.Errorf("%.1f times its size, want at most %d", got, most)
			}
		})
	}
}

// hostile gives documents of at least n bytes, each made to cost as much as it can.
func hostile(n int) map[string][]byte {
	fill := func(head string, body func(i int) string, tail string) []byte {
		b := bytes.NewBufferString(head)
		for i := 0; b.Len() < n; i++ {
			b.WriteString(body(i))
		}
		b.WriteString(tail)
		return b.Bytes()
	}
	same := func(s string) func(int) string { return func(int) string { return s } }
	const depth = 30
	deep := strings.Repeat("<x>", depth) + strings.Repeat("</x>", depth)
	var scopes strings.Builder
	for i := range 31 {
		fmt.Fprintf(&scopes, "<x")
		for j := range 32 {
			fmt.Fprintf(&scopes, " xmlns:p%d='u'", i*32+j)
		}
		scopes.WriteString(">")
	}
	return map[string][]byte{
		"text":                 fill("<a>", same("x"), "</a>"),
		"text of three bytes":  []byte(inUTF16(binary.LittleEndian, "<a>"+strings.Repeat("€", n/2)+"</a>")),
		"text in pieces":       fill("<a>", same("x<!---->"), "</a>"),
		"text around children": fill("<a>", same("xxxxxxxxxxxxxxxxxxxxxxxxx<b/>"), "</a>"),
		"references":           fill("<a>", same("&#65;"), "</a>"),
		"one attribute":        fill("<a b='", same("x"), "'/>"),
		"one section":          fill("<a><![CDATA[", same("]"), "]]></a>"),
		"one comment":          fill("<a><!--", same("x"), "--></a>"),
		"empty elements":       fill("<a>", same("<b/>"), "</a>"),
		"deep":                 fill("<a>", same(deep), "</a>"),
		"attributes":           fill("<a>", func(int) string { return "<b c='' d='' e='' f='' g='' h=''/>" }, "</a>"),
		"names":                fill("<a>", func(i int) string { return fmt.Sprintf("<b%0100d/>", i) }, "</a>"),
		"namespaces":           fill("<a>", func(i int) string { return fmt.Sprintf("<b xmlns='u:%d' xmlns:c='v:%d'/>", i, i) }, "</a>"),
		"many scopes":          fill(scopes.String(), same("<p0:b/>"), ""),
		"one namespace":        fill("<a xmlns='", same("x"), "'/>"),
		"one bad namespace":    fill("<a xmlns:xml='", same("x"), "'/>"),
		"open elements":        fill("", same("<a>"), ""),
	}
}
