package rest_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"dagtilbudsregisteret.dk/shared/register"
)

func TestLanguage(t *testing.T) {
	s := newSite(t)
	for accept, want := range map[string]string{"": "da", "de": "da", "en-GB, en;q=0.9": "en", "da, en": "da"} {
		a := s.call("GET", "/v2/daginstitutioner/G99999", "", "Accept-Language: "+accept).problem(404, "ukendt-nummer/findesIkke")
		text := map[string]string{"da": "Der findes ingen institution med nummer G99999.", "en": "No institution has the number G99999."}[want]
		if a.Get("Content-Language") != want || !strings.Contains(a.body, text) {
			t.Errorf("%q: %s\n%s", accept, a.Get("Content-Language"), a.body)
		}
		a.wantHeaders("Vary: Accept-Language, Accept-Encoding")
	}
}

func TestNoRoute(t *testing.T) {
	s := newSite(t)
	for path, allow := range map[string]string{
		"/v2/daginstitutioner": "GET, HEAD, POST", "/v2/daginstitutioner/G10000": "DELETE, GET, HEAD, PUT", "/v2/import": "POST",
		"/v1/eksport/samlet.csv": "GET, HEAD", "/health": "GET, HEAD",
	} {
		s.call("PATCH", path, "{").problem(405, "ukendt-sti/metode").wantHeaders("Allow: " + allow)
	}
	for _, path := range []string{"/", "/v3/daginstitutioner", "/v2/daginstitutioner/", "/v2/daginstitutioner/G10000/flyt", "/v2/eksport/", "/v2/numre/x/y"} {
		s.call("GET", path, "").problem(404, "ukendt-sti/sti").wantHeaders("Allow:")
	}
	s.call("GET", "/v2/eksport/alt.csv", "").problem(404, "ukendt-sti/fil")
	s.call("GET", "/v2/eksport/samlet.xlsx", "").problem(404, "ukendt-sti/fil")
	s.call("GET", "/v2/kodetabeller/farver", "").problem(404, "ukendt-sti/kodetabel")
}

// TestHead asks a real server, which sends no body.
func TestHead(t *testing.T) {
	s := newSite(t).family()
	server := httptest.NewServer(s)
	defer server.Close()
	for _, path := range []string{"/health", "/v2/daginstitutioner", "/v2/daginstitutioner/G10000", "/v2/eksport/samlet.csv", "/v2/numre/G10000"} {
		head, err := http.Head(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		head.Body.Close()
		get := s.call("GET", path, "")
		for _, name := range []string{"Content-Type", "ETag", "Registerposition", "Content-Disposition"} {
			if head.StatusCode != 200 || head.Header.Get(name) != get.Get(name) {
				t.Errorf("HEAD %s: %d, %s is %q, with GET %q", path, head.StatusCode, name, head.Header.Get(name), get.Get(name))
			}
		}
	}
}

func TestPanic(t *testing.T) {
	s := newSite(t)
	s.store.unit = func(register.Number) (register.Unit, error) { panic("a secret in the stack") }
	a := s.call("GET", "/v2/daginstitutioner/G10000", "", "X-Request-Id: req-1").problem(500)
	if strings.Contains(a.body, "secret") || !strings.Contains(a.body, "req-1") {
		t.Errorf("shown: %s", a.body)
	}
	for _, logged := range []string{"a secret in the stack", "exchange_test.go", "req-1", `"status":500`, `"level":"ERROR"`} {
		if !strings.Contains(s.log.String(), logged) {
			t.Errorf("the log does not tell %q:\n%s", logged, s.log)
		}
	}
}

// TestKinds has a store fail with every kind of error there is.
func TestKinds(t *testing.T) {
	want := map[register.Kind]int{
		register.Internal: 500, register.Malformed: 400, register.Invalid: 422, register.NotFound: 404, register.Conflict: 409, register.Stale: 412,
		register.Missing: 428, register.TooLarge: 413, register.Reused: 422, register.Exhausted: 503, register.Unavailable: 503,
		register.Unauthenticated: 401, register.Forbidden: 403, register.Limited: 429, register.Gone: 410,
	}
	types := make(map[string]bool)
	for _, kind := range register.Kinds() {
		s := newSite(t)
		s.store.unit = func(register.Number) (register.Unit, error) {
			return register.Unit{}, &register.Error{Kind: kind, Cause: errors.New("password=hunter2")}
		}
		path := "/v2/daginstitutioner/G10000"
		da := s.call("GET", path, "").ok(want[kind])
		en := read[problemDocument](s.call("GET", path, "", "Accept-Language: en"))
		doc := read[problemDocument](da)
		if doc.Title == en.Title || doc.Title == "" || doc.Type != en.Type || types[doc.Type] || !strings.HasPrefix(doc.Type, "https://") {
			t.Errorf("%s: %q, in English %q, of type %s", kind, doc.Title, en.Title, doc.Type)
		}
		types[doc.Type] = true
		if strings.Contains(da.body, "hunter2") || !strings.Contains(s.log.String(), "hunter2") {
			t.Errorf("%s: shown %s\nlogged %s", kind, da.body, s.log)
		}
		if retry, login := da.Get("Retry-After"), da.Get("WWW-Authenticate"); (retry != "") != (kind == register.Unavailable) ||
			(login != "") != (kind == register.Unauthenticated) {
			t.Errorf("%s: Retry-After is %q, WWW-Authenticate is %q", kind, retry, login)
		}
	}
}

func TestInternalFailureShowsNothing(t *testing.T) {
	s := newSite(t)
	s.store.update = func(func(register.Tx) error) error { return errors.New("open /secret/path: permission denied") }
	a := s.call("POST", "/v2/daginstitutioner", daginstitution).problem(500)
	if strings.Contains(a.body, "secret") || !strings.Contains(s.log.String(), "/secret/path") {
		t.Errorf("shown %s\nlogged %s", a.body, s.log)
	}
	a = s.call("POST", "/v2/import", `{"op":"opret","type":"daginstitution","data":`+daginstitution+"}").ok(200)
	if strings.Contains(a.body, "secret") || !strings.Contains(a.body, `"status":500`) {
		t.Errorf("shown %s", a.body)
	}
}

// TestFileFails has the store fail when the first rows are looked up, before anything is sent: nothing of the file is left in the problem document.
func TestFileFails(t *testing.T) {
	s := newSite(t).family()
	s.store.heads = func() ([]register.Head, error) { return nil, errors.New("the disk is gone") }
	a := s.call("GET", "/v2/eksport/samlet.csv", "", "Accept-Encoding: gzip").problem(500)
	a.wantHeaders("Content-Encoding:", "Content-Disposition:", "ETag:", "Link:", "Haendelser-Efter:")
}

// TestLogLine reads the one line that each request leaves.
func TestLogLine(t *testing.T) {
	s := newSite(t)
	for call, want := range map[string]string{
		"GET /v2/daginstitutioner":        `"method":"GET","route":"GET /v2/daginstitutioner","status":200`,
		"GET /v2/daginstitutioner/G99999": `"method":"GET","route":"GET /v2/daginstitutioner/{nummer}","status":404`,
		"GET /nowhere":                    `"method":"GET","route":"-","status":404`,
		"POST /v2/import":                 `"method":"POST","route":"POST /v2/import","status":200`, // of no lines
		"GET /v2/eksport/samlet.ndjson":   `"method":"GET","route":"GET /v2/eksport/{fil}","status":200`,
	} {
		s.log.Reset()
		method, path, _ := strings.Cut(call, " ")
		s.call(method, path, "")
		if got := s.log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, want) {
			t.Errorf("%s: %s", call, got)
		}
	}
}
