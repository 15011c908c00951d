package eventsource

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// deliver has the function take a batch of a shard, which has failed so many times, until all of it is taken or given up.
func (s *Stream) deliver(ctx context.Context, shard string, batch []Record, failures int) {
	for {
		left, err := s.invoke(ctx, batch)
		if len(left) == 0 || ctx.Err() != nil {
			return
		}
		if len(left) < len(batch) { // some of it was taken: the rest is a batch of its own
			batch = left
			continue
		}
		half := len(batch) / 2
		if !s.Source.BisectBatchOnFunctionError {
			half = 0
		}
		if half == 0 { // to be halved does not count
			failures++
		}
		s.Log.WarnContext(ctx, "a batch of the stream failed", "records", len(batch), "failures", failures, "error", err)
		if most := s.Source.MaximumRetryAttempts; most != nil && failures > *most {
			s.giveUp(ctx, shard, batch, failures)
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(s.pause(failures)):
		}
		s.deliverHalf(ctx, shard, batch[:half], failures)
		batch = batch[half:]
	}
}

// deliverHalf delivers a half of a batch, if it is one.
func (s *Stream) deliverHalf(ctx context.Context, shard string, half []Record, failures int) {
	if len(half) > 0 {
		s.deliver(ctx, shard, half, failures)
	}
}

var errHeld = errors.New("the function holds it back")

// invoke hands a batch over, and gives what of it is to be handed over again, from the first that failed on.
func (s *Stream) invoke(ctx context.Context, batch []Record) (left []Record, err error) {
	event, err := json.Marshal(events.DynamoDBEvent{Records: batch})
	if err != nil {
		return batch, err
	}
	answer, err := s.Function.Invoke(ctx, event)
	if err != nil {
		return batch, err
	}
	if !slices.Contains(s.Source.FunctionResponseTypes, "ReportBatchItemFailures") {
		return nil, nil
	}
	var held events.DynamoDBEventResponse
	if err := json.Unmarshal(answer, &held); err != nil {
		return batch, err
	}
	first := len(batch)
	for _, failure := range held.BatchItemFailures {
		at := slices.IndexFunc(batch, func(r Record) bool { return r.Change.SequenceNumber == failure.ItemIdentifier })
		first = min(first, max(at, 0)) // of one that is not there Lambda takes the whole batch to have failed
	}
	if first == len(batch) {
		return nil, nil
	}
	return batch[first:], errHeld
}

// givenUp is what Lambda tells of a batch that it gives up.
type givenUp struct {
	RequestContext struct {
		FunctionArn            string `json:"functionArn"`
		Condition              string `json:"condition"`
		ApproximateInvokeCount int    `json:"approximateInvokeCount"`
	} `json:"requestContext"`
	Version   string    `json:"version"`
	Timestamp time.Time `json:"timestamp"`
	Batch     struct {
		ShardID     string    `json:"shardId"`
		Start       string    `json:"startSequenceNumber"`
		End         string    `json:"endSequenceNumber"`
		FirstRecord time.Time `json:"approximateArrivalOfFirstRecord"`
		LastRecord  time.Time `json:"approximateArrivalOfLastRecord"`
		BatchSize   int       `json:"batchSize"`
		StreamArn   string    `json:"streamArn"`
	} `json:"DDBStreamBatchInfo"`
}

func (s *Stream) giveUp(ctx context.Context, shard string, batch []Record, failures int) {
	first, last := batch[0].Change, batch[len(batch)-1].Change
	message := givenUp{Version: "1.0", Timestamp: time.Now().UTC()}
	message.RequestContext.Condition, message.RequestContext.ApproximateInvokeCount = "RetryAttemptsExhausted", failures
	b := &message.Batch
	b.ShardID, b.Start, b.End, b.BatchSize, b.StreamArn = shard, first.SequenceNumber, last.SequenceNumber, len(batch), s.ARN
	b.FirstRecord, b.LastRecord = first.ApproximateCreationDateTime.UTC(), last.ApproximateCreationDateTime.UTC()
	text, err := json.Marshal(message)
	if err == nil && s.GiveUp != nil {
		err = s.GiveUp(ctx, text)
	}
	s.Log.ErrorContext(ctx, "a batch of the stream was given up", "records", len(batch), "from", b.Start, "to", b.End, "error", err)
}
