package validation_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

func TestRules(t *testing.T) {
	kebab := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	seen := map[string]bool{}
	for _, r := range validation.Rules() {
		if !kebab.MatchString(r.ID) || seen[r.ID] {
			t.Errorf("%q is no id, or stands there twice", r.ID)
		}
		seen[r.ID] = true
		for _, text := range []string{r.Beskrivelse.Da, r.Beskrivelse.En} {
			if !strings.HasSuffix(text, ".") {
				t.Errorf("%s: %q is no sentence", r.ID, text)
			}
		}
		if r.Beskrivelse.Da == r.Beskrivelse.En || r.Lov == "" || len(r.Niveauer) == 0 || len(r.Operationer) == 0 || r.FraVersion == 0 {
			t.Errorf("%s is not complete: %+v", r.ID, r)
		}
		if r.Severity.String() == "" || r.Kind == register.Internal {
			t.Errorf("%s has severity %q and kind %q", r.ID, r.Severity, r.Kind)
		}
		if got, ok := validation.RuleByID(r.ID); got != r || !ok {
			t.Errorf("RuleByID(%q) is another", r.ID)
		}
	}
	if _, ok := validation.RuleByID("findes-ikke"); ok {
		t.Error("there is a rule findes-ikke")
	}
}

// TestEveryRuleIsListed holds the list against the source.
func TestEveryRuleIsListed(t *testing.T) {
	declaration := regexp.MustCompile(`(?m)^var \w+ = &Rule\{`)
	files, err := filepath.Glob("rules*.go")
	if err != nil {
		t.Fatal(err)
	}
	declared := 0
	for _, name := range files {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		declared += len(declaration.FindAll(source, -1))
	}
	if n := len(validation.Rules()); n != declared {
		t.Errorf("%d rules are declared and %d listed", declared, n)
	}
}

func TestParseOperation(t *testing.T) {
	for o := validation.Opret; o <= validation.Indlaes; o++ {
		if got, ok := validation.ParseOperation(o.String()); got != o || !ok {
			t.Errorf("%q is read as %v, %v", o, got, ok)
		}
	}
	for _, word := range []string{"", "eftersyn", "Opret", "slet"} {
		if o, ok := validation.ParseOperation(word); ok {
			t.Errorf("%q is read as %v", word, o)
		}
	}
}
