package rest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// changed is the daginstitution of the tests under another name.
var changed = strings.Replace(daginstitution, "Øst", "Vest", 1)

func TestPreconditions(t *testing.T) {
	const path = "/daginstitutioner/G10000"
	for _, c := range []struct {
		name, method, path, match string
		status                    int
	}{
		{"none", "PUT", "/v2" + path, "", 428},
		{"none", "DELETE", "/v2" + path, "", 428},
		{"none through v1", "PUT", "/v1" + path, "", 200},
		{"none through v1", "DELETE", "/v1" + path, "", 200},
		{"the version", "PUT", "/v2" + path, `"2"`, 200},
		{"the version", "DELETE", "/v2" + path, `"2"`, 200},
		{"an old version", "PUT", "/v2" + path, `"1"`, 412},
		{"an old version", "DELETE", "/v2" + path, `"1"`, 412},
		{"an old version through v1", "PUT", "/v1" + path, `"1"`, 412},
		{"a list", "PUT", "/v2" + path, `"1", "2"`, 200},
		{"a list without it", "PUT", "/v2" + path, `"1", "3"`, 412},
		{"any", "PUT", "/v2" + path, "*", 200},
		{"weak, which never matches", "PUT", "/v2" + path, `W/"2"`, 412},
		{"of another making", "PUT", "/v2" + path, `"abc"`, 412},
		{"the version, of a move", "POST", "/v2/anvisningsenheder/G10001/flyt", `"1"`, 200},
		{"an old version, of a move", "POST", "/v2/anvisningsenheder/G10001/flyt", `"7"`, 412},
		{"none, of a move", "POST", "/v2/anvisningsenheder/G10001/flyt", "", 200},
	} {
		t.Run(fmt.Sprint(c.name, " ", c.method), func(t *testing.T) {
			s := newSite(t)
			s.call("POST", "/v2/daginstitutioner", daginstitution).ok(201)
			s.call("PUT", "/v2/daginstitutioner/G10000", strings.Replace(daginstitution, "Øst", "Syd", 1), `If-Match: "1"`).ok(200)
			body := changed
			if c.method == "POST" {
				s.call("POST", "/v2/anvisningsenheder", enhed).ok(201)
				s.call("POST", "/v2/daginstitutioner", daginstitution).ok(201)
				body = `{"daginstitutionsNummer":"G10002"}`
			}
			before := s.positions()
			var headers []string
			if c.match != "" {
				headers = []string{"If-Match: " + c.match}
			}
			a := s.call(c.method, c.path, body, headers...)
			switch c.status {
			case 412:
				kode := "andenVersion"
				if !strings.HasPrefix(c.match, `"`) || !strings.ContainsAny(c.match, "0123456789") {
					kode = "ikkeEnVersion"
				}
				a.problem(412, "foraeldet-version/"+kode)
			case 428:
				a.problem(428, "mangler-if-match/mangler")
			default:
				a.ok(c.status)
			}
			if wrote := s.positions() != before; wrote != (c.status == 200) {
				t.Errorf("wrote: %v", wrote)
			}
		})
	}
}

// TestVersionInTheBody states the version in the body, where v1 asks for no header.
func TestVersionInTheBody(t *testing.T) {
	s := newSite(t).family()
	versioned := func(n int) string { return fmt.Sprintf(`{"version":%d,%s`, n, changed[1:]) }
	s.call("PUT", "/v1/daginstitutioner/G10000", versioned(7)).problem(412, "foraeldet-version/andenVersion")
	s.call("PUT", "/v2/daginstitutioner/G10000", versioned(1)).problem(428, "mangler-if-match/mangler")
	s.call("PUT", "/v1/daginstitutioner/G10000", versioned(1)).ok(200).wantHeaders(`ETag: "2"`)
	s.call("PUT", "/v1/daginstitutioner/G10000", versioned(7), `If-Match: "2"`).ok(200).wantHeaders(`ETag: "2"`)
}

// TestAllFindings sends what is wrong in every way at once.
func TestAllFindings(t *testing.T) {
	s := newSite(t).family()
	body := `{"enhedsNavn":"","instType3":6013,"adresse":{"vejNavn":7,"postNummer":"52","geoBredde":1e999,"land":"DK"},"email":[],"farve":"blå"}`
	s.call("PUT", "/v2/anvisningsenheder/G10001", body).problem(428,
		"forkert-type/type /adresse/vejNavn", "forkert-type/tal /adresse/geoBredde", "ukendt-felt/ukendt /adresse/land", "forkert-type/type /email", "ukendt-felt/ukendt /farve",
		"mangler-if-match/mangler", "navn/mangler /enhedsNavn", "husnummer/mangler /adresse/husNummer", "postnummer/format /adresse/postNummer",
		"bynavn/mangler /adresse/byNavn", "kommunekode/mangler /adresse/kommuneKode", "krydsvalidering/ulovligType /instType3 G10000")
	s.call("PUT", "/v2/anvisningsenheder/G10001", "["+body+"]", `If-Match: "1"`).problem(422, "forkert-type/type")
}

