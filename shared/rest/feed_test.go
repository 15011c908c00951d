package rest_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/events"
	"dagtilbudsregisteret.dk/shared/register"
)

// eventful is a register in which each thing has happened that can: its events tell of it.
func (s *site) eventful() *site {
	s.t.Helper()
	s.municipalities()
	s.now = s.now.Add(time.Minute)
	s.call("PUT", "/v2/daginstitutioner/G10000", changed, `If-Match: "1"`, "Traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").ok(200)
	s.call("POST", "/v2/anvisningsenheder/G10001/flyt", `{"daginstitutionsNummer":"G10010"}`).ok(200)
	s.call("DELETE", "/v2/alternative-adresser/G10004", "", "If-Match: *").ok(200)
	s.now = s.now.Add(time.Minute)
	s.call("PUT", "/v2/daginstitutioner/G10005", strings.Replace(daginstitution, "461", "265", 1), "If-Match: *").ok(200)
	s.call("POST", "/v2/import", strings.Replace(line(""), `"op":"opret"`, `"op":"indlaes","nummer":"D20000"`, 1)).ok(200)
	return s
}

// events gives every event there is, as the contract writes it.
func (s *site) events() (all []string) {
	s.t.Helper()
	for c, err := range s.store.Store.Ordered(s.t.Context(), 0) {
		if err != nil {
			s.t.Fatal(err)
		}
		all = append(all, string(events.Of(&c).Append(nil)))
	}
	return all
}

// split gives the events of an answer, as they stand there.
func (a *answer) split() (found []string) {
	a.t.Helper()
	if a.Get("Content-Encoding") == "gzip" {
		a.body = gunzip(a.t, a.body)
	}
	if a.Get("Content-Type") == "application/x-ndjson" {
		for one := range strings.Lines(a.body) {
			found = append(found, strings.TrimSuffix(one, "\n"))
		}
		return found
	}
	for _, raw := range read[[]json.RawMessage](a) {
		found = append(found, string(raw))
	}
	return found
}

// next gives the path that follows by what an answer says of where to go on; empty at the end.
func (a *answer) next(path string) string {
	if a.Get("Haendelser-Slut") == "true" {
		return ""
	}
	target, _ := url.Parse(path)
	query := target.Query()
	query.Set("efter", a.Get("Haendelser-Efter"))
	return target.Path + "?" + query.Encode()
}

// TestFeed follows the feed to its end, in pages of any size, in each form, by the links and by what the answers say. The events are those
// of the contract, to the last byte.
func TestFeed(t *testing.T) {
	s := newSite(t).eventful()
	want := s.events()
	if len(want) < 20 {
		t.Fatalf("%d events", len(want))
	}
	for form, headers := range map[string][]string{
		"application/cloudevents-batch+json": {"Accept: */*"},
		"application/x-ndjson":               {"Accept: application/x-ndjson", "Accept-Encoding: gzip"},
	} {
		for _, limit := range []int{1, 7, len(want) - 1, len(want), 1000} {
			for way, onwards := range map[string]func(a *answer, path string) string{
				"by the links": func(a *answer, _ string) string { return a.follow() }, "by the place": (*answer).next,
			} {
				var got []string
				for path := fmt.Sprint("/v2/haendelser?limit=", limit); path != ""; {
					a := s.call("GET", path, "", headers...).ok(200)
					a.wantHeaders("Content-Type: " + form)
					got = append(got, a.split()...)
					a.wantHeaders(fmt.Sprintf("Haendelser-Efter: %012d", len(got)), fmt.Sprint("Haendelser-Slut: ", len(got) == len(want)))
					path = onwards(a, path)
				}
				if !slices.Equal(got, want) {
					t.Errorf("%s, %d at a time, %s\n got %q\nwant %q", form, limit, way, got, want)
				}
			}
		}
	}
}

