package rest_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"dagtilbudsregisteret.dk/events"
	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/rest"
)

// Every route is described, and everything that is described is a route.
func TestOpenAPIRoutes(t *testing.T) {
	doc := readContract(t)
	routes := make(map[string]bool)
	for _, r := range newSpecServer(t).routes {
		routes[r.Method+" "+r.Path] = true
	}
	for name := range routes {
		if doc.operations[name] == nil {
			t.Errorf("%s is a route that openapi.json does not describe", name)
		}
	}
	for name := range doc.operations {
		if !routes[name] {
			t.Errorf("openapi.json describes %s, which is no route", name)
		}
	}
}

// Each operation is described to take the logins that its route takes.
func TestOpenAPILogins(t *testing.T) {
	doc := readContract(t)
	taken := map[access.Need][]string{access.Ingen: {""}, access.AabneData: {"", "basicAuth"}, access.Proevning: {"", "basicAuth"}}
	for _, r := range newSpecServer(t).routes {
		want, open := taken[r.Need]
		if !open {
			want = []string{"basicAuth"}
		}
		if got := doc.operations[r.Method+" "+r.Path].logins(); !slices.Equal(got, want) {
			t.Errorf("%s %s is described to take the logins %q, and takes %q", r.Method, r.Path, got, want)
		}
	}
}

// Summaries are for Danish readers and descriptions for all; every operation has both, and v1 and v2 have names of their own.
func TestOpenAPIOperations(t *testing.T) {
	for name, op := range readContract(t).operations {
		if op.Summary == "" || op.Description == "" || len(op.Tags) != 1 {
			t.Errorf("%s has no summary, no description or not one tag", name)
		}
		version, versioned := strings.CutPrefix(strings.SplitN(name, "/", 3)[1], "v")
		if versioned && !strings.HasSuffix(op.OperationID, "V"+version) {
			t.Errorf("%s has the operationId %s", name, op.OperationID)
		}
	}
}

// Nothing lies in the document unused.
func TestOpenAPIComponents(t *testing.T) {
	doc := readContract(t).Components
	used := make(map[string]bool)
	for _, found := range regexp.MustCompile(`"#/components/([^"]+)"`).FindAllSubmatch(rest.OpenAPI, -1) {
		used[string(found[1])] = true
	}
	for kind, names := range map[string][]string{
		"schemas": slices.Collect(maps.Keys(doc.Schemas)), "parameters": slices.Collect(maps.Keys(doc.Parameters)),
		"headers": slices.Collect(maps.Keys(doc.Headers)), "requestBodies": slices.Collect(maps.Keys(doc.RequestBodies)),
		"responses": slices.Collect(maps.Keys(doc.Responses)),
	} {
		for _, name := range names {
			if !used[kind+"/"+name] {
				t.Errorf("components/%s/%s is not used", kind, name)
			}
		}
	}
}

// Every body has an example, and every example is of the form that its schema demands, each line of NDJSON included.
func TestOpenAPIExamples(t *testing.T) {
	t.Parallel()
	for name, op := range readContract(t).operations {
		if op.RequestBody != nil {
			checkExamples(t, name, op.RequestBody.Value.Content)
		}
		for status, response := range op.Responses.Map() {
			checkExamples(t, fmt.Sprintf("%s, %s", name, status), response.Value.Content)
		}
	}
}

// Events are described as their contract has them: each of its samples is of the described form, and each cause is one of its words.
func TestOpenAPIEvents(t *testing.T) {
	schemas := readContract(t).Components.Schemas
	samples, err := filepath.Glob("../../events/samples/*.json")
	if err != nil || len(samples) != len(events.Types()) {
		t.Fatalf("%v: %d samples", err, len(samples))
	}
	for _, sample := range samples {
		text, err := os.ReadFile(sample)
		if err != nil {
			t.Fatal(err)
		}
		if err := checkJSON(schemas["Haendelse"], text); err != nil {
			t.Errorf("%s: %v", sample, err)
		}
	}
	var words []any
	for cause := register.VedKald; cause <= register.VedRettelse; cause++ {
		words = append(words, cause.String())
	}
	if described := schemas["Aarsag"].Value.Enum; !slices.Equal(described, words) {
		t.Errorf("the causes are %v, and described as %v", words, described)
	}
}

