package rest_test

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/codes"
)

// realRow is one of the real units: number, name, type, ejerform, municipality and its name, street, house number, postal code and city.
type realRow []string

func (r realRow) number() string { return r[0] }

func (r realRow) kommune() int {
	kode, _ := strconv.Atoi(r[4]) // it is one of those that were asked for
	return kode
}

// lines are those that load a row, below a daginstitution of its own with the lovgrundlag that the law's triples imply.
func (r realRow) lines() string {
	ejerform, _ := strconv.Atoi(r[3])
	instType3, _ := strconv.Atoi(r[2])
	lovgrundlag, _ := codes.Embedded().Implied(ejerform, instType3)
	text := func(s string) string {
		quoted, _ := json.Marshal(s) // a text always has a form
		return string(quoted)
	}
	return fmt.Sprintf(`{"op":"indlaes","type":"daginstitution","ref":"%s","data":{"daginstitutionsNavn":%s,"ejerformKode":%s,"lovgrundlagKode":%d,"admKommuneKode":%s}}`,
		r[0], text(r[1]), r[3], lovgrundlag, r[4]) + "\n" +
		fmt.Sprintf(`{"op":"indlaes","type":"anvisningsenhed","nummer":"%s","data":{"daginstitutionsNummer":"#%s","enhedsNavn":%s,"instType3":%s,`,
			r[0], r[0], text(r[1]), r[2]) +
		fmt.Sprintf(`"adresse":{"vejNavn":%s,"husNummer":%s,"postNummer":"%s","byNavn":%s,"kommuneKode":%s}}}`, text(r[6]), text(r[7]), r[8], text(r[9]), r[4]) + "\n"
}

// realRows gives the real units of some municipalities. They are not part of the project: DTR_REAL_DATA names the folder with
// real-units.csv.
func realRows(t *testing.T, kommuner ...string) (rows []realRow) {
	path := filepath.Join(cmp.Or(os.Getenv("DTR_REAL_DATA"), "../../../shared/data"), "real-units.csv")
	file, err := os.Open(path)
	if err != nil {
		t.Skipf("NOT RUN: %s needs %s; set DTR_REAL_DATA to the folder that holds it", t.Name(), path)
	}
	defer file.Close()
	r := csv.NewReader(file)
	r.Comma = ';'
	all, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range all {
		if slices.Contains(kommuner, row[4]) {
			rows = append(rows, row)
		}
	}
	return rows
}

// story is what several systems do to a register, and what the trail is to tell of it.
type story struct {
	*site
	calls int
	acts  []string // what the trail is to tell, the oldest first
}

// send makes a call, a second after the one before it.
func (s *story) send(navn, method, path, body string, headers ...string) *answer {
	s.t.Helper()
	s.calls++
	s.now = s.now.Add(time.Second)
	return s.as(navn).call(method, path, body, append(headers, "X-Request-Id: "+s.latest())...)
}

// latest is what the latest call is known by.
func (s *story) latest() string { return fmt.Sprintf("kald-%04d", s.calls) }

// expect notes an act of the latest call.
func (s *story) expect(act spor) {
	act.RequestID = s.latest()
	s.acts = append(s.acts, act.told())
}

// told writes down what is to be told of an act.
func (s *spor) told() string {
	return fmt.Sprintf("%s %s %s %s nummer %s kommune %d om %s linje %d %s %q", s.RequestID, s.Bruger, s.Handling, s.Udfald, s.Nummer, s.AdmKommuneKode,
		s.Om, s.Linje, s.Version, s.Regler)
}

// party is a system of the story: what is its own to write, what it is told of the rest, and the version it calls.
type party struct {
	navn, rolle, version, kode string
	own                        func(r realRow) bool
}

