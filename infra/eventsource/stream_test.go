package eventsource

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"

	"dagtilbudsregisteret.dk/infra/template"
	"dagtilbudsregisteret.dk/shared/dynamostore/dynamotest"
)

// function is one that notes what it is handed, by sequence numbers, and answers as the test wants.
type function struct {
	batches []string
	answer  func(numbers []string) (string, error)
}

func (f *function) Invoke(_ context.Context, event []byte) ([]byte, error) {
	var batch events.DynamoDBEvent
	if err := json.Unmarshal(event, &batch); err != nil {
		return nil, err
	}
	var numbers []string
	for _, r := range batch.Records {
		numbers = append(numbers, r.Change.SequenceNumber)
	}
	f.batches = append(f.batches, strings.Join(numbers, ""))
	text, err := f.answer(numbers)
	return []byte(text), err
}

func held(number string) string {
	return fmt.Sprintf(`{"batchItemFailures":[{"itemIdentifier":%q}]}`, number)
}

// TestDelivery hands over the records 1 to 6, of which some always fail, and some for a while.
func TestDelivery(t *testing.T) {
	const none = `{"batchItemFailures":[]}`
	poison := func(bad string) func([]string) (string, error) {
		return func(numbers []string) (string, error) {
			if slices.Contains(numbers, bad) {
				return "", errors.New("poison")
			}
			return none, nil
		}
	}
	for name, c := range map[string]struct {
		answer  func([]string) (string, error)
		change  func(*template.Source)
		batches string // those handed over
		given   string // those given up: "<first>-<last>"
	}{
		"all is well":            {func([]string) (string, error) { return none, nil }, nil, "1234 56", ""},
		"one is poison":          {poison("3"), nil, "1234 12 34 3 3 3 4 56", "3-3"},
		"nothing is halved":      {poison("3"), func(s *template.Source) { s.BisectBatchOnFunctionError = false }, "1234 1234 1234 56", "1-4"},
		"nothing is tried again": {poison("5"), func(s *template.Source) { s.MaximumRetryAttempts = aws.Int(0) }, "1234 56 5 6", "5-5"},
		"one is held back": {func(numbers []string) (string, error) {
			if slices.Contains(numbers, "3") {
				return held("3"), nil
			}
			return none, nil
		}, nil, "1234 34 3 3 3 4 56", "3-3"},
		"nobody asks what is held back": {func([]string) (string, error) { return held("3"), nil },
			func(s *template.Source) { s.FunctionResponseTypes = nil }, "1234 56", ""},
		"an unknown one is held back": {func(numbers []string) (string, error) {
			if len(numbers) == 4 {
				return held("9"), nil
			}
			return none, nil
		}, nil, "1234 12 34 56", ""},
		"an answer that is none": {func([]string) (string, error) { return "yes", nil }, func(s *template.Source) {
			s.MaximumRetryAttempts, s.BatchSize = aws.Int(0), 6
			s.BisectBatchOnFunctionError = false
		}, "123456", "1-6"},
	} {
		t.Run(name, func(t *testing.T) {
			f, given := &function{answer: c.answer}, []string(nil)
			s := &Stream{
				Source: template.Source{BatchSize: 4, MaximumRetryAttempts: aws.Int(2), BisectBatchOnFunctionError: true,
					FunctionResponseTypes: []string{"ReportBatchItemFailures"}},
				Function: f, Log: slog.New(slog.DiscardHandler), ARN: "arn:aws:dynamodb:x",
				pause: func(int) time.Duration { return 0 }, waiting: make(map[string]*waiting),
				GiveUp: func(_ context.Context, text []byte) error {
					var message givenUp
					if err := json.Unmarshal(text, &message); err != nil {
						return err
					}
					given = append(given, message.Batch.Start+"-"+message.Batch.End)
					return nil
				},
			}
			if c.change != nil {
				c.change(&s.Source)
			}
			var records []Record
			for i := range 6 {
				records = append(records, Record{Change: events.DynamoDBStreamRecord{SequenceNumber: fmt.Sprint(i + 1)}})
			}
			s.keep("shard", records)
			s.handOver(t.Context(), "shard", s.waiting["shard"])
			if got := strings.Join(f.batches, " "); got != c.batches || strings.Join(given, " ") != c.given {
				t.Errorf("handed over %s, given up %s, want %s and %s", got, given, c.batches, c.given)
			}
		})
	}
}

// TestWindow has records wait until there are enough, or they have waited for long enough.
func TestWindow(t *testing.T) {
	f := &function{answer: func([]string) (string, error) { return "", nil }}
	s := &Stream{Source: template.Source{BatchSize: 2, MaximumBatchingWindowInSeconds: 60}, Function: f, waiting: make(map[string]*waiting)}
	for number := range 3 {
		s.keep("shard", []Record{{Change: events.DynamoDBStreamRecord{SequenceNumber: fmt.Sprint(number)}}})
		s.handOver(t.Context(), "shard", s.waiting["shard"])
	}
	s.waiting["shard"].since = time.Now().Add(-time.Hour)
	s.handOver(t.Context(), "shard", s.waiting["shard"])
	if got := strings.Join(f.batches, " "); got != "01 2" {
		t.Errorf("handed over %s", got)
	}
}

