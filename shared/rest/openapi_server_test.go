package rest_test

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"log/slog"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/boltstore"
	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/rechecking"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/rest"
	"dagtilbudsregisteret.dk/shared/validation"
)

// specServer is the whole API on a fresh register, whose store fails when it is told to.
type specServer struct {
	http.Handler
	routes []rest.Route
	store  *brittleStore
}

// specNow is the time at every specServer: the one that the document's examples were written at.
func specNow() time.Time { return time.Date(2026, time.February, 2, 8, 0, 0, 0, time.UTC) }

func newSpecServer(t testing.TB, settings ...func(*rest.Config)) *specServer {
	t.Helper()
	engine, err := boltstore.Open(filepath.Join(t.TempDir(), "register.db"), "G")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Close() })
	s := &specServer{store: &brittleStore{Store: engine}}
	config := rest.Config{Store: s.store, Tables: codes.Embedded(), Now: specNow, Log: slog.New(slog.DiscardHandler), Chunk: 100}
	for _, set := range settings {
		set(&config)
	}
	api := rest.New(config)
	for _, routes := range [][]rest.Route{api.Import(), api.Export(), api.Numbers(), api.Validation()} {
		s.routes = append(s.routes, routes...)
	}
	s.Handler = api.Handler(s.routes)
	return s
}

// recheck goes through what is stored, as the scheduled run does.
func (s *specServer) recheck(t testing.TB) {
	t.Helper()
	service := rechecking.Service{Store: s.store, Checker: validation.New(codes.Embedded()), Now: specNow}
	if err := service.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// The ways in which a store fails.
var (
	errDiskGone    = errors.New("the disk is gone")
	errNetworkGone = &register.Error{Kind: register.Unavailable, Cause: errors.New("the network is gone")}
)

// brittleStore is a store that fails with err, when there is one, whatever it is asked; with rows, only when it ranges over rows.
type brittleStore struct {
	register.Store
	err, rows error
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
