package granting_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/granting"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

func TestCreate(t *testing.T) {
	o := newOffice(t)
	for _, r := range access.Roles {
		navn := "ny-" + r.String()
		set := settingsFor(r)
		var u access.User
		var secret string
		e, _ := o.act(func() (findings []validation.Finding, err error) {
			u, secret, findings, err = o.Create(t.Context(), drift, navn, r, set)
			return findings, err
		})
		want := access.User{
			Navn: navn, Beskrivelse: set.Beskrivelse, Rolle: r, Forbindelse: access.Laese | access.Levere, CVRNummer: set.CVRNummer,
			Skrivninger: 50, Laesninger: 100, Oprettet: o.now, Version: 1, Secrets: u.Secrets,
		}
		if r == access.Laeser {
			want.Forbindelse = access.Laese
		}
		if !same(u, want) || len(u.Secrets) != 1 || u.Secrets[0].Hash != sha256.Sum256([]byte(secret)) || !u.LogsIn(o.now) {
			t.Errorf("made %+v\nwant %+v", u, want)
		}
		if stored := o.user(navn); !same(stored, u) {
			t.Errorf("stored %+v\n made  %+v", stored, u)
		}
		if e.Handling != granting.Opret || e.Bruger != navn || e.Af != drift.Actor {
			t.Errorf("the trail holds %+v", e)
		}
	}
}

func TestCreateFinds(t *testing.T) {
	o := newOffice(t)
	o.create("taget", access.Laeser)
	type settings = granting.Settings
	for _, c := range []struct {
		name  string
		by    granting.By
		navn  string
		rolle access.Role
		set   settings
		want  []string
	}{
		{"a name that is none", drift, "Os!", access.Laeser, settings{}, []string{"systembruger/navn /navn"}},
		{"no name", drift, "", access.Laeser, settings{}, []string{"systembruger/navn /navn"}},
		{"a name that is taken", drift, "taget", access.Laeser, settings{}, []string{"systembruger-tilstand/navnOptaget /navn"}},
		{"no role", drift, "ny", 0, settings{}, []string{"systembruger/rolle /rolle"}},
		{"an operator, by support", support, "ny", access.Drift, settings{}, []string{"adgang/rolle"}},
		{"support, by support", support, "ny", access.Support, settings{}, []string{"adgang/rolle"}},
		{"by a vendor", byRole(access.Leverandoer), "ny", access.Laeser, settings{}, []string{"adgang/rolle"}},
		{"a reader that delivers", drift, "ny", access.Laeser, settings{Forbindelse: access.Laese | access.Levere}, []string{"systembruger/laeser /forbindelser"}},
		{"a long description", drift, "ny", access.Laeser, settings{Beskrivelse: strings.Repeat("æ", 201)}, []string{"systembruger/forLang /beskrivelse"}},
		{"an owner without a CVR number", drift, "ny", access.Ejer, settings{}, []string{"systembruger/cvr /cvrNummer"}},
		{"an owner with half a CVR number", drift, "ny", access.Ejer, settings{CVRNummer: "3520911"}, []string{"systembruger/cvr /cvrNummer"}},
		{"an owner with letters", drift, "ny", access.Ejer, settings{CVRNummer: "3520911x"}, []string{"systembruger/cvr /cvrNummer"}},
		{"a vendor with a CVR number", drift, "ny", access.Leverandoer, settings{CVRNummer: "35209115"}, []string{"systembruger/cvr /cvrNummer"}},
		{"paces below none", drift, "ny", access.Laeser, settings{Skrivninger: -1, Laesninger: -1}, []string{"systembruger/graense /skrivninger", "systembruger/graense /laesninger"}},
		{"paces beyond any", drift, "ny", access.Laeser, settings{Skrivninger: 100_001, Laesninger: 100_001}, []string{"systembruger/graense /skrivninger", "systembruger/graense /laesninger"}},
		{"all that is wrong", support, "taget", access.Drift, settings{CVRNummer: "x", Skrivninger: -1},
			[]string{"systembruger-tilstand/navnOptaget /navn", "adgang/rolle", "systembruger/cvr /cvrNummer", "systembruger/graense /skrivninger"}},
	} {
		taken := o.user("taget")
		e, findings := o.act(func() ([]validation.Finding, error) {
			u, secret, findings, err := o.Create(t.Context(), c.by, c.navn, c.rolle, c.set)
			if u.Version != 0 || u.Secrets != nil || secret != "" {
				t.Errorf("%s: %+v was made, with the secret %q", c.name, u, secret)
			}
			return findings, err
		})
		wantFound(t, c.name, findings, c.want...)
		if _, err := o.store.User(t.Context(), "ny"); register.KindOf(err) != register.NotFound {
			t.Fatalf("%s: %v, it was made", c.name, err)
		}
		if !same(o.user("taget"), taken) || e.Handling != granting.Opret || e.Af != c.by.Actor {
			t.Errorf("%s: the trail holds %+v", c.name, e)
		}
	}
	for _, set := range []settings{
		{Beskrivelse: strings.Repeat("æ", 200), Skrivninger: 100_000, Laesninger: 100_000}, {Forbindelse: access.Levere}, {},
	} {
		_, _, findings, err := o.Create(t.Context(), support, fmt.Sprintf("ny-%d-%d", set.Skrivninger, set.Forbindelse), access.Leverandoer, set)
		if err != nil {
			t.Fatal(err)
		}
		wantFound(t, fmt.Sprintf("%+v", set), findings)
	}
}

