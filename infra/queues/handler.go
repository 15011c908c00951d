package queues

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"dagtilbudsregisteret.dk/shared/httpcall"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// The bounds of one call.
const (
	mostNumber     = 1000
	usualNumber    = 10
	mostInvisible  = 12 * 60 * 60 // seconds
	usualInvisible = 30
	mostWait       = 20
	mostBody       = 6 << 20 // bytes
)

// Handler serves the queues:
//
//	GET    /lokal/koeer                               the queues, and how many messages wait in each
//	GET    /lokal/koeer/{navn}?antal=&usynlig=&vent=  up to antal messages (10), which are then invisible for usynlig seconds (30); where
//	                                                  there is nothing to be had it waits for vent seconds (0, and 20 at most)
//	DELETE /lokal/koeer/{navn}/{kvittering}           done with a message, by the receipt that came with it
//	DELETE /lokal/koeer/{navn}                        done with many, by a JSON list of their receipts: slettet is how many, ukendte are
//	                                                  the receipts that do not hold
//
// A message's modtaget is how often it has been handed out, this time included; at [MostReceived] it is for the last time. Refusals are
// problem documents (RFC 9457) in the caller's language.
//
// A queue is there once something was sent to it. expected gives the names of those that something is to be sent to: they are there too,
// and empty. Nobody is kept waiting for longer than the context lives.
func (q *Queues) Handler(ctx context.Context, expected func(context.Context) ([]string, error)) http.Handler {
	h := &handler{q, ctx, expected}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /lokal/koeer", answering(h.list))
	mux.HandleFunc("GET /lokal/koeer/{navn}", answering(h.hand))
	mux.HandleFunc("DELETE /lokal/koeer/{navn}", answering(h.doneWithMany))
	mux.HandleFunc("DELETE /lokal/koeer/{navn}/{kvittering}", answering(h.done))
	return httpcall.Elsewhere(mux, noRoute(mux))
}

// handler serves queues as long as its context lives.
type handler struct {
	*Queues
	running  context.Context
	expected func(context.Context) ([]string, error)
}

func (h *handler) list(_ http.ResponseWriter, r *http.Request) (any, []validation.Finding, error) {
	if findings := parameters(r, nil); len(findings) > 0 {
		return nil, findings, nil
	}
	names, err := h.expected(r.Context())
	if err != nil {
		return nil, nil, err
	}
	all, err := h.depths()
	for _, name := range names {
		if _, there := all[name]; !there {
			all[name] = 0
		}
	}
	return map[string]any{"koeer": all}, nil, err
}

// there tells whether there is a queue, or is to be one.
func (h *handler) there(ctx context.Context, name string) (there bool, err error) {
	err = h.view(name, func(*queue) error {
		there = true
		return nil
	})
	if there || err != nil {
		return there, err
	}
	names, err := h.expected(ctx)
	return slices.Contains(names, name), err
}

func (h *handler) hand(_ http.ResponseWriter, r *http.Request) (any, []validation.Finding, error) {
	name, n, invisible, wait := r.PathValue("navn"), usualNumber, usualInvisible, 0
	findings := parameters(r, map[string]bound{"antal": {&n, 1, mostNumber}, "usynlig": {&invisible, 1, mostInvisible}, "vent": {&wait, 0, mostWait}})
	if len(findings) > 0 {
		return nil, findings, nil
	}
	there, err := h.there(r.Context(), name)
	if err != nil {
		return nil, nil, err
	}
	if !there {
		return nil, unknown("koe", fmt.Sprintf("Der er ingen kø ved navn %q, og intet abonnement, der skal have en.", name),
			fmt.Sprintf("There is no queue by the name %q, and no subscription that is to have one.", name)), nil
	}
	patience, cancel := context.WithTimeout(r.Context(), seconds(wait))
	defer cancel()
	defer context.AfterFunc(h.running, cancel)()
	received, err := h.Receive(patience, name, n, seconds(invisible))
	if received == nil {
		received = []Received{}
	}
	return map[string]any{"beskeder": received}, nil, err
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

func (h *handler) done(_ http.ResponseWriter, r *http.Request) (any, []validation.Finding, error) {
	if findings := parameters(r, nil); len(findings) > 0 {
		return nil, findings, nil
	}
	found, err := h.Delete(r.PathValue("navn"), r.PathValue("kvittering"))
	if err != nil || found {
		return nil, nil, err
	}
	return nil, unknown("kvittering", "Kvitteringen gælder ikke, eller beskeden er her ikke mere.",
		"The receipt does not hold, or the message is not here any more."), nil
}

func (h *handler) doneWithMany(w http.ResponseWriter, r *http.Request) (any, []validation.Finding, error) {
	findings := parameters(r, nil)
	var receipts []string
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, mostBody)).Decode(&receipts); err != nil {
		findings = append(findings, validation.UgyldigJSON.Finding("", "kvitteringer", register.Text{
			Da: "Her skal stå en JSON-liste af kvitteringer, på højst 6 MB.", En: "This must be a JSON list of receipts, of 6 MB at most.",
		}))
	}
	if len(findings) > 0 {
		return nil, findings, nil
	}
	unknown, err := h.DeleteAll(r.PathValue("navn"), receipts)
	if unknown == nil {
		unknown = []string{}
	}
	return map[string]any{"slettet": len(receipts) - len(unknown), "ukendte": unknown}, nil, err
}
