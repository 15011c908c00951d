package exporting_test

import (
	"cmp"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"dagtilbudsregisteret.dk/shared/exporting"
	"dagtilbudsregisteret.dk/shared/register"
)

type versions = map[register.Number]int64

// TestSum holds the hash to what sha256sum makes of the lines, which is how others make it.
func TestSum(t *testing.T) {
	for _, c := range []struct {
		versions versions
		want     string // printf 'G10000:1\nG10001:12\nÅ10000:3\n' | sha256sum
	}{
		{nil, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		{versions{}, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		{versions{"G10001": 12, "Å10000": 3, "G10000": 1}, "b693193df59cf1e940679f304ec75e212115cb977c8ffd317223f8652bccb11e"},
	} {
		if sum := exporting.Sum(c.versions); sum != c.want {
			t.Errorf("%v: %s, want %s", c.versions, sum, c.want)
		}
	}
}

// TestOwn counts and sums what a state has of each municipality, closed units too, and of one without units left.
func TestOwn(t *testing.T) {
	w := thereAndBack(t)
	w.moveKommune(w.units["G20000"], 461)
	at, _, err := w.State(t.Context(), exporting.In{})
	if err != nil {
		t.Fatal(err)
	}
	own, err := w.Own(t.Context(), at)
	want := []exporting.Copy{
		{Kommune: 101, Antal: 2, Enheder: versions{"G10000": 3, "G10001": 3}}, {Kommune: 265}, {Kommune: 461, Antal: 1, Enheder: versions{"G20000": 2}},
	}
	if err != nil || len(own) != len(want) {
		t.Fatalf("%v: %+v", err, own)
	}
	for i, c := range own {
		if c.Kommune != want[i].Kommune || c.Antal != want[i].Antal || c.Hash != exporting.Sum(want[i].Enheder) || len(exporting.Differences(c.Enheder, want[i].Enheder)) != 0 {
			t.Errorf("%+v, want %+v", c, want[i])
		}
	}
}

// TestDifferences makes a copy of what it gives back: every difference, and nothing else.
func TestDifferences(t *testing.T) {
	draw := rapid.MapOf(rapid.SampledFrom([]register.Number{"G10000", "G10001", "G10002", "Å10000"}), rapid.Int64Range(1, 3))
	rapid.Check(t, func(t *rapid.T) {
		theirs, own := draw.Draw(t, "theirs"), draw.Draw(t, "own")
		differ := exporting.Differences(theirs, own)
		if !slices.IsSortedFunc(differ, func(a, b exporting.Forskel) int { return cmp.Compare(a.Nummer, b.Nummer) }) {
			t.Errorf("out of order: %v", differ)
		}
		for _, d := range differ {
			if theirs[d.Nummer] != d.Hos || own[d.Nummer] != d.IRegister || d.Hos == d.IRegister {
				t.Errorf("%+v between %v and %v", d, theirs, own)
			}
			if theirs[d.Nummer] = d.IRegister; d.IRegister == 0 {
				delete(theirs, d.Nummer)
			}
		}
		if exporting.Sum(theirs) != exporting.Sum(own) {
			t.Errorf("%v and %v", theirs, own)
		}
	})
}