// The validator is one that refuses what the document forbids.
func TestOpenAPIContractRefuses(t *testing.T) {
	doc := readContract(t)
	op := doc.operations["POST /v2/validering"]
	for name, line := range map[string]string{
		"a word that is none of the known": `{"op":"slet","type":"daginstitution"}`,
		"an unknown member":                `{"op":"nedlaeg","type":"daginstitution","nummer":"G10000","kommune":461}`,
		"an unknown member of the row":     `{"op":"opret","type":"daginstitution","data":{"daginstitutionsNavn":"A","ejerformKode":1,"lovgrundlagKode":1,"admKommuneKode":461,"kommune":461}}`,
		"a member of another type":         `{"op":"opret","type":"daginstitution","data":{"daginstitutionsNavn":"A","ejerformKode":"1","lovgrundlagKode":1,"admKommuneKode":461}}`,
		"the row of another level":         `{"op":"opret","type":"anvisningsenhed","data":{"daginstitutionsNavn":"A","ejerformKode":1,"lovgrundlagKode":1,"admKommuneKode":461}}`,
		"half a point":                     `{"op":"opret","type":"alternativAdresse","data":{"enhedsNummer":"G10001","alternativAdresseNavn":"A","adresse":{"vejNavn":"A","husNummer":"1","postNummer":"5999","byNavn":"B","kommuneKode":461,"geoBredde":55.4}}}`,
		"a move of a daginstitution":       `{"op":"flyt","type":"daginstitution","nummer":"G10000","data":{}}`,
		"a close of nothing":               `{"op":"nedlaeg","type":"daginstitution"}`,
		"a close with content":             `{"op":"nedlaeg","type":"daginstitution","nummer":"G10000","data":{"version":1}}`,
		"a number that is none":            `{"op":"nedlaeg","type":"daginstitution","nummer":"G1"}`,
		"a name of more than 132 characters": `{"op":"opret","type":"daginstitution","data":{"daginstitutionsNavn":"` + strings.Repeat("å", 133) +
			`","ejerformKode":1,"lovgrundlagKode":1,"admKommuneKode":461}}`,
	} {
		if checkContent(op.RequestBody.Value.Content, "application/json", []byte(line)) == nil {
			t.Errorf("the document takes %s", name)
		}
	}
	asked := &http.Request{URL: &url.URL{RawQuery: "limit=1001&side=2"}, Header: http.Header{"If-Match": {"1"}}}
	if _, _, err := doc.operations["GET /v2/dagtilbud"].checkRequest(asked, nil); err == nil || strings.Count(err.Error(), "is not described") != 2 {
		t.Errorf("the document takes unknown parameters: %v", err)
	}
	if _, _, err := doc.operations["DELETE /v2/daginstitutioner/{nummer}"].checkRequest(asked, nil); err == nil || !strings.Contains(err.Error(), `login ""`) {
		t.Errorf("the document takes a write without a login: %v", err)
	}
	if err := op.checkResponse(200, http.Header{"Content-Type": {"application/json"}}, []byte(`{"lovlig":true,"status":200,"errors":[],"advarsler":[],"mere":1}`)); err == nil ||
		!strings.Contains(err.Error(), "/mere") || !strings.Contains(err.Error(), "X-Request-Id") {
		t.Errorf("the document takes an answer with an undescribed member and without its id: %v", err)
	}
	if err := op.checkResponse(http.StatusTeapot, nil, nil); err == nil {
		t.Error("the document takes an undescribed status")
	}
}
