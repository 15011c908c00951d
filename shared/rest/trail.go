package rest

import (
	"net/http"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/granting"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// trail answers a page of what was done and refused, the newest first: to operators and support all of it, to others their own.
func (e *exchange) trail() error {
	var f granting.Filter
	var cursor granting.Cursor
	limit := defaultLimit
	findings := e.readQuery(map[string]func(string) bool{
		"bruger":         func(s string) bool { f.Bruger = s; return true },
		"om":             func(s string) bool { f.Om = s; return true },
		"admKommuneKode": positive(&f.Kommune),
		"nummer":         func(s string) (ok bool) { f.Nummer, ok = register.ParseNumber(s); return ok },
		"requestId":      func(s string) bool { f.RequestID = s; return true },
		"udfald":         func(s string) (ok bool) { f.Udfald, ok = udfald[s]; return ok },
		"fra":            momentOf(&f.Fra),
		"til":            momentOf(&f.Til),
		"limit":          func(s string) bool { return positive(&limit)(s) && limit <= mostLimit },
		"cursor":         func(s string) (ok bool) { cursor, ok = granting.ParseCursor(s); return ok },
	})
	if len(findings) > 0 {
		return e.refuse(findings)
	}
	if r := e.Caller.User.Rolle; r != access.Drift && r != access.Support {
		if f.Bruger != "" && f.Bruger != e.Caller.Navn() {
			return &register.Error{Kind: register.Forbidden, Code: "spor", Detail: register.Text{
				Da: "Kun drift og support kan læse andres spor.", En: "Only operators and support can read the trail of others.",
			}}
		}
		f.Bruger = e.Caller.Navn()
	}
	page, next, err := e.api.Granting.Trail(e.R.Context(), f, cursor, limit)
	if err != nil {
		return err
	}
	shown := []sporJSON{}
	for i := range page {
		shown = append(shown, e.spor(&page[i]))
	}
	answer := struct {
		Spor   []sporJSON `json:"spor"`
		Cursor string     `json:"cursor,omitempty"`
	}{shown, next.String()}
	e.linkNext(answer.Cursor)
	e.W.Header().Set("Content-Language", string(e.Language))
	return e.private(http.StatusOK, answer)
}

var udfald = map[string]granting.Udfald{"udfoert": granting.Udfoert, "afvist": granting.Afvist}

// momentOf reads a parameter that is a moment.
func momentOf(to *time.Time) func(string) bool {
	return func(s string) (ok bool) {
		t, err := time.Parse(time.RFC3339, s)
		*to = t.UTC()
		return err == nil
	}
}

// sporJSON is one act.
type sporJSON struct {
	Tid              time.Time       `json:"tid"`
	Bruger           string          `json:"bruger,omitempty"`
	Handling         string          `json:"handling"`
	Udfald           string          `json:"udfald"`
	DagtilbudsType   string          `json:"dagtilbudsType,omitempty"`
	Nummer           register.Number `json:"nummer,omitempty"`
	AdmKommuneKode   int             `json:"admKommuneKode,omitzero"`
	Om               string          `json:"om,omitempty"`
	Version          string          `json:"version"`
	Adresse          string          `json:"adresse,omitempty"`
	RequestID        string          `json:"requestId"`
	ImportID         string          `json:"importId,omitempty"`
	Linje            int             `json:"linje,omitzero"`
	Registerposition string          `json:"registerposition,omitempty"`
	Regler           []string        `json:"regler,omitempty"`
	Errors           []finding       `json:"errors,omitempty"`
}

func (e *exchange) spor(s *granting.Spor) sporJSON {
	shown := sporJSON{
		Tid: s.Tid, Bruger: s.Af.User, Handling: s.Handling, Udfald: "udfoert", Nummer: s.Nummer, AdmKommuneKode: s.Kommune, Om: s.Bruger,
		Version: s.Af.Version.String(), Adresse: s.Af.Address, RequestID: s.Af.RequestID, ImportID: s.ImportID, Linje: s.Linje, Regler: s.Regler,
	}
	if s.Entry.Afvist {
		shown.Udfald = "afvist"
		shown.Errors = e.findings(s.Findings, validation.Fejl)
	}
	if s.Level != 0 {
		shown.DagtilbudsType = s.Level.String()
	}
	if s.Position.Nr != 0 {
		shown.Registerposition = s.Position.String()
	}
	return shown
}
