package access_test

import (
	"errors"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/register"
)

// The levels, for short.
const (
	d = register.Daginstitution
	e = register.Anvisningsenhed
	a = register.AlternativAdresse
)

// row is a row of municipality 461 whose numbers are those of its tree: G20000 above G20001 above G20002.
func row(l register.Level, edits ...func(*register.Unit)) register.Unit {
	u := register.Unit{Level: l, AdmKommuneKode: 461, DaginstitutionsNummer: "G20000", EnhedsNummer: "G20001", AlternativAdresseNummer: "G20002"}
	if l < a {
		u.AlternativAdresseNummer = ""
	}
	if l < e {
		u.EnhedsNummer = ""
	}
	for _, edit := range edits {
		edit(&u)
	}
	return u
}

func in(kommune int) func(*register.Unit) {
	return func(u *register.Unit) { u.AdmKommuneKode = kommune }
}
func ofCVR(cvr string) func(*register.Unit) { return func(u *register.Unit) { u.CVRNummer = cvr } }
func numbered(n register.Number) func(*register.Unit) {
	return func(u *register.Unit) { u.SetNumber(n) }
}

// runAs is how a row tells the tests the ejerform of its daginstitution.
func runAs(ejerform int) func(*register.Unit) {
	return func(u *register.Unit) { u.EjerformKode = ejerform }
}

func ejerform(u *register.Unit) (int, error) { return u.EjerformKode, nil }

// judge gives the code of what a user lacks to make a change, "" for nothing. The zero before is a new row.
func judge(t *testing.T, u *access.User, before, after register.Unit) string {
	t.Helper()
	rights := u.Rights(now)
	missing, err := rights.Change(&before, &after, ejerform, ejerform)
	if err != nil {
		t.Fatal(err)
	}
	return code(missing)
}

func code(m *access.Missing) string {
	if m == nil {
		return ""
	}
	return m.Kode
}

var none register.Unit

func leverandoer(grants ...access.Grant) *access.User {
	return &access.User{Navn: "os", Rolle: access.Leverandoer, Forbindelse: access.Levere, Grants: grants}
}

func ejer(grants ...access.Grant) *access.User {
	return &access.User{Navn: "ejer", Rolle: access.Ejer, Forbindelse: access.Levere, CVRNummer: "35209115", Grants: grants}
}

func TestRightsOfRoles(t *testing.T) {
	for _, c := range []struct {
		rolle                access.Role
		write, load, foreign string // what is missing to write, to load, and to have a row change municipality
		series               string
	}{
		{access.Laeser, "rolle", "indlaes", "rolle", "nummerserie"},
		{access.Leverandoer, "kommune", "indlaes", "kommune", "nummerserie"},
		{access.Ejer, "ejer", "indlaes", "ejer", "nummerserie"},
		{access.Drift, "", "", "", ""},
		{access.Support, "", "indlaes", "", "nummerserie"},
	} {
		u := &access.User{Rolle: c.rolle, Forbindelse: access.Laese | access.Levere}
		rights := u.Rights(now)
		if got := judge(t, u, none, row(d)); got != c.write {
			t.Errorf("%s writes: %q", c.rolle, got)
		}
		if got := judge(t, u, row(d), row(d, in(751))); got != c.foreign {
			t.Errorf("%s moves: %q", c.rolle, got)
		}
		if got := code(rights.Load()); got != c.load {
			t.Errorf("%s loads: %q", c.rolle, got)
		}
		if got := code(rights.Series()); got != c.series {
			t.Errorf("%s moves the series: %q", c.rolle, got)
		}

		u.Forbindelse = access.Laese
		rights = u.Rights(now)
		if judge(t, u, none, row(d)) != "rolle" || rights.Load() == nil || rights.Series() == nil {
			t.Errorf("%s may write without the right to deliver", c.rolle)
		}
	}
}

// TestZeroRights holds that whoever forgets to say what may be written lets nothing be written.
func TestZeroRights(t *testing.T) {
	var zero access.Rights
	everything := access.Everything
	before, after := row(d), row(d, in(751))
	for _, c := range []struct {
		rights *access.Rights
		denied bool
	}{{&zero, true}, {&everything, false}} {
		missing, err := c.rights.Change(&before, &after, ejerform, ejerform)
		if err != nil || (missing != nil) != c.denied || (c.rights.Load() != nil) != c.denied || (c.rights.Series() != nil) != c.denied {
			t.Errorf("%+v: change %v, load %v, series %v, %v", c.rights, missing, c.rights.Load(), c.rights.Series(), err)
		}
	}
}

