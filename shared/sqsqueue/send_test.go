package sqsqueue

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
	"dagtilbudsregisteret.dk/shared/sqsqueue/sqstest"
)

// The number of calls is the least there can be: what the longest group has, or a tenth of all.
func TestCalls(t *testing.T) {
	b := start(t)
	for _, c := range []struct {
		name   string
		groups []int
		want   int
	}{
		{"one group", []int{25}, 25},
		{"a group for each message", slices.Repeat([]int{1}, 25), 3},
		{"as many in each", slices.Repeat([]int{10}, 25), 25},
		{"a long one among short ones", append(slices.Repeat([]int{2}, 20), 9), 9},
		{"the long ones last", append(slices.Repeat([]int{1}, 30), 5, 6), 6},
		{"none", nil, 0},
	} {
		var messages []relaying.Message
		for g, count := range c.groups {
			messages = append(messages, run(fmt.Sprint("g", g), count)...)
		}
		q := b.server.Queue(strings.ReplaceAll(c.name, " ", "-") + ".fifo")
		wantTaken(t, b.Send(t.Context(), q.Name, messages))
		if got := len(b.calls.take()); got != c.want {
			t.Errorf("%s: %d calls, want %d", c.name, got, c.want)
		}
		if got := len(q.Drain()); got != len(messages) {
			t.Errorf("%s: %d arrived of %d", c.name, got, len(messages))
		}
	}
}

func TestWhatArrives(t *testing.T) {
	b := start(t)
	q := b.server.Queue("what.fifo")
	m := relaying.Message{ID: "G10001:3", Group: "265", Dedup: "265:17", Body: []byte("{\"navn\":\"Æblehaven\"}\r\n\t")}
	wantTaken(t, b.Send(t.Context(), q.URL, []relaying.Message{m}))
	got := q.Receive()
	if len(got) != 1 {
		t.Fatalf("%d messages", len(got))
	}
	if sqstest.IDOf(got[0]) != m.ID || sqstest.GroupOf(got[0]) != m.Group || got[0].Attributes["MessageDeduplicationId"] != m.Dedup ||
		*got[0].Body != string(m.Body) {
		t.Errorf("%+v", got[0])
	}
}

// large is a message of a group of its own.
func large(n, size int) relaying.Message {
	m := testMessage(fmt.Sprint("g", n), 0)
	m.Body = bytes.Repeat([]byte("x"), size)
	return m
}

