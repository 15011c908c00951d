package eventsource

import (
	"context"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"

	"dagtilbudsregisteret.dk/infra/template"
)

// Function answers an event with what Lambda would give back.
type Function interface {
	Invoke(ctx context.Context, event []byte) ([]byte, error)
}

// Stream hands a table's stream to a function.
type Stream struct {
	Source   template.Source
	Client   *dynamodbstreams.Client
	ARN      string // of the stream
	Function Function
	GiveUp   func(ctx context.Context, message []byte) error // sends to the queue for batches that are given up
	Log      *slog.Logger

	filter  Filter
	reader  *Reader
	waiting map[string]*waiting // by shard
	pause   func(attempt int) time.Duration
}

// waiting are a shard's records that are to be handed over.
type waiting struct {
	records []Record
	since   time.Time
}

// Open begins to read: what is written from here on is handed over by [Stream.Run].
func (s *Stream) Open(ctx context.Context) (err error) {
	if s.filter, err = NewFilter(s.Source); err != nil {
		return err
	}
	s.waiting = make(map[string]*waiting)
	if s.pause == nil {
		s.pause = func(attempt int) time.Duration { return min(100*time.Millisecond<<min(attempt, 10), 10*time.Second) }
	}
	s.reader, err = Open(ctx, s.Client, s.ARN, Latest)
	return err
}

// poll is how long after it found nothing the stream is read again. Lambda reads it four times a second.
const poll = 100 * time.Millisecond

// Run hands over what comes until the context ends.
func (s *Stream) Run(ctx context.Context) {
	again := time.NewTicker(poll)
	defer again.Stop()
	for ctx.Err() == nil {
		if s.read(ctx) {
			continue
		}
		select {
		case <-ctx.Done():
		case <-again.C:
		}
	}
}

// read reads once, hands over what is due, and tells whether there was anything to read.
func (s *Stream) read(ctx context.Context) (some bool) {
	come, err := s.reader.Next(ctx)
	if err != nil {
		s.reopen(ctx, err)
		return false
	}
	for id, records := range come {
		s.keep(id, records)
	}
	for id, w := range s.waiting {
		s.handOver(ctx, id, w)
	}
	return len(come) > 0
}

// reopen goes on at the stream's end, where reading has failed.
func (s *Stream) reopen(ctx context.Context, why error) {
	if ctx.Err() != nil {
		return
	}
	s.Log.ErrorContext(ctx, "the stream cannot be read, and is read on from its end", "error", why)
	if reader, err := Open(ctx, s.Client, s.ARN, Latest); err == nil {
		s.reader = reader
	}
}

func (s *Stream) keep(id string, records []Record) {
	w := s.waiting[id]
	if w == nil {
		w = new(waiting)
		s.waiting[id] = w
	}
	for _, r := range records {
		if !s.filter.Lets(r) {
			continue
		}
		if len(w.records) == 0 {
			w.since = time.Now()
		}
		w.records = append(w.records, r)
	}
}

// usualBatch is the size of a batch of which the mapping says nothing.
const usualBatch = 100

// handOver hands over whole batches, and the rest once it has waited for as long as the mapping says.
func (s *Stream) handOver(ctx context.Context, id string, w *waiting) {
	size := s.Source.BatchSize
	if size == 0 {
		size = usualBatch
	}
	window := time.Duration(s.Source.MaximumBatchingWindowInSeconds) * time.Second
	for len(w.records) >= size || len(w.records) > 0 && time.Since(w.since) >= window {
		n := min(size, len(w.records))
		s.deliver(ctx, id, w.records[:n:n], 0)
		w.records = w.records[n:]
	}
}
