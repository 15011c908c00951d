package soap

import (
	"dagtilbudsregisteret.dk/shared/exporting"
	"dagtilbudsregisteret.dk/shared/register"
)

// extended writes a row with what it stands under.
func (d *document) extended(row *exporting.Row) {
	u := &row.Unit
	name := u.Level.String()
	d.open(name)
	d.unit(u)
	switch u.Level {
	case register.Anvisningsenhed:
		d.int("admKommuneKode", int64(u.AdmKommuneKode))
		d.int("ejerformKode", int64(row.Daginstitution.EjerformKode))
		d.int("lovgrundlagKode", int64(row.Daginstitution.LovgrundlagKode))
	case register.AlternativAdresse:
		d.int("admKommuneKode", int64(u.AdmKommuneKode))
		d.text("daginstitutionsNummer", string(u.DaginstitutionsNummer))
	}
	d.close(name)
}

// unit writes the fields of a row, in the order of its schema.
func (d *document) unit(u *register.Unit) {
	switch u.Level {
	case register.Daginstitution:
		d.text("daginstitutionsNummer", string(u.DaginstitutionsNummer))
		d.text("daginstitutionsNavn", u.Navn)
		d.int("ejerformKode", int64(u.EjerformKode))
		d.int("lovgrundlagKode", int64(u.LovgrundlagKode))
		d.int("admKommuneKode", int64(u.AdmKommuneKode))
	case register.Anvisningsenhed:
		d.text("enhedsNummer", string(u.EnhedsNummer))
		d.text("daginstitutionsNummer", string(u.DaginstitutionsNummer))
		d.text("enhedsNavn", u.Navn)
		d.int("instType3", int64(u.InstType3))
		d.adresse(&u.Adresse)
		d.optional("email", u.Email)
		d.optional("telefonNummer", u.TelefonNummer)
	default:
		d.text("alternativAdresseNummer", string(u.AlternativAdresseNummer))
		d.text("enhedsNummer", string(u.EnhedsNummer))
		d.text("alternativAdresseNavn", u.Navn)
		d.adresse(&u.Adresse)
	}
	d.optional("cvrNummer", u.CVRNummer)
	d.optional("pNummer", u.PNummer)
	d.text("aktivitetsstatus", u.Aktivitetsstatus.String())
	d.int("version", u.Version)
	d.time("senestOpdateret", u.SenestOpdateret)
}

func (d *document) adresse(a *register.Adresse) {
	d.open("adresse")
	d.text("vejNavn", a.VejNavn)
	d.text("husNummer", a.HusNummer)
	d.optional("etage", a.Etage)
	d.optional("doer", a.Doer)
	d.text("postNummer", a.PostNummer)
	d.text("byNavn", a.ByNavn)
	d.optional("supplerendeBynavn", a.SupplerendeBynavn)
	d.int("kommuneKode", int64(a.KommuneKode))
	d.optional("dawaId", a.DawaID)
	d.grad("geoBredde", a.GeoBredde)
	d.grad("geoLaengde", a.GeoLaengde)
	d.close("adresse")
}