// TestFeedForms asks for one form or the other.
func TestFeedForms(t *testing.T) {
	s := newSite(t)
	for accept, want := range map[string]string{
		"": "application/cloudevents-batch+json", "application/json": "application/cloudevents-batch+json",
		"application/x-ndjson": "application/x-ndjson", "text/html, application/x-ndjson;q=0.9": "application/x-ndjson",
		"application/cloudevents-batch+json, application/x-ndjson": "application/cloudevents-batch+json",
	} {
		a := s.call("GET", "/v2/haendelser", "", "Accept: "+accept).ok(200)
		a.wantHeaders("Content-Type: "+want, "Haendelser-Efter: 000000000000", "Haendelser-Slut: true", "Link:")
		if len(a.split()) != 0 {
			t.Errorf("%q: %s", accept, a.body)
		}
		if vary := strings.Join(a.Values("Vary"), ", "); vary != "Accept-Language, Accept-Encoding, Accept, Prefer" {
			t.Errorf("Vary: %s", vary)
		}
	}
}

// TestFeedFilters asks for some of the events: they come as they stand among all, and the place goes on past the others.
func TestFeedFilters(t *testing.T) {
	s := newSite(t).eventful()
	all := s.events()
	for query, want := range map[string]string{
		"admKommuneKode=265":          `"registerposition":"265:`,
		"admKommuneKode=461":          `"registerposition":"461:`,
		"admKommuneKode=147":          "nothing",
		"type=daginstitution.aendret": `"type":"dk.dagtilbudsregisteret.daginstitution.aendret.v1"`,
		"type=dk.dagtilbudsregisteret.anvisningsenhed.flyttet.v1":                          `"type":"dk.dagtilbudsregisteret.anvisningsenhed.flyttet.v1"`,
		"type=alternativAdresse.nedlagt":                                                   `"type":"dk.dagtilbudsregisteret.alternativAdresse.nedlagt.v1"`,
		"type=daginstitution.indlaest&admKommuneKode=461":                                  `"type":"dk.dagtilbudsregisteret.daginstitution.indlaest.v1"`,
		"niveau=alternativAdresse":                                                         `"type":"dk.dagtilbudsregisteret.alternativAdresse`,
		"admKommuneKode=265,147,461":                                                       `"registerposition":"(265|461):`,
		"admKommuneKode=265&admKommuneKode=461":                                            `"registerposition":"(265|461):`,
		"niveau=daginstitution,anvisningsenhed&type=":                                      `"type":"dk.dagtilbudsregisteret.(daginstitution|anvisningsenhed)`,
		"type=anvisningsenhed.flyttet&type=daginstitution.aendret,daginstitution.indlaest": `dk.dagtilbudsregisteret.(anvisningsenhed.flyttet|daginstitution.(aendret|indlaest)).v1`,
		"type=daginstitution.aendret,alternativAdresse.nedlagt&niveau=alternativAdresse":   `"type":"dk.dagtilbudsregisteret.alternativAdresse.nedlagt.v1"`,
	} {
		fits := regexp.MustCompile(want)
		wanted := slices.DeleteFunc(slices.Clone(all), func(e string) bool { return !fits.MatchString(e) })
		if len(wanted) == 0 && want != "nothing" {
			t.Errorf("no event is %s", want)
		}
		var got []string
		for path := "/v2/haendelser?limit=2&" + query; path != ""; {
			a := s.call("GET", path, "").ok(200)
			if got, path = append(got, a.split()...), a.next(path); path == "" {
				a.wantHeaders(fmt.Sprintf("Haendelser-Efter: %012d", len(all)))
			}
		}
		if !slices.Equal(got, wanted) {
			t.Errorf("%s\n got %q\nwant %q", query, got, wanted)
		}
	}
	for _, after := range []string{"3", "000000000003"} {
		if got := s.call("GET", "/v2/haendelser?efter="+after, "").ok(200).split(); !slices.Equal(got, all[3:]) {
			t.Errorf("after %s: %q", after, got)
		}
	}
}

