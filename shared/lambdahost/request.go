package lambdahost

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/awslabs/aws-lambda-go-api-proxy/core"
)

// newRequest makes of an event the request that net/http would have made of the client's bytes.
//
// The library maps the body and the gateway's context. The rest goes past it, from the event itself: it parses the path, which the
// gateway has decoded, as a URL, so that "%" fails and "?" begins a query; it splits headers at commas; and it prints what it then
// cannot read.
func newRequest(ctx context.Context, e *events.APIGatewayV2HTTPRequest) (*http.Request, error) {
	body := e.Body
	if e.IsBase64Encoded {
		decoded, err := base64.StdEncoding.DecodeString(body)
		if err != nil {
			return nil, fmt.Errorf("decode the event's body: %w", err)
		}
		body = string(decoded)
	}
	var mapping core.RequestAccessorV2
	r, err := mapping.EventToRequestWithContext(ctx, events.APIGatewayV2HTTPRequest{
		RawPath:        "/",
		Body:           body,
		RequestContext: e.RequestContext,
		StageVariables: e.StageVariables,
	})
	if err != nil {
		return nil, fmt.Errorf("map the event: %w", err)
	}
	r.Method = e.RequestContext.HTTP.Method
	r.URL = &url.URL{Path: cmp.Or(e.RawPath, "/"), RawQuery: e.RawQueryString}
	r.RequestURI = r.URL.RequestURI()
	r.RemoteAddr = net.JoinHostPort(e.RequestContext.HTTP.SourceIP, "0") // the gateway does not tell the port
	r.Header = newHeader(e)
	r.Host = cmp.Or(r.Header.Get("Host"), e.RequestContext.DomainName)
	r.Header.Del("Host") // as net/http does
	return r, nil
}

func newHeader(e *events.APIGatewayV2HTTPRequest) http.Header {
	h := make(http.Header, len(e.Headers)+2)
	for name, value := range e.Headers {
		h.Set(name, value)
	}
	if len(e.Cookies) > 0 {
		h.Set("Cookie", strings.Join(e.Cookies, "; "))
	}
	if h.Get(requestIDHeader) == "" {
		h.Set(requestIDHeader, e.RequestContext.RequestID)
	}
	return h
}
