package rest

import (
	"crypto/rand"
	"net/http"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/exporting"
	"dagtilbudsregisteret.dk/shared/httpcall"
	"dagtilbudsregisteret.dk/shared/numbering"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// Numbers gives the routes about the institution numbers themselves.
func (a *API) Numbers() []Route {
	return append(versioned("GET", "/numre/{nummer}", access.AabneData, (*exchange).number),
		queried("POST", "/numre", access.Skrivning, (*exchange).reserve)...)
}

// reserver is what the trail calls a wish for numbers that could not be read.
const reserver = "numre/reserver"

// number answers what has become of a number, and where its unit is.
func (e *exchange) number() error {
	n, ok := register.ParseNumber(e.R.PathValue("nummer"))
	if !ok {
		return e.refuse(invalid("nummer", "Et nummer er et stort bogstav og 5 cifre.", "A number is a capital letter and 5 digits."))
	}
	entry, err := e.api.Numbering.Status(e.R.Context(), n)
	if err != nil {
		return err
	}
	if entry.State != register.Brugt {
		if err := e.position(&exporting.Filter{}); err != nil {
			return err
		}
	}
	o := begin(nil)
	o.text("nummer", string(n))
	o.text("tilstand", state(&entry))
	switch u := &entry.Unit; {
	case entry.State == register.Brugt:
		o.text("dagtilbudsType", u.Level.String())
		o.int("admKommuneKode", int64(u.AdmKommuneKode))
		o.text("daginstitutionsNummer", string(u.DaginstitutionsNummer))
		o.optional("enhedsNummer", string(u.EnhedsNummer))
		o.text("sti", "/"+e.Version.String()+paths[u.Level]+"/"+string(n))
		e.stand(u)
	case entry.Reservation.Count > 0:
		o.time("udloeber", entry.Reservation.Expires)
	}
	return e.json(http.StatusOK, o.end())
}

// state is the word for what has become of a number: of one that is in use, whether its unit is active or closed.
func state(entry *register.LedgerEntry) string {
	switch {
	case entry.State != register.Brugt:
		return entry.State.String()
	case entry.Unit.Aktivitetsstatus == register.Nedlagt:
		return "nedlagt"
	}
	return "aktiv"
}

// reserve sets numbers aside, or moves the series on beyond numbers that are about to be loaded.
func (e *exchange) reserve() error {
	body, findings := e.wish()
	var count int
	var until, beyond string
	if len(findings) == 0 {
		findings = decodeObject(body, []field{{"antal", whole(&count)}, {"udloeber", text(&until)}, {"efter", text(&beyond)}})
	}
	if len(findings) > 0 {
		return e.refuseAct(reserver, findings)
	}
	if beyond != "" && count == 0 && until == "" {
		return e.moveSeries(beyond)
	}
	if beyond != "" {
		return e.refuseAct(reserver, []validation.Finding{validation.Reservation.Finding("/efter", "enten", register.Text{
			Da: "Send enten antal eller efter.", En: "Send either antal or efter.",
		})})
	}
	return e.reserveNumbers(count, until)
}

func (e *exchange) reserveNumbers(count int, until string) error {
	key := e.R.Header.Get("Idempotency-Key")
	finding, bad := httpcall.BadKey(key)
	if bad {
		return e.refuseAct(reserver, []validation.Finding{finding})
	}
	if key == "" {
		key = rand.Text()
	}
	wish := numbering.Wish{Actor: e.Actor(), Key: key, Count: count}
	if until != "" {
		var err error
		if wish.Until, err = time.Parse(time.RFC3339, until); err != nil {
			return e.refuseAct(reserver, []validation.Finding{validation.Reservation.Finding("/udloeber", "format", register.Text{
				Da: "udloeber er et tidspunkt efter RFC 3339.", En: "udloeber is a moment in the form of RFC 3339.",
			})})
		}
	}
	made, findings, err := e.api.Numbering.Reserve(e.R.Context(), wish)
	if err != nil {
		return err
	}
	if len(findings) > 0 {
		return e.refuse(findings)
	}
	o := begin(nil)
	o.text("foerste", string(made.First))
	o.int("antal", int64(made.Count))
	o.time("udloeber", made.Expires)
	return e.json(http.StatusCreated, o.end())
}

func (e *exchange) moveSeries(beyond string) error {
	n, ok := register.ParseNumber(beyond)
	if !ok {
		return e.refuseAct(reserver, []validation.Finding{validation.Nummer.Finding("/efter", "format", validation.Nummer.Beskrivelse)})
	}
	moved, findings, err := e.api.Numbering.MoveBeyond(e.R.Context(), e.Actor(), e.Caller.Rights(), n)
	if err != nil {
		return err
	}
	if len(findings) > 0 {
		return e.refuse(findings)
	}
	o := begin(nil)
	o.text("efter", string(n))
	o.flag("flyttet", moved)
	return e.json(http.StatusOK, o.end())
}