// TestFeedQueries asks for what cannot be read.
func TestFeedQueries(t *testing.T) {
	s := newSite(t).family()
	for query, kode := range map[string]string{
		"efter=-1": "efter", "efter=i+dag": "efter", "efter=99999999999999999999": "efter", "limit=0": "limit", "limit=1001": "limit",
		"type=daginstitution.flyttet": "type", "type=nedlagt": "type", "type=daginstitution": "type", "admKommuneKode=Odense": "admKommuneKode",
		"cursor=x": "ukendt", "efter=1&efter=2": "efter", "admKommuneKode=999": "admKommuneKode", "admKommuneKode=461,999": "admKommuneKode",
		"admKommuneKode=461&admKommuneKode=0": "admKommuneKode", "niveau=enhed": "niveau", "niveau=daginstitution,": "niveau",
		"type=daginstitution.aendret,daginstitution": "type",
	} {
		s.call("GET", "/v2/haendelser?"+query, "").problem(400, "ugyldig-parameter/"+kode)
	}
	s.call("GET", "/v2/haendelser?efter=&type=&limit=1", "").ok(200).wantHeaders("Haendelser-Efter: 000000000001")
}

// TestFeedAhead asks for what follows places that no event has had, whether it waits there or not, and whatever it wants; and for what follows
// each that one has had.
func TestFeedAhead(t *testing.T) {
	s := newSite(t).eventful()
	last := len(s.events())
	for _, after := range []int{last + 1, 999999} {
		for _, more := range []string{"", "&admKommuneKode=147", "&type=daginstitution.nedlagt&limit=1"} {
			path := fmt.Sprint("/v2/haendelser?efter=", after, more)
			s.call("GET", path, "", "Prefer: wait=20").problem(400, "ugyldig-parameter/efter").wantHeaders("Haendelser-Efter:", "Haendelser-Slut:")
			for language, text := range map[string]string{"da": "Registeret er ikke nået så langt. ", "en": "The register has not come so far. "} {
				doc := read[problemDocument](s.call("GET", path, "", "Accept-Language: "+language).ok(400))
				if !strings.HasPrefix(doc.Errors[0].Tekst, text) {
					t.Errorf("%s: %s", language, doc.Errors[0].Tekst)
				}
			}
		}
	}
	for after := range last + 1 {
		s.call("GET", fmt.Sprint("/v2/haendelser?admKommuneKode=147&efter=", after), "").ok(200).wantHeaders(fmt.Sprintf("Haendelser-Efter: %012d", last))
	}
	newSite(t).call("GET", "/v2/haendelser?efter=0", "").ok(200)
}

// waiting asks for what follows, from a goroutine of its own. The first value says that the call waits, the second what it is answered.
func (s *site) waiting(path string, headers ...string) (waits chan int64, answered chan *answer) {
	waits, answered = make(chan int64, 100), make(chan *answer, 1)
	s.store.await = func(ctx context.Context, after int64) {
		waits <- after
		s.store.Store.Await(ctx, after)
	}
	r := httptest.NewRequestWithContext(s.t.Context(), "GET", path, nil)
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Add(name, value)
	}
	go func() {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		answered <- &answer{s.t, "GET " + path, w.Code, w.Header(), w.Body.String()}
	}()
	return waits, answered
}

// TestLongPoll waits at the end of the feed. What comes that is not wanted does not end the wait, the next event that is does.
func TestLongPoll(t *testing.T) {
	s := newSite(t).family()
	waits, answered := s.waiting("/v2/haendelser?efter=3&type=anvisningsenhed.aendret", "Prefer: wait=20")
	if after := <-waits; after != 3 {
		t.Errorf("it waits for what follows %d", after)
	}
	s.call("PUT", "/v2/daginstitutioner/G10000", changed, `If-Match: "1"`).ok(200)
	if after := <-waits; after != 4 {
		t.Errorf("past an unwanted event it waits for what follows %d", after)
	}
	s.call("PUT", "/v2/anvisningsenheder/G10001", strings.Replace(enhed, "Åkanden", "Bækken", 1), `If-Match: "1"`).ok(200)
	a := <-answered
	a.ok(200).wantHeaders("Preference-Applied: wait=20", "Haendelser-Efter: 000000000005", "Haendelser-Slut: true", "Link:")
	if got := a.split(); !slices.Equal(got, s.events()[4:]) {
		t.Errorf("it is answered %q", got)
	}
}

