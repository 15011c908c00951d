package access_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/boltstore"
	"dagtilbudsregisteret.dk/shared/register"
)

// house is a gate, what is behind it, and a clock that stands until it is moved on.
type house struct {
	*testing.T
	*access.Gate
	store *watched
	now   time.Time
}

// watched is a store on disk that keeps count of what it is asked, and fails where it is told to.
type watched struct {
	access.Store
	calls []string
	fail  map[string]error
	then  func(call string) // done once a call has been answered
}

func (s *watched) note(call string) error {
	s.calls = append(s.calls, call)
	return s.fail[call]
}

func (s *watched) User(ctx context.Context, navn string) (access.User, error) {
	if err := s.note("User"); err != nil {
		return access.User{}, err
	}
	u, err := s.Store.User(ctx, navn)
	if s.then != nil {
		s.then("User")
	}
	return u, err
}

func (s *watched) NoteUse(ctx context.Context, navn, secretID string, at time.Time) error {
	if err := s.note("NoteUse"); err != nil {
		return err
	}
	return s.Store.NoteUse(ctx, navn, secretID, at)
}

func (s *watched) AddTrail(ctx context.Context, entries ...access.Entry) error {
	if err := s.note("AddTrail"); err != nil {
		return err
	}
	return s.Store.AddTrail(ctx, entries...)
}

// asked gives the calls since it was last asked.
func (s *watched) asked() []string {
	calls := s.calls
	s.calls = nil
	return calls
}

// newHouse is a gate where those who do not log in may make any number of calls.
func newHouse(t *testing.T) *house { return newHouseFor(t, 0) }

func newHouseFor(t *testing.T, anonymous int) *house {
	t.Helper()
	h := &house{T: t, store: &watched{Store: openStore(t), fail: make(map[string]error)}, now: now}
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	h.Gate = access.NewGate(h.store, func() time.Time { return h.now }, log, anonymous)
	return h
}

func openStore(t testing.TB) *boltstore.Store {
	t.Helper()
	dir, err := os.MkdirTemp("", "access-*")
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
	return store
}

// save stores a user as it is now to be.
func (h *house) save(u access.User) {
	h.Helper()
	stored, err := h.store.Store.User(h.Context(), u.Navn)
	if err != nil && register.KindOf(err) != register.NotFound {
		h.Fatal(err)
	}
	u.Version = stored.Version + 1
	if err := h.store.SaveUser(h.Context(), u, access.NewEntry(h.now, access.Entry{Handling: "test", Bruger: u.Navn})); err != nil {
		h.Fatal(err)
	}
}

// user makes a user of a role with the connections it needs, and gives its secret.
func (h *house) user(navn string, rolle access.Role, edits ...func(*access.User)) (access.User, string) {
	h.Helper()
	text, kept := access.NewSecret(h.now, time.Time{})
	u := access.User{Navn: navn, Rolle: rolle, Forbindelse: access.Laese | access.Levere, Secrets: []access.Secret{kept}}
	for _, edit := range edits {
		edit(&u)
	}
	h.save(u)
	return u, text
}

func basic(navn, secret string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(navn+":"+secret))
}

// enter tries to come in with a name and a secret, and tells how it went: "" or the kind of the error, with its code.
func (h *house) enter(navn, secret string) string {
	h.Helper()
	caller, _, err := h.Admit(h.Context(), access.Attempt{Authorization: basic(navn, secret), Need: access.Indlogning})
	if err == nil && caller.Navn() != navn {
		h.Errorf("%s came in as %q", navn, caller.Navn())
	}
	return outcome(err)
}

// outcome writes an error down: its kind, and its code where it has one.
func outcome(err error) string {
	if err == nil {
		return ""
	}
	s := register.KindOf(err).String()
	if own, ok := err.(*register.Error); ok && own.Code != "" {
		s += " " + own.Code
	}
	return s
}

func (h *house) want(what, got, want string) {
	h.Helper()
	if got != want {
		h.Errorf("%q: %q, want %q", what, got, want)
	}
}

func (h *house) wantAsked(what string, want ...string) {
	h.Helper()
	if got := h.store.asked(); !slices.Equal(got, want) {
		h.Errorf("%s: the store was asked %v, want %v", what, got, want)
	}
}

// refusals gives the trail's entries of refused acts, each as "<user> <what> <rules>".
func (h *house) refusals() (lines []string) {
	h.Helper()
	for e, err := range h.store.Entries(h.Context(), h.now, access.Entry{}, h.now) {
		if err != nil {
			h.Fatal(err)
		}
		if e.Afvist {
			lines = append(lines, fmt.Sprintf("%s %s %v", e.Af.User, e.Handling, e.Regler))
		}
	}
	return lines
}
