package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// open are the members whose own members are anybody's to name.
var open = []string{"/headers", "/queryStringParameters", "/pathParameters", "/detail", "/Records/dynamodb/Keys",
	"/Records/dynamodb/NewImage", "/Records/dynamodb/OldImage"}

// TestSamplesAreOfTheKindThatSAMGenerates holds the samples of events/ to what `sam local generate-event` makes of the same kind: they name
// nothing that it does not, and nothing of another type, and leave out only what a call may be without.
func TestSamplesAreOfTheKindThatSAMGenerates(t *testing.T) {
	samples, err := filepath.Glob(filepath.Join(root, "events", "*.json"))
	if err != nil || len(samples) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	optional := []string{"/cookies", "/queryStringParameters", "/pathParameters", "/stageVariables", "/body", "/requestContext/authentication",
		"/requestContext/authorizer", "/Records/dynamodb/OldImage"}
	for _, path := range samples {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		kind := []string{"apigateway", "http-api-proxy"}
		switch {
		case strings.Contains(string(text), `"detail-type"`):
			kind = []string{"cloudwatch", "scheduled-event"}
		case strings.Contains(string(text), `"Records"`):
			kind = []string{"dynamodb", "update"}
		}
		sample, generated := members(t, text), members(t, generate(t, kind...))
		for _, name := range slices.Sorted(maps.Keys(sample)) {
			if want, known := generated[name]; sample[name] != want && (known || name != "/version") { // which SAM forgets of a schedule
				t.Errorf("%s: %s is %q, of SAM %q", path, name, sample[name], want)
			}
		}
		for name := range generated {
			left := !slices.ContainsFunc(optional, func(o string) bool { return name == o || strings.HasPrefix(name, o+"/") })
			if sample[name] == "" && left {
				t.Errorf("%s: there is no %s", path, name)
			}
		}
	}
}

// generate gives an event that SAM makes up.
func generate(t *testing.T, kind ...string) []byte {
	t.Helper()
	sam, err := filepath.Abs(filepath.Join(root, ".tools", "sam", "bin", "sam"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(sam); err != nil {
		t.Skipf("NOT RUN: the SAM CLI, which `make template` installs, is missing: %v", err)
	}
	command := exec.CommandContext(t.Context(), sam, append([]string{"local", "generate-event"}, kind...)...)
	command.Env = append(os.Environ(), "SAM_CLI_TELEMETRY=0", "__SAM_CLI_APP_DIR="+t.TempDir(), "AWS_CONFIG_FILE=/dev/null",
		"AWS_SHARED_CREDENTIALS_FILE=/dev/null")
	out, err := command.Output()
	if err != nil {
		t.Fatalf("sam local generate-event %s: %v", kind, err)
	}
	return out
}

// members gives the types of all members of a JSON text, by their paths; elements of a list have that of the list.
func members(t *testing.T, text []byte) map[string]string {
	t.Helper()
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	all := make(map[string]string)
	gather("", value, all)
	return all
}

func gather(path string, value any, all map[string]string) {
	all[path] = fmt.Sprintf("%T", value)
	if slices.Contains(open, path) {
		return
	}
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			gather(path+"/"+name, member, all)
		}
	case []any:
		for _, element := range v {
			if object, isObject := element.(map[string]any); isObject {
				for name, member := range object {
					gather(path+"/"+name, member, all)
				}
			}
		}
	}
}
