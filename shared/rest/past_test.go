package rest_test

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/exporting"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/storetest"
)

// queries are some that files are asked for by.
var queries = []string{"", "admKommuneKode=461", "daginstitutionsNummer=G10005", "ejerformKode=1&instType3=6011", "navn=hus+1"}

// allFiles gives every file in each form, by path.
func (s *site) allFiles(more string) map[string]string {
	s.t.Helper()
	bodies := make(map[string]string)
	for _, name := range fileNames {
		for _, form := range []string{"csv", "ndjson", "json"} {
			for _, query := range queries {
				path := "/v2/eksport/" + name + "." + form + "?" + query
				bodies[path] = s.whole(path + more)
			}
		}
	}
	return bodies
}

// whole gives a file, whose parts make one.
func (s *site) whole(path string) string {
	s.t.Helper()
	var texts []string
	for path != "" {
		a := s.call("GET", path, "").ok(200)
		texts, path = append(texts, a.body), a.follow()
	}
	return strings.Join(texts, "")
}

// overturn changes about everything that a register of municipalities says.
func (s *site) overturn() {
	s.t.Helper()
	s.call("PUT", "/v2/daginstitutioner/G10000", changed, "If-Match: *").ok(200)
	s.call("PUT", "/v2/daginstitutioner/G10005", strings.Replace(daginstitution, "461", "265", 1), "If-Match: *").ok(200)
	s.call("POST", "/v2/anvisningsenheder/G10001/flyt", `{"daginstitutionsNummer":"G10010"}`).ok(200)
	s.call("DELETE", "/v2/alternative-adresser/G10014", "", "If-Match: *").ok(200)
	s.call("POST", "/v2/anvisningsenheder", enhed).ok(201)
}

// TestFilesAsTheyWere takes every file, overturns the register, and asks for the files as they were, by the moment and by the position: they
// are the same to the last byte.
func TestFilesAsTheyWere(t *testing.T) {
	t.Parallel()
	s := newSite(t).municipalities()
	before := s.allFiles("")
	moment, position := "&pr="+url.QueryEscape(s.now.In(time.FixedZone("", 3600)).Format(time.RFC3339)), "&registerposition="+s.positions()
	s.now = s.now.Add(time.Millisecond)
	s.overturn()
	if after := s.allFiles(""); maps.Equal(before, after) {
		t.Error("nothing has changed")
	}
	for _, asked := range []string{moment, position} {
		then := s.allFiles(asked)
		for path, body := range before {
			if then[path] != body {
				t.Errorf("%s%s\n  is %s\nwant %s", path, asked, then[path], body)
			}
		}
	}
	a := s.call("GET", "/v2/eksport/samlet.csv?"+moment, "").ok(200)
	a.wantHeaders("Registerposition: 461:10,751:5", "Haendelser-Efter: 000000000015")
	s.call("GET", "/v2/eksport/samlet.csv?"+moment, "", "If-None-Match: "+a.Get("ETag")).ok(304)
	s.call("GET", "/v1/eksport/samlet.csv?"+position, "").ok(200).wantHeaders("Registerposition: 461:10,751:5", "Haendelser-Efter:")
	s.call("GET", "/v2/eksport/samlet.csv", "").ok(200).wantHeaders("Registerposition: 265:5,461:14,751:10", "Haendelser-Efter: 000000000029")
	early := s.call("GET", "/v2/eksport/samlet.ndjson?pr=2026-11-23T08:29:59.999Z", "").ok(200)
	if early.wantHeaders("Registerposition:", "Haendelser-Efter: 000000000000"); early.body != "" {
		t.Errorf("before anything was there: %s", early.body)
	}
}

// TestPartsAreOfOneState takes files in parts, as they stand and as they stood, while rows come, change and go between the parts.
func TestPartsAreOfOneState(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"/v2/eksport/samlet.csv", "/v2/eksport/samlet.ndjson", "/v2/eksport/samlet.json"} {
		s := newSite(t).crowd(500)
		s.now = storetest.Now // when the crowd came
		want := s.call("GET", file, "").ok(200)
		position := want.Get("Registerposition")
		s.config.MaxAnswer = 100_000
		s.serve()
		written := 0
		write := func() {
			for range 5 {
				written++
				number := fmt.Sprintf("G%05d", 10000+2*(101*written%500))
				s.call("PUT", "/v2/daginstitutioner/"+number, strings.Replace(daginstitution, "461", []string{"265", "461"}[written%2], 1), "If-Match: *").ok(200)
			}
			s.call("POST", "/v2/daginstitutioner", daginstitution).ok(201)
		}
		for _, asked := range []string{"", "?registerposition=" + position, "?pr=" + s.now.Format(time.RFC3339Nano)} {
			var texts []string
			tags := make(map[string]bool)
			for path := file + asked; path != ""; {
				a := s.call("GET", path, "").ok(200)
				a.wantHeaders("Registerposition: " + position)
				texts, tags[a.Get("ETag")] = append(texts, a.body), true
				s.now = s.now.Add(time.Millisecond)
				write()
				if path = a.follow(); path != "" && (strings.Contains(path, "pr=") || !strings.Contains(path, "registerposition="+url.QueryEscape(position))) {
					t.Errorf("the next part is %s", path)
				}
			}
			if got := joined(file, texts); got != want.body || len(texts) < 3 || len(tags) != len(texts) {
				t.Errorf("%s%s: %d parts of %d ETags make another file", file, asked, len(texts), len(tags))
			}
		}
	}
}

