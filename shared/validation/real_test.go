package validation_test

import (
	"cmp"
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// TestRealUnits loads every real row, below a daginstitution with the lovgrundlag that the triples imply. The rows are not part of the
// project: DTR_REAL_DATA names the folder with real-units.csv.
func TestRealUnits(t *testing.T) {
	rows := realRows(t)
	unlawful := 0
	for _, row := range rows {
		d, u := realUnit(t, row)
		for _, w := range []*validation.Write{
			{Operation: validation.Indlaes, Version: register.V2, After: d},
			{Operation: validation.Indlaes, Version: register.V2, After: u, Parent: d},
			{Operation: validation.Ret, Version: register.V2, Before: u, After: u, Parent: d},
		} {
			for _, f := range checker.Check(nil, w) {
				switch {
				case f.Rule == validation.PNummerMangler: // the source has none
				case isCross(f) && row[0] == "G23693" && (f.Severity == validation.Advarsel) == (w.Operation == validation.Indlaes):
					unlawful++
				default:
					t.Errorf("%s: %s", row[0], f.Tekst.En)
				}
			}
		}
	}
	if len(rows) != 4294 || unlawful != 3 {
		t.Errorf("%d rows, of which G23693 was found unlawful %d times, want 4294 and 3", len(rows), unlawful)
	}
}

func realRows(t *testing.T) [][]string {
	path := filepath.Join(cmp.Or(os.Getenv("DTR_REAL_DATA"), "../../../shared/data"), "real-units.csv")
	file, err := os.Open(path)
	if err != nil {
		t.Skipf("NOT RUN: TestRealUnits needs %s; set DTR_REAL_DATA to the folder that holds it", path)
	}
	defer file.Close()
	r := csv.NewReader(file)
	r.Comma = ';'
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

// realUnit makes a daginstitution and an anvisningsenhed of a row: number, name, type, owner, municipality and its name, street, house
// number, postal code, city, latitude, longitude.
func realUnit(t *testing.T, row []string) (d, u register.Unit) {
	number := func(column int) float64 {
		x, err := strconv.ParseFloat(row[column], 64)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	d = aDaginstitution()
	d.AdmKommuneKode, d.Navn, d.EjerformKode = int(number(4)), row[1], int(number(3))
	d.LovgrundlagKode, _ = codes.Embedded().Implied(d.EjerformKode, int(number(2)))
	u = register.Unit{
		Level: register.Anvisningsenhed, EnhedsNummer: register.Number(row[0]), Navn: row[1], InstType3: int(number(2)),
		Adresse: register.Adresse{
			VejNavn: row[6], HusNummer: row[7], PostNummer: row[8], ByNavn: row[9], KommuneKode: int(number(4)),
			GeoBredde:  register.Grad{Value: number(10), Given: true},
			GeoLaengde: register.Grad{Value: number(11), Given: true},
		},
		Aktivitetsstatus: register.Aktiv,
	}
	u.PlaceUnder(&d)
	validation.Normalize(&u)
	return d, u
}
