package rechecking_test

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/boltstore"
	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/rechecking"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/storetest"
	"dagtilbudsregisteret.dk/shared/validation"
)

var now = time.Date(2026, 11, 23, 9, 30, 0, 0, time.FixedZone("CET", 3600))

func newService(t *testing.T) *rechecking.Service {
	t.Helper()
	store, err := boltstore.Open(filepath.Join(t.TempDir(), "register.db"), register.DefaultSeries)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return &rechecking.Service{Store: store, Checker: validation.New(codes.Embedded()), Now: func() time.Time { return now }}
}

// fill writes what a register may come to hold, lawful and not.
func fill(t *testing.T, store register.Store) {
	sound := storetest.Daginstitution(461, "G10000")
	enhed, twin, nameless := storetest.Anvisningsenhed(sound, "G10001"), storetest.Anvisningsenhed(sound, "G10002"), storetest.Anvisningsenhed(sound, "G10003")
	enhed.Navn, twin.Navn = "Børnehuset", "  BØRNEHUSET "
	nameless.PNummer, nameless.InstType3 = "", 6013
	closed := storetest.Anvisningsenhed(sound, "G10004")
	closed.Navn, closed.InstType3, closed.PNummer, closed.Aktivitetsstatus = "Børnehuset", 6013, "", register.Nedlagt

	dagpleje := storetest.Daginstitution(461, "G10010")
	dagpleje.EjerformKode, dagpleje.LovgrundlagKode = 2, 5
	selvejende := storetest.Anvisningsenhed(dagpleje, "G10011")
	selvejende.InstType3 = 6013

	empty, emptied := storetest.Daginstitution(461, "G10020"), storetest.Daginstitution(461, "G10021")
	last := storetest.Anvisningsenhed(emptied, "G10022")
	last.Aktivitetsstatus = register.Nedlagt
	shut := storetest.Daginstitution(461, "G10023")
	shut.Aktivitetsstatus = register.Nedlagt

	elsewhere := storetest.Daginstitution(751, "G10030")
	namesake := storetest.Anvisningsenhed(elsewhere, "G10031")
	namesake.Navn = "Børnehuset"
	storetest.Create(t, store, sound, enhed, twin, nameless, closed, dagpleje, selvejende, empty, emptied, last, shut, elsewhere, namesake)
}

func TestKommune(t *testing.T) {
	s := newService(t)
	fill(t, s.Store)
	for kommune, want := range map[int]struct {
		units int
		found []string
	}{
		461: {8, []string{
			"G10001 mulig-dublet G10002", "G10002 mulig-dublet G10001", "G10003 krydsvalidering G10000", "G10003 p-nummer-mangler ",
			"G10010 krydsvalidering ", "G10011 krydsvalidering G10010", "G10020 daginstitution-uden-enheder ", "G10021 daginstitution-uden-enheder ",
		}},
		751: {2, nil},
		101: {0, nil},
	} {
		units, findings, err := s.Kommune(t.Context(), register.Position{Kommune: kommune})
		var got []string
		for _, f := range findings {
			got = append(got, string(f.Unit.Number())+" "+f.Rule.ID+" "+string(f.Nummer))
		}
		if err != nil || units != want.units || !slices.Equal(got, want.found) {
			t.Errorf("%d: %v, %d units\n got %q\nwant %q", kommune, err, units, got, want.found)
		}
	}
}

// TestRun keeps what it finds, in place of what it found before.
func TestRun(t *testing.T) {
	s := newService(t)
	fill(t, s.Store)
	for run := range 2 {
		if unlawful, err := s.Run(t.Context()); err != nil || unlawful != 3 {
			t.Fatalf("%d rows are unlawful, %v", unlawful, err)
		}
		reports, err := s.Store.Reports(t.Context())
		if err != nil || len(reports) != 2 {
			t.Fatalf("%v: %d reports", err, len(reports))
		}
		odense, aarhus := reports[0], reports[1]
		if odense.Kommune != 461 || odense.Units != 8 || !odense.Tid.Equal(now) || odense.Position != (register.Position{Kommune: 461, Nr: 11}) {
			t.Errorf("461: %+v", odense)
		}
		if !slices.Equal(odense.Findings["krydsvalidering"], []register.Number{"G10003", "G10010", "G10011"}) || len(odense.Findings) != 4 {
			t.Errorf("461: %v", odense.Findings)
		}
		if aarhus.Kommune != 751 || aarhus.Units != 2+run || len(aarhus.Findings) != run {
			t.Errorf("751: %+v", aarhus)
		}
		storetest.Create(t, s.Store, storetest.Daginstitution(751, register.Number("G2000"+string(rune('0'+run)))))
	}
}
