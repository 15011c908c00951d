package validation_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// enhedOf is a sound anvisningsenhed of a type, under a number.
func enhedOf(n register.Number, instType3 int) register.Unit {
	u := anEnhed()
	u.EnhedsNummer, u.InstType3 = n, instType3
	return u
}

// patches writes fixes down as "path=value path=value".
func patches(f validation.Finding) (out []string) {
	for _, patch := range f.Rettelser {
		line := ""
		for _, op := range patch {
			line += fmt.Sprintf(" %s=%d", op.Path, op.Value)
		}
		out = append(out, line[1:])
	}
	return out
}

// TestCrossValidateAll tries every combination of the three tables on both levels.
func TestCrossValidateAll(t *testing.T) {
	tables, lawful := codes.Embedded(), 0
	for _, l := range tables.Lovgrundlag.Codes {
		for _, e := range tables.Ejerformer.Codes {
			for _, i := range tables.InstTyper.Codes {
				w := aWrite(validation.Opret, register.Anvisningsenhed)
				w.Parent.EjerformKode, w.Parent.LovgrundlagKode, w.After.InstType3 = e.Kode, l.Kode, i.Kode
				passed := len(check(t, w)) == 0
				if passed {
					lawful++
				}
				tree := aWrite(validation.Ret, register.Daginstitution)
				tree.After.EjerformKode, tree.After.LovgrundlagKode = e.Kode, l.Kode
				tree.Below = []register.Unit{w.After}
				if alike := len(check(t, tree)) == 0; alike != passed || passed != tables.Lawful(l.Kode, e.Kode, i.Kode) {
					t.Errorf("%d, %d, %d: the unit passes: %v, the daginstitution: %v", l.Kode, e.Kode, i.Kode, passed, alike)
				}
			}
		}
	}
	if lawful != 36 {
		t.Errorf("%d combinations pass, want 36", lawful)
	}
}

// TestWhereCrossValidationApplies writes an unlawful unit in every way.
func TestWhereCrossValidationApplies(t *testing.T) {
	const line = "krydsvalidering/ulovligType "
	for o, v2 := range map[validation.Operation][]string{
		validation.Opret:   {line + "/instType3 G20000"},
		validation.Ret:     {line + "/instType3 G20000"},
		validation.Flyt:    {line + "/daginstitutionsNummer G20000"},
		validation.Nedlaeg: nil,
		validation.Indlaes: {"?" + line + "/instType3 G20000"},
	} {
		w := aWrite(o, register.Anvisningsenhed)
		w.Before.InstType3, w.After.InstType3 = 6013, 6013
		want(t, check(t, w), v2...)
		w.Version = register.V1
		want(t, check(t, w))
	}
	w := aWrite(validation.Opret, register.AlternativAdresse)
	w.Parent.InstType3 = 6013
	want(t, check(t, w))
}

func TestUnlawfulUnit(t *testing.T) {
	w := aWrite(validation.Opret, register.Anvisningsenhed)
	w.After.InstType3 = 6013
	f := checker.Check(nil, w)[0]
	want(t, patches(f), "/instType3=6012", "/instType3=6014", "/instType3=6011", "/instType3=6010")
	if !strings.HasSuffix(f.Tekst.Da, "Lovlige typer dér: 6010, 6011, 6012, 6014.") {
		t.Errorf("it says %q", f.Tekst.Da)
	}

	w = aWrite(validation.Flyt, register.Anvisningsenhed)
	w.Before.InstType3, w.After.InstType3 = 6013, 6013
	if f := checker.Check(nil, w)[0]; f.Rettelser != nil {
		t.Errorf("a move sends no type to mend, yet %v is offered", patches(f))
	}
}

// TestUnlawfulDaginstitutionAbove creates a unit where no type is lawful.
func TestUnlawfulDaginstitutionAbove(t *testing.T) {
	w := aWrite(validation.Opret, register.Anvisningsenhed)
	w.Parent.EjerformKode, w.Parent.LovgrundlagKode, w.After.InstType3 = 2, 5, 6013
	f := checker.Check(nil, w)[0]
	want(t, lines(t, []validation.Finding{f}), "krydsvalidering/ulovligDaginstitution /instType3 G20000")
	if f.Rettelser != nil || !strings.Contains(f.Tekst.Da, "ret daginstitutionen sammen med det, der ligger under den") || !strings.Contains(f.Tekst.En, "G20000") {
		t.Errorf("%v: %+v", patches(f), f.Tekst)
	}
	wantWayOut(t, w)
}

