package register_test

import (
	"strings"
	"testing"

	"dagtilbudsregisteret.dk/shared/register"
)

func TestParseNumber(t *testing.T) {
	for s, want := range map[string]bool{
		"G10432": true, "D10041": true, "Å00000": true, "Æ99999": true, "Z12345": true,
		"": false, "G": false, "G1043": false, "G104321": false, "g10432": false, "110432": false, "G1043x": false, "G 1043": false,
		"É10432": false, "G1043٣": false, "\xc310432": false, "G10432\n": false, "#G1043": false,
	} {
		n, ok := register.ParseNumber(s)
		if ok != want || ok && string(n) != s || !ok && n != "" {
			t.Errorf("%q is read as %q, %v", s, n, ok)
		}
	}
}

func TestSeries(t *testing.T) {
	for s, want := range map[string]bool{"G": true, "GH": true, "ZÅG": true, "": false, "GG": false, "G1": false, "g": false, "G H": false} {
		if _, ok := register.ParseSeries(s); ok != want {
			t.Errorf("ParseSeries(%q) is %v", s, ok)
		}
	}
	if _, ok := register.ParseSeries(string(register.DefaultSeries)); !ok {
		t.Error("the default series is none")
	}
	series := register.Series("GÅH")
	for n, ordinal := range map[register.Number]int64{
		"G00000": 0, "G10000": register.FirstOrdinal, "G99999": 99_999, "Å00000": 100_000, "H00001": 200_001, "H99999": 299_999,
	} {
		if got, ok := series.Number(ordinal); !ok || got != n {
			t.Errorf("number %d is %s, %v", ordinal, got, ok)
		}
		if got, ok := series.Ordinal(n); !ok || got != ordinal {
			t.Errorf("%s is number %d, %v", n, got, ok)
		}
	}
	for _, ordinal := range []int64{-1, 300_000, 1 << 62} {
		if n, ok := series.Number(ordinal); ok {
			t.Errorf("number %d is %s", ordinal, n)
		}
	}
	for _, n := range []register.Number{"D10041", "", "G", "G123", "Å0000"} {
		if ordinal, ok := series.Ordinal(n); ok {
			t.Errorf("%q is number %d", n, ordinal)
		}
	}
}

// FuzzNumber holds numbers and series to each other: each number of a series has a place in it, and the one at that place is itself.
func FuzzNumber(f *testing.F) {
	f.Add("G10432", "GH", int64(10_432))
	f.Add("Å00000", "ÆØÅ", int64(299_999))
	f.Add("D10041", "G", int64(-1))
	f.Add("\xff10041", "\xff", int64(1)<<62)
	f.Fuzz(func(t *testing.T, s, letters string, ordinal int64) {
		series, isSeries := register.ParseSeries(letters)
		if !isSeries {
			return
		}
		if n, ok := series.Number(ordinal); ok {
			if _, wellFormed := register.ParseNumber(string(n)); !wellFormed {
				t.Errorf("number %d of %s is %q", ordinal, letters, n)
			}
			if back, ok := series.Ordinal(n); !ok || back != ordinal {
				t.Errorf("number %d of %s is %s, which is number %d, %v", ordinal, letters, n, back, ok)
			}
		} else if ordinal >= 0 && ordinal < int64(len([]rune(letters)))*100_000 {
			t.Errorf("%s has no number %d", letters, ordinal)
		}
		if n, ok := register.ParseNumber(s); ok {
			place, within := series.Ordinal(n)
			if letter := []rune(s)[0]; within != strings.ContainsRune(letters, letter) {
				t.Errorf("%s within %s: %v", n, letters, within)
			}
			if back, _ := series.Number(place); within && back != n {
				t.Errorf("%s is number %d of %s, which is %s", n, place, letters, back)
			}
		}
	})
}
