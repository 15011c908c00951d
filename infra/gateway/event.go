package gateway

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"mime"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
)

const stage = "$default"

// event is a request as the function is told it.
type event struct{ events.APIGatewayV2HTTPRequest }

// newEvent describes a request that fits a route as the gateway does: the path decoded, repeated values joined by commas, cookies apart.
// The body is still missing.
func newEvent(r *http.Request, m matched) *event {
	e := &event{events.APIGatewayV2HTTPRequest{
		Version:               "2.0",
		RouteKey:              m.key,
		RawPath:               r.URL.Path,
		RawQueryString:        r.URL.RawQuery,
		Headers:               map[string]string{"host": r.Host},
		QueryStringParameters: map[string]string{},
		PathParameters:        m.parameters,
		RequestContext:        newRequestContext(r, m.key),
	}}
	for name, values := range r.Header {
		e.Headers[strings.ToLower(name)] = strings.Join(values, ",")
	}
	delete(e.Headers, "cookie")
	for _, line := range r.Header.Values("Cookie") {
		e.Cookies = append(e.Cookies, strings.Split(line, "; ")...)
	}
	for name, values := range r.URL.Query() {
		e.QueryStringParameters[name] = strings.Join(values, ",")
	}
	e.addOwnHeaders(r)
	return e
}

// addOwnHeaders adds what the gateway itself says of the caller. What callers say of that goes, except where they came from, which stands
// before what the gateway knows.
func (e *event) addOwnHeaders(r *http.Request) {
	source := e.RequestContext.HTTP.SourceIP
	if said := e.Headers["x-forwarded-for"]; said != "" {
		source = said + "," + source
	}
	e.Headers["x-forwarded-for"] = source
	e.Headers["x-forwarded-proto"] = "http"
	e.Headers["x-forwarded-port"] = "80"
	if _, port, err := net.SplitHostPort(r.Host); err == nil {
		e.Headers["x-forwarded-port"] = port
	}
	e.Headers["x-amzn-trace-id"] = fmt.Sprintf("Root=1-%08x-%s", e.RequestContext.TimeEpoch/1000, hex.EncodeToString([]byte(rand.Text()[:12])))
}

// setBody adds the body, in base64 where it is not text.
func (e *event) setBody(body []byte, contentType string) {
	if len(body) == 0 {
		return
	}
	e.Headers["content-length"] = strconv.Itoa(len(body))
	e.Body = string(body)
	if !isText(contentType, body) {
		e.Body, e.IsBase64Encoded = base64.StdEncoding.EncodeToString(body), true
	}
}

func newRequestContext(r *http.Request, key string) events.APIGatewayV2HTTPRequestContext {
	now := time.Now().UTC()
	domain, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		domain = r.Host // without a port
	}
	prefix, _, _ := strings.Cut(domain, ".")
	source, _, _ := net.SplitHostPort(r.RemoteAddr) // net/http always gives a port
	return events.APIGatewayV2HTTPRequestContext{
		RouteKey:     key,
		AccountID:    "000000000000",
		Stage:        stage,
		RequestID:    rand.Text(),
		APIID:        "local",
		DomainName:   domain,
		DomainPrefix: prefix,
		Time:         now.Format("02/Jan/2006:15:04:05 -0700"),
		TimeEpoch:    now.UnixMilli(),
		HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{
			Method:    r.Method,
			Path:      r.URL.Path,
			Protocol:  r.Proto,
			SourceIP:  source,
			UserAgent: r.UserAgent(),
		},
	}
}

// isText tells whether a body of this content type travels as text. One that is no UTF-8 could not, whatever its type.
func isText(contentType string, body []byte) bool {
	if !utf8.Valid(body) {
		return false
	}
	mediaType, _, _ := mime.ParseMediaType(contentType)
	switch mediaType {
	case "application/json", "application/xml", "application/javascript":
		return true
	}
	return strings.HasPrefix(mediaType, "text/") || strings.HasSuffix(mediaType, "+json") || strings.HasSuffix(mediaType, "+xml")
}
