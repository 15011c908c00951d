package rest_test

import (
	"cmp"
	"context"
	"errors"
	"iter"
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
	"dagtilbudsregisteret.dk/shared/rechecking"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
	"dagtilbudsregisteret.dk/shared/rest"
	"dagtilbudsregisteret.dk/shared/services"
	"dagtilbudsregisteret.dk/shared/validation"
)

// specServer is the whole API on a fresh register, whose store fails when it is told to.
type specServer struct {
	http.Handler
	routes  []rest.Route
	store   *brittleStore
	now     time.Time
	secrets map[string]string // of the users, by name
}

// The users of every specServer beyond the cast: one that may not read, and one that has made as many calls as it may.
const stum, udmattet = "stum", "udmattet"

// specNow is the time at every specServer: the one that the document's examples were written at.
func specNow() time.Time { return time.Date(2026, time.February, 2, 8, 0, 0, 0, time.UTC) }

// specLate is a time at which v1 has closed.
func specLate() time.Time { return access.Day("2027-06-01").Begins() }

func newSpecServer(t testing.TB, settings ...func(*config)) *specServer {
	t.Helper()
	engine, err := boltstore.Open(filepath.Join(t.TempDir(), "register.db"), "G")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Close() })
	s := &specServer{store: &brittleStore{Store: engine}, now: specNow(), secrets: make(map[string]string)}
	users := append(cast(), access.User{Navn: stum, Rolle: access.Leverandoer, Forbindelse: access.Levere},
		access.User{Navn: udmattet, Rolle: access.Support, Skrivninger: 1, Laesninger: 1})
	for _, u := range users {
		s.secrets[u.Navn] = accesstest.Enroll(t, engine, u, specNow())
	}
	c := config{Config: services.Config{Store: s.store, Queue: &fakeQueue{depth: 3, letters: []relaying.DeadLetter{
		{ID: "G10000:1", Body: []byte(`{"id":"G10000:1"}`), Received: 5, Sent: specNow()}, {ID: "2", Body: []byte("hvad er det"), Sent: specNow()},
	}}, Tables: codes.Embedded(), Now: func() time.Time { return s.now }, Versions: usualLives(t), Log: slog.New(slog.DiscardHandler), Chunk: 100}}
	for _, set := range settings {
		set(&c)
	}
	api := rest.New(services.New(c.Config), c.Limits)
	s.routes = everyRoute(api)
	s.Handler = api.Handler(s.routes)
	s.exhaust()
	return s
}

// exhaust has a user make one call of each kind, which is all that it may while the clock stands still.
func (s *specServer) exhaust() {
	for _, path := range []string{"/v2/adgang/mig", "/v2/adgang/brugere"} {
		r := httptest.NewRequest("GET", path, nil)
		r.SetBasicAuth(udmattet, s.secrets[udmattet])
		s.ServeHTTP(httptest.NewRecorder(), r)
	}
}

// named gives a path in which "@" stands for the id of a user's last secret or grant: "egern/hemmeligheder/@".
func (s *specServer) named(t testing.TB, at string) string {
	t.Helper()
	of, found := strings.CutSuffix(at, "/@")
	if !found {
		return at
	}
	navn, kind, _ := strings.Cut(of, "/")
	u, err := s.store.Store.User(t.Context(), navn)
	if err != nil {
		t.Fatal(err)
	}
	id := u.Secrets[len(u.Secrets)-1].ID
	if kind == "bevillinger" {
		id = u.Grants[len(u.Grants)-1].ID
	}
	return of + "/" + id
}

