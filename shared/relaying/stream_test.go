package relaying_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
)

// broken is a station with a subscriber whose queue hangs, one whose queue refuses everything, and one that is well. The test is in a
// bubble.
type broken struct {
	*station
	stream  relaying.Stream
	sweep   relaying.Service
	log     bytes.Buffer
	release func() // of the queue that hangs
}

func newBroken(t *testing.T) *broken {
	b := &broken{station: inMemory(t)}
	for _, navn := range []string{"haenger", "afviser", "rask"} {
		b.subscribe(navn, relaying.Filter{}, beginning)
	}
	b.release = b.memory().block("haenger")
	b.memory().refuseAll("afviser", true)
	b.sweep = b.Service
	b.sweep.Patience = 20 * time.Second
	b.stream.Service = b.Service
	b.stream.Patience, b.stream.Now, b.stream.Log = 5*time.Second, time.Now, slog.New(slog.NewTextHandler(&b.log, nil))
	return b
}

// tell has the stream tell of what is written, and checks that no log is held back and how long that takes.
func (b *broken) tell(takes time.Duration, steps ...step) {
	b.Helper()
	b.write(steps...)
	b.takes(takes, func() {
		if held, err := b.stream.Relay(b.Context(), []int{101, 265}); err != nil || len(held) > 0 {
			b.Errorf("%v: held back are %v", err, held)
		}
	})
}

func (b *broken) takes(want time.Duration, do func()) {
	b.Helper()
	began := time.Now()
	if do(); time.Since(began) != want {
		b.Errorf("it takes %v, want %v", time.Since(began), want)
	}
}

// A queue that hangs and one that refuses hold back no log, and delay the one beside them once and not for long. What they did not get is
// logged, and they get it all by a sweep when they are well again, in order.
func TestStreamBesideBroken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBroken(t)
		b.tell(5*time.Second, opret(omraade(101)), opret(omraade(265)))
		b.tell(0, omdoeb("H10101", "Skoven"))
		b.tell(0, omdoeb("H10265", "Havnen"), omdoeb("H10101", "Engen"))
		b.wantIDs("rask", "H10101:1", "H10101:2", "H10101:3", "H10265:1", "H10265:2")
		b.wantIDs("haenger")
		b.wantIDs("afviser")
		log := b.log.String()
		if strings.Count(log, "abonnement=haenger kommune=0 late=true") != 1 || strings.Count(log, "abonnement=afviser kommune=265 late=false") != 3 ||
			strings.Contains(log, "rask") || strings.Count(log, "broken by the test") != strings.Count(log, "\n") {
			t.Errorf("the log tells of\n%s", log)
		}

		b.takes(20*time.Second, func() {
			err := b.sweep.Sweep(t.Context())
			if said := fmt.Sprint(err); !strings.Contains(said, "haenger: nothing was taken") || !strings.Contains(said, "afviser: ") || strings.Contains(said, "rask") {
				t.Errorf("a sweep answers %v", err)
			}
		})
		b.release()
		b.memory().refuseAll("afviser", false)
		b.takes(0, func() {
			if err := b.sweep.Sweep(t.Context()); err != nil {
				t.Error(err)
			}
		})
		b.wantAll()
	})
}

// Who was late is left alone by the stream for a minute, and then it is tried again.
func TestStreamTriesAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBroken(t)
		b.tell(5*time.Second, opret(omraade(265)))
		time.Sleep(time.Minute - time.Second)
		b.tell(0, omdoeb("H10265", "Skoven"))
		time.Sleep(time.Second)
		b.tell(5*time.Second, omdoeb("H10265", "Havnen"))
		b.release()
		b.tell(0, omdoeb("H10265", "Engen"))
		b.wantIDs("haenger")
		time.Sleep(time.Minute)
		b.tell(0, omdoeb("H10265", "Søen"))
		b.memory().refuseAll("afviser", false)
		b.tell(0, omdoeb("H10265", "Bakken"))
		b.wantAll()
	})
}

// reluctant is queues of which one takes its time to refuse.
type reluctant struct {
	relaying.Queue
	queue string
	after time.Duration
}

func (q reluctant) Send(ctx context.Context, queue string, messages []relaying.Message) []error {
	if queue == q.queue {
		time.Sleep(q.after)
	}
	return q.Queue.Send(ctx, queue, messages)
}

