package lambdahost

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// The library splits these at their commas.
func TestHeadersAreNotSplit(t *testing.T) {
	req := newTestRequest("GET", "/", "")
	req.Header.Set("If-None-Match", `"1,5", "2"`)
	req.Header.Set("Accept", "text/csv;q=0.9, application/json;q=0.5")
	req.Header.Set("Accept-Language", "da, en;q=0.7")
	req.Header.Set("Prefer", "handling=strict, respond-async")
	s, _ := samePlain(t, req, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Header.Get("If-None-Match")) })
	if got := s.Header.Get("If-None-Match"); got != `"1,5", "2"` {
		t.Errorf("If-None-Match: %s", got)
	}
}

// The library fails on the first two and takes the rest for something else.
func TestPathsArriveDecodedOnce(t *testing.T) {
	for target, want := range map[string]string{
		"/navn/100%25":        "/navn/100%",
		"/navn/%25zz":         "/navn/%zz",
		"/navn/a%3Fb":         "/navn/a?b",
		"/navn/a%252Fb?x=%2F": "/navn/a%2Fb",
		"/navn/a%2520b":       "/navn/a%20b",
		"/navn/S%C3%B8%20%23": "/navn/Sø #",
		"//navn//":            "//navn//",
		"/":                   "/",
	} {
		if s, _ := samePlain(t, newTestRequest("GET", target, ""), ok); s.Path != want {
			t.Errorf("%s: path %q, want %q", target, s.Path, want)
		}
	}
}

// The gateway decodes a slash too; what is left to agree on is the path.
func TestEncodedSlashIsASlash(t *testing.T) {
	event := []byte(`{"version":"2.0","rawPath":"/navn/a/b","requestContext":{"http":{"method":"GET"}}}`)
	var path string
	host := &Host{Log: testLogger(t), Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { path = r.URL.Path })}
	invoke(t, host, event)
	if plain := newTestRequest("GET", "/navn/a%2Fb", "").URL.Path; path != plain {
		t.Errorf("path %q, with net/http %q", path, plain)
	}
}

func TestQueriesArriveAsSent(t *testing.T) {
	for _, query := range []string{"navn=a%26b&navn=c,d", "navn=100%", "wsdl", "a=%zz;b", "q=S%C3%B8+1"} {
		samePlain(t, newTestRequest("GET", "/v2/dagtilbud?"+query, ""), func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, r.URL.Query().Encode())
		})
	}
}

func TestBodiesArriveAsSent(t *testing.T) {
	for _, body := range []string{"", `{"navn":"Søhøjen"}`, "\x00\xff\x1f\x8b", "latin 1: \xe6"} {
		if s, _ := samePlain(t, newTestRequest("POST", "/", body), ok); s.Body != body || s.ContentLength != int64(len(body)) {
			t.Errorf("body %q of length %d, want %q", s.Body, s.ContentLength, body)
		}
	}
}

func TestCookiesArriveOnce(t *testing.T) {
	req := newTestRequest("GET", "/", "")
	req.Header.Set("Cookie", "a=1; b=2")
	if s, _ := samePlain(t, req, ok); len(s.Cookies) != 2 {
		t.Errorf("cookies %v", s.Cookies)
	}
	// Some front ends send them in both places.
	event := []byte(`{"version":"2.0","cookies":["a=1","b=2"],"headers":{"cookie":"a=1; b=2"},"requestContext":{"http":{"method":"GET"}}}`)
	host := &Host{Log: testLogger(t), Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if got := r.Header.Values("Cookie"); len(got) != 1 || got[0] != "a=1; b=2" {
			t.Errorf("Cookie: %q", got)
		}
	})}
	invoke(t, host, event)
}

func TestMethodsAndHost(t *testing.T) {
	for _, method := range []string{"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "get"} {
		req := newTestRequest(method, "/", "")
		req.Host = "andet.example:8443"
		if s, _ := samePlain(t, req, ok); s.Host != req.Host || s.Header.Get("Host") != "" {
			t.Errorf("host %q, header %q", s.Host, s.Header.Get("Host"))
		}
	}
}

func TestRemoteAddrHasAPort(t *testing.T) {
	for _, ip := range []string{"192.0.2.1", "2001:db8::1"} {
		event, _ := json.Marshal(map[string]any{"version": "2.0",
			"requestContext": map[string]any{"http": map[string]any{"method": "GET", "sourceIp": ip}}})
		host := &Host{Log: testLogger(t), Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if got, _, err := net.SplitHostPort(r.RemoteAddr); got != ip || err != nil {
				t.Errorf("%s: IP %q, error %v", r.RemoteAddr, got, err)
			}
		})}
		invoke(t, host, event)
	}
}

func TestRequestID(t *testing.T) {
	for sent, want := range map[string]string{"": "gateway-id", "client-id": "client-id"} {
		req := newTestRequest("GET", "/", "")
		if sent != "" {
			req.Header.Set("X-Request-Id", sent)
		}
		host := &Host{Log: testLogger(t), Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if got := r.Header.Get("X-Request-Id"); got != want {
				t.Errorf("request id %q, want %q", got, want)
			}
		})}
		invoke(t, host, gatewayEvent(t, req, nil))
	}
}

func TestContextReachesTheHandler(t *testing.T) {
	deadline := time.Now().Add(time.Hour)
	ctx, cancel := context.WithDeadline(lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "lambda-id"}), deadline)
	defer cancel()
	host := &Host{Log: testLogger(t), Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if got, ok := r.Context().Deadline(); !ok || !got.Equal(deadline.Add(-lastWords)) {
			t.Errorf("deadline %v", got)
		}
		if lc, ok := lambdacontext.FromContext(r.Context()); !ok || lc.AwsRequestID != "lambda-id" {
			t.Errorf("Lambda context %+v", lc)
		}
	})}
	if _, err := host.Invoke(ctx, gatewayEvent(t, newTestRequest("GET", "/", ""), nil)); err != nil {
		t.Error(err)
	}
}

// The library prints what it cannot read.
func TestNothingIsPrinted(t *testing.T) {
	printed := capture(t)
	host := &Host{Log: testLogger(t), Handler: http.HandlerFunc(ok)}
	const http = `"requestContext":{"http":{"method":"GET"}}}`
	if _, err := host.Invoke(t.Context(), []byte(`{"version":"2.0","rawPath":"/100%",`+http)); err != nil {
		t.Error(err)
	}
	if _, err := host.Invoke(t.Context(), []byte(`{"version":"2.0","isBase64Encoded":true,"body":"%",`+http)); err == nil {
		t.Error("a body that is no base64 was accepted")
	}
	if got := printed(); got != "" {
		t.Errorf("printed %q", got)
	}
}

// capture collects what is printed to standard output and by package log, until the function it gives is called.
func capture(t *testing.T) func() string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout := os.Stdout
	var logged bytes.Buffer
	os.Stdout = w
	log.SetOutput(&logged)
	return func() string {
		os.Stdout = stdout
		log.SetOutput(os.Stderr)
		w.Close()
		out, err := io.ReadAll(r)
		if err != nil {
			t.Error(err)
		}
		return string(out) + logged.String()
	}
}
