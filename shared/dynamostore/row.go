package dynamostore

import (
	"fmt"
	"strconv"
	"strings"

	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/register"
)

// place is where a row is kept. It tells the row's municipality, level and numbers, so the row does not repeat them.
type place struct {
	kommune int
	sti     string
}

func placeOf(u *register.Unit) place { return place{u.AdmKommuneKode, u.Path()} }

func (p place) key() keys.Key { return keys.Key{PK: keys.Kommune(p.kommune), SK: p.sti} }

func (p place) String() string { return fmt.Sprintf("%d %s", p.kommune, p.sti) }

// below tells whether the place is in the tree of a daginstitution.
func (p place) below(daginstitution register.Number) bool {
	root, _, _ := strings.Cut(p.sti, "/")
	return root == string(daginstitution)
}

// unit gives a unit that stands in the place and says nothing else.
func (p place) unit() (register.Unit, error) {
	numbers := strings.Split(p.sti, "/")
	if len(numbers) > len(register.Levels) {
		return register.Unit{}, fmt.Errorf("dynamostore: no row can stand at %s", p)
	}
	u := register.Unit{Level: register.Level(len(numbers)), AdmKommuneKode: p.kommune}
	for i, to := range []*register.Number{&u.DaginstitutionsNummer, &u.EnhedsNummer, &u.AlternativAdresseNummer}[:len(numbers)] {
		*to = register.Number(numbers[i])
	}
	return u, nil
}

// encode is for the ledger and for changes, which do not stand where the row does.
func (p place) encode(it item) {
	it.int("admKommuneKode", int64(p.kommune))
	it.text("sti", p.sti)
}

// encodeRow gives all that a row says apart from its place.
func encodeRow(u *register.Unit) item {
	it := make(item, 28)
	it.text("navn", u.Navn)
	it.int("ejerformKode", int64(u.EjerformKode))
	it.int("lovgrundlagKode", int64(u.LovgrundlagKode))
	it.int("instType3", int64(u.InstType3))
	it.text("email", u.Email)
	it.text("telefonNummer", u.TelefonNummer)
	encodeAdresse(it, &u.Adresse)
	it.text("cvrNummer", u.CVRNummer)
	it.text("pNummer", u.PNummer)
	it.text("aktivitetsstatus", u.Aktivitetsstatus.String())
	it.int("version", u.Version)
	it.int("nr", u.Position.Nr)
	it.time("senestOpdateret", u.SenestOpdateret)
	return it
}

func encodeAdresse(it item, a *register.Adresse) {
	it.text("vejNavn", a.VejNavn)
	it.text("husNummer", a.HusNummer)
	it.text("etage", a.Etage)
	it.text("doer", a.Doer)
	it.text("postNummer", a.PostNummer)
	it.text("byNavn", a.ByNavn)
	it.text("supplerendeBynavn", a.SupplerendeBynavn)
	it.int("kommuneKode", int64(a.KommuneKode))
	it.text("dawaId", a.DawaID)
	it.grad("geoBredde", a.GeoBredde)
	it.grad("geoLaengde", a.GeoLaengde)
}

// grad keeps a coordinate as text: DynamoDB's numbers do not hold every float64.
func (it item) grad(name string, g register.Grad) {
	if g.Given {
		it[name] = text(strconv.FormatFloat(g.Value, 'g', -1, 64))
	}
}

func decodeRow(it item, at place) (register.Unit, error) {
	u, err := at.unit()
	if err != nil {
		return u, err
	}
	d := decode(it)
	d.row(&u)
	return u, d.end()
}

func (d *decoder) row(u *register.Unit) {
	u.Navn = d.text("navn")
	u.EjerformKode = int(d.int("ejerformKode"))
	u.LovgrundlagKode = int(d.int("lovgrundlagKode"))
	u.InstType3 = int(d.int("instType3"))
	u.Email = d.text("email")
	u.TelefonNummer = d.text("telefonNummer")
	u.Adresse = d.adresse()
	u.CVRNummer = d.text("cvrNummer")
	u.PNummer = d.text("pNummer")
	u.Aktivitetsstatus = word(d, "aktivitetsstatus", register.Aktiv, register.Nedlagt)
	u.Version = d.int("version")
	u.Position = register.Position{Kommune: u.AdmKommuneKode, Nr: d.int("nr")}
	u.SenestOpdateret = d.time("senestOpdateret")
}

func (d *decoder) adresse() register.Adresse {
	return register.Adresse{
		VejNavn:           d.text("vejNavn"),
		HusNummer:         d.text("husNummer"),
		Etage:             d.text("etage"),
		Doer:              d.text("doer"),
		PostNummer:        d.text("postNummer"),
		ByNavn:            d.text("byNavn"),
		SupplerendeBynavn: d.text("supplerendeBynavn"),
		KommuneKode:       int(d.int("kommuneKode")),
		DawaID:            d.text("dawaId"),
		GeoBredde:         d.grad("geoBredde"),
		GeoLaengde:        d.grad("geoLaengde"),
	}
}

func (d *decoder) grad(name string) (g register.Grad) {
	s := d.text(name)
	if s == "" {
		return g
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		d.fail(name, err)
	}
	return register.Grad{Value: v, Given: true}
}

func decodePlace(it item) (place, error) {
	d := decode(it)
	return d.place(), d.end()
}

func (d *decoder) place() place { return place{int(d.int("admKommuneKode")), d.text("sti")} }
