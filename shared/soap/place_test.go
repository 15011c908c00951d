package soap

import (
	"fmt"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/httpcall"
	"dagtilbudsregisteret.dk/shared/importing"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/services"
	"dagtilbudsregisteret.dk/shared/validation"
	"dagtilbudsregisteret.dk/shared/xmltree"
)

// placed gives the findings of an answer as lines "regel/kode pointer linje:kolonne sti".
func placed(a *answer) (lines []string) {
	a.each("fejl", func(f *xmltree.Element) {
		lines = append(lines, fmt.Sprintf("%s/%s %s %s:%s %s", text1(f, "regel"), text1(f, "kode"), text1(f, "pointer"), text1(f, "linje"), text1(f, "kolonne"), text1(f, "sti")))
	})
	return lines
}

// TestPlaces tells where in what was sent a finding is: by the data model, and in the XML.
func TestPlaces(t *testing.T) {
	s := newSite(t).family()
	const adresse = "<adresse><vejNavn>V</vejNavn><husNummer>1</husNummer><postNummer>5220</postNummer><byNavn>B</byNavn><kommuneKode>461</kommuneKode></adresse>"
	for _, c := range []struct {
		v                 register.ServiceVersion
		method, arguments string
		want              []string // in each ~ is the element of the method
	}{
		{register.V1, "InsertAnvisningsEnhed", "<anvisningsenhed>\n  <daginstitutionsNummer>G10000</daginstitutionsNummer>\n  <enhedsNavn>A</enhedsNavn><instType3>1</instType3>\n" +
			"  <adresse><vejNavn>V</vejNavn>\n    <husNummer>1</husNummer><postNummer>x</postNummer><byNavn>B</byNavn>\n  </adresse>\n  <email>a</email>\n  <email>b</email></anvisningsenhed>",
			[]string{
				"xml-skema/forMange /email 8:3 ~/anvisningsenhed/email[2]",
				"insttype3/ukendtKode /instType3 3:29 ~/anvisningsenhed/instType3",
				"postnummer/format /adresse/postNummer 5:29 ~/anvisningsenhed/adresse/postNummer",
				"kommunekode/mangler /adresse/kommuneKode 4:3 ~/anvisningsenhed/adresse/kommuneKode",
				"email/format /email 8:3 ~/anvisningsenhed/email[2]",
			}},
		{register.V1, "InsertDaginstitution", "\n<x/>\n<daginstitution b='1'>\n <x/><x/>\n Her <daginstitutionsNavn c='' d=''>A</daginstitutionsNavn>" +
			"<ejerformKode>1</ejerformKode><lovgrundlagKode>1</lovgrundlagKode><admKommuneKode>461</admKommuneKode>\n og der</daginstitution>\n<x/>",
			[]string{
				"ukendt-felt/ukendt /x 2:1 ~/x[1]",
				"xml-skema/ukendtAttribut  3:1 ~/daginstitution/@b",
				"xml-skema/kunElementer  5:2 ~/daginstitution",
				"ukendt-felt/ukendt /x 4:2 ~/daginstitution/x[1]",
				"ukendt-felt/ukendt /x 4:6 ~/daginstitution/x[2]",
				"xml-skema/ukendtAttribut /daginstitutionsNavn 5:6 ~/daginstitution/daginstitutionsNavn/@c",
				"xml-skema/ukendtAttribut /daginstitutionsNavn 5:6 ~/daginstitution/daginstitutionsNavn/@d",
				"ukendt-felt/ukendt /x 7:1 ~/x[2]",
			}},
		{register.V1, "InsertDaginstitution", "<daginstitution/>\n" + institution, []string{"xml-skema/forMange  2:1 ~/daginstitution[2]"}},
		{register.V1, "InsertDaginstitution", institution + "\n<daginstitution/>", []string{
			"xml-skema/forMange  2:1 ~/daginstitution[2]",
			"navn/mangler /daginstitutionsNavn 2:1 ~/daginstitution[2]/daginstitutionsNavn",
			"ejerform/mangler /ejerformKode 2:1 ~/daginstitution[2]/ejerformKode",
			"lovgrundlag/mangler /lovgrundlagKode 2:1 ~/daginstitution[2]/lovgrundlagKode",
			"adm-kommunekode/mangler /admKommuneKode 2:1 ~/daginstitution[2]/admKommuneKode",
		}},
		{register.V1, "InsertAlternativAdresse", "\n<alternativAdresse><enhedsNummer>G10001</enhedsNummer><alternativAdresseNavn>A</alternativAdresseNavn></alternativAdresse>", []string{
			"vejnavn/mangler /adresse/vejNavn 2:1 ~/alternativAdresse/adresse/vejNavn",
			"husnummer/mangler /adresse/husNummer 2:1 ~/alternativAdresse/adresse/husNummer",
			"postnummer/mangler /adresse/postNummer 2:1 ~/alternativAdresse/adresse/postNummer",
			"bynavn/mangler /adresse/byNavn 2:1 ~/alternativAdresse/adresse/byNavn",
			"kommunekode/mangler /adresse/kommuneKode 2:1 ~/alternativAdresse/adresse/kommuneKode",
		}},
		{register.V2, "DeleteAnvisningsEnhed", "\n<x/>", []string{
			"ukendt-felt/ukendt /x 2:1 ~/x", "mangler-if-match/mangler  1:73 ~", "nummer/mangler /enhedsNummer 1:73 ~/enhedsNummer"}},
		{register.V2, "ReplaceDagtilbud", "<dagtilbud><daginstitutionsNavn>A</daginstitutionsNavn><ejerformKode>1</ejerformKode><lovgrundlagKode>1</lovgrundlagKode>" +
			"<admKommuneKode>461</admKommuneKode>\n<nedlaegges><nummer>G1</nummer>\n<nummer a=''>G10002</nummer></nedlaegges>" +
			"\n<anvisningsenhed><enhedsNavn>A</enhedsNavn><instType3>6011</instType3>" + adresse + "</anvisningsenhed>" +
			"\n<p:anvisningsenhed xmlns:p='urn:p'><p:enhedsNavn>B</p:enhedsNavn><p:instType3>x</p:instType3>" + strings.NewReplacer("</", "</p:", "<", "<p:").Replace(adresse) +
			"\n<p:alternativAdresse><p:alternativAdresseNavn/>" + strings.NewReplacer("</", "</p:", "<", "<p:").Replace(adresse) + "</p:alternativAdresse>" +
			"\n<p:alternativAdresse>" + strings.NewReplacer("</", "</p:", "<", "<p:").Replace(adresse) + "</p:alternativAdresse></p:anvisningsenhed></dagtilbud>",
			[]string{
				"xml-skema/ukendtAttribut /nedlaegges/1 3:1 ~/dagtilbud/nedlaegges/nummer[2]/@a",
				"xml-skema/forkertRaekkefoelge /anvisningsenheder/0 4:1 ~/dagtilbud/anvisningsenhed[1]",
				"xml-skema/forkertRaekkefoelge /anvisningsenheder/1 5:1 ~/dagtilbud/anvisningsenhed[2]",
				"xml-skema/forkertNavnerum /anvisningsenheder/1 5:1 ~/dagtilbud/anvisningsenhed[2]",
				"forkert-type/type /anvisningsenheder/1/instType3 5:66 ~/dagtilbud/anvisningsenhed[2]/instType3",
				"navn/mangler /anvisningsenheder/1/alternativeAdresser/0/alternativAdresseNavn 6:22 ~/dagtilbud/anvisningsenhed[2]/alternativAdresse[1]/alternativAdresseNavn",
				"navn/mangler /anvisningsenheder/1/alternativeAdresser/1/alternativAdresseNavn 7:1 ~/dagtilbud/anvisningsenhed[2]/alternativAdresse[2]/alternativAdresseNavn",
				"ukendt-nummer/findesIkke /nedlaegges/0 2:13 ~/dagtilbud/nedlaegges/nummer[1]",
				"trae/udenfor /nedlaegges/1 3:1 ~/dagtilbud/nedlaegges/nummer[2]",
			}},
	} {
		got := placed(s.call(c.v, importService, c.method, c.arguments))
		for i := range c.want {
			c.want[i] = strings.Replace(c.want[i], "~", "/"+c.method, 1)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s %s\n got %s\nwant %s", c.method, c.arguments, strings.Join(got, "\n     "), strings.Join(c.want, "\n     "))
		}
	}
}

