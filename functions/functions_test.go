// Package functions_test runs the functions as Lambda does: it builds their binaries, starts them behind a Runtime API with DynamoDB
// and SQS behind them, and leads requests to them by the routes of template.yaml, and the table's stream by its event source. It also
// holds what they call against their policies, and the table against the template's. What else of the template can be held against the
// code, package holding does.
package functions_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"dagtilbudsregisteret.dk/functions/internal/holding"
	"dagtilbudsregisteret.dk/infra/gateway"
	"dagtilbudsregisteret.dk/infra/runtimeapi"
	"dagtilbudsregisteret.dk/infra/template"
	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/dynamostore"
	"dagtilbudsregisteret.dk/shared/dynamostore/dynamotest"
	"dagtilbudsregisteret.dk/shared/granting"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/sqsqueue/sqstest"
)

var names = []string{"import", "export", "numbers", "validation", "access", "relay"}

// binaries is the folder that the functions are built into, once for all tests.
var binaries string

func TestMain(m *testing.M) {
	var err error
	if binaries, err = os.MkdirTemp("", "functions"); err != nil {
		panic(err)
	}
	args := []string{"build", "-trimpath", "-tags", "lambda.norpc", "-ldflags", "-s -w", "-o", binaries + "/"}
	for _, name := range names {
		args = append(args, "./"+name)
	}
	build := exec.Command("go", args...)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		panic("build the functions: " + string(out))
	}
	code := m.Run()
	os.RemoveAll(binaries)
	os.Exit(code)
}

const (
	tableName = "dagtilbud"
	stage     = "test"
)

// environment is what a function is told: the variables of the template, with values for one machine, and those that Lambda sets.
func environment(t *testing.T, dynamoDB, sqs string) []string {
	t.Helper()
	values := readTemplate(t).Environment(map[string]string{
		"Stage": stage, "Table": tableName, "V1Closes": "2099-06-01", // which it is whenever the tests are run
	})
	maps.Copy(values, map[string]string{
		"AWS_ENDPOINT_URL_DYNAMODB": dynamoDB, "AWS_ENDPOINT_URL_SQS": sqs, "AWS_REGION": "eu-north-1",
		"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_SESSION_TOKEN": "test",
	})
	var env []string
	for name, value := range values {
		env = append(env, name+"="+value)
	}
	return env
}

// start runs a function until the test ends.
func start(t *testing.T, name string, env []string) *runtimeapi.Function {
	t.Helper()
	f, err := runtimeapi.Start(t.Context(), filepath.Join(binaries, name), env)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("%s: %s", name, f.Output())
		}
	})
	return f
}

// deployment is all functions on one table and the queues of one SQS, behind one gateway.
type deployment struct {
	template  *template.Template
	functions map[string]*runtimeapi.Function
	recorders map[string]*recorder
	dynamodb  *dynamotest.Server
	sqs       *sqstest.Server
	client    *dynamodb.Client
	store     *dynamostore.Store
	url       string
}

func deploy(t *testing.T) *deployment {
	t.Helper()
	d := &deployment{
		template: readTemplate(t), functions: make(map[string]*runtimeapi.Function), recorders: make(map[string]*recorder),
		dynamodb: dynamotest.Start(t), sqs: sqstest.Start(t),
	}
	d.client = d.dynamodb.Client()
	d.store = dynamostore.New(d.client, tableName, register.DefaultSeries)
	if err := d.store.CreateTable(t.Context()); err != nil {
		t.Fatal(err)
	}
	routes := make(map[string]gateway.Function)
	for name, f := range functionsOf(t, d.template) {
		d.recorders[name] = &recorder{t: t, calls: make(map[holding.Call]bool)}
		d.functions[name] = d.start(t, name)
		for _, route := range f.Routes() {
			routes[route] = d.functions[name]
		}
	}
	api, err := gateway.New(routes)
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewServer(api)
	t.Cleanup(front.Close)
	d.url = front.URL
	return d
}

// start starts a function, one more where it runs already.
func (d *deployment) start(t *testing.T, name string) *runtimeapi.Function {
	t.Helper()
	r := d.recorders[name]
	return start(t, name, environment(t, r.before(d.dynamodb.Endpoint), r.before(d.sqs.Endpoint)))
}

func TestFunctions(t *testing.T) {
	d := deploy(t)
	t.Run("samples", d.samples)
	operator, secret := d.operator(t)
	t.Run("story", func(t *testing.T) { d.tell(t, secret) })
	d.beyond(t, operator)
	if t.Failed() {
		return
	}
	// The samples, the story and what is beyond it together call all that the functions can.
	for _, difference := range holding.Policies(d.template, stage, d.called()) {
		t.Error(difference)
	}
	d.checkExpiry(t)
}

// samples sends the functions the events that `sam local` is given by hand.
func (d *deployment) samples(t *testing.T) {
	d.makeSampleUser(t)
	functions := functionsOf(t, d.template)
	for _, name := range []string{"import", "export", "numbers", "validation", "access"} {
		sample := readSample(t, name+".json")
		var event events.APIGatewayV2HTTPRequest
		if err := json.Unmarshal(sample, &event); err != nil {
			t.Fatal(err)
		}
		f := functions[name]
		if routes := strings.Join(f.Routes(), "\n") + "\n"; !strings.Contains(routes, event.RouteKey+"\n") {
			t.Errorf("%s: the sample's route %s is not one of the function", name, event.RouteKey)
		}
		raw, err := d.functions[name].Invoke(t.Context(), sample)
		if err != nil {
			t.Fatal(err)
		}
		answer, body := readAnswer(t, raw)
		want := http.StatusOK
		if name == "import" {
			want = http.StatusCreated
		}
		if answer.StatusCode != want || len(body) == 0 {
			t.Errorf("%s: %d %s", name, answer.StatusCode, body)
		}
	}
	for _, name := range []string{"numbers", "validation", "access"} {
		d.invoke(t, name, readSample(t, name+"-schedule.json"), "null")
	}
	d.invoke(t, "relay", readSample(t, "relay.json"), `{"batchItemFailures":[]}`)
	d.invoke(t, "relay", readSample(t, "relay-schedule.json"), "null")
}

