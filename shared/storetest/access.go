package storetest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/register"
)

// openAccess gives an empty store of users and their trail.
func openAccess(t testing.TB, h Harness) access.Store {
	t.Helper()
	return h.Open(t, register.DefaultSeries).(access.Store)
}

// noon is when the suite's acts are done: so late that no engine removes their findings because its own clock says that it is time to.
var noon = time.Date(2099, 6, 15, 12, 0, 0, 123_000_000, time.UTC)

// act gives an invented act on a system user.
func act(at time.Time, id, navn string) access.Entry {
	return access.Entry{ID: id, Tid: at, Af: af, Handling: "adgang/ret", Bruger: navn}
}

// refused gives an invented act that was refused, with what stood in the way.
func refused(at time.Time, id, fund string) access.Entry {
	return access.Entry{
		ID: id, Tid: at, Af: af, Handling: "opret", Level: register.Anvisningsenhed, Nummer: "G20001", Kommune: 265, Linje: 17,
		ImportID: "import-1", Afvist: true, Regler: []string{"krydsvalidering/ulovligType", "postnummer/format"}, Fund: []byte(fund),
	}
}

// bruger gives an invented system user with something in every field.
func bruger(navn string) access.User {
	return access.User{
		Navn: navn, Beskrivelse: "Børnesystemet, Æblerup", Rolle: access.Ejer, Forbindelse: access.Laese | access.Levere, CVRNummer: "10150817",
		Secrets: []access.Secret{
			{ID: "ABCD2345", Hash: sha256.Sum256([]byte("den ene")), Oprettet: Now, Udloeber: Now.AddDate(1, 0, 0)},
			{ID: "EFGH6723", Hash: sha256.Sum256([]byte("den anden")), Oprettet: Now.Add(time.Hour)},
		},
		Grants: []access.Grant{
			{ID: "1", Kommune: 265, Fra: "2026-11-23", Givet: Now, GivetAf: "drift"},
			{
				ID: "2", Nummer: "G20000", Niveauer: []register.Level{register.Anvisningsenhed, register.AlternativAdresse}, Ejerformer: []int{3, 4},
				Fra: "2026-11-23", Til: "2027-12-31", Givet: Now, GivetAf: "drift", Tilbagekaldt: Now.Add(time.Hour), TilbagekaldtAf: "support",
			},
			{ID: "3", Kommune: 101, Ejerformer: []int{1}, Fra: "2027-01-01", Givet: Now, GivetAf: "support"},
		},
		Skrivninger: 7, Laesninger: 70, Lukket: true, Oprettet: Now, Version: 1,
	}
}

// save stores a user by an act at noon that is called by the user's name and version.
func save(t testing.TB, s access.Store, u access.User) access.Entry {
	t.Helper()
	e := act(noon, fmt.Sprintf("%s %d", u.Navn, u.Version), u.Navn)
	if err := s.SaveUser(t.Context(), u, e); err != nil {
		t.Fatalf("save %s %d: %v", u.Navn, u.Version, err)
	}
	return e
}

func add(t testing.TB, s access.Store, entries ...access.Entry) {
	t.Helper()
	if err := s.AddTrail(t.Context(), entries...); err != nil {
		t.Fatal(err)
	}
}

// trail gives up to most entries of a day before another.
func trail(t testing.TB, s access.Store, day time.Time, before access.Entry, most int) (found []access.Entry) {
	t.Helper()
	for e, err := range s.Entries(t.Context(), day, before, noon) {
		if err != nil {
			t.Fatal(err)
		}
		if found = append(found, e); len(found) == most {
			break
		}
	}
	return found
}

const all = -1

func wantUser(t testing.TB, s access.Store, want access.User) {
	t.Helper()
	if got, err := s.User(t.Context(), want.Navn); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\n got %+v\nwant %+v", err, got, want)
	}
}

func wantTrail(t testing.TB, what string, got []access.Entry, want ...access.Entry) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d entries, want %d", what, len(got), len(want))
	}
	for i := range got {
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Errorf("%s: entry %d\n got %+v\nwant %+v", what, i, got[i], want[i])
		}
	}
}

// wantEveryField checks that each field is filled in in one of some structs, so that one which is added later and not stored is found
// out.
func wantEveryField[T any](t testing.TB, structs ...T) {
	t.Helper()
	for _, field := range reflect.VisibleFields(reflect.TypeFor[T]()) {
		if !slices.ContainsFunc(structs, func(s T) bool { return !reflect.ValueOf(s).FieldByIndex(field.Index).IsZero() }) {
			t.Errorf("no %T has something in %s", structs, field.Name)
		}
	}
}