// load brings rows into the register, as its operators do, and moves the numbers past them first.
func (s *story) load(rows []realRow) {
	s.t.Helper()
	highest := rows[0].number()
	var body strings.Builder
	for _, r := range rows {
		highest = max(highest, r.number())
		body.WriteString(r.lines())
	}
	s.send(drift, "POST", "/v2/numre", `{"efter":"`+highest+`"}`).ok(200)
	s.expect(spor{Bruger: drift, Handling: "numre/flyt", Udfald: "udfoert", Nummer: highest, Version: "v2"})
	for i, result := range resultLines(s.send(drift, "POST", "/v2/import", body.String())) {
		if result.Status != 201 {
			s.t.Fatalf("%s: %+v", rows[i/2], result)
		}
		s.expect(spor{Bruger: drift, Handling: "indlaes", Udfald: "udfoert", Nummer: result.Nummer, AdmKommuneKode: rows[i/2].kommune(), Version: "v2"})
	}
}

// resultLines gives the lines of an import's answer.
func resultLines(a *answer) (lines []resultLine) {
	a.t.Helper()
	for l := range strings.Lines(a.ok(200).body) {
		lines = append(lines, read[resultLine](&answer{a.t, a.call, a.status, a.Header, l}))
	}
	return lines
}

// admit makes a system's user with its grants.
func (s *story) admit(p *party, more string, grants ...spor) {
	s.t.Helper()
	created := s.send(drift, "POST", "/v2/adgang/brugere", fmt.Sprintf(`{"navn":%q,"rolle":%q%s}`, p.navn, p.rolle, more)).ok(201)
	s.secrets[p.navn] = read[shownSecret](created).Hemmelighed
	s.expect(spor{Bruger: drift, Handling: "adgang/opret", Udfald: "udfoert", Om: p.navn, Version: "v2"})
	for _, g := range grants {
		body := fmt.Sprintf(`{"nummer":%q}`, g.Nummer)
		if g.AdmKommuneKode != 0 {
			body = fmt.Sprintf(`{"admKommuneKode":%d}`, g.AdmKommuneKode)
		}
		s.send(drift, "POST", "/v2/adgang/brugere/"+p.navn+"/bevillinger", body).ok(201)
		g.Bruger, g.Handling, g.Udfald, g.Om, g.Version = drift, "adgang/bevilg", "udfoert", p.navn, "v2"
		s.expect(g)
	}
}

// stored gives the anvisningsenheder as they now stand, by number.
func (s *story) stored() map[string]map[string]any {
	s.t.Helper()
	rows := make(map[string]map[string]any)
	for _, row := range read[[]map[string]any](s.as(nobody).call("GET", "/v2/eksport/anvisningsenheder.json", "").ok(200)) {
		rows[row["enhedsNummer"].(string)] = row
	}
	return rows
}

