package validation_test

import (
	"testing"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

func TestMissingPNumber(t *testing.T) {
	w := aWrite(validation.Opret, register.Anvisningsenhed)
	w.After.PNummer = ""
	want(t, check(t, w), "?p-nummer-mangler/mangler /pNummer")
	if validation.Blocking(checker.Check(nil, w)) {
		t.Error("a warning blocks")
	}
	w = aWrite(validation.Opret, register.AlternativAdresse)
	w.After.PNummer = ""
	want(t, check(t, w))
}

func TestLikelyDuplicate(t *testing.T) {
	const line = "?mulig-dublet/sammeNavnOgAdresse /enhedsNavn G20009"
	for name, c := range map[string]struct {
		change func(*register.Unit)
		want   []string
	}{
		"alike":            {func(u *register.Unit) {}, []string{line}},
		"in other letters": {func(u *register.Unit) { u.Navn = "BØRNEHUSET  åkanden"; u.Adresse.VejNavn = "ÆBLESTIEN" }, []string{line}},
		"house letter":     {func(u *register.Unit) { u.Adresse.HusNummer = "12B" }, []string{line}},
		"other floor":      {func(u *register.Unit) { u.Adresse.Etage = "2" }, []string{line}},
		"other name":       {func(u *register.Unit) { u.Navn = "Åkanden" }, nil},
		"other house":      {func(u *register.Unit) { u.Adresse.HusNummer = "12" }, nil},
		"other town":       {func(u *register.Unit) { u.Adresse.PostNummer = "5000" }, nil},
		"elsewhere":        {func(u *register.Unit) { u.AdmKommuneKode = 751 }, nil},
		"closed":           {func(u *register.Unit) { u.Aktivitetsstatus = register.Nedlagt }, nil},
		"itself":           {func(u *register.Unit) { u.EnhedsNummer = "G20001" }, nil},
		"other level":      {func(u *register.Unit) { u.Level = register.AlternativAdresse }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			other := anEnhed()
			other.EnhedsNummer = "G20009"
			c.change(&other)
			w := aWrite(validation.Opret, register.Anvisningsenhed)
			w.Namesakes = []register.Unit{anEnhed(), other}
			want(t, check(t, w), c.want...)
		})
	}
}

// TestDaginstitutionerShareNames finds nothing odd in two areas of one name: they have no address to share.
func TestDaginstitutionerShareNames(t *testing.T) {
	other := aDaginstitution()
	other.DaginstitutionsNummer = "G20009"
	w := aWrite(validation.Opret, register.Daginstitution)
	w.Namesakes = []register.Unit{other}
	want(t, check(t, w))
}

func TestRecheck(t *testing.T) {
	recheck := func(unit, parent register.Unit, below, namesakes []register.Unit) []string {
		return lines(t, checker.Recheck(nil, unit, parent, below, namesakes))
	}
	d, u := aDaginstitution(), anEnhed()
	want(t, recheck(d, register.Unit{}, []register.Unit{u}, nil))
	want(t, recheck(u, d, nil, nil))
	want(t, recheck(anAdresse(), u, nil, nil))

	const alone = "?daginstitution-uden-enheder/ingenEnheder"
	want(t, recheck(d, register.Unit{}, nil, nil), alone)
	want(t, recheck(d, register.Unit{}, []register.Unit{closedUnit(u), anAdresse()}, nil), alone)
	want(t, recheck(closedUnit(d), register.Unit{}, nil, nil))

	other := u
	other.EnhedsNummer, u.PNummer, u.InstType3, u.Adresse.PostNummer = "G20009", "", 6013, "52"
	other.Adresse.PostNummer = "52"
	want(t, recheck(u, d, nil, []register.Unit{u, other}),
		"postnummer/format /adresse/postNummer", "krydsvalidering/ulovligType /instType3 G20000",
		"?p-nummer-mangler/mangler /pNummer", "?mulig-dublet/sammeNavnOgAdresse /enhedsNavn G20009")

	want(t, recheck(d, register.Unit{}, []register.Unit{u}, nil)) // u has its own turn
	d.EjerformKode, d.LovgrundlagKode = 2, 5
	want(t, recheck(d, register.Unit{}, []register.Unit{u}, nil), "krydsvalidering/ulovligtPar /lovgrundlagKode")
}

// TestManyDuplicates names some of many look-alikes, not all.
func TestManyDuplicates(t *testing.T) {
	const alike = "?mulig-dublet/sammeNavnOgAdresse /enhedsNavn "
	w := aWrite(validation.Opret, register.Anvisningsenhed)
	for _, n := range []register.Number{"G20010", "G20011", "G20012", "G20013", "G20014", "G20015", "G20016"} {
		other := anEnhed()
		other.EnhedsNummer = n
		w.Namesakes = append(w.Namesakes, other)
	}
	want(t, check(t, w), alike+"G20010", alike+"G20011", alike+"G20012", alike+"G20013", alike+"G20014")
}
