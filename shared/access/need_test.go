package access_test

import (
	"slices"
	"testing"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/register"
)

const (
	in401 = "unauthenticated"
	in403 = "forbidden rolle"
)

// needs says for every need how those come in who do not log in, and who have each role. The first and the last are none.
var needs = []struct {
	need   access.Need
	writes bool // a refusal goes into the trail
	nobody string
	roles  [len(access.Roles)]string // laeser, leverandoer, ejer, drift, support
}{
	{0, false, in401, [...]string{in403, in403, in403, in403, in403}},
	{access.Ingen, false, "", [...]string{"", "", "", "", ""}},
	{access.AabneData, false, "", [...]string{"", "", "", "", ""}},
	{access.Proevning, false, "", [...]string{"", "", "", "", ""}},
	{access.Skrivning, true, in401, [...]string{in403, "", "", "", ""}},
	{access.Driftsret, true, in401, [...]string{in403, in403, in403, "", in403}},
	{access.Styring, true, in401, [...]string{in403, in403, in403, "", ""}},
	{access.EgetSpor, false, in401, [...]string{in403, "", "", "", ""}},
	{access.Indlogning, false, in401, [...]string{"", "", "", "", ""}},
	{access.Indlogning + 1, false, in401, [...]string{in403, in403, in403, in403, in403}},
}

func TestNeeds(t *testing.T) {
	h := newHouse(t)
	secrets := make(map[access.Role]string)
	for _, r := range access.Roles {
		_, secrets[r] = h.user(r.String(), r)
	}
	var refused []string
	for _, c := range needs {
		admit := func(authorization string) (access.Caller, string) {
			caller, _, err := h.Admit(t.Context(), access.Attempt{
				Authorization: authorization, Need: c.need, Handling: "opret", Af: register.Actor{RequestID: "req"},
			})
			return caller, outcome(err)
		}
		caller, got := admit("")
		if got != c.nobody || caller.User != nil || caller.Navn() != "" {
			t.Errorf("need %d: nobody comes in as %q: %q, want %q", c.need, caller.Navn(), got, c.nobody)
		}
		for i, r := range access.Roles {
			caller, got := admit(basic(r.String(), secrets[r]))
			if got != c.roles[i] {
				t.Errorf("need %d: %s: %q, want %q", c.need, r, got, c.roles[i])
			}
			if want := map[bool]string{false: r.String()}[c.need == access.Ingen]; caller.Navn() != want {
				t.Errorf("need %d: %s is taken for %q", c.need, r, caller.Navn())
			}
			if c.writes && c.roles[i] != "" {
				refused = append(refused, r.String()+" opret [adgang/rolle]")
			}
		}
	}
	got := h.refusals()
	slices.Sort(got)
	slices.Sort(refused)
	if !slices.Equal(got, refused) {
		t.Errorf("the trail tells of\n     %v\nwant %v", got, refused)
	}
}

func TestConnections(t *testing.T) {
	h := newHouse(t)
	connections := map[string]access.Connection{"neither": 0, "laese": access.Laese, "levere": access.Levere, "both": access.Laese | access.Levere}
	for name, connection := range connections {
		_, secret := h.user(name, access.Leverandoer, func(u *access.User) { u.Forbindelse = connection })
		for need, lacking := range map[access.Need]access.Connection{
			access.AabneData: access.Laese, access.Skrivning: access.Levere, access.Proevning: 0, access.EgetSpor: 0, access.Indlogning: 0,
		} {
			want := ""
			if connection&lacking != lacking {
				want = map[access.Connection]string{access.Laese: "forbidden laese", access.Levere: "forbidden levere"}[lacking]
			}
			_, _, err := h.Admit(t.Context(), access.Attempt{Authorization: basic(name, secret), Need: need})
			h.want(name, outcome(err), want)
		}
	}
}

// TestForbiddenWriteIsInTheTrail has a refused write remembered with who asked for what, and not answered before it is.
func TestForbiddenWriteIsInTheTrail(t *testing.T) {
	h := newHouse(t)
	_, secret := h.user("os", access.Laeser)
	attempt := access.Attempt{
		Authorization: basic("os", secret), Need: access.Skrivning, Handling: "import",
		Af: register.Actor{Version: register.V2, Address: "192.0.2.1", RequestID: "req-1", Traceparent: "00-a-b-01"},
	}
	_, _, err := h.Admit(t.Context(), attempt)
	h.want("a reader writes", outcome(err), in403)
	for e, err := range h.store.Entries(t.Context(), h.now, access.Entry{}, h.now) {
		if err != nil {
			t.Fatal(err)
		}
		want := attempt.Af
		want.User = "os"
		if e.Handling == "import" && (e.Af != want || !e.Afvist || e.Tid != h.now || len(e.Fund) == 0) {
			t.Errorf("the trail tells %+v", e)
		}
	}
	if got := h.refusals(); len(got) != 1 {
		t.Errorf("the trail tells of %v", got)
	}

	broken := &register.Error{Kind: register.Unavailable}
	h.store.fail["AddTrail"] = broken
	if _, _, err := h.Admit(t.Context(), attempt); err != error(broken) {
		t.Errorf("without a trail it is answered %v", err)
	}
}
