package archiving_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/archiving"
	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/records"
	"dagtilbudsregisteret.dk/shared/records/recordstest"
	"dagtilbudsregisteret.dk/shared/register"
)

// TestEachIntoEach backs a register up from each engine and restores it into each: row by row it is the same, and goes on.
func TestEachIntoEach(t *testing.T) {
	engines := []engine{bolt(), dynamodb(t)}
	for _, from := range engines {
		was := lived(t, from, 80)
		file, sum := backup(t, was)
		for kind, least := range map[string]int64{
			"change": 80, "unit": 30, "reservation": 1, "receipt": 10, "report": 1, "entry": 2, "calls": 1, "user": 1, "series": 1, "mark": 1, "subscriber": 1,
		} {
			if sum.Counts[kind] < least {
				t.Errorf("from %s: %d lines of kind %s, want %d at least", from.name, sum.Counts[kind], kind, least)
			}
		}
		for _, to := range engines {
			t.Run(from.name+" into "+to.name, func(t *testing.T) {
				is := to.open(t)
				got, err := service(is).Restore(t.Context(), bytes.NewReader(file))
				if err != nil || !reflect.DeepEqual(got.Counts, sum.Counts) || got.SHA256 != sum.SHA256 {
					t.Fatalf("%v: restored %+v\nof %+v", err, got, sum)
				}
				wantSame(t, is, was)
				sound(t, is)
				if u, err := is.User(t.Context(), "os2"); err != nil || len(u.Secrets) > 0 {
					t.Errorf("%v: %+v", err, u)
				}
				again, _ := backup(t, is)
				if _, err := service(to.open(t)).Restore(t.Context(), bytes.NewReader(again)); err != nil {
					t.Errorf("a backup of what was restored: %v", err)
				}
				must(t, recordstest.New(is, "hold-ind", 2, to.chunk).Live(t.Context(), 30))
				sound(t, is)
			})
		}
	}
}

// wantSame compares every row, change, number and all else that a backup has.
func wantSame(t *testing.T, is, was recordstest.Store) {
	t.Helper()
	same := func(what string, ask func(s recordstest.Store) any) {
		t.Helper()
		if got, want := ask(is), ask(was); !reflect.DeepEqual(got, want) {
			t.Errorf("%s\n got %+v\nwant %+v", what, got, want)
		}
	}
	var numbers []register.Number
	same("heads", func(s recordstest.Store) any { heads, err := s.Heads(t.Context()); must(t, err); return heads })
	for _, kommune := range recordstest.Kommuner {
		same("units", func(s recordstest.Store) any {
			units := collect(t, s.Units(t.Context(), kommune, ""))
			for _, u := range units {
				numbers = append(numbers, u.Number())
			}
			return units
		})
		same("changes", func(s recordstest.Store) any {
			return collect(t, s.Changes(t.Context(), register.Position{Kommune: kommune}))
		})
	}
	same("the latest", func(s recordstest.Store) any {
		var told []time.Time
		for _, kommune := range recordstest.Kommuner {
			must(t, s.Update(t.Context(), func(tx register.Tx) error {
				tid, err := tx.Latest(kommune)
				told = append(told, tid)
				return err
			}))
		}
		return told
	})
	same("order", func(s recordstest.Store) any { return collect(t, s.Ordered(t.Context(), 0)) })
	for _, n := range append(numbers, "G10000", "G10001", "G99999", "D00000") {
		same("the ledger of "+string(n), func(s recordstest.Store) any {
			entry, err := s.Ledger(t.Context(), n, now)
			must(t, err)
			return entry
		})
	}
	same("reports", func(s recordstest.Store) any { all, err := s.Reports(t.Context()); must(t, err); return all })
	same("users", func(s recordstest.Store) any {
		all, err := s.Users(t.Context())
		must(t, err)
		for i := range all {
			all[i].Secrets = nil
		}
		return all
	})
	same("subscribers", func(s recordstest.Store) any {
		subs, err := s.Subscribers(t.Context())
		must(t, err)
		told := fmt.Sprintf("%+v", subs)
		for _, sub := range subs {
			marks, err := s.Marks(t.Context(), sub.Navn, sub.Runde)
			must(t, err)
			told += marks.String() + ";"
		}
		return told
	})
	same("trail", func(s recordstest.Store) any {
		all := collect(t, s.Entries(t.Context(), now, access.Entry{}, now))
		for i := range all {
			all[i].Fund = nil
		}
		return all
	})
	same("calls", func(s recordstest.Store) any {
		return collect(t, s.Calls(t.Context(), register.V1, "2026-11-23", "2026-11-24"))
	})
	same("receipts", func(s recordstest.Store) any {
		var all []string
		for r, err := range s.Records(t.Context(), records.Receipts) {
			must(t, err)
			v := r.Value.(register.Receipt)
			all = append(all, fmt.Sprintf("%s %x %s %s %v %s", v.Key, v.Hash, v.Position, v.Number, v.Created, v.Answer))
		}
		slices.Sort(all)
		return all
	})
}

func collect[T any](t *testing.T, all func(yield func(T, error) bool)) (found []T) {
	t.Helper()
	for v, err := range all {
		must(t, err)
		found = append(found, v)
	}
	return found
}

// TestNothingSecret looks for secrets, and for what is kept for a while only, in what a backup says.
func TestNothingSecret(t *testing.T) {
	store := lived(t, bolt(), 5)
	u, err := store.User(t.Context(), "os2")
	must(t, err)
	file, _ := backup(t, store)
	text := unzip(t, file)
	for _, l := range strings.Split(text, "\n") {
		if strings.Contains(l, u.Secrets[0].ID) || strings.Contains(l, `"Hash":[`) && !strings.HasPrefix(l, `{"receipt"`) {
			t.Errorf("a secret: %s", l)
		}
		if strings.HasPrefix(l, `{"entry"`) && !strings.Contains(l, `"Fund":null`) {
			t.Errorf("findings: %s", l)
		}
	}
}

