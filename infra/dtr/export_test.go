package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// aLot makes a file of so many rows that it comes in several parts, also when it is gzipped.
func aLot(t *testing.T) string {
	lines := sampleLines(t)[:1]
	for i := range 1000 {
		lines = append(lines, fmt.Sprintf(`G2%04d;"Huset ""%d""";6010;1;265;Roskilde;Møllevej;%d;4000;Roskilde;;`, i, i, i%999+1))
	}
	return write(t, lines)
}

// TestExport holds every file against the one that the register serves, whole and in parts.
func TestExport(t *testing.T) {
	store := newStore(t)
	whole := &session{t: t, url: serve(t, store, nil)}
	whole.must(exitDone, "load", aLot(t))
	inParts := &session{t: t, url: serve(t, store, func(c *config) { c.MaxAnswer = 1 })}
	calls := 0
	inParts.wire = func(real http.RoundTripper) http.RoundTripper {
		return calling{real, func(*http.Request) error { calls++; return nil }}
	}
	for _, niveau := range niveauer {
		for format := range formats {
			_, want := fetch(t, whole.url+"/v2/eksport/"+niveau+"."+format)
			if got := whole.must(exitDone, "export", "-niveau", niveau, "-format", format).stdout; got != want {
				t.Errorf("%s.%s is another file", niveau, format)
			}
			calls = 0
			if got := inParts.must(exitDone, "export", "-niveau", niveau, "-format", format).stdout; got != want {
				t.Errorf("%s.%s is another file when it comes in %d parts", niveau, format, calls)
			}
			if calls < 2 && niveau != "alternative-adresser" {
				t.Errorf("%s.%s came in %d parts", niveau, format, calls)
			}
		}
	}
}

func TestExportFile(t *testing.T) {
	s := &session{t: t, url: newRegister(t)}
	s.must(exitDone, "load", sample)
	path := filepath.Join(t.TempDir(), "varde.csv")
	s.must(exitDone, "export", "-kommune", "573", path)
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, want := fetch(t, s.url+"/v2/eksport/samlet.csv?admKommuneKode=573"); string(got) != want || strings.Count(want, "\n") != 5 {
		t.Errorf("the file holds\n%s", got)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != readable {
		t.Errorf("the file has mode %v, %v", info.Mode(), err)
	}
}

// breaking breaks off every answer.
type breaking struct{ http.RoundTripper }

func (b breaking) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		answer.Body = struct {
			io.Reader
			io.Closer
		}{io.MultiReader(io.LimitReader(answer.Body, 1000), failing{}), answer.Body}
	}
	return answer, err
}

// TestExportBroken keeps the file of before when the new one does not arrive whole.
func TestExportBroken(t *testing.T) {
	s := &session{t: t, url: newRegister(t)}
	s.must(exitDone, "load", sample)
	s.wire = func(real http.RoundTripper) http.RoundTripper { return breaking{real} }
	for format := range formats {
		path := filepath.Join(t.TempDir(), "samlet")
		if err := os.WriteFile(path, []byte("before"), 0o600); err != nil {
			t.Fatal(err)
		}
		contains(t, s.must(exitFailed, "export", "-format", format, path).stderr, "connection reset")
		if kept, err := os.ReadFile(path); string(kept) != "before" {
			t.Errorf("the file holds %q, %v", kept, err)
		}
		if files, _ := os.ReadDir(filepath.Dir(path)); len(files) != 1 {
			t.Errorf("there are %v", files)
		}
	}
}
