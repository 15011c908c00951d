package archiving_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/archiving"
	"dagtilbudsregisteret.dk/shared/auditing"
	"dagtilbudsregisteret.dk/shared/boltstore"
	"dagtilbudsregisteret.dk/shared/dynamostore"
	"dagtilbudsregisteret.dk/shared/dynamostore/dynamotest"
	"dagtilbudsregisteret.dk/shared/records"
	"dagtilbudsregisteret.dk/shared/records/recordstest"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
)

// engine makes empty registers.
type engine struct {
	name  string
	chunk int
	open  func(t *testing.T) recordstest.Store
}

func bolt() engine {
	return engine{"bolt", boltstore.Chunk, func(t *testing.T) recordstest.Store {
		store, err := boltstore.Open(filepath.Join(t.TempDir(), "register.db"), register.DefaultSeries)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { store.Close() })
		return store
	}}
}

func dynamodb(t *testing.T) engine {
	server := dynamotest.Start(t)
	tables := 0
	return engine{"dynamodb", dynamostore.Chunk, func(t *testing.T) recordstest.Store {
		tables++
		client, table := server.Client(), fmt.Sprint("Dagtilbud", tables)
		store := dynamostore.New(client, table, register.DefaultSeries)
		if err := store.CreateTable(t.Context()); err != nil {
			t.Fatal(err)
		}
		dynamotest.WithoutStream(t, client, table)
		return store
	}}
}

func service(store archiving.Store) *archiving.Service {
	return &archiving.Service{Store: store, Series: register.DefaultSeries, Now: func() time.Time { return now }}
}

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// lived makes a register that has something of each kind.
func lived(t *testing.T, e engine, steps int) recordstest.Store {
	t.Helper()
	store := e.open(t)
	must(t, recordstest.New(store, "os2", 1, e.chunk).Live(t.Context(), steps))
	secret, kept := access.NewSecret(now, time.Time{})
	if secret == "" {
		t.Fatal("no secret")
	}
	u := access.User{
		Navn: "os2", Rolle: access.Leverandoer, Forbindelse: access.Levere, Secrets: []access.Secret{kept}, Version: 1, Oprettet: now,
		Grants: []access.Grant{{ID: "1", Kommune: 461, Niveauer: register.Levels[1:], Ejerformer: []int{1, 3}, Fra: "2026-11-23", Givet: now}},
	}
	must(t, store.SaveUser(t.Context(), u, access.Entry{ID: "1", Tid: now, Handling: "adgang/opret", Bruger: "os2", Fund: []byte("[]")}))
	must(t, store.NoteUse(t.Context(), "os2", kept.ID, now))
	sub := relaying.Subscriber{Navn: "hold-ind", Koe: "hold-ind", Filter: relaying.Filter{Niveauer: register.Levels[:2], Arter: []register.Art{register.Flytning}}, Version: 1}
	must(t, store.SaveSubscriber(t.Context(), sub, access.Entry{ID: "2", Tid: now, Handling: "abonnement/opret", Bruger: "hold-ind"}))
	must(t, store.Mark(t.Context(), "hold-ind", 0, register.Position{Kommune: 461, Nr: 1}))
	must(t, store.Update(t.Context(), func(tx register.Tx) error { // by a clock that is behind
		u := register.Unit{
			Level: register.Daginstitution, AdmKommuneKode: 461, DaginstitutionsNummer: "D00001", Navn: "Sent", EjerformKode: 1, LovgrundlagKode: 1,
			Aktivitetsstatus: register.Aktiv, Version: 1, SenestOpdateret: now.AddDate(-1, 0, 0),
		}
		_, err := tx.Write(register.Change{Art: register.Indlaesning, Aarsag: register.VedKald, Efter: u, Tid: u.SenestOpdateret})
		return err
	}))
	_, err := store.Reserve(t.Context(), register.Reservation{Key: "r", Count: 3, Expires: now, User: "os2"})
	must(t, err)
	return store
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// backup takes one.
func backup(t *testing.T, store archiving.Store) ([]byte, archiving.Summary) {
	t.Helper()
	var file bytes.Buffer
	sum, err := service(store).Backup(t.Context(), &file)
	must(t, err)
	return file.Bytes(), sum
}

// sound checks that a register has no breach.
func sound(t *testing.T, store records.Store) {
	t.Helper()
	audit := auditing.Service{Store: store, Series: register.DefaultSeries}
	summary, err := audit.Check(t.Context(), func(b auditing.Breach) { t.Errorf("%s", b) })
	if err != nil || len(summary.Unsettled) > 0 {
		t.Fatalf("%v: %+v", err, summary)
	}
}
