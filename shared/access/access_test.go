package access_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/register"
)

// now is a winter's day, half past nine in the morning in Denmark.
var now = time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC)

// TestRoles reads what the roles write, and finds each word once.
func TestRoles(t *testing.T) {
	want := []string{"laeser", "leverandoer", "ejer", "drift", "support"}
	for i, r := range access.Roles {
		if back, ok := access.ParseRole(r.String()); r.String() != want[i] || !ok || back != r {
			t.Errorf("role %d is %q, and read as %d", r, r, back)
		}
	}
	for _, word := range []string{"", "Drift", "laeser ", "admin"} {
		if r, ok := access.ParseRole(word); ok || r != 0 {
			t.Errorf("%q is read as %d", word, r)
		}
	}
}

func TestManages(t *testing.T) {
	manages := map[access.Role][]access.Role{
		access.Drift:   access.Roles[:],
		access.Support: {access.Laeser, access.Leverandoer, access.Ejer},
	}
	for _, r := range append([]access.Role{0}, access.Roles[:]...) {
		for _, other := range access.Roles {
			if got, want := r.Manages(other), slices.Contains(manages[r], other); got != want {
				t.Errorf("%q manages %s: %v", r, other, got)
			}
		}
	}
}

func TestValidNavn(t *testing.T) {
	for navn, want := range map[string]bool{
		"os": true, "0a": true, "systematic.kmd-2": true, strings.Repeat("a", 40): true, "a--.b": true,
		"": false, "a": false, strings.Repeat("a", 41): false, "-os": false, "os-": false, ".os": false, "os.": false, "Os": false,
		"ås": false, "o s": false, "os:": false, "o/s": false, "o_s": false, "os\n": false, "o\x00s": false,
	} {
		if got := access.ValidNavn(navn); got != want {
			t.Errorf("%q: %v", navn, got)
		}
	}
}

// TestDayOf goes over midnight in Denmark, in winter and in summer, and over the two nights when the clocks are changed.
func TestDayOf(t *testing.T) {
	for utc, want := range map[string]access.Day{
		"2027-01-31T22:59:59.999Z": "2027-01-31", "2027-01-31T23:00:00Z": "2027-02-01",
		"2027-06-30T21:59:59.999Z": "2027-06-30", "2027-06-30T22:00:00Z": "2027-07-01",
		"2027-03-27T22:59:59Z": "2027-03-27", "2027-03-27T23:00:00Z": "2027-03-28", // the night it becomes summer
		"2027-03-28T21:59:59Z": "2027-03-28", "2027-03-28T22:00:00Z": "2027-03-29",
		"2027-10-30T21:59:59Z": "2027-10-30", "2027-10-30T22:00:00Z": "2027-10-31", // the night it becomes winter
		"2027-10-31T22:59:59Z": "2027-10-31", "2027-10-31T23:00:00Z": "2027-11-01",
		"2027-12-31T23:30:00+01:00": "2027-12-31",
	} {
		at, err := time.Parse(time.RFC3339, utc)
		if err != nil {
			t.Fatal(err)
		}
		if got := access.DayOf(at); got != want {
			t.Errorf("%s is %s, want %s", utc, got, want)
		}
	}
}

func TestParseDay(t *testing.T) {
	for s, want := range map[string]bool{
		"2027-01-31": true, "2000-01-01": true, "2028-02-29": true,
		"": false, "2027-02-29": false, "1999-12-31": false, "2027-1-31": false, "31-01-2027": false, "2027-01-31 ": false, "12027-01-31": false,
	} {
		if day, ok := access.ParseDay(s); ok != want || ok && string(day) != s {
			t.Errorf("%q is read as %q, %v", s, day, ok)
		}
	}
}

// TestBegins holds the first moment of a day to DayOf: with it the day begins, and right before it is the day before.
func TestBegins(t *testing.T) {
	for day, utc := range map[access.Day]string{
		"2027-06-01": "2027-05-31T22:00:00Z", "2026-12-01": "2026-11-30T23:00:00Z", "2028-02-29": "2028-02-28T23:00:00Z",
		"2027-03-28": "2027-03-27T23:00:00Z", "2027-03-29": "2027-03-28T22:00:00Z", // it becomes summer
		"2027-10-31": "2027-10-30T22:00:00Z", "2027-11-01": "2027-10-31T23:00:00Z", // it becomes winter
	} {
		at := day.Begins()
		if got := at.Format(time.RFC3339); got != utc {
			t.Errorf("%s begins at %s, want %s", day, got, utc)
		}
		if access.DayOf(at) != day || access.DayOf(at.Add(-time.Nanosecond)) != day.After(-1) {
			t.Errorf("%s begins at %s, and the day before it is %s", day, at, day.After(-1))
		}
	}
	if at := access.Day("").Begins(); !at.IsZero() {
		t.Errorf("no day begins at %s", at)
	}
}

func TestDays(t *testing.T) {
	for c, want := range map[[2]access.Day][]access.Day{
		{"2027-02-28", "2027-03-02"}: {"2027-02-28", "2027-03-01", "2027-03-02"},
		{"2028-02-28", "2028-03-01"}: {"2028-02-28", "2028-02-29", "2028-03-01"},
		{"2026-12-31", "2027-01-01"}: {"2026-12-31", "2027-01-01"},
		{"2027-03-28", "2027-03-28"}: {"2027-03-28"},
		{"2027-03-28", "2027-03-27"}: nil,
		{"", "2027-03-27"}:           nil,
	} {
		if got := slices.Collect(access.Days(c[0], c[1])); !slices.Equal(got, want) {
			t.Errorf("the days from %s to %s are %v", c[0], c[1], got)
		}
	}
	if got := access.Day("2027-03-01").After(-1); got != "2027-02-28" || got.After(366) != "2028-02-29" {
		t.Errorf("%s, and a leap year after it %s", got, got.After(366))
	}
}

func TestLogsIn(t *testing.T) {
	expires := func(at time.Time) access.Secret { return access.Secret{Udloeber: at} }
	for name, c := range map[string]struct {
		user access.User
		want bool
	}{
		"one that never runs out":   {access.User{Secrets: []access.Secret{{}}}, true},
		"one that runs out later":   {access.User{Secrets: []access.Secret{expires(now.Add(time.Millisecond))}}, true},
		"one that runs out now":     {access.User{Secrets: []access.Secret{expires(now)}}, false},
		"one that ran out, and one": {access.User{Secrets: []access.Secret{expires(now.Add(-time.Hour)), {}}}, true},
		"closed":                    {access.User{Lukket: true, Secrets: []access.Secret{{}}}, false},
		"without a secret":          {access.User{}, false},
	} {
		if got := c.user.LogsIn(now); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestCloneSharesNothing changes all that a copy holds, and looks at what it was made from.
func TestCloneSharesNothing(t *testing.T) {
	user := func() access.User {
		return access.User{
			Navn: "os", Secrets: []access.Secret{{ID: "a"}},
			Grants: []access.Grant{{ID: "b", Niveauer: []register.Level{register.Daginstitution}, Ejerformer: []int{1}}},
		}
	}
	original := user()
	c := original.Clone()
	c.Secrets[0].ID, c.Grants[0].ID, c.Grants[0].Niveauer[0], c.Grants[0].Ejerformer[0] = "x", "x", register.AlternativAdresse, 9
	if got, want := fmt.Sprint(original), fmt.Sprint(user()); got != want {
		t.Errorf("what was copied is now\n     %s\nwant %s", got, want)
	}
}
