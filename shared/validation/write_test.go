package validation_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

var checker = validation.New(codes.Embedded())

// tester is what *testing.T, *testing.B and *rapid.T have in common.
type tester interface {
	Helper()
	Errorf(format string, args ...any)
}

// aDaginstitution is a sound municipal daginstitution in Odense.
func aDaginstitution() register.Unit {
	return register.Unit{
		Level: register.Daginstitution, AdmKommuneKode: 461, DaginstitutionsNummer: "G20000", Navn: "Område Øst",
		EjerformKode: 1, LovgrundlagKode: 1, Aktivitetsstatus: register.Aktiv, Version: 1,
	}
}

// anEnhed is a sound børnehave below it.
func anEnhed() register.Unit {
	return register.Unit{
		Level: register.Anvisningsenhed, AdmKommuneKode: 461, DaginstitutionsNummer: "G20000", EnhedsNummer: "G20001",
		Navn: "Børnehuset Åkanden", InstType3: 6011, Email: "aakanden@børn.odense.dk", TelefonNummer: "+45 65 51 00 00",
		Adresse: register.Adresse{
			VejNavn: "Æblestien", HusNummer: "12b", Etage: "st", Doer: "tv", PostNummer: "5220", ByNavn: "Odense SØ",
			SupplerendeBynavn: "Neder Holluf", KommuneKode: 461, DawaID: "0a3f50a8-d4f7-32b8-e044-0003ba298018",
			GeoBredde: register.Grad{Value: 55.37, Given: true}, GeoLaengde: register.Grad{Value: 10.44, Given: true},
		},
		CVRNummer: "35209115", PNummer: "1003259422", Aktivitetsstatus: register.Aktiv, Version: 1,
	}
}

// anAdresse is a sound alternativ adresse below that.
func anAdresse() register.Unit {
	u := anEnhed()
	u.Level, u.AlternativAdresseNummer, u.Navn = register.AlternativAdresse, "G20002", "Skovhuset"
	u.InstType3, u.Email, u.TelefonNummer = 0, "", ""
	return u
}

// a gives the sound unit of a level.
func a(level register.Level) register.Unit {
	switch level {
	case register.Daginstitution:
		return aDaginstitution()
	case register.Anvisningsenhed:
		return anEnhed()
	}
	return anAdresse()
}

// aWrite is a sound write of a sound unit through v2.
func aWrite(o validation.Operation, level register.Level) *validation.Write {
	w := &validation.Write{Operation: o, Version: register.V2, After: a(level)}
	if o != validation.Opret {
		w.Before = w.After
	}
	if level > register.Daginstitution {
		w.Parent = a(level - 1)
	}
	if o == validation.Nedlaeg {
		w.After.Aktivitetsstatus = register.Nedlagt
	}
	return w
}

// misprint is what fmt writes where a verb and its value disagree.
var misprint = regexp.MustCompile(`%!\w?\(`)

// check gives the findings about a write as lines "rule/code pointer number", those of warnings with a "?" before them, and holds
// each finding to what holds for all.
func check(t tester, w *validation.Write) []string {
	t.Helper()
	return lines(t, checker.Check(nil, w))
}

func lines(t tester, findings []validation.Finding) []string {
	t.Helper()
	var out []string
	for _, f := range findings {
		line := f.Rule.ID + "/" + f.Kode
		if f.Severity == validation.Advarsel {
			line = "?" + line
		}
		out = append(out, strings.TrimRight(line+" "+f.Pointer+" "+string(f.Nummer), " "))
		for _, sentence := range []string{f.Tekst.Da, f.Tekst.En} {
			if !strings.HasSuffix(sentence, ".") || misprint.MatchString(sentence) {
				t.Errorf("%s: %q is no sentence", line, sentence)
			}
		}
		if f.Tekst.Da == f.Tekst.En {
			t.Errorf("%s says the same in both languages: %s", line, f.Tekst.Da)
		}
	}
	return out
}

func want(t tester, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("found\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

func TestSoundWritesPass(t *testing.T) {
	for _, level := range register.Levels {
		for o := validation.Opret; o <= validation.Indlaes; o++ {
			for _, v := range []register.ServiceVersion{register.V1, register.V2} {
				w := aWrite(o, level)
				w.Version = v
				want(t, check(t, w))
			}
		}
	}
}
