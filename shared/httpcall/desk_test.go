package httpcall_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/access/accesstest"
	"dagtilbudsregisteret.dk/shared/boltstore"
	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/httpcall"
	"dagtilbudsregisteret.dk/shared/metrics"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/services"
)

// office is the services on a fresh register, with what they log and whoever calls them.
type office struct {
	t *testing.T
	*services.Services
	log    *bytes.Buffer
	now    time.Time
	secret string // of the user egern
}

// newOffice makes an office that somebody without a login may call so many times a second. The user egern may write once a second, and
// read any number of times.
func newOffice(t *testing.T, anonymous int) *office {
	t.Helper()
	store, err := boltstore.Open(filepath.Join(t.TempDir(), "register.db"), register.DefaultSeries)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	o := &office{t: t, log: new(bytes.Buffer), now: time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC)}
	logger := slog.New(slog.NewJSONHandler(o.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	o.Services = services.New(services.Config{
		Store: store, Tables: codes.Embedded(), Now: func() time.Time { return o.now }, Chunk: boltstore.Chunk, Anonymous: anonymous,
		Log: logger, Meter: &metrics.Meter{Stage: "test", Function: "import", Log: logger, Now: func() time.Time { return o.now }},
	})
	o.secret = accesstest.Enroll(t, store, access.User{Navn: "egern", Rolle: access.Leverandoer, Skrivninger: 1}, o.now)
	return o
}

// ask has a handler answer one request; headers are lines "Name: value". An error is answered by its kind, as a word, and status 418.
func (o *office) ask(path string, handle func(*httpcall.Call) error, headers ...string) *httptest.ResponseRecorder {
	o.t.Helper()
	return o.send(httpcall.New(o.Services, "").Frame(handle, teapot), path, headers...)
}

func teapot(c *httpcall.Call, err error) {
	c.W.WriteHeader(http.StatusTeapot)
	c.W.Write([]byte(register.KindOf(err).String()))
}

// send has a handler answer one request of 192.0.2.1.
func (o *office) send(handler http.Handler, path string, headers ...string) *httptest.ResponseRecorder {
	o.t.Helper()
	r := httptest.NewRequestWithContext(o.t.Context(), "GET", path, nil)
	r.RemoteAddr = "192.0.2.1:1234"
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Add(name, value)
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w
}

// line gives what was logged since it was last asked for, which must be one line.
func (o *office) line() (members map[string]any) {
	o.t.Helper()
	defer o.log.Reset()
	if err := json.Unmarshal(o.log.Bytes(), &members); err != nil || bytes.Count(o.log.Bytes(), []byte("\n")) != 1 {
		o.t.Fatalf("%v: %s", err, o.log)
	}
	return members
}

func nothing(*httpcall.Call) error { return nil }
