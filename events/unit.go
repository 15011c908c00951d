package events

import "dagtilbudsregisteret.dk/shared/register"

// Unit is a row as an event shows it: its JSON is the one in which the REST services answer it where levels are mixed. What that JSON
// does not say of a row is zero: its position, the municipality of a row below a daginstitution, and the daginstitution of an
// alternativ adresse.
type Unit register.Unit

// published leaves of a row what its JSON says.
func published(u register.Unit) Unit {
	u.Position = register.Position{}
	if u.Level != register.Daginstitution {
		u.AdmKommuneKode = 0
	}
	if u.Level == register.AlternativAdresse {
		u.DaginstitutionsNummer = ""
	}
	return Unit(u)
}

// form gives the members of a row's JSON, in the order of the data model.
func (u *Unit) form(f form) {
	f.value("dagtilbudsType", (*niveau)(&u.Level))
	switch u.Level {
	case register.Daginstitution:
		f.value("daginstitutionsNummer", (*text)(&u.DaginstitutionsNummer))
		f.value("daginstitutionsNavn", (*text)(&u.Navn))
		f.value("ejerformKode", (*whole)(&u.EjerformKode))
		f.value("lovgrundlagKode", (*whole)(&u.LovgrundlagKode))
		f.value("admKommuneKode", (*whole)(&u.AdmKommuneKode))
	case register.Anvisningsenhed:
		f.value("enhedsNummer", (*text)(&u.EnhedsNummer))
		f.value("daginstitutionsNummer", (*text)(&u.DaginstitutionsNummer))
		f.value("enhedsNavn", (*text)(&u.Navn))
		f.value("instType3", (*whole)(&u.InstType3))
		f.object("adresse", (*adresse)(&u.Adresse))
		f.value("email", (*option)(&u.Email))
		f.value("telefonNummer", (*option)(&u.TelefonNummer))
		u.virksomhed(f)
	default:
		f.value("alternativAdresseNummer", (*text)(&u.AlternativAdresseNummer))
		f.value("enhedsNummer", (*text)(&u.EnhedsNummer))
		f.value("alternativAdresseNavn", (*text)(&u.Navn))
		f.object("adresse", (*adresse)(&u.Adresse))
		u.virksomhed(f)
	}
	f.value("aktivitetsstatus", (*status)(&u.Aktivitetsstatus))
	f.value(version, (*count)(&u.Version))
	f.value(senestOpdateret, (*moment)(&u.SenestOpdateret))
}

func (u *Unit) virksomhed(f form) {
	f.value("cvrNummer", (*option)(&u.CVRNummer))
	f.value("pNummer", (*option)(&u.PNummer))
}

type adresse register.Adresse

func (a *adresse) form(f form) {
	f.value("vejNavn", (*text)(&a.VejNavn))
	f.value("husNummer", (*text)(&a.HusNummer))
	f.value("etage", (*option)(&a.Etage))
	f.value("doer", (*option)(&a.Doer))
	f.value("postNummer", (*text)(&a.PostNummer))
	f.value("byNavn", (*text)(&a.ByNavn))
	f.value("supplerendeBynavn", (*option)(&a.SupplerendeBynavn))
	f.value("kommuneKode", (*whole)(&a.KommuneKode))
	f.value("dawaId", (*option)(&a.DawaID))
	f.value("geoBredde", (*grad)(&a.GeoBredde))
	f.value("geoLaengde", (*grad)(&a.GeoLaengde))
}

// Append writes the row to buf as JSON.
func (u *Unit) Append(buf []byte) []byte { return appendObject(buf, u) }

// former is the row before the change, or null.
type former struct{ unit **Unit }

func (v former) append(buf []byte) []byte {
	if *v.unit == nil {
		return append(buf, "null"...)
	}
	return appendObject(buf, *v.unit)
}

func (v former) read(raw []byte) error {
	if string(raw) == "null" {
		return nil
	}
	*v.unit = new(Unit)
	return readObject(raw, *v.unit)
}

// content is an event's data, which an event by reference leaves out.
type content struct{ data **Data }

func (v content) append(buf []byte) []byte {
	if *v.data == nil {
		return buf
	}
	return appendObject(buf, *v.data)
}

func (v content) read(raw []byte) error {
	if raw == nil {
		return nil
	}
	*v.data = new(Data)
	return readObject(raw, *v.data)
}
