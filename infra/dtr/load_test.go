package main

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dagtilbudsregisteret.dk/shared/register"
)

// fields reads a file of rows plainly, and gives each line's fields.
func fields(t *testing.T, path string) [][]string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	return parseCSV(t, file)
}

// checkLoaded holds a register against the file that was loaded into it, and nothing else: every unit under its own number, as it
// stands in the file, below a daginstitution of its own of the same name, owner and municipality, whose number is new.
func checkLoaded(t *testing.T, url, path string) {
	t.Helper()
	rows := fields(t, path)[1:]
	enheder := exported(t, url, "anvisningsenheder", "anvisningsenhedsNummer")
	institutioner := exported(t, url, "daginstitutioner", "daginstitutionsNummer")
	if len(enheder) != len(rows) || len(institutioner) != len(rows) {
		t.Fatalf("%d anvisningsenheder and %d daginstitutioner of %d rows", len(enheder), len(institutioner), len(rows))
	}
	series := register.DefaultSeries
	var highest int64
	for _, row := range rows {
		if ordinal, ok := series.Ordinal(register.Number(row[0])); ok {
			highest = max(highest, ordinal)
		}
	}
	for _, row := range rows {
		u := enheder[row[0]]
		d := institutioner[u["daginstitutionsNummer"]]
		delete(institutioner, u["daginstitutionsNummer"]) // no other row may stand below it
		got := []string{u["anvisningsenhedsNummer"], u["dagtilbudsNavn"], u["instType3"], u["ejerformKode"], u["admKommuneKode"], row[5],
			u["vejNavn"], u["husNummer"], u["postNummer"], u["byNavn"], u["geoBredde"], u["geoLaengde"]}
		want := slices.Clone(row)
		want[10], want[11] = strings.TrimRight(row[10], "0"), strings.TrimRight(row[11], "0")
		if !slices.Equal(got, want) {
			t.Errorf("the register has\n%q of\n%q", got, want)
		}
		if d["dagtilbudsNavn"] != row[1] || d["ejerformKode"] != row[3] || d["admKommuneKode"] != row[4] {
			t.Errorf("%s stands below %v", row[0], d)
		}
		if ordinal, ok := series.Ordinal(register.Number(u["daginstitutionsNummer"])); !ok || ordinal <= highest {
			t.Errorf("%s stands below %s, which is not beyond the file's numbers", row[0], u["daginstitutionsNummer"])
		}
	}
}

// exported fetches a level's file, by the numbers in one of its columns.
func exported(t *testing.T, url, niveau, key string) map[string]map[string]string {
	t.Helper()
	_, body := fetch(t, url+"/v2/eksport/"+niveau+".csv")
	lines := parseCSV(t, strings.NewReader(strings.TrimPrefix(body, "\ufeff")))
	rows := make(map[string]map[string]string)
	for _, line := range lines[1:] {
		row := make(map[string]string)
		for i, name := range lines[0] {
			row[name] = line[i]
		}
		rows[row[key]] = row
	}
	if len(rows) != len(lines)-1 {
		t.Errorf("%s: %d lines hold %d numbers", niveau, len(lines)-1, len(rows))
	}
	return rows
}

func TestLoad(t *testing.T) {
	s := &session{t: t, url: newRegister(t)}
	r := s.must(exitDone, "load", sample)
	if want := "8 loaded, 0 already there, 0 refused\n" +
		"warned, krydsvalidering: 1, not lawful in v2: G20005\n" +
		"warned, p-nummer-mangler: 8\n"; r.stdout != want {
		t.Errorf("it said\n%swant\n%s", r.stdout, want)
	}
	if want := "load: 8 of 8 rows\n"; r.stderr != want {
		t.Errorf("on stderr it said %q", r.stderr)
	}
	checkLoaded(t, s.url, sample)
	rows := exported(t, s.url, "anvisningsenheder", "anvisningsenhedsNummer")
	for number, lovgrundlag := range map[string]string{"D10007": "2", "G20001": "1", "G20002": "5", "G20004": "3", "G20005": "5", "G20009": "8", "G20100": "7"} {
		if got := rows[number]["lovgrundlagKode"]; got != lovgrundlag {
			t.Errorf("%s has lovgrundlag %s, want %s", number, got, lovgrundlag)
		}
	}
}