// TestWhoActsOnWhom has every role do every deed to users of every role: operators may to all, support to those who are neither, and
// nobody else may. Each act leaves one entry, and a refused one nothing else.
func TestWhoActsOnWhom(t *testing.T) {
	for _, act := range deeds {
		t.Run(act.handling, func(t *testing.T) {
			o := newOffice(t)
			o.create("drift-0", access.Drift) // so that no other is the last
			for _, by := range access.Roles {
				for _, rolle := range access.Roles {
					navn := fmt.Sprintf("%s-%s", rolle, by)
					before := o.create(navn, rolle, ready)
					var after access.User
					e, findings := o.act(func() (findings []validation.Finding, err error) {
						after, findings, err = act.do(o, byRole(by), navn)
						return findings, err
					})
					var want []string
					if by != access.Drift && (by != access.Support || rolle == access.Drift || rolle == access.Support) {
						want = append(want, "adgang/rolle")
					}
					if act.handling == granting.Bevilg && rolle != access.Leverandoer && rolle != access.Ejer {
						want = append(want, "systembruger/bevilling")
					}
					wantFound(t, fmt.Sprintf("%s to %s", by, rolle), findings, want...)
					if e.Handling != act.handling || e.Bruger != navn || e.Af != byRole(by).Actor {
						t.Errorf("the trail holds %+v", e)
					}
					stored := o.user(navn)
					if refused := len(want) > 0; refused && (!same(stored, before) || after.Version != 0) ||
						!refused && (stored.Version != before.Version+1 || !same(stored, after)) {
						t.Errorf("%s to %s: from %+v\n to %+v,\nanswered %+v", by, rolle, before, stored, after)
					}
				}
			}
		})
	}
}

// TestUnknownUsers does every deed to nobody, and to what is no name.
func TestUnknownUsers(t *testing.T) {
	o := newOffice(t)
	for _, act := range deeds {
		for _, navn := range []string{"nobody", "", "Ikke et navn", strings.Repeat("x", 5000)} {
			e, findings := o.act(func() ([]validation.Finding, error) {
				_, findings, err := act.do(o, support, navn)
				return findings, err
			})
			wantFound(t, act.handling, findings, "ukendt-systembruger/bruger")
			if want := map[bool]string{true: "nobody"}[navn == "nobody"]; e.Handling != act.handling || e.Bruger != want {
				t.Errorf("%s to %.20q: the trail holds %+v", act.handling, navn, e)
			}
		}
	}
	for _, navn := range []string{"nobody", "Ikke et navn"} {
		if _, err := o.User(t.Context(), navn); register.KindOf(err) != register.NotFound {
			t.Errorf("%q: %v", navn, err)
		}
	}
	o.Service.Store = &failing{o.store, map[string]error{"User": &register.Error{Kind: register.Unavailable}}}
	if _, err := o.User(t.Context(), "Ikke et navn"); register.KindOf(err) != register.NotFound {
		t.Errorf("what is no name is looked up: %v", err)
	}
}

