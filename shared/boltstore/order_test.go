package boltstore

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/storetest"
)

// age makes a file what it would be if it had been written before there was an order: its logs and heads in format 2, and no places.
func age(t *testing.T, path string) {
	t.Helper()
	s := open(t, path, register.DefaultSeries)
	heads, err := s.Heads(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	err = s.db.Update(func(tx *bolt.Tx) error {
		r := s.reader(tx)
		old := map[keys.Key][]byte{keys.OrderHead: nil}
		place := int64(0)
		for _, h := range heads {
			old[keys.Head(h.Kommune)] = format2(encodeInt(h.Nr), 0)
			for nr := int64(1); nr <= h.Nr; nr++ {
				at := register.Position{Kommune: h.Kommune, Nr: nr}
				c, err := decodeChange(r.get(keys.Change(at)))
				if err != nil {
					return err
				}
				c.Sequence = 0
				old[keys.Change(at)] = format2(encodeChange(&c), 1)
				place++
				old[keys.Place(place)] = nil
			}
		}
		for k, value := range old {
			if err := r.items.Delete(join(k)); err != nil {
				return err
			}
			if value == nil {
				continue
			}
			if err := r.items.Put(join(k), value); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func create(t *testing.T, s *Store, kommune int, n register.Number, tid time.Time) {
	t.Helper()
	err := s.Update(t.Context(), func(tx register.Tx) error {
		c := register.Change{Art: register.Oprettelse, Aarsag: register.VedKald, Efter: storetest.Daginstitution(kommune, n), Tid: tid}
		_, err := tx.Write(c)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestFileFromBeforeOrder opens a file that was written before there was an order. It is put in order then, once, and goes on.
func TestFileFromBeforeOrder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "register.db")
	s := open(t, path, register.DefaultSeries)
	later := storetest.Now.Add(time.Hour)
	create(t, s, 265, "G20000", later)
	create(t, s, 101, "G20001", storetest.Now)
	create(t, s, 265, "G20002", storetest.Now)
	create(t, s, 101, "G20003", storetest.Now)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	age(t, path)
	want := []register.Number{"G20001", "G20003", "G20000", "G20002"}
	for i := range 3 {
		s = open(t, path, register.DefaultSeries)
		wantPlaces(t, s, want...)
		heads, err := s.Heads(t.Context())
		if err != nil || len(heads) != 2 || heads[0].Tid != storetest.Now || heads[1].Tid != later {
			t.Errorf("%v: heads %v", err, heads)
		}
		n := register.Number([]string{"G30000", "G30001", "G30002"}[i])
		create(t, s, 265, n, storetest.Now)
		want = append(want, n)
		wantPlaces(t, s, want...)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// wantPlaces checks which units' changes are in the order, and that their logs say the same.
func wantPlaces(t *testing.T, s *Store, want ...register.Number) {
	t.Helper()
	all, err := collect(s.Ordered(t.Context(), 0))
	if err != nil || len(all) != len(want) {
		t.Fatalf("%v: %d changes in the order, want %d", err, len(all), len(want))
	}
	for i, c := range all {
		log, err := collect(s.Changes(t.Context(), register.Position{Kommune: c.Position.Kommune}))
		if err != nil || c.Efter.Number() != want[i] || c.Sequence != int64(i)+1 || !slices.Contains(log, c) {
			t.Errorf("%v: in place %d is %+v, want %s; its log has %+v", err, i+1, c, want[i], log)
		}
	}
}

// TestHoleInOldLog opens a file from before there was an order, of which a change is missing: it is not put in an order that lacks it.
func TestHoleInOldLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "register.db")
	s := open(t, path, register.DefaultSeries)
	create(t, s, 265, "G20000", storetest.Now)
	create(t, s, 265, "G20001", storetest.Now)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	age(t, path)
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bolt.Tx) error {
		return tx.Bucket(registerBucket).Delete(join(keys.Change(register.Position{Kommune: 265, Nr: 1})))
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err := Open(path, register.DefaultSeries); err == nil {
		t.Error("it is opened")
		s.Close()
	}
}

// TestAwaitIsWokenByCommit has readers wait for ever, and one for each commit that it is told of.
func TestAwaitIsWokenByCommit(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "register.db"), register.DefaultSeries)
	woken := make(chan int64)
	go func() {
		defer close(woken)
		for after := range int64(20) {
			s.Await(t.Context(), after)
			woken <- after
		}
	}()
	for i := range int64(20) {
		n, _ := register.DefaultSeries.Number(register.FirstOrdinal + i)
		create(t, s, 265, n, storetest.Now)
		if after := <-woken; after != i {
			t.Fatalf("woken after %d, want %d", after, i)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s.Await(ctx, 20)
}
