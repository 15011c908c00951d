package exporting_test

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"dagtilbudsregisteret.dk/shared/boltstore"
	"dagtilbudsregisteret.dk/shared/exporting"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/storetest"
)

// tester is what *testing.T and *rapid.T have in common.
type tester interface {
	rapid.TB
	Context() context.Context
	Cleanup(func())
}

// pick chooses one of n things.
type pick func(n int) int

// picks has rapid choose.
func picks(t *rapid.T) pick {
	return func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "pick") }
}

// world is a register of a few municipalities in which anything may happen, and the clock by which it does.
type world struct {
	tester
	exporting.Service
	now    time.Time
	made   []register.Number
	units  map[register.Number]register.Unit // as they stand
	latest map[int]time.Time                 // when each municipality's latest change was made
}

// settle is how long the reads of a world may lag.
const settle = 20 * time.Millisecond

// newWorld is one on disk, where nothing has happened.
func newWorld(t tester) *world {
	t.Helper()
	dir, err := os.MkdirTemp("", "exporting-*")
	if err != nil {
		t.Fatal(err)
	}
	store, err := boltstore.Open(filepath.Join(dir, "register.db"), register.DefaultSeries)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		store.Close()
		os.RemoveAll(dir)
	})
	return worldIn(t, store)
}

func worldIn(t tester, store register.Store) *world {
	w := &world{tester: t, now: storetest.Now, units: make(map[register.Number]register.Unit), latest: make(map[int]time.Time)}
	w.Service = exporting.Service{Store: store, Clock: func() time.Time { return w.now }}
	return w
}

var kommuner = []int{101, 265, 461}

// happen has something happen: time passes or does not, and a unit is made, renamed, closed, or moved with all below it.
func (w *world) happen(pick pick) {
	w.Helper()
	w.now = w.now.Add([]time.Duration{0, 0, time.Millisecond, settle / 2, 2 * settle}[pick(5)])
	switch pick(7) {
	case 0:
		w.create(storetest.Daginstitution(kommuner[pick(len(kommuner))], w.number(pick)))
	case 1, 2:
		if over := w.any(pick, register.Daginstitution); over.Level != 0 {
			w.create(storetest.Anvisningsenhed(over, w.number(pick)))
		}
	case 3:
		if over := w.any(pick, register.Anvisningsenhed); over.Level != 0 {
			w.create(storetest.Alternativ(over, w.number(pick)))
		}
	case 4:
		w.change(w.any(pick, 0), register.Aendring, func(u *register.Unit) { u.Navn = fmt.Sprint("Navn ", u.Version) })
	case 5:
		w.moveKommune(w.any(pick, register.Daginstitution), kommuner[pick(len(kommuner))])
	case 6:
		if pick(3) == 0 {
			w.change(w.any(pick, 0), register.Nedlaeggelse, func(u *register.Unit) { u.Aktivitetsstatus = register.Nedlagt })
		} else {
			w.moveTree(w.any(pick, register.Anvisningsenhed), w.any(pick, register.Daginstitution))
		}
	}
}

// number gives a number that no unit has, which sorts anywhere among the others.
func (w *world) number(pick pick) register.Number {
	return register.Number(fmt.Sprintf("%c%05d", "DEGHK"[pick(5)], 10000+len(w.made)))
}

// any gives some unit of a level, or of any with level 0; the zero Unit where there is none.
func (w *world) any(pick pick, level register.Level) register.Unit {
	of := slices.DeleteFunc(slices.Clone(w.made), func(n register.Number) bool { return level != 0 && w.units[n].Level != level })
	if len(of) == 0 {
		return register.Unit{}
	}
	return w.units[of[pick(len(of))]]
}

func (w *world) create(u register.Unit) {
	w.Helper()
	w.made = append(w.made, u.Number())
	w.write(register.Change{Art: register.Oprettelse, Efter: u})
}

// change changes one unit.
func (w *world) change(u register.Unit, art register.Art, how func(*register.Unit)) {
	w.Helper()
	if u.Level == 0 {
		return
	}
	efter := u
	how(&efter)
	w.write(register.Change{Art: art, Foer: u, Efter: efter})
}

// moveKommune takes a daginstitution with all below it to a municipality.
func (w *world) moveKommune(u register.Unit, kommune int) {
	w.Helper()
	if u.Level != 0 && u.AdmKommuneKode != kommune {
		w.write(w.along(u, register.Aendring, func(u *register.Unit) { u.AdmKommuneKode = kommune })...)
	}
}

