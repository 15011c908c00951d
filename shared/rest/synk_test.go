package rest_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

type shownCopy struct {
	AdmKommuneKode, Antal int
	Hash                  string
}

type shownComparison struct {
	Ens      bool
	Kommuner []struct {
		shownCopy
		Ens       bool
		Forskelle []struct {
			Nummer              string
			HosDig, IRegisteret int64
		}
		Enheder map[string]int64
	}
	IkkeNaevnt []int
}

// versionsIn gives what a municipality's file says of each unit's version.
func (s *site) versionsIn(kommune string) map[string]int64 {
	s.t.Helper()
	versions := make(map[string]int64)
	for row := range strings.Lines(s.call("GET", "/v2/eksport/samlet.ndjson?admKommuneKode="+kommune, "").ok(200).body) {
		versions[rowNumber.FindStringSubmatch(row)[2]] = version(row)
	}
	return versions
}

// hashOf is made as the description of the API has it.
func hashOf(versions map[string]int64) string {
	var text strings.Builder
	for _, n := range slices.Sorted(maps.Keys(versions)) {
		fmt.Fprintf(&text, "%s:%d\n", n, versions[n])
	}
	return fmt.Sprintf("%x", sha256.Sum256([]byte(text.String())))
}

// synced is a register of three municipalities, one of which its units have left.
func (s *site) synced() *site {
	s.t.Helper()
	s.municipalities()
	s.call("PUT", "/v2/daginstitutioner/G10005", strings.Replace(daginstitution, "461", "265", 1), "If-Match: *").ok(200)
	s.call("DELETE", "/v2/alternative-adresser/G10004", "", "If-Match: *").ok(200)
	return s
}

// TestOwn holds what the register says to have against its files.
func TestOwn(t *testing.T) {
	s := newSite(t).synced()
	a := s.as(nobody).call("GET", "/v2/synk", "").ok(200)
	a.wantHeaders("Registerposition: 265:5,461:11,751:10", "Haendelser-Efter: 000000000026")
	own := read[struct{ Kommuner []shownCopy }](a).Kommuner
	want := []shownCopy{{265, 5, hashOf(s.versionsIn("265"))}, {461, 10, hashOf(s.versionsIn("461"))}, {751, 0, hashOf(nil)}}
	if !slices.Equal(own, want) {
		t.Errorf("got %+v\nwant %+v", own, want)
	}
	one := s.call("GET", "/v2/synk?admKommuneKode=461", "").ok(200)
	one.wantHeaders("Registerposition: 461:11", "Haendelser-Efter: 000000000026")
	if own := read[struct{ Kommuner []shownCopy }](one).Kommuner; !slices.Equal(own, want[1:2]) {
		t.Errorf("of one municipality: %+v", own)
	}
	if body := s.call("GET", "/v2/synk?admKommuneKode=147", "").ok(200).body; body != "{\"kommuner\":[]}\n" {
		t.Errorf("of one that the register does not know: %s", body)
	}
	if body := newSite(t).call("GET", "/v2/synk", "").ok(200).body; body != "{\"kommuner\":[]}\n" {
		t.Errorf("of an empty register: %s", body)
	}
	s.call("GET", "/v2/synk?kommune=461", "").problem(400, "ugyldig-parameter/ukendt")
}

// compare sends what a caller has.
func (s *site) compare(kommuner ...string) (shownComparison, *answer) {
	s.t.Helper()
	a := s.as(nobody).call("POST", "/v2/synk", `{"kommuner":[`+strings.Join(kommuner, ",")+`]}`).ok(200)
	return read[shownComparison](a), a
}

// copyOf writes what a caller has of a municipality, unit by unit, or counted and summed.
func copyOf(kommune int, versions map[string]int64, counted bool) string {
	if counted {
		return fmt.Sprintf(`{"admKommuneKode":%d,"antal":%d,"hash":"%s"}`, kommune, len(versions), hashOf(versions))
	}
	text, _ := json.Marshal(versions)
	return fmt.Sprintf(`{"admKommuneKode":%d,"enheder":%s}`, kommune, text)
}

// TestSameCopy compares copies that are the same, in each way to say so.
func TestSameCopy(t *testing.T) {
	s := newSite(t).synced()
	roskilde, odense := s.versionsIn("265"), s.versionsIn("461")
	for _, counted := range []bool{true, false} {
		got, a := s.compare(copyOf(461, odense, counted), copyOf(265, roskilde, !counted), copyOf(751, map[string]int64{}, counted), copyOf(147, nil, true))
		a.wantHeaders("Registerposition: 265:5,461:11,751:10", "Haendelser-Efter: 000000000026")
		if !got.Ens || len(got.Kommuner) != 4 || got.IkkeNaevnt != nil {
			t.Errorf("%s", a.body)
		}
		for i, want := range []shownCopy{{461, 10, hashOf(odense)}, {265, 5, hashOf(roskilde)}, {751, 0, hashOf(nil)}, {147, 0, hashOf(nil)}} {
			if one := got.Kommuner[i]; one.shownCopy != want || !one.Ens || one.Forskelle != nil || one.Enheder != nil {
				t.Errorf("%+v, want %+v", one, want)
			}
		}
	}
	if got, a := s.compare(strings.Replace(copyOf(461, odense, true), hashOf(odense), strings.ToUpper(hashOf(odense)), 1)); !got.Ens {
		t.Errorf("a hash in capital letters: %s", a.body)
	}
	if got, a := s.compare(`{"admKommuneKode":751}`); !got.Ens || !slices.Equal(got.IkkeNaevnt, []int{265, 461}) {
		t.Errorf("nothing of a municipality that has nothing: %s", a.body)
	}
	if got, a := s.compare(); !got.Ens || len(got.Kommuner) != 0 || len(got.IkkeNaevnt) != 3 {
		t.Errorf("nothing: %s", a.body)
	}
}

