package rest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/boltstore"
	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/rest"
)

// site is the whole API on a fresh register, with what it logs.
type site struct {
	t testing.TB
	http.Handler
	api   *rest.API
	store *hookedStore
	log   *bytes.Buffer
	now   time.Time
}

// hookedStore is a store of which a test may replace a method.
type hookedStore struct {
	register.Store
	unit      func(register.Number) (register.Unit, error)
	update    func(func(register.Tx) error) error
	positions func() (register.Positions, error)
}

func (s *hookedStore) Unit(ctx context.Context, n register.Number) (register.Unit, error) {
	if s.unit != nil {
		return s.unit(n)
	}
	return s.Store.Unit(ctx, n)
}

func (s *hookedStore) Update(ctx context.Context, fn func(register.Tx) error) error {
	if s.update != nil {
		return s.update(fn)
	}
	return s.Store.Update(ctx, fn)
}

func (s *hookedStore) Positions(ctx context.Context) (register.Positions, error) {
	if s.positions != nil {
		return s.positions()
	}
	return s.Store.Positions(ctx)
}

func newSite(t testing.TB, settings ...func(*rest.Config)) *site {
	t.Helper()
	engine, err := boltstore.Open(filepath.Join(t.TempDir(), "register.db"), register.DefaultSeries)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Close() })
	s := &site{t: t, store: &hookedStore{Store: engine}, log: new(bytes.Buffer), now: time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC)}
	config := rest.Config{
		Store: s.store, Tables: codes.Embedded(), Now: func() time.Time { return s.now }, Chunk: boltstore.Chunk,
		Log: slog.New(slog.NewJSONHandler(s.log, nil)),
	}
	for _, set := range settings {
		set(&config)
	}
	s.api = rest.New(config)
	s.Handler = s.api.Handler(s.api.Import(), s.api.Export(), s.api.Numbers(), s.api.Validation())
	return s
}

// answer is what a call was answered.
type answer struct {
	t      testing.TB
	call   string
	status int
	http.Header
	body string
}

// call makes one request; headers are lines "Name: value".
func (s *site) call(method, path, body string, headers ...string) *answer {
	s.t.Helper()
	return s.send(method, path, strings.NewReader(body), headers...)
}

func (s *site) send(method, path string, body io.Reader, headers ...string) *answer {
	s.t.Helper()
	r := httptest.NewRequestWithContext(s.t.Context(), method, path, body)
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Add(name, value)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return &answer{s.t, method + " " + path, w.Code, w.Header(), w.Body.String()}
}

// ok checks the status, and gives the answer for more.
func (a *answer) ok(status int) *answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("%s: %d, want %d\n%s", a.call, a.status, status, a.body)
	}
	return a
}

// problem checks that the answer is a problem document with a status, and gives its errors as lines "regel/kode pointer nummer".
func (a *answer) problem(status int, want ...string) *answer {
	a.t.Helper()
	a.ok(status)
	var doc problemDocument
	if err := json.Unmarshal([]byte(a.body), &doc); err != nil {
		a.t.Fatalf("%s: %v\n%s", a.call, err, a.body)
	}
	if a.Get("Content-Type") != "application/problem+json" || doc.Status != status || doc.Title == "" || doc.Type == "" ||
		doc.RequestID != a.Get("X-Request-Id") {
		a.t.Errorf("%s: %s %+v", a.call, a.Get("Content-Type"), doc)
	}
	if got := doc.lines(); !slices.Equal(got, want) {
		a.t.Errorf("%s\n got %q\nwant %q", a.call, got, want)
	}
	return a
}

type problemDocument struct {
	Type, Title, RequestID string
	Status                 int
	Errors                 []struct{ Regel, Kode, Pointer, Nummer, Tekst string }
}

func (p *problemDocument) lines() (lines []string) {
	for _, e := range p.Errors {
		lines = append(lines, strings.TrimRight(fmt.Sprintf("%s/%s %s %s", e.Regel, e.Kode, e.Pointer, e.Nummer), " "))
	}
	return lines
}

// read decodes the body of an answer.
func read[T any](a *answer) (v T) {
	a.t.Helper()
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		a.t.Fatalf("%s: %v\n%s", a.call, err, a.body)
	}
	return v
}

// wantHeaders checks headers, given as lines "Name: value"; an empty value is a header that must not be there.
func (a *answer) wantHeaders(lines ...string) {
	a.t.Helper()
	for _, line := range lines {
		name, want, _ := strings.Cut(line, ": ")
		if got := a.Get(strings.TrimSuffix(name, ":")); got != want {
			a.t.Errorf("%s: %s is %q, want %q", a.call, name, got, want)
		}
	}
}

// positions tells how far the register has come: whether anything was written.
func (s *site) positions() string {
	s.t.Helper()
	positions, err := s.store.Store.Positions(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return positions.String()
}

// The bodies of the tests, sound on the register of [site.family].
const (
	daginstitution = `{"daginstitutionsNavn":"Område Øst","ejerformKode":1,"lovgrundlagKode":1,"admKommuneKode":461}`
	enhed          = `{"daginstitutionsNummer":"G10000","enhedsNavn":"Åkanden","instType3":6011,"pNummer":"1003259422",` +
		`"adresse":{"vejNavn":"Æblestien","husNummer":"12b","postNummer":"5220","byNavn":"Odense SØ","kommuneKode":461}}`
	adresse = `{"enhedsNummer":"G10001","alternativAdresseNavn":"Skovhuset",` +
		`"adresse":{"vejNavn":"Skovvej","husNummer":"1","postNummer":"5220","byNavn":"Odense SØ","kommuneKode":461}}`
)

// family creates a daginstitution G10000, an enhed G10001 below it and an alternativ adresse G10002 below that.
func (s *site) family() *site {
	s.t.Helper()
	s.call("POST", "/v2/daginstitutioner", daginstitution).ok(201)
	s.call("POST", "/v2/anvisningsenheder", enhed).ok(201)
	s.call("POST", "/v2/alternative-adresser", adresse).ok(201)
	return s
}
