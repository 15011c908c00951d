package httpcall_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/httpcall"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/services"
	"dagtilbudsregisteret.dk/shared/versions"
)

// withLives gives an office whose versions have the usual days: v1 is deprecated with 2026-12-01 and closes with 2027-06-01.
func withLives(t *testing.T) *office {
	t.Helper()
	o := newOffice(t, 0)
	var err error
	if o.Versions, err = versions.Read(func(string) string { return "" }); err != nil {
		t.Fatal(err)
	}
	return o
}

// routed serves a handler as a route of its own, and everything else by the same.
func (o *office) routed(prefix, pattern string, handle func(*httpcall.Call) error) http.Handler {
	desk := httpcall.New(o.Services, prefix)
	mux := http.NewServeMux()
	mux.Handle(pattern, desk.Frame(handle, teapot))
	return httpcall.Elsewhere(mux, desk.Frame(handle, teapot))
}

const (
	deprecation = "@1796079600"                   // 2026-12-01 in Denmark
	sunset      = "Mon, 31 May 2027 22:00:00 GMT" // 2027-06-01
)

// about are the links to where the lives of the versions are shown.
var about = []string{`</versioner>; rel="deprecation"`, `</versioner>; rel="sunset"`}

func wantLife(t *testing.T, what string, w *httptest.ResponseRecorder, deprecation, sunset string, links ...string) {
	t.Helper()
	h := w.Header()
	if h.Get("Deprecation") != deprecation || h.Get("Sunset") != sunset || !slices.Equal(h.Values("Link"), links) {
		t.Errorf("%s: %q, %q, links %q", what, h.Get("Deprecation"), h.Get("Sunset"), h.Values("Link"))
	}
}

// TestHeadersOfAVersion reads what every answer of a version that is on its way out says, whatever the answer is and whenever it is given.
func TestHeadersOfAVersion(t *testing.T) {
	o := withLives(t)
	successor := append([]string{`</v2/dagtilbud/G%2010000>; rel="successor-version"`}, about...)
	for name, handle := range map[string]func(*httpcall.Call) error{
		"an answer":   nothing,
		"none needed": func(c *httpcall.Call) error { c.W.WriteHeader(http.StatusNotModified); return nil },
		"an error":    func(*httpcall.Call) error { return errors.New("the disk is gone") },
		"a panic":     func(*httpcall.Call) error { panic("the disk is gone") },
		"a refusal":   admit(access.Skrivning),
	} {
		handler := o.routed("", "GET /v1/dagtilbud/{nummer}", handle)
		for _, at := range []time.Time{o.now, o.now.AddDate(-1, 0, 0), o.now.AddDate(0, 1, 0), o.now.AddDate(1, 0, 0)} {
			o.now = at
			wantLife(t, name, o.send(handler, "/v1/dagtilbud/G%2010000?pr=2026-01-01"), deprecation, sunset, successor...)
		}
		wantLife(t, name+" without a route", o.send(handler, "/v1/ukendt"), deprecation, sunset, about...)
		wantLife(t, name+" of a path without end", o.send(handler, "/v1/dagtilbud/"+strings.Repeat("G", 600)), deprecation, sunset, about...)
		for _, path := range []string{"/v2/dagtilbud", "/versioner", "/v1", "/soap/v1/ImportService", "/v10/dagtilbud"} {
			wantLife(t, name+" of "+path, o.send(handler, path), "", "")
		}
	}
}

func TestHeadersOfAnotherProtocol(t *testing.T) {
	o := withLives(t)
	handler := o.routed("/soap", "GET /soap/{version}/ImportService", nothing)
	successor := `</soap/v2/ImportService>; rel="successor-version"`
	wantLife(t, "v1", o.send(handler, "/soap/v1/ImportService?wsdl"), deprecation, sunset, append([]string{successor}, about...)...)
	wantLife(t, "v2", o.send(handler, "/soap/v2/ImportService?wsdl"), "", "")
	wantLife(t, "v1 of REST", o.send(handler, "/v1/import"), "", "")
}

