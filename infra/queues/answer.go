package queues

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"dagtilbudsregisteret.dk/shared/httpcall"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// bound is a parameter that is a whole number, and between what.
type bound struct {
	to          *int
	least, most int
}

// parameters reads those of a call. Each that is not known or cannot be read is a finding.
func parameters(r *http.Request, known map[string]bound) (findings []validation.Finding) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return invalid("query", "Forespørgselsstrengen kan ikke læses.", "The query string cannot be read.")
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		b, is := known[name]
		if !is {
			findings = append(findings, invalid("ukendt", fmt.Sprintf("Parameteren %q findes ikke her.", name),
				fmt.Sprintf("There is no parameter %q here.", name))...)
			continue
		}
		if strings.Join(values[name], "") == "" {
			continue
		}
		n, err := strconv.Atoi(values.Get(name))
		if err != nil || n < b.least || n > b.most || len(values[name]) > 1 {
			findings = append(findings, invalid(name, fmt.Sprintf("%s er ét tal fra %d til %d.", name, b.least, b.most),
				fmt.Sprintf("%s is one number from %d to %d.", name, b.least, b.most))...)
			continue
		}
		*b.to = n
	}
	return findings
}

func invalid(kode, da, en string) []validation.Finding {
	return []validation.Finding{validation.UgyldigParameter.Finding("", kode, register.Text{Da: da, En: en})}
}

func unknown(kode, da, en string) []validation.Finding {
	return []validation.Finding{validation.UkendtSti.Finding("", kode, register.Text{Da: da, En: en})}
}

// answering gives the handler of what gives a document, or findings that stand in the way. Neither is an answer without a body.
func answering(do func(http.ResponseWriter, *http.Request) (any, []validation.Finding, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		document, findings, err := do(w, r)
		switch {
		case err != nil:
			refuse(w, r, http.StatusInternalServerError, unreadable(err))
		case len(findings) > 0:
			refuse(w, r, statuses[validation.Kind(findings)], findings)
		case document == nil:
			w.WriteHeader(http.StatusNoContent)
		default:
			write(w, http.StatusOK, "application/json", document)
		}
	}
}

// statuses are those of the kinds of findings that there are here.
var statuses = map[register.Kind]int{register.Malformed: http.StatusBadRequest, register.NotFound: http.StatusNotFound}

// unreadable tells all of a failure: whoever calls has the file.
func unreadable(err error) []validation.Finding {
	return unknown("fil", "Køerne kan ikke læses: "+err.Error(), "The queues cannot be read: "+err.Error())
}

// noRoute answers a path that is not one of the queues', or a method that it does not have.
func noRoute(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		allow := httpcall.Allow(mux, r)
		if allow == "" {
			refuse(w, r, http.StatusNotFound, unknown("sti", "Der er intet på denne sti.", "There is nothing at this path."))
			return
		}
		w.Header().Set("Allow", allow)
		refuse(w, r, http.StatusMethodNotAllowed, unknown("metode", "Stien kan kaldes med "+allow+".", "The path can be called with "+allow+"."))
	})
}

// finding is one as a problem document has it.
type finding struct {
	Pointer string `json:"pointer"`
	Regel   string `json:"regel"`
	Kode    string `json:"kode"`
	Tekst   string `json:"tekst"`
	Lov     string `json:"lov"`
}

// refuse writes a problem document (RFC 9457) in the caller's language, with the members that the register's own have.
func refuse(w http.ResponseWriter, r *http.Request, status int, findings []validation.Finding) {
	language := httpcall.Preferred(strings.Join(r.Header.Values("Accept-Language"), ","))
	shown := []finding{}
	for _, f := range findings {
		shown = append(shown, finding{f.Pointer, f.Rule.ID, f.Kode, language.Of(f.Tekst), f.Rule.Lov})
	}
	w.Header().Set("Content-Language", string(language))
	write(w, status, "application/problem+json", map[string]any{
		"type": "about:blank", "title": http.StatusText(status), "status": status, "errors": shown,
	})
}

// write writes a document with the bodies of messages as they were sent.
func write(w http.ResponseWriter, status int, contentType string, document any) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	_ = out.Encode(document) // who has left is not waited for
}
