package queues

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"iter"
	"time"

	bolt "go.etcd.io/bbolt"
)

// message is one as it is stored.
type message struct {
	ID       string    `json:"id"`
	Group    string    `json:"group"`
	Sent     time.Time `json:"sent"`
	Due      time.Time `json:"due"` // it can be had from then on
	Received int       `json:"received,omitzero"`

	key, body []byte
}

// encode gives a message's value: a line that says what it is, and its body as it was sent.
func (m *message) encode() ([]byte, error) {
	line, err := json.Marshal(m)
	return append(append(line, '\n'), m.body...), err
}

// decode reads a message. Its body is good for as long as the transaction.
func decode(key, value []byte) (m message, err error) {
	line, body, _ := bytes.Cut(value, []byte{'\n'})
	if err := json.Unmarshal(line, &m); err != nil {
		return m, fmt.Errorf("queues: a stored message cannot be read: %w", err)
	}
	m.key, m.body = bytes.Clone(key), body
	return m, nil
}

// walk gives the messages of a bucket whose keys begin alike, in order.
func walk(b *bolt.Bucket, prefix []byte) iter.Seq2[message, error] {
	return func(yield func(message, error) bool) {
		c := b.Cursor()
		for k, v := c.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix); k, v = c.Next() {
			m, err := decode(k, v)
			if !yield(m, err) || err != nil {
				return
			}
		}
	}
}

// groupKey begins the keys of a group's messages. No group's is the beginning of another's.
func groupKey(group string) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(group))), group...)
}

// append puts a message behind those of its group. Where it is the first, the group gets a turn.
func (q *queue) append(m *message) error {
	nr, err := q.messages.NextSequence()
	if err != nil {
		return err
	}
	group := groupKey(m.Group)
	if first, _ := q.messages.Cursor().Seek(group); !bytes.HasPrefix(first, group) {
		if err := q.turns.Put(append(at(m.Due), m.Group...), nil); err != nil {
			return err
		}
	}
	m.key = binary.BigEndian.AppendUint64(group, nr)
	q.waiting++
	return m.store(q.messages)
}

func (m *message) store(b *bolt.Bucket) error {
	value, err := m.encode()
	if err != nil {
		return err
	}
	return b.Put(m.key, value)
}

// remove takes a message out of its group.
func (q *queue) remove(m *message) error {
	return q.reseat(m.Group, func() error {
		q.waiting--
		return q.messages.Delete(m.key)
	})
}

// turn is the key under which a group waits for its turn: the moment from which its first message can be had, and the group; nil where it
// has no message.
func (q *queue) turn(group string) ([]byte, error) {
	for first, err := range walk(q.messages, groupKey(group)) {
		return append(at(first.Due), group...), err
	}
	return nil, nil
}

// at writes a moment so that it sorts.
func at(t time.Time) []byte { return binary.BigEndian.AppendUint64(nil, uint64(t.UnixMilli())) }

// atLength is how many bytes that takes.
const atLength = 8

func momentAt(key []byte) time.Time {
	return time.UnixMilli(int64(binary.BigEndian.Uint64(key[:atLength]))).UTC()
}

// reseat gives a group its turn by what has become of its messages.
func (q *queue) reseat(group string, do func() error) error {
	before, err := q.turn(group)
	if err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	after, err := q.turn(group)
	if err != nil || bytes.Equal(before, after) {
		return err
	}
	if before != nil {
		if err := q.turns.Delete(before); err != nil {
			return err
		}
	}
	if after == nil {
		return nil
	}
	return q.turns.Put(after, nil)
}
