package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/register"
)

// makeAt has a new daginstitution made at a time.
func makeAt(tx register.Tx, kommune int, n register.Number, tid time.Time) error {
	d := Daginstitution(kommune, n)
	_, err := tx.Write(register.Change{Art: register.Oprettelse, Aarsag: register.VedKald, Efter: d, Tid: tid, Af: af})
	return err
}

// latest asks for the time of a log within an update, and before and after what else that does.
func latest(t testing.TB, s register.Store, kommune int, do func(tx register.Tx) error) (tid time.Time) {
	t.Helper()
	err := s.Update(t.Context(), func(tx register.Tx) (err error) {
		if tid, err = tx.Latest(kommune); err != nil {
			return err
		}
		if err := do(tx); err != nil {
			return err
		}
		again, err := tx.Latest(kommune)
		if !again.Equal(tid) {
			t.Errorf("the latest change of %d was made at %v, and at %v after the update's own", kommune, tid, again)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return tid
}

func wantHeads(t testing.TB, s register.Store, want ...register.Head) {
	t.Helper()
	heads, err := s.Heads(t.Context())
	if err != nil || !slices.Equal(heads, want) {
		t.Errorf("%v: heads %v, want %v", err, heads, want)
	}
	for _, h := range heads {
		if tid := latest(t, s, h.Kommune, func(register.Tx) error { return nil }); tid != h.Tid {
			t.Errorf("the latest change of %d was made at %v, its head says %v", h.Kommune, tid, h.Tid)
		}
	}
}

// heads writes changes at times that run forwards and backwards: each keeps its own, and the head has the latest.
func heads(t *testing.T, h Harness) {
	s := h.Open(t, register.DefaultSeries)
	wantHeads(t, s)
	later, head := Now.Add(time.Hour), register.Head{Position: register.Position{Kommune: 265}}
	for i, c := range []struct{ tid, want time.Time }{
		{Now, Now}, {later, later}, {Now, later}, {Now.Add(-time.Hour), later}, {Now, later}, {Now, later}, {Now, later}, {Now, later},
		{Now, later}, {later.Add(time.Millisecond), later.Add(time.Millisecond)},
	} {
		was := latest(t, s, 265, func(tx register.Tx) error { return makeAt(tx, 265, register.Number(fmt.Sprintf("G2000%d", i)), c.tid) })
		if was != head.Tid {
			t.Errorf("before change %d the latest was made at %v, want %v", i, was, head.Tid)
		}
		head.Nr, head.Tid = head.Nr+1, c.want
		wantHeads(t, s, head)
		if log := changes(t, s, register.Position{Kommune: 265, Nr: int64(i)}); len(log) != 1 || log[0].Tid != c.tid {
			t.Errorf("change %d of %v is logged as %+v", i, c.tid, log)
		}
	}
	if tid := latest(t, s, 101, func(register.Tx) error { return nil }); !tid.IsZero() {
		t.Errorf("a change in an empty log was made at %v", tid)
	}

	// Several changes in one update, the latest in the middle, and one in a second log.
	last := head.Tid.Add(time.Hour)
	latest(t, s, 265, func(tx register.Tx) error {
		for i, tid := range []time.Time{Now, last, Now} {
			if err := makeAt(tx, 265, register.Number(fmt.Sprintf("G3000%d", i)), tid); err != nil {
				return err
			}
		}
		return makeAt(tx, 101, "G40000", Now)
	})
	head.Nr, head.Tid = head.Nr+3, last
	other := register.Head{Position: register.Position{Kommune: 101, Nr: 1}, Tid: Now}
	wantHeads(t, s, other, head)

	// A change of municipality is in both logs.
	err := s.Update(t.Context(), func(tx register.Tx) error {
		foer, err := tx.Unit("G40000")
		if err != nil {
			return err
		}
		efter := foer
		efter.AdmKommuneKode, efter.Version = 265, 2
		_, err = tx.Write(register.Change{Art: register.Aendring, Aarsag: register.VedKald, Foer: foer, Efter: efter, Tid: later, Af: af})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	head.Nr, other.Nr, other.Tid = head.Nr+1, 2, later
	wantHeads(t, s, other, head)
	wantHeads(t, h.Restart(t, s), other, head)
}

// forwards has writers whose clocks disagree make each change no earlier than the latest: no log runs backwards.
func forwards(t *testing.T, h Harness) {
	s := h.Open(t, register.DefaultSeries)
	const writers, each = 8, 6
	at(writers, func(i int) {
		clock := rand.New(rand.NewPCG(1, uint64(i)))
		for j := range each {
			kommune := 101 + (i+j)%2
			mine := Now.Add(time.Duration(clock.IntN(10_000)) * time.Millisecond)
			err := s.Update(t.Context(), func(tx register.Tx) error {
				tid, err := tx.Latest(kommune)
				if err != nil {
					return err
				}
				if mine.After(tid) {
					tid = mine
				}
				return makeAt(tx, kommune, register.Number(fmt.Sprintf("G%05d", 10000+i*100+j)), tid)
			})
			if err != nil {
				t.Error(err)
			}
		}
	})
	heads, err := s.Heads(t.Context())
	if err != nil || len(heads) != 2 {
		t.Fatalf("%v: %v", err, heads)
	}
	for _, head := range heads {
		log := changes(t, s, register.Position{Kommune: head.Kommune})
		if !slices.IsSortedFunc(log, func(a, b register.Change) int { return a.Tid.Compare(b.Tid) }) || log[len(log)-1].Tid != head.Tid {
			t.Errorf("the log of %d, which ends at %v, runs backwards", head.Kommune, head.Tid)
		}
	}
}