func readsUsersBack(t *testing.T, h Harness) {
	s := openAccess(t, h)
	u := bruger("os2.dagtilbud")
	wantEveryField(t, u)
	wantEveryField(t, u.Secrets...)
	wantEveryField(t, u.Grants...)
	first := save(t, s, u)
	wantUser(t, s, u)
	bare := access.User{Navn: u.Navn, Rolle: access.Laeser, Forbindelse: access.Laese, Version: 2}
	refusedToo := refused(noon, "os2.dagtilbud 2", "[]")
	if err := s.SaveUser(t.Context(), bare, refusedToo); err != nil {
		t.Fatal(err)
	}
	wantUser(t, s, bare)
	wantTrail(t, "the acts", trail(t, s, noon, access.Entry{}, all), refusedToo, first)
}

func unknownUsers(t *testing.T, h Harness) {
	s := openAccess(t, h)
	_, err := s.User(t.Context(), "ukendt")
	wantKind(t, err, register.NotFound)
	users, err := s.Users(t.Context())
	if err != nil || len(users) != 0 {
		t.Errorf("%v: %+v", err, users)
	}
	u := bruger("ukendt")
	u.Version = 2
	wantKind(t, s.SaveUser(t.Context(), u, act(noon, "2", "ukendt")), register.Conflict)
	wantTrail(t, "acts", trail(t, s, noon, access.Entry{}, all))
}

func usersByName(t *testing.T, h Harness) {
	s := openAccess(t, h)
	var want []access.User
	for _, navn := range []string{"a1", "b-1", "b.1", "b1", "c"} {
		for i := range 8 {
			u := bruger(fmt.Sprintf("%s%d", navn, i))
			u.Beskrivelse = strings.Repeat("En lang beskrivelse. ", 100)
			want = append(want, u)
		}
	}
	for i := range want {
		save(t, s, want[(i+17)%len(want)])
	}
	if got, err := s.Users(t.Context()); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\n got %+v\nwant %+v", err, got, want)
	}
}

