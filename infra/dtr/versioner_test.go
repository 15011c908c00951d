package main

import (
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/versions"
)

// agedRegister is a register of which v1 is deprecated and has been called.
func agedRegister(t *testing.T) *session {
	t.Helper()
	lives, err := versions.Read(func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	store := newStore(t)
	now := access.Day("2027-01-31").Begins().Add(12 * time.Hour)
	for _, c := range []struct {
		at           time.Time
		navn, method string
	}{
		{now, "hold-ind", "ImportService.InsertAnvisningsEnhed"}, {now.Add(time.Hour), "hold-ind", "ImportService.InsertAnvisningsEnhed"},
		{now, "hold-ind", "GET /v1/dagtilbud/{nummer}"},
		{now.AddDate(0, 0, -30), "avis", "POST /v1/import"}, {now.AddDate(0, 0, -31), "avis", "POST /v1/import"},
	} {
		if err := store.CountCall(t.Context(), register.V1, c.at, c.navn, c.method); err != nil {
			t.Fatal(err)
		}
	}
	return &session{t: t, url: serve(t, store, func(c *config) { c.Versions, c.Now = lives, func() time.Time { return now } })}
}

func TestVersions(t *testing.T) {
	s := agedRegister(t)
	r := s.must(exitDone, "versioner")
	for version, want := range map[string]string{
		"v1": "foraeldet 2014-08-01 2026-12-01 2027-06-01 v2 /v1 /soap/v1/ImportService /soap/v1/ExportService",
		"v2": "aktiv 2026-12-01 - - - /v2 /soap/v2/ImportService /soap/v2/ExportService",
	} {
		if got := strings.Join(shown(t, r.stdout, version), " "); got != want {
			t.Errorf("%s is shown as %q, want %q", version, got, want)
		}
	}
	contains(t, r.stdout, "krydsvalidering")
	contains(t, s.must(exitDone, "versioner", "-en").stdout, "cross-validation")
}

func TestVersionUse(t *testing.T) {
	s := agedRegister(t)
	want := [][]string{
		{"VERSION", "FRA", "TIL"}, {"v1", "2027-01-01", "2027-01-31"}, {""},
		{"BRUGER", "KALD", "SENEST"}, {"avis", "1", "2027-01-01T11:00:00.000Z"}, {"hold-ind", "3", "2027-01-31T12:00:00.000Z"}, {""},
		{"BRUGER", "KALD", "METODE"}, {"avis", "1", "POST /v1/import"}, {"hold-ind", "2", "ImportService.InsertAnvisningsEnhed"},
		{"hold-ind", "1", "GET /v1/dagtilbud/{nummer}"},
	}
	got := columns(s.must(exitDone, "versioner", "brug").stdout)
	if len(got) != len(want) {
		t.Fatalf("it is shown as %q", got)
	}
	for i := range got {
		if strings.Join(got[i], "|") != strings.Join(want[i], "|") {
			t.Errorf("line %d is %q, want %q", i, got[i], want[i])
		}
	}
	longer := s.must(exitDone, "versioner", "brug", "-version", "v1", "-fra", "2026-12-31", "-til", "2027-01-01").stdout
	if got := shown(t, longer, "avis"); got[0] != "2" || strings.Contains(longer, "hold-ind") {
		t.Errorf("it is shown as\n%s", longer)
	}
	unused := s.must(exitDone, "versioner", "brug", "-fra", "2026-12-01", "-til", "2026-12-02").stdout
	contains(t, unused, "no system user called through v1 from 2026-12-01 to 2026-12-02\n")
}

func TestVersionUseRefused(t *testing.T) {
	s := agedRegister(t)
	for _, c := range []struct {
		args, stderr string
		code         int
	}{
		{"versioner brug -version v3", `"v3" er ikke en gyldig værdi for version.`, exitRefused},
		{"versioner brug -version v2", "Kald tælles kun af versioner, der har en afløser; v2 har ingen.", exitRefused},
		{"versioner brug -en -version v2", "Calls are counted of versions with a successor only; v2 has none.", exitRefused},
		{"versioner brug -en -fra igår", `"igår" is not a valid value of fra.`, exitRefused},
		{"versioner brug mere", "there is more than it takes: mere\nusage: dtr versioner brug ", exitFailed},
		{"versioner -x", "flag provided but not defined: -x\nusage: dtr versioner [-en]", exitFailed},
		{"versioner list", `there is no command "list"`, exitFailed},
	} {
		r := s.must(c.code, strings.Fields(c.args)...)
		contains(t, r.stderr, c.stderr)
		if r.stdout != "" {
			t.Errorf("%s: it said %q", c.args, r.stdout)
		}
	}
	login := s.issued("adgang", "create", "-rolle", "laeser", "avis")
	reader := s.as(login)
	reader.must(exitDone, "versioner")
	contains(t, reader.must(exitRefused, "versioner", "brug").stderr, "rollen laeser")
	contains(t, s.must(exitDone, "versioner", "-h").stdout, "usage: dtr versioner [-en]")
	contains(t, s.must(exitDone, "versioner", "help").stdout, "dtr versioner brug")
}
