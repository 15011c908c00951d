package access_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/register"
)

func TestSecretsLetIn(t *testing.T) {
	h := newHouse(t)
	first, one := access.NewSecret(h.now, time.Time{})
	second, two := access.NewSecret(h.now, h.now.Add(time.Hour))
	gone, three := access.NewSecret(h.now, h.now)
	for name, secrets := range map[string][]access.Secret{"onetwo": {one, two}, "twoone": {two, one}, "onethree": {one, three}, "threeone": {three, one}} {
		h.user(name, access.Laeser, func(u *access.User) { u.Secrets = secrets })
	}
	h.user("none", access.Laeser, func(u *access.User) { u.Secrets = nil })
	h.user("closed", access.Drift, func(u *access.User) { u.Secrets, u.Lukket = []access.Secret{one}, true })
	for _, c := range []struct{ navn, secret, want string }{
		{"onetwo", first, ""}, {"onetwo", second, ""}, {"twoone", first, ""}, {"twoone", second, ""},
		{"onethree", first, ""}, {"threeone", first, ""}, {"onethree", gone, in401}, {"threeone", gone, in401},
		{"onetwo", gone, in401}, {"onetwo", first + "x", in401}, {"onetwo", first[1:], in401}, {"onetwo", strings.ToLower(first), in401},
		{"onetwo", "", in401}, {"onetwo", string(one.Hash[:]), in401},
		{"none", first, in401}, {"none", "", in401}, {"closed", first, in401}, {"nobody", first, in401}, {"ONETWO", first, in401},
	} {
		h.want(c.navn+" with "+c.secret, h.enter(c.navn, c.secret), c.want)
	}
}

// TestRefusalsAreAlike holds that nothing tells whether it was the name, the secret or the form that was wrong.
func TestRefusalsAreAlike(t *testing.T) {
	h := newHouse(t)
	_, secret := h.user("os", access.Drift)
	h.user("closed", access.Drift, func(u *access.User) { u.Lukket = true })
	shown := func(err error) register.Text {
		own, _ := errors.AsType[*register.Error](err)
		return own.Detail
	}
	var first error
	for _, authorization := range []string{"", basic("os", "wrong"), basic("nobody", secret), basic("closed", "wrong"), basic("os", ""), "Basic", "Bearer " + secret, "Basic ?"} {
		caller, pace, err := h.Admit(t.Context(), access.Attempt{Authorization: authorization, Need: access.Skrivning})
		if first == nil {
			first = err
		}
		if outcome(err) != in401 || shown(err) != shown(first) || caller != (access.Caller{}) || pace != (access.Pace{}) {
			t.Errorf("%q: %v, %+v, %+v", authorization, err, caller, pace)
		}
	}
	if got := h.refusals(); len(got) > 0 {
		t.Errorf("the trail tells of those who are nobody: %v", got)
	}
}

// TestVerifiedIsRemembered takes a secret at its word for a minute, and not a moment more.
func TestVerifiedIsRemembered(t *testing.T) {
	h := newHouse(t)
	u, secret := h.user("os", access.Laeser)
	h.want("at first", h.enter("os", secret), "")
	h.wantAsked("at first", "User", "NoteUse")
	u.Secrets = nil
	h.save(u)
	h.now = now.Add(access.Remembered - time.Nanosecond)
	h.want("within the minute", h.enter("os", secret), "")
	h.wantAsked("within the minute")
	h.now = now.Add(access.Remembered)
	h.want("after it", h.enter("os", secret), in401)
	h.wantAsked("after it", "User")
	wantDays := func(want ...access.Day) {
		t.Helper()
		var days []access.Day
		for c, err := range h.store.Calls(t.Context(), access.AnyVersion, access.DayOf(now).After(-1), access.DayOf(now).After(2)) {
			if err != nil || c.Navn != "os" || c.Metoder[access.Noted] != 1 {
				t.Errorf("%+v, %v", c, err)
			}
			days = append(days, c.Dag)
		}
		if !slices.Equal(days, want) {
			t.Errorf("it was there on %v, want %v", days, want)
		}
	}
	wantDays(access.DayOf(now)) // of the hour in which it called, it is noted once
	if access.Remembered > time.Minute {
		t.Errorf("a revoked secret lives for %s", access.Remembered)
	}
}

