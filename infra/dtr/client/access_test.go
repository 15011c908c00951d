package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/infra/dtr/client"
)

// TestLogIn logs in at every call, to the register alone.
func TestLogIn(t *testing.T) {
	var elsewhere []string
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		elsewhere = append(elsewhere, r.Header.Get("Authorization"))
		io.WriteString(w, "part")
	}))
	defer other.Close()
	var here []string
	register, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		navn, secret, _ := r.BasicAuth()
		here = append(here, navn+":"+secret)
		switch r.URL.Path {
		case "/some/where/v2/eksport/moved.csv":
			http.Redirect(w, r, other.URL+"/moved", http.StatusTemporaryRedirect)
		case "/some/where/v2/eksport/near.csv":
			http.Redirect(w, r, "/near", http.StatusTemporaryRedirect)
		case "/some/where/v2/eksport/linked.csv":
			w.Header().Set("Link", "<"+other.URL+`/linked>; rel="next"`)
		}
	})
	register.LogIn("drift", "a secret")
	for _, file := range []string{"moved.csv", "near.csv", "linked.csv"} {
		for part, err := range register.Export(t.Context(), file, nil) {
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadAll(part); err != nil {
				t.Fatal(err)
			}
		}
	}
	if !slices.Equal(here, slices.Repeat([]string{"drift:a secret"}, 4)) {
		t.Errorf("the register was called by %q", here)
	}
	if len(elsewhere) != 2 || strings.Join(elsewhere, "") != "" {
		t.Errorf("elsewhere it was called with %q", elsewhere)
	}
}

// TestRedirectsEnd gives up on a register that sends its callers round.
func TestRedirectsEnd(t *testing.T) {
	register, _ := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) })
	register.Attempts = 1
	if _, err := register.Unit(t.Context(), "G10000"); err == nil || !strings.Contains(err.Error(), "stopped after 10 redirects") {
		t.Errorf("it ended with %v", err)
	}
}

// aUser is what the register answers of a user.
const aUser = `{"navn":"avis","rolle":"laeser","forbindelser":["laese"],"skrivninger":0,"laesninger":100,"tilstand":"aktiv",` +
	`"oprettet":"2027-01-31T12:00:00Z","version":1,"hemmeligheder":[],"bevillinger":[%s]}`

// aSubscription is what the register answers of a subscription.
const aSubscription = `{"navn":"avis","koe":"avis","filter":{"kommuner":[265]},"tilstand":"aktiv","runde":0,"fra":"265:1",` +
	`"oprettet":"2027-01-31T12:00:00Z","version":1,"bagud":{"haendelser":0,"sekunder":0}}`

// aUse is what the register answers of who calls through a version.
const aUse = `{"version":"v1","fra":"2027-01-01","til":"2027-01-31","brugere":[{"navn":"avis","kald":1,"senest":"2027-01-31T12:00:00Z",` +
	`"metoder":[{"metode":"POST /v1/import","kald":1}]}]}`

// call is one that a client makes, and something that the register might answer it.
type call func(ctx context.Context, c *client.Client) error

var (
	showing call = func(ctx context.Context, c *client.Client) error { _, err := c.User(ctx, "avis"); return err }
	listing call = func(ctx context.Context, c *client.Client) error { _, err := c.Users(ctx); return err }
	closing call = func(ctx context.Context, c *client.Client) error { _, err := c.Disable(ctx, "avis"); return err }
	making  call = func(ctx context.Context, c *client.Client) error {
		_, err := c.CreateUser(ctx, &client.NewUser{Navn: "avis", Rolle: "laeser"})
		return err
	}
	rotating call = func(ctx context.Context, c *client.Client) error {
		_, err := c.Rotate(ctx, "avis", time.Time{})
		return err
	}
	granting call = func(ctx context.Context, c *client.Client) error {
		_, err := c.Grant(ctx, "avis", &client.NewGrant{AdmKommuneKode: 265})
		return err
	}
	tracing call = func(ctx context.Context, c *client.Client) error {
		for _, err := range c.Trail(ctx, url.Values{}, 3) {
			if err != nil {
				return err
			}
		}
		return nil
	}
	subscribing call = func(ctx context.Context, c *client.Client) error {
		_, err := c.Subscribe(ctx, &client.NewSubscription{Navn: "avis", Koe: "avis"})
		return err
	}
	following call = func(ctx context.Context, c *client.Client) error { _, err := c.Subscriptions(ctx); return err }
	burying   call = func(ctx context.Context, c *client.Client) error {
		_, err := c.DeadLetters(ctx, "avis", 10)
		return err
	}
	reviving  call = func(ctx context.Context, c *client.Client) error { _, err := c.Requeue(ctx, "avis", nil); return err }
	comparing call = func(ctx context.Context, c *client.Client) error {
		_, _, err := c.Compare(ctx, []client.Copy{{AdmKommuneKode: 265}})
		return err
	}
	aging     call = func(ctx context.Context, c *client.Client) error { _, err := c.Versions(ctx); return err }
	lingering call = func(ctx context.Context, c *client.Client) error {
		_, err := c.VersionUse(ctx, url.Values{"version": {"v1"}})
		return err
	}
	reserving call = func(ctx context.Context, c *client.Client) error { _, err := c.Reserve(ctx, "key"); return err }
	tripling  call = func(ctx context.Context, c *client.Client) error { _, err := c.Triples(ctx); return err }
	placing   call = func(ctx context.Context, c *client.Client) error { _, err := c.Placements(ctx); return err }
	importing call = func(ctx context.Context, c *client.Client) error {
		_, err := c.Import(ctx, []byte("{}\n"), false)
		return err
	}
)

