package soap

import (
	"strconv"
	"time"
	"unicode/utf8"

	"dagtilbudsregisteret.dk/shared/register"
)

// document appends XML, element by element: whole files are the register's largest work.
type document struct{ buf []byte }

func (d *document) raw(s string) { d.buf = append(d.buf, s...) }

func (d *document) open(name string) {
	d.buf = append(d.buf, '<')
	d.buf = append(d.buf, name...)
	d.buf = append(d.buf, '>')
}

func (d *document) close(name string) {
	d.buf = append(d.buf, '<', '/')
	d.buf = append(d.buf, name...)
	d.buf = append(d.buf, '>')
}

// text writes an element that is always there; optional leaves an empty one out.
func (d *document) text(name, value string) {
	d.open(name)
	d.escaped(value)
	d.close(name)
}

func (d *document) optional(name, value string) {
	if value != "" {
		d.text(name, value)
	}
}

func (d *document) int(name string, value int64) {
	d.open(name)
	d.buf = strconv.AppendInt(d.buf, value, 10)
	d.close(name)
}

func (d *document) flag(name string, value bool) {
	d.open(name)
	d.buf = strconv.AppendBool(d.buf, value)
	d.close(name)
}

func (d *document) grad(name string, g register.Grad) {
	if g.Given {
		d.open(name)
		d.buf = strconv.AppendFloat(d.buf, g.Value, 'f', -1, 64)
		d.close(name)
	}
}

func (d *document) time(name string, t time.Time) {
	d.open(name)
	d.buf = t.AppendFormat(d.buf, time.RFC3339Nano)
	d.close(name)
}

// escaped writes text, or the value of an attribute. What XML has no place for becomes the replacement character.
func (d *document) escaped(s string) {
	from := 0
	for i, c := range s {
		replacement := ""
		switch {
		case c == '<':
			replacement = "&lt;"
		case c == '>':
			replacement = "&gt;"
		case c == '&':
			replacement = "&amp;"
		case c == '"':
			replacement = "&quot;"
		case c == '\r':
			replacement = "&#13;"
		case c == utf8.RuneError || !xmlCharacter(c):
			replacement = "\uFFFD"
		default:
			continue
		}
		d.buf = append(d.buf, s[from:i]...)
		d.buf = append(d.buf, replacement...)
		_, size := utf8.DecodeRuneInString(s[i:])
		from = i + size
	}
	d.buf = append(d.buf, s[from:]...)
}

// xmlCharacter tells whether XML 1.0 has a place for a character.
func xmlCharacter(c rune) bool {
	return c >= ' ' && c != '\ufffe' && c != '\uffff' || c == '\t' || c == '\n' || c == '\r'
}
