package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// mentioned finds a command line of ours in a page: to the end of a line of a block, or of what is set in backticks.
var mentioned = regexp.MustCompile("(?:^|`|\n) *(?:time )?dtr ([^`\n]+)")

// TestRunbooksCommandLines has every command line of the runbooks be one that can be understood.
func TestRunbooksCommandLines(t *testing.T) {
	pages, err := filepath.Glob("../runbooks/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("no runbooks: %v", err)
	}
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	given := strings.NewReplacer("NAVN", "navn", " ID", " 1", "FILE", sample, " Q ", " koe ")
	lines := 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range mentioned.FindAllStringSubmatch(string(text), -1) {
			lines++
			r := (&session{t: t, url: server.URL}).run(strings.Fields(given.Replace(line[1]))...)
			if strings.Contains(r.stderr, "usage:") {
				t.Errorf("%s: dtr %s: %s", filepath.Base(page), line[1], r.stderr)
			}
		}
	}
	if lines < 30 {
		t.Errorf("the runbooks have %d command lines", lines)
	}
}
