package boltstore

import (
	"bytes"
	"context"
	"iter"
	"sync"

	bolt "go.etcd.io/bbolt"

	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/register"
)

// Order implements [register.Store]. Every change has its place from when it is written.
func (s *Store) Order(context.Context) error { return nil }

// Ordering implements [register.Store]. Every change has its place, so the order has come as far as the logs.
func (s *Store) Ordering(ctx context.Context) (last int64, at register.Positions, err error) {
	err = s.view(ctx, func(r *reader) error {
		if last, err = r.lastPlace(); err != nil {
			return err
		}
		at, err = r.ends()
		return err
	})
	return last, at, err
}

// ends gives how far each log has come.
func (r *reader) ends() (at register.Positions, err error) {
	prefix := join(keys.Key{PK: keys.Heads})
	k, v, next := upwards(r.items.Cursor(), keys.Heads, "")
	for ; bytes.HasPrefix(k, prefix); k, v = next() {
		h, err := decodeHead(v, atoi(string(k[len(prefix):])))
		if err != nil {
			return nil, err
		}
		at = append(at, h.Position)
	}
	return at, nil
}

// someOrdered is how many changes are read in one snapshot.
const someOrdered = 100

// Ordered implements [register.Store].
func (s *Store) Ordered(ctx context.Context, after int64) iter.Seq2[register.Change, error] {
	return func(yield func(register.Change, error) bool) {
		for {
			var found []register.Change
			err := s.view(ctx, func(r *reader) (err error) {
				found, err = r.ordered(after)
				return err
			})
			if err != nil {
				yield(register.Change{}, err)
				return
			}
			if len(found) == 0 {
				return
			}
			for _, c := range found {
				if !yield(c, nil) {
					return
				}
				after = c.Sequence
			}
		}
	}
}

// ordered gives the next changes after a place in the order.
func (r *reader) ordered(after int64) (found []register.Change, err error) {
	prefix := join(keys.Key{PK: keys.Order})
	k, v, next := upwards(r.items.Cursor(), keys.Order, keys.Place(after).SK)
	for ; bytes.HasPrefix(k, prefix) && len(found) < someOrdered; k, v = next() {
		at, err := decodePosition(v)
		if err != nil {
			return nil, err
		}
		c, err := decodeChange(r.get(keys.Change(at)))
		if err != nil {
			return nil, err
		}
		found = append(found, c)
	}
	return found, nil
}

// lastPlace is the last place in the order that has been given, 0 where none has.
func (r *reader) lastPlace() (int64, error) {
	value := r.get(keys.OrderHead)
	if value == nil {
		return 0, nil
	}
	return decodeInt(value)
}

// Await implements [register.Store]. The writer's next commit wakes it.
func (s *Store) Await(ctx context.Context, after int64) {
	for {
		committed := s.commits.next() // before looking: what is not seen yet rings it
		last := int64(0)
		err := s.view(ctx, func(r *reader) (err error) {
			last, err = r.lastPlace()
			return err
		})
		if err != nil || last > after {
			return
		}
		select {
		case <-committed:
		case <-ctx.Done():
		}
	}
}

// bell wakes all who wait for it.
type bell struct {
	mu   sync.Mutex
	rung chan struct{} // closed by the next ring; nil while nobody waits
}

// next gives what the next ring closes.
func (b *bell) next() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rung == nil {
		b.rung = make(chan struct{})
	}
	return b.rung
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rung != nil {
		close(b.rung)
		b.rung = nil
	}
}

// putInOrder gives the changes of a file from before there was an order their places, municipality by municipality, and the heads
// the times of their latest changes.
func (s *Store) putInOrder() error {
	heads, err := s.Heads(context.Background())
	if err != nil {
		return err
	}
	return s.db.Update(func(btx *bolt.Tx) error {
		t := newTx(s.reader(btx))
		if last, err := t.lastPlace(); err != nil || last > 0 {
			return err
		}
		for _, h := range heads {
			if err := t.putLogInOrder(h); err != nil {
				return err
			}
		}
		return t.apply()
	})
}

// putLogInOrder logs the changes of one municipality anew, and this time they get places.
func (t *tx) putLogInOrder(h register.Head) error {
	for nr := int64(1); nr <= h.Nr; nr++ {
		c, err := decodeChange(t.get(keys.Change(register.Position{Kommune: h.Kommune, Nr: nr})))
		if err != nil {
			return err
		}
		if err := t.log(c, c.Position); err != nil {
			return err
		}
		h.Tid = later(h.Tid, c.Tid)
	}
	t.heads[h.Kommune] = h
	return nil
}
