package queues

import (
	"bytes"
	"context"
	"encoding/binary"
	"slices"
	"time"

	"dagtilbudsregisteret.dk/shared/relaying"
)

// bury puts a message with the dead.
func (q *queue) bury(m *message) error {
	if err := q.remove(m); err != nil {
		return err
	}
	nr, err := q.dead.NextSequence()
	if err != nil {
		return err
	}
	m.key = binary.BigEndian.AppendUint64(nil, nr)
	return m.store(q.dead)
}

// revive puts a dead letter behind the messages of its group.
func (q *queue) revive(m *message, now time.Time) error {
	if err := q.dead.Delete(m.key); err != nil {
		return err
	}
	m.Received, m.Due = 0, now
	return q.append(m)
}

// DeadLetters implements [relaying.Queue].
func (q *Queues) DeadLetters(_ context.Context, name string, n int) (letters []relaying.DeadLetter, err error) {
	err = q.view(name, func(of *queue) error {
		for m, err := range walk(of.dead, nil) {
			if err != nil || len(letters) == n {
				return err
			}
			letters = append(letters, relaying.DeadLetter{ID: m.ID, Body: bytes.Clone(m.body), Received: m.Received, Sent: m.Sent})
		}
		return nil
	})
	return letters, err
}

// Requeue implements [relaying.Queue]: all that are meant, or none.
func (q *Queues) Requeue(_ context.Context, name string, ids []string) (n int, err error) {
	err = q.update(name, open, func(of *queue) error {
		var back []message
		for m, err := range walk(of.dead, nil) {
			if err != nil {
				return err
			}
			if len(ids) == 0 || slices.Contains(ids, m.ID) {
				back = append(back, m)
			}
		}
		for i := range back {
			if err := of.revive(&back[i], q.clock()); err != nil {
				return err
			}
		}
		n = len(back)
		return nil
	})
	return n, err
}
