package exporting_test

import (
	"context"
	"errors"
	"iter"
	"strings"
	"testing"

	"dagtilbudsregisteret.dk/shared/exporting"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/storetest"
)

func TestFilters(t *testing.T) {
	s := newService(t)
	for _, c := range []struct {
		name   string
		filter exporting.Filter
		want   []register.Number
	}{
		{"all", exporting.Filter{}, all},
		{"level", exporting.Filter{Level: register.Anvisningsenhed}, []register.Number{"G10011", "G10001", "G10004"}},
		{"municipality", exporting.Filter{AdmKommuneKode: 101}, []register.Number{"G10010", "G10011"}},
		{"municipality without units", exporting.Filter{AdmKommuneKode: 147}, nil},
		{"tree", exporting.Filter{DaginstitutionsNummer: "G10000"}, []register.Number{"G10000", "G10001", "G10002", "G10003", "G10004"}},
		{"tree of another municipality", exporting.Filter{DaginstitutionsNummer: "G10000", AdmKommuneKode: 101}, nil},
		{"tree of no daginstitution", exporting.Filter{DaginstitutionsNummer: "G10001"}, nil},
		{"part of the name, in any case", exporting.Filter{Navn: "ÆRTE"}, []register.Number{"G10004"}},
		{"P-number", exporting.Filter{PNummer: "1012345678"}, []register.Number{"G10011", "G10001"}},
		{"CVR number", exporting.Filter{CVRNummer: "35209115"}, []register.Number{"G10004"}},
		{"type", exporting.Filter{InstType3: 6012}, []register.Number{"G10001"}},
		{"ejerform of the daginstitution", exporting.Filter{EjerformKode: 3}, []register.Number{"G10010", "G10011"}},
		{"lovgrundlag of the daginstitution", exporting.Filter{LovgrundlagKode: 1, Level: register.AlternativAdresse}, []register.Number{"G10002", "G10003"}},
		{"closed", exporting.Filter{Aktivitetsstatus: register.Nedlagt}, []register.Number{"G10011", "G10003"}},
		{"all at once", exporting.Filter{
			Level: register.Anvisningsenhed, AdmKommuneKode: 461, DaginstitutionsNummer: "G10000", Navn: "ærte", PNummer: "1000000009",
			CVRNummer: "35209115", InstType3: 6011, EjerformKode: 1, LovgrundlagKode: 1, Aktivitetsstatus: register.Aktiv,
		}, []register.Number{"G10004"}},
	} {
		wantNumbers(t, c.name, numbers(t, s.Rows(t.Context(), c.filter, exporting.Cursor{})), c.want...)
	}
}

// TestCursorAtEveryRow goes on from each row in turn.
func TestCursorAtEveryRow(t *testing.T) {
	s := newService(t)
	for i, n := range all {
		u, err := s.Unit(t.Context(), n)
		if err != nil {
			t.Fatal(err)
		}
		wantNumbers(t, "after "+string(n), numbers(t, s.Rows(t.Context(), exporting.Filter{}, exporting.CursorAt(&u))), all[i+1:]...)
	}
	gone := exporting.Cursor{Kommune: 461, Path: "G10001/G10009"} // of a tree that was never there
	wantNumbers(t, "after what is gone", numbers(t, s.Rows(t.Context(), exporting.Filter{}, gone)), "Å10000")
	gone.Kommune = 300
	wantNumbers(t, "after a municipality that is gone", numbers(t, s.Rows(t.Context(), exporting.Filter{}, gone)), all[2:]...)
}

func TestPages(t *testing.T) {
	s := newService(t)
	for limit := 1; limit <= len(all)+1; limit++ {
		var found []register.Number
		pages, next := 0, exporting.Cursor{}
		for more := true; more; more = next != (exporting.Cursor{}) {
			rows, following, err := s.Page(t.Context(), exporting.Filter{}, next, limit)
			if err != nil || len(rows) > limit || len(rows) < limit && following != (exporting.Cursor{}) {
				t.Fatalf("limit %d: %v, %d rows, then %v", limit, err, len(rows), following)
			}
			for _, row := range rows {
				found = append(found, row.Number())
			}
			pages, next = pages+1, following
		}
		wantNumbers(t, "pages", found, all...)
		if want := (len(all) + limit - 1) / limit; pages != want {
			t.Errorf("limit %d: %d pages, want %d", limit, pages, want)
		}
	}
}

