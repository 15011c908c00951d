package exporting_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dagtilbudsregisteret.dk/shared/exporting"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/storetest"
)

// moments gives those at which something was changed, and those right beside them.
func (w *world) moments() []time.Time {
	at := make(map[time.Time]bool)
	for _, kommune := range kommuner {
		for _, c := range w.log(kommune) {
			at[c.Tid.Add(-time.Millisecond)], at[c.Tid], at[c.Tid.Add(time.Millisecond)] = true, true, true
		}
	}
	return slices.SortedFunc(maps.Keys(at), time.Time.Compare)
}

// TestMoments has anything happen, much of it at the same milliseconds, and then looks at every moment there was, by every way to look.
func TestMoments(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w, pick := newWorld(t), picks(t)
		if pick(2) == 0 {
			w.Settle = settle
			w.Store = &laggingStore{w.Store, w, pick}
		}
		for range 15 {
			w.happen(pick)
		}
		for _, moment := range w.moments() {
			want := w.stoodAt(moment)
			w.wantRowsAt(moment, exporting.Filter{}, want)
			f := w.filter(pick)
			w.wantRowsAt(moment, f, slices.DeleteFunc(slices.Clone(want), func(r exporting.Row) bool { return !fits(&f, &r) }))
			w.wantFamilyAt(moment, w.made[pick(len(w.made))], want)
		}
	})
}

func (w *world) wantRowsAt(moment time.Time, f exporting.Filter, want []exporting.Row) {
	w.Helper()
	at, _, err := w.StateAt(w.Context(), exporting.In{Kommune: f.AdmKommuneKode, Daginstitution: f.DaginstitutionsNummer}, moment)
	if err != nil {
		w.Fatal(err)
	}
	wantRows(w, fmt.Sprintf("at %s, %+v", moment, f), gather(w, w.Snapshot(w.Context(), f, at, exporting.Cursor{})), want)
}

func (w *world) wantFamilyAt(moment time.Time, n register.Number, rows []exporting.Row) {
	w.Helper()
	u, above, below, err := w.FamilyAt(w.Context(), n, moment)
	i := slices.IndexFunc(rows, func(r exporting.Row) bool { return r.Number() == n })
	if i < 0 {
		if register.KindOf(err) != register.NotFound {
			w.Errorf("%s at %s, when it was not there: %v %+v", n, moment, err, u)
		}
		return
	}
	var over, under []register.Unit
	for _, r := range rows {
		switch {
		case r.Below(n):
			under = append(under, r.Unit)
		case rows[i].Below(r.Number()):
			over = append(over, r.Unit)
		}
	}
	if err != nil || u != rows[i].Unit || !slices.Equal(above, over) || !slices.Equal(below, under) {
		w.Errorf("%s at %s: %v\n got %+v\n  above %+v\n  below %+v\nwant %+v\n  above %+v\n  below %+v", n, moment, err, u, above, below, rows[i].Unit, over, under)
	}
}

// TestOnFromAMoment has anything happen by clocks that do not agree, takes the file as of every moment there was, and follows the feed from
// the place that comes with it: that leads to what there is now, and from no later place would it.
func TestOnFromAMoment(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w, pick := newWorld(t), picks(t)
		for range 20 {
			w.now = w.now.Add(-[]time.Duration{0, 0, time.Millisecond, 3 * settle}[pick(4)])
			w.happen(pick)
		}
		for _, moment := range w.moments() {
			kommune := []int{0, 0, 101, 265}[pick(4)]
			c, at := w.loadAt(kommune, moment)
			var next *register.Change
			for change := range w.orderedAfter(c.after) {
				if kommune != 0 && change.Position.Kommune != kommune {
					continue
				}
				if next == nil {
					next = &change
				}
				c.applyAgain(&change, kommune)
			}
			if next != nil && next.Position.Nr <= at.Of(next.Position.Kommune) {
				t.Errorf("at %s: the feed goes on after %d with what the file %s has", moment, c.after, at)
			}
			want := maps.Clone(w.units)
			maps.DeleteFunc(want, func(_ register.Number, u register.Unit) bool { return kommune != 0 && u.AdmKommuneKode != kommune })
			if !maps.Equal(c.rows, want) {
				t.Errorf("from %s on, in %d: got %v, want %v", moment, kommune, c.rows, want)
			}
		}
	})
}

