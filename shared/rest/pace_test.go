package rest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
)

// TestPace has a user write and read as fast as it may, and faster.
func TestPace(t *testing.T) {
	s := newSite(t)
	s.enroll(access.User{Navn: "egern", Rolle: access.Leverandoer, Grants: grants(461), Skrivninger: 3, Laesninger: 2})
	c := s.as("egern")
	for left := 2; left >= 0; left-- {
		c.call("POST", "/v2/daginstitutioner", daginstitution).ok(201).
			wantHeaders(`RateLimit-Policy: "skrivninger";q=3;w=1`, fmt.Sprintf(`RateLimit: "skrivninger";r=%d;t=1`, left), "Retry-After:")
	}
	before := s.positions()
	c.call("POST", "/v2/daginstitutioner", daginstitution).problem(429, "tempo/tempo").
		wantHeaders(`RateLimit-Policy: "skrivninger";q=3;w=1`, `RateLimit: "skrivninger";r=0;t=1`, "Retry-After: 1", "Content-Language: da")
	if after := s.positions(); after != before {
		t.Errorf("written: %s, before %s", after, before)
	}

	// To read is another matter, and so is another user.
	c.call("GET", "/v2/dagtilbud", "").ok(200).wantHeaders(`RateLimit: "laesninger";r=1;t=1`, `RateLimit-Policy: "laesninger";q=2;w=1`)
	c.call("POST", "/v2/validering", line("")).ok(200).wantHeaders(`RateLimit: "laesninger";r=0;t=1`)
	c.call("GET", "/v2/adgang/mig", "").problem(429, "tempo/tempo")
	s.as(leverandoer).call("POST", "/v2/daginstitutioner", daginstitution).ok(201).wantHeaders("RateLimit:", "RateLimit-Policy:")

	// A call's worth of room comes each third of a second, and three of them at most.
	s.now = s.now.Add(333 * time.Millisecond)
	c.call("POST", "/v2/daginstitutioner", daginstitution).ok(429)
	s.now = s.now.Add(time.Millisecond)
	c.call("POST", "/v2/daginstitutioner", daginstitution).ok(201)
	c.call("POST", "/v2/daginstitutioner", daginstitution).ok(429)
	s.now = s.now.Add(time.Hour)
	for _, status := range []int{201, 201, 201, 429} {
		c.call("POST", "/v2/daginstitutioner", daginstitution).ok(status)
	}
}

// TestImportCountsOnce sends many lines in one call.
func TestImportCountsOnce(t *testing.T) {
	s := newSite(t)
	s.enroll(access.User{Navn: "egern", Rolle: access.Leverandoer, Grants: grants(461), Skrivninger: 2})
	for range 2 {
		if a := s.as("egern").call("POST", "/v2/import", strings.Repeat(line(""), 250)).ok(200); strings.Count(a.body, `"status":201`) != 250 {
			t.Fatal(a.body)
		}
	}
	s.as("egern").call("POST", "/v2/import", line("")).problem(429, "tempo/tempo")
}

// TestRefusedCallsCount refuses a user's calls for its role: they take from its pace as others do.
func TestRefusedCallsCount(t *testing.T) {
	s := newSite(t)
	s.enroll(access.User{Navn: "egern", Rolle: access.Laeser, Skrivninger: 1})
	s.as("egern").call("POST", "/v2/daginstitutioner", daginstitution).problem(403, "adgang/rolle").wantHeaders(`RateLimit: "skrivninger";r=0;t=1`)
	s.as("egern").call("POST", "/v2/daginstitutioner", daginstitution).problem(429, "tempo/tempo")
}

// TestNewPace gives a user another pace while it calls.
func TestNewPace(t *testing.T) {
	s := newSite(t)
	s.enroll(access.User{Navn: "egern", Rolle: access.Leverandoer, Skrivninger: 1, Laesninger: 1})
	me := func() *answer { return s.as("egern").call("GET", "/v2/adgang/mig", "") }
	me().ok(200)
	me().ok(429)
	s.call("PUT", "/v2/adgang/brugere/egern", `{"laesninger":0}`, `If-Match: "1"`).ok(200)
	for range 200 {
		me().ok(200).wantHeaders("RateLimit:", "RateLimit-Policy:")
	}
	u := read[shownUser](me())
	if u.Laesninger != 0 || u.Skrivninger != access.DefaultSkrivninger {
		t.Errorf("a limit that was left out is %d, the one that was lifted %d", u.Skrivninger, u.Laesninger)
	}
}

// TestAnonymousPace has addresses call without a login, which each has a pace of its own for.
func TestAnonymousPace(t *testing.T) {
	s := newSite(t, func(c *config) { c.Anonymous = 2 })
	const one, another = "192.0.2.7", "2001:db8::7"
	for _, address := range []string{one, another} {
		c := s.as(nobody).from(address)
		c.call("GET", "/v2/dagtilbud", "").ok(200).wantHeaders(`RateLimit: "anonyme";r=1;t=1`, `RateLimit-Policy: "anonyme";q=2;w=1`)
		c.call("POST", "/v2/validering", line("")).ok(200)
		c.call("GET", "/v2/dagtilbud", "").problem(429, "tempo/tempo").wantHeaders("Retry-After: 1", `RateLimit: "anonyme";r=0;t=1`)
		c.call("GET", "/health", "").ok(200).wantHeaders("RateLimit:")
		c.call("GET", "/v2/dagtilbud", "", "X-Forwarded-For: 198.51.100.1", "Forwarded: for=198.51.100.1").ok(429) // what a caller says of itself
	}
	s.now = s.now.Add(500 * time.Millisecond)
	s.as(nobody).from(one).call("GET", "/v2/dagtilbud", "").ok(200)
	s.as(nobody).from(one).call("GET", "/v2/dagtilbud", "").ok(429)
}

// TestWrongLoginsPace guesses secrets: guesses go at the pace of those who do not log in, and a user who is logged in is not held up.
func TestWrongLoginsPace(t *testing.T) {
	s := newSite(t, func(c *config) { c.Anonymous = 3 })
	s.as(drift).call("GET", "/v2/adgang/mig", "").ok(200)
	for i, status := range []int{401, 401, 429, 429} {
		a := s.as(nobody).call("GET", "/v2/adgang/mig", "", "Authorization: "+basic(drift, fmt.Sprint("forkert", i))).ok(status)
		if status == 429 {
			a.wantHeaders("Retry-After: 1", `RateLimit-Policy: "anonyme";q=3;w=1`)
		}
	}
	for range 10 {
		s.as(drift).call("GET", "/v2/adgang/mig", "").ok(200)
	}
	s.as(leverandoer).call("GET", "/v2/adgang/mig", "").ok(429)                      // from there nobody else logs in for now
	s.as(leverandoer).from("198.51.100.7").call("GET", "/v2/adgang/mig", "").ok(200) // but from elsewhere
	s.now = s.now.Add(time.Second)
	s.as(leverandoer).call("GET", "/v2/adgang/mig", "").ok(200)
}
