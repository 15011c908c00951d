package importing_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/importing"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// drawOps draws operations, sound and unsound, about the units there are, units that the operations before them create, and none.
func drawOps(t *rapid.T, rows map[register.Number]register.Unit) []importing.Op {
	known := slices.SortedFunc(maps.Keys(rows), compare)
	known = append(known, "", "D99999", "#0", "#1", "#2", "#3")
	number := rapid.SampledFrom(known)
	ops := make([]importing.Op, rapid.IntRange(1, 6).Draw(t, "operations"))
	for i := range ops {
		op := &ops[i]
		op.Operation = validation.Operation(rapid.IntRange(int(validation.Opret), int(validation.Indlaes)).Draw(t, "operation"))
		op.Number = number.Draw(t, "number")
		op.Level = rows[op.Number].Level
		if op.Level == 0 || oneIn(t, 10) {
			op.Level = rapid.SampledFrom(register.Levels[:]).Draw(t, "level")
		}
		switch op.Operation {
		case validation.Opret:
			op.Number = ""
		case validation.Indlaes:
			if !oneIn(t, 4) {
				op.Number = rapid.SampledFrom([]register.Number{"D00001", "D00002", "D00003", "x", ""}).Draw(t, "loaded number")
			}
		}
		op.Unit = drawUnit(t, op.Level, rows[op.Number], number.Draw(t, "parent"))
		if oneIn(t, 5) {
			op.Expect = []int64{rapid.Int64Range(1, 3).Draw(t, "version")}
		}
		if oneIn(t, 2) {
			op.Ref = fmt.Sprint(rapid.IntRange(0, 3).Draw(t, "ref"))
		}
		op.Line = i + 1
		if oneIn(t, 4) {
			op.Key, op.Hash = fmt.Sprint("key ", i), [32]byte{byte(rapid.IntRange(0, 1).Draw(t, "hash"))}
		}
	}
	return ops
}

// drawUnit draws what is sent: the row as it stands or another one, changed in a place or two.
func drawUnit(t *rapid.T, l register.Level, stands register.Unit, parent register.Number) register.Unit {
	u := stands
	if u.Level != l || oneIn(t, 3) {
		u = [...]register.Unit{{}, daginstitution(""), enhed("", parent), adresse("", parent)}[l]
		u.Navn = "Et navn"
	}
	u.Version, u.Position = 0, register.Position{}
	for range rapid.IntRange(0, 2).Draw(t, "changes") {
		switch rapid.IntRange(0, 6).Draw(t, "change") {
		case 0:
			u.Navn = rapid.SampledFrom([]string{"Et navn", "Et  NAVN", "Et andet", " ", "æ\x00"}).Draw(t, "navn")
		case 1:
			u.InstType3 = rapid.SampledFrom([]int{6010, 6013, 6021, 7}).Draw(t, "type")
		case 2:
			u.EjerformKode = rapid.IntRange(1, 5).Draw(t, "ejerform")
		case 3:
			u.LovgrundlagKode = rapid.IntRange(1, 11).Draw(t, "lovgrundlag")
		case 4:
			u.AdmKommuneKode = rapid.SampledFrom([]int{461, 751, 1}).Draw(t, "kommune")
		case 5:
			u.PNummer = ""
		case 6:
			u.Aktivitetsstatus = register.Aktivitetsstatus(rapid.IntRange(0, 2).Draw(t, "status"))
		}
	}
	switch l {
	case register.Daginstitution:
		u.InstType3, u.PNummer = 0, ""
	case register.Anvisningsenhed:
		u.DaginstitutionsNummer, u.EjerformKode, u.LovgrundlagKode = parent, 0, 0
	default:
		u.EnhedsNummer, u.EjerformKode, u.LovgrundlagKode, u.InstType3 = parent, 0, 0, 0
	}
	if u.Number() != "" && stands.Level != l {
		u.SetNumber("")
	}
	return u
}

func oneIn(t *rapid.T, n int) bool { return rapid.IntRange(1, n).Draw(t, "one in") == 1 }

