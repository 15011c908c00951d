package exporting_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dagtilbudsregisteret.dk/shared/dynamostore"
	"dagtilbudsregisteret.dk/shared/dynamostore/dynamotest"
	"dagtilbudsregisteret.dk/shared/exporting"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/storetest"
)

// TestFeed follows the feed from anywhere, in pages of any size and by any filter: the pages together are the order's changes that are
// wanted, and only the last one says that it is the end.
func TestFeed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w, pick := newWorld(t), picks(t)
		for range 15 {
			w.happen(pick)
		}
		all := gather(t, w.Store.Ordered(t.Context(), 0))
		wanted := someWanted(pick)
		after, limit := int64(pick(len(all)+2)), 1+pick(6)
		var want []register.Change
		for _, c := range all[min(int(after), len(all)):] {
			typ := exporting.Type{Level: c.Efter.Level, Art: c.Art}
			if (wanted.Kommuner == nil || slices.Contains(wanted.Kommuner, c.Position.Kommune)) &&
				(wanted.Levels == nil || slices.Contains(wanted.Levels, c.Efter.Level)) &&
				(wanted.Typer == nil || slices.Contains(wanted.Typer, typ)) {
				want = append(want, c)
			}
		}
		var got []register.Change
		for end := false; !end; {
			page, next, last, err := w.Feed(t.Context(), wanted, after, limit)
			if err != nil || len(page) > limit || !last && len(page) < limit || next < after {
				t.Fatalf("after %d: %v, %d changes of %d, then %d", after, err, len(page), limit, next)
			}
			got, after, end = append(got, page...), next, last
		}
		if !slices.Equal(got, want) {
			t.Errorf("%+v\n got %+v\nwant %+v", wanted, got, want)
		}
		if after < int64(len(all)) {
			t.Errorf("the end is after %d of %d", after, len(all))
		}
	})
}

// someWanted wants everything, or some in any way.
func someWanted(pick pick) (w exporting.Wanted) {
	for range pick(3) {
		w.Kommuner = append(w.Kommuner, kommuner[pick(3)])
	}
	for range pick(3) {
		w.Levels = append(w.Levels, register.Levels[pick(3)])
	}
	for range pick(3) * 4 {
		w.Typer = append(w.Typer, exporting.Type{Level: register.Levels[pick(3)], Art: register.Art(1 + pick(4))})
	}
	return w
}

// TestGiven asks of every place whether it has been given: those that a page or a file could have said have.
func TestGiven(t *testing.T) {
	s := newService(t)
	events := int64(len(all))
	for place := range events + 3 {
		if given, err := s.Given(t.Context(), place); err != nil || given != (place <= events) {
			t.Errorf("%d of %d: %v, %v", place, events, given, err)
		}
	}
	broken := errors.New("the disk is gone")
	s.Store = &ordering{Store: s.Store, err: broken}
	if _, err := s.Given(t.Context(), 1); !errors.Is(err, broken) {
		t.Errorf("the order fails: %v", err)
	}
}

// TestFeedPassesOver has so many changes that nobody wants that a page ends before it has any. Going on leads past them.
func TestFeedPassesOver(t *testing.T) {
	unwanted := storetest.Daginstitution(101, "G10000")
	const many = 3*exporting.MostPassed + 7
	read := 0
	store := &hookedStore{Store: newService(t).Store, ordered: func(after int64) iter.Seq2[register.Change, error] {
		return func(yield func(register.Change, error) bool) {
			for ; after < many; after++ {
				c := register.Change{Sequence: after + 1, Efter: unwanted, Position: register.Position{Kommune: 101, Nr: after + 1}}
				if c.Sequence == many {
					c.Position.Kommune = 461
				}
				if read++; !yield(c, nil) {
					return
				}
			}
		}
	}}
	s := exporting.Service{Store: store}
	pages, next := 0, int64(0)
	for end := false; !end; pages++ {
		var page []register.Change
		var err error
		read = 0
		page, next, end, err = s.Feed(t.Context(), exporting.Wanted{Kommuner: []int{461}}, next, 5)
		if err != nil || (len(page) == 1) != end || read > exporting.MostPassed+6 {
			t.Fatalf("page %d: %v, %d changes, read %d, end %v", pages, err, len(page), read, end)
		}
	}
	if pages != 3 || next != many {
		t.Errorf("%d pages, to %d", pages, next)
	}
}

