package numbering_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/boltstore"
	"dagtilbudsregisteret.dk/shared/numbering"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/storetest"
	"dagtilbudsregisteret.dk/shared/validation"
)

var now = time.Date(2026, 11, 23, 9, 30, 0, 123_456_789, time.FixedZone("CET", 3600))

// service is a numbering.Service, and the store below it.
type service struct {
	numbering.Service
	store *boltstore.Store
}

func newService(t *testing.T) *service {
	t.Helper()
	store, err := boltstore.Open(filepath.Join(t.TempDir(), "register.db"), register.DefaultSeries)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return &service{numbering.Service{Store: store, Trail: store, Now: func() time.Time { return now }}, store}
}

// by is a user of the name, through v2.
func by(user string) register.Actor {
	return register.Actor{User: user, Version: register.V2, Address: "192.0.2.1", RequestID: "req-" + user}
}

// trail gives the entries of the day, the oldest first, each as "<user> <act> <number> <rules>".
func (s *service) trail(t *testing.T) (lines []string) {
	t.Helper()
	for e, err := range s.store.Entries(t.Context(), now, access.Entry{}, now) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Afvist != (len(e.Regler) > 0) || e.Afvist != (len(e.Fund) > 0) || e.Af != by(e.Af.User) || e.Tid != now.UTC().Truncate(time.Millisecond) {
			t.Errorf("the trail holds %+v", e)
		}
		lines = append(lines, strings.Join(append([]string{e.Af.User, e.Handling, string(e.Nummer)}, e.Regler...), " "))
	}
	slices.Sort(lines) // all are of one moment
	return lines
}

func (s *service) wantTrail(t *testing.T, want ...string) {
	t.Helper()
	slices.Sort(want)
	if got := s.trail(t); !slices.Equal(got, want) {
		t.Errorf("the trail tells\n     %q\nwant %q", got, want)
	}
}

func reserve(t *testing.T, s *service, w numbering.Wish) register.Reservation {
	t.Helper()
	made, findings, err := s.Reserve(t.Context(), w)
	if err != nil || len(findings) > 0 {
		t.Fatalf("%+v: %v, %+v", w, err, findings)
	}
	return made
}

func TestReserve(t *testing.T) {
	s := newService(t)
	first := reserve(t, s, numbering.Wish{Actor: by("os"), Key: "a", Count: 3})
	want := register.Reservation{Key: "os:a", First: "G10000", Count: 3, Expires: time.Date(2026, 11, 24, 8, 30, 0, 123_000_000, time.UTC), User: "os"}
	if first != want {
		t.Errorf("reserved %+v, want %+v", first, want)
	}
	if again := reserve(t, s, numbering.Wish{Actor: by("os"), Key: "a", Count: 3, Until: now.Add(time.Hour)}); again != first {
		t.Errorf("the same key reserved %+v", again)
	}
	if other := reserve(t, s, numbering.Wish{Actor: by("andre"), Key: "a", Count: 1}); other.First != "G10003" {
		t.Errorf("another user with the same key reserved %+v", other)
	}
	_, findings, err := s.Reserve(t.Context(), numbering.Wish{Actor: by("os"), Key: "a", Count: 4})
	if err != nil || len(findings) != 1 || findings[0].Rule != validation.GenbrugtNoegle || findings[0].Pointer != "/antal" {
		t.Errorf("the same key with another count: %v, %+v", err, findings)
	}
	s.wantTrail(t, "os numre/reserver G10000", "os numre/reserver G10000", "andre numre/reserver G10003",
		"os numre/reserver G10000 genbrugt-noegle/andetAntal")
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
		_, findings, err := s.Reserve(t.Context(), numbering.Wish{Actor: by("os"), Key: fmt.Sprint(c), Count: c.count, Until: now.Add(c.until)})
		var got []string
		for _, f := range findings {
			got = append(got, f.Pointer+" "+f.Kode)
		}
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%d for %s: %v, %q, want %q", c.count, c.until, err, got, c.want)
		}
	}
	next := reserve(t, s, numbering.Wish{Actor: by("os"), Key: "next", Count: 1})
	if next.First != "G20001" { // one and ten thousand were set aside
		t.Errorf("next comes %s", next.First)
	}
	const antalEntry, udloebEntry = "os numre/reserver  reservation/antal", "os numre/reserver  reservation/udloeb"
	s.wantTrail(t, antalEntry, antalEntry, antalEntry, udloebEntry, udloebEntry, udloebEntry, antalEntry+" reservation/udloeb",
		"os numre/reserver G10000", "os numre/reserver G10001", "os numre/reserver G20001")
}

