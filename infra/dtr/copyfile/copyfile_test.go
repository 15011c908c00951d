package copyfile

import (
	"bytes"
	"compress/gzip"
	"errors"
	"maps"
	"strings"
	"testing"
	"testing/iotest"

	"dagtilbudsregisteret.dk/shared/register"
)

const (
	top   = `{"dagtilbudsType":"daginstitution","daginstitutionsNummer":"G10000","daginstitutionsNavn":"Skov","admKommuneKode":265,"version":2}`
	unit  = `{"dagtilbudsType":"anvisningsenhed","enhedsNummer":"G10001","daginstitutionsNummer":"G10000","adresse":{"kommuneKode":101},"version":1}`
	other = `{"dagtilbudsType":"alternativAdresse","alternativAdresseNummer":"G10002","enhedsNummer":"G10001","version":7}`
	lost  = `{"dagtilbudsType":"alternativAdresse","alternativAdresseNummer":"G10003","enhedsNummer":"G10009","version":1}`
)

func TestRead(t *testing.T) {
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	w.Write([]byte("[" + top + "," + unit + "]"))
	w.Close()
	for what, c := range map[string]struct {
		file string
		want Copy
	}{
		"lines":     {top + "\n" + unit + "\n" + other + "\n", Copy{265: {"G10000": 2, "G10001": 1, "G10002": 7}}},
		"any order": {other + unit + top, Copy{265: {"G10000": 2, "G10001": 1, "G10002": 7}}},
		"array":     {" [\n" + top + ",\n" + unit + "\n]\n", Copy{265: {"G10000": 2, "G10001": 1}}},
		"gzipped":   {zipped.String(), Copy{265: {"G10000": 2, "G10001": 1}}},
		"nothing":   {"", Copy{}},
		"no rows":   {"[\n]\n", Copy{}},
		"orphans":   {unit + "\n" + lost, Copy{0: {"G10001": 1, "G10003": 1}}},
	} {
		got, err := Read(strings.NewReader(c.file))
		if err != nil || !maps.EqualFunc(got, c.want, maps.Equal[map[register.Number]int64, map[register.Number]int64]) {
			t.Errorf("%s: %v, %v", what, got, err)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	for file, want := range map[string]string{
		"\ufeffanvisningsenhedsNummer;aktivitetsstatus\r\n": "take samlet.ndjson",
		"anvisningsenhedsNummer;aktivitetsstatus\n":         "a CSV file does not say versions",
		`"G10000"`: "it is neither NDJSON nor JSON",
		strings.Replace(top, `"dagtilbudsType":"daginstitution",`, "", 1): "row 1: it does not say its dagtilbudsType; the file of one level",
		strings.Replace(top, `"daginstitution"`, `"skole"`, 1):            `row 1: there is no dagtilbudsType "skole"`,
		top + strings.Replace(unit, `,"version":1`, "", 1):                "row 2: anvisningsenhed: it needs its number and its version",
		strings.Replace(top, "G10000", "10000", 1):                        "needs its number",
		strings.Replace(top, `"admKommuneKode":265,`, "", 1):              "row 1: G10000 needs its admKommuneKode",
		top + unit + top:       "row 3: G10000 stands there twice",
		"[" + top + ",":        "row 2: ",
		top + "\n" + unit[:20]: "row 2: ",
		top + "\n7":            "row 2: ",
		"\x1f\x8bnot":          "unexpected EOF",
	} {
		if got, err := Read(strings.NewReader(file)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %v, %v", file, got, err)
		}
	}
	broken := errors.New("broken")
	if _, err := Read(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("of a file that cannot be read: %v", err)
	}
}