// invoke gives a function an event that is no request, and wants an answer.
func (d *deployment) invoke(t *testing.T, name string, event []byte, want string) {
	t.Helper()
	if got, err := d.functions[name].Invoke(t.Context(), event); string(got) != want || err != nil {
		t.Errorf("%s answers %s, %v, want %s", name, got, err, want)
	}
}

// makeSampleUser makes the user that the samples log in as.
func (d *deployment) makeSampleUser(t *testing.T) {
	t.Helper()
	var event events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal(readSample(t, "access.json"), &event); err != nil {
		t.Fatal(err)
	}
	navn, secret, ok := (&http.Request{Header: http.Header{"Authorization": {event.Headers["authorization"]}}}).BasicAuth()
	if !ok {
		t.Fatal("the sample does not log in")
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	u := access.User{
		Navn: navn, Rolle: access.Leverandoer, Forbindelse: access.Laese | access.Levere, Oprettet: now, Version: 1,
		Secrets: []access.Secret{{ID: "1", Hash: sha256.Sum256([]byte(secret)), Oprettet: now}},
		Grants:  []access.Grant{{ID: "1", Kommune: 265, Fra: access.DayOf(now), Givet: now}},
	}
	if err := d.store.SaveUser(t.Context(), u, access.NewEntry(now, access.Entry{Handling: granting.Opret, Bruger: navn})); err != nil {
		t.Fatal(err)
	}
}

func readSample(t *testing.T, name string) []byte {
	t.Helper()
	sample, err := os.ReadFile(filepath.Join("..", "events", name))
	if err != nil {
		t.Fatal(err)
	}
	return sample
}

// readAnswer reads an answer as strictly as the gateway's documentation describes it.
func readAnswer(t *testing.T, raw []byte) (answer events.APIGatewayV2HTTPResponse, body []byte) {
	t.Helper()
	in := json.NewDecoder(bytes.NewReader(raw))
	in.DisallowUnknownFields()
	if err := in.Decode(&answer); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	if answer.StatusCode < 200 || answer.StatusCode > 599 {
		t.Errorf("status %d", answer.StatusCode)
	}
	if len(answer.MultiValueHeaders) > 0 {
		t.Errorf("payload format 2.0 has no multiValueHeaders: %v", answer.MultiValueHeaders)
	}
	if answer.Headers["Content-Type"] == "" {
		t.Errorf("headers %v", answer.Headers)
	}
	if !answer.IsBase64Encoded {
		return answer, []byte(answer.Body)
	}
	body, err := base64.StdEncoding.DecodeString(answer.Body)
	if err != nil {
		t.Error(err)
	}
	return answer, body
}

func TestStartNamesEveryMissingVariable(t *testing.T) {
	for _, name := range names {
		f, err := runtimeapi.Start(t.Context(), filepath.Join(binaries, name), []string{"AWS_REGION=eu-north-1", "DTR_V1_LUKKER=2014"})
		if err == nil {
			f.Close()
			t.Errorf("%s starts with nothing set", name)
			continue
		}
		for _, part := range []string{"exit status 1", "DTR_TABLE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "DTR_V1_LUKKER"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q is not in: %v", name, part, err)
			}
		}
	}
}

// The table is not there: a failure that says nothing about the request.
func TestFailureShowsTheRequestIDAlone(t *testing.T) {
	env := environment(t, dynamotest.Start(t).Endpoint, "")
	for name, call := range map[string]struct{ method, path, user string }{
		"import":     {"POST", "/v2/daginstitutioner", "nogen"},
		"export":     {"GET", "/v2/dagtilbud/G10000", ""},
		"numbers":    {"GET", "/v2/numre/G10000", ""},
		"validation": {"GET", "/v2/kvalitet", ""},
		"access":     {"GET", "/v2/adgang/mig", "nogen"},
		"relay":      {"GET", "/v2/abonnementer", "nogen"},
	} {
		f := start(t, name, env)
		w := httptest.NewRecorder()
		r := httptest.NewRequest(call.method, call.path, nil)
		if call.user != "" {
			r.SetBasicAuth(call.user, "en hemmelighed")
		}
		api, err := gateway.New(map[string]gateway.Function{call.method + " " + call.path: f})
		if err != nil {
			t.Fatal(err)
		}
		api.ServeHTTP(w, r)
		var problem map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &problem); err != nil {
			t.Fatalf("%s: %v in %s", name, err, w.Body)
		}
		id, _ := problem["requestId"].(string)
		rest := maps.Clone(problem)
		for _, member := range []string{"type", "title", "status", "requestId"} {
			delete(rest, member)
		}
		if w.Code != http.StatusInternalServerError || id == "" || len(rest) > 0 {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		if log := f.Output(); !strings.Contains(log, id) || !strings.Contains(log, "ResourceNotFoundException") {
			t.Errorf("%s: the log does not tell what became of %s: %s", name, id, log)
		}
	}
}
