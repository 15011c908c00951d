package validation_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// code draws one of the codes, most of the time.
func code(known ...int) *rapid.Generator[int] {
	return rapid.OneOf(rapid.SampledFrom(known), rapid.SampledFrom(known), rapid.SampledFrom(known), rapid.Int())
}

var (
	someEjerform    = code(1, 2, 3, 4)
	someLovgrundlag = code(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
	someInstType    = code(6010, 6011, 6012, 6013, 6014, 6020, 6021, 6022)
	someNumber      = rapid.Map(rapid.SampledFrom([]string{"", "G20000", "G20001", "G20002", "G20009", "x"}),
		func(s string) register.Number { return register.Number(s) })
	someText = rapid.OneOf(rapid.String(),
		rapid.SampledFrom([]string{"", "12b", "5220", "35209115", "1003259422", "a@b.dk", "\xff", "a\x00"}))
)

// someUnit draws any unit at all, of a level within or beyond the three.
var someUnit = rapid.Custom(func(t *rapid.T) register.Unit {
	u := a(register.Level(rapid.IntRange(1, 3).Draw(t, "sound level")))
	u.Level = register.Level(rapid.IntRange(0, 4).Draw(t, "level"))
	u.AdmKommuneKode = code(461, 751).Draw(t, "kommune")
	u.DaginstitutionsNummer, u.EnhedsNummer = someNumber.Draw(t, "number 1"), someNumber.Draw(t, "number 2")
	u.EjerformKode, u.LovgrundlagKode = someEjerform.Draw(t, "ejerform"), someLovgrundlag.Draw(t, "lovgrundlag")
	u.InstType3 = someInstType.Draw(t, "type")
	u.Aktivitetsstatus = register.Aktivitetsstatus(rapid.IntRange(0, 2).Draw(t, "status"))
	if rapid.Bool().Draw(t, "odd texts") {
		b := &u.Adresse
		for _, s := range []*string{&u.Navn, &u.Email, &u.TelefonNummer, &u.CVRNummer, &u.PNummer, &b.VejNavn, &b.HusNummer, &b.Etage,
			&b.Doer, &b.PostNummer, &b.ByNavn, &b.SupplerendeBynavn, &b.DawaID} {
			*s = someText.Draw(t, "text")
		}
		b.GeoBredde = register.Grad{Value: rapid.Float64().Draw(t, "bredde"), Given: rapid.Bool().Draw(t, "given")}
	}
	return u
})

// someWrite draws any write at all.
var someWrite = rapid.Custom(func(t *rapid.T) *validation.Write {
	units := rapid.SliceOfN(someUnit, 0, 4)
	return &validation.Write{
		Operation: validation.Operation(rapid.IntRange(0, 7).Draw(t, "operation")),
		Version:   register.ServiceVersion(rapid.IntRange(0, 3).Draw(t, "version")),
		Before:    someUnit.Draw(t, "before"), After: someUnit.Draw(t, "after"), Parent: someUnit.Draw(t, "parent"),
		Below: units.Draw(t, "below"), Namesakes: units.Draw(t, "namesakes"),
	}
})

func isCross(f validation.Finding) bool { return f.Rule == validation.Krydsvalidering }

// TestFindingsKeepToTheirRules checks any write: nothing panics, and each finding is of a rule that says it applies.
func TestFindingsKeepToTheirRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := someWrite.Draw(t, "write")
		level := w.After.Level
		if w.Operation == validation.Nedlaeg {
			level = w.Before.Level
		}
		findings := checker.Check(nil, w)
		lines(t, findings)
		for _, f := range findings {
			if !f.Rule.Gaelder(w.Operation, level, w.Version) {
				t.Errorf("%s does not apply to %d on %s in %s", f.Rule.ID, w.Operation, level, w.Version)
			}
			if isCross(f) && (w.Version == register.V1 || w.Operation == validation.Nedlaeg || level == register.AlternativAdresse) {
				t.Errorf("cross-validated: %+v", f)
			}
			if f.Severity > f.Rule.Severity && w.Operation != validation.Indlaes {
				t.Errorf("%s is only a warning", f.Rule.ID)
			}
		}
	})
}

// TestOrderDoesNotMatter checks the same write with the rows around it in another order.
func TestOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := someWrite.Draw(t, "write")
		before := check(t, w)
		want(t, check(t, w), before...)
		w.Below, w.Namesakes = rapid.Permutation(w.Below).Draw(t, "below"), rapid.Permutation(w.Namesakes).Draw(t, "namesakes")
		after := check(t, w)
		slices.Sort(before)
		slices.Sort(after)
		want(t, after, before...)
	})
}

// crossWrite draws a write that is sound but for its codes.
var crossWrite = rapid.Custom(func(t *rapid.T) *validation.Write {
	o := rapid.SampledFrom([]validation.Operation{validation.Opret, validation.Ret, validation.Indlaes}).Draw(t, "operation")
	w := aWrite(o, register.Level(rapid.IntRange(1, 2).Draw(t, "level")))
	d := &w.Parent
	if w.After.Level == register.Daginstitution {
		d = &w.After
		types := rapid.SliceOfN(rapid.SampledFrom([]int{6010, 6011, 6012, 6013, 6014, 6020, 6021, 6022}), 0, 3).Draw(t, "types below")
		for i, instType := range types {
			w.Below = append(w.Below, enhedOf(register.Number("G2010"+string(rune('0'+i))), instType))
		}
	} else {
		w.After.InstType3 = rapid.IntRange(6010, 6014).Draw(t, "type")
	}
	d.EjerformKode, d.LovgrundlagKode = rapid.IntRange(1, 4).Draw(t, "ejerform"), rapid.IntRange(1, 10).Draw(t, "lovgrundlag")
	return w
})

// apply does to a unit what a patch does to its body.
func apply(t *rapid.T, u *register.Unit, patch validation.Patch) {
	for _, op := range patch {
		switch op.Path {
		case "/ejerformKode":
			u.EjerformKode = op.Value
		case "/lovgrundlagKode":
			u.LovgrundlagKode = op.Value
		case "/instType3":
			u.InstType3 = op.Value
		default:
			t.Fatalf("it patches %s", op.Path)
		}
	}
}

// TestFixesPass applies every fix that is offered, and finds none that was kept back.
func TestFixesPass(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := crossWrite.Draw(t, "write")
		for _, f := range checker.Check(nil, w) {
			if !isCross(f) {
				t.Fatalf("found %+v", f)
			}
			for i, patch := range f.Rettelser {
				mended := *w
				apply(t, &mended.After, patch)
				want(t, check(t, &mended))
				if i > 0 && len(patch) < len(f.Rettelser[i-1]) {
					t.Errorf("fix %d changes less than the one before it", i)
				}
			}
			if len(f.Rettelser) == 0 && w.After.Level == register.Daginstitution {
				noneExists(t, *w)
			}
		}
	})
}

// noneExists tries all there is on a daginstitution that nothing was offered for.
func noneExists(t *rapid.T, w validation.Write) {
	for w.After.EjerformKode = 1; w.After.EjerformKode <= 4; w.After.EjerformKode++ {
		for w.After.LovgrundlagKode = 1; w.After.LovgrundlagKode <= 10; w.After.LovgrundlagKode++ {
			if len(checker.Check(nil, &w)) == 0 {
				t.Fatalf("ejerform %d and lovgrundlag %d would pass", w.After.EjerformKode, w.After.LovgrundlagKode)
			}
		}
	}
}
