package rest_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/register"
)

// spor is an act as the trail shows it.
type spor struct {
	Tid                                                     time.Time
	Bruger, Handling, Udfald, DagtilbudsType, Nummer, Om    string
	AdmKommuneKode, Linje                                   int
	Version, Adresse, RequestID, ImportID, Registerposition string
	Regler                                                  []string
	Errors                                                  []struct{ Regel, Kode, Pointer, Nummer, Tekst string }
}

// trail gives all that a caller sees of the trail, page by page.
func (c *caller) trail(query string) (all []spor) {
	c.t.Helper()
	for next := "/v2/adgang/spor?" + query; next != ""; {
		a := c.call("GET", next, "").ok(200)
		all, next = append(all, read[struct{ Spor []spor }](a).Spor...), a.follow()
	}
	return all
}

// ofCall gives the acts of one call, as an operator sees them.
func (s *site) ofCall(requestID string) []spor {
	s.t.Helper()
	return s.as(drift).trail("requestId=" + requestID)
}

// errors gives the findings of an act as a problem document lists them.
func (s *spor) errors() []string { return (&problemDocument{Errors: s.Errors}).lines() }

// TestRefusedWritesAreInTheTrail refuses calls in every way and finds each in the trail, with all that was said of it.
func TestRefusedWritesAreInTheTrail(t *testing.T) {
	s := newSite(t).family()
	const d, e, a = "daginstitution", "anvisningsenhed", "alternativAdresse"
	aalborg := strings.Replace(daginstitution, "461", "851", 1)
	for i, c := range []struct {
		by, call, body string
		want           spor
	}{
		{leverandoer, "POST /v1/daginstitutioner", aalborg,
			spor{Handling: "opret", DagtilbudsType: d, AdmKommuneKode: 851, Version: "v1", Regler: []string{"adgang/kommune"}}},
		{ejer, "PUT /v2/alternative-adresser/G10002", adresse,
			spor{Handling: "ret", DagtilbudsType: a, Nummer: "G10002", AdmKommuneKode: 461, Regler: []string{"mangler-if-match/mangler", "adgang/ejerform"}}},
		{ejer, "DELETE /v2/anvisningsenheder/G10001", "",
			spor{Handling: "nedlaeg", DagtilbudsType: e, Nummer: "G10001", AdmKommuneKode: 461, Regler: []string{"adgang/ejerform", "aktive-underenheder/aktiv"}}},
		{ejer, "POST /v1/anvisningsenheder/G10001/flyt", `{"daginstitutionsNummer":"G10000"}`,
			spor{Handling: "flyt", DagtilbudsType: e, Nummer: "G10001", AdmKommuneKode: 461, Version: "v1", Regler: []string{"adgang/ejerform"}}},
		{laeser, "POST /v2/daginstitutioner", daginstitution, spor{Handling: "POST /v2/daginstitutioner", Regler: []string{"adgang/rolle"}}},
		{laeser, "POST /v1/import", line(""), spor{Handling: "POST /v1/import", Version: "v1", Regler: []string{"adgang/rolle"}}},
		{leverandoer, "POST /v2/daginstitutioner", strings.Replace(daginstitution, "Område Øst", "", 1),
			spor{Handling: "opret", DagtilbudsType: d, AdmKommuneKode: 461, Regler: []string{"navn/mangler"}}},
		{leverandoer, "POST /v2/daginstitutioner", "{", spor{Handling: "opret", DagtilbudsType: d, Regler: []string{"ugyldig-json/syntaks"}}},
		{leverandoer, "POST /v2/daginstitutioner?x=1", daginstitution,
			spor{Handling: "opret", DagtilbudsType: d, Regler: []string{"ugyldig-parameter/ukendt"}}},
		{leverandoer, "PUT /v2/daginstitutioner/G99999", daginstitution,
			spor{Handling: "ret", DagtilbudsType: d, Nummer: "G99999", Regler: []string{"mangler-if-match/mangler", "ukendt-nummer/findesIkke"}}},
		{leverandoer, "PUT /v2/daginstitutioner/G10000", daginstitution,
			spor{Handling: "ret", DagtilbudsType: d, Nummer: "G10000", AdmKommuneKode: 461, Regler: []string{"mangler-if-match/mangler"}}},
		{leverandoer, "POST /v2/import?dryRun=m%C3%A5ske", line(""), spor{Handling: "import", Regler: []string{"ugyldig-parameter/dryRun"}}},
		{leverandoer, "POST /v2/numre", `{"antal":0}`, spor{Handling: "numre/reserver", Regler: []string{"reservation/antal"}}},
		{leverandoer, "POST /v2/numre", `{"antal":`, spor{Handling: "numre/reserver", Regler: []string{"ugyldig-json/syntaks"}}},
		{leverandoer, "POST /v2/numre?x=1", `{"antal":1}`, spor{Handling: "numre/reserver", Regler: []string{"ugyldig-parameter/ukendt"}}},
		{leverandoer, "POST /v1/numre", `{"antal":1,"udloeber":"snart"}`, spor{Handling: "numre/reserver", Version: "v1", Regler: []string{"reservation/format"}}},
		{leverandoer, "POST /v2/numre", `{"antal":1,"efter":"G20000"}`, spor{Handling: "numre/reserver", Regler: []string{"reservation/enten"}}},
		{leverandoer, "POST /v2/numre", `{"efter":"20000"}`, spor{Handling: "numre/reserver", Regler: []string{"nummer/format"}}},
		{leverandoer, "POST /v2/numre", `{"efter":"G20000"}`, spor{Handling: "numre/flyt", Nummer: "G20000", Regler: []string{"adgang/nummerserie"}}},
		{ejer, "POST /v2/adgang/brugere", `{"navn":"ny","rolle":"laeser"}`, spor{Handling: "POST /v2/adgang/brugere", Regler: []string{"adgang/rolle"}}},
		{support, "POST /v2/adgang/brugere", `{"navn":"ny","rolle":"drift"}`, spor{Handling: "adgang/opret", Om: "ny", Regler: []string{"adgang/rolle"}}},
		{support, "POST /v2/adgang/brugere/drift/luk", "", spor{Handling: "adgang/luk", Om: drift, Regler: []string{"adgang/rolle", "systembruger-tilstand/sidsteDrift"}}},
		{drift, "POST /v2/adgang/brugere/ingen/genaabn", "", spor{Handling: "adgang/genaabn", Om: "ingen", Regler: []string{"ukendt-systembruger/bruger"}}},
		{drift, "POST /v2/adgang/brugere/ejer/luk?x=1", "", spor{Handling: "adgang/luk", Om: ejer, Regler: []string{"ugyldig-parameter/ukendt"}}},
		{drift, "DELETE /v2/adgang/brugere/ejer/bevillinger/B1?x=1", "",
			spor{Handling: "adgang/tilbagekald-bevilling", Om: ejer, Regler: []string{"ugyldig-parameter/ukendt"}}},
		{drift, "PUT /v2/adgang/brugere/ejer", `{"navn":"ejer"}`,
			spor{Handling: "adgang/ret", Om: ejer, Regler: []string{"ukendt-felt/ukendt", "mangler-if-match/mangler"}}},
		{drift, "POST /v2/adgang/brugere/ejer/hemmeligheder", `{"udloeber":7}`, spor{Handling: "adgang/ny-hemmelighed", Om: ejer, Regler: []string{"forkert-type/type"}}},
		{drift, "POST /v2/adgang/brugere/ejer/bevillinger", `{"nummer":"G10001","fra":"2026-12-31","til":"2026-01-01"}`,
			spor{Handling: "adgang/bevilg", Om: ejer, Nummer: "G10001", Regler: []string{"systembruger/periode"}}},
	} {
		s.now = s.now.Add(time.Second)
		id := fmt.Sprint("kald-", i)
		method, path, _ := strings.Cut(c.call, " ")
		var match []string
		if method == "DELETE" {
			match = []string{"If-Match: *"}
		}
		answer := s.as(c.by).from("198.51.100.7").call(method, path, c.body, append(match, "X-Request-Id: "+id)...)
		acts := s.ofCall(id)
		if answer.status < 400 || len(acts) != 1 {
			t.Errorf("%s by %s: %d, in the trail %+v", c.call, c.by, answer.status, acts)
			continue
		}
		got, doc := acts[0], read[problemDocument](answer)
		if !slices.Equal(got.errors(), doc.lines()) {
			t.Errorf("%s by %s is answered %q and remembered as %q", c.call, c.by, doc.lines(), got.errors())
		}
		if (got.ImportID != "") != (got.Handling == "import") {
			t.Errorf("%s by %s: import %q", c.call, c.by, got.ImportID)
		}
		got.Errors, got.ImportID = nil, ""
		c.want.Tid, c.want.Bruger, c.want.Udfald, c.want.Adresse, c.want.RequestID = s.now, c.by, "afvist", "198.51.100.7", id
		if c.want.Version == "" {
			c.want.Version = "v2"
		}
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s by %s\n got %+v\nwant %+v", c.call, c.by, got, c.want)
		}
	}
}