// loadAt takes a file as of a moment.
func (w *world) loadAt(kommune int, moment time.Time) (*consumer, register.Positions) {
	w.Helper()
	at, last, err := w.StateAt(w.Context(), exporting.In{Kommune: kommune}, moment)
	if err != nil {
		w.Fatal(err)
	}
	c := &consumer{rows: make(map[register.Number]register.Unit), after: last}
	for _, row := range gather(w, w.Snapshot(w.Context(), exporting.Filter{AdmKommuneKode: kommune}, at, exporting.Cursor{})) {
		c.rows[row.Number()] = row.Unit
	}
	return c, at
}

func (w *world) orderedAfter(place int64) iter.Seq[register.Change] {
	return slices.Values(gather(w, w.Store.Ordered(w.Context(), place)))
}

// applyAgain takes an event of one municipality's, or of all with 0, which it may have had: it goes by the version.
func (c *consumer) applyAgain(change *register.Change, kommune int) {
	n := change.Efter.Number()
	if c.rows[n].Version >= change.Efter.Version {
		return
	}
	if c.rows[n] = change.Efter; kommune != 0 && change.Efter.AdmKommuneKode != kommune {
		delete(c.rows, n)
	}
}

// TestPlaceNotSeen has the order tell of a change whose place cannot be seen, for as long as anybody looks, and for a moment.
func TestPlaceNotSeen(t *testing.T) {
	w := thereAndBack(t)
	looked, seen := 0, 1000
	s := exporting.Service{Store: &hookedStore{Store: w.Store, changes: func(after register.Position) iter.Seq2[register.Change, error] {
		return func(yield func(register.Change, error) bool) {
			for c, err := range w.Store.Changes(t.Context(), after) {
				if looked++; looked < seen {
					c.Sequence = 0
				}
				if !yield(c, err) {
					return
				}
			}
		}
	}}}
	in, before := exporting.In{Kommune: 265}, storetest.Now
	if _, _, err := s.StateAt(t.Context(), in, before); register.KindOf(err) != register.Unavailable {
		t.Errorf("a place that is never seen: %v", err)
	}
	looked, seen = 0, 4
	if _, last, err := s.StateAt(t.Context(), in, before); err != nil || last != 2 {
		t.Errorf("a place that is seen in the end: %v, %d", err, last)
	}
}

// thereAndBack is a world in which G10000, with G10001 below it, was made in 101, went to 265 an hour later and came back after another
// hour, and G20000 was made in 265 meanwhile.
func thereAndBack(t *testing.T) *world {
	w := newWorld(t)
	d := storetest.Daginstitution(101, "G10000")
	w.create(d)
	w.create(storetest.Anvisningsenhed(d, "G10001"))
	w.now = w.now.Add(time.Hour)
	w.moveKommune(w.units["G10000"], 265)
	w.create(storetest.Daginstitution(265, "G20000"))
	w.now = w.now.Add(time.Hour)
	w.moveKommune(w.units["G10000"], 101)
	return w
}

// TestThereAndBack looks at a daginstitution by its number, in whichever municipality it was.
func TestThereAndBack(t *testing.T) {
	w := thereAndBack(t)
	before := storetest.Now.Add(-time.Millisecond)
	for _, c := range []struct {
		moment   time.Time
		position string
		rows     string
	}{
		{before, "", "[]"},
		{storetest.Now, "101:2", "[101/G10000:1 101/G10000/G10001:1]"},
		{storetest.Now.Add(time.Hour - 1), "101:2", "[101/G10000:1 101/G10000/G10001:1]"},
		{storetest.Now.Add(time.Hour), "265:3", "[265/G10000:2 265/G10000/G10001:2]"},
		{storetest.Now.Add(2*time.Hour - 1), "265:3", "[265/G10000:2 265/G10000/G10001:2]"},
		{storetest.Now.Add(2 * time.Hour), "101:6", "[101/G10000:3 101/G10000/G10001:3]"},
	} {
		f := exporting.Filter{DaginstitutionsNummer: "G10000"}
		at, _, err := w.StateAt(t.Context(), exporting.In{Daginstitution: "G10000"}, c.moment)
		if err != nil || at.String() != c.position {
			t.Errorf("%s: %v, the state %s, want %s", c.moment, err, at, c.position)
		}
		if rows := fmt.Sprint(brief(gather(t, w.Snapshot(t.Context(), f, at, exporting.Cursor{})))); rows != c.rows {
			t.Errorf("%s: %s, want %s", c.moment, rows, c.rows)
		}
	}
	for in, want := range map[exporting.In]string{
		{}: "101:6,265:5", {Kommune: 265}: "265:5", {Kommune: 147}: "", {Daginstitution: "G10000"}: "101:6", {Daginstitution: "G20000"}: "265:5",
		{Daginstitution: "G10001"}: "101:6", {Daginstitution: "G99999"}: "", {Daginstitution: "x"}: "", {Kommune: 265, Daginstitution: "G10000"}: "265:5",
	} {
		if at, last, err := w.State(t.Context(), in); err != nil || at.String() != want || last != 11 {
			t.Errorf("%+v: %v, the state %s and the place %d, want %s", in, err, at, last, want)
		}
	}
}

