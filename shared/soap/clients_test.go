package soap_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"dagtilbudsregisteret.dk/shared/soap/soaptest"
)

// TestClients has the clients of four stacks live through the same story, each with a register of its own. All see the same, which is
// what the story tells; every version of every unit that they saw is what REST says it was; and every answer they got is valid.
func TestClients(t *testing.T) {
	for version, want := range map[string]string{"v1": storyOfV1, "v2": storyOfV2} {
		t.Run(version, func(t *testing.T) {
			var first atomic.Pointer[[]soaptest.Step]
			for _, client := range soaptest.Clients {
				t.Run(client.Name, func(t *testing.T) {
					t.Parallel()
					l := newLoopback(t)
					story := placeless(client.Live(t, l.address, l.login, version))
					wantTold(t, story, want)
					wantSchema(t, story, version)
					wantSent(t, l)
					wantTrue(t, l, story)
					l.wantValid("ImportService", version, "import.xsd")
					l.wantValid("ExportService", version, "export.xsd")
					if !first.CompareAndSwap(nil, &story) {
						wantSame(t, *first.Load(), story)
					}
				})
			}
		})
	}
}

func wantTold(t *testing.T, story []soaptest.Step, want string) {
	t.Helper()
	var got []string
	for _, step := range story {
		if step.Name != "schema" {
			got = append(got, told(step))
		}
	}
	if told := strings.Join(got, "\n"); told != strings.TrimSpace(want) {
		t.Errorf("the story is\n%s\nwant%s", told, want)
	}
}

// wantSchema holds the schema that a client fetched against the one in the contract. npm's soap takes white space at the end away.
func wantSchema(t *testing.T, story []soaptest.Step, version string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("contract", version, "dagtilbud.xsd"))
	if err != nil {
		t.Fatal(err)
	}
	want := soaptest.Step{Name: "schema", Saw: fmt.Sprintf("%x", sha256.Sum256(bytes.TrimSpace(text)))}
	if !slices.ContainsFunc(story, func(s soaptest.Step) bool { return reflect.DeepEqual(s, want) }) {
		t.Errorf("no %v", want)
	}
}

// wantSame holds what one client saw against what another did, down to the last word.
func wantSame(t *testing.T, one, other []soaptest.Step) {
	t.Helper()
	if len(one) != len(other) {
		t.Fatalf("%d steps, and %d to another", len(other), len(one))
	}
	for i := range one {
		if !reflect.DeepEqual(one[i], other[i]) {
			t.Errorf("step %d\n%v, and to another\n%v", i, other[i], one[i])
		}
	}
}

// placeless takes out of a story what has to do with how the client writes XML: where in it findings are. But the validation's document is
// the same from every client.
func placeless(story []soaptest.Step) []soaptest.Step {
	for _, step := range story {
		saw, _ := step.Saw.(map[string]any)
		for _, one := range slices.Concat(several(saw, "fejl"), several(saw, "advarsel")) {
			if step.Name != "validate" {
				delete(one, "linje")
				delete(one, "kolonne")
				delete(one, "sti")
			}
		}
	}
	return story
}

