package soap

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/soap/soaptest"
)

// TestAnswersAreSound has another processor, libxml's, hold every kind of answer to the schemas. The register's own holds every answer of
// every test to them, in [answer.open].
func TestAnswersAreSound(t *testing.T) {
	xmllint := soaptest.Xmllint(t)
	files := make(map[string][]string) // by schema
	for _, v := range serviceVersions {
		s := newSite(t).family()
		s.kept = nil
		s.call(v, importService, "InsertAnvisningsEnhed", "<anvisningsenhed><x/><instType3>6.5</instType3></anvisningsenhed>")
		s.call(v, importService, "UpdateDaginstitution", with(strings.Replace(institution, "Kode>1</lov", "Kode>7</lov", 1), "daginstitutionsNummer", "G10000", 1))
		s.call(v, importService, "UpdateAnvisningsEnhed", with(strings.Replace(enhed, "<pNummer>1003259422</pNummer>", "", 1), "enhedsNummer", "G10001", 1))
		s.call(v, importService, "DeleteAnvisningsEnhed", "<enhedsNummer>G10001</enhedsNummer>")
		s.call(v, importService, "ReplaceDagtilbud", "<dagtilbud/>")
		s.call(v, importService, "ValidateXmlAgainstSchema", quoted(t, strings.Replace(institution, ">", ` xmlns="`+namespace(v)+`"><hest/>`, 1)))
		s.callAs(nobody, v, importService, "InsertDaginstitution", institution)
		for _, m := range methods {
			if m.since <= v {
				s.call(v, m.service, m.name, "")
				s.send(drift, "POST", "/soap/"+v.String()+"/"+m.service, envelope(&soap12, v, m.name, ""))
			}
		}
		for i, text := range s.kept {
			name := filepath.Join(t.TempDir(), fmt.Sprintf("%s-%d.xml", v, i))
			document, schema := documentOf(t, v, string(text))
			if err := os.WriteFile(name, []byte(document), 0o600); err != nil {
				t.Fatal(err)
			}
			files[schema] = append(files[schema], name)
		}
	}
	for schema, names := range files {
		out, err := exec.CommandContext(t.Context(), xmllint, append([]string{"--noout", "--schema", schema}, names...)...).CombinedOutput()
		if err != nil || strings.Count(string(out), " validates") != len(names) {
			t.Errorf("%s: %v\n%s", schema, err, out)
		}
	}
	if len(files) != 4 {
		t.Errorf("answers of %d schemas", len(files))
	}
}

// documentOf cuts out of an envelope the document that is in it, and tells which schema that is of.
func documentOf(t *testing.T, v register.ServiceVersion, text string) (document, schema string) {
	t.Helper()
	_, document, _ = strings.Cut(text, "<soap:Body>")
	document, _, _ = strings.Cut(document, "</soap:Body>")
	schema = exportSchema
	for _, detail := range []string{"detail", "soap:Detail"} {
		if _, inside, fault := strings.Cut(document, "<"+detail+">"); fault {
			document, _, _ = strings.Cut(inside, "</"+detail+">")
		}
	}
	for _, m := range methods {
		if m.service == importService && strings.HasPrefix(document, "<"+m.name+"Response ") {
			schema = importSchema
		}
	}
	if document == "" {
		t.Fatalf("there is no document in %s", text)
	}
	return document, filepath.Join("contract", v.String(), schema)
}
