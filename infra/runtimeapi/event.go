package runtimeapi

import (
	"crypto/rand"
	"encoding/base64"
	"mime"
	"net"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
)

const (
	route = "$default"
	stage = "$default"
)

// newEvent describes a request as the gateway does: the path decoded, repeated values joined by commas, cookies apart.
func newEvent(r *http.Request, body []byte) *events.APIGatewayV2HTTPRequest {
	e := &events.APIGatewayV2HTTPRequest{
		Version:               "2.0",
		RouteKey:              route,
		RawPath:               r.URL.Path,
		RawQueryString:        r.URL.RawQuery,
		Headers:               map[string]string{"host": r.Host},
		QueryStringParameters: map[string]string{},
		RequestContext:        newRequestContext(r),
		Body:                  string(body),
	}
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
	if len(body) > 0 && !isText(r.Header.Get("Content-Type"), body) {
		e.Body, e.IsBase64Encoded = base64.StdEncoding.EncodeToString(body), true
	}
	return e
}

func newRequestContext(r *http.Request) events.APIGatewayV2HTTPRequestContext {
	now := time.Now().UTC()
	domain, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		domain = r.Host // without a port
	}
	prefix, _, _ := strings.Cut(domain, ".")
	source, _, _ := net.SplitHostPort(r.RemoteAddr) // net/http always gives a port
	return events.APIGatewayV2HTTPRequestContext{
		RouteKey:     route,
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
