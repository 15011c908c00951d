package main

import (
	"bytes"
	"cmp"
	"errors"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/archiving"
	"dagtilbudsregisteret.dk/shared/boltstore"
	"dagtilbudsregisteret.dk/shared/dynamostore/dynamotest"
	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/records"
	"dagtilbudsregisteret.dk/shared/records/recordstest"
	"dagtilbudsregisteret.dk/shared/register"
)

// inFolder gives a session whose data is in a folder, and a function that has something done with that.
func inFolder(t *testing.T, folder string) (*session, func(do func(store *boltstore.Store))) {
	return &session{t: t, env: map[string]string{"DTR_DATA": folder}}, func(do func(store *boltstore.Store)) {
		t.Helper()
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		store, err := boltstore.Open(filepath.Join(folder, "register.db"), register.DefaultSeries)
		if err != nil {
			t.Fatal(err)
		}
		do(store)
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestBackupAndRestore backs a register up, restores it into a file and into a table, and goes on there.
func TestBackupAndRestore(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "backup.gz")
	s, with := inFolder(t, filepath.Join(folder, "was"))
	bootstrapOnce(s)
	with(func(store *boltstore.Store) {
		if err := recordstest.New(store, "os2", 1, 500).Live(t.Context(), 30); err != nil {
			t.Fatal(err)
		}
	})
	contains(t, s.must(exitDone, "check").stdout, " units, ", ": 0 breaches\n")
	contains(t, s.must(exitDone, "backup", file).stdout, file+" has ", "1 users and ", "secrets are not in it\nSHA-256 ")
	if about, err := os.Stat(file); err != nil || about.Mode().Perm() != 0o600 {
		t.Errorf("%v: %v", err, about)
	}

	is, with := inFolder(t, filepath.Join(folder, "is"))
	restored := is.must(exitDone, "restore", file)
	contains(t, restored.stdout, "register.db has ", ": 0 breaches\n", "no user has a secret")
	contains(t, is.must(exitRefused, "restore", file).stderr, "the register is not empty")
	contains(t, is.issued("adgang", "bootstrap", "drift-2"), "drift-2:")
	contains(t, is.must(exitDone, "check").stdout, ": 0 breaches\n")
	with(func(store *boltstore.Store) {
		if err := recordstest.New(store, "os2", 2, 500).Live(t.Context(), 10); err != nil {
			t.Fatal(err)
		}
	})

	server := dynamotest.Start(t)
	table := &session{t: t, env: map[string]string{"DTR_ENGINE": "dynamodb", "AWS_ENDPOINT_URL_DYNAMODB": server.Endpoint, "DTR_TABLE": "restored"}}
	contains(t, table.must(exitFailed, "check").stderr, "table restored at", "ResourceNotFound")
	table.must(exitDone, "restore", file)
	contains(t, table.must(exitDone, "check").stdout, ": 0 breaches\n")
	copied := &session{t: t, env: map[string]string{"DTR_ENGINE": "dynamodb", "AWS_ENDPOINT_URL_DYNAMODB": server.Endpoint, "DTR_TABLE": "copied"}}
	contains(t, copied.must(exitDone, "restore", "-table", "restored").stdout, "table copied at", "with their secrets\n", ": 0 breaches\n")
	contains(t, copied.must(exitRefused, "restore", "-table", "restored").stderr, "the register is not empty")
	contains(t, copied.must(exitFailed, "restore", "-table", "copied").stderr, "another table than DTR_TABLE")
	contains(t, copied.must(exitFailed, "restore", "-table", "none").stderr, "ResourceNotFound")
	table.must(exitDone, "backup", file)
	third, _ := inFolder(t, filepath.Join(folder, "third"))
	contains(t, third.must(exitDone, "restore", file).stdout, strings.SplitN(restored.stdout, " has ", 2)[1][:20])
}

// TestCheckShowsBreaches damages a register: the check says so, and a backup is not refused for it where it has no part in it.
func TestCheckShowsBreaches(t *testing.T) {
	s, with := inFolder(t, t.TempDir())
	with(func(store *boltstore.Store) {
		for i := range shownBreaches + 7 {
			at := records.Place{Kommune: 461, Sti: "G20000"}
			n, _ := register.DefaultSeries.Number(int64(20_000 + i))
			if err := store.Put(t.Context(), records.Record{Key: keys.Ledger(n), Value: at}); err != nil {
				t.Fatal(err)
			}
		}
	})
	r := s.must(exitRefused, "check")
	contains(t, r.stdout, "ledger/astray G20000: the ledger says", "\n… and 7 more\n", ": 107 breaches\n")
}

// TestUnfinishedRestore leaves a restore half done: nothing but a restore opens the register then.
func TestUnfinishedRestore(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "backup.gz")
	s, with := inFolder(t, filepath.Join(folder, "was"))
	with(func(store *boltstore.Store) {
		if err := recordstest.New(store, "os2", 1, 500).Live(t.Context(), 10); err != nil {
			t.Fatal(err)
		}
	})
	s.must(exitDone, "backup", file)
	is, with := inFolder(t, filepath.Join(folder, "is"))
	is.must(exitDone, "restore", file)
	with(func(store *boltstore.Store) {
		found, err := store.Get(t.Context(), keys.Restore)
		if err != nil {
			t.Fatal(err)
		}
		r := found[0].Value.(records.Restore)
		r.Done = time.Time{}
		if err := store.Put(t.Context(), records.Record{Key: keys.Restore, Value: r}); err != nil {
			t.Fatal(err)
		}
	})
	contains(t, is.must(exitFailed, "adgang", "bootstrap", "drift-1").stderr, "is not whole: a restore was begun")
	contains(t, is.must(exitRefused, "check").stdout, "unfinished ")
	is.must(exitDone, "restore", file)
	is.issued("adgang", "bootstrap", "drift-1")
}

