package parity

import (
	"encoding/json"
	"maps"
	"reflect"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

func n(digits string) json.Number { return json.Number(digits) }

// The rows of the story, sound where they are first sent.
var (
	institution = row{{"daginstitutionsNavn", "Område Øst"}, {"ejerformKode", n("1")}, {"lovgrundlagKode", n("1")}, {"admKommuneKode", n("461")}}
	adresse     = row{{"vejNavn", "Æblestien"}, {"husNummer", "12b"}, {"etage", "st"}, {"doer", "tv"}, {"postNummer", "5220"}, {"byNavn", "Odense SØ"},
		{"supplerendeBynavn", "Fraugde"}, {"kommuneKode", n("461")}, {"dawaId", "0A3F50A0-0000-32B8-E044-0003BA298018"}, {"geoBredde", n("55.3616")}, {"geoLaengde", n("10.5")}}
	enhed = row{{"daginstitutionsNummer", "G10000"}, {"enhedsNavn", "Åkanden & <søn>"}, {"instType3", n("6011")}, {"adresse", adresse},
		{"email", "leder@åkanden.dk"}, {"telefonNummer", "+45 12 34 56 78"}, {"cvrNummer", "12345674"}, {"pNummer", "1003259422"}}
	sted = row{{"enhedsNummer", "G10001"}, {"alternativAdresseNavn", "Skovhuset"}, {"adresse", adresse.without("geoBredde").without("geoLaengde")}}
)

const (
	opret, ret, flyt, nedlaeg = validation.Opret, validation.Ret, validation.Flyt, validation.Nedlaeg
	dag, enh, alt             = register.Daginstitution, register.Anvisningsenhed, register.AlternativAdresse
)

// story is told in this order; v2 is spoken where nothing else is said.
var story = []step{
	{name: "create", do: opret, on: dag, row: institution, want: "ok"},
	{name: "create below", do: opret, on: enh, row: enhed, want: "ok"},
	{name: "create below that", do: opret, on: alt, row: sted, want: "ok"},
	{name: "create through v1, with nothing but what is mandatory", v: 1, do: opret, on: enh, want: "ok",
		row: row{{"daginstitutionsNummer", "G10000"}, {"enhedsNavn", "  Søen  "}, {"instType3", n("6020")}, {"adresse", row{{"vejNavn", "Vej"},
			{"husNummer", "1"}, {"postNummer", "5220"}, {"byNavn", "By"}, {"kommuneKode", n("461")}}}}},
	{name: "create one alike", do: opret, on: enh, row: enhed, want: "ok"},
	{name: "create an institution to move to", do: opret, on: dag, row: institution.with("daginstitutionsNavn", "Område Vest"), want: "ok"},
	{name: "create one elsewhere", do: opret, on: dag, row: institution.with("admKommuneKode", n("265")), want: "ok"},
	{name: "create one of v2's codes", do: opret, on: dag, row: institution.with("lovgrundlagKode", n("9")), want: "ok"},

	{name: "change", do: ret, on: dag, number: "G10000", expect: "1", row: institution.with("daginstitutionsNavn", "Område Ø"), want: "krydsvalidering/ulovligUnderenhed"},
	{name: "change through v1", v: 1, do: ret, on: dag, number: "G10000", row: institution.with("daginstitutionsNavn", "Område Ø"), want: "ok"},
	{name: "change nothing", do: ret, on: enh, number: "G10001", expect: "1", row: enhed, want: "ok"},
	{name: "change and clear", do: ret, on: enh, number: "G10001", expect: "1", row: enhed.without("email").without("pNummer"), want: "ok"},
	{name: "change without a parent", do: ret, on: alt, number: "G10002", expect: "1", row: sted.without("enhedsNummer").with("alternativAdresseNavn", "Enghuset"), want: "ok"},
	{name: "what is there may be sent", do: ret, on: alt, number: "G10002", expect: "2", want: "ok",
		row: sted.with("alternativAdresseNavn", "Enghuset").with("aktivitetsstatus", "Aktiv").with("senestOpdateret", "2026-11-23T08:30:00Z")},
	{name: "a newer code stays through v1", v: 1, do: ret, on: dag, number: "G10007", row: institution.with("lovgrundlagKode", n("9")).with("daginstitutionsNavn", "Ny"), want: "ok"},
	{name: "move", do: flyt, on: enh, number: "G10001", parent: "G10005", want: "ok"},
	{name: "move with a version", do: flyt, on: alt, number: "G10002", parent: "G10003", expect: "4", want: "foraeldet-version/andenVersion"},

	{name: "no version", do: ret, on: enh, number: "G10001", row: enhed, want: "mangler-if-match/mangler flyt-i-stedet/flytning"},
	{name: "no version of a close", do: nedlaeg, on: alt, number: "G10002", want: "mangler-if-match/mangler"},
	{name: "a stale version", do: ret, on: dag, number: "G10000", expect: "1", row: institution, want: "foraeldet-version/andenVersion krydsvalidering/ulovligUnderenhed"},
	{name: "a version that is none", do: nedlaeg, on: alt, number: "G10002", expect: "0", want: "foraeldet-version/ikkeEnVersion"},
	{name: "a stale version of a move", do: flyt, on: enh, number: "G10001", parent: "G10000", expect: "1", want: "foraeldet-version/andenVersion"},

	{name: "everything is missing", do: opret, on: enh, row: row{},
		want: "navn/mangler insttype3/mangler vejnavn/mangler husnummer/mangler postnummer/mangler bynavn/mangler kommunekode/mangler nummer/mangler"},
	{name: "an empty institution", as: "drift", do: opret, on: dag, row: row{}, want: "navn/mangler ejerform/mangler lovgrundlag/mangler adm-kommunekode/mangler"},
	{name: "an empty address", do: opret, on: alt, row: sted.with("adresse", row{}), want: "vejnavn/mangler husnummer/mangler postnummer/mangler bynavn/mangler kommunekode/mangler"},
	{name: "too long", do: opret, on: enh, want: "navn/forLang vejnavn/forLang adressetillaeg/forLang bynavn/forLang adressetillaeg/forLang email/forLang telefonnummer/forLang",
		row: enhed.with("enhedsNavn", strings.Repeat("å", 133)).inAdresse("vejNavn", strings.Repeat("v", 133)).inAdresse("etage", strings.Repeat("e", 11)).
			inAdresse("byNavn", strings.Repeat("b", 133)).inAdresse("supplerendeBynavn", strings.Repeat("s", 133)).
			with("email", strings.Repeat("e", 130)+"@x.dk").with("telefonNummer", strings.Repeat("1", 21))},
	{name: "of the wrong form", do: opret, on: enh,
		want: "husnummer/format postnummer/format dawa-id/format email/format telefonnummer/format cvr-nummer/kontrolciffer p-nummer/format nummer/format",
		row: enhed.inAdresse("husNummer", "12bb").inAdresse("postNummer", "0799").inAdresse("dawaId", "x").with("email", "a b").with("telefonNummer", "1234567x").
			with("cvrNummer", "12345678").with("pNummer", "123").with("daginstitutionsNummer", "hest")},
	{name: "characters", do: opret, on: dag, row: institution.with("daginstitutionsNavn", "Øst\u200b\u0085\u2028\n"), want: "tegn/kontroltegn"},
	{name: "outside Denmark", do: opret, on: enh, row: enhed.inAdresse("geoBredde", n("12.5")).inAdresse("geoLaengde", n("-7e0")), want: "koordinater/udenfor koordinater/udenfor"},
	{name: "half a point", do: opret, on: enh, row: enhed.inAdresse("geoBredde", nil), want: "koordinater/mangler"},
	{name: "unknown codes", do: opret, on: dag, row: institution.with("ejerformKode", n("9")).with("lovgrundlagKode", n("-1")), want: "ejerform/ukendtKode lovgrundlag/ukendtKode"},
	{name: "an unknown type and municipality", do: opret, on: enh, row: enhed.with("instType3", n("7")).inAdresse("kommuneKode", n("999")), want: "insttype3/ukendtKode kommunekode/ukendtKode"},
	{name: "a municipality that is none", as: "drift", do: opret, on: dag, row: institution.with("admKommuneKode", n("999")), want: "adm-kommunekode/ukendtKode"},
	{name: "a code of v2 through v1", v: 1, do: opret, on: dag, row: institution.with("lovgrundlagKode", n("10")), want: "lovgrundlag/ukendtKode"},
	{name: "an unlawful pair", do: opret, on: dag, row: institution.with("ejerformKode", n("2")), want: "krydsvalidering/ulovligtPar"},
	{name: "the same through v1", v: 1, do: opret, on: dag, row: institution.with("ejerformKode", n("2")), want: "ok"},
	{name: "an unlawful type", do: opret, on: enh, row: enhed.with("instType3", n("6013")), want: "krydsvalidering/ulovligType"},

	{name: "unknown fields", do: opret, on: dag, row: institution.with("hest", "x").with("email", "y"), want: "ukendt-felt/ukendt ukendt-felt/ukendt"},
	{name: "an unknown field of a long name", do: opret, on: dag, row: institution.with(strings.Repeat("æ", 60)+"x", "x"), want: "ukendt-felt/ukendt"},
	{name: "unknown in the address", do: opret, on: enh, row: enhed.inAdresse("hest", "x"), want: "ukendt-felt/ukendt"},
	{name: "wrong types", do: opret, on: enh, row: enhed.with("instType3", "x").with("adresse", "Vej 1"), want: "forkert-type/type forkert-type/type"},
	{name: "a fraction, a large number, an object", do: opret, on: enh,
		row:  enhed.with("instType3", n("6011.5")).inAdresse("kommuneKode", n("99999999999")).inAdresse("geoBredde", n("1e999")).with("enhedsNavn", row{{"x", "y"}}),
		want: "forkert-type/type forkert-type/heltal forkert-type/heltal forkert-type/tal"},
	{name: "no coordinate", do: opret, on: enh, row: enhed.inAdresse("geoBredde", "x"), want: "forkert-type/type"},
	{name: "an own number", do: opret, on: dag, row: append(row{{"daginstitutionsNummer", "G20000"}}, institution...), want: "nummer-tildeles/ikkeReserveret"},
	{name: "a number that is taken", do: opret, on: dag, row: append(row{{"daginstitutionsNummer", "G10001"}}, institution...), want: "nummer-optaget/optaget"},
	{name: "no number at all", do: opret, on: dag, row: append(row{{"daginstitutionsNummer", "g1"}}, institution...), want: "nummer/format"},
	{name: "a status", do: opret, on: dag, row: institution.with("aktivitetsstatus", "Nedlagt"), want: "skrivebeskyttet/aktivitetsstatus"},
	{name: "no status", do: opret, on: dag, row: institution.with("aktivitetsstatus", "aktiv"), want: "skrivebeskyttet/aktivitetsstatus"},
	{name: "an empty status", do: ret, on: dag, number: "G10005", expect: "1", row: institution.with("daginstitutionsNavn", "Område Vest").with("aktivitetsstatus", ""), want: "ok"},
	{name: "an object for a status", do: opret, on: dag, row: institution.with("aktivitetsstatus", row{{"x", "y"}}), want: "forkert-type/type"},
	{name: "a reference", do: opret, on: enh, row: enhed.with("daginstitutionsNummer", "#skov"), want: "ukendt-reference/ukendt"},

	{name: "below nothing", do: opret, on: enh, row: enhed.with("daginstitutionsNummer", "G99999"), want: "foraelder/ukendt"},
	{name: "below the wrong level", do: opret, on: alt, row: sted.with("enhedsNummer", "G10000"), want: "foraelder-niveau/niveau"},
	{name: "move instead", do: ret, on: enh, number: "G10001", expect: "3", row: enhed.with("daginstitutionsNummer", "G10000"), want: "flyt-i-stedet/flytning"},
	{name: "move to another municipality", as: "drift", do: flyt, on: enh, number: "G10001", parent: "G10006", want: "flytning-kommune/andenKommune"},
	{name: "move below nothing", do: flyt, on: enh, number: "G10001", parent: "G99999", want: "foraelder/ukendt"},
	{name: "move to where the type is unlawful", do: flyt, on: enh, number: "G10001", parent: "G10007", want: "krydsvalidering/ulovligType"},
	{name: "unknown", do: ret, on: enh, number: "G99999", expect: "1", row: enhed, want: "ukendt-nummer/findesIkke"},
	{name: "of another level", do: nedlaeg, on: enh, number: "G10000", expect: "1", want: "ukendt-nummer/findesIkke"},
	{name: "no number", do: flyt, on: alt, number: "hest", parent: "G10001", want: "ukendt-nummer/findesIkke"},

	{name: "nobody", as: "nobody", do: opret, on: dag, row: institution, want: "login/login"},
	{name: "a reader", as: "laeser", do: opret, on: dag, row: institution, want: "adgang/rolle"},
	{name: "another municipality", do: opret, on: dag, row: institution.with("admKommuneKode", n("101")), want: "adgang/kommune"},
	{name: "another level", do: opret, on: enh, row: enhed.with("daginstitutionsNummer", "G10006"), want: "adgang/niveau"},
	{name: "a missing grant, and more", do: opret, on: dag, row: institution.with("admKommuneKode", n("101")).with("ejerformKode", n("9")), want: "adgang/kommune ejerform/ukendtKode"},
	{name: "to another municipality", do: ret, on: dag, number: "G10005", expect: "1", row: institution.with("admKommuneKode", n("101")), want: "adgang/kommune"},
	{name: "of no municipality", do: opret, on: dag, row: institution.without("admKommuneKode"), want: "adm-kommunekode/mangler"},
	{name: "of a municipality that is none", v: 1, do: opret, on: dag, row: institution.with("admKommuneKode", n("999")), want: "adm-kommunekode/ukendtKode"},
	{name: "of one that cannot be read", do: opret, on: dag, row: institution.with("admKommuneKode", "Odense"), want: "forkert-type/type"},
	{name: "to no municipality", do: ret, on: dag, number: "G10005", expect: "1", row: institution.without("admKommuneKode"), want: "adm-kommunekode/mangler"},
	{name: "to a municipality that is none", v: 1, do: ret, on: dag, number: "G10005", row: institution.with("admKommuneKode", n("999")), want: "adm-kommunekode/ukendtKode"},
	{name: "a reader, to none", as: "laeser", do: ret, on: dag, number: "G10005", expect: "1", row: institution.without("admKommuneKode"), want: "adgang/rolle"},
	{name: "an owner, of what is not private", as: "ejer", do: ret, on: dag, number: "G10000", expect: "2", row: institution, want: "adgang"},
	{name: "in time", as: "langsom", do: opret, on: dag, row: institution, want: "ok"},
	{name: "too fast", as: "langsom", do: opret, on: dag, row: institution, want: "tempo/tempo"},

	{name: "a key", do: opret, on: dag, row: institution, key: "k1", want: "ok"},
	{name: "the key again", do: opret, on: dag, row: institution, key: "k1", want: "ok"},
	{name: "the key for something else", do: opret, on: dag, row: institution.with("daginstitutionsNavn", "X"), key: "k1", want: "genbrugt-noegle/andetIndhold"},
	{name: "the key through the other version", v: 1, do: opret, on: dag, row: institution, key: "k1", want: "genbrugt-noegle/andetIndhold"},
	{name: "another's key", as: "drift", do: opret, on: dag, row: institution, key: "k1", want: "ok"},
	{name: "a key of a warning", do: opret, on: enh, row: enhed.without("pNummer"), key: "k2", want: "ok"},
	{name: "it again", do: opret, on: enh, row: enhed.without("pNummer"), key: "k2", want: "ok"},
	{name: "a key of a move", do: flyt, on: enh, number: "G10001", parent: "G10000", key: "k3", want: "ok"},
	{name: "the move again", do: flyt, on: enh, number: "G10001", parent: "G10000", key: "k3", want: "ok"},
	{name: "a key that is too long", do: opret, on: dag, row: institution, key: strings.Repeat("k", 256), want: "ugyldig-parameter/idempotencyKey"},

	{name: "close what has units", do: nedlaeg, on: dag, number: "G10000", expect: "2", want: "aktive-underenheder"},
	{name: "close", do: nedlaeg, on: alt, number: "G10002", expect: "4", want: "ok"},
	{name: "close again", do: nedlaeg, on: alt, number: "G10002", expect: "5", want: "nedlagt/alleredeNedlagt"},
	{name: "change what is closed", v: 1, do: ret, on: alt, number: "G10002", row: sted, want: "nedlagt/nedlagt"},
	{name: "close an institution", v: 1, do: nedlaeg, on: dag, number: "G10005", want: "ok"},
	{name: "below what is closed", do: opret, on: enh, row: enhed.with("daginstitutionsNummer", "G10005"), want: "foraelder-nedlagt/nedlagt"},
	{name: "a whole municipality changes", as: "drift", v: 1, do: ret, on: dag, number: "G10000", row: institution.with("admKommuneKode", n("265")), want: "ok"},
}

// tree is a daginstitution with two units, of which the first has two more.
var tree = institution.with("anvisningsenheder", []row{
	enhed.without("daginstitutionsNummer").with("alternativeAdresser", []row{
		sted.without("enhedsNummer"), sted.without("enhedsNummer").with("alternativAdresseNavn", "To"),
	}),
	enhed.without("daginstitutionsNummer").with("enhedsNavn", "Tre"),
})

// grown is the tree as it may be sent when it is there: G10000, with G10001 and G10003 below it, a new unit, and what is to be closed.
func grown(version, enhedVersion string, closed ...string) row {
	first := append(row{{"enhedsNummer", "G10001"}}, enhed.without("daginstitutionsNummer")...).with("version", n(enhedVersion)).with("alternativeAdresser", []row{
		append(row{{"alternativAdresseNummer", "G10003"}}, sted.without("enhedsNummer")...).with("version", n("1")),
	})
	return institution.with("ejerformKode", n("2")).with("lovgrundlagKode", n("2")).with("version", n(version)).
		with("anvisningsenheder", []row{first, enhed.without("daginstitutionsNummer").with("enhedsNavn", "Fire")}).with("nedlaegges", closed)
}

// whole is the tree as it stands when it has grown, with what is closed: a unit of a name, and an address.
func whole(closedName string) row {
	numbered := func(name, number, version string, r row) row {
		return append(row{{name, number}}, r...).with("aktivitetsstatus", "Aktiv").with("version", n(version))
	}
	unit, place := enhed.without("daginstitutionsNummer"), sted.without("enhedsNummer")
	return institution.with("ejerformKode", n("2")).with("lovgrundlagKode", n("2")).with("version", n("2")).with("anvisningsenheder", []row{
		numbered("enhedsNummer", "G10001", "1", unit).with("alternativeAdresser", []row{
			numbered("alternativAdresseNummer", "G10003", "1", place),
			numbered("alternativAdresseNummer", "G10004", "2", place.with("alternativAdresseNavn", "To")).with("aktivitetsstatus", "Nedlagt"),
		}),
		numbered("enhedsNummer", "G10002", "2", unit.with("enhedsNavn", closedName)).with("aktivitetsstatus", "Nedlagt"),
		numbered("enhedsNummer", "G10005", "1", unit.with("enhedsNavn", "Fire")),
	})
}

// growth is a story of whole trees.
var growth = []step{
	{name: "a new tree", row: tree, key: "t1", want: "ok"},
	{name: "the same again", row: tree, key: "t1", want: "ok"},
	{name: "its key for something else", row: tree.with("daginstitutionsNavn", "X"), key: "t1", want: "genbrugt-noegle/andetIndhold"},
	{name: "versions of what has no number", row: institution.with("version", n("1")).with("anvisningsenheder", []row{enhed.without("daginstitutionsNummer").with("version", n("3"))}),
		want: "nummer/mangler nummer/mangler"},
	{name: "of no municipality", row: tree.without("admKommuneKode"), want: "adm-kommunekode/mangler"},
	{name: "to a municipality that is none", number: "G10000", row: grown("1", "1", "G10002", "G10004").with("admKommuneKode", n("999")), want: "adm-kommunekode/ukendtKode"},
	{name: "something is left out", number: "G10000", row: grown("1", "1", "G10002"), want: "udeladt/udeladt"},
	{name: "something twice", number: "G10000", row: grown("1", "1", "G10002", "G10004", "G10001"), want: "trae/gentaget"},
	{name: "a stale version", number: "G10000", row: grown("2", "7", "G10002", "G10004"), want: "foraeldet-version/andenVersion foraeldet-version/andenVersion"},
	{name: "no version", number: "G10000", row: grown("1", "0", "G10002", "G10004"), want: "mangler-if-match/mangler"},
	{name: "a reader", as: "laeser", number: "G10000", row: grown("1", "1", "G10002", "G10004"), want: "adgang/rolle"},
	{name: "to another municipality", number: "G10000", row: grown("1", "1", "G10002", "G10004").with("admKommuneKode", n("101")), want: "adgang"},
	{name: "wrong in its leaves", row: institution.with("anvisningsenheder", []row{
		enhed.without("daginstitutionsNummer").with("instType3", "x").with("hest", "y").
			with("alternativeAdresser", []row{sted.without("enhedsNummer").inAdresse("husNummer", "12bb")})}),
		want: "forkert-type/type ukendt-felt/ukendt husnummer/format"},
	{name: "unknown beside the branches", row: tree.with("hest", "x"), want: "ukendt-felt/ukendt"},
	{name: "unlawful", row: tree.with("lovgrundlagKode", n("5")), want: "krydsvalidering"},
	{name: "all at once", number: "G10000", row: grown("1", "1", "G10002", "G10004"), key: "t2", want: "ok"},
	{name: "once more", number: "G10000", row: grown("1", "1", "G10002", "G10004"), key: "t2", want: "ok"},
	{name: "as it stands, with what is closed", number: "G10000", row: whole("Tre"), want: "ok"},
	{name: "a change, with what is closed", number: "G10000", row: whole("Tre").with("daginstitutionsNavn", "Område Øster"), want: "ok"},
	{name: "a change of what is closed", number: "G10000", row: whole("Fem").with("version", n("3")), want: "nedlagt/nedlagt"},
	{name: "what is closed already", number: "G10000", row: grown("1", "1", "G10002", "G10004"), want: "foraeldet-version/andenVersion udeladt/udeladt nedlagt/alleredeNedlagt nedlagt/alleredeNedlagt"},
}

// told is a story as both protocols were told it.
type told struct {
	danish, english, enveloped *site
	rules                      map[string]bool // the rules that were broken
}

// tell tells a story to both, and holds each answer, and what was written in the end, to the other's.
func tell(t *testing.T, steps []step) *told {
	t.Helper()
	s := &told{newSite(t, overREST), newSite(t, overREST), newSite(t, overSOAP), make(map[string]bool)}
	for _, c := range steps {
		if c.v == 0 {
			c.v = register.V2
		}
		if c.as != "langsom" {
			for _, one := range []*site{s.danish, s.english, s.enveloped} {
				one.now = one.now.Add(time.Second)
			}
		}
		s.take(t, &c)
	}
	if a, b := s.danish.changes(), s.enveloped.changes(); len(a) == 0 || !reflect.DeepEqual(a, b) {
		t.Errorf("the logs differ: of REST %d changes, of SOAP %d", len(a), len(b))
	}
	a, b := s.danish.trail(), s.enveloped.trail()
	if len(a) == 0 || len(a) != len(b) {
		t.Errorf("the trails differ: of REST %d entries, of SOAP %d", len(a), len(b))
	}
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			t.Fatalf("the trails differ\nREST %s\nSOAP %s", a[i], b[i])
		}
	}
	return s
}

