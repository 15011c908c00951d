package lambdahost

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"dagtilbudsregisteret.dk/shared/register"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

func environment(extra map[string]string) func(string) string {
	env := map[string]string{
		"DTR_TABLE": "register", "AWS_REGION": "eu-north-1", "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret",
	}
	for name, value := range extra {
		env[name] = value
	}
	return func(name string) string { return env[name] }
}

func TestConfig(t *testing.T) {
	c, err := ReadConfig(environment(nil))
	if err != nil {
		t.Fatal(err)
	}
	if c.Table != "register" || c.Region != "eu-north-1" || c.Nummerserie != register.DefaultSeries || c.Endpoint != "" || c.SQSEndpoint != "" ||
		c.Kodetabeller != "" {
		t.Errorf("%+v", c)
	}
	c, err = ReadConfig(environment(map[string]string{"DTR_NUMMERSERIE": "ÆØ", "DTR_KODETABELLER": "/var/task/koder"}))
	if err != nil || c.Nummerserie != "ÆØ" || c.Kodetabeller != "/var/task/koder" {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestConfigErrorNamesEveryFault(t *testing.T) {
	_, err := ReadConfig(func(string) string { return "" })
	const want = "environment: DTR_TABLE is missing; AWS_REGION is missing; AWS_ACCESS_KEY_ID is missing; AWS_SECRET_ACCESS_KEY is missing"
	if message(err) != want {
		t.Errorf("error %v, want %s", err, want)
	}
	_, err = ReadConfig(environment(map[string]string{
		"DTR_TABLE": "", "DTR_NUMMERSERIE": "GG", "AWS_ENDPOINT_URL_DYNAMODB": "localhost:8000", "AWS_ENDPOINT_URL_SQS": "localhost",
	}))
	for _, name := range []string{"DTR_TABLE", "DTR_NUMMERSERIE", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_SQS"} {
		if !strings.Contains(message(err), name) {
			t.Errorf("error %v does not name %s", err, name)
		}
	}
	if strings.Contains(message(err), "secret") {
		t.Errorf("error %v tells a secret", err)
	}
}

// TestClients calls each service with what the environment says, and finds the call signed for it.
func TestClients(t *testing.T) {
	requests := make(chan *http.Request, 1)
	answer := ""
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests <- r
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		w.Write([]byte(answer))
	}))
	defer srv.Close()
	c, err := ReadConfig(environment(map[string]string{
		"AWS_ENDPOINT_URL_DYNAMODB": srv.URL, "AWS_ENDPOINT_URL_SQS": srv.URL, "AWS_SESSION_TOKEN": "token",
	}))
	if err != nil {
		t.Fatal(err)
	}
	check := func(service, got, want string, err error) {
		t.Helper()
		if err != nil || got != want {
			t.Fatalf("%s: %q, %v", service, got, err)
		}
		r := <-requests
		if auth := r.Header.Get("Authorization"); !strings.Contains(auth, "Credential=key/") || !strings.Contains(auth, "/eu-north-1/"+service+"/") {
			t.Errorf("%s: Authorization: %s", service, auth)
		}
		if got := r.Header.Get("X-Amz-Security-Token"); got != "token" {
			t.Errorf("%s: session token %q", service, got)
		}
	}
	answer = `{"TableNames":["register"]}`
	tables, err := c.DynamoDB().ListTables(t.Context(), &dynamodb.ListTablesInput{Limit: aws.Int32(1)})
	check("dynamodb", strings.Join(tables.TableNames, " "), "register", err)
	answer = `{"QueueUrl":"https://sqs.example/a.fifo"}`
	queue, err := c.SQS().GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String("a.fifo")})
	check("sqs", aws.ToString(queue.QueueUrl), "https://sqs.example/a.fifo", err)
}

func TestClientsOfTheRegion(t *testing.T) {
	c := Config{Region: "eu-north-1"}
	for service, endpoint := range map[string]*string{"dynamodb": c.DynamoDB().Options().BaseEndpoint, "sqs": c.SQS().Options().BaseEndpoint} {
		if endpoint != nil {
			t.Errorf("%s: endpoint %s without an override", service, *endpoint)
		}
	}
}