// moveTree takes an anvisningsenhed with all below it to another daginstitution of its municipality.
func (w *world) moveTree(u, to register.Unit) {
	w.Helper()
	if u.Level != 0 && to.Level != 0 && u.AdmKommuneKode == to.AdmKommuneKode && u.DaginstitutionsNummer != to.DaginstitutionsNummer {
		w.write(w.along(u, register.Flytning, func(u *register.Unit) { u.DaginstitutionsNummer = to.DaginstitutionsNummer })...)
	}
}

// along changes a unit and all below it alike.
func (w *world) along(u register.Unit, art register.Art, how func(*register.Unit)) (changes []register.Change) {
	for _, n := range w.made {
		if foer := w.units[n]; n == u.Number() || foer.Below(u.Number()) {
			efter := foer
			how(&efter)
			changes = append(changes, register.Change{Art: art, Foer: foer, Efter: efter})
		}
	}
	return changes
}

// write makes changes in one update, now, or as late as the logs' latest changes where the clock has been ahead.
func (w *world) write(changes ...register.Change) {
	w.Helper()
	tid := w.now
	for _, c := range changes {
		for _, kommune := range []int{c.Foer.AdmKommuneKode, c.Efter.AdmKommuneKode} { // 0 for none has no latest
			if w.latest[kommune].After(tid) {
				tid = w.latest[kommune]
			}
		}
	}
	err := w.Store.Update(w.Context(), func(tx register.Tx) error {
		for _, c := range changes {
			w.latest[c.Foer.AdmKommuneKode], w.latest[c.Efter.AdmKommuneKode] = tid, tid
			delete(w.latest, 0)
			c.Aarsag, c.Tid, c.Af.Version = register.VedKald, tid, register.V2
			c.Efter.Version, c.Efter.SenestOpdateret = c.Foer.Version+1, tid
			var err error
			if c.Efter.Position, err = tx.Write(c); err != nil {
				return err
			}
			w.units[c.Efter.Number()] = c.Efter
		}
		return nil
	})
	if err != nil {
		w.Fatal(err)
	}
}

// log gives the changes of a municipality.
func (w *world) log(kommune int) []register.Change {
	w.Helper()
	return gather(w, w.Store.Changes(w.Context(), register.Position{Kommune: kommune}))
}

// stood gives the rows of a state: what the logs come to, read from their beginnings.
func (w *world) stood(at register.Positions) (rows []exporting.Row) {
	w.Helper()
	for _, p := range at {
		units := make(map[register.Number]register.Unit)
		for _, c := range w.log(p.Kommune)[:p.Nr] {
			if delete(units, c.Efter.Number()); c.Efter.AdmKommuneKode == p.Kommune {
				units[c.Efter.Number()] = c.Efter
			}
		}
		rows = append(rows, rowsOf(units)...)
	}
	return rows
}

// stoodAt gives the rows as they stood at a moment: of each unit the last of the versions that it had got by then, in whichever log.
func (w *world) stoodAt(moment time.Time) []exporting.Row {
	w.Helper()
	units := make(map[register.Number]register.Unit)
	for _, kommune := range kommuner {
		for _, c := range w.log(kommune) {
			if n := c.Efter.Number(); !c.Tid.After(moment) && c.Efter.Version > units[n].Version {
				units[n] = c.Efter
			}
		}
	}
	return rowsOf(units)
}

// rowsOf gives units in the order in which they are read, each with its daginstitution.
func rowsOf(units map[register.Number]register.Unit) (rows []exporting.Row) {
	for _, u := range units {
		rows = append(rows, exporting.Row{Unit: u, Daginstitution: units[u.DaginstitutionsNummer]})
	}
	slices.SortFunc(rows, func(a, b exporting.Row) int {
		return cmp.Or(cmp.Compare(a.AdmKommuneKode, b.AdmKommuneKode), strings.Compare(a.Path(), b.Path()))
	})
	return rows
}

// gather gives all that is ranged over.
func gather[T any](t tester, all iter.Seq2[T, error]) (gathered []T) {
	t.Helper()
	for v, err := range all {
		if err != nil {
			t.Fatal(err)
		}
		gathered = append(gathered, v)
	}
	return gathered
}

// wantRows compares rows field by field.
func wantRows(t tester, what string, got, want []exporting.Row) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d rows, want %d\n got %v\nwant %v", what, len(got), len(want), brief(got), brief(want))
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("%s: row %d\n got %+v\nwant %+v", what, i, got[i], want[i])
		}
	}
}

// brief names rows by municipality, path and version.
func brief(rows []exporting.Row) (lines []string) {
	for _, r := range rows {
		lines = append(lines, fmt.Sprintf("%d/%s:%d", r.AdmKommuneKode, r.Path(), r.Version))
	}
	return lines
}