// TestStateWhileItMoves has a daginstitution leave its municipality right after the order was looked at: the state is the one in which it
// is still there.
func TestStateWhileItMoves(t *testing.T) {
	w := thereAndBack(t)
	meanwhile := &ordering{Store: w.Store, then: func() {
		w.moveKommune(w.units["G10000"], 461)
		w.moveKommune(w.units["G10000"], 265)
	}}
	s := exporting.Service{Store: meanwhile}
	at, last, err := s.State(t.Context(), exporting.In{Daginstitution: "G10000"})
	if err != nil || at.String() != "101:6" || last != 11 {
		t.Errorf("%v: %s and %d", err, at, last)
	}
	f := exporting.Filter{DaginstitutionsNummer: "G10000"}
	if rows := fmt.Sprint(brief(gather(t, s.Snapshot(t.Context(), f, at, exporting.Cursor{})))); rows != "[101/G10000:3 101/G10000/G10001:3]" {
		t.Errorf("rows %s", rows)
	}
}

// ordering is a store in which something happens right after it was asked how far the order has come, or which fails to say.
type ordering struct {
	register.Store
	then func()
	err  error
}

func (s *ordering) Ordering(ctx context.Context) (last int64, at register.Positions, err error) {
	if s.err != nil {
		return 0, nil, s.err
	}
	last, at, err = s.Store.Ordering(ctx)
	s.then()
	return last, at, err
}

// brokenLedger fails to tell of a number.
type brokenLedger struct {
	register.Store
	err error
}

func (s *brokenLedger) Ledger(context.Context, register.Number, time.Time) (register.LedgerEntry, error) {
	return register.LedgerEntry{}, s.err
}

// TestStateFails has each thing fail that a state is made of.
func TestStateFails(t *testing.T) {
	broken := errors.New("the disk is gone")
	w := thereAndBack(t)
	for name, store := range map[string]register.Store{
		"order":    &hookedStore{Store: w.Store, order: func() error { return broken }},
		"ordering": &ordering{Store: w.Store, err: broken},
		"ledger":   &brokenLedger{w.Store, broken},
	} {
		s := exporting.Service{Store: store}
		in := exporting.In{Daginstitution: "G10000"}
		if at, last, err := s.State(t.Context(), in); !errors.Is(err, broken) || at != nil || last != 0 && name != "ledger" {
			t.Errorf("%s: %v, %s and %d", name, err, at, last)
		}
		if at, last, err := s.StateAt(t.Context(), in, storetest.Now); !errors.Is(err, broken) || at != nil || last != 0 {
			t.Errorf("%s, at a moment: %v, %s and %d", name, err, at, last)
		}
	}
	s := exporting.Service{Store: &hookedStore{Store: w.Store, heads: func() ([]register.Head, error) { return nil, broken }}}
	if at, _, err := s.StateAt(t.Context(), exporting.In{}, storetest.Now); !errors.Is(err, broken) {
		t.Errorf("heads: %v, %s", err, at)
	}
	if reached, err := s.Reached(t.Context(), nil); !errors.Is(err, broken) {
		t.Errorf("heads: %v, reached %v", err, reached)
	}
	if _, _, _, err := s.FamilyAt(t.Context(), "G10000", storetest.Now); !errors.Is(err, broken) {
		t.Errorf("heads: %v", err)
	}
}