// take makes one call.
func (s *told) take(t *testing.T, c *step) {
	t.Helper()
	da, status := c.overREST(s.danish, "da")
	en, _ := c.overREST(s.english, "en")
	both := merge(da, en)
	got, answered := c.overSOAP(s.enveloped)
	if want := answeredAs(status); got.Answered != want.answered || answered != want.status {
		t.Errorf("%s: REST answered %d, SOAP %s with %d, want %+v", c.name, status, got.Answered, answered, want)
	}
	got.Answered, both.Answered = "", ""
	compare(t, c.name, both, got)
	c.check(t, got, status, s.rules)
}

// TestProtocolsAreAlike tells both stories to both, and then has both read what there is.
func TestProtocolsAreAlike(t *testing.T) {
	s := tell(t, story)
	for i := range growth {
		growth[i].tree, growth[i].on = true, dag
	}
	g := tell(t, growth)
	maps.Copy(s.rules, g.rules)
	t.Logf("%d calls, which break %d rules", len(story)+len(growth), len(s.rules))
	for _, r := range bodyRules {
		if !s.rules[r.ID] {
			t.Errorf("no call breaks the rule %s", r.ID)
		}
	}
	compareReaders(t, s.danish, s.enveloped)
	compareReaders(t, g.danish, g.enveloped)
	compareTables(t, s.danish, s.enveloped)
}