func TestGrantsOfMunicipalities(t *testing.T) {
	kommune := func(kode int) access.Grant { return access.Grant{Kommune: kode} }
	levels := func(niveauer ...register.Level) access.Grant { return access.Grant{Kommune: 461, Niveauer: niveauer} }
	ejerformer := func(koder ...int) access.Grant { return access.Grant{Kommune: 461, Ejerformer: koder} }
	type grants = []access.Grant
	for _, c := range []struct {
		name          string
		grants        grants
		before, after register.Unit
		want          string
	}{
		{"none", nil, none, row(d), "kommune"},
		{"its own", grants{kommune(461)}, row(e), row(e), ""},
		{"new", grants{kommune(461)}, none, row(a), ""},
		{"another's", grants{kommune(751)}, row(e), row(e), "kommune"},
		{"one of several", grants{kommune(751), kommune(461)}, none, row(d), ""},
		{"of no municipality", grants{{}}, none, row(d, in(0)), "kommune"},
		{"of a unit, which is for owners", grants{{Nummer: "G20000"}}, row(d), row(d), "kommune"},

		{"the level", grants{levels(e)}, row(e), row(e), ""},
		{"another level", grants{levels(d, a)}, row(e), row(e), "niveau"},
		{"another level, and the level", grants{levels(d), levels(e)}, row(e), row(e), ""},
		{"the level elsewhere", grants{levels(d), {Kommune: 751, Niveauer: []register.Level{e}}}, row(e), row(e), "niveau"},

		{"the ejerform", grants{ejerformer(1, 2)}, row(e, runAs(2)), row(e, runAs(2)), ""},
		{"another ejerform", grants{ejerformer(1, 2)}, row(e, runAs(3)), row(e, runAs(3)), "ejerform"},
		{"to another ejerform", grants{ejerformer(1)}, row(d, runAs(1)), row(d, runAs(3)), "ejerform"},
		{"from another ejerform", grants{ejerformer(1)}, row(d, runAs(3)), row(d, runAs(1)), "ejerform"},
		{"from one grant's to the other's", grants{ejerformer(1), ejerformer(3)}, row(d, runAs(1)), row(d, runAs(3)), ""},
		{"the level of one, the ejerform of the other", grants{{Kommune: 461, Niveauer: []register.Level{e}, Ejerformer: []int{1}}, levels(d)},
			row(e, runAs(3)), row(e, runAs(3)), "ejerform"},
		{"of a daginstitution that is not known", grants{ejerformer(1)}, none, row(e), "ejerform"},

		{"a change of municipality, the right to neither", grants{kommune(101)}, row(d), row(d, in(751)), "kommune"},
		{"the right to the old", grants{kommune(461)}, row(d), row(d, in(751)), "kommune"},
		{"the right to the new", grants{kommune(751)}, row(d), row(d, in(751)), "kommune"},
		{"the right to both", grants{kommune(751), kommune(461)}, row(d), row(d, in(751)), ""},
		{"the right to both, one of another level", grants{levels(d), {Kommune: 751, Niveauer: []register.Level{e}}}, row(d), row(d, in(751)), "niveau"},
	} {
		if got := judge(t, leverandoer(c.grants...), c.before, c.after); got != c.want {
			t.Errorf("%s: %q is missing, want %q", c.name, got, c.want)
		}
	}
}

