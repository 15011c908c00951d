package events_test

import (
	"time"

	"pgregory.net/rapid"

	"dagtilbudsregisteret.dk/shared/register"
)

// What the fields of rows may hold, with every character that the rules do not keep out, and some that they do.
var (
	nummer  = rapid.Map(matching(`[A-ZÆØÅ][0-9]{5}`), func(s string) register.Number { return register.Number(s) })
	odd     = []rune("æØ\"\\/<&>\u0000\u007f\u2028\U0001f33b\t\n")
	navn    = rapid.OneOf(rapid.StringN(1, 132, -1), rapid.StringOfN(rapid.SampledFrom(odd), 1, 20, -1))
	kode    = rapid.IntRange(1, 9999)
	kommune = rapid.IntRange(101, 860)
	tid     = rapid.Map(rapid.Int64Range(0, 1<<42), func(ms int64) time.Time { return time.UnixMilli(ms).UTC() })
)

func matching(pattern string) *rapid.Generator[string] { return rapid.StringMatching(pattern) }

func maybe(g *rapid.Generator[string]) *rapid.Generator[string] {
	return rapid.OneOf(rapid.Just(""), g)
}

// drawing draws the fields of a row. With stay, some keep what they have.
type drawing struct {
	*rapid.T
	stay bool
}

func draw[V any](d drawing, name string, to *V, g *rapid.Generator[V]) {
	if !d.stay || rapid.Bool().Draw(d.T, name+" changes") {
		*to = g.Draw(d.T, name)
	}
}

// content draws what may change about a row.
func (d drawing) content(u *register.Unit) {
	draw(d, "navn", &u.Navn, navn)
	draw(d, "admKommuneKode", &u.AdmKommuneKode, kommune)
	draw(d, "aktivitetsstatus", &u.Aktivitetsstatus, rapid.SampledFrom([]register.Aktivitetsstatus{register.Aktiv, register.Nedlagt}))
	if u.Level == register.Daginstitution {
		draw(d, "ejerformKode", &u.EjerformKode, kode)
		draw(d, "lovgrundlagKode", &u.LovgrundlagKode, kode)
		return
	}
	draw(d, "daginstitutionsNummer", &u.DaginstitutionsNummer, nummer)
	if u.Level == register.Anvisningsenhed {
		draw(d, "instType3", &u.InstType3, kode)
		draw(d, "email", &u.Email, maybe(rapid.StringN(1, 132, -1)))
		draw(d, "telefonNummer", &u.TelefonNummer, maybe(matching(`\+45 [0-9]{8}`)))
	} else {
		draw(d, "enhedsNummer", &u.EnhedsNummer, nummer)
	}
	draw(d, "cvrNummer", &u.CVRNummer, maybe(matching(`[0-9]{8}`)))
	draw(d, "pNummer", &u.PNummer, maybe(matching(`[0-9]{10}`)))
	d.adresse(&u.Adresse)
}

func (d drawing) adresse(a *register.Adresse) {
	draw(d, "vejNavn", &a.VejNavn, navn)
	draw(d, "husNummer", &a.HusNummer, matching(`[0-9]{1,3}[A-Za-z]?`))
	draw(d, "etage", &a.Etage, maybe(rapid.StringN(1, 10, -1)))
	draw(d, "doer", &a.Doer, maybe(rapid.StringN(1, 10, -1)))
	draw(d, "postNummer", &a.PostNummer, matching(`[0-9]{4}`))
	draw(d, "byNavn", &a.ByNavn, navn)
	draw(d, "supplerendeBynavn", &a.SupplerendeBynavn, maybe(navn))
	draw(d, "kommuneKode", &a.KommuneKode, kommune)
	draw(d, "dawaId", &a.DawaID, maybe(matching(`[0-9a-fA-F]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)))
	if draw(d, "geoBredde", &a.GeoBredde, grad(90)); a.GeoBredde.Given {
		draw(drawing{d.T, d.stay && a.GeoLaengde.Given}, "geoLaengde", &a.GeoLaengde, rapid.Map(rapid.Float64Range(-180, 180), given))
	} else {
		a.GeoLaengde = register.Grad{}
	}
}

func given(v float64) register.Grad { return register.Grad{Value: v, Given: true} }

func grad(most float64) *rapid.Generator[register.Grad] {
	return rapid.OneOf(rapid.Just(register.Grad{}), rapid.Map(rapid.Float64Range(-most, most), given))
}

var levels = rapid.SampledFrom(register.Levels[:])

// row draws a row of a level.
func row(t *rapid.T, level register.Level) register.Unit {
	u := register.Unit{Level: level, Version: rapid.Int64Range(1, 1000).Draw(t, "version"), SenestOpdateret: tid.Draw(t, "senestOpdateret")}
	drawing{t, false}.content(&u)
	u.SetNumber(nummer.Draw(t, "nummer"))
	return u
}

// change draws a change of a level that the register could have.
func change(t *rapid.T, level register.Level) *register.Change {
	c := &register.Change{
		Position: register.Position{Nr: rapid.Int64Range(1, 1<<40).Draw(t, "nr")},
		Sequence: rapid.Int64Range(1, 1e12-1).Draw(t, "sequence"),
		Art:      register.Art(rapid.IntRange(int(register.Oprettelse), int(register.Indlaesning)).Draw(t, "art")),
		Aarsag:   register.Aarsag(rapid.IntRange(int(register.VedKald), int(register.VedRettelse)).Draw(t, "aarsag")),
		ImportID: maybe(matching(`[A-Z2-7]{26}`)).Draw(t, "importId"),
		Efter:    row(t, level),
		Tid:      tid.Draw(t, "tid"),
		Af: register.Actor{
			User: maybe(matching(`[a-zæøå-]{1,20}`)).Draw(t, "bruger"), Address: "192.0.2.7",
			Version:     rapid.SampledFrom([]register.ServiceVersion{register.V1, register.V2}).Draw(t, "service version"),
			RequestID:   matching(`[A-Za-z0-9_.=+/-]{1,64}`).Draw(t, "requestId"),
			Traceparent: maybe(matching(`00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]|[0-9a-f-]{1,64}`)).Draw(t, "traceparent"),
		},
	}
	if level == register.Daginstitution && c.Art == register.Flytning {
		c.Art = register.Aendring // there is nothing above it to be moved below
	}
	if c.Art != register.Oprettelse && c.Art != register.Indlaesning {
		c.Foer = c.Efter
		drawing{t, true}.content(&c.Efter)
		c.Efter.SetNumber(c.Foer.Number())
		c.Efter.Version, c.Efter.SenestOpdateret = c.Foer.Version+1, c.Tid
	}
	if c.Art == register.Nedlaeggelse {
		c.Efter.Aktivitetsstatus = register.Nedlagt
	}
	c.Position.Kommune = c.Efter.AdmKommuneKode
	if c.LeavesKommune() && rapid.Bool().Draw(t, "in the log that it leaves") {
		c.Position.Kommune = c.Foer.AdmKommuneKode
	}
	return c
}
