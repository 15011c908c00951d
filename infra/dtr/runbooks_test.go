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

// mentioned finds a command line of ours in a page: to the end of a line of a block or to its comment, or to the end of what is set in
// backticks.
var mentioned = regexp.MustCompile("(?:^|`|\n) *(?:time )?dtr ([^`\n#]+)")

// TestRunbooksCommandLines has every command line of the runbooks be one that can be understood.
func TestRunbooksCommandLines(t *testing.T) {
	var pages []string
	for _, pattern := range []string{"../runbooks/*.md", "../runbooks/procedures/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("no runbooks in %s: %v", pattern, err)
		}
		pages = append(pages, found...)
	}
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	given := strings.NewReplacer("NAVN", "navn", " ID", " 1", "FILE", sample, " Q ", " koe ")
	// Those that open the data themselves find a DynamoDB that has nothing.
	none := map[string]string{"DTR_ENGINE": "dynamodb", "DTR_TABLE": "none", "AWS_ENDPOINT_URL_DYNAMODB": server.URL}
	lines := 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range mentioned.FindAllStringSubmatch(string(text), -1) {
			lines++
			r := (&session{t: t, url: server.URL, env: none}).run(strings.Fields(given.Replace(line[1]))...)
			if strings.Contains(r.stderr, "usage:") {
				t.Errorf("%s: dtr %s: %s", filepath.Base(page), line[1], r.stderr)
			}
		}
	}
	if lines < 30 {
		t.Errorf("the runbooks have %d command lines", lines)
	}
}
