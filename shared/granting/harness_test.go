package granting_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/boltstore"
	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/granting"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// tester is what *testing.T and *rapid.T have in common.
type tester interface {
	rapid.TB
	Context() context.Context
	Cleanup(func())
}

// office is the service on a register on disk, with a clock that stands until it is moved on.
type office struct {
	tester
	granting.Service
	store *boltstore.Store
	now   time.Time
}

func newOffice(t tester) *office {
	t.Helper()
	dir, err := os.MkdirTemp("", "granting-*")
	if err != nil {
		t.Fatal(err)
	}
	store, err := boltstore.Open(filepath.Join(dir, "register.db"), register.DefaultSeries)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		store.Close()
		os.RemoveAll(dir)
	})
	o := &office{tester: t, store: store, now: time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC)}
	o.Service = granting.Service{Store: store, Log: store, Tables: codes.Embedded(), Now: func() time.Time { return o.now }}
	return o
}

// drift and support are who acts.
var (
	drift   = byRole(access.Drift)
	support = byRole(access.Support)
)

func byRole(r access.Role) granting.By {
	return granting.By{Rolle: r, Actor: register.Actor{
		User: r.String() + "-1", Version: register.V2, Address: "192.0.2.1", RequestID: "req-1", Traceparent: "00-a-b-01",
	}}
}

// create makes a user, sound but for the edits of what is stored.
func (o *office) create(navn string, rolle access.Role, edits ...func(*access.User)) access.User {
	o.Helper()
	u, secret, findings, err := o.Create(o.Context(), drift, navn, rolle, settingsFor(rolle))
	if err != nil || len(findings) > 0 || secret == "" {
		o.Fatalf("%v, %q", err, shown(findings))
	}
	if len(edits) == 0 {
		return u
	}
	for _, edit := range edits {
		edit(&u)
	}
	u.Version++
	if err := o.store.SaveUser(o.Context(), u, access.NewEntry(o.now, access.Entry{Handling: "test"})); err != nil {
		o.Fatal(err)
	}
	return u
}

// settingsFor are sound settings of a user of a role.
func settingsFor(r access.Role) granting.Settings {
	s := granting.Settings{Beskrivelse: "Pladsanvisning for Østby", Skrivninger: 50, Laesninger: 100}
	if r == access.Ejer {
		s.CVRNummer = "35209115"
	}
	return s
}

func (o *office) user(navn string) access.User {
	o.Helper()
	u, err := o.store.User(o.Context(), navn)
	if err != nil {
		o.Fatal(err)
	}
	return u
}

// entries gives the entries of the clock's day, the oldest of those of different moments first.
func (o *office) entries() (entries []access.Entry) {
	o.Helper()
	for e, err := range o.store.Entries(o.Context(), o.now, access.Entry{}, o.now) {
		if err != nil {
			o.Fatal(err)
		}
		entries = append(entries, e)
	}
	slices.Reverse(entries)
	return entries
}

// act moves the clock on, acts, and gives the one entry that the act must leave in the trail.
func (o *office) act(do func() ([]validation.Finding, error)) (access.Entry, []validation.Finding) {
	o.Helper()
	before := len(o.entries())
	o.now = o.now.Add(time.Second)
	findings, err := do()
	if err != nil {
		o.Fatal(err)
	}
	entries := o.entries()
	if len(entries) != before+1 {
		o.Fatalf("the act left %d entries in the trail", len(entries)-before)
	}
	e := entries[before]
	kept, err := validation.Decode(e.Fund)
	if err != nil || e.Tid != o.now || e.Afvist != (len(findings) > 0) || !slices.Equal(shown(kept), shown(findings)) {
		o.Errorf("%v: %q were found, and the trail holds %+v with %q", err, shown(findings), e, shown(kept))
	}
	return e, findings
}

// same tells whether two users are alike; no secrets and an empty list of them are.
func same(a, b access.User) bool { return fmt.Sprintf("%+v", a) == fmt.Sprintf("%+v", b) }

// shown writes down what programs go by in findings: "rule/code pointer" each.
func shown(findings []validation.Finding) (lines []string) {
	for _, f := range findings {
		lines = append(lines, strings.TrimRight(f.Rule.ID+"/"+f.Kode+" "+f.Pointer, " "))
	}
	return lines
}

