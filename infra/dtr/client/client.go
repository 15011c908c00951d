// Package client calls the register's REST services, version 2, from a program: import lines, numbers, look-ups, whole files, who may do
// what, and who is told of what.
//
// Reads, dry runs, loading rows as they stand, and reservations under a key may be made again. So such a call whose answer was lost, or
// that the register could not take just then, is made again a bounded number of times, with growing pauses. Acts on system users and
// subscriptions may not: each would be one more secret, grant or replay. They are made again only where the register turned them away
// unread.
//
// An answer that is not what the register promises is an error, never a value with something missing.
package client

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Client calls one register. Any number of goroutines may use it.
type Client struct {
	HTTP     *http.Client
	Language string // of the register's texts: "da" or "en"
	Attempts int    // how often a call is made before it has failed

	// Pause waits between two attempts, or until the context ends.
	Pause func(ctx context.Context, d time.Duration) error

	// Retrying is told why a call is made again, and after which pause, by each goroutine for itself.
	Retrying func(err error, pause time.Duration)

	base          *url.URL
	authorization string // the header of the login; empty for none
}

// MostAtOnce is how many calls a program should have under way at a time; their connections are kept.
const MostAtOnce = 8

// New gives a client of the register at an address such as "https://example.dk", which does not log in.
func New(address, language string) (*Client, error) {
	if strings.Contains(address, "@") {
		return nil, errors.New("the address of a register has no user in it") // what it has may be a secret, and is not repeated
	}
	base, err := url.Parse(address)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, fmt.Errorf("%q is not the address of a register: it must begin with http:// or https://", address)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = MostAtOnce
	transport.ResponseHeaderTimeout = 2 * time.Minute
	c := &Client{Language: language, Attempts: 6, Pause: pause, Retrying: func(error, time.Duration) {}, base: base}
	c.HTTP = &http.Client{Transport: transport, CheckRedirect: c.redirect}
	return c, nil
}

// LogIn has every call from now on made as a system user.
func (c *Client) LogIn(navn, secret string) {
	c.authorization = "Basic " + base64.StdEncoding.EncodeToString([]byte(navn+":"+secret))
}

// authorize puts the login on a call to the register, and takes it off one to anywhere else: a redirect or a link may lead there.
func (c *Client) authorize(call *http.Request) {
	call.Header.Del("Authorization")
	if c.authorization != "" && call.URL.Scheme == c.base.Scheme && call.URL.Host == c.base.Host {
		call.Header.Set("Authorization", c.authorization)
	}
}

// mostRedirects is as many as net/http follows by itself.
const mostRedirects = 10

// redirect is stricter than net/http, which takes the login along to another port, to a subdomain and from https to http.
func (c *Client) redirect(call *http.Request, via []*http.Request) error {
	if len(via) >= mostRedirects {
		return fmt.Errorf("stopped after %d redirects", mostRedirects)
	}
	c.authorize(call)
	return nil
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// request is one call to be made.
type request struct {
	method string
	url    *url.URL
	body   []byte
	key    string // idempotency key
	match  string // the tag of the version that it is about
}

// path gives the address of a resource.
func (c *Client) path(elements ...string) *url.URL {
	return c.base.JoinPath(append([]string{"v2"}, elements...)...)
}

// open makes a call once. The answer is a success, whose body the caller closes.
func (c *Client) open(ctx context.Context, r request) (*http.Response, error) {
	call, err := http.NewRequestWithContext(ctx, r.method, r.url.String(), bytes.NewReader(r.body))
	if err != nil {
		return nil, err
	}
	c.authorize(call)
	call.Header.Set("Accept-Language", c.Language)
	if r.key != "" {
		call.Header.Set("Idempotency-Key", r.key)
	}
	if r.match != "" {
		call.Header.Set("If-Match", r.match)
	}
	answer, err := c.HTTP.Do(call)
	if err != nil {
		return nil, lost(ctx, err)
	}
	if answer.StatusCode < http.StatusOK || answer.StatusCode >= http.StatusMultipleChoices {
		defer answer.Body.Close()
		return nil, readProblem(answer)
	}
	return answer, nil
}

// call makes a call once and reads its answer to the end.
func (c *Client) call(ctx context.Context, r request) ([]byte, error) {
	answer, err := c.open(ctx, r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, lost(ctx, err)
	}
	return body, nil
}

const (
	// firstPause is the pause before the second attempt; each pause after it is twice the one before.
	firstPause = 200 * time.Millisecond

	// mostPause is the longest pause that the register can ask for.
	mostPause = 30 * time.Second
)

// retry makes attempts at a call that may be made again, until one succeeds, fails for good, or was the last.
func (c *Client) retry(ctx context.Context, attempt func() error) error {
	return c.retryWhere(ctx, passing, attempt)
}

// retryWhere makes attempts as long as they fail in a way that allows another. A pause is as long as the register asks for, within
// reason.
func (c *Client) retryWhere(ctx context.Context, again func(error) bool, attempt func() error) error {
	growing := firstPause
	for made := 1; ; made++ {
		err := attempt()
		if err == nil || !again(err) || made >= c.Attempts {
			return err
		}
		wait := growing
		if problem, ok := errors.AsType[*Problem](err); ok {
			wait = max(wait, min(problem.RetryAfter, mostPause))
		}
		c.Retrying(err, wait)
		if err := c.Pause(ctx, wait); err != nil {
			return err
		}
		growing *= 2
	}
}