// TestWhatIsNoNameIsRepeatedNowhere sends a secret where names, numbers and days are meant: the trail holds nothing of it.
func TestWhatIsNoNameIsRepeatedNowhere(t *testing.T) {
	const slip = "Hemmelig=slip"
	o := newOffice(t)
	o.create("os", access.Leverandoer, ready)
	o.create("ejer", access.Ejer)
	for _, act := range deeds {
		act.do(o, drift, slip)
	}
	o.Create(t.Context(), drift, slip, access.Laeser, settingsFor(access.Laeser))
	o.Create(t.Context(), drift, "ny", access.Ejer, granting.Settings{CVRNummer: slip})
	o.Refuse(t.Context(), drift, granting.Ret, slip, nil)
	o.Bootstrap(t.Context(), slip)
	o.RevokeSecret(t.Context(), drift, "os", slip)
	o.Revoke(t.Context(), drift, "os", slip)
	o.Grant(t.Context(), drift, "ejer", access.Grant{Nummer: slip})
	o.Grant(t.Context(), drift, "os", access.Grant{Kommune: 461, Fra: slip})
	o.Grant(t.Context(), drift, "os", access.Grant{Kommune: 461, Til: slip})
	entries := o.entries()
	if len(entries) != 3+len(deeds)+9 {
		t.Errorf("the trail holds %d entries", len(entries))
	}
	for _, e := range entries {
		if text := fmt.Sprintf("%+v", e) + string(e.Fund); strings.Contains(text, "slip") {
			t.Errorf("the trail tells %s", text)
		}
	}
}

func TestChange(t *testing.T) {
	o := newOffice(t)
	u := o.create("os", access.Leverandoer, ready)
	change := func(expect []int64, set granting.Settings, want ...string) {
		t.Helper()
		_, findings := o.act(func() ([]validation.Finding, error) {
			_, findings, err := o.Change(t.Context(), drift, "os", expect, set)
			return findings, err
		})
		wantFound(t, fmt.Sprintf("%v, %+v", expect, set), findings, want...)
	}
	change([]int64{1, 3}, granting.Settings{}, "foraeldet-version/andenVersion")
	change([]int64{1}, granting.Settings{CVRNummer: "35209115"}, "foraeldet-version/andenVersion", "systembruger/cvr /cvrNummer")
	if got := o.user("os"); !same(got, u) {
		t.Errorf("refused, and it is now %+v", got)
	}
	change([]int64{1, 2}, granting.Settings{Beskrivelse: "Ny", Forbindelse: access.Levere, Skrivninger: 7})
	u.Beskrivelse, u.Forbindelse, u.Skrivninger, u.Laesninger, u.Version = "Ny", access.Levere, 7, 0, 3
	if got := o.user("os"); !same(got, u) {
		t.Errorf("changed to %+v\n    want %+v", got, u)
	}
	change(nil, granting.Settings{Beskrivelse: "Ny", Forbindelse: access.Levere, Skrivninger: 7}) // nothing new
	if got := o.user("os"); got.Version != 4 {
		t.Errorf("an act that changes nothing left version %d", got.Version)
	}
}

func TestCloseAndReopen(t *testing.T) {
	o := newOffice(t)
	o.create("os", access.Laeser)
	for _, c := range []struct {
		do  func() (access.User, []validation.Finding, error)
		out bool
	}{
		{func() (access.User, []validation.Finding, error) { return o.Close(t.Context(), drift, "os") }, true},
		{func() (access.User, []validation.Finding, error) { return o.Close(t.Context(), drift, "os") }, true},
		{func() (access.User, []validation.Finding, error) { return o.Reopen(t.Context(), drift, "os") }, false},
		{func() (access.User, []validation.Finding, error) { return o.Reopen(t.Context(), drift, "os") }, false},
	} {
		u, findings, err := c.do()
		if stored := o.user("os"); err != nil || len(findings) > 0 || u.Lukket != c.out || stored.LogsIn(o.now) == c.out {
			t.Errorf("%v, %q: %+v", err, shown(findings), stored)
		}
	}
}

