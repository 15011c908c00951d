package queues

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// call makes a call and gives its answer. Subscriptions have the queues hold-ind and til-senere.
func (b *bench) call(ctx context.Context, method, path string, sent ...string) (int, string) {
	b.t.Helper()
	w := b.answer(ctx, method, path, strings.Join(sent, ""), "")
	return w.Code, strings.TrimSpace(w.Body.String())
}

func (b *bench) answer(ctx context.Context, method, path, body, language string) *httptest.ResponseRecorder {
	b.t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(b.t.Context(), method, path, strings.NewReader(body))
	r.Header.Set("Accept-Language", language)
	b.Handler(ctx, func(context.Context) ([]string, error) { return []string{name, "til-senere"}, b.unknown }).ServeHTTP(w, r)
	return w
}

func TestHandler(t *testing.T) {
	b := start(t)
	m := aMessage("265", 1)
	m.Body = []byte(`{"navn":"<Æblet> & Pæren"}`)
	b.send(append(run("101", 1, 2), m)...)
	var got struct{ Beskeder []Received }
	status, body := b.call(t.Context(), "GET", "/lokal/koeer/hold-ind?antal=2&usynlig=5&vent=")
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
		{"DELETE", "/lokal/koeer/hold-ind/" + got.Beskeder[0].Kvittering, 404, "kvittering"},
		{"DELETE", "/lokal/koeer/hold-ind/" + again + "?vent=1", 400, "ukendt"},
		{"DELETE", "/lokal/koeer/hold-ind/" + again, 204, ""},
		{"DELETE", "/lokal/koeer/hold-ind/" + again, 404, "kvittering"},
		{"DELETE", "/lokal/koeer/hold-ud/1.AA", 404, "kvittering"},
		{"GET", "/lokal/koeer", 200, `{"koeer":{"hold-ind":2,"til-senere":0}}`},
		{"GET", "/lokal/koeer/til-senere", 200, `{"beskeder":[]}`},
		{"GET", "/lokal/koeer/hold-ud", 404, "koe"},
		{"GET", "/lokal/koeer/hold-ud?vent=20", 404, "koe"},
		{"GET", "/lokal/koeer?vent=1", 400, "ukendt"},
		{"GET", "/lokal/koeer/hold-ind?wait=20&antal=0", 400, "antal ukendt"},
		{"GET", "/lokal/koeer/hold-ind?antal=%zz", 400, "query"},
		{"GET", "/lokal/koeer/hold-ind?antal=1001", 400, "antal"},
		{"GET", "/lokal/koeer/hold-ind?usynlig=0", 400, "usynlig"},
		{"GET", "/lokal/koeer/hold-ind?vent=21", 400, "vent"},
		{"GET", "/lokal/koeer/hold-ind?vent=lidt", 400, "vent"},
		{"GET", "/lokal/koeer/hold-ind?vent=1&vent=2", 400, "vent"},
		{"POST", "/lokal/koeer/hold-ind", 405, "metode"},
		{"GET", "/lokal/koeer/hold-ind/1.AA/x", 404, "sti"},
	} {
		status, body := b.call(t.Context(), c.method, c.path)
		if status >= 400 {
			body = kinds(t, status, body)
		}
		if status != c.status || body != c.body {
			t.Errorf("%s %s: %d %s", c.method, c.path, status, body)
		}
	}
}

// kinds gives the kinds of a problem document's errors.
func kinds(t *testing.T, status int, body string) string {
	t.Helper()
	var doc struct {
		Title  string
		Status int
		Errors []struct{ Regel, Kode, Tekst, Lov string }
	}
	if err := json.Unmarshal([]byte(body), &doc); err != nil || doc.Status != status || doc.Title == "" {
		t.Errorf("%v: %s", err, body)
	}
	var found []string
	for _, e := range doc.Errors {
		if found = append(found, e.Kode); e.Regel == "" || e.Tekst == "" || e.Lov == "" {
			t.Errorf("%s", body)
		}
	}
	return strings.Join(found, " ")
}