// TestFeedFails has the order fail, at its beginning and amid it: the caller goes on from where it was.
func TestFeedFails(t *testing.T) {
	broken := errors.New("the disk is gone")
	store := newService(t).Store
	for name, s := range map[string]*hookedStore{
		"order":   {Store: store, order: func() error { return broken }},
		"ordered": {Store: store, ordered: func(int64) iter.Seq2[register.Change, error] { return failing[register.Change](broken) }},
		"amid": {Store: store, ordered: func(after int64) iter.Seq2[register.Change, error] {
			return func(yield func(register.Change, error) bool) {
				if yield(register.Change{Sequence: after + 1}, nil) {
					yield(register.Change{}, broken)
				}
			}
		}},
	} {
		service := exporting.Service{Store: s}
		if page, next, end, err := service.Feed(t.Context(), exporting.Wanted{}, 3, 10); !errors.Is(err, broken) || page != nil || next != 3 || end {
			t.Errorf("%s: %v, %d changes, then %d, end %v", name, err, len(page), next, end)
		}
	}
}

// TestHistory tells of every unit each version that it has had, wherever it was.
func TestHistory(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w, pick := newWorld(t), picks(t)
		for range 20 {
			w.happen(pick)
		}
		for _, n := range w.made {
			history, err := w.History(t.Context(), n)
			if err != nil || int64(len(history)) != w.units[n].Version {
				t.Fatalf("%s: %v, %d versions, want %d", n, err, len(history), w.units[n].Version)
			}
			foer := register.Unit{}
			for i, c := range history {
				if c.Foer != foer || c.Efter.Version != int64(i)+1 || c.Position != c.Efter.Position {
					t.Errorf("%s: version %d is %+v", n, i+1, c)
				}
				foer = c.Efter
			}
			if foer != w.units[n] {
				t.Errorf("%s ends as %+v, and is %+v", n, foer, w.units[n])
			}
		}
	})
	s := newService(t)
	for _, n := range []register.Number{"G99999", "x"} {
		if history, err := s.History(t.Context(), n); register.KindOf(err) != register.NotFound {
			t.Errorf("%s: %v, %v", n, err, history)
		}
	}
}

// TestHistoryFails has the log fail, and lack a change that is known to be there.
func TestHistoryFails(t *testing.T) {
	broken := errors.New("the disk is gone")
	s, _, hooked := renamed(t)
	hooked.changes = func(register.Position) iter.Seq2[register.Change, error] { return failing[register.Change](broken) }
	if history, err := s.History(t.Context(), "G10000"); !errors.Is(err, broken) || history != nil {
		t.Errorf("%v: %v", err, history)
	}
	hooked.changes = func(after register.Position) iter.Seq2[register.Change, error] {
		return cut(hooked.Store.Changes(t.Context(), after), 0)
	}
	if history, err := s.History(t.Context(), "G10000"); register.KindOf(err) != register.Unavailable || history != nil {
		t.Errorf("%v: %v", err, history)
	}
}

// consumer has a copy of the register, and follows the feed.
type consumer struct {
	rows  map[register.Number]register.Unit
	after int64
	told  map[register.Number][]int64 // the versions that events have told of

	// causal says that what happened first comes first, also across municipalities. On DynamoDB the order of the whole register follows
	// each log, but a unit's new municipality may come before its old one.
	causal bool
}

// apply takes an event, which must be the next. That a unit leaves a municipality is told beside its new version.
func (c *consumer) apply(change *register.Change) error {
	n, have := change.Efter.Number(), c.rows[change.Efter.Number()]
	if c.after++; change.Sequence != c.after {
		return fmt.Errorf("event %d comes where %d was due", change.Sequence, c.after)
	}
	if change.LeavesKommune() && change.Position.Kommune == change.Foer.AdmKommuneKode {
		return nil
	}
	if c.told[n] = append(c.told[n], change.Efter.Version); c.causal && have != change.Foer {
		return fmt.Errorf("%s becomes %+v from %+v and is held as %+v", n, change.Efter, change.Foer, have)
	}
	if change.Efter.Version > have.Version {
		c.rows[n] = change.Efter
	}
	return nil
}

