package rest_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/rest"
)

// The days of v1, see usualLives, as its answers say them.
const (
	deprecation = "Deprecation: @1796079600"
	sunset      = "Sunset: Mon, 31 May 2027 22:00:00 GMT"
)

// closing is the moment with which v1 closes.
func closing() time.Time { return access.Day("2027-06-01").Begins() }

type shownVersion struct {
	Version, Tilstand, Aabnet, Foraeldet, Lukker, Afloeser, REST, Aendringer string
	SOAP                                                                     []string
}

// TestVersions lists the versions on either side of the midnights at which something happens to them.
func TestVersions(t *testing.T) {
	s := newSite(t)
	deprecated := access.Day("2026-12-01").Begins()
	for at, want := range map[time.Time][2]string{
		deprecated.Add(-time.Millisecond): {"aktiv", "kommende"}, deprecated: {"foraeldet", "aktiv"},
		closing().Add(-time.Millisecond): {"foraeldet", "aktiv"}, closing(): {"lukket", "aktiv"},
	} {
		s.now = at
		da := s.as(nobody).call("GET", "/versioner", "").ok(200)
		da.wantHeaders("Content-Language: da", "Content-Type: application/json", "Deprecation:", "Sunset:", "Link:")
		listed := read[struct{ Versioner []shownVersion }](da).Versioner
		en := s.as(nobody).call("GET", "/versioner", "", "Accept-Language: en", "Authorization: Basic x").ok(200)
		inEnglish := read[struct{ Versioner []shownVersion }](en).Versioner
		if len(listed) != 2 || len(inEnglish) != 2 {
			t.Fatalf("%s: %s", at, da.body)
		}
		for i := range listed {
			if listed[i].Tilstand != want[i] || listed[i].Aendringer == inEnglish[i].Aendringer || listed[i].Aendringer == "" {
				t.Errorf("%s: %+v, in English %q", at, listed[i], inEnglish[i].Aendringer)
			}
			listed[i].Tilstand, listed[i].Aendringer = "", ""
		}
		one := fmt.Sprint(shownVersion{Version: "v1", Aabnet: "2014-08-01", Foraeldet: "2026-12-01", Lukker: "2027-06-01", Afloeser: "v2",
			REST: "/v1", SOAP: []string{"/soap/v1/ImportService", "/soap/v1/ExportService"}})
		two := fmt.Sprint(shownVersion{Version: "v2", Aabnet: "2026-12-01",
			REST: "/v2", SOAP: []string{"/soap/v2/ImportService", "/soap/v2/ExportService"}})
		if fmt.Sprint(listed[0]) != one || fmt.Sprint(listed[1]) != two {
			t.Errorf("%s: %+v", at, listed)
		}
	}
	s.as(nobody).call("GET", "/versioner?version=v1", "").problem(400, "ugyldig-parameter/ukendt")
	s.as(nobody).call("POST", "/versioner", "").problem(405, "ukendt-sti/metode")
}

// successors are the links of an answer of v1 to a path.
func successors(path string) []string {
	instead := strings.Replace(path, "/v1/", "/v2/", 1)
	return []string{"<" + instead + `>; rel="successor-version"`, `</versioner>; rel="deprecation"`, `</versioner>; rel="sunset"`}
}

