package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/infra/dtr/client"
)

// serve gives a client of a server, and the pauses that it asked for.
func serve(t *testing.T, handler http.HandlerFunc) (*client.Client, *[]time.Duration) {
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	c, err := client.New(server.URL+"/some/where/", "en")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.HTTP.CloseIdleConnections)
	pauses := new([]time.Duration)
	c.Pause = func(_ context.Context, d time.Duration) error {
		*pauses = append(*pauses, d)
		return nil
	}
	return c, pauses
}

// TestRetry makes a call again as long as the failure may pass, with growing pauses, and a bounded number of times.
func TestRetry(t *testing.T) {
	ms := time.Millisecond
	for _, c := range []struct {
		status int
		fails  int // how many attempts
		want   int // the status in the end
		pauses []time.Duration
	}{
		{503, 2, 200, []time.Duration{200 * ms, 400 * ms}},
		{429, 1, 200, []time.Duration{200 * ms}},
		{502, 99, 502, []time.Duration{200 * ms, 400 * ms, 800 * ms, 1600 * ms, 3200 * ms}},
		{500, 1, 500, nil},
		{422, 1, 422, nil},
		{401, 1, 401, nil},
		{403, 1, 403, nil},
	} {
		fails := c.fails
		register, pauses := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if fails--; fails >= 0 {
				w.Header().Set("Content-Type", "application/problem+json")
				w.WriteHeader(c.status)
				fmt.Fprintf(w, `{"title":"No","status":%d,"requestId":"r1","errors":[]}`, c.status)
				return
			}
			io.WriteString(w, `{"foerste":"G10000","antal":1}`)
		})
		n, err := register.Reserve(t.Context(), "key")
		got := http.StatusOK
		if problem, ok := errors.AsType[*client.Problem](err); ok {
			got = problem.Status
			if want := fmt.Sprintf(`No (%d, request id "r1")`, c.status); err.Error() != want {
				t.Errorf("the error is %v, want %s", err, want)
			}
		}
		if got != c.want || (n == "G10000") != (c.want == http.StatusOK) || !slices.Equal(*pauses, c.pauses) {
			t.Errorf("%d, %d times: %d %q after %v", c.status, c.fails, got, n, *pauses)
		}
	}
}

// TestRetryAfter waits as long as the register asks for, within reason, and no shorter than it would anyway.
func TestRetryAfter(t *testing.T) {
	for after, want := range map[string]time.Duration{
		"3": 3 * time.Second, "0": 200 * time.Millisecond, "86400": 30 * time.Second, "99999999999": 200 * time.Millisecond,
		"-1": 200 * time.Millisecond, "Fri, 31 Dec 2027 23:59:59 GMT": 200 * time.Millisecond,
	} {
		calls := 0
		register, pauses := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if calls++; calls == 1 {
				w.Header().Set("Retry-After", after)
				w.WriteHeader(http.StatusTooManyRequests)
				return
			}
			io.WriteString(w, `{"foerste":"G10000"}`)
		})
		if _, err := register.Reserve(t.Context(), "key"); err != nil || !slices.Equal(*pauses, []time.Duration{want}) {
			t.Errorf("Retry-After: %s has it pause for %v, %v", after, *pauses, err)
		}
	}
}

// TestImportFailedLine takes a line that the register failed at for a failed call, and not for a verdict.
func TestImportFailedLine(t *testing.T) {
	for status, calls := range map[int]int{500: 1, 503: 6} {
		made := 0
		register, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
			made++
			fmt.Fprintf(w, "{\"linje\":1,\"status\":201}\n{\"linje\":3,\"status\":%d,\"title\":\"The register failed\"}\n", status)
		})
		_, err := register.Import(t.Context(), []byte("{}\n\n{}\n"), false)
		if problem, ok := errors.AsType[*client.Problem](err); !ok || problem.Status != status || made != calls {
			t.Errorf("%d: %v after %d calls, want %d", status, err, made, calls)
		}
	}
}

// TestImportShort takes an answer with fewer lines than were sent for one that was cut off.
func TestImportShort(t *testing.T) {
	register, pauses := serve(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "{\"linje\":1,\"status\":201}\n") })
	_, err := register.Import(t.Context(), []byte("{}\n{}"), false)
	if _, ok := errors.AsType[*client.NoAnswer](err); !ok || len(*pauses) != 5 {
		t.Errorf("%v after %d pauses", err, len(*pauses))
	}
}

// TestExportParts follows the link to the next part, whatever stands beside it.
func TestExportParts(t *testing.T) {
	links := []string{
		`</other>; rel="successor-version", <` + "/some/where/v2/eksport/samlet.csv?cursor=b,c" + `>; rel="next"`,
		`</other>; rel="prev"`,
	}
	var asked []string
	register, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", links[len(asked)])
		asked = append(asked, r.URL.RequestURI())
		io.WriteString(w, "part")
	})
	for part, err := range register.Export(t.Context(), "samlet.csv", nil) {
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(part); string(text) != "part" {
			t.Errorf("it read %q, %v", text, err)
		}
	}
	if want := []string{"/some/where/v2/eksport/samlet.csv", "/some/where/v2/eksport/samlet.csv?cursor=b,c"}; !slices.Equal(asked, want) {
		t.Errorf("it asked for %q", asked)
	}
}

// TestPauseEnds ends a pause with its context.
func TestPauseEnds(t *testing.T) {
	c, err := client.New("http://127.0.0.1", "da")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := c.Pause(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
	if err := c.Pause(t.Context(), time.Nanosecond); err != nil {
		t.Errorf("it ended with %v", err)
	}
}
