package queues

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/relaying"
)

// bench is a file of queues on a clock of the test's own.
type bench struct {
	*Queues
	t    testing.TB
	path string
	time time.Time

	unknown error // why the register cannot say which queues there are to be
}

func start(t testing.TB) *bench {
	t.Helper()
	b := &bench{t: t, path: filepath.Join(t.TempDir(), "koeer.db"), time: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	b.open()
	t.Cleanup(func() { b.Close() })
	return b
}

func (b *bench) open() {
	b.t.Helper()
	var err error
	if b.Queues, err = Open(b.path, func() time.Time { return b.time }); err != nil {
		b.t.Fatal(err)
	}
}

// restart closes the file and opens it again.
func (b *bench) restart() {
	b.t.Helper()
	if err := b.Close(); err != nil {
		b.t.Fatal(err)
	}
	b.open()
}

// name is that of the queue that most tests use.
const name = "hold-ind"

// aMessage is the n-th of a group.
func aMessage(group string, n int) relaying.Message {
	id := fmt.Sprintf("%s:%d", group, n)
	return relaying.Message{ID: id, Group: group, Dedup: id, Body: fmt.Appendf(nil, `{"id":%q}`, id)}
}

// run is the messages of a group from one number to another.
func run(group string, first, last int) (messages []relaying.Message) {
	for n := first; n <= last; n++ {
		messages = append(messages, aMessage(group, n))
	}
	return messages
}

func (b *bench) send(messages ...relaying.Message) {
	b.t.Helper()
	for i, err := range b.Send(b.t.Context(), name, messages) {
		if err != nil {
			b.t.Fatalf("message %d: %v", i, err)
		}
	}
}

// now gives what can be had at once, invisible for half a minute.
func (b *bench) now(n int) []Received {
	b.t.Helper()
	ctx, cancel := context.WithCancel(b.t.Context())
	cancel()
	received, err := b.Receive(ctx, name, n, 30*time.Second)
	if err != nil {
		b.t.Fatal(err)
	}
	return received
}

func (b *bench) delete(received ...Received) {
	b.t.Helper()
	for _, r := range received {
		if found, err := b.Delete(name, r.Kvittering); err != nil || !found {
			b.t.Fatalf("delete %s: %v, %v", r.ID, found, err)
		}
	}
}

func (b *bench) depth() int {
	b.t.Helper()
	depth, err := b.Depth(b.t.Context(), name)
	if err != nil {
		b.t.Fatal(err)
	}
	return depth
}

// letters gives the ids of the dead letters, and holds how many there are said to be against them.
func (b *bench) letters() (ids []string) {
	b.t.Helper()
	letters, err := b.DeadLetters(b.t.Context(), name, 1000)
	if err != nil {
		b.t.Fatal(err)
	}
	if dead, err := b.DeadDepth(b.t.Context(), name); err != nil || dead != len(letters) {
		b.t.Errorf("%d are dead, and %d are said to be: %v", len(letters), dead, err)
	}
	for _, l := range letters {
		ids = append(ids, l.ID)
	}
	return ids
}

func (b *bench) requeue(ids ...string) int {
	b.t.Helper()
	n, err := b.Requeue(b.t.Context(), name, ids)
	if err != nil {
		b.t.Fatal(err)
	}
	return n
}

func idsOf(received []Received) (ids []string) {
	for _, r := range received {
		ids = append(ids, r.ID)
	}
	return ids
}

func want(t testing.TB, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}
