package soap

import (
	"errors"
	"strings"
	"testing"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
	"dagtilbudsregisteret.dk/shared/xmltree"
)

// TestRoundTrip takes a family through its life, in both versions.
func TestRoundTrip(t *testing.T) {
	for _, v := range serviceVersions {
		t.Run(v.String(), func(t *testing.T) {
			s := newSite(t)
			call := func(method, arguments string) *answer {
				return s.callAs(leverandoer, v, importService, method, arguments).ok()
			}
			for _, c := range []struct{ method, arguments, nummer, version, position string }{
				{"InsertDaginstitution", institution, "G10000", "1", "461:1"},
				{"InsertAnvisningsEnhed", enhed, "G10001", "1", "461:2"},
				{"InsertAlternativAdresse", adresse, "G10002", "1", "461:3"},
				{"InsertDaginstitution", institution, "G10003", "1", "461:4"},
				{"InsertAnvisningsEnhed", strings.Replace(enhed, "G10000", "G10003", 1), "G10004", "1", "461:5"},
				{"UpdateDaginstitution", with(strings.Replace(institution, "Øst", "Vest", 1), "daginstitutionsNummer", "G10000", 1), "G10000", "2", "461:6"},
				{"UpdateAnvisningsEnhed", with(strings.Replace(enhed, "Åkanden", "Søen", 1), "enhedsNummer", "G10001", 1), "G10001", "2", "461:7"},
				{"UpdateAlternativAdresse", with(strings.Replace(adresse, "Skov", "Eng", 1), "alternativAdresseNummer", "G10002", 1), "G10002", "2", "461:8"},
				{"UpdateAlternativAdresse", with(strings.Replace(adresse, "Skov", "Eng", 1), "alternativAdresseNummer", "G10002", 2), "G10002", "2", "461:8"},
				{"MoveAnvisningsEnhed", "<enhedsNummer>G10001</enhedsNummer><daginstitutionsNummer>G10003</daginstitutionsNummer>", "G10001", "3", "461:9"},
				{"MoveAlternativAdresse", "<alternativAdresseNummer>G10002</alternativAdresseNummer><enhedsNummer>G10004</enhedsNummer><version>3</version>",
					"G10002", "4", "461:11"},
				{"DeleteAlternativAdresse", "<alternativAdresseNummer> G10002\n</alternativAdresseNummer><version>4</version>", "G10002", "5", "461:12"},
				{"DeleteAnvisningsEnhed", "<enhedsNummer>G10001</enhedsNummer><version>3</version>", "G10001", "4", "461:13"},
				{"DeleteDaginstitution", "<daginstitutionsNummer>G10000</daginstitutionsNummer><version>2</version>", "G10000", "3", "461:14"},
			} {
				a := call(c.method, c.arguments)
				if a.find("nummer") != c.nummer || a.find("version") != c.version || a.find("registerposition") != c.position ||
					a.find("requestId") != a.Get("X-Request-Id") {
					t.Errorf("%s: %s", c.method, a.body)
				}
			}
			if u, err := s.store.Unit(t.Context(), "G10001"); err != nil || u.Navn != "Søen" || u.Aktivitetsstatus != register.Nedlagt {
				t.Errorf("%+v, %v", u, err)
			}
		})
	}
}