func TestSizes(t *testing.T) {
	b := start(t)
	for _, c := range []struct {
		name  string
		sizes []int
		want  []int // messages in each call
	}{
		{"the largest", []int{relaying.MostBody, relaying.MostBody, relaying.MostBody}, []int{1, 1, 1}},
		{"halves", []int{mostBytes/2 - 100, mostBytes/2 - 100, mostBytes/2 - 100}, []int{2, 1}},
		{"small beside large", []int{relaying.MostBody - 2000, 1000, 1000, 1000}, []int{3, 1}},
		{"ten of a tenth", slices.Repeat([]int{mostBytes/10 - 100}, 20), []int{10, 10}},
	} {
		var messages []relaying.Message
		for n, size := range c.sizes {
			messages = append(messages, large(n, size))
		}
		q := b.server.Queue(strings.ReplaceAll(c.name, " ", "-") + ".fifo")
		wantTaken(t, b.Send(t.Context(), q.URL, messages))
		var got []int
		for _, batch := range b.calls.take() {
			got = append(got, len(batch))
			if n := counted(batch); n > mostBytes {
				t.Errorf("%s: a call has %d bytes", c.name, n)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: calls of %v, want %v", c.name, got, c.want)
		}
		if got := len(q.Drain()); got != len(messages) {
			t.Errorf("%s: %d arrived", c.name, got)
		}
	}
}

// counted is what SQS counts of a batch: bodies, and attributes' names, types and values.
func counted(batch []types.SendMessageBatchRequestEntry) (n int) {
	for _, e := range batch {
		n += len(*e.MessageBody)
		for name, a := range e.MessageAttributes {
			n += len(name) + len(*a.DataType) + len(*a.StringValue)
		}
	}
	return n
}

// What can never be sent says so, and ends its group alone; nothing of it reaches SQS.
func TestNever(t *testing.T) {
	b := start(t)
	q := b.server.Queue("never.fifo")
	for n, c := range []struct {
		name  string
		spoil func(*relaying.Message)
		kind  register.Kind
	}{
		{"too long", func(m *relaying.Message) { m.Body = make([]byte, relaying.MostBody+1) }, register.TooLarge},
		{"empty", func(m *relaying.Message) { m.Body = nil }, register.Invalid},
		{"control character", func(m *relaying.Message) { m.Body = []byte("a\x00b") }, register.Invalid},
		{"not UTF-8", func(m *relaying.Message) { m.Body = []byte("\xff") }, register.Invalid},
		{"surrogate", func(m *relaying.Message) { m.Body = []byte("\xed\xa0\x80") }, register.Invalid},
		{"no character", func(m *relaying.Message) { m.Body = []byte("\uffff") }, register.Invalid},
		{"no deduplication id", func(m *relaying.Message) { m.Dedup = "" }, register.Invalid},
		{"long deduplication id", func(m *relaying.Message) { m.Dedup = strings.Repeat("d", 129) }, register.Invalid},
		{"blank in deduplication id", func(m *relaying.Message) { m.Dedup = "a b" }, register.Invalid},
		{"no id", func(m *relaying.Message) { m.ID = "" }, register.Invalid},
	} {
		messages := slices.Concat(run("a", 3), run("b", 2))
		for i := range messages {
			messages[i].Dedup += fmt.Sprint("/", n)
		}
		c.spoil(&messages[1])
		errs := b.Send(t.Context(), q.URL, messages)
		wantKind(t, errs[1], c.kind)
		wantKind(t, errs[2], register.Unavailable)
		wantTaken(t, []error{errs[0], errs[3], errs[4]})
		if got := len(q.Drain()); got != 3 {
			t.Errorf("%s: %d arrived", c.name, got)
		}
	}
	wantKind(t, b.Send(t.Context(), q.URL, []relaying.Message{{ID: "x", Dedup: "x", Body: []byte("{}")}})[0], register.Invalid)
}

// The server refuses just what check does, of what it is asked about here. Of characters beyond U+FFFF it refuses those that SQS
// takes.
func TestCheckIsTheServers(t *testing.T) {
	b := start(t)
	q := b.server.Queue("characters.fifo")
	var runes []rune
	for r := range rune(0x100) {
		runes = append(runes, r)
	}
	for n, r := range append(runes, 'Ω', 0xD7FF, 0xE000, 0xFFFD, 0xFFFE, 0xFFFF) {
		m := testMessage("g", n)
		m.Body = []byte(string(r))
		s := &sending{Queues: b.Queues, ctx: t.Context(), url: q.URL, messages: []relaying.Message{m}}
		out, err := s.call([]*line{{waiting: []int{0}}})
		if err != nil {
			t.Fatal(err)
		}
		taken := verdict(out, strconv.Itoa(0))
		if check := (*message)(&m).check(); (taken == nil) != (check == nil) {
			t.Errorf("%U: the server says %v, the check %v", r, taken, check)
		}
	}
}

// The answers that no caller's patience changes, and what they mean for the others.
func TestRefusals(t *testing.T) {
	b := start(t)
	two := slices.Concat(run("a", 2), run("b", 2))
	for _, c := range []struct {
		name  string
		fault func()
		kinds []register.Kind // of a:0, a:1, b:0, b:1; Internal where it is nil or the error says nothing
		taken int
		calls int
	}{
		{"denied", func() { b.faults.Next(sqstest.Denied, "SendMessageBatch") },
			[]register.Kind{register.Internal, register.Unavailable, register.Internal, register.Unavailable}, 0, 1},
		{"no-permission", func() { b.faults.Refuse("KMS.AccessDeniedException", true, 0) },
			[]register.Kind{register.Internal, register.Unavailable}, 2, 2},
		{"too-long-for-this-queue", func() { b.faults.Refuse("InvalidParameterValue", true, 0) },
			[]register.Kind{register.Internal, register.Unavailable}, 2, 2},
		{"contents", func() { b.faults.Refuse("InvalidMessageContents", true, 0) },
			[]register.Kind{register.Invalid, register.Unavailable}, 2, 2},
		{"one-of-a-batch", func() { b.faults.Next(sqstest.Unfit, "SendMessageBatch") }, nil, 4, 5},
		{"alone", func() {
			b.faults.Next(sqstest.Unfit, "SendMessageBatch")
			b.faults.Next(sqstest.Unfit, "SendMessageBatch")
		},
			[]register.Kind{register.Internal, register.Unavailable}, 2, 4},
	} {
		q := b.server.Queue(c.name + ".fifo")
		c.fault()
		errs := b.Send(t.Context(), q.URL, two)
		for i, kind := range c.kinds {
			wantKind(t, errs[i], kind)
		}
		wantTaken(t, errs[len(c.kinds):])
		if got := len(q.Drain()); got != c.taken {
			t.Errorf("%s: %d arrived, want %d", c.name, got, c.taken)
		}
		if got := len(b.calls.take()); got != c.calls {
			t.Errorf("%s: %d calls, want %d", c.name, got, c.calls)
		}
	}
}

// A group that SQS keeps refusing does not keep the others from being sent.
func TestOneGroupStaysRefused(t *testing.T) {
	b := start(t)
	q := b.server.Queue("stuck.fifo")
	for range b.backoff.tries {
		b.faults.Refuse("InternalError", false, 0)
	}
	errs := b.Send(t.Context(), q.URL, slices.Concat(run("long", 9), run("a", 8), run("b", 8)))
	for _, err := range errs[:9] {
		wantKind(t, err, register.Unavailable)
	}
	wantTaken(t, errs[9:])
	if got := len(q.Drain()); got != 16 {
		t.Errorf("%d arrived", got)
	}
}

// What goes well in between makes patience new.
func TestSlow(t *testing.T) {
	b := start(t)
	q := b.server.Queue("slow.fifo")
	messages := run("a", b.backoff.tries+2)
	for range messages {
		b.faults.Next(sqstest.Throttled, "SendMessageBatch")
		b.faults.Omit()
		b.faults.Refuse("InternalError", false, 0)
	}
	wantTaken(t, b.Send(t.Context(), q.URL, messages))
	wantIDs(t, "arrived", received(q.Drain()), ids(messages))
}

func TestUnknownQueue(t *testing.T) {
	b := start(t)
	known := b.server.Queue("known.fifo")
	for _, queue := range []string{"unknown.fifo", strings.Replace(known.URL, "known", "unknown", 1)} {
		for _, err := range b.Send(t.Context(), queue, run("g", 1)) {
			wantKind(t, err, register.NotFound)
		}
		_, err := b.Depth(t.Context(), queue)
		wantKind(t, err, register.NotFound)
		_, err = b.DeadLetters(t.Context(), queue, 1)
		wantKind(t, err, register.NotFound)
		_, err = b.Requeue(t.Context(), queue, nil)
		wantKind(t, err, register.NotFound)
	}
	_, err := b.DeadLetters(t.Context(), known.Name, 1)
	wantKind(t, err, register.NotFound)
	_, err = b.DeadDepth(t.Context(), known.Name)
	wantKind(t, err, register.NotFound)
}

func TestDepth(t *testing.T) {
	b := start(t)
	q := b.server.Queue("depth.fifo")
	wantDepth := func(want int) {
		t.Helper()
		if got, err := b.Depth(t.Context(), q.Name); got != want || err != nil {
			t.Errorf("%d wait, want %d: %v", got, want, err)
		}
	}
	wantDepth(0)
	wantTaken(t, b.Send(t.Context(), q.Name, slices.Concat(run("a", 3), run("b", 2))))
	wantDepth(5)
	inFlight := q.Receive()
	wantDepth(5)
	q.Delete(inFlight...)
	wantDepth(5 - len(inFlight))
	b.faults.Next(sqstest.Throttled, "GetQueueAttributes")
	_, err := b.Depth(t.Context(), q.Name)
	wantKind(t, err, register.Unavailable)
}

// SQS is away for a while: nothing is taken, and sending again later brings all, once those who see them drop what they have seen.
func TestDownForAWhile(t *testing.T) {
	b := start(t, sqstest.OnDisk())
	q := b.server.Queue("down.fifo")
	messages := slices.Concat(run("a", 5), run("b", 4))
	wantTaken(t, b.Send(t.Context(), q.Name, messages[:2]))
	b.server.Stop()
	for _, err := range b.Send(t.Context(), q.Name, messages[2:]) {
		wantKind(t, err, register.Unavailable)
	}
	if got, want := len(b.calls.take()), 2+b.backoff.tries; got != want {
		t.Errorf("%d calls, want %d", got, want)
	}
	_, err := b.Depth(t.Context(), q.Name)
	wantKind(t, err, register.Unavailable)
	b.server.Restart()
	wantTaken(t, b.Send(t.Context(), q.Name, messages[2:]))
	got := make(map[string][]string)
	for _, m := range q.Drain() {
		got[sqstest.GroupOf(m)] = append(got[sqstest.GroupOf(m)], sqstest.IDOf(m))
	}
	wantIDs(t, "a", got["a"], ids(messages[:5]))
	wantIDs(t, "b", got["b"], ids(messages[5:]))
}

// A caller who gives up while SQS is away need not wait for the last try.
func TestCancelled(t *testing.T) {
	b := start(t)
	q := b.server.Queue("cancelled.fifo")
	b.backoff = backoff{tries: 4, first: time.Hour, most: time.Hour}
	b.faults.Next(sqstest.Throttled, "SendMessageBatch")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	for _, err := range b.Send(ctx, q.URL, run("a", 2)) {
		wantKind(t, err, register.Unavailable)
	}
	if got := len(b.calls.take()); got != 1 {
		t.Errorf("%d calls", got)
	}
}
