// Package parity holds the protocols to each other: one story is told to REST and to SOAP, each on a register of its own, and what they
// answer, what they write and what the trail keeps must be the same, finding by finding and word by word.
//
// REST answers in one language at a time, so it is told the story twice. What the protocols are to differ in is written down where it
// is made alike: see [alike].
package parity

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/access/accesstest"
	"dagtilbudsregisteret.dk/shared/boltstore"
	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/rest"
	"dagtilbudsregisteret.dk/shared/services"
	"dagtilbudsregisteret.dk/shared/soap"
)

// site is a register, and one protocol to it.
type site struct {
	t testing.TB
	http.Handler
	store   *boltstore.Store
	now     time.Time
	secrets map[string]string
	log     bytes.Buffer
}

func newSite(t testing.TB, protocol func(*services.Services) http.Handler) *site {
	t.Helper()
	store, err := boltstore.Open(filepath.Join(t.TempDir(), "register.db"), "G")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	s := &site{t: t, store: store, now: time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC), secrets: make(map[string]string)}
	for _, u := range []access.User{
		{Navn: "drift", Rolle: access.Drift},
		{Navn: "laeser", Rolle: access.Laeser},
		{Navn: "langsom", Rolle: access.Drift, Skrivninger: 1},
		{Navn: "ejer", Rolle: access.Ejer, CVRNummer: "12345674", Grants: []access.Grant{{ID: "B1", Nummer: "G10000", Fra: "2026-01-01"}}},
		{Navn: "leverandoer", Rolle: access.Leverandoer, Grants: []access.Grant{
			{ID: "B1", Kommune: 461, Fra: "2026-01-01"}, {ID: "B2", Kommune: 265, Fra: "2026-01-01", Niveauer: []register.Level{register.Daginstitution}}}},
	} {
		s.enroll(u)
	}
	s.Handler = protocol(services.New(services.Config{
		Store: store, Tables: codes.Embedded(), Now: func() time.Time { return s.now }, Chunk: boltstore.Chunk,
		Log: slog.New(slog.NewJSONHandler(&s.log, nil)),
	}))
	return s
}

func (s *site) enroll(u access.User) {
	s.t.Helper()
	s.secrets[u.Navn] = accesstest.Enroll(s.t, s.store, u, s.now)
}

func overREST(s *services.Services) http.Handler {
	api := rest.New(s, rest.Limits{})
	return api.Handler(api.Import(), api.Export(), api.Validation())
}

func overSOAP(s *services.Services) http.Handler {
	api := soap.New(s, soap.Limits{})
	return api.Handler(api.Import(), api.Export())
}

// send makes one request as a user, or as nobody.
func (s *site) send(user, method, path, body string, headers map[string]string) *httptest.ResponseRecorder {
	s.t.Helper()
	r := httptest.NewRequestWithContext(s.t.Context(), method, path, strings.NewReader(body))
	r.RemoteAddr = "192.0.2.1:1234"
	if user != "" {
		r.SetBasicAuth(user, s.secrets[user])
	}
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// outcome is what became of a call, in words that are no protocol's.
type outcome struct {
	Answered  string // "ok", "refused", or "fault" where it was no business of the method
	Nummer    string
	Version   string
	Position  string
	Rows      []string // of a whole tree: "<level> <number> <version>"
	Fejl      []fund
	Advarsler []fund
}

// fund is a finding.
type fund struct{ Regel, Kode, Pointer, Da, En, Lov, Nummer, Rettelser string }

// alike takes away what the protocols are to differ in, where they list the fields: a row in REST may be sent back with what an answer has
// beside its fields, and what is a list in JSON is several elements in XML.
var alike = strings.NewReplacer(", advarsler, dagtilbudsType", "", ", nedlagte", "", ", anvisningsenheder, ", ", anvisningsenhed, ",
	", alternativeAdresser.", ", alternativAdresse.").Replace

// compare holds two outcomes to each other.
func compare(t *testing.T, name string, rest, soap outcome) {
	t.Helper()
	if !reflect.DeepEqual(rest, soap) {
		t.Errorf("%s\nREST %s\nSOAP %s", name, shown(rest), shown(soap))
	}
}

func shown(o outcome) string { return strings.ReplaceAll(fmt.Sprintf("%+v", o), "} {", "}\n     {") }

// changes gives the change log of every municipality, without what names the single call.
func (s *site) changes() (all []register.Change) {
	s.t.Helper()
	heads, err := s.store.Heads(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	for _, h := range heads {
		for c, err := range s.store.Changes(s.t.Context(), register.Position{Kommune: h.Kommune}) {
			if err != nil {
				s.t.Fatal(err)
			}
			c.Af.RequestID = ""
			all = append(all, c)
		}
	}
	return all
}

// trail gives what was refused, without what names the single entry and call. What the gate turned away is named as the protocol names
// its calls, of which only those who called and why are the same.
func (s *site) trail() (all []string) {
	s.t.Helper()
	for e, err := range s.store.Entries(s.t.Context(), s.now, access.Entry{}, s.now) {
		if err != nil {
			s.t.Fatal(err)
		}
		if !e.Afvist {
			continue
		}
		fund := alike(string(e.Fund))
		e.ID, e.Af.RequestID, e.Fund = "", "", nil
		if strings.ContainsAny(e.Handling, " .") {
			e.Handling = "the gate"
		}
		all = append(all, fmt.Sprintf("%+v %s", e, fund))
	}
	slices.Reverse(all)
	return all
}
