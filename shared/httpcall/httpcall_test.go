package httpcall_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/httpcall"
	"dagtilbudsregisteret.dk/shared/register"
)

func TestRequestID(t *testing.T) {
	o := newOffice(t, 0)
	for id, taken := range map[string]bool{
		"req-1": true, "aB.9_=+/-": true, strings.Repeat("x", 64): true,
		"": false, strings.Repeat("x", 65): false, "a b": false, "a\"b": false, "ø": false, "a\tb": false, "<script>": false,
	} {
		var inside string
		got := o.ask("/", func(c *httpcall.Call) error { inside = c.RequestID; return nil }, "X-Request-Id: "+id).Header().Get("X-Request-Id")
		if (got == id) != taken || len(got) == 0 || len(got) > 64 || inside != got {
			t.Errorf("asked with %q, answered with %q, inside %q", id, got, inside)
		}
		if logged := o.line()["requestId"]; logged != got {
			t.Errorf("%q is logged as %v", got, logged)
		}
	}
	if a, b := o.ask("/", nothing), o.ask("/", nothing); a.Header().Get("X-Request-Id") == b.Header().Get("X-Request-Id") {
		t.Error("two requests have one id")
	}
}

func TestLanguage(t *testing.T) {
	o := newOffice(t, 0)
	text := register.Text{Da: "da", En: "en"}
	answer := func(c *httpcall.Call) error {
		_, err := c.W.Write([]byte(string(c.Language) + c.Language.Of(text)))
		return err
	}
	for accept, want := range map[string]string{
		"": "da", "da": "da", "en": "en", "en-GB, en;q=0.9": "en", "da, en": "da", "da;q=0.5, en;q=0.8": "en", "en;q=0.3, da;q=0.8": "da",
		"de": "da", "*": "da", "de, en;q=0.5, *;q=0.1": "en", "en;q=0": "da", "EN-us": "en", "da-DK;q=0.7, en;q=0.7": "da", "en;q=x": "en", ";;,": "da",
	} {
		if got := o.ask("/", answer, "Accept-Language: "+accept).Body.String(); got != want+want {
			t.Errorf("%q: %s", accept, got)
		}
	}
	w := o.ask("/", answer, "Accept-Language: da;q=0.1", "Accept-Language: en")
	if got := w.Body.String(); got != "enen" || w.Header().Get("Vary") != "Accept-Language, Accept-Encoding" {
		t.Errorf("of two lines: %s, %v", got, w.Header())
	}
}

func TestVersion(t *testing.T) {
	o := newOffice(t, 0)
	for _, c := range []struct {
		prefix, path string
		want         register.ServiceVersion
	}{
		{"", "/v1/import", register.V1}, {"", "/v2/import", register.V2}, {"", "/health", register.V2}, {"", "/haendelser/v1/unit.json", register.V2},
		{"", "/v1", register.V2}, {"", "/v11/import", register.V2}, {"", "/soap/v1/ImportService", register.V2},
		{"/soap", "/soap/v1/ImportService", register.V1}, {"/soap", "/soap/v2/ImportService", register.V2}, {"/soap", "/v1/import", register.V2},
	} {
		var got register.ServiceVersion
		desk := httpcall.New(o.Services, c.prefix)
		o.send(desk.Frame(func(c *httpcall.Call) error { got = c.Version; return nil }, teapot), c.path)
		if got != c.want {
			t.Errorf("%s below %q is of %s, want %s", c.path, c.prefix, got, c.want)
		}
	}
}

// TestErrors has a handler fail with every kind of error there is, after it has said things of an answer that does not come.
func TestErrors(t *testing.T) {
	o := newOffice(t, 0)
	for _, kind := range register.Kinds() {
		w := o.ask("/", func(c *httpcall.Call) error {
			for _, name := range []string{"Content-Disposition", "Content-Encoding", "ETag", "Content-Language"} {
				c.W.Header().Set(name, "x")
			}
			return &register.Error{Kind: kind, Cause: errors.New("the disk is gone")}
		})
		if w.Code != http.StatusTeapot || w.Body.String() != kind.String() {
			t.Errorf("%s was answered %d %s", kind, w.Code, w.Body)
		}
		for name, want := range map[string]bool{
			"Content-Disposition": false, "Content-Encoding": false, "ETag": false, "Content-Language": true, "X-Request-Id": true,
			"Retry-After": kind == register.Unavailable, "WWW-Authenticate": kind == register.Unauthenticated,
		} {
			if got := w.Header().Get(name); (got != "") != want {
				t.Errorf("%s: %s is %q", kind, name, got)
			}
		}
		if line := o.line(); !strings.Contains(line["error"].(string), "the disk is gone") || line["status"] != 418.0 {
			t.Errorf("%s is logged as %v", kind, line)
		}
	}
}

