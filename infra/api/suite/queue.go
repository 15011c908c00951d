package suite

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Queue is a subscriber's queue, as the subscriber sees it.
type Queue interface {
	// Name is what a subscription calls it.
	Name() string
	// Receive gives what can be had, and waits for some for a few seconds.
	Receive() ([]Message, error)
	// Delete is done with a message, and Return gives it back as one that could not be taken.
	Delete(m Message) error
	Return(m Message) error
}

// Message is a message that was received.
type Message struct {
	Receipt string
	Body    []byte
}

const abonnementer = "/v2/abonnementer"

// subscribe makes a subscription to what is changed in the municipality from now on, and gives its path.
func (v *visit) subscribe(navn string) (one, body string) {
	koe := "dagtilbud-" + v.name(navn) + ".fifo" // which is not there
	if v.target.Queue != nil {
		koe = v.target.Queue.Name()
	}
	one, body = abonnementer+"/"+v.name(navn), fmt.Sprintf(`"koe":%q,"filter":{"kommuner":[%d],"typer":["aendret"]}}`, koe, kommune)
	v.operator.Do(201, "POST", abonnementer, fmt.Sprintf(`{"navn":%q,`, v.name(navn))+body)
	v.ends = append(v.ends, func() { v.operator.try("DELETE", one) })
	return one, body
}

// subscriptions makes a subscription, acts on it, and closes it, while nothing is to be sent.
func (v *visit) subscriptions() {
	v.vendor.Do(403, "GET", abonnementer, "")
	one, body := v.subscribe("abonnent")
	navn := v.name("abonnent")
	v.operator.Do(409, "POST", abonnementer, fmt.Sprintf(`{"navn":%q,`, navn)+body)
	v.operator.Do(200, "POST", one+"/pause", "")
	v.operator.Do(428, "PUT", one, "{"+body)
	v.operator.Do(412, "PUT", one, "{"+body, "If-Match", `"7"`)
	v.operator.Do(200, "PUT", one, "{"+body, "If-Match", "*")
	v.operator.Do(200, "POST", one+"/genoptag", "")
	v.operator.Do(200, "POST", one+"/pause", "")
	v.operator.Do(200, "POST", one+"/afspil", `{"fra":"`+time.Now().UTC().Format(time.RFC3339)+`"}`)
	v.operator.try("GET", one+"/doede") // of a queue that may not be there
	v.operator.try("POST", one+"/doede", bodyOf, "{}")
	if listed := string(v.operator.Do(200, "GET", abonnementer, "").Body); !strings.Contains(listed, `"navn":"`+navn+`"`) {
		v.Errorf("%s is not in %.2000s", navn, listed)
	}
	v.operator.Do(200, "DELETE", one, "")
	if state := Read[struct{ Tilstand string }](v, v.operator.Do(200, "GET", one, "")).Tilstand; state != "lukket" {
		v.Errorf("%s is %s", navn, state)
	}
}

// arrival has a system be told of what is changed: it is paused for a while, fails to take something, gets that when it is requeued, and all
// of it once more when it is played again.
func (v *visit) arrival() {
	if v.target.Queue == nil {
		v.Skip("NOT RUN: the arrival of events, for no subscriber's queue is named (DTR_QUEUE)")
	}
	begun := v.heads()
	one, _ := v.subscribe("modtager")
	s := &subscriber{visit: v, one: one, queue: v.target.Queue}
	s.told(begun)
	v.operator.Do(200, "DELETE", one, "")
}

// heads gives the registerposition of the municipality.
func (v *visit) heads() string {
	return v.anybody.Do(200, "GET", "/v2/daginstitutioner?limit=1&admKommuneKode=825", "").Header.Get("Registerposition")
}

// subscriber is a system that is told.
type subscriber struct {
	*visit
	one   string
	queue Queue
	want  []string // ids of events, in order
}

// write changes the story's first daginstitution, which makes an event.
func (s *subscriber) write(navn string) {
	s.Helper()
	number := s.made[0].number
	a := s.vendor.Do(200, "PUT", "/v2/daginstitutioner/"+number, s.daginstitution(navn, kommune), "If-Match", "*")
	s.want = append(s.want, fmt.Sprintf("%s:%d", number, Read[row](s, a).Version))
}

func (s *subscriber) told(begun string) {
	s.operator.Do(200, "POST", s.one+"/pause", "")
	s.write("Under pausen")
	if n := s.behind(); n == 0 {
		s.Error("a subscriber that is paused is not behind")
	}
	s.operator.Do(200, "POST", s.one+"/genoptag", "")
	s.write("Efter pausen") // which on Lambda is what has it be sent, at once
	s.takes()
	s.fails()

	s.operator.Do(200, "POST", s.one+"/afspil", fmt.Sprintf(`{"registerposition":%q}`, begun))
	s.write("Efter afspilning")
	s.takes()
	if !s.until(time.Minute, func() bool { return s.behind() == 0 }) {
		s.Errorf("it is still %d behind", s.behind())
	}
}

