package functions_test

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"dagtilbudsregisteret.dk/infra/template"
	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/dynamostore"
	"dagtilbudsregisteret.dk/shared/dynamostore/dynamotest"
	"dagtilbudsregisteret.dk/shared/register"
)

func readTemplate(t *testing.T) *template.Template {
	t.Helper()
	tpl, err := template.Read("../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return tpl
}

// functionsOf gives a template's functions, by their folders.
func functionsOf(t *testing.T, tpl *template.Template) map[string]template.Function {
	t.Helper()
	functions, err := tpl.Functions()
	if err != nil {
		t.Fatal(err)
	}
	return functions
}

// decode reads JSON, or what JSON can be made of, into a struct.
func decode(t *testing.T, from, to any) {
	t.Helper()
	if err := json.Unmarshal(text(t, from), to); err != nil {
		t.Fatal(err)
	}
}

// A table that only the tests have would prove little.
func TestTemplateMakesTheTableOfTheTests(t *testing.T) {
	type table struct {
		AttributeDefinitions []types.AttributeDefinition
		KeySchema            []types.KeySchemaElement
		BillingMode          types.BillingMode
		StreamSpecification  struct{ StreamViewType types.StreamViewType }
	}
	var deployed, tested table
	decode(t, readTemplate(t).Resources["Table"].Properties, &deployed)

	client, name := dynamotest.Start(t).Client(), tableName
	if err := dynamostore.New(client, name, register.DefaultSeries).CreateTable(t.Context()); err != nil {
		t.Fatal(err)
	}
	out, err := client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &name})
	if err != nil {
		t.Fatal(err)
	}
	decode(t, out.Table, &tested)
	tested.BillingMode = out.Table.BillingModeSummary.BillingMode
	if !reflect.DeepEqual(deployed, tested) {
		t.Errorf("the template's table is %s, the store's %s", text(t, deployed), text(t, tested))
	}
}

// checkExpiry holds what has been written against the template's time to live: what is to go goes, in time, and nothing else ever.
func (d *deployment) checkExpiry(t *testing.T) {
	var table struct {
		TimeToLiveSpecification struct {
			AttributeName string
			Enabled       bool
		}
	}
	decode(t, d.template.Resources["Table"].Properties, &table)
	if !table.TimeToLiveSpecification.Enabled {
		t.Error("the template's table has no time to live")
	}
	name := tableName
	out, err := d.client.Scan(t.Context(), &dynamodb.ScanInput{TableName: &name})
	if err != nil {
		t.Fatal(err)
	}
	findings := 0
	for _, item := range out.Items {
		pk := item["PK"].(*types.AttributeValueMemberS).Value
		expires, goes := item[table.TimeToLiveSpecification.AttributeName].(*types.AttributeValueMemberN)
		if goes != strings.HasPrefix(pk, "F#") {
			t.Errorf("an item of %s has the time to live %+v", pk, expires)
		}
		if !goes {
			continue
		}
		findings++
		at, err := strconv.ParseInt(expires.Value, 10, 64)
		if left := time.Until(time.Unix(at, 0)); err != nil || left > access.FindingsKept || left < access.FindingsKept-time.Hour {
			t.Errorf("an item of %s goes in %v, %v", pk, left, err)
		}
	}
	if findings == 0 || len(out.LastEvaluatedKey) > 0 {
		t.Errorf("%d items that go among %d", findings, len(out.Items))
	}
}

func text(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
