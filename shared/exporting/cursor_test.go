package exporting_test

import (
	"encoding/base64"
	"testing"

	"dagtilbudsregisteret.dk/shared/exporting"
)

func TestCursor(t *testing.T) {
	for _, c := range []exporting.Cursor{{}, {Kommune: 101, Path: "G10000"}, {Kommune: 461, Path: "G10000/Å10001/D99999"}} {
		if back, ok := exporting.ParseCursor(c.String()); !ok || back != c {
			t.Errorf("%v is read as %v, %v", c, back, ok)
		}
	}
	encode := base64.RawURLEncoding.EncodeToString
	for _, s := range []string{
		"x", "!", "G10000", encode([]byte("101")), encode([]byte("101/")), encode([]byte("/G10000")), encode([]byte("0/G10000")),
		encode([]byte("-1/G10000")), encode([]byte("+1/G10000")), encode([]byte("0101/G10000")), encode([]byte("101/G10000/")),
		encode([]byte("101/G10000/G10001/G10002/G10003")), encode([]byte("101/g10000")), encode([]byte("101/G10000\n")),
		base64.URLEncoding.EncodeToString([]byte("101/G10000")), encode([]byte("101/G10000")) + "\n", encode([]byte("99999999999999999999/G10000")),
	} {
		if c, ok := exporting.ParseCursor(s); ok {
			t.Errorf("%q is read as %v", s, c)
		}
	}
}

// FuzzCursor reads any text as a cursor: what is one is written the same way again.
func FuzzCursor(f *testing.F) {
	f.Add("")
	f.Add(exporting.Cursor{Kommune: 101, Path: "G10000"}.String())
	f.Add(exporting.Cursor{Kommune: 461, Path: "G10000/Å10001/D99999"}.String())
	f.Add("MTAxL0cxMDAwMA\n")
	f.Fuzz(func(t *testing.T, s string) {
		if c, ok := exporting.ParseCursor(s); ok && c.String() != s {
			t.Errorf("%q is read as %v, which is written %q", s, c, c.String())
		}
	})
}
