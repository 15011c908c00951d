package gateway

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"dagtilbudsregisteret.dk/infra/runtimeapi"
)

// answers is a function that gives the same answer to everything, and keeps what it was asked.
type answers struct {
	text string
	err  error
	seen events.APIGatewayV2HTTPRequest
}

func (a *answers) Invoke(_ context.Context, event []byte) ([]byte, error) {
	a.seen = events.APIGatewayV2HTTPRequest{}
	return []byte(a.text), errors.Join(json.Unmarshal(event, &a.seen), a.err)
}

const fine = `{"statusCode":200,"headers":{"Content-Type":"text/plain"},"body":"ok"}`

// serve serves one function under some routes, and gives the address.
func serve(t *testing.T, f Function, routes ...string) (url string) {
	t.Helper()
	functions := make(map[string]Function)
	for _, key := range routes {
		functions[key] = f
	}
	g, err := New(functions)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(g)
	t.Cleanup(server.Close)
	return server.URL
}

// call makes a call, with header lines as names and values in turn, and gives the answer with its body.
func call(t *testing.T, method, url string, body io.Reader, header ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(text)
}

func TestRoutes(t *testing.T) {
	f := &answers{text: fine}
	routes := []string{
		"GET /health", "GET /v2/dagtilbud", "GET /v2/dagtilbud/{nummer}", "GET /v2/dagtilbud/{nummer}/historik", "POST /v2/dagtilbud/{nummer}/flyt",
		"GET /soap/v2/{fil}", "GET /soap/v2/ImportService", "ANY /soap/v2/ImportService", "GET /web/{rest+}", "GET /web/{side}/om",
	}
	url := serve(t, f, routes...)
	for request, want := range map[string]struct {
		key       string
		variables map[string]string
	}{
		"GET /health":                          {"GET /health", nil},
		"GET /v2/dagtilbud?navn=x":             {"GET /v2/dagtilbud", nil},
		"GET /v2/dagtilbud/G10000":             {"GET /v2/dagtilbud/{nummer}", map[string]string{"nummer": "G10000"}},
		"GET /v2/dagtilbud/%C3%86%2Fb":         {"GET /v2/dagtilbud/{nummer}", map[string]string{"nummer": "Æ/b"}},
		"GET /v2/dagtilbud/G10000/historik":    {"GET /v2/dagtilbud/{nummer}/historik", map[string]string{"nummer": "G10000"}},
		"GET /soap/v2/dagtilbud.xsd":           {"GET /soap/v2/{fil}", map[string]string{"fil": "dagtilbud.xsd"}},
		"GET /soap/v2/ImportService?wsdl":      {"GET /soap/v2/ImportService", nil},
		"POST /soap/v2/ImportService":          {"ANY /soap/v2/ImportService", nil},
		"GET /web/a/b":                         {"GET /web/{rest+}", map[string]string{"rest": "a/b"}},
		"GET /web/a/om":                        {"GET /web/{side}/om", map[string]string{"side": "a"}},
		"HEAD /health":                         {},
		"POST /health":                         {},
		"GET /":                                {},
		"GET /v2/dagtilbud/":                   {},
		"GET //v2/dagtilbud":                   {},
		"GET /v2/dagtilbud/G10000/historik/x":  {},
		"GET /web/":                            {},
		"POST /soap/v2/dagtilbud.xsd":          {},
		"OPTIONS /v2/dagtilbud":                {},
		"GET /v2/dagtilbud/%2e%2e/health?x=/a": {},
	} {
		method, path, _ := strings.Cut(request, " ")
		f.seen.RouteKey = ""
		response, body := call(t, method, url+path, nil)
		if want.key == "" {
			if f.seen.RouteKey != "" || response.StatusCode != 404 || method != "HEAD" && body != `{"message":"Not Found"}` {
				t.Errorf("%s: led to %q, and was answered %d %s", request, f.seen.RouteKey, response.StatusCode, body)
			}
			continue
		}
		if f.seen.RouteKey != want.key || f.seen.RequestContext.RouteKey != want.key || !maps.Equal(f.seen.PathParameters, want.variables) ||
			response.StatusCode != 200 || response.Header.Get("Apigw-Requestid") != f.seen.RequestContext.RequestID {
			t.Errorf("%s: led to %q with %v, and was answered %d %s", request, f.seen.RouteKey, f.seen.PathParameters, response.StatusCode, body)
		}
	}
	url = serve(t, f, "GET /health", "$default")
	if call(t, "PUT", url+"/anything", nil); f.seen.RouteKey != "$default" {
		t.Errorf("what no route takes led to %q", f.seen.RouteKey)
	}
	if _, err := New(map[string]Function{"GET": f, "/health": f}); err == nil || !strings.Contains(err.Error(), `"/health"`) {
		t.Errorf("what is no route: %v", err)
	}
}

