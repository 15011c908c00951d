package rest

import (
	"net/http"

	"github.com/go-json-experiment/json"

	"dagtilbudsregisteret.dk/shared/httpcall"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// problem is a problem document (RFC 9457). Our own failures carry the request id and nothing else of what went wrong.
type problem struct {
	Type      string    `json:"type"`
	Title     string    `json:"title"`
	Status    int       `json:"status"`
	RequestID string    `json:"requestId"`
	Errors    []finding `json:"errors,omitempty"`
}

// finding is one breach of a rule, in the caller's language.
type finding struct {
	Pointer   string             `json:"pointer"`
	Regel     string             `json:"regel"`
	Kode      string             `json:"kode"`
	Tekst     string             `json:"tekst"`
	Lov       string             `json:"lov"`
	Nummer    register.Number    `json:"nummer,omitzero"`
	Rettelser []validation.Patch `json:"rettelser,omitempty"`
}

// kindProblem is how a kind of error is answered over HTTP.
type kindProblem struct {
	status int
	name   string
	title  register.Text
}

// kindProblems maps every kind: the one place where kinds become HTTP.
var kindProblems = map[register.Kind]kindProblem{
	register.Internal:        {http.StatusInternalServerError, "intern", register.Text{Da: "Registeret fejlede", En: "The register failed"}},
	register.Malformed:       {http.StatusBadRequest, "ulaeselig", register.Text{Da: "Forespørgslen kan ikke læses", En: "The request cannot be read"}},
	register.Invalid:         {http.StatusUnprocessableEntity, "ugyldig", register.Text{Da: "Det sendte overholder ikke reglerne", En: "What was sent breaks the rules"}},
	register.NotFound:        {http.StatusNotFound, "findes-ikke", register.Text{Da: "Findes ikke", En: "Not found"}},
	register.Conflict:        {http.StatusConflict, "konflikt", register.Text{Da: "Registerets tilstand står i vejen", En: "The state of the register stands in the way"}},
	register.Stale:           {http.StatusPreconditionFailed, "foraeldet", register.Text{Da: "Rækken er ændret siden", En: "The row has changed since"}},
	register.Missing:         {http.StatusPreconditionRequired, "mangler-version", register.Text{Da: "Versionen skal nævnes", En: "The version must be named"}},
	register.TooLarge:        {http.StatusRequestEntityTooLarge, "for-stor", register.Text{Da: "Forespørgslen er for stor", En: "The request is too large"}},
	register.Reused:          {http.StatusUnprocessableEntity, "genbrugt-noegle", register.Text{Da: "Nøglen er brugt til noget andet", En: "The key was used for something else"}},
	register.Exhausted:       {http.StatusServiceUnavailable, "opbrugt", register.Text{Da: "Der er ikke flere numre", En: "There are no numbers left"}},
	register.Unauthenticated: {http.StatusUnauthorized, "login", register.Text{Da: "Log ind", En: "Log in"}},
	register.Forbidden:       {http.StatusForbidden, "adgang", register.Text{Da: "Ikke tilladt", En: "Not allowed"}},
	register.Limited:         {http.StatusTooManyRequests, "tempo", register.Text{Da: "For mange kald", En: "Too many calls"}},
	register.Gone:            {http.StatusGone, "lukket", register.Text{Da: "Versionen er lukket", En: "The version has closed"}},
	register.Unavailable:     {http.StatusServiceUnavailable, "utilgaengelig", register.Text{Da: "Registeret svarer ikke lige nu", En: "The register does not answer just now"}},
}

const problemType = "https://dagtilbudsregisteret.dk/problemer/"

// fail answers an error: the one place where errors become answers.
func (e *exchange) fail(err error) {
	e.W.Header().Del(afterHeader) // said of the answer that did not come
	e.writeProblem(e.problemOf(register.KindOf(err), httpcall.Shown(err)))
}

// refuse answers findings that stand in the way.
func (e *exchange) refuse(findings []validation.Finding) error {
	return e.writeProblem(e.problemOf(validation.Kind(findings), findings))
}

// problem answers findings with a status of HTTP's own.
func (e *exchange) problem(status int, findings []validation.Finding) error {
	return e.writeProblem(&problem{
		Type: "about:blank", Title: http.StatusText(status), Status: status, RequestID: e.RequestID, Errors: e.findings(findings, validation.Fejl),
	})
}

func (e *exchange) problemOf(kind register.Kind, found []validation.Finding) *problem {
	p := kindProblems[kind]
	return &problem{Type: problemType + p.name, Title: e.Language.Of(p.title), Status: p.status, RequestID: e.RequestID,
		Errors: e.findings(found, validation.Fejl)}
}

func (e *exchange) writeProblem(p *problem) error {
	body, err := json.Marshal(p)
	if err != nil {
		return err
	}
	e.W.Header().Set("Content-Type", "application/problem+json")
	e.W.Header().Set("Content-Language", string(e.Language))
	e.W.WriteHeader(p.Status)
	_, err = e.W.Write(body)
	return err
}

// findings gives those of one severity in the caller's language, as far as they are answered.
func (e *exchange) findings(all []validation.Finding, severity validation.Severity) (shown []finding) {
	for _, f := range validation.Answered(all, severity) {
		shown = append(shown, finding{f.Pointer, f.Rule.ID, f.Kode, e.Language.Of(f.Tekst), f.Rule.Lov, f.Nummer, f.Rettelser})
	}
	return shown
}

// invalid is a finding about a part of the request that is not its body.
func invalid(kode, da, en string) []validation.Finding {
	return []validation.Finding{validation.UgyldigParameter.Finding("", kode, register.Text{Da: da, En: en})}
}
