package xmltree

import (
	"strings"
	"unicode/utf8"
)

// blanks are XML's white space.
const blanks = " \t\n\r"

func blank(c rune) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// allowed tells whether a character may stand in XML 1.0.
func allowed(c rune) bool {
	return c >= ' ' && c <= 0xD7FF || c == '\t' || c == '\n' || c == '\r' || c >= 0xE000 && c <= 0xFFFD || c >= 0x10000 && c <= 0x10FFFF
}

// nameStart tells whether a name may begin with a character, which a colon is too.
func nameStart(c rune) bool {
	if c < utf8.RuneSelf {
		lower := c | 0x20
		return lower >= 'a' && lower <= 'z' || c == '_' || c == ':'
	}
	return within(c, startRanges[:])
}

// namePart tells whether a name may go on with a character.
func namePart(c rune) bool {
	if c < utf8.RuneSelf {
		return nameStart(c) || c >= '0' && c <= '9' || c == '-' || c == '.'
	}
	return c == 0xB7 || c >= 0x300 && c <= 0x36F || c == 0x203F || c == 0x2040 || within(c, startRanges[:])
}

// startRanges are the characters beyond ASCII that names begin with, in the fifth edition.
var startRanges = [...][2]rune{{0xC0, 0xD6}, {0xD8, 0xF6}, {0xF8, 0x2FF}, {0x370, 0x37D}, {0x37F, 0x1FFF}, {0x200C, 0x200D},
	{0x2070, 0x218F}, {0x2C00, 0x2FEF}, {0x3001, 0xD7FF}, {0xF900, 0xFDCF}, {0xFDF0, 0xFFFD}, {0x10000, 0xEFFFF}}

func within(c rune, ranges [][2]rune) bool {
	for _, r := range ranges {
		if c <= r[1] {
			return c >= r[0]
		}
	}
	return false
}

// split parts a name at its colon. ok is false when it is no name, or one that Namespaces in XML do not know.
func split(name string) (prefix, local string, ok bool) {
	prefix, local, colon := strings.Cut(name, ":")
	if !colon {
		return "", name, simple(name)
	}
	return prefix, local, simple(prefix) && simple(local)
}

// simple tells whether s is a name without a colon.
func simple(s string) bool {
	for i, c := range s {
		if c == ':' || i == 0 && !nameStart(c) || !namePart(c) {
			return false
		}
	}
	return s != ""
}