// TestOtherCopy compares copies that are not: one unit is older, one newer, one was never seen, one is another municipality's now.
func TestOtherCopy(t *testing.T) {
	s := newSite(t).synced()
	theirs := s.versionsIn("461")
	theirs["G10000"], theirs["G10001"], theirs["G10005"] = 7, 2, 1
	delete(theirs, "G10014")
	got, a := s.compare(copyOf(461, theirs, false), copyOf(265, nil, true), copyOf(147, map[string]int64{"G10000": 1}, false), copyOf(751, theirs, true))
	const want = `{"ens":false,"kommuner":[` +
		`{"admKommuneKode":461,"antal":10,"hash":"461","ens":false,"forskelle":[{"nummer":"G10000","hosDig":7,"iRegisteret":1},` +
		`{"nummer":"G10001","hosDig":2,"iRegisteret":1},{"nummer":"G10005","hosDig":1},{"nummer":"G10014","iRegisteret":1}]},` +
		`{"admKommuneKode":265,"antal":5,"hash":"265","ens":false,"enheder":{"G10005":2,"G10006":2,"G10007":2,"G10008":2,"G10009":2}},` +
		`{"admKommuneKode":147,"antal":0,"hash":"none","ens":false,"forskelle":[{"nummer":"G10000","hosDig":1}]},` +
		`{"admKommuneKode":751,"antal":0,"hash":"none","ens":false}]}` + "\n"
	body := strings.NewReplacer(hashOf(s.versionsIn("461")), "461", hashOf(s.versionsIn("265")), "265", hashOf(nil), "none").Replace(a.body)
	if sorted(t, body) != sorted(t, want) {
		t.Errorf("got %s\nwant %s", body, want)
	}
	if got.Ens {
		t.Error("it is the same")
	}
	if got, a := s.compare(copyOf(461, s.versionsIn("461"), true), copyOf(461, theirs, true)); got.Ens || !got.Kommuner[0].Ens || got.Kommuner[1].Ens {
		t.Errorf("one copy of two: %s", a.body)
	}
}

// sorted writes JSON with the members of its objects in order.
func sorted(t *testing.T, text string) string {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	again, _ := json.Marshal(value)
	return string(again)
}

// TestCopiesThatAreNone sends what cannot be compared.
func TestCopiesThatAreNone(t *testing.T) {
	s := newSite(t).family()
	for body, want := range map[string][]string{
		`{"kommuner":[{"admKommuneKode":999,"antal":0},{"admKommuneKode":461},{"admKommuneKode":9}]}`: {
			"forkert-type/kommune /kommuner/0/admKommuneKode", "forkert-type/kommune /kommuner/2/admKommuneKode"},
		`{"kommuner":[{}]}`: {"forkert-type/kommune /kommuner/0/admKommuneKode"},
		`{"kommuner":[{"admKommuneKode":461},{"antal":1}]}`: {"forkert-type/kommune /kommuner/1/admKommuneKode"},
		`{"kommuner":[{"admKommuneKode":"461"}]}`:           {"forkert-type/type /kommuner/0/admKommuneKode"},
		`{"kommuner":{}}`:    {"forkert-type/type /kommuner"},
		`{"kommuner":[461]}`: {"forkert-type/type /kommuner/0"},
		`{"kommuner":[{"admKommuneKode":461,"enheder":["G1"]}]}`:  {"forkert-type/type /kommuner/0/enheder"},
		`{"kommuner":[{"admKommuneKode":461,"enheder":{"x":1}}]}`: {"forkert-type/version /kommuner/0/enheder/x"},
		`{"kommuner":[{"admKommuneKode":461,"enheder":{"G10000":0,"G10001":"1","G10002":null,"G10003":1.5}}]}`: {
			"forkert-type/version /kommuner/0/enheder/G10000", "forkert-type/type /kommuner/0/enheder/G10001",
			"forkert-type/type /kommuner/0/enheder/G10002", "forkert-type/heltal /kommuner/0/enheder/G10003"},
		`{"kommuner":[{"admKommuneKode":461,"kode":1}],"navn":"x"}`: {"ukendt-felt/ukendt /kommuner/0/kode", "ukendt-felt/ukendt /navn"},
	} {
		s.call("POST", "/v2/synk", body).problem(422, want...)
	}
	for body, want := range map[string]string{
		"":                  "ugyldig-json/syntaks",
		`{"kommuner":[`:     "ugyldig-json/syntaks /kommuner",
		`{"kommuner":[]}{}`: "ugyldig-json/mere",
		`{"kommuner":[{"admKommuneKode":461,"enheder":{"G10000":1,"G10000":1}}]}`: "ugyldig-json/syntaks /kommuner/0/enheder/G10000",
		`{"kommuner":[{"admKommuneKode":461,"enheder":{"G10000":`:                 "ugyldig-json/syntaks /kommuner/0/enheder/G10000",
	} {
		doc := read[problemDocument](s.call("POST", "/v2/synk", body).ok(400))
		if got := doc.lines(); got[len(got)-1] != want {
			t.Errorf("%s: %q, want %s", body, got, want)
		}
	}
	s.call("POST", "/v2/synk?x=1", `{"kommuner":[]}`).problem(400, "ugyldig-parameter/ukendt")
}