// TestAnswersOfV1 reads what answers of all sorts say of the end of v1, and that those of v2 do not.
func TestAnswersOfV1(t *testing.T) {
	s := newSite(t).municipalities()
	s.enroll(access.User{Navn: "egern", Rolle: access.Leverandoer, Grants: grants(461), Skrivninger: 1})
	s.as("egern").call("POST", "/v2/daginstitutioner", daginstitution).ok(201)
	for _, c := range []struct {
		as, method, path, body, header string
		status                         int
		next                           string // a further link
	}{
		{nobody, "GET", "/v1/daginstitutioner/G10000", "", "", 200, ""},
		{nobody, "HEAD", "/v1/daginstitutioner/G10000", "", "", 200, ""},
		{nobody, "GET", "/v1/daginstitutioner/G10000", "", `If-None-Match: "1"`, 304, ""},
		{nobody, "GET", "/v1/eksport/samlet.csv", "", "If-None-Match: *", 304, ""},
		{nobody, "GET", "/v1/eksport/samlet.csv", "", "Accept-Encoding: gzip", 200, ""},
		{nobody, "GET", "/v1/kodetabeller", "", "", 200, ""},
		{drift, "POST", "/v1/daginstitutioner", daginstitution, "", 201, ""},
		{drift, "POST", "/v1/import", line(""), "", 200, ""},
		{drift, "POST", "/v1/daginstitutioner", "{", "", 400, ""},
		{nobody, "POST", "/v1/daginstitutioner", daginstitution, "", 401, ""},
		{laeser, "POST", "/v1/daginstitutioner", daginstitution, "", 403, ""},
		{nobody, "GET", "/v1/daginstitutioner/G99999", "", "", 404, ""},
		{drift, "PUT", "/v1/daginstitutioner/G10000", daginstitution, `If-Match: "99"`, 412, ""},
		{drift, "POST", "/v1/daginstitutioner", strings.Repeat(" ", 6<<20+1), "", 413, ""},
		{drift, "POST", "/v1/daginstitutioner", `{"daginstitutionsNavn":""}`, "", 422, ""},
		{"egern", "POST", "/v1/daginstitutioner", daginstitution, "", 429, ""},
		{nobody, "GET", "/v1/dagtilbud?limit=1", "", "", 200, `; rel="next"`},
	} {
		headers := slices.DeleteFunc([]string{c.header}, func(h string) bool { return h == "" })
		a := s.as(c.as).call(c.method, c.path, c.body, headers...).ok(c.status)
		a.wantHeaders(deprecation, sunset)
		path, _, _ := strings.Cut(c.path, "?")
		links := a.Values("Link")
		if c.next != "" && len(links) == 4 && strings.HasSuffix(links[3], c.next) {
			links = links[:3]
		}
		if want := successors(path); !slices.Equal(links, want) {
			t.Errorf("%s, %d: links %q, want %q", a.call, a.status, links, want)
		}
		v2 := s.as(c.as).call(c.method, strings.Replace(c.path, "/v1/", "/v2/", 1), c.body, headers...)
		if v2.Get("Deprecation")+v2.Get("Sunset") != "" {
			t.Errorf("%s: %v", v2.call, v2.Header)
		}
	}
	s.as(nobody).call("GET", "/v1/ukendt", "").problem(404, "ukendt-sti/sti").wantHeaders(deprecation, sunset)
	s.as(nobody).call("PATCH", "/v1/import", "").problem(405, "ukendt-sti/metode").wantHeaders(deprecation, sunset, "Allow: POST")
	s.store.unit = func(register.Number) (register.Unit, error) { panic("the disk is gone") }
	s.as(nobody).call("GET", "/v1/daginstitutioner/G10000", "").problem(500).wantHeaders(deprecation, sunset)
}

// TestEveryRouteOfV1HasASuccessor holds what the answers of v1 link to against the routes.
func TestEveryRouteOfV1HasASuccessor(t *testing.T) {
	var one, two []string
	for _, r := range newSite(t).routes {
		if path, ok := strings.CutPrefix(r.Path, "/v1/"); ok {
			one = append(one, r.Method+" "+path)
		} else if path, ok := strings.CutPrefix(r.Path, "/v2/"); ok {
			two = append(two, r.Method+" "+path)
		}
	}
	for _, route := range one {
		if !slices.Contains(two, route) {
			t.Errorf("%s has no successor in v2", route)
		}
	}
	if len(one) < 20 {
		t.Errorf("v1 has %d routes only", len(one))
	}
}

// TestV1Closes calls every route of both versions right before v1 closes, and at that moment: then all of v1 is gone, whoever calls,
// however, and with whatever, and nothing of v2 is.
func TestV1Closes(t *testing.T) {
	st := newStage(t)
	routes := slices.DeleteFunc(st.routes, func(r rest.Route) bool { // they act on what would have to be made first, and are of v2 alone
		return strings.Contains(r.Path, "{bruger}") || strings.Contains(r.Path, "{abonnement}")
	})
	st.now = closing().Add(-time.Millisecond)
	for _, route := range routes {
		if a := st.call(route.Method, st.fill(route.Path, &own), ""); a.status == http.StatusGone {
			t.Errorf("%s is gone before the end", a.call)
		}
	}
	st.now = closing()
	before := st.positions()
	for _, route := range routes {
		path := st.fill(route.Path, &own)
		if !strings.HasPrefix(path, "/v1/") {
			if a := st.call(route.Method, path, ""); a.status == http.StatusGone {
				t.Errorf("%s is gone", a.call)
			}
			continue
		}
		for _, navn := range []string{nobody, drift, laeser, "lukket", "udloebet", stum} {
			st.wantGone(navn, route.Method, path, "{", "If-Match: x", "Idempotency-Key: x")
		}
		st.wantGone(drift, route.Method, path+"?ukendt=1", "")
	}
	for _, call := range []string{"GET /v1/ukendt", "PATCH /v1/import", "GET /v1/", "DELETE /v1/dagtilbud", "OPTIONS /v1/dagtilbud"} {
		method, path, _ := strings.Cut(call, " ")
		st.wantGone(nobody, method, path, "")
	}
	st.as(nobody).call("GET", "/v1", "").problem(404, "ukendt-sti/sti")
	if after := st.positions(); after != before {
		t.Errorf("the register went from %s to %s", before, after)
	}
}

