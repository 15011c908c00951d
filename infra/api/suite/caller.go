package suite

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// site is a deployment as all callers see it.
type site struct {
	testing.TB
	url     string
	settles time.Duration // after a write, before anything is read
	written time.Time     // the last one
	client  *http.Client
	calls   []*http.Request
}

func newSite(t testing.TB, url string, settles time.Duration) *site {
	return &site{TB: t, url: url, settles: settles, client: &http.Client{
		Timeout:       time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Caller makes calls, as a system user or as nobody. What it is not answered as it wants ends its test.
type Caller struct {
	*site
	navn, secret string
}

// NewCaller gives a caller who does not log in.
func NewCaller(t testing.TB, url string) Caller { return Caller{site: newSite(t, url, 0)} }

// As gives a caller who logs in.
func (c Caller) As(navn, secret string) Caller {
	c.navn, c.secret = navn, secret
	return c
}

// Answer is what a call was answered.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Do makes a call, with headers given as names and values in turn, and wants a status. Who is told to come back later does.
func (c Caller) Do(status int, method, path, body string, header ...string) Answer {
	c.Helper()
	a := c.try(method, path, append([]string{bodyOf, body}, header...)...)
	if a.Status != status {
		c.Fatalf("%s %s: %d, want %d: %.2000s", method, path, a.Status, status, a.Body)
	}
	return a
}

// Eventually makes a call until it is answered with a status, for as long as something that was taken away may still be remembered.
func (c Caller) Eventually(status int, method, path string) {
	c.Helper()
	var a Answer
	if !c.until(remembered, func() bool { a = c.try(method, path); return a.Status == status }) {
		c.Fatalf("%s %s: %d, want %d: %s", method, path, a.Status, status, a.Body)
	}
}

// remembered is for how long an instance may go by what it knew of a user, and some more.
const remembered = 75 * time.Second

// until asks again and again, for some time, and tells whether the answer was yes at last. It asks once at least.
func (s *site) until(limit time.Duration, yes func() bool) bool {
	if yes() {
		return true
	}
	again := time.NewTicker(200 * time.Millisecond)
	defer again.Stop()
	over := time.After(limit)
	for {
		select {
		case <-over:
			return false
		case <-again.C:
			if yes() {
				return true
			}
		}
	}
}

// bodyOf names the body among the headers of a call.
const bodyOf = ":body"

// tries is how often a caller comes back who came too fast.
const tries = 20

// try makes a call, and gives whatever it was answered.
func (c Caller) try(method, path string, header ...string) (a Answer) {
	c.Helper()
	for range tries {
		a = c.once(method, path, header...)
		if a.Status != http.StatusTooManyRequests {
			break
		}
		after, err := strconv.Atoi(a.Header.Get("Retry-After"))
		if err != nil {
			after = 1 // the gateway does not say
		}
		<-time.After(time.Duration(after) * time.Second)
	}
	return a
}

func (c Caller) once(method, path string, header ...string) Answer {
	c.Helper()
	body := ""
	if len(header) > 0 && header[0] == bodyOf {
		body, header = header[1], header[2:]
	}
	r, err := http.NewRequest(method, c.url+path, strings.NewReader(body))
	if err != nil {
		c.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "identity")
	if c.navn != "" {
		r.SetBasicAuth(c.navn, c.secret)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	if method == http.MethodGet && c.settles > 0 {
		<-time.After(c.settles - time.Since(c.written))
	}
	response, err := c.client.Do(r)
	if err != nil {
		c.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		c.Fatalf("%s %s: %v", method, path, err)
	}
	c.calls = append(c.calls, r)
	if method != http.MethodGet {
		c.written = time.Now()
	}
	if cookies := response.Header.Values("Set-Cookie"); len(cookies) > 0 {
		c.Errorf("%s %s sets the cookies %q", method, path, cookies)
	}
	return Answer{response.StatusCode, response.Header, text}
}

// Read reads an answer's JSON.
func Read[T any](t testing.TB, a Answer) (v T) {
	t.Helper()
	if err := json.Unmarshal(a.Body, &v); err != nil {
		t.Fatalf("%v in %.2000s", err, a.Body)
	}
	return v
}
