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
)

// statement is what a policy allows: actions on the table, on items whose partition keys have one of some patterns, or on queues.
type statement struct {
	Sid, Effect string
	Action      list
	Resource    struct {
		GetAtt string `json:"Fn::GetAtt"`
		Sub    string `json:"Fn::Sub"`
	}
	Condition struct {
		ForAll struct {
			LeadingKeys list `json:"dynamodb:LeadingKeys"`
		} `json:"ForAllValues:StringLike"`
	}
}

// list is one string or several.
type list []string

func (l *list) UnmarshalJSON(text []byte) error {
	if text[0] == '"' {
		*l = list{""}
		return json.Unmarshal(text, &(*l)[0])
	}
	return json.Unmarshal(text, (*[]string)(l))
}

// queueARN is what a queue's name stands behind.
const queueARN = "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:"

// patterns are those of the partition keys, or of the queues' names, that a statement is about.
func (s *statement) patterns() list {
	queues, ofQueues := strings.CutPrefix(s.Resource.Sub, queueARN)
	switch keys := s.Condition.ForAll.LeadingKeys; {
	case ofQueues:
		return list{strings.ReplaceAll(queues, "${Stage}", stage)}
	case s.Resource.GetAtt != "Table.Arn":
		return nil
	case keys != nil:
		return keys
	}
	return list{"*"}
}

// matches tells whether a key or a name has a pattern, which has one wildcard at most.
func matches(pattern, key string) bool {
	prefix, suffix, open := strings.Cut(pattern, "*")
	return key == pattern ||
		open && len(key) >= len(prefix)+len(suffix) && strings.HasPrefix(key, prefix) && strings.HasSuffix(key, suffix)
}

// call is an action on an item or a queue, as IAM sees it. The items of a transaction are each seen as an action of its own, those of
// a batch as that of the batch; a batch of messages is seen as one of them.
type call struct{ action, key string }

// recorder passes a function's calls on to DynamoDB and SQS and notes them.
type recorder struct {
	t *testing.T

	mu    sync.Mutex
	calls map[call]bool
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
	r.calls[call{"sqs:" + strings.TrimSuffix(operation, "Batch"), name}] = true
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
				r.calls[call{"dynamodb:" + kind + "Item", about.key()}] = true
			}
		}
	case "BatchWriteItem":
		for _, write := range in.RequestItems[tableName] {
			r.calls[call{"dynamodb:BatchWriteItem", write.PutRequest.key()}] = true
		}
	case "Query":
		r.calls[call{"dynamodb:Query", in.ExpressionAttributeValues[":pk"].S}] = true
	default:
		r.calls[call{"dynamodb:" + operation, in.key()}] = true
	}
}

// checkPolicies compares what the functions have called with what their policies allow: nothing may be missing, and nothing be more.
func checkPolicies(t *testing.T, functions map[string]function, recorders map[string]*recorder) {
	for name, f := range functions {
		recorders[name].mu.Lock()
		calls := slices.Collect(maps.Keys(recorders[name].calls))
		recorders[name].mu.Unlock()
		allowed := make(map[call]bool)
		for _, p := range f.Policies {
			for _, s := range p.Statement {
				if s.Effect != "Allow" || s.patterns() == nil {
					t.Errorf("%s: statement %s is not about what the table or the queues allow", name, s.Sid)
				}
				s.check(t, name, calls, allowed)
			}
		}
		for _, c := range calls {
			if !allowed[c] {
				t.Errorf("%s: the code calls %s on %q, which its policy does not allow", name, c.action, c.key)
			}
		}
	}
}

// check notes the calls that a statement allows, and finds what it allows to no use.
func (s *statement) check(t *testing.T, name string, calls []call, allowed map[call]bool) {
	for _, action := range s.Action {
		for _, pattern := range s.patterns() {
			used := false
			for _, c := range calls {
				if c.action == action && matches(pattern, c.key) {
					allowed[c], used = true, true
				}
			}
			if !used {
				t.Errorf("%s: statement %s allows %s on %s, which the code never calls", name, s.Sid, action, pattern)
			}
		}
	}
}
