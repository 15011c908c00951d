package suite

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// sqsQueue is a queue in an SQS.
type sqsQueue struct {
	ctx       context.Context
	client    *sqs.Client
	name, url string
}

// SQS gives a subscriber's queue in an SQS, by its name, as long as the context lives.
func SQS(ctx context.Context, client *sqs.Client, name string) (Queue, error) {
	out, err := client.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &name})
	if err != nil {
		return nil, err
	}
	return &sqsQueue{ctx, client, name, *out.QueueUrl}, nil
}

func (q *sqsQueue) Name() string { return q.name }

func (q *sqsQueue) Receive() (messages []Message, err error) {
	out, err := q.client.ReceiveMessage(q.ctx, &sqs.ReceiveMessageInput{QueueUrl: &q.url, MaxNumberOfMessages: 10, WaitTimeSeconds: 1})
	if err != nil {
		return nil, err
	}
	for _, m := range out.Messages {
		messages = append(messages, Message{*m.ReceiptHandle, []byte(*m.Body)})
	}
	return messages, nil
}

func (q *sqsQueue) Delete(m Message) error {
	_, err := q.client.DeleteMessage(q.ctx, &sqs.DeleteMessageInput{QueueUrl: &q.url, ReceiptHandle: aws.String(m.Receipt)})
	return err
}

func (q *sqsQueue) Return(m Message) error {
	_, err := q.client.ChangeMessageVisibility(q.ctx, &sqs.ChangeMessageVisibilityInput{QueueUrl: &q.url, ReceiptHandle: aws.String(m.Receipt)})
	return err
}
