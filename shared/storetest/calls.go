package storetest

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/register"
)

// midday is the middle of a day in Denmark, and today is that day.
var (
	midday = time.Date(2027, 1, 31, 11, 0, 0, 123_000_000, time.UTC)
	today  = access.DayOf(midday)
)

func count(t testing.TB, s access.Store, v register.ServiceVersion, at time.Time, navn, method string) {
	t.Helper()
	if err := s.CountCall(t.Context(), v, at, navn, method); err != nil {
		t.Fatalf("count %s of %s: %v", method, navn, err)
	}
}

// calls gives what was counted from a day to another.
func calls(t testing.TB, s access.Store, v register.ServiceVersion, from, to access.Day) (all []access.Calls) {
	t.Helper()
	for c, err := range s.Calls(t.Context(), v, from, to) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	return all
}

func wantCalls(t testing.TB, what string, got []access.Calls, want ...access.Calls) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %+v, want %+v", what, got, want)
	}
	for i := range got {
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Errorf("%s: %d\n got %+v\nwant %+v", what, i, got[i], want[i])
		}
	}
}

// countsCalls counts on either side of midnight in Denmark, where it is another hour by UTC, and of two versions.
func countsCalls(t *testing.T, h Harness) {
	s := openAccess(t, h)
	wantCalls(t, "before the first", calls(t, s, register.V1, "2027-01-01", "2027-12-31"))
	const create, soap = "POST /v1/anvisningsenheder", "ImportService.InsertAnvisningsEnhed"
	midnight := access.Day("2027-02-01").Begins()
	last, first := midnight.Add(-time.Millisecond), midnight
	count(t, s, register.V1, last, "os2", create)
	count(t, s, register.V1, first, "os2", create)
	count(t, s, register.V1, first.Add(time.Hour), "os2", soap)
	count(t, s, register.V1, first, "os2", create) // an earlier one that comes later: the latest stays
	count(t, s, register.V1, first, "a1", create)
	count(t, s, register.V2, first, "os2", "POST /v2/anvisningsenheder")

	january := access.Calls{Dag: "2027-01-31", Navn: "os2", Metoder: map[string]int64{create: 1}, Senest: last}
	other := access.Calls{Dag: "2027-02-01", Navn: "a1", Metoder: map[string]int64{create: 1}, Senest: first}
	february := access.Calls{Dag: "2027-02-01", Navn: "os2", Metoder: map[string]int64{create: 2, soap: 1}, Senest: first.Add(time.Hour)}
	wantEveryField(t, february)
	wantCalls(t, "both days", calls(t, s, register.V1, "2027-01-31", "2027-02-01"), january, other, february)
	wantCalls(t, "the year", calls(t, s, register.V1, "2027-01-01", "2027-12-31"), january, other, february)
	wantCalls(t, "until the first day", calls(t, s, register.V1, "2026-12-31", "2027-01-31"), january)
	wantCalls(t, "from the second", calls(t, s, register.V1, "2027-02-01", "2027-02-01"), other, february)
	wantCalls(t, "after them", calls(t, s, register.V1, "2027-02-02", "2027-03-01"))
	wantCalls(t, "backwards", calls(t, s, register.V1, "2027-02-01", "2027-01-31"))
	wantCalls(t, "the other version", calls(t, s, register.V2, "2027-01-01", "2027-12-31"), access.Calls{
		Dag: "2027-02-01", Navn: "os2", Metoder: map[string]int64{"POST /v2/anvisningsenheder": 1}, Senest: first,
	})
	for c, err := range s.Calls(t.Context(), register.V1, "2027-01-01", "2027-12-31") { // who has seen enough stops
		if err != nil || !reflect.DeepEqual(c, january) {
			t.Errorf("%v: %+v", err, c)
		}
		break
	}
}

// callsRace has users count side by side, all of them the same methods: none is lost, and the latest moment is the latest.
func callsRace(t *testing.T, h Harness) {
	s := openAccess(t, h)
	const callers, each = 8, 12
	at(callers, func(i int) {
		for j := range each {
			moment := midday.Add(time.Duration(i*each+j) * time.Millisecond)
			count(t, s, register.V1, moment, "os2", "POST /v1/import")
			count(t, s, register.V1, moment, fmt.Sprintf("a%d", i%2), fmt.Sprintf("GET /v1/%d", j%3))
		}
	})
	var want []access.Calls
	for i := range 2 {
		want = append(want, access.Calls{Dag: today, Navn: fmt.Sprintf("a%d", i), Metoder: make(map[string]int64),
			Senest: midday.Add(time.Duration((callers-1+i)*each-1) * time.Millisecond)})
		for j := range 3 {
			want[i].Metoder[fmt.Sprintf("GET /v1/%d", j)] = callers / 2 * each / 3
		}
	}
	want = append(want, access.Calls{Dag: today, Navn: "os2", Metoder: map[string]int64{"POST /v1/import": callers * each},
		Senest: midday.Add((callers*each - 1) * time.Millisecond)})
	wantCalls(t, "the day", calls(t, s, register.V1, today, today), want...)
}

