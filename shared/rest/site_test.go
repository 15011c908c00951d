package rest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/access/accesstest"
	"dagtilbudsregisteret.dk/shared/boltstore"
	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
	"dagtilbudsregisteret.dk/shared/rest"
	"dagtilbudsregisteret.dk/shared/services"
	"dagtilbudsregisteret.dk/shared/versions"
)

// site is the whole API on a fresh register, with what it logs.
type site struct {
	t testing.TB
	http.Handler
	config  config
	routes  []rest.Route
	store   *hookedStore
	file    string // where the register is kept
	queue   *fakeQueue
	log     *bytes.Buffer
	now     time.Time
	secrets map[string]string // of the users, by name
}

// config is what an API and the services behind it are made of.
type config struct {
	services.Config
	rest.Limits
}

// hookedStore is a store of which a test may replace a method.
type hookedStore struct {
	services.Store
	unit      func(register.Number) (register.Unit, error)
	update    func(func(register.Tx) error) error
	positions func() (register.Positions, error)
	user      func(navn string) (access.User, error)
	saveUser  func(access.User) error
	addTrail  func(...access.Entry) error
	heads     func() ([]register.Head, error)
	await     func(ctx context.Context, after int64)
	countCall func(context.Context) error
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

func (s *hookedStore) User(ctx context.Context, navn string) (access.User, error) {
	if s.user != nil {
		return s.user(navn)
	}
	return s.Store.User(ctx, navn)
}

func (s *hookedStore) SaveUser(ctx context.Context, u access.User, act access.Entry) error {
	if s.saveUser != nil {
		return s.saveUser(u)
	}
	return s.Store.SaveUser(ctx, u, act)
}

func (s *hookedStore) AddTrail(ctx context.Context, entries ...access.Entry) error {
	if s.addTrail != nil {
		return s.addTrail(entries...)
	}
	return s.Store.AddTrail(ctx, entries...)
}

func (s *hookedStore) Heads(ctx context.Context) ([]register.Head, error) {
	if s.heads != nil {
		return s.heads()
	}
	return s.Store.Heads(ctx)
}

func (s *hookedStore) Await(ctx context.Context, after int64) {
	if s.await != nil {
		s.await(ctx, after)
		return
	}
	s.Store.Await(ctx, after)
}

func (s *hookedStore) CountCall(ctx context.Context, version register.ServiceVersion, at time.Time, navn, method string) error {
	if s.countCall != nil {
		return s.countCall(ctx)
	}
	return s.Store.CountCall(ctx, version, at, navn, method)
}

// fakeQueue is a queue of which a test says what is in it, and sees what becomes of that.
type fakeQueue struct {
	depth    int
	letters  []relaying.DeadLetter
	requeued [][]string // the ids of each call
	err      error
}

func (q *fakeQueue) Send(_ context.Context, _ string, messages []relaying.Message) []error {
	return make([]error, len(messages))
}

func (q *fakeQueue) Depth(context.Context, string) (int, error) { return q.depth, q.err }

func (q *fakeQueue) DeadDepth(context.Context, string) (int, error) { return len(q.letters), q.err }

func (q *fakeQueue) DeadLetters(_ context.Context, _ string, n int) ([]relaying.DeadLetter, error) {
	return q.letters[:min(n, len(q.letters))], q.err
}

func (q *fakeQueue) Requeue(_ context.Context, _ string, ids []string) (int, error) {
	q.requeued = append(q.requeued, ids)
	return len(q.letters), q.err
}

func newSite(t testing.TB, settings ...func(*config)) *site {
	t.Helper()
	s := &site{t: t, file: filepath.Join(t.TempDir(), "register.db"), queue: new(fakeQueue), log: new(bytes.Buffer),
		now: time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC), secrets: make(map[string]string)}
	engine, err := boltstore.Open(s.file, register.DefaultSeries)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Close() })
	s.store = &hookedStore{Store: engine}
	for _, u := range cast() {
		s.enroll(u)
	}
	s.config.Config = services.Config{
		Store: s.store, Queue: s.queue, Tables: codes.Embedded(), Now: func() time.Time { return s.now }, Chunk: boltstore.Chunk,
		Versions: usualLives(t),
		Log:      slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, set := range settings {
		set(&s.config)
	}
	s.serve()
	return s
}

// usualLives are those of the service versions where nothing else is said: v1 is deprecated with 2026-12-01 and closes with 2027-06-01.
func usualLives(t testing.TB) versions.Schedule {
	t.Helper()
	lives, err := versions.Read(func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	return lives
}

// serve starts the API as a new process does: it knows nothing but the store.
func (s *site) serve() {
	api := rest.New(services.New(s.config.Config), s.config.Limits)
	s.routes = everyRoute(api)
	s.Handler = api.Handler(s.routes)
}

// twin is another process that serves the same register. Its clock is that of s.
func (s *site) twin() *site {
	twin := *s
	twin.serve()
	return &twin
}

func everyRoute(api *rest.API) []rest.Route {
	return slices.Concat(api.Import(), api.Export(), api.Numbers(), api.Validation(), api.Access(), api.Subscriptions())
}

// enroll adds a user.
func (s *site) enroll(u access.User) {
	s.t.Helper()
	s.secrets[u.Navn] = accesstest.Enroll(s.t, s.store, u, s.now)
}

// caller makes calls as one user, or as nobody.
type caller struct {
	*site
	navn    string
	address string
}

// as is who calls; a site that is called itself is called by an operator.
func (s *site) as(navn string) *caller { return &caller{s, navn, "192.0.2.1"} }

// from has the calls come from another address.
func (c *caller) from(address string) *caller { return &caller{c.site, c.navn, address} }

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
	return s.as(drift).call(method, path, body, headers...)
}

func (c *caller) call(method, path, body string, headers ...string) *answer {
	c.t.Helper()
	r := httptest.NewRequestWithContext(c.t.Context(), method, path, strings.NewReader(body))
	r.RemoteAddr = net.JoinHostPort(c.address, "1234")
	if c.navn != nobody {
		r.SetBasicAuth(c.navn, c.secrets[c.navn])
	}
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		if name == "Authorization" {
			r.Header.Del(name)
		}
		r.Header.Add(name, value)
	}
	w := httptest.NewRecorder()
	c.ServeHTTP(w, r)
	return &answer{c.t, method + " " + path, w.Code, w.Header(), w.Body.String()}
}

// at gives the address of a path at a server on this machine, with the login of an operator.
func (s *site) at(server *httptest.Server, path string) string {
	return strings.Replace(server.URL, "://", "://"+drift+":"+s.secrets[drift]+"@", 1) + path
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
