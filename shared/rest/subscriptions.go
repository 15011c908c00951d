package rest

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
	"dagtilbudsregisteret.dk/shared/validation"
)

// Subscriptions gives the routes about who is told of changes. They came with v2, and are the operators' own.
func (a *API) Subscriptions() []Route {
	const all, one = "/v2/abonnementer", "/v2/abonnementer/{abonnement}"
	return []Route{
		{"GET", all, access.Driftsret, plain((*exchange).subscriptions)},
		{"POST", all, access.Driftsret, (*exchange).subscribe},
		{"GET", one, access.Driftsret, plain((*exchange).subscription)},
		{"PUT", one, access.Driftsret, (*exchange).changeSubscription},
		{"DELETE", one, access.Driftsret, onSubscription(relaying.Luk, (*relaying.Service).Close)},
		{"POST", one + "/pause", access.Driftsret, onSubscription(relaying.Pause, (*relaying.Service).Pause)},
		{"POST", one + "/genoptag", access.Driftsret, onSubscription(relaying.Genoptag, (*relaying.Service).Resume)},
		{"POST", one + "/afspil", access.Driftsret, (*exchange).replay},
		{"GET", one + "/doede", access.Driftsret, (*exchange).deadLetters},
		{"POST", one + "/doede", access.Driftsret, (*exchange).requeue},
	}
}

type subscriptionJSON struct {
	Navn     string     `json:"navn"`
	Koe      string     `json:"koe"`
	Filter   filterJSON `json:"filter"`
	Tilstand string     `json:"tilstand"`
	Runde    int        `json:"runde"`
	Fra      string     `json:"fra,omitempty"`
	Oprettet time.Time  `json:"oprettet"`
	Version  int64      `json:"version"`
	Bagud    *lagJSON   `json:"bagud,omitempty"`
}

type filterJSON struct {
	Kommuner []int    `json:"kommuner,omitempty"`
	Niveauer []string `json:"niveauer,omitempty"`
	Typer    []string `json:"typer,omitempty"`
}

// lagJSON is how far a subscriber is behind; iKoe and doede are left out where its queue does not answer.
type lagJSON struct {
	Haendelser int64 `json:"haendelser"`
	Sekunder   int64 `json:"sekunder"`
	IKoe       *int  `json:"iKoe,omitempty"`
	Doede      *int  `json:"doede,omitempty"`
}

func subscriptionOf(s *relaying.Subscriber) subscriptionJSON {
	shown := subscriptionJSON{
		Navn: s.Navn, Koe: s.Koe, Filter: filterJSON{Kommuner: s.Filter.Kommuner}, Tilstand: "aktiv", Runde: s.Runde, Fra: s.Fra.String(),
		Oprettet: s.Oprettet, Version: s.Version,
	}
	switch {
	case s.Lukket:
		shown.Tilstand = "lukket"
	case s.Pauset:
		shown.Tilstand = "pauset"
	}
	for _, l := range s.Filter.Niveauer {
		shown.Filter.Niveauer = append(shown.Filter.Niveauer, l.String())
	}
	for _, art := range s.Filter.Arter {
		shown.Filter.Typer = append(shown.Filter.Typer, art.String())
	}
	return shown
}

// standingOf leaves out how far one is behind that is sent nothing more.
func standingOf(s *relaying.Standing) subscriptionJSON {
	shown := subscriptionOf(&s.Subscriber)
	if s.Lukket {
		return shown
	}
	shown.Bagud = &lagJSON{Haendelser: s.Haendelser, Sekunder: int64(s.Alder.Seconds())}
	if s.IKoe >= 0 {
		shown.Bagud.IKoe = &s.IKoe
	}
	if s.Doede >= 0 {
		shown.Bagud.Doede = &s.Doede
	}
	return shown
}

// subscriptions lists every subscriber and how it is doing.
func (e *exchange) subscriptions() error {
	all, err := e.api.Relaying.Standings(e.R.Context())
	if err != nil {
		return err
	}
	shown := []subscriptionJSON{}
	for i := range all {
		shown = append(shown, standingOf(&all[i]))
	}
	return e.private(http.StatusOK, map[string]any{"abonnementer": shown})
}

