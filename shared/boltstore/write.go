package boltstore

import (
	"context"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"dagtilbudsregisteret.dk/shared/register"
)

// Chunk is how many operations of an import are best written in one update: enough to share the cost of a commit, few enough
// not to hold up other callers for long.
const Chunk = 500

// most updates that share one commit.
const most = 256

// update is one caller's wish, and its outcome once done is closed.
type update struct {
	ctx      context.Context
	fn       func(*tx) error
	err      error
	panicked any
	done     chan struct{}
}

// Update implements [register.Store]. The single writer runs fn once; nothing can come in between.
func (s *Store) Update(ctx context.Context, fn func(register.Tx) error) error {
	return s.do(ctx, func(t *tx) error { return fn(t) })
}

func (s *Store) do(ctx context.Context, fn func(*tx) error) error {
	u := &update{ctx: ctx, fn: fn, done: make(chan struct{})}
	select {
	case s.queue <- u:
	case <-ctx.Done():
		return givenUp(ctx.Err())
	}
	<-u.done
	if u.panicked != nil {
		panic(u.panicked)
	}
	return u.err
}

// write commits updates until the store is closed.
func (s *Store) write() {
	defer close(s.closed)
	for first := range s.queue {
		batch := s.gather(first)
		s.commitAll(batch)
		s.commits.ring()
		for _, u := range batch {
			close(u.done)
		}
	}
}

// gather takes whoever is waiting already.
func (s *Store) gather(first *update) []*update {
	batch := []*update{first}
	for len(batch) < most {
		select {
		case u, ok := <-s.queue:
			if !ok {
				return batch
			}
			batch = append(batch, u)
		default:
			return batch
		}
	}
	return batch
}

// commitAll runs a batch in one transaction. What a failed commit leaves is unknown until it is looked up: the bucket's sequence
// tells whether this very commit took effect.
func (s *Store) commitAll(batch []*update) {
	sequence, err := s.apply(batch)
	if err != nil && !s.tookEffect(sequence) {
		for _, u := range batch {
			if u.err == nil {
				u.err = &register.Error{Kind: register.Unavailable, Cause: fmt.Errorf("boltstore: commit: %w", err)}
			}
		}
	}
}

func (s *Store) apply(batch []*update) (sequence uint64, err error) {
	btx, err := s.db.Begin(true)
	if err != nil {
		return 0, err
	}
	defer btx.Rollback()
	var dirty bool
	for _, u := range batch {
		t := newTx(s.reader(btx))
		if err := u.run(t); err != nil {
			return 0, err
		}
		dirty = dirty || !t.empty()
	}
	if !dirty {
		return 0, nil
	}
	if sequence, err = btx.Bucket(registerBucket).NextSequence(); err != nil {
		return 0, err
	}
	return sequence, s.commit(btx)
}

func (s *Store) tookEffect(sequence uint64) bool {
	if sequence == 0 || s.db.Sync() != nil {
		return false
	}
	var stored uint64
	err := s.db.View(func(tx *bolt.Tx) error {
		stored = tx.Bucket(registerBucket).Sequence()
		return nil
	})
	return err == nil && stored == sequence
}

// run lets the caller decide, and puts what it asked for. The caller's own errors stay with it; one that leaves the transaction
// half written is returned, for nothing of it may be committed.
func (u *update) run(t *tx) error {
	defer func() { u.panicked = recover() }()
	if err := u.ctx.Err(); err != nil {
		u.err = givenUp(err)
		return nil
	}
	if u.err = u.fn(t); u.err != nil {
		return nil
	}
	if u.err = t.check(); u.err != nil {
		return nil
	}
	return t.apply()
}