// TestHandlerLanguage has refusals come in the language that is wanted, as problem documents.
func TestHandlerLanguage(t *testing.T) {
	b := start(t)
	for language, want := range map[string]string{
		"":                `"tekst":"Der er ingen kø ved navn \"hold-ud\", og intet abonnement, der skal have en."`,
		"en-GB, da;q=0.5": `"tekst":"There is no queue by the name \"hold-ud\", and no subscription that is to have one."`,
	} {
		w := b.answer(t.Context(), "GET", "/lokal/koeer/hold-ud", "", language)
		if h := w.Header(); !strings.Contains(w.Body.String(), want) || h.Get("Content-Type") != "application/problem+json" ||
			h.Get("Content-Language") != map[bool]string{true: "da", false: "en"}[language == ""] {
			t.Errorf("%q: %s %v", language, w.Body, h)
		}
	}
	if w := b.answer(t.Context(), "PUT", "/lokal/koeer/hold-ind/x", "", ""); w.Code != 405 || w.Header().Get("Allow") != "DELETE" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

// TestHandlerDeletesMany ends many messages by one call, and names the receipts that do not hold.
func TestHandlerDeletesMany(t *testing.T) {
	b := start(t)
	const many = mostNumber + 200
	b.send(run("265", 1, many)...)
	receipts := []string{"1.AA", "x"}
	for _, r := range append(b.now(mostNumber), b.now(1)...) {
		receipts = append(receipts, r.Kvittering)
	}
	b.time = b.time.Add(time.Minute)
	again := b.now(mostNumber)
	for _, r := range again {
		receipts = append(receipts, r.Kvittering)
	}
	list, _ := json.Marshal(append(receipts, again[0].Kvittering))
	var got struct {
		Slettet int
		Ukendte []string
	}
	status, body := b.call(t.Context(), "DELETE", "/lokal/koeer/hold-ind", string(list))
	if err := json.Unmarshal([]byte(body), &got); err != nil || status != 200 || got.Slettet != mostNumber ||
		!slices.Equal(got.Ukendte, append(receipts[:mostNumber+2:mostNumber+2], again[0].Kvittering)) {
		t.Errorf("%d: %d and %d receipts: %.200s", status, got.Slettet, len(got.Ukendte), body)
	}
	if b.depth() != many-mostNumber {
		t.Errorf("%d are left", b.depth())
	}
	for path, body := range map[string]string{"hold-ind": "", "til-senere": "{}", "hold-ud": `["1.AA"`, "x": "[1]"} {
		if status, body := b.call(t.Context(), "DELETE", "/lokal/koeer/"+path, body); status != 400 || kinds(t, status, body) != "kvitteringer" {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if status, body := b.call(t.Context(), "DELETE", "/lokal/koeer/hold-ud", `["1.AA"]`); status != 200 || body != `{"slettet":0,"ukendte":["1.AA"]}` {
		t.Errorf("%d %s", status, body)
	}
	if status, body := b.call(t.Context(), "DELETE", "/lokal/koeer/hold-ind", `[]`); status != 200 || body != `{"slettet":0,"ukendte":[]}` {
		t.Errorf("%d %s", status, body)
	}
}

// TestHandlerFails has the register fail to say which queues there are to be, and the file fail.
func TestHandlerFails(t *testing.T) {
	b := start(t)
	b.send(run("265", 1, 2)...)
	b.unknown = errors.New("the register is gone")
	for path, want := range map[string]string{"": "the register is gone", "/til-senere": "the register is gone"} {
		if status, body := b.call(t.Context(), "GET", "/lokal/koeer"+path); status != 500 || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if status, body := b.call(t.Context(), "GET", "/lokal/koeer/hold-ind"); status != 200 || !strings.Contains(body, `"id":"265:2"`) {
		t.Errorf("a queue that holds something: %d %s", status, body)
	}
	b.unknown = nil
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"", "/hold-ind"} {
		if status, body := b.call(t.Context(), "GET", "/lokal/koeer"+path); status != 500 || !strings.Contains(body, "database not open") {
			t.Errorf("%s of a closed file: %d %s", path, status, body)
		}
	}
	for path, body := range map[string]string{"/1.AA": "", "": `["1.AA"]`} {
		if status, _ := b.call(t.Context(), "DELETE", "/lokal/koeer/hold-ind"+path, body); status != 500 {
			t.Errorf("DELETE %s of a closed file: %d", path, status)
		}
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