// recheck goes through what is stored, as the scheduled run does.
func (s *specServer) recheck(t testing.TB) {
	t.Helper()
	service := rechecking.Service{Store: s.store, Checker: validation.New(codes.Embedded()), Now: specNow}
	if _, err := service.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// The ways in which a store fails.
var (
	errDiskGone    = errors.New("the disk is gone")
	errNetworkGone = &register.Error{Kind: register.Unavailable, Cause: errors.New("the network is gone")}
	errOthersFirst = &register.Error{Kind: register.Conflict}
)

// brittleStore is a store that fails with err, when there is one, whatever it is asked; with rows, only when it ranges over rows; with
// trail, only when something is to go into the trail.
type brittleStore struct {
	services.Store
	err, rows, trail error
}

func (s *brittleStore) Unit(ctx context.Context, n register.Number) (register.Unit, error) {
	if s.err != nil {
		return register.Unit{}, s.err
	}
	return s.Store.Unit(ctx, n)
}

func (s *brittleStore) Units(ctx context.Context, kommune int, after string) iter.Seq2[register.Unit, error] {
	if err := cmp.Or(s.err, s.rows); err != nil {
		return func(yield func(register.Unit, error) bool) { yield(register.Unit{}, err) }
	}
	return s.Store.Units(ctx, kommune, after)
}

func (s *brittleStore) Positions(ctx context.Context) (register.Positions, error) {
	if s.err != nil {
		return nil, s.err
	}
	return s.Store.Positions(ctx)
}

func (s *brittleStore) Heads(ctx context.Context) ([]register.Head, error) {
	if s.err != nil {
		return nil, s.err
	}
	return s.Store.Heads(ctx)
}

func (s *brittleStore) Order(ctx context.Context) error {
	if s.err != nil {
		return s.err
	}
	return s.Store.Order(ctx)
}

func (s *brittleStore) Subscriber(ctx context.Context, navn string) (relaying.Subscriber, error) {
	if s.err != nil {
		return relaying.Subscriber{}, s.err
	}
	return s.Store.Subscriber(ctx, navn)
}

func (s *brittleStore) Subscribers(ctx context.Context) ([]relaying.Subscriber, error) {
	if s.err != nil {
		return nil, s.err
	}
	return s.Store.Subscribers(ctx)
}

func (s *brittleStore) SaveSubscriber(ctx context.Context, sub relaying.Subscriber, act access.Entry) error {
	if err := cmp.Or(s.err, s.trail); err != nil {
		return err
	}
	return s.Store.SaveSubscriber(ctx, sub, act)
}

func (s *brittleStore) Ledger(ctx context.Context, n register.Number, now time.Time) (register.LedgerEntry, error) {
	if s.err != nil {
		return register.LedgerEntry{}, s.err
	}
	return s.Store.Ledger(ctx, n, now)
}

func (s *brittleStore) Update(ctx context.Context, fn func(register.Tx) error) error {
	if s.err != nil {
		return s.err
	}
	return s.Store.Update(ctx, fn)
}

func (s *brittleStore) Reserve(ctx context.Context, r register.Reservation) (register.Reservation, error) {
	if s.err != nil {
		return register.Reservation{}, s.err
	}
	return s.Store.Reserve(ctx, r)
}

func (s *brittleStore) MoveSeries(ctx context.Context, n register.Number) error {
	if s.err != nil {
		return s.err
	}
	return s.Store.MoveSeries(ctx, n)
}

func (s *brittleStore) User(ctx context.Context, navn string) (access.User, error) {
	if s.err != nil {
		return access.User{}, s.err
	}
	return s.Store.User(ctx, navn)
}

func (s *brittleStore) Users(ctx context.Context) ([]access.User, error) {
	if s.err != nil {
		return nil, s.err
	}
	return s.Store.Users(ctx)
}

func (s *brittleStore) SaveUser(ctx context.Context, u access.User, act access.Entry) error {
	if err := cmp.Or(s.err, s.trail); err != nil {
		return err
	}
	return s.Store.SaveUser(ctx, u, act)
}

func (s *brittleStore) AddTrail(ctx context.Context, entries ...access.Entry) error {
	if err := cmp.Or(s.err, s.trail); err != nil {
		return err
	}
	return s.Store.AddTrail(ctx, entries...)
}

func (s *brittleStore) Entries(ctx context.Context, day time.Time, before access.Entry, now time.Time) iter.Seq2[access.Entry, error] {
	if err := cmp.Or(s.err, s.rows); err != nil {
		return func(yield func(access.Entry, error) bool) { yield(access.Entry{}, err) }
	}
	return s.Store.Entries(ctx, day, before, now)
}

func (s *brittleStore) CountCall(ctx context.Context, version register.ServiceVersion, at time.Time, navn, method string) error {
	if s.err != nil {
		return s.err
	}
	return s.Store.CountCall(ctx, version, at, navn, method)
}

func (s *brittleStore) Calls(ctx context.Context, version register.ServiceVersion, from, to access.Day) iter.Seq2[access.Calls, error] {
	if err := cmp.Or(s.err, s.rows); err != nil {
		return func(yield func(access.Calls, error) bool) { yield(access.Calls{}, err) }
	}
	return s.Store.Calls(ctx, version, from, to)
}
