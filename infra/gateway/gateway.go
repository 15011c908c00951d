// Package gateway stands in for an API Gateway HTTP API in front of the functions, on one machine: it leads a request by its method and
// path to a function, as an event in payload format 2.0, and gives back what the function answers.
//
// What it has from the real one, where callers or functions can tell:
//   - The route that fits best is taken, whole segments before variables before a "{rest+}", and "$default" where none fits. A path or
//     method that has none is answered 404 {"message":"Not Found"}; there is no 405, and no HEAD where only GET is routed.
//   - The function sees which route it was, what its variables are, the path decoded, cookies apart, repeated headers and parameters
//     joined by commas, and a body that is not text in base64.
//   - A request has 10 MB at most, and as an event 6 MB, Lambda's limit: 413. An answer is waited for for 30 seconds: 503. A function that
//     fails, overruns its own time or answers nonsense, is a 500. These answers are the gateway's own, in its words.
//   - Each answer names the request, in Apigw-Requestid.
//
// What it has not: TLS, authorizers, throttling, access logs, CORS, stages by path, and the real one's limits to headers.
package gateway

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"dagtilbudsregisteret.dk/infra/runtimeapi"
)

// Function answers an event with what Lambda would give back. Its error is the function's, or a [runtimeapi.ErrTooLarge].
type Function interface {
	Invoke(ctx context.Context, event []byte) ([]byte, error)
}

// The gateway's limits.
const (
	maxBody = 10 << 20
	timeout = 30 * time.Second
)

// Gateway is an API. It is an [http.Handler].
type Gateway struct {
	routes  []route
	timeout time.Duration
}

// New makes a gateway of functions by their routes, "GET /v2/dagtilbud/{nummer}" or "$default". Its error names what is no route.
func New(functions map[string]Function) (*Gateway, error) {
	g := &Gateway{timeout: timeout}
	var problems []error
	for key, f := range functions {
		r, err := parseRoute(key)
		r.function = f
		g.routes, problems = append(g.routes, r), append(problems, err)
	}
	return g, errors.Join(problems...)
}

// ServeHTTP answers a request.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m, found := g.match(r)
	e := newEvent(r, m)
	w.Header().Set("Apigw-Requestid", e.RequestContext.RequestID)
	if !found {
		refuse(w, http.StatusNotFound)
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	switch {
	case err != nil:
		refuse(w, http.StatusBadRequest)
		return
	case len(body) > maxBody:
		io.Copy(io.Discard, io.LimitReader(r.Body, maxBody)) // so that the caller has sent all, or nearly, before it is answered
		refuse(w, http.StatusRequestEntityTooLarge)
		return
	}
	e.setBody(body, r.Header.Get("Content-Type"))
	ctx, cancel := context.WithTimeout(r.Context(), g.timeout)
	defer cancel()
	a, err := invoke(ctx, m.function, e)
	switch {
	case errors.Is(err, runtimeapi.ErrTooLarge):
		refuse(w, http.StatusRequestEntityTooLarge)
	case errors.Is(err, context.DeadlineExceeded):
		refuse(w, http.StatusServiceUnavailable)
	case err != nil:
		refuse(w, http.StatusInternalServerError)
	default:
		a.writeTo(w)
	}
}

// refuse answers in the gateway's own words.
func refuse(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	io.WriteString(w, `{"message":"`+http.StatusText(status)+`"}`) // fails only when the client is gone
}
