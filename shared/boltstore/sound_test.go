package boltstore

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dagtilbudsregisteret.dk/shared/records/recordstest"
	"dagtilbudsregisteret.dk/shared/register"
)

// TestDamagedFile flips one byte of a file, and cuts it short: it is opened and can be read to its end, or is said to be damaged.
func TestDamagedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "register.db")
	store := open(t, path, register.DefaultSeries)
	if err := recordstest.New(store, "os2", 1, 100).Live(t.Context(), 300); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	used := &pages{file: bytes.NewReader(whole)}
	if _, err := used.meta(); err != nil {
		t.Fatal(err)
	}
	page := int(used.size)
	whole = whole[:int(used.end)*page]
	random := rand.New(rand.NewPCG(1, 2))
	damaged, read := 0, 0
	for i := range 300 {
		spoilt := bytes.Clone(whole)
		at := random.IntN(len(whole)/page)*page + random.IntN([]int{16, 64, page}[i%3])
		spoilt[at] ^= byte(1 + random.IntN(255))
		if i%20 == 19 {
			spoilt = spoilt[:at+1]
		}
		if err := os.WriteFile(path, spoilt, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open(path, register.DefaultSeries)
		if err != nil {
			if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "register.db is damaged: restore a backup: ") {
				t.Errorf("byte %d: %v", at, err)
			}
			damaged++
			continue
		}
		for _, err := range s.Records(t.Context()) {
			if err != nil {
				t.Errorf("byte %d: %v", at, err)
			}
		}
		if err := s.Close(); err != nil {
			t.Errorf("byte %d: %v", at, err)
		}
		read++
	}
	if damaged < 20 || read < 20 {
		t.Errorf("%d were damaged, and %d could be read", damaged, read)
	}
	t.Logf("%d damaged, %d read, of %d pages", damaged, read, len(whole)/page)
}