// subscription answers one subscriber and how it is doing.
func (e *exchange) subscription() error {
	standing, err := e.api.Relaying.Standing(e.R.Context(), e.R.PathValue("abonnement"))
	if register.KindOf(err) == register.NotFound {
		return e.refuse([]validation.Finding{unknownSubscription()})
	}
	if err != nil {
		return err
	}
	e.W.Header().Set("ETag", etag(standing.Version))
	return e.private(http.StatusOK, standingOf(&standing))
}

func unknownSubscription() validation.Finding {
	return validation.UkendtAbonnement.Finding("", "ukendt", register.Text{
		Da: "Der findes intet abonnement ved det navn.", En: "There is no subscription by that name.",
	})
}

// startFields say where a subscriber begins.
func startFields(from *relaying.Start, position *string) []field {
	return []field{{"fra", moment(&from.Moment)}, {"registerposition", text(position)}, {"fraBegyndelsen", flag(&from.Begin)}}
}

// start reads what startFields brought; only one of them may be said.
func start(from *relaying.Start, position string) (findings []validation.Finding) {
	said := 0
	for _, is := range []bool{!from.Moment.IsZero(), position != "", from.Begin} {
		if is {
			said++
		}
	}
	var ok bool
	if from.Positions, ok = register.ParsePositions(position); !ok && position != "" {
		findings = append(findings, validation.Abonnement.Finding("/registerposition", "position", register.Text{
			Da: "registerposition er som i headeren Registerposition: <kommune>:<nr>, adskilt af kommaer.",
			En: "registerposition is as in the header Registerposition: <municipality>:<number>, separated by commas.",
		}))
	}
	if said > 1 {
		findings = append(findings, validation.Abonnement.Finding("", "begyndelse", register.Text{
			Da: "Sig kun ét af fra, registerposition og fraBegyndelsen.", En: "Say only one of fra, registerposition and fraBegyndelsen.",
		}))
	}
	return findings
}

// filterFields say what a subscriber wants, and where.
func filterFields(queue *string, f *relaying.Filter) []field {
	return []field{{"koe", text(queue)}, {"filter", func(d *decoding) {
		d.object([]field{{"kommuner", wholes(&f.Kommuner)}, {"niveauer", levelWords(&f.Niveauer)}, {"typer", artWords(&f.Arter)}})
	}}}
}

// artWords reads a list of what changes do.
func artWords(to *[]register.Art) func(*decoding) {
	return func(d *decoding) {
		d.list("oprettet, aendret, flyttet, nedlagt, indlaest", func(d *decoding) bool {
			var word string
			text(&word)(d)
			art, ok := register.ParseArt(word)
			*to = append(*to, art)
			return ok
		})
	}
}

// subscribe makes a subscriber.
func (e *exchange) subscribe() error {
	var sub relaying.Subscriber
	var from relaying.Start
	var position string
	fields := append([]field{{"navn", text(&sub.Navn)}}, filterFields(&sub.Koe, &sub.Filter)...)
	findings := e.document(append(fields, startFields(&from, &position)...))
	findings = append(findings, start(&from, position)...)
	if len(findings) > 0 {
		return e.refuseSubscription(relaying.Opret, findings)
	}
	sub, findings, err := e.api.Relaying.Create(e.R.Context(), e.Actor(), sub, from)
	if err != nil || len(findings) > 0 {
		return e.answerSubscription(http.StatusOK, &sub, findings, err)
	}
	e.W.Header().Set("Location", "/v2/abonnementer/"+sub.Navn)
	return e.answerSubscription(http.StatusCreated, &sub, nil, nil)
}

// document reads the body of an act into fields; one that is empty leaves them as they are.
func (e *exchange) document(fields []field) []validation.Finding {
	body, findings := e.wish()
	if len(findings) == 0 && len(bytes.TrimSpace(body)) > 0 {
		findings = decodeObject(body, fields)
	}
	return findings
}

// refuseSubscription refuses an act that could not be read.
func (e *exchange) refuseSubscription(handling string, findings []validation.Finding) error {
	if err := e.api.Relaying.Refuse(e.R.Context(), e.Actor(), handling, e.R.PathValue("abonnement"), findings); err != nil {
		return err
	}
	return e.refuse(findings)
}

func (e *exchange) answerSubscription(status int, sub *relaying.Subscriber, findings []validation.Finding, err error) error {
	if err != nil {
		return err
	}
	if len(findings) > 0 {
		return e.refuse(findings)
	}
	e.W.Header().Set("ETag", etag(sub.Version))
	return e.private(status, subscriptionOf(sub))
}

