package soap

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/services"
	"dagtilbudsregisteret.dk/shared/xmltree"
)

// grown is a site whose register has, in 461, G10000 with G10001 (and G10002 below it) and G10003 (and G10004, closed), and the closed
// G10005; and in 265 G10006 with G10007.
func grown(t *testing.T, settings ...func(*site)) *site {
	t.Helper()
	s := newSite(t, settings...).family()
	insert := func(method, arguments string, replace ...string) {
		s.call(register.V2, importService, "Insert"+method, strings.NewReplacer(replace...).Replace(arguments)).ok()
	}
	insert("AnvisningsEnhed", enhed, "Åkanden", "Søstjernen", "1003259422", "1003259423")
	insert("AlternativAdresse", adresse, "G10001", "G10003",
		"</alternativAdresse>", "<cvrNummer>25313763</cvrNummer><pNummer>1003259423</pNummer></alternativAdresse>")
	s.call(register.V2, importService, "DeleteAlternativAdresse", "<alternativAdresseNummer>G10004</alternativAdresseNummer><version>1</version>").ok()
	insert("Daginstitution", institution, "Øst", "Vest")
	s.call(register.V2, importService, "DeleteDaginstitution", "<daginstitutionsNummer>G10005</daginstitutionsNummer><version>1</version>").ok()
	insert("Daginstitution", institution, "461", "265", "Øst", "Roskilde")
	insert("AnvisningsEnhed", enhed, "G10000", "G10006", "Åkanden", "Åmanden", "461", "265", "<pNummer>", "<cvrNummer>25313763</cvrNummer><pNummer>")
	return s
}

// numbers gives the numbers of the rows in an answer, each behind those that it stands within.
func numbers(e *xmltree.Element, within string) (all []string) {
	for _, c := range e.Children {
		level, isRow := register.ParseLevel(c.Name.Local)
		path := within
		if isRow {
			name := [...]string{"", "daginstitutionsNummer", "enhedsNummer", "alternativAdresseNummer"}[level]
			path = strings.TrimPrefix(within+"/"+text1(c, name), "/")
			all = append(all, path)
		}
		all = append(all, numbers(c, path)...)
	}
	return all
}

