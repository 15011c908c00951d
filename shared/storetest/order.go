package storetest

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/register"
)

func order(t testing.TB, s register.Store) {
	t.Helper()
	if err := s.Order(t.Context()); err != nil {
		t.Fatalf("order: %v", err)
	}
}

func ordered(t testing.TB, s register.Store, after int64) (all []register.Change) {
	t.Helper()
	for c, err := range s.Ordered(t.Context(), after) {
		if err != nil {
			t.Fatalf("after %d, and %d changes more: %v", after, len(all), err)
		}
		all = append(all, c)
	}
	return all
}

// wantOrder checks the order of what has been written so far: each change has a place, the places have no gaps, and in each
// municipality they follow the log, which shows the same.
func wantOrder(t testing.TB, s register.Store) []register.Change {
	t.Helper()
	all := ordered(t, s, 0)
	logs := make(map[int][]register.Change)
	for i, c := range all {
		if c.Sequence != int64(i)+1 {
			t.Fatalf("change %s has the place %d, want %d", c.Position, c.Sequence, i+1)
		}
		logs[c.Position.Kommune] = append(logs[c.Position.Kommune], c)
	}
	heads, err := s.Heads(t.Context())
	if err != nil || len(heads) != len(logs) {
		t.Fatalf("%v: %d logs in the order, want %d", err, len(logs), len(heads))
	}
	wantOrdering(t, s, int64(len(all)), heads)
	for _, h := range heads {
		if int64(len(logs[h.Kommune])) != h.Nr {
			t.Errorf("%d changes of %d in the order, want %d", len(logs[h.Kommune]), h.Kommune, h.Nr)
		}
		if log := changes(t, s, register.Position{Kommune: h.Kommune}); !slices.Equal(log, logs[h.Kommune]) {
			t.Errorf("the log of %d\n has %+v\nthe order %+v", h.Kommune, log, logs[h.Kommune])
		}
	}
	return all
}

// wantOrdering checks that the order says to have come as far as the logs.
func wantOrdering(t testing.TB, s register.Store, last int64, heads []register.Head) {
	t.Helper()
	var want register.Positions
	for _, h := range heads {
		want = append(want, h.Position)
	}
	if got, at, err := s.Ordering(t.Context()); err != nil || got != last || !slices.Equal(at, want) {
		t.Errorf("%v: the order has come to %d and %s, want %d and %s", err, got, at, last, want)
	}
}

// move takes a daginstitution to another municipality, which is in both logs.
func move(t testing.TB, s register.Store, n register.Number, kommune int) error {
	return s.Update(t.Context(), func(tx register.Tx) error {
		foer, err := tx.Unit(n)
		if err != nil {
			return err
		}
		efter := foer
		efter.AdmKommuneKode, efter.Version = kommune, foer.Version+1
		return write(tx, register.Aendring, foer, &efter)
	})
}

// orders puts the register in order time and again. A place that was given stays, and what follows a place is the rest of the order.
func orders(t *testing.T, h Harness) {
	s := h.Open(t, register.DefaultSeries)
	order(t, s)
	wantOrder(t, s)
	family(t, s, 265)
	order(t, s)
	was := wantOrder(t, s)
	for round, write := range []func(){
		func() {}, // nothing is new
		func() {
			Create(t, s, Daginstitution(101, "G30000"), Daginstitution(265, "G30001"), Daginstitution(101, "G30002"))
		},
		func() {
			for i := range 3 {
				Create(t, s, Daginstitution(900-i, register.Number(fmt.Sprintf("G4000%d", i))))
				Create(t, s, Daginstitution(265, register.Number(fmt.Sprintf("G4100%d", i))))
			}
		},
		func() {
			if err := move(t, s, "G30000", 265); err != nil {
				t.Fatal(err)
			}
		},
	} {
		write()
		order(t, s)
		is := wantOrder(t, s)
		if len(is) < len(was) || !slices.Equal(is[:len(was)], was) {
			t.Fatalf("round %d\n was %+v\n  is %+v", round, was, is)
		}
		was = is
	}
	if places := was[len(was)-2:]; places[0].Efter.Number() != "G30000" || places[1].Efter.Number() != "G30000" ||
		places[0].Position.Kommune == places[1].Position.Kommune {
		t.Errorf("a change of municipality is ordered as %+v", places)
	}
	for after := range len(was) + 2 {
		if rest := ordered(t, s, int64(after)); !slices.Equal(rest, was[min(after, len(was)):]) {
			t.Errorf("after %d come %+v", after, rest)
		}
	}
	for after, want := range map[int64]int{-1: len(was), math.MinInt64: len(was), math.MaxInt64: 0} {
		if all := ordered(t, s, after); len(all) != want {
			t.Errorf("after %d come %d changes, want %d", after, len(all), want)
		}
	}
	s = h.Restart(t, s)
	Create(t, s, Daginstitution(101, "G50000"))
	order(t, s)
	if is := wantOrder(t, s); len(is) != len(was)+1 || !slices.Equal(is[:len(was)], was) {
		t.Errorf("before the restart\n %+v\nafter\n %+v", was, is)
	}
}

