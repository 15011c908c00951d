package queues

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestNothingIsLost has receivers delete, forget and repeat as they like, and the machine stop: each group's messages are seen in the
// order they were sent, by when they were seen first, and all of them are seen; one that was deleted is not seen again.
func TestNothingIsLost(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		m := &model{
			bench: start(t), sent: make(map[string][]string), seen: make(map[string][]string), taken: make(map[string]time.Time),
			copies: make(map[string]int),
		}
		defer func() { m.Close() }()
		r.Repeat(map[string]func(*rapid.T){
			"send":    m.sendSome,
			"receive": m.receiveSome,
			"delete":  m.deleteOne,
			"wait": func(r *rapid.T) {
				m.time = m.time.Add(time.Duration(rapid.IntRange(1, 90).Draw(r, "seconds")) * time.Second)
			},
			"requeue": func(r *rapid.T) {
				if letters := m.letters(); len(letters) > 0 && rapid.Bool().Draw(r, "one") {
					m.requeue(rapid.SampledFrom(letters).Draw(r, "letter"))
					return
				}
				m.requeue()
			},
			"restart": func(*rapid.T) { m.restart() },
			"":        m.count,
		})
		m.drain(r)
		for group, sent := range m.sent {
			if !slices.Equal(m.seen[group], sent) {
				r.Errorf("of %s were sent %q, and seen %q", group, sent, m.seen[group])
			}
		}
	})
}

// model is what a queue should do.
type model struct {
	*bench
	sent, seen map[string][]string  // ids by group, those seen by when they were first
	taken      map[string]time.Time // when the queue took an id last
	copies     map[string]int       // of ids, that were taken and not deleted
	held       []Received           // what was received; some of the receipts hold no longer
}

// sendSome sends new messages of a group, and perhaps some that were sent before.
func (m *model) sendSome(r *rapid.T) {
	group := rapid.SampledFrom([]string{"101", "1010", "265"}).Draw(r, "group")
	count := len(m.sent[group])
	first := rapid.IntRange(max(1, count-1), count+1).Draw(r, "first")
	messages := run(group, first, count+rapid.IntRange(0, 4).Draw(r, "new"))
	for _, message := range messages {
		id := message.ID
		if taken, known := m.taken[id]; known && m.time.Sub(taken) < remembered {
			continue
		} else if !known {
			m.sent[group] = append(m.sent[group], id)
		}
		m.taken[id] = m.time
		m.copies[id]++
	}
	m.send(messages...)
}

func (m *model) receiveSome(r *rapid.T) {
	for _, received := range m.now(rapid.IntRange(1, 5).Draw(r, "n")) {
		m.see(r, received)
		m.held = append(m.held, received)
	}
}

func (m *model) see(r *rapid.T, received Received) {
	group := received.ID[:slices.Index([]byte(received.ID), ':')]
	if m.copies[received.ID] == 0 {
		r.Errorf("%s was deleted, and is here again", received.ID)
	}
	if !slices.Contains(m.seen[group], received.ID) {
		m.seen[group] = append(m.seen[group], received.ID)
	}
}

// deleteOne deletes by a receipt that may hold no longer.
func (m *model) deleteOne(r *rapid.T) {
	if len(m.held) > 0 {
		m.end(r, rapid.SampledFrom(m.held).Draw(r, "receipt"))
	}
}

func (m *model) end(r *rapid.T, received Received) {
	found, err := m.Delete(name, received.Kvittering)
	if err != nil {
		r.Fatal(err)
	}
	if found {
		m.copies[received.ID]--
	}
}

// left is how many messages were taken and not deleted.
func (m *model) left() (n int) {
	for _, copies := range m.copies {
		n += copies
	}
	return n
}

// count holds how many wait and how many are dead against how many were not deleted.
func (m *model) count(r *rapid.T) {
	if depth, dead, left := m.depth(), len(m.letters()), m.left(); depth+dead != left {
		r.Fatalf("%d wait and %d are dead; %d were not deleted", depth, dead, left)
	}
}

// drain receives and deletes all there is, the dead as well.
func (m *model) drain(r *rapid.T) {
	for m.left() > 0 {
		m.time = m.time.Add(time.Minute)
		m.requeue()
		for _, received := range m.now(1000) {
			m.see(r, received)
			m.end(r, received)
		}
	}
	m.count(r)
}
