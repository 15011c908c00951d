package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestCommandLine(t *testing.T) {
	for _, c := range []struct {
		args, stdout, stderr string
		code                 int
	}{
		{"", "", "usage: dtr COMMAND", exitFailed},
		{"help", "usage: dtr COMMAND", "", exitDone},
		{"--help", "  dtr load ", "", exitDone},
		{"lod sample.csv", "", `there is no command "lod"`, exitFailed},
		{"load", "", "an argument is missing\nusage: dtr load ", exitFailed},
		{"load a b", "", "there is more than it takes: b\n", exitFailed},
		{"load -x a", "", "flag provided but not defined: -x", exitFailed},
		{"load -h", "usage: dtr load [-en] FILE\n", "", exitDone},
		{"get -h", "texts in English", "", exitDone},
		{"export -niveau x", "", "-niveau is one of samlet, ", exitFailed},
		{"export -format x", "", "-format is csv, ndjson or json", exitFailed},
		{"export -kommune -1", "", "-kommune is the code of a municipality", exitFailed},
		{"validate none.ndjson", "", "none.ndjson", exitFailed},
		{"get G10432", "", "Is the register running at http://127.0.0.1:0? DTR_URL", exitFailed},
	} {
		r := (&session{t: t, url: "http://127.0.0.1:0"}).run(strings.Fields(c.args)...)
		if r.code != c.code || !strings.Contains(r.stdout, c.stdout) || !strings.Contains(r.stderr, c.stderr) {
			t.Errorf("dtr %s ended with %d, want %d; it said\n%s\nand\n%s", c.args, r.code, c.code, r.stdout, r.stderr)
		}
		if c.stderr == "" && r.stderr != "" {
			t.Errorf("dtr %s said %s", c.args, r.stderr)
		}
	}
}

func TestNoAddress(t *testing.T) {
	s := &session{t: t, url: "localhost:8080"}
	contains(t, s.must(exitFailed, "get", "G10432").stderr, "DTR_URL: \"localhost:8080\" is not the address of a register")
	var e env
	e.getenv = func(string) string { return "" }
	if got := e.address(); got != "http://localhost:8080" {
		t.Errorf("the default address is %s", got)
	}
}

// TestNotARegister asks something that is no register.
func TestNotARegister(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	s := &session{t: t, url: server.URL}
	contains(t, s.must(exitFailed, "load", sample).stderr, "dtr: Not Found (404")
}

// TestProgressOnTerminal draws a bar that ends full.
func TestProgressOnTerminal(t *testing.T) {
	var screen bytes.Buffer
	bar := (&env{stderr: &screen, terminal: true}).progress("load", 10)
	bar.add(4)
	bar.add(6)
	bar.end()
	contains(t, screen.String(), "load", "100%", "(10/10")
}