// wantGone makes a call that must be answered as gone, with the day and the path to call instead.
func (s *site) wantGone(navn, method, path, body string, headers ...string) {
	s.t.Helper()
	a := s.as(navn).call(method, path, body, headers...)
	a.problem(410, "lukket-version/lukket").wantHeaders(deprecation, sunset, "Content-Language: da", "WWW-Authenticate:", "Allow:", "RateLimit:")
	en := s.as(navn).call(method, path, body, append(headers, "Accept-Language: en")...)
	bare, _, _ := strings.Cut(path, "?")
	instead := strings.Replace(bare, "/v1/", "/v2/", 1)
	for _, doc := range []problemDocument{read[problemDocument](a), read[problemDocument](en)} {
		tekst := doc.Errors[0].Tekst
		if !strings.Contains(tekst, instead) || !strings.Contains(tekst, "2027-06-01") || !strings.HasSuffix(doc.Type, "/lukket") {
			s.t.Errorf("%s by %q: %+v", a.call, navn, doc)
		}
	}
	if a.body == en.body {
		s.t.Errorf("%s: both languages are %s", a.call, a.body)
	}
}

// TestRowsOutliveV1 leaves rows that v2 does not allow as they are when v1 closes; they can be read, and changed through v2.
func TestRowsOutliveV1(t *testing.T) {
	s := newSite(t)
	unlawful := strings.Replace(daginstitution, `"lovgrundlagKode":1`, `"lovgrundlagKode":2`, 1) // kommunal by a law of selvejende ones
	s.call("POST", "/v1/daginstitutioner", unlawful).ok(201)
	loaded := `{"op":"indlaes","type":"anvisningsenhed","nummer":"G20000","data":` + enhed + "}"
	if got := s.call("POST", "/v1/import", loaded).ok(200); !strings.Contains(got.body, `"status":201`) {
		t.Fatal(got.body)
	}
	created := strings.Replace(enhed, "Åkanden", "Sivet", 1)
	s.call("POST", "/v1/anvisningsenheder", created).ok(201)
	s.call("POST", "/v2/anvisningsenheder", created).problem(422, "krydsvalidering/ulovligDaginstitution /instType3 G10000")
	paths := []string{"/v2/daginstitutioner/G10000", "/v2/anvisningsenheder/G20000", "/v2/anvisningsenheder/G20001"}
	before := make(map[string]string)
	for _, path := range paths {
		before[path] = s.call("GET", path, "").ok(200).body
	}
	position := s.positions()
	file := s.call("GET", "/v2/eksport/samlet.csv", "").ok(200)

	s.now = closing().AddDate(0, 1, 0)
	for _, path := range paths {
		if after := s.call("GET", path, "").ok(200).body; after != before[path] {
			t.Errorf("%s\n was %s\n is  %s", path, before[path], after)
		}
	}
	after := s.call("GET", "/v2/eksport/samlet.csv", "").ok(200)
	if after.body != file.body || after.Get("ETag") != file.Get("ETag") || s.positions() != position {
		t.Error("the file is another after the end")
	}
	s.call("PUT", "/v1/anvisningsenheder/G20000", created).ok(410)
	// What is wrong is put right from above: then the rows below are lawful, and change as others do.
	lawful := strings.Replace(unlawful, `"lovgrundlagKode":2`, `"lovgrundlagKode":1`, 1)
	s.call("PUT", "/v2/daginstitutioner/G10000", lawful, `If-Match: "1"`).ok(200)
	s.call("PUT", "/v2/anvisningsenheder/G20000", created, `If-Match: "1"`).ok(200).wantHeaders(`ETag: "2"`)
	s.call("DELETE", "/v2/anvisningsenheder/G20001", "", `If-Match: "1"`).ok(200)
}

