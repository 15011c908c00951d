package rest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"dagtilbudsregisteret.dk/events"
	"dagtilbudsregisteret.dk/shared/exporting"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// cloudEvents is a JSON array of events.
const cloudEvents = "application/cloudevents-batch+json"

// afterHeader says where the feed goes on from what is answered: after which event.
const afterHeader = "Haendelser-Efter"

// feed answers the events that follow a place in the whole register's order, as an array or, for who wants that, as lines. At the end
// of the feed it waits for more as long as the caller prefers to.
func (e *exchange) feed() error {
	var after int64
	var wanted exporting.Wanted
	limit := defaultLimit
	findings := e.readQuery(map[string]func(string) bool{
		"efter":          func(s string) (ok bool) { after, ok = sequence(s); return ok },
		"admKommuneKode": each(&wanted.Kommuner, e.kommune),
		"niveau":         each(&wanted.Levels, register.ParseLevel),
		"type":           each(&wanted.Typer, eventType),
		"limit":          func(s string) bool { return positive(&limit)(s) && limit <= mostLimit },
	}, "admKommuneKode", "niveau", "type")
	if len(findings) > 0 {
		return e.refuse(findings)
	}
	page, next, end, err := e.api.Exporting.Feed(e.R.Context(), wanted, after, limit)
	if err == nil && end && next == after {
		if findings, err = e.ahead(after); len(findings) > 0 {
			return e.refuse(findings)
		}
	}
	if wait := e.patience(); err == nil && end && len(page) == 0 {
		page, next, end, err = e.awaited(wanted, next, limit, wait)
	}
	if err != nil {
		return err
	}
	e.W.Header().Set(afterHeader, place(next))
	e.W.Header().Set("Haendelser-Slut", strconv.FormatBool(end))
	if !end {
		query := e.R.URL.Query()
		query.Set("efter", place(next))
		e.link(query)
	}
	return e.answerEvents(page)
}

// eventType reads the type of an event.
func eventType(s string) (t exporting.Type, ok bool) {
	t.Level, t.Art, ok = events.ParseType(s)
	return t, ok
}

// ahead refuses a place that no event has had: whoever waited there would miss all that comes until one has.
func (e *exchange) ahead(after int64) ([]validation.Finding, error) {
	given, err := e.api.Exporting.Given(e.R.Context(), after)
	if err != nil || given {
		return nil, err
	}
	return invalid("efter", "Registeret er ikke nået så langt. Er pladsen fra et andet register, eller fra før dette blev genskabt, så hent en hel fil, "+
		"og følg hændelserne derfra.", "The register has not come so far. If the place is from another register, or from before this one was restored, "+
		"take a whole file, and follow the events from there."), nil
}

// place gives a place in the order as it stands in events.
func place(n int64) string { return fmt.Sprintf("%012d", n) }

// sequence reads a place in the order, with or without the zeros before it.
func sequence(s string) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && n >= 0
}

// awaited reads a page of the feed, where there is nothing yet: it waits until there is, or for so long.
func (e *exchange) awaited(wanted exporting.Wanted, after int64, limit int, wait time.Duration) (page []register.Change, next int64, end bool, err error) {
	patience, cancel := context.WithTimeout(e.R.Context(), wait)
	defer cancel()
	for next, end = after, true; err == nil && end && len(page) == 0 && patience.Err() == nil; {
		e.api.Exporting.Await(patience, next)
		page, next, end, err = e.api.Exporting.Feed(e.R.Context(), wanted, next, limit)
	}
	return page, next, end, err
}

// longestWait leaves room within the time that a function and its gateway have for an answer.
const longestWait = 20 * time.Second

// patience reads Prefer: wait=<seconds> (RFC 7240), and says what is granted of it.
func (e *exchange) patience() time.Duration {
	for preference := range strings.SplitSeq(e.Header("Prefer"), ",") {
		if seconds, ok := strings.CutPrefix(strings.TrimSpace(preference), "wait="); ok {
			if n, err := strconv.Atoi(seconds); err == nil && n > 0 {
				wait := min(time.Duration(n)*time.Second, longestWait)
				e.W.Header().Set("Preference-Applied", fmt.Sprintf("wait=%d", int(wait.Seconds())))
				return wait
			}
		}
	}
	return 0
}

func (e *exchange) answerEvents(page []register.Change) error {
	e.W.Header().Add("Vary", "Accept, Prefer")
	contentType, body := cloudEvents, array(page)
	if prefersLines(e.Header("Accept")) {
		contentType, body = ndjson, lines(page)
	}
	e.W.Header().Set("Content-Type", contentType)
	return e.Compressed(e.W, func(w io.Writer) error {
		_, err := w.Write(body)
		return err
	})
}

// schema answers one of the events' JSON Schemas.
func schema(folder string) func(*exchange) error {
	return func(e *exchange) error {
		text, ok := events.Schema(folder + e.R.PathValue("skema"))
		if !ok {
			return e.problem(http.StatusNotFound, []validation.Finding{validation.UkendtSti.Finding("", "skema", register.Text{
				Da: "Der er intet skema ved det navn.", En: "There is no schema by that name.",
			})})
		}
		e.W.Header().Set("Content-Type", "application/schema+json")
		_, err := e.W.Write(text)
		return err
	}
}

// prefersLines tells whether a caller takes lines and no array.
func prefersLines(accept string) bool {
	return strings.Contains(accept, ndjson) && !strings.Contains(accept, cloudEvents)
}

func lines(page []register.Change) (body []byte) {
	for i := range page {
		body = append(events.Of(&page[i]).Append(body), '\n')
	}
	return body
}

func array(page []register.Change) []byte {
	body := []byte{'['}
	for i := range page {
		if i > 0 {
			body = append(body, ',', '\n')
		}
		body = events.Of(&page[i]).Append(body)
	}
	return append(body, ']', '\n')
}

// history answers the versions of a unit, from the first one on.
func (e *exchange) history() error {
	changes, err := e.api.Exporting.History(e.R.Context(), register.Number(e.R.PathValue("nummer")))
	if err != nil {
		return err
	}
	o := begin(nil)
	o.name("historik")
	o.buf = append(o.buf, '[')
	for i := range changes {
		if i > 0 {
			o.buf = append(o.buf, ',')
		}
		o.buf = appendVersion(o.buf, changes, i)
	}
	o.buf = append(o.buf, ']')
	last := changes[len(changes)-1].Efter
	e.stand(&last)
	if e.unchanged(etag(last.Version)) {
		return nil
	}
	return e.json(http.StatusOK, o.end())
}

// appendVersion writes a unit as it became by a change, and until when it stood so.
func appendVersion(buf []byte, changes []register.Change, i int) []byte {
	c := &changes[i]
	o := begin(buf)
	o.text("haendelse", events.Of(c).ID)
	o.text("art", c.Art.String())
	o.text("aarsag", c.Aarsag.String())
	o.optional("importId", c.ImportID)
	o.time("fra", c.Tid)
	if i+1 < len(changes) {
		o.time("til", changes[i+1].Tid)
	}
	o.text("registerposition", c.Efter.Position.String())
	o.int("admKommuneKode", int64(c.Efter.AdmKommuneKode))
	o.optional("bruger", c.Af.User)
	o.text("version", c.Af.Version.String())
	o.text("requestId", c.Af.RequestID)
	o.name("dagtilbud")
	o.buf = appendTyped(o.buf, &c.Efter)
	return o.end()
}
