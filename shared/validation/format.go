package validation

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The widths of texts, in characters.
const (
	maxNavn    = 132
	maxEmail   = 132
	maxTelefon = 20
	maxEtage   = 10
)

// Denmark, in WGS84 degrees, from Gedser to Skagen and from Blåvandshuk to Christiansø.
const (
	syd, nord  = 54.5, 57.8
	vest, oest = 8.0, 15.25
)

// within is false for NaN.
func within(x, low, high float64) bool { return x >= low && x <= high }

// A fault function gives the code of what is wrong with a value, and nothing when it is right. One of an optional field takes the
// empty value as right.

func navnFault(s string) string {
	if strings.TrimSpace(s) == "" {
		return mangler
	}
	return longerThan(s, maxNavn)
}

func bynavnFault(s string) string { return longerThan(s, maxNavn) }

func etageFault(s string) string { return longerThan(s, maxEtage) }

// longerThan finds a text of more than max characters.
func longerThan(s string, max int) string {
	if len(s) > max && utf8.RuneCountInString(s) > max {
		return forLang
	}
	return ""
}

// tegnFault finds what no text may hold: bytes that are not UTF-8, and characters that have no shape of their own but break lines,
// turn the direction of writing, or cannot stand in XML.
func tegnFault(s string) string {
	for i, c := range s {
		if c < utf8.RuneSelf && c >= ' ' && c != '\u007f' {
			continue
		}
		if c == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				return "utf8"
			}
		}
		if unicode.IsControl(c) || formatting(c) {
			return "kontroltegn"
		}
	}
	return ""
}

// formatting tells whether a character steers the text around it unseen: zero-width spaces, direction marks, line and paragraph
// separators, byte order marks and what is no character at all.
func formatting(c rune) bool {
	switch c {
	case '\u200b', '\u200e', '\u200f', '\ufeff', '\ufffe', '\uffff':
		return true
	}
	return c >= '\u2028' && c <= '\u202e' || c >= '\u2066' && c <= '\u2069'
}

// emailFault takes the addr-spec of RFC 5322 as it is used: a dot-atom before the @, and after it a domain of two or more labels,
// which may hold letters such as æ, ø and å (IDN).
func emailFault(s string) string {
	if s == "" {
		return ""
	}
	if longerThan(s, maxEmail) != "" {
		return forLang
	}
	at := strings.LastIndexByte(s, '@')
	if at < 0 || !dotAtom(s[:at]) || !domain(s[at+1:]) {
		return format
	}
	return ""
}

// dotAtom tells whether s is atoms of RFC 5322 joined by dots, of the 64 octets that RFC 5321 allows.
func dotAtom(s string) bool {
	last := byte('.')
	for i := range len(s) {
		c := s[i]
		if c == '.' && last == '.' || c != '.' && !alphanumeric(c) && strings.IndexByte("!#$%&'*+-/=?^_`{|}~", c) < 0 {
			return false
		}
		last = c
	}
	return last != '.' && len(s) <= 64
}

// domain tells whether s is two or more labels joined by dots, the last of two or more letters.
func domain(s string) bool {
	dot := strings.LastIndexByte(s, '.')
	if dot < 0 || utf8.RuneCountInString(s[dot+1:]) < 2 {
		return false
	}
	last := '.'
	for i, c := range s {
		switch {
		case c == '.' || c == '-':
			if last == '.' || last == '-' && c == '.' {
				return false
			}
		case c >= '0' && c <= '9':
			if i > dot {
				return false
			}
		case !unicode.IsLetter(c):
			return false
		}
		last = c
	}
	return last != '-'
}

// telefonFault takes digits, with spaces, hyphens and parentheses between them and a plus before them.
func telefonFault(s string) string {
	if s == "" {
		return ""
	}
	if len(s) > maxTelefon {
		return forLang
	}
	digits := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digits++
		case c == '+' && digits == 0, c == ' ', c == '-', c == '(', c == ')':
		default:
			return format
		}
	}
	if digits < 8 {
		return "forKort"
	}
	return ""
}

// cvrFault takes 8 digits whose weighted sum is a multiple of 11. No CVR number begins with 0.
func cvrFault(s string) string {
	if s == "" {
		return ""
	}
	if !digits(s, 8) || s[0] == '0' {
		return format
	}
	sum := 0
	for i, weight := range [...]int{2, 7, 6, 5, 4, 3, 2, 1} {
		sum += weight * int(s[i]-'0')
	}
	if sum%11 != 0 {
		return "kontrolciffer"
	}
	return ""
}

func pNummerFault(s string) string {
	if s != "" && !digits(s, 10) {
		return format
	}
	return ""
}

func postnummerFault(s string) string {
	if s == "" {
		return mangler
	}
	if !digits(s, 4) || s < "0800" || s > "9990" {
		return format
	}
	return ""
}

// husnummerFault takes 1-3 digits and, in either case, one letter.
func husnummerFault(s string) string {
	if s == "" {
		return mangler
	}
	if last := s[len(s)-1] | 0x20; last >= 'a' && last <= 'z' {
		s = s[:len(s)-1]
	}
	if len(s) > 3 || !digits(s, len(s)) || s == "" {
		return format
	}
	return ""
}

// uuidFault takes the text form of a UUID (RFC 9562), in either case.
func uuidFault(s string) string {
	if s == "" {
		return ""
	}
	if len(s) != 36 {
		return format
	}
	for i := range len(s) {
		hyphen := i == 8 || i == 13 || i == 18 || i == 23
		if c := s[i]; hyphen != (c == '-') || !hyphen && !hexadecimal(c) {
			return format
		}
	}
	return ""
}

// digits tells whether s is n digits.
func digits(s string, n int) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return len(s) == n
}

func alphanumeric(c byte) bool {
	lower := c | 0x20
	return lower >= 'a' && lower <= 'z' || c >= '0' && c <= '9'
}

func hexadecimal(c byte) bool {
	lower := c | 0x20
	return lower >= 'a' && lower <= 'f' || c >= '0' && c <= '9'
}