// TestVerifiedNoLongerThanItLives has a secret run out within the minute.
func TestVerifiedNoLongerThanItLives(t *testing.T) {
	h := newHouse(t)
	text, kept := access.NewSecret(now, now.Add(10*time.Second))
	h.user("os", access.Laeser, func(u *access.User) { u.Secrets = []access.Secret{kept} })
	for after, want := range map[time.Duration]string{10*time.Second - time.Nanosecond: "", 10 * time.Second: in401, 30 * time.Second: in401} {
		h.now = now
		h.Forget("os")
		h.want("at first", h.enter("os", text), "")
		h.now = now.Add(after)
		h.want("after "+after.String(), h.enter("os", text), want)
	}
}

// TestWrongIsNeverRemembered has what is wrong looked up each time, so that a secret lets in as soon as it is given.
func TestWrongIsNeverRemembered(t *testing.T) {
	h := newHouse(t)
	u, _ := h.user("os", access.Laeser)
	text, kept := access.NewSecret(now, time.Time{})
	for range 3 {
		h.want("a wrong secret", h.enter("os", text), in401)
		h.wantAsked("a wrong secret", "User")
	}
	u.Secrets = append(u.Secrets, kept)
	h.save(u)
	h.want("once it is given", h.enter("os", text), "")
}

// TestUnknownNamesCostTheSame asks the store for one who is not there, one with a wrong secret, one without any and one who is closed.
func TestUnknownNamesCostTheSame(t *testing.T) {
	h := newHouse(t)
	_, secret := h.user("known", access.Laeser)
	h.user("without", access.Laeser, func(u *access.User) { u.Secrets = nil })
	h.user("closed", access.Laeser, func(u *access.User) { u.Lukket = true })
	for _, navn := range []string{"unknown", "known", "without", "closed"} {
		h.want(navn, h.enter(navn, secret[:1]), in401)
		h.wantAsked(navn, "User")
	}
	for _, header := range []string{"Bearer x", basic("-", secret), "Basic " + strings.Repeat("b", 600), basic("known", secret) + strings.Repeat(" ", 512)} {
		_, _, err := h.Admit(t.Context(), access.Attempt{Authorization: header, Need: access.Indlogning})
		h.want(header, outcome(err), in401)
		h.wantAsked(header)
	}
}

func TestForget(t *testing.T) {
	h := newHouse(t)
	_, secret := h.user("os", access.Laeser)
	_, other := h.user("andre", access.Laeser)
	h.want("at first", h.enter("os", secret)+h.enter("andre", other), "")
	h.store.asked()
	h.Forget("os")
	h.want("forgotten", h.enter("os", secret), "")
	h.wantAsked("forgotten", "User")
	h.want("another", h.enter("andre", other), "")
	h.wantAsked("another")
}

// TestForgetWhileLookingUp closes a user between the look-up of its first call and the end of that.
func TestForgetWhileLookingUp(t *testing.T) {
	h := newHouse(t)
	u, secret := h.user("os", access.Laeser)
	h.store.then = func(string) {
		h.store.then = nil
		u.Lukket = true
		h.save(u)
		h.Forget("os")
	}
	h.want("the call under way", h.enter("os", secret), "")
	h.want("the next", h.enter("os", secret), in401)
}

// TestRightsGoByTheCall has a user who is remembered over midnight write no longer than its grant lasts.
func TestRightsGoByTheCall(t *testing.T) {
	h := newHouse(t)
	h.now = time.Date(2026, 11, 23, 22, 59, 59, 0, time.UTC) // one second to midnight in Denmark
	_, secret := h.user("os", access.Leverandoer, func(u *access.User) {
		u.Grants = []access.Grant{{Kommune: 461, Fra: "2026-11-01", Til: "2026-11-23"}}
	})
	var nobody access.Caller
	unit := row(d)
	for _, want := range []string{"", "kommune"} {
		caller, _, err := h.Admit(t.Context(), access.Attempt{Authorization: basic("os", secret), Need: access.Skrivning})
		if err != nil {
			t.Fatal(err)
		}
		rights := caller.Rights()
		missing, err := rights.Change(&none, &unit, ejerform, ejerform)
		if err != nil || code(missing) != want {
			t.Errorf("at %s: %v, missing %q, want %q", h.now, err, code(missing), want)
		}
		h.now = h.now.Add(time.Second)
	}
	rights := nobody.Rights()
	if missing, err := rights.Change(&none, &unit, ejerform, ejerform); missing == nil || err != nil {
		t.Errorf("nobody may write: %v", err)
	}
}

