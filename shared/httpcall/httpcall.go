// Package httpcall is what protocols over HTTP do alike around a call, whatever its form: a request id, a language, a service version,
// one answer whatever happens and one log line, the gate and the headers that tell of the caller's pace, and what comes with a version
// that is on its way out: the headers that say so, the count of who still calls it, and the end of it.
//
// A protocol makes a [Desk] and has it frame what it does with a [Call]: [Desk.Frame] gives the http.Handler. In it the protocol finds
// out what is asked for, lets the caller in by [Call.Admit], and answers to [Call.W]; an error that it returns comes back to it to be
// answered in its own way, as long as nothing has been answered.
package httpcall

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/metrics"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/services"
	"dagtilbudsregisteret.dk/shared/versions"
)

// Desk is where the calls of one protocol come in. Make it with [New]; any number of goroutines may use it.
type Desk struct {
	gate     *access.Gate
	versions versions.Schedule
	counter  access.Counter
	now      func() time.Time
	log      *slog.Logger
	meter    *metrics.Meter
	prefix   string
}

// New gives the desk of a protocol. The service version stands in its paths right after the prefix, which is "/soap" for paths like
// "/soap/v1/…", and empty for those like "/v1/…".
func New(s *services.Services, prefix string) *Desk {
	return &Desk{s.Gate, s.Versions, s.Store, s.Now, s.Log, s.Meter, prefix}
}

// Call is one request and its answer.
type Call struct {
	W *Recorder
	R *http.Request

	Version   register.ServiceVersion // that of the path; the newest where it has none
	Language  Language
	RequestID string
	Caller    access.Caller // nobody until [Call.Admit]

	// Handling is what is asked for, as the trail and the log name it. Where it is empty the log has the pattern of the route.
	Handling string

	// TheirFault says that the caller is to blame for what is answered, whatever the HTTP status makes of it. An answer of 500 or more
	// is logged as an error of ours otherwise.
	TheirFault bool

	desk   *Desk
	began  time.Time
	beside sync.WaitGroup // what is done beside the handling, before the answer ends
}

// Frame puts around a handler what every call has. An error that handle returns, or its panic, is answered by fail, unless the answer is
// under way: then the connection is cut. A call that ends because its caller has gone is no failure, and is logged with the status
// [callerGone].
func (d *Desk) Frame(handle func(*Call) error, fail func(*Call, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &Call{W: &Recorder{ResponseWriter: w}, R: r, Version: d.versionOf(r.URL.Path), RequestID: requestID(r), desk: d, began: d.now()}
		c.Language = Preferred(c.Header("Accept-Language"))
		c.W.Header().Set("X-Request-Id", c.RequestID)
		c.W.Header().Set("Vary", "Accept-Language, Accept-Encoding")
		c.announce()
		defer c.beside.Wait()
		err := c.run(handle)
		switch {
		case err != nil:
			c.unanswered(err)
			fail(c, err)
		case c.W.Status == 0:
			c.W.WriteHeader(http.StatusOK) // an answer of no bytes
		}
		c.logLine(err)
	})
}

// versionOf reads the service version off a path; paths without one follow the newest.
func (d *Desk) versionOf(path string) register.ServiceVersion {
	if strings.HasPrefix(path, d.prefix+"/v1/") {
		return register.V1
	}
	return register.V2
}

// panicked is a handler's panic on its way to the log.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v\n%s", p.value, p.stack) }

// run turns a panic into an error, but lets an aborted answer go on as one.
func (c *Call) run(handle func(*Call) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler {
				panic(p)
			}
			err = &panicked{p, debug.Stack()}
		}
	}()
	return handle(c)
}

// unanswered makes ready for the answer to an error.
func (c *Call) unanswered(err error) {
	if c.W.Status != 0 {
		// The answer is under way. Cutting it off is the only way left to tell the caller that it is not whole.
		if c.left(err) {
			c.logLine(err)
		} else {
			c.LogFailure(err)
		}
		panic(http.ErrAbortHandler)
	}
	for _, name := range [...]string{"Content-Disposition", "Content-Encoding", "ETag"} {
		c.W.Header().Del(name) // said of the answer that did not come
	}
	switch register.KindOf(err) {
	case register.Unavailable:
		c.W.Header().Set("Retry-After", "1")
	case register.Unauthenticated:
		c.W.Header().Set("WWW-Authenticate", `Basic realm="Dagtilbudsregisteret", charset="UTF-8"`)
	}
}

// LogFailure logs what an answer does not show.
func (c *Call) LogFailure(err error) {
	level := slog.LevelError
	if c.left(err) {
		level = slog.LevelInfo
	}
	c.desk.log.LogAttrs(c.R.Context(), level, "failure", slog.String("requestId", c.RequestID), slog.Any("error", err))
}

// callerGone is the status that the log has of a call whose caller has gone, whatever is answered to nobody.
const callerGone = 499

// left tells whether an error is but that the caller has gone: that it came of the end of the request, or of writing to where nobody reads.
func (c *Call) left(err error) bool {
	if !errors.Is(c.R.Context().Err(), context.Canceled) {
		return false
	}
	return errors.Is(err, context.Canceled) || c.W.lost != nil && errors.Is(err, c.W.lost)
}

// logLine leaves the one line that tells of the call, and is measured by.
func (c *Call) logLine(err error) {
	level, status, took := slog.LevelInfo, c.W.Status, c.desk.now().Sub(c.began)
	switch {
	case c.left(err):
		status = callerGone
	case status >= http.StatusInternalServerError && !c.TheirFault:
		level = slog.LevelError
	}
	line := []slog.Attr{slog.String("method", c.R.Method), slog.String("route", cmp.Or(c.Handling, c.R.Pattern, "-")),
		slog.Int("status", status), slog.Int64("bytes", c.W.Bytes), slog.Duration("took", took),
		slog.String("requestId", c.RequestID), slog.String("address", address(c.R))}
	if navn := c.Caller.Navn(); navn != "" {
		line = append(line, slog.String("user", navn))
	}
	if err != nil {
		line = append(line, slog.Any("error", err))
	}
	failed := level == slog.LevelError
	line = append(line, c.desk.meter.Request(
		metrics.Of(metrics.Requests, 1),
		metrics.When(metrics.ServerErrors, failed),
		metrics.When(metrics.ClientErrors, status >= http.StatusBadRequest && !failed),
		metrics.When(metrics.ClosedVersionCalls, register.KindOf(err) == register.Gone),
		metrics.Of(metrics.Latency, float64(took)/float64(time.Millisecond)),
	)...)
	c.desk.log.LogAttrs(c.R.Context(), level, "request", line...)
}
