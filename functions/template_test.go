package functions_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.yaml.in/yaml/v3"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/dynamostore"
	"dagtilbudsregisteret.dk/shared/dynamostore/dynamotest"
	"dagtilbudsregisteret.dk/shared/lambdahost"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/rest"
	"dagtilbudsregisteret.dk/shared/services"
	"dagtilbudsregisteret.dk/shared/soap"
	"dagtilbudsregisteret.dk/shared/versions"
)

// template is what template.yaml says of what the code must agree with.
type template struct {
	Parameters map[string]struct{ Default any }
	Globals    struct {
		Function struct {
			Environment struct{ Variables map[string]any }
		}
	}
	Resources map[string]struct {
		Type       string
		Metadata   struct{ BuildMethod string }
		Properties json.RawMessage
	}
}

// function is the properties of a function.
type function struct {
	id       string
	build    string
	Policies []struct{ Statement []statement }
	Events   map[string]struct {
		Type       string
		Properties struct {
			APIID        ref `json:"ApiId"`
			Method, Path string
			source
		}
	}
}

type ref struct{ Ref string }

// source is what an event source mapping hands to a function, and how.
type source struct {
	Stream struct {
		GetAtt string `json:"Fn::GetAtt"`
	}
	FilterCriteria        struct{ Filters []struct{ Pattern string } }
	FunctionResponseTypes []string
	ParallelizationFactor int
}

