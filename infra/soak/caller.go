package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// site is the register that is kept busy, as all callers see it.
type site struct {
	config
	url              string
	client           *http.Client
	operator, vendor login
	server           *server // nil where it is not ours
	stats            *stats
	memory           memory
}

type login struct{ navn, secret string }

func newClient() *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext, MaxIdleConnsPerHost: 32, ResponseHeaderTimeout: 40 * time.Second,
	}}
}

// call is one call to make.
type call struct {
	name         string // in the table
	as           login
	method, path string
	body         string
	header       []string // names and values in turn
}

// answer is what it was answered.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// errUnanswered is for a call whose answer was lost, or which the register could not carry out: nobody knows whether it took effect.
var errUnanswered = errors.New("unanswered")

// try makes a call once.
func (s *site) try(ctx context.Context, c call) (a answer, err error) {
	began := time.Now()
	request, err := http.NewRequestWithContext(ctx, c.method, s.url+c.path, bytes.NewReader([]byte(c.body)))
	if err != nil {
		return a, err
	}
	for i := 0; i < len(c.header); i += 2 {
		request.Header.Set(c.header[i], c.header[i+1])
	}
	if c.as.navn != "" {
		request.SetBasicAuth(c.as.navn, c.as.secret)
	}
	response, err := s.client.Do(request)
	if err == nil {
		a.status, a.header = response.StatusCode, response.Header
		a.body, err = io.ReadAll(response.Body)
		response.Body.Close()
	}
	switch {
	case err != nil:
		s.stats.unanswered(c.name)
		return a, fmt.Errorf("%w: %w", errUnanswered, err)
	case a.status == http.StatusServiceUnavailable || a.status == http.StatusTooManyRequests || a.status == http.StatusBadGateway:
		s.stats.unanswered(c.name)
		return a, fmt.Errorf("%w: %d", errUnanswered, a.status)
	case a.status >= 500:
		s.stats.fail(c.name, fmt.Errorf("%s %s: %d: %.500s", c.method, c.path, a.status, a.body))
	}
	s.stats.done(c.name, a.status, time.Since(began))
	return a, nil
}

// again is how long who was not answered waits before asking again.
const again = 50 * time.Millisecond

// insist makes a call that may be repeated until it is answered. The time being over does not end it: what was begun is brought to its end.
func (s *site) insist(ctx context.Context, c call) (a answer, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), longestDrain)
	defer cancel()
	for {
		if a, err = s.try(ctx, c); err == nil || !errors.Is(err, errUnanswered) {
			return a, err
		}
		if pause(ctx, again) != nil {
			s.stats.fail(c.name, fmt.Errorf("%s %s is not answered: %w", c.method, c.path, err))
			return a, err
		}
	}
}
