package access_test

import (
	"slices"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

func TestRefusedEntry(t *testing.T) {
	finding := func(rule *validation.Rule, kode string) validation.Finding {
		return rule.Finding("/x", kode, register.Text{Da: "Nej.", En: "No."})
	}
	findings := []validation.Finding{finding(validation.Adgang, "kommune"), finding(validation.PNummerMangler, "mangler")}
	for range 60 {
		findings = append(findings, finding(validation.AktiveUnderenheder, "aktiv"))
	}
	was := slices.Clone(findings)
	e := access.Entry{Handling: "opret", Nummer: "G20000"}.Refused(findings)

	kept, err := validation.Decode(e.Fund)
	if err != nil || len(kept) != 50 || kept[0].Kode != "kommune" || kept[49].Kode != "aktiv" {
		t.Errorf("%v: %d findings are kept", err, len(kept))
	}
	if slices.ContainsFunc(kept, func(f validation.Finding) bool { return f.Severity != validation.Fejl }) {
		t.Error("a warning is kept as what stood in the way")
	}
	if want := []string{"adgang/kommune", "aktive-underenheder/aktiv"}; !slices.Equal(e.Regler, want) || !e.Afvist || e.Handling != "opret" || e.Nummer != "G20000" {
		t.Errorf("the entry is %+v", e)
	}
	if !slices.EqualFunc(findings, was, func(a, b validation.Finding) bool { return a.Rule == b.Rule && a.Kode == b.Kode }) {
		t.Error("what was to be answered has changed")
	}
}

func TestNewEntry(t *testing.T) {
	at := time.Date(2026, 11, 23, 9, 30, 0, 123_456_789, time.FixedZone("CET", 3600))
	one, other := access.NewEntry(at, access.Entry{Handling: "opret", Linje: 7}), access.NewEntry(at, access.Entry{})
	if want := time.Date(2026, 11, 23, 8, 30, 0, 123_000_000, time.UTC); one.Tid != want || one.Handling != "opret" || one.Linje != 7 {
		t.Errorf("%+v", one)
	}
	if one.ID == "" || one.ID == other.ID {
		t.Errorf("two entries have the ids %q and %q", one.ID, other.ID)
	}
}