// TestUnexpected takes an answer that is not what the register promises for an error, at once and without its secret.
func TestUnexpected(t *testing.T) {
	const spor = `{"tid":"2027-01-31T12:00:00Z","handling":"opret","udfald":"udfoert"}`
	grant := fmt.Sprintf(aUser, `{"id":"A","admKommuneKode":265,"fra":"2027-01-31","gaelder":true,"givet":"2027-01-31T12:00:00Z"%s}`)
	for _, c := range []struct {
		call   call
		answer string
		ok     bool
	}{
		{showing, fmt.Sprintf(aUser, ""), true},
		{showing, fmt.Sprintf(grant, ""), true},
		{showing, fmt.Sprintf(grant, `,"nummer":"G10000"`), false},
		{showing, fmt.Sprintf(grant, `,"kunOmNatten":true`), false},
		{showing, strings.Replace(fmt.Sprintf(grant, ""), `"id":"A",`, "", 1), false},
		{showing, strings.Replace(fmt.Sprintf(aUser, ""), `"aktiv"`, "true", 1), false},
		{showing, strings.Replace(fmt.Sprintf(aUser, ""), `"tilstand":"aktiv",`, "", 1), false},
		{showing, fmt.Sprintf(aUser, "") + "{}", false},
		{showing, "<html>", false},
		{showing, "{}", false},
		{showing, "", false},
		{closing, fmt.Sprintf(aUser, ""), true},
		{closing, "{}", false},
		{listing, `{"brugere":[` + fmt.Sprintf(aUser, "") + `]}`, true},
		{listing, `{"brugere":[{}]}`, false},
		{listing, `{"users":[]}`, false},
		{listing, "[]", false},
		{making, `{"hemmelighed":"hush","hemmelighedId":"A","bruger":` + fmt.Sprintf(aUser, "") + "}", true},
		{making, `{"hemmelighed":"","hemmelighedId":"A","bruger":` + fmt.Sprintf(aUser, "") + "}", false},
		{making, `{"hemmelighed":"hush","hemmelighedId":"A"}`, false},
		{rotating, `{"hemmelighed":["hush"],"hemmelighedId":"A","bruger":` + fmt.Sprintf(aUser, "") + "}", false},
		{rotating, `{"hemmelighedId":{"hush":"hush"}}`, false},
		{granting, `{"id":"A","nummer":"G10000","fra":"2027-01-31","gaelder":true,"givet":"2027-01-31T12:00:00Z"}`, true},
		{granting, `{}`, false},
		{tracing, `{"spor":[` + spor + `]}`, true},
		{tracing, `{"spor":[` + spor + "," + spor + "," + spor + "," + spor + `]}`, false},
		{tracing, `{"spor":[],"cursor":"round"}`, false},
		{tracing, `{"spor":[{"tid":"2027-01-31T12:00:00Z"}]}`, false},
		{tracing, `{}`, false},
		{subscribing, aSubscription, true},
		{subscribing, strings.Replace(aSubscription, `"koe":"avis",`, "", 1), false},
		{subscribing, strings.Replace(aSubscription, `"kommuner":[265]`, `"kommuner":[265],"ejerformer":[1]`, 1), false},
		{subscribing, strings.Replace(aSubscription, `"version":1`, `"version":0`, 1), false},
		{following, `{"abonnementer":[` + aSubscription + `]}`, true},
		{following, `{"abonnementer":[{}]}`, false},
		{following, `{"subscriptions":[]}`, false},
		{burying, `{"doede":[{"id":"G10000:1","modtaget":5,"sendt":"2027-01-31T12:00:00Z","indhold":"x"}]}`, true},
		{burying, `{"doede":[{"modtaget":5,"sendt":"2027-01-31T12:00:00Z"}]}`, false},
		{burying, `{"doede":[{"id":"G10000:1","modtaget":5}]}`, false},
		{reviving, `{"antal":0}`, true},
		{reviving, `{}`, false},
		{comparing, `{"ens":true,"kommuner":[{"admKommuneKode":265,"antal":0,"hash":"e3b0","ens":true}],"ikkeNaevnt":[101]}`, true},
		{comparing, `{"ens":true,"kommuner":[]}`, false},
		{comparing, `{"ens":true,"kommuner":[{"admKommuneKode":101,"ens":true}]}`, false},
		{comparing, `{"kommuner":{}}`, false},
		{aging, `{"versioner":[{"version":"v1","tilstand":"aktiv","rest":"/v1","soap":[],"aendringer":"x"}]}`, true},
		{aging, `{"versioner":[{"version":"v1"}]}`, false},
		{aging, `{"versioner":[{"tilstand":"aktiv"}]}`, false},
		{aging, `{"versioner":[]}`, false},
		{lingering, aUse, true},
		{lingering, strings.Replace(aUse, `"kald":1,`, "", 1), false},
		{lingering, strings.Replace(aUse, `"senest":"2027-01-31T12:00:00Z",`, "", 1), false},
		{lingering, strings.Replace(aUse, `"navn":"avis",`, "", 1), false},
		{lingering, `{"version":"v1","fra":"2027-01-01","brugere":[]}`, false},
		{lingering, "{}", false},
		{reserving, `{"foerste":"G10000"}`, true},
		{reserving, `{"foerste":"10000"}`, false},
		{reserving, `{}`, false},
		{tripling, `{"krydsvalidering":[{"lovgrundlagKode":1,"ejerformKode":1,"instType3":6012}]}`, true},
		{tripling, `{"krydsvalidering":[{"lovgrundlagKode":1,"instType3":6012}]}`, false},
		{tripling, `{"krydsvalidering":[]}`, false},
		{placing, `{"enhedsNummer":"G10001","daginstitutionsNummer":"G10000"}`, true},
		{placing, `{"enhedsNummer":"G10001"}`, false},
		{importing, `{"linje":1,"status":201}`, true},
		{importing, `{"linje":1}`, false},
		{importing, `{"linje":"1","status":201}`, false},
	} {
		calls := 0
		register, _ := serve(t, func(w http.ResponseWriter, r *http.Request) { calls++; io.WriteString(w, c.answer) })
		err := c.call(t.Context(), register)
		switch {
		case (err == nil) != c.ok || calls > 2:
			t.Errorf("%s: %v after %d calls", c.answer, err, calls)
		case err != nil && strings.Contains(err.Error(), "hush"):
			t.Errorf("%s: it said the secret: %v", c.answer, err)
		}
	}
}

