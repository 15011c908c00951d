package sqstest

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"dagtilbudsregisteret.dk/infra/peers"
)

// batch is a batch of messages of one group, named by their places.
func batch(q *Queue, n int) *sqs.SendMessageBatchInput {
	in := &sqs.SendMessageBatchInput{QueueUrl: &q.URL}
	for i := range n {
		place := aws.String(strconv.Itoa(i))
		in.Entries = append(in.Entries, types.SendMessageBatchRequestEntry{
			Id: place, MessageBody: place, MessageDeduplicationId: place, MessageGroupId: aws.String("101"),
		})
	}
	return in
}

func bodies(messages []types.Message) (all string) {
	for _, m := range messages {
		all += aws.ToString(m.Body)
	}
	return all
}

// A batch of a group can lose its middle, and sending that again cannot put it back in its place. This is why sqsqueue does not
// put two messages of a group into a batch.
func TestBatchOfAGroupCanLoseItsMiddle(t *testing.T) {
	s := Start(t)
	var faults Faults
	client, q := s.Client(faults.Attach), s.Queue("one.fifo")
	faults.Refuse("InternalError", false, 1)
	out, err := client.SendMessageBatch(t.Context(), batch(q, 3))
	if err != nil || len(out.Successful) != 2 || len(out.Failed) != 1 || aws.ToString(out.Failed[0].Id) != "1" {
		t.Fatalf("%+v: %v", out, err)
	}
	if _, err := client.SendMessageBatch(t.Context(), batch(q, 3)); err != nil {
		t.Fatal(err)
	}
	if got := bodies(q.Drain()); got != "021" {
		t.Errorf("received %s", got)
	}
}

func TestFaults(t *testing.T) {
	s := Start(t)
	var faults Faults
	client := s.Client(faults.Attach)
	for _, c := range []struct {
		name  string
		fault func()
		taken string
		ok    bool
	}{
		{"unsent", func() { faults.Next(Unsent, sendBatch) }, "", false},
		{"unanswered", func() { faults.Next(Unanswered, sendBatch) }, "01", false},
		{"throttled", func() { faults.Next(Throttled, sendBatch) }, "", false},
		{"denied", func() { faults.Next(Denied, sendBatch) }, "", false},
		{"unfit", func() { faults.Next(Unfit, sendBatch) }, "", false},
		{"refused", func() { faults.Refuse("InternalError", false, 3) }, "0", true},
		{"all-refused", func() { faults.Refuse("InternalError", false, 0, 1) }, "", true},
		{"omitted", func() { faults.Omit(0) }, "1", true},
		{"nothing", func() { faults.Omit() }, "01", true},
		{"another-operation", func() { faults.Next(Unsent, "DeleteQueue") }, "01", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := s.Queue(c.name + ".fifo")
			c.fault()
			out, err := client.SendMessageBatch(t.Context(), batch(q, 2))
			if (err == nil) != c.ok {
				t.Errorf("%+v: %v", out, err)
			}
			if got := bodies(q.Drain()); got != c.taken {
				t.Errorf("taken are %q, want %q", got, c.taken)
			}
		})
	}
	if faults.Left() != 1 {
		t.Errorf("%d faults are left", faults.Left())
	}
}

func TestRestartKeepsWhatWasSent(t *testing.T) {
	s := Start(t, OnDisk())
	q, dead := s.QueueWithDeadLetters("kept.fifo", 1)
	if _, err := s.Client().SendMessageBatch(t.Context(), batch(q, 3)); err != nil {
		t.Fatal(err)
	}
	q.Return(q.Receive()...)
	q.Receive() // finds the first message dead
	s.Stop()
	s.Restart()
	if got := bodies(dead.Drain()); got != "0" {
		t.Errorf("dead are %q", got)
	}
}

// verdict stands in for a test and notes how it ends.
type verdict struct {
	testing.TB
	words string
}

func (v *verdict) Helper() {}

func (v *verdict) Skipf(format string, args ...any) {
	v.words = "skipped: " + fmt.Sprintf(format, args...)
	panic(v)
}

func (v *verdict) Fatalf(format string, args ...any) {
	v.words = "failed: " + fmt.Sprintf(format, args...)
	panic(v)
}

func TestMissingServer(t *testing.T) {
	for ci, want := range map[string]string{"": "skipped: ", "true": "failed: "} {
		t.Setenv("CI", ci)
		v := &verdict{TB: t}
		func() {
			defer func() { recover() }()
			failed(v, fmt.Errorf("the server is %w", peers.ErrMissing))
		}()
		if !strings.HasPrefix(v.words, want) || !strings.Contains(v.words, "the server is missing") {
			t.Errorf("CI=%q: %s", ci, v.words)
		}
	}
}