// TestRows asks by every method for what is there and for what is not.
func TestRows(t *testing.T) {
	s := grown(t)
	arg := func(name, value string) string { return "<" + name + ">" + value + "</" + name + ">" }
	const east = "G10000 G10000/G10001 G10000/G10001/G10002 G10000/G10003 G10000/G10003/G10004"
	for _, c := range []struct{ method, arguments, want string }{
		{"GetAllDagtilbud", "", "G10006 G10006/G10007 " + east + " G10005"},
		{"GetDagtilbudByDagInstitutionsNummer", arg("DagInstitutionsNummer", " G10000\n"), east},
		{"GetDagtilbudByDagInstitutionsNummer", arg("DagInstitutionsNummer", "G10005"), "G10005"},
		{"GetDagtilbudByDagInstitutionsNummer", arg("DagInstitutionsNummer", "G10001"), ""},
		{"GetDagtilbudByDagInstitutionsNummer", arg("DagInstitutionsNummer", "G99999"), ""},
		{"GetDagtilbudByAdmKommuneNummer", arg("AdmkommuneNummer", "265"), "G10006 G10006/G10007"},
		{"GetDagtilbudByAdmKommuneNummer", arg("AdmkommuneNummer", "101"), ""},
		{"GetAllDaginstitutioner", "", "G10006 G10000 G10005"},
		{"GetDaginstitutionByNummer", arg("DagInstitutionsNummer", "G10005"), "G10005"},
		{"GetDaginstitutionByNummer", arg("DagInstitutionsNummer", "G10001"), ""},
		{"GetDaginstitutionByNavn", arg("partOfName", "område"), "G10006 G10000 G10005"},
		{"GetDaginstitutionByNavn", arg("partOfName", "ØST"), "G10000"},
		{"GetDaginstitutionByNavn", "<partOfName/>", "G10006 G10000 G10005"},
		{"GetAllAnvisningsEnheder", "", "G10007 G10001 G10003"},
		{"GetAnvisningsEnhederByPnummer", arg("pNummer", "1003259422"), "G10007 G10001"},
		{"GetAnvisningsEnhederByNummer", arg("enhedsNummer", "G10003"), "G10003"},
		{"GetAnvisningsEnhederByNummer", arg("enhedsNummer", "G10000"), ""},
		{"GetAnvisningsEnhederByCvrnummer", arg("cvrNummer", "25313763"), "G10007"},
		{"GetAnvisningsEnhederByNavn", arg("partOfName", "manden"), "G10007"},
		{"GetAnvisningsEnhederByDaginstitutionsnummer", arg("DagInstitutionsNummer", "G10000"), "G10001 G10003"},
		{"GetAllAlternativAdresser", "", "G10002 G10004"},
		{"GetAlternativAdresserByCvrnummer", arg("cvrNummer", "25313763"), "G10004"},
		{"GetAlternativAdresserByPnummer", arg("pNummer", "1003259423"), "G10004"},
		{"GetAlternativAdresserByNummer", arg("alternativAdresseNummer", "G10002"), "G10002"},
		{"GetAlternativAdresserByNummer", arg("alternativAdresseNummer", "G10001"), ""},
		{"GetAlternativAdresserByNavn", arg("partOfName", "skovhus"), "G10002 G10004"},
		{"GetAlternativAdresserByEnhedsnummer", arg("enhedsNummer", "G10003"), "G10004"},
		{"GetAlternativAdresserByEnhedsnummer", arg("enhedsNummer", "G10000"), ""},
	} {
		for _, v := range serviceVersions {
			a := s.callAs(nobody, v, exportService, c.method, c.arguments).ok()
			if got := strings.Join(numbers(a.content, ""), " "); got != c.want {
				t.Errorf("%s %s %s\n got %s\nwant %s", v, c.method, c.arguments, got, c.want)
			}
			if position := a.find("registerposition"); position != a.Get("Registerposition") || position == "" && c.want != "" {
				t.Errorf("%s: registerposition %q, header %q", c.method, position, a.Get("Registerposition"))
			}
		}
	}
}

// TestRowsWhole looks at all that is said of a row, and of what it stands under.
func TestRowsWhole(t *testing.T) {
	s := grown(t)
	const when = "2026-11-23T08:30:00Z"
	address := func(street, number string) string {
		return fmt.Sprintf("<adresse><vejNavn>%s</vejNavn><husNummer>%s</husNummer><postNummer>5220</postNummer><byNavn>Odense SØ</byNavn>"+
			"<kommuneKode>461</kommuneKode></adresse>", street, number)
	}
	for method, want := range map[string]string{
		"GetAllDaginstitutioner": "<daginstitution><daginstitutionsNummer>G10000</daginstitutionsNummer><daginstitutionsNavn>Område Øst</daginstitutionsNavn>" +
			"<ejerformKode>1</ejerformKode><lovgrundlagKode>1</lovgrundlagKode><admKommuneKode>461</admKommuneKode><aktivitetsstatus>Aktiv</aktivitetsstatus>" +
			"<version>1</version><senestOpdateret>" + when + "</senestOpdateret></daginstitution>",
		"GetAllAnvisningsEnheder": "<anvisningsenhed><enhedsNummer>G10001</enhedsNummer><daginstitutionsNummer>G10000</daginstitutionsNummer>" +
			"<enhedsNavn>Åkanden</enhedsNavn><instType3>6011</instType3>" + address("Æblestien", "12b") + "<pNummer>1003259422</pNummer>" +
			"<aktivitetsstatus>Aktiv</aktivitetsstatus><version>1</version><senestOpdateret>" + when + "</senestOpdateret><admKommuneKode>461</admKommuneKode>" +
			"<ejerformKode>1</ejerformKode><lovgrundlagKode>1</lovgrundlagKode></anvisningsenhed>",
		"GetAllAlternativAdresser": "<alternativAdresse><alternativAdresseNummer>G10004</alternativAdresseNummer><enhedsNummer>G10003</enhedsNummer>" +
			"<alternativAdresseNavn>Skovhuset</alternativAdresseNavn>" + address("Skovvej", "1") + "<cvrNummer>25313763</cvrNummer><pNummer>1003259423</pNummer>" +
			"<aktivitetsstatus>Nedlagt</aktivitetsstatus><version>2</version><senestOpdateret>" + when + "</senestOpdateret>" +
			"<admKommuneKode>461</admKommuneKode><daginstitutionsNummer>G10000</daginstitutionsNummer></alternativAdresse>",
	} {
		if a := s.call(register.V2, exportService, method, "").ok(); !strings.Contains(a.body, want) {
			t.Errorf("%s\n got %s\nwant %s", method, a.body, want)
		}
	}
}

