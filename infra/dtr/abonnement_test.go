package main

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/infra/queues"
	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/relaying"
)

// relayed is a register whose events are sent when a test says so.
type relayed struct {
	session
	relaying.Service
	queue *queues.Queues
	now   time.Time // of the queues
}

func newRelayed(t *testing.T) *relayed {
	store := newStore(t)
	r := &relayed{now: time.Now()}
	r.session = session{t: t, url: serve(t, store, func(c *config) {
		queue, err := queues.Open(t.TempDir()+"/koeer.db", func() time.Time { return r.now })
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { queue.Close() })
		c.Queue, r.queue = queue, queue
		r.Service = relaying.Service{Store: store, Queue: queue, Tables: codes.Embedded(), Now: c.Now, Log: c.Log}
	})}
	return r
}

func (r *relayed) relay() {
	r.t.Helper()
	if err := r.Sweep(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
}

// receive gives the ids of what waits in a queue.
func (r *relayed) receive(queue string) (ids []string) {
	r.t.Helper()
	ctx, cancel := context.WithCancel(r.t.Context())
	cancel()
	received, err := r.queue.Receive(ctx, queue, 1000, time.Second)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, m := range received {
		ids = append(ids, m.ID)
	}
	return ids
}

// fail has a subscriber fail to take what waits in its queue.
func (r *relayed) fail(queue string) {
	r.t.Helper()
	for range queues.MostReceived + 1 {
		r.receive(queue)
		r.now = r.now.Add(time.Minute)
	}
}

// status gives the words that show says of a subscription.
func (r *relayed) status(navn string) map[string]string {
	r.t.Helper()
	words := make(map[string]string)
	for _, row := range columns(r.must(exitDone, "abonnement", "show", navn).stdout) {
		words[row[0]] = row[1]
	}
	return words
}

func (r *relayed) wants(navn string, want map[string]string) {
	r.t.Helper()
	got := r.status(navn)
	for word, is := range want {
		if got[word] != is {
			r.t.Errorf("%s is %q, want %q", word, got[word], is)
		}
	}
}

func TestSubscribe(t *testing.T) {
	r := newRelayed(t)
	r.must(exitDone, "load", sample)
	made := r.must(exitDone, "abonnement", "create", "-koe", "varde", "-kommuner", "573,265", "-niveauer", "anvisningsenhed,alternativAdresse",
		"-typer", "indlaest,nedlagt", "-begyndelsen", "hold-ind")
	if want := "hold-ind is told in varde: kommuner 573,265, niveauer anvisningsenhed,alternativAdresse, typer indlaest,nedlagt\n"; made.stdout != want {
		t.Errorf("it said %q, want %q", made.stdout, want)
	}
	r.must(exitDone, "abonnement", "create", "-koe", "alt", "avis")
	r.wants("avis", map[string]string{"BAGUD": "0 events", "SIDEN": "-", "KOMMUNER": "alle", "NIVEAUER": "alle", "TYPER": "alle"})
	before := r.status("hold-ind")
	if !regexp.MustCompile(`^[1-9]\d* events$`).MatchString(before["BAGUD"]) || !strings.HasSuffix(before["SIDEN"], "s") {
		t.Errorf("before anything was sent it is %q", before)
	}
	r.relay()
	r.wants("hold-ind", map[string]string{
		"TILSTAND": "aktiv", "BAGUD": "0 events", "SIDEN": "-", "KOE": "varde", "KOMMUNER": "573,265", "TYPER": "indlaest,nedlagt", "RUNDE": "0",
		"FRA": "the first event", "VERSION": "1",
	})
	sent := r.receive("varde")
	if got := r.status("hold-ind")["I KOE"]; len(sent) < 3 || got != number(len(sent)) {
		t.Errorf("%s wait of %q", got, sent)
	}
	if sent := r.receive("alt"); sent != nil {
		t.Errorf("avis was told of %q", sent)
	}
	list := columns(r.must(exitDone, "abonnement", "list").stdout)
	if len(list) != 3 || list[1][0] != "avis" || strings.Join(list[2][:3], " ") != "hold-ind aktiv 0 events" {
		t.Errorf("they are listed as %q", list)
	}
}

// TestSubscribeFrom begins in each of the ways there are.
func TestSubscribeFrom(t *testing.T) {
	r := newRelayed(t)
	r.must(exitDone, "load", sample)
	for navn, c := range map[string]struct{ args, bagud string }{
		"fra":      {"-fra 2001-01-31T12:00:00+01:00", ""},
		"position": {"-position " + position(t, r.url), "0 events"},
		"foerste":  {"-position 573:0", ""},
		"slut":     {"", "0 events"},
	} {
		r.must(exitDone, append(strings.Fields("abonnement create "+c.args), "-koe", navn, navn)...)
		if got := r.status(navn)["BAGUD"]; c.bagud != "" && got != c.bagud || c.bagud == "" && got == "0 events" {
			t.Errorf("%s: it is %s behind", c.args, got)
		}
	}
}

func TestChangeSubscription(t *testing.T) {
	r := newRelayed(t)
	r.must(exitDone, "abonnement", "create", "-koe", "varde", "-kommuner", "573", "-niveauer", "daginstitution", "-typer", "nedlagt", "hold-ind")
	contains(t, r.must(exitDone, "abonnement", "change", "-koe", "alt", "hold-ind").stdout,
		"hold-ind is told in alt: kommuner 573, niveauer daginstitution, typer nedlagt\n")
	r.must(exitDone, "abonnement", "change", "-kommuner", "alle", "-niveauer", "alle", "-typer", "oprettet,nedlagt", "hold-ind")
	r.wants("hold-ind", map[string]string{"KOE": "alt", "KOMMUNER": "alle", "NIVEAUER": "alle", "TYPER": "oprettet,nedlagt", "VERSION": "3"})

	// Somebody else changes it in between.
	r.wire = func(real http.RoundTripper) http.RoundTripper {
		return calling{real, func(call *http.Request) error {
			if call.Method == http.MethodPut {
				r.wire = nil
				r.must(exitDone, "abonnement", "pause", "hold-ind")
			}
			return nil
		}}
	}
	contains(t, r.must(exitRefused, "abonnement", "change", "-koe", "varde", "hold-ind").stderr, "hold-ind er nu version 4.")
}

func TestPauseSubscription(t *testing.T) {
	r := newRelayed(t)
	r.must(exitDone, "abonnement", "create", "-koe", "alt", "avis")
	contains(t, r.must(exitDone, "abonnement", "pause", "avis").stdout, "avis gets nothing more until `dtr abonnement resume avis`\n")
	r.must(exitDone, "load", sample)
	r.relay()
	if sent := r.receive("alt"); sent != nil || r.status("avis")["TILSTAND"] != "pauset" {
		t.Errorf("it was told of %q", sent)
	}
	contains(t, r.must(exitDone, "abonnement", "resume", "avis").stdout, "avis goes on from where it stopped\n")
	r.relay()
	if sent := r.receive("alt"); len(sent) < sampleRows {
		t.Errorf("it was told of %q", sent)
	}
	contains(t, r.must(exitDone, "abonnement", "close", "avis").stdout, "avis is closed; its queue alt is as it was\n")
	r.wants("avis", map[string]string{"TILSTAND": "lukket"})
	contains(t, r.must(exitRefused, "abonnement", "resume", "avis").stderr, "avis er lukket.\n")
}

func TestReplay(t *testing.T) {
	r := newRelayed(t)
	r.must(exitDone, "abonnement", "create", "-koe", "alt", "avis")
	r.must(exitDone, "load", sample)
	r.relay()
	first := r.receive("alt")
	if said := r.must(exitDone, "abonnement", "replay", "-begyndelsen", "avis").stdout; said != "avis begins anew, in round 1\n" {
		t.Errorf("it said %q", said)
	}
	r.relay()
	r.now = r.now.Add(time.Minute)
	if again := r.receive("alt"); len(again) != 2*len(first) {
		t.Errorf("%q came, and then %q", first, again)
	}
}

// TestDead puts back what a subscriber failed to take, some of it and then all.
func TestDead(t *testing.T) {
	r := newRelayed(t)
	r.must(exitDone, "abonnement", "create", "-koe", "alt", "-niveauer", "anvisningsenhed", "avis")
	r.must(exitDone, "load", sample)
	r.relay()
	r.fail("alt")
	dead := columns(r.must(exitDone, "abonnement", "dead", "avis").stdout)
	if len(dead) < 4 || dead[1][1] != "5" || dead[1][3] != "dk.dagtilbudsregisteret.anvisningsenhed.indlaest.v1" {
		t.Fatalf("they are shown as %q", dead)
	}
	few := r.must(exitDone, "abonnement", "dead", "-antal", "2", "avis")
	if len(columns(few.stdout)) != 3 || !strings.Contains(few.stderr, "the oldest 2; -antal shows more") {
		t.Errorf("two are shown as %q, %q", few.stdout, few.stderr)
	}
	if said := r.must(exitFailed, "abonnement", "requeue", "avis", dead[1][0], dead[2][0], "G99999:1").stderr; !strings.Contains(said, "2 of 3 are back in the queue of avis") {
		t.Errorf("it said %q", said)
	}
	if back := r.receive("alt"); strings.Join(back, " ") != dead[1][0]+" "+dead[2][0] {
		t.Errorf("%q came back", back)
	}
	r.must(exitDone, "abonnement", "requeue", "avis")
	if left := columns(r.must(exitDone, "abonnement", "dead", "avis").stdout); len(left) != 1 {
		t.Errorf("there are still %q", left)
	}
}

// TestSubscriptionRefused tells why.
func TestSubscriptionRefused(t *testing.T) {
	r := newRelayed(t)
	r.must(exitDone, "abonnement", "create", "-koe", "alt", "avis")
	r.must(exitDone, "abonnement", "create", "-koe", "blad", "blad")
	for _, c := range []struct {
		args, stderr string
		code         int
	}{
		{"create -koe alt nyt", "Køen hører til abonnementet avis.\n", exitRefused},
		{"create -en -koe https://sqs.eu-north-1.amazonaws.com/123/alt nyt", "The queue belongs to the subscription avis.\n", exitRefused},
		{"change -koe alt blad", "Køen hører til abonnementet avis.\n", exitRefused},
		{"create -koe alt avis", "Navnet avis er givet til et andet abonnement.\n", exitRefused},
		{"create -en -koe alt avis", "The name avis has been given to another subscription.\n", exitRefused},
		{"create -koe nyt -typer slettet nyt", "oprettet, aendret, flyttet, nedlagt, indlaest", exitRefused},
		{"create -koe nyt -niveauer etage nyt", "daginstitution, anvisningsenhed, alternativAdresse", exitRefused},
		{"create -koe nyt -fra 2999-01-31T12:00:00Z nyt", "Der kan ikke begyndes i fremtiden.\n", exitRefused},
		{"create -koe nyt -position her nyt", "registerposition er som", exitRefused},
		{"create -koe nyt -position 265:1 -begyndelsen nyt", "it begins at a -fra, after a -position or at -begyndelsen", exitFailed},
		{"create nyt", "dtr: -koe is missing\nusage: dtr abonnement create -koe Q ", exitFailed},
		{"create -koe nyt -kommuner alle,265 nyt", "it is not a list of codes", exitFailed},
		{"create -koe nyt -fra snart nyt", "it is not a moment such as", exitFailed},
		{"create -koe nyt", "an argument is missing", exitFailed},
		{"show nyt", "Der findes intet abonnement ved det navn.\n", exitRefused},
		{"show ..", "NAVN is a subscription's name", exitFailed},
		{"change -koe alt nyt", "Der findes intet abonnement ved det navn.\n", exitRefused},
		{"pause nyt", "Der findes intet abonnement ved det navn.\n", exitRefused},
		{"replay avis", "say where to begin: at a -fra, after a -position or at -begyndelsen", exitFailed},
		{"replay -begyndelsen nyt", "Der findes intet abonnement ved det navn.\n", exitRefused},
		{"dead nyt", "Der findes intet abonnement ved det navn.\n", exitRefused},
		{"dead -antal 0 avis", "", exitRefused},
		{"requeue nyt", "Der findes intet abonnement ved det navn.\n", exitRefused},
		{"vis", `there is no command "vis"`, exitFailed},
		{"", "usage: dtr abonnement COMMAND", exitFailed},
	} {
		contains(t, r.must(c.code, append([]string{"abonnement"}, strings.Fields(c.args)...)...).stderr, c.stderr)
	}
	contains(t, r.must(exitDone, "abonnement", "help").stdout, "  dtr abonnement create ", "DTR_USER=NAVN:SECRET")
	for _, c := range abonnement() {
		contains(t, r.must(exitDone, "abonnement", c.name, "-h").stdout, "usage: dtr abonnement "+c.name+" ", c.about, "\n  -en\n")
	}
}

// TestSubscriptionUncertain does not make an act again whose answer was lost, and says so.
func TestSubscriptionUncertain(t *testing.T) {
	s := &session{t: t, url: newRegister(t), attempts: 5}
	calls := 0
	s.wire = func(real http.RoundTripper) http.RoundTripper {
		return calling{real, func(*http.Request) error { calls++; return errors.New("connection reset") }}
	}
	for _, args := range []string{"create -koe alt avis", "replay -begyndelsen avis", "close avis", "requeue avis"} {
		calls = 0
		r := s.must(exitFailed, append([]string{"abonnement"}, strings.Fields(args)...)...)
		contains(t, r.stderr, "whether it took effect is not known: see `dtr abonnement show avis`")
		if calls != 1 {
			t.Errorf("%s made %d calls", args, calls)
		}
	}
}