// bodyRules are those that what is sent of one row can break, or where it is sent to, or by whom. The others are about JSON, XML,
// imports, loads, numbers ahead of use, system users and subscriptions.
var bodyRules = []*validation.Rule{
	validation.Navn, validation.Tegn, validation.Email, validation.Telefonnummer, validation.CVRNummer, validation.PNummer,
	validation.Vejnavn, validation.Husnummer, validation.Postnummer, validation.Bynavn, validation.Adressetillaeg, validation.DawaID, validation.Koordinater,
	validation.Ejerform, validation.Lovgrundlag, validation.InstType3, validation.Kommunekode, validation.AdmKommunekode,
	validation.Nummer, validation.Nedlagt, validation.Foraelder, validation.ForaelderNiveau, validation.ForaelderNedlagt, validation.FlytIStedet,
	validation.FlytningKommune, validation.AktiveUnderenheder, validation.Krydsvalidering, validation.PNummerMangler, validation.MuligDublet,
	validation.UkendtNummer, validation.ForaeldetVersion, validation.ManglerIfMatch, validation.GenbrugtNoegle, validation.UkendtFelt, validation.ForkertType,
	validation.NummerTildeles, validation.NummerOptaget, validation.Skrivebeskyttet, validation.UkendtReference, validation.UgyldigParameter,
	validation.Login, validation.Adgang, validation.Tempo, validation.Udeladt, validation.Trae,
}

