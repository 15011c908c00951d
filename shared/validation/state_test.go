package validation_test

import (
	"testing"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

func closedUnit(u register.Unit) register.Unit {
	u.Aktivitetsstatus = register.Nedlagt
	return u
}

func TestClosedStaysClosed(t *testing.T) {
	for o, line := range map[validation.Operation]string{
		validation.Ret:     "nedlagt/nedlagt",
		validation.Flyt:    "nedlagt/nedlagt",
		validation.Nedlaeg: "nedlagt/alleredeNedlagt",
		validation.Indlaes: "nedlagt/nedlagt",
	} {
		w := aWrite(o, register.Anvisningsenhed)
		w.Before = closedUnit(w.Before)
		want(t, check(t, w), line)
	}
}

// TestLoadAgain loads what is there already, closed or not.
func TestLoadAgain(t *testing.T) {
	w := aWrite(validation.Indlaes, register.Anvisningsenhed)
	want(t, check(t, w))
	w.Before, w.After = closedUnit(w.Before), closedUnit(w.After)
	want(t, check(t, w))
}

func TestParent(t *testing.T) {
	elsewhere := aDaginstitution()
	elsewhere.AdmKommuneKode = 751
	const overEnhed, overAdresse = " /daginstitutionsNummer", " /enhedsNummer"
	const enhed, adresse = register.Anvisningsenhed, register.AlternativAdresse
	for name, c := range map[string]struct {
		operation validation.Operation
		level     register.Level
		parent    register.Unit
		want      []string
	}{
		"none":          {validation.Opret, enhed, register.Unit{}, []string{"foraelder/ukendt" + overEnhed}},
		"none to move":  {validation.Flyt, adresse, register.Unit{}, []string{"foraelder/ukendt" + overAdresse}},
		"none to load":  {validation.Indlaes, adresse, register.Unit{}, []string{"foraelder/ukendt" + overAdresse}},
		"not looked up": {validation.Ret, adresse, register.Unit{}, nil},
		"same level":    {validation.Opret, enhed, anEnhed(), []string{"foraelder-niveau/niveau" + overEnhed + " G20001"}},
		"two levels up": {validation.Flyt, adresse, aDaginstitution(), []string{"foraelder-niveau/niveau" + overAdresse + " G20000"}},
		"closed": {validation.Opret, enhed, closedUnit(aDaginstitution()), []string{
			"foraelder-nedlagt/nedlagt" + overEnhed + " G20000",
		}},
		"elsewhere":   {validation.Flyt, enhed, elsewhere, []string{"flytning-kommune/andenKommune" + overEnhed + " G20000"}},
		"loaded away": {validation.Indlaes, enhed, elsewhere, []string{"flytning-kommune/andenKommune" + overEnhed + " G20000"}},
		"all of it": {validation.Flyt, adresse, closedUnit(elsewhere), []string{
			"foraelder-niveau/niveau" + overAdresse + " G20000", "foraelder-nedlagt/nedlagt" + overAdresse + " G20000",
			"flytning-kommune/andenKommune" + overAdresse + " G20000",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := aWrite(c.operation, c.level)
			w.Parent = c.parent
			want(t, check(t, w), c.want...)
		})
	}
}

// TestLoadClosedBelowClosed loads a row that was closed elsewhere below a parent that was, too.
func TestLoadClosedBelowClosed(t *testing.T) {
	w := aWrite(validation.Indlaes, register.Anvisningsenhed)
	w.Before, w.After, w.Parent = register.Unit{}, closedUnit(w.After), closedUnit(w.Parent)
	w.After.PNummer, w.After.InstType3 = "", 6013
	want(t, check(t, w))
}

func TestNumbers(t *testing.T) {
	w := aWrite(validation.Opret, register.Anvisningsenhed)
	w.After.EnhedsNummer = "" // it is issued after the check
	want(t, check(t, w))
	w.After.EnhedsNummer, w.After.DaginstitutionsNummer = "g20001", "G2000"
	want(t, check(t, w), "nummer/format /enhedsNummer", "nummer/format /daginstitutionsNummer")

	w = aWrite(validation.Indlaes, register.Daginstitution)
	w.After.DaginstitutionsNummer = "D10041"
	want(t, check(t, w))
	w.After.DaginstitutionsNummer = "" // it is issued after the check, too
	want(t, check(t, w))

	w = aWrite(validation.Opret, register.Anvisningsenhed)
	w.Parent.DaginstitutionsNummer, w.After.DaginstitutionsNummer = "#skov", "#skov" // a parent that is created along with it
	want(t, check(t, w))
	w.Parent = register.Unit{}
	want(t, check(t, w), "nummer/format /daginstitutionsNummer")

	w = aWrite(validation.Flyt, register.AlternativAdresse)
	w.After.EnhedsNummer = "G123456"
	want(t, check(t, w), "nummer/format /enhedsNummer")
}

func TestChangeDoesNotMove(t *testing.T) {
	w := aWrite(validation.Ret, register.Anvisningsenhed)
	w.After.DaginstitutionsNummer = "G20009"
	want(t, check(t, w), "flyt-i-stedet/flytning /daginstitutionsNummer G20000")
	w.After.DaginstitutionsNummer = ""
	want(t, check(t, w), "nummer/mangler /daginstitutionsNummer")
}

func TestCloseFromTheBottom(t *testing.T) {
	w := aWrite(validation.Nedlaeg, register.Daginstitution)
	w.Below = []register.Unit{anEnhed(), anAdresse(), closedUnit(anEnhed())}
	want(t, check(t, w), "aktive-underenheder/aktiv  G20001", "aktive-underenheder/aktiv  G20002")

	w.Operation, w.After = validation.Indlaes, closedUnit(w.Before)
	want(t, check(t, w), "aktive-underenheder/aktiv  G20001", "aktive-underenheder/aktiv  G20002")

	w = aWrite(validation.Nedlaeg, register.Anvisningsenhed) // the last one of its daginstitution
	w.Below = []register.Unit{closedUnit(anAdresse())}
	want(t, check(t, w))
}