// TestPatience grants some time to wait, and no more than there is.
func TestPatience(t *testing.T) {
	t.Parallel()
	s := newSite(t).family()
	for prefer, applied := range map[string]string{
		"wait=5": "wait=5", "wait=20": "wait=20", "wait=1000": "wait=20", "respond-async, wait=7": "wait=7",
		"": "", "wait=0": "", "wait=-1": "", "wait=x": "", "respond-async": "",
	} {
		s.call("GET", "/v2/haendelser?efter=2", "", "Prefer: "+prefer).ok(200).wantHeaders("Preference-Applied: " + applied)
	}
	waits, answered := s.waiting("/v2/haendelser?efter=3", "Prefer: wait=1")
	a := <-answered
	a.ok(200).wantHeaders("Preference-Applied: wait=1", "Haendelser-Efter: 000000000003", "Haendelser-Slut: true")
	if len(waits) != 1 || len(a.split()) != 0 {
		t.Errorf("it waited %d times, and is answered %s", len(waits), a.body)
	}
	if waits, answered = s.waiting("/v2/haendelser?efter=3"); len((<-answered).split()) != 0 || len(waits) != 0 {
		t.Error("who does not prefer to wait has waited")
	}
}

// TestCallerLeaves has whoever waits go away: nobody goes on waiting for them.
func TestCallerLeaves(t *testing.T) {
	s := newSite(t).family()
	ctx, leave := context.WithCancel(t.Context())
	s.store.await = func(ctx context.Context, after int64) {
		leave()
		s.store.Store.Await(ctx, after)
	}
	r := httptest.NewRequestWithContext(ctx, "GET", "/v2/haendelser?efter=3", nil)
	r.Header.Set("Prefer", "wait=20")
	s.ServeHTTP(httptest.NewRecorder(), r)
}

// copied is a consumer's copy of the register: a row by its number, as it stands in the file of all levels.
type copied map[string]string

var rowNumber = regexp.MustCompile(`"(alternativAdresseNummer|enhedsNummer|daginstitutionsNummer)":"([^"]*)"`)

// put takes a row in. Its own number is the first that it has.
func (c copied) put(row string) { c[rowNumber.FindStringSubmatch(row)[2]] = row }

// version gives the one of a row, 0 where there is none.
func version(row string) int64 {
	var u struct{ Version int64 }
	_ = json.Unmarshal([]byte(cmp.Or(row, "{}")), &u)
	return u.Version
}

// apply takes an event in, as README.md of the events says, and tells whether it was due.
func (c copied) apply(event string) bool {
	var e struct {
		Subject, Registerposition string
		Data                      struct {
			Efter          json.RawMessage
			AdmKommuneKode int
		}
	}
	if json.Unmarshal([]byte(event), &e) != nil {
		return false
	}
	efter := string(e.Data.Efter)
	if !strings.HasPrefix(e.Registerposition, fmt.Sprint(e.Data.AdmKommuneKode, ":")) {
		return version(c[e.Subject]) == version(efter) // it has left for where the event before says
	}
	due := version(c[e.Subject])+1 == version(efter)
	c[e.Subject] = efter
	return due
}

// load takes a whole file in, all its parts, and says where the feed goes on. Between the parts something is done.
func (c copied) load(s *site, between func()) (after string) {
	s.t.Helper()
	for path := "/v2/eksport/samlet.ndjson"; path != ""; {
		a := s.call("GET", path, "").ok(200)
		if said := a.Get("Haendelser-Efter"); (said == "") == (after == "") {
			s.t.Errorf("%s says that the feed goes on after %q", path, said)
		}
		after = cmp.Or(after, a.Get("Haendelser-Efter"))
		for row := range strings.Lines(a.body) {
			c.put(strings.TrimSuffix(row, "\n"))
		}
		if path = a.follow(); path != "" {
			between()
		}
	}
	return after
}