// TestEmptyRegister backs up nothing, and restores it.
func TestEmptyRegister(t *testing.T) {
	file, sum := backup(t, bolt().open(t))
	if len(sum.Counts) != 1 || sum.Last != 0 {
		t.Errorf("%+v", sum)
	}
	is := bolt().open(t)
	if _, err := service(is).Restore(t.Context(), bytes.NewReader(file)); err != nil {
		t.Fatal(err)
	}
	sound(t, is)
	must(t, recordstest.New(is, "os2", 2, 1).Live(t.Context(), 30))
	sound(t, is)
}

// TestOnlyIntoEmpty restores into registers that have something, which stays as it is.
func TestOnlyIntoEmpty(t *testing.T) {
	for _, e := range []engine{bolt(), dynamodb(t)} {
		t.Run(e.name, func(t *testing.T) {
			file, _ := backup(t, lived(t, bolt(), 5))
			is := e.open(t)
			must(t, is.CountCall(t.Context(), register.V1, now, "os2", "x"))
			_, err := service(is).Restore(t.Context(), bytes.NewReader(file))
			if register.KindOf(err) != register.Conflict || !strings.Contains(err.Error(), "the register is not empty: it has 0 units, 0 changes and 1 other records") {
				t.Errorf("into what has something: %v", err)
			}
			if left := collect(t, is.Records(t.Context())); len(left) != 1 {
				t.Errorf("left %+v", left)
			}

			full := e.open(t)
			if _, err := service(full).Restore(t.Context(), bytes.NewReader(file)); err != nil {
				t.Fatal(err)
			}
			if _, err := service(full).Restore(t.Context(), bytes.NewReader(file)); register.KindOf(err) != register.Conflict {
				t.Errorf("a second time: %v", err)
			}
			if _, unfinished, err := archiving.Unfinished(t.Context(), full); err != nil || unfinished {
				t.Errorf("%v: it is unfinished: %v", err, unfinished)
			}
		})
	}
}

// TestOtherSeries restores numbers that the register would not issue.
func TestOtherSeries(t *testing.T) {
	file, _ := backup(t, lived(t, bolt(), 5))
	is := bolt().open(t)
	s := service(is)
	s.Series = "HG"
	if _, err := s.Restore(t.Context(), bytes.NewReader(file)); register.KindOf(err) != register.Conflict {
		t.Errorf("restored: %v", err)
	}
	if left := collect(t, is.Records(t.Context())); len(left) != 0 {
		t.Errorf("left %+v", left)
	}
}

// halfway is a register that is asked how far the order has come while a unit changes municipality, of which it has one half by then.
type halfway struct{ recordstest.Store }

func (h *halfway) Ordering(ctx context.Context) (last int64, at register.Positions, err error) {
	last, at, err = h.Store.Ordering(ctx)
	at[len(at)-1].Nr-- // the municipality that it leaves
	return last, at, err
}

// TestHalfACrossing takes a backup in the moment when a unit changes municipality: it is to be taken again.
func TestHalfACrossing(t *testing.T) {
	store := bolt().open(t)
	u := register.Unit{
		Level: register.Daginstitution, AdmKommuneKode: 751, DaginstitutionsNummer: "G10000", Navn: "Navn", Aktivitetsstatus: register.Aktiv, Version: 1,
	}
	moved := u
	moved.AdmKommuneKode, moved.Version = 101, 2
	for _, c := range []register.Change{{Art: register.Oprettelse, Efter: u}, {Art: register.Aendring, Foer: u, Efter: moved}} {
		must(t, store.Update(t.Context(), func(tx register.Tx) error {
			c.Aarsag = register.VedKald
			if c.Foer.Level != 0 {
				stored, err := tx.Unit("G10000")
				if err != nil {
					return err
				}
				c.Foer = stored
			}
			_, err := tx.Write(c)
			return err
		}))
	}
	if _, err := service(store).Backup(t.Context(), io.Discard); err != nil {
		t.Fatal(err)
	}
	if _, err := service(&halfway{store}).Backup(t.Context(), io.Discard); register.KindOf(err) != register.Unavailable {
		t.Errorf("half a change of municipality is backed up: %v", err)
	}
}

// TestDamagedRegister backs up registers that are not sound: the backup is refused rather than lack something.
func TestDamagedRegister(t *testing.T) {
	for name, put := range map[string]records.Record{
		"a head ahead of its log": {Key: keys.Head(461), Value: register.Head{Position: register.Position{Kommune: 461, Nr: 1 << 20}}},
		"a change without a place": {Key: keys.Change(register.Position{Kommune: 461, Nr: 1}), Value: records.Logged{Change: register.Change{
			Position: register.Position{Kommune: 461, Nr: 1}, Art: register.Oprettelse, Aarsag: register.VedKald, Efter: register.Unit{Level: 1, Aktivitetsstatus: 1},
		}}},
		"a text that is none": {Key: keys.User("x"), Value: access.User{Navn: "x", Rolle: 1, Beskrivelse: "\xff"}},
	} {
		store := lived(t, bolt(), 20)
		must(t, store.Put(t.Context(), put))
		if _, err := service(store).Backup(t.Context(), new(bytes.Buffer)); err == nil {
			t.Errorf("%s: backed up", name)
		}
	}
}