func wantFound(t tester, what string, findings []validation.Finding, want ...string) {
	t.Helper()
	if got := shown(findings); !slices.Equal(got, want) {
		t.Errorf("%s: found %q, want %q", what, got, want)
	}
	for _, f := range findings {
		if f.Tekst.Da == "" || f.Tekst.En == "" || f.Tekst.Da == f.Tekst.En {
			t.Errorf("%s: %+v is not said in both languages", what, f)
		}
	}
}

// deed is an act on a user that is there, as far as all of them are alike.
type deed struct {
	handling string
	do       func(o *office, by granting.By, navn string) (access.User, []validation.Finding, error)
}

// deeds are all the acts on a user that is there; the user has the secret "s" and the grant "g".
var deeds = []deed{
	{granting.Ret, func(o *office, by granting.By, navn string) (access.User, []validation.Finding, error) {
		u, _ := o.store.User(o.Context(), navn)
		s := settingsFor(u.Rolle)
		s.Beskrivelse = "En anden"
		return o.Change(o.Context(), by, navn, nil, s)
	}},
	{granting.Luk, func(o *office, by granting.By, navn string) (access.User, []validation.Finding, error) {
		return o.Close(o.Context(), by, navn)
	}},
	{granting.Genaabn, func(o *office, by granting.By, navn string) (access.User, []validation.Finding, error) {
		return o.Reopen(o.Context(), by, navn)
	}},
	{granting.NyHemmelighed, func(o *office, by granting.By, navn string) (access.User, []validation.Finding, error) {
		u, secret, findings, err := o.Rotate(o.Context(), by, navn, time.Time{})
		if (secret == "") != (u.Version == 0) {
			return u, findings, fmt.Errorf("the secret is %q of version %d", secret, u.Version)
		}
		return u, findings, err
	}},
	{granting.FjernHemmelighed, func(o *office, by granting.By, navn string) (access.User, []validation.Finding, error) {
		return o.RevokeSecret(o.Context(), by, navn, "s")
	}},
	{granting.Bevilg, func(o *office, by granting.By, navn string) (access.User, []validation.Finding, error) {
		g := access.Grant{Kommune: 461}
		if u, _ := o.store.User(o.Context(), navn); u.Rolle == access.Ejer {
			g = access.Grant{Nummer: "G20000"}
		}
		u, _, findings, err := o.Grant(o.Context(), by, navn, g)
		return u, findings, err
	}},
	{granting.TilbagekaldGrant, func(o *office, by granting.By, navn string) (access.User, []validation.Finding, error) {
		return o.Revoke(o.Context(), by, navn, "g")
	}},
}

// ready gives a user the secret and the grant that the deeds are about.
func ready(u *access.User) {
	u.Secrets[0].ID = "s"
	u.Grants = []access.Grant{{ID: "g", Kommune: 461, Fra: "2026-01-01"}}
}

// meanwhile is a store where something happens right after a user was read, once.
type meanwhile struct {
	access.Store
	then func()
}

func (m *meanwhile) User(ctx context.Context, navn string) (access.User, error) {
	u, err := m.Store.User(ctx, navn)
	m.happen()
	return u, err
}

func (m *meanwhile) Users(ctx context.Context) ([]access.User, error) {
	users, err := m.Store.Users(ctx)
	m.happen()
	return users, err
}

func (m *meanwhile) happen() {
	if then := m.then; then != nil {
		m.then = nil
		then()
	}
}

// failing is a store whose calls fail by name.
type failing struct {
	access.Store
	fail map[string]error
}

func (f *failing) User(ctx context.Context, navn string) (access.User, error) {
	if err := f.fail["User"]; err != nil {
		return access.User{}, err
	}
	return f.Store.User(ctx, navn)
}

func (f *failing) Users(ctx context.Context) ([]access.User, error) {
	if err := f.fail["Users"]; err != nil {
		return nil, err
	}
	return f.Store.Users(ctx)
}

func (f *failing) Uses(ctx context.Context) (map[string]map[string]time.Time, error) {
	if err := f.fail["Uses"]; err != nil {
		return nil, err
	}
	return f.Store.Uses(ctx)
}

func (f *failing) SaveUser(ctx context.Context, u access.User, act access.Entry) error {
	if err := f.fail["SaveUser"]; err != nil {
		return err
	}
	return f.Store.SaveUser(ctx, u, act)
}

func (f *failing) AddTrail(ctx context.Context, entries ...access.Entry) error {
	if err := f.fail["AddTrail"]; err != nil {
		return err
	}
	return f.Store.AddTrail(ctx, entries...)
}
