package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/infra/dtr/client"
	"dagtilbudsregisteret.dk/shared/boltstore"
	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/rest"
)

// sample is a small invented file: names with quotes, a backslash and markup, house letters, two units at one address, a D number,
// one without coordinates, and G20005, a selvejende dagpleje, which v2 does not find lawful.
const (
	sample     = "testdata/sample.csv"
	sampleRows = 8
)

// newStore opens an empty register on a file of its own.
func newStore(t *testing.T) register.Store {
	store, err := boltstore.Open(filepath.Join(t.TempDir(), "register.db"), register.DefaultSeries)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}

// serve serves a store over HTTP, as its configuration is changed to, and gives its address.
func serve(t *testing.T, store register.Store, change func(*rest.Config)) string {
	config := rest.Config{Store: store, Tables: codes.Embedded(), Now: time.Now, Log: slog.New(slog.DiscardHandler), Chunk: boltstore.Chunk}
	if change != nil {
		change(&config)
	}
	api := rest.New(config)
	server := httptest.NewServer(api.Handler(api.Import(), api.Export(), api.Numbers(), api.Validation()))
	t.Cleanup(server.Close)
	return server.URL
}

func newRegister(t *testing.T) string { return serve(t, newStore(t), nil) }

// session runs command lines against a register.
type session struct {
	t        *testing.T
	url      string
	env      map[string]string
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
	e := &env{stdout: &stdout, stderr: &stderr, connect: s.connect, getenv: func(name string) string {
		if name == "DTR_URL" {
			return s.url
		}
		return s.env[name]
	}}
	ctx := s.ctx
	if ctx == nil {
		ctx = s.t.Context()
	}
	code := run(ctx, e, args)
	return ran{code, stdout.String(), stderr.String()}
}

func (s *session) connect(address, language string) (*client.Client, error) {
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
