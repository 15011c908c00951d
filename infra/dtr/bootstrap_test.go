package main

import (
	"path/filepath"
	"testing"

	"dagtilbudsregisteret.dk/shared/boltstore"
	"dagtilbudsregisteret.dk/shared/dynamostore/dynamotest"
	"dagtilbudsregisteret.dk/shared/register"
)

// TestBootstrap makes the first operator on each engine, once, who can then do everything.
func TestBootstrap(t *testing.T) {
	t.Run("bolt", func(t *testing.T) {
		folder := filepath.Join(t.TempDir(), "new")
		s := &session{t: t, env: map[string]string{"DTR_DATA": folder}}
		login := bootstrapOnce(s)

		store, err := boltstore.Open(filepath.Join(folder, "register.db"), register.DefaultSeries)
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		s.url = serve(t, store, nil)
		first := s.as(login)
		if got := shown(t, first.must(exitDone, "adgang", "mig").stdout, "ROLLE")[0]; got != "drift" {
			t.Errorf("the first operator is %s", got)
		}
		first.issued("adgang", "create", "-rolle", "drift", "drift-2")
		contains(t, first.must(exitDone, "adgang", "spor", "-om", "drift-1").stdout, "adgang/bootstrap")
	})
	t.Run("dynamodb", func(t *testing.T) {
		server := dynamotest.Start(t)
		bootstrapOnce(&session{t: t, env: map[string]string{"DTR_ENGINE": "dynamodb", "AWS_ENDPOINT_URL_DYNAMODB": server.Endpoint}})
	})
}

func bootstrapOnce(s *session) (login string) {
	login = s.issued("adgang", "bootstrap", "drift-1")
	contains(s.t, s.must(exitRefused, "adgang", "bootstrap", "drift-2").stderr, "Registeret har allerede driftsbrugeren drift-1; flere oprettes af den.\n")
	contains(s.t, s.must(exitRefused, "adgang", "bootstrap", "-en", "drift-1").stderr, "The register has the operator drift-1 already;")
	return login
}

// TestBootstrapHeld finds the file held open. That it is this very process which holds it makes no difference to the lock.
func TestBootstrapHeld(t *testing.T) {
	folder := t.TempDir()
	store, err := boltstore.Open(filepath.Join(folder, "register.db"), register.DefaultSeries)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	s := &session{t: t, env: map[string]string{"DTR_DATA": folder}}
	contains(t, s.must(exitFailed, "adgang", "bootstrap", "drift-1").stderr, "another process has "+folder, "must be stopped first")
}

func TestBootstrapBadSettings(t *testing.T) {
	s := &session{t: t, env: map[string]string{"DTR_ENGINE": "paper", "DTR_DATA": t.TempDir()}}
	contains(t, s.must(exitFailed, "adgang", "bootstrap", "drift-1").stderr, "dtr: DTR_ENGINE must be bolt or dynamodb")
	contains(t, s.must(exitFailed, "adgang", "bootstrap", "Drift").stderr, "NAVN is a system user's name")
}