// TestFileThenFeed loads a file in parts while things happen, follows the feed from where the file says, and has the register: each event
// was due, and none was missing.
func TestFileThenFeed(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(c *config) { c.MaxAnswer = 100_000 }).crowd(500)
	one := 0
	happen := func() {
		one++
		n := register.Number(fmt.Sprintf("G%05d", 10000+2*one*37%1000))
		move := strings.Replace(daginstitution, "461", []string{"265", "751"}[one%2], 1)
		s.call("PUT", "/v2/daginstitutioner/"+string(n), move, "If-Match: *").ok(200)
		s.call("POST", "/v2/daginstitutioner", daginstitution).ok(201)
	}
	consumer := make(copied)
	after := consumer.load(s, happen)
	happen()
	if one < 3 {
		t.Fatalf("the file came in %d parts", one)
	}
	due := 0
	for path := "/v2/haendelser?limit=7&efter=" + after; path != ""; {
		a := s.call("GET", path, "").ok(200)
		for _, event := range a.split() {
			if due++; !consumer.apply(event) {
				t.Errorf("not due: %s", event)
			}
		}
		path = a.follow()
	}
	if due < 4*one {
		t.Errorf("%d events of %d times", due, one)
	}
	now := make(copied)
	if now.load(s, func() {}); !maps.Equal(now, consumer) {
		t.Errorf("the consumer has %d rows, the register %d, and they differ", len(consumer), len(now))
	}
}

// TestSchemas asks for the schema that each event names, and for that of its type: they are there, under the names that they have, and so
// is all that they refer to.
func TestSchemas(t *testing.T) {
	s := newSite(t).eventful()
	wanted := make(map[string]bool)
	for _, text := range s.events() {
		e, err := events.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		wanted[e.DataSchema] = true
	}
	for _, typ := range events.Types() {
		wanted[events.Source+"/haendelser/"+strings.TrimPrefix(typ, "dk.dagtilbudsregisteret.")+".json"] = true
	}
	reference := regexp.MustCompile(`"\$ref": *"([^"#]+)`)
	for more := true; more; {
		more = false
		for at := range maps.Clone(wanted) {
			base, _ := url.Parse(at)
			a := s.as(nobody).call("GET", base.Path, "").ok(200)
			a.wantHeaders("Content-Type: application/schema+json")
			if id := read[struct {
				ID string `json:"$id"`
			}](a).ID; id != at {
				t.Errorf("%s is called %s", at, id)
			}
			for _, found := range reference.FindAllStringSubmatch(a.body, -1) {
				to, _ := base.Parse(found[1])
				more = more || !wanted[to.String()]
				wanted[to.String()] = true
			}
		}
	}
	if len(wanted) != 14+3+3 {
		t.Errorf("%d schemas: %v", len(wanted), slices.Sorted(maps.Keys(wanted)))
	}
	for _, path := range []string{"/haendelser/x.json", "/haendelser/v1/x.json", "/haendelser/v1", "/haendelser/..%2fschema.go", "/haendelser/v1/..%2fv1%2fdata.json"} {
		s.as(nobody).call("GET", path, "").problem(404, "ukendt-sti/skema")
	}
	s.as(nobody).call("GET", "/haendelser/v1/data.json?x=1", "").problem(400, "ugyldig-parameter/ukendt")
}

