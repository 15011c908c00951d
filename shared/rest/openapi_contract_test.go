package rest_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"dagtilbudsregisteret.dk/shared/rest"
)

// contract is openapi.json as something to hold calls against.
type contract struct {
	*openapi3.T
	operations map[string]*operation // by method and path
}

// operation is what the document says of one method of one path, with the parameters that all methods of the path share.
type operation struct {
	*openapi3.Operation
	name       string
	parameters openapi3.Parameters
}

// readContract gives the document, which must be valid OpenAPI 3.1.
func readContract(t testing.TB) *contract {
	t.Helper()
	c, err := theContract()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var theContract = sync.OnceValues(func() (*contract, error) {
	doc, err := openapi3.NewLoader().LoadFromData(rest.OpenAPI)
	if err != nil {
		return nil, err
	}
	if doc.OpenAPIMajorMinor() != "3.1" {
		return nil, fmt.Errorf("openapi.json is of OpenAPI %s", doc.OpenAPI)
	}
	if err := doc.Validate(context.Background(), openapi3.EnableMultiError()); err != nil {
		return nil, err
	}
	c := &contract{doc, make(map[string]*operation)}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			name := method + " " + path
			c.operations[name] = &operation{op, name, slices.Concat(item.Parameters, op.Parameters)}
		}
	}
	return c, nil
})

// logins are the ways to log in that an operation takes: the names of security schemes, and "" for none.
func (op *operation) logins() (ways []string) {
	if op.Security == nil {
		return nil
	}
	for _, requirement := range *op.Security {
		ways = append(ways, strings.Join(slices.Collect(maps.Keys(requirement)), " and "))
	}
	if ways == nil {
		ways = []string{""}
	}
	return ways
}

// loginOf gives the way in which a call logs in.
func loginOf(r *http.Request) string {
	if _, _, ok := r.BasicAuth(); ok {
		return "basicAuth"
	}
	return ""
}

// checkRequest holds a call that the register accepts against what it is described to take: each thing that is sent is described,
// and has a value that is described. It gives the names of the parameters that were sent, and the way in which the call logged in.
func (op *operation) checkRequest(r *http.Request, body []byte) (sent []string, login string, err error) {
	known := map[string]bool{"header Authorization": true}
	var problems []error
	if login = loginOf(r); !slices.Contains(op.logins(), login) {
		problems = append(problems, fmt.Errorf("the login %q is not described", login))
	}
	for _, p := range op.parameters {
		value, given := parameterOf(r, p.Value)
		known[p.Value.In+" "+http.CanonicalHeaderKey(p.Value.Name)] = true
		if !given {
			if p.Value.Required {
				problems = append(problems, fmt.Errorf("%s is demanded and was not sent", p.Value.Name))
			}
			continue
		}
		sent = append(sent, p.Value.Name)
		if err := conforms(p.Value.Schema, typed(p.Value.Schema, value)); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", p.Value.Name, err))
		}
	}
	for name := range r.URL.Query() {
		if !known["query "+http.CanonicalHeaderKey(name)] {
			problems = append(problems, fmt.Errorf("the parameter %s is not described", name))
		}
	}
	for name := range r.Header {
		if name != "Content-Type" && name != "Accept" && name != "Accept-Encoding" && !known["header "+name] {
			problems = append(problems, fmt.Errorf("the header %s is not described", name))
		}
	}
	switch {
	case op.RequestBody == nil && len(body) > 0:
		problems = append(problems, errors.New("a body is not described"))
	case op.RequestBody != nil && (len(body) > 0 || op.RequestBody.Value.Required):
		problems = append(problems, checkContent(op.RequestBody.Value.Content, r.Header.Get("Content-Type"), body))
	}
	return sent, login, errors.Join(problems...)
}

func parameterOf(r *http.Request, p *openapi3.Parameter) (value string, given bool) {
	switch p.In {
	case openapi3.ParameterInPath:
		return r.PathValue(p.Name), true
	case openapi3.ParameterInQuery:
		return strings.Join(r.URL.Query()[p.Name], ","), r.URL.Query().Has(p.Name)
	}
	value = r.Header.Get(p.Name)
	return value, value != ""
}

// checkResponse holds an answer against the document: its status, its headers, its content type and its body.
func (op *operation) checkResponse(status int, header http.Header, body []byte) error {
	described := op.Responses.Status(status)
	if described == nil {
		return fmt.Errorf("the status %d is not described", status)
	}
	var problems []error
	for name, h := range described.Value.Headers {
		values := header.Values(name)
		if len(values) == 0 && h.Value.Required {
			problems = append(problems, fmt.Errorf("the header %s is missing", name))
		}
		for _, value := range values {
			if err := conforms(h.Value.Schema, typed(h.Value.Schema, value)); err != nil {
				problems = append(problems, fmt.Errorf("%s: %w", name, err))
			}
		}
	}
	if len(described.Value.Content) > 0 {
		return errors.Join(append(problems, checkContent(described.Value.Content, header.Get("Content-Type"), body))...)
	}
	if len(body) > 0 {
		problems = append(problems, errors.New("a body is not described"))
	}
	return errors.Join(problems...)
}