type shownUse struct {
	Version, Fra, Til string
	Brugere           []struct {
		Navn    string
		Kald    int64
		Senest  time.Time
		Metoder []struct {
			Metode string
			Kald   int64
		}
	}
}

// of gives a user's calls as lines, the most called method first.
func (u shownUse) of(navn string) (lines []string) {
	for _, b := range u.Brugere {
		if b.Navn == navn {
			for _, m := range b.Metoder {
				lines = append(lines, fmt.Sprint(m.Kald, " ", m.Metode))
			}
		}
	}
	return lines
}

func (s *site) use(query string) shownUse {
	s.t.Helper()
	a := s.as(support).call("GET", "/v2/adgang/versioner"+query, "").ok(200)
	a.wantHeaders("Cache-Control: no-store")
	return read[shownUse](a)
}

// TestWhoStillCallsV1 asks who called, over days.
func TestWhoStillCallsV1(t *testing.T) {
	s := newSite(t)
	empty := s.use("")
	if empty.Version != "v1" || empty.Fra != "2026-10-24" || empty.Til != "2026-11-23" || empty.Brugere == nil || len(empty.Brugere) != 0 {
		t.Errorf("%+v", empty)
	}
	s.as(leverandoer).call("POST", "/v1/daginstitutioner", daginstitution).ok(201)
	s.as(leverandoer).call("POST", "/v1/daginstitutioner", "{").ok(400)
	s.as(leverandoer).call("POST", "/v1/import", line("")).ok(200)
	s.as(nobody).call("GET", "/v1/kodetabeller", "").ok(200)
	s.as(leverandoer).call("GET", "/v1/ukendt", "").ok(404)
	s.as(leverandoer).call("PATCH", "/v1/import", "").ok(405)
	s.now = access.Day("2026-12-01").Begins().Add(-time.Millisecond) // the last of november
	s.as(laeser).call("POST", "/v1/import", "").ok(403)
	s.as(laeser).call("HEAD", "/v1/dagtilbud/G10000", "").ok(200)
	s.now = s.now.Add(time.Millisecond)
	s.as(laeser).call("GET", "/v1/dagtilbud/G99999", "").ok(404)
	s.as(laeser).call("GET", "/v2/dagtilbud/G10000", "").ok(200)

	november := s.use("?version=v1&fra=2026-11-01&til=2026-11-30")
	if got := november.of(leverandoer); !slices.Equal(got, []string{"2 POST /v1/daginstitutioner", "1 POST /v1/import"}) {
		t.Errorf("%q", got)
	}
	if got := november.of(laeser); !slices.Equal(got, []string{"1 GET /v1/dagtilbud/{nummer}", "1 POST /v1/import"}) {
		t.Errorf("%q", got)
	}
	if len(november.Brugere) != 2 || november.Brugere[0].Navn != laeser || november.Brugere[0].Kald != 2 {
		t.Errorf("%+v", november)
	}
	both := s.use("?fra=2026-11-30")
	if both.Fra != "2026-11-30" || both.Til != "2026-12-01" || len(both.Brugere) != 1 {
		t.Errorf("%+v", both)
	} else if b := both.Brugere[0]; b.Kald != 3 || !b.Senest.Equal(s.now) {
		t.Errorf("%+v", b)
	}
	if december := s.use("?fra=2026-12-01&til=2027-12-01"); len(december.Brugere) != 1 || december.Brugere[0].Kald != 1 {
		t.Errorf("%+v", december)
	}

	// After the end it can be seen who has not noticed.
	s.now = closing()
	s.as(leverandoer).call("POST", "/v1/daginstitutioner", daginstitution).ok(410)
	if got := s.use("?fra=2027-06-01").of(leverandoer); !slices.Equal(got, []string{"1 POST /v1/daginstitutioner"}) {
		t.Errorf("%q", got)
	}
}

