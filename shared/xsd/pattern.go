package xsd

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"dagtilbudsregisteret.dk/shared/register"
)

// pattern is the patterns of one restriction, of which a value fits one.
type pattern struct {
	branches []*regexp.Regexp
	written  []string      // as they stand in the schema
	says     register.Text // what the type that has them says of itself; empty for nothing

	least, most int // characters that they let pass, without white space around them; most may be unset
}

// fault is the code of a value that does not fit.
func (p *pattern) fault(s string) string {
	switch n := trimmed(s); {
	case p.most != unset && n > p.most:
		return ForLang
	case n < p.least:
		return ForKort
	}
	return Format
}

// trimmed is how many characters there are without the white space before and after them.
func trimmed(s string) int { return utf8.RuneCountInString(strings.TrimSpace(s)) }

// add takes a further pattern.
func (p *pattern) add(written string) error {
	t := &translation{rest: written}
	t.alternatives(0)
	if t.err == nil && t.rest != "" {
		t.fail("%q ends nothing", t.rest[:1])
	}
	if t.err != nil {
		return t.err
	}
	compiled, err := regexp.Compile(`\A(?:` + t.to.String() + `)\z`)
	if err != nil {
		return err
	}
	p.branches, p.written = append(p.branches, compiled), append(p.written, written)
	return nil
}

func (p *pattern) fits(s string) bool {
	return slices.ContainsFunc(p.branches, func(r *regexp.Regexp) bool { return r.MatchString(s) })
}

// translation is a pattern of XML Schema on its way to one of Go's. The two differ in what . and \d and \w mean, in ^ and $, which are
// characters like others here, and in what else follows a backslash.
type translation struct {
	rest string
	to   strings.Builder
	err  error
}

func (t *translation) fail(format string, args ...any) {
	if t.err == nil {
		t.err = fmt.Errorf(format, args...)
	}
	t.rest = ""
}

// take goes past the next character, if it is the one.
func (t *translation) take(c byte) bool {
	if t.rest == "" || t.rest[0] != c {
		return false
	}
	t.rest = t.rest[1:]
	return true
}

// next goes past the next character, of which there is one.
func (t *translation) next() rune {
	c, size := utf8.DecodeRuneInString(t.rest)
	t.rest = t.rest[size:]
	return c
}

// alternatives translates branches up to the end or a closing parenthesis.
func (t *translation) alternatives(depth int) {
	if depth > 20 {
		t.fail("too many parentheses")
	}
	for {
		for t.rest != "" && t.rest[0] != '|' && t.rest[0] != ')' {
			t.atom(depth)
			t.quantifier()
		}
		if !t.take('|') {
			return
		}
		t.to.WriteByte('|')
	}
}

// atom translates one character, class or group.
func (t *translation) atom(depth int) {
	switch c := t.next(); c {
	case '(':
		t.to.WriteString("(?:")
		t.alternatives(depth + 1)
		if !t.take(')') {
			t.fail("a parenthesis is not closed")
		}
		t.to.WriteByte(')')
	case '[':
		t.class()
	case '.':
		t.to.WriteString(`[^\n\r]`)
	case '\\':
		t.escape(false)
	case '?', '*', '+', '{', '}', ']':
		t.fail("%q stands for nothing here", c)
	default:
		t.to.WriteString(regexp.QuoteMeta(string(c)))
	}
}

var count = regexp.MustCompile(`^\{[0-9]+(,[0-9]*)?\}`)

// quantifier translates one, if it stands here.
func (t *translation) quantifier() {
	if t.rest == "" {
		return
	}
	switch c := t.rest[0]; c {
	case '?', '*', '+':
		t.rest = t.rest[1:]
		t.to.WriteByte(c)
	case '{':
		counted := count.FindString(t.rest)
		if counted == "" {
			t.fail("%q is no number of times", t.rest)
			return
		}
		t.rest = t.rest[len(counted):]
		t.to.WriteString(counted)
	default:
		return
	}
	if t.rest != "" && strings.IndexByte("?*+{", t.rest[0]) >= 0 {
		t.fail("%q repeats what repeats", t.rest[:1])
	}
}

// categories are those that \p{…} may name: the general categories of Unicode that Go has.
var categories = strings.Fields("L Lu Ll Lt Lm Lo M Mn Mc Me N Nd Nl No P Pc Pd Ps Pe Pi Pf Po Z Zs Zl Zp S Sm Sc Sk So")

// escapes are what stands for a class of characters, with what it is outside and within brackets.
var escapes = map[rune][2]string{
	'd': {`\p{Nd}`, `\p{Nd}`},
	'D': {`\P{Nd}`, `\P{Nd}`},
	's': {`[ \t\n\r]`, ` \t\n\r`},
	'S': {`[^ \t\n\r]`, `\x00-\x08\x0b\x0c\x0e-\x1f!-\x{10ffff}`},
	'w': {`[\p{L}\p{M}\p{N}\p{S}]`, `\p{L}\p{M}\p{N}\p{S}`},
	'W': {`[^\p{L}\p{M}\p{N}\p{S}]`, ``},
}

// escape translates what follows a backslash. It gives the character that it stands for, or -1 where it stands for a class.
func (t *translation) escape(within bool) rune {
	if t.rest == "" {
		t.fail("a backslash at the end")
		return -1
	}
	c := t.next()
	form := escapes[c][0]
	if within {
		form = escapes[c][1]
	}
	switch {
	case form != "":
		t.to.WriteString(form)
		return -1
	case c == 'p' || c == 'P':
		name, rest, closed := strings.Cut(t.rest, "}")
		if !closed || !strings.HasPrefix(name, "{") || !slices.Contains(categories, name[1:]) {
			t.fail(`\%c%s} has no translation`, c, name)
			return -1
		}
		t.rest = rest
		fmt.Fprintf(&t.to, `\%c%s}`, c, name)
		return -1
	case c == 'n' || c == 'r' || c == 't':
		c = map[rune]rune{'n': '\n', 'r': '\r', 't': '\t'}[c]
	case !strings.ContainsRune(`\|.-^?*+{}()[]`, c):
		t.fail(`\%c has no translation`, c)
		return -1
	}
	if !within {
		t.to.WriteString(regexp.QuoteMeta(string(c)))
	}
	return c
}

// class translates one, from after its opening bracket.
func (t *translation) class() {
	t.to.WriteByte('[')
	if t.take('^') {
		t.to.WriteByte('^')
	}
	for first := true; first || !t.take(']'); first = false {
		if t.rest == "" {
			t.fail("a class is not closed")
			return
		}
		low := t.member(first)
		if low < 0 {
			continue
		}
		high := low
		if len(t.rest) > 1 && t.rest[0] == '-' && t.rest[1] != ']' {
			t.rest = t.rest[1:]
			if high = t.member(false); high < low {
				t.fail("a range must run upwards, from one character to another")
			}
		}
		fmt.Fprintf(&t.to, `\x{%x}-\x{%x}`, low, high)
	}
	t.to.WriteByte(']')
}

// member goes past one of a class. It gives its character, or -1 for what has been translated already.
func (t *translation) member(first bool) rune {
	switch c := t.next(); {
	case c == '\\':
		return t.escape(true)
	case c == '-' && strings.HasPrefix(t.rest, "["):
		t.fail("the subtraction of a class has no translation")
		return -1
	case c == '[', c == ']':
		t.fail("%q must be written with a backslash", c)
		return -1
	case c == '-' && !first && (t.rest == "" || t.rest[0] != ']'):
		t.fail("- stands first, last or behind a backslash")
		return -1
	default:
		return c
	}
}
