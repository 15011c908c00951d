package soap

import (
	"fmt"
	"strings"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/exporting"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// exportMethods are the methods of the ExportService that answer rows: all there is, or what one argument asks for.
var exportMethods = []method{
	rows("GetAllDagtilbud", &dagtilbud, onwards),
	rows("GetDagtilbudByDagInstitutionsNummer", &dagtilbud, under("DagInstitutionsNummer")),
	rows("GetDagtilbudByAdmKommuneNummer", &dagtilbud, (*question).kommune),

	rows("GetAllDaginstitutioner", &daginstitutioner, onwards),
	rows("GetDaginstitutionByNummer", &daginstitutioner, numbered("DagInstitutionsNummer")),
	rows("GetDaginstitutionByNavn", &daginstitutioner, (*question).navn),

	rows("GetAllAnvisningsEnheder", &anvisningsenheder, onwards),
	rows("GetAnvisningsEnhederByPnummer", &anvisningsenheder, (*question).pNummer),
	rows("GetAnvisningsEnhederByNummer", &anvisningsenheder, numbered("enhedsNummer")),
	rows("GetAnvisningsEnhederByCvrnummer", &anvisningsenheder, (*question).cvrNummer),
	rows("GetAnvisningsEnhederByNavn", &anvisningsenheder, (*question).navn),
	rows("GetAnvisningsEnhederByDaginstitutionsnummer", &anvisningsenheder, under("DagInstitutionsNummer")),

	rows("GetAllAlternativAdresser", &alternativAdresser, onwards),
	rows("GetAlternativAdresserByCvrnummer", &alternativAdresser, (*question).cvrNummer),
	rows("GetAlternativAdresserByPnummer", &alternativAdresser, (*question).pNummer),
	rows("GetAlternativAdresserByNummer", &alternativAdresser, numbered("alternativAdresseNummer")),
	rows("GetAlternativAdresserByNavn", &alternativAdresser, (*question).navn),
	rows("GetAlternativAdresserByEnhedsnummer", &alternativAdresser, (*question).enhed),
}

// rows gives a method that answers a listing of what its argument asks for.
func rows(name string, l *listing, asks func(*question) argument) method {
	return method{exportService, name, access.AabneData, register.V1, func(e *exchange) error {
		q := question{exchange: e, listing: l, filter: exporting.Filter{Level: l.level}}
		if findings := q.read(asks(&q)); len(findings) > 0 {
			return e.refuse(findings)
		}
		if q.number != "" {
			return q.answerOne()
		}
		return q.answerAll()
	}}
}

// question is what a call asks the register for.
type question struct {
	*exchange
	*listing
	filter exporting.Filter
	number register.Number // of the unit that is asked for, or of the one right above those that are
	below  bool            // those right below it are asked for

	onwards string             // where the caller goes on from: fortsaetFra as it was sent
	inParts bool               // the caller takes the answer in parts
	after   exporting.Cursor   // the parts before ended there
	at      register.Positions // the state that is answered
	next    int64              // the place in the register's order that the feed goes on from
}

// argument is what a method is called with.
type argument struct {
	field
	optional bool
	fits     func() bool   // whether what was sent can be asked for
	is       register.Text // what can, with an example
}

// read reads the argument, and finds what keeps it from being asked for.
func (q *question) read(a argument) []validation.Finding {
	findings := q.arguments(a.field)
	sent := child(q.sent, a.name, -1)
	switch {
	case len(findings) > 0:
	case sent == nil && !a.optional:
		findings = append(findings, validation.UgyldigParameter.Finding("/"+a.name, "mangler", register.Text{
			Da: a.name + " mangler: " + a.is.Da + ".", En: a.name + " is missing: " + a.is.En + ".",
		}))
	case sent != nil && !a.fits():
		value := register.Shown(blankless(sent.Text))
		findings = append(findings, validation.UgyldigParameter.Finding("/"+a.name, a.name, register.Text{
			Da: fmt.Sprintf("%s er »%s«; det skal være %s.", a.name, value, a.is.Da),
			En: fmt.Sprintf("%s is “%s”; it must be %s.", a.name, value, a.is.En),
		}))
	}
	q.inParts = a.optional && sent != nil
	return findings
}

// onwards has all there is asked for, from where an earlier part ended.
func onwards(q *question) argument {
	return argument{one("fortsaetFra", token(&q.onwards)), true, q.goOn, register.Text{
		Da: "tomt, eller det fortsaettesFra, som en del af svaret sluttede med", En: "empty, or the fortsaettesFra that a part of the answer ended with",
	}}
}

// numbered has a unit asked for by its number.
func numbered(name string) func(*question) argument {
	return func(q *question) argument {
		return argument{one(name, token(&q.number)), false, func() bool { return wellFormed(q.number) }, aNumber}
	}
}

// under has what stands below a daginstitution asked for.
func under(name string) func(*question) argument {
	return func(q *question) argument {
		n := &q.filter.DaginstitutionsNummer
		return argument{one(name, token(n)), false, func() bool { return wellFormed(*n) }, aNumber}
	}
}

// enhed asks for what stands right below an anvisningsenhed.
func (q *question) enhed() argument {
	q.below = true
	return numbered("enhedsNummer")(q)
}

var aNumber = register.Text{Da: "et stort bogstav og 5 cifre som G10000", En: "a capital letter and 5 digits such as G10000"}

func wellFormed(n register.Number) bool {
	_, ok := register.ParseNumber(string(n))
	return ok
}

func (q *question) kommune() argument {
	kode := &q.filter.AdmKommuneKode
	return argument{one("AdmkommuneNummer", whole(kode)), false, func() bool {
		_, known := q.api.Tables.Kommuner.Lookup(*kode)
		return known
	}, register.Text{Da: "en kommunekode som 461 (se GetKodetabel kommuner)", En: "the code of a municipality such as 461 (see GetKodetabel kommuner)"}}
}

// navn asks for a part of the name; no name at all is a part of each.
func (q *question) navn() argument {
	return argument{one("partOfName", text(&q.filter.Navn)), false, func() bool { return true }, register.Text{
		Da: "en del af navnet", En: "a part of the name",
	}}
}

func (q *question) pNummer() argument {
	return digits("pNummer", &q.filter.PNummer, 10, register.Text{Da: "et P-nummer på 10 cifre som 1003259422", En: "a P-number of 10 digits such as 1003259422"})
}

func (q *question) cvrNummer() argument {
	return digits("cvrNummer", &q.filter.CVRNummer, 8, register.Text{Da: "et CVR-nummer på 8 cifre som 25313763", En: "a CVR number of 8 digits such as 25313763"})
}

// digits asks for those that have a number of so many digits.
func digits(name string, to *string, n int, is register.Text) argument {
	return argument{one(name, token(to)), false, func() bool { return len(*to) == n && strings.Trim(*to, "0123456789") == "" }, is}
}
