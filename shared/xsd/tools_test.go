package xsd

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"dagtilbudsregisteret.dk/shared/soap/soaptest"
)

// job is a document to check, or a schema where document is empty.
type job struct{ schema, document string }

// tool is another processor of XML Schema: for each job it says "ok", or what is wrong.
type tool struct {
	name string
	run  func(t *testing.T, jobs []job) []string
}

var tools = []tool{{"xmllint", xmllint}, {"the JDK", jdk}}

// xmllint runs libxml2, once for each schema.
func xmllint(t *testing.T, jobs []job) []string {
	t.Helper()
	program := soaptest.Xmllint(t)
	said := make(map[job]string)
	for at := 0; at < len(jobs); {
		schema, args := jobs[at].schema, []string{"--nonet", "--noout", "--schema", jobs[at].schema}
		for ; at < len(jobs) && jobs[at].schema == schema; at++ {
			if jobs[at].document == "" {
				args = append(args, schema) // any document shows whether the schema can be loaded
				continue
			}
			args = append(args, jobs[at].document)
		}
		// What it exits with is about all documents together; its lines are about each.
		out, _ := exec.Command(program, args...).CombinedOutput()
		if !bytes.Contains(out, []byte("failed to compile")) {
			said[job{schema, ""}] = "ok"
		}
		for line := range strings.Lines(string(out)) {
			if name, found := strings.CutSuffix(line, " validates\n"); found {
				said[job{schema, name}] = "ok"
			} else if name, why, found := strings.Cut(line, ":"); found {
				said[job{schema, name}] += why
			}
		}
	}
	verdicts := make([]string, len(jobs))
	for i, j := range jobs {
		if verdicts[i] = said[j]; verdicts[i] == "" {
			verdicts[i] = "bad"
		}
	}
	return verdicts
}

// jdk runs Java's own processor, once for all.
func jdk(t *testing.T, jobs []job) []string {
	t.Helper()
	java, err := exec.LookPath("java")
	if err != nil {
		missing(t, "java (17)", err)
	}
	var list strings.Builder
	for _, j := range jobs {
		fmt.Fprintln(&list, strings.TrimRight(j.schema+"\t"+j.document, "\t"))
	}
	name := filepath.Join(t.TempDir(), "jobs")
	if err := os.WriteFile(name, []byte(list.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(java, "-XX:TieredStopAtLevel=1", "testdata/Checker.java", name).Output()
	if err != nil {
		if exit, ok := err.(*exec.ExitError); ok {
			t.Logf("%s", exit.Stderr)
		}
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
}

// missing ends a test whose tool is not there: quietly at a desk, loudly where all tests must run.
func missing(t testing.TB, what string, err error) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is missing: %v", what, err)
	}
	t.Skipf("NOT RUN: %s is missing: %v", what, err)
}

// ending stands in for a test and notes how it ends.
type ending struct {
	testing.TB
	words string
}

func (e *ending) Helper() {}

func (e *ending) Skipf(format string, args ...any) {
	e.words = "skipped: " + fmt.Sprintf(format, args...)
}

func (e *ending) Fatalf(format string, args ...any) {
	e.words = "failed: " + fmt.Sprintf(format, args...)
	panic(e)
}

func TestMissingTool(t *testing.T) {
	for ci, want := range map[string]string{"": "skipped: NOT RUN: java is missing", "true": "failed: java is missing"} {
		t.Setenv("CI", ci)
		e := &ending{TB: t}
		func() {
			defer func() { recover() }()
			missing(e, "java", os.ErrNotExist)
		}()
		if !strings.HasPrefix(e.words, want) {
			t.Errorf("CI=%q: %s", ci, e.words)
		}
	}
}
