package register_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"dagtilbudsregisteret.dk/shared/register"
)

// family is a daginstitution, an anvisningsenhed below it and an alternativ adresse below that.
func family() (d, e, a register.Unit) {
	d = register.Unit{Level: register.Daginstitution, AdmKommuneKode: 461, DaginstitutionsNummer: "G20000"}
	e = register.Unit{Level: register.Anvisningsenhed, EnhedsNummer: "Å20001"}
	a = register.Unit{Level: register.AlternativAdresse, AlternativAdresseNummer: "G20002"}
	e.PlaceUnder(&d)
	a.PlaceUnder(&e)
	return d, e, a
}

func TestTree(t *testing.T) {
	d, e, a := family()
	for _, c := range []struct {
		unit           register.Unit
		number, parent register.Number
		path           string
		belowD, belowE bool
	}{
		{d, "G20000", "", "G20000", false, false},
		{e, "Å20001", "G20000", "G20000/Å20001", true, false},
		{a, "G20002", "Å20001", "G20000/Å20001/G20002", true, true},
	} {
		u := c.unit
		if u.Number() != c.number || u.Parent() != c.parent || u.Path() != c.path || u.AdmKommuneKode != 461 {
			t.Errorf("%s: number %s, parent %s, path %s", u.Level, u.Number(), u.Parent(), u.Path())
		}
		if u.Below("G20000") != c.belowD || u.Below("Å20001") != c.belowE || u.Below(u.Number()) {
			t.Errorf("%s: below %v, %v, itself %v", u.Level, u.Below("G20000"), u.Below("Å20001"), u.Below(u.Number()))
		}
		if u.SetNumber("H00000"); u.Number() != "H00000" || u.Parent() != c.parent {
			t.Errorf("%s: given a number it is %s below %s", u.Level, u.Number(), u.Parent())
		}
	}
}

// TestPathsKeepFamiliesTogether sorts paths: each parent comes right before all that is below it.
func TestPathsKeepFamiliesTogether(t *testing.T) {
	want := []string{"G20000", "G20000/A00000", "G20000/G00001", "G20000/G00001/G99999", "G20000/Å00000", "G20000/Å00000/D00000", "G20001", "Å10000"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("sorted %v, want %v", got, want)
	}
}

func TestSameContent(t *testing.T) {
	_, e, _ := family()
	later := e
	later.Version, later.Position, later.SenestOpdateret = 2, register.Position{Kommune: 461, Nr: 7}, later.SenestOpdateret.AddDate(1, 0, 0)
	if !register.SameContent(e, later) {
		t.Error("version, position and time count as content")
	}
	later.Adresse.GeoBredde = register.Grad{Given: true}
	if register.SameContent(e, later) {
		t.Error("a coordinate of 0 counts as none")
	}
}

func TestLeavesKommune(t *testing.T) {
	d, _, _ := family()
	moved := d
	moved.AdmKommuneKode = 751
	for _, c := range []struct {
		change register.Change
		want   bool
	}{
		{register.Change{Efter: d}, false},
		{register.Change{Foer: d, Efter: d}, false},
		{register.Change{Foer: d, Efter: moved}, true},
	} {
		if c.change.LeavesKommune() != c.want {
			t.Errorf("from %d to %d: %v", c.change.Foer.AdmKommuneKode, c.change.Efter.AdmKommuneKode, !c.want)
		}
	}
}

// TestWords reads what the enumerations write, and finds each word once.
func TestWords(t *testing.T) {
	for _, l := range register.Levels {
		if back, ok := register.ParseLevel(l.String()); !ok || back != l {
			t.Errorf("%s is read as %s", l, back)
		}
	}
	for _, s := range []register.Aktivitetsstatus{register.Aktiv, register.Nedlagt} {
		if back, ok := register.ParseAktivitetsstatus(s.String()); !ok || back != s {
			t.Errorf("%s is read as %s", s, back)
		}
	}
	for _, word := range []string{"", "Daginstitution", "niveau(0)", "aktiv"} {
		_, level := register.ParseLevel(word)
		_, status := register.ParseAktivitetsstatus(word)
		if level || status {
			t.Errorf("%q is read", word)
		}
	}
	words := make(map[string]bool)
	for _, w := range []fmt.Stringer{
		register.Oprettelse, register.Aendring, register.Flytning, register.Nedlaeggelse, register.Indlaesning, register.VedKald,
		register.VedImport, register.MedForaelder, register.VedRettelse, register.Ledig, register.Reserveret, register.Ubrugt, register.Brugt, register.V1, register.V2,
		register.Level(9), register.Aktivitetsstatus(9),
	} {
		if words[w.String()] {
			t.Errorf("%q stands for two things", w)
		}
		words[w.String()] = true
	}
}

func TestPositions(t *testing.T) {
	positions := register.Positions{{Kommune: 101, Nr: 7}, {Kommune: 461, Nr: 1 << 40}}
	if got := positions.String(); got != "101:7,461:1099511627776" {
		t.Errorf("positions %s", got)
	}
	if got := register.Positions(nil).String(); got != "" {
		t.Errorf("no positions are %q", got)
	}
}

func TestNameKey(t *testing.T) {
	for _, navn := range []string{"Børnehuset Åkanden", "  BØRNEHUSET \t åkanden ", "børnehuset\u00a0åkanden"} {
		if got := register.NameKey(navn); got != "børnehuset åkanden" {
			t.Errorf("%q compares as %q", navn, got)
		}
	}
}

func TestErrors(t *testing.T) {
	cause := errors.New("disk on fire")
	err := error(&register.Error{Kind: register.Unavailable, Detail: register.Text{Da: "Senere.", En: "Later."}, Cause: cause})
	for e, want := range map[error]register.Kind{
		err: register.Unavailable, fmt.Errorf("outside: %w", err): register.Unavailable, errors.Join(cause, err): register.Unavailable,
		cause: register.Internal, register.Unknown("G1"): register.NotFound,
	} {
		if got := register.KindOf(e); got != want {
			t.Errorf("%v is %s, want %s", e, got, want)
		}
	}
	if register.KindOf(nil) != register.Internal {
		t.Error("no error has a kind of its own")
	}
	if !errors.Is(err, cause) || err.Error() != "unavailable: Later.: disk on fire" {
		t.Errorf("for the log it is %q", err)
	}
	names := make(map[string]bool)
	for _, k := range register.Kinds() {
		names[k.String()] = true
	}
	if len(names) != int(register.Gone)+1 || names[""] {
		t.Errorf("the kinds are %v", names)
	}
	if own, _ := errors.AsType[*register.Error](register.Unknown("G1")); !strings.Contains(own.Detail.Da, "G1") || !strings.Contains(own.Detail.En, "G1") {
		t.Errorf("an unknown number is not named in %+v", own.Detail)
	}
}
