package queues

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// The bounds of one call.
const (
	mostNumber     = 1000
	usualNumber    = 10
	mostInvisible  = 12 * 60 * 60 // seconds
	usualInvisible = 30
	mostWait       = 20
)

// Handler serves the queues:
//
//	GET    /lokal/koeer                               the queues, and how many messages wait in each
//	GET    /lokal/koeer/{navn}?antal=&usynlig=&vent=  up to antal messages (10), which are then invisible for usynlig seconds (30); where
//	                                                  there is nothing to be had it waits for vent seconds (0, and 20 at most)
//	DELETE /lokal/koeer/{navn}/{kvittering}           done with a message, by the receipt that came with it
//
// Nobody is kept waiting for longer than the context lives.
func (q *Queues) Handler(ctx context.Context) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /lokal/koeer", q.list)
	mux.HandleFunc("GET /lokal/koeer/{navn}", func(w http.ResponseWriter, r *http.Request) { q.hand(ctx, w, r) })
	mux.HandleFunc("DELETE /lokal/koeer/{navn}/{kvittering}", q.done)
	return mux
}

func (q *Queues) list(w http.ResponseWriter, _ *http.Request) {
	depths, err := q.depths()
	answer(w, map[string]any{"koeer": depths}, err)
}

func (q *Queues) hand(ctx context.Context, w http.ResponseWriter, r *http.Request) {
	n, okNumber := number(r, "antal", usualNumber, 1, mostNumber)
	invisible, okInvisible := number(r, "usynlig", usualInvisible, 1, mostInvisible)
	wait, okWait := number(r, "vent", 0, 0, mostWait)
	if !okNumber || !okInvisible || !okWait {
		write(w, http.StatusBadRequest, map[string]any{"fejl": "antal er 1-1000, usynlig 1-43200 sekunder, vent 0-20 sekunder"})
		return
	}
	patience, cancel := context.WithTimeout(r.Context(), seconds(wait))
	defer cancel()
	defer context.AfterFunc(ctx, cancel)()
	received, err := q.Receive(patience, r.PathValue("navn"), n, seconds(invisible))
	if received == nil {
		received = []Received{}
	}
	answer(w, map[string]any{"beskeder": received}, err)
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

// number reads a parameter.
func number(r *http.Request, name string, usual, least, most int) (int, bool) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return usual, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= least && n <= most
}

func (q *Queues) done(w http.ResponseWriter, r *http.Request) {
	found, err := q.Delete(r.PathValue("navn"), r.PathValue("kvittering"))
	switch {
	case err != nil:
		answer(w, nil, err)
	case found:
		w.WriteHeader(http.StatusNoContent)
	default:
		write(w, http.StatusNotFound, map[string]any{"fejl": "kvitteringen gælder ikke, eller beskeden er her ikke mere"})
	}
}

func answer(w http.ResponseWriter, document any, err error) {
	if err != nil {
		write(w, http.StatusInternalServerError, map[string]any{"fejl": "køen kan ikke læses: " + err.Error()})
		return
	}
	write(w, http.StatusOK, document)
}

// write writes a document with the bodies of messages as they were sent.
func write(w http.ResponseWriter, status int, document any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	_ = out.Encode(document) // who has left is not waited for
}
