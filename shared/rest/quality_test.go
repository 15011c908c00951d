package rest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/rechecking"
	"dagtilbudsregisteret.dk/shared/validation"
)

type quality struct {
	Enheder int
	Regler  map[string]int
	Fund    []struct {
		DagtilbudsNummer, DagtilbudsType, Alvor, Regel, Kode, Nummer, Tekst, Lov string
		AdmKommuneKode                                                           int
	}
	SenesteKoersler []struct {
		AdmKommuneKode, Enheder     int
		Tidspunkt, Registerposition string
		Regler                      map[string]int
	}
}

// fund writes down each finding: "unit rule other".
func (q *quality) fund() (lines []string) {
	for _, f := range q.Fund {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s %s", f.DagtilbudsNummer, f.Regel, f.Nummer)))
	}
	return lines
}

func TestQuality(t *testing.T) {
	s := newSite(t)
	unlawful := strings.NewReplacer(`"ejerformKode":1`, `"ejerformKode":2`, `"lovgrundlagKode":1`, `"lovgrundlagKode":5`).Replace(daginstitution)
	dagpleje := strings.NewReplacer("6011", "6013", `"pNummer":"1003259422",`, "", "G10000", "#d").Replace(enhed)
	aarhus := strings.Replace(daginstitution, "461", "751", 1)
	s.call("POST", "/v2/import", strings.Join([]string{
		`{"op":"indlaes","type":"daginstitution","nummer":"G20000","ref":"d","data":` + unlawful + "}",
		`{"op":"indlaes","type":"anvisningsenhed","nummer":"G23693","data":` + dagpleje + "}",
		`{"op":"indlaes","type":"daginstitution","nummer":"G20001","data":` + aarhus + "}",
	}, "\n")).ok(200)

	all := read[quality](s.call("GET", "/v2/kvalitet", "").ok(200))
	odense := []string{"G20000 krydsvalidering", "G23693 krydsvalidering G20000", "G23693 p-nummer-mangler"}
	if got := all.fund(); !slices.Equal(got, append(slices.Clone(odense), "G20001 daginstitution-uden-enheder")) || all.Enheder != 3 || len(all.SenesteKoersler) != 0 {
		t.Errorf("%d units, %q, runs %v", all.Enheder, got, all.SenesteKoersler)
	}
	f := all.Fund[1]
	if f.DagtilbudsType != "anvisningsenhed" || f.AdmKommuneKode != 461 || f.Alvor != "fejl" || f.Kode != "ulovligDaginstitution" ||
		!strings.Contains(f.Tekst, "G20000") || !strings.Contains(f.Lov, "21") {
		t.Errorf("finding %+v", f)
	}
	one := s.call("GET", "/v2/kvalitet?admKommuneKode=461", "", "Accept-Language: en").ok(200)
	one.wantHeaders("Registerposition: 461:2", "Content-Language: en")
	q := read[quality](one)
	if got := q.fund(); !slices.Equal(got, odense) || q.Enheder != 2 || q.Regler["krydsvalidering"] != 2 || len(q.Regler) != 2 {
		t.Errorf("%d units, %v, %q", q.Enheder, q.Regler, got)
	}
	if none := read[quality](s.call("GET", "/v2/kvalitet?admKommuneKode=101", "").ok(200)); none.Enheder != 0 || none.Fund == nil {
		t.Errorf("%+v", none)
	}
}

// TestScheduledRun keeps what a run found, with its time, whatever is put right later.
func TestScheduledRun(t *testing.T) {
	s := newSite(t)
	s.call("POST", "/v2/daginstitutioner", daginstitution).ok(201)
	run := rechecking.Service{Store: s.store, Checker: validation.New(codes.Embedded()), Now: func() time.Time { return s.now }}
	if _, err := run.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.call("POST", "/v2/anvisningsenheder", enhed).ok(201)
	for query, runs := range map[string]int{"": 1, "?admKommuneKode=461": 1, "?admKommuneKode=751": 0} {
		q := read[quality](s.call("GET", "/v2/kvalitet"+query, "").ok(200))
		if len(q.SenesteKoersler) != runs || len(q.Fund) != 0 {
			t.Fatalf("%s: runs %+v, found %+v", query, q.SenesteKoersler, q.Fund)
		}
		if runs == 0 {
			continue
		}
		kept := q.SenesteKoersler[0]
		if kept.AdmKommuneKode != 461 || kept.Tidspunkt != "2026-11-23T08:30:00Z" || kept.Registerposition != "461:1" || kept.Enheder != 1 ||
			len(kept.Regler) != 1 || kept.Regler["daginstitution-uden-enheder"] != 1 {
			t.Errorf("kept %+v", kept)
		}
	}
}

// verdict is the answer of validering, and what it has in common with the line of an import's answer.
type verdict struct {
	problemDocument
	Lovlig bool
}

// TestVerdictIsThatOfAnImport asks for the verdict on lines, and then imports them.
func TestVerdictIsThatOfAnImport(t *testing.T) {
	s := newSite(t).family()
	for _, l := range []string{
		strings.TrimSpace(line("")),
		`{"op":"opret","type":"anvisningsenhed","data":` + strings.Replace(enhed, "6011", "6013", 1) + "}",
		`{"op":"nedlaeg","type":"daginstitution","nummer":"G10000"}`,
		`{"op":"ret","type":"daginstitution","nummer":"G10000","data":{"version":1,` + changed[1:] + "}",
		`{"op":"ret","type":"daginstitution","nummer":"G99999","data":` + changed + "}",
		`{"op":"slet","type":"skole","x":1}`,
	} {
		before := s.positions()
		v := read[verdict](s.call("POST", "/v2/validering", l).ok(200))
		if s.positions() != before {
			t.Errorf("%s: written", l)
		}
		r := read[resultLine](s.call("POST", "/v2/import", l).ok(200))
		if v.Status != r.Status || v.Lovlig != (r.Status < 300) || !slices.Equal(v.lines(), r.lines()) {
			t.Errorf("%s\n verdict %d %q\n  import %d %q", l, v.Status, v.lines(), r.Status, r.lines())
		}
	}
	s.call("POST", "/v2/validering", "{").problem(400, "ugyldig-json/syntaks")
}
