package lambdahost

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

// With the library a panic ends the process.
func TestPanicBecomesAProblem(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"string":         func(http.ResponseWriter, *http.Request) { panic("secret") },
		"error":          func(http.ResponseWriter, *http.Request) { panic(errors.New("secret")) },
		"abort":          func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"after writing":  func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "half of it"); panic("secret") },
		"invalid status": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(42) },
	} {
		t.Run(name, func(t *testing.T) {
			log, lines := recording()
			g := invoke(t, &Host{Log: log, Handler: handler}, gatewayEvent(t, newTestRequest("GET", "/v2/dagtilbud", ""), nil))
			const want = `{"type":"about:blank","title":"Internal Server Error","status":500,"requestId":"gateway-id"}` + "\n"
			if g.Status != 500 || g.Header.Get("Content-Type") != "application/problem+json" || g.Body != want {
				t.Errorf("%+v", g)
			}
			for _, part := range []string{"gateway-id", "/v2/dagtilbud", "host_test.go"} {
				if !strings.Contains(lines.String(), part) {
					t.Errorf("the log does not tell of %s: %s", part, lines)
				}
			}
		})
	}
}

const scheduledEvent = `{"version":"0","detail-type":"Scheduled Event","source":"aws.events","resources":["arn"],"detail":{}}`

func TestScheduledEvent(t *testing.T) {
	failed := errors.New("failed")
	for name, test := range map[string]struct {
		run  func(context.Context) error
		want string
	}{
		"success":     {func(context.Context) error { return nil }, ""},
		"failure":     {func(context.Context) error { return failed }, "failed"},
		"panic":       {func(context.Context) error { panic("secret") }, "panic in a scheduled run"},
		"no schedule": {nil, "a scheduled event was sent to a function without a schedule"},
	} {
		t.Run(name, func(t *testing.T) {
			log, lines := recording()
			_, err := (&Host{Log: log, Scheduled: test.run}).Invoke(t.Context(), []byte(scheduledEvent))
			if got := message(err); got != test.want {
				t.Errorf("error %q, want %q", got, test.want)
			}
			if failed := test.run != nil && err != nil; failed != strings.Contains(lines.String(), "a scheduled run") {
				t.Errorf("log: %s", lines)
			}
		})
	}
}

func TestUnknownEvents(t *testing.T) {
	host := &Host{Log: testLogger(t), Handler: http.HandlerFunc(ok)}
	for _, event := range []string{
		``, `[]`, `{}`, `"text"`,
		`{"version":"1.0","httpMethod":"GET","path":"/"}`,
		`{"version":"2.0"}`,
		`{"version":"0","detail-type":"EC2 Instance Launch Successful"}`,
		`{"Records":[]}`,
		`{"Records":[{"eventSource":"aws:sqs"}]}`,
	} {
		if _, err := host.Invoke(t.Context(), []byte(event)); err == nil {
			t.Errorf("%s was answered", event)
		}
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