// drawOptions draws how a run goes, and what it may write.
func drawOptions(t *rapid.T, r *registry) importing.Options {
	user := rapid.SampledFrom([]access.User{
		{Navn: "drift", Rolle: access.Drift}, {Navn: "support", Rolle: access.Support}, {Navn: "os", Rolle: access.Leverandoer, Grants: []access.Grant{
			{Kommune: 461, Niveauer: []register.Level{register.Daginstitution, register.AlternativAdresse}}, {Kommune: 461, Ejerformer: []int{1, 3}},
		}},
	}).Draw(t, "user")
	user.Forbindelse = access.Levere
	actor := register.Actor{User: user.Navn, Version: register.ServiceVersion(rapid.IntRange(1, 2).Draw(t, "version"))}
	return importing.Options{Actor: actor, Rights: user.Rights(r.now), Strict: oneIn(t, 5)}
}

// TestDryRunTellsTheTruth has any operations judged in a dry run, which must leave the register as it is, and then carried out, which
// must come out as was said and leave a sound register.
func TestDryRunTellsTheTruth(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := settled(t, rapid.SampledFrom(chunks).Draw(t, "chunk"))
		before := r.content()
		for range rapid.IntRange(1, 5).Draw(t, "runs") {
			ops, o := drawOps(t, before.rows), drawOptions(t, r)
			next, trail := r.next(), r.trail()
			dry := o
			dry.DryRun = true
			foretold := verdicts(r.try(ops, dry))
			wantSame(t, before, r.content())
			wantLines(t, "the trail after a dry run", r.trail(), trail)
			if now := r.next(); now != next {
				t.Errorf("a dry run took %s", next)
			}
			wantLines(t, "foretold", foretold, verdicts(r.try(ops, o)))
			before = r.sound()
		}
	})
}

// TestReferenceForANumber loads a row under the reference of one that was created right before it, and looks like it: a dry run, in which
// that one still goes by its reference, does not take them for one row.
func TestReferenceForANumber(t *testing.T) {
	r := settled(t, 1)
	ops := []importing.Op{
		{Operation: validation.Opret, Level: register.AlternativAdresse, Ref: "3", Unit: adresse("", "G20001")},
		{Operation: validation.Indlaes, Level: register.AlternativAdresse, Number: "#3", Unit: adresse("", "G20001")},
	}
	o := importing.Options{Actor: register.Actor{User: "support", Version: register.V1}, Rights: access.Everything}
	dry := o
	dry.DryRun = true
	foretold := verdicts(r.try(ops, dry))
	wantLines(t, "foretold", foretold, verdicts(r.try(ops, o)))
}

// TestTransactionsMakeNoDifference carries the same operations out one at a time and several to a transaction.
func TestTransactionsMakeNoDifference(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		single, many := settled(t, 1), settled(t, rapid.IntRange(2, 6).Draw(t, "chunk"))
		for range rapid.IntRange(1, 4).Draw(t, "runs") {
			ops, o := drawOps(t, single.content().rows), drawOptions(t, single)
			wantLines(t, "results", inAnyOrder(many.try(ops, o)), inAnyOrder(single.try(ops, o)))
		}
		wantSame(t, unplaced(single.sound()), unplaced(many.sound()))
		wantLines(t, "the trail", many.trail(), single.trail())
	})
}

// unplaced gives content without the positions of the rows, and without the log, which replays to the rows: where many rows follow one,
// those that are still to get their numbers take their turn by their provisional ones.
func unplaced(c content) content {
	for n, u := range c.rows {
		u.Position = register.Position{}
		c.rows[n] = u
	}
	c.log = nil
	return c
}

// inAnyOrder gives results with the findings of each in the order of their units: those that name a unit which is still to get its
// number come in the order of their provisional ones.
func inAnyOrder(results []importing.Result) []string {
	for i := range results {
		slices.SortStableFunc(results[i].Findings, func(a, b validation.Finding) int { return compare(a.Nummer, b.Nummer) })
	}
	return showAll(results)
}