func uses(t *testing.T, h Harness) {
	s := openAccess(t, h)
	want := map[string]map[string]time.Time{"os2": {"A": noon.Add(time.Hour), "B": noon}, "os2.b": {"A": noon}, "os2-c": {"C": noon}}
	for _, at := range []time.Time{noon.Add(-time.Hour), noon, noon.Add(time.Hour)} {
		for navn, secrets := range want {
			for id, last := range secrets {
				if at.After(last) {
					continue
				}
				if err := s.NoteUse(t.Context(), navn, id, at); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if got, err := s.Uses(t.Context()); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\n got %+v\nwant %+v", err, got, want)
	}
}

func readsTrailBack(t *testing.T, h Harness) {
	s := openAccess(t, h)
	wantTrail(t, "an empty trail", trail(t, s, noon, access.Entry{}, all))
	full := refused(noon.Add(time.Second), "FULD", `[{"regel":"postnummer"}]`)
	full.Bruger = "os2"
	wantEveryField(t, full)
	wantEveryField(t, full.Af)
	bare := access.Entry{ID: "BAR", Tid: noon}
	for range 2 { // who does not know whether entries were added adds them again
		add(t, s, bare, full)
		wantTrail(t, "the trail", trail(t, s, noon, access.Entry{}, all), full, bare)
	}
	add(t, s)
}

// trailPages reads a day in pages of seven, three entries of which are of the same millisecond each.
func trailPages(t *testing.T, h Harness) {
	s := openAccess(t, h)
	entries, want := make([]access.Entry, 90), make([]access.Entry, 90)
	for i := range entries {
		e := act(noon.Add(time.Duration(i/3)*time.Millisecond), fmt.Sprintf("%02d", i), "os2")
		if i%4 == 0 {
			e = refused(e.Tid, e.ID, fmt.Sprintf("[%d]", i))
		}
		entries[i], want[len(want)-1-i] = e, e
	}
	add(t, s, entries...)
	wantTrail(t, "the day", trail(t, s, noon, access.Entry{}, all), want...)
	var before access.Entry
	for read := 0; read < len(want); read += 7 {
		page := trail(t, s, noon, before, 7)
		wantTrail(t, fmt.Sprintf("the page after %d", read), page, want[read:min(read+7, len(want))]...)
		before = page[len(page)-1]
	}
	wantTrail(t, "before the first", trail(t, s, noon, entries[0], all))
	wantTrail(t, "before a moment", trail(t, s, noon, access.Entry{Tid: entries[3].Tid}, all), want[87:]...)
}

func trailDays(t *testing.T, h Harness) {
	s := openAccess(t, h)
	midnight := noon.Truncate(24 * time.Hour)
	last := act(midnight.Add(-time.Millisecond), "A", "os2")
	first := refused(midnight, "B", "[]")
	add(t, s, first, last)
	yesterday := noon.AddDate(0, 0, -1)
	inDenmark := midnight.In(time.FixedZone("CEST", 2*3600))
	wantTrail(t, "the day", trail(t, s, noon, access.Entry{}, all), first)
	wantTrail(t, "the day of a moment elsewhere", trail(t, s, inDenmark, access.Entry{}, all), first)
	wantTrail(t, "the day before", trail(t, s, yesterday, access.Entry{}, all), last)
	wantTrail(t, "the day before, from the next", trail(t, s, yesterday, first, all), last)
	wantTrail(t, "the day, from the one before", trail(t, s, noon, last, all))
	wantTrail(t, "the day after", trail(t, s, noon.AddDate(0, 0, 1), access.Entry{}, all))
}

func findingsKept(t *testing.T, h Harness) {
	s := openAccess(t, h)
	older, newer := refused(noon, "A", "[1]"), refused(noon.Add(time.Hour), "B", "[2]")
	add(t, s, older, newer)
	for after, want := range map[time.Duration][2]string{
		access.FindingsKept - time.Millisecond:             {"[2]", "[1]"},
		access.FindingsKept:                                {"[2]", ""},
		access.FindingsKept + time.Hour - time.Millisecond: {"[2]", ""},
		access.FindingsKept + time.Hour:                    {"", ""},
	} {
		i := 0
		for e, err := range s.Entries(t.Context(), noon, access.Entry{}, noon.Add(after)) {
			if err != nil || i == 2 || string(e.Fund) != want[i] || len(e.Regler) != 2 {
				t.Fatalf("%v: after %v entry %d is %+v, want %q", err, after, i, e, want)
			}
			i++
		}
		if i != 2 {
			t.Errorf("after %v there are %d entries", after, i)
		}
	}
}

// manyEntries adds what takes an engine several calls, every other entry with findings as large as they come.
func manyEntries(t *testing.T, h Harness) {
	s := openAccess(t, h)
	const large = 100_000
	entries, want := make([]access.Entry, 120), make([]access.Entry, 120)
	for i := range entries {
		e := act(noon.Add(time.Duration(i)*time.Second), fmt.Sprintf("%03d", i), "os2")
		switch {
		case i%40 == 0:
			e.Fund = []byte(strings.Repeat("x", large+i))
		case i%2 == 0:
			e.Fund = []byte(strings.Repeat("y", large/10+i))
		}
		entries[i], want[len(want)-1-i] = e, e
	}
	add(t, s, entries...)
	wantTrail(t, "the trail", trail(t, s, noon, access.Entry{}, all), want...)
}

// trailFaults breaks an addition to the trail. What is answered an error may be added again.
func trailFaults(t *testing.T, h Harness) {
	for _, fault := range []Fault{NotWritten, Written, Throttled} {
		t.Run(string(fault), func(t *testing.T) {
			store := h.Open(t, register.DefaultSeries)
			s := store.(access.Store)
			if !h.Break(store, fault) {
				t.Skipf("the engine cannot be %s", fault)
			}
			e := refused(noon, "A", "[]")
			if err := s.AddTrail(t.Context(), e); err != nil {
				wantKind(t, err, register.Unavailable)
				add(t, s, e)
			}
			wantTrail(t, "the trail", trail(t, s, noon, access.Entry{}, all), e)
		})
	}
}

// trailGivenUp has a caller that no longer waits.
func trailGivenUp(t *testing.T, h Harness) {
	s := openAccess(t, h)
	first := save(t, s, bruger("os2"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	u := bruger("os2")
	u.Version = 2
	wantKind(t, s.SaveUser(ctx, u, act(noon, "2", "os2")), register.Unavailable)
	wantKind(t, s.AddTrail(ctx, act(noon, "3", "os2")), register.Unavailable)
	_, err := s.User(ctx, "os2")
	wantKind(t, err, register.Unavailable)
	for _, err := range s.Entries(ctx, noon, access.Entry{}, noon) {
		wantKind(t, err, register.Unavailable)
	}
	wantUser(t, s, bruger("os2"))
	wantTrail(t, "acts", trail(t, s, noon, access.Entry{}, all), first)
}

func restartAccess(t *testing.T, h Harness) {
	store := h.Open(t, register.DefaultSeries)
	s := store.(access.Store)
	u := bruger("os2")
	first := save(t, s, u)
	second := refused(noon.Add(time.Second), "B", "[]")
	add(t, s, second)
	if err := s.NoteUse(t.Context(), "os2", "A", noon); err != nil {
		t.Fatal(err)
	}
	s = h.Restart(t, store).(access.Store)
	wantUser(t, s, u)
	wantTrail(t, "the trail", trail(t, s, noon, access.Entry{}, all), second, first)
	if got, err := s.Uses(t.Context()); err != nil || !got["os2"]["A"].Equal(noon) {
		t.Errorf("%v: %+v", err, got)
	}
}
