package functions_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
)

// statement is what a policy allows: actions on the table, on items whose partition keys have one of some patterns.
type statement struct {
	Sid, Effect string
	Action      list
	Resource    struct {
		GetAtt string `json:"Fn::GetAtt"`
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

// patterns are the partition keys that a statement is about.
func (s *statement) patterns() list {
	if keys := s.Condition.ForAll.LeadingKeys; keys != nil {
		return keys
	}
	return list{"*"}
}

// matches tells whether a key has a pattern, whose only wildcard is one at the end.
func matches(pattern, key string) bool {
	prefix, open := strings.CutSuffix(pattern, "*")
	return key == pattern || open && strings.HasPrefix(key, prefix)
}

// call is an action on an item, as IAM sees it. The items of a transaction are each seen as an action of its own, those of a batch
// as that of the batch.
type call struct{ action, key string }

// recorder passes a function's calls on to DynamoDB and notes them.
type recorder struct {
	t    *testing.T
	next http.Handler

	mu    sync.Mutex
	calls map[call]bool
}

// record gives an endpoint whose calls are noted on their way to another.
func record(t *testing.T, endpoint string) (*recorder, string) {
	t.Helper()
	target, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	r := &recorder{t: t, next: httputil.NewSingleHostReverseProxy(target), calls: make(map[call]bool)}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	return r, server.URL
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		r.t.Error(err)
	}
	_, operation, _ := strings.Cut(req.Header.Get("X-Amz-Target"), ".")
	r.note(operation, body)
	req.Body = io.NopCloser(bytes.NewReader(body))
	r.next.ServeHTTP(w, req)
}

// target is the part of a call that tells which item it is about.
type target struct {
	Key, Item, ExpressionAttributeValues map[string]struct{ S string }
}

func (g *target) key() string { return g.Key["PK"].S + g.Item["PK"].S }

func (r *recorder) note(operation string, body []byte) {
	var in struct {
		target
		TransactItems []map[string]target
		RequestItems  map[string][]struct{ PutRequest target }
	}
	if err := json.Unmarshal(body, &in); err != nil {
		r.t.Errorf("%s: %v", operation, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
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
				if s.Effect != "Allow" || s.Resource.GetAtt != "Table.Arn" {
					t.Errorf("%s: statement %s is not about what the table allows", name, s.Sid)
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