// wantWayOut holds the findings of a write to that they name the calls that change above and below at once, where it is no such call itself,
// and that none says what is to come first.
func wantWayOut(t *testing.T, w *validation.Write) {
	t.Helper()
	for _, w.InTree = range []bool{false, true} {
		for _, f := range checker.Check(nil, w) {
			for _, text := range []string{f.Tekst.Da, f.Tekst.En} {
				named := strings.Contains(text, "PUT /v2/dagtilbud/{nummer}") && strings.Contains(text, "ReplaceDagtilbud")
				if named == w.InTree || strings.Contains(text, "først") || strings.Contains(text, "first") || !strings.HasSuffix(text, ".") {
					t.Errorf("in a tree: %v: it says %q", w.InTree, text)
				}
			}
		}
	}
}

func TestUnlawfulDaginstitution(t *testing.T) {
	w := aWrite(validation.Opret, register.Daginstitution)
	w.After.EjerformKode, w.After.LovgrundlagKode = 2, 5
	findings := checker.Check(nil, w)
	want(t, lines(t, findings), "krydsvalidering/ulovligtPar /lovgrundlagKode")
	want(t, patches(findings[0]),
		"/ejerformKode=1", "/ejerformKode=3", // the same distance, in table order
		"/lovgrundlagKode=7", "/lovgrundlagKode=2", "/lovgrundlagKode=8", "/lovgrundlagKode=9", "/lovgrundlagKode=10",
		"/ejerformKode=1 /lovgrundlagKode=6")
}

// TestUnitsInTheWay turns a municipal daginstitution into a private one.
func TestUnitsInTheWay(t *testing.T) {
	w := aWrite(validation.Ret, register.Daginstitution)
	w.After.EjerformKode = 3
	w.After.LovgrundlagKode = 5
	w.Below = []register.Unit{
		enhedOf("G20001", 6011), anAdresse(), closedUnit(enhedOf("G20003", 6020)), enhedOf("G20004", 6013), enhedOf("G20005", 6012),
	}
	findings := checker.Check(nil, w)
	want(t, lines(t, findings),
		"krydsvalidering/ulovligUnderenhed /lovgrundlagKode G20001", "krydsvalidering/ulovligUnderenhed /lovgrundlagKode G20005")
	for _, f := range findings {
		if f.Rettelser != nil || !strings.Contains(f.Tekst.Da, string(f.Nummer)) || !strings.Contains(f.Tekst.En, "change them together with the daginstitution") {
			t.Errorf("%v: %+v", patches(f), f.Tekst)
		}
	}
	wantWayOut(t, w)
	w.InTree = false
	if !strings.Contains(findings[1].Tekst.Da, "af typen 6012 »Aldersintegreret institution (0-5 år)«") {
		t.Errorf("the type is not named in %q", findings[1].Tekst.Da)
	}

	w.Below = slices.Delete(w.Below, 3, 4) // without the dagpleje, ways out are found
	findings = checker.Check(nil, w)
	want(t, patches(findings[0]), "/lovgrundlagKode=4", "/ejerformKode=1 /lovgrundlagKode=6", "/ejerformKode=4 /lovgrundlagKode=3",
		"/ejerformKode=2 /lovgrundlagKode=2", "/ejerformKode=1 /lovgrundlagKode=1")
}

// TestUnlawfulStaysUnlawful changes only the name of a row that was unlawful before.
func TestUnlawfulStaysUnlawful(t *testing.T) {
	w := aWrite(validation.Ret, register.Daginstitution)
	w.Before.LovgrundlagKode, w.After.LovgrundlagKode = 2, 2
	w.After.Navn = "Område Sydøst"
	w.Below = []register.Unit{anEnhed()}
	want(t, check(t, w),
		"krydsvalidering/ulovligtPar /lovgrundlagKode", "krydsvalidering/ulovligUnderenhed /lovgrundlagKode G20001")
	w.Version = register.V1
	want(t, check(t, w))
}

// TestUnknownCodesAreEnough does not hold an unknown code against the triples.
func TestUnknownCodesAreEnough(t *testing.T) {
	w := aWrite(validation.Ret, register.Daginstitution)
	w.After.EjerformKode, w.Below = 9, []register.Unit{anEnhed()}
	want(t, check(t, w), "ejerform/ukendtKode /ejerformKode")
}

// TestMoveOfAnUnknownType moves a row whose type has left the table since.
func TestMoveOfAnUnknownType(t *testing.T) {
	w := aWrite(validation.Flyt, register.Anvisningsenhed)
	w.Before.InstType3, w.After.InstType3 = 6999, 6999
	want(t, check(t, w), "krydsvalidering/ulovligType /daginstitutionsNummer G20000")
}
