package validation_test

import (
	"math"
	"strings"
	"testing"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// TestTexts puts values into one field after another: each must give the finding of that field, or none.
func TestTexts(t *testing.T) {
	long := func(n int) string { return strings.Repeat("å", n) }
	for _, field := range []struct {
		rule, pointer string
		of            func(*register.Unit) *string
		good          []string
		bad           map[string][]string // by code
	}{
		{
			"navn", "/enhedsNavn", func(u *register.Unit) *string { return &u.Navn },
			[]string{"Ø", long(132), `Pingo\puljedagpleje`, `"Børnehuset ""De fire Årstider"""`, "👶"},
			map[string][]string{"mangler": {"", " ", "\u00a0"}, "forLang": {long(133)}},
		},
		{
			"tegn", "/enhedsNavn", func(u *register.Unit) *string { return &u.Navn },
			[]string{"a\u00a0b", "\ufffd"},
			map[string][]string{
				"kontroltegn": {"a\x00b", "a\tb", "a\nb", "a\x7fb", "a\u0085b", "a\u2028b", "a\u202eb", "a\u200bb", "\ufeffa", "a\uffff"},
				"utf8":        {"a\xffb", "\xc3"},
			},
		},
		{
			"email", "/email", func(u *register.Unit) *string { return &u.Email },
			[]string{"", "a@b.dk", "For.Navn+x@sub-1.odense.dk", "info@bøgehøj.dk", "o'neil@x.org", strings.Repeat("a", 64) + "@b.dk"},
			map[string][]string{
				"format": {"a", "@b.dk", "a@", "a@b", "a@b.d", "a@.dk", "a@b..dk", "a@-b.dk", "a@b-.dk", "a@b.dk-", "a@b.d1", ".a@b.dk",
					"a.@b.dk", "a..b@c.dk", "a b@c.dk", "a@b@c.dk", "å@b.dk",
					"a@b c.dk", "a@b.dk\n", "<a@b.dk>", "a@b.\xff\xff", strings.Repeat("a", 65) + "@b.dk"},
				"forLang": {"a@" + strings.Repeat("b", 128) + ".dk"},
			},
		},
		{
			"telefonnummer", "/telefonNummer", func(u *register.Unit) *string { return &u.TelefonNummer },
			[]string{"", "12345678", "+4512345678", "(+45) 12 34-56 78", "0045 12345678"},
			map[string][]string{
				"format":  {"1234567a", "12345678+", "12.34.56.78", "１２３４５６７８"[:18], "12345678\n"},
				"forKort": {"1234567", "+", "112"},
				"forLang": {"12 34 56 78 / 87 65 43", "123456789012345678901"},
			},
		},
		{
			"cvr-nummer", "/cvrNummer", func(u *register.Unit) *string { return &u.CVRNummer },
			[]string{"", "35209115", "64942212", "58271713"},
			map[string][]string{
				"format":        {"3520911", "352091155", "3520911x", "00000000", "DK352091", " 35209115"},
				"kontrolciffer": {"35209116", "53209115", "12345678"},
			},
		},
		{
			"p-nummer", "/pNummer", func(u *register.Unit) *string { return &u.PNummer },
			[]string{"1003259422"},
			map[string][]string{"format": {"100325942", "10032594222", "100325942x", "1003 59422"}},
		},
		{
			"vejnavn", "/adresse/vejNavn", func(u *register.Unit) *string { return &u.Adresse.VejNavn },
			[]string{"Å", "H.C. Andersens Boulevard", long(132)},
			map[string][]string{"mangler": {"", "  "}, "forLang": {long(133)}},
		},
		{
			"husnummer", "/adresse/husNummer", func(u *register.Unit) *string { return &u.Adresse.HusNummer },
			[]string{"1", "12", "999", "1A", "71D", "999z", "004"},
			map[string][]string{"mangler": {""}, "format": {"A", "1234", "12AB", "12 B", "1-3", "12é", "-1", "1å"}},
		},
		{
			"postnummer", "/adresse/postNummer", func(u *register.Unit) *string { return &u.Adresse.PostNummer },
			[]string{"0800", "1058", "5000", "9990"},
			map[string][]string{"mangler": {""}, "format": {"500", "50000", "0799", "9991", "500O", "5000\n", "DK-5000"}},
		},
		{
			"bynavn", "/adresse/byNavn", func(u *register.Unit) *string { return &u.Adresse.ByNavn },
			[]string{"Ry", "København S"},
			map[string][]string{"mangler": {""}, "forLang": {long(133)}},
		},
		{
			"adressetillaeg", "/adresse/supplerendeBynavn", func(u *register.Unit) *string { return &u.Adresse.SupplerendeBynavn },
			[]string{"", "Neder Holluf", long(132)},
			map[string][]string{"forLang": {long(133)}},
		},
		{
			"adressetillaeg", "/adresse/etage", func(u *register.Unit) *string { return &u.Adresse.Etage },
			[]string{"", "st", "1.", "kl"},
			map[string][]string{"forLang": {long(11)}},
		},
		{
			"adressetillaeg", "/adresse/doer", func(u *register.Unit) *string { return &u.Adresse.Doer },
			[]string{"", "tv", "th.", "1204"},
			map[string][]string{"forLang": {long(11)}},
		},
		{
			"dawa-id", "/adresse/dawaId", func(u *register.Unit) *string { return &u.Adresse.DawaID },
			[]string{"", "0A3F50A8-D4F7-32B8-E044-0003BA298018"},
			map[string][]string{"format": {"0a3f50a8", "0a3f50a8d4f732b8e0440003ba298018", "{0a3f50a8-d4f7-32b8-e044-0003ba298018}",
				"0a3f50a8-d4f7-32b8-e044-0003ba29801g", "0a3f50a8-d4f7-32b8-e0440-003ba298018"}},
		},
	} {
		for _, o := range []validation.Operation{validation.Opret, validation.Ret, validation.Indlaes} {
			w := aWrite(o, register.Anvisningsenhed)
			for _, value := range field.good {
				*field.of(&w.After) = value
				want(t, check(t, w))
			}
			for kode, values := range field.bad {
				for _, value := range values {
					*field.of(&w.After) = value
					want(t, check(t, w), field.rule+"/"+kode+" "+field.pointer)
				}
			}
		}
	}
}

func TestCodes(t *testing.T) {
	type unit = register.Unit
	for _, c := range []struct {
		level         register.Level
		rule, pointer string
		of            func(*unit) *int
		bad           int
	}{
		{register.Daginstitution, "ejerform", "/ejerformKode", func(u *unit) *int { return &u.EjerformKode }, 5},
		{register.Daginstitution, "lovgrundlag", "/lovgrundlagKode", func(u *unit) *int { return &u.LovgrundlagKode }, 11},
		{register.Daginstitution, "adm-kommunekode", "/admKommuneKode", func(u *unit) *int { return &u.AdmKommuneKode }, 462},
		{register.Anvisningsenhed, "insttype3", "/instType3", func(u *unit) *int { return &u.InstType3 }, 6015},
		{register.Anvisningsenhed, "kommunekode", "/adresse/kommuneKode", func(u *unit) *int { return &u.Adresse.KommuneKode }, -461},
		{register.AlternativAdresse, "kommunekode", "/adresse/kommuneKode", func(u *unit) *int { return &u.Adresse.KommuneKode }, 1 << 40},
	} {
		w := aWrite(validation.Ret, c.level)
		*c.of(&w.After) = c.bad
		want(t, check(t, w), c.rule+"/ukendtKode "+c.pointer)
		*c.of(&w.After) = 0
		want(t, check(t, w), c.rule+"/mangler "+c.pointer)
	}
}

// TestCodesOfAnotherVersion writes a code that v2 added.
func TestCodesOfAnotherVersion(t *testing.T) {
	w := aWrite(validation.Ret, register.Daginstitution)
	w.After.LovgrundlagKode = 10
	want(t, check(t, w))
	w.Version = register.V1
	want(t, check(t, w), "lovgrundlag/ukendtKode /lovgrundlagKode")
	w.Before.LovgrundlagKode = 10 // what v2 wrote, v1 may leave as it is
	want(t, check(t, w))
}

func TestCoordinates(t *testing.T) {
	given := func(v float64) register.Grad { return register.Grad{Value: v, Given: true} }
	const bredde, laengde = " /adresse/geoBredde", " /adresse/geoLaengde"
	for _, c := range []struct {
		bredde, laengde register.Grad
		want            []string
	}{
		{register.Grad{}, register.Grad{}, nil},
		{given(55.06), given(14.75), nil}, // Bornholm
		{given(57.752), given(10.657), nil},
		{given(55.676), register.Grad{}, []string{"koordinater/mangler" + laengde}},
		{register.Grad{}, given(12.568), []string{"koordinater/mangler" + bredde}},
		{given(12.568), given(55.676), []string{"koordinater/udenfor" + laengde, "koordinater/udenfor" + bredde}}, // swapped
		{given(0), given(0), []string{"koordinater/udenfor" + laengde, "koordinater/udenfor" + bredde}},
		{given(math.NaN()), given(math.Inf(1)), []string{"koordinater/udenfor" + laengde, "koordinater/udenfor" + bredde}},
		{given(64.18), register.Grad{}, []string{"koordinater/mangler" + laengde, "koordinater/udenfor" + bredde}},
	} {
		w := aWrite(validation.Opret, register.AlternativAdresse)
		w.After.Adresse.GeoBredde, w.After.Adresse.GeoLaengde = c.bredde, c.laengde
		want(t, check(t, w), c.want...)
	}
}

// TestEverythingAtOnce sends an empty anvisningsenhed: all that is wrong with it is found.
func TestEverythingAtOnce(t *testing.T) {
	w := &validation.Write{Operation: validation.Opret, Version: register.V2, After: register.Unit{Level: register.Anvisningsenhed}}
	want(t, check(t, w),
		"navn/mangler /enhedsNavn", "insttype3/mangler /instType3", "vejnavn/mangler /adresse/vejNavn",
		"husnummer/mangler /adresse/husNummer", "postnummer/mangler /adresse/postNummer", "bynavn/mangler /adresse/byNavn",
		"kommunekode/mangler /adresse/kommuneKode", "nummer/mangler /daginstitutionsNummer", "?p-nummer-mangler/mangler /pNummer")
}

// TestNames points to the name that each level has.
func TestNames(t *testing.T) {
	for level, pointer := range map[register.Level]string{
		register.Daginstitution: "/daginstitutionsNavn", register.Anvisningsenhed: "/enhedsNavn",
		register.AlternativAdresse: "/alternativAdresseNavn",
	} {
		w := aWrite(validation.Opret, level)
		w.After.Navn = ""
		want(t, check(t, w), "navn/mangler "+pointer)
	}
}

// TestMovesAndClosesSendNoFields finds nothing wrong with what was stored under older rules.
func TestMovesAndClosesSendNoFields(t *testing.T) {
	for _, o := range []validation.Operation{validation.Flyt, validation.Nedlaeg} {
		w := aWrite(o, register.Anvisningsenhed)
		w.Before.Navn, w.Before.Adresse, w.Before.PNummer = "", register.Adresse{}, ""
		w.After.Navn, w.After.Adresse, w.After.PNummer = "", register.Adresse{}, ""
		want(t, check(t, w))
	}
}

func TestSentencesNameTheValue(t *testing.T) {
	w := aWrite(validation.Opret, register.Anvisningsenhed)
	w.After.Adresse.PostNummer = "50\x00" + strings.Repeat("9", 100)
	f := checker.Check(nil, w)[0]
	shown := "50\ufffd" + strings.Repeat("9", 56)
	if !strings.HasPrefix(f.Tekst.Da, "postNummer er »"+shown) || !strings.HasPrefix(f.Tekst.En, "postNummer is “"+shown) {
		t.Errorf("it says %q and %q", f.Tekst.Da, f.Tekst.En)
	}
	if len(f.Tekst.Da) > 250 {
		t.Errorf("it goes on for %d bytes", len(f.Tekst.Da))
	}
}

func TestNormalize(t *testing.T) {
	u := anEnhed()
	u.Navn, u.Email, u.Adresse.HusNummer = " \tBørnehuset  Åkanden\u00a0", " aakanden@børn.odense.dk\n", " 12b "
	u.Adresse.DawaID = " 0A3F50A8-D4F7-32B8-E044-0003BA298018 "
	validation.Normalize(&u)
	expected := anEnhed()
	expected.Navn = "Børnehuset  Åkanden"
	if u != expected {
		t.Errorf("it became %+v", u)
	}
}
