package rest_test

import (
	"strings"
	"testing"
	"time"
)

// numberState is what has become of a number.
type numberState struct {
	Nummer, Tilstand, DagtilbudsType, DaginstitutionsNummer, EnhedsNummer, Sti, Udloeber string
	AdmKommuneKode                                                                       int
}

// TestNumberStates asks for a number in every state there is.
func TestNumberStates(t *testing.T) {
	s := newSite(t).family()
	s.call("DELETE", "/v2/alternative-adresser/G10002", "", `If-Match: "1"`).ok(200)
	s.call("POST", "/v2/numre", `{"antal":2,"udloeber":"2026-11-23T10:00:00+01:00"}`).ok(201) // in half an hour
	s.call("POST", "/v2/numre", `{"efter":"G10010"}`).ok(200)
	s.call("POST", "/v2/daginstitutioner", strings.Replace(daginstitution, "{", `{"daginstitutionsNummer":"G10004",`, 1)).ok(201)
	check := func(what string, want ...numberState) {
		for _, w := range want {
			if got := read[numberState](s.call("GET", "/v2/numre/"+w.Nummer, "").ok(200)); got != w {
				t.Errorf("%s\n got %+v\nwant %+v", what, got, w)
			}
		}
	}
	d, e := "daginstitution", "anvisningsenhed"
	check("now",
		numberState{"G10000", "aktiv", d, "G10000", "", "/v2/daginstitutioner/G10000", "", 461},
		numberState{"G10001", "aktiv", e, "G10000", "G10001", "/v2/anvisningsenheder/G10001", "", 461},
		numberState{"G10002", "nedlagt", "alternativAdresse", "G10000", "G10001", "/v2/alternative-adresser/G10002", "", 461},
		numberState{Nummer: "G10003", Tilstand: "reserveret", Udloeber: "2026-11-23T09:00:00Z"},
		numberState{"G10004", "aktiv", d, "G10004", "", "/v2/daginstitutioner/G10004", "", 461},
		numberState{Nummer: "G10010", Tilstand: "ubrugt"},
		numberState{Nummer: "G10011", Tilstand: "ledig"},
		numberState{Nummer: "D10041", Tilstand: "ledig"})
	s.now = s.now.Add(time.Hour)
	check("in an hour", numberState{Nummer: "G10003", Tilstand: "ubrugt", Udloeber: "2026-11-23T09:00:00Z"})
	for _, n := range []string{"g10000", "G1", "x", "G100000"} {
		s.call("GET", "/v2/numre/"+n, "").problem(400, "ugyldig-parameter/nummer")
	}
}

func TestReserveNumbers(t *testing.T) {
	s := newSite(t)
	type made struct {
		Foerste, Udloeber string
		Antal             int
	}
	reserve := func(body string, headers ...string) made {
		t.Helper()
		return read[made](s.call("POST", "/v2/numre", body, headers...).ok(201))
	}
	first := reserve(`{"antal":3}`, "Idempotency-Key: k")
	if first != (made{"G10000", "2026-11-24T08:30:00Z", 3}) {
		t.Errorf("first %+v", first)
	}
	if again := reserve(`{"antal":3}`, "Idempotency-Key: k"); again != first {
		t.Errorf("again %+v", again)
	}
	s.call("POST", "/v2/numre", `{"antal":4}`, "Idempotency-Key: k").problem(422, "genbrugt-noegle/andetAntal /antal")
	for i, want := range []string{"G10003", "G10004"} { // a request id is no idempotency key
		if got := reserve(`{"antal":1}`, "X-Request-Id: same"); got.Foerste != want {
			t.Errorf("call %d: %+v, want %s", i, got, want)
		}
	}
	for body, want := range map[string]string{
		`{}`:                             "422 reservation/antal /antal",
		`{"antal":10001}`:                "422 reservation/antal /antal",
		`{"antal":"3"}`:                  "422 forkert-type/type /antal",
		`{"antal":3,"udloeber":"i går"}`: "422 reservation/format /udloeber",
		`{"antal":3,"efter":"G10000"}`:   "422 reservation/enten /efter",
		`{"efter":"10000"}`:              "422 nummer/format /efter",
		`{"antal":3,"til":"os"}`:         "422 ukendt-felt/ukendt /til",
		`{"antal":3`:                     "400 ugyldig-json/syntaks",
		`{"antal":3,"udloeber":"2026-11-23T08:30:00Z"}`: "422 reservation/udloeb /udloeber",
	} {
		status, line, _ := strings.Cut(want, " ")
		a := s.call("POST", "/v2/numre", body)
		if status == "400" {
			a.problem(400, line)
		} else {
			a.problem(422, line)
		}
	}
	if next := reserve(`{"antal":1}`); next.Foerste != "G10005" {
		t.Errorf("refused reservations took numbers: next is %s", next.Foerste)
	}
}
