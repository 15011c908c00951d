package importing_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/importing"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// entries gives the day's entries of the trail, by line.
func (r *registry) entries() (entries []access.Entry) {
	r.Helper()
	for e, err := range r.users.Entries(r.Context(), r.now, access.Entry{}, r.now) {
		if err != nil {
			r.Fatal(err)
		}
		entries = append(entries, e)
	}
	slices.SortStableFunc(entries, func(a, b access.Entry) int { return a.Linje - b.Linje })
	return entries
}

// trail gives them as lines: "<line>: <user> <what> <level> <number> <municipality>, <rules>".
func (r *registry) trail() (lines []string) {
	r.Helper()
	for _, e := range r.entries() {
		lines = append(lines, fmt.Sprintf("%d: %s %s %s %s %d, %s", e.Linje, e.Af.User, e.Handling, e.Level, e.Nummer, e.Kommune, strings.Join(e.Regler, " ")))
	}
	slices.Sort(lines) // those of one line
	return lines
}

func line(n int) func(*importing.Op) { return func(op *importing.Op) { op.Line = n } }

// TestRefusalsAreInTheTrail refuses operations in every way, between others that are carried out.
func TestRefusalsAreInTheTrail(t *testing.T) {
	ops := []importing.Op{
		as(opret(daginstitution("")), ref("d")),
		opret(enhed("", "#d", named(""))),
		{Findings: []validation.Finding{validation.UkendtHandling.Finding("/op", "ukendt", register.Text{Da: "Nej.", En: "No."})}},
		as(opret(daginstitution("", inKommune(751))), found(validation.UkendtFelt, "/x")),
		nedlaeg("G20000"),
		as(ret(daginstitution("#d", named(""))), func(op *importing.Op) { op.Unit.DaginstitutionsNummer = "" }),
		as(ret(enhed("G20001", "", named(" "))), func(op *importing.Op) { op.Number = "" }),
		nedlaeg("G29999"),
		nedlaeg("G20010"),
		as(indlaes(daginstitution("x"))),
		flyt("G20001", "G20020"),
		opret(enhed("", "G20000", withoutPNummer)),
	}
	for i := range ops {
		ops[i].Line = i + 1
	}
	actor := register.Actor{User: "os", Version: register.V2, Address: "192.0.2.1", RequestID: "req-1", Traceparent: "00-a-b-01"}
	o := importing.Options{Actor: actor, ImportID: "import-1"}
	forChunks(t, func(t *testing.T, r *registry) {
		dry := o
		dry.DryRun = true
		r.run(ops, dry)
		wantLines(t, "the trail of a dry run", r.trail(), nil)

		results := r.run(ops, o)
		want := []string{
			"2: os opret anvisningsenhed  461, navn/mangler",
			"3: os import niveau(0)  0, ukendt-handling/ukendt",
			"4: os opret daginstitution  751, ukendt-felt/x",
			"5: os nedlaeg daginstitution G20000 461, aktive-underenheder/aktiv",
			"6: os ret daginstitution G20022 461, navn/mangler",
			"7: os ret anvisningsenhed G20001 461, navn/mangler",
			"8: os nedlaeg daginstitution G29999 0, ukendt-nummer/findesIkke",
			"10: os indlaes daginstitution  461, nummer/format",
			"11: os flyt anvisningsenhed G20001 751, flytning-kommune/andenKommune",
		}
		slices.Sort(want)
		wantLines(t, "the trail", r.trail(), want)
		for _, e := range r.entries() {
			kept, err := validation.Decode(e.Fund)
			if err != nil || e.Af != actor || e.ImportID != "import-1" || !e.Afvist || e.Tid != r.now || len(kept) != len(results[e.Linje-1].Findings) {
				t.Errorf("%v: the trail holds %+v, and %d findings", err, e, len(kept))
			}
		}
	})
}

// TestStrictRefusalsAreInTheTrail has each operation of a run that is refused as a whole remembered.
func TestStrictRefusalsAreInTheTrail(t *testing.T) {
	r := settled(t, 1)
	r.run([]importing.Op{
		as(opret(daginstitution("")), line(1)), as(flyt("G20001", "G20010"), line(2)), as(nedlaeg("G20000"), line(3)),
	}, importing.Options{Strict: true})
	wantLines(t, "the trail", r.trail(), []string{
		"1:  opret daginstitution  461, alt-eller-intet/andenLinjeAfvist",
		"2:  flyt anvisningsenhed G20001 461, alt-eller-intet/andenLinjeAfvist",
		"3:  nedlaeg daginstitution G20000 461, aktive-underenheder/aktiv",
	})
}

// TestTrailKeepsFiftyFindings refuses to close a unit with sixty below it.
func TestTrailKeepsFiftyFindings(t *testing.T) {
	r := settled(t, 500)
	var ops []importing.Op
	for range 60 {
		ops = append(ops, opret(enhed("", "G20010")))
	}
	r.wantAll(ops, importing.Created)
	refused := r.run([]importing.Op{nedlaeg("G20010")}, importing.Options{})[0]
	entries := r.entries()
	if len(refused.Findings) != 60 || len(entries) != 1 {
		t.Fatalf("%d findings, %d entries", len(refused.Findings), len(entries))
	}
	if kept, err := validation.Decode(entries[0].Fund); err != nil || len(kept) != 50 || kept[49].Nummer != refused.Findings[49].Nummer {
		t.Errorf("%v: %d findings are kept", err, len(kept))
	}
}

