package xsd

import (
	"path/filepath"
	"regexp/syntax"
	"strings"
	"testing"
)

// steps is how many instructions a regular expression goes through on a value, as a machine does that takes each character once and holds
// all the places that it may be at.
func steps(t testing.TB, expression, value string) (n int) {
	t.Helper()
	parsed, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		t.Fatal(err)
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		t.Fatal(err)
	}
	var at []uint32
	seen := make([]int, len(program.Inst)) // by instruction, the turn in which it was reached last
	var reach func(pc uint32, turn int, empty syntax.EmptyOp)
	reach = func(pc uint32, turn int, empty syntax.EmptyOp) {
		if seen[pc] == turn {
			return
		}
		seen[pc] = turn
		n++
		switch inst := &program.Inst[pc]; inst.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			reach(inst.Out, turn, empty)
			reach(inst.Arg, turn, empty)
		case syntax.InstCapture, syntax.InstNop:
			reach(inst.Out, turn, empty)
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(inst.Arg)&^empty == 0 {
				reach(inst.Out, turn, empty)
			}
		default:
			at = append(at, pc)
		}
	}
	reach(uint32(program.Start), 1, syntax.EmptyBeginText)
	for turn, c := range []rune(value) {
		before := at
		at = nil
		for _, pc := range before {
			if inst := &program.Inst[pc]; inst.Op != syntax.InstMatch && inst.MatchRune(c) {
				reach(inst.Out, turn+2, 0)
			}
		}
	}
	return n
}

// values gives the types of all values that a schema knows.
func (s *Schema) values() []*simple {
	var all []*simple
	seen := make(map[*element]bool)
	var visit func(e *element)
	visit = func(e *element) {
		if seen[e] {
			return
		}
		seen[e] = true
		if e.content == nil {
			all = append(all, e.value)
			return
		}
		for _, p := range e.content.particles {
			visit(p.element)
		}
	}
	for _, e := range s.elements {
		visit(e)
	}
	return all
}

// longValues are values of n characters, of all that the contracts' patterns know.
func longValues(n int) (values []string) {
	for _, part := range []string{" ", "\n", "\u00a0", "\u2003 ", "1", "a", "a ", " \u00a0a", "(", "-", "+1 ", "a@", "a@ ", "æ", "0-"} {
		values = append(values, strings.Repeat(part, n/len([]rune(part))))
	}
	return values
}

// TestPatternsTakeFewSteps holds the contracts' patterns to what they cost on long values: a few steps for each character, whatever is in it.
// One that can be at many places at once, as where spaces before the text may be its beginning too, takes hundreds.
func TestPatternsTakeFewSteps(t *testing.T) {
	const long, most = 2000, 8
	contracts, err := filepath.Glob("../soap/contract/*/*.xsd")
	if err != nil || len(contracts) == 0 {
		t.Fatalf("no contracts: %v", err)
	}
	taken := make(map[string]int) // by the pattern, at the value that takes most
	for _, name := range contracts {
		for _, s := range load(t, name).values() {
			before := *s // what is checked before the patterns
			before.patterns = nil
			for _, value := range longValues(long) {
				if _, fault := before.check(value); fault != "" {
					continue
				}
				for _, p := range s.patterns {
					for _, branch := range p.branches {
						taken[branch.String()] = max(taken[branch.String()], steps(t, branch.String(), value))
					}
				}
			}
		}
	}
	for pattern, n := range taken {
		if n > most*long {
			t.Errorf("%s takes %d steps for %d characters", pattern, n, long)
		}
	}
	if len(taken) < 10 {
		t.Errorf("looked at %d patterns alone", len(taken))
	}
	if n := steps(t, `\A(?:\s*.{0,132}\s*)\z`, strings.Repeat(" ", long)); n < 100*long {
		t.Errorf("one that can be at many places takes %d steps", n)
	}
}