// wantTruePlace checks that the XPath of a finding leads to the one element, or attribute of it, that its line and column are of; or, where
// there is none, to where it would stand.
func wantTruePlace(t *rapid.T, sent *xmltree.Element, f fund) {
	steps := strings.Split(f.sti, "/")[1:]
	if steps[0] != sent.Name.Local {
		t.Fatalf("%s begins elsewhere", f.sti)
	}
	e := sent
	for i, step := range steps[1:] {
		name, counted, _ := strings.Cut(strings.TrimSuffix(step, "]"), "[")
		if attribute, is := strings.CutPrefix(step, "@"); is {
			if i != len(steps)-2 || !slices.ContainsFunc(e.Attrs, func(a xmltree.Attr) bool { return a.Name.Local == attribute }) {
				t.Fatalf("%s: there is no such attribute", f.sti)
			}
			break
		}
		named := children(e, name)
		if len(named) == 0 && counted == "" {
			break // missing, and all that would be in it
		}
		nr := 1
		if counted != "" {
			nr, _ = strconv.Atoi(counted)
		}
		if nr < 1 || nr > len(named) || (counted == "") != (len(named) == 1) {
			t.Fatalf("%s: %s is no one of %d", f.sti, step, len(named))
		}
		e = named[nr-1]
	}
	if (f.linje != e.Line || f.kolonne != e.Column) && (f.linje != e.TextLine || f.kolonne != e.TextColumn) {
		t.Fatalf("%s leads to %d:%d, not to %d:%d", f.sti, e.Line, e.Column, f.linje, f.kolonne)
	}
}