// Who takes long to refuse is left alone like who hangs; who refuses at once is tried each time.
func TestStreamBesideReluctant(t *testing.T) {
	t.Parallel()
	for after, then := range map[time.Duration]time.Duration{2 * time.Second: 0, time.Second: time.Second} {
		synctest.Test(t, func(t *testing.T) {
			b := newBroken(t)
			b.release()
			b.stream.Queue = reluctant{b.mail, "afviser", after}
			b.tell(after, opret(omraade(265)))
			b.tell(then, omdoeb("H10265", "Skoven"))
			b.wantIDs("rask", "H10265:1", "H10265:2")
			b.memory().refuseAll("afviser", false)
			b.relay()
			b.wantAll()
		})
	}
}

// A log that cannot be read is held back, one that could be is not, and where nothing can be done that is an error.
func TestStreamHoldsLogsBack(t *testing.T) {
	t.Parallel()
	for at, want := range map[string]string{
		"changes of 101": "[101]", "the places of 265": "[265]", "heads": "error", "order": "error", "subscribers": "error",
		"subscriber": "[]", "marks": "[]", "mark": "[]",
	} {
		s := inMemory(t)
		s.subscribe("alle", relaying.Filter{}, beginning)
		s.subscribe("anden", relaying.Filter{}, beginning)
		s.write(opret(omraade(101)), opret(omraade(265)), omdoeb("H10265", "Skoven"))
		stream := relaying.Stream{Service: s.Service}
		stream.Store = lame{s.store, at}
		held, err := stream.Relay(t.Context(), []int{101, 265})
		var kommuner []int
		for kommune, err := range held {
			if kommuner = append(kommuner, kommune); register.KindOf(err) != register.Unavailable {
				t.Errorf("%s: %d is held back for %v", at, kommune, err)
			}
		}
		got := fmt.Sprint(kommuner)
		if err != nil {
			got = "error"
		}
		if got != want {
			t.Errorf("%s: %v: held back are %s, want %s", at, err, got, want)
		}
		s.relay()
		s.wantAll()
	}
}

// slow is queues that take a while for each message.
type slow struct {
	relaying.Queue
	each time.Duration
}

func (q slow) Send(ctx context.Context, queue string, messages []relaying.Message) []error {
	refused := make([]error, len(messages))
	for i := range messages {
		select {
		case <-time.After(q.each):
			refused[i] = q.Queue.Send(ctx, queue, messages[i:i+1])[0]
		case <-ctx.Done():
			refused[i] = errBroken
		}
	}
	return refused
}

// What a slow subscriber took before the patience ended is marked, to the last message, so that it comes to the end in the end; it is
// no fault that there was more.
func TestSlowSubscriberGetsOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := inMemory(t)
		s.Queue = slow{s.mail, 100 * time.Millisecond}
		s.Patience = 14950 * time.Millisecond
		s.subscribe("alle", relaying.Filter{}, beginning)
		s.write(append([]step{opret(omraade(265))}, many("H10265", 249)...)...)
		left, err := s.Relay(t.Context())
		if err != nil || len(left) != 1 || left[0] != (relaying.Left{Navn: "alle", Late: true}) {
			t.Errorf("%v: left is %+v", err, left)
		}
		s.wantMarks("alle", "265:149")
		if err := s.Sweep(t.Context()); err != nil {
			t.Error(err)
		}
		if calls := s.memory().calls("alle"); len(calls) != 250 {
			t.Errorf("%d messages were sent", len(calls))
		}
		s.wantAll()
	})
}

// A relay whose own time is over says of each log that there is more, and nobody was late.
func TestRelayEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBroken(t)
		b.memory().refuseAll("afviser", false)
		b.write(opret(omraade(101)), opret(omraade(265)))
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		left, err := b.sweep.Relay(ctx)
		if got := strings.Join(shownLeft(left), ", "); err != nil || got != "haenger 101, haenger 265" || left[0].Late || left[0].Err == nil {
			t.Errorf("%v: left is %+v", err, left)
		}
		b.wantIDs("rask", "H10101:1", "H10265:1")
		b.release()
		b.relay()
		b.wantAll()
	})
}
