package sqsqueue

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go/middleware"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
	"dagtilbudsregisteret.dk/shared/sqsqueue/sqstest"
)

// bench is a server and what is tested on it.
type bench struct {
	*Queues
	server *sqstest.Server
	faults sqstest.Faults
	calls  recorder
}

func start(t *testing.T, options ...sqstest.Option) *bench {
	t.Helper()
	b := &bench{server: sqstest.Start(t, options...)}
	b.Queues = New(b.server.Client(b.faults.Attach, b.calls.attach))
	b.wait = 0 // the server is one
	b.backoff = backoff{tries: 4, first: time.Microsecond, most: 8 * time.Microsecond}
	return b
}

// recorder keeps the batches that are sent.
type recorder struct {
	mu      sync.Mutex
	batches [][]types.SendMessageBatchRequestEntry
	after   func() // each of them
}

func (r *recorder) attach(o *sqs.Options) {
	o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("recorder", r.handle), middleware.Before)
	})
}

func (r *recorder) handle(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
	middleware.InitializeOutput, middleware.Metadata, error) {
	if batch, ok := in.Parameters.(*sqs.SendMessageBatchInput); ok {
		r.mu.Lock()
		r.batches = append(r.batches, batch.Entries)
		r.mu.Unlock()
		if r.after != nil {
			defer r.after()
		}
	}
	return next.HandleInitialize(ctx, in)
}

// take gives the batches since the last time.
func (r *recorder) take() (batches [][]types.SendMessageBatchRequestEntry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	batches, r.batches = r.batches, nil
	return batches
}

// message is the n-th message of a group.
func testMessage(group string, n int) relaying.Message {
	id := fmt.Sprintf("%s:%d", group, n)
	return relaying.Message{ID: id, Group: group, Dedup: id, Body: fmt.Appendf(nil, `{"id":%q}`, id)}
}

// run is some messages of a group in a row.
func run(group string, count int) (messages []relaying.Message) {
	for n := range count {
		messages = append(messages, testMessage(group, n))
	}
	return messages
}

func ids(messages []relaying.Message) (all []string) {
	for _, m := range messages {
		all = append(all, m.ID)
	}
	return all
}

func received(messages []types.Message) (all []string) {
	for _, m := range messages {
		all = append(all, sqstest.IDOf(m))
	}
	return all
}

func lettersOf(letters []relaying.DeadLetter) (all []string) {
	for _, l := range letters {
		all = append(all, l.ID)
	}
	return all
}

func wantKind(t *testing.T, err error, kind register.Kind) {
	t.Helper()
	if err == nil || register.KindOf(err) != kind {
		t.Errorf("the error is %v, want one that is %v", err, kind)
	}
}

func wantIDs(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func wantTaken(t *testing.T, errs []error) {
	t.Helper()
	for i, err := range errs {
		if err != nil {
			t.Errorf("message %d: %v", i, err)
		}
	}
}
