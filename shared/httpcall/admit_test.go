package httpcall_test

import (
	"encoding/base64"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/httpcall"
	"dagtilbudsregisteret.dk/shared/register"
)

// basic is the Authorization header of a login.
func basic(navn, secret string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(navn+":"+secret))
}

// admit gives a handler that lets a caller in, and answers who it is.
func admit(need access.Need) func(*httpcall.Call) error {
	return func(c *httpcall.Call) error {
		if err := c.Admit(need, "ImportService.InsertDaginstitution", ""); err != nil {
			return err
		}
		_, err := c.W.Write([]byte("user " + c.Actor().User))
		return err
	}
}

// wantPace checks an answer's body and what it tells of the caller's pace: lines "Name: value", where an empty value is a header that
// must not be there.
func wantPace(t *testing.T, w *httptest.ResponseRecorder, body string, lines ...string) {
	t.Helper()
	if w.Body.String() != body {
		t.Errorf("answered %q, want %q", w.Body, body)
	}
	for _, line := range lines {
		name, want, _ := strings.Cut(line, ": ")
		if got := w.Header().Get(strings.TrimSuffix(name, ":")); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestAdmit(t *testing.T) {
	o := newOffice(t, 0)
	login := "Authorization: " + basic("egern", o.secret)
	wantPace(t, o.ask("/", admit(access.AabneData)), "user ", "RateLimit:", "RateLimit-Policy:")
	wantPace(t, o.ask("/", admit(access.AabneData), login), "user egern", "RateLimit:", "RateLimit-Policy:")
	wantPace(t, o.ask("/", admit(access.Skrivning)), register.Unauthenticated.String(), "RateLimit:",
		`WWW-Authenticate: Basic realm="Dagtilbudsregisteret", charset="UTF-8"`)
	wantPace(t, o.ask("/", admit(access.Skrivning), login), "user egern",
		`RateLimit: "skrivninger";r=0;t=1`, `RateLimit-Policy: "skrivninger";q=1;w=1`, "Retry-After:")
	o.log.Reset()
	wantPace(t, o.ask("/", admit(access.Skrivning), login), register.Limited.String(),
		`RateLimit: "skrivninger";r=0;t=1`, `RateLimit-Policy: "skrivninger";q=1;w=1`, "Retry-After: 1")
	if line := o.line(); line["user"] != "egern" || line["route"] != "ImportService.InsertDaginstitution" {
		t.Errorf("who was turned away is logged as %v", line)
	}
}

// TestOnePace calls by two protocols: what one takes the other does not have.
func TestOnePace(t *testing.T) {
	o := newOffice(t, 2)
	one := httpcall.New(o.Services, "").Frame(admit(access.AabneData), teapot)
	other := httpcall.New(o.Services, "/soap").Frame(admit(access.AabneData), teapot)
	wantPace(t, o.send(one, "/v2/dagtilbud"), "user ", `RateLimit: "anonyme";r=1;t=1`)
	wantPace(t, o.send(other, "/soap/v2/ExportService"), "user ", `RateLimit: "anonyme";r=0;t=1`)
	wantPace(t, o.send(one, "/v2/dagtilbud"), register.Limited.String(), "Retry-After: 1")
	wantPace(t, o.send(other, "/soap/v2/ExportService"), register.Limited.String(), "Retry-After: 1")
}

// TestTrailOfARefusal has the gate refuse a write, which goes into the trail with all that is known of the call.
func TestTrailOfARefusal(t *testing.T) {
	o := newOffice(t, 0)
	const trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	w := o.send(httpcall.New(o.Services, "/soap").Frame(func(c *httpcall.Call) error {
		return c.Admit(access.Driftsret, "ImportService.InsertDaginstitution", "mejse")
	}, teapot), "/soap/v1/ImportService", "Authorization: "+basic("egern", o.secret), "X-Request-Id: req-1", "Traceparent: "+trace)
	wantPace(t, w, register.Forbidden.String())
	want := register.Actor{User: "egern", Version: register.V1, Address: "192.0.2.1", RequestID: "req-1", Traceparent: trace}
	for e, err := range o.Store.Entries(t.Context(), o.now, access.Entry{}, o.now) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Af == want && e.Handling == "ImportService.InsertDaginstitution" && e.Bruger == "mejse" && e.Afvist {
			return
		}
	}
	t.Error("the refusal is not in the trail")
}

// TestActor reads where calls come from, and what they are part of.
func TestActor(t *testing.T) {
	o := newOffice(t, 0)
	const trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	for _, c := range []struct{ remote, traceparent, address, taken string }{
		{"192.0.2.7:1234", trace, "192.0.2.7", trace},
		{"[2001:db8::7]:1234", "", "2001:db8::7", ""},
		{"192.0.2.7", "00-<script>", "192.0.2.7", ""},
		{"", strings.Repeat("0", 64), "", strings.Repeat("0", 64)},
		{"", strings.Repeat("0", 65), "", ""},
	} {
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/v1/import", nil)
		r.RemoteAddr = c.remote
		r.Header.Set("Traceparent", c.traceparent)
		r.Header.Set("X-Forwarded-For", "198.51.100.1") // what a caller says of itself
		var got register.Actor
		httpcall.New(o.Services, "").Frame(func(c *httpcall.Call) error { got = c.Actor(); return nil }, teapot).ServeHTTP(httptest.NewRecorder(), r)
		if got.Address != c.address || got.Traceparent != c.taken || got.Version != register.V1 || got.User != "" || got.RequestID == "" {
			t.Errorf("%q, %q: %+v", c.remote, c.traceparent, got)
		}
	}
}

// TestRetryAfter tells a wait in whole seconds, and never one that is too short.
func TestRetryAfter(t *testing.T) {
	o := newOffice(t, 0)
	login := "Authorization: " + basic("egern", o.secret)
	o.ask("/", admit(access.Skrivning), login)
	o.now = o.now.Add(999 * time.Millisecond)
	wantPace(t, o.ask("/", admit(access.Skrivning), login), register.Limited.String(), "Retry-After: 1")
	o.now = o.now.Add(time.Millisecond)
	wantPace(t, o.ask("/", admit(access.Skrivning), login), "user egern", "Retry-After:")
}
