package queues

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
)

// MostReceived is how often a message is handed out before it is a dead letter.
const MostReceived = 5

// Received is a message that was handed out.
type Received struct {
	ID         string          `json:"id"`
	Kvittering string          `json:"kvittering"` // to delete it by
	Modtaget   int             `json:"modtaget"`   // how often it has been handed out
	Indhold    json.RawMessage `json:"indhold"`
}

// Receive hands out up to n messages, which are then invisible for a time that is not 0: as many of a group as there are, then of the
// next, the one that has waited longest first. Where there is nothing to be had it waits until there is, or the context ends.
func (q *Queues) Receive(ctx context.Context, name string, n int, invisible time.Duration) ([]Received, error) {
	for {
		changed := q.changes.next() // before looking: what is not seen yet rings it
		due, err := q.due(name)
		if err != nil {
			return nil, err
		}
		if !due.IsZero() && !due.After(q.clock()) {
			received, err := q.receive(name, n, invisible)
			if err != nil || len(received) > 0 {
				return received, err
			}
			continue // others were first, or all were dead
		}
		if !q.wait(ctx, changed, due) {
			return nil, nil
		}
	}
}

// wait waits for a change or a moment, unless that is the zero time, and tells whether either came before the context ended.
func (q *Queues) wait(ctx context.Context, changed <-chan struct{}, due time.Time) bool {
	var come <-chan time.Time
	if !due.IsZero() {
		timer := time.NewTimer(due.Sub(q.now()))
		defer timer.Stop()
		come = timer.C
	}
	select {
	case <-changed:
	case <-come:
	case <-ctx.Done():
		return false
	}
	return true
}

// due tells from when on there is something to be had; the zero time where the queue is empty.
func (q *Queues) due(name string) (due time.Time, err error) {
	err = q.view(name, func(of *queue) error {
		if k, _ := of.turns.Cursor().First(); k != nil {
			due = momentAt(k)
		}
		return nil
	})
	return due, err
}

func (q *Queues) receive(name string, n int, invisible time.Duration) (received []Received, err error) {
	err = q.update(name, open, func(from *queue) error {
		now := q.clock()
		for len(received) < n {
			k, _ := from.turns.Cursor().First()
			if k == nil || momentAt(k).After(now) {
				return nil
			}
			some, err := from.hand(string(k[atLength:]), n-len(received), now.Add(invisible))
			if err != nil {
				return err
			}
			received = append(received, some...)
		}
		return nil
	})
	return received, err
}

// hand hands out up to n of a group's messages, and puts those that have come too often with the dead.
func (q *queue) hand(group string, n int, until time.Time) (received []Received, err error) {
	live, dead, err := q.first(group, n)
	if err != nil {
		return nil, err
	}
	for i := range dead {
		if err := q.bury(&dead[i]); err != nil {
			return nil, err
		}
	}
	err = q.reseat(group, func() error {
		for i := range live {
			m := &live[i]
			m.Received++
			m.Due = until
			if err := m.store(q.messages); err != nil {
				return err
			}
			received = append(received, Received{m.ID, m.receipt(), m.Received, bytes.Clone(m.body)})
		}
		return nil
	})
	return received, err
}

// first gives the first n messages of a group, and on the way those that have come too often.
func (q *queue) first(group string, n int) (live, dead []message, err error) {
	for m, err := range walk(q.messages, groupKey(group)) {
		switch {
		case err != nil:
			return nil, nil, err
		case len(live) == n:
			return live, dead, nil
		case m.Received >= MostReceived:
			dead = append(dead, m)
		default:
			live = append(live, m)
		}
	}
	return live, dead, nil
}

// receipt names a message and the time that it was handed out.
func (m *message) receipt() string {
	return strconv.Itoa(m.Received) + "." + base64.RawURLEncoding.EncodeToString(m.key)
}

func parseReceipt(kvittering string) (key []byte, received int, ok bool) {
	times, name, _ := strings.Cut(kvittering, ".")
	received, errTimes := strconv.Atoi(times)
	key, errKey := base64.RawURLEncoding.DecodeString(name)
	return key, received, errTimes == nil && errKey == nil && received > 0
}

// Delete ends a message; found is false where the receipt is not of the last time that it was handed out, or it is gone.
func (q *Queues) Delete(name, kvittering string) (found bool, err error) {
	unknown, err := q.DeleteAll(name, []string{kvittering})
	return len(unknown) == 0 && err == nil, err
}

// DeleteAll ends messages, some at a time, and gives the receipts that are not of the last time that a message was handed out, or whose
// message is gone. Where it fails, some of the messages may have ended.
func (q *Queues) DeleteAll(name string, kvitteringer []string) (unknown []string, err error) {
	for some := range slices.Chunk(kvitteringer, mostNumber) {
		ended := make([]bool, len(some))
		err := q.update(name, open, func(from *queue) (err error) {
			for i, kvittering := range some {
				if ended[i], err = from.end(kvittering); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		for i, kvittering := range some {
			if !ended[i] {
				unknown = append(unknown, kvittering)
			}
		}
	}
	return unknown, nil
}

// end ends the message of a receipt, if that holds.
func (q *queue) end(kvittering string) (found bool, err error) {
	key, received, ok := parseReceipt(kvittering)
	if !ok {
		return false, nil
	}
	value := q.messages.Get(key)
	if value == nil {
		return false, nil
	}
	m, err := decode(key, value)
	if err != nil || m.Received != received {
		return false, err
	}
	return true, q.remove(&m)
}