// TestHistory reads the versions of a unit that has been created, moved along to another municipality, changed and closed.
func TestHistory(t *testing.T) {
	s := newSite(t).family()
	began := s.now
	s.now = s.now.Add(time.Hour)
	s.as(leverandoer).call("PUT", "/v2/daginstitutioner/G10000", strings.Replace(daginstitution, "461", "751", 1), `If-Match: "1"`).ok(200)
	s.now = s.now.Add(time.Hour)
	rename := strings.Replace(adresse, "Skovhuset", "Skovhytten", 1)
	s.call("POST", "/v2/import", `{"op":"ret","type":"alternativAdresse","nummer":"G10002","data":`+rename+"}", "X-Request-Id: req-3").ok(200)
	s.call("DELETE", "/v2/alternative-adresser/G10002", "", "If-Match: *").ok(200)

	a := s.as(nobody).call("GET", "/v2/dagtilbud/G10002/historik", "").ok(200)
	a.wantHeaders(`ETag: "4"`, "Registerposition: 751:5")
	type post struct {
		Haendelse, Art, Aarsag, ImportID, Fra, Til, Registerposition, Bruger, Version, RequestID string
		AdmKommuneKode                                                                           int
		Dagtilbud                                                                                json.RawMessage
	}
	var lines []string
	for _, p := range read[struct{ Historik []post }](a).Historik {
		lines = append(lines, fmt.Sprintln(p.Haendelse, p.Art, p.Aarsag, p.ImportID != "", p.Fra, p.Til, p.Registerposition, p.Bruger, p.Version, p.AdmKommuneKode))
		moment, err := time.Parse(time.RFC3339, p.Fra)
		if err != nil {
			t.Fatal(err)
		}
		if moment.Equal(began.Add(2 * time.Hour)) {
			continue // two versions were made then
		}
		then := read[struct{ Dagtilbud json.RawMessage }](s.call("GET", "/v2/dagtilbud/G10002?pr="+p.Fra, "").ok(200))
		if string(then.Dagtilbud) != string(p.Dagtilbud) {
			t.Errorf("%s\nthe history has %s\nat %s it was %s", p.Haendelse, p.Dagtilbud, p.Fra, then.Dagtilbud)
		}
	}
	want := []string{
		"G10002:1 oprettet rettelse false 2026-11-23T08:30:00Z 2026-11-23T09:30:00Z 461:3 drift v2 461\n",
		"G10002:2 aendret medForaelder false 2026-11-23T09:30:00Z 2026-11-23T10:30:00Z 751:3 leverandoer v2 751\n",
		"G10002:3 aendret import true 2026-11-23T10:30:00Z 2026-11-23T10:30:00Z 751:4 drift v2 751\n",
		"G10002:4 nedlagt rettelse false 2026-11-23T10:30:00Z  751:5 drift v2 751\n",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("got\n%s\nwant\n%s", lines, want)
	}
	s.call("GET", "/v2/dagtilbud/G10002/historik", "", `If-None-Match: "4"`).ok(304)
	s.call("GET", "/v2/dagtilbud/G10002/historik", "", `If-None-Match: "3"`).ok(200)
	for _, n := range []string{"G99999", "x"} {
		s.call("GET", "/v2/dagtilbud/"+n+"/historik", "").problem(404, "ukendt-nummer/findesIkke")
	}
}

// TestOnlyInV2 finds no trace in v1 of what came with v2.
func TestOnlyInV2(t *testing.T) {
	s := newSite(t).family()
	v1, paths := make(map[string]bool), make(map[string]bool)
	for _, r := range s.routes {
		v1[r.Method+" "+r.Path], paths[r.Path] = true, true
	}
	var only []string
	for _, r := range s.routes {
		path, isV2 := strings.CutPrefix(r.Path, "/v2")
		if !isV2 || v1[r.Method+" /v1"+path] {
			continue
		}
		if !strings.HasPrefix(path, "/adgang/") && !strings.HasPrefix(path, "/abonnementer") {
			only = append(only, r.Method+" "+path)
		}
		filled := strings.NewReplacer("{nummer}", "G10000", "{abonnement}", "x", "{bruger}", drift, "{id}", "x").Replace(path)
		if answer := s.call(r.Method, "/v1"+filled, ""); paths["/v1"+path] {
			answer.problem(405, "ukendt-sti/metode")
		} else {
			answer.problem(404, "ukendt-sti/sti")
		}
	}
	if want := []string{"POST /dagtilbud", "PUT /dagtilbud/{nummer}", "GET /dagtilbud/{nummer}/historik", "GET /haendelser", "GET /synk", "POST /synk"}; !slices.Equal(only, want) {
		t.Errorf("only in v2: %q", only)
	}
}
