package queues

import (
	"bytes"
	"context"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
)

// TestOrder hands out a group in order, and nothing of it while some of it is invisible.
func TestOrder(t *testing.T) {
	b := start(t)
	b.send(append(run("265", 1, 3), run("461", 1, 2)...)...)
	first := b.now(2)
	want(t, "at first", idsOf(first), "265:1", "265:2")
	want(t, "while they are invisible", idsOf(b.now(10)), "461:1", "461:2")
	want(t, "then", idsOf(b.now(10)))
	b.delete(first[1])
	want(t, "with the second deleted alone", idsOf(b.now(10)))
	b.delete(first[0])
	want(t, "with both deleted", idsOf(b.now(10)), "265:3")
	if depth := b.depth(); depth != 3 {
		t.Errorf("%d wait", depth)
	}
}

// TestFairness gives groups their turn by how long they have waited.
func TestFairness(t *testing.T) {
	b := start(t)
	for _, group := range []string{"751", "101", "461"} {
		b.send(run(group, 1, 2)...)
		b.time = b.time.Add(time.Second)
	}
	var order []string
	for range 6 {
		received := b.now(1)
		order = append(order, idsOf(received)...)
		b.delete(received...)
		b.time = b.time.Add(time.Second)
		b.send(aMessage("751", len(order)+2)) // a busy group does not keep the others waiting
	}
	want(t, "one at a time", order, "751:1", "751:2", "101:1", "101:2", "461:1", "461:2")
}

// TestVisibility hands messages out again when nobody deletes them in time, and takes the latest receipt only.
func TestVisibility(t *testing.T) {
	b := start(t)
	b.send(run("265", 1, 2)...)
	first := b.now(1)
	b.time = b.time.Add(30*time.Second - time.Millisecond)
	want(t, "a moment too early", idsOf(b.now(10)))
	b.time = b.time.Add(time.Millisecond)
	again := b.now(10)
	want(t, "in time", idsOf(again), "265:1", "265:2")
	if again[0].Modtaget != 2 || again[1].Modtaget != 1 {
		t.Errorf("they were handed out %d and %d times", again[0].Modtaget, again[1].Modtaget)
	}
	for _, kvittering := range []string{first[0].Kvittering, "", "1", "1.?", "x.AA", "1.AAAA", "-1.AA"} {
		if found, err := b.Delete(name, kvittering); err != nil || found {
			t.Errorf("by the receipt %q: %v, %v", kvittering, found, err)
		}
	}
	b.delete(again...)
	if found, err := b.Delete(name, again[0].Kvittering); err != nil || found {
		t.Errorf("a second time: %v, %v", found, err)
	}
	if depth := b.depth(); depth != 0 {
		t.Errorf("%d wait", depth)
	}
}

// TestLateReceipt takes a receipt when its message has become visible again and nobody has taken it since.
func TestLateReceipt(t *testing.T) {
	b := start(t)
	b.send(run("265", 1, 2)...)
	first := b.now(1)
	b.time = b.time.Add(time.Minute)
	b.delete(first...)
	want(t, "then", idsOf(b.now(10)), "265:2")
}

func TestBodies(t *testing.T) {
	b := start(t)
	m := aMessage("265", 1)
	m.Body = []byte(`{"navn":"<Æblet> & \"Pæren\"","linje":"én to"}`)
	b.send(m)
	b.restart()
	if received := b.now(1); !bytes.Equal(received[0].Indhold, m.Body) {
		t.Errorf("it came as %s", received[0].Indhold)
	}
}

// TestDeduplication drops what was taken within five minutes, deleted or not, and takes what comes later.
func TestDeduplication(t *testing.T) {
	b := start(t)
	b.send(append(run("265", 1, 2), run("265", 2, 3)...)...)
	b.delete(b.now(10)...)
	b.time = b.time.Add(5*time.Minute - time.Millisecond)
	b.restart()
	b.send(run("265", 1, 4)...)
	want(t, "within five minutes", idsOf(b.now(10)), "265:4")
	b.time = b.time.Add(time.Millisecond)
	b.send(run("265", 1, 4)...)
	want(t, "after them", idsOf(b.now(10)))
	b.time = b.time.Add(time.Minute)
	want(t, "when the fourth is visible", idsOf(b.now(10)), "265:4", "265:1", "265:2", "265:3")

	other := aMessage("265", 1)
	other.Dedup = "265:1#1"
	b.send(other)
	b.time = b.time.Add(time.Minute)
	want(t, "of another round", idsOf(b.now(10)), "265:4", "265:1", "265:2", "265:3", "265:1")
}