// TestGrantPeriods goes by the days of Denmark, over midnight in winter and in summer.
func TestGrantPeriods(t *testing.T) {
	of := func(fra, til access.Day) access.Grant { return access.Grant{Kommune: 461, Fra: fra, Til: til} }
	revoked := of("2026-01-01", "")
	revoked.Tilbagekaldt = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC) // what is revoked is revoked, whenever that was
	winter, summer := of("2027-01-10", "2027-01-20"), of("2027-07-10", "2027-07-20")
	for _, c := range []struct {
		name  string
		grant access.Grant
		utc   string
		want  bool
	}{
		{"before the first day", winter, "2027-01-09T22:59:59.999Z", false},
		{"as the first day begins", winter, "2027-01-09T23:00:00Z", true},
		{"as the last day ends", winter, "2027-01-20T22:59:59.999Z", true},
		{"after the last day", winter, "2027-01-20T23:00:00Z", false},
		{"before the first day, in summer", summer, "2027-07-09T21:59:59.999Z", false},
		{"as the first day begins, in summer", summer, "2027-07-09T22:00:00Z", true},
		{"as the last day ends, in summer", summer, "2027-07-20T21:59:59.999Z", true},
		{"after the last day, in summer", summer, "2027-07-20T22:00:00Z", false},
		{"its only day", of("2027-01-10", "2027-01-10"), "2027-01-10T12:00:00Z", true},
		{"without an end", of("2027-01-10", ""), "2099-01-01T00:00:00Z", true},
		{"revoked", revoked, "2027-01-01T12:00:00Z", false},
	} {
		at, err := time.Parse(time.RFC3339, c.utc)
		if err != nil {
			t.Fatal(err)
		}
		u, unit := leverandoer(c.grant), row(d)
		rights := u.Rights(at)
		missing, err := rights.Change(&none, &unit, ejerform, ejerform)
		if err != nil || (missing == nil) != c.want || c.grant.Holds(access.DayOf(at)) != c.want {
			t.Errorf("%s: %q is missing, %v", c.name, code(missing), err)
		}
	}
}

func TestGrantsOfUnits(t *testing.T) {
	of := func(n register.Number) access.Grant { return access.Grant{Nummer: n} }
	private := func(l register.Level, edits ...func(*register.Unit)) register.Unit {
		return row(l, append(edits, runAs(access.Privat))...)
	}
	const own, other = "35209115", "12345678"
	type grants = []access.Grant
	for _, c := range []struct {
		name          string
		grants        grants
		before, after register.Unit
		want          string
	}{
		{"none", nil, private(d), private(d), "ejer"},
		{"the unit itself", grants{of("G20000")}, private(d), private(d), ""},
		{"an enhed below it", grants{of("G20000")}, private(e), private(e), ""},
		{"an address below it", grants{of("G20000")}, private(a), private(a), ""},
		{"the enhed itself", grants{of("G20001")}, private(e), private(e), ""},
		{"an address below the enhed", grants{of("G20001")}, private(a), private(a), ""},
		{"the address itself", grants{of("G20002")}, private(a), private(a), ""},
		{"what is above the enhed", grants{of("G20001")}, private(d), private(d), "ejer"},
		{"what is above the address", grants{of("G20002")}, private(e), private(e), "ejer"},
		{"another unit", grants{of("G20009")}, private(e), private(e), "ejer"},
		{"a new enhed below it", grants{of("G20000")}, none, private(e, numbered("")), ""},
		{"a new address below it", grants{of("G20001")}, none, private(a, numbered("")), ""},
		{"a new daginstitution", grants{of("G20000")}, none, private(d, numbered("")), "ejer"},
		{"a grant of nothing, and a new daginstitution", grants{{}}, none, private(d, numbered("")), "ejer"},
		{"a municipality, which is for vendors", grants{{Kommune: 461}}, private(d), private(d), "ejer"},
		{"a move out from under it", grants{of("G20000")}, private(e), private(e, func(u *register.Unit) { u.DaginstitutionsNummer = "G20009" }), "ejer"},
		{"a move in under it", grants{of("G20000")}, private(e, func(u *register.Unit) { u.DaginstitutionsNummer = "G20009" }), private(e), "ejer"},

		{"its own CVR number", grants{of("G20000")}, private(e, ofCVR(own)), private(e, ofCVR(own)), ""},
		{"another's CVR number", grants{of("G20000")}, private(e, ofCVR(other)), private(e, ofCVR(other)), "cvr"},
		{"to another's CVR number", grants{of("G20000")}, private(e), private(e, ofCVR(other)), "cvr"},
		{"from another's CVR number", grants{of("G20000")}, private(e, ofCVR(other)), private(e, ofCVR(own)), "cvr"},
		{"from its own to none", grants{of("G20000")}, private(e, ofCVR(own)), private(e), ""},
		{"its own CVR number alone", nil, private(e, ofCVR(own)), private(e, ofCVR(own)), "ejer"},

		{"not private", grants{of("G20000")}, row(d, runAs(1)), row(d, runAs(1)), "ejerform"},
		{"no longer private", grants{of("G20000")}, private(d), row(d, runAs(4)), "ejerform"},
		{"not private yet", grants{of("G20000")}, row(d, runAs(4)), private(d), "ejerform"},
		{"of an ejerform that was granted", grants{{Nummer: "G20000", Ejerformer: []int{2}}}, row(e, runAs(2)), row(e, runAs(2)), ""},
		{"private, where another was granted", grants{{Nummer: "G20000", Ejerformer: []int{2}}}, private(e), private(e), "ejerform"},
		{"the level", grants{{Nummer: "G20000", Niveauer: []register.Level{e}}}, private(e), private(e), ""},
		{"another level", grants{{Nummer: "G20000", Niveauer: []register.Level{e}}}, private(d), private(d), "niveau"},

		{"a change of municipality", grants{of("G20000")}, private(d), private(d, in(751)), "kommune"},
		{"in another municipality", grants{of("G20000")}, private(d, in(751)), private(d, in(751)), ""},
	} {
		if got := judge(t, ejer(c.grants...), c.before, c.after); got != c.want {
			t.Errorf("%s: %q is missing, want %q", c.name, got, c.want)
		}
	}
	without := ejer(of("G20000"))
	without.CVRNummer = ""
	if got := judge(t, without, private(e, ofCVR(other)), private(e, ofCVR(other))); got != "cvr" {
		t.Errorf("an owner without a CVR number lacks %q for another's row", got)
	}
}

