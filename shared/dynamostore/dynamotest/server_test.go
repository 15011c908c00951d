package dynamotest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"dagtilbudsregisteret.dk/infra/peers"
)

func TestRestartKeepsWhatWasWritten(t *testing.T) {
	s := Start(t, OnDisk())
	client := s.Client()
	_, err := client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String("Kept"), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("PK"), AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("PK"), KeyType: types.KeyTypeHash}},
	})
	if err != nil {
		t.Fatal(err)
	}
	it := Item{"PK": &types.AttributeValueMemberS{Value: "k"}}
	if _, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("Kept"), Item: it}); err != nil {
		t.Fatal(err)
	}
	s.Restart()
	got, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("Kept"), Key: it})
	if err != nil || got.Item == nil {
		t.Errorf("%v: %v", got, err)
	}
}

// verdict stands in for a test and notes how it ends.
type verdict struct {
	testing.TB
	words string
}

func (v *verdict) Helper() {}

func (v *verdict) Skipf(format string, args ...any) {
	v.words = "skipped: " + fmt.Sprintf(format, args...)
	panic(v)
}

func (v *verdict) Fatalf(format string, args ...any) {
	v.words = "failed: " + fmt.Sprintf(format, args...)
	panic(v)
}

func TestMissingServer(t *testing.T) {
	for ci, want := range map[string]string{"": "skipped: ", "true": "failed: "} {
		t.Setenv("CI", ci)
		v := &verdict{TB: t}
		func() {
			defer func() { recover() }()
			failed(v, fmt.Errorf("the server is %w", peers.ErrMissing))
		}()
		if !strings.HasPrefix(v.words, want) || !strings.Contains(v.words, "the server is missing") {
			t.Errorf("CI=%q: %s", ci, v.words)
		}
	}
}
