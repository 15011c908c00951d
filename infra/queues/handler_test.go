package queues

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// call makes a call and gives its answer.
func (b *bench) call(ctx context.Context, method, path string) (int, string) {
	b.t.Helper()
	w := httptest.NewRecorder()
	b.Handler(ctx).ServeHTTP(w, httptest.NewRequestWithContext(b.t.Context(), method, path, nil))
	return w.Code, strings.TrimSpace(w.Body.String())
}

func TestHandler(t *testing.T) {
	b := start(t)
	m := aMessage("265", 1)
	m.Body = []byte(`{"navn":"<Æblet> & Pæren"}`)
	b.send(append(run("101", 1, 2), m)...)
	var got struct{ Beskeder []Received }
	status, body := b.call(t.Context(), "GET", "/lokal/koeer/hold-ind?antal=2&usynlig=5")
	if err := json.Unmarshal([]byte(body), &got); err != nil || status != http.StatusOK || len(got.Beskeder) != 2 {
		t.Fatalf("%d %s %v", status, body, err)
	}
	b.time = b.time.Add(4 * time.Second)
	if _, body := b.call(t.Context(), "GET", "/lokal/koeer/hold-ind"); !strings.Contains(body, `"indhold":{"navn":"<Æblet> & Pæren"}`) {
		t.Errorf("after four seconds: %s", body)
	}
	b.time = b.time.Add(time.Second)
	if _, body := b.call(t.Context(), "GET", "/lokal/koeer/hold-ind"); !strings.Contains(body, `"id":"101:1"`) || !strings.Contains(body, `"modtaget":2`) {
		t.Errorf("after five seconds: %s", body)
	}
	again := "2" + strings.TrimPrefix(got.Beskeder[0].Kvittering, "1")
	for _, c := range []struct {
		method, path string
		status       int
		body         string
	}{
		{"DELETE", "/lokal/koeer/hold-ind/" + got.Beskeder[0].Kvittering, 404, `{"fejl":"kvitteringen gælder ikke, `},
		{"DELETE", "/lokal/koeer/hold-ind/" + again, 204, ""},
		{"DELETE", "/lokal/koeer/hold-ind/" + again, 404, `{"fejl":`},
		{"DELETE", "/lokal/koeer/hold-ud/1.AA", 404, `{"fejl":`},
		{"GET", "/lokal/koeer", 200, `{"koeer":{"hold-ind":2}}`},
		{"GET", "/lokal/koeer/hold-ud", 200, `{"beskeder":[]}`},
		{"GET", "/lokal/koeer/hold-ind?antal=0", 400, `{"fejl":"antal er 1-1000`},
		{"GET", "/lokal/koeer/hold-ind?antal=1001", 400, `{"fejl":`},
		{"GET", "/lokal/koeer/hold-ind?usynlig=0", 400, `{"fejl":`},
		{"GET", "/lokal/koeer/hold-ind?vent=21", 400, `{"fejl":`},
		{"GET", "/lokal/koeer/hold-ind?vent=lidt", 400, `{"fejl":`},
		{"POST", "/lokal/koeer/hold-ind", 405, "Method Not Allowed"},
	} {
		if status, body := b.call(t.Context(), c.method, c.path); status != c.status || !strings.HasPrefix(body, c.body) {
			t.Errorf("%s %s: %d %s", c.method, c.path, status, body)
		}
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/lokal/koeer", "/lokal/koeer/hold-ind"} {
		if status, body := b.call(t.Context(), "GET", path); status != 500 || !strings.Contains(body, "database not open") {
			t.Errorf("%s of a closed file: %d %s", path, status, body)
		}
	}
	if status, _ := b.call(t.Context(), "DELETE", "/lokal/koeer/hold-ind/"+again); status != 500 {
		t.Errorf("DELETE of a closed file: %d", status)
	}
	b.open()
}

// TestHandlerWaits waits as long as it is asked to, for what comes meanwhile, and no longer than the program runs.
func TestHandlerWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t)
		began, passed := time.Now(), time.Duration(0)
		took := func(want time.Duration) {
			t.Helper()
			if now := time.Since(began); now-passed != want {
				t.Errorf("it took %v, want %v", now-passed, want)
			}
			passed = time.Since(began)
		}
		const path = "/lokal/koeer/hold-ind?vent=20"
		if status, body := b.call(t.Context(), "GET", path); status != 200 || body != `{"beskeder":[]}` {
			t.Errorf("%d %s", status, body)
		}
		took(20 * time.Second)
		time.AfterFunc(7*time.Second, func() { b.send(run("265", 1, 1)...) })
		if _, body := b.call(t.Context(), "GET", path); !strings.Contains(body, `"id":"265:1"`) {
			t.Errorf("it was not waited for: %s", body)
		}
		took(7 * time.Second)
		running, stop := context.WithCancel(t.Context())
		time.AfterFunc(3*time.Second, stop)
		if status, body := b.call(running, "GET", path); status != 200 || body != `{"beskeder":[]}` {
			t.Errorf("%d %s", status, body)
		}
		took(3 * time.Second)
	})
}
