package sqsqueue

import (
	"context"
	"slices"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
	"dagtilbudsregisteret.dk/shared/sqsqueue/sqstest"
)

// killAll has a subscriber fail with all that is in a queue, until all of it is dead.
func killAll(q *sqstest.Queue) {
	for lot := q.Receive(); len(lot) > 0; lot = q.Receive() {
		q.Return(lot...)
	}
}

// withDead starts a queue of which some messages are dead.
func withDead(t *testing.T, name string, messages []relaying.Message) (b *bench, queue, dead *sqstest.Queue) {
	t.Helper()
	b = start(t)
	queue, dead = b.server.QueueWithDeadLetters(name, 2)
	wantTaken(t, b.Send(t.Context(), queue.Name, messages))
	killAll(queue)
	return b, queue, dead
}

func (b *bench) wantDepth(t *testing.T, queue string, want int) {
	t.Helper()
	if got, err := b.Depth(t.Context(), queue); got != want || err != nil {
		t.Errorf("%d wait in %s, want %d: %v", got, queue, want, err)
	}
}

// A look takes nothing away, and tells what is there: of each group as much as can be received at once.
func TestLook(t *testing.T) {
	before := time.Now().Add(-time.Second)
	b, queue, dead := withDead(t, "look.fifo", slices.Concat(run("a", 2), run("b", 1), run("c", 3)))
	for range 2 {
		letters, err := b.DeadLetters(t.Context(), queue.Name, 100)
		if err != nil {
			t.Fatal(err)
		}
		got := lettersOf(letters)
		slices.Sort(got)
		wantIDs(t, "dead", got, []string{"a:0", "b:0", "c:0"})
		for _, l := range letters {
			if l.Received < 3 || l.Sent.Before(before) || string(l.Body) != `{"id":"`+l.ID+`"}` {
				t.Errorf("%+v", l)
			}
		}
	}
	if letters, err := b.DeadLetters(t.Context(), queue.URL, 2); len(letters) != 2 || err != nil {
		t.Errorf("%d letters: %v", len(letters), err)
	}
	if letters, err := b.DeadLetters(t.Context(), queue.URL, 0); len(letters) != 0 || err != nil {
		t.Errorf("%d letters: %v", len(letters), err)
	}
	b.wantDepth(t, dead.Name, 6)
	if count, err := b.DeadDepth(t.Context(), queue.Name); count != 6 || err != nil {
		t.Errorf("%d are dead: %v", count, err)
	}
	if got := len(dead.Receive()); got != 3 {
		t.Errorf("%d can be received after the looks", got)
	}
}

// All dead letters go back at once, though SQS has seen their deduplication ids within five minutes; a group keeps its order.
func TestRequeueAll(t *testing.T) {
	messages := slices.Concat(run("a", 4), run("b", 2))
	b, queue, dead := withDead(t, "all.fifo", messages)
	count, err := b.Requeue(t.Context(), queue.Name, nil)
	if count != len(messages) || err != nil {
		t.Errorf("%d requeued: %v", count, err)
	}
	b.wantDepth(t, dead.Name, 0)
	got := make(map[string][]string)
	for _, m := range queue.Drain() {
		got[sqstest.GroupOf(m)] = append(got[sqstest.GroupOf(m)], sqstest.IDOf(m))
		if *m.Body != `{"id":"`+sqstest.IDOf(m)+`"}` {
			t.Errorf("%s", *m.Body)
		}
	}
	wantIDs(t, "a", got["a"], ids(messages[:4]))
	wantIDs(t, "b", got["b"], ids(messages[4:]))
}

func TestRequeueSome(t *testing.T) {
	b, queue, dead := withDead(t, "some.fifo", slices.Concat(run("a", 2), run("b", 2), run("c", 1)))
	count, err := b.Requeue(t.Context(), queue.Name, []string{"c:0", "a:0", "x:9"})
	if count != 2 || err != nil {
		t.Errorf("%d requeued: %v", count, err)
	}
	back := received(queue.Drain())
	slices.Sort(back)
	wantIDs(t, "back", back, []string{"a:0", "c:0"})
	stay := received(dead.Drain())
	slices.Sort(stay)
	wantIDs(t, "stay", stay, []string{"a:1", "b:0", "b:1"})
}

