package rest

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/go-json-experiment/json"

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
	register.Unavailable:     {http.StatusServiceUnavailable, "utilgaengelig", register.Text{Da: "Registeret svarer ikke lige nu", En: "The register does not answer just now"}},
}

const problemType = "https://dagtilbudsregisteret.dk/problemer/"

// panicked is a handler's panic on its way to the log.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v\n%s", p.value, p.stack) }

// fail answers an error: the one place where errors become answers.
func (e *exchange) fail(err error) {
	if e.w.status != 0 {
		// The answer is under way. Cutting it off is the only way left to tell the caller that it is not whole.
		e.api.logFailure(e, err)
		panic(http.ErrAbortHandler)
	}
	kind := register.KindOf(err)
	for _, name := range [...]string{"Content-Disposition", "Content-Encoding", "ETag", afterHeader} {
		e.w.Header().Del(name) // said of the answer that did not come
	}
	switch kind {
	case register.Unavailable:
		e.w.Header().Set("Retry-After", "1")
	case register.Unauthenticated:
		e.w.Header().Set("WWW-Authenticate", `Basic realm="Dagtilbudsregisteret", charset="UTF-8"`)
	}
	e.writeProblem(e.problemOf(kind, shown(err)))
}

// shown is the finding of an error that says something to the caller.
func shown(err error) []validation.Finding {
	own, ok := errors.AsType[*register.Error](err)
	if !ok {
		return nil
	}
	switch own.Kind {
	case register.NotFound:
		return []validation.Finding{validation.UkendtNummer.Finding("", "findesIkke", own.Detail)}
	case register.Exhausted:
		return []validation.Finding{validation.Nummerserie.Finding("", "opbrugt", own.Detail)}
	case register.Unauthenticated:
		return []validation.Finding{validation.Login.Finding("", "login", own.Detail)}
	case register.Forbidden:
		return []validation.Finding{validation.Adgang.Finding("", own.Code, own.Detail)}
	case register.Limited:
		return []validation.Finding{validation.Tempo.Finding("", "tempo", own.Detail)}
	}
	return nil
}

// refuse answers findings that stand in the way.
func (e *exchange) refuse(findings []validation.Finding) error {
	return e.writeProblem(e.problemOf(validation.Kind(findings), findings))
}

// problem answers findings with a status of HTTP's own.
func (e *exchange) problem(status int, findings []validation.Finding) error {
	return e.writeProblem(&problem{
		Type: "about:blank", Title: http.StatusText(status), Status: status, RequestID: e.requestID, Errors: e.findings(findings, validation.Fejl),
	})
}

// logFailure logs what an answer does not show.
func (a *API) logFailure(e *exchange, err error) {
	a.Log.LogAttrs(e.r.Context(), slog.LevelError, "failure", slog.String("requestId", e.requestID), slog.Any("error", err))
}

func (e *exchange) problemOf(kind register.Kind, found []validation.Finding) *problem {
	p := kindProblems[kind]
	return &problem{Type: problemType + p.name, Title: e.language.of(p.title), Status: p.status, RequestID: e.requestID,
		Errors: e.findings(found, validation.Fejl)}
}

func (e *exchange) writeProblem(p *problem) error {
	body, err := json.Marshal(p)
	if err != nil {
		return err
	}
	e.w.Header().Set("Content-Type", "application/problem+json")
	e.w.Header().Set("Content-Language", string(e.language))
	e.w.WriteHeader(p.Status)
	_, err = e.w.Write(body)
	return err
}

// findings gives those of one severity in the caller's language.
func (e *exchange) findings(all []validation.Finding, severity validation.Severity) (shown []finding) {
	for _, f := range all {
		if f.Severity != severity {
			continue
		}
		shown = append(shown, finding{f.Pointer, f.Rule.ID, f.Kode, e.language.of(f.Tekst), f.Rule.Lov, f.Nummer, f.Rettelser})
	}
	return shown
}

// invalid is a finding about a part of the request that is not its body.
func invalid(kode, da, en string) []validation.Finding {
	return []validation.Finding{validation.UgyldigParameter.Finding("", kode, register.Text{Da: da, En: en})}
}
