package rest

import (
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"dagtilbudsregisteret.dk/shared/register"
)

// The JSON of units is written by hand, field by field in the data model's order: whole files are the register's largest work.

// object appends the members of one JSON object.
type object struct {
	buf   []byte
	empty bool
}

func begin(buf []byte) object { return object{append(buf, '{'), true} }

func (o *object) end() []byte { return append(o.buf, '}') }

func (o *object) name(name string) {
	if !o.empty {
		o.buf = append(o.buf, ',')
	}
	o.empty = false
	o.buf = append(o.buf, '"')
	o.buf = append(o.buf, name...)
	o.buf = append(o.buf, '"', ':')
}

// text writes a string that is always there; optional leaves an empty one out.
func (o *object) text(name, value string) {
	o.name(name)
	// The error would say that invalid UTF-8 was replaced, which the rules keep out of the register.
	o.buf, _ = jsontext.AppendQuote(o.buf, value)
}

func (o *object) optional(name, value string) {
	if value != "" {
		o.text(name, value)
	}
}

func (o *object) int(name string, value int64) {
	o.name(name)
	o.buf = strconv.AppendInt(o.buf, value, 10)
}

func (o *object) flag(name string, value bool) {
	o.name(name)
	o.buf = strconv.AppendBool(o.buf, value)
}

func (o *object) grad(name string, g register.Grad) {
	if g.Given {
		o.name(name)
		o.buf = strconv.AppendFloat(o.buf, g.Value, 'f', -1, 64)
	}
}

func (o *object) time(name string, t time.Time) {
	o.name(name)
	o.buf = append(o.buf, '"')
	o.buf = t.AppendFormat(o.buf, time.RFC3339Nano)
	o.buf = append(o.buf, '"')
}

// appendUnit writes a row in the form of its level.
func appendUnit(buf []byte, u *register.Unit) []byte {
	o := begin(buf)
	o.unit(u)
	return o.end()
}

// appendTyped writes a row with its dagtilbudsType before it, for where levels are mixed.
func appendTyped(buf []byte, u *register.Unit) []byte {
	o := begin(buf)
	o.text("dagtilbudsType", u.Level.String())
	o.unit(u)
	return o.end()
}

func (o *object) unit(u *register.Unit) {
	switch u.Level {
	case register.Daginstitution:
		o.optional("daginstitutionsNummer", string(u.DaginstitutionsNummer))
		o.text("daginstitutionsNavn", u.Navn)
		o.int("ejerformKode", int64(u.EjerformKode))
		o.int("lovgrundlagKode", int64(u.LovgrundlagKode))
		o.int("admKommuneKode", int64(u.AdmKommuneKode))
	case register.Anvisningsenhed:
		o.optional("enhedsNummer", string(u.EnhedsNummer))
		o.text("daginstitutionsNummer", string(u.DaginstitutionsNummer))
		o.text("enhedsNavn", u.Navn)
		o.int("instType3", int64(u.InstType3))
		o.adresse(&u.Adresse)
		o.optional("email", u.Email)
		o.optional("telefonNummer", u.TelefonNummer)
	default:
		o.optional("alternativAdresseNummer", string(u.AlternativAdresseNummer))
		o.text("enhedsNummer", string(u.EnhedsNummer))
		o.text("alternativAdresseNavn", u.Navn)
		o.adresse(&u.Adresse)
	}
	o.optional("cvrNummer", u.CVRNummer)
	o.optional("pNummer", u.PNummer)
	o.text("aktivitetsstatus", u.Aktivitetsstatus.String())
	o.int("version", u.Version)
	o.time("senestOpdateret", u.SenestOpdateret)
}

func (o *object) adresse(a *register.Adresse) {
	o.name("adresse")
	inner := begin(o.buf)
	inner.text("vejNavn", a.VejNavn)
	inner.text("husNummer", a.HusNummer)
	inner.optional("etage", a.Etage)
	inner.optional("doer", a.Doer)
	inner.text("postNummer", a.PostNummer)
	inner.text("byNavn", a.ByNavn)
	inner.optional("supplerendeBynavn", a.SupplerendeBynavn)
	inner.int("kommuneKode", int64(a.KommuneKode))
	inner.optional("dawaId", a.DawaID)
	inner.grad("geoBredde", a.GeoBredde)
	inner.grad("geoLaengde", a.GeoLaengde)
	o.buf = inner.end()
}
