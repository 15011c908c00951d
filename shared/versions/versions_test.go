package versions_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/versions"
)

// environment is a getenv that has some variables, and nothing else.
func environment(variables map[string]string) func(string) string {
	return func(name string) string { return variables[name] }
}

func usual(t *testing.T) versions.Schedule {
	t.Helper()
	schedule, err := versions.Read(environment(nil))
	if err != nil {
		t.Fatal(err)
	}
	return schedule
}

func TestUsualDays(t *testing.T) {
	schedule := usual(t)
	if len(schedule) != 2 {
		t.Fatalf("there are %d versions", len(schedule))
	}
	for i, want := range []versions.Life{
		{Version: register.V1, Opens: "2014-08-01", Deprecated: "2026-12-01", Closes: "2027-06-01", Successor: register.V2},
		{Version: register.V2, Opens: "2026-12-01"},
	} {
		got := schedule[i]
		if got.Changed.Da == got.Changed.En || !strings.HasSuffix(got.Changed.Da, ".") || !strings.HasSuffix(got.Changed.En, ".") {
			t.Errorf("%s brought %+v", got.Version, got.Changed)
		}
		got.Changed = register.Text{}
		if got != want || schedule.Of(want.Version).Opens != want.Opens {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
}

func TestRead(t *testing.T) {
	schedule, err := versions.Read(environment(map[string]string{
		"DTR_V1_AABNET": "2015-01-01", "DTR_V1_FORAELDET": "2028-02-29", "DTR_V1_LUKKER": "2028-02-29", "DTR_V2_AABNET": "2028-02-29",
	}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := versions.Read(environment(map[string]string{ // an earlier end, and what must come before it
		"DTR_V1_FORAELDET": "2026-11-01", "DTR_V1_LUKKER": "2026-11-30", "DTR_V2_AABNET": "2026-11-01",
	})); err != nil {
		t.Error(err)
	}
	one, two := schedule.Of(register.V1), schedule.Of(register.V2)
	if one.Opens != "2015-01-01" || one.Deprecated != "2028-02-29" || one.Closes != "2028-02-29" || two.Opens != "2028-02-29" {
		t.Errorf("%+v", schedule)
	}
}

// TestReadNamesEveryFault reads what cannot be: the error names all of it, and nothing else.
func TestReadNamesEveryFault(t *testing.T) {
	for name, c := range map[string]struct {
		set  map[string]string
		want []string
	}{
		"no days": {
			map[string]string{"DTR_V1_AABNET": "i går", "DTR_V1_FORAELDET": "2026-02-30", "DTR_V1_LUKKER": "01-06-2027", "DTR_V2_AABNET": "2026-12-1"},
			[]string{"DTR_V1_AABNET must be", `"i går"`, "DTR_V1_FORAELDET must be", "DTR_V1_LUKKER must be", "DTR_V2_AABNET must be"},
		},
		"one is no day": {map[string]string{"DTR_V1_LUKKER": "aldrig"}, []string{"DTR_V1_LUKKER must be a day such as 2027-06-01"}},
		"closed before it is deprecated": {
			map[string]string{"DTR_V1_FORAELDET": "2027-06-02"},
			[]string{"DTR_V1_FORAELDET is 2027-06-02 and DTR_V1_LUKKER is 2027-06-01: v1 would close before it is deprecated"},
		},
		"an earlier end alone": {
			map[string]string{"DTR_V1_LUKKER": "2026-11-30"}, []string{"v1 would close before it is deprecated", "v1 would close before v2 opens"},
		},
		"closed before the next opens": {
			map[string]string{"DTR_V2_AABNET": "2027-06-02"}, []string{"DTR_V2_AABNET is 2027-06-02", "v1 would close before v2 opens"},
		},
		"the wrong way round": {
			map[string]string{"DTR_V1_AABNET": "2030-01-01"},
			[]string{
				"DTR_V1_AABNET is 2030-01-01 and DTR_V1_FORAELDET is 2026-12-01: v1 would be deprecated before it opens", "v2 would open before v1",
			},
		},
		"all of it": {
			map[string]string{
				"DTR_V1_AABNET": "2029-01-01", "DTR_V1_FORAELDET": "2028-01-01", "DTR_V1_LUKKER": "2027-01-01", "DTR_V2_AABNET": "2028-06-01",
			},
			[]string{
				"v1 would be deprecated before it opens", "v1 would close before it is deprecated", "v2 would open before v1",
				"v1 would close before v2 opens",
			},
		},
	} {
		schedule, err := versions.Read(environment(c.set))
		if err == nil || schedule != nil {
			t.Errorf("%s: %+v", name, schedule)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q is not in %v", name, want, err)
			}
		}
		if faults := strings.Count(err.Error(), ";") + 1; faults > len(c.want) {
			t.Errorf("%s: %d faults are named: %v", name, faults, err)
		}
	}
}

// TestStates goes over the midnights in Denmark at which a version's state changes: by UTC it is an hour or two before them.
func TestStates(t *testing.T) {
	schedule := usual(t)
	for v, moments := range map[register.ServiceVersion]map[string]versions.State{
		register.V1: {
			"2014-07-31T21:59:59.999Z": versions.Kommende, "2014-07-31T22:00:00Z": versions.Aktiv,
			"2026-11-30T22:59:59.999Z": versions.Aktiv, "2026-11-30T23:00:00Z": versions.Foraeldet,
			"2027-05-31T21:59:59.999Z": versions.Foraeldet, "2027-05-31T22:00:00Z": versions.Lukket,
			"2100-01-01T00:00:00Z": versions.Lukket,
		},
		register.V2: {
			"2026-11-30T22:59:59.999Z": versions.Kommende, "2026-11-30T23:00:00Z": versions.Aktiv, "2100-01-01T00:00:00Z": versions.Aktiv,
		},
	} {
		life := schedule.Of(v)
		for utc, want := range moments {
			at, err := time.Parse(time.RFC3339, utc)
			if err != nil {
				t.Fatal(err)
			}
			if got := life.State(at); got != want {
				t.Errorf("%s at %s is %s, want %s", v, utc, got, want)
			}
			if err := schedule.Open(v, "/v1/import", at); (err != nil) != (want == versions.Lukket) {
				t.Errorf("%s at %s: %v", v, utc, err)
			}
		}
	}
}

// TestWithoutDays has nothing ever happen to a version of which no day is known.
func TestWithoutDays(t *testing.T) {
	for _, schedule := range []versions.Schedule{nil, {{Version: register.V1}}} {
		life := schedule.Of(register.V1)
		for _, at := range []time.Time{{}, time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC)} {
			if got := life.State(at); got != versions.Aktiv || schedule.Open(register.V1, "/v1/import", at) != nil {
				t.Errorf("at %s it is %s", at, got)
			}
		}
		if life.Moved("/v1/import") != "" || life.Version != register.V1 {
			t.Errorf("%+v", life)
		}
	}
}

func TestWords(t *testing.T) {
	for state, want := range map[versions.State]string{
		versions.Kommende: "kommende", versions.Aktiv: "aktiv", versions.Foraeldet: "foraeldet", versions.Lukket: "lukket",
	} {
		if state.String() != want {
			t.Errorf("%d is %s", state, state)
		}
	}
}

// TestGone reads what a caller of a version that has closed is told: the day, and what to call instead.
func TestGone(t *testing.T) {
	schedule := usual(t)
	after := access.Day("2027-06-01").Begins()
	for path, instead := range map[string]string{
		"/v1/anvisningsenheder/G10001": "/v2/anvisningsenheder/G10001", "/soap/v1/ImportService": "/soap/v2/ImportService", "/elsewhere": "",
	} {
		err := schedule.Open(register.V1, path, after)
		own, ok := errors.AsType[*register.Error](err)
		if !ok || own.Kind != register.Gone || own.Code != "lukket" {
			t.Fatalf("%s: %v", path, err)
		}
		for _, text := range []string{own.Detail.Da, own.Detail.En} {
			for _, part := range []string{"2027-06-01", instead, "/versioner"} {
				if !strings.Contains(text, part) {
					t.Errorf("%s: %q is not in %q", path, part, text)
				}
			}
		}
		if own.Detail.Da == own.Detail.En {
			t.Errorf("both languages say %q", own.Detail.Da)
		}
	}
	schedule[0].Successor = 0
	if err := schedule.Open(register.V1, "/v1/import", after); err == nil || strings.Contains(err.Error(), "v2") {
		t.Errorf("without a successor: %v", err)
	}
}

func TestPaths(t *testing.T) {
	schedule := usual(t)
	one := schedule.Of(register.V1)
	if got := one.RESTPath(); got != "/v1" {
		t.Errorf("REST is at %s", got)
	}
	if got := one.SOAPPaths(); !slices.Equal(got, []string{"/soap/v1/ImportService", "/soap/v1/ExportService"}) {
		t.Errorf("SOAP is at %s", got)
	}
	for path, want := range map[string]string{
		"/v1/dagtilbud/v1": "/v2/dagtilbud/v1", "/soap/v1/ExportService": "/soap/v2/ExportService", "/v1/": "/v2/",
		"/v1": "", "/v10/dagtilbud": "", "/v2/dagtilbud": "", "/": "", "": "", "/lokal/v1/x": "", "/soap/v2/x": "",
	} {
		if got := one.Moved(path); got != want {
			t.Errorf("%s moved to %q, want %q", path, got, want)
		}
	}
	two := schedule.Of(register.V2)
	if got := two.Moved("/v2/dagtilbud"); got != "" {
		t.Errorf("what has no successor moved to %q", got)
	}
}