// merge makes one outcome of the two languages'.
func merge(da, en outcome) outcome {
	for i := range da.Fejl {
		if i < len(en.Fejl) {
			da.Fejl[i].En = en.Fejl[i].En
		}
	}
	for i := range da.Advarsler {
		if i < len(en.Advarsler) {
			da.Advarsler[i].En = en.Advarsler[i].En
		}
	}
	return da
}

// soapAnswer is how SOAP answers.
type soapAnswer struct {
	answered string
	status   int
}

// answeredAs gives how SOAP answers what REST answers with a status.
func answeredAs(status int) soapAnswer {
	switch {
	case status < 300:
		return soapAnswer{"ok", 200}
	case status == 401, status == 429:
		return soapAnswer{"fault", status}
	case status == 400, status == 403, status == 413:
		return soapAnswer{"fault", 500}
	}
	return soapAnswer{"refused", 200}
}

// check checks that the call came to what the story says, and notes the rules that were broken.
func (c *step) check(t *testing.T, o outcome, status int, rules map[string]bool) {
	t.Helper()
	var lines []string
	for _, f := range o.Fejl {
		rules[f.Regel] = true
		lines = append(lines, f.Regel+"/"+f.Kode)
	}
	for _, f := range o.Advarsler {
		rules[f.Regel] = true
	}
	if status < 300 {
		lines = []string{"ok"}
	}
	got := strings.Join(lines, " ")
	if got != c.want && !(strings.HasPrefix(got, c.want+"/") && !strings.Contains(c.want, "/")) {
		t.Errorf("%s came to %s, want %s", c.name, got, c.want)
	}
}
