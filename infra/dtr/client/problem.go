package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

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

	RetryAfter time.Duration `json:"-"` // the pause that the register asks for; 0 where it asks for none
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
		if err := json.UnmarshalRead(io.LimitReader(answer.Body, mostProblem), problem); err != nil {
			problem.Title, problem.Errors = fmt.Sprintf("%s, for a reason that cannot be read: %v", http.StatusText(answer.StatusCode), err), nil
		}
	}
	problem.Status, problem.RetryAfter = answer.StatusCode, retryAfter(answer.Header)
	return problem
}

// retryAfter reads the pause that an answer asks for, which the register gives in seconds.
func retryAfter(h http.Header) time.Duration {
	seconds, err := strconv.ParseUint(h.Get("Retry-After"), 10, 31)
	if err != nil {
		return 0 // a date, of some host before the register, is left to the growing pauses
	}
	return time.Duration(seconds) * time.Second
}

// unexpected is the error of an answer that says something else than the register promises. To ask again would not help.
func unexpected(err error) error {
	return fmt.Errorf("the register's answer is not what it should be: %w", err)
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

// turnedAway tells whether the register did not even look at what was asked, so that to ask again is no repetition.
func turnedAway(err error) bool {
	problem, ok := errors.AsType[*Problem](err)
	return ok && problem.Status == http.StatusTooManyRequests
}
