package importing_test

import (
	"math/rand/v2"
	"sync"
	"testing"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/importing"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// TestManyWriters has 16 callers create, change, move and close units in two municipalities at once. What each was told was done is
// in the log, once, and the log holds nothing else.
func TestManyWriters(t *testing.T) {
	r := settled(t, 500)
	r.wantAll([]importing.Op{indlaes(daginstitution("G20030", inKommune(751)))}, importing.Created)
	before := r.content()
	const writers, each = 16, 25
	done := make([][]register.Unit, writers)
	var group sync.WaitGroup
	for i := range writers {
		group.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(i)))
			known := []register.Number{"G20000", "G20010", "G20020", "G20030"}
			for range each {
				result := r.Do(t.Context(), anyOp(r, random, known), importing.Options{Actor: register.Actor{Version: register.V2}, Rights: access.Everything})
				switch {
				case result.Err != nil:
					t.Error(result.Err)
				case result.Outcome == importing.Created:
					known = append(known, result.Unit.Number())
					fallthrough
				case result.Outcome == importing.Changed:
					done[i] = append(done[i], result.Unit)
				}
			}
		})
	}
	group.Wait()

	after := r.sound()
	logged := make(map[register.Unit]int)
	for _, c := range after.log {
		if c.Aarsag == register.VedKald && c.Position == c.Efter.Position { // a move away stands in the old log as well
			logged[c.Efter]++
		}
	}
	for _, c := range before.log {
		logged[c.Efter]--
	}
	acts := 0
	for _, units := range done {
		acts += len(units)
		for _, u := range units {
			logged[u]--
		}
	}
	for u, surplus := range logged {
		if surplus != 0 {
			t.Errorf("the log holds %d more of %+v than was answered", surplus, u)
		}
	}
	if acts < writers*each/8 {
		t.Errorf("only %d of %d operations came to something", acts, writers*each)
	}
}

// anyOp makes up an operation on the caller's own units and the four daginstitutioner that all share, going by a row as it is read.
func anyOp(r *registry, random *rand.Rand, known []register.Number) importing.Op {
	pick := func() register.Unit {
		u, err := r.Store.Unit(r.Context(), known[random.IntN(len(known))])
		if err != nil {
			r.Error(err)
		}
		return u
	}
	parent, u := pick(), pick()
	act := random.IntN(6)
	if act == 5 && u.Level == register.Daginstitution {
		act = 0 // the daginstitutioner stay open for all
	}
	switch act {
	case 0, 1:
		return opret(enhed("", parent.DaginstitutionsNummer))
	case 2:
		return opret(adresse("", parent.Number()))
	case 3:
		u.Navn += "."
		op := ret(u)
		op.Expect = []int64{u.Version}
		return op
	case 4:
		if u.Level == register.Daginstitution {
			u.AdmKommuneKode = 461 + 751 - u.AdmKommuneKode
			return ret(u)
		}
		op := importing.Op{Operation: validation.Flyt, Level: u.Level, Number: u.Number(), Unit: register.Unit{Level: u.Level}}
		op.Unit.DaginstitutionsNummer, op.Unit.EnhedsNummer = parent.DaginstitutionsNummer, parent.EnhedsNummer
		return op
	}
	return importing.Op{Operation: validation.Nedlaeg, Level: u.Level, Number: u.Number()}
}