// TestPagesWhileOthersWrite has units come and go between pages: those that stay are seen once each, in order.
func TestPagesWhileOthersWrite(t *testing.T) {
	s := newService(t)
	var found []register.Number
	var next exporting.Cursor
	for i := 0; i == 0 || next != (exporting.Cursor{}); i++ {
		rows, following, err := s.Page(t.Context(), exporting.Filter{}, next, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			found = append(found, row.Number())
		}
		next = following
		behind, ahead := register.Number("D1000"+string(rune('0'+i))), register.Number("Å1999"+string(rune('0'+i)))
		storetest.Create(t, s.Store, storetest.Daginstitution(101, behind), storetest.Daginstitution(461, ahead))
		if i > 8 {
			break // each page sees what the last one put ahead of it
		}
	}
	stayed := found[:0]
	for _, n := range found {
		if !strings.HasPrefix(string(n), "Å1999") {
			stayed = append(stayed, n)
		}
	}
	wantNumbers(t, "stayed", stayed, all...)
}

func TestFamily(t *testing.T) {
	s := newService(t)
	for _, c := range []struct {
		number       register.Number
		above, below []register.Number
	}{
		{"G10000", nil, []register.Number{"G10001", "G10002", "G10003", "G10004"}},
		{"G10001", []register.Number{"G10000"}, []register.Number{"G10002", "G10003"}},
		{"G10003", []register.Number{"G10000", "G10001"}, nil},
		{"G10004", []register.Number{"G10000"}, nil},
	} {
		u, above, below, err := s.Family(t.Context(), c.number)
		if err != nil || u.Number() != c.number {
			t.Fatalf("%s: %v, %s", c.number, err, u.Number())
		}
		wantNumbers(t, "above "+string(c.number), numbersOf(above), c.above...)
		wantNumbers(t, "below "+string(c.number), numbersOf(below), c.below...)
	}
	for _, n := range []register.Number{"G99999", "", "G10000/G10001", register.Number(strings.Repeat("G", 5000))} {
		_, err := s.Unit(t.Context(), n)
		if _, _, _, errFamily := s.Family(t.Context(), n); register.KindOf(err) != register.NotFound || register.KindOf(errFamily) != register.NotFound {
			t.Errorf("%.10q: %v, %v", n, err, errFamily)
		}
	}
}

func numbersOf(units []register.Unit) (found []register.Number) {
	for _, u := range units {
		found = append(found, u.Number())
	}
	return found
}

func TestPositions(t *testing.T) {
	s := newService(t)
	for kommune, want := range map[int]string{0: "101:2,461:6", 461: "461:6", 147: ""} {
		if positions, err := s.Positions(t.Context(), kommune); err != nil || positions.String() != want {
			t.Errorf("municipality %d: %v, %s, want %s", kommune, err, positions, want)
		}
	}
}

// brokenStore fails after the first row of a municipality.
type brokenStore struct {
	register.Store
	err error
}

func (s *brokenStore) Units(context.Context, int, string) iter.Seq2[register.Unit, error] {
	return func(yield func(register.Unit, error) bool) {
		if yield(storetest.Daginstitution(101, "G10000"), nil) {
			yield(register.Unit{}, s.err)
		}
	}
}

func TestStoreFails(t *testing.T) {
	broken := errors.New("the disk is gone")
	s := exporting.Service{Store: &brokenStore{newService(t).Store, broken}}
	rows := 0
	var last error
	for _, err := range s.Rows(t.Context(), exporting.Filter{}, exporting.Cursor{}) {
		rows, last = rows+1, err
	}
	if rows != 2 || !errors.Is(last, broken) {
		t.Errorf("%d rows, then %v", rows, last)
	}
	if page, _, err := s.Page(t.Context(), exporting.Filter{}, exporting.Cursor{}, 10); !errors.Is(err, broken) || page != nil {
		t.Errorf("a page of %d rows and %v", len(page), err)
	}
}