// ordersMany has news in more municipalities, and more of it in one, than an engine may put in order at once.
func ordersMany(t *testing.T, h Harness) {
	s := h.Open(t, register.DefaultSeries)
	const municipalities, most = 120, 20
	for first := 0; first < municipalities; first += most {
		batch := make([]register.Unit, most)
		for i := range batch {
			batch[i] = Daginstitution(101+first+i, register.Number(fmt.Sprintf("G20%03d", first+i)))
		}
		Create(t, s, batch...)
	}
	for i := range 12 {
		batch := make([]register.Unit, most)
		for j := range batch {
			batch[j] = Daginstitution(150, register.Number(fmt.Sprintf("G3%02d%02d", i, j)))
		}
		Create(t, s, batch...)
	}
	order(t, s)
	if all := wantOrder(t, s); len(all) != municipalities+12*most {
		t.Errorf("%d changes in the order", len(all))
	}
}

// ordersMeanwhile has writers write in several municipalities while others put the register in order, and a reader follows from the
// beginning: they see every change once, in order.
func ordersMeanwhile(t *testing.T, h Harness) {
	s := h.Open(t, register.DefaultSeries)
	const writers, orderers, each, moved = 6, 3, 5, 2
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var seen []register.Change
	at(writers+orderers+1, func(i int) {
		var err error
		switch {
		case i < writers:
			err = writeSome(t, s, i, each)
		case i < writers+orderers:
			for range each {
				err = s.Order(ctx)
			}
		default:
			seen, err = follow(ctx, s, writers*(each+moved))
		}
		if err != nil {
			t.Error(err)
			cancel()
		}
	})
	if t.Failed() {
		return
	}
	order(t, s)
	if all := wantOrder(t, s); !slices.Equal(seen, all) {
		t.Errorf("the reader saw\n %+v\nthe order is\n %+v", seen, all)
	}
}

// writeSome creates units in one of four municipalities, and moves the last to the next.
func writeSome(t testing.TB, s register.Store, writer, count int) error {
	var n register.Number
	for i := range count {
		n = register.Number(fmt.Sprintf("G%05d", 20000+writer*100+i))
		err := s.Update(t.Context(), func(tx register.Tx) error { return create(tx, []register.Unit{Daginstitution(101+writer%4, n)}) })
		if err != nil {
			return err
		}
	}
	return move(t, s, n, 101+(writer+1)%4)
}

// follow reads the order from its beginning until it has seen so many changes.
func follow(ctx context.Context, s register.Store, count int) (seen []register.Change, err error) {
	for len(seen) < count && ctx.Err() == nil {
		s.Await(ctx, int64(len(seen)))
		if err := s.Order(ctx); err != nil {
			return seen, err
		}
		for c, err := range s.Ordered(ctx, int64(len(seen))) {
			if err != nil || c.Sequence != int64(len(seen))+1 {
				return seen, fmt.Errorf("after %d comes %d: %w", len(seen), c.Sequence, err)
			}
			seen = append(seen, c)
		}
	}
	return seen, nil
}

// awaits has a reader wait for what is there already, for what comes while it waits, and for what does not come.
func awaits(t *testing.T, h Harness) {
	s := h.Open(t, register.DefaultSeries)
	family(t, s, 265)
	s.Await(t.Context(), 0)
	order(t, s)
	s.Await(t.Context(), 4)

	const waiting = 8
	at(waiting+1, func(i int) {
		if i < waiting {
			s.Await(t.Context(), 5)
		} else {
			Create(t, s, Daginstitution(101, "G30000"))
		}
	})
	order(t, s)
	if all := wantOrder(t, s); len(all) != 6 {
		t.Errorf("%d changes in the order", len(all))
	}

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if s.Await(ctx, 6); ctx.Err() == nil {
		t.Error("somebody waited for a change after the last, and did not wait on")
	}
	for _, err := range s.Ordered(ctx, 0) {
		wantKind(t, err, register.Unavailable)
	}
}

// orderFaults breaks the next write in each way the engine knows, be it that of a round or of a change. However it is broken, what is
// answered nil has put all in order, and the order goes on without a gap.
func orderFaults(t *testing.T, h Harness) {
	for _, fault := range []Fault{NotWritten, Written, Throttled, Contended} {
		t.Run(string(fault), func(t *testing.T) {
			s := h.Open(t, register.DefaultSeries)
			family(t, s, 265)
			if !h.Break(s, fault) {
				t.Skipf("the engine cannot be %s", fault)
			}
			if err := s.Order(t.Context()); err != nil {
				wantKind(t, err, register.Unavailable)
				order(t, s)
			}
			was := wantOrder(t, s)
			err := s.Update(t.Context(), func(tx register.Tx) error {
				_, err := rename(tx, "G20001", "Ved fejl")
				return err
			})
			if err != nil {
				wantKind(t, err, register.Unavailable)
			}
			Create(t, s, Daginstitution(101, "G30000"))
			order(t, s)
			if is := wantOrder(t, s); !slices.Equal(is[:len(was)], was) {
				t.Errorf("was %+v\n is %+v", was, is)
			}
		})
	}
}