func TestWhatCannotBeAskedOfUse(t *testing.T) {
	s := newSite(t)
	for query, want := range map[string][]string{
		"?version=v3":                {"ugyldig-parameter/version"},
		"?version=v2":                {"ugyldig-parameter/afloeser"}, // which is not counted
		"?version=v2&fra=2026-11-24": {"ugyldig-parameter/periode", "ugyldig-parameter/afloeser"},
		"?version=1&fra=i+g%C3%A5r&til=2026-2-1&x=": {
			"ugyldig-parameter/fra", "ugyldig-parameter/til", "ugyldig-parameter/version", "ugyldig-parameter/ukendt",
		},
		"?fra=2026-11-24":                {"ugyldig-parameter/periode"},
		"?fra=2026-01-01&til=2027-01-02": {"ugyldig-parameter/periode"},
		"?fra=2026-12-01&til=2026-11-30": {"ugyldig-parameter/periode"},
	} {
		s.call("GET", "/v2/adgang/versioner"+query, "").problem(400, want...)
	}
	s.use("?fra=2026-01-01&til=2027-01-01")
}

// TestCountsAreThoseMade has users make random calls, on random days, of which some are refused and some are no routes: what was counted is
// what a model counts, and it counts routes only, so that no caller can make it grow.
func TestCountsAreThoseMade(t *testing.T) {
	s := newSite(t).family()
	users := []string{nobody, leverandoer, laeser, drift, stumbling}
	s.enroll(access.User{Navn: stumbling, Rolle: access.Leverandoer, Skrivninger: 1, Laesninger: 1}) // mostly too fast
	calls := []struct{ method, path, counted string }{
		{"GET", "/v1/dagtilbud/G10000", "GET /v1/dagtilbud/{nummer}"},
		{"GET", "/v1/dagtilbud/G99999", "GET /v1/dagtilbud/{nummer}"},
		{"HEAD", "/v1/dagtilbud/G10001", "GET /v1/dagtilbud/{nummer}"},
		{"GET", "/v1/kodetabeller/vejr", "GET /v1/kodetabeller/{navn}"},
		{"GET", "/v1/eksport/samlet.json?admKommuneKode=461", "GET /v1/eksport/{fil}"},
		{"POST", "/v1/validering", "POST /v1/validering"},
		{"POST", "/v1/daginstitutioner", "POST /v1/daginstitutioner"},
		{"DELETE", "/v1/daginstitutioner/G10000", "DELETE /v1/daginstitutioner/{nummer}"},
		{"POST", "/v2/validering", ""},
		{"GET", "/v2/adgang/mig", ""},
		{"GET", "/versioner", ""},
		{"GET", "/v1/ukendt", ""},
		{"PATCH", "/v1/import", ""},
	}
	began, model := s.now, make(map[string]map[string]int64)
	rapid.Check(t, func(rt *rapid.T) {
		for range rapid.IntRange(1, 8).Draw(rt, "calls") {
			navn, c := rapid.SampledFrom(users).Draw(rt, "user"), rapid.SampledFrom(calls).Draw(rt, "call")
			s.now = began.Add(time.Duration(rapid.IntRange(0, 300*24).Draw(rt, "hour")) * time.Hour) // until after the end
			s.as(navn).call(c.method, c.path, "{")
			if navn == nobody || c.counted == "" {
				continue
			}
			if model[navn] == nil {
				model[navn] = make(map[string]int64)
			}
			model[navn][c.counted]++
		}
		s.now = began
		found := make(map[string]map[string]int64)
		for _, b := range s.use("?fra=2026-11-23&til=2027-11-23").Brugere {
			found[b.Navn] = make(map[string]int64)
			for _, m := range b.Metoder {
				found[b.Navn][m.Metode] = m.Kald
			}
		}
		if !maps.EqualFunc(found, model, maps.Equal) {
			rt.Errorf("counted %v, made %v", found, model)
		}
	})
}

// stumbling is a user that calls faster than it may.
const stumbling = "snubler"

// TestCountingFailsAlone has the store refuse to count: callers notice nothing, before the end and after it.
func TestCountingFailsAlone(t *testing.T) {
	s := newSite(t)
	s.store.countCall = func(context.Context) error { return &register.Error{Kind: register.Unavailable} }
	s.as(leverandoer).call("POST", "/v1/daginstitutioner", daginstitution).ok(201)
	if !strings.Contains(s.log.String(), "a call was not counted") {
		t.Errorf("the log is not told:\n%s", s.log)
	}
	s.now = closing()
	s.as(leverandoer).call("POST", "/v1/daginstitutioner", daginstitution).ok(410)
}