// TestReplace changes a whole dagtilbud.
func TestReplace(t *testing.T) {
	s := newSite(t).family()
	const tree = `<dagtilbud><daginstitutionsNummer>G10000</daginstitutionsNummer><daginstitutionsNavn>Område Nord</daginstitutionsNavn>` +
		`<ejerformKode>2</ejerformKode><lovgrundlagKode>2</lovgrundlagKode><admKommuneKode>461</admKommuneKode><version>1</version>` +
		`<anvisningsenhed><enhedsNavn>Ny</enhedsNavn><instType3>6012</instType3><adresse><vejNavn>Vej</vejNavn><husNummer>1</husNummer>` +
		`<postNummer>5220</postNummer><byNavn>Odense SØ</byNavn><kommuneKode>461</kommuneKode></adresse>` +
		`<alternativAdresse><alternativAdresseNavn>Hytten</alternativAdresseNavn><adresse><vejNavn>Vej</vejNavn><husNummer>%s</husNummer>` +
		`<postNummer>5220</postNummer><byNavn>Odense SØ</byNavn><kommuneKode>461</kommuneKode></adresse></alternativAdresse></anvisningsenhed>` +
		`<nedlaegges><nummer>G10001</nummer><nummer>G10002</nummer></nedlaegges></dagtilbud>`
	a := s.call(register.V2, importService, "ReplaceDagtilbud", strings.Replace(tree, "%s", "x", 1)).
		refused("husnummer/format /anvisningsenheder/0/alternativeAdresser/0/adresse/husNummer")
	if sti := a.find("sti"); sti != "/ReplaceDagtilbud/dagtilbud/anvisningsenhed/alternativAdresse/adresse/husNummer" {
		t.Errorf("it is at %s", sti)
	}
	a = s.call(register.V2, importService, "ReplaceDagtilbud", strings.Replace(tree, "%s", "2", 1)).ok()
	var rows []string
	a.each("raekke", func(r *xmltree.Element) {
		rows = append(rows, text1(r, "dagtilbudsType")+" "+text1(r, "nummer")+" "+text1(r, "version"))
	})
	want := "daginstitution G10000 2, anvisningsenhed G10003 1, alternativAdresse G10004 1, anvisningsenhed G10001 2, alternativAdresse G10002 2"
	if got := strings.Join(rows, ", "); got != want || a.find("nummer") != "G10000" {
		t.Errorf("the rows are %s, want %s", got, want)
	}
	s.call(register.V1, importService, "ReplaceDagtilbud", tree).fault(500, "Client", "soap-kald/ukendtMetode")
}

// TestHelloWorld proves that both the service and its database are up, without a login; one that is sent must be right.
func TestHelloWorld(t *testing.T) {
	s := newSite(t)
	for _, service := range []string{importService, exportService} {
		if got := s.callAs(nobody, register.V1, service, "HelloWorld", "").ok().find("HelloWorldResult"); got != "Hello 2026-11-23T08:30:00Z" {
			t.Errorf("%s says %q", service, got)
		}
	}
	for _, navn := range []string{drift, laeser, leverandoer} {
		s.callAs(navn, register.V2, importService, "HelloWorld", "").ok()
	}
	asked := 0
	s.store.positions = func() (register.Positions, error) { asked++; return nil, nil }
	a := s.callAs(nobody, register.V2, importService, "HelloWorld", "", "Authorization: Basic bm86Ym9keQ==").fault(401, "Client", "login/login")
	if s.callAs(nobody, register.V2, importService, "HelloWorld", "").ok(); asked != 1 || a.Get("WWW-Authenticate") == "" {
		t.Errorf("the store is asked %d times, %v", asked, a.Header)
	}
	s.store.positions = func() (register.Positions, error) { return nil, errors.New("the disk is gone") }
	a = s.callAs(nobody, register.V2, importService, "HelloWorld", "").fault(503, "Server")
	if a.Get("Retry-After") != "1" || strings.Contains(a.body, "disk") {
		t.Errorf("%v\n%s", a.Header, a.body)
	}
}