// wantSent holds what a client sent first of a unit of each level, and what it changed them to, against what REST says came of it.
func wantSent(t *testing.T, l *loopback) {
	t.Helper()
	for _, sent := range [...]struct {
		number  string
		version int
		want    string
	}{
		{"G10000", 1, `{"daginstitutionsNavn":"Børnehuset \"Æblehaven\" & <Søen>","ejerformKode":1,"lovgrundlagKode":1,"admKommuneKode":265}`},
		{"G10000", 2, `{"daginstitutionsNavn":"Børnehuset Æblehaven","ejerformKode":1,"lovgrundlagKode":1,"admKommuneKode":265}`},
		{"G10002", 1, `{"daginstitutionsNummer":"G10000","enhedsNavn":"Åkanden & Søn's <\"Hus\">","instType3":6012,
			"adresse":{"vejNavn":"Æblestien","husNummer":"12b","etage":"1","doer":"tv","postNummer":"4000","byNavn":"Roskilde",
				"supplerendeBynavn":"Ågerup","kommuneKode":265,"dawaId":"0a3f50b4-2df6-32b8-e044-0003ba298018","geoBredde":55.6415,
				"geoLaengde":12.0803},
			"email":"aakanden@eksempel.dk","telefonNummer":"+45 46 31 30 00","pNummer":"1003259422"}`},
		{"G10002", 2, `{"daginstitutionsNummer":"G10000","enhedsNavn":"Åkanden","instType3":6012,"adresse":{"vejNavn":"Æblestien",
			"husNummer":"12b","postNummer":"4000","byNavn":"Roskilde","kommuneKode":265},"email":"ny@eksempel.dk","pNummer":"1003259422"}`},
		{"G10004", 1, `{"enhedsNummer":"G10002","alternativAdresseNavn":"Skovhuset – “ude” 🌲","adresse":{"vejNavn":"Æblestien","husNummer":"3",
			"postNummer":"4000","byNavn":"Roskilde","kommuneKode":265}}`},
		{"G10004", 2, `{"enhedsNummer":"G10002","alternativAdresseNavn":"Skovhuset","adresse":{"vejNavn":"Æblestien","husNummer":"4",
			"postNummer":"4000","byNavn":"Roskilde","kommuneKode":265}}`},
	} {
		past := l.past(sent.number)
		if len(past) < sent.version {
			t.Errorf("%s has %d versions", sent.number, len(past))
			continue
		}
		got, want := past[sent.version-1], decodeJSON[row](t, []byte(sent.want))
		for _, set := range [...]string{"aktivitetsstatus", "version", "senestOpdateret"} {
			delete(got, set)
		}
		for i, navn := range names {
			if _, is := got[navn]; is {
				delete(got, numbers[i])
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("sent was %v\nREST has %v", want, got)
		}
	}
}

// wantTrue holds every row that a client read against what REST says the unit was in that version. In the end all are closed.
func wantTrue(t *testing.T, l *loopback, story []soaptest.Step) {
	t.Helper()
	for _, step := range story {
		answer, is := step.Saw.(map[string]any)
		if !is || answer["status"] != nil {
			continue
		}
		for _, got := range rowsOf(answer) {
			version, _ := got["version"].(float64)
			if past := l.past(got.number()); version < 1 || int(version) > len(past) || !reflect.DeepEqual(got, past[int(version)-1]) {
				t.Errorf("%s: read was %v\nREST has %v", step.Name, got, past)
			}
		}
	}
	for number, r := range l.rows() {
		if r["aktivitetsstatus"] != "Nedlagt" {
			t.Errorf("%s is left: %v", number, r)
		}
	}
}

// told tells a step of the story in a line: of a write its verdict, of a reading how many rows it found.
func told(s soaptest.Step) string {
	saw, is := s.Saw.(map[string]any)
	if !is {
		return fmt.Sprintf("%s: %v", s.Name, s.Saw)
	}
	if saw["status"] == nil {
		return fmt.Sprintf("%s: %d", s.Name, len(rowsOf(saw)))
	}
	var words []string
	if saw["nummer"] != nil {
		words = append(words, unitOf(saw))
	}
	for _, one := range several(saw, "raekke") {
		words = append(words, unitOf(one))
	}
	for _, one := range several(saw, "fejl") {
		words = append(words, findingOf(one))
	}
	for _, one := range several(saw, "advarsel") {
		words = append(words, "("+findingOf(one)+")")
	}
	return fmt.Sprintf("%s: %v %s", s.Name, saw["status"], strings.Join(words, ", "))
}

// several gives the members of a list in an answer.
func several(saw map[string]any, list string) (all []map[string]any) {
	members, _ := saw[list].([]any)
	for _, one := range members {
		all = append(all, one.(map[string]any))
	}
	return all
}

// rowsOf gives the rows of an answer, whose one member is a list or a tree of them.
func rowsOf(answer map[string]any) (rows []row) {
	for _, register := range answer {
		rows = flat(register)
	}
	return rows
}

func unitOf(one map[string]any) string { return fmt.Sprintf("%v:%v", one["nummer"], one["version"]) }

// findingOf tells what a finding is, where and of whom, and what would be lawful.
func findingOf(one map[string]any) string {
	words := fmt.Sprintf("%v/%v", one["regel"], one["kode"])
	for _, where := range [...]string{"linje", "kolonne", "pointer", "nummer", "sti"} {
		if one[where] != nil {
			words += fmt.Sprint(" ", one[where])
		}
	}
	for _, fix := range several(one, "rettelse") {
		for _, step := range several(fix, "trin") {
			words += fmt.Sprintf(" %v=%v", step["pointer"], step["vaerdi"])
		}
	}
	return words
}

// What the clients tell of their story, step by step: the verdict and the unit of a write, with what stands in its way and, in parentheses,
// its warnings; the number of rows of a reading.
const (
	storyOfV1 = `
hello: [Hello 2026-11-23T08:30:01Z Hello 2026-11-23T08:30:02Z]
validate: Fejl xml-skema/mangler 1 1 /daginstitution/lovgrundlagKode, xml-skema/mangler 1 1 /daginstitution/admKommuneKode, xml-skema/heltal 3 1 /daginstitution/ejerformKode
insert daginstitution: OK G10000:1
insert daginstitution: OK G10001:1
insert anvisningsenhed: OK G10002:1
insert anvisningsenhed: OK G10003:1, (p-nummer-mangler/mangler /pNummer)
insert alternativ adresse: OK G10004:1
find by name: 1
read tree: 3
read daginstitution: 1
update daginstitution: OK G10000:2
read anvisningsenhed: 1
update anvisningsenhed: OK G10002:2
read alternativAdresse: 1
update alternativ adresse: OK G10004:2
move anvisningsenhed: OK G10002:3
read alternativAdresse: 1
move alternativ adresse: OK G10004:4
two faults: Fejl insttype3/ukendtKode /instType3, postnummer/format /adresse/postNummer
close too early: Fejl aktive-underenheder/aktiv G10002, aktive-underenheder/aktiv G10003, aktive-underenheder/aktiv G10004
unlawful triple: OK G10005:1, (p-nummer-mangler/mangler /pNummer)
not ours: Fejl adgang/kommune
wrong secret: login
read tree: 4
read alternativAdresse: 1
close: OK G10004:5
read anvisningsenhed: 1
close: OK G10002:4
read anvisningsenhed: 1
close: OK G10003:2
read anvisningsenhed: 1
close: OK G10005:2
read daginstitution: 1
close: OK G10000:3
read daginstitution: 1
close: OK G10001:2
read tree: 4
`
	storyOfV2 = `
hello: [Hello 2026-11-23T08:30:01Z Hello 2026-11-23T08:30:02Z]
validate: Fejl xml-skema/mangler 1 1 /daginstitution/lovgrundlagKode, xml-skema/mangler 1 1 /daginstitution/admKommuneKode, xml-skema/heltal 3 1 /daginstitution/ejerformKode
insert daginstitution: OK G10000:1
insert daginstitution: OK G10001:1
insert anvisningsenhed: OK G10002:1
insert anvisningsenhed: OK G10003:1, (p-nummer-mangler/mangler /pNummer)
insert alternativ adresse: OK G10004:1
find by name: 1
read tree: 3
read daginstitution: 1
update daginstitution: OK G10000:2
read anvisningsenhed: 1
update anvisningsenhed: OK G10002:2
read alternativAdresse: 1
update alternativ adresse: OK G10004:2
move anvisningsenhed: OK G10002:3
read alternativAdresse: 1
move alternativ adresse: OK G10004:4
two faults: Fejl insttype3/ukendtKode /instType3, postnummer/format /adresse/postNummer
close too early: Fejl mangler-if-match/mangler, aktive-underenheder/aktiv G10002, aktive-underenheder/aktiv G10003, aktive-underenheder/aktiv G10004
unlawful triple: Fejl krydsvalidering/ulovligType /instType3 G10000 /instType3=6012 /instType3=6014 /instType3=6011 /instType3=6010
read daginstitution: 1
read anvisningsenhed: 1
read anvisningsenhed: 1
replace: OK G10001:2, G10001:2, G10002:4, G10003:2, G10005:1, G10004:5, (p-nummer-mangler/mangler /anvisningsenheder/0/pNummer), (p-nummer-mangler/mangler /anvisningsenheder/1/pNummer)
not ours: Fejl adgang/kommune
wrong secret: login
read tree: 5
read alternativAdresse: 1
close: OK G10005:2
read anvisningsenhed: 1
close: OK G10002:5
read anvisningsenhed: 1
close: OK G10003:3
read daginstitution: 1
close: OK G10000:3
read daginstitution: 1
close: OK G10001:3
read tree: 5
`
)
