package lambdahost

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// batch gives a batch of a table's stream: an item with each of the keys, under sequence numbers from 100 on.
func batch(t *testing.T, keys ...string) []byte {
	t.Helper()
	var records []any
	for i, pk := range keys {
		records = append(records, map[string]any{
			"eventID": fmt.Sprint(i), "eventName": "INSERT", "eventVersion": "1.1", "eventSource": "aws:dynamodb", "awsRegion": "eu-north-1",
			"dynamodb": map[string]any{
				"ApproximateCreationDateTime": 1767245760,
				"Keys":                        map[string]any{"PK": map[string]any{"S": pk}, "SK": map[string]any{"S": "000000000001"}},
				"NewImage":                    map[string]any{"PK": map[string]any{"S": pk}, "v": map[string]any{"N": "1"}, "cvr": map[string]any{"NULL": true}},
				"SequenceNumber":              fmt.Sprint(100 + i), "SizeBytes": 26, "StreamViewType": "NEW_AND_OLD_IMAGES",
			},
		})
	}
	event, err := json.Marshal(map[string]any{"Records": records})
	if err != nil {
		t.Fatal(err)
	}
	return event
}

// A batch names municipalities by its keys, each once; those that are held back are answered by their first records.
func TestStream(t *testing.T) {
	refused := errors.New("refused")
	for name, test := range map[string]struct {
		keys     []string
		kommuner []int
		held     map[int]error
		want     string
	}{
		"all is well": {[]string{"L#265", "L#101", "L#265"}, []int{265, 101}, nil, `[]`},
		"one is held": {[]string{"L#265", "L#101", "L#265", "L#101"}, []int{265, 101}, map[int]error{101: refused}, `[{"itemIdentifier":"101"}]`},
		"all are held": {[]string{"L#7", "L#7", "L#101"}, []int{7, 101}, map[int]error{101: refused, 7: refused},
			`[{"itemIdentifier":"100"},{"itemIdentifier":"102"}]`},
		"another is held": {[]string{"L#265"}, []int{265}, map[int]error{101: refused, 265: nil}, `[]`},
		"other items":     {[]string{"K#265", "P", "L#265", "L#", "G#101"}, []int{265}, map[int]error{265: refused}, `[{"itemIdentifier":"102"}]`},
		"only others":     {[]string{"K#265", "P"}, nil, nil, `[]`},
	} {
		t.Run(name, func(t *testing.T) {
			log, lines := recording()
			var kommuner []int
			host := &Host{Log: log, Stream: func(_ context.Context, told []int) (map[int]error, error) {
				kommuner = told
				if len(told) == 0 {
					t.Error("the function is told of nothing")
				}
				return test.held, nil
			}}
			answer, err := host.Invoke(t.Context(), batch(t, test.keys...))
			if want := `{"batchItemFailures":` + test.want + `}`; string(answer) != want || err != nil {
				t.Errorf("answered %s, want %s: %v", answer, want, err)
			}
			if !slices.Equal(kommuner, test.kommuner) {
				t.Errorf("the function is told of %v, want %v", kommuner, test.kommuner)
			}
			if strings.Contains(lines.String(), "refused") != (test.want != "[]") {
				t.Errorf("log: %s", lines)
			}
		})
	}
}

// What speaks of all fails the batch.
func TestStreamFails(t *testing.T) {
	for name, test := range map[string]struct {
		stream func(context.Context, []int) (map[int]error, error)
		want   string
		logged string
	}{
		"error": {func(context.Context, []int) (map[int]error, error) { return nil, errors.New("no table") }, "no table", "no table"},
		"panic": {func(context.Context, []int) (map[int]error, error) { panic("secret") }, "panic in a run by the stream", "secret"},
		"none":  {nil, "a table's stream was sent to a function that reads none", ""},
	} {
		t.Run(name, func(t *testing.T) {
			log, lines := recording()
			answer, err := (&Host{Log: log, Stream: test.stream}).Invoke(t.Context(), batch(t, "L#265"))
			if message(err) != test.want || answer != nil {
				t.Errorf("answered %s, %v, want %s", answer, err, test.want)
			}
			if !strings.Contains(lines.String(), test.logged) {
				t.Errorf("log: %s", lines)
			}
		})
	}
}

// A function that overruns its time is still to answer for what it has done.
func TestStreamHasLastWords(t *testing.T) {
	deadline := time.Now().Add(time.Hour)
	ctx, cancel := context.WithDeadline(t.Context(), deadline)
	defer cancel()
	host := &Host{Log: testLogger(t), Stream: func(ctx context.Context, _ []int) (map[int]error, error) {
		if got, ok := ctx.Deadline(); !ok || !got.Equal(deadline.Add(-lastWords)) {
			t.Errorf("deadline %v", got)
		}
		return nil, nil
	}}
	if _, err := host.Invoke(ctx, batch(t, "L#265")); err != nil {
		t.Error(err)
	}
}

// Keys of another kind are nobody's log.
func TestStreamOfAnotherTable(t *testing.T) {
	host := &Host{Log: testLogger(t), Stream: func(context.Context, []int) (map[int]error, error) { return nil, errors.New("called") }}
	for _, keys := range []string{`{}`, `{"PK":{"N":"265"}}`, `{"id":{"S":"L#265"}}`} {
		event := `{"Records":[{"eventSource":"aws:dynamodb","dynamodb":{"Keys":` + keys + `,"SequenceNumber":"1"}}]}`
		if answer, err := host.Invoke(t.Context(), []byte(event)); string(answer) != `{"batchItemFailures":[]}` || err != nil {
			t.Errorf("%s: %s, %v", keys, answer, err)
		}
	}
}
