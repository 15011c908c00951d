package xmltree

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// encoding is how bytes stand for characters.
type encoding uint8

const (
	utf8Encoding encoding = iota // what a document is in that says nothing
	ascii
	latin1
	windows1252
	utf16LE
	utf16BE
	utf16Either // what "UTF-16" says: which of the two, the byte order mark does
)

var encodingNames = [...]string{"UTF-8", "US-ASCII", "ISO-8859-1", "windows-1252", "UTF-16LE", "UTF-16BE", "UTF-16"}

func (e encoding) String() string { return encodingNames[e] }

// agrees tells whether bytes that are known to be in one encoding may be declared to be in another.
func (e encoding) agrees(declared encoding) bool {
	return e == declared || declared == utf16Either && (e == utf16LE || e == utf16BE)
}

// encodingOf gives the encoding of a name, which may be in either case.
func encodingOf(name string) (e encoding, ok bool) {
	for i, known := range encodingNames {
		if strings.EqualFold(name, known) {
			return encoding(i), true
		}
	}
	return 0, false
}

const byteOrderMark = "\ufeff"

// marks are how documents begin that are not in an encoding that has ASCII in it.
var marks = []struct {
	begins string
	is     encoding
	refuse string // the name of an encoding that is not read
}{
	{"\xef\xbb\xbf", utf8Encoding, ""},
	{"\xff\xfe\x00\x00", 0, "UTF-32"},
	{"\x00\x00\xfe\xff", 0, "UTF-32"},
	{"<\x00\x00\x00", 0, "UTF-32"},
	{"\x00\x00\x00<", 0, "UTF-32"},
	{"\xff\xfe", utf16LE, ""},
	{"\xfe\xff", utf16BE, ""},
	{"<\x00", 0, "UTF-16"},
	{"\x00<", 0, "UTF-16"},
	{"\x4c\x6f\xa7\x94", 0, "EBCDIC"},
}

// detect finds the encoding by the first bytes and by what the call says of it.
func (in *input) detect(charset string) {
	in.fill(4)
	head, marked := in.buf[in.at:in.end], false
	for _, m := range marks {
		if !bytes.HasPrefix(head, []byte(m.begins)) {
			continue
		}
		if m.refuse != "" {
			in.unreadable(m.refuse, 1, 1)
			return
		}
		in.encoding, in.known, marked = m.is, true, true
		if m.begins[0] != '<' {
			in.at += len(m.begins)
		}
		break
	}
	if charset == "" {
		return
	}
	said, ok := encodingOf(charset)
	switch {
	case !ok:
		in.unreadable(charset, 1, 1)
	case marked && !in.encoding.agrees(said), !marked && said >= utf16LE:
		in.contradicted(said, 1, 1)
	case !marked:
		in.encoding, in.known = said, true
	}
}

// declared takes an encoding that a document declares for itself, at a place.
func (in *input) declared(name string, line, column int) {
	if in.decoded {
		return
	}
	e, ok := encodingOf(name)
	switch {
	case !ok:
		in.unreadable(name, line, column)
	case in.known && !in.encoding.agrees(e), !in.known && e >= utf16LE:
		in.contradicted(e, line, column)
	case !in.known:
		in.encoding = e
	}
}

func (in *input) unreadable(name string, line, column int) {
	name = shortened(name)
	in.failAt(line, column, Tegnsaet,
		fmt.Sprintf("Tegnsættet %s læses ikke her; UTF-8, UTF-16 med BOM, ISO-8859-1, US-ASCII og windows-1252 gør.", name),
		fmt.Sprintf("The encoding %s is not read here; UTF-8, UTF-16 with a BOM, ISO-8859-1, US-ASCII and windows-1252 are.", name))
}

func (in *input) contradicted(said encoding, line, column int) {
	in.failAt(line, column, TegnsaetModsagt, fmt.Sprintf("Dokumentet siges at være i %s, men er i %s.", said, in.encoding),
		fmt.Sprintf("The document is said to be in %s, but is in %s.", said, in.encoding))
}

// decode takes the next character; ok is false where the bytes mean nothing. It is not called at the end.
func (in *input) decode() (c rune, ok bool) {
	b := in.buf[in.at]
	switch {
	case in.encoding >= utf16LE:
		return in.decodeUTF16()
	case b < utf8.RuneSelf:
		in.at++
		return rune(b), true
	case in.encoding == utf8Encoding:
		in.fill(utf8.UTFMax)
		c, size := utf8.DecodeRune(in.buf[in.at:in.end])
		in.at += size
		return c, size > 1
	case in.encoding == ascii:
		return 0, false
	case in.encoding == windows1252 && b < 0xA0:
		c = upper1252[b-0x80]
		in.at++
		return c, c != 0
	}
	in.at++
	return rune(b), true
}

// upper1252 are the characters of windows-1252 from 0x80, with 0 where there is none. From 0xA0 they are those of ISO-8859-1.
var upper1252 = [32]rune{
	'€', 0, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0, 'Ž', 0,
	0, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0, 'ž', 'Ÿ'}

func (in *input) decodeUTF16() (c rune, ok bool) {
	first, ok := in.unit()
	if !ok || !utf16.IsSurrogate(first) {
		return first, ok
	}
	second, ok := in.unit()
	c = utf16.DecodeRune(first, second)
	return c, ok && c != utf8.RuneError
}

// unit takes two bytes of UTF-16.
func (in *input) unit() (u rune, ok bool) {
	if in.fill(2) < 2 {
		return 0, false
	}
	a, b := rune(in.buf[in.at]), rune(in.buf[in.at+1])
	in.at += 2
	if in.encoding == utf16LE {
		a, b = b, a
	}
	return a<<8 | b, true
}