func TestStatus(t *testing.T) {
	s := newService(t)
	reserve(t, s, numbering.Wish{Actor: by("os"), Key: "a", Count: 2, Until: now.Add(time.Hour)})
	storetest.Create(t, s.Store, storetest.Daginstitution(461, "G10001"))
	for _, c := range []struct {
		beyond register.Number
		moved  bool
		found  int
	}{{"G10004", true, 0}, {"G10003", false, 0}, {"D10041", false, 0}, {"Z99999", false, 1}, {"G60005", false, 1}} {
		moved, findings, err := s.MoveBeyond(t.Context(), by("drift"), access.Everything, c.beyond)
		if err != nil || moved != c.moved || len(findings) != c.found {
			t.Errorf("%s: %v, moved %v, %v", c.beyond, err, moved, findings)
		}
	}
	s.wantTrail(t, "os numre/reserver G10000", "drift numre/flyt G10004", "drift numre/flyt G10003", "drift numre/flyt D10041",
		"drift numre/flyt Z99999 nummer-langt-fremme/langtFremme", "drift numre/flyt G60005 nummer-langt-fremme/langtFremme")
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

// TestWhoMovesTheSeries has every role try to move it: only operators may, and each is in the trail.
func TestWhoMovesTheSeries(t *testing.T) {
	s := newService(t)
	var want []string
	for i, r := range access.Roles {
		n := register.Number(fmt.Sprint("G1010", i))
		u := access.User{Rolle: r, Forbindelse: access.Laese | access.Levere}
		moved, findings, err := s.MoveBeyond(t.Context(), by(r.String()), u.Rights(now), n)
		line := fmt.Sprintf("%s numre/flyt %s", r, n)
		if r != access.Drift {
			line += " adgang/nummerserie"
		}
		want = append(want, line)
		refused := len(findings) == 1 && findings[0].Rule == validation.Adgang && findings[0].Pointer == "/efter"
		if err != nil || moved != (r == access.Drift) || refused == moved {
			t.Errorf("%s: %v, moved %v, %+v", r, err, moved, findings)
		}
	}
	if moved, findings, err := s.MoveBeyond(t.Context(), by("nobody"), access.Rights{}, "G10200"); err != nil || moved || len(findings) != 1 {
		t.Errorf("without rights: %v, moved %v, %+v", err, moved, findings)
	}
	s.wantTrail(t, append(want, "nobody numre/flyt G10200 adgang/nummerserie")...)
	if next := reserve(t, s, numbering.Wish{Actor: by("os"), Key: "next", Count: 1}); next.First != "G10104" {
		t.Errorf("next comes %s, want the one after what drift moved it beyond", next.First)
	}
}

// lost is a trail that takes nothing.
type lost struct{ err error }

func (l lost) AddTrail(context.Context, ...access.Entry) error { return l.err }

// TestTrailFails answers no act, carried out or refused, that the trail does not hold.
func TestTrailFails(t *testing.T) {
	s := newService(t)
	broken := &register.Error{Kind: register.Unavailable}
	s.Trail = lost{broken}
	for _, count := range []int{1, 0} {
		if _, _, err := s.Reserve(t.Context(), numbering.Wish{Actor: by("os"), Key: "a", Count: count}); err != error(broken) {
			t.Errorf("to reserve %d: %v", count, err)
		}
	}
	for _, rights := range []access.Rights{access.Everything, {}} {
		if _, _, err := s.MoveBeyond(t.Context(), by("os"), rights, "G10100"); err != error(broken) {
			t.Errorf("to move: %v", err)
		}
	}
	s.Trail = s.store
	if again := reserve(t, s, numbering.Wish{Actor: by("os"), Key: "a", Count: 1}); again.First != "G10000" {
		t.Errorf("asked again it reserved %s", again.First)
	}
}

// broken is a store whose numbers cannot be reached.
type broken struct {
	register.Store
	err error
}

func (b broken) Reserve(context.Context, register.Reservation) (register.Reservation, error) {
	return register.Reservation{}, b.err
}

func (b broken) Ledger(context.Context, register.Number, time.Time) (register.LedgerEntry, error) {
	return register.LedgerEntry{}, b.err
}

// TestStoreFails answers the store's own error; the trail, which tells of acts and refusals, tells of neither.
func TestStoreFails(t *testing.T) {
	s := newService(t)
	err := error(&register.Error{Kind: register.Exhausted})
	s.Store = broken{s.store, err}
	if _, _, got := s.Reserve(t.Context(), numbering.Wish{Actor: by("os"), Key: "a", Count: 1}); got != err {
		t.Errorf("to reserve: %v", got)
	}
	if _, _, got := s.MoveBeyond(t.Context(), by("os"), access.Everything, "G10100"); got != err {
		t.Errorf("to move: %v", got)
	}
	s.wantTrail(t)
}