// TestLastOperator tries to shut out the last operator that can log in, in each way.
func TestLastOperator(t *testing.T) {
	out := func(u *access.User) { u.Lukket = true }
	expired := func(o *office) func(*access.User) {
		return func(u *access.User) { u.Secrets[0].Udloeber = o.now }
	}
	with := func(edits ...func(*access.User)) func(o *office) {
		return func(o *office) { o.create("anden", access.Drift, edits...) }
	}
	last := []string{"systembruger-tilstand/sidsteDrift"}
	for _, c := range []struct {
		name   string
		others func(o *office)
		want   []string
	}{
		{"alone", func(*office) {}, last},
		{"beside one who is closed", with(out), last},
		{"beside one without a secret", with(func(u *access.User) { u.Secrets = nil }), last},
		{"beside one whose secret ran out", func(o *office) { with(expired(o))(o) }, last},
		{"beside support", func(o *office) { o.create("hjaelp", access.Support) }, last},
		{"beside another", with(), nil},
	} {
		for _, act := range []deed{deeds[1], deeds[4]} { // to close, and to revoke a secret
			o := newOffice(t)
			o.create("sidste", access.Drift, ready, func(u *access.User) { u.Grants = nil })
			c.others(o)
			_, findings := o.act(func() ([]validation.Finding, error) {
				_, findings, err := act.do(o, drift, "sidste")
				return findings, err
			})
			wantFound(t, act.handling+" "+c.name, findings, c.want...)
			if u := o.user("sidste"); u.LogsIn(o.now) != (c.want != nil) {
				t.Errorf("%s %s: the operator is %+v", act.handling, c.name, u)
			}
		}
	}
}

// TestLastSecretOfTheLastOperator has the operator keep one that lets it in: what has run out does not.
func TestLastSecretOfTheLastOperator(t *testing.T) {
	o := newOffice(t)
	o.create("sidste", access.Drift, func(u *access.User) {
		u.Secrets[0].ID = "holds"
		u.Secrets = append(u.Secrets, access.Secret{ID: "expired", Udloeber: o.now})
	})
	for _, c := range []struct {
		id   string
		want []string
	}{{"holds", []string{"systembruger-tilstand/sidsteDrift"}}, {"nothing", []string{"ukendt-systembruger/hemmelighed"}}, {"expired", nil}} {
		_, findings, err := o.RevokeSecret(t.Context(), drift, "sidste", c.id)
		if err != nil {
			t.Fatal(err)
		}
		wantFound(t, c.id, findings, c.want...)
	}
	if u := o.user("sidste"); len(u.Secrets) != 1 || u.Secrets[0].ID != "holds" {
		t.Errorf("%+v are left", u.Secrets)
	}
}

// TestBootstrap makes the first operator, and the next only when none can log in.
func TestBootstrap(t *testing.T) {
	o := newOffice(t)
	bootstrap := func(navn string, want ...string) access.User {
		t.Helper()
		var u access.User
		e, findings := o.act(func() (findings []validation.Finding, err error) {
			var secret string
			u, secret, findings, err = o.Bootstrap(t.Context(), navn)
			if (secret != "") != (len(want) == 0) || secret != "" && u.Secrets[0].Hash != sha256.Sum256([]byte(secret)) {
				t.Errorf("%s: the secret is %q", navn, secret)
			}
			return findings, err
		})
		wantFound(t, navn, findings, want...)
		if e.Handling != granting.Bootstrap || e.Bruger != navn || e.Af.User != "" {
			t.Errorf("the trail holds %+v", e)
		}
		return u
	}
	o.create("support", access.Support)
	first := bootstrap("foerste")
	if first.Rolle != access.Drift || first.Forbindelse != access.Laese|access.Levere || first.Skrivninger == 0 || first.Laesninger == 0 || !first.LogsIn(o.now) {
		t.Errorf("the first is %+v", first)
	}
	bootstrap("naeste", "systembruger-tilstand/harDrift")
	bootstrap("foerste", "systembruger-tilstand/harDrift", "systembruger-tilstand/navnOptaget /navn")

	first.Secrets[0].Udloeber, first.Version = o.now.Add(time.Hour), 2
	if err := o.store.SaveUser(t.Context(), first, access.NewEntry(o.now, access.Entry{Handling: "test"})); err != nil {
		t.Fatal(err)
	}
	bootstrap("naeste", "systembruger-tilstand/harDrift")
	o.now = o.now.Add(time.Hour)
	bootstrap("foerste", "systembruger-tilstand/navnOptaget /navn")
	second := bootstrap("naeste")

	second.Lukket, second.Version = true, 2
	if err := o.store.SaveUser(t.Context(), second, access.NewEntry(o.now, access.Entry{Handling: "test"})); err != nil {
		t.Fatal(err)
	}
	bootstrap("tredje")
}