// TestUseIsNoted notes the use of each secret once an hour, and lets in all the same where that fails.
func TestUseIsNoted(t *testing.T) {
	h := newHouse(t)
	first, one := access.NewSecret(now, time.Time{})
	second, two := access.NewSecret(now, time.Time{})
	h.user("os", access.Laeser, func(u *access.User) { u.Secrets = []access.Secret{one, two} })
	for _, c := range []struct {
		after  time.Duration
		secret string
		asked  []string
	}{
		{0, first, []string{"User", "NoteUse"}},
		{0, second, []string{"User", "NoteUse"}},
		{59 * time.Minute, first, []string{"User"}},
		{time.Hour, first, []string{"User", "NoteUse"}},
		{61 * time.Minute, second, []string{"User", "NoteUse"}},
		{119 * time.Minute, first, []string{"User"}},
	} {
		h.now = now.Add(c.after)
		h.want(c.after.String(), h.enter("os", c.secret), "")
		h.wantAsked(c.after.String(), c.asked...)
	}
	uses, err := h.store.Uses(t.Context())
	if want := now.Add(time.Hour); err != nil || !uses["os"][one.ID].Equal(want) || !uses["os"][two.ID].Equal(want.Add(time.Minute)) || len(uses["os"]) != 2 {
		t.Errorf("%v: used %v", err, uses)
	}

	h.store.fail["NoteUse"] = errors.New("disk on fire")
	h.now = now.Add(24 * time.Hour)
	h.want("where noting fails", h.enter("os", first), "")
	h.wantAsked("where noting fails", "User", "NoteUse")
}

// TestStoreFails answers the store's own error, and remembers nothing of it.
func TestStoreFails(t *testing.T) {
	h := newHouse(t)
	_, secret := h.user("os", access.Laeser)
	for _, broken := range []error{&register.Error{Kind: register.Unavailable}, errors.New("disk on fire")} {
		h.store.fail["User"] = broken
		caller, _, err := h.Admit(t.Context(), access.Attempt{Authorization: basic("os", secret), Need: access.Indlogning})
		if err != broken || caller.User != nil {
			t.Errorf("%v lets in %q", err, caller.Navn())
		}
	}
	delete(h.store.fail, "User")
	h.want("once it answers", h.enter("os", secret), "")
}

// TestPaces drains every bucket there is at the gate: a user's of writing and of reading, and an address'.
func TestPaces(t *testing.T) {
	h := newHouseFor(t, 3)
	_, secret := h.user("os", access.Drift, func(u *access.User) { u.Skrivninger, u.Laesninger = 2, 4 })
	_, fast := h.user("fast", access.Drift)
	_, reader := h.user("laeser", access.Laeser, func(u *access.User) { u.Skrivninger = 1 })
	type pace = access.Pace
	second := func(share float64) time.Duration { return time.Duration(share * float64(time.Second)) }
	for i, c := range []struct {
		authorization string
		need          access.Need
		address       string
		times         int  // how many calls are let in
		last          pace // how the one after those is answered
		want          string
	}{
		{basic("os", secret), access.Skrivning, "a", 2, pace{"skrivninger", 2, 0, second(1. / 2)}, "limited"},
		{basic("os", secret), access.Driftsret, "b", 0, pace{"skrivninger", 2, 0, second(1. / 2)}, "limited"},
		{basic("os", secret), access.Styring, "b", 0, pace{"skrivninger", 2, 0, second(1. / 2)}, "limited"},
		{basic("os", secret), access.Proevning, "b", 4, pace{"laesninger", 4, 0, second(1. / 4)}, "limited"},
		{basic("os", secret), access.AabneData, "b", 0, pace{"laesninger", 4, 0, second(1. / 4)}, "limited"},
		{basic("os", secret), access.Ingen, "b", 9, pace{}, ""},
		{basic("fast", fast), access.Skrivning, "b", 9, pace{}, ""},
		{basic("fast", fast), access.Indlogning, "b", 9, pace{}, ""},
		{"", access.AabneData, "c", 3, pace{"anonyme", 3, 0, 333333334}, "limited"},
		{"", access.Proevning, "c", 0, pace{"anonyme", 3, 0, 333333334}, "limited"},
		{"", access.Ingen, "c", 9, pace{}, ""},
		{basic("os", secret), access.Skrivning, "c", 0, pace{"skrivninger", 2, 0, second(1. / 2)}, "limited"}, // remembered: the address does not matter
		{basic("laeser", reader), access.Skrivning, "d", 0, pace{"skrivninger", 1, 0, 0}, in403},
		{basic("laeser", reader), access.Skrivning, "d", 0, pace{"skrivninger", 1, 0, second(1)}, "limited"},
	} {
		for n := range c.times + 1 {
			_, got, err := h.Admit(t.Context(), access.Attempt{Authorization: c.authorization, Need: c.need, Af: register.Actor{Address: c.address}})
			if n < c.times {
				if err != nil || c.want != "" && got != (pace{Policy: c.last.Policy, Limit: c.last.Limit, Left: c.times - n - 1}) {
					t.Errorf("case %d, call %d: %v, %+v", i, n, err, got)
				}
			} else if outcome(err) != c.want || got != c.last {
				t.Errorf("case %d, call %d: %q, %+v, want %q, %+v", i, n, outcome(err), got, c.want, c.last)
			}
		}
	}
	if got := h.refusals(); len(got) != 1 {
		t.Errorf("the trail tells of %v: what comes too fast is not in it", got)
	}
}

