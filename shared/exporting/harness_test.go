package exporting_test

import (
	"iter"
	"path/filepath"
	"slices"
	"testing"

	"dagtilbudsregisteret.dk/shared/boltstore"
	"dagtilbudsregisteret.dk/shared/exporting"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/storetest"
)

// newService is a service on a register with these units in it:
//
//	101  G10010                         privat, § 19 stk. 5
//	     └ G10011 6010 closed
//	461  G10000                         kommunal, § 19 stk. 2
//	     ├ G10001 6012
//	     │ ├ G10002
//	     │ └ G10003 closed
//	     └ G10004 6011
//	     Å10000                         kommunal, § 19 stk. 2
func newService(t *testing.T) *exporting.Service {
	t.Helper()
	store, err := boltstore.Open(filepath.Join(t.TempDir(), "register.db"), register.DefaultSeries)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	d := storetest.Daginstitution(461, "G10000")
	e1, e2 := storetest.Anvisningsenhed(d, "G10001"), storetest.Anvisningsenhed(d, "G10004")
	a1, a2 := storetest.Alternativ(e1, "G10002"), storetest.Alternativ(e1, "G10003")
	e2.InstType3, e2.PNummer, e2.CVRNummer, e2.Navn = 6011, "1000000009", "35209115", "Ærtehaven"
	a2.Aktivitetsstatus = register.Nedlagt
	other := storetest.Daginstitution(101, "G10010")
	other.EjerformKode, other.LovgrundlagKode = 3, 4
	closed := storetest.Anvisningsenhed(other, "G10011")
	closed.InstType3, closed.Aktivitetsstatus = 6010, register.Nedlagt
	storetest.Create(t, store, d, e1, a1, a2, e2, storetest.Daginstitution(461, "Å10000"), other, closed)
	return &exporting.Service{Store: store}
}

// all are the units of newService in the order in which they are read.
var all = []register.Number{"G10010", "G10011", "G10000", "G10001", "G10002", "G10003", "G10004", "Å10000"}

// numbers gives the rows' numbers.
func numbers(t *testing.T, rows iter.Seq2[exporting.Row, error]) (found []register.Number) {
	t.Helper()
	for row, err := range rows {
		if err != nil {
			t.Fatal(err)
		}
		if row.Daginstitution.Number() != row.DaginstitutionsNummer {
			t.Errorf("%s comes with %s", row.Number(), row.Daginstitution.Number())
		}
		found = append(found, row.Number())
	}
	return found
}

func wantNumbers(t *testing.T, what string, got []register.Number, want ...register.Number) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s\n got %v\nwant %v", what, got, want)
	}
}