func TestFilter(t *testing.T) {
	filter := func(pattern string) (Filter, error) {
		var source template.Source
		source.FilterCriteria.Filters = []struct{ Pattern string }{{pattern}}
		return NewFilter(source)
	}
	record := Record{EventName: "INSERT", Change: events.DynamoDBStreamRecord{
		Keys: map[string]events.DynamoDBAttributeValue{"PK": events.NewStringAttribute("L#265")}, SizeBytes: 7,
	}}
	for pattern, lets := range map[string]bool{
		`{}`:                                true,
		`{"eventName":["INSERT"]}`:          true,
		`{"eventName":["MODIFY","INSERT"]}`: true,
		`{"eventName":["MODIFY"]}`:          false,
		`{"dynamodb":{"Keys":{"PK":{"S":[{"prefix":"L#"}]}}}}`:              true,
		`{"dynamodb":{"Keys":{"PK":{"S":[{"prefix":"K#"}]}}}}`:              false,
		`{"dynamodb":{"Keys":{"SK":{"S":[{"prefix":"L#"}]}}}}`:              false,
		`{"dynamodb":{"SizeBytes":[7]}}`:                                    true,
		`{"dynamodb":{"SizeBytes":[{"prefix":"7"}]}}`:                       false,
		`{"eventName":["INSERT"],"dynamodb":{"Keys":{"PK":{"S":["L#1"]}}}}`: false,
	} {
		f, err := filter(pattern)
		if err != nil || f.Lets(record) != lets {
			t.Errorf("%s: %v, %v", pattern, f.Lets(record), err)
		}
	}
	if !Filter(nil).Lets(record) {
		t.Error("without a pattern nothing is let through")
	}
	for _, pattern := range []string{`{`, `{"eventName":"INSERT"}`, `{"a":{"b":[{"suffix":"x"}]}}`, `["INSERT"]x`} {
		if _, err := filter(pattern); err == nil || !strings.Contains(err.Error(), pattern) {
			t.Errorf("%s: %v", pattern, err)
		}
	}
}

// TestStream hands a real stream over: what is written once it is open, as it is let through, in order.
func TestStream(t *testing.T) {
	server := dynamotest.Start(t)
	client, name := server.Client(), "Table"
	table, err := client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: &name, BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("PK"), AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("PK"), KeyType: types.KeyTypeHash}},
		StreamSpecification:  &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeNewAndOldImages},
	})
	if err != nil {
		t.Fatal(err)
	}
	put := func(key string) {
		item := dynamotest.Item{"PK": &types.AttributeValueMemberS{Value: key}, "n": &types.AttributeValueMemberN{Value: "1"},
			"l": &types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberNULL{Value: true}}}}
		if _, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &name, Item: item}); err != nil {
			t.Fatal(err)
		}
	}
	put("L#early")
	taken := make(chan Record, 10)
	s := &Stream{ARN: *table.TableDescription.LatestStreamArn, Function: sink(taken), Log: slog.New(slog.DiscardHandler),
		Client: dynamodbstreams.New(dynamodbstreams.Options{
			BaseEndpoint: &server.Endpoint, Region: "eu-north-1", Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		})}
	s.Source.FilterCriteria.Filters = []struct{ Pattern string }{{`{"dynamodb":{"Keys":{"PK":{"S":[{"prefix":"L#"}]}}}}`}}
	if err := s.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { s.Run(ctx); close(ended) }()
	for _, key := range []string{"L#1", "K#1", "L#2"} {
		put(key)
	}
	for _, want := range []string{"L#1", "L#2"} {
		select {
		case r := <-taken:
			image := r.Change.NewImage
			if r.Change.Keys["PK"].String() != want || r.EventName != "INSERT" || r.EventSourceArn != s.ARN || image["n"].Number() != "1" || !image["l"].List()[0].IsNull() {
				t.Errorf("%+v, want %s", r, want)
			}
		case <-time.After(time.Minute):
			t.Fatalf("%s does not come", want)
		}
	}
	cancel()
	<-ended
	if _, err := Open(t.Context(), s.Client, "arn:aws:dynamodb:eu-north-1:000000000000:table/None/stream/2026-01-01T00:00:00.000", Latest); err == nil {
		t.Error("a stream that is not there was opened")
	}
}

// sink is a function that takes every record.
type sink chan<- Record

func (s sink) Invoke(_ context.Context, event []byte) ([]byte, error) {
	var batch events.DynamoDBEvent
	err := json.Unmarshal(event, &batch)
	for _, r := range batch.Records {
		s <- r
	}
	return nil, err
}