// callsModel counts random calls by random users on random days; what is read of random days is what a model of them has.
func callsModel(t *testing.T, h Harness) {
	s := openAccess(t, h)
	model := make(map[register.ServiceVersion]map[string]*access.Calls)
	versions := rapid.SampledFrom([]register.ServiceVersion{register.V1, register.V2})
	dayAfter := func(rt *rapid.T, what string) access.Day { return today.After(rapid.IntRange(-3, 3).Draw(rt, what)) }
	rapid.Check(t, func(rt *rapid.T) {
		for range rapid.IntRange(1, 5).Draw(rt, "calls") {
			v, day := versions.Draw(rt, "version"), dayAfter(rt, "day")
			moment := day.Begins().Add(time.Duration(rapid.IntRange(0, 86_399_999).Draw(rt, "ms")) * time.Millisecond)
			navn := rapid.SampledFrom([]string{"os2", "os2.b", "os2-c", "a1"}).Draw(rt, "navn")
			method := rapid.SampledFrom([]string{"POST /v1/import", "GET /v1/dagtilbud/{nummer}", "ImportService.HelloWorld"}).Draw(rt, "method")
			count(t, s, v, moment, navn, method)
			if model[v] == nil {
				model[v] = make(map[string]*access.Calls)
			}
			c := model[v][string(day)+navn]
			if c == nil {
				c = &access.Calls{Dag: day, Navn: navn, Metoder: make(map[string]int64)}
				model[v][string(day)+navn] = c
			}
			c.Metoder[method]++
			if moment.After(c.Senest) {
				c.Senest = moment
			}
		}
		v, from, to := versions.Draw(rt, "of"), dayAfter(rt, "from"), dayAfter(rt, "to")
		var want []access.Calls
		for _, c := range model[v] {
			if c.Dag >= from && c.Dag <= to {
				want = append(want, *c)
			}
		}
		slices.SortFunc(want, func(a, b access.Calls) int { return strings.Compare(string(a.Dag)+a.Navn, string(b.Dag)+b.Navn) })
		wantCalls(t, fmt.Sprintf("%s from %s to %s", v, from, to), calls(t, s, v, from, to), want...)
	})
}

// callsFaults breaks a count. What is acknowledged is counted once, and what is answered an error once at most.
func callsFaults(t *testing.T, h Harness) {
	for _, fault := range []Fault{NotWritten, Written, Throttled} {
		t.Run(string(fault), func(t *testing.T) {
			store := h.Open(t, register.DefaultSeries)
			s := store.(access.Store)
			count(t, s, register.V1, midday, "os2", "POST /v1/import")
			if !h.Break(store, fault) {
				t.Skipf("the engine cannot be %s", fault)
			}
			err := s.CountCall(t.Context(), register.V1, midday, "os2", "POST /v1/import")
			counted := calls(t, s, register.V1, today, today)[0].Metoder["POST /v1/import"]
			switch {
			case err == nil && counted != 2:
				t.Errorf("acknowledged, and %d are counted", counted)
			case err != nil:
				wantKind(t, err, register.Unavailable)
				if counted != 1 && (fault != Written || counted != 2) {
					t.Errorf("answered %v, and %d are counted", err, counted)
				}
			}
			count(t, s, register.V1, midday, "os2", "POST /v1/import")
			if again := calls(t, s, register.V1, today, today)[0].Metoder["POST /v1/import"]; again != counted+1 {
				t.Errorf("then %d, and one more are %d", counted, again)
			}
		})
	}
}

// callsGivenUp has a caller that no longer waits.
func callsGivenUp(t *testing.T, h Harness) {
	s := openAccess(t, h)
	count(t, s, register.V1, midday, "os2", "POST /v1/import")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	wantKind(t, s.CountCall(ctx, register.V1, midday, "os2", "POST /v1/import"), register.Unavailable)
	for _, err := range s.Calls(ctx, register.V1, today, today) {
		wantKind(t, err, register.Unavailable)
	}
	if got := calls(t, s, register.V1, today, today); len(got) != 1 || got[0].Metoder["POST /v1/import"] != 1 {
		t.Errorf("counted %+v", got)
	}
}

func restartCalls(t *testing.T, h Harness) {
	store := h.Open(t, register.DefaultSeries)
	s := store.(access.Store)
	count(t, s, register.V1, midday, "os2", "POST /v1/import")
	s = h.Restart(t, store).(access.Store)
	count(t, s, register.V1, midday.Add(time.Second), "os2", "POST /v1/import")
	wantCalls(t, "the day", calls(t, s, register.V1, today, today), access.Calls{
		Dag: today, Navn: "os2", Metoder: map[string]int64{"POST /v1/import": 2}, Senest: midday.Add(time.Second),
	})
}