func TestUnreadable(t *testing.T) {
	t.Parallel()
	s := newSite(t).family()
	before := s.positions()
	for body, pointer := range map[string]string{
		"": "", "{": "", `{"daginstitutionsNavn"`: "/daginstitutionsNavn", `{"daginstitutionsNavn":"x","daginstitutionsNavn":"y"}`: "/daginstitutionsNavn",
		`{"daginstitutionsNavn":"x"`: "", "{\"daginstitutionsNavn\":\"\xff\"}": "/daginstitutionsNavn",
		`{"ejerformKode":01}`: "", `nul`: "", `{"daginstitutionsNavn":nul}`: "/daginstitutionsNavn",
		strings.Repeat("[", 20_000): strings.Repeat("/0", 99),
	} {
		want := strings.TrimRight("ugyldig-json/syntaks "+pointer, " ")
		s.call("POST", "/v2/daginstitutioner", body).problem(400, want)
		s.call("PUT", "/v2/daginstitutioner/G10000", body, `If-Match: "1"`).problem(400, want)
	}
	s.call("POST", "/v2/daginstitutioner", daginstitution+"{}").problem(400, "ugyldig-json/mere")
	for _, path := range []string{"daginstitutioner", "dagtilbud", "validering", "import", "numre"} { // whatever it is of
		s.call("POST", "/v2/"+path, "\x1f\x8b", "Content-Encoding: gzip").problem(400, "ugyldig-parameter/contentEncoding").wantHeaders("Accept-Encoding: identity")
	}
	large := strings.Repeat(" ", 6<<20) + daginstitution
	s.call("POST", "/v2/daginstitutioner", large).problem(413, "for-stor/indhold")
	s.call("PUT", "/v2/daginstitutioner/G10000", large, `If-Match: "1"`).problem(413, "for-stor/indhold")
	s.call("POST", "/v2/validering", large).problem(413, "for-stor/indhold")
	s.call("POST", "/v2/numre", large).problem(413, "for-stor/indhold")
	if after := s.positions(); after != before {
		t.Errorf("written: %s, before %s", after, before)
	}
}

func TestLocation(t *testing.T) {
	s := newSite(t)
	for _, version := range []string{"v1", "v2"} {
		a := s.call("POST", "/"+version+"/daginstitutioner", daginstitution).ok(201)
		number := read[struct{ DaginstitutionsNummer string }](a).DaginstitutionsNummer
		a.wantHeaders("Location: /"+version+"/daginstitutioner/"+number, `ETag: "1"`)
		row := s.call("GET", a.Get("Location"), "").ok(200)
		if row.body != a.body || row.Get("Registerposition") != a.Get("Registerposition") {
			t.Errorf("created %s, then read %s", a.body, row.body)
		}
	}
}

func TestIfNoneMatch(t *testing.T) {
	s := newSite(t).family()
	const path = "/v2/daginstitutioner/G10000"
	for tag, status := range map[string]int{`"1"`: 304, `W/"1"`: 304, `"7", "1"`: 304, "*": 304, `"2"`: 200, "": 200, "1": 200} {
		a := s.call("GET", path, "", "If-None-Match: "+tag).ok(status)
		a.wantHeaders(`ETag: "1"`, "Registerposition: 461:1")
		if (a.body == "") != (status == 304) {
			t.Errorf("%s: %d %q", tag, status, a.body)
		}
	}
	s.call("PUT", path, changed, `If-Match: "1"`).ok(200)
	s.call("GET", path, "", `If-None-Match: "1"`).ok(200).wantHeaders(`ETag: "2"`)
}

