package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/infra/dtr/client"
	"dagtilbudsregisteret.dk/infra/queues"
	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/boltstore"
	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/granting"
	"dagtilbudsregisteret.dk/shared/rest"
	"dagtilbudsregisteret.dk/shared/services"
)

// sample is a small invented file: names with quotes, a backslash and markup, house letters, two units at one address, a D number,
// one without coordinates, and G20005, a selvejende dagpleje, which v2 does not find lawful.
const (
	sample     = "testdata/sample.csv"
	sampleRows = 8
)

// operator is the login of the drift user that every register of these tests has.
const (
	operator       = "drift:" + operatorSecret
	operatorSecret = "en-hemmelighed-til-proever"
)

// newStore opens a register on a file of its own, empty but for the operator.
func newStore(t *testing.T) *boltstore.Store {
	store := open(t, filepath.Join(t.TempDir(), "register.db"))
	makeOperator(t, store)
	return store
}

// makeOperator makes the drift user that the tests log in as.
func makeOperator(t *testing.T, store *boltstore.Store) {
	secret := access.Secret{ID: "FIRST", Hash: sha256.Sum256([]byte(operatorSecret)), Oprettet: time.Now()}
	u := access.User{
		Navn: "drift", Rolle: access.Drift, Forbindelse: access.Laese | access.Levere, Secrets: []access.Secret{secret}, Oprettet: time.Now(), Version: 1,
	}
	if err := store.SaveUser(t.Context(), u, access.NewEntry(time.Now(), access.Entry{Handling: granting.Bootstrap})); err != nil {
		t.Fatal(err)
	}
}

// config is what a register is served by.
type config struct {
	services.Config
	rest.Limits
}

// serve serves a store over HTTP, as its configuration is changed to, and gives its address.
func serve(t *testing.T, store services.Store, change func(*config)) string {
	queue, err := queues.Open(filepath.Join(t.TempDir(), "koeer.db"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { queue.Close() })
	c := config{Config: services.Config{
		Store: store, Queue: queue, Tables: codes.Embedded(), Now: time.Now, Log: slog.New(slog.DiscardHandler), Chunk: boltstore.Chunk,
	}}
	if change != nil {
		change(&c)
	}
	api := rest.New(services.New(c.Config), c.Limits)
	server := httptest.NewServer(api.Handler(api.Import(), api.Export(), api.Numbers(), api.Validation(), api.Access(), api.Subscriptions()))
	t.Cleanup(server.Close)
	return server.URL
}

func newRegister(t *testing.T) string { return serve(t, newStore(t), nil) }

// session runs command lines against a register, as its operator unless env says otherwise.
type session struct {
	t        *testing.T
	url      string
	env      map[string]string
	secrets  []string                                  // what no output may hold, besides the login's own
	attempts int                                       // how often a call is made; 1 by default
	wire     func(http.RoundTripper) http.RoundTripper // stands between dtr and the register
	ctx      context.Context                           // that of the test by default
}

// ran is what a command line came to.
type ran struct {
	code           int
	stdout, stderr string
}

func (s *session) run(args ...string) ran {
	s.t.Helper()
	var stdout, stderr bytes.Buffer
	e := &env{stdout: &stdout, stderr: &stderr, connect: s.connect, getenv: s.getenv}
	ctx := s.ctx
	if ctx == nil {
		ctx = s.t.Context()
	}
	code := run(ctx, e, args)
	_, secret, _ := strings.Cut(s.getenv("DTR_USER"), ":")
	for _, secret := range append(s.secrets, secret) {
		if secret != "" && strings.Contains(stdout.String()+stderr.String(), secret) {
			s.t.Errorf("dtr %s showed a secret:\n%s%s", strings.Join(args, " "), &stdout, &stderr)
		}
	}
	return ran{code, stdout.String(), stderr.String()}
}

func (s *session) getenv(name string) string {
	if value, set := s.env[name]; set {
		return value
	}
	return map[string]string{"DTR_URL": s.url, "DTR_USER": operator}[name]
}

// as gives a session on the same register with another login.
func (s *session) as(user string) *session {
	return &session{t: s.t, url: s.url, env: map[string]string{"DTR_USER": user}}
}

func (s *session) connect(address, language string) (*client.Client, error) {
	if address == defaultAddress {
		address = s.url // whatever runs there is not the tests' to call
	}
	c, err := client.New(address, language)
	if err != nil {
		return nil, err
	}
	s.t.Cleanup(c.HTTP.CloseIdleConnections)
	c.Attempts = max(s.attempts, 1)
	c.Pause = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	if s.wire != nil {
		c.HTTP.Transport = s.wire(c.HTTP.Transport)
	}
	return c, nil
}

// must runs a command line that is to end with a code.
func (s *session) must(code int, args ...string) ran {
	s.t.Helper()
	r := s.run(args...)
	if r.code != code {
		s.t.Fatalf("dtr %s ended with %d, want %d\n%s%s", strings.Join(args, " "), r.code, code, r.stdout, r.stderr)
	}
	return r
}

// contains holds a text against what must stand in it.
func contains(t *testing.T, text string, wanted ...string) {
	t.Helper()
	for _, want := range wanted {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in:\n%s", want, text)
		}
	}
}

// send posts a body to a register with a login, without dtr.
func send(t *testing.T, login, url, body string) (status int, answered string) {
	t.Helper()
	call, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	navn, secret, _ := strings.Cut(login, ":")
	call.SetBasicAuth(navn, secret)
	answer, err := http.DefaultClient.Do(call)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	read, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(read)
}

// fetch reads a path of a register without dtr.
func fetch(t *testing.T, url string) (header http.Header, body string) {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	read, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v\n%s", url, answer.Status, err, read)
	}
	return answer.Header, string(read)
}

// position is where a register stands: it is another after any write.
func position(t *testing.T, url string) string {
	t.Helper()
	header, _ := fetch(t, url+"/v2/dagtilbud?limit=1")
	return header.Get("Registerposition")
}