// TestLinesAreInTheTrail imports lines that are written and refused, and finds each, with its line, below one import.
func TestLinesAreInTheTrail(t *testing.T) {
	s := newSite(t)
	aalborg := strings.Replace(line(""), "461", "851", 1)
	s.as(leverandoer).call("POST", "/v2/import", line("")+aalborg+"\n{\n"+line(""), "X-Request-Id: sendt").ok(200)
	var got []string
	imports := make(map[string]bool)
	for _, act := range s.ofCall("sendt") {
		got = append(got, fmt.Sprintf("%d %s %s %d %s %s", act.Linje, act.Handling, act.Udfald, act.AdmKommuneKode, act.Registerposition, act.Regler))
		imports[act.ImportID] = true
	}
	slices.Sort(got)
	want := []string{
		"0 opret udfoert 461 461:1 []", "0 opret udfoert 461 461:2 []", "2 opret afvist 851  [adgang/kommune]", "4 import afvist 0  [ugyldig-json/syntaks]",
	}
	if !slices.Equal(got, want) || len(imports) != 1 || imports[""] {
		t.Errorf("got %q of the imports %v\nwant %q", got, imports, want)
	}
}

// TestNothingToRemember asks for verdicts, in a dry run and otherwise: who is only told what would be refused leaves no trail.
func TestNothingToRemember(t *testing.T) {
	s := newSite(t)
	before := len(s.as(drift).trail(""))
	aalborg := strings.Replace(line(""), "461", "851", 1)
	wantResults(t, s.as(leverandoer).call("POST", "/v2/import?dryRun=true", aalborg).results(), "1 403 adgang/kommune")
	if v := read[verdict](s.as(leverandoer).call("POST", "/v2/validering", aalborg).ok(200)); v.Status != 403 || v.Lovlig {
		t.Errorf("verdict %+v", v)
	}
	if v := read[verdict](s.as(nobody).call("POST", "/v2/validering", aalborg).ok(200)); v.Status != 201 || !v.Lovlig {
		t.Errorf("the verdict of the rules alone: %+v", v)
	}
	s.as(stum).call("GET", "/v2/dagtilbud", "").problem(401, "login/login")
	if after := len(s.as(drift).trail("")); after != before {
		t.Errorf("%d acts in the trail, before %d", after, before)
	}
}

