package runtimeapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/infra/gateway"
	"dagtilbudsregisteret.dk/infra/runtimeapi"
)

var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "runtimeapi")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "bootstrap")
	build := exec.Command("go", "build", "-trimpath", "-tags", "lambda.norpc", "-ldflags", "-s -w", "-o", binary, "./testdata/function")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		panic("build the function: " + string(out))
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// start runs the function behind an HTTP server, and gives both.
func start(t *testing.T, env ...string) (*runtimeapi.Function, string) {
	t.Helper()
	f, err := runtimeapi.Start(t.Context(), binary, env)
	if err != nil {
		t.Fatal(err)
	}
	front, err := gateway.New(map[string]gateway.Function{"$default": f})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(front)
	t.Cleanup(func() {
		srv.Close()
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f, srv.URL
}

// do sends a request and gives the answer with its body.
func do(t *testing.T, req *http.Request) (*http.Response, string) {
	t.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

func get(t *testing.T, url string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return do(t, req)
}

func outputAtEnd(t *testing.T, f *runtimeapi.Function) string {
	t.Helper()
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	return f.Output()
}

func TestBodiesComeBackAsSent(t *testing.T) {
	f, url := start(t)
	if f.FirstNext() <= 0 {
		t.Errorf("first next after %v", f.FirstNext())
	}
	for contentType, body := range map[string]string{
		"application/json":         `{"navn":"Søhøjen <1>"}`,
		"text/xml; charset=utf-8":  "<navn>Søhøjen</navn>",
		"application/x-ndjson":     "{}\n{}\n",
		"application/octet-stream": "\x00\xff\x1f\x8b",
		"text/plain":               "latin 1: \xe6\xf8\xe5",
		"application/problem+json": "",
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, url+"/echo?a=1&a=%2F", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", contentType)
		resp, got := do(t, req)
		if resp.StatusCode != http.StatusCreated || got != body || resp.Header.Get("Content-Type") != contentType {
			t.Errorf("%s: %d %s %q, want 201 and %q", contentType, resp.StatusCode, resp.Header.Get("Content-Type"), got, body)
		}
	}
}

func TestHeadersPassBothWays(t *testing.T) {
	_, url := start(t)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/echo?a=1&a=%2F", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = "dagtilbud.example"
	req.Header["Accept"] = []string{"text/csv", "application/json;q=0.5"}
	req.AddCookie(&http.Cookie{Name: "a", Value: "1"})
	req.AddCookie(&http.Cookie{Name: "b", Value: "2"})
	resp, _ := do(t, req)
	if got, want := resp.Header.Get("X-Seen"), `GET /echo?a=1&a=%2F "dagtilbud.example" ["text/csv,application/json;q=0.5"]`; got != want {
		t.Errorf("the function saw %s, want %s", got, want)
	}
	if got := resp.Header.Values("Set-Cookie"); len(got) != 2 || got[0] != "a=1" || got[1] != "b=2" {
		t.Errorf("Set-Cookie: %q", got)
	}
}

func TestGzipReachesTheClient(t *testing.T) {
	_, url := start(t)
	resp, body := get(t, url+"/gzip") // the client's transport unpacks it
	if !resp.Uncompressed || body != "nummer;navn\n" {
		t.Errorf("uncompressed %v, body %q", resp.Uncompressed, body)
	}
}

func TestPanicLeavesTheFunctionRunning(t *testing.T) {
	f, url := start(t)
	resp, body := get(t, url+"/panic")
	if resp.StatusCode != http.StatusInternalServerError || resp.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("%d %s", resp.StatusCode, resp.Header.Get("Content-Type"))
	}
	var problem struct{ RequestID string }
	if err := json.Unmarshal([]byte(body), &problem); err != nil || problem.RequestID == "" {
		t.Errorf("%v in %s", err, body)
	}
	if resp, _ := get(t, url+"/alone"); resp.StatusCode != http.StatusOK {
		t.Errorf("after the panic: %d", resp.StatusCode)
	}
	if out := outputAtEnd(t, f); !strings.Contains(out, problem.RequestID) || !strings.Contains(out, "for the test") {
		t.Errorf("the log does not tell of %s:\n%s", problem.RequestID, out)
	}
}

func TestRequestsAreServedOneAtATime(t *testing.T) {
	_, url := start(t)
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			resp, err := http.Get(url + "/alone")
			if err != nil {
				t.Error(err)
				return
			}
			defer resp.Body.Close()
			if resp.StatusCode != http.StatusOK {
				t.Errorf("status %d", resp.StatusCode)
			}
		})
	}
	wg.Wait()
}

func TestScheduledEvent(t *testing.T) {
	f, _ := start(t)
	event, err := os.ReadFile("testdata/scheduled.json")
	if err != nil {
		t.Fatal(err)
	}
	if answer, err := f.Invoke(t.Context(), event); err != nil || string(answer) != "null" {
		t.Errorf("first run: %s, %v", answer, err)
	}
	_, err = f.Invoke(t.Context(), event)
	if e, ok := errors.AsType[*runtimeapi.Error](err); !ok || e.Message != "once is enough" || e.Type == "" {
		t.Errorf("second run: %v", err)
	}
}

func TestDeadlineReachesTheHandler(t *testing.T) {
	f, url := start(t)
	event := []byte(`{"version":"2.0","rawPath":"/wait","requestContext":{"http":{"method":"GET"}}}`)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	// At the deadline both sides give up: whether the answer still arrives is chance.
	if _, err := f.Invoke(ctx, event); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if resp, _ := get(t, url+"/alone"); resp.StatusCode != http.StatusOK {
		t.Errorf("after the deadline: %d", resp.StatusCode)
	}
	if out := outputAtEnd(t, f); !strings.Contains(out, "waited: context deadline exceeded") {
		t.Errorf("output: %s", out)
	}
}

func TestFunctionThatEndsIsNoticed(t *testing.T) {
	_, url := start(t)
	for range 2 {
		if resp, body := get(t, url+"/exit"); resp.StatusCode != http.StatusInternalServerError {
			t.Errorf("%d %s", resp.StatusCode, body)
		}
	}
}

func TestFailedStartTellsWhy(t *testing.T) {
	for mode, want := range map[string]string{
		"exit":       "exit status 3\nthe table is missing",
		"init error": "Init: no table",
	} {
		f, err := runtimeapi.Start(t.Context(), binary, []string{"MODE=" + mode})
		if err == nil {
			f.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q in it", mode, err, want)
		}
	}
	if _, err := runtimeapi.Start(t.Context(), binary+"-missing", nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no binary: error %v", err)
	}
}

func TestPayloadLimits(t *testing.T) {
	_, url := start(t, "MODE=large")
	if resp, body := get(t, url); resp.StatusCode != http.StatusInternalServerError {
		t.Errorf("large answer: %d %s", resp.StatusCode, body)
	}
	for _, size := range []int{5_000_000, 7_000_000} { // the first is too large as base64
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader(make([]byte, size)))
		if err != nil {
			t.Fatal(err)
		}
		if resp, body := do(t, req); resp.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("%d bytes in: %d %s", size, resp.StatusCode, body)
		}
	}
}
