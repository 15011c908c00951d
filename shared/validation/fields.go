package validation

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/register"
)

// The codes of findings that many rules share.
const (
	mangler    = "mangler"    // a mandatory field is empty
	forLang    = "forLang"    // a field is too long
	format     = "format"     // a field has not the form it must have
	ukendtKode = "ukendtKode" // a code is in no table
)

// fields checks what was sent, field by field.
func (r *run) fields() {
	u, before := r.unit, &r.w.Before
	r.text(Navn, navnPointer(u.Level), u.Navn, navnFault)
	switch u.Level {
	case register.Daginstitution:
		r.code(Ejerform, "/ejerformKode", &r.tables.Ejerformer, before.EjerformKode, u.EjerformKode)
		r.code(Lovgrundlag, "/lovgrundlagKode", &r.tables.Lovgrundlag, before.LovgrundlagKode, u.LovgrundlagKode)
		r.code(AdmKommunekode, "/admKommuneKode", &r.tables.Kommuner, before.AdmKommuneKode, u.AdmKommuneKode)
	case register.Anvisningsenhed:
		r.code(InstType3, "/instType3", &r.tables.InstTyper, before.InstType3, u.InstType3)
		r.adresse(&before.Adresse, &u.Adresse)
		r.field(Email, "/email", u.Email, emailFault)
		r.field(Telefonnummer, "/telefonNummer", u.TelefonNummer, telefonFault)
		r.virksomhed(u)
	case register.AlternativAdresse:
		r.adresse(&before.Adresse, &u.Adresse)
		r.virksomhed(u)
	}
}

func (r *run) adresse(before, a *register.Adresse) {
	r.text(Vejnavn, "/adresse/vejNavn", a.VejNavn, navnFault)
	r.field(Husnummer, "/adresse/husNummer", a.HusNummer, husnummerFault)
	r.text(Adressetillaeg, "/adresse/etage", a.Etage, etageFault)
	r.text(Adressetillaeg, "/adresse/doer", a.Doer, etageFault)
	r.field(Postnummer, "/adresse/postNummer", a.PostNummer, postnummerFault)
	r.text(Bynavn, "/adresse/byNavn", a.ByNavn, navnFault)
	r.text(Adressetillaeg, "/adresse/supplerendeBynavn", a.SupplerendeBynavn, bynavnFault)
	r.code(Kommunekode, "/adresse/kommuneKode", &r.tables.Kommuner, before.KommuneKode, a.KommuneKode)
	r.field(DawaID, "/adresse/dawaId", a.DawaID, uuidFault)
	r.koordinater(a.GeoBredde, a.GeoLaengde)
}

func (r *run) virksomhed(u *register.Unit) {
	r.field(CVRNummer, "/cvrNummer", u.CVRNummer, cvrFault)
	r.field(PNummer, "/pNummer", u.PNummer, pNummerFault)
}

// text checks a free text: by its own rule, and for the characters in it.
func (r *run) text(rule *Rule, pointer, value string, fault func(string) string) {
	r.field(rule, pointer, value, fault)
	r.field(Tegn, pointer, value, tegnFault)
}

// field checks one field by fault, which gives the code of what is wrong with a value, or nothing.
func (r *run) field(rule *Rule, pointer, value string, fault func(string) string) {
	if kode := fault(value); kode != "" && r.on(rule) {
		r.add(rule.Finding(pointer, kode, fieldText(rule, pointer, kode, value)))
	}
}

// code checks that a code is in its table and known to the service version. One that is newer may stay where it stands.
func (r *run) code(rule *Rule, pointer string, table *codes.Table, before, kode int) {
	if _, stays := table.Lookup(kode); r.known(table, kode) || stays && kode == before || !r.on(rule) {
		return
	}
	fault := ukendtKode
	if kode == 0 {
		fault = mangler
	}
	r.add(rule.Finding(pointer, fault, fieldText(rule, pointer, fault, fmt.Sprint(kode))))
}

// known tells whether a code is in a table and not newer than the service version.
func (r *run) known(table *codes.Table, kode int) bool {
	code, ok := table.Lookup(kode)
	return ok && code.FraVersion <= r.w.Version
}

// koordinater checks a point. One that is not given at all is fine.
func (r *run) koordinater(bredde, laengde register.Grad) {
	if !r.on(Koordinater) || !bredde.Given && !laengde.Given {
		return
	}
	if !laengde.Given {
		r.add(missing(Koordinater, "/adresse/geoLaengde"))
	} else if !within(laengde.Value, vest, oest) {
		r.udenfor("/adresse/geoLaengde", laengde.Value)
	}
	if !bredde.Given {
		r.add(missing(Koordinater, "/adresse/geoBredde"))
	} else if !within(bredde.Value, syd, nord) {
		r.udenfor("/adresse/geoBredde", bredde.Value)
	}
}

func (r *run) udenfor(pointer string, grader float64) {
	const kode = "udenfor"
	r.add(Koordinater.Finding(pointer, kode, fieldText(Koordinater, pointer, kode, fmt.Sprint(grader))))
}

// missing is the finding that a mandatory field is empty.
func missing(rule *Rule, pointer string) Finding {
	return rule.Finding(pointer, mangler, fieldText(rule, pointer, mangler, ""))
}

// fieldText says what is wrong with a field, and then what the rule demands.
func fieldText(rule *Rule, pointer, kode, value string) register.Text {
	felt := pointer[strings.LastIndexByte(pointer, '/')+1:]
	var da, en string
	switch kode {
	case mangler:
		da, en = felt+" mangler.", felt+" is missing."
	case forLang:
		n := utf8.RuneCountInString(value)
		da, en = fmt.Sprintf("%s er på %d tegn.", felt, n), fmt.Sprintf("%s has %d characters.", felt, n)
	default:
		da, en = fmt.Sprintf("%s er »%s«.", felt, register.Shown(value)), fmt.Sprintf("%s is “%s”.", felt, register.Shown(value))
	}
	return register.Text{Da: da + " " + rule.Beskrivelse.Da, En: en + " " + rule.Beskrivelse.En}
}

// navnPointer points to the name of a unit, which each level calls its own.
func navnPointer(l register.Level) string {
	switch l {
	case register.Daginstitution:
		return "/daginstitutionsNavn"
	case register.Anvisningsenhed:
		return "/enhedsNavn"
	}
	return "/alternativAdresseNavn"
}
