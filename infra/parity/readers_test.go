package parity

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"testing"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/xmltree"
)

// queries are what readers ask, of both protocols.
var queries = []struct{ method, argument, value, path string }{
	{"GetAllDagtilbud", "", "", "/dagtilbud?limit=1000"},
	{"GetDagtilbudByDagInstitutionsNummer", "DagInstitutionsNummer", "G10000", "/dagtilbud?limit=1000&daginstitutionsNummer=G10000"},
	{"GetDagtilbudByDagInstitutionsNummer", "DagInstitutionsNummer", "G99999", "/dagtilbud?limit=1000&daginstitutionsNummer=G99999"},
	{"GetDagtilbudByAdmKommuneNummer", "AdmkommuneNummer", "461", "/dagtilbud?limit=1000&admKommuneKode=461"},
	{"GetDagtilbudByAdmKommuneNummer", "AdmkommuneNummer", "999", "/dagtilbud?limit=1000&admKommuneKode=999"},
	{"GetDagtilbudByAdmKommuneNummer", "AdmkommuneNummer", "x", "/dagtilbud?limit=1000&admKommuneKode=x"},
	{"GetAllDaginstitutioner", "", "", "/daginstitutioner?limit=1000"},
	{"GetDaginstitutionByNummer", "DagInstitutionsNummer", "G10000", "/daginstitutioner/G10000"},
	{"GetDaginstitutionByNummer", "DagInstitutionsNummer", "G10001", "/daginstitutioner/G10001"},
	{"GetDaginstitutionByNummer", "DagInstitutionsNummer", "G99999", "/daginstitutioner/G99999"},
	{"GetDaginstitutionByNavn", "partOfName", "vest", "/daginstitutioner?limit=1000&navn=vest"},
	{"GetAllAnvisningsEnheder", "", "", "/anvisningsenheder?limit=1000"},
	{"GetAnvisningsEnhederByNummer", "enhedsNummer", "G10001", "/anvisningsenheder/G10001"},
	{"GetAnvisningsEnhederByPnummer", "pNummer", "1003259422", "/anvisningsenheder?limit=1000&pNummer=1003259422"},
	{"GetAnvisningsEnhederByCvrnummer", "cvrNummer", "12345674", "/anvisningsenheder?limit=1000&cvrNummer=12345674"},
	{"GetAnvisningsEnhederByNavn", "partOfName", "kande", "/anvisningsenheder?limit=1000&navn=kande"},
	{"GetAnvisningsEnhederByDaginstitutionsnummer", "DagInstitutionsNummer", "G10000", "/anvisningsenheder?limit=1000&daginstitutionsNummer=G10000"},
	{"GetAllAlternativAdresser", "", "", "/alternative-adresser?limit=1000"},
	{"GetAlternativAdresserByNummer", "alternativAdresseNummer", "G10002", "/alternative-adresser/G10002"},
	{"GetAlternativAdresserByNavn", "partOfName", "HUS", "/alternative-adresser?limit=1000&navn=HUS"},
	{"GetAlternativAdresserByPnummer", "pNummer", "1003259422", "/alternative-adresser?limit=1000&pNummer=1003259422"},
	{"GetAlternativAdresserByCvrnummer", "cvrNummer", "12345674", "/alternative-adresser?limit=1000&cvrNummer=12345674"},
}

// compareReaders asks both the same, in both versions: every field of every row must be the same, in the same order of rows.
func compareReaders(t *testing.T, rest, soap *site) {
	t.Helper()
	rows, refused := 0, 0
	for _, v := range []register.ServiceVersion{register.V1, register.V2} {
		for _, q := range queries {
			var arguments string
			if q.argument != "" {
				arguments = row{{q.argument, q.value}}.xml()
			}
			content, status := soap.call("", v, "ExportService", q.method, arguments, nil)
			w := rest.send("", "GET", "/"+v.String()+q.path, "", nil)
			if status == 500 && w.Code == 400 {
				refused++
				continue
			}
			var want []flat
			if w.Code != 404 { // of a single unit that is not there; SOAP has lists only
				want = jsonRows(t, w.Body.Bytes())
			}
			got := xmlRows(content)
			if status != 200 || w.Code != 200 && w.Code != 404 {
				t.Errorf("%s %s: %d and %d %s", v, q.method, status, w.Code, w.Body)
				continue
			}
			rows += len(want)
			if len(got) != len(want) {
				t.Errorf("%s %s: REST has %d rows, SOAP %d", v, q.method, len(want), len(got))
				continue
			}
			for i := range got {
				soap.checkAbove(got[i], want[i])
				if !reflect.DeepEqual(got[i], want[i]) {
					t.Errorf("%s %s\nREST %v\nSOAP %v", v, q.method, want[i], got[i])
				}
			}
		}
	}
	if rows < 40 || refused != 4 {
		t.Errorf("%d rows were compared, and %d queries refused", rows, refused)
	}
}