// TestProblemUnreadable tells of a refusal whose reason cannot be read.
func TestProblemUnreadable(t *testing.T) {
	register, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusConflict)
		io.WriteString(w, `{"errors":"many"}`)
	})
	problem, ok := errors.AsType[*client.Problem](showing(t.Context(), register))
	if !ok || problem.Status != http.StatusConflict || !strings.HasPrefix(problem.Error(), "Conflict, for a reason that cannot be read: ") {
		t.Errorf("it is %v", problem)
	}
}

// TestNotSuccess takes what is neither a success nor followed for a refusal.
func TestNotSuccess(t *testing.T) {
	register, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusMultipleChoices)
		io.WriteString(w, fmt.Sprintf(aUser, ""))
	})
	if problem, ok := errors.AsType[*client.Problem](showing(t.Context(), register)); !ok || problem.Status != http.StatusMultipleChoices {
		t.Errorf("it is %v", problem)
	}
}

// TestActOnce makes an act again only where the register turned it away unread.
func TestActOnce(t *testing.T) {
	for status, calls := range map[int]int{429: 6, 500: 1, 502: 1, 503: 1, 504: 1, 401: 1, 403: 1, 409: 1} {
		for name, act := range map[string]call{
			"create": making, "rotate": rotating, "grant": granting, "disable": closing, "subscribe": subscribing, "requeue": reviving,
		} {
			made := 0
			register, _ := serve(t, func(w http.ResponseWriter, r *http.Request) { made++; w.WriteHeader(status) })
			problem, ok := errors.AsType[*client.Problem](act(t.Context(), register))
			if !ok || problem.Status != status || made != calls {
				t.Errorf("%s, %d: %v after %d calls, want %d", name, status, problem, made, calls)
			}
		}
	}
}
