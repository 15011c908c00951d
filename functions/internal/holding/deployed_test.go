package holding_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/functions/internal/holding"
	"dagtilbudsregisteret.dk/infra/template"
	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/lambdahost"
	"dagtilbudsregisteret.dk/shared/metrics"
	"dagtilbudsregisteret.dk/shared/rest"
	"dagtilbudsregisteret.dk/shared/services"
	"dagtilbudsregisteret.dk/shared/soap"
	"dagtilbudsregisteret.dk/shared/versions"
)

const root = "../../.."

func readTemplate(t *testing.T) *template.Template {
	t.Helper()
	tpl, err := template.Read(filepath.Join(root, "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return tpl
}

// readStacks reads the nested templates, by their paths.
func readStacks(t *testing.T) map[string]*template.Template {
	t.Helper()
	all := make(map[string]*template.Template)
	for _, path := range glob(t, "infra/stacks/*.yaml") {
		tpl, err := template.Read(filepath.Join(root, path))
		if err != nil {
			t.Fatal(err)
		}
		all[path] = tpl
	}
	return all
}

func readText(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func glob(t *testing.T, pattern string) (paths []string) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(root, pattern))
	if err != nil || len(found) == 0 {
		t.Fatalf("%s: %v", pattern, err)
	}
	for _, path := range found {
		path, err := filepath.Rel(root, path)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, filepath.ToSlash(path))
	}
	return paths
}

// runbooks are the names of the pages.
func runbooks(t *testing.T) (names []string) {
	t.Helper()
	for _, path := range glob(t, "infra/runbooks/*.md") {
		names = append(names, strings.TrimSuffix(filepath.Base(path), ".md"))
	}
	return names
}

// folders are those that hold a function.
func folders(t *testing.T) (names []string) {
	t.Helper()
	for _, path := range glob(t, "functions/*/main.go") {
		names = append(names, filepath.Base(filepath.Dir(path)))
	}
	return names
}

// routesOfTheCode are what the functions serve, by their folders, as their mains have it.
func routesOfTheCode() map[string][]string {
	all := services.New(services.Config{Tables: codes.Embedded()})
	api, envelopes := rest.New(all, rest.Limits{}), soap.New(all, soap.Limits{})
	code := make(map[string][]string)
	for name, routes := range map[string][]rest.Route{
		"import": api.Import(), "export": api.Export(), "numbers": api.Numbers(), "validation": api.Validation(),
		"access": api.Access(), "relay": api.Subscriptions(),
	} {
		for _, r := range routes {
			code[name] = append(code[name], r.Method+" "+r.Path)
		}
	}
	for name, routes := range map[string][]soap.Route{"import": envelopes.Import(), "export": envelopes.Export()} {
		for _, r := range routes {
			code[name] = append(code[name], r.Method+" "+r.Path)
		}
	}
	return code
}

// setByLambda are variables that Lambda sets, and a template must not.
var setByLambda = []string{"AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}

// variablesOfTheCode are what a function asks of its environment, beside those.
func variablesOfTheCode(t *testing.T) (read []string, lives versions.Schedule) {
	t.Helper()
	read = []string{"SSL_CERT_FILE", "SSL_CERT_DIR"} // by crypto/x509
	nothing := func(name string) string {
		if !slices.Contains(setByLambda, name) {
			read = append(read, name)
		}
		return ""
	}
	if _, err := lambdahost.ReadConfig(nothing); err == nil {
		t.Error("an empty environment is no error")
	}
	lives, err := versions.Read(nothing)
	if err != nil {
		t.Error(err)
	}
	return read, lives
}

// metricsOfTheCode are those that the functions' log lines make, read from such lines.
func metricsOfTheCode(t *testing.T) (all []holding.Metric) {
	t.Helper()
	var log bytes.Buffer
	meter := &metrics.Meter{Stage: "test", Function: "import", Log: slog.New(slog.NewJSONHandler(&log, nil)), Now: time.Now}
	one := func(m metrics.Metric) metrics.Value { return metrics.Of(m, 1) }
	meter.Log.LogAttrs(t.Context(), slog.LevelInfo, "request", meter.Request(one(metrics.Requests), one(metrics.ServerErrors),
		one(metrics.ClientErrors), one(metrics.ClosedVersionCalls), one(metrics.Latency))...)
	meter.Subscriber(t.Context(), "a", one(metrics.SubscriberLagEvents), one(metrics.SubscriberLagSeconds), one(metrics.DeadLetters))
	for _, m := range []metrics.Metric{metrics.NumbersLeft, metrics.SilentVendors, metrics.UnlawfulRows} {
		meter.Register(t.Context(), one(m))
	}
	names := make(map[string]bool)
	for lines := json.NewDecoder(&log); lines.More(); {
		var line struct {
			AWS struct {
				CloudWatchMetrics []struct {
					Namespace  string
					Dimensions [][]string
					Metrics    []metrics.Metric
				}
			} `json:"_aws"`
		}
		if err := lines.Decode(&line); err != nil {
			t.Fatal(err)
		}
		for _, directive := range line.AWS.CloudWatchMetrics {
			for _, dimensions := range directive.Dimensions {
				slices.Sort(dimensions)
				for _, m := range directive.Metrics {
					names[m.Name] = true
					all = append(all, holding.Metric{Namespace: directive.Namespace, Name: m.Name, Dimensions: strings.Join(dimensions, ",")})
				}
			}
		}
	}
	if len(names) != len(metrics.All()) {
		t.Errorf("of %d metrics of the code these are known: %v", len(metrics.All()), slices.Sorted(maps.Keys(names)))
	}
	return all
}

// with gives a template in which a resource's properties are changed.
func with(t *testing.T, tpl *template.Template, id string, change func(properties map[string]any)) *template.Template {
	t.Helper()
	var properties map[string]any
	if err := json.Unmarshal(tpl.Resources[id].Properties, &properties); err != nil {
		t.Fatalf("%s: %v", id, err)
	}
	change(properties)
	text, err := json.Marshal(properties)
	if err != nil {
		t.Fatal(err)
	}
	changed := *tpl
	changed.Resources = maps.Clone(tpl.Resources)
	r := changed.Resources[id]
	r.Properties = text
	changed.Resources[id] = r
	return &changed
}

// without gives a template without a resource.
func without(tpl *template.Template, id string) *template.Template {
	changed := *tpl
	changed.Resources = maps.Clone(tpl.Resources)
	delete(changed.Resources, id)
	return &changed
}

// want compares the differences that a check reports of what was done with those it must report.
func want(t *testing.T, done string, got []string, want ...string) {
	t.Helper()
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s: reported is\n\t%s\nwant\n\t%s", done, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}
