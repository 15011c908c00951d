package rest_test

import (
	"cmp"
	"compress/gzip"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"dagtilbudsregisteret.dk/shared/rest"
	"dagtilbudsregisteret.dk/shared/validation"
)

// step is one call of the scenario and the status that it must be answered with.
type step struct {
	op     string // the operation, without the service version
	at     string // what stands for the path's parameters, see specServer.named
	as     string // who calls; an operator where it is empty
	query  string
	header []string // "Name: value"
	body   string
	want   int
	only   string // the service version that the step is about; empty for both
	err    error  // what the store fails with meanwhile
	rows   error  // what the store fails with when it ranges over rows
	trail  error  // what the store fails with when something is to go into the trail
	late   bool   // v1 has closed meanwhile
}

// anonymous calls without a login.
const anonymous = "-"

// journey goes through a scenario and notes what was seen on the way.
type journey struct {
	doc     *contract
	server  *specServer
	version string // "v1", "v2", or empty for the paths outside the versions

	answered map[string]map[int]bool    // the statuses of each operation
	sent     map[string]map[string]bool // the parameters of each operation that went well
	logins   map[string]map[string]bool // the logins that each operation went well with
	rules    map[string]bool            // the rules that some finding named
}

func newJourney(t testing.TB) *journey {
	t.Helper()
	return &journey{doc: readContract(t), answered: make(map[string]map[int]bool), sent: make(map[string]map[string]bool),
		logins: make(map[string]map[string]bool), rules: make(map[string]bool)}
}

// TestOpenAPIScenario has every operation answer in every way that is described: each answer is as described, and each description is
// of an answer that was seen.
func TestOpenAPIScenario(t *testing.T) {
	j := newJourney(t)
	for _, version := range []string{"v1", "v2"} {
		j.server, j.version = newSpecServer(t), version
		j.through(t, writing)
		j.server.recheck(t)
		j.through(t, reading)
		j.through(t, told)
		j.through(t, granted)
		j.through(t, subscribed)
		j.through(t, exhausting)
		t.Run(version+" with nowhere to keep an import", j.unstorable)
	}
	j.version = ""
	j.through(t, unversioned)
	j.compare(t)
	for _, rule := range validation.Rules() {
		if !j.rules[rule.ID] {
			t.Logf("no finding of the rule %s was seen", rule.ID)
		}
	}
}

// through takes the steps in order. The first step of an operation that goes well is also taken in all ways that go wrong, and without
// a login where none is needed, before it.
func (j *journey) through(t *testing.T, steps []step) {
	t.Helper()
	well := make(map[string]bool)
	for _, s := range steps {
		if s.only != "" && s.only != j.version {
			continue
		}
		if s.want < http.StatusMultipleChoices && !well[s.op] {
			well[s.op] = true
			for _, m := range mishaps {
				if m.strikes(s, j.version) {
					j.take(t, m.of(s))
				}
			}
			if isOpen(s, j.version) {
				j.take(t, s.by(anonymous))
			}
		}
		j.take(t, s)
	}
}

// take makes one call, holds it against the document, and gives what was answered.
func (j *journey) take(t *testing.T, s step) []byte {
	t.Helper()
	r, op := j.request(t, s)
	store := j.server.store
	store.err, store.rows, store.trail = s.err, s.rows, s.trail
	if s.late {
		j.server.now = specLate()
	}
	w := httptest.NewRecorder()
	j.server.ServeHTTP(w, r)
	store.err, store.rows, store.trail, j.server.now = nil, nil, nil, specNow()
	text := readable(t, w)
	j.note(s, op, w.Code, text)
	if w.Code != s.want {
		t.Errorf("%s %s %s: answered %d, not %d: %s", op.name, s.at, s.body[:min(len(s.body), 200)], w.Code, s.want, text)
		return text
	}
	if err := op.checkResponse(w.Code, w.Header(), text); err != nil {
		t.Errorf("%s %s, %d: %v", op.name, s.at, w.Code, err)
	}
	if ending := w.Header().Get("Deprecation") != "" && w.Header().Get("Sunset") != ""; ending != op.Deprecated || ending != (j.version == "v1") {
		t.Errorf("%s %s, %d: described as deprecated: %v, and the answer says %v", op.name, s.at, w.Code, op.Deprecated, ending)
	}
	if w.Code < http.StatusBadRequest {
		sent, login, err := op.checkRequest(r, []byte(s.body))
		if err != nil {
			t.Errorf("%s %s took what is not described: %v", op.name, s.at, err)
		}
		for _, name := range sent {
			j.sent[op.name][name] = true
		}
		j.logins[op.name][login] = true
	}
	return text
}

