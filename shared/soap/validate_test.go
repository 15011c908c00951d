package soap

import (
	"encoding/xml"
	"slices"
	"strings"
	"testing"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/xmltree"
	"dagtilbudsregisteret.dk/shared/xsd"
)

// quoted gives a document as the text of an element.
func quoted(t testing.TB, document string) string {
	t.Helper()
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(document)); err != nil {
		t.Fatal(err)
	}
	return "<xml>" + b.String() + "</xml>"
}

// TestValidate has documents checked, each of the version that is called: every fault is told, with its place.
func TestValidate(t *testing.T) {
	s := newSite(t)
	for _, v := range serviceVersions {
		in := func(document string) string {
			name := strings.IndexAny(document, "/>")
			return document[:name] + ` xmlns="` + namespace(v) + `"` + document[name:]
		}
		other := strings.NewReplacer("soap/v1", "soap/v2", "soap/v2", "soap/v1").Replace
		of := func(v1, v2 []string) []string {
			return map[register.ServiceVersion][]string{register.V1: v1, register.V2: v2}[v]
		}
		for name, c := range map[string]struct {
			document string
			want     []string // "regel/kode linje:kolonne sti"
		}{
			"daginstitution": {in(institution), nil},
			"declared":       {`<?xml version="1.0" encoding="utf-16"?>` + in(enhed), nil},
			"a method":       {in("<InsertAlternativAdresse>" + adresse + "</InsertAlternativAdresse>"), nil},
			"an answer":      {in("<ImportSvarXML><status>OK</status><requestId>x</requestId></ImportSvarXML>"), nil},
			"a code of v2": {in(strings.Replace(institution, "Kode>1</lov", "Kode>9</lov", 1)),
				of([]string{"xml-skema/ukendtKode 1:148 /daginstitution/lovgrundlagKode"}, nil)},
			"many": {in("<daginstitution>\n <ejerformKode a=''>x</ejerformKode>\n <daginstitutionsNavn>A</daginstitutionsNavn>\n <hest/> her \n</daginstitution>"), []string{
				"xml-skema/ukendtAttribut 2:2 /daginstitution/ejerformKode/@a",
				"xml-skema/heltal 2:2 /daginstitution/ejerformKode",
				"xml-skema/forkertRaekkefoelge 2:2 /daginstitution/ejerformKode",
				"xml-skema/ukendtElement 4:2 /daginstitution/hest",
				"xml-skema/kunElementer 4:10 /daginstitution",
				"xml-skema/mangler 1:1 /daginstitution/lovgrundlagKode",
				"xml-skema/mangler 1:1 /daginstitution/admKommuneKode",
			}},
			"not well-formed":      {"<a>\n<b></a>", []string{"ugyldig-xml/sluttag 2:4 "}},
			"a DTD":                {"<!DOCTYPE a><a/>", []string{"ugyldig-xml/dtd 1:1 "}},
			"nothing":              {"", []string{"ugyldig-xml/uafsluttet 1:1 "}},
			"no namespace":         {institution, []string{"xml-skema/forkertNavnerum 1:1 /daginstitution"}},
			"of the other version": {other(in(institution)), []string{"xml-skema/forkertNavnerum 1:1 /daginstitution"}},
			"unsound in the other": {other(in("<daginstitution><hest/></daginstitution>")), []string{"xml-skema/forkertNavnerum 1:1 /daginstitution"}},
			"of nobody's":          {`<hest xmlns="urn:x"/>`, []string{"xml-skema/forkertNavnerum 1:1 /hest"}},
			"an unknown root":      {in("<hest/>"), []string{"xml-skema/ukendtRod 1:1 /hest"}},
			"what v2 brought": {in("<ReplaceDagtilbud/>"),
				of([]string{"xml-skema/ukendtRod 1:1 /ReplaceDagtilbud"}, []string{"xml-skema/mangler 1:1 /ReplaceDagtilbud/dagtilbud"})},
		} {
			a := s.callAs(nobody, v, importService, "ValidateXmlAgainstSchema", quoted(t, c.document))
			var got []string
			a.each("fejl", func(f *xmltree.Element) {
				got = append(got, text1(f, "regel")+"/"+text1(f, "kode")+" "+text1(f, "linje")+":"+text1(f, "kolonne")+" "+text1(f, "sti"))
				da, en := text1(f, "tekst"), text1(f, "tekstEngelsk")
				if da == "" || en == "" || da == en {
					t.Errorf("%s: %q, %q", name, da, en)
				}
				if text1(f, "kode") == xsd.ForkertNavnerum && !(strings.Contains(da, "i »"+namespace(v)+"«") && strings.Contains(en, "in “"+namespace(v)+"”")) ||
					text1(f, "kode") == xsd.UkendtRod && !(strings.Contains(da, " InsertDaginstitution,") && strings.Contains(en, " InsertDaginstitution,")) {
					t.Errorf("%s: %q, %q does not say what is right", name, da, en)
				}
			})
			slices.Sort(got)
			slices.Sort(c.want)
			if !slices.Equal(got, c.want) || a.status != 200 || (a.find("status") == "OK") != (c.want == nil) {
				t.Errorf("%s, %s\n got %q\nwant %q", name, v, got, c.want)
			}
		}
	}
	if p, err := s.store.Positions(t.Context()); err != nil || len(p) > 0 {
		t.Errorf("something was written: %v, %v", p, err)
	}
}

