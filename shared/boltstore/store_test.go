package boltstore

import (
	"errors"
	"path/filepath"
	"testing"

	bolt "go.etcd.io/bbolt"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/storetest"
)

func TestContract(t *testing.T) { storetest.Run(t, harness{}) }

func TestAccessContract(t *testing.T) { storetest.RunAccess(t, harness{}) }

func TestRelayingContract(t *testing.T) { storetest.RunRelaying(t, harness{}) }

func TestRecordsContract(t *testing.T) { storetest.RunRecords(t, harness{}) }

type harness struct{}

func (harness) Open(t testing.TB, series register.Series) register.Store {
	return open(t, filepath.Join(t.TempDir(), "register.db"), series)
}

func open(t testing.TB, path string, series register.Series) *Store {
	t.Helper()
	s, err := Open(path, series)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if s.db.Path() != "" {
			s.Close()
		}
	})
	return s
}

func (harness) Restart(t testing.TB, old register.Store) register.Store {
	s := old.(*Store)
	path := s.db.Path()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return open(t, path, s.series)
}

func (harness) Break(store register.Store, f storetest.Fault) bool {
	s := store.(*Store)
	broken := errors.New("the disk is gone")
	once := func(commit func(*bolt.Tx) error) {
		s.commit = func(tx *bolt.Tx) error {
			s.commit = (*bolt.Tx).Commit
			return commit(tx)
		}
	}
	switch f {
	case storetest.NotWritten:
		once(func(tx *bolt.Tx) error { return errors.Join(broken, tx.Rollback()) })
	case storetest.Written:
		once(func(tx *bolt.Tx) error { return errors.Join(tx.Commit(), broken) })
	default:
		return false
	}
	return true
}
