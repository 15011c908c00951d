package events_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dagtilbudsregisteret.dk/events"
	"dagtilbudsregisteret.dk/shared/boltstore"
	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/rest"
	"dagtilbudsregisteret.dk/shared/services"
)

// TestUnitIsWhatRESTAnswers holds the rows of events to those of GET /v2/dagtilbud/{nummer}: with nothing in them, with everything,
// with bytes that are no text, and with anything.
func TestUnitIsWhatRESTAnswers(t *testing.T) {
	store, err := boltstore.Open(filepath.Join(t.TempDir(), "register.db"), register.DefaultSeries)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	api := rest.New(services.New(services.Config{
		Store: store, Tables: codes.Embedded(), Now: func() time.Time { return at(0) }, Log: slog.New(slog.DiscardHandler),
	}), rest.Limits{})
	handler := api.Handler(api.Export())

	trees := [][]register.Unit{
		tree(func(l register.Level) register.Unit { return register.Unit{Level: l, Aktivitetsstatus: register.Aktiv} }),
		tree(full),
		tree(func(l register.Level) register.Unit {
			u := full(l)
			u.Navn = "\b\f\n\r\t\x01\x1f\x7f\"\\/<&>\u2028 \xff\xc3\xc3x"
			return u
		}),
	}
	for seed := range 30 {
		trees = append(trees, tree(func(l register.Level) register.Unit {
			return rapid.Custom(func(t *rapid.T) register.Unit { return row(t, l) }).Example(seed)
		}))
	}
	for i, rows := range trees {
		plant(t, store, rows, i)
		for _, u := range rows {
			row := events.Unit(u)
			if got, want := string(row.Append(nil)), answered(t, handler, u.Number()); got != want {
				t.Errorf("\n an event has %s\nREST answers %s", got, want)
			}
		}
	}
}

// tree gives a row of each level.
func tree(row func(register.Level) register.Unit) (rows []register.Unit) {
	for _, level := range register.Levels {
		rows = append(rows, row(level))
	}
	return rows
}

// plant stores the rows as new ones, each below the one before it, as the i'th tree of a municipality.
func plant(t *testing.T, store register.Store, rows []register.Unit, i int) {
	t.Helper()
	for j := range rows {
		u := &rows[j]
		u.AdmKommuneKode, u.Version = 265, 1
		u.SetNumber(register.Number(fmt.Sprintf("G%05d", 20000+10*i+j)))
		if j > 0 {
			u.PlaceUnder(&rows[j-1])
		}
	}
	err := store.Update(t.Context(), func(tx register.Tx) error {
		for _, u := range rows {
			if _, err := tx.Write(register.Change{Art: register.Oprettelse, Aarsag: register.VedKald, Efter: u, Tid: at(0)}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// answered gives a unit's JSON as REST answers it.
func answered(t *testing.T, handler http.Handler, n register.Number) string {
	t.Helper()
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/v2/dagtilbud/"+string(n), nil))
	var answer struct{ Dagtilbud json.RawMessage }
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != http.StatusOK {
		t.Fatalf("%d, %v: %s", w.Code, err, w.Body)
	}
	return string(answer.Dagtilbud)
}
