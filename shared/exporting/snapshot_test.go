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

// TestSnapshotWhileOthersWrite reads the rows of a state while anything happens between them. They are those of the state, to the last
// field, whichever filter they are read by, and whether in one go or in parts.
func TestSnapshotWhileOthersWrite(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		w.snapshotIsExact(t)
	})
}

// TestSnapshotOfLaggingRows does the same where the rows that are read may be older than they stand.
func TestSnapshotOfLaggingRows(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		w.Settle = settle
		w.Store = &laggingStore{w.Store, w, picks(t)}
		w.snapshotIsExact(t)
	})
}

func (w *world) snapshotIsExact(t *rapid.T) {
	pick := picks(t)
	exporting.LookEvery(&w.Service, 1+pick(5))
	for range rapid.IntRange(0, 30).Draw(t, "before") {
		w.happen(pick)
	}
	at, _, err := w.State(t.Context(), exporting.In{})
	if err != nil {
		t.Fatal(err)
	}
	for range pick(5) {
		w.happen(pick) // the state may be past already
	}
	f := w.filter(pick)
	want := slices.DeleteFunc(w.stood(at), func(r exporting.Row) bool { return !fits(&f, &r) })
	wantRows(t, fmt.Sprintf("%s, %+v", at, f), w.readWhileWriting(pick, f, at), want)
}

// filter gives one of those that say in which order rows are read, or which are passed over.
func (w *world) filter(pick pick) (f exporting.Filter) {
	switch pick(5) {
	case 0:
		f.AdmKommuneKode = kommuner[pick(len(kommuner))]
	case 1:
		f.DaginstitutionsNummer = w.any(pick, register.Daginstitution).DaginstitutionsNummer
	case 2:
		f.Level = register.Levels[pick(3)]
	}
	return f
}

// fits tells whether a row is one that a world's filter is after.
func fits(f *exporting.Filter, r *exporting.Row) bool {
	return (f.AdmKommuneKode == 0 || f.AdmKommuneKode == r.AdmKommuneKode) && (f.Level == 0 || f.Level == r.Level) &&
		(f.DaginstitutionsNummer == "" || f.DaginstitutionsNummer == r.DaginstitutionsNummer)
}

// readWhileWriting reads the rows of a state. After some of them something happens, and after some it breaks off and begins anew.
func (w *world) readWhileWriting(pick pick, f exporting.Filter, at register.Positions) (rows []exporting.Row) {
	var after exporting.Cursor
	for done := false; !done; {
		done = true
		for row, err := range w.Snapshot(w.Context(), f, at, after) {
			if err != nil {
				w.Fatal(err)
			}
			rows = append(rows, row)
			for range pick(3) {
				w.happen(pick)
			}
			if pick(6) == 0 {
				done, after = false, exporting.CursorAt(&row.Unit)
				break
			}
		}
	}
	return rows
}

// laggingStore gives rows as they stood some time ago, but no longer than reads take to settle, and each place by itself: a unit that
// has moved may be seen twice, or not at all.
type laggingStore struct {
	register.Store
	w    *world
	pick pick
}

func (s *laggingStore) Units(_ context.Context, kommune int, after string) iter.Seq2[register.Unit, error] {
	return func(yield func(register.Unit, error) bool) {
		log := s.w.log(kommune)
		settled := slices.IndexFunc(log, func(c register.Change) bool { return c.Tid.After(s.w.now.Add(-settle)) })
		if settled < 0 {
			settled = len(log)
		}
		places := placesOf(kommune, log)
		for _, path := range slices.Sorted(maps.Keys(places)) {
			seen := int64(settled + s.pick(len(log)-settled+1))
			if u := places[path].at(seen); path > after && u.Level != 0 && !yield(u, nil) {
				return
			}
		}
	}
}

// place is what stood at a path, by the changes that put it there; the zero Unit where one took it away.
type place map[int64]register.Unit

// placesOf gives what a log put at each path.
func placesOf(kommune int, log []register.Change) map[string]place {
	places := make(map[string]place)
	put := func(path string, nr int64, u register.Unit) {
		if places[path] == nil {
			places[path] = make(place)
		}
		places[path][nr] = u
	}
	for _, c := range log {
		if c.Foer.AdmKommuneKode == kommune {
			put(c.Foer.Path(), c.Position.Nr, register.Unit{})
		}
		if c.Efter.AdmKommuneKode == kommune {
			put(c.Efter.Path(), c.Position.Nr, c.Efter)
		}
	}
	return places
}

