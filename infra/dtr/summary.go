package main

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	"dagtilbudsregisteret.dk/infra/dtr/loading"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// shownRefusals is how many refused rows a load shows in full.
const shownRefusals = 20

// everything is for a summary that leaves nothing out.
const everything = math.MaxInt

// summary tells a person what became of rows.
type summary struct {
	w       io.Writer
	done    string // what became of the rows that were taken
	most    int    // how many refused rows are shown
	verbose bool   // each warning is shown
}

func (s summary) print(r *loading.Report) {
	fmt.Fprintf(s.w, "%d %s, %d already there, %d refused\n", r.Taken, s.done, r.There, len(r.Refused))
	s.warnings(r.Warned)
	s.refusals(r.Refused)
}

// warnings counts the rows that each rule warns of. Those that are unlawful in v2 are named: somebody has to put them right.
func (s summary) warnings(warned []loading.Warning) {
	byRule := make(map[string][]register.Number)
	seen := make(map[string]bool)
	for _, w := range warned {
		if s.verbose {
			fmt.Fprintf(s.w, "line %d %s: %s: %s\n", w.Line, w.Number, w.Regel, w.Tekst)
		}
		if key := fmt.Sprint(w.Regel, w.Line); !seen[key] {
			seen[key] = true
			byRule[w.Regel] = append(byRule[w.Regel], w.Number)
		}
	}
	for _, rule := range slices.Sorted(maps.Keys(byRule)) {
		fmt.Fprintf(s.w, "warned, %s: %d", rule, len(byRule[rule]))
		if rule == validation.Krydsvalidering.ID {
			fmt.Fprintf(s.w, ", not lawful in v2: %s", join(byRule[rule]))
		}
		fmt.Fprintln(s.w)
	}
}

func join(numbers []register.Number) string {
	words := make([]string, len(numbers))
	for i, n := range numbers {
		words[i] = string(n)
	}
	return strings.Join(words, " ")
}

// refusals tells why each row was refused.
func (s summary) refusals(refused []loading.Refusal) {
	slices.SortStableFunc(refused, func(a, b loading.Refusal) int { return a.Line - b.Line })
	for i, r := range refused {
		if i == s.most {
			fmt.Fprintf(s.w, "refused: %d more\n", len(refused)-i)
			return
		}
		fmt.Fprintf(s.w, "refused, line %d", r.Line)
		if r.Number != "" {
			fmt.Fprintf(s.w, ", %s", r.Number)
		}
		fmt.Fprintln(s.w, ":")
		for _, f := range r.Errors {
			fmt.Fprintf(s.w, "  %s\n", f.Tekst)
		}
	}
}
