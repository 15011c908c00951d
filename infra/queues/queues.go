// Package queues keeps subscribers' queues in a file, for a register that runs on one machine with nothing installed: FIFO queues that
// behave, for who sends and who receives, as SQS does.
//
// A message that is received is invisible for a time; who is done with it deletes it, and if nobody does it comes again, until it has
// come [MostReceived] times and is a dead letter. Messages of a group come in order: while some are invisible, those after them in the
// group wait. A message with a deduplication id that the queue has taken within five minutes is taken and dropped. A queue comes into
// being by the first message that is sent to it.
//
// # Layout
//
// For each queue the file (go.etcd.io/bbolt) has a bucket by its name, with "antal", how many messages wait in it, and the buckets
//
//	beskeder   the messages, by group and number; one is a line of JSON that says what it is, and then its body as it was sent
//	tur        the groups that have messages, by the moment from which the first of them can be had
//	doede      the dead letters, by number
//	set        deduplication ids, and when they were taken
//	glem       the same by when they were taken, to forget them by
//
// The invisible messages of a group are its first ones and become visible together, for nothing of a group is handed out while some of
// it is invisible. So the turns alone tell what can be had, however many messages wait behind one that nobody deletes.
package queues

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"dagtilbudsregisteret.dk/shared/relaying"
)

// Queues is a file of queues. Make it with [Open].
type Queues struct {
	db      *bolt.DB
	now     func() time.Time
	changes bell // rung when there may be more to be had
}

var _ relaying.Queue = (*Queues)(nil)

// Open opens the file, and makes it where there is none.
func Open(path string, now func() time.Time) (*Queues, error) {
	// As for the register's own file: see there.
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: time.Second, InitialMmapSize: 1 << 30, FreelistType: bolt.FreelistMapType, NoFreelistSync: true})
	if err != nil {
		return nil, fmt.Errorf("queues: open %s: %w", path, err)
	}
	return &Queues{db: db, now: now}, nil
}

// Close closes the file. No method may be called after it.
func (q *Queues) Close() error { return q.db.Close() }

// clock is the time to the millisecond, as turns have it.
func (q *Queues) clock() time.Time { return q.now().UTC().Truncate(time.Millisecond) }

// queue is one queue within a transaction.
type queue struct {
	top, messages, turns, dead, taken, forgetting *bolt.Bucket
	waiting                                       int
}

var waitingKey = []byte("antal")

// parts names the buckets of a queue.
func (q *queue) parts() map[string]**bolt.Bucket {
	return map[string]**bolt.Bucket{
		"beskeder": &q.messages, "tur": &q.turns, "doede": &q.dead, "set": &q.taken, "glem": &q.forgetting,
	}
}

// create gives a queue, and makes it where there is none.
func create(tx *bolt.Tx, name string) (*queue, error) {
	top, err := tx.CreateBucketIfNotExists([]byte(name))
	if err != nil {
		return nil, err
	}
	for part := range new(queue).parts() {
		if _, err := top.CreateBucketIfNotExists([]byte(part)); err != nil {
			return nil, err
		}
	}
	return open(tx, name)
}

// open gives a queue, nil where there is none.
func open(tx *bolt.Tx, name string) (*queue, error) {
	q := &queue{top: tx.Bucket([]byte(name))}
	if q.top == nil {
		return nil, nil
	}
	for part, bucket := range q.parts() {
		*bucket = q.top.Bucket([]byte(part))
	}
	if n := q.top.Get(waitingKey); n != nil {
		q.waiting = int(binary.BigEndian.Uint64(n))
	}
	return q, nil
}

// view reads a queue, if there is one.
func (q *Queues) view(name string, do func(*queue) error) error {
	return q.db.View(func(tx *bolt.Tx) error {
		one, err := open(tx, name)
		if one == nil || err != nil {
			return err
		}
		return do(one)
	})
}

// update changes the queue that get gives, if it gives one.
func (q *Queues) update(name string, get func(*bolt.Tx, string) (*queue, error), do func(*queue) error) error {
	defer q.changes.ring()
	return q.db.Update(func(tx *bolt.Tx) error {
		one, err := get(tx, name)
		if one == nil || err != nil {
			return err
		}
		if err := do(one); err != nil {
			return err
		}
		return one.top.Put(waitingKey, binary.BigEndian.AppendUint64(nil, uint64(one.waiting)))
	})
}

// Depth implements [relaying.Queue]. Messages that are invisible count.
func (q *Queues) Depth(_ context.Context, name string) (depth int, err error) {
	err = q.view(name, func(of *queue) error {
		depth = of.waiting
		return nil
	})
	return depth, err
}

// DeadDepth gives how many messages of a queue are dead letters.
func (q *Queues) DeadDepth(_ context.Context, name string) (depth int, err error) {
	err = q.view(name, func(of *queue) error {
		depth = of.dead.Stats().KeyN
		return nil
	})
	return depth, err
}

// depths gives how many messages wait in each queue, by its name.
func (q *Queues) depths() (map[string]int, error) {
	all := make(map[string]int)
	err := q.db.View(func(tx *bolt.Tx) error {
		return tx.ForEach(func(name []byte, _ *bolt.Bucket) error {
			one, err := open(tx, string(name))
			if err == nil {
				all[string(name)] = one.waiting
			}
			return err
		})
	})
	return all, err
}