// TestForgetting has the file forget ids as new ones come.
func TestForgetting(t *testing.T) {
	b := start(t)
	for round := range 10 {
		b.send(run("265", 100*round+1, 100*round+100)...)
		b.time = b.time.Add(remembered)
	}
	b.send(aMessage("265", 0))
	err := b.view(name, func(q *queue) error {
		if ids, times := q.taken.Stats().KeyN, q.forgetting.Stats().KeyN; ids > 101 || times != ids {
			t.Errorf("it remembers %d ids and %d times", ids, times)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestTakenAgain remembers an id anew that the file had not come round to forgetting, and for as long as any.
func TestTakenAgain(t *testing.T) {
	b := start(t)
	b.send(run("265", 1, 9)...)
	b.time = b.time.Add(remembered)
	b.send(aMessage("265", 9))
	if depth := b.depth(); depth != 9+1 {
		t.Errorf("%d wait when it was taken again", depth)
	}
	for n := range 5 {
		b.send(aMessage("101", n)) // has it forget two at a time
	}
	b.send(aMessage("265", 9))
	if depth := b.depth(); depth != 9+1+5 {
		t.Errorf("%d wait", depth)
	}
}

// fail has the messages of a queue come as often as they may without anybody deleting them.
func (b *bench) fail() {
	b.t.Helper()
	for range MostReceived {
		b.now(1000)
		b.time = b.time.Add(time.Minute)
	}
}

// TestDeadLetters takes what has come too often out of its group's way, and puts it back behind it.
func TestDeadLetters(t *testing.T) {
	b := start(t)
	b.send(append(run("265", 1, 3), run("461", 1, 1)...)...)
	b.fail()
	sent := b.time
	b.send(aMessage("265", 4))
	want(t, "before anybody asks", b.letters())
	want(t, "what is left", idsOf(b.now(10)), "265:4")
	want(t, "the dead", b.letters(), "265:1", "265:2", "265:3", "461:1")
	letters, err := b.DeadLetters(t.Context(), name, 2)
	if err != nil || len(letters) != 2 || letters[1].Received != MostReceived || string(letters[1].Body) != `{"id":"265:2"}` || !letters[1].Sent.Before(sent) {
		t.Errorf("two of them are %+v, %v", letters, err)
	}
	if depth := b.depth(); depth != 1 {
		t.Errorf("%d wait", depth)
	}
	if n := b.requeue("265:2", "265:9"); n != 1 {
		t.Errorf("%d were put back", n)
	}
	b.restart()
	if n := b.requeue(); n != 3 {
		t.Errorf("%d were put back", n)
	}
	want(t, "the dead", b.letters())
	want(t, "of the other group", idsOf(b.now(10)), "461:1")
	b.time = b.time.Add(time.Minute)
	back := b.now(10)
	want(t, "in the end", idsOf(back), "265:4", "265:2", "265:1", "265:3", "461:1")
	if back[1].Modtaget != 1 {
		t.Errorf("what was put back counts %d", back[1].Modtaget)
	}
}

// TestRestart finds everything as it was.
func TestRestart(t *testing.T) {
	b := start(t)
	b.send(append(run("265", 1, 2), run("461", 1, 1)...)...)
	first := b.now(1)
	b.restart()
	want(t, "visible", idsOf(b.now(10)), "461:1")
	b.delete(first...)
	b.restart()
	want(t, "then", idsOf(b.now(10)), "265:2")
	if depth := b.depth(); depth != 2 {
		t.Errorf("%d wait", depth)
	}
}

// TestUnknownQueue reads what is not there, and does not make it.
func TestUnknownQueue(t *testing.T) {
	b := start(t)
	want(t, "received", idsOf(b.now(10)))
	want(t, "dead", b.letters())
	if n, depth := b.requeue(), b.depth(); n != 0 || depth != 0 {
		t.Errorf("%d were put back, %d wait", n, depth)
	}
	if found, err := b.Delete(name, "1.AA"); found || err != nil {
		t.Errorf("deleted: %v, %v", found, err)
	}
	if all, err := b.depths(); err != nil || len(all) != 0 {
		t.Errorf("there are %v, %v", all, err)
	}
}

// TestNotTaken takes all messages of a call or none.
func TestNotTaken(t *testing.T) {
	b := start(t)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	nameless := aMessage("265", 2)
	nameless.Dedup = string(make([]byte, 1<<16)) // more than a key can have
	for what, errs := range map[string][]error{
		"a caller who has left": b.Send(gone, name, run("265", 1, 2)),
		"what cannot be stored": b.Send(t.Context(), name, []relaying.Message{aMessage("265", 1), nameless}),
		"a queue without name":  b.Send(t.Context(), "", run("265", 1, 2)),
	} {
		for _, err := range errs {
			if len(errs) != 2 || err == nil || register.KindOf(err) != register.Unavailable {
				t.Errorf("%s: %v", what, errs)
			}
		}
	}
	want(t, "received", idsOf(b.now(10)))
	b.send(run("265", 1, 2)...)
	want(t, "received", idsOf(b.now(10)), "265:1", "265:2")
}

func TestOpenTwice(t *testing.T) {
	b := start(t)
	if _, err := Open(b.path, time.Now); err == nil {
		t.Error("it is open twice")
	}
	if _, err := Open(filepath.Join(b.path, "koeer.db"), time.Now); err == nil {
		t.Error("it is open below a file")
	}
}

// TestWaiting hands out at once what comes while somebody waits, and what becomes visible then.
func TestWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		q, err := Open(filepath.Join(t.TempDir(), "koeer.db"), time.Now)
		if err != nil {
			t.Fatal(err)
		}
		defer q.Close()
		receive := func(patience time.Duration) []string {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			received, err := q.Receive(ctx, name, 10, 30*time.Second)
			if err != nil {
				t.Error(err)
			}
			return idsOf(received)
		}
		at := func(d time.Duration) {
			t.Helper()
			if passed := time.Since(began); passed != d {
				t.Errorf("%v have passed, not %v", passed, d)
			}
		}
		want(t, "of a queue that is not there", receive(10*time.Second))
		at(10 * time.Second)
		time.AfterFunc(5*time.Second, func() { q.Send(t.Context(), name, run("265", 1, 2)) })
		want(t, "what is sent", receive(time.Minute), "265:1", "265:2")
		at(15 * time.Second)
		want(t, "before it is visible", receive(20*time.Second))
		at(35 * time.Second)
		want(t, "what is visible", receive(20*time.Second), "265:1", "265:2")
		at(45 * time.Second)
		q.Send(t.Context(), name, run("265", 3, 3))
		time.AfterFunc(time.Second, func() {
			for _, kvittering := range []string{"2.AAMyNjUAAAAAAAAAAQ", "2.AAMyNjUAAAAAAAAAAg"} {
				if found, err := q.Delete(name, kvittering); err != nil || !found {
					t.Errorf("delete: %v, %v", found, err)
				}
			}
		})
		want(t, "what is behind those that were deleted", receive(20*time.Second), "265:3")
		at(46 * time.Second)
	})
}

// TestOneWaiterEach has several wait for one queue: each message goes to one of them.
func TestOneWaiterEach(t *testing.T) {
	const waiters = 8
	q, err := Open(filepath.Join(t.TempDir(), "koeer.db"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	all := make(chan []string)
	for range waiters {
		go func() {
			received, err := q.Receive(t.Context(), name, 1, time.Minute)
			if err != nil {
				t.Error(err)
			}
			all <- idsOf(received)
		}()
	}
	seen := make(map[string]bool)
	for n := range waiters {
		q.Send(t.Context(), name, run(string(rune('a'+n)), 1, 1))
	}
	for range waiters {
		for _, id := range <-all {
			if seen[id] {
				t.Errorf("%s went to two", id)
			}
			seen[id] = true
		}
	}
	if len(seen) != waiters {
		t.Errorf("%d were received", len(seen))
	}
}

// TestManyBehindOne takes as much work to receive beside a group that is held up, however many wait in it.
func TestManyBehindOne(t *testing.T) {
	work := func(behind int) float64 {
		b := start(t)
		for lot := range slices.Chunk(run("265", 1, behind), 1000) {
			b.send(lot...)
		}
		b.now(1)
		n := 0
		return testing.AllocsPerRun(20, func() {
			n++
			b.send(aMessage("101", n))
			b.delete(b.now(10)...)
			b.depth()
		})
	}
	few, many := work(10), work(20_000)
	if many > 3*few {
		t.Errorf("%v allocations with few behind it, %v with many", few, many)
	}
}
