package soap_test

import (
	"cmp"
	"encoding/csv"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"testing"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/importing"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/soap/soaptest"
	"dagtilbudsregisteret.dk/shared/validation"
)

// TestRealRows loads the real units and reads the whole register with a real client, in one call: each row is what REST's file has, and
// the answer is valid. The units are not part of the project: DTR_REAL_DATA names the folder with real-units.csv.
func TestRealRows(t *testing.T) {
	units := realRows(t)
	l := newLoopback(t)
	l.load(units)
	daginstitutioner := soaptest.Whole(t, l.address, l.login, "v1")
	if len(daginstitutioner) != len(units) {
		t.Errorf("read were %d daginstitutioner, of %d", len(daginstitutioner), len(units))
	}
	want := l.rows()
	if len(want) != 2*len(units) {
		t.Errorf("REST has %d rows", len(want))
	}
	for _, d := range daginstitutioner {
		for _, got := range flat(d) {
			if number := got.number(); !reflect.DeepEqual(got, want[number]) {
				t.Errorf("read was %v\nREST has %v", got, want[number])
			}
			delete(want, got.number())
		}
	}
	for number := range want {
		t.Errorf("%s was not read", number)
	}
	l.wantValid("ExportService", "v1", "export.xsd")
}

// realRow is a line of the file: number, name, type, ejerform, municipality and its name, street, house number, postal code and city.
type realRow []string

func (r realRow) whole(column int) int {
	n, _ := strconv.Atoi(r[column]) // the load is refused where it is none
	return n
}

func realRows(t *testing.T) []realRow {
	t.Helper()
	path := filepath.Join(cmp.Or(os.Getenv("DTR_REAL_DATA"), "../../../shared/data"), "real-units.csv")
	file, err := os.Open(path)
	if err != nil {
		t.Skipf("NOT RUN: %s needs %s; set DTR_REAL_DATA to the folder that holds it", t.Name(), path)
	}
	defer file.Close()
	r := csv.NewReader(file)
	r.Comma = ';'
	lines, err := r.ReadAll()
	if err != nil || len(lines) < 2 {
		t.Fatalf("%d lines: %v", len(lines), err)
	}
	var rows []realRow
	for _, line := range lines[1:] {
		rows = append(rows, line)
	}
	return rows
}

// load loads units, each below a daginstitution of its own with the lovgrundlag that the law's triples imply.
func (l *loopback) load(rows []realRow) {
	l.t.Helper()
	last := slices.MaxFunc(rows, func(a, b realRow) int { return cmp.Compare(a[0], b[0]) })
	if err := l.services.Store.MoveSeries(l.t.Context(), register.Number(last[0])); err != nil {
		l.t.Fatal(err)
	}
	var ops []importing.Op
	for _, r := range rows {
		lovgrundlag, _ := codes.Embedded().Implied(r.whole(3), r.whole(2))
		d := register.Unit{Level: register.Daginstitution, Navn: r[1], EjerformKode: r.whole(3), LovgrundlagKode: lovgrundlag, AdmKommuneKode: r.whole(4)}
		e := register.Unit{
			Level: register.Anvisningsenhed, DaginstitutionsNummer: register.Number("#" + r[0]), Navn: r[1], InstType3: r.whole(2),
			Adresse: register.Adresse{VejNavn: r[6], HusNummer: r[7], PostNummer: r[8], ByNavn: r[9], KommuneKode: r.whole(4)},
		}
		ops = append(ops, importing.Op{Operation: validation.Indlaes, Level: d.Level, Unit: d, Ref: r[0]},
			importing.Op{Operation: validation.Indlaes, Level: e.Level, Number: register.Number(r[0]), Unit: e})
	}
	o := importing.Options{Actor: register.Actor{User: "drift", Version: register.V2}, Rights: access.Everything, ImportID: "indlaesning"}
	for result := range l.services.Importing.Run(l.t.Context(), slices.Values(ops), o) {
		if result.Outcome != importing.Created {
			l.t.Fatalf("%+v", result)
		}
	}
}