// TestVersionOfARow states versions of rows, rightly, wrongly and not at all.
func TestVersionOfARow(t *testing.T) {
	const number = "<enhedsNummer>G10001</enhedsNummer>"
	unversioned := strings.Replace(with(enhed, "enhedsNummer", "G10001", 1), "<version>1</version>", "", 1)
	for _, c := range []struct {
		v                 register.ServiceVersion
		method, arguments string
		want              []string
	}{
		{register.V1, "UpdateAnvisningsEnhed", unversioned, nil},
		{register.V2, "UpdateAnvisningsEnhed", unversioned, []string{"mangler-if-match/mangler"}},
		{register.V1, "UpdateAnvisningsEnhed", with(enhed, "enhedsNummer", "G10001", 2), []string{"foraeldet-version/andenVersion"}},
		{register.V2, "UpdateAnvisningsEnhed", with(enhed, "enhedsNummer", "G10001", 0), []string{"foraeldet-version/ikkeEnVersion"}},
		{register.V2, "UpdateAnvisningsEnhed", strings.Replace(with(enhed, "enhedsNummer", "G10001", 1), ">1</version>", ">x</version>", 1),
			[]string{"forkert-type/type /version"}},
		{register.V2, "DeleteAnvisningsEnhed", number, []string{"mangler-if-match/mangler", "aktive-underenheder/aktiv  G10002"}},
		{register.V2, "DeleteAnvisningsEnhed", number + "<version>9</version>", []string{"foraeldet-version/andenVersion", "aktive-underenheder/aktiv  G10002"}},
		{register.V1, "DeleteAnvisningsEnhed", number, []string{"aktive-underenheder/aktiv  G10002"}},
		{register.V2, "MoveAnvisningsEnhed", number + "<daginstitutionsNummer>G10000</daginstitutionsNummer>", nil},
		{register.V2, "MoveAnvisningsEnhed", number + "<daginstitutionsNummer>G10000</daginstitutionsNummer><version>2</version>",
			[]string{"foraeldet-version/andenVersion"}},
	} {
		a := newSite(t).family().call(c.v, importService, c.method, c.arguments)
		if c.want == nil {
			a.ok()
			continue
		}
		a.refused(c.want...)
		first := a.find("kode")
		for _, text := range []string{a.find("tekst"), a.find("tekstEngelsk")} { // which are REST's too, and name what each has
			named := strings.Contains(text, "REST") && strings.Contains(text, "If-Match") && strings.Contains(text, "SOAP") && strings.Contains(text, "element")
			if (first == "mangler" || first == "ikkeEnVersion") && !named {
				t.Errorf("%s: %s", c.method, text)
			}
		}
	}
	for _, rule := range validation.Rules() {
		text := rule.Beskrivelse
		named := strings.Contains(text.Da, "i SOAP elementet version") && strings.Contains(text.En, "in SOAP the element version")
		if strings.Contains(text.Da, "If-Match") && !named {
			t.Errorf("%s is REST's alone: %s", rule.ID, text.Da)
		}
	}
}

// TestIdempotency repeats calls with a key, and uses the key for others.
func TestIdempotency(t *testing.T) {
	s := newSite(t).family()
	const key = "Idempotency-Key: k1"
	insert := func(row string, headers ...string) *answer {
		return s.call(register.V2, importService, "InsertAnvisningsEnhed", row, headers...)
	}
	first := insert(enhed, key).ok()
	for _, same := range []string{enhed, strings.ReplaceAll(enhed, "><", ">\n <"), "<!-- again -->" + enhed} {
		if again := insert(same, key).ok(); again.find("nummer") != first.find("nummer") || again.find("version") != "1" {
			t.Errorf("answered %s and then %s", first.body, again.body)
		}
	}
	if other := insert(enhed, "Idempotency-Key: k2").ok(); other.find("nummer") == first.find("nummer") {
		t.Error("another key is answered the same")
	}
	insert(strings.Replace(enhed, "Åkanden", "Åkanden ", 1), key).refused("genbrugt-noegle/andetIndhold")
	s.call(register.V1, importService, "InsertAnvisningsEnhed", enhed, key).refused("genbrugt-noegle/andetIndhold")
	move := "<enhedsNummer>G10001</enhedsNummer><daginstitutionsNummer>G10000</daginstitutionsNummer>"
	s.call(register.V2, importService, "MoveAnvisningsEnhed", move, key).refused("genbrugt-noegle/andetIndhold")
	s.call(register.V2, importService, "DeleteAlternativAdresse", "<alternativAdresseNummer>G10002</alternativAdresseNummer><version>1</version>", key).ok()
	insert(enhed, "Idempotency-Key: "+strings.Repeat("k", 256)).fault(500, "Client", "ugyldig-parameter/idempotencyKey")
	s.callAs(leverandoer, register.V2, importService, "InsertAnvisningsEnhed", enhed, key).ok() // another's key
}
