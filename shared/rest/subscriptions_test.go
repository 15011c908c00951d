package rest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/events"
	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
)

type shownSubscription struct {
	Navn, Koe, Tilstand, Fra string
	Filter                   struct {
		Kommuner        []int
		Niveauer, Typer []string
	}
	Runde, Version int
	Oprettet       time.Time
	Bagud          *struct {
		Haendelser, Sekunder int
		IKoe                 *int
	}
}

// brief is what a subscription comes down to: its state, round, beginning and version, and what it wants of which queue.
func (s *shownSubscription) brief() string {
	return fmt.Sprintf("%s %s %s %d %q %d %v", s.Navn, s.Koe, s.Tilstand, s.Runde, s.Fra, s.Version, s.Filter)
}

const (
	subscriptions = "/v2/abonnementer"
	egern         = subscriptions + "/egern"
	bare          = `{"navn":"egern","koe":"egern.fifo"}`
)

// wantSubscription checks what an act or a look answers: the subscription, which no cache may keep.
func (a *answer) wantSubscription(want string) shownSubscription {
	a.t.Helper()
	shown := read[shownSubscription](a)
	if got := shown.brief(); got != want {
		a.t.Errorf("%s\n got %s\nwant %s", a.call, got, want)
	}
	a.wantHeaders("Cache-Control: no-store", fmt.Sprintf(`ETag: "%d"`, shown.Version))
	return shown
}

// TestSubscription takes one subscription through all that can be done with it.
func TestSubscription(t *testing.T) {
	s := newSite(t).municipalities()
	made := s.call("POST", subscriptions, `{"navn":"egern","koe":"egern.fifo","filter":{"kommuner":[461,751],"niveauer":["anvisningsenhed"],`+
		`"typer":["nedlagt","oprettet"]},"registerposition":"461:7"}`).ok(201)
	made.wantHeaders("Location: " + egern)
	shown := made.wantSubscription(`egern egern.fifo aktiv 0 "461:7,751:0" 1 {[461 751] [anvisningsenhed] [nedlagt oprettet]}`)
	if !shown.Oprettet.Equal(s.now) || shown.Bagud != nil {
		t.Errorf("%+v", shown)
	}
	s.call("PUT", egern, `{"koe":"egern-2.fifo","filter":{"kommuner":[461]}}`, `If-Match: "1"`).ok(200).
		wantSubscription(`egern egern-2.fifo aktiv 0 "461:7,751:0" 2 {[461] [] []}`)
	s.call("POST", egern+"/pause", "").ok(200).wantSubscription(`egern egern-2.fifo pauset 0 "461:7,751:0" 3 {[461] [] []}`)
	s.call("POST", egern+"/genoptag", "").ok(200).wantSubscription(`egern egern-2.fifo aktiv 0 "461:7,751:0" 4 {[461] [] []}`)
	s.call("POST", egern+"/afspil", `{"fraBegyndelsen":true}`).ok(200).wantSubscription(`egern egern-2.fifo aktiv 1 "" 5 {[461] [] []}`)
	s.call("POST", egern+"/afspil", `{"registerposition":"751:5"}`).ok(200).wantSubscription(`egern egern-2.fifo aktiv 2 "461:0,751:5" 6 {[461] [] []}`)
	s.call("PUT", egern, `{"koe":"egern.fifo"}`, "If-Match: *").ok(200).wantSubscription(`egern egern.fifo aktiv 2 "461:0,751:5" 7 {[] [] []}`)
	s.call("GET", egern, "").ok(200).wantSubscription(`egern egern.fifo aktiv 2 "461:0,751:5" 7 {[] [] []}`)
	s.call("DELETE", egern, "").ok(200).wantSubscription(`egern egern.fifo lukket 2 "461:0,751:5" 8 {[] [] []}`)
	if shown := s.call("GET", egern, "").ok(200).wantSubscription(`egern egern.fifo lukket 2 "461:0,751:5" 8 {[] [] []}`); shown.Bagud != nil {
		t.Errorf("one that is closed is behind: %+v", shown.Bagud)
	}
	for _, act := range []string{"POST /pause", "POST /genoptag", `POST /afspil {"fraBegyndelsen":true}`, "POST /doede", `PUT  {"koe":"k"}`, "DELETE "} {
		method, rest, _ := strings.Cut(act, " ")
		path, body, _ := strings.Cut(rest, " ")
		s.call(method, egern+path, body, "If-Match: *").problem(409, "abonnement-tilstand/lukket")
	}
	s.call("POST", subscriptions, bare).problem(409, "abonnement-tilstand/navnOptaget /navn")
}

