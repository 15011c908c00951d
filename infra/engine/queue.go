package engine

import (
	"context"
	"net/http"
	"time"

	"dagtilbudsregisteret.dk/infra/queues"
	"dagtilbudsregisteret.dk/shared/relaying"
	"dagtilbudsregisteret.dk/shared/sqsqueue"
)

// Queue is the subscribers' queues, open.
type Queue struct {
	relaying.Queue
	Close func() error

	// Handler serves them as long as the context lives; expected gives the names of those that messages are to be sent to. It is nil where
	// they have a server of their own.
	Handler func(_ context.Context, expected func(context.Context) ([]string, error)) http.Handler
}

// OpenQueue opens the subscribers' queues, and makes the file where there is none.
func (c *Config) OpenQueue(now func() time.Time) (Queue, error) {
	if c.sqs {
		return Queue{Queue: sqsqueue.New(c.aws.SQS()), Close: func() error { return nil }}, nil
	}
	path, err := c.file("koeer.db")
	if err != nil {
		return Queue{}, err
	}
	here, err := queues.Open(path, now)
	if err != nil {
		return Queue{}, err
	}
	return Queue{Queue: here, Handler: here.Handler, Close: here.Close}, nil
}
