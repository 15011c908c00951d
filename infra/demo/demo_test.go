package demo

import (
	"encoding/base64"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/boltstore"
	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/granting"
	"dagtilbudsregisteret.dk/shared/register"
)

const file = "demo-brugere.json"

// starts is a register that is started again and again.
type starts struct {
	*testing.T
	Users
}

func newStarts(t *testing.T, folder string) *starts {
	t.Helper()
	store, err := boltstore.Open(filepath.Join(t.TempDir(), "register.db"), register.DefaultSeries)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	clock := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	now := func() time.Time { clock = clock.Add(time.Second); return clock }
	return &starts{t, Users{
		granting.Service{Store: store, Log: store, Tables: codes.Embedded(), Now: now}, filepath.Join(folder, file),
	}}
}

// start gives the secrets of a start, which are the file's.
func (s *starts) start() map[string]string {
	s.Helper()
	secrets, err := s.Secrets(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	if kept, err := s.read(); err != nil || !maps.Equal(kept, secrets) {
		s.Errorf("the file holds other secrets: %v", err)
	}
	return secrets
}

// logIn tells whether a user can log in.
func (s *starts) logIn(navn, secret string) bool {
	s.Helper()
	gate := access.NewGate(s.Store, s.Now, slog.New(slog.DiscardHandler), 0)
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte(navn+":"+secret))
	_, _, err := gate.Admit(s.Context(), access.Attempt{Authorization: basic, Need: access.Indlogning})
	if err != nil && register.KindOf(err) != register.Unauthenticated {
		s.Fatal(err)
	}
	return err == nil
}

func (s *starts) user(navn string) access.User {
	s.Helper()
	u, err := s.Store.User(s.Context(), navn)
	if err != nil {
		s.Fatal(err)
	}
	return u
}

// must takes what an act on a user answers.
func (s *starts) must(findings any, err error) {
	s.Helper()
	if err != nil {
		s.Fatal(findings, err)
	}
}

func TestDemoUsers(t *testing.T) {
	s := newStarts(t, t.TempDir())
	secrets := s.start()
	for _, rolle := range access.Roles {
		u := s.user(rolle.String())
		if u.Rolle != rolle || u.Version != 1 || u.Skrivninger != 0 || u.Laesninger != 0 || !s.logIn(u.Navn, secrets[u.Navn]) {
			t.Errorf("%+v", u)
		}
	}
	vendor := s.user("leverandoer")
	rights := vendor.Rights(s.Now())
	for _, kommune := range s.Tables.Kommuner.Codes {
		row := register.Unit{Level: register.Daginstitution, AdmKommuneKode: kommune.Kode}
		if missing, err := rights.Change(&register.Unit{}, &row, nil, nil); missing != nil || err != nil {
			t.Errorf("the vendor cannot write for %d: %v, %v", kommune.Kode, missing, err)
		}
	}
	info, err := os.Stat(s.Path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %v, %v", info.Mode(), err)
	}
	text, err := os.ReadFile(s.Path)
	if lines := strings.Count(string(text), "\n"); err != nil || lines != len(access.Roles)+2 {
		t.Errorf("%v: the file is\n%s", err, text)
	}
	if files, err := os.ReadDir(filepath.Dir(s.Path)); err != nil || len(files) != 1 {
		t.Errorf("there are %v, %v", files, err)
	}
}

// TestDemoUsersStay starts a register again with its file, without it, and with that of another.
func TestDemoUsersStay(t *testing.T) {
	s := newStarts(t, t.TempDir())
	first := s.start()
	if again := s.start(); !maps.Equal(first, again) || s.user("drift").Version != 1 {
		t.Error("a second start has changed the users")
	}
	other := newStarts(t, filepath.Dir(s.Path)).start()
	valid := []map[string]string{first}
	for range 3 {
		valid = append(valid, s.start()) // at first with the other's file
		if err := os.Remove(s.Path); err != nil {
			t.Fatal(err)
		}
	}
	for _, rolle := range access.Roles {
		navn := rolle.String()
		var got []bool
		for _, secrets := range append(valid, other) {
			got = append(got, s.logIn(navn, secrets[navn]))
		}
		if want := []bool{false, false, true, true, false}; !slices.Equal(got, want) {
			t.Errorf("%s logs in: %v, want %v", navn, got, want)
		}
	}
}

// TestDemoUsersAreTheOperators leaves alone what somebody did to them on purpose.
func TestDemoUsersAreTheOperators(t *testing.T) {
	s := newStarts(t, t.TempDir())
	first := s.start()
	_, findings, err := s.Close(t.Context(), by, "laeser")
	s.must(findings, err)
	_, findings, err = s.RevokeSecret(t.Context(), by, "support", s.user("support").Secrets[0].ID)
	s.must(findings, err)
	_, findings, err = s.Revoke(t.Context(), by, "leverandoer", s.user("leverandoer").Grants[0].ID)
	s.must(findings, err)
	_, expiring, findings, err := s.Rotate(t.Context(), by, "ejer", s.Now().Add(time.Minute))
	s.must(findings, err)
	s.must(nil, s.write(map[string]string{
		"laeser": "guessed", "leverandoer": first["leverandoer"], "support": first["support"], "ejer": expiring, "drift": "guessed",
	}))

	if second := s.start(); second["ejer"] != expiring {
		t.Error("a secret was thrown away before its time")
	}
	for range 60 {
		s.Now()
	}
	third := s.start()
	for navn, want := range map[string]struct{ kept, logsIn bool }{
		"laeser": {false, false}, "leverandoer": {true, true}, "ejer": {false, true}, "support": {false, true}, "drift": {false, true},
	} {
		kept, logsIn := third[navn] == first[navn], s.logIn(navn, third[navn])
		if kept != want.kept || logsIn != want.logsIn || s.user(navn).Lukket == logsIn {
			t.Errorf("%s: the first secret was kept: %v; it logs in: %v; %+v", navn, kept, logsIn, s.user(navn))
		}
	}
	if third["laeser"] != "guessed" || len(s.user("laeser").Secrets) != 1 {
		t.Error("a user who was shut out has got a new secret")
	}
	if s.user("leverandoer").Grants[0].Tilbagekaldt.IsZero() {
		t.Error("a revoked grant is back")
	}
}

func TestDemoFileThatIsNone(t *testing.T) {
	s := newStarts(t, t.TempDir())
	if err := os.WriteFile(s.Path, []byte(`{"drift":`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Secrets(t.Context()); err == nil || !strings.Contains(err.Error(), s.Path) {
		t.Errorf("a broken file: %v", err)
	}
	if users, err := s.Store.Users(t.Context()); err != nil || len(users) > 0 {
		t.Errorf("there are users: %v, %v", users, err)
	}
}
