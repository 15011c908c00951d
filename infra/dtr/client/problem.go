package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"
)

// Finding is one breach of a rule, as the register tells it.
type Finding struct {
	Pointer string `json:"pointer"`
	Regel   string `json:"regel"`
	Tekst   string `json:"tekst"`
}

// Problem is the register's answer to a call that it did not carry out.
type Problem struct {
	Status    int       `json:"status"`
	Title     string    `json:"title"`
	RequestID string    `json:"requestId"`
	Errors    []Finding `json:"errors"`
}

// Error gives the findings' texts, or the title where there are none, with the request id that the operators' log goes by.
func (p *Problem) Error() string {
	if len(p.Errors) == 0 {
		return fmt.Sprintf("%s (%d, request id %q)", p.Title, p.Status, p.RequestID)
	}
	texts := make([]string, len(p.Errors))
	for i, f := range p.Errors {
		texts[i] = f.Tekst
	}
	return strings.Join(texts, "\n")
}

// mostProblem is more than any problem document takes.
const mostProblem = 1 << 20

// readProblem reads an answer that is not a success. One that the register did not write itself has its status for a title.
func readProblem(answer *http.Response) error {
	problem := &Problem{Title: http.StatusText(answer.StatusCode), RequestID: answer.Header.Get("X-Request-Id")}
	kind, _, _ := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	if kind == "application/problem+json" {
		// What cannot be read leaves the status, which says enough.
		_ = json.UnmarshalRead(io.LimitReader(answer.Body, mostProblem), problem)
	}
	problem.Status = answer.StatusCode
	return problem
}

// NoAnswer is a call whose answer did not arrive. Whether the register carried it out is not known.
type NoAnswer struct{ Cause error }

// Error gives the cause.
func (e *NoAnswer) Error() string { return "no answer from the register: " + e.Cause.Error() }

// Unwrap gives the cause.
func (e *NoAnswer) Unwrap() error { return e.Cause }

// lost is the error of an answer that did not arrive, unless it was the caller who gave up.
func lost(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return &NoAnswer{err}
}

// passing tells whether a failure may be over the next time.
func passing(err error) bool {
	if problem, ok := errors.AsType[*Problem](err); ok {
		switch problem.Status {
		case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			return true
		}
		return false
	}
	_, ok := errors.AsType[*NoAnswer](err)
	return ok
}
