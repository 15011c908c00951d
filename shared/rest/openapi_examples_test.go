package rest_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// published is an order in which the document's examples of bodies can be sent to a fresh register. They name the numbers that it
// then issues.
var published = []struct{ op, at, example, ifMatch string }{
	{"POST /daginstitutioner", "", "kommunal", ""},
	{"POST /daginstitutioner", "", "modtager", ""},
	{"POST /anvisningsenheder", "", "boernehus", ""},
	{"POST /anvisningsenheder", "", "vuggestue", ""},
	{"POST /alternative-adresser", "", "skovgruppe", ""},
	{"PUT /daginstitutioner/{nummer}", "G10000", "nytNavn", `"1"`},
	{"PUT /anvisningsenheder/{nummer}", "G10002", "nyType", `"1"`},
	{"PUT /alternative-adresser/{nummer}", "G10004", "nytNavn", `"1"`},
	{"POST /anvisningsenheder/{nummer}/flyt", "G10002", "tilSyd", `"2"`},
	{"POST /alternative-adresser/{nummer}/flyt", "G10004", "tilVuggestuen", ""},
	{"POST /dagtilbud", "", "nytOmraade", ""},
	{"POST /validering", "", "heltTrae", ""},
	{"PUT /dagtilbud/{nummer}", "G10005", "omlagt", ""},
	{"POST /import", "", "heltTrae", ""},
	{"POST /validering", "", "lovlig", ""},
	{"POST /validering", "", "ulovlig", ""},
	{"POST /numre", "", "reserver", ""},
	{"POST /numre", "", "reserverMedUdloeb", ""},
	{"POST /numre", "", "rykFrem", ""},
	{"POST /adgang/brugere", "", "leverandoer", ""},
	{"POST /adgang/brugere", "", "ejer", ""},
	{"POST /adgang/brugere", "", "laeser", ""},
	{"PUT /adgang/brugere/{bruger}", "egernsoft", "hurtigere", `"1"`},
	{"POST /adgang/brugere/{bruger}/hemmeligheder", "egernsoft", "udloeber", ""},
	{"POST /adgang/brugere/{bruger}/bevillinger", "egernsoft", "kommune", ""},
	{"POST /adgang/brugere/{bruger}/bevillinger", "egernsoft", "periode", ""},
	{"POST /adgang/brugere/{bruger}/bevillinger", "solstraalen", "institution", ""},
	{"POST /synk", "", "hash", ""},
	{"POST /synk", "", "enheder", ""},
	{"POST /abonnementer", "", "alt", ""},
	{"POST /abonnementer", "", "filter", ""},
	{"PUT /abonnementer/{abonnement}", "egernsoft", "bredere", `"1"`},
	{"POST /abonnementer/{abonnement}/afspil", "egernsoft", "begyndelsen", ""},
	{"POST /abonnementer/{abonnement}/afspil", "egernsoft", "tidspunkt", ""},
	{"POST /abonnementer/{abonnement}/afspil", "egernsoft", "position", ""},
	{"POST /abonnementer/{abonnement}/doede", "egernsoft", "udvalgte", ""},
}

// The examples of bodies are accepted, and none is left out.
func TestOpenAPIExamplesAreAccepted(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"v1", "v2"} {
		t.Run(version, func(t *testing.T) {
			j := newJourney(t)
			j.server, j.version = newSpecServer(t), version
			accepted := make(map[string]bool)
			for _, p := range published {
				if version == "v1" && !j.has(p.op, p.example) {
					continue
				}
				accepted[j.publish(t, p.op, p.at, p.example, p.ifMatch)] = true
			}
			for name, op := range j.doc.operations {
				if op.RequestBody == nil || !strings.Contains(name, " /"+version+"/") {
					continue
				}
				for _, media := range op.RequestBody.Value.Content {
					for example := range media.Examples {
						if !accepted[name+" "+example] {
							t.Errorf("%s: the example %s was not sent", name, example)
						}
					}
				}
			}
		})
	}
}

// has tells whether the version under way has an operation with an example.
func (j *journey) has(name, example string) bool {
	method, path, _ := strings.Cut(name, " ")
	op := j.doc.operations[method+" "+j.path(path)]
	if op == nil {
		return false
	}
	for _, media := range op.RequestBody.Value.Content {
		if media.Examples[example] != nil {
			return true
		}
	}
	return false
}

// publish sends an example and gives the operation's and its name.
func (j *journey) publish(t *testing.T, name, at, example, ifMatch string) string {
	t.Helper()
	s := step{op: name, at: at, want: http.StatusOK}
	if ifMatch != "" {
		s.header = append(s.header, "If-Match: "+ifMatch)
	}
	op := j.operation(t, name)
	for mediaType, media := range op.RequestBody.Value.Content {
		if media.Examples[example] == nil {
			t.Fatalf("%s has no example %s", op.name, example)
		}
		s.body = string(exampleText(t, media.Examples[example]))
		s.header = append(s.header, "Content-Type: "+mediaType)
	}
	if op.Responses.Status(http.StatusCreated) != nil && example != "rykFrem" {
		s.want = http.StatusCreated
	}
	text := j.take(t, s)
	if name == "POST /import" {
		allAccepted(t, text)
	}
	return op.name + " " + example
}

// allAccepted holds the result lines of an import to having been carried out.
func allAccepted(t *testing.T, results []byte) {
	t.Helper()
	for line := range bytes.Lines(results) {
		var result struct{ Status int }
		if err := json.Unmarshal(line, &result); err != nil || result.Status >= http.StatusBadRequest {
			t.Errorf("the line is not accepted: %s", line)
		}
	}
}
