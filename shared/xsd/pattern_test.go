package xsd

import (
	"strings"
	"testing"
)

func TestPatterns(t *testing.T) {
	for _, c := range []struct{ pattern, fits, fitsNot string }{ // values with commas between
		{"", ",", "a"},
		{"a", "a", "b,aa,xa,ax,a\n,\na"},
		{"a|b", "a,b", "ab,"},
		{"a|", "a,", "b"},
		{"^a$", "^a$", "a"},
		{"a.c", "abc,a😀c", "a\nc,a\rc,ac"},
		{"(ab)+c?", "ab,abab,ababc", "c,abcab"},
		{"a{2}", "aa", "a,aaa"},
		{"a{2,}", "aa,aaaa", "a"},
		{"a{0,1}", ",a", "aa"},
		{"[abc]", "a,c", "d,ab"},
		{"[^abc]", "d,\n", "a,"},
		{"[a-c]", "b", "d,-"},
		{"[a-]", "a,-", "b"},
		{"[-a]", "a,-", "b"},
		{"[^-a]", "b", "a,-"},
		{`[\-\]\[\\^]`, `-,],[,\,^`, "a"},
		{`[a\-c]`, "a,-,c", "b"},
		{"[Å-Ø]", "Æ,Å", "A"},
		{`\d\D`, "1a,٣b", "a1,11"},
		{`\s\S`, " a,\ta,\n1", "\u00a0a,a,  "},
		{`\w\W`, "a.,1_", "aa,_-"},
		{`\w`, "a,æ,1,+,$", ".,_x,-, "},
		{`[\d\s]+`, "1 2", "a"},
		{`[\D]`, "a", "1"},
		{`[\S]`, "a,!,\u00a0,😀", " ,\t"},
		{`[^\w]`, ".,-", "a"},
		{`\p{Lu}\P{Lu}`, "Aa,Å1", "AA,a"},
		{`[\p{L}\p{Nd}]+`, "aÅ9", "a-"},
		{`\.\?\*\+\(\)\{\}\|\-\^`, ".?*+(){}|-^", "x"},
		{`\n\r\t`, "\n\r\t", "nrt"},
		{"a$|b^", "a$,b^", "a,b"},
	} {
		var p pattern
		if err := p.add(c.pattern); err != nil {
			t.Errorf("%s: %v", c.pattern, err)
			continue
		}
		for _, value := range strings.Split(c.fits, ",") {
			if !p.fits(value) {
				t.Errorf("%q does not fit %s", value, c.pattern)
			}
		}
		for _, value := range strings.Split(c.fitsNot, ",") {
			if p.fits(value) {
				t.Errorf("%q fits %s", value, c.pattern)
			}
		}
	}
}

func TestPatternsRefused(t *testing.T) {
	for _, c := range []struct{ pattern, want string }{
		{"(a", "a parenthesis is not closed"},
		{"a)", `")" ends nothing`},
		{"[a", "a class is not closed"},
		{"[]", "']' must be written with a backslash"},
		{"[]a]", "']' must be written with a backslash"},
		{"[a[b]]", "'[' must be written with a backslash"},
		{"*a", "'*' stands for nothing here"},
		{"a|?", "'?' stands for nothing here"},
		{"a**", `"*" repeats what repeats`},
		{"a*?", `"?" repeats what repeats`},
		{"a{2}{3}", `"{" repeats what repeats`},
		{"a{", `"{" is no number of times`},
		{"a{,2}", `"{,2}" is no number of times`},
		{"a{2,1}", "error parsing regexp: invalid repeat count: `{2,1}`"},
		{"a{1001}", "error parsing regexp: invalid repeat count: `{1001}`"},
		{"a]", "']' stands for nothing here"},
		{"a}", "'}' stands for nothing here"},
		{`a\`, "a backslash at the end"},
		{`\i`, `\i has no translation`},
		{`\c`, `\c has no translation`},
		{`\b`, `\b has no translation`},
		{`\$`, `\$ has no translation`},
		{`\1`, `\1 has no translation`},
		{`\x41`, `\x has no translation`},
		{`\p{IsBasicLatin}`, `\p{IsBasicLatin} has no translation`},
		{`\p{Greek}`, `\p{Greek} has no translation`},
		{`\p{L`, `\p{L} has no translation`},
		{`\pL`, `\pL} has no translation`},
		{`[\W]`, `\W has no translation`},
		{"[a-z-[aeiou]]", "the subtraction of a class has no translation"},
		{"[z-a]", "a range must run upwards, from one character to another"},
		{`[a-\d]`, "a range must run upwards, from one character to another"},
		{"[a-c-e]", "- stands first, last or behind a backslash"},
		{"(?:a)", "'?' stands for nothing here"},
		{strings.Repeat("(", 30) + strings.Repeat(")", 30), "too many parentheses"},
	} {
		var p pattern
		if err := p.add(c.pattern); err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", c.pattern, err, c.want)
		}
	}
}

// FuzzPattern translates anything: what is taken fits whole values alone.
func FuzzPattern(f *testing.F) {
	for _, pattern := range []string{"[A-ZÆØÅ][0-9]{5}", `(a|[^b\s-]*)+\p{L}?`, `\w\W.\\\d{2,3}`, "[a-c-]|^$", "a{1000}"} {
		f.Add(pattern, "G10000")
	}
	f.Fuzz(func(t *testing.T, written, value string) {
		var p pattern
		if len(written) > 60 || p.add(written) != nil {
			return
		}
		if found := p.branches[0].FindString(value); p.fits(value) && found != value {
			t.Errorf("%q fits %q by %q alone", value, written, found)
		}
	})
}