// TestLoadTwice loads the same file again: nothing is written, and no number is taken.
func TestLoadTwice(t *testing.T) {
	s := &session{t: t, url: newRegister(t)}
	s.must(exitDone, "load", sample)
	before := position(t, s.url)
	r := s.must(exitDone, "load", sample)
	contains(t, r.stdout, "0 loaded, 8 already there, 0 refused\n", "krydsvalidering: 1, not lawful in v2: G20005")
	if after := position(t, s.url); after != before {
		t.Errorf("the register went from %s to %s", before, after)
	}
	if _, body := fetch(t, s.url+"/v2/numre/G20109"); !strings.Contains(body, `"ledig"`) {
		t.Errorf("the second load took a number: %s", body)
	}
}

// write makes a file of lines.
func write(t *testing.T, lines []string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rows.csv")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func sampleLines(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(sample)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

// TestLoadMoreRows loads a file that was loaded with fewer rows before: only the new ones get daginstitutioner.
func TestLoadMoreRows(t *testing.T) {
	s := &session{t: t, url: newRegister(t)}
	s.must(exitDone, "load", write(t, slices.Delete(sampleLines(t), 3, 6)))
	contains(t, s.must(exitDone, "load", sample).stdout, "3 loaded, 5 already there, 0 refused\n")
	checkLoaded(t, s.url, sample)
}

// TestLoadKnownUnit loads a row of a unit that stands in the register by other means.
func TestLoadKnownUnit(t *testing.T) {
	s := &session{t: t, url: newRegister(t)}
	line := `{"op":"indlaes","type":"daginstitution","nummer":"G15000","data":{"daginstitutionsNavn":"Åstræde","ejerformKode":2,"lovgrundlagKode":7,"admKommuneKode":621}}
{"op":"indlaes","type":"anvisningsenhed","nummer":"G20100","data":{"daginstitutionsNummer":"G15000","enhedsNavn":"%s","instType3":6020,"adresse":{"vejNavn":"Åstræde","husNummer":"5c","postNummer":"6000","byNavn":"Kolding","kommuneKode":621,"geoBredde":55.4904,"geoLaengde":9.47216}}}`
	for _, c := range []struct {
		name, said string
		code       int
	}{
		{"Tom & Jerrys <Fritidshjem>", "7 loaded, 1 already there, 0 refused\n", exitDone},
		{"Renamed", "7 loaded, 0 already there, 1 refused\n", exitRefused},
	} {
		s.url = newRegister(t)
		post(t, s.url+"/v2/import", fmt.Sprintf(line, c.name))
		contains(t, s.must(c.code, "load", sample).stdout, c.said)
		if got := exported(t, s.url, "anvisningsenheder", "anvisningsenhedsNummer")["G20100"]; got["daginstitutionsNummer"] != "G15000" || got["dagtilbudsNavn"] != c.name {
			t.Errorf("it is %v now", got)
		}
	}
}

// post has a register's operator send lines that are taken.
func post(t *testing.T, url, body string) {
	t.Helper()
	if status, answer := send(t, operator, url, body); status != http.StatusOK {
		t.Fatalf("%d %s", status, answer)
	}
}

// TestLoadRefused loads rows of which some are refused: the others are in, and the refused leave nothing behind. Put right, they too
// are loaded.
func TestLoadRefused(t *testing.T) {
	s := &session{t: t, url: newRegister(t), env: map[string]string{"LANG": "en_DK.UTF-8"}}
	lines := sampleLines(t)
	broken := slices.Clone(lines)
	broken[3] = strings.Replace(broken[3], ";7b;", ";b7;", 1)
	broken[5] = strings.Replace(broken[5], ";6010;", ";6999;", 1)
	r := s.must(exitRefused, "load", write(t, broken))
	contains(t, r.stdout, "6 loaded, 0 already there, 2 refused\n", "refused, line 4, G20002:\n", "refused, line 6, G20004:\n", "“b7”", "6999")
	if strings.Contains(r.stdout, "#G20004") {
		t.Errorf("it tells what only follows:\n%s", r.stdout)
	}
	if n := len(exported(t, s.url, "daginstitutioner", "daginstitutionsNummer")); n != sampleRows-2 {
		t.Errorf("there are %d daginstitutioner", n)
	}
	if _, body := fetch(t, s.url+"/v2/numre/G20107"); !strings.Contains(body, `"ledig"`) {
		t.Errorf("a refused row took a number: %s", body)
	}
	contains(t, s.must(exitDone, "load", sample).stdout, "2 loaded, 6 already there, 0 refused\n")
	checkLoaded(t, s.url, sample)
}

// TestLoadManyRefused shows so many refused rows as a person reads.
func TestLoadManyRefused(t *testing.T) {
	s := &session{t: t, url: newRegister(t)}
	lines := sampleLines(t)[:1]
	for i := range shownRefusals + 5 {
		lines = append(lines, fmt.Sprintf("G2%04d;;6010;1;265;Roskilde;Møllevej;3;4000;Roskilde;;", i))
	}
	r := s.must(exitRefused, "load", write(t, lines))
	if n := strings.Count(r.stdout, "refused, line "); n != shownRefusals {
		t.Errorf("%d are shown:\n%s", n, r.stdout)
	}
	contains(t, r.stdout, "refused: 5 more\n")
}

// TestLoadBrokenFile has a file's layout told wrong before anything is sent.
func TestLoadBrokenFile(t *testing.T) {
	s := &session{t: t, url: "http://127.0.0.1:0"} // nobody answers there
	lines := sampleLines(t)
	lines[1] = strings.Replace(lines[1], "D10007", "d10007", 1)
	lines[4] = strings.Replace(lines[4], "G20003", "G20002", 1)
	r := s.must(exitRefused, "load", write(t, lines))
	contains(t, r.stderr, "rows.csv:\n", "  line 2: number is \"d10007\"", "  line 5: number G20002 stands on line 4 already\n")
	contains(t, s.must(exitFailed, "load", "testdata/none.csv").stderr, "none.csv")
}

// TestLoadRealUnits loads every real row. They are not part of the project: DTR_REAL_DATA names the folder with real-units.csv.
func TestLoadRealUnits(t *testing.T) {
	const count = 4294
	path := filepath.Join(cmp.Or(os.Getenv("DTR_REAL_DATA"), "../../../shared/data"), "real-units.csv")
	if _, err := os.Stat(path); err != nil {
		t.Skipf("NOT RUN: TestLoadRealUnits needs %s; set DTR_REAL_DATA to the folder that holds it", path)
	}
	s := &session{t: t, url: newRegister(t)}
	r := s.must(exitDone, "load", path)
	contains(t, r.stdout, "4294 loaded, 0 already there, 0 refused\n", "krydsvalidering: 1, not lawful in v2: G23693\n")
	checkLoaded(t, s.url, path)

	csv := s.must(exitDone, "export", "-niveau", "anvisningsenheder").stdout
	if n := strings.Count(csv, "\r\n"); n != count+1 || !strings.HasPrefix(csv, "\ufeffanvisningsenhedsNummer;") {
		t.Errorf("the file has %d lines and begins with %.60q", n, csv)
	}
	before := position(t, s.url)
	again := s.must(exitDone, "load", path).stdout
	contains(t, again, "0 loaded, 4294 already there, 0 refused\n", "not lawful in v2: G23693\n")
	if _, warned, _ := strings.Cut(r.stdout, "refused\n"); !strings.Contains(warned, "mulig-dublet: 7") || !strings.HasSuffix(again, warned) {
		t.Errorf("the first load said\n%s\nthe second\n%s", r.stdout, again)
	}
	if after := position(t, s.url); after != before {
		t.Errorf("the second load took the register from %s to %s", before, after)
	}
}

func parseCSV(t *testing.T, text io.Reader) [][]string {
	t.Helper()
	r := csv.NewReader(text)
	r.Comma = ';'
	lines, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return lines
}