// TestTwoShutOutEachOther has the last two operators do so at the same moment; a new one can be made.
func TestTwoShutOutEachOther(t *testing.T) {
	o := newOffice(t)
	o.create("en", access.Drift)
	o.create("to", access.Drift)
	o.Service.Store = &meanwhile{o.store, func() {
		if _, findings, err := o.Close(t.Context(), drift, "en"); err != nil || len(findings) > 0 {
			t.Fatalf("%v, %q", err, shown(findings))
		}
	}}
	if _, findings, err := o.Close(t.Context(), drift, "to"); err != nil || len(findings) > 0 {
		t.Fatalf("%v, %q", err, shown(findings))
	}
	if _, secret, findings, err := o.Bootstrap(t.Context(), "tre"); err != nil || len(findings) > 0 || secret == "" {
		t.Errorf("%v, %q", err, shown(findings))
	}
}

// TestTwoAtOnce has somebody else act on the user between the reading and the writing of each deed: the store's Conflict comes through,
// and what the other did stands.
func TestTwoAtOnce(t *testing.T) {
	for _, act := range deeds {
		o := newOffice(t)
		o.create("os", access.Leverandoer, ready)
		reads := &meanwhile{Store: o.store}
		o.Service.Store = onlyUser{reads}
		reads.then = func() {
			if _, _, err := o.Change(t.Context(), drift, "os", nil, granting.Settings{Beskrivelse: "Først"}); err != nil {
				t.Fatal(err)
			}
		}
		u, findings, err := act.do(o, drift, "os")
		if register.KindOf(err) != register.Conflict || len(findings) > 0 || u.Version != 0 {
			t.Errorf("%s: %v, %q, %+v", act.handling, err, shown(findings), u)
		}
		if u := o.user("os"); u.Version != 3 || u.Beskrivelse != "Først" {
			t.Errorf("%s: it is now %+v", act.handling, u)
		}
		if entries := o.entries(); len(entries) != 3 {
			t.Errorf("%s: the trail holds %d entries, want those of the three acts that took effect", act.handling, len(entries))
		}
	}
}

// onlyUser has nothing happen when all users are read.
type onlyUser struct{ *meanwhile }

func (s onlyUser) Users(ctx context.Context) ([]access.User, error) { return s.Store.Users(ctx) }

// TestTwoOfOneName creates two users of one name at once.
func TestTwoOfOneName(t *testing.T) {
	o := newOffice(t)
	o.Service.Store = &meanwhile{o.store, func() { o.create("os", access.Laeser) }}
	u, secret, findings, err := o.Create(t.Context(), drift, "os", access.Leverandoer, settingsFor(access.Leverandoer))
	if register.KindOf(err) != register.Conflict || len(findings) > 0 || secret != "" || u.Version != 0 {
		t.Errorf("%v, %q: %+v", err, shown(findings), u)
	}
	if u := o.user("os"); u.Rolle != access.Laeser || u.Version != 1 {
		t.Errorf("it is now %+v", u)
	}
}