// A letter that dies, is requeued and dies again can be requeued again.
func TestRequeueTwice(t *testing.T) {
	b, queue, _ := withDead(t, "twice.fifo", run("a", 2))
	for range 3 {
		if count, err := b.Requeue(t.Context(), queue.Name, nil); count != 2 || err != nil {
			t.Fatalf("%d requeued: %v", count, err)
		}
		killAll(queue)
	}
}

// What dies again while others are requeued is not requeued for ever.
func TestRequeueWhileItDies(t *testing.T) {
	b, queue, dead := withDead(t, "dying.fifo", run("a", 2))
	b.calls.after = func() { killAll(queue) }
	count, err := b.Requeue(t.Context(), queue.Name, nil)
	if count != 2 || err != nil {
		t.Errorf("%d requeued: %v", count, err)
	}
	b.wantDepth(t, dead.Name, 2)
}

// What goes wrong in the middle of requeueing loses nothing, and hides nothing from the next attempt.
func TestRequeueThroughFaults(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault func(b *bench)
		count int // requeued the first time
		twice bool
	}{
		{"not-received", func(b *bench) { b.faults.Next(sqstest.Throttled, "ReceiveMessage") }, 0, false},
		{"not-sent", func(b *bench) { b.faults.Next(sqstest.Denied, "SendMessageBatch") }, 0, false},
		{"one-not-sent", func(b *bench) { b.faults.Refuse("KMS.AccessDeniedException", true, 0) }, 1, false},
		{"not-deleted", func(b *bench) { b.faults.Next(sqstest.Unsent, "DeleteMessageBatch") }, 2, false},
		{"deleted-unheard", func(b *bench) { b.faults.Next(sqstest.Unanswered, "DeleteMessageBatch") }, 2, true},
	} {
		b, queue, dead := withDead(t, c.name+".fifo", slices.Concat(run("a", 2), run("b", 2)))
		c.fault(b)
		count, err := b.Requeue(t.Context(), queue.Name, nil)
		if count != c.count || err == nil {
			t.Errorf("%s: %d requeued: %v", c.name, count, err)
		}
		if c.twice {
			wantKind(t, err, register.Unavailable)
		}
		if _, err := b.Requeue(t.Context(), queue.Name, nil); err != nil {
			t.Errorf("%s: the second time: %v", c.name, err)
		}
		b.wantDepth(t, dead.Name, 0)
		got := received(queue.Drain())
		slices.Sort(got)
		wantIDs(t, c.name, got, []string{"a:0", "a:1", "b:0", "b:1"})
	}
}

// A look that is cancelled puts back what it took.
func TestLookIsCancelled(t *testing.T) {
	b, queue, _ := withDead(t, "cancelled.fifo", run("a", 1))
	ctx, cancel := context.WithCancel(t.Context())
	l, err := b.look(ctx, queue.URL)
	if err != nil {
		t.Fatal(err)
	}
	if lot, err := l.take(1); len(lot) != 1 || err != nil {
		t.Fatalf("%d letters: %v", len(lot), err)
	}
	cancel()
	if err := l.putBack(); err != nil {
		t.Error(err)
	}
	if letters, err := b.DeadLetters(t.Context(), queue.URL, 1); len(letters) != 1 || err != nil {
		t.Errorf("%d letters: %v", len(letters), err)
	}
}

// A look that cannot be undone says so beside what it saw.
func TestLookIsNotUndone(t *testing.T) {
	b, queue, _ := withDead(t, "hidden.fifo", run("a", 1))
	b.faults.Next(sqstest.Unsent, "ChangeMessageVisibilityBatch")
	letters, err := b.DeadLetters(t.Context(), queue.URL, 1)
	wantKind(t, err, register.Unavailable)
	wantIDs(t, "letters", lettersOf(letters), []string{"a:0"})
}

func TestReadPolicy(t *testing.T) {
	account, name, err := readPolicy(`{"deadLetterTargetArn":"arn:aws:sqs:eu-north-1:123456789012:dead.fifo","maxReceiveCount":"5"}`)
	if account != "123456789012" || name != "dead.fifo" || err != nil {
		t.Errorf("%q %q: %v", account, name, err)
	}
	for _, policy := range []string{`{`, `{}`, `{"deadLetterTargetArn":"dead.fifo"}`} {
		if _, _, err := readPolicy(policy); err == nil {
			t.Errorf("%s is read", policy)
		}
	}
}
