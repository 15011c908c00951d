package queues

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
)

// remembered is how long a deduplication id is.
const remembered = 5 * time.Minute

// Send implements [relaying.Queue]: all messages are taken, or none.
func (q *Queues) Send(ctx context.Context, name string, messages []relaying.Message) []error {
	refused := make([]error, len(messages))
	err := ctx.Err()
	if err == nil {
		err = q.update(name, create, func(to *queue) error { return to.take(messages, q.clock()) })
	}
	if err != nil {
		for i := range refused {
			refused[i] = &register.Error{Kind: register.Unavailable, Cause: fmt.Errorf("queues: send to %s: %w", name, err)}
		}
	}
	return refused
}

func (q *queue) take(messages []relaying.Message, now time.Time) error {
	if err := q.forget(len(messages), now); err != nil {
		return err
	}
	for i := range messages {
		m := &messages[i]
		isNew, err := q.remember([]byte(m.Dedup), now)
		if err == nil && isNew {
			err = q.append(&message{ID: m.ID, Group: m.Group, Sent: now, Due: now, body: m.Body})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// remember notes a deduplication id, and tells whether it is new.
func (q *queue) remember(id []byte, now time.Time) (isNew bool, err error) {
	taken := q.taken.Get(id)
	if taken != nil && now.Sub(momentAt(taken)) < remembered {
		return false, nil
	}
	if taken != nil {
		if err := q.forgetting.Delete(append(bytes.Clone(taken), id...)); err != nil {
			return false, err
		}
	}
	if err := q.forgetting.Put(append(at(now), id...), nil); err != nil {
		return false, err
	}
	return true, q.taken.Put(id, at(now))
}

// forget drops ids that are remembered no longer, twice as many as are about to be noted, so that it keeps up and no caller pays for
// all of them.
func (q *queue) forget(about int, now time.Time) error {
	var old [][]byte
	c := q.forgetting.Cursor()
	for k, _ := c.First(); k != nil && len(old) < 2*about && now.Sub(momentAt(k)) >= remembered; k, _ = c.Next() {
		old = append(old, bytes.Clone(k))
	}
	for _, k := range old {
		if err := q.forgetting.Delete(k); err != nil {
			return err
		}
		if err := q.taken.Delete(k[atLength:]); err != nil {
			return err
		}
	}
	return nil
}
