package main

import (
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/infra/binaries"
)

// TestSoak soaks for some seconds, with kills.
func TestSoak(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"local", "dtr"} {
		if err := binaries.Program(t.Context(), "./infra/"+name, folder+"/"+name); err != nil {
			t.Fatal(err)
		}
	}
	var told strings.Builder
	c := config{time: 8 * time.Second, rate: 60, seed: 1, folder: folder, getenv: func(string) string { return "" }, out: &told}
	err := c.run(t.Context())
	t.Log(told.String())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"killed 2 times", "soak-alt got ", "create over SOAP", ": 0 breaches"} {
		if !strings.Contains(told.String(), want) {
			t.Errorf("%q is not in what it told", want)
		}
	}
}