// load takes a whole file.
func load(ctx context.Context, s *exporting.Service) (*consumer, error) {
	at, last, err := s.State(ctx, exporting.In{})
	if err != nil {
		return nil, err
	}
	c := &consumer{rows: make(map[register.Number]register.Unit), after: last, told: make(map[register.Number][]int64)}
	for row, err := range s.Snapshot(ctx, exporting.Filter{}, at, exporting.Cursor{}) {
		if err != nil {
			return nil, err
		}
		if _, twice := c.rows[row.Number()]; twice {
			return nil, fmt.Errorf("%s is in the file twice", row.Number())
		}
		c.rows[row.Number()] = row.Unit
	}
	return c, nil
}

// follow takes events until the writers are done and there are no more.
func (c *consumer) follow(ctx context.Context, s *exporting.Service, writing context.Context) error {
	for {
		done := writing.Err() != nil
		page, next, end, err := s.Feed(ctx, exporting.Wanted{}, c.after, 7)
		if err != nil {
			return err
		}
		for i := range page {
			if err := c.apply(&page[i]); err != nil {
				return err
			}
		}
		switch {
		case next != c.after:
			return fmt.Errorf("the page ends at %d and says %d", c.after, next)
		case end && done:
			return nil
		case end:
			s.Await(writing, next)
		}
	}
}

// wantAllTold checks that events have told of every version after those that a file had, once each.
func (c *consumer) wantAllTold(t *testing.T, file map[register.Number]register.Unit) {
	t.Helper()
	for n, u := range c.rows {
		slices.Sort(c.told[n])
		var want []int64
		for version := file[n].Version + 1; version <= u.Version; version++ {
			want = append(want, version)
		}
		if !slices.Equal(c.told[n], want) {
			t.Errorf("events told of %s that it became the versions %v, want %v", n, c.told[n], want)
		}
	}
}

// TestFileThenFeed has a consumer load a file while others write, and follow the feed from the place that the file says: each change
// after the file comes once, and the consumer ends with the register.
func TestFileThenFeed(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(*testing.T) (w *world, events int){
		"boltstore":   func(t *testing.T) (*world, int) { return newWorld(t), 300 },
		"dynamostore": func(t *testing.T) (*world, int) { return onDynamoDB(t), 60 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, events := open(t)
			random := rand.New(rand.NewPCG(1, 2))
			for range events {
				w.happen(random.IntN)
			}
			reading := w.Service
			reading.Clock = func() time.Time { return storetest.Now }
			exporting.LookEvery(&reading, 3)
			writing, done := context.WithCancel(t.Context())
			defer done()
			var c *consumer
			var file map[register.Number]register.Unit
			followed := make(chan error, 1)
			go func() {
				var err error
				if c, err = load(t.Context(), &reading); err == nil {
					file, c.causal = maps.Clone(c.rows), name == "boltstore"
					err = c.follow(t.Context(), &reading, writing)
				}
				followed <- err
			}()
			for range events {
				w.happen(random.IntN)
			}
			done()
			if err := <-followed; err != nil {
				t.Fatal(err)
			}
			c.wantAllTold(t, file)
			if !maps.Equal(c.rows, w.units) {
				t.Errorf("the consumer has %d units, the register %d", len(c.rows), len(w.units))
			}
			if is, err := load(t.Context(), &reading); err != nil || is.after != c.after || !maps.Equal(is.rows, c.rows) {
				t.Errorf("%v: a new file is of place %d, the consumer at %d", err, is.after, c.after)
			}
		})
	}
}

// onDynamoDB is a world there, where reads may lag.
func onDynamoDB(t *testing.T) *world {
	server := dynamotest.Start(t)
	store := dynamostore.New(server.Client(), "Dagtilbud", register.DefaultSeries)
	if err := store.CreateTable(t.Context()); err != nil {
		t.Fatal(err)
	}
	dynamotest.WithoutStream(t, server.Client(), "Dagtilbud")
	w := worldIn(t, store)
	w.Settle = dynamostore.Settle
	return w
}