// TestGuessingIsSlow has wrong logins take from the pace of their address, and asks the store no more once it is used up. Who was
// verified lately comes in from there all the same.
func TestGuessingIsSlow(t *testing.T) {
	h := newHouseFor(t, 2)
	_, secret := h.user("os", access.Laeser)
	_, other := h.user("andre", access.Laeser)
	for i, c := range []struct {
		address, navn, secret, want string
		asked                       []string
	}{
		{"b", "os", secret, "", []string{"User", "NoteUse"}},
		{"a", "os", "x", in401, []string{"User"}},
		{"a", "nobody", "x", in401, []string{"User"}},
		{"a", "os", "y", "limited", nil},
		{"a", "nobody", "y", "limited", nil},
		{"a", "andre", other, "limited", nil},
		{"a", "os", secret, "", nil},
		{"b", "andre", other, "", []string{"User", "NoteUse"}},
	} {
		_, _, err := h.Admit(t.Context(), access.Attempt{
			Authorization: basic(c.navn, c.secret), Need: access.Indlogning, Af: register.Actor{Address: c.address},
		})
		if asked := h.store.asked(); outcome(err) != c.want || !slices.Equal(asked, c.asked) {
			t.Errorf("call %d: %q after %v, want %q after %v", i, outcome(err), asked, c.want, c.asked)
		}
	}
}

// TestRecognize finds out who calls without letting anybody in: no pace is taken from but that of an address which tries logins, and
// nothing goes into the trail.
func TestRecognize(t *testing.T) {
	h := newHouseFor(t, 1)
	_, secret := h.user("os2", access.Laeser, func(u *access.User) { u.Skrivninger, u.Laesninger = 1, 1 })
	recognize := func(authorization, address string) string {
		t.Helper()
		caller, err := h.Recognize(t.Context(), access.Attempt{Authorization: authorization, Need: access.Skrivning, Af: register.Actor{Address: address}})
		return strings.TrimSpace(caller.Navn() + " " + outcome(err))
	}
	h.want("nobody", recognize("", "192.0.2.1"), "")
	h.want("a wrong secret", recognize(basic("os2", "forkert"), "192.0.2.1"), "")
	h.want("a login that comes too fast", recognize(basic("os2", secret), "192.0.2.1"), "")
	for range 3 {
		h.want("a user", recognize(basic("os2", secret), "192.0.2.2"), "os2")
	}
	h.wantAsked("to know the user", "User", "User", "NoteUse")
	h.want("what a user may still do", h.enter("os2", secret), "")
	h.store.fail["User"] = &register.Error{Kind: register.Unavailable}
	h.now = h.now.Add(access.Remembered)
	h.want("while the store is gone", recognize(basic("os2", secret), "192.0.2.2"), "unavailable")
	if refusals := h.refusals(); len(refusals) > 0 {
		t.Errorf("the trail has %v", refusals)
	}
}
