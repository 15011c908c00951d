package lambdahost

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/aws/aws-lambda-go/events"

	"dagtilbudsregisteret.dk/shared/keys"
)

// isStream tells whether records are those of a table's stream: queues and others send records too.
func isStream(records []events.DynamoDBEventRecord) bool {
	return len(records) > 0 && records[0].EventSource == "aws:dynamodb"
}

// runStream tells the function in which municipalities' logs a batch has something new. Those that are held back it answers by their
// first records in the batch. Lambda sends again what follows the first of those: some of it is told twice, and nothing is told of too
// seldom. What comes after the batch waits meanwhile, so a function is to hold back nothing that others could do without.
func (h *Host) runStream(ctx context.Context, records []events.DynamoDBEventRecord) ([]byte, error) {
	if h.Stream == nil {
		return nil, errors.New("a table's stream was sent to a function that reads none")
	}
	answer := events.DynamoDBEventResponse{BatchItemFailures: []events.DynamoDBBatchItemFailure{}}
	kommuner, first := logged(records)
	var held map[int]error
	if len(kommuner) > 0 {
		err := h.guarded(ctx, "a run by the stream", func() (err error) {
			held, err = h.Stream(ctx, kommuner)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	for _, kommune := range kommuner {
		if err := held[kommune]; err != nil {
			h.Log.ErrorContext(ctx, "held back", "kommune", kommune, "error", err)
			answer.BatchItemFailures = append(answer.BatchItemFailures, events.DynamoDBBatchItemFailure{ItemIdentifier: first[kommune]})
		}
	}
	return json.Marshal(answer)
}

// logged gives the municipalities whose logs records are of, in the order in which they come, and the sequence number of the first of
// each. Other items' records are passed over.
func logged(records []events.DynamoDBEventRecord) (kommuner []int, first map[int]string) {
	first = make(map[int]string)
	for i := range records {
		kommune, ok := logOf(&records[i])
		if _, known := first[kommune]; ok && !known {
			kommuner = append(kommuner, kommune)
			first[kommune] = records[i].Change.SequenceNumber
		}
	}
	return kommuner, first
}

func logOf(r *events.DynamoDBEventRecord) (kommune int, ok bool) {
	pk, there := r.Change.Keys["PK"]
	if !there || pk.DataType() != events.DataTypeString {
		return 0, false
	}
	return keys.LogOf(pk.String())
}
