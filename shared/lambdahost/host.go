// Package lambdahost runs an [http.Handler] as a Lambda function behind an API Gateway HTTP API (payload format 2.0), so that the
// same handler can be tested with net/http/httptest and served by net/http on one machine.
//
// The mapping is aws-lambda-go-api-proxy's core package. It is no longer developed, and what it does otherwise than net/http is put
// right around it: on the way in by newRequest, on the way out by response. A handler cannot tell the two hosts apart, with these
// exceptions, which are the gateway's:
//   - the path comes decoded, so "%2F" cannot be told from "/";
//   - repeated header lines come joined by commas;
//   - the whole answer is sent at once, and is 6 MB at most.
//
// A function is also run by a schedule, and by the stream of the register's table.
//
// The package also holds what every function needs besides: its settings ([ReadConfig]), the clients of AWS and the logger.
package lambdahost

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

// requestIDHeader names a request in answers and log lines: the client's own id, or else the gateway's.
const requestIDHeader = "X-Request-Id"

// lastWords is how long before the function is killed its context ends, so that it can still answer how far it came.
const lastWords = time.Second

// Host answers a function's events. It is a [lambda.Handler].
type Host struct {
	Handler   http.Handler                // answers HTTP requests
	Scheduled func(context.Context) error // answers EventBridge's scheduled events; nil where the function has no schedule

	// Stream is told in which municipalities' logs the table's stream has something new, and answers by municipality what it is to be
	// told of again before it is told of anything else, or an error that speaks of all. nil where the function reads no stream.
	Stream func(ctx context.Context, kommuner []int) (held map[int]error, err error)

	Log *slog.Logger
}

var _ lambda.Handler = (*Host)(nil)

// Start answers events until the process ends; it never returns. What libraries print with package log becomes lines of h.Log.
func (h *Host) Start() {
	slog.SetDefault(h.Log)
	lambda.Start(h)
}

// event is every kind of event that a function is sent; a member that a kind lacks stays zero.
type event struct {
	events.APIGatewayV2HTTPRequest
	events.DynamoDBEvent
	DetailType string `json:"detail-type"`
}

// Invoke answers one event. An error is a fault of the function: a failed schedule, a batch of the stream that nothing became of, or
// an event of no known kind. An HTTP request always gets an answer, a problem document if need be.
func (h *Host) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var e event
	if err := json.Unmarshal(payload, &e); err != nil {
		return nil, fmt.Errorf("read the event: %w", err)
	}
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-lastWords))
		defer cancel()
	}
	switch {
	case e.DetailType == "Scheduled Event":
		return h.runScheduled(ctx)
	case isStream(e.Records):
		return h.runStream(ctx, e.Records)
	case e.Version == "2.0" && e.RequestContext.HTTP.Method != "":
		return h.serve(ctx, &e.APIGatewayV2HTTPRequest)
	}
	return nil, errors.New("the event is neither an HTTP API request in payload format 2.0, nor a scheduled event, nor of a table's stream")
}

func (h *Host) runScheduled(ctx context.Context) ([]byte, error) {
	if h.Scheduled == nil {
		return nil, errors.New("a scheduled event was sent to a function without a schedule")
	}
	return []byte("null"), h.guarded(ctx, "a scheduled run", func() error { return h.Scheduled(ctx) })
}

// guarded calls f, whose panic is an error that shows nothing. What went wrong is logged: nobody reads the answer to such an event.
func (h *Host) guarded(ctx context.Context, what string, f func() error) (err error) {
	if p := guard(func() { err = f() }); p != nil {
		h.Log.ErrorContext(ctx, "panic in "+what, "panic", p.value, "stack", p.stack)
		return errors.New("panic in " + what)
	}
	if err != nil {
		h.Log.ErrorContext(ctx, what+" failed", "error", err)
	}
	return err
}

func (h *Host) serve(ctx context.Context, e *events.APIGatewayV2HTTPRequest) ([]byte, error) {
	r, err := newRequest(ctx, e)
	if err != nil {
		return nil, err
	}
	log := h.Log.With("method", r.Method, "path", r.URL.Path, "requestId", r.Header.Get(requestIDHeader))
	w := newResponse()
	if p := guard(func() { h.Handler.ServeHTTP(w, r) }); p != nil {
		log.ErrorContext(ctx, "panic in a handler", "panic", p.value, "stack", p.stack)
		w = newProblem(r, "")
	}
	answer, err := w.encode(r.Method)
	if err == nil && len(answer) > maxAnswer {
		log.ErrorContext(ctx, "answer too large for Lambda", "status", w.status, "bytes", len(answer), "limit", maxAnswer)
		answer, err = newProblem(r, tooLarge).encode(r.Method)
	}
	return answer, err
}

// panicked is a panic that was caught.
type panicked struct {
	value string
	stack string
}

// guard calls f and catches its panic: one request's fault must not end the process, which may be warm for the next.
func guard(f func()) (p *panicked) {
	defer func() {
		if v := recover(); v != nil {
			p = &panicked{fmt.Sprint(v), string(debug.Stack())}
		}
	}()
	f()
	return nil
}
