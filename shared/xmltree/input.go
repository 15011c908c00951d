package xmltree

import (
	"fmt"
	"io"
	"unicode"
	"unicode/utf8"

	"dagtilbudsregisteret.dk/shared/register"
)

// end is the character after the last, and after the first error.
const end rune = -1

// input hands out a document character by character, with line ends as LF.
type input struct {
	r    io.Reader
	buf  []byte // what has been read and not decoded stands from at to end
	at   int
	end  int
	over error // what ended r

	encoding encoding
	known    bool // the bytes or the call have said which it is
	decoded  bool // the document is in a string, and declares what was once

	c            rune // the next character
	line, column int  // of c
	afterCR      bool // c is LF for a CR: an LF that follows belongs to it
	err          error
}

func newInput(r io.Reader) *input {
	return &input{r: r, buf: make([]byte, 4096), line: 1, column: 1}
}

// fill reads on until there are n bytes, if so many come, and gives how many there are.
func (in *input) fill(n int) int {
	if in.end-in.at >= n {
		return in.end - in.at
	}
	copy(in.buf, in.buf[in.at:in.end])
	in.at, in.end = 0, in.end-in.at
	for idle := 0; in.end < n && in.over == nil; {
		var read int
		read, in.over = in.r.Read(in.buf[in.end:])
		in.end += read
		if idle++; read > 0 {
			idle = 0
		} else if idle == 100 && in.over == nil {
			in.over = io.ErrNoProgress
		}
	}
	return in.end
}

// next goes on to the next character.
func (in *input) next() {
	if in.c == '\n' {
		in.line, in.column = in.line+1, 1
	} else {
		in.column++
	}
	in.load()
}

// load puts the next character into c, without moving on from where the last one stood.
func (in *input) load() {
	if in.err != nil {
		return
	}
	c, ok := in.take()
	if in.afterCR && c == '\n' {
		c, ok = in.take()
	}
	in.afterCR = c == '\r'
	switch {
	case c == end:
	case !ok && in.over != nil && in.over != io.EOF && in.end-in.at < utf8.UTFMax:
		in.err, c = in.over, end // it broke off within a character
	case !ok:
		in.fail(Bytes, fmt.Sprintf("Her står bytes, der ikke er %s.", in.encoding), fmt.Sprintf("There are bytes here that are not %s.", in.encoding))
		return
	case c == '\r':
		c = '\n'
	case !allowed(c):
		in.fail(Tegn, fmt.Sprintf("Tegnet %U kan ikke stå i XML.", c), fmt.Sprintf("The character %U cannot stand in XML.", c))
		return
	}
	in.c = c
}

// take gives the next character as it is, or end.
func (in *input) take() (c rune, ok bool) {
	if in.at == in.end && in.fill(1) == 0 {
		if in.over != io.EOF {
			in.err = in.over
		}
		return end, true
	}
	return in.decode()
}

// fail notes what is wrong at c, unless something was before, and ends the document.
func (in *input) fail(kode, da, en string) { in.failAt(in.line, in.column, kode, da, en) }

func (in *input) failAt(line, column int, kode, da, en string) {
	if in.err == nil {
		in.err = &Fault{line, column, kode, register.Text{Da: da, En: en}}
	}
	in.c = end
}

// expected notes that something else must stand at c.
func (in *input) expected(da, en string) {
	if in.c == end {
		in.fail(Uafsluttet, fmt.Sprintf("Dokumentet slutter for tidligt: her skal stå %s.", da),
			fmt.Sprintf("The document ends too early: there must be %s here.", en))
		return
	}
	what := shown(in.c)
	in.fail(Syntaks, fmt.Sprintf("Her skal stå %s, ikke %s.", da, what), fmt.Sprintf("There must be %s here, not %s.", en, what))
}

// literal goes past a text that must stand here, and tells whether it does.
func (in *input) literal(text string) bool {
	for _, c := range text {
		if in.c != c {
			in.expected(text, text)
			return false
		}
		in.next()
	}
	return true
}

// space goes past white space, and tells whether there was any.
func (in *input) space() bool {
	from := in.c
	for blank(in.c) {
		in.next()
	}
	return blank(from)
}

// shown is a character as it is shown to people.
func shown(c rune) string {
	if unicode.IsGraphic(c) && c != ' ' && c != '\u00a0' {
		return string(c)
	}
	return fmt.Sprintf("%U", c)
}

// shortened keeps of a text what somebody would read.
func shortened(s string) string {
	const longest = 60
	n := 0
	for i := range s {
		if n++; n > longest {
			return s[:i] + "…"
		}
	}
	return s
}