func readTemplate(t *testing.T) (tpl template) {
	t.Helper()
	text, err := os.ReadFile("../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	decode(t, longForm(t, document.Content[0]), &tpl)
	return tpl
}

// longForm gives a node of YAML as CloudFormation's JSON has it, where !Ref and its like are objects.
func longForm(t *testing.T, n *yaml.Node) (value any) {
	t.Helper()
	switch n.Kind {
	case yaml.MappingNode:
		members := make(map[string]any)
		for pair := range slices.Chunk(n.Content, 2) {
			members[pair[0].Value] = longForm(t, pair[1])
		}
		value = members
	case yaml.SequenceNode:
		elements := make([]any, len(n.Content))
		for i, element := range n.Content {
			elements[i] = longForm(t, element)
		}
		value = elements
	default:
		if err := n.Decode(&value); err != nil {
			t.Fatalf("line %d: %v", n.Line, err)
		}
	}
	name, short := strings.CutPrefix(n.Tag, "!")
	switch {
	case !short || strings.HasPrefix(name, "!"): // YAML's own
		return value
	case name == "Ref":
		return map[string]any{"Ref": value}
	}
	return map[string]any{"Fn::" + name: value}
}

// decode reads JSON, or what JSON can be made of, into a struct.
func decode(t *testing.T, from, to any) {
	t.Helper()
	if err := json.Unmarshal(text(t, from), to); err != nil {
		t.Fatal(err)
	}
}

// functions gives the functions by the names of their folders.
func (tpl *template) functions(t *testing.T) map[string]function {
	t.Helper()
	all := make(map[string]function)
	for id, r := range tpl.Resources {
		if r.Type == "AWS::Serverless::Function" {
			f := function{id: id, build: r.Metadata.BuildMethod}
			decode(t, r.Properties, &f)
			all[strings.ToLower(strings.TrimSuffix(id, "Function"))] = f
		}
	}
	return all
}

// routes gives the routes that lead to a function, as net/http patterns.
func (f *function) routes(t *testing.T) (routes []string) {
	t.Helper()
	for id, e := range f.Events {
		if e.Type != "HttpApi" {
			continue
		}
		if e.Properties.APIID.Ref != "Api" {
			t.Errorf("%s: event %s is not of the API", f.id, id)
		}
		routes = append(routes, e.Properties.Method+" "+e.Properties.Path)
	}
	slices.Sort(routes)
	return routes
}

// same compares what the template has with what the code has, both sorted.
func same(t *testing.T, what string, template, code []string) {
	t.Helper()
	for _, s := range template {
		if _, found := slices.BinarySearch(code, s); !found {
			t.Errorf("%s: %s is in the template only", what, s)
		}
	}
	for _, s := range code {
		if _, found := slices.BinarySearch(template, s); !found {
			t.Errorf("%s: %s is in the code only", what, s)
		}
	}
	if len(template) != len(code) {
		t.Errorf("%s: %d in the template, %d in the code", what, len(template), len(code))
	}
}

func TestTemplateHasTheRoutesOfTheCode(t *testing.T) {
	all := services.New(services.Config{Tables: codes.Embedded()})
	api, envelopes := rest.New(all, rest.Limits{}), soap.New(all, soap.Limits{})
	code := make(map[string][]string)
	for name, routes := range map[string][]rest.Route{
		"import": api.Import(), "export": api.Export(), "numbers": api.Numbers(), "validation": api.Validation(),
		"access": api.Access(), "relay": api.Subscriptions(),
	} {
		for _, r := range routes {
			code[name] = append(code[name], r.Method+" "+r.Path)
		}
	}
	for name, routes := range map[string][]soap.Route{"import": envelopes.Import(), "export": envelopes.Export()} {
		for _, r := range routes {
			code[name] = append(code[name], r.Method+" "+r.Path)
		}
	}
	tpl := readTemplate(t)
	functions := tpl.functions(t)
	same(t, "functions", slices.Sorted(maps.Keys(functions)), slices.Sorted(maps.Keys(code)))
	for name, f := range functions {
		slices.Sort(code[name])
		same(t, "routes of "+name, f.routes(t), code[name])
	}
}

// setByLambda are variables that Lambda sets, and a template must not.
var setByLambda = []string{"AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}

func TestTemplateSetsTheVariablesOfTheCode(t *testing.T) {
	read := []string{"SSL_CERT_FILE", "SSL_CERT_DIR"} // by crypto/x509
	nothing := func(name string) string {
		if !slices.Contains(setByLambda, name) {
			read = append(read, name)
		}
		return ""
	}
	if _, err := lambdahost.ReadConfig(nothing); err == nil {
		t.Error("an empty environment is no error")
	}
	lives, err := versions.Read(nothing)
	if err != nil {
		t.Error(err)
	}
	slices.Sort(read)
	tpl := readTemplate(t)
	same(t, "variables", slices.Sorted(maps.Keys(tpl.Globals.Function.Environment.Variables)), read)
	one, two := lives.Of(register.V1), lives.Of(register.V2)
	for parameter, want := range map[string]string{
		"NumberSeries": string(register.DefaultSeries), "Stage": stage,
		"V1Opens": string(one.Opens), "V1Deprecated": string(one.Deprecated), "V1Closes": string(one.Closes), "V2Opens": string(two.Opens),
	} {
		if got := tpl.Parameters[parameter].Default; got != want {
			t.Errorf("%s is %v by default, want %s", parameter, got, want)
		}
	}
}

func TestEveryFolderIsAFunctionThatIsBuilt(t *testing.T) {
	makefile, err := os.ReadFile("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	tpl := readTemplate(t)
	functions := tpl.functions(t)
	for _, f := range functions {
		if target := "build-" + f.id; f.build != "makefile" || !hasTarget(string(makefile), target) {
			t.Errorf("%s is built by %q; the Makefile must have a target %s", f.id, f.build, target)
		}
	}
	mains, err := filepath.Glob("*/main.go")
	if err != nil {
		t.Fatal(err)
	}
	for i := range mains {
		mains[i] = filepath.Dir(mains[i])
	}
	same(t, "functions", slices.Sorted(maps.Keys(functions)), mains)
}

func hasTarget(makefile, target string) bool {
	for line := range strings.Lines(makefile) {
		targets, _, isRule := strings.Cut(line, ":")
		if isRule && slices.Contains(strings.Fields(targets), target) {
			return true
		}
	}
	return false
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
