package numbering_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/boltstore"
	"dagtilbudsregisteret.dk/shared/numbering"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/storetest"
	"dagtilbudsregisteret.dk/shared/validation"
)

var now = time.Date(2026, 11, 23, 9, 30, 0, 123_456_789, time.FixedZone("CET", 3600))

func newService(t *testing.T) *numbering.Service {
	t.Helper()
	store, err := boltstore.Open(filepath.Join(t.TempDir(), "register.db"), register.DefaultSeries)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return &numbering.Service{Store: store, Now: func() time.Time { return now }}
}

func reserve(t *testing.T, s *numbering.Service, w numbering.Wish) register.Reservation {
	t.Helper()
	made, findings, err := s.Reserve(t.Context(), w)
	if err != nil || len(findings) > 0 {
		t.Fatalf("%+v: %v, %+v", w, err, findings)
	}
	return made
}

func TestReserve(t *testing.T) {
	s := newService(t)
	first := reserve(t, s, numbering.Wish{User: "os", Key: "a", Count: 3})
	want := register.Reservation{Key: "os:a", First: "G10000", Count: 3, Expires: time.Date(2026, 11, 24, 8, 30, 0, 123_000_000, time.UTC), User: "os"}
	if first != want {
		t.Errorf("reserved %+v, want %+v", first, want)
	}
	if again := reserve(t, s, numbering.Wish{User: "os", Key: "a", Count: 3, Until: now.Add(time.Hour)}); again != first {
		t.Errorf("the same key reserved %+v", again)
	}
	if other := reserve(t, s, numbering.Wish{User: "andre", Key: "a", Count: 1}); other.First != "G10003" {
		t.Errorf("another user with the same key reserved %+v", other)
	}
	_, findings, err := s.Reserve(t.Context(), numbering.Wish{User: "os", Key: "a", Count: 4})
	if err != nil || len(findings) != 1 || findings[0].Rule != validation.GenbrugtNoegle || findings[0].Pointer != "/antal" {
		t.Errorf("the same key with another count: %v, %+v", err, findings)
	}
}

func TestWishes(t *testing.T) {
	s := newService(t)
	const antal, udloeb = "/antal antal", "/udloeber udloeb"
	for _, c := range []struct {
		count int
		until time.Duration // from now
		want  []string
	}{
		{0, time.Hour, []string{antal}},
		{-1, time.Hour, []string{antal}},
		{numbering.MostReserved + 1, time.Hour, []string{antal}},
		{1, 0, []string{udloeb}},
		{1, -time.Hour, []string{udloeb}},
		{1, numbering.LongestLifetime + time.Second, []string{udloeb}},
		{0, -time.Hour, []string{antal, udloeb}},
		{1, time.Hour, nil},
		{numbering.MostReserved, numbering.LongestLifetime, nil},
	} {
		_, findings, err := s.Reserve(t.Context(), numbering.Wish{Key: fmt.Sprint(c), Count: c.count, Until: now.Add(c.until)})
		var got []string
		for _, f := range findings {
			got = append(got, f.Pointer+" "+f.Kode)
		}
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%d for %s: %v, %q, want %q", c.count, c.until, err, got, c.want)
		}
	}
	next := reserve(t, s, numbering.Wish{Key: "next", Count: 1})
	if next.First != "G20001" { // one and ten thousand were set aside
		t.Errorf("next comes %s", next.First)
	}
}

func TestStatus(t *testing.T) {
	s := newService(t)
	reserve(t, s, numbering.Wish{User: "os", Key: "a", Count: 2, Until: now.Add(time.Hour)})
	storetest.Create(t, s.Store, storetest.Daginstitution(461, "G10001"))
	for _, c := range []struct {
		beyond register.Number
		moved  bool
		found  int
	}{{"G10004", true, 0}, {"G10003", false, 0}, {"D10041", false, 0}, {"Z99999", false, 1}, {"G60005", false, 1}} {
		moved, findings, err := s.MoveBeyond(t.Context(), c.beyond)
		if err != nil || moved != c.moved || len(findings) != c.found {
			t.Errorf("%s: %v, moved %v, %v", c.beyond, err, moved, findings)
		}
	}
	check := func(what string, want map[register.Number]register.NumberState) {
		for n, state := range want {
			if entry, err := s.Status(t.Context(), n); err != nil || entry.State != state || entry.Number != n {
				t.Errorf("%s: %v, %+v, want %s", what, err, entry, state)
			}
		}
	}
	check("now", map[register.Number]register.NumberState{
		"G10000": register.Reserveret, "G10001": register.Brugt, "G10002": register.Ubrugt, "G10004": register.Ubrugt, "G10005": register.Ledig,
		"D10041": register.Ledig,
	})
	s.Now = func() time.Time { return now.Add(time.Hour) }
	check("when the reservation has run out", map[register.Number]register.NumberState{"G10000": register.Ubrugt, "G10001": register.Brugt})
}