var pathParameter = regexp.MustCompile(`\{.*\}`)

// request makes the request of a step. All steps carry the same X-Request-Id, which must mean nothing to the register.
func (j *journey) request(t *testing.T, s step) (*http.Request, *operation) {
	t.Helper()
	method, path, _ := strings.Cut(s.op, " ")
	target := j.path(pathParameter.ReplaceAllString(path, j.server.named(t, s.at))) + "?" + s.query
	r := httptest.NewRequest(method, target, strings.NewReader(s.body))
	r.Header = http.Header{"Accept-Language": {"en"}, "X-Request-Id": {"scenario"}}
	if navn := cmp.Or(s.as, drift); navn != anonymous {
		r.SetBasicAuth(navn, j.server.secrets[navn])
	}
	if s.body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, line := range s.header {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Set(name, value)
	}
	return r, j.operation(t, s.op)
}

// operation gives the operation of the version under way that has a name.
func (j *journey) operation(t *testing.T, name string) *operation {
	t.Helper()
	method, path, _ := strings.Cut(name, " ")
	op := j.doc.operations[method+" "+j.path(path)]
	if op == nil {
		t.Fatalf("openapi.json has no %s %s", method, j.path(path))
	}
	return op
}

// path gives a path in the version under way.
func (j *journey) path(path string) string {
	if j.version == "" {
		return path
	}
	return "/" + j.version + path
}

// readable gives an answer's body as the caller reads it.
func readable(t *testing.T, w *httptest.ResponseRecorder) []byte {
	t.Helper()
	var body io.Reader = w.Body
	if w.Header().Get("Content-Encoding") == "gzip" {
		zip, err := gzip.NewReader(w.Body)
		if err != nil {
			t.Errorf("the answer says that it is gzip: %v", err)
			return nil
		}
		body = zip
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Error(err)
	}
	return text
}

// note remembers what an operation answered, and of which rules.
func (j *journey) note(s step, op *operation, status int, text []byte) {
	if j.answered[op.name] == nil {
		j.answered[op.name], j.sent[op.name], j.logins[op.name] = make(map[int]bool), make(map[string]bool), make(map[string]bool)
	}
	j.answered[op.name][status] = true
	if s.op == "GET /valideringsregler" {
		return
	}
	for _, rule := range validation.Rules() {
		if strings.Contains(string(text), `"regel":"`+rule.ID+`"`) {
			j.rules[rule.ID] = true
		}
	}
}

// compare holds the journey against the document: everything that is described was seen.
func (j *journey) compare(t *testing.T) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(j.doc.operations)) {
		op := j.doc.operations[name]
		for status := range op.Responses.Map() {
			if code, _ := strconv.Atoi(status); !j.answered[name][code] {
				t.Errorf("%s was never answered %s", name, status)
			}
		}
		for _, p := range op.parameters {
			if !j.sent[name][p.Value.Name] {
				t.Errorf("%s never took the parameter %s", name, p.Value.Name)
			}
		}
		for _, login := range op.logins() {
			if !j.logins[name][login] {
				t.Errorf("%s never went well with the login %q", name, login)
			}
		}
	}
}

// unstorable has an import fail because it cannot be kept while it is worked on.
func (j *journey) unstorable(t *testing.T) {
	kept := j.server
	j.server = newSpecServer(t, func(c *config) { c.MaxImport = 2 * rest.MaxBody })
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "missing"))
	j.take(t, step{op: "POST /import", header: []string{"Content-Type: application/x-ndjson"}, body: strings.Repeat("\n", rest.MaxBody+1), want: 500})
	j.server = kept
}
