package soap

import (
	"encoding/xml"
	"slices"
	"strings"
	"testing"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/xmltree"
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

// TestValidate has documents checked: every fault is told, with its place.
func TestValidate(t *testing.T) {
	s := newSite(t)
	const v1, v2 = ` xmlns="https://dagtilbudsregisteret.dk/soap/v1"`, ` xmlns="https://dagtilbudsregisteret.dk/soap/v2"`
	in := func(document, space string) string {
		name := strings.IndexAny(document, "/>")
		return document[:name] + space + document[name:]
	}
	for name, c := range map[string]struct {
		document string
		want     []string // "regel/kode linje:kolonne sti"
	}{
		"daginstitution": {in(institution, v2), nil},
		"of v1":          {in(institution, v1), nil},
		"declared":       {`<?xml version="1.0" encoding="utf-16"?>` + in(enhed, v2), nil},
		"a method":       {in("<InsertAlternativAdresse>"+adresse+"</InsertAlternativAdresse>", v2), nil},
		"an answer":      {in("<ImportSvarXML><status>OK</status><requestId>x</requestId></ImportSvarXML>", v1), nil},
		"a code of v2":   {in(strings.Replace(institution, "Kode>1</lov", "Kode>9</lov", 1), v2), nil},
		"the same in v1": {in(strings.Replace(institution, "Kode>1</lov", "Kode>9</lov", 1), v1),
			[]string{"xml-skema/ukendtKode 1:148 /daginstitution/lovgrundlagKode"}},
		"many": {in("<daginstitution>\n <ejerformKode>x</ejerformKode>\n <daginstitutionsNavn>A</daginstitutionsNavn>\n <hest/>\n</daginstitution>", v2), []string{
			"xml-skema/heltal 2:2 /daginstitution/ejerformKode",
			"xml-skema/forkertRaekkefoelge 2:2 /daginstitution/ejerformKode",
			"xml-skema/ukendtElement 4:2 /daginstitution/hest",
			"xml-skema/mangler 1:1 /daginstitution/lovgrundlagKode",
			"xml-skema/mangler 1:1 /daginstitution/admKommuneKode",
		}},
		"not well-formed":    {"<a>\n<b></a>", []string{"ugyldig-xml/sluttag 2:4 "}},
		"a DTD":              {"<!DOCTYPE a><a/>", []string{"ugyldig-xml/dtd 1:1 "}},
		"nothing":            {"", []string{"ugyldig-xml/uafsluttet 1:1 "}},
		"no namespace":       {institution, []string{"xml-skema/forkertNavnerum 1:1 /daginstitution"}},
		"an unknown root":    {in("<hest/>", v2), []string{"xml-skema/ukendtRod 1:1 /hest"}},
		"of another version": {in("<ReplaceDagtilbud/>", v1), []string{"xml-skema/ukendtRod 1:1 /ReplaceDagtilbud"}},
	} {
		for _, v := range serviceVersions {
			a := s.callAs(nobody, v, importService, "ValidateXmlAgainstSchema", quoted(t, c.document))
			var got []string
			a.each("fejl", func(f *xmltree.Element) {
				got = append(got, text1(f, "regel")+"/"+text1(f, "kode")+" "+text1(f, "linje")+":"+text1(f, "kolonne")+" "+text1(f, "sti"))
				if da, en := text1(f, "tekst"), text1(f, "tekstEngelsk"); da == "" || en == "" || da == en {
					t.Errorf("%s: %q, %q", name, da, en)
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

// TestValidateElements sends the document as XML instead of as a text.
func TestValidateElements(t *testing.T) {
	newSite(t).call(register.V2, importService, "ValidateXmlAgainstSchema", "<xml>"+institution+"</xml>").refused("forkert-type/type /xml")
}
