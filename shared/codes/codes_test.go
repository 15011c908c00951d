package codes_test

import (
	"testing"

	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/register"
)

func TestEmbeddedTables(t *testing.T) {
	tables := codes.Embedded()
	want := map[string]int{codes.Ejerform: 4, codes.Lovgrundlag: 10, codes.InstType3: 8, codes.Kommuner: 98}
	for _, table := range tables.All() {
		if len(table.Codes) != want[table.Name] {
			t.Errorf("%s has %d codes, want %d", table.Name, len(table.Codes), want[table.Name])
		}
		for _, code := range table.Codes {
			if code.Tekst.Da == "" || code.Tekst.En == "" {
				t.Errorf("%s %d lacks a text", table.Name, code.Kode)
			}
			if code.Hjemmel == "" && table.Name != codes.Kommuner {
				t.Errorf("%s %d lacks its legal basis", table.Name, code.Kode)
			}
			wantVersion := register.V1
			if table.Name == codes.Lovgrundlag && code.Kode >= 9 {
				wantVersion = register.V2 // barnets lov
			}
			if code.FraVersion != wantVersion {
				t.Errorf("%s %d is from %s, want %s", table.Name, code.Kode, code.FraVersion, wantVersion)
			}
			if placeholder := table.Name == codes.Lovgrundlag && code.Kode != 6; code.Pladsholder != placeholder {
				t.Errorf("%s %d: placeholder is %v", table.Name, code.Kode, code.Pladsholder)
			}
		}
	}
}

func TestLookup(t *testing.T) {
	kommuner := &codes.Embedded().Kommuner
	if code, ok := kommuner.Lookup(461); !ok || code.Tekst.Da != "Odense" {
		t.Errorf("461 is %+v, %v", code, ok)
	}
	for _, kode := range []int{0, -1, 462, 1 << 40} {
		if code, ok := kommuner.Lookup(kode); ok || code != (codes.Code{}) {
			t.Errorf("%d is %+v, %v", kode, code, ok)
		}
	}
	if n := testing.AllocsPerRun(100, func() { kommuner.Lookup(461) }); n != 0 {
		t.Errorf("a look-up allocates %v times", n)
	}
}

// TestTriples holds the file against the table of the law, type by type.
func TestTriples(t *testing.T) {
	daycare := []int{6010, 6011, 6012, 6014}
	want := map[[3]int]bool{}
	allow := func(lovgrundlag int, ejerformer, types []int) {
		for _, e := range ejerformer {
			for _, i := range types {
				want[[3]int{lovgrundlag, e, i}] = true
			}
		}
	}
	allow(1, []int{1}, daycare)
	allow(2, []int{2}, daycare)
	allow(3, []int{4}, daycare)
	allow(4, []int{3}, daycare)
	allow(5, []int{1, 3}, []int{6013})
	allow(6, []int{1}, daycare)
	allow(7, []int{1, 2, 3, 4}, []int{6020})
	allow(8, []int{1, 2, 3, 4}, []int{6021})
	allow(9, []int{1, 2, 3}, []int{6022})
	allow(10, []int{1, 2, 3}, []int{6021})

	tables := codes.Embedded()
	if len(tables.Triples) != 36 || len(want) != 36 {
		t.Fatalf("%d triples in the file and %d here, want 36", len(tables.Triples), len(want))
	}
	for _, l := range tables.Lovgrundlag.Codes {
		for _, e := range tables.Ejerformer.Codes {
			pair := false
			for _, i := range tables.InstTyper.Codes {
				lawful := want[[3]int{l.Kode, e.Kode, i.Kode}]
				if got := tables.Lawful(l.Kode, e.Kode, i.Kode); got != lawful {
					t.Errorf("Lawful(%d, %d, %d) = %v", l.Kode, e.Kode, i.Kode, got)
				}
				pair = pair || lawful
			}
			if got := tables.LawfulPair(l.Kode, e.Kode); got != pair {
				t.Errorf("LawfulPair(%d, %d) = %v", l.Kode, e.Kode, got)
			}
		}
	}
	for _, triple := range tables.Triples {
		if triple.Hjemmel == "" {
			t.Errorf("%+v lacks its legal basis", triple)
		}
	}
}

// TestTriplesOf has each version list the triples that a caller of it can send.
func TestTriplesOf(t *testing.T) {
	tables := codes.Embedded()
	for v, want := range map[register.ServiceVersion]int{register.V1: 30, register.V2: 36} {
		triples := tables.TriplesOf(v)
		if len(triples) != want {
			t.Errorf("%s lists %d triples, want %d", v, len(triples), want)
		}
		for _, triple := range triples {
			for table, kode := range map[*codes.Table]int{&tables.Lovgrundlag: triple.Lovgrundlag, &tables.Ejerformer: triple.Ejerform, &tables.InstTyper: triple.InstType3} {
				if code, ok := table.Lookup(kode); !ok || code.FraVersion > v {
					t.Errorf("%s lists %v, and has no %s %d", v, triple, table.Name, kode)
				}
			}
		}
	}
}

func TestImplied(t *testing.T) {
	for _, c := range []struct {
		ejerform, instType3, lovgrundlag int
		lawful                           bool
	}{
		{1, 6012, 1, true}, // before landsbyordning, which comes later in the table
		{2, 6010, 2, true},
		{4, 6014, 3, true},
		{3, 6011, 4, true},
		{3, 6013, 5, true},
		{2, 6013, 5, false}, // a selvejende dagpleje, which the law does not know
		{4, 6020, 7, true},
		{1, 6021, 8, true},
		{4, 6022, 9, false},
		{1, 6015, 0, false},
		{0, 0, 0, false},
	} {
		lovgrundlag, lawful := codes.Embedded().Implied(c.ejerform, c.instType3)
		if lovgrundlag != c.lovgrundlag || lawful != c.lawful {
			t.Errorf("Implied(%d, %d) = %d, %v, want %d, %v", c.ejerform, c.instType3, lovgrundlag, lawful, c.lovgrundlag, c.lawful)
		}
	}
}
