package functions_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
)

// source gives the stream's event source mapping of the template.
func (f *function) source(t *testing.T) source {
	t.Helper()
	var found []source
	for _, e := range f.Events {
		if e.Type == "DynamoDB" {
			found = append(found, e.Properties.source)
		}
	}
	reports := []string{"ReportBatchItemFailures"}
	if len(found) != 1 || found[0].Stream.GetAtt != "Table.StreamArn" || !slices.Equal(found[0].FunctionResponseTypes, reports) {
		t.Fatalf("%s reads %+v", f.id, found)
	}
	if found[0].ParallelizationFactor != 1 {
		t.Errorf("%d runs at a time read a shard, and each sends what a log has", found[0].ParallelizationFactor)
	}
	return found[0]
}

// lets tells whether a record passes the filters.
func (s *source) lets(t *testing.T, record events.DynamoDBEventRecord) bool {
	t.Helper()
	var value any
	decode(t, record, &value)
	for _, filter := range s.FilterCriteria.Filters {
		var pattern any
		if err := json.Unmarshal([]byte(filter.Pattern), &pattern); err != nil {
			t.Fatal(err)
		}
		if fits(pattern, value) {
			return true
		}
	}
	return false
}

// fits tells whether a value has a filter's pattern: an object, in each member that the pattern names; a text, when it is one of those
// that the pattern lists, or begins with one.
func fits(pattern, value any) bool {
	if members, ok := pattern.(map[string]any); ok {
		object, _ := value.(map[string]any)
		for name, member := range members {
			if !fits(member, object[name]) {
				return false
			}
		}
		return true
	}
	text, ok := value.(string)
	return ok && slices.ContainsFunc(pattern.([]any), func(one any) bool {
		rule, ok := one.(map[string]any)
		return one == value || ok && strings.HasPrefix(text, rule["prefix"].(string))
	})
}

// changes reads the stream from its beginning until so many changes have come, and gives their records as Lambda hands them over: of
// all records, those that the template's filter lets through must be just the changes'.
func (d *deployment) changes(t *testing.T, n int) (changes []events.DynamoDBEventRecord) {
	t.Helper()
	f := d.template.functions(t)["relay"]
	source := f.source(t)
	for record := range d.records(t) {
		isChange := strings.HasPrefix(record.Change.Keys["PK"].String(), "L#")
		if passes := source.lets(t, record); passes != isChange {
			t.Errorf("the filter lets %s of %s through: %v", record.EventName, record.Change.Keys["PK"].String(), passes)
		}
		if !isChange {
			continue
		}
		if changes = append(changes, record); len(changes) == n {
			break
		}
	}
	return changes
}

// records gives the stream's records from its beginning on, for some time.
func (d *deployment) records(t *testing.T) func(yield func(events.DynamoDBEventRecord) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	client := dynamodbstreams.New(dynamodbstreams.Options{
		BaseEndpoint: &d.dynamodb.Endpoint, Region: "eu-north-1", Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	name := tableName
	table, err := d.client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	must(err)
	arn := table.Table.LatestStreamArn
	stream, err := client.DescribeStream(ctx, &dynamodbstreams.DescribeStreamInput{StreamArn: arn})
	must(err)
	if shards := len(stream.StreamDescription.Shards); shards != 1 {
		t.Fatalf("the stream has %d shards", shards)
	}
	begin, err := client.GetShardIterator(ctx, &dynamodbstreams.GetShardIteratorInput{
		StreamArn: arn, ShardId: stream.StreamDescription.Shards[0].ShardId, ShardIteratorType: types.ShardIteratorTypeTrimHorizon,
	})
	must(err)
	return func(yield func(events.DynamoDBEventRecord) bool) {
		for at := begin.ShardIterator; ; {
			out, err := client.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{ShardIterator: at})
			must(err)
			for i := range out.Records {
				if !yield(handedOver(&out.Records[i])) {
					return
				}
			}
			at = out.NextShardIterator
		}
	}
}

// handedOver gives a record as Lambda hands it over.
func handedOver(r *types.Record) events.DynamoDBEventRecord {
	return events.DynamoDBEventRecord{
		AWSRegion: *r.AwsRegion, EventID: *r.EventID, EventName: string(r.EventName), EventSource: *r.EventSource, EventVersion: *r.EventVersion,
		Change: events.DynamoDBStreamRecord{
			ApproximateCreationDateTime: events.SecondsEpochTime{Time: *r.Dynamodb.ApproximateCreationDateTime},
			Keys:                        attributes(r.Dynamodb.Keys),
			NewImage:                    attributes(r.Dynamodb.NewImage),
			OldImage:                    attributes(r.Dynamodb.OldImage),
			SequenceNumber:              *r.Dynamodb.SequenceNumber,
			SizeBytes:                   *r.Dynamodb.SizeBytes,
			StreamViewType:              string(r.Dynamodb.StreamViewType),
		},
	}
}

func attributes(item map[string]types.AttributeValue) map[string]events.DynamoDBAttributeValue {
	all := make(map[string]events.DynamoDBAttributeValue, len(item))
	for name, value := range item {
		all[name] = attribute(value)
	}
	return all
}

func attribute(value types.AttributeValue) events.DynamoDBAttributeValue {
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		return events.NewStringAttribute(v.Value)
	case *types.AttributeValueMemberN:
		return events.NewNumberAttribute(v.Value)
	case *types.AttributeValueMemberB:
		return events.NewBinaryAttribute(v.Value)
	case *types.AttributeValueMemberBOOL:
		return events.NewBooleanAttribute(v.Value)
	case *types.AttributeValueMemberM:
		return events.NewMapAttribute(attributes(v.Value))
	case *types.AttributeValueMemberL:
		list := make([]events.DynamoDBAttributeValue, len(v.Value))
		for i := range v.Value {
			list[i] = attribute(v.Value[i])
		}
		return events.NewListAttribute(list)
	}
	return events.NewNullAttribute()
}
