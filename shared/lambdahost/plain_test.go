package lambdahost

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
)

// seen is what a handler finds in its request.
type seen struct {
	Method, Path, RawQuery, RequestURI, Host, IP, Body string
	ContentLength                                      int64
	Header                                             http.Header
	Cookies                                            []*http.Cookie
}

// got is what a client finds in its answer. Date and Content-Length are left out: with Lambda they are the gateway's to state.
type got struct {
	Status int
	Header http.Header
	Body   string
}

// samePlain sends req to handler by plain net/http, then sends the same request as the event the gateway would make of it, and
// expects that the handler and the client notice no difference. It gives what they noticed.
func samePlain(t *testing.T, req *http.Request, handler http.HandlerFunc) (seen, got) {
	t.Helper()
	var event []byte
	var plainSeen, lambdaSeen seen
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := look(&plainSeen, r)
		event = gatewayEvent(t, r, body)
		handler(w, r)
	}))
	defer srv.Close()
	plainGot := send(t, srv, req)

	host := &Host{Log: testLogger(t), Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		look(&lambdaSeen, r)
		handler(w, r)
	})}
	lambdaGot := invoke(t, host, event)

	if !reflect.DeepEqual(plainSeen, lambdaSeen) {
		t.Errorf("the handler sees\n%+v\nand with net/http\n%+v", lambdaSeen, plainSeen)
	}
	if !reflect.DeepEqual(plainGot, lambdaGot) {
		t.Errorf("the client gets\n%+v\nand with net/http\n%+v", lambdaGot, plainGot)
	}
	return lambdaSeen, lambdaGot
}

// look notes down a request and gives its body, which it leaves to be read again.
func look(s *seen, r *http.Request) []byte {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	header := r.Header.Clone()
	for name, values := range header {
		header[name] = []string{strings.Join(values, ",")} // repeated lines come joined, and mean the same
	}
	header.Del(requestIDHeader)
	if header.Get("Cookie") != "" {
		header.Set("Cookie", strings.Join(r.Header.Values("Cookie"), "; "))
	}
	ip, _, _ := net.SplitHostPort(r.RemoteAddr)
	*s = seen{r.Method, r.URL.Path, r.URL.RawQuery, r.RequestURI, r.Host, ip, string(body), r.ContentLength, header, r.Cookies()}
	return body
}

// gatewayEvent describes a request as API Gateway does.
func gatewayEvent(t *testing.T, r *http.Request, body []byte) []byte {
	t.Helper()
	e := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RouteKey: "$default", RawPath: r.URL.Path, RawQueryString: r.URL.RawQuery,
		Headers: map[string]string{"host": r.Host}, Body: string(body), Cookies: r.Header.Values("Cookie"),
	}
	for name, values := range r.Header {
		if name != "Cookie" {
			e.Headers[strings.ToLower(name)] = strings.Join(values, ",")
		}
	}
	if e.IsBase64Encoded = !utf8.Valid(body); e.IsBase64Encoded {
		e.Body = base64.StdEncoding.EncodeToString(body)
	}
	ip, _, _ := net.SplitHostPort(r.RemoteAddr)
	e.RequestContext = events.APIGatewayV2HTTPRequestContext{
		DomainName: "dagtilbud.example", Stage: "$default", RequestID: "gateway-id", TimeEpoch: 1,
		HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{Method: r.Method, Path: r.URL.Path, Protocol: r.Proto, SourceIP: ip},
	}
	payload, err := json.Marshal(e)
	if err != nil {
		t.Error(err)
	}
	return payload
}

func newTestRequest(method, target, body string) *http.Request {
	req := httptest.NewRequest(method, target, nil)
	if body != "" {
		req = httptest.NewRequest(method, target, strings.NewReader(body))
	}
	req.Host = "dagtilbud.example"
	req.Header.Set("User-Agent", "test")
	return req
}

func send(t *testing.T, srv *httptest.Server, req *http.Request) got {
	t.Helper()
	req.RequestURI = "" // a client must not set it
	req.URL.Scheme, req.URL.Host = "http", srv.Listener.Addr().String()
	resp, err := (&http.Transport{DisableCompression: true, DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return newGot(req.Method, resp.StatusCode, resp.Header, string(body))
}

// newGot leaves a HEAD answer its length: no body is there to tell it.
func newGot(method string, status int, header http.Header, body string) got {
	header = maps.Clone(header)
	header.Del("Date")
	if method != http.MethodHead {
		header.Del("Content-Length")
	}
	for name, values := range header {
		if name != "Set-Cookie" {
			header[name] = []string{strings.Join(values, ", ")}
		}
	}
	return got{status, header, body}
}

// invoke gives an answer as the gateway passes it on.
func invoke(t *testing.T, host *Host, event []byte) got {
	t.Helper()
	raw, err := host.Invoke(t.Context(), event)
	if err != nil {
		t.Fatal(err)
	}
	var a events.APIGatewayV2HTTPResponse
	if err := json.Unmarshal(raw, &a); err != nil {
		t.Fatal(err)
	}
	header := http.Header{}
	for name, value := range a.Headers {
		header.Set(name, value)
	}
	if len(a.Cookies) > 0 {
		header["Set-Cookie"] = slices.Clone(a.Cookies)
	}
	body := []byte(a.Body)
	if a.IsBase64Encoded {
		if body, err = base64.StdEncoding.DecodeString(a.Body); err != nil {
			t.Fatal(err)
		}
	}
	var e events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal(event, &e); err != nil {
		t.Fatal(err)
	}
	return newGot(e.RequestContext.HTTP.Method, a.StatusCode, header, string(body))
}

// testLogger logs into t.
func testLogger(t *testing.T) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), nil))
}

// recording is a logger that keeps what it is told.
func recording() (*slog.Logger, *bytes.Buffer) {
	var buf bytes.Buffer
	return slog.New(slog.NewJSONHandler(&buf, nil)), &buf
}

func ok(http.ResponseWriter, *http.Request) {}