// TestPlacesAreTrue follows the place of every finding in rows that are disturbed in all ways.
func TestPlacesAreTrue(t *testing.T) {
	all := services.New(newSite(t).family().config)
	inserts := map[register.Level]string{register.Daginstitution: "InsertDaginstitution", register.Anvisningsenhed: "InsertAnvisningsEnhed",
		register.AlternativAdresse: "InsertAlternativAdresse"}
	followed := 0
	rapid.Check(t, func(t *rapid.T) {
		level := rapid.SampledFrom(register.Levels[:]).Draw(t, "level")
		d := drawing{t, rapid.SampledFrom([]int{2, 5, 20}).Draw(t, "odds")}
		parts := d.disturbed([]string{d.row(level), ""})
		sent, err := xmltree.ReadString(fmt.Sprintf("<%s xmlns=%q>%s</%[1]s>", inserts[level], namespace(register.V2), strings.Join(parts, "\n")), xmltree.Standard)
		if err != nil {
			t.Skip(err)
		}
		e := &exchange{Call: &httpcall.Call{R: httptest.NewRequest("POST", importPath, nil), Version: register.V2}, sent: sent}
		op := e.operation(validation.Opret, level)
		result := all.Importing.Do(t.Context(), op, importing.Options{Actor: register.Actor{Version: register.V2}, Rights: access.Everything, DryRun: true})
		for _, f := range e.located(result.Findings, validation.Fejl) {
			wantTruePlace(t, sent, f)
			followed++
		}
	})
	if followed < 100 {
		t.Errorf("only %d places were followed", followed)
	}
}
