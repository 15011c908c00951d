package validation_test

import (
	"testing"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// TestNothingFoundAllocatesNothing holds the path of every sound write to no allocation, namesakes and rows below included.
func TestNothingFoundAllocatesNothing(t *testing.T) {
	for _, level := range register.Levels {
		for o := validation.Opret; o <= validation.Indlaes; o++ {
			w := aWrite(o, level)
			if level == register.Daginstitution && o != validation.Nedlaeg {
				w.Below = []register.Unit{anEnhed(), anAdresse()}
			}
			w.Namesakes = []register.Unit{a(level)}
			if n := testing.AllocsPerRun(100, func() { checker.Check(nil, w) }); n != 0 {
				t.Errorf("%s of a sound %s allocates %v times", o, level, n)
			}
		}
	}
	d, u := aDaginstitution(), anEnhed()
	if n := testing.AllocsPerRun(100, func() { checker.Recheck(nil, u, d, nil, nil) }); n != 0 {
		t.Errorf("a re-check of a sound unit allocates %v times", n)
	}
}

func BenchmarkCheckAnvisningsenhed(b *testing.B) {
	w := aWrite(validation.Opret, register.Anvisningsenhed)
	b.ReportAllocs()
	for b.Loop() {
		if findings := checker.Check(nil, w); findings != nil {
			b.Fatal(findings)
		}
	}
}

// BenchmarkCheckUnlawful has a daginstitution checked with twenty units in its way, and the ways out looked for.
func BenchmarkCheckUnlawful(b *testing.B) {
	w := aWrite(validation.Ret, register.Daginstitution)
	w.After.EjerformKode = 3
	for range 20 {
		w.Below = append(w.Below, anEnhed())
	}
	b.ReportAllocs()
	for b.Loop() {
		if findings := checker.Check(nil, w); len(findings) != 21 {
			b.Fatal(findings)
		}
	}
}