func TestPanic(t *testing.T) {
	o := newOffice(t, 0)
	w := o.ask("/", func(*httpcall.Call) error { panic("a secret in the stack") })
	if w.Code != http.StatusTeapot || w.Body.String() != register.Internal.String() {
		t.Errorf("answered %d %s", w.Code, w.Body)
	}
	for _, logged := range []string{"a secret in the stack", "httpcall_test.go"} {
		if !strings.Contains(o.log.String(), logged) {
			t.Errorf("the log does not tell %q:\n%s", logged, o.log)
		}
	}
}

// TestAnswerUnderWay fails when some of the answer has been given: the caller of a real server sees it break off.
func TestAnswerUnderWay(t *testing.T) {
	o := newOffice(t, 0)
	failed := errors.New("the disk is gone")
	for name, end := range map[string]func() error{
		"error": func() error { return failed }, "panic": func() error { panic(failed) },
	} {
		server := httptest.NewServer(httpcall.New(o.Services, "").Frame(func(c *httpcall.Call) error {
			c.W.Write([]byte("some"))
			http.NewResponseController(c.W).Flush()
			return end()
		}, func(*httpcall.Call, error) { t.Errorf("%s: there is no other answer to give", name) }))
		answer, err := http.Get(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(answer.Body); string(body) != "some" || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: the answer is %q, and ends with %v", name, body, err)
		}
		answer.Body.Close()
		server.Close() // when all has been logged
		if line := o.line(); line["msg"] != "failure" || line["requestId"] != answer.Header.Get("X-Request-Id") ||
			!strings.Contains(line["error"].(string), "the disk is gone") {
			t.Errorf("%s is logged as %v", name, line)
		}
	}
}

// TestCallerGone has the callers of a real server go away while they wait, and while they are answered: that is logged, and as no failure.
// A failure is one all the same when the caller has gone too, and so is what was broken off by somebody else.
func TestCallerGone(t *testing.T) {
	o := newOffice(t, 0)
	store := func(cause error) error {
		return &register.Error{Kind: register.Unavailable, Cause: fmt.Errorf("boltstore: %w", cause)}
	}
	for name, c := range map[string]struct {
		handle func(*httpcall.Call) error
		want   map[string]any
	}{
		"waiting": {func(c *httpcall.Call) error { <-c.R.Context().Done(); return store(c.R.Context().Err()) },
			map[string]any{"msg": "request", "level": "INFO", "status": 499.0, "route": "GET /here", "error": "unavailable: boltstore: context canceled"}},
		"answered": {func(c *httpcall.Call) error {
			for {
				if _, err := c.W.Write(make([]byte, 1<<20)); err != nil {
					return fmt.Errorf("export: %w", err)
				}
			}
		}, map[string]any{"msg": "request", "level": "INFO", "status": 499.0, "user": nil}},
		"the disk": {func(c *httpcall.Call) error { <-c.R.Context().Done(); return store(errors.New("the disk is gone")) },
			map[string]any{"msg": "request", "level": "ERROR", "status": 503.0}},
		"too slow": {func(c *httpcall.Call) error { <-c.R.Context().Done(); return store(context.DeadlineExceeded) },
			map[string]any{"msg": "request", "level": "ERROR", "status": 503.0}},
	} {
		began := make(chan struct{})
		server := httptest.NewServer(o.serving(func(call *httpcall.Call) error { close(began); return c.handle(call) }))
		leave(t, server.URL, began)
		server.Close() // when all has been logged
		line := o.line()
		for member, want := range c.want {
			if line[member] != want {
				t.Errorf("%s: %s is %v, want %v", name, member, line[member], want)
			}
		}
	}
	began := make(chan struct{})
	server := httptest.NewServer(o.serving(func(c *httpcall.Call) error {
		close(began)
		<-c.R.Context().Done()
		c.LogFailure(store(c.R.Context().Err()))
		return nil
	}))
	leave(t, server.URL, began)
	server.Close()
	if logged := o.log.String(); strings.Contains(logged, "ERROR") || !strings.Contains(logged, `"msg":"failure"`) {
		t.Errorf("amid a call that goes on: %s", logged)
	}
	o.log.Reset()
	o.send(o.serving(func(*httpcall.Call) error { return store(context.Canceled) }), "/here")
	if line := o.line(); line["level"] != "ERROR" || line["status"] != 503.0 {
		t.Errorf("who is there all the time gets %v", line)
	}
}

