package validation_test

import (
	"reflect"
	"testing"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

var tekst = register.Text{Da: "Noget er galt.", En: "Something is wrong."}

func TestKind(t *testing.T) {
	find := func(rules ...*validation.Rule) (findings []validation.Finding) {
		for _, r := range rules {
			findings = append(findings, r.Finding("", "x", tekst))
		}
		return findings
	}
	for _, c := range []struct {
		findings []validation.Finding
		kind     register.Kind
		blocking bool
	}{
		{nil, register.Internal, false},
		{find(validation.PNummerMangler, validation.MuligDublet), register.Internal, false},
		{find(validation.MuligDublet, validation.Navn), register.Invalid, true},
		{find(validation.Navn, validation.Nedlagt), register.Conflict, true},
		{find(validation.Nedlagt, validation.Foraelder, validation.Navn), register.NotFound, true},
		{find(validation.Nedlagt, validation.ForaeldetVersion), register.Stale, true},
		{find(validation.ManglerIfMatch, validation.Navn), register.Missing, true},
		{find(validation.GenbrugtNoegle), register.Reused, true},
		{find(validation.ForStor), register.TooLarge, true},
		{find(validation.UgyldigJSON), register.Malformed, true},
		{find(validation.Foraelder, validation.ForaeldetVersion, validation.Adgang, validation.Navn), register.Forbidden, true},
		{find(validation.Adgang, validation.Tempo), register.Limited, true},
		{find(validation.Tempo, validation.Login, validation.Adgang), register.Unauthenticated, true},
		{find(validation.SystembrugerTilstand, validation.UkendtSystembruger), register.NotFound, true},
		{find(validation.Systembruger, validation.SystembrugerTilstand), register.Conflict, true},
	} {
		if kind, blocking := validation.Kind(c.findings), validation.Blocking(c.findings); kind != c.kind || blocking != c.blocking {
			t.Errorf("%v: %v, blocking %v; want %v, %v", lines(t, c.findings), kind, blocking, c.kind, c.blocking)
		}
	}
}

// TestEveryRuleHasItsKind finds a rule whose kind the order of kinds forgets.
func TestEveryRuleHasItsKind(t *testing.T) {
	for _, r := range validation.Rules() {
		f := r.Finding("", "x", tekst)
		f.Severity = validation.Fejl
		if kind := validation.Kind([]validation.Finding{f}); kind != r.Kind {
			t.Errorf("%s makes %v, want %v", r.ID, kind, r.Kind)
		}
	}
}

func TestEncodeDecode(t *testing.T) {
	f := validation.Krydsvalidering.Finding("/instType3", "ulovligType", register.Text{Da: "»Æ« & <b>.", En: "“Æ”."})
	f.Severity, f.Nummer = validation.Advarsel, "G20000"
	f.Rettelser = []validation.Patch{{{Op: "replace", Path: "/instType3", Value: 6011}}}
	findings := []validation.Finding{f, validation.PNummerMangler.Finding("/pNummer", "mangler", tekst)}

	stored := validation.Encode(findings)
	got, err := validation.Decode(stored)
	if err != nil || !reflect.DeepEqual(got, findings) {
		t.Errorf("%v: %s came back as %+v", err, stored, got)
	}
	if again := validation.Encode(got); string(again) != string(stored) {
		t.Errorf("written again it is %s, not %s", again, stored)
	}
}

func TestEncodeNothing(t *testing.T) {
	if stored := validation.Encode(nil); stored != nil {
		t.Errorf("no findings are stored as %q", stored)
	}
	if got, err := validation.Decode(nil); got != nil || err != nil {
		t.Errorf("nothing is read as %v, %v", got, err)
	}
}

// TestDecodeStored reads the form as it is stored today, with a rule that is gone.
func TestDecodeStored(t *testing.T) {
	stored := `[{"regel":"borte","alvor":2,"kode":"x","da":"Var galt.","en":"Was wrong."}]`
	got, err := validation.Decode([]byte(stored))
	if err != nil || len(got) != 1 || got[0].Rule.ID != "borte" || got[0].Severity != validation.Advarsel ||
		got[0].Tekst.En != "Was wrong." {
		t.Errorf("%v: read as %+v", err, got)
	}
	if _, err := validation.Decode([]byte("[")); err == nil {
		t.Error("half a list is read")
	}
}