// TestIdempotencyKey sends a create again, after the unit was changed, and everything else under the same key.
func TestIdempotencyKey(t *testing.T) {
	s := newSite(t)
	const key = "Idempotency-Key: nøgle-1"
	first := s.call("POST", "/v2/daginstitutioner", daginstitution, key).ok(201)
	s.call("PUT", "/v2/daginstitutioner/G10000", changed, `If-Match: "1"`).ok(200)
	before := s.positions()
	again := s.call("POST", "/v2/daginstitutioner", daginstitution, key).ok(201)
	if again.body != first.body {
		t.Errorf("first %s, again %s", first.body, again.body)
	}
	for _, name := range []string{"Location", "ETag", "Registerposition", "Content-Type"} {
		again.wantHeaders(name + ": " + first.Get(name))
	}
	s.call("POST", "/v2/daginstitutioner", changed, key).problem(422, "genbrugt-noegle/andetIndhold")
	s.call("POST", "/v1/daginstitutioner", daginstitution, key).problem(422, "genbrugt-noegle/andetIndhold")
	s.call("POST", "/v2/anvisningsenheder", daginstitution, key).ok(422)
	if after := s.positions(); after != before {
		t.Errorf("written: %s, before %s", after, before)
	}

	// A refused request holds no key, a change takes none, and a longest one is long.
	s.call("POST", "/v2/daginstitutioner", "{}", "Idempotency-Key: k2").ok(422)
	s.call("POST", "/v2/daginstitutioner", daginstitution, "Idempotency-Key: k2").ok(201)
	s.call("PUT", "/v2/daginstitutioner/G10000", daginstitution, `If-Match: "2"`, "Idempotency-Key: k2").ok(200)
	longest := strings.Repeat("ø", 127) + "x"
	s.call("POST", "/v2/daginstitutioner", daginstitution, "Idempotency-Key: "+longest).ok(201)
	for _, path := range []string{"/v2/daginstitutioner", "/v2/import", "/v2/numre"} {
		s.call("POST", path, "{}", "Idempotency-Key: x"+longest).problem(400, "ugyldig-parameter/idempotencyKey")
	}
}

// TestWarningsAreReplayed gets the warnings of a create again, in another language.
func TestWarningsAreReplayed(t *testing.T) {
	s := newSite(t).family()
	body := strings.Replace(enhed, `"pNummer":"1003259422",`, "", 1)
	type shown struct {
		Advarsler []struct{ Regel, Tekst, Nummer string }
	}
	first := read[shown](s.call("POST", "/v2/anvisningsenheder", body, "Idempotency-Key: k").ok(201))
	again := read[shown](s.call("POST", "/v2/anvisningsenheder", body, "Idempotency-Key: k", "Accept-Language: en").ok(201))
	for i, rule := range []string{"p-nummer-mangler", "mulig-dublet"} {
		if len(first.Advarsler) != 2 || len(again.Advarsler) != 2 {
			t.Fatalf("first %+v, again %+v", first, again)
		}
		a, b := first.Advarsler[i], again.Advarsler[i]
		if a.Regel != rule || b.Regel != rule || a.Tekst == b.Tekst || a.Nummer != b.Nummer {
			t.Errorf("first %+v, again %+v", a, b)
		}
	}
}

// TestTextsByteForByte writes texts of every sort and reads them back, as JSON and as CSV.
func TestTextsByteForByte(t *testing.T) {
	for written, want := range map[string]struct{ json, csv string }{
		`Børnehuset \"Æblet\" \\ Å`: {`Børnehuset \"Æblet\" \\ Å`, `"Børnehuset ""Æblet"" \ Å"`},
		`a;b`:                       {`a;b`, `"a;b"`},
		`</script>&'`:               {`</script>&'`, `</script>&'`},
		`\u00e6\/😀`:                 {"æ/😀", "æ/😀"},
		`  i midten   `:             {"i midten", "i midten"},
		`=1+1`:                      {"=1+1", "=1+1"},
	} {
		s := newSite(t)
		created := s.call("POST", "/v2/daginstitutioner", strings.Replace(daginstitution, "Område Øst", written, 1)).ok(201)
		read := s.call("GET", "/v2/daginstitutioner/G10000", "").ok(200)
		file := s.call("GET", "/v2/eksport/daginstitutioner.ndjson", "").ok(200)
		for _, a := range []*answer{created, read, file} {
			if name := `"daginstitutionsNavn":"` + want.json + `"`; !strings.Contains(a.body, name) {
				t.Errorf("%s\n got %s\nwant %s", a.call, a.body, name)
			}
		}
		if csv := s.call("GET", "/v2/eksport/daginstitutioner.csv", "").ok(200); !strings.Contains(csv.body, ";Aktiv;"+want.csv+";1;Kommunal;") {
			t.Errorf("%s: %s", written, csv.body)
		}
	}
}

// TestHeadersOfAnIdleWrite answers a change that changes nothing as any other, and the log stays where it is.
func TestHeadersOfAnIdleWrite(t *testing.T) {
	s := newSite(t).family()
	s.now = s.now.AddDate(0, 0, 1)
	a := s.call("PUT", "/v2/daginstitutioner/G10000", daginstitution, `If-Match: "1"`).ok(http.StatusOK)
	a.wantHeaders(`ETag: "1"`, "Registerposition: 461:1")
	if row := s.call("GET", "/v2/daginstitutioner/G10000", ""); row.body != a.body || s.positions() != "461:3" {
		t.Errorf("answered %s, read %s, at %s", a.body, row.body, s.positions())
	}
}