// changeSubscription gives a subscriber another queue and filter.
func (e *exchange) changeSubscription() error {
	var queue string
	var filter relaying.Filter
	findings := e.document(filterFields(&queue, &filter))
	match := e.Header("If-Match")
	if match == "" {
		findings = append(findings, validation.ManglerIfMatch.Finding("", "mangler", validation.ManglerIfMatch.Beskrivelse))
	}
	if len(findings) > 0 {
		return e.refuseSubscription(relaying.Ret, findings)
	}
	var expect []int64
	if match != "*" {
		expect = versions(match)
	}
	sub, findings, err := e.api.Relaying.Change(e.R.Context(), e.Actor(), e.R.PathValue("abonnement"), expect, queue, filter)
	return e.answerSubscription(http.StatusOK, &sub, findings, err)
}

// subscriptionAct is an act on a subscriber that needs no more said.
type subscriptionAct func(*relaying.Service, context.Context, register.Actor, string) (relaying.Subscriber, []validation.Finding, error)

func onSubscription(handling string, do subscriptionAct) func(*exchange) error {
	return func(e *exchange) error {
		if findings := e.readQuery(nil); len(findings) > 0 {
			return e.refuseSubscription(handling, findings)
		}
		sub, findings, err := do(&e.api.Relaying, e.R.Context(), e.Actor(), e.R.PathValue("abonnement"))
		return e.answerSubscription(http.StatusOK, &sub, findings, err)
	}
}

// replay has a subscriber begin anew: at a moment, after a position, or at event 1.
func (e *exchange) replay() error {
	var from relaying.Start
	var position string
	findings := e.document(startFields(&from, &position))
	findings = append(findings, start(&from, position)...)
	if from.Moment.IsZero() && position == "" && !from.Begin && len(findings) == 0 {
		findings = append(findings, validation.Abonnement.Finding("", "begyndelse", register.Text{
			Da: "Sig, hvor der skal begyndes: fra, registerposition eller fraBegyndelsen.",
			En: "Say where to begin: fra, registerposition or fraBegyndelsen.",
		}))
	}
	if len(findings) > 0 {
		return e.refuseSubscription(relaying.Afspil, findings)
	}
	sub, findings, err := e.api.Relaying.Replay(e.R.Context(), e.Actor(), e.R.PathValue("abonnement"), from)
	return e.answerSubscription(http.StatusOK, &sub, findings, err)
}

type deadLetterJSON struct {
	ID       string         `json:"id"`
	Modtaget int            `json:"modtaget"`
	Sendt    time.Time      `json:"sendt"`
	Indhold  jsontext.Value `json:"indhold"`
}

// deadLetters answers messages that a subscriber failed to take.
func (e *exchange) deadLetters() error {
	limit := defaultLimit
	findings := e.readQuery(map[string]func(string) bool{"limit": func(s string) bool { return positive(&limit)(s) && limit <= mostLimit }})
	if len(findings) > 0 {
		return e.refuse(findings)
	}
	letters, err := e.api.Relaying.DeadLetters(e.R.Context(), e.R.PathValue("abonnement"), limit)
	if register.KindOf(err) == register.NotFound {
		return e.refuse([]validation.Finding{unknownSubscription()})
	}
	if err != nil {
		return err
	}
	shown := []deadLetterJSON{}
	for _, l := range letters {
		shown = append(shown, deadLetterJSON{l.ID, l.Received, l.Sent, content(l.Body)})
	}
	return e.private(http.StatusOK, map[string]any{"doede": shown})
}

// content gives a message's body as JSON: it is JSON, unless somebody else put it there.
func content(body []byte) jsontext.Value {
	if jsontext.Value(body).IsValid() {
		return body
	}
	quoted, _ := jsontext.AppendQuote(nil, body)
	return quoted
}

// requeue puts dead letters back into the subscriber's queue: those named, or all.
func (e *exchange) requeue() error {
	var ids []string
	if findings := e.document([]field{{"ids", texts(&ids)}}); len(findings) > 0 {
		return e.refuseSubscription(relaying.Genkoe, findings)
	}
	n, findings, err := e.api.Relaying.Requeue(e.R.Context(), e.Actor(), e.R.PathValue("abonnement"), ids)
	if err != nil {
		return err
	}
	if len(findings) > 0 {
		return e.refuse(findings)
	}
	return e.private(http.StatusOK, map[string]any{"antal": n})
}
