package events

import (
	"strings"
	"unicode/utf8"
)

// writer appends the members of an object, and of those in it.
type writer struct{ buf []byte }

func appendObject(buf []byte, o object) []byte {
	w := writer{append(buf, '{')}
	o.form(&w)
	return append(w.buf, '}')
}

func (w *writer) value(name string, v value) {
	before := len(w.buf)
	w.name(name)
	start := len(w.buf)
	if w.buf = v.append(w.buf); len(w.buf) == start {
		w.buf = w.buf[:before]
	}
}

func (w *writer) object(name string, o object) {
	w.name(name)
	w.buf = append(w.buf, '{')
	o.form(w)
	w.buf = append(w.buf, '}')
}

func (w *writer) name(name string) {
	if w.buf[len(w.buf)-1] != '{' {
		w.buf = append(w.buf, ',')
	}
	w.buf = append(w.buf, '"')
	w.buf = append(w.buf, name...)
	w.buf = append(w.buf, '"', ':')
}

// appendQuoted writes a string as RFC 8785 has it: with no character escaped that need not be. The standard library escapes more, and
// what the REST services answer must be the same.
func appendQuoted(buf []byte, s string) []byte {
	if !utf8.ValidString(s) {
		s = string([]rune(s)) // with U+FFFD for each byte that is none of UTF-8; the rules keep them out of the register
	}
	buf = append(buf, '"')
	plain := 0 // where what is not yet written begins
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' {
			buf = append(buf, s[plain:i]...)
			buf = appendEscaped(buf, c)
			plain = i + 1
		}
	}
	buf = append(buf, s[plain:]...)
	return append(buf, '"')
}

func appendEscaped(buf []byte, c byte) []byte {
	const named, names, hex = "\b\t\n\f\r\"\\", `btnfr"\`, "0123456789abcdef"
	if i := strings.IndexByte(named, c); i >= 0 {
		return append(buf, '\\', names[i])
	}
	return append(buf, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xf])
}
