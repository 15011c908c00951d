package template

import (
	"maps"
	"reflect"
	"strings"
	"testing"
)

const sample = `
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: {Type: String, Default: test, AllowedValues: [test, prod]}
  Days: {Type: Number, Default: 90}
  Receiver: {Type: String}
Globals:
  Function:
    MemorySize: 512
    Timeout: 29
    Environment:
      Variables:
        STAGE: !Ref Stage
        DAYS: !Ref Days
        TABLE: !Ref Table
        RECEIVER: !Ref Receiver
        ARN: !GetAtt Table.Arn
        EMPTY: ""
Conditions:
  IsProd: !And [!Equals [!Ref Stage, prod], !Condition Other]
Resources:
  ReadFunction:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: makefile}
    Properties:
      MemorySize: 1024
      Policies:
        - Statement:
            - {Sid: Read, Effect: Allow, Action: [dynamodb:GetItem, dynamodb:Query], Resource: !GetAtt Table.Arn}
            - Sid: Write
              Effect: Allow
              Action: dynamodb:PutItem
              Resource: !GetAtt Table.Arn
              Condition:
                ForAllValues:StringLike: {dynamodb:LeadingKeys: [K#*, P]}
            - {Sid: Send, Effect: Allow, Action: sqs:SendMessage, Resource: !Sub 'arn:${Stage}'}
      Events:
        Put: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: PUT, Path: '/v2/{nummer}'}}
        Get: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: GET, Path: /v2}}
        Night: {Type: Schedule, Properties: {Schedule: rate(1 day), Input: '{"a":1}'}}
        Changes:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt Table.StreamArn
            FilterCriteria: {Filters: [{Pattern: '{}'}]}
            MaximumRetryAttempts: 2
            DestinationConfig: {OnFailure: {Type: SQS, Destination: !GetAtt Lost.Arn}}
  Table:
    Type: AWS::DynamoDB::Table
    Condition: IsProd
    DependsOn: Another
    Properties: {Name: !Sub '${Stage}-table'}
  Another: {Type: AWS::DynamoDB::Table}
  Fn::ForEach::Queues:
    - Name
    - !Ref Names
    - Queue&{Name}: {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref Name}}
Outputs:
  Table: {Description: The table., Value: !Ref Table}
`

func parse(t *testing.T, text string) *Template {
	t.Helper()
	tpl, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return tpl
}

func TestParse(t *testing.T) {
	tpl := parse(t, sample)
	if want := (List{"AWS::Serverless-2016-10-31"}); !reflect.DeepEqual(tpl.Transform, want) {
		t.Errorf("transform %v", tpl.Transform)
	}
	table := tpl.Resources["Table"]
	if table.Condition != "IsProd" || !reflect.DeepEqual(table.DependsOn, List{"Another"}) || string(table.Properties) != `{"Name":{"Fn::Sub":"${Stage}-table"}}` {
		t.Errorf("table %+v, %s", table, table.Properties)
	}
	condition := map[string]any{"Fn::And": []any{
		map[string]any{"Fn::Equals": []any{map[string]any{"Ref": "Stage"}, "prod"}}, map[string]any{"Condition": "Other"},
	}}
	if got := tpl.Conditions["IsProd"]; !reflect.DeepEqual(got, condition) {
		t.Errorf("condition %v", got)
	}
	if got := tpl.Outputs["Table"]; !reflect.DeepEqual(got, Output{Description: "The table.", Value: map[string]any{"Ref": "Table"}}) {
		t.Errorf("output %+v", got)
	}
	if got := tpl.Of("AWS::DynamoDB::Table"); !reflect.DeepEqual(got, []string{"Another", "Table"}) {
		t.Errorf("tables %v", got)
	}
	if got := tpl.Resources["Queue&{Name}"]; got.Type != "AWS::SQS::Queue" || string(got.Properties) != `{"QueueName":{"Ref":"Name"}}` {
		t.Errorf("queue %+v", got)
	}
}

func TestFunctions(t *testing.T) {
	all, err := parse(t, sample).Functions()
	f, found := all["read"]
	if err != nil || !found || len(all) != 1 {
		t.Fatalf("%v, %v", all, err)
	}
	if f.ID != "ReadFunction" || f.BuildMethod != "makefile" || f.MemorySize != 1024 || f.Timeout != 29 {
		t.Errorf("%+v", f)
	}
	if got := f.Routes(); !reflect.DeepEqual(got, []string{"GET /v2", "PUT /v2/{nummer}"}) {
		t.Errorf("routes %v", got)
	}
	statements := f.Policies[0].Statement
	if got := statements[0]; !reflect.DeepEqual(got.Action, List{"dynamodb:GetItem", "dynamodb:Query"}) ||
		got.Resource.GetAtt.GetAtt != "Table.Arn" {
		t.Errorf("%+v", got)
	}
	if got := statements[1]; !reflect.DeepEqual(got.Action, List{"dynamodb:PutItem"}) ||
		!reflect.DeepEqual(got.Condition.ForAll.LeadingKeys, List{"K#*", "P"}) {
		t.Errorf("%+v", got)
	}
	if got := statements[2].Resource.Sub; got != "arn:${Stage}" {
		t.Errorf("%+v", got)
	}
	if got := f.Events["Night"].Properties; got.Schedule != "rate(1 day)" || got.Input != `{"a":1}` {
		t.Errorf("%+v", got)
	}
	source := f.Events["Changes"].Properties.Source
	if source.Stream.GetAtt != "Table.StreamArn" || source.FilterCriteria.Filters[0].Pattern != "{}" ||
		*source.MaximumRetryAttempts != 2 || source.DestinationConfig.OnFailure.Destination.GetAtt != "Lost.Arn" {
		t.Errorf("%+v", source)
	}
}

func TestEnvironment(t *testing.T) {
	got := parse(t, sample).Environment(map[string]string{"Stage": "prod", "Table": "dagtilbud"})
	want := map[string]string{"STAGE": "prod", "DAYS": "90", "TABLE": "dagtilbud", "EMPTY": ""}
	if !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestParseTellsWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"":                          "empty",
		"Resources:\n  A: {}\n  A:": "line 3: A stands twice",
		"Resources: []":             "Resources",
		"a: [":                      "line 1",
		"a: !!int x":                "line 1",
	} {
		if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	if _, err := Read("testdata/none.yaml"); err == nil {
		t.Error("a file that is not there is read")
	}
	broken := strings.Replace(sample, "MemorySize: 1024", "MemorySize: much", 1)
	if _, err := parse(t, broken).Functions(); err == nil || !strings.Contains(err.Error(), "ReadFunction") {
		t.Errorf("a size that is no number: %v", err)
	}
}
