package granting_test

import (
	"crypto/sha256"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/granting"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// grant gives a grant, as support.
func (o *office) grant(navn string, g access.Grant) (access.Grant, []validation.Finding) {
	o.Helper()
	var given access.Grant
	_, findings := o.act(func() (findings []validation.Finding, err error) {
		_, given, findings, err = o.Grant(o.Context(), support, navn, g)
		return findings, err
	})
	return given, findings
}

// TestGrant gives a vendor and an owner what they can have, and reads it back with who gave it and when.
func TestGrant(t *testing.T) {
	o := newOffice(t)
	o.create("os", access.Leverandoer)
	o.create("ejer", access.Ejer)
	o.now = time.Date(2026, 11, 23, 23, 30, 0, 0, time.UTC) // half past midnight, on the 24th, in Denmark
	const d, e = register.Daginstitution, register.Anvisningsenhed
	for i, c := range []struct {
		navn string
		ask  access.Grant
		want access.Grant
	}{
		{"os", access.Grant{Kommune: 461}, access.Grant{Kommune: 461, Fra: "2026-11-24"}},
		{"os", access.Grant{Kommune: 461}, access.Grant{Kommune: 461, Fra: "2026-11-24"}}, // the same again is another
		{"os", access.Grant{Kommune: 751, Niveauer: []register.Level{e, d, e}, Ejerformer: []int{3, 1, 3}, Fra: "2027-01-01", Til: "2027-01-01"},
			access.Grant{Kommune: 751, Niveauer: []register.Level{d, e}, Ejerformer: []int{1, 3}, Fra: "2027-01-01", Til: "2027-01-01"}},
		{"os", access.Grant{Kommune: 101, Til: "2026-11-24"}, access.Grant{Kommune: 101, Fra: "2026-11-24", Til: "2026-11-24"}},
		{"ejer", access.Grant{Nummer: "Å20000", Ejerformer: []int{2}}, access.Grant{Nummer: "Å20000", Ejerformer: []int{2}, Fra: "2026-11-24"}},
		{"os", access.Grant{Kommune: 461, ID: "mine", Givet: time.Unix(0, 0), GivetAf: "x", Fra: "2026-11-01"}, access.Grant{Kommune: 461, Fra: "2026-11-01"}},
	} {
		given, findings := o.grant(c.navn, c.ask)
		wantFound(t, fmt.Sprintf("%+v", c.ask), findings)
		c.want.ID, c.want.Givet, c.want.GivetAf = given.ID, o.now, support.Actor.User
		grants := o.user(c.navn).Grants
		if !reflect.DeepEqual(given, c.want) || !reflect.DeepEqual(grants[len(grants)-1], given) || given.ID == "" || given.ID == "mine" {
			t.Errorf("grant %d\n asked %+v\n given %+v\n kept  %+v\n want  %+v", i, c.ask, given, grants[len(grants)-1], c.want)
		}
		if entries := o.entries(); entries[len(entries)-1].Kommune != c.want.Kommune || entries[len(entries)-1].Nummer != c.want.Nummer {
			t.Errorf("the trail holds %+v", entries[len(entries)-1])
		}
	}
	ids := make(map[string]bool)
	for _, g := range o.user("os").Grants {
		ids[g.ID] = true
	}
	if len(ids) != 5 {
		t.Errorf("five grants have the ids %v", ids)
	}
}

func TestGrantFinds(t *testing.T) {
	o := newOffice(t)
	for _, r := range access.Roles {
		o.create(r.String(), r)
	}
	const bevilling = "systembruger/bevilling"
	for _, c := range []struct {
		navn  string
		grant access.Grant
		want  []string
	}{
		{"leverandoer", access.Grant{}, []string{"systembruger/kommune /admKommuneKode"}},
		{"leverandoer", access.Grant{Kommune: 999}, []string{"systembruger/kommune /admKommuneKode"}},
		{"leverandoer", access.Grant{Nummer: "G20000"}, []string{bevilling}},
		{"leverandoer", access.Grant{Kommune: 461, Nummer: "G20000"}, []string{bevilling}},
		{"ejer", access.Grant{}, []string{"systembruger/nummer /nummer"}},
		{"ejer", access.Grant{Nummer: "g20000"}, []string{"systembruger/nummer /nummer"}},
		{"ejer", access.Grant{Kommune: 461}, []string{bevilling}},
		{"ejer", access.Grant{Kommune: 461, Nummer: "G20000"}, []string{bevilling}},
		{"laeser", access.Grant{Kommune: 461}, []string{bevilling}},
		{"laeser", access.Grant{Nummer: "G20000"}, []string{bevilling}},
		{"leverandoer", access.Grant{Kommune: 461, Ejerformer: []int{0, 1, 9}}, []string{"systembruger/ejerform /ejerformer/0", "systembruger/ejerform /ejerformer/2"}},
		{"leverandoer", access.Grant{Kommune: 461, Fra: "i morgen"}, []string{"systembruger/dato /fra"}},
		{"leverandoer", access.Grant{Kommune: 461, Til: "2027-02-29"}, []string{"systembruger/dato /til"}},
		{"leverandoer", access.Grant{Kommune: 461, Fra: "2027-01-02", Til: "2027-01-01"}, []string{"systembruger/periode /til"}},
		{"leverandoer", access.Grant{Kommune: 461, Til: "2026-11-22"}, []string{"systembruger/periode /til"}},
		{"leverandoer", access.Grant{Kommune: 999, Ejerformer: []int{9}, Fra: "x"},
			[]string{"systembruger/kommune /admKommuneKode", "systembruger/ejerform /ejerformer/0", "systembruger/dato /fra"}},
	} {
		before := o.user(c.navn)
		_, findings := o.grant(c.navn, c.grant)
		wantFound(t, fmt.Sprintf("%s, %+v", c.navn, c.grant), findings, c.want...)
		if after := o.user(c.navn); !same(before, after) {
			t.Errorf("%+v was refused, and left %+v", c.grant, after)
		}
	}
	for _, navn := range []string{"drift", "support"} {
		_, _, findings, err := o.Grant(t.Context(), drift, navn, access.Grant{Kommune: 461})
		if err != nil {
			t.Fatal(err)
		}
		wantFound(t, navn, findings, bevilling)
	}
}

// TestGrantsHaveALimit gives a user as many grants as it may have, and one more.
func TestGrantsHaveALimit(t *testing.T) {
	o := newOffice(t)
	o.create("os", access.Leverandoer, func(u *access.User) {
		u.Grants = slices.Repeat([]access.Grant{{Kommune: 461, Fra: "2026-01-01", Tilbagekaldt: o.now}}, 999)
	})
	_, findings := o.grant("os", access.Grant{Kommune: 461})
	wantFound(t, "the thousandth", findings)
	_, findings = o.grant("os", access.Grant{Kommune: 461})
	wantFound(t, "one more", findings, "systembruger-tilstand/bevillinger")
	if n := len(o.user("os").Grants); n != 1000 {
		t.Errorf("%d grants are kept", n)
	}
}

// TestRevoke ends a grant at once and for good, and keeps it on record.
func TestRevoke(t *testing.T) {
	o := newOffice(t)
	o.create("os", access.Leverandoer)
	first, _ := o.grant("os", access.Grant{Kommune: 461})
	second, _ := o.grant("os", access.Grant{Kommune: 751})
	revoke := func(id string, want ...string) access.Entry {
		t.Helper()
		e, findings := o.act(func() ([]validation.Finding, error) {
			_, findings, err := o.Revoke(t.Context(), drift, "os", id)
			return findings, err
		})
		wantFound(t, id, findings, want...)
		return e
	}
	if e := revoke(first.ID); e.Kommune != 461 || e.Handling != granting.TilbagekaldGrant {
		t.Errorf("the trail holds %+v", e)
	}
	at := o.now
	u := o.user("os")
	if g := u.Grants[0]; g.Tilbagekaldt != at || g.TilbagekaldtAf != drift.Actor.User || g.Holds(access.DayOf(at)) || g.GivetAf != support.Actor.User {
		t.Errorf("what was revoked is %+v", g)
	}
	if !reflect.DeepEqual(u.Grants[1], second) {
		t.Errorf("the other is now %+v", u.Grants[1])
	}
	revoke(first.ID, "ukendt-systembruger/bevilling")
	revoke("intet", "ukendt-systembruger/bevilling")
	if after := o.user("os"); !same(after, u) {
		t.Errorf("revoked twice it is %+v", after)
	}
}

// TestRotate gives a second secret beside the first, and no third before one is gone.
func TestRotate(t *testing.T) {
	o := newOffice(t)
	o.create("os", access.Leverandoer, ready)
	rotate := func(expires time.Time, want ...string) (access.User, string) {
		t.Helper()
		var u access.User
		var secret string
		_, findings := o.act(func() (findings []validation.Finding, err error) {
			u, secret, findings, err = o.Rotate(t.Context(), support, "os", expires)
			return findings, err
		})
		wantFound(t, expires.String(), findings, want...)
		if (secret == "") != (len(want) > 0) {
			t.Errorf("the secret is %q", secret)
		}
		return u, secret
	}
	rotate(o.now.Add(time.Second), "systembruger/udloeb /udloeber") // by the time it is given, it is too late
	expires := o.now.Add(time.Hour).In(time.FixedZone("CET", 3600))
	u, secret := rotate(expires)
	if len(u.Secrets) != 2 || u.Secrets[0].ID != "s" || u.Secrets[1].Hash != sha256.Sum256([]byte(secret)) ||
		u.Secrets[1].Udloeber != expires.UTC() || u.Secrets[1].Oprettet != o.now {
		t.Errorf("the secrets are %+v", u.Secrets)
	}
	rotate(time.Time{}, "systembruger-tilstand/toHemmeligheder")
	rotate(o.now, "systembruger-tilstand/toHemmeligheder", "systembruger/udloeb /udloeber")
	if after := o.user("os"); !same(after, u) {
		t.Errorf("refused, and it is %+v", after)
	}

	o.now = expires.UTC().Add(-time.Second) // a moment later the second runs out, and makes room
	if u, _ := rotate(time.Time{}); len(u.Secrets) != 2 || u.Secrets[0].ID != "s" || !u.Secrets[1].Udloeber.IsZero() {
		t.Errorf("the secrets are %+v", u.Secrets)
	}
	rotate(time.Time{}, "systembruger-tilstand/toHemmeligheder")
	_, findings := o.act(func() ([]validation.Finding, error) {
		_, findings, err := o.RevokeSecret(t.Context(), support, "os", "s")
		return findings, err
	})
	wantFound(t, "revoked", findings)
	if u, _ := rotate(time.Time{}); len(u.Secrets) != 2 || u.Secrets[0].ID == "s" || u.Secrets[1].ID == "s" {
		t.Errorf("the secrets are %+v", u.Secrets)
	}
}

// TestManyAtOnce has eight give grants to one user, each again when another was first: all grants are there, and an entry of each.
func TestManyAtOnce(t *testing.T) {
	o := newOffice(t)
	o.create("os", access.Leverandoer)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for {
				_, _, findings, err := o.Grant(t.Context(), drift, "os", access.Grant{Kommune: 461})
				if register.KindOf(err) == register.Conflict {
					continue
				}
				if err != nil || len(findings) > 0 {
					t.Errorf("%v, %q", err, shown(findings))
				}
				return
			}
		})
	}
	group.Wait()
	if u := o.user("os"); len(u.Grants) != 8 || u.Version != 9 || len(o.entries()) != 9 {
		t.Errorf("%d grants in version %d, and %d entries", len(u.Grants), u.Version, len(o.entries()))
	}
}
