package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/go-json-experiment/json"

	"dagtilbudsregisteret.dk/infra/dtr/client"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/services"
)

// dying is a store whose process is killed at an update, right before or right after it took effect.
type dying struct {
	services.Store
	left  int // updates until then
	after bool
}

func (d *dying) Update(ctx context.Context, fn func(register.Tx) error) error {
	d.left--
	if d.left >= 0 {
		return d.Store.Update(ctx, fn)
	}
	if d.after && d.left == -1 {
		if err := d.Store.Update(ctx, fn); err != nil {
			return err
		}
	}
	panic(http.ErrAbortHandler)
}

// TestLoadServerKilled kills the server at each of its transactions, of one line each, from the last of the dry run to the last of the
// load, and loads again on what it left: nothing is there twice, and nothing that was written is lost or has changed.
func TestLoadServerKilled(t *testing.T) {
	oneByOne := func(c *config) { c.Chunk = 1 }
	for _, after := range []bool{false, true} {
		const lines = 2 * sampleRows
		for k := lines - 1; k < 2*lines; k++ {
			t.Run(fmt.Sprintf("after=%v,%d", after, k), func(t *testing.T) {
				store := newStore(t)
				first := &session{t: t, url: serve(t, &dying{store, k, after}, oneByOne)}
				contains(t, first.must(exitFailed, "load", sample).stderr, "run the same load again")
				second := &session{t: t, url: serve(t, store, oneByOne)}
				_, before := fetch(t, second.url+"/v2/eksport/samlet.ndjson")
				second.must(exitDone, "load", sample)
				checkLoaded(t, second.url, sample)
				keeps(t, second.url, before)
			})
		}
	}
}

// keeps holds a register against rows that were read from it before: they must be there as they were.
func keeps(t *testing.T, url, before string) {
	t.Helper()
	_, now := fetch(t, url+"/v2/eksport/samlet.ndjson")
	for line := range strings.Lines(before) {
		if !strings.Contains(now, line) {
			t.Errorf("it was there, and is not any more:\n%s", line)
		}
	}
}

// cutting takes the answers of real imports away after so many lines, and remembers the lines that arrived.
type cutting struct {
	http.RoundTripper
	lines   int
	cuts    int // how many answers are cut
	arrived []string
}

func (c *cutting) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := c.RoundTripper.RoundTrip(r)
	if err != nil || r.URL.Path != "/v2/import" || r.URL.Query().Get("dryRun") == "true" || c.cuts == 0 {
		return answer, err
	}
	c.cuts--
	whole := bufio.NewScanner(answer.Body)
	var part bytes.Buffer
	for range c.lines {
		if !whole.Scan() {
			break
		}
		fmt.Fprintln(&part, whole.Text())
		c.arrived = append(c.arrived, whole.Text())
	}
	answer.Body.Close()
	answer.Body = io.NopCloser(io.MultiReader(&part, failing{}))
	return answer, nil
}

// failing is a connection that breaks.
type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("connection reset") }

// TestLoadAnswerCut loses the answer to a load, after several counts of lines. Whether dtr goes on by itself or is started again, nothing
// is there twice, and nothing that was acknowledged is lost.
func TestLoadAnswerCut(t *testing.T) {
	for _, k := range []int{0, 1, 2, 7, 15, 16} {
		for _, attempts := range []int{1, 3} {
			t.Run(fmt.Sprintf("%d,attempts=%d", k, attempts), func(t *testing.T) {
				wire := &cutting{lines: k, cuts: 1}
				s := &session{t: t, url: newRegister(t), attempts: attempts}
				s.wire = func(real http.RoundTripper) http.RoundTripper { wire.RoundTripper = real; return wire }
				if attempts == 1 {
					s.must(exitFailed, "load", sample)
				}
				s.must(exitDone, "load", sample)
				checkLoaded(t, s.url, sample)
				checkAcknowledged(t, s.url, wire.arrived, k)
			})
		}
	}
}

func checkAcknowledged(t *testing.T, url string, arrived []string, want int) {
	t.Helper()
	if len(arrived) != want {
		t.Fatalf("%d lines arrived, want %d", len(arrived), want)
	}
	_, rows := fetch(t, url+"/v2/eksport/samlet.ndjson")
	for _, line := range arrived {
		var v client.Verdict
		if err := json.Unmarshal([]byte(line), &v); err != nil || v.Status != http.StatusCreated {
			t.Fatalf("%s: %v", line, err)
		}
		contains(t, rows, `ummer":"`+string(v.Nummer)+`"`)
	}
}

// TestLoadTwoAtOnce loads one file from two places at the same time.
func TestLoadTwoAtOnce(t *testing.T) {
	url := newRegister(t)
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() { (&session{t: t, url: url}).run("load", sample) })
	}
	both.Wait()
	checkLoaded(t, url, sample)
}

// calling has something done before each call.
type calling struct {
	http.RoundTripper
	before func(*http.Request) error
}

func (c calling) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := c.before(r); err != nil {
		return nil, err
	}
	return c.RoundTripper.RoundTrip(r)
}

// TestLoadStopped stops dtr at each of its calls.
func TestLoadStopped(t *testing.T) {
	for k, stopped := 0, true; stopped; k++ {
		ctx, stop := context.WithCancel(t.Context())
		s := &session{t: t, url: newRegister(t), ctx: ctx, attempts: 3}
		var mu sync.Mutex
		left := k
		s.wire = func(real http.RoundTripper) http.RoundTripper {
			return calling{real, func(*http.Request) error {
				mu.Lock()
				defer mu.Unlock()
				if left--; left < 0 {
					stop()
				}
				return nil
			}}
		}
		r := s.run("load", sample)
		if stopped = r.code == exitFailed; stopped {
			contains(t, r.stderr, "dtr: stopped\n")
		}
		stop()
		s.ctx, s.wire = nil, nil
		s.must(exitDone, "load", sample)
		checkLoaded(t, s.url, sample)
	}
}

// TestLoadRetries loads over a line that fails every other time, and from a register that is busy every other time.
func TestLoadRetries(t *testing.T) {
	s := &session{t: t, url: newRegister(t), attempts: 3}
	var mu sync.Mutex
	tried := make(map[string]int)
	s.wire = func(real http.RoundTripper) http.RoundTripper {
		return calling{real, func(r *http.Request) error {
			mu.Lock()
			defer mu.Unlock()
			key := r.URL.String() + r.Header.Get("Idempotency-Key")
			if tried[key]++; tried[key]%2 == 1 {
				return errors.New("connection refused")
			}
			return nil
		}}
	}
	r := s.must(exitDone, "load", sample)
	contains(t, r.stdout, "8 loaded")
	contains(t, r.stderr, "connection refused; trying again in 200ms")
	checkLoaded(t, s.url, sample)
}