// flat is a row as its fields, those of the address among them.
type flat map[string]string

// checkAbove checks what SOAP has beside a row's own fields, of what it stands under, and takes it away.
func (s *site) checkAbove(got, want flat) {
	s.t.Helper()
	u, err := s.store.Unit(s.t.Context(), register.Number(numberOf(want)))
	if err != nil {
		s.t.Fatal(err)
	}
	above, err := s.store.Unit(s.t.Context(), u.DaginstitutionsNummer)
	if err != nil {
		s.t.Fatal(err)
	}
	for name, value := range map[string]any{"admKommuneKode": u.AdmKommuneKode, "ejerformKode": above.EjerformKode,
		"lovgrundlagKode": above.LovgrundlagKode, "daginstitutionsNummer": u.DaginstitutionsNummer} {
		if _, own := want[name]; own || got[name] == "" {
			continue
		}
		if got[name] != xmlOf(value) {
			s.t.Errorf("%s: %s is %s, want %v", u.Number(), name, got[name], value)
		}
		delete(got, name)
	}
}

func numberOf(f flat) string {
	for _, name := range []string{"alternativAdresse", "enheds", "daginstitutions"} {
		if _, its := f[name+"Navn"]; its {
			return f[name+"Nummer"]
		}
	}
	return ""
}

// xmlRows gives the rows in an answer, each before those within it.
func xmlRows(e *xmltree.Element) (rows []flat) {
	for _, c := range e.Children {
		if _, isRow := register.ParseLevel(c.Name.Local); isRow {
			f := make(flat)
			xmlFields(c, "", f)
			rows = append(rows, f)
		}
		rows = append(rows, xmlRows(c)...)
	}
	return rows
}

func xmlFields(e *xmltree.Element, path string, to flat) {
	for _, c := range e.Children {
		if _, isRow := register.ParseLevel(c.Name.Local); isRow {
			continue
		}
		if len(c.Children) > 0 {
			xmlFields(c, path+c.Name.Local+"/", to)
			continue
		}
		to[path+c.Name.Local] = c.Text
	}
}

// jsonRows gives the rows of a list, or the one row that an answer is.
func jsonRows(t *testing.T, body []byte) (rows []flat) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var answer map[string]any
	if err := decoder.Decode(&answer); err != nil {
		t.Fatal(err)
	}
	list, isList := answer["dagtilbud"].([]any)
	if !isList {
		list = []any{answer}
	}
	for _, one := range list {
		f := make(flat)
		jsonFields(one.(map[string]any), "", f)
		delete(f, "dagtilbudsType")
		rows = append(rows, f)
	}
	return rows
}

func jsonFields(object map[string]any, path string, to flat) {
	for name, value := range object {
		switch v := value.(type) {
		case map[string]any:
			jsonFields(v, path+name+"/", to)
		case json.Number:
			to[path+name] = v.String()
		case string:
			to[path+name] = v
		}
	}
}

// compareTables has both show the code tables.
func compareTables(t *testing.T, rest, soap *site) {
	t.Helper()
	for _, v := range []register.ServiceVersion{register.V1, register.V2} {
		content, _ := soap.call("", v, "ExportService", "GetKodetabeller", "", nil)
		got := make(map[string][]flat)
		for _, table := range children(find(content, "kodetabeller"), "kodetabel") {
			for _, kind := range []string{"kode", "kombination"} {
				for _, c := range children(table, kind) {
					f := make(flat)
					xmlFields(c, "", f)
					got[text(table, "navn")] = append(got[text(table, "navn")], f)
				}
			}
		}
		want := make(map[string][]flat)
		for _, language := range []string{"da", "en"} {
			w := rest.send("", "GET", "/"+v.String()+"/kodetabeller", "", map[string]string{"Accept-Language": language})
			decoder := json.NewDecoder(w.Body)
			decoder.UseNumber()
			var tables map[string][]map[string]any
			if err := decoder.Decode(&tables); err != nil {
				t.Fatal(err)
			}
			for name, rows := range tables {
				for i, r := range rows {
					f := make(flat)
					jsonFields(r, "", f)
					if language == "en" {
						want[name][i]["tekstEngelsk"] = f["tekst"]
						continue
					}
					if _, isCode := f["kode"]; isCode {
						f["pladsholder"] = "false"
						if r["pladsholder"] == true {
							f["pladsholder"] = "true"
						}
					}
					want[name] = append(want[name], f)
				}
			}
		}
		for i := range want["krydsvalidering"] {
			delete(want["krydsvalidering"][i], "tekstEngelsk")
		}
		if len(want) != 5 || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: the code tables differ: %v\nREST %v\nSOAP %v", v, slices.Sorted(maps.Keys(want)), want["ejerform"], got["ejerform"])
		}
	}
}
