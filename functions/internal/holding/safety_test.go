package holding_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"dagtilbudsregisteret.dk/infra/template"
)

// holds tells that a resource's properties have these values, and perhaps others.
func holds(t *testing.T, id string, properties any, want map[string]any) {
	t.Helper()
	text, err := json.Marshal(properties)
	var got map[string]any
	if err == nil {
		err = json.Unmarshal(text, &got)
	}
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range want {
		if !reflect.DeepEqual(got[name], value) {
			t.Errorf("%s has %s %v, want %v", id, name, got[name], value)
		}
	}
}

type object = map[string]any

// What is here keeps data from being lost, and callers from a version that fails. None of it is needed for anything to work, so nothing
// else would notice that it is gone.
func TestSafety(t *testing.T) {
	tpl := readTemplate(t)
	for _, id := range tpl.Of("AWS::DynamoDB::Table") {
		holds(t, id, tpl.Resources[id].Properties, object{
			"BillingMode": "PAY_PER_REQUEST", "DeletionProtectionEnabled": true, "SSESpecification": object{"SSEEnabled": true},
			"PointInTimeRecoverySpecification": object{"PointInTimeRecoveryEnabled": true},
		})
	}
	for _, id := range tpl.Of("AWS::SQS::Queue") {
		holds(t, id, tpl.Resources[id].Properties, object{"SqsManagedSseEnabled": true, "MessageRetentionPeriod": 1209600.0})
	}
	for _, id := range tpl.Of("AWS::Logs::LogGroup") {
		holds(t, id, tpl.Resources[id].Properties, object{"RetentionInDays": object{"Ref": "LogRetention"}})
	}
	holds(t, "a deployment", tpl.Globals.Function.DeploymentPreference, object{
		"Type": object{"Fn::If": []any{"IsProd", "Canary10Percent5Minutes", "AllAtOnce"}},
		"Alarms": object{"Fn::If": []any{"IsProd", []any{
			object{"Fn::GetAtt": "Rollback.Outputs.NewVersionFails"}, object{"Fn::GetAtt": "Rollback.Outputs.NewVersionCrashes"},
		}, []any{}}},
	})
	for folder, f := range functionsOf(t, tpl) {
		if f.Timeout != 29 {
			t.Errorf("%s may take %d seconds; the gateway gives up after 30, and the relay's sweep needs 25", folder, f.Timeout)
		}
	}
	var mapping template.Source
	for _, e := range functionsOf(t, tpl)["relay"].Events {
		if e.Type == "DynamoDB" {
			mapping = e.Properties.Source
		}
	}
	holds(t, "the relay's stream", mapping, object{
		"BisectBatchOnFunctionError": true, "MaximumRetryAttempts": 2.0, "FunctionResponseTypes": []any{"ReportBatchItemFailures"},
		"DestinationConfig": object{"OnFailure": object{"Type": "SQS", "Destination": object{"Fn::GetAtt": "GivenUp.Arn"}}},
	})
}