// at gives what stood there when the log had come so far.
func (p place) at(nr int64) (u register.Unit) {
	for _, k := range slices.Sorted(maps.Keys(p)) {
		if k <= nr {
			u = p[k]
		}
	}
	return u
}

// TestOldStates reads every state that a municipality's log has gone through, those amid the changes of one update too.
func TestOldStates(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w, pick := newWorld(t), picks(t)
		for range 12 {
			w.happen(pick)
		}
		for _, kommune := range kommuner {
			for nr := range int64(len(w.log(kommune))) + 1 {
				at := register.Positions{{Kommune: kommune, Nr: nr}}
				wantRows(t, at.String(), gather(t, w.Snapshot(t.Context(), exporting.Filter{}, at, exporting.Cursor{})), w.stood(at))
			}
		}
	})
}

// TestSnapshotOfOtherMunicipalities reads no rows of municipalities that are not wanted, or that had none.
func TestSnapshotOfOtherMunicipalities(t *testing.T) {
	s := newService(t)
	var read []int
	hooked := &hookedStore{Store: s.Store}
	hooked.units = func(kommune int, after string) iter.Seq2[register.Unit, error] {
		read = append(read, kommune)
		return hooked.Store.Units(t.Context(), kommune, after)
	}
	s.Store = hooked
	for _, c := range []struct {
		position string
		kommune  int
		want     []register.Number
		read     []int
	}{
		{"101:2,461:6", 0, all, []int{101, 461}},
		{"101:2,461:6", 101, all[:2], []int{101}},
		{"461:6", 101, nil, nil},
		{"101:0,461:6", 0, all[2:], []int{461}},
	} {
		at, _ := register.ParsePositions(c.position)
		read = nil
		rows := s.Snapshot(t.Context(), exporting.Filter{AdmKommuneKode: c.kommune}, at, exporting.Cursor{})
		wantNumbers(t, c.position, numbers(t, rows), c.want...)
		if !slices.Equal(read, c.read) {
			t.Errorf("%s, %d: rows of %v were read", c.position, c.kommune, read)
		}
	}
}

// hookedStore is a store of which a test replaces a method.
type hookedStore struct {
	register.Store
	heads   func() ([]register.Head, error)
	changes func(register.Position) iter.Seq2[register.Change, error]
	units   func(kommune int, after string) iter.Seq2[register.Unit, error]
	ordered func(after int64) iter.Seq2[register.Change, error]
	order   func() error
}

func (s *hookedStore) Heads(ctx context.Context) ([]register.Head, error) {
	if s.heads != nil {
		return s.heads()
	}
	return s.Store.Heads(ctx)
}

func (s *hookedStore) Changes(ctx context.Context, after register.Position) iter.Seq2[register.Change, error] {
	if s.changes != nil {
		return s.changes(after)
	}
	return s.Store.Changes(ctx, after)
}

func (s *hookedStore) Units(ctx context.Context, kommune int, after string) iter.Seq2[register.Unit, error] {
	if s.units != nil {
		return s.units(kommune, after)
	}
	return s.Store.Units(ctx, kommune, after)
}

func (s *hookedStore) Ordered(ctx context.Context, after int64) iter.Seq2[register.Change, error] {
	if s.ordered != nil {
		return s.ordered(after)
	}
	return s.Store.Ordered(ctx, after)
}

func (s *hookedStore) Order(ctx context.Context) error {
	if s.order != nil {
		return s.order()
	}
	return s.Store.Order(ctx)
}

// failing gives an error in place of anything.
func failing[T any](err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		yield(none, err)
	}
}

// cut ends after some.
func cut[T any](all iter.Seq2[T, error], most int) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		i := 0
		for v, err := range all {
			if i++; i > most || !yield(v, err) {
				return
			}
		}
	}
}