func TestEvent(t *testing.T) {
	f := &answers{text: fine}
	url := serve(t, f, "POST /v2/{nummer}")
	call(t, "POST", url+"/v2/a%20b?x=1&y=%2F&x=2&tom", strings.NewReader("æ"), "Content-Type", "text/plain", "Accept", "text/csv", "Accept", "text/xml",
		"Cookie", "a=1; b=2", "X-Forwarded-For", "203.0.113.9", "X-Forwarded-Proto", "https", "User-Agent", "prøve")
	e := f.seen
	h := e.Headers
	host := strings.TrimPrefix(url, "http://")
	trace := regexp.MustCompile(`^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$`)
	if e.Version != "2.0" || e.RawPath != "/v2/a b" || e.RawQueryString != "x=1&y=%2F&x=2&tom" || h["host"] != host || h["accept"] != "text/csv,text/xml" ||
		h["x-forwarded-for"] != "203.0.113.9,127.0.0.1" || h["x-forwarded-proto"] != "http" || "127.0.0.1:"+h["x-forwarded-port"] != host ||
		h["content-length"] != "2" || !trace.MatchString(h["x-amzn-trace-id"]) || strings.Join(e.Cookies, "|") != "a=1|b=2" || h["cookie"] != "" {
		t.Errorf("%+v", e)
	}
	if want := map[string]string{"x": "1,2", "y": "/", "tom": ""}; !maps.Equal(e.QueryStringParameters, want) {
		t.Errorf("parameters %v", e.QueryStringParameters)
	}
	c := e.RequestContext
	if c.HTTP.Method != "POST" || c.HTTP.SourceIP != "127.0.0.1" || c.HTTP.UserAgent != "prøve" || c.Stage != "$default" || c.DomainName != "127.0.0.1" ||
		c.TimeEpoch == 0 || c.RequestID == "" {
		t.Errorf("%+v", c)
	}
}

func TestBodies(t *testing.T) {
	f := &answers{text: fine}
	url := serve(t, f, "$default")
	for _, b := range []struct {
		contentType, body string
		encoded           bool
	}{
		{"application/json", `{"navn":"Søhøjen"}`, false},
		{"application/problem+json; charset=utf-8", "{}", false},
		{"text/xml; charset=utf-8", "<navn>Søhøjen</navn>", false},
		{"application/soap+xml", "<navn/>", false},
		{"application/x-ndjson", "{}\n", true},
		{"application/octet-stream", "\x00\xff", true},
		{"text/plain", "latin 1: \xe6", true},
		{"", "{}", true},
		{"application/json", "", false},
	} {
		header := []string{"Content-Type", b.contentType}
		if b.contentType == "" {
			header = nil
		}
		call(t, "POST", url, strings.NewReader(b.body), header...)
		got := f.seen.Body
		if f.seen.IsBase64Encoded {
			text, err := base64.StdEncoding.DecodeString(got)
			if err != nil {
				t.Error(err)
			}
			got = string(text)
		}
		if got != b.body || f.seen.IsBase64Encoded != b.encoded {
			t.Errorf("%s %q comes as %q, in base64: %v", b.contentType, b.body, f.seen.Body, f.seen.IsBase64Encoded)
		}
	}
}

func TestAnswers(t *testing.T) {
	for text, want := range map[string]struct {
		status int
		body   string
	}{
		fine: {200, "ok"},
		`{"statusCode":201,"body":"w6Y=","isBase64Encoded":true}`:               {201, "æ"},
		`{"statusCode":304,"headers":{"Etag":"\"1\""},"cookies":["a=1","b=2"]}`: {304, ""},
		`{"statusCode":99}`: {500, `{"message":"Internal Server Error"}`},
		`{"statusCode":200,"body":"-","isBase64Encoded":true}`: {500, `{"message":"Internal Server Error"}`},
		`"text"`: {500, `{"message":"Internal Server Error"}`},
	} {
		response, body := call(t, "GET", serve(t, &answers{text: text}, "$default"), nil)
		if response.StatusCode != want.status || body != want.body || response.Header.Get("Apigw-Requestid") == "" {
			t.Errorf("%s: %d %s", text, response.StatusCode, body)
		}
		if cookies := response.Header.Values("Set-Cookie"); want.status == 304 && (len(cookies) != 2 || response.Header.Get("ETag") != `"1"`) {
			t.Errorf("%v", response.Header)
		}
	}
}

// waits is a function that takes longer than anybody waits.
type waits struct{}

func (waits) Invoke(ctx context.Context, _ []byte) ([]byte, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// TestLimits holds what goes wrong to the gateway's own answers.
func TestLimits(t *testing.T) {
	failing := func(err error) Function { return &answers{text: fine, err: err} }
	large := strings.Repeat("x", maxBody)
	for name, c := range map[string]struct {
		function Function
		body     string
		status   int
	}{
		"as large as may be":      {failing(nil), large, 200},
		"too large":               {failing(nil), large + "x", 413},
		"too large for Lambda":    {failing(runtimeapi.ErrTooLarge), "", 413},
		"a function that fails":   {failing(&runtimeapi.Error{Type: "Sandbox.Timedout"}), "", 500},
		"a function that is slow": {waits{}, "", 503},
	} {
		g, err := New(map[string]Function{"$default": c.function})
		if err != nil {
			t.Fatal(err)
		}
		g.timeout = time.Minute
		if c.status == 503 {
			g.timeout = 10 * time.Millisecond
		}
		server := httptest.NewServer(g)
		response, body := call(t, "POST", server.URL, strings.NewReader(c.body))
		if want := `{"message":"` + http.StatusText(c.status) + `"}`; response.StatusCode != c.status || c.status != 200 && body != want {
			t.Errorf("%s: %d %s", name, response.StatusCode, body)
		}
		server.Close()
	}
}