// reachable gives a row with another e-mail than it ever had.
func (s *story) reachable(row map[string]any, p *party) string {
	s.t.Helper()
	row["email"] = fmt.Sprintf("%s-%d@eksempel.dk", p.navn, s.calls)
	text, err := json.Marshal(row)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

// attempted notes what becomes of a party's attempt at a row, as line of an import where it is one, and gives the status it is to have.
func (s *story) attempted(p *party, r realRow, line int) int {
	act := spor{Bruger: p.navn, Handling: "ret", Udfald: "udfoert", Nummer: r.number(), AdmKommuneKode: r.kommune(), Version: p.version}
	if p.own(r) {
		s.expect(act)
		return http.StatusOK
	}
	act.Udfald, act.Linje, act.Regler = "afvist", line, []string{"adgang/" + p.kode}
	s.expect(act)
	return http.StatusForbidden
}

// one has a party change rows call by call: its own, and in vain those of others.
func (s *story) one(p *party, rows []realRow) {
	s.t.Helper()
	stored := s.stored()
	for _, r := range rows {
		a := s.send(p.navn, "PUT", "/"+p.version+"/anvisningsenheder/"+r.number(), s.reachable(stored[r.number()], p), "If-Match: *")
		a.ok(s.attempted(p, r, 0))
	}
}

// many has a party change rows in one import.
func (s *story) many(p *party, rows []realRow) {
	s.t.Helper()
	stored := s.stored()
	var body strings.Builder
	for _, r := range rows {
		fmt.Fprintf(&body, `{"op":"ret","type":"anvisningsenhed","nummer":%q,"data":%s}`+"\n", r.number(), s.reachable(stored[r.number()], p))
	}
	for i, result := range resultLines(s.send(p.navn, "POST", "/"+p.version+"/import", body.String())) {
		if want := s.attempted(p, rows[i], i+1); result.Linje != i+1 || result.Status != want {
			s.t.Errorf("%s, line %d: %+v, want %d", p.navn, i+1, result, want)
		}
	}
}

// wantTold holds what a caller sees of the trail against acts: the calls come newest first, and those of one call, which are of one
// moment, in any order.
func (s *story) wantTold(navn string, want []string) {
	s.t.Helper()
	var got []string
	for _, act := range s.as(navn).trail("limit=1000") {
		if act.RequestID != "" { // the users of every test were there before the story
			got = append(got, act.told())
		}
	}
	call := func(act string) string { return strings.Fields(act)[0] }
	if !slices.IsSortedFunc(got, func(a, b string) int { return strings.Compare(call(b), call(a)) }) {
		s.t.Errorf("the trail, as %s sees it, is not told from the newest call to the oldest", navn)
	}
	slices.Sort(got)
	slices.Sort(want)
	if slices.Equal(got, want) {
		return
	}
	s.t.Errorf("%s sees %d acts, want %d", navn, len(got), len(want))
	for _, act := range got {
		if _, found := slices.BinarySearch(want, act); !found {
			s.t.Errorf("untrue: %s", act)
		}
	}
	for _, act := range want {
		if _, found := slices.BinarySearch(got, act); !found {
			s.t.Errorf("untold: %s", act)
		}
	}
}

// TestRealVendors has two vendors and a private owner change the real units of three municipalities, one by one and many at once: each
// its own, and each is refused those of the others. The trail tells all of it, act by act, and to each party its own part.
func TestRealVendors(t *testing.T) {
	rows := realRows(t, "265", "461", "740")
	s := &story{site: newSite(t)}
	s.load(rows)
	home := rows[slices.IndexFunc(rows, func(r realRow) bool { return r.kommune() == 461 && r[3] == "3" })]
	institution := s.stored()[home.number()]["daginstitutionsNummer"].(string)

	egern := &party{"egern", "leverandoer", "v2", "kommune", func(r realRow) bool { return r.kommune() != 461 }}
	baever := &party{"baever", "leverandoer", "v1", "kommune", func(r realRow) bool { return r.kommune() == 461 }}
	solstraalen := &party{"solstraalen", "ejer", "v2", "ejer", func(r realRow) bool { return r.number() == home.number() }}
	s.admit(egern, "", spor{AdmKommuneKode: 265}, spor{AdmKommuneKode: 740})
	s.admit(baever, "", spor{AdmKommuneKode: 461})
	s.admit(solstraalen, `,"cvrNummer":"`+ownCVR+`"`, spor{Nummer: institution})
	parties := []*party{egern, baever, solstraalen}
	for _, p := range parties {
		var some []realRow
		for i, r := range rows {
			if i%10 == 0 || r.number() == home.number() {
				some = append(some, r)
			}
		}
		s.one(p, some)
		s.many(p, rows)
	}

	written := s.stored()
	for _, p := range parties {
		for _, r := range rows {
			if email, _ := written[r.number()]["email"].(string); strings.HasPrefix(email, p.navn) && !p.own(r) {
				t.Errorf("%s of another is now %s", r.number(), email)
			}
		}
	}
	s.wantTold(drift, slices.Clone(s.acts))
	for _, p := range parties {
		s.wantTold(p.navn, slices.DeleteFunc(slices.Clone(s.acts), func(act string) bool { return strings.Fields(act)[1] != p.navn }))
	}
}