// TestRepeatedCallsInTheTrail repeats requests by their idempotency keys: what was carried out leaves no entry, what is refused one for
// each time.
func TestRepeatedCallsInTheTrail(t *testing.T) {
	forChunks(t, func(t *testing.T, r *registry) {
		for range 2 {
			r.run([]importing.Op{
				as(ret(enhed("G20001", "", named("Nyt"))), key("a", 1), line(1)), as(nedlaeg("G20000"), key("b", 2), line(2)),
			}, importing.Options{})
		}
		r.run([]importing.Op{as(ret(enhed("G20001", "", named("Andet"))), key("a", 3), line(3))}, importing.Options{})
		wantLines(t, "the trail", r.trail(), []string{
			"2:  nedlaeg daginstitution G20000 461, aktive-underenheder/aktiv", "2:  nedlaeg daginstitution G20000 461, aktive-underenheder/aktiv",
			"3:  ret anvisningsenhed G20001 0, genbrugt-noegle/andetIndhold",
		})
	})
}

// TestRefusedCallIsInTheTrail remembers a call of which no operation was read.
func TestRefusedCallIsInTheTrail(t *testing.T) {
	r := settled(t, 500)
	findings := []validation.Finding{validation.ForStor.Finding("", "krop", register.Text{Da: "For stor.", En: "Too large."})}
	o := importing.Options{Actor: register.Actor{User: "os", Version: register.V1}, ImportID: "import-1"}
	for _, dry := range []bool{true, false} {
		o.DryRun = dry
		if err := r.Refuse(t.Context(), o, findings); err != nil {
			t.Fatal(err)
		}
	}
	entries := r.entries()
	if len(entries) != 1 || entries[0].Af != o.Actor || entries[0].ImportID != "import-1" || entries[0].Tid != r.now {
		t.Errorf("the trail holds %+v", entries)
	}
	wantLines(t, "the trail", r.trail(), []string{"0: os import niveau(0)  0, for-stor/krop"})

	broken := &register.Error{Kind: register.Unavailable}
	r.Trail = lost{broken}
	if err := r.Refuse(t.Context(), o, findings); err != error(broken) {
		t.Errorf("without a trail: %v", err)
	}
}

// lost is a trail that takes nothing.
type lost struct{ err error }

func (l lost) AddTrail(context.Context, ...access.Entry) error { return l.err }

// TestTrailFails has the trail fail at the first transaction that refuses something: what was refused there failed, what was written
// stays acknowledged, and nothing after it is tried.
func TestTrailFails(t *testing.T) {
	r := settled(t, 2)
	broken := &register.Error{Kind: register.Unavailable, Detail: register.Text{Da: "Senere.", En: "Later."}}
	r.Trail = lost{broken}
	ops := []importing.Op{
		opret(daginstitution("")), opret(daginstitution("")), // written
		opret(daginstitution("")), nedlaeg("G29999"), // the one is written, the other refused
		opret(daginstitution("")), nedlaeg("G29999"), opret(daginstitution("")),
	}
	results := r.run(ops, importing.Options{})
	wantLines(t, "results", showAll(results), []string{"created G20022:1", "created G20023:1", "created G20024:1",
		"refused, unavailable", "refused, unavailable", "refused, unavailable", "refused, unavailable"})
	for i := range results {
		if failed := i > 2; failed != (results[i].Err == error(broken)) || failed != (results[i].Kind() == register.Unavailable) {
			t.Errorf("operation %d: %v", i, results[i].Err)
		}
	}
	if c := r.sound(); len(c.rows) != 11+3 {
		t.Errorf("%d rows, want 11 and 3", len(c.rows))
	}
	wantLines(t, "where nothing is refused", r.runLines(ops[:1], importing.Options{}), []string{"created G20025:1"})
	wantLines(t, "a dry run", r.runLines(ops[3:4], importing.Options{DryRun: true}), []string{"refused, ukendt-nummer/findesIkke"})
	wantLines(t, "a strict run", r.runLines([]importing.Op{opret(daginstitution("")), nedlaeg("G29999")}, importing.Options{Strict: true}),
		[]string{"refused, unavailable", "refused, unavailable"})
}

// TestFailuresAreNoRefusals keeps what the register failed to judge out of the trail.
func TestFailuresAreNoRefusals(t *testing.T) {
	r := settled(t, 1)
	r.Store = &failing{r.Store, 1, &register.Error{Kind: register.Unavailable}}
	wantLines(t, "results", r.runLines([]importing.Op{as(nedlaeg("G29999"), line(1)), nedlaeg("G29998"), opret(daginstitution(""))}, importing.Options{}),
		[]string{"refused, ukendt-nummer/findesIkke", "refused, unavailable", "refused, unavailable"})
	wantLines(t, "the trail", r.trail(), []string{"1:  nedlaeg daginstitution G29999 0, ukendt-nummer/findesIkke"})
}

// TestEntryOfItsTime has an entry carry the moment of the refusal.
func TestEntryOfItsTime(t *testing.T) {
	r := settled(t, 1)
	for range 2 {
		r.now = r.now.Add(time.Minute)
		r.run([]importing.Op{nedlaeg("G29999")}, importing.Options{})
	}
	entries := r.entries()
	if len(entries) != 2 || entries[0].Tid != r.now || entries[1].Tid != r.now.Add(-time.Minute) || entries[0].ID == entries[1].ID {
		t.Errorf("the trail holds %+v", entries)
	}
}