// TestArchiveMistakes is for what is no backup, no register, or no command line.
func TestArchiveMistakes(t *testing.T) {
	folder := t.TempDir()
	s, _ := inFolder(t, filepath.Join(folder, "none"))
	contains(t, s.must(exitFailed, "check").stderr, "there is no register: ")
	contains(t, s.must(exitFailed, "backup", filepath.Join(folder, "x.gz")).stderr, "there is no register: ")
	contains(t, s.must(exitFailed, "restore", filepath.Join(folder, "x.gz")).stderr, "x.gz")
	s.must(exitFailed, "restore")
	s.must(exitFailed, "restore", "-table", "x", "FILE")
	contains(t, s.must(exitFailed, "restore", "-table", "x").stderr, "another table than DTR_TABLE")
	if _, err := os.Stat(filepath.Join(folder, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("something was made: %v", err)
	}
	s.must(exitFailed, "check", "x")
	contains(t, s.must(exitDone, "backup", "-h").stdout, "usage: dtr backup FILE")

	contains(t, s.must(exitRefused, "restore", sample).stderr, "this is no backup")
	held, err := boltstore.Open(filepath.Join(folder, "register.db"), register.DefaultSeries)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	s.env["DTR_DATA"] = folder
	contains(t, s.must(exitFailed, "check").stderr, "another process has "+folder, "must be stopped first")

	s.env["DTR_ENGINE"] = "paper"
	contains(t, s.must(exitFailed, "check").stderr, "DTR_ENGINE must be bolt or dynamodb")
}

// TestBackupOfRealUnits loads the real units, backs the register up, restores it and compares every row, change and number. They are not part of the
// project: DTR_REAL_DATA names the folder with real-units.csv.
func TestBackupOfRealUnits(t *testing.T) {
	units := filepath.Join(cmp.Or(os.Getenv("DTR_REAL_DATA"), "../../../shared/data"), "real-units.csv")
	if _, err := os.Stat(units); err != nil {
		t.Skipf("NOT RUN: TestBackupOfRealUnits needs %s; set DTR_REAL_DATA to the folder that holds it", units)
	}
	folder := t.TempDir()
	was, is := open(t, filepath.Join(folder, "register.db")), open(t, filepath.Join(folder, "is.db"))
	makeOperator(t, was)
	(&session{t: t, url: serve(t, was, nil)}).must(exitDone, "load", units)
	var file bytes.Buffer
	began := time.Now()
	service := archiving.Service{Store: was, Series: register.DefaultSeries, Now: time.Now}
	sum, err := service.Backup(t.Context(), &file)
	if err != nil || sum.Counts["unit"] != 8588 {
		t.Fatalf("%v: %+v", err, sum)
	}
	backedUp := time.Now()
	service.Store = is
	if _, err := service.Restore(t.Context(), bytes.NewReader(file.Bytes())); err != nil {
		t.Fatal(err)
	}
	t.Logf("backed up in %v, %d KB, and restored in %v", backedUp.Sub(began), file.Len()>>10, time.Since(backedUp))
	heads, err := was.Heads(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for _, h := range heads {
		want, got := all(t, was.Units(t.Context(), h.Kommune, "")), all(t, is.Units(t.Context(), h.Kommune, ""))
		rows += len(got)
		if !slices.Equal(got, want) {
			t.Errorf("municipality %d has other rows", h.Kommune)
		}
		from := register.Position{Kommune: h.Kommune}
		if !slices.Equal(all(t, is.Changes(t.Context(), from)), all(t, was.Changes(t.Context(), from))) {
			t.Errorf("municipality %d has another log", h.Kommune)
		}
		for _, u := range want {
			wanted, errWanted := was.Ledger(t.Context(), u.Number(), time.Now())
			if entry, err := is.Ledger(t.Context(), u.Number(), time.Now()); err != nil || errWanted != nil || entry != wanted {
				t.Errorf("%v, %v: the ledger has %+v, want %+v", err, errWanted, entry, wanted)
			}
		}
	}
	if rows != 8588 {
		t.Errorf("%d rows", rows)
	}
}

func open(t *testing.T, path string) *boltstore.Store {
	t.Helper()
	store, err := boltstore.Open(path, register.DefaultSeries)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}

func all[T any](t *testing.T, of iter.Seq2[T, error]) (found []T) {
	t.Helper()
	for v, err := range of {
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, v)
	}
	return found
}