// TestPastThatIsNone asks for states that there are not, and for two at once.
func TestPastThatIsNone(t *testing.T) {
	s := newSite(t).municipalities()
	const file = "/v2/eksport/samlet.csv?"
	cursor := "&cursor=" + exporting.Cursor{Kommune: 461, Path: "G10000"}.String()
	for query, kode := range map[string]string{
		"pr=2026-11-23T08:30:01Z":                                "pr",
		"pr=2026-11-23T08:30:00.001Z" + cursor:                   "pr",
		"pr=i+dag":                                               "pr",
		"pr=2026-11-23":                                          "pr",
		"registerposition=461:11":                                "registerposition",
		"registerposition=461:10,751:6":                          "registerposition",
		"registerposition=101:1,461:10":                          "registerposition",
		"registerposition=461:10,461:10":                         "registerposition",
		"registerposition=751:1,461:1":                           "registerposition",
		"registerposition=461:-1":                                "registerposition",
		"registerposition=461":                                   "registerposition",
		"registerposition=0:1":                                   "registerposition",
		"registerposition=461:1,":                                "registerposition",
		"registerposition=461:10&pr=2026-11-23T08:30:00Z":        "pr",
		"pr=2026-11-23T08:30:00Z&pr=2026-11-23T08:30:00Z":        "pr",
		"registerposition=461:1&registerposition=461:2" + cursor: "registerposition",
	} {
		s.call("GET", file+query, "").problem(400, "ugyldig-parameter/"+kode).wantHeaders("Content-Disposition:", "ETag:", "Haendelser-Efter:")
	}
	for _, query := range []string{"pr=2026-11-23T08:30:00Z", "registerposition=461:10,751:5", "registerposition=461:10", "registerposition=101:0,461:3", "pr=&registerposition="} {
		s.call("GET", file+query, "").ok(200)
	}
	s.call("GET", "/v2/dagtilbud/G10000?pr=2026-11-23T08:30:00.001Z", "").problem(400, "ugyldig-parameter/pr")
	s.call("GET", "/v2/dagtilbud/G10000?registerposition=461:1", "").problem(400, "ugyldig-parameter/ukendt")
	s.call("GET", "/v2/dagtilbud?pr=2026-11-23T08:30:00Z", "").problem(400, "ugyldig-parameter/ukendt")
	s.call("GET", "/v2/anvisningsenheder/G10001?pr=2026-11-23T08:30:00Z", "").problem(400, "ugyldig-parameter/ukendt")
}

// TestUnitAsItWas asks for a unit with what was above and below it, before and after each thing that happened to it.
func TestUnitAsItWas(t *testing.T) {
	s := newSite(t).municipalities()
	const number = "/dagtilbud/G10002"
	was := make(map[string]*answer)
	for _, do := range []func(){
		func() {},
		func() { s.call("DELETE", "/v2/alternative-adresser/G10004", "", "If-Match: *").ok(200) },
		func() {
			s.call("POST", "/v2/anvisningsenheder/G10002/flyt", `{"daginstitutionsNummer":"G10010"}`).ok(200)
		},
		func() {
			s.call("PUT", "/v2/daginstitutioner/G10010", strings.Replace(daginstitution, "461", "751", 1), "If-Match: *").ok(200)
		},
	} {
		s.now = s.now.Add(time.Second)
		do()
		was[s.now.Format(time.RFC3339Nano)] = s.call("GET", "/v2"+number, "").ok(200)
		s.now = s.now.Add(time.Second)
	}
	for moment, then := range was {
		for _, version := range []string{"/v1", "/v2"} {
			a := s.call("GET", version+number+"?pr="+moment, "").ok(200)
			a.wantHeaders("ETag: "+then.Get("ETag"), "Registerposition: "+then.Get("Registerposition"))
			if a.body != then.body {
				t.Errorf("%s at %s\n  is %s\nwant %s", version, moment, a.body, then.body)
			}
			s.call("GET", version+number+"?pr="+moment, "", "If-None-Match: "+a.Get("ETag")).ok(304)
		}
	}
	bodies := slices.Collect(maps.Values(was))
	if slices.ContainsFunc(bodies[1:], func(a *answer) bool { return a.body == bodies[0].body }) {
		t.Error("nothing has changed")
	}
	for path, want := range map[string]register.Text{
		number + "?pr=2026-11-23T09:29:59.5%2B01:00": {
			Da: "Der var endnu ingen institution med nummer G10002 2026-11-23T08:29:59.5Z.", En: "No institution had the number G10002 yet at 2026-11-23T08:29:59.5Z."},
		"/dagtilbud/G99999?pr=2026-11-23T08:30:00Z": {Da: "Der findes ingen institution med nummer G99999.", En: "No institution has the number G99999."},
	} {
		for language, want := range map[string]string{"da": want.Da, "en": want.En} {
			a := s.call("GET", "/v2"+path, "", "Accept-Language: "+language).problem(404, "ukendt-nummer/findesIkke")
			if got := read[problemDocument](a).Errors[0].Tekst; got != want {
				t.Errorf("%s: %s", path, got)
			}
		}
	}
	s.call("GET", fmt.Sprintf("/v2%s?pr=%s", number, s.now.Format(time.RFC3339Nano)), "").ok(200)
}