// TestTrailOfOthers shows a vendor and an owner what they did themselves, and refuses them what others did.
func TestTrailOfOthers(t *testing.T) {
	s := newSite(t).family()
	s.as(leverandoer).call("POST", "/v2/daginstitutioner", daginstitution).ok(201)
	s.as(leverandoer).call("POST", "/v2/daginstitutioner", "{").ok(400)
	s.as(ejer).call("POST", "/v2/daginstitutioner", daginstitution).ok(403)
	s.call("POST", "/v2/adgang/brugere/leverandoer/bevillinger", `{"admKommuneKode":851}`).ok(201)
	for navn, want := range map[string]int{leverandoer: 2, ejer: 1} {
		s.as(navn).call("GET", "/v2/adgang/spor?bruger=drift", "").problem(403, "adgang/spor")
		for _, query := range []string{"", "bruger=" + navn, "admKommuneKode=461", "om=leverandoer"} {
			acts := s.as(navn).trail(query)
			if query == "" && len(acts) != want {
				t.Errorf("%s sees %d acts, want %d", navn, len(acts), want)
			}
			if i := slices.IndexFunc(acts, func(act spor) bool { return act.Bruger != navn }); i >= 0 {
				t.Errorf("%s asks for %q and sees %+v", navn, query, acts[i])
			}
		}
	}
	for navn, want := range map[string]int{support: 12, drift: 12} { // five users made, a family of three, and the calls above
		if acts := s.as(navn).trail(""); len(acts) != want {
			t.Errorf("%s sees %d acts, want %d: %+v", navn, len(acts), want, acts)
		}
	}
}