// serving has a handler answer GET /here, and its errors with 503.
func (o *office) serving(handle func(*httpcall.Call) error) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /here", httpcall.New(o.Services, "").Frame(handle, func(c *httpcall.Call, _ error) { c.W.WriteHeader(503) }))
	return mux
}

// leave makes a call, reads nothing, and hangs up once that has begun.
func leave(t *testing.T, url string, began <-chan struct{}) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write([]byte("GET /here HTTP/1.1\r\nHost: here\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	<-began
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestLogLine reads the one line that each call leaves.
func TestLogLine(t *testing.T) {
	o := newOffice(t, 0)
	refused := errors.New("refused")
	for name, c := range map[string]struct {
		handle func(*httpcall.Call) error
		want   map[string]any
	}{
		"nothing": {nothing, map[string]any{"level": "INFO", "route": "GET /here/{what}", "status": 200.0, "bytes": 0.0, "error": nil, "user": nil}},
		"bytes": {func(c *httpcall.Call) error { _, err := c.W.Write([]byte("four")); return err },
			map[string]any{"level": "INFO", "status": 200.0, "bytes": 4.0}},
		"closed": {func(*httpcall.Call) error { return &register.Error{Kind: register.Gone} },
			map[string]any{"ClosedVersionCalls": 1.0, "ClientErrors": 1.0}},
		"named": {func(c *httpcall.Call) error { c.Handling = "ImportService.HelloWorld"; return nil },
			map[string]any{"route": "ImportService.HelloWorld"}},
		"admitted": {func(c *httpcall.Call) error { return c.Admit(access.Indlogning, "ImportService.Who", "") },
			map[string]any{"route": "ImportService.Who", "user": "egern", "status": 200.0}},
		"error": {func(*httpcall.Call) error { return refused }, map[string]any{"level": "INFO", "status": 418.0, "error": "refused", "ServerErrors": 0.0, "ClientErrors": 1.0}},
		"ours":  {func(c *httpcall.Call) error { c.W.WriteHeader(500); return nil }, map[string]any{"level": "ERROR", "status": 500.0, "ServerErrors": 1.0, "ClientErrors": 0.0}},
		"theirs": {func(c *httpcall.Call) error { c.TheirFault = true; c.W.WriteHeader(500); return nil },
			map[string]any{"level": "INFO", "status": 500.0, "ServerErrors": 0.0, "ClientErrors": 1.0}},
		"slow": {func(*httpcall.Call) error { o.now = o.now.Add(1250 * time.Microsecond); return nil },
			map[string]any{"took": 1250000.0, "Latency": 1.25, "Requests": 1.0, "ServerErrors": 0.0, "ClientErrors": 0.0, "ClosedVersionCalls": 0.0}},
	} {
		mux := http.NewServeMux()
		mux.Handle("GET /here/{what}", httpcall.New(o.Services, "").Frame(c.handle, teapot))
		o.send(mux, "/here/now", "Authorization: "+basic("egern", o.secret))
		line := o.line()
		for member, want := range c.want {
			if line[member] != want {
				t.Errorf("%s: %s is %v, want %v", name, member, line[member], want)
			}
		}
		if line["msg"] != "request" || line["method"] != "GET" || line["address"] != "192.0.2.1" || line["Requests"] != 1.0 || line["Function"] != "import" {
			t.Errorf("%s: %v", name, line)
		}
	}
}
