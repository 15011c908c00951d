package httpcall

import (
	"crypto/rand"
	"net"
	"net/http"
	"strings"
)

// Header gives a header that lists things, of which the request may have several lines.
func (c *Call) Header(name string) string { return strings.Join(c.R.Header.Values(name), ",") }

// address is where a call comes from. What the caller says of itself in headers counts for nothing.
func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// traceparent takes a W3C trace context as it came, unless it cannot be one.
func traceparent(r *http.Request) string {
	value := r.Header.Get("Traceparent")
	if len(value) > 64 || strings.Trim(value, "0123456789abcdef-") != "" {
		return ""
	}
	return value
}

// requestID takes the caller's own id where it is a harmless word, and makes one otherwise.
func requestID(r *http.Request) string {
	id := r.Header.Get("X-Request-Id")
	harmless := func(c rune) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-_.=+/", c)
	}
	if id == "" || len(id) > 64 || strings.TrimFunc(id, harmless) != "" {
		return rand.Text()
	}
	return id
}
