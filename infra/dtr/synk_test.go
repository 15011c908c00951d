package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// copyOf keeps a file of the register, changed, and gives its path.
func copyOf(t *testing.T, s *session, name string, change func(string) string) string {
	t.Helper()
	niveau, format, _ := strings.Cut(name, ".")
	text := s.must(exitDone, "export", "-niveau", niveau, "-format", format).stdout
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(change(text)), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func asItIs(s string) string { return s }

func zipped(s string) string {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Write([]byte(s))
	w.Close()
	return out.String()
}

// TestSynkEqual finds whole copies equal, in every form.
func TestSynkEqual(t *testing.T) {
	s := &session{t: t, url: newRegister(t)}
	if said := s.must(exitDone, "synk", copyOf(t, s, "samlet.ndjson", asItIs)).stdout; said != "equal: 0 units in 0 municipalities\n" {
		t.Errorf("of nothing it said %q", said)
	}
	s.must(exitDone, "load", sample)
	for _, path := range []string{
		copyOf(t, s, "samlet.ndjson", asItIs), copyOf(t, s, "samlet.json", asItIs), copyOf(t, s, "samlet.ndjson", zipped),
	} {
		r := s.must(exitDone, "synk", path)
		if !strings.HasPrefix(r.stdout, fmt.Sprintf("equal: %d units in ", 2*sampleRows)) || r.stderr != "" {
			t.Errorf("%s: it said %q, %q", path, r.stdout, r.stderr)
		}
	}
}

// without leaves out the lines of a file that hold a text.
func without(text string) func(string) string {
	return func(s string) string {
		var kept strings.Builder
		for line := range strings.Lines(s) {
			if !strings.Contains(line, text) {
				kept.WriteString(line)
			}
		}
		return kept.String()
	}
}

// TestSynkDifferent names exactly the units that differ, and how.
func TestSynkDifferent(t *testing.T) {
	s := &session{t: t, url: newRegister(t)}
	s.must(exitDone, "load", sample)
	before := copyOf(t, s, "samlet.ndjson", asItIs)
	parent := exported(t, s.url, "anvisningsenheder", "anvisningsenhedsNummer")["G20001"]["daginstitutionsNummer"]
	kommune := exported(t, s.url, "daginstitutioner", "daginstitutionsNummer")[parent]["admKommuneKode"]
	status, body := send(t, operator, s.url+"/v2/import", fmt.Sprintf(
		`{"op":"ret","type":"daginstitution","nummer":%q,"data":{"daginstitutionsNavn":"Nyt navn","ejerformKode":1,"lovgrundlagKode":1,"admKommuneKode":%s}}`, parent, kommune))
	if status != 200 || !strings.Contains(body, `"version":2`) {
		t.Fatal(body)
	}
	wants := func(path string, want ...string) {
		t.Helper()
		r := s.must(exitRefused, "synk", path)
		var got []string
		for _, row := range columns(r.stdout)[1:] {
			got = append(got, strings.Join(row, " | "))
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("it found\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		contains(t, r.stderr, fmt.Sprintf("dtr: %d units differ; ", len(want)))
	}
	at := func(version int) string { return fmt.Sprintf("version %d, kommune %s", version, kommune) }
	wants(before, parent+" | older here | "+at(1)+" | "+at(2))
	wants(copyOf(t, s, "samlet.ndjson", without(`"enhedsNummer":"G20001"`)), "G20001 | missing here | - | "+at(1))
	wants(copyOf(t, s, "samlet.ndjson", func(s string) string {
		return s + `{"dagtilbudsType":"anvisningsenhed","enhedsNummer":"G20099","daginstitutionsNummer":"` + parent + `","version":4}` + "\n"
	}), "G20099 | gone there | "+at(4)+" | -")
	wants(copyOf(t, s, "samlet.ndjson", func(s string) string {
		return strings.Replace(s, `"Nyt navn","ejerformKode":1,"lovgrundlagKode":1,"admKommuneKode":`+kommune+`,"aktivitetsstatus":"Aktiv","version":2`,
			`"Nyt navn","admKommuneKode":999,"version":3`, 1)
	}), "G20001 | in another kommune | version 1, kommune 999 | "+at(1), parent+" | in another kommune | version 3, kommune 999 | "+at(2))
	wants(copyOf(t, s, "samlet.ndjson", without(`"daginstitutionsNavn":"Nyt navn"`)),
		"G20001 | without its daginstitution here | version 1 | "+at(1), parent+" | missing here | - | "+at(2))
}

// TestSynkSome compares the municipalities that are named.
func TestSynkSome(t *testing.T) {
	s := &session{t: t, url: newRegister(t)}
	s.must(exitDone, "load", sample)
	path := filepath.Join(t.TempDir(), "varde.ndjson")
	s.must(exitDone, "export", "-kommune", "573", "-format", "ndjson", path)
	contains(t, s.must(exitDone, "synk", "-kommuner", "573,573", path).stdout, " units in 1 municipalities\n")
	all := s.must(exitRefused, "synk", path)
	contains(t, all.stdout, "missing here")
	contains(t, all.stderr, "\ndtr: the copy has nothing of 3 municipalities that the register has; -kommuner ")
	for kommuner, want := range map[string]string{"999": "999 is not the code of a municipality", "573,0": "0 is not the code", "147": ""} {
		r := s.run("synk", "-en", "-kommuner", kommuner, path)
		if (r.code == exitRefused) != (want != "") || !strings.Contains(r.stderr, want) {
			t.Errorf("-kommuner %s: %d %q %q", kommuner, r.code, r.stdout, r.stderr)
		}
	}
	contains(t, s.must(exitRefused, "synk", "-kommuner", "265,573", path).stdout, "missing here", "kommune 265")
}

// TestSynkMany shows some of many differences, and how to see the others.
func TestSynkMany(t *testing.T) {
	s := &session{t: t, url: newRegister(t)}
	path := copyOf(t, s, "samlet.ndjson", func(string) string {
		var rows strings.Builder
		for i := range mostShown + 11 {
			fmt.Fprintf(&rows, `{"dagtilbudsType":"daginstitution","daginstitutionsNummer":"G%d","admKommuneKode":265,"version":1}`+"\n", 30000+i)
		}
		return rows.String()
	})
	shown := func(r ran) int { return len(columns(r.stdout)) - 1 }
	few := s.must(exitRefused, "synk", path)
	contains(t, few.stdout, "G30000  gone there", "G30049")
	contains(t, few.stderr, "dtr: 61 units differ; ", "\ndtr: these are the first 50; -alle shows the other 11 as well\n")
	all := s.must(exitRefused, "synk", "-alle", path)
	if shown(few) != mostShown || shown(all) != mostShown+11 || strings.Contains(all.stderr, "-alle") || strings.Contains(few.stderr, "-kommuner") {
		t.Errorf("it shows %d, and %d with -alle\n%s%s", shown(few), shown(all), few.stderr, all.stderr)
	}
	contains(t, s.must(exitFailed, "synk").stderr, "usage: dtr synk [-kommuner K,K] [-alle] [-en] FILE\n")
}

// TestSynkRefused says what a file lacks that is no whole copy.
func TestSynkRefused(t *testing.T) {
	s := &session{t: t, url: newRegister(t)}
	s.must(exitDone, "load", sample)
	for name, want := range map[string]string{
		"samlet.csv":               "samlet.csv: it is neither NDJSON nor JSON; a CSV file does not say versions: take samlet.ndjson or samlet.json\n",
		"anvisningsenheder.ndjson": "row 1: it does not say its dagtilbudsType; the file of one level is not the whole register",
		"daginstitutioner.json":    "row 1: it does not say its dagtilbudsType",
	} {
		contains(t, s.must(exitRefused, "synk", copyOf(t, s, name, asItIs)).stderr, want)
	}
	contains(t, s.must(exitFailed, "synk", "none.ndjson").stderr, "none.ndjson")
	contains(t, s.must(exitFailed, "synk").stderr, "an argument is missing\nusage: dtr synk ")
}
