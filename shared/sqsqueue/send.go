package sqsqueue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
)

// Send sends messages to a queue, each group in its order, and answers for each, nil or why it is not known to be taken. Messages of
// a group after such a one are not sent. The kinds: Invalid and TooLarge for a message that no queue will ever take, Unavailable for
// what may pass and for what waits behind another message, NotFound for an unknown queue, and Internal for what somebody must put
// right first, such as permissions or a queue's MaximumMessageSize.
func (q *Queues) Send(ctx context.Context, queue string, messages []relaying.Message) []error {
	s := &sending{Queues: q, ctx: ctx, messages: messages, errs: make([]error, len(messages))}
	s.queueUp()
	url, err := q.url(ctx, queue)
	if err != nil {
		s.giveUp(err)
		return s.errs
	}
	s.url = url
	for len(s.lines) > 0 {
		s.step()
		s.lines = slices.DeleteFunc(s.lines, func(l *line) bool { return len(l.waiting) == 0 })
	}
	return s.errs
}

// sending is one call of Send under way.
type sending struct {
	*Queues
	ctx      context.Context
	url      string
	messages []relaying.Message
	errs     []error // of messages, in their order
	lines    []*line // of groups that have messages left
	tries    int     // calls in a row that came to nothing
	alone    bool    // a batch was refused for what is in it: sending each message alone finds out which
}

// line is what is left of a group, in order, by places in the messages.
type line struct {
	waiting []int
	tries   int // in a row for which the first of them was not taken
}

// queueUp makes the lines. A message that can never be sent ends its group's.
func (s *sending) queueUp() {
	lines, ends := make(map[string]*line), make(map[string]error)
	for i := range s.messages {
		m := (*message)(&s.messages[i])
		if end := ends[m.Group]; end != nil {
			s.errs[i] = behind(end)
			continue
		}
		if err := m.check(); err != nil {
			s.errs[i], ends[m.Group] = err, err
			continue
		}
		l := lines[m.Group]
		if l == nil {
			l = new(line)
			lines[m.Group], s.lines = l, append(s.lines, l)
		}
		l.waiting = append(l.waiting, i)
	}
}

// step makes one call and draws its conclusions.
func (s *sending) step() {
	batch := s.next()
	if err := s.backoff.pause(s.ctx, s.triesOf(batch)); err != nil {
		s.giveUp(failed("send to "+s.url, err))
		return
	}
	out, err := s.call(batch)
	switch judge(err) {
	case done:
		s.tries = 0
		for place, l := range batch {
			s.settle(l, verdict(out, strconv.Itoa(place)))
		}
	case passing:
		if s.tries++; s.tries >= s.backoff.tries {
			s.giveUp(failed("send to "+s.url, err))
		}
	case unfit:
		if s.alone = true; len(batch) == 1 {
			s.settle(batch[0], err)
		}
	default:
		s.giveUp(failed("send to "+s.url, err))
	}
}

// next chooses the lines whose first messages make the next batch. The longest come first, for the longest decides how many calls
// it takes.
func (s *sending) next() (batch []*line) {
	slices.SortStableFunc(s.lines, func(a, b *line) int { return len(b.waiting) - len(a.waiting) })
	most, room := mostEntries, mostBytes
	if s.alone {
		most = 1
	}
	for _, l := range s.lines {
		if size := s.first(l).size(); size <= room && len(batch) < most {
			batch, room = append(batch, l), room-size
		}
	}
	return batch
}

func (s *sending) first(l *line) *message { return (*message)(&s.messages[l.waiting[0]]) }

// triesOf is how long to be patient: as the worst line of a batch needs it.
func (s *sending) triesOf(batch []*line) int {
	tries := s.tries
	for _, l := range batch {
		tries = max(tries, l.tries)
	}
	return tries
}

// once turns the SDK's own repetition off.
func once(o *sqs.Options) { o.Retryer = aws.NopRetryer{} }

func (s *sending) call(batch []*line) (*sqs.SendMessageBatchOutput, error) {
	in := &sqs.SendMessageBatchInput{QueueUrl: &s.url}
	for place, l := range batch {
		in.Entries = append(in.Entries, s.first(l).entry(strconv.Itoa(place)))
	}
	return s.client.SendMessageBatch(s.ctx, in, once)
}

var errUnsaid = errors.New("the answer leaves it out")

// verdict finds what an answer says of one message of its batch. What it does not speak of may have been taken or not.
func verdict(out *sqs.SendMessageBatchOutput, place string) error {
	if i := slices.IndexFunc(out.Failed, func(e types.BatchResultErrorEntry) bool { return aws.ToString(e.Id) == place }); i >= 0 {
		return refusal(&out.Failed[i])
	}
	if slices.ContainsFunc(out.Successful, func(e types.SendMessageBatchResultEntry) bool { return aws.ToString(e.Id) == place }) {
		return nil
	}
	return errUnsaid
}

// refusal is an entry's error, as if it were a call's.
func refusal(e *types.BatchResultErrorEntry) error {
	fault := smithy.FaultServer
	if e.SenderFault {
		fault = smithy.FaultClient
	}
	return &smithy.GenericAPIError{Code: aws.ToString(e.Code), Message: aws.ToString(e.Message), Fault: fault}
}

// settle draws the conclusion for the first message of a line.
func (s *sending) settle(l *line, err error) {
	switch judge(err) {
	case done:
		l.waiting, l.tries = l.waiting[1:], 0
		return
	case passing:
		if l.tries++; l.tries < s.backoff.tries {
			return
		}
	}
	s.end(l, s.failed(l, err))
}

// failed gives the error of a line's first message. Where SQS does not like the characters in it, no queue would.
func (s *sending) failed(l *line, err error) error {
	if code(err) == "InvalidMessageContents" {
		return s.first(l).never("%v", err)
	}
	return failed(fmt.Sprintf("send %s to %s", s.first(l).ID, s.url), err)
}

// end gives up a line for its first message.
func (s *sending) end(l *line, err error) {
	for n, i := range l.waiting {
		if s.errs[i] = err; n > 0 {
			s.errs[i] = behind(err)
		}
	}
	l.waiting = nil
}

// giveUp ends everything.
func (s *sending) giveUp(err error) {
	for _, l := range s.lines {
		s.end(l, err)
	}
}

// behind is the error of a message that was not sent because one before it was not taken.
func behind(err error) error {
	return &register.Error{Kind: register.Unavailable, Cause: fmt.Errorf("sqsqueue: one before it in its group was not taken: %w", err)}
}
