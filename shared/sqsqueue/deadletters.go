package sqsqueue

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
)

// DeadLetters looks at up to n messages of the dead-letter queue of a queue, at most the ten oldest of each group. They stay there,
// and are hidden from other looks meanwhile. Should that not be undone in the end, the error says so beside them, and they come back
// by themselves. A queue without a dead-letter queue is NotFound.
func (q *Queues) DeadLetters(ctx context.Context, queue string, n int) (letters []relaying.DeadLetter, err error) {
	l, err := q.look(ctx, queue)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.putBack()) }()
	for len(letters) < n {
		lot, err := l.take(min(n-len(letters), mostEntries))
		if err != nil || len(lot) == 0 {
			return letters, err
		}
		for i := range lot {
			letters = append(letters, deadLetter(&lot[i]))
		}
	}
	return letters, nil
}

// Requeue sends dead letters of a queue to it again, those with the ids given or, without any, all of them, and tells how many. Those
// of a group keep their order, and it is as with [Queues.DeadLetters]: what lies behind ten letters that stay is out of reach. A letter
// that dies again meanwhile stays. None is deleted from the dead-letter queue before the queue has it; where the deletion fails it is
// in both, and requeueing it again within five minutes does not send it again.
func (q *Queues) Requeue(ctx context.Context, queue string, ids []string) (count int, err error) {
	l, err := q.look(ctx, queue)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, l.putBack()) }()
	seen := make(map[string]bool)
	for {
		lot, err := l.take(mostEntries)
		if err != nil || len(lot) == 0 {
			return count, err
		}
		n, err := l.requeue(slices.DeleteFunc(lot, func(m types.Message) bool {
			id := idOf(&m)
			stays := seen[id] || len(ids) > 0 && !slices.Contains(ids, id)
			seen[id] = true
			return stays
		}))
		if count += n; err != nil {
			return count, err
		}
	}
}

// look is a look into a dead-letter queue. What it takes is hidden from others until it is deleted or put back.
type look struct {
	*Queues
	ctx       context.Context
	queue     string // URL
	deadQueue string // URL
	held      []types.Message
}

// hold is how long a look may last. After it, what a process that died had taken comes back.
const hold = 2 * time.Minute

// look begins a look into the dead-letter queue of a queue.
func (q *Queues) look(ctx context.Context, queue string) (*look, error) {
	url, err := q.url(ctx, queue)
	if err != nil {
		return nil, err
	}
	deadURL, err := q.deadLetterURL(ctx, url)
	if err != nil {
		return nil, err
	}
	return &look{Queues: q, ctx: ctx, queue: url, deadQueue: deadURL}, nil
}

// take takes letters, none when there are no more. The attempt's id has SQS repeat an answer that was lost.
func (l *look) take(most int) ([]types.Message, error) {
	out, err := l.client.ReceiveMessage(l.ctx, &sqs.ReceiveMessageInput{
		QueueUrl: &l.deadQueue, MaxNumberOfMessages: int32(most), VisibilityTimeout: int32(hold / time.Second), WaitTimeSeconds: l.wait,
		ReceiveRequestAttemptId:     aws.String(rand.Text()),
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
		MessageAttributeNames:       []string{idAttribute},
	})
	if err != nil {
		return nil, failed("receive from "+l.deadQueue, err)
	}
	l.held = append(l.held, out.Messages...)
	return out.Messages, nil
}

// requeue sends letters to the queue they come from and deletes those that are taken there. It tells how many are.
func (l *look) requeue(letters []types.Message) (count int, err error) {
	messages := make([]relaying.Message, len(letters))
	for i := range letters {
		messages[i] = revived(&letters[i])
	}
	var taken []types.DeleteMessageBatchRequestEntry
	for i, sendErr := range l.Send(l.ctx, l.queue, messages) {
		if sendErr == nil {
			taken = append(taken, types.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: letters[i].ReceiptHandle})
		} else if err == nil {
			err = sendErr
		}
	}
	return len(taken), errors.Join(err, l.delete(taken))
}

func (l *look) delete(entries []types.DeleteMessageBatchRequestEntry) error {
	if len(entries) == 0 {
		return nil
	}
	out, err := l.client.DeleteMessageBatch(l.ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &l.deadQueue, Entries: entries})
	if err != nil {
		return failed("delete from "+l.deadQueue, err)
	}
	for _, e := range out.Failed {
		err = failed("delete from "+l.deadQueue, refusal(&e))
	}
	l.held = slices.DeleteFunc(l.held, func(m types.Message) bool {
		return slices.ContainsFunc(entries, func(e types.DeleteMessageBatchRequestEntry) bool {
			return aws.ToString(e.ReceiptHandle) == aws.ToString(m.ReceiptHandle) && !slices.ContainsFunc(out.Failed,
				func(f types.BatchResultErrorEntry) bool { return aws.ToString(f.Id) == aws.ToString(e.Id) })
		})
	})
	return err
}

// putBack ends the look, even one that was cancelled.
func (l *look) putBack() (err error) {
	const patience = 5 * time.Second
	ctx, cancel := context.WithTimeout(context.WithoutCancel(l.ctx), patience)
	defer cancel()
	for lot := range slices.Chunk(l.held, mostEntries) {
		in := &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: &l.deadQueue}
		for i, m := range lot {
			in.Entries = append(in.Entries, types.ChangeMessageVisibilityBatchRequestEntry{
				Id: aws.String(strconv.Itoa(i)), ReceiptHandle: m.ReceiptHandle,
			})
		}
		out, callErr := l.client.ChangeMessageVisibilityBatch(ctx, in)
		if callErr != nil {
			return failed("put back to "+l.deadQueue, callErr)
		}
		if n := len(out.Failed); n > 0 {
			cause := fmt.Errorf("sqsqueue: %d of %s stay hidden for some minutes: %w", n, l.deadQueue, refusal(&out.Failed[0]))
			err = &register.Error{Kind: register.Unavailable, Cause: cause}
		}
	}
	return err
}

// revived is a dead letter as it is sent again. The same letter has the same deduplication id when it is requeued twice, for
// instance because it could not be deleted, and another one than when it was sent first.
func revived(m *types.Message) relaying.Message {
	return relaying.Message{
		ID:    idOf(m),
		Group: m.Attributes[string(types.MessageSystemAttributeNameMessageGroupId)],
		Dedup: "requeued:" + aws.ToString(m.MessageId),
		Body:  []byte(aws.ToString(m.Body)),
	}
}

func deadLetter(m *types.Message) relaying.DeadLetter {
	number := func(name types.MessageSystemAttributeName) int64 {
		n, _ := strconv.ParseInt(m.Attributes[string(name)], 10, 64)
		return n
	}
	return relaying.DeadLetter{
		ID:       idOf(m),
		Body:     []byte(aws.ToString(m.Body)),
		Received: int(number(types.MessageSystemAttributeNameApproximateReceiveCount)),
		Sent:     time.UnixMilli(number(types.MessageSystemAttributeNameSentTimestamp)).UTC(),
	}
}

func idOf(m *types.Message) string {
	if id, ok := m.MessageAttributes[idAttribute]; ok && aws.ToString(id.StringValue) != "" {
		return *id.StringValue
	}
	return aws.ToString(m.MessageId)
}