// TestEjerformIsAskedWhereItMatters holds that the daginstitution is looked up only where a grant depends on it, and that what goes
// wrong there is no permission.
func TestEjerformIsAskedWhereItMatters(t *testing.T) {
	broken := errors.New("disk on fire")
	for _, c := range []struct {
		name  string
		grant access.Grant
		want  error
	}{
		{"any ejerform", access.Grant{Kommune: 461}, nil},
		{"of another municipality", access.Grant{Kommune: 751, Ejerformer: []int{1}}, nil},
		{"of another level", access.Grant{Kommune: 461, Niveauer: []register.Level{a}, Ejerformer: []int{1}}, nil},
		{"one ejerform", access.Grant{Kommune: 461, Ejerformer: []int{1}}, broken},
	} {
		rights, unit := leverandoer(c.grant).Rights(now), row(d)
		fails := func(*register.Unit) (int, error) { return 1, broken }
		missing, err := rights.Change(&none, &unit, fails, fails)
		if err != c.want || err != nil && missing != nil {
			t.Errorf("%s: %v, missing %q", c.name, err, code(missing))
		}
	}
}

// TestEjerformBeforeAndAfter asks of a row below what its daginstitution was before, and of what it becomes what that becomes.
func TestEjerformBeforeAndAfter(t *testing.T) {
	of := func(kode int) access.Ejerform { return func(*register.Unit) (int, error) { return kode, nil } }
	for _, c := range []struct {
		granted      []int
		was, becomes int
		want         string
	}{{[]int{1}, 1, 1, ""}, {[]int{1}, 1, 3, "ejerform"}, {[]int{1}, 3, 1, "ejerform"}, {[]int{1, 3}, 3, 1, ""}} {
		rights, unit := leverandoer(access.Grant{Kommune: 461, Ejerformer: c.granted}).Rights(now), row(e)
		if missing, err := rights.Change(&unit, &unit, of(c.was), of(c.becomes)); err != nil || code(missing) != c.want {
			t.Errorf("granted %v, from %d to %d: %q, %v", c.granted, c.was, c.becomes, code(missing), err)
		}
	}
}

// TestMissingSaysWhat has every refusal say in both languages what is missing, and name the rule.
func TestMissingSaysWhat(t *testing.T) {
	var zero access.Rights
	for _, m := range []*access.Missing{zero.Load(), zero.Series()} {
		f := m.Finding("/efter")
		if f.Rule.ID != "adgang" || f.Kode != m.Kode || f.Pointer != "/efter" || f.Tekst.Da == "" || f.Tekst.En == "" || f.Tekst.Da == f.Tekst.En {
			t.Errorf("%+v", f)
		}
	}
}