// TestHeadersAddLinks has a handler link to more: both are there.
func TestHeadersAddLinks(t *testing.T) {
	o := withLives(t)
	w := o.send(o.routed("", "GET /v1/dagtilbud", func(c *httpcall.Call) error {
		c.W.Header().Add("Link", `</v1/dagtilbud?cursor=x>; rel="next"`)
		return nil
	}), "/v1/dagtilbud")
	want := slices.Concat([]string{`</v2/dagtilbud>; rel="successor-version"`}, about, []string{`</v1/dagtilbud?cursor=x>; rel="next"`})
	wantLife(t, "a page", w, deprecation, sunset, want...)
}

// TestHeadersOfWhatIsKnown leaves out the days that are not set.
func TestHeadersOfWhatIsKnown(t *testing.T) {
	o := newOffice(t, 0)
	for name, c := range map[string]struct {
		life                versions.Life
		deprecation, sunset string
		links               []string
	}{
		"no days":    {versions.Life{}, "", "", nil},
		"deprecated": {versions.Life{Deprecated: "2026-12-01"}, deprecation, "", about[:1]},
		"closing":    {versions.Life{Closes: "2027-06-01"}, "", sunset, about[1:]},
		"succeeded":  {versions.Life{Successor: register.V2}, "", "", []string{`</v2/dagtilbud>; rel="successor-version"`}},
	} {
		c.life.Version = register.V1
		o.Versions = versions.Schedule{c.life}
		wantLife(t, name, o.send(o.routed("", "GET /v1/dagtilbud", nothing), "/v1/dagtilbud"), c.deprecation, c.sunset, c.links...)
	}
}

// TestClosed calls a version on either side of the midnight, in Denmark, with which it closes: from then on nothing is asked of anybody, and
// nobody's pace is taken from.
func TestClosed(t *testing.T) {
	o := withLives(t)
	midnight := access.Day("2027-06-01").Begins()
	login := "Authorization: " + basic("egern", o.secret)
	handled := 0
	handler := o.routed("", "GET /v1/import", func(c *httpcall.Call) error {
		err := admit(access.Skrivning)(c)
		if err == nil {
			handled++
		} else if own, ok := errors.AsType[*register.Error](err); ok && own.Kind == register.Gone && !strings.Contains(own.Detail.En, "/v2/import") {
			t.Errorf("it is not said what to call: %s", own.Detail.En)
		}
		return err
	})
	o.now = midnight.Add(-time.Millisecond)
	wantPace(t, o.send(handler, "/v1/import", login), "user egern", `RateLimit: "skrivninger";r=0;t=1`)
	wantPace(t, o.send(handler, "/v1/import"), register.Unauthenticated.String())
	o.now = midnight
	for range 3 {
		wantPace(t, o.send(handler, "/v1/import", login), register.Gone.String(), "RateLimit:", "Retry-After:", "WWW-Authenticate:")
	}
	wantPace(t, o.send(handler, "/v1/import"), register.Gone.String(), "WWW-Authenticate:")
	wantPace(t, o.send(handler, "/v1/import", "Authorization: "+basic("egern", "forkert")), register.Gone.String(), "WWW-Authenticate:")
	wantPace(t, o.send(o.routed("", "GET /v2/import", admit(access.Skrivning)), "/v2/import"), register.Unauthenticated.String())
	if handled != 1 {
		t.Errorf("%d calls were let in", handled)
	}
}

