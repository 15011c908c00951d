package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestValidateRows has files judged before and after they are loaded: the verdict is the load's own, and nothing is written.
func TestValidateRows(t *testing.T) {
	s := &session{t: t, url: newRegister(t)}
	r := s.must(exitDone, "validate", sample)
	contains(t, r.stdout, "8 would be taken, 0 already there, 0 refused\n", "krydsvalidering: 1, not lawful in v2: G20005\n", "p-nummer-mangler: 8\n")
	if at := position(t, s.url); at != "" {
		t.Errorf("the register is at %s", at)
	}
	broken := sampleLines(t)
	broken[3] = strings.Replace(broken[3], ";7b;", ";b7;", 1)
	contains(t, s.must(exitRefused, "validate", write(t, broken)).stdout, "7 would be taken, 0 already there, 1 refused\n", "refused, line 4, G20002:\n")

	s.must(exitDone, "load", sample)
	contains(t, s.must(exitDone, "validate", sample).stdout, "0 would be taken, 8 already there, 0 refused\n")
	contains(t, s.must(exitRefused, "validate", write(t, slices.Delete(broken, 1, 3))).stdout, "0 would be taken, 5 already there, 1 refused\n")
}

func TestValidateVerbose(t *testing.T) {
	s := &session{t: t, url: newRegister(t)}
	r := s.must(exitDone, "validate", "-en", "-v", sample)
	contains(t, r.stdout, "line 7 G20005: krydsvalidering: ", "line 2 D10007: p-nummer-mangler: ")
}

// TestValidateLines has import lines judged in one call, in which lines refer to earlier ones.
func TestValidateLines(t *testing.T) {
	s := &session{t: t, url: newRegister(t)}
	lines := `{"op":"opret","type":"daginstitution","ref":"a","data":{"daginstitutionsNavn":"Skovly","ejerformKode":1,"lovgrundlagKode":1,"admKommuneKode":265}}

{"op":"opret","type":"anvisningsenhed","data":{"daginstitutionsNummer":"#a","enhedsNavn":"Skovly","instType3":6010,"adresse":{"vejNavn":"Skovvej","husNummer":"1","postNummer":"4000","byNavn":"Roskilde","kommuneKode":265}}}
`
	path := filepath.Join(t.TempDir(), "lines.ndjson")
	judge := func(text string, code int) string {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return s.must(code, "validate", "-en", path).stdout
	}
	contains(t, judge(lines, exitDone), "2 would be taken, 0 already there, 0 refused\n", "p-nummer-mangler: 1\n")
	refused := judge(strings.Replace(lines, "6010", "6013", 1)+"{}\n", exitRefused)
	contains(t, refused, "1 would be taken, 0 already there, 2 refused\n", "refused, line 3:\n  ", "refused, line 4:\n  ")
	if at := position(t, s.url); at != "" {
		t.Errorf("the register is at %s", at)
	}
}