func TestRowsArguments(t *testing.T) {
	s := grown(t)
	for _, c := range []struct{ method, arguments, want string }{
		{"GetDaginstitutionByNummer", "", "ugyldig-parameter/mangler /DagInstitutionsNummer"},
		{"GetDaginstitutionByNummer", "<DagInstitutionsNummer>g10000</DagInstitutionsNummer>", "ugyldig-parameter/DagInstitutionsNummer /DagInstitutionsNummer"},
		{"GetAlternativAdresserByNummer", "<alternativAdresseNummer>g10002</alternativAdresseNummer>", "ugyldig-parameter/alternativAdresseNummer /alternativAdresseNummer"},
		{"GetAlternativAdresserByEnhedsnummer", "<enhedsNummer>G1000</enhedsNummer>", "ugyldig-parameter/enhedsNummer /enhedsNummer"},
		{"GetAlternativAdresserByPnummer", "<pNummer>100325942</pNummer>", "ugyldig-parameter/pNummer /pNummer"},
		{"GetAnvisningsEnhederByPnummer", "<pNummer>100325942x</pNummer>", "ugyldig-parameter/pNummer /pNummer"},
		{"GetAnvisningsEnhederByCvrnummer", "<cvrNummer>2531376</cvrNummer>", "ugyldig-parameter/cvrNummer /cvrNummer"},
		{"GetDaginstitutionByNavn", "", "ugyldig-parameter/mangler /partOfName"},
		{"GetDaginstitutionByNummer", "<DagInstitutionsNummer>1</DagInstitutionsNummer>", "ugyldig-parameter/DagInstitutionsNummer /DagInstitutionsNummer"},
		{"GetDagtilbudByDagInstitutionsNummer", "<DagInstitutionsNummer/>", "ugyldig-parameter/DagInstitutionsNummer /DagInstitutionsNummer"},
		{"GetDagtilbudByAdmKommuneNummer", "<AdmkommuneNummer>Odense</AdmkommuneNummer>", "forkert-type/type /AdmkommuneNummer"},
		{"GetDagtilbudByAdmKommuneNummer", "<AdmkommuneNummer>-1</AdmkommuneNummer>", "ugyldig-parameter/AdmkommuneNummer /AdmkommuneNummer"},
		{"GetAnvisningsEnhederByPnummer", "<pNummer> </pNummer>", "ugyldig-parameter/pNummer /pNummer"},
		{"GetAnvisningsEnhederByPnummer", "<cvrNummer>25313763</cvrNummer>", "ukendt-felt/ukendt /cvrNummer"},
		{"GetAllDagtilbud", "<fortsaetFra>461:9x</fortsaetFra>", "ugyldig-parameter/fortsaetFra /fortsaetFra"},
		{"GetAllDagtilbud", "<fortsaetFra>461:9/nowhere</fortsaetFra>", "ugyldig-parameter/fortsaetFra /fortsaetFra"},
	} {
		a := s.call(register.V2, exportService, c.method, c.arguments).fault(http.StatusInternalServerError, "Client", c.want)
		if strings.HasPrefix(c.want, "ugyldig-parameter/") {
			valid := map[string]string{"DagInstitutionsNummer": "et stort bogstav og 5 cifre", "enhedsNummer": "et stort bogstav og 5 cifre",
				"alternativAdresseNummer": "et stort bogstav og 5 cifre", "AdmkommuneNummer": "en kommunekode som 461", "pNummer": "10 cifre",
				"cvrNummer": "8 cifre", "partOfName": "en del af navnet", "fortsaetFra": "fortsaettesFra"}[a.find("pointer")[1:]]
			if valid == "" || !strings.Contains(a.find("tekst"), valid) || a.find("tekstEngelsk") == a.find("tekst") {
				t.Errorf("%s does not say what is valid: %s", c.method, a.find("tekst"))
			}
		}
	}
}

