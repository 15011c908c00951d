package functions_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"

	"dagtilbudsregisteret.dk/infra/eventsource"
	"dagtilbudsregisteret.dk/infra/template"
)

// mapping gives the stream's event source mapping of the template.
func mapping(t *testing.T) template.Source {
	t.Helper()
	var found []template.Source
	for _, e := range functionsOf(t, readTemplate(t))["relay"].Events {
		if e.Type == "DynamoDB" {
			found = append(found, e.Properties.Source)
		}
	}
	reports := []string{"ReportBatchItemFailures"}
	if len(found) != 1 || found[0].Stream.GetAtt != "Table.StreamArn" || !slices.Equal(found[0].FunctionResponseTypes, reports) {
		t.Fatalf("the relay reads %+v", found)
	}
	if found[0].ParallelizationFactor != 1 {
		t.Errorf("%d runs at a time read a shard, and each sends what a log has", found[0].ParallelizationFactor)
	}
	return found[0]
}

// stream is the client and the ARN of the table's stream.
func (d *deployment) stream(t *testing.T) (*dynamodbstreams.Client, string) {
	t.Helper()
	name := tableName
	table, err := d.client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &name})
	if err != nil {
		t.Fatal(err)
	}
	return dynamodbstreams.New(dynamodbstreams.Options{
		BaseEndpoint: &d.dynamodb.Endpoint, Region: "eu-north-1", Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	}), *table.Table.LatestStreamArn
}

// changes reads the stream from its beginning until so many changes have come, and gives their records as Lambda hands them over: of
// all records, those that the template's filter lets through must be just the changes'.
func (d *deployment) changes(t *testing.T, n int) (changes []eventsource.Record) {
	t.Helper()
	filter, err := eventsource.NewFilter(mapping(t))
	if err != nil {
		t.Fatal(err)
	}
	client, arn := d.stream(t)
	reader, err := eventsource.Open(t.Context(), client, arn, eventsource.Oldest)
	if err != nil {
		t.Fatal(err)
	}
	for limit := time.After(time.Minute); len(changes) < n; {
		select {
		case <-limit:
			t.Fatalf("the stream has %d changes", len(changes))
		default:
		}
		come, err := reader.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, records := range come {
			for _, r := range records {
				pk := r.Change.Keys["PK"].String()
				isChange := strings.HasPrefix(pk, "L#")
				if passes := filter.Lets(r); passes != isChange {
					t.Errorf("the filter lets %s of %s through: %v", r.EventName, pk, passes)
				}
				if isChange && len(changes) < n {
					changes = append(changes, r)
				}
			}
		}
	}
	return changes
}
