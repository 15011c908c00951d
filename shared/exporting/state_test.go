package exporting_test

import (
	"context"
	"errors"
	"fmt"
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
	at, err := w.StateAt(w.Context(), exporting.In{Kommune: f.AdmKommuneKode, Daginstitution: f.DaginstitutionsNummer}, moment)
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
		at, err := w.StateAt(t.Context(), exporting.In{Daginstitution: "G10000"}, c.moment)
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
		if at, last, err := s.State(t.Context(), exporting.In{Daginstitution: "G10000"}); !errors.Is(err, broken) || at != nil || last != 0 && name != "ledger" {
			t.Errorf("%s: %v, %s and %d", name, err, at, last)
		}
	}
	s := exporting.Service{Store: &hookedStore{Store: w.Store, heads: func() ([]register.Head, error) { return nil, broken }}}
	if at, err := s.StateAt(t.Context(), exporting.In{}, storetest.Now); !errors.Is(err, broken) {
		t.Errorf("heads: %v, %s", err, at)
	}
	if reached, err := s.Reached(t.Context(), nil); !errors.Is(err, broken) {
		t.Errorf("heads: %v, reached %v", err, reached)
	}
	if _, _, _, err := s.FamilyAt(t.Context(), "G10000", storetest.Now); !errors.Is(err, broken) {
		t.Errorf("heads: %v", err)
	}
}
