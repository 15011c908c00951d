package services_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/boltstore"
	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/metrics"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
	"dagtilbudsregisteret.dk/shared/services"
	"dagtilbudsregisteret.dk/shared/versions"
)

// deaf is a queue that nobody calls.
type deaf struct{ relaying.Queue }

// TestNothingIsLeftOut looks for parts of a use case that were given to the services and not to it.
func TestNothingIsLeftOut(t *testing.T) {
	store, err := boltstore.Open(filepath.Join(t.TempDir(), "register.db"), register.DefaultSeries)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	s := services.New(services.Config{
		Store: store, Tables: codes.Embedded(), Now: time.Now, Log: slog.New(slog.DiscardHandler), Queue: deaf{}, Meter: new(metrics.Meter), Series: register.DefaultSeries,
		Settle: time.Second, Anonymous: 100, Chunk: 50, Versions: versions.Schedule{{Version: register.V1}},
	})
	parts := 0
	all := reflect.ValueOf(s).Elem()
	for field, value := range all.Fields() {
		if value.Kind() != reflect.Struct {
			if value.IsZero() {
				t.Errorf("there is no %s", field.Name)
			}
			continue
		}
		for part, value := range value.Fields() {
			if part.IsExported() && value.IsZero() && part.Name != "Patience" { // which each program has its own of
				t.Errorf("%s has no %s", field.Name, part.Name)
			}
			parts++
		}
	}
	if parts < 20 {
		t.Errorf("looked at %d parts only", parts)
	}
	if positions, err := s.Exporting.Positions(context.Background(), 0); err != nil || len(positions) > 0 {
		t.Errorf("a new register stands at %v, %v", positions, err)
	}
}