// TestOpen is asked by what lets anybody in.
func TestOpen(t *testing.T) {
	o := withLives(t)
	ask := func(path string) string {
		return o.send(httpcall.New(o.Services, "").Frame((*httpcall.Call).Open, teapot), path).Body.String()
	}
	o.now = access.Day("2027-06-01").Begins().Add(-time.Millisecond)
	for _, path := range []string{"/v1/import", "/v1/ukendt", "/v2/import", "/versioner"} {
		if got := ask(path); got != "" {
			t.Errorf("before the end %s is %s", path, got)
		}
	}
	o.now = o.now.Add(time.Millisecond)
	for path, want := range map[string]string{
		"/v1/import": "gone", "/v1/ukendt": "gone", "/v1/": "gone", "/v1": "", "/v2/import": "", "/versioner": "", "/": "", "/v1x/import": "",
	} {
		if got := ask(path); got != want {
			t.Errorf("after the end %s is %q", path, got)
		}
	}
}

// counted gives how often a method of v1 has been counted, of all users and days.
func (o *office) counted(method string) (n int64) {
	o.t.Helper()
	for c, err := range o.Store.Calls(o.t.Context(), register.V1, "2026-11-01", "2027-07-31") {
		if err != nil {
			o.t.Fatal(err)
		}
		if c.Navn != "egern" {
			o.t.Errorf("a call of %s is counted", c.Navn)
		}
		n += c.Metoder[method]
	}
	return n
}

// TestWhatIsCounted makes calls of all sorts: those of system users through a version with a successor are counted, come what may.
func TestWhatIsCounted(t *testing.T) {
	const method = "ImportService.InsertDaginstitution"
	login, wrong := "", ""
	afterwards := func(o *office) { o.now = access.Day("2027-06-01").Begins() }
	for name, c := range map[string]struct {
		path   string
		need   access.Need
		header *string
		before func(*office)
		want   int64
	}{
		"let in":                   {"/v1/import", access.Skrivning, &login, nil, 1},
		"refused by its role":      {"/v1/import", access.Driftsret, &login, nil, 1},
		"too fast":                 {"/v1/import", access.Skrivning, &login, func(o *office) { o.ask("/v2/import", admit(access.Skrivning), login) }, 1},
		"nobody":                   {"/v1/import", access.AabneData, new(string), nil, 0},
		"turned away as nobody":    {"/v1/import", access.Skrivning, new(string), nil, 0},
		"with a wrong secret":      {"/v1/import", access.Skrivning, &wrong, nil, 0},
		"through v2":               {"/v2/import", access.Skrivning, &login, nil, 0},
		"outside the versions":     {"/import", access.Skrivning, &login, nil, 0},
		"when nobody is asked for": {"/v1/import", access.Ingen, &login, nil, 0},
		"after the end":            {"/v1/import", access.Skrivning, &login, afterwards, 1},
		"after the end, nobody":    {"/v1/import", access.Skrivning, new(string), afterwards, 0},
		"after the end, wrong":     {"/v1/import", access.Skrivning, &wrong, afterwards, 0},
		"without a successor":      {"/v1/import", access.Skrivning, &login, func(o *office) { o.Versions[0].Successor = 0 }, 0},
		"without a schedule":       {"/v1/import", access.Skrivning, &login, func(o *office) { o.Versions = nil }, 0},
	} {
		o := withLives(t)
		login, wrong = "Authorization: "+basic("egern", o.secret), "Authorization: "+basic("egern", "forkert")
		if c.before != nil {
			c.before(o)
		}
		o.ask(c.path, admit(c.need), *c.header)
		if got := o.counted(method); got != c.want {
			t.Errorf("%s: counted %d times, want %d", name, got, c.want)
		}
	}
}

// watchful is a store of which a test says what becomes of a count, and of a look-up.
type watchful struct {
	services.Store
	count func(context.Context) error
	user  error
}

func (s *watchful) CountCall(ctx context.Context, version register.ServiceVersion, at time.Time, navn, method string) error {
	if err := s.count(ctx); err != nil {
		return err
	}
	return s.Store.CountCall(ctx, version, at, navn, method)
}

func (s *watchful) User(ctx context.Context, navn string) (access.User, error) {
	if s.user != nil {
		return access.User{}, s.user
	}
	return s.Store.User(ctx, navn)
}

