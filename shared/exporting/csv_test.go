package exporting_test

import (
	"encoding/csv"
	"errors"
	"iter"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/exporting"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/storetest"
)

// family is a row of each level, with everything that a file must take care of.
func family() []exporting.Row {
	d := storetest.Daginstitution(461, "G10000")
	d.Navn, d.SenestOpdateret = "Område Ø", time.Date(2026, 11, 23, 8, 30, 0, 120_000_000, time.UTC)
	e := storetest.Anvisningsenhed(d, "G10001")
	e.Navn = `"Æblet"; stue \ "A"`
	e.Adresse.SupplerendeBynavn, e.Adresse.GeoLaengde = "Øster;Å", register.Grad{Value: -0.0000125, Given: true}
	a := storetest.Alternativ(e, "G10002")
	a.Aktivitetsstatus, a.Adresse.GeoBredde, a.Adresse.GeoLaengde = register.Nedlagt, register.Grad{}, register.Grad{}
	return []exporting.Row{{Unit: d, Daginstitution: d}, {Unit: e, Daginstitution: d}, {Unit: a, Daginstitution: d}}
}

// each gives rows, and then err where there is one.
func each(rows []exporting.Row, err error) iter.Seq2[exporting.Row, error] {
	return func(yield func(exporting.Row, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
		if err != nil {
			yield(exporting.Row{}, err)
		}
	}
}

func file(t *testing.T, level register.Level, rows ...exporting.Row) string {
	t.Helper()
	var out strings.Builder
	if err := exporting.NewCSV(codes.Embedded(), level).Write(&out, each(rows, nil)); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestFiles spells out the file of each level to the byte.
func TestFiles(t *testing.T) {
	rows := family()
	const (
		ejerform = "1;Kommunal;1;Dagtilbudsloven § 19, stk. 2 (kommunal daginstitution);461;Odense;"
		vej      = "461;Odense;Abildgårdsvej;7b;4000;Roskilde;"
		dawa     = "0a3f50a0-0000-4000-8000-0123456789ab;"
	)
	for _, c := range []struct {
		level  register.Level
		header string
		row    exporting.Row
		want   string
	}{
		{register.Daginstitution,
			"daginstitutionsNummer;aktivitetsstatus;dagtilbudsNavn;ejerformKode;ejerformKode_Tekst;lovgrundlagKode;lovgrundlagKode_Tekst;" +
				"admKommuneKode;admKommuneKode_Tekst;senestOpdateret",
			rows[0], "G10000;Aktiv;Område Ø;" + ejerform + "2026-11-23T08:30:00.12Z"},
		{register.Anvisningsenhed,
			"anvisningsenhedsNummer;aktivitetsstatus;daginstitutionsNummer;dagtilbudsNavn;ejerformKode;ejerformKode_Tekst;lovgrundlagKode;" +
				"lovgrundlagKode_Tekst;admKommuneKode;admKommuneKode_Tekst;instType3;instType3_Tekst;kommuneKode;kommuneKode_Tekst;vejNavn;" +
				"husNummer;postNummer;byNavn;supplerendeBynavn;geoBredde;geoLaengde;email;telefonNummer;cvrNummer;pNummer;dawaId;senestOpdateret",
			rows[1], `G10001;Aktiv;G10000;"""Æblet""; stue \ ""A""";` + ejerform + "6012;Aldersintegreret institution (0-5 år);" + vej +
				`"Øster;Å";55.64152;-0.0000125;post@aeblet.example;+45 12 34 56 78;10150817;1012345678;` + dawa + "2026-11-23T08:30:00.123Z"},
		{register.AlternativAdresse,
			"alternativAdresseNummer;aktivitetsstatus;daginstitutionsNummer;anvisningsenhedsNummer;dagtilbudsNavn;admKommuneKode;" +
				"admKommuneKode_Tekst;kommuneKode;kommuneKode_Tekst;vejNavn;husNummer;postNummer;byNavn;supplerendeBynavn;geoBredde;geoLaengde;" +
				"cvrNummer;pNummer;dawaId;senestOpdateret",
			rows[2], "G10002;Nedlagt;G10000;G10001;Skovgruppen G10002;461;Odense;" + vej + ";;;;;" + dawa + "2026-11-23T08:30:00.123Z"},
	} {
		want := "\xef\xbb\xbf" + c.header + "\r\n" + c.want + "\r\n"
		if got := file(t, c.level, c.row); got != want {
			t.Errorf("%s\n got %q\nwant %q", c.level, got, want)
		}
	}
}

// TestCombinedFile has a reader of CSV find every level's columns in the combined file.
func TestCombinedFile(t *testing.T) {
	reader := csv.NewReader(strings.NewReader(strings.TrimPrefix(file(t, 0, family()...), "\ufeff")))
	reader.Comma = ';'
	lines, err := reader.ReadAll()
	if err != nil || len(lines) != 4 {
		t.Fatalf("%v: %d lines", err, len(lines))
	}
	columns := make(map[string]int)
	for i, name := range lines[0] {
		if _, code := columns[strings.TrimSuffix(name, "_Tekst")]; strings.HasSuffix(name, "_Tekst") != code {
			t.Errorf("column %d, %s, does not follow its code", i, name)
		}
		columns[name] = i
	}
	if len(columns) != 29 || lines[0][0] != "dagtilbudsType" || lines[0][1] != "aktivitetsstatus" || lines[0][28] != "senestOpdateret" {
		t.Errorf("%d columns: %v", len(columns), lines[0])
	}
	for i, want := range []map[string]string{
		{"dagtilbudsType": "daginstitution", "daginstitutionsNummer": "G10000", "anvisningsenhedsNummer": "", "alternativAdresseNummer": "",
			"ejerformKode": "1", "instType3": "", "instType3_Tekst": "", "kommuneKode": "", "geoBredde": ""},
		{"dagtilbudsType": "anvisningsenhed", "daginstitutionsNummer": "G10000", "anvisningsenhedsNummer": "G10001", "alternativAdresseNummer": "",
			"dagtilbudsNavn": `"Æblet"; stue \ "A"`, "instType3": "6012", "supplerendeBynavn": "Øster;Å", "geoLaengde": "-0.0000125"},
		{"dagtilbudsType": "alternativAdresse", "daginstitutionsNummer": "G10000", "anvisningsenhedsNummer": "G10001",
			"alternativAdresseNummer": "G10002", "aktivitetsstatus": "Nedlagt", "ejerformKode": "1", "email": ""},
	} {
		for column, value := range want {
			if got := lines[i+1][columns[column]]; got != value {
				t.Errorf("row %d: %s is %q, want %q", i, column, got, value)
			}
		}
	}
}

// full takes nothing.
type full struct{}

var errFull = errors.New("the disk is full")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestWriteStops(t *testing.T) {
	layout := exporting.NewCSV(codes.Embedded(), 0)
	if err := layout.Write(full{}, each(family(), nil)); !errors.Is(err, errFull) {
		t.Errorf("to a full disk: %v", err)
	}
	broken := errors.New("the store is gone")
	if err := layout.Write(&strings.Builder{}, each(family(), broken)); !errors.Is(err, broken) {
		t.Errorf("of broken rows: %v", err)
	}
	many := make([]exporting.Row, 10_000)
	taken := 0
	err := layout.Write(full{}, func(yield func(exporting.Row, error) bool) {
		for _, row := range many {
			if taken++; !yield(row, nil) {
				return
			}
		}
	})
	if !errors.Is(err, errFull) || taken == len(many) {
		t.Errorf("%v, after %d rows", err, taken)
	}
}