// behind tells how many events it has not been sent.
func (s *subscriber) behind() int {
	s.Helper()
	return Read[struct{ Bagud struct{ Haendelser int } }](s, s.operator.Do(200, "GET", s.one, "")).Bagud.Haendelser
}

// patience is how long the subscriber waits for what it is to be told.
const patience = 90 * time.Second

// takes receives what it is to be told: each event, in order. One may come twice, and events of others come between.
func (s *subscriber) takes() {
	s.Helper()
	next, seen := 0, make(map[string]bool)
	all := s.until(patience, func() bool {
		for _, m := range s.receive() {
			id := s.idOf(m)
			if next < len(s.want) && id == s.want[next] {
				next, seen[id] = next+1, true
				s.isInTheFeed(m)
			} else if s.mine(id) && !seen[id] {
				s.Fatalf("%s comes before %s", id, s.want[next])
			}
			if err := s.queue.Delete(m); err != nil {
				s.Fatal(err)
			}
		}
		return next == len(s.want)
	})
	if !all {
		s.Fatalf("of %v only %d came", s.want, next)
	}
}

// isInTheFeed finds an event in the feed, where it is the same to the last byte.
func (s *subscriber) isInTheFeed(m Message) {
	s.Helper()
	feed := s.anybody.Do(200, "GET", "/v2/haendelser?admKommuneKode=825&type=daginstitution.aendret&limit=1000&efter="+s.position, "")
	if !strings.Contains(string(feed.Body), string(m.Body)) {
		s.Errorf("the feed does not have %s", m.Body)
	}
}

func (s *subscriber) mine(id string) bool { return strings.HasPrefix(id, s.made[0].number+":") }

func (s *subscriber) receive() []Message {
	s.Helper()
	messages, err := s.queue.Receive()
	if err != nil {
		s.Fatal(err)
	}
	return messages
}

func (s *subscriber) idOf(m Message) string {
	s.Helper()
	return Read[event](s, Answer{Body: m.Body}).ID
}

// fails does not take an event until it is put aside, and then takes it from there.
func (s *subscriber) fails() {
	s.Helper()
	s.write("Kan ikke læses")
	bad := s.want[len(s.want)-1]
	dead := func() bool {
		a := s.operator.Do(200, "GET", s.one+"/doede?limit=1000", "")
		return strings.Contains(string(a.Body), `"id":"`+bad+`"`)
	}
	put := s.until(patience, func() bool {
		for _, m := range s.receive() {
			answer := s.queue.Delete
			if s.idOf(m) == bad {
				answer = s.queue.Return
			}
			if err := answer(m); err != nil {
				s.Fatal(err)
			}
		}
		return dead()
	})
	if !put {
		s.Fatalf("%s is not put aside", bad)
	}
	a := s.operator.Do(200, "POST", s.one+"/doede", fmt.Sprintf(`{"ids":[%q]}`, bad))
	if n := Read[struct{ Antal int }](s, a).Antal; n != 1 {
		s.Errorf("%d are requeued", n)
	}
	came := s.until(patience, func() bool {
		found := false
		for _, m := range s.receive() {
			found = found || s.idOf(m) == bad
			if err := s.queue.Delete(m); err != nil {
				s.Fatal(err)
			}
		}
		return found
	})
	if !came {
		s.Errorf("%s does not come back", bad)
	}
}

// Local is the queue of a register on one machine that keeps its queues itself.
type Local struct {
	Caller Caller
	Navn   string
}

// Name gives the queue's name.
func (q Local) Name() string { return q.Navn }

func (q Local) path() string { return "/lokal/koeer/" + q.Navn }

// Receive takes messages for a second, the shortest there is.
func (q Local) Receive() (messages []Message, err error) {
	a := q.Caller.try("GET", q.path()+"?usynlig=1&vent=2&antal=1")
	var received struct {
		Beskeder []struct {
			Kvittering string
			Indhold    json.RawMessage
		}
	}
	if err := json.Unmarshal(a.Body, &received); err != nil || a.Status != 200 {
		return nil, fmt.Errorf("%d %s: %w", a.Status, a.Body, err)
	}
	for _, m := range received.Beskeder {
		messages = append(messages, Message{m.Kvittering, m.Indhold})
	}
	return messages, nil
}

// Delete is done with a message. One that came again meanwhile is somebody else's.
func (q Local) Delete(m Message) error {
	if a := q.Caller.try("DELETE", q.path()+"/"+m.Receipt); a.Status != 204 && a.Status != 404 {
		return fmt.Errorf("%d %s", a.Status, a.Body)
	}
	return nil
}

// Return leaves it to the message to come again, in a second.
func (q Local) Return(Message) error { return nil }