// TestBeginnings makes subscriptions that begin in each way there is.
func TestBeginnings(t *testing.T) {
	s := newSite(t).municipalities()
	s.now = s.now.Add(time.Hour)
	s.call("PUT", "/v2/daginstitutioner/G10000", changed, "If-Match: *").ok(200)
	for i, c := range []struct{ said, fra string }{
		{"", "461:11,751:5"},
		{`,"fraBegyndelsen":true`, ""},
		{`,"fraBegyndelsen":false`, "461:11,751:5"},
		{`,"fra":"2026-11-23T08:29:00Z"`, "461:0,751:0"},
		{`,"fra":"2026-11-23T08:30:00Z"`, "461:0,751:0"},
		{`,"fra":"2026-11-23T10:30:00+01:00"`, "461:10,751:5"},
		{`,"registerposition":"461:3,751:2"`, "461:3,751:2"},
	} {
		a := s.call("POST", subscriptions, fmt.Sprintf(`{"navn":"nr.%d","koe":"k%[1]d"%s}`, i, c.said)).ok(201)
		if shown := read[shownSubscription](a); shown.Fra != c.fra {
			t.Errorf("%s: it begins at %q, want %q", c.said, shown.Fra, c.fra)
		}
	}
}

// TestStandings tells how far each subscriber is behind.
func TestStandings(t *testing.T) {
	s := newSite(t).municipalities()
	s.queue.depth = 17
	for navn, more := range map[string]string{"egern": `,"fraBegyndelsen":true`, "birk": `,"filter":{"kommuner":[751]},"fraBegyndelsen":true`, "abild": ""} {
		s.call("POST", subscriptions, `{"navn":"`+navn+`","koe":"`+navn+`"`+more+"}").ok(201)
	}
	s.now = s.now.Add(90 * time.Second)
	a := s.call("GET", subscriptions, "").ok(200)
	a.wantHeaders("Cache-Control: no-store")
	var got []string
	for _, shown := range read[struct{ Abonnementer []shownSubscription }](a).Abonnementer {
		got = append(got, fmt.Sprint(shown.Navn, " ", shown.Bagud.Haendelser, " ", shown.Bagud.Sekunder, " ", *shown.Bagud.IKoe))
	}
	if want := []string{"abild 0 0 17", "birk 5 90 17", "egern 15 90 17"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	s.queue.err = errors.New("the queue is gone")
	if shown := read[shownSubscription](s.call("GET", egern, "").ok(200)); shown.Bagud.IKoe != nil || shown.Bagud.Haendelser != 15 {
		t.Errorf("of a queue that does not answer: %+v", shown.Bagud)
	}
	if body := newSite(t).call("GET", subscriptions, "").ok(200).body; body != "{\"abonnementer\":[]}\n" {
		t.Errorf("of none: %s", body)
	}
}

// TestQueueOfAnother refuses a queue that another subscription has, in both languages, until that one is closed.
func TestQueueOfAnother(t *testing.T) {
	s := newSite(t).family()
	s.call("POST", subscriptions, bare).ok(201)
	s.call("POST", subscriptions, `{"navn":"birk","koe":"birk.fifo"}`).ok(201)
	for _, koe := range []string{"egern.fifo", "https://sqs.eu-north-1.amazonaws.com/123456789012/egern.fifo"} {
		for language, text := range map[string]string{"da": "Køen hører til abonnementet egern.", "en": "The queue belongs to the subscription egern."} {
			create := s.call("POST", subscriptions, `{"navn":"abild","koe":"`+koe+`"}`, "Accept-Language: "+language)
			create.problem(409, "abonnement-tilstand/koeOptaget /koe")
			change := s.call("PUT", subscriptions+"/birk", `{"koe":"`+koe+`"}`, "If-Match: *", "Accept-Language: "+language)
			change.problem(409, "abonnement-tilstand/koeOptaget /koe")
			if !strings.Contains(create.body, text) || !strings.Contains(change.body, text) {
				t.Errorf("%s\n%s", create.body, change.body)
			}
		}
	}
	s.call("PUT", egern, `{"koe":"egern.fifo","filter":{"kommuner":[461]}}`, "If-Match: *").ok(200)
	s.call("DELETE", egern, "").ok(200)
	s.call("PUT", subscriptions+"/birk", `{"koe":"egern.fifo"}`, "If-Match: *").ok(200)
}

// TestDeadLetters looks at what a subscriber failed to take, and puts it back.
func TestDeadLetters(t *testing.T) {
	s := newSite(t).family()
	s.call("POST", subscriptions, bare).ok(201)
	for c, err := range s.store.Ordered(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		e := events.Of(&c)
		s.queue.letters = append(s.queue.letters, relaying.DeadLetter{ID: e.ID, Body: e.Append(nil), Received: 5, Sent: s.now})
	}
	s.queue.letters = append(s.queue.letters, relaying.DeadLetter{ID: "fremmed", Body: []byte("hej \"du\"\n"), Sent: s.now})
	type letter struct {
		ID, Sendt string
		Modtaget  int
		Indhold   json.RawMessage
	}
	a := s.call("GET", egern+"/doede", "").ok(200)
	a.wantHeaders("Cache-Control: no-store")
	letters := read[struct{ Doede []letter }](a).Doede
	for i, want := range append(s.events(), `"hej \"du\"\n"`) {
		if got := letters[i]; string(got.Indhold) != want || got.ID != s.queue.letters[i].ID || got.Modtaget != s.queue.letters[i].Received ||
			got.Sendt != s.now.Format(time.RFC3339) {
			t.Errorf("letter %d is %+v %s, want %s", i, got, got.Indhold, want)
		}
	}
	if some := read[struct{ Doede []letter }](s.call("GET", egern+"/doede?limit=2", "").ok(200)).Doede; len(some) != 2 {
		t.Errorf("two letters are %d", len(some))
	}
	for _, query := range []string{"limit=0", "limit=1001"} {
		s.call("GET", egern+"/doede?"+query, "").problem(400, "ugyldig-parameter/limit")
	}
	s.call("GET", egern+"/doede?x=1", "").problem(400, "ugyldig-parameter/ukendt")

	for _, body := range []string{"", " \n", `{}`, `{"ids":["G10000:1","fremmed"]}`} {
		if a := s.call("POST", egern+"/doede", body).ok(200); a.body != "{\"antal\":4}\n" || a.Get("Cache-Control") != "no-store" {
			t.Errorf("%q: %s", body, a.body)
		}
	}
	if got := fmt.Sprint(s.queue.requeued); got != "[[] [] [] [G10000:1 fremmed]]" {
		t.Errorf("put back: %s", got)
	}
	s.queue.letters = nil
	s.queue.err = &register.Error{Kind: register.Unavailable, Cause: errors.New("the queue is gone")}
	s.call("POST", egern+"/doede", "").problem(503)
	s.call("GET", egern+"/doede", "").problem(503)
}

// TestSubscriptionsRefused sends what is no subscription, no act and no beginning.
func TestSubscriptionsRefused(t *testing.T) {
	s := newSite(t).municipalities()
	s.call("POST", subscriptions, bare).ok(201)
	for body, want := range map[string][]string{
		`{}`: {"abonnement/navn /navn", "abonnement/koe /koe"},
		`{"navn":"Ø","koe":"` + strings.Repeat("k", 301) + `","filter":{"kommuner":[461,0]}}`: {
			"abonnement/navn /navn", "abonnement/koe /koe", "abonnement/kommune /filter/kommuner/1"},
		`{"navn":"birk","koe":"k","fra":"2026-11-23T08:30:00.001Z"}`:                        {"abonnement/fremtid /fra"},
		`{"navn":"birk","koe":"k","fra":"i dag"}`:                                           {"forkert-type/tidspunkt /fra"},
		`{"navn":"birk","koe":"k","registerposition":"461:11"}`:                             {"abonnement/position /registerposition"},
		`{"navn":"birk","koe":"k","registerposition":"147:1,461:1"}`:                        {"abonnement/position /registerposition"},
		`{"navn":"birk","koe":"k","registerposition":"461"}`:                                {"abonnement/position /registerposition"},
		`{"navn":"birk","koe":"k","registerposition":"461:1","fraBegyndelsen":true}`:        {"abonnement/begyndelse"},
		`{"navn":"birk","koe":"k","fra":"2026-11-23T08:30:00Z","registerposition":"461:1"}`: {"abonnement/begyndelse"},
		`{"navn":1,"koe":["k"],"fraBegyndelsen":"ja","filter":[]}`:                          {"forkert-type/type /navn", "forkert-type/type /koe", "forkert-type/type /fraBegyndelsen", "forkert-type/type /filter"},
		`{"navn":"birk","koe":"k","filter":{"niveauer":["skole"],"typer":["slettet",1]}}`:   {"forkert-type/ukendt /filter/niveauer/0", "forkert-type/ukendt /filter/typer/0", "forkert-type/type /filter/typer/1"},
		`{"navn":"birk","koe":"k","filter":{"kommune":461,"kommuner":["461"]},"queue":"k"}`: {"ukendt-felt/ukendt /filter/kommune", "forkert-type/type /filter/kommuner/0", "ukendt-felt/ukendt /queue"},
	} {
		s.call("POST", subscriptions, body).problem(422, want...)
	}
	s.call("POST", subscriptions, "").problem(422, "abonnement/navn /navn", "abonnement/koe /koe")
	s.call("POST", subscriptions, `{"`).problem(400, "ugyldig-json/syntaks")
	s.call("POST", subscriptions+"?x=1", bare).problem(400, "ugyldig-parameter/ukendt")
	s.call("PUT", egern, `{"koe":""}`, "If-Match: *").problem(422, "abonnement/koe /koe")
	s.call("PUT", egern, `{"navn":"birk","koe":"k"}`, "If-Match: *").problem(422, "ukendt-felt/ukendt /navn")
	s.call("PUT", egern, `{"koe":"k"}`).problem(428, "mangler-if-match/mangler")
	s.call("PUT", egern, `{"koe":"k"}`, `If-Match: "2"`).problem(412, "foraeldet-version/andenVersion")
	s.call("PUT", egern, `{"koe":"k"}`, `If-Match: nr. 1`).problem(412, "foraeldet-version/andenVersion")
	s.call("POST", egern+"/afspil", "").problem(422, "abonnement/begyndelse")
	s.call("POST", egern+"/afspil", `{"fraBegyndelsen":false}`).problem(422, "abonnement/begyndelse")
	s.call("POST", egern+"/afspil", `{"fra":"2027-01-01T00:00:00Z"}`).problem(422, "abonnement/fremtid /fra")
	s.call("POST", egern+"/doede", `{"ids":["a",1]}`).problem(422, "forkert-type/type /ids/1")
	for _, path := range []string{"/pause", "/genoptag"} {
		s.call("POST", egern+path+"?x=1", "").problem(400, "ugyldig-parameter/ukendt")
	}
	s.call("GET", egern, "").ok(200).wantSubscription(`egern egern.fifo aktiv 0 "461:10,751:5" 1 {[] [] []}`)
	for _, navn := range []string{"birk", "Ø", "a%2fb"} {
		for call, body := range map[string]string{
			"GET ": "", "DELETE ": "", "PUT ": `{"koe":"k"}`, "POST /pause": "", "POST /genoptag": "", "POST /afspil": `{"fraBegyndelsen":true}`,
			"GET /doede": "", "POST /doede": "",
		} {
			method, path, _ := strings.Cut(call, " ")
			s.call(method, subscriptions+"/"+navn+path, body, "If-Match: *").problem(404, "ukendt-abonnement/ukendt")
		}
	}
}

// TestSubscriptionsLeaveATrail finds every act in the trail, those that were refused too, each with whom it was about and by whom.
func TestSubscriptionsLeaveATrail(t *testing.T) {
	s := newSite(t).family()
	s.now = s.now.Add(time.Hour)
	began := s.now
	for _, c := range []struct {
		method, path, body string
		status             int
	}{
		{"POST", "", bare, 201},
		{"POST", "", bare, 409},
		{"POST", "", `{"navn":1}`, 422},
		{"POST", "?x=1", bare, 400},
		{"PUT", "/egern", `{"koe":"k"}`, 200},
		{"PUT", "/egern", `{"koe":1}`, 422},
		{"POST", "/egern/pause", "", 200},
		{"POST", "/egern/pause?x=1", "", 400},
		{"POST", "/egern/genoptag", "", 200},
		{"POST", "/egern/genoptag?x=1", "", 400},
		{"POST", "/egern/afspil", `{"fraBegyndelsen":true}`, 200},
		{"POST", "/egern/afspil", "", 422},
		{"POST", "/egern/doede", "", 200},
		{"POST", "/egern/doede", `{"ids":1}`, 422},
		{"DELETE", "/egern", "", 200},
		{"DELETE", "/egern", "", 409},
		{"DELETE", "/egern?x=1", "", 400},
		{"POST", "/birk/pause", "", 404},
	} {
		s.now = s.now.Add(time.Second)
		s.call(c.method, subscriptions+c.path, c.body, "If-Match: *").ok(c.status)
	}
	s.now = s.now.Add(time.Second)
	s.as(support).call("POST", subscriptions, bare).problem(403, "adgang/rolle")
	s.as(nobody).call("POST", subscriptions, bare).problem(401, "login/login")
	var got []string
	for _, act := range s.as(drift).trail("fra=" + began.Format(time.RFC3339)) {
		got = append(got, strings.TrimSpace(fmt.Sprintln(act.Bruger, act.Handling, act.Udfald, act.Om, strings.Join(act.Regler, " "))))
	}
	slices.Reverse(got)
	want := []string{
		"drift abonnement/opret udfoert egern",
		"drift abonnement/opret afvist egern abonnement-tilstand/navnOptaget",
		"drift abonnement/opret afvist  forkert-type/type",
		"drift abonnement/opret afvist  ugyldig-parameter/ukendt",
		"drift abonnement/ret udfoert egern",
		"drift abonnement/ret afvist egern forkert-type/type",
		"drift abonnement/pause udfoert egern",
		"drift abonnement/pause afvist egern ugyldig-parameter/ukendt",
		"drift abonnement/genoptag udfoert egern",
		"drift abonnement/genoptag afvist egern ugyldig-parameter/ukendt",
		"drift abonnement/afspil udfoert egern",
		"drift abonnement/afspil afvist egern abonnement/begyndelse",
		"drift abonnement/genkoe udfoert egern",
		"drift abonnement/genkoe afvist egern forkert-type/type",
		"drift abonnement/luk udfoert egern",
		"drift abonnement/luk afvist egern abonnement-tilstand/lukket",
		"drift abonnement/luk afvist egern ugyldig-parameter/ukendt",
		"drift abonnement/pause afvist birk ukendt-abonnement/ukendt",
		"support POST /v2/abonnementer afvist  adgang/rolle",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if about := s.as(drift).trail("om=egern&fra=" + began.Format(time.RFC3339)); len(about) != 15 {
		t.Errorf("%d acts are about egern", len(about))
	}
	s.store.addTrail = func(...access.Entry) error {
		return &register.Error{Kind: register.Unavailable, Cause: errors.New("the network is gone")}
	}
	s.call("POST", subscriptions, `{"navn":1}`).problem(503)
	s.call("POST", egern+"/pause?x=1", "").problem(503)
	s.call("POST", egern+"/pause", "").problem(503)
}
