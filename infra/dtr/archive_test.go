package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"math/rand/v2"
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
	taken := s.must(exitDone, "backup", file).stdout
	contains(t, taken, file+" has ", "1 users and ", "secrets are not in it\nSHA-256 ")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	contains(t, taken, fmt.Sprintf("\nSHA-256 %x\n", sha256.Sum256(text)))
	contains(t, s.must(exitFailed, "backup", file).stderr, file+" exists, and is left as it is")
	if again, err := os.ReadFile(file); err != nil || !bytes.Equal(again, text) {
		t.Errorf("%v: the backup is another", err)
	}
	if about, err := os.Stat(file); err != nil || about.Mode().Perm() != 0o600 {
		t.Errorf("%v: %v", err, about)
	}

	is, with := inFolder(t, filepath.Join(folder, "is"))
	restored := is.must(exitDone, "restore", file)
	contains(t, restored.stdout, "register.db has ", ": 0 breaches\n", "no user has a secret")
	contains(t, is.must(exitRefused, "restore", file).stderr, "dtr: the register is not empty: it has ", " units, ", " changes and ")
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
	file = filepath.Join(folder, "table.gz")
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
	contains(t, is.must(exitFailed, "backup", filepath.Join(folder, "half.gz")).stderr, "is not whole: a restore was begun")
	contains(t, is.must(exitRefused, "check").stdout, "unfinished ")
	is.must(exitDone, "restore", file)
	is.issued("adgang", "bootstrap", "drift-1")
}

// TestDamagedBackup flips a byte of a backup.
func TestDamagedBackup(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "backup.gz")
	s, with := inFolder(t, filepath.Join(folder, "was"))
	with(func(*boltstore.Store) {})
	contains(t, s.must(exitDone, "check").stdout, "the register is empty", ": 0 breaches\n")
	s.must(exitDone, "backup", file)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text[len(text)/2] ^= 1
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	is, _ := inFolder(t, filepath.Join(folder, "is"))
	contains(t, is.must(exitRefused, "restore", file).stderr, "dtr: the backup is damaged: ")
}

// TestDamagedFile flips bytes of the register's file, page by page: what does not fit together is told, and nothing panics.
func TestDamagedFile(t *testing.T) {
	folder := t.TempDir()
	_, with := inFolder(t, filepath.Join(folder, "was"))
	with(func(store *boltstore.Store) {
		if err := recordstest.New(store, "os2", 1, 500).Live(t.Context(), 60); err != nil {
			t.Fatal(err)
		}
	})
	whole, err := os.ReadFile(filepath.Join(folder, "was", "register.db"))
	if err != nil {
		t.Fatal(err)
	}
	is, _ := inFolder(t, filepath.Join(folder, "is"))
	if err := os.MkdirAll(filepath.Join(folder, "is"), 0o700); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	size := os.Getpagesize()
	used := len(bytes.TrimRight(whole, "\x00"))/size + 1
	whole = whole[:used*size]
	refused, broken := 0, 0
	for round := range 30 {
		spoilt := bytes.Clone(whole)
		for range 1 + round%3*used/4 {
			spoilt[random.IntN(len(spoilt))] ^= byte(1 + random.IntN(255))
		}
		if err := os.WriteFile(filepath.Join(folder, "is", "register.db"), spoilt, 0o600); err != nil {
			t.Fatal(err)
		}
		checked := is.run("check")
		damaged := strings.Contains(checked.stderr, "register.db is damaged: restore a backup")
		if damaged {
			refused++
		}
		if breaches := strings.Contains(checked.stdout, " breaches\n"); breaches == damaged || damaged && checked.code != exitRefused {
			t.Errorf("round %d: exit %d: %s%s", round, checked.code, checked.stdout, checked.stderr)
		}
		if checked.code == exitRefused && !damaged {
			broken++
		}
		is.run("backup", filepath.Join(folder, fmt.Sprint(round, ".gz")))
	}
	if refused == 0 || broken == 0 {
		t.Errorf("%d are damaged, and %d have breaches", refused, broken)
	}
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
