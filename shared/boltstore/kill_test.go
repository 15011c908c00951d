package boltstore

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/storetest"
)

// killedFile names the file to the process that is to be killed.
const killedFile = "DTR_TEST_KILLED_FILE"

// TestKilled has a process write to a file and kills it in the middle of that, time and again. Whatever it acknowledged is there
// afterwards, and what is there is whole.
func TestKilled(t *testing.T) {
	if path := os.Getenv(killedFile); path != "" {
		writeUntilKilled(t, path)
		return
	}
	path := filepath.Join(t.TempDir(), "register.db")
	acknowledged := make(map[register.Number]int64)
	for round := range 6 {
		killAfter(t, path, 1+rand.IntN(150), acknowledged)
		checkFile(t, path, acknowledged)
		if t.Failed() {
			t.Fatalf("in round %d", round)
		}
	}
}

// writeUntilKilled creates and renames units from several goroutines, and prints the number and version of each once it is acknowledged.
func writeUntilKilled(t *testing.T, path string) {
	s := open(t, path, register.DefaultSeries)
	for i := range 4 {
		go func() {
			for {
				u, err := createOne(t, s, 101+i%2)
				for err == nil && rand.IntN(3) > 0 {
					fmt.Printf("%s %d\n", u.Number(), u.Version)
					u, err = renameOne(t, s, u.Number())
				}
				if err != nil {
					fmt.Println(err)
				}
				fmt.Printf("%s %d\n", u.Number(), u.Version)
			}
		}()
	}
	select {}
}

func createOne(t *testing.T, s *Store, kommune int) (u register.Unit, err error) {
	err = s.Update(t.Context(), func(tx register.Tx) error {
		numbers, err := tx.Issue(1)
		if err != nil {
			return err
		}
		u = storetest.Daginstitution(kommune, numbers[0])
		_, err = tx.Write(register.Change{Art: register.Oprettelse, Aarsag: register.VedKald, Efter: u, Tid: storetest.Now})
		return err
	})
	return u, err
}

func renameOne(t *testing.T, s *Store, n register.Number) (efter register.Unit, err error) {
	err = s.Update(t.Context(), func(tx register.Tx) error {
		foer, err := tx.Unit(n)
		if err != nil {
			return err
		}
		efter = foer
		efter.Version++
		efter.Navn = fmt.Sprint("Version ", efter.Version)
		_, err = tx.Write(register.Change{Art: register.Aendring, Aarsag: register.VedKald, Foer: foer, Efter: efter, Tid: storetest.Now})
		return err
	})
	return efter, err
}

// killAfter starts a process on the file, kills it after it has acknowledged so many writes, and notes all that it acknowledged.
func killAfter(t *testing.T, path string, writes int, acknowledged map[register.Number]int64) {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^TestKilled$")
	child.Env = append(os.Environ(), killedFile+"="+path)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	for count := 1; ; count++ {
		var n register.Number
		var version int64
		if _, err := fmt.Fscanf(lines, "%s %d\n", &n, &version); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		} else if err != nil {
			t.Fatalf("line %d: %v", count, err)
		}
		acknowledged[n] = max(acknowledged[n], version)
		if count == writes {
			child.Process.Kill()
		}
	}
	err = child.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("it was not killed, but ended with %v", err)
	}
}

// checkFile opens the file and holds it against what was acknowledged, and its rows against its log.
func checkFile(t *testing.T, path string, acknowledged map[register.Number]int64) {
	t.Helper()
	s := open(t, path, register.DefaultSeries)
	defer s.Close()
	for n, version := range acknowledged {
		if u, err := s.Unit(t.Context(), n); err != nil || u.Version < version {
			t.Errorf("%s was acknowledged in version %d, and is in version %d (%v)", n, version, u.Version, err)
		}
	}
	positions, err := s.Positions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	rows, logged := 0, int64(0)
	last := make(map[register.Number]register.Unit)
	for _, p := range positions {
		nr := int64(0)
		for c, err := range s.Changes(t.Context(), register.Position{Kommune: p.Kommune}) {
			if nr++; err != nil || c.Position.Nr != nr || c.Foer != last[c.Efter.Number()] {
				t.Fatalf("%v: change %d of %d is %+v", err, nr, p.Kommune, c)
			}
			last[c.Efter.Number()] = c.Efter
		}
		if logged += nr; nr != p.Nr {
			t.Errorf("the log of %d holds %d changes, its head says %d", p.Kommune, nr, p.Nr)
		}
		for u, err := range s.Units(t.Context(), p.Kommune, "") {
			if rows++; err != nil || u != last[u.Number()] {
				t.Errorf("%v: row %+v, in the log %+v", err, u, last[u.Number()])
			}
		}
	}
	if rows != len(last) || rows < len(acknowledged) {
		t.Errorf("%d rows, %d units in the log, %d acknowledged", rows, len(last), len(acknowledged))
	}
	placed := int64(0)
	for c, err := range s.Ordered(t.Context(), 0) {
		if placed++; err != nil || c.Sequence != placed {
			t.Fatalf("%v: change %s has the place %d, want %d", err, c.Position, c.Sequence, placed)
		}
	}
	if placed != logged {
		t.Errorf("%d changes in the order, %d in the logs", placed, logged)
	}
	if u, err := createOne(t, s, 101); err != nil || last[u.Number()].Level != 0 {
		t.Errorf("%v: %s was issued again", err, u.Number())
	}
	for _, u := range last {
		wantNamed(t, s, u)
	}
}

// wantNamed checks that a unit is found by its name.
func wantNamed(t *testing.T, s *Store, u register.Unit) {
	t.Helper()
	err := s.Update(t.Context(), func(tx register.Tx) error {
		found, err := tx.Namesakes(u.AdmKommuneKode, u.Level, u.Navn)
		for _, other := range found {
			if other == u {
				return err
			}
		}
		return errors.Join(err, errors.New("not found by its name"))
	})
	if err != nil {
		t.Errorf("%s »%s«: %v", u.Number(), u.Navn, err)
	}
}