// TestCountedBesides has a count that ends only once the call has been handled: the handling does not wait for it, and the answer does.
func TestCountedBesides(t *testing.T) {
	o := withLives(t)
	handled, counted := make(chan struct{}), false
	o.Store = &watchful{Store: o.Store, count: func(context.Context) error {
		<-handled
		counted = true
		return nil
	}}
	w := o.ask("/v1/import", func(c *httpcall.Call) error {
		defer close(handled)
		return admit(access.Skrivning)(c)
	}, "Authorization: "+basic("egern", o.secret))
	if w.Body.String() != "user egern" || !counted || o.counted("ImportService.InsertDaginstitution") != 1 {
		t.Errorf("answered %q, counted %v", w.Body, counted)
	}
}

// TestCountFails has the count fail: the log is told, and the caller notices nothing.
func TestCountFails(t *testing.T) {
	o := withLives(t)
	o.Store = &watchful{Store: o.Store, count: func(context.Context) error { return errors.New("the disk is gone") }}
	wantPace(t, o.ask("/v1/import", admit(access.Skrivning), "Authorization: "+basic("egern", o.secret), "X-Request-Id: req-1"), "user egern")
	for _, logged := range []string{
		"a call was not counted", "the disk is gone", "req-1", "ImportService.InsertDaginstitution", `"version":"v1"`, "WARN",
	} {
		if !strings.Contains(o.log.String(), logged) {
			t.Errorf("the log does not tell %q:\n%s", logged, o.log)
		}
	}
}

// TestUserUnknownAfterTheEnd has the store fail when it is asked who calls a version that has closed: it is answered as gone all the same.
func TestUserUnknownAfterTheEnd(t *testing.T) {
	o := withLives(t)
	o.now = access.Day("2027-06-01").Begins()
	o.Store = &watchful{Store: o.Store, user: &register.Error{Kind: register.Unavailable, Cause: errors.New("the network is gone")}}
	o.Services = services.New(o.Config)
	wantPace(t, o.ask("/v1/import", admit(access.Skrivning), "Authorization: "+basic("egern", o.secret)), register.Gone.String(), "Retry-After:")
	if !strings.Contains(o.log.String(), "the network is gone") {
		t.Errorf("the log does not tell why it was not counted:\n%s", o.log)
	}
}

// TestGoneCallerIsCounted has a caller go away in the middle of the call.
func TestGoneCallerIsCounted(t *testing.T) {
	o := withLives(t)
	ctx, leave := context.WithCancel(t.Context())
	o.Store = &watchful{Store: o.Store, count: func(counting context.Context) error {
		<-ctx.Done()
		if _, bounded := counting.Deadline(); !bounded {
			t.Error("an answer may wait for ever for its call to be counted")
		}
		return counting.Err()
	}}
	r := httptest.NewRequestWithContext(ctx, "POST", "/v1/import", nil)
	r.SetBasicAuth("egern", o.secret)
	httpcall.New(o.Services, "").Frame(func(c *httpcall.Call) error {
		defer leave()
		return admit(access.Skrivning)(c)
	}, teapot).ServeHTTP(httptest.NewRecorder(), r)
	if got := o.counted("ImportService.InsertDaginstitution"); got != 1 {
		t.Errorf("counted %d times", got)
	}
}

// TestAbortedCallIsCounted has an answer broken off.
func TestAbortedCallIsCounted(t *testing.T) {
	o := withLives(t)
	func() {
		defer func() {
			if p := recover(); p != http.ErrAbortHandler {
				t.Errorf("the answer ended by %v", p)
			}
		}()
		o.ask("/v1/import", func(c *httpcall.Call) error {
			if err := admit(access.Skrivning)(c); err != nil {
				t.Error(err)
			}
			panic(http.ErrAbortHandler)
		}, "Authorization: "+basic("egern", o.secret))
	}()
	if got := o.counted("ImportService.InsertDaginstitution"); got != 1 {
		t.Errorf("counted %d times", got)
	}
}