// TestStoreFails has each call of the store fail in turn: the error comes through, and nothing of what was to be given away.
func TestStoreFails(t *testing.T) {
	broken := &register.Error{Kind: register.Unavailable}
	for call, acts := range map[string][]string{
		"User":     {granting.Ret, granting.Luk, granting.Genaabn, granting.NyHemmelighed, granting.FjernHemmelighed, granting.Bevilg, granting.TilbagekaldGrant},
		"SaveUser": {granting.Ret, granting.Luk, granting.Genaabn, granting.NyHemmelighed, granting.FjernHemmelighed, granting.Bevilg, granting.TilbagekaldGrant},
		"Users":    {granting.Luk, granting.FjernHemmelighed},
	} {
		o := newOffice(t)
		before := o.create("os", access.Leverandoer, ready)
		o.Service.Store = &failing{o.store, map[string]error{call: broken}}
		for _, act := range deeds {
			if !slices.Contains(acts, act.handling) {
				continue
			}
			u, _, err := act.do(o, drift, "os")
			if err != error(broken) || u.Version != 0 {
				t.Errorf("%s, and %s fails: %v, %+v", act.handling, call, err, u)
			}
		}
		if u := o.user("os"); !same(u, before) || len(o.entries()) != 2 {
			t.Errorf("%s fails, and it is now %+v", call, u)
		}
	}
	for _, call := range []string{"User", "SaveUser"} {
		o := newOffice(t)
		o.Service.Store = &failing{o.store, map[string]error{call: broken}}
		if _, secret, _, err := o.Create(t.Context(), drift, "os", access.Laeser, granting.Settings{}); err != error(broken) || secret != "" {
			t.Errorf("create, and %s fails: %v, %q", call, err, secret)
		}
	}
	for _, call := range []string{"Users", "Uses"} {
		o := newOffice(t)
		o.Service.Store = &failing{o.store, map[string]error{call: broken}}
		if _, err := o.Users(t.Context()); err != error(broken) {
			t.Errorf("%s fails: %v", call, err)
		}
	}
	o := newOffice(t)
	o.Service.Store = &failing{o.store, map[string]error{"Users": broken}}
	if _, secret, _, err := o.Bootstrap(t.Context(), "os"); err != error(broken) || secret != "" {
		t.Errorf("bootstrap: %v, %q", err, secret)
	}
}

// TestRefusalThatIsNotRemembered has the trail fail: the refusal is a failure.
func TestRefusalThatIsNotRemembered(t *testing.T) {
	broken := &register.Error{Kind: register.Unavailable}
	o := newOffice(t)
	o.create("support", access.Support, ready)
	o.Service.Store = &failing{o.store, map[string]error{"AddTrail": broken}}
	for _, act := range deeds {
		if _, _, err := act.do(o, support, "support"); err != error(broken) {
			t.Errorf("%s: %v", act.handling, err)
		}
	}
	if err := o.Refuse(t.Context(), drift, granting.Ret, "support", nil); err != error(broken) {
		t.Errorf("refused before it was read: %v", err)
	}
}

func TestRefuse(t *testing.T) {
	o := newOffice(t)
	e, _ := o.act(func() ([]validation.Finding, error) {
		findings := []validation.Finding{validation.ForkertType.Finding("/rolle", "tekst", register.Text{Da: "Nej.", En: "No."})}
		return findings, o.Refuse(t.Context(), support, granting.Opret, "os", findings)
	})
	if e.Handling != granting.Opret || e.Bruger != "os" || e.Af != support.Actor || !slices.Equal(e.Regler, []string{"forkert-type/tekst"}) {
		t.Errorf("the trail holds %+v", e)
	}
}

func TestUsers(t *testing.T) {
	o := newOffice(t)
	os, andre := o.create("os", access.Leverandoer), o.create("andre", access.Laeser)
	if err := o.store.NoteUse(t.Context(), "os", os.Secrets[0].ID, o.now); err != nil {
		t.Fatal(err)
	}
	want := []granting.Listed{{User: andre}, {User: os, Brugt: map[string]time.Time{os.Secrets[0].ID: o.now}}}
	if got, err := o.Users(t.Context()); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v: %+v\nwant %+v", err, got, want)
	}
	for _, w := range want {
		if got, err := o.User(t.Context(), w.Navn); err != nil || !reflect.DeepEqual(got, w) {
			t.Errorf("%v: %+v\nwant %+v", err, got, w)
		}
	}
}