// TestRowsInParts takes answers in the smallest parts there are, while somebody writes: together they are the whole as it was.
func TestRowsInParts(t *testing.T) {
	s := grown(t, func(s *site) { s.limits.MaxAnswer = 1 })
	for _, method := range []string{"GetAllDagtilbud", "GetAllDaginstitutioner", "GetAllAnvisningsEnheder", "GetAllAlternativAdresser"} {
		s.call(register.V2, exportService, method, "").fault(http.StatusInternalServerError, "Client", "for-stor/svar")
		whole := newPlain(s).call(register.V2, exportService, method, "").ok()
		var got []string
		from, taken := "", 0
		for ; taken == 0 || from != ""; taken++ {
			a := s.call(register.V2, exportService, method, "<fortsaetFra>"+from+"</fortsaetFra>").ok()
			got, from = append(got, numbers(a.content, "")...), a.find("fortsaettesFra")
			s.call(register.V2, importService, "InsertDaginstitution", institution).ok()
		}
		want := numbers(whole.content, "")
		parts := slices.DeleteFunc(slices.Clone(want), func(path string) bool { return strings.Contains(path, "/") }) // a row, or a tree, each
		if !slices.Equal(got, want) || taken != len(parts) {
			t.Errorf("%s in %d parts, not %d\n got %q\nwant %q", method, taken, len(parts), got, want)
		}
	}
}

// newPlain is another API on a site's register, without limits.
func newPlain(of *site) *site {
	s := *of
	s.limits = Limits{}
	api := New(services.New(s.config), s.limits)
	s.Handler = api.Handler(api.Export())
	return &s
}

func TestRowsGzipped(t *testing.T) {
	s := grown(t)
	plain := s.call(register.V2, exportService, "GetAllDagtilbud", "").ok()
	zipped := s.call(register.V2, exportService, "GetAllDagtilbud", "", "Accept-Encoding: gzip")
	unzip, err := gzip.NewReader(strings.NewReader(zipped.body))
	if err != nil || zipped.Get("Content-Encoding") != "gzip" {
		t.Fatal(err, zipped.Header)
	}
	if body, err := io.ReadAll(unzip); err != nil || string(body) != plain.body {
		t.Errorf("%v\n got %s\nwant %s", err, body, plain.body)
	}
}

// pieces takes an answer, and notes how large the largest piece of it is.
type pieces struct {
	*httptest.ResponseRecorder
	largest int
}

func (p *pieces) Write(b []byte) (int, error) {
	p.largest = max(p.largest, len(b))
	return p.ResponseRecorder.Write(b)
}

// TestRowsAreStreamed takes a whole register as it is written: piece by piece, none of them large, however many rows there are.
func TestRowsAreStreamed(t *testing.T) {
	s := newSite(t)
	within := func(row string) string { return row[strings.IndexByte(row, '>')+1 : strings.LastIndex(row, "</")] }
	below := strings.Repeat(strings.Replace(enhed, "<daginstitutionsNummer>G10000</daginstitutionsNummer>", "", 1), 300)
	for range 3 {
		s.call(register.V2, importService, "ReplaceDagtilbud", "<dagtilbud>"+within(institution)+below+"</dagtilbud>").ok()
	}
	for _, method := range []string{"GetAllDagtilbud", "GetAllAnvisningsEnheder"} {
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/soap/v2/ExportService", strings.NewReader(envelope(&soap11, register.V2, method, "")))
		w := &pieces{ResponseRecorder: httptest.NewRecorder()}
		s.ServeHTTP(w, r)
		if rows := strings.Count(w.Body.String(), "<anvisningsenhed>"); rows != 900 || w.Body.Len() < 10*piece || w.largest > 2*piece {
			t.Errorf("%s: %d rows in %d bytes, of which %d came at once", method, rows, w.Body.Len(), w.largest)
		}
	}
}
