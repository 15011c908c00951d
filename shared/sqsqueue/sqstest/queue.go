package sqstest

import (
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// Queue is a FIFO queue as its subscriber sees it. What cannot be done ends the server's test.
type Queue struct {
	Name, URL string

	server *Server
}

// Queue makes a FIFO queue without a dead-letter queue. Its name must end in .fifo.
func (s *Server) Queue(name string) *Queue {
	s.t.Helper()
	return s.make(name, map[string]string{})
}

// QueueWithDeadLetters makes a FIFO queue, and a dead-letter queue for what was received so many times without being deleted.
func (s *Server) QueueWithDeadLetters(name string, receives int) (queue, dead *Queue) {
	s.t.Helper()
	dead = s.Queue("dead-" + name)
	policy := fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%d}`, dead.arn(), receives)
	return s.make(name, map[string]string{"RedrivePolicy": policy}), dead
}

func (s *Server) make(name string, attributes map[string]string) *Queue {
	s.t.Helper()
	q := &Queue{Name: name, server: s}
	attributes["FifoQueue"] = "true"
	out, err := s.client.CreateQueue(s.t.Context(), &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
	q.must(err)
	q.URL = *out.QueueUrl
	return q
}

func (q *Queue) must(err error) {
	q.server.t.Helper()
	if err != nil {
		q.server.t.Fatalf("sqstest: %s: %v", q.Name, err)
	}
}

func (q *Queue) mustAll(failed []types.BatchResultErrorEntry) {
	q.server.t.Helper()
	for _, e := range failed {
		q.server.t.Fatalf("sqstest: %s: %s: %s", q.Name, aws.ToString(e.Code), aws.ToString(e.Message))
	}
}

func (q *Queue) arn() string {
	q.server.t.Helper()
	out, err := q.server.client.GetQueueAttributes(q.server.t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: &q.URL, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameQueueArn},
	})
	q.must(err)
	return out.Attributes["QueueArn"]
}

// Receive takes what there is for it now, up to ten messages. They stay in flight until they are deleted or returned.
func (q *Queue) Receive() []types.Message {
	q.server.t.Helper()
	out, err := q.server.client.ReceiveMessage(q.server.t.Context(), &sqs.ReceiveMessageInput{
		QueueUrl: &q.URL, MaxNumberOfMessages: 10, MessageAttributeNames: []string{"All"},
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
	})
	q.must(err)
	return out.Messages
}

// Delete ends messages that were received, ten at most: the subscriber has dealt with them.
func (q *Queue) Delete(messages ...types.Message) {
	q.server.t.Helper()
	in := &sqs.DeleteMessageBatchInput{QueueUrl: &q.URL}
	for i, m := range messages {
		in.Entries = append(in.Entries, types.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: m.ReceiptHandle})
	}
	out, err := q.server.client.DeleteMessageBatch(q.server.t.Context(), in)
	q.must(err)
	q.mustAll(out.Failed)
}

// Return gives messages back that were received, ten at most: the subscriber has failed.
func (q *Queue) Return(messages ...types.Message) {
	q.server.t.Helper()
	in := &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: &q.URL}
	for i, m := range messages {
		in.Entries = append(in.Entries, types.ChangeMessageVisibilityBatchRequestEntry{
			Id: aws.String(strconv.Itoa(i)), ReceiptHandle: m.ReceiptHandle,
		})
	}
	out, err := q.server.client.ChangeMessageVisibilityBatch(q.server.t.Context(), in)
	q.must(err)
	q.mustAll(out.Failed)
}

// Drain receives and deletes until the queue is empty.
func (q *Queue) Drain() (all []types.Message) {
	q.server.t.Helper()
	for {
		lot := q.Receive()
		if len(lot) == 0 {
			return all
		}
		q.Delete(lot...)
		all = append(all, lot...)
	}
}

// GroupOf tells a received message's group.
func GroupOf(m types.Message) string { return m.Attributes["MessageGroupId"] }

// IDOf tells the id that a received message was sent with, in its attribute "id".
func IDOf(m types.Message) string { return aws.ToString(m.MessageAttributes["id"].StringValue) }