// TestTrailFilters finds acts by each filter, and by all at once.
func TestTrailFilters(t *testing.T) {
	s := newSite(t).family()
	s.now = s.now.Add(time.Hour)
	noon := s.now.Format(time.RFC3339)
	s.as(leverandoer).call("PUT", "/v2/daginstitutioner/G10000", changed, "If-Match: *", "X-Request-Id: ret").ok(200)
	s.as(leverandoer).call("POST", "/v2/daginstitutioner", strings.Replace(daginstitution, "461", "751", 1)).ok(201)
	s.as(leverandoer).call("POST", "/v2/daginstitutioner", strings.Replace(daginstitution, "461", "851", 1)).ok(403)
	s.call("POST", "/v2/adgang/brugere/ejer/luk", "").ok(200)
	for query, want := range map[string]int{
		"bruger=leverandoer":                      3,
		"bruger=drift":                            4, // the family, and the owner's closing
		"om=ejer":                                 2,
		"admKommuneKode=461":                      4,
		"admKommuneKode=851":                      1,
		"nummer=G10000":                           2,
		"requestId=ret":                           1,
		"udfald=afvist":                           1,
		"udfald=udfoert&bruger=leverandoer":       2,
		"fra=" + noon:                             4,
		"til=" + noon:                             8,
		"fra=" + noon + "&til=" + noon:            0,
		"nummer=G10000&bruger=leverandoer":        1,
		"admKommuneKode=751&udfald=afvist":        0,
		"bruger=leverandoer&om=ejer":              0,
		"requestId=ret&nummer=G10000&fra=" + noon: 1,
	} {
		if acts := s.as(drift).trail(query); len(acts) != want {
			t.Errorf("%s: %d acts, want %d: %+v", query, len(acts), want, acts)
		}
	}
}

// TestTrailInPages walks some hundred acts of several municipalities and days, in pages of any size: each comes once, newest first.
func TestTrailInPages(t *testing.T) {
	s := newSite(t)
	var sent []string
	for i := range 40 {
		s.now = s.now.Add(3 * time.Hour)
		var lines strings.Builder
		for j, kommune := range []string{"461", "751", "851", "101", "461", "265", "751", "461"} {
			lines.WriteString(strings.Replace(line(""), "461", kommune, 1))
			sent = append(sent, fmt.Sprint("import-", i, " ", kommune, " ", j+1))
		}
		s.as(leverandoer).call("POST", "/v2/import", lines.String(), fmt.Sprint("X-Request-Id: import-", i)).ok(200)
	}
	whole := s.as(leverandoer).trail("")
	for _, limit := range []int{1, 7, 100, 319, 320, 1000} {
		acts := s.as(leverandoer).trail(fmt.Sprint("limit=", limit))
		if fmt.Sprint(acts) != fmt.Sprint(whole) {
			t.Errorf("in pages of %d: %d acts, which are not those in pages of 100", limit, len(acts))
		}
	}
	if len(whole) != len(sent) {
		t.Fatalf("%d acts, of %d lines", len(whole), len(sent))
	}
	seen := make(map[string]bool)
	for i, act := range whole {
		// Of what was written the place in the log tells it apart, of what was refused its line.
		seen[fmt.Sprint(act.RequestID, act.Registerposition, act.Linje)] = true
		if i > 0 && act.Tid.After(whole[i-1].Tid) {
			t.Errorf("act %d is of %s, the one before it of %s", i, act.Tid, whole[i-1].Tid)
		}
		if refused := act.AdmKommuneKode == 851; refused != (act.Udfald == "afvist") || refused != (act.Linje == 3) {
			t.Errorf("act %+v", act)
		}
	}
	if len(seen) != len(sent) {
		t.Errorf("%d different acts, of %d lines", len(seen), len(sent))
	}
}

