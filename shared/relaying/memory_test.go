package relaying_test

import (
	"context"
	"errors"
	"slices"
	"sync"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
)

// memory is queues in memory, which take what they have taken before once, as SQS' do, until they forget it.
type memory struct {
	mu      sync.Mutex
	rung    sync.Cond // whenever a message is taken
	boxes   map[string]*box
	next    []fault // of the next calls, one each
	stopped bool
}

// box is a queue.
type box struct {
	all      []relaying.Message
	seen     map[string]bool // deduplication ids
	calls    [][]string      // the ids of each call's messages
	refusing map[string]bool // groups
	closed   bool            // all are refused
	gate     chan struct{}   // calls wait until it is closed; nil for an open one
	dead     []relaying.DeadLetter
	asked    []string // the ids of the last requeueing
}

// fault is what goes wrong with a call: from the message at a place on its group is refused, or all is taken and the answer lost.
type fault struct {
	place int // -1 for none
	lost  bool
}

func newMemory() *memory {
	m := &memory{boxes: make(map[string]*box)}
	m.rung.L = &m.mu
	return m
}

func (m *memory) open(name string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.boxes[name] = &box{seen: make(map[string]bool), refusing: make(map[string]bool)}
	return name
}

func (m *memory) received(queue string) []relaying.Message {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.boxes[queue].all)
}

func (m *memory) refuse(place int) { m.fail(fault{place: place}) }
func (m *memory) lose()            { m.fail(fault{place: -1, lost: true}) }
func (m *memory) stop()            { m.set(func() { m.stopped = true }) }
func (m *memory) start()           { m.set(func() { m.stopped = false }) }

func (m *memory) fail(f fault) { m.set(func() { m.next = append(m.next, f) }) }

func (m *memory) set(do func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	do()
}

// refuseGroup has a queue refuse a group's messages until it is told otherwise.
func (m *memory) refuseGroup(queue, group string, refuse bool) {
	m.set(func() { m.boxes[queue].refusing[group] = refuse })
}

// refuseAll has a queue refuse everything until it is told otherwise.
func (m *memory) refuseAll(queue string, refuse bool) {
	m.set(func() { m.boxes[queue].closed = refuse })
}

// block has a queue's calls wait until the function that it answers is called.
func (m *memory) block(queue string) (release func()) {
	gate := make(chan struct{})
	m.set(func() { m.boxes[queue].gate = gate })
	return func() {
		m.set(func() { m.boxes[queue].gate = nil })
		close(gate)
	}
}

// forget is the five minutes after which a message is taken again.
func (m *memory) forget() {
	m.set(func() {
		for _, b := range m.boxes {
			clear(b.seen)
		}
	})
}

// calls gives the ids of each call to a queue since the last time.
func (m *memory) calls(queue string) (calls [][]string) {
	m.set(func() { calls, m.boxes[queue].calls = m.boxes[queue].calls, nil })
	return calls
}

// await waits until a queue has taken so many messages.
func (m *memory) await(queue string, count int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(m.boxes[queue].all) < count {
		m.rung.Wait()
	}
}

func (m *memory) Send(ctx context.Context, queue string, messages []relaying.Message) []error {
	m.mu.Lock()
	defer m.mu.Unlock()
	refused := make([]error, len(messages))
	b := m.boxes[queue]
	if b == nil || !m.pass(ctx, b) || m.stopped {
		for i := range refused {
			refused[i] = errBroken
		}
		return refused
	}
	b.calls = append(b.calls, ids(messages))
	f := fault{place: -1}
	if len(m.next) > 0 {
		f, m.next = m.next[0], m.next[1:]
	}
	ended := make(map[string]bool)
	for i, message := range messages {
		if ended[message.Group] = ended[message.Group] || i == f.place || b.closed || b.refusing[message.Group]; !ended[message.Group] {
			b.take(message)
		}
		if ended[message.Group] || f.lost {
			refused[i] = errBroken
		}
	}
	m.rung.Broadcast()
	return refused
}

// pass waits at the gate, unlocked; false where the caller gives up.
func (m *memory) pass(ctx context.Context, b *box) bool {
	gate := b.gate
	if gate == nil {
		return ctx.Err() == nil
	}
	m.mu.Unlock()
	defer m.mu.Lock()
	select {
	case <-gate:
		return true
	case <-ctx.Done():
		return false
	}
}

func (b *box) take(m relaying.Message) {
	if !b.seen[m.Dedup] {
		b.seen[m.Dedup] = true
		b.all = append(b.all, m)
	}
}

var errNoQueue = &register.Error{Kind: register.NotFound, Cause: errors.New("no such queue")}

func (m *memory) Depth(_ context.Context, queue string) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if b := m.boxes[queue]; b != nil && !m.stopped {
		return len(b.all), nil
	}
	return 0, errNoQueue
}

func (m *memory) DeadDepth(_ context.Context, queue string) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if b := m.boxes[queue]; b != nil && !m.stopped {
		return len(b.dead), nil
	}
	return 0, errNoQueue
}

func (m *memory) DeadLetters(_ context.Context, queue string, n int) ([]relaying.DeadLetter, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	dead := m.boxes[queue].dead
	return dead[:min(n, len(dead))], nil
}

// Requeue puts back what it can of the dead letters; those that it cannot are an error.
func (m *memory) Requeue(_ context.Context, queue string, ids []string) (count int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b := m.boxes[queue]
	b.asked = ids
	b.dead = slices.DeleteFunc(b.dead, func(l relaying.DeadLetter) bool {
		wanted := len(ids) == 0 || slices.Contains(ids, l.ID)
		if wanted && l.Body == nil {
			err = errBroken
			return false
		}
		if wanted {
			count++
		}
		return wanted
	})
	return count, err
}
