package storetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"dagtilbudsregisteret.dk/shared/register"
)

// at runs fn in n goroutines at once and waits for them.
func at(n int, fn func(i int)) {
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() { fn(i) })
	}
	group.Wait()
}

// twoWriters has pairs of writers change the same version of a unit: one wins, the other learns that the version is gone.
func twoWriters(t *testing.T, h Harness) {
	s := h.Open(t, register.DefaultSeries)
	family(t, s, 265)
	for version := int64(1); version <= 10; version++ {
		var won, lost atomic.Int32
		at(2, func(i int) {
			err := s.Update(t.Context(), func(tx register.Tx) error {
				u, err := tx.Unit("G20001")
				if err != nil {
					return err
				}
				if u.Version != version {
					return &register.Error{Kind: register.Stale}
				}
				_, err = rename(tx, "G20001", fmt.Sprintf("Version %d af %d", version, i))
				return err
			})
			switch {
			case err == nil:
				won.Add(1)
			case register.KindOf(err) == register.Stale:
				lost.Add(1)
			default:
				t.Errorf("version %d: %v", version, err)
			}
		})
		if won.Load() != 1 || lost.Load() != 1 {
			t.Fatalf("version %d: %d won and %d lost", version, won.Load(), lost.Load())
		}
	}
}

var errClosed = errors.New("closed")

// noSkew has one writer close a daginstitution that has no active children while others create children below it: whichever
// comes first, no active child may end up below a closed parent.
func noSkew(t *testing.T, h Harness) {
	s := h.Open(t, register.DefaultSeries)
	for round := range 8 {
		d := Create(t, s, Daginstitution(265, register.Number(fmt.Sprintf("G2%d000", round))))[0]
		at(4, func(i int) {
			var err error
			if i == 0 {
				err = closeIfEmpty(t, s, d.DaginstitutionsNummer)
			} else {
				err = addChild(t, s, d.DaginstitutionsNummer, register.Number(fmt.Sprintf("G2%d00%d", round, i)))
			}
			if err != nil && !errors.Is(err, errClosed) {
				t.Error(err)
			}
		})
		tree, err := s.Tree(t.Context(), d.DaginstitutionsNummer)
		if err != nil {
			t.Fatal(err)
		}
		if tree[0].Aktivitetsstatus == register.Nedlagt && len(tree) > 1 {
			t.Errorf("round %d: %d active children below a closed daginstitution", round, len(tree)-1)
		}
	}
}

func closeIfEmpty(t testing.TB, s register.Store, n register.Number) error {
	return s.Update(t.Context(), func(tx register.Tx) error {
		tree, err := tx.Tree(n)
		if err != nil || len(tree) > 1 {
			return err
		}
		efter := tree[0]
		efter.Aktivitetsstatus, efter.Version = register.Nedlagt, efter.Version+1
		return write(tx, register.Nedlaeggelse, tree[0], &efter)
	})
}

func addChild(t testing.TB, s register.Store, parent, n register.Number) error {
	return s.Update(t.Context(), func(tx register.Tx) error {
		d, err := tx.Unit(parent)
		if err != nil {
			return err
		}
		if d.Aktivitetsstatus == register.Nedlagt {
			return errClosed
		}
		e := Anvisningsenhed(d, n)
		return write(tx, register.Oprettelse, register.Unit{}, &e)
	})
}

// gapFree has many writers in two municipalities: each log counts 1, 2, 3 … and the rows stand where their last change does.
func gapFree(t *testing.T, h Harness) {
	s := h.Open(t, register.DefaultSeries)
	const writers, each = 16, 5
	at(writers, func(i int) {
		kommune := []int{101, 265}[i%2]
		for j := range each {
			d := Daginstitution(kommune, register.Number(fmt.Sprintf("G%05d", 10000+i*100+j)))
			if err := s.Update(t.Context(), func(tx register.Tx) error { return create(tx, []register.Unit{d}) }); err != nil {
				t.Error(err)
			}
		}
	})
	for _, kommune := range []int{101, 265} {
		log := changes(t, s, register.Position{Kommune: kommune})
		if len(log) != writers*each/2 {
			t.Errorf("municipality %d: %d changes, want %d", kommune, len(log), writers*each/2)
		}
		for i, c := range log {
			u, err := s.Unit(t.Context(), c.Efter.Number())
			if c.Position.Nr != int64(i)+1 || err != nil || u.Position != c.Position {
				t.Errorf("change %d stands at %s, its row at %s (%v)", i, c.Position, u.Position, err)
			}
		}
	}
}

// issue is one call on the number series: count numbers in a write (0: move the series beyond `beyond`).
type issue struct {
	count  int
	beyond int64
}

// seriesModel is the number series as one counter: every call that gives out numbers gives the next ones, and none is
// lost where nothing fails.
var seriesModel = porcupine.Model{
	Init: func() any { return int64(register.FirstOrdinal) },
	Step: func(state, input, output any) (bool, any) {
		next, in, first := state.(int64), input.(issue), output.(int64)
		if in.count == 0 {
			return true, max(next, in.beyond+1)
		}
		return first == next, first + int64(in.count)
	},
}

// linearizable has 64 callers take numbers at once, in writes and reservations and while the series is moved on, and holds what
// they were given to the model.
func linearizable(t *testing.T, h Harness) {
	s := h.Open(t, register.DefaultSeries)
	const callers = 64
	var mu sync.Mutex
	var history []porcupine.Operation
	began := time.Now()
	at(callers, func(i int) {
		for j := range 3 {
			call := issue{count: 1 + (i+j)%3}
			if i%16 == 15 {
				call = issue{beyond: int64(register.FirstOrdinal + 100*j)}
			}
			start := time.Since(began).Nanoseconds()
			first, err := take(t, s, call, i, j)
			end := time.Since(began).Nanoseconds()
			if err != nil {
				t.Errorf("caller %d: %v", i, err)
				return
			}
			mu.Lock()
			history = append(history, porcupine.Operation{ClientId: i, Input: call, Call: start, Output: first, Return: end})
			mu.Unlock()
		}
	})
	if !porcupine.CheckOperations(seriesModel, history) {
		t.Error("the numbers given out fit no order of the calls")
	}
	seen := make(map[register.Number]bool)
	for kommune := range 4 {
		for _, u := range units(t, s, 101+kommune, "") {
			if seen[u.Number()] {
				t.Errorf("%s was issued twice", u.Number())
			}
			seen[u.Number()] = true
		}
	}
}

// take makes one call on the series and gives the ordinal of the first number it was given.
func take(t testing.TB, s register.Store, call issue, i, j int) (int64, error) {
	switch {
	case call.count == 0:
		n, _ := register.DefaultSeries.Number(call.beyond)
		return 0, s.MoveSeries(t.Context(), n)
	case i%16 == 14:
		made, err := s.Reserve(t.Context(), register.Reservation{Key: fmt.Sprintf("%d-%d", i, j), Count: call.count, Expires: Now.Add(time.Hour)})
		ordinal, _ := register.DefaultSeries.Ordinal(made.First)
		return ordinal, err
	}
	var numbers []register.Number
	err := s.Update(t.Context(), func(tx register.Tx) (err error) {
		if numbers, err = tx.Issue(call.count); err != nil {
			return err
		}
		rows := make([]register.Unit, len(numbers))
		for k, n := range numbers {
			rows[k] = Daginstitution(101+i%4, n)
		}
		return create(tx, rows)
	})
	if err != nil {
		return 0, err
	}
	ordinal, _ := register.DefaultSeries.Ordinal(numbers[0])
	return ordinal, nil
}