// renamed is a service on a register in which a unit has been renamed after a state, and the store to meddle with.
func renamed(t *testing.T) (s *exporting.Service, at register.Positions, hooked *hookedStore) {
	t.Helper()
	w := newWorld(t)
	w.create(storetest.Daginstitution(461, "G10000"))
	at, _, err := w.State(t.Context(), exporting.In{})
	if err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(time.Second)
	w.change(w.units["G10000"], register.Aendring, func(u *register.Unit) { u.Navn = "Et andet navn" })
	hooked = &hookedStore{Store: w.Store}
	w.Store = hooked
	return &w.Service, at, hooked
}

// TestLogShowsLater has the log show some of what has been committed some moments later than the rows or the head do: it is looked at
// again, and where it never shows, no row is handed out as something that it was not.
func TestLogShowsLater(t *testing.T) {
	for name, oldHead := range map[string]bool{"than the head": false, "and the head too, than the row": true} {
		for _, holes := range []int{0, 1, exporting.Looks - 1, exporting.Looks} {
			s, at, hooked := renamed(t)
			if oldHead {
				hooked.heads = func() ([]register.Head, error) {
					return []register.Head{{Position: at[0], Tid: storetest.Now}}, nil
				}
			}
			left := holes
			hooked.changes = func(after register.Position) iter.Seq2[register.Change, error] {
				if left--; left >= 0 {
					return cut(hooked.Store.Changes(t.Context(), after), 0)
				}
				return hooked.Store.Changes(t.Context(), after)
			}
			row, err := first(s.Snapshot(t.Context(), exporting.Filter{}, at, exporting.Cursor{}))
			if holes == exporting.Looks {
				if register.KindOf(err) != register.Unavailable {
					t.Errorf("%s, never: %v %+v", name, err, row)
				}
			} else if err != nil || row.Navn != "Område G10000" {
				t.Errorf("%s, after %d looks: %v %+v", name, holes, err, row)
			}
		}
	}
}

// first gives what is ranged over first.
func first[T any](all iter.Seq2[T, error]) (v T, err error) {
	for v, err := range all {
		return v, err
	}
	return v, errors.New("there is nothing")
}

// TestStateAhead asks for rows of a state that the register has not come to.
func TestStateAhead(t *testing.T) {
	s := newService(t)
	for position, reached := range map[string]bool{
		"101:2,461:6": true, "461:6": true, "461:1": true, "101:0": true, "147:0": true, "461:7": false, "101:2,461:7": false, "147:1": false,
	} {
		at, _ := register.ParsePositions(position)
		if is, err := s.Reached(t.Context(), at); err != nil || is != reached {
			t.Errorf("%s: %v, reached %v", position, err, is)
		}
	}
	ahead := register.Positions{{Kommune: 461, Nr: 7}}
	if row, err := first(s.Snapshot(t.Context(), exporting.Filter{}, ahead, exporting.Cursor{})); register.KindOf(err) != register.Unavailable {
		t.Errorf("%v: %+v", err, row)
	}
}

// TestSnapshotFails has each thing that a snapshot reads fail: the error ends it, and no rows come that were not looked up.
func TestSnapshotFails(t *testing.T) {
	broken := errors.New("the disk is gone")
	for name, breakIt := range map[string]func(*hookedStore){
		"heads": func(s *hookedStore) { s.heads = func() ([]register.Head, error) { return nil, broken } },
		"changes": func(s *hookedStore) {
			s.changes = func(register.Position) iter.Seq2[register.Change, error] { return failing[register.Change](broken) }
		},
		"units": func(s *hookedStore) {
			s.units = func(int, string) iter.Seq2[register.Unit, error] { return failing[register.Unit](broken) }
		},
	} {
		for _, settle := range []time.Duration{0, time.Hour} {
			s, at, hooked := renamed(t)
			s.Settle = settle
			breakIt(hooked)
			rows := 0
			var last error
			for _, err := range s.Snapshot(t.Context(), exporting.Filter{}, at, exporting.Cursor{}) {
				rows, last = rows+1, err
			}
			if rows != 1 || !errors.Is(last, broken) {
				t.Errorf("%s: %d rows, then %v", name, rows, last)
			}
			if own, err := s.Own(t.Context(), at); !errors.Is(err, broken) || own != nil {
				t.Errorf("%s: %v, own %v", name, err, own)
			}
		}
	}
}
