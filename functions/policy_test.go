package functions_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"

	"dagtilbudsregisteret.dk/functions/internal/holding"
)

// recorder passes a function's calls on to DynamoDB and SQS and notes them.
type recorder struct {
	t *testing.T

	mu    sync.Mutex
	calls map[holding.Call]bool
}

// before gives an endpoint whose calls are noted on their way to another.
func (r *recorder) before(endpoint string) string {
	r.t.Helper()
	target, err := url.Parse(endpoint)
	if err != nil {
		r.t.Fatal(err)
	}
	next := httputil.NewSingleHostReverseProxy(target)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			r.t.Error(err)
		}
		service, operation, _ := strings.Cut(req.Header.Get("X-Amz-Target"), ".")
		r.mu.Lock()
		if service == "AmazonSQS" {
			r.noteQueue(operation, body)
		} else {
			r.noteItems(operation, body)
		}
		r.mu.Unlock()
		req.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, req)
	}))
	r.t.Cleanup(server.Close)
	return server.URL
}

func (r *recorder) noteQueue(operation string, body []byte) {
	var in struct{ QueueName, QueueURL string }
	if err := json.Unmarshal(body, &in); err != nil {
		r.t.Errorf("%s: %v", operation, err)
	}
	name := cmp.Or(in.QueueName, path.Base(in.QueueURL))
	r.calls[holding.Call{Action: "sqs:" + strings.TrimSuffix(operation, "Batch"), Key: name}] = true
}

// target is the part of a call that tells which item it is about.
type target struct {
	Key, Item, ExpressionAttributeValues map[string]struct{ S string }
}

func (g *target) key() string { return g.Key["PK"].S + g.Item["PK"].S }

func (r *recorder) noteItems(operation string, body []byte) {
	var in struct {
		target
		TransactItems []map[string]target
		RequestItems  map[string][]struct{ PutRequest target }
	}
	if err := json.Unmarshal(body, &in); err != nil {
		r.t.Errorf("%s: %v", operation, err)
	}
	switch operation {
	case "TransactWriteItems":
		for _, item := range in.TransactItems {
			for kind, about := range item {
				r.calls[holding.Call{Action: "dynamodb:" + kind + "Item", Key: about.key()}] = true
			}
		}
	case "BatchWriteItem":
		for _, write := range in.RequestItems[tableName] {
			r.calls[holding.Call{Action: "dynamodb:BatchWriteItem", Key: write.PutRequest.key()}] = true
		}
	case "Query":
		r.calls[holding.Call{Action: "dynamodb:Query", Key: in.ExpressionAttributeValues[":pk"].S}] = true
	default:
		r.calls[holding.Call{Action: "dynamodb:" + operation, Key: in.key()}] = true
	}
}

// called gives what each function has called so far.
func (d *deployment) called() map[string][]holding.Call {
	calls := make(map[string][]holding.Call)
	for name, r := range d.recorders {
		r.mu.Lock()
		calls[name] = slices.Collect(maps.Keys(r.calls))
		r.mu.Unlock()
	}
	return calls
}
