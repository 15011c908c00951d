// Package client calls the register's REST services, version 2, from a program: import lines, numbers, look-ups and whole files.
//
// Every call it makes may be made again: reads, dry runs, loading rows as they stand, and reservations under a key. So a call whose
// answer was lost, or that the register could not take just then, is made again a bounded number of times, with growing pauses.
package client

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
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

	base *url.URL
}

// MostAtOnce is how many calls a program should have under way at a time; their connections are kept.
const MostAtOnce = 8

// New gives a client of the register at an address such as "https://example.dk".
func New(address, language string) (*Client, error) {
	base, err := url.Parse(address)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, fmt.Errorf("%q is not the address of a register: it must begin with http:// or https://", address)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = MostAtOnce
	transport.ResponseHeaderTimeout = 2 * time.Minute
	return &Client{
		HTTP: &http.Client{Transport: transport}, Language: language, Attempts: 6,
		Pause: pause, Retrying: func(error, time.Duration) {}, base: base,
	}, nil
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
	call.Header.Set("Accept-Language", c.Language)
	if r.key != "" {
		call.Header.Set("Idempotency-Key", r.key)
	}
	answer, err := c.HTTP.Do(call)
	if err != nil {
		return nil, lost(ctx, err)
	}
	if answer.StatusCode >= http.StatusBadRequest {
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

// firstPause is the pause before the second attempt; each pause after it is twice the one before.
const firstPause = 200 * time.Millisecond

// retry makes attempts until one succeeds, fails for good, or was the last.
func (c *Client) retry(ctx context.Context, attempt func() error) error {
	wait := firstPause
	for made := 1; ; made++ {
		err := attempt()
		if err == nil || !passing(err) || made >= c.Attempts {
			return err
		}
		c.Retrying(err, wait)
		if err := c.Pause(ctx, wait); err != nil {
			return err
		}
		wait *= 2
	}
}
