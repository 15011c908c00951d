package soaptest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// verdict stands in for a test and notes how it ends.
type verdict struct {
	testing.TB
	words string
}

func (v *verdict) Helper() {}

func (v *verdict) Skipf(format string, args ...any) {
	v.end("skipped: " + fmt.Sprintf(format, args...))
}

func (v *verdict) Fatalf(format string, args ...any) {
	v.end("failed: " + fmt.Sprintf(format, args...))
}

func (v *verdict) end(words string) {
	v.words = words
	panic(v)
}

// of tells how a test ends that does something.
func (v *verdict) of(do func()) string {
	func() {
		defer func() { recover() }()
		do()
	}()
	return v.words
}

func TestMissingPeer(t *testing.T) {
	empty := t.TempDir()
	equipped := t.TempDir()
	if err := os.WriteFile(filepath.Join(equipped, "installer"), nil, 0o700); err != nil {
		t.Fatal(err)
	}
	absent := peer{"the peer", []string{"installer"}, []string{"absent/at-*"}}
	for _, c := range []struct{ ci, path, want string }{
		{"", equipped, "skipped: NOT RUN: the peer is missing: there is no .tools/absent/at-*; `make peers` installs it"},
		{"true", equipped, "failed: soaptest: the peer is missing: there is no .tools/absent/at-*"},
		{"true", empty, "skipped: NOT RUN: the peer is missing, and cannot be installed without installer"},
	} {
		t.Setenv("CI", c.ci)
		t.Setenv("PATH", c.path)
		v := &verdict{TB: t}
		if got := v.of(func() { absent.find(v) }); got != c.want {
			t.Errorf("CI=%q, PATH=%q: %s", c.ci, c.path, got)
		}
	}
}

// TestClientThatFails has every client call where nobody answers: the test fails, with what the client said.
func TestClientThatFails(t *testing.T) {
	for _, c := range Clients {
		t.Run(c.Name, func(t *testing.T) {
			c.command(t)
			v := &verdict{TB: t}
			words := v.of(func() { c.Live(v, "http://127.0.0.1:1", "bruger:hemmelighed", "v2") })
			if !strings.HasPrefix(words, "failed: ") || !strings.Contains(words, "127.0.0.1:1") {
				t.Errorf("%s", words)
			}
		})
	}
}