// TestTrailWhileOthersWrite pages while more is written: what was there when the first page was read comes once each, nothing twice.
func TestTrailWhileOthersWrite(t *testing.T) {
	s := newSite(t)
	for i := range 20 {
		s.now = s.now.Add(time.Minute)
		s.as(leverandoer).call("POST", "/v2/import", line("")+strings.Replace(line(""), "461", "851", 1), fmt.Sprint("X-Request-Id: foer-", i)).ok(200)
	}
	seen := make(map[string]int)
	for next := "/v2/adgang/spor?limit=3&bruger=leverandoer"; next != ""; {
		a := s.call("GET", next, "").ok(200)
		for _, act := range read[struct{ Spor []spor }](a).Spor {
			seen[act.RequestID+act.Udfald]++
		}
		next = a.follow()
		s.now = s.now.Add(time.Minute)
		s.as(leverandoer).call("POST", "/v2/import", line("")+strings.Replace(line(""), "461", "851", 1), "X-Request-Id: imens").ok(200)
	}
	if len(seen) != 40 {
		t.Errorf("%d acts of 40: %v", len(seen), seen)
	}
	for act, times := range seen {
		if times != 1 || strings.HasPrefix(act, "imens") {
			t.Errorf("%s came %d times", act, times)
		}
	}
}

// TestFindingsAreForgotten looks at a refused write when 90 days have passed: what was found is gone, that it was refused and why stays.
func TestFindingsAreForgotten(t *testing.T) {
	s := newSite(t)
	s.as(leverandoer).call("POST", "/v2/daginstitutioner", strings.Replace(daginstitution, "461", "851", 1), "X-Request-Id: afvist").ok(403)
	const query = "requestId=afvist&fra=2026-11-01T00:00:00Z"
	for _, c := range []struct {
		days     int
		findings int
	}{{0, 1}, {89, 1}, {1, 0}, {1000, 0}} {
		s.now = s.now.AddDate(0, 0, c.days)
		acts := s.as(drift).trail(query)
		if len(acts) != 1 || len(acts[0].Errors) != c.findings || acts[0].Udfald != "afvist" || !slices.Equal(acts[0].Regler, []string{"adgang/kommune"}) {
			t.Errorf("on %s: %+v", s.now.Format(time.DateOnly), acts)
		}
	}
	if acts := s.ofCall("afvist"); len(acts) != 0 {
		t.Errorf("without fra, 30 days are looked at: %+v", acts)
	}
}

// TestWhatIsNotRememberedIsNotAnswered has the trail fail: what was to be refused is a failure of the register's, and lines of the same
// import that were written stay written.
func TestWhatIsNotRememberedIsNotAnswered(t *testing.T) {
	s := newSite(t, func(c *config) { c.Chunk = 2 })
	s.store.addTrail = func(...access.Entry) error {
		return &register.Error{Kind: register.Unavailable, Cause: errors.New("the network is gone")}
	}
	aalborg := strings.Replace(daginstitution, "461", "851", 1)
	c := s.as(leverandoer)
	c.call("POST", "/v2/daginstitutioner", aalborg).problem(503).wantHeaders("Retry-After: 1")
	s.as(laeser).call("POST", "/v2/daginstitutioner", daginstitution).problem(503)
	c.call("POST", "/v2/numre", `{"antal":0}`).problem(503)
	c.call("POST", "/v2/numre", "{").problem(503)
	c.call("POST", "/v2/import?x=1", line("")).problem(503)
	s.call("POST", "/v2/adgang/brugere", "{").problem(503)
	wantResults(t, c.call("POST", "/v2/import", line("")+strings.Replace(line(""), "461", "851", 1)+line("")).results(), "1 201 G10000:1", "2 503", "3 503")
	if at := s.positions(); at != "461:1" {
		t.Errorf("the log stands at %s", at)
	}
	s.store.addTrail = func(...access.Entry) error { return errors.New("password=hunter2") }
	if a := c.call("POST", "/v2/daginstitutioner", aalborg).problem(500); strings.Contains(a.body, "hunter2") {
		t.Errorf("shown: %s", a.body)
	}
}

// TestTrailIsNobodyElses asks for the trail without a login and as a reader.
func TestTrailIsNobodyElses(t *testing.T) {
	s := newSite(t)
	s.as(nobody).call("GET", "/v2/adgang/spor", "").problem(401, "login/login")
	s.as(laeser).call("GET", "/v2/adgang/spor", "").problem(403, "adgang/rolle")
	for _, query := range []string{"limit=0", "limit=1001", "cursor=x", "cursor=e30", "udfald=ja", "fra=i+dag", "til=2026", "nummer=x", "admKommuneKode=x"} {
		name, _, _ := strings.Cut(query, "=")
		s.call("GET", "/v2/adgang/spor?"+query, "").problem(400, "ugyldig-parameter/"+name)
	}
}