// TestValidateLengths holds the lengths that the schema tells to those of the rules: too long is told apart from the wrong form and from
// nothing, by the code that the rule has for it.
func TestValidateLengths(t *testing.T) {
	s := newSite(t).family()
	document := func(element, value string) string {
		row := strings.NewReplacer("<husNummer>12b</husNummer>", "<husNummer>12b</husNummer><etage/><doer/>", "<byNavn>Odense SØ</byNavn>",
			"<byNavn>Odense SØ</byNavn><supplerendeBynavn/>", "</adresse>", "</adresse><email/><telefonNummer/>").Replace(enhed)
		before, after, _ := strings.Cut(row, "<"+element)
		_, after, _ = strings.Cut(after, ">")
		if before, rest, full := strings.Cut(after, "</"+element+">"); full && !strings.Contains(before, "<") {
			after = rest
		}
		return before + "<" + element + ">" + value + "</" + element + ">" + after
	}
	codes := func(row string) (rule, schema string) {
		one := func(a *answer) (kode string) {
			a.each("fejl", func(f *xmltree.Element) { kode += text1(f, "kode") })
			return kode
		}
		unnamed := strings.Replace(row, "<anvisningsenhed>", `<anvisningsenhed xmlns="`+namespace(register.V2)+`">`, 1)
		return one(s.call(register.V2, importService, "InsertAnvisningsEnhed", row)), one(s.call(register.V2, importService, "ValidateXmlAgainstSchema", quoted(t, unnamed)))
	}
	for _, c := range []struct {
		element, longest, tooLong, wrong string
		mandatory                        bool
	}{
		{"enhedsNavn", strings.Repeat("å", 132), strings.Repeat("å", 133), "", true},
		{"vejNavn", strings.Repeat("😀", 132), strings.Repeat("😀", 133), "", true},
		{"byNavn", strings.Repeat("a b ", 32) + "abcd", strings.Repeat("a b ", 33) + "a", "", true},
		{"supplerendeBynavn", strings.Repeat("å", 132), strings.Repeat("å", 133), "", false},
		{"etage", strings.Repeat("1", 10), strings.Repeat("1", 11), "", false},
		{"doer", strings.Repeat("å", 10), strings.Repeat("å", 11), "", false},
		{"email", strings.Repeat("a", 64) + "@" + strings.Repeat("b", 64) + ".dk", strings.Repeat("a", 64) + "@" + strings.Repeat("b", 65) + ".dk", "a@b@c", false},
		{"telefonNummer", "+45 12 34 56 78 90 1", "+45 12 34 56 78 90 12", "12345678x", false},
		{"husNummer", "123B", "", "123BB", true},
		{"postNummer", "5220", "", "52200", true},
	} {
		for _, space := range []string{"", " ", "\n\t", "\u00a0", "\u2003 \u0085"} {
			for value, want := range map[string][2]string{c.longest: {}, c.tooLong: {"forLang", "forLang"}, c.wrong: {"format", "format"}} {
				if value == "" {
					continue
				}
				if rule, schema := codes(document(c.element, space+value+space)); rule != want[0] || schema != want[1] {
					t.Errorf("%s %q: the rule says %q, the schema %q, want %q", c.element, space+value+space, rule, schema, want)
				}
			}
			want := map[bool][2]string{true: {"mangler", "forKort"}}[c.mandatory]
			if rule, schema := codes(document(c.element, space)); rule != want[0] || schema != want[1] {
				t.Errorf("%s %q: the rule says %q, the schema %q, want %q", c.element, space, rule, schema, want)
			}
		}
	}
}

// TestValidateElements sends the document as XML instead of as a text.
func TestValidateElements(t *testing.T) {
	newSite(t).call(register.V2, importService, "ValidateXmlAgainstSchema", "<xml>"+institution+"</xml>").refused("forkert-type/type /xml")
}
