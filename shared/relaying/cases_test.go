package relaying_test

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"dagtilbudsregisteret.dk/shared/dynamostore"
	"dagtilbudsregisteret.dk/shared/dynamostore/dynamotest"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
	"dagtilbudsregisteret.dk/shared/sqsqueue/sqstest"
	"dagtilbudsregisteret.dk/shared/storetest"
)

// cases hold wherever the register is and whatever the queues are.
var cases = []struct {
	name string
	run  func(t *testing.T, open func() *station)
}{
	{"each gets its own", eachGetsItsOwn},
	{"the same wake-up twice", sameWakeUp},
	{"a unit that leaves its municipality", leaves},
	{"written while a relay begins", writtenMeanwhile},
	{"paused, resumed and closed", pausedAndClosed},
	{"replayed", replayed},
	{"one of ten is refused", oneOfTen},
	{"a queue that is not there", lostQueue},
	{"an answer is lost", answerLost},
	{"nobody answers for a while", noAnswer},
	{"a mark is not made", func(t *testing.T, open func() *station) { markFails(t, open, false) }},
	{"a mark is made and the answer lost", func(t *testing.T, open func() *station) { markFails(t, open, true) }},
	{"all at once", together},
	{"acted on while it is sent to", actedOn},
	{"killed at every point", func(t *testing.T, open func() *station) { atEveryPoint(t, open, killed) }},
	{"overtaken at every point", func(t *testing.T, open func() *station) { atEveryPoint(t, open, overtaken) }},
}

func TestInMemory(t *testing.T) {
	t.Parallel()
	runCases(t, func(t *testing.T) *station { return newStation(t, openBolt(t), newMemory()) })
}

func TestOnSQS(t *testing.T) {
	t.Parallel()
	office := newPostOffice(t, sqstest.OnDisk())
	runCases(t, func(t *testing.T) *station { return newStation(t, openBolt(t), office) })
}

func TestOnDynamoDB(t *testing.T) {
	t.Parallel()
	server := dynamotest.Start(t)
	var tables atomic.Int32
	runCases(t, func(t *testing.T) *station {
		return newStation(t, openTable(t, server, fmt.Sprint("Dagtilbud", tables.Add(1))), newMemory())
	})
}

func runCases(t *testing.T, open func(t *testing.T) *station) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			c.run(t, func() *station { return open(t) })
		})
	}
}

// openTable makes a table of its own for a register.
func openTable(t *testing.T, server *dynamotest.Server, table string, options ...func(*dynamodb.Options)) *dynamostore.Store {
	t.Helper()
	client := server.Client(options...)
	store := dynamostore.New(client, table, register.DefaultSeries)
	if err := store.CreateTable(t.Context()); err != nil {
		t.Fatal(err)
	}
	dynamotest.WithoutStream(t, client, table)
	return store
}

// eachGetsItsOwn has subscribers of all kinds of filters, and changes of all kinds.
func eachGetsItsOwn(t *testing.T, open func() *station) {
	s := open()
	s.subscribe("alle", relaying.Filter{}, beginning)
	s.subscribe("roskilde", relaying.Filter{Kommuner: []int{265}}, beginning)
	s.subscribe("enheder", relaying.Filter{Niveauer: []register.Level{register.Anvisningsenhed}}, beginning)
	s.subscribe("lukninger", relaying.Filter{Arter: []register.Art{register.Nedlaeggelse, register.Flytning}}, beginning)
	s.subscribe("snaever", relaying.Filter{
		Kommuner: []int{101, 751}, Niveauer: []register.Level{register.Daginstitution, register.AlternativAdresse}, Arter: []register.Art{register.Oprettelse},
	}, beginning)
	for _, kommune := range []int{101, 265, 751} {
		d := omraade(kommune)
		e := storetest.Anvisningsenhed(d, register.Number(fmt.Sprintf("H2%04d", kommune)))
		a := storetest.Alternativ(e, register.Number(fmt.Sprintf("H3%04d", kommune)))
		s.write(opret(d), opret(e), opret(a))
		s.write(omdoeb(e.EnhedsNummer, "Æblet"), nedlaeg(a.AlternativAdresseNummer))
		s.relay()
		s.write(nedlaeg(e.EnhedsNummer), nedlaeg(d.DaginstitutionsNummer))
	}
	s.relay()
	s.wantIDs("snaever", "H10101:1", "H30101:1", "H10751:1", "H30751:1")
	s.wantIDs("lukninger", "H30101:2", "H20101:3", "H10101:2", "H30265:2", "H20265:3", "H10265:2", "H30751:2", "H20751:3", "H10751:2")
	s.wantAll()
}

// sameWakeUp wakes a relay twice for the same change: the second time there is nothing to do.
func sameWakeUp(t *testing.T, open func() *station) {
	s := open()
	s.subscribe("alle", relaying.Filter{}, beginning)
	s.write(opret(omraade(101)), opret(omraade(265)))
	for range 2 {
		s.relay(265)
		s.wantIDs("alle", "H10265:1")
	}
	p, service := s.interrupt(0, none, nil)
	if left, err := service.Relay(t.Context(), 265, 999); err != nil || len(left) > 0 || p.effects != 0 {
		t.Errorf("%v: a relay with nothing to do had %d effects, and left %q", err, p.effects, shownLeft(left))
	}
	s.wantMarks("alle", "265:1")
	s.relay()
	s.wantAll()
}

// leaves has a unit go to another municipality: it is told of in both logs, under two ids.
func leaves(t *testing.T, open func() *station) {
	s := open()
	s.subscribe("alle", relaying.Filter{}, beginning)
	s.subscribe("fra", relaying.Filter{Kommuner: []int{101}}, beginning)
	s.subscribe("til", relaying.Filter{Kommuner: []int{265}}, beginning)
	s.write(opret(omraade(101)))
	s.write(overfoer("H10101", 265))
	s.write(omdoeb("H10101", "Skoven"))
	s.relay()
	s.wantIDs("fra", "H10101:1", "H10101:2:101")
	s.wantIDs("til", "H10101:2", "H10101:3")
	s.wantAll()
}

// writtenMeanwhile has changes be made while a relay begins: they are the next one's, and hold nothing back.
func writtenMeanwhile(t *testing.T, open func() *station) {
	s := open()
	s.subscribe("alle", relaying.Filter{}, beginning)
	s.write(opret(omraade(265)))
	s.Service.Store = &ordering{s.store, func() { s.write(omdoeb("H10265", "Skoven"), opret(omraade(101))) }}
	s.relay()
	s.wantIDs("alle", "H10265:1")
	s.Service.Store = s.store
	s.relay()
	s.wantAll()
}

// pausedAndClosed holds events back for as long as a subscriber is paused, and for ever when it is closed.
func pausedAndClosed(t *testing.T, open func() *station) {
	s := open()
	s.subscribe("alle", relaying.Filter{}, beginning)
	s.subscribe("anden", relaying.Filter{}, beginning)
	s.write(opret(omraade(101)))
	s.relay()
	s.done(s.Pause(t.Context(), drift, "alle"))
	s.write(omdoeb("H10101", "Skoven"))
	s.relay()
	s.wantIDs("alle", "H10101:1")
	s.wantIDs("anden", "H10101:1", "H10101:2")
	s.done(s.Resume(t.Context(), drift, "alle"))
	s.relay()
	s.wantAll()
	s.done(s.Close(t.Context(), drift, "alle"))
	s.write(omdoeb("H10101", "Engen"))
	s.relay()
	s.wantIDs("alle", "H10101:1", "H10101:2")
	s.wantIDs("anden", "H10101:1", "H10101:2", "H10101:3")
}

// replayed has a subscriber begin anew: at event 1, after positions, at a moment, and with what comes next. What it had marked before
// means nothing then, and the other subscriber notices nothing.
func replayed(t *testing.T, open func() *station) {
	s := open()
	s.subscribe("alle", relaying.Filter{}, beginning)
	s.subscribe("anden", relaying.Filter{}, beginning)
	s.write(opret(omraade(101)), opret(omraade(265)))
	s.write(omdoeb("H10101", "Skoven"), omdoeb("H10265", "Havnen"))
	moment := s.clock.Now().Add(time.Second) // when the next change is made
	s.write(omdoeb("H10101", "Engen"), omdoeb("H10265", "Søen"))
	s.relay()
	first := ids(s.mail.received(s.queues["alle"]))
	for _, c := range []struct {
		from  relaying.Start
		again []string
	}{
		{beginning, first},
		{relaying.Start{Positions: register.Positions{{Kommune: 101, Nr: 2}}}, []string{"H10101:3", "H10265:1", "H10265:2", "H10265:3"}},
		{relaying.Start{Moment: moment}, []string{"H10101:3", "H10265:3"}},
		{relaying.Start{}, nil},
	} {
		before := len(s.mail.received(s.queues["alle"]))
		s.replay("alle", c.from)
		s.wantMarks("alle", "")
		s.relay()
		again := ids(s.mail.received(s.queues["alle"])[before:])
		slices.Sort(again)
		slices.Sort(c.again)
		if !slices.Equal(again, c.again) {
			t.Errorf("from %+v came %s again, want %s", c.from, again, c.again)
		}
	}
	s.write(omdoeb("H10265", "Bakken"))
	s.relay()
	s.wantAll()
}

// oneOfTen has one of ten municipalities' messages be refused: it is held back, with what follows it there, and the others go on.
func oneOfTen(t *testing.T, open func() *station) {
	s := open()
	s.subscribe("alle", relaying.Filter{}, beginning)
	for kommune := 101; kommune < 111; kommune++ {
		s.write(opret(omraade(kommune)), omdoeb(number(kommune), "Skoven"))
	}
	s.mail.refuse(4) // of a municipality's two messages the first
	left, err := s.Relay(t.Context())
	if err != nil || len(left) != 1 || left[0].Navn != "alle" {
		t.Fatalf("%v: left is %q", err, shownLeft(left))
	}
	held := left[0].Kommune
	received := s.mail.received(s.queues["alle"])
	for _, m := range received {
		if m.Group == fmt.Sprint(held) {
			t.Errorf("%s was sent, and its municipality is held back", m.ID)
		}
	}
	if len(received) != 9*2 {
		t.Errorf("%d messages of the other municipalities were sent", len(received))
	}
	s.write(omdoeb(number(held), "Engen"))
	s.relay()
	s.wantAll()
}

// lostQueue has a subscriber whose queue is not there: nobody else notices, and when it gets another it gets all that it is owed there.
func lostQueue(t *testing.T, open func() *station) {
	s := open()
	s.subscribe("alle", relaying.Filter{}, beginning)
	sub := s.done(s.Create(t.Context(), drift, relaying.Subscriber{Navn: "tabt", Koe: "findes-ikke.fifo"}, beginning))
	s.owe(&sub)
	s.queues["tabt"] = s.mail.open("tabt")
	s.write(opret(omraade(101)), opret(omraade(265)), omdoeb("H10101", "Skoven"))
	for range 2 {
		s.relayLeaves("tabt 101", "tabt 265")
		s.wantIDs("alle", "H10101:1", "H10101:2", "H10265:1")
		s.wantIDs("tabt")
	}
	s.done(s.Change(t.Context(), drift, "tabt", nil, s.queues["tabt"], relaying.Filter{}))
	s.relay()
	s.wantAll()
}

// answerLost has messages be taken, and their sender not be told.
func answerLost(t *testing.T, open func() *station) {
	s := open()
	s.subscribe("alle", relaying.Filter{}, beginning)
	s.write(opret(omraade(101)), opret(omraade(265)))
	s.mail.lose()
	s.relayLeaves("alle 101", "alle 265")
	s.wantMarks("alle", "")
	s.write(omdoeb("H10101", "Skoven"))
	s.relay()
	s.wantAll()
	if got := len(s.mail.received(s.queues["alle"])); got != 3 {
		t.Errorf("%d messages were received, want 3", got)
	}
}

// noAnswer has nobody answer for a while.
func noAnswer(t *testing.T, open func() *station) {
	s := open()
	s.subscribe("alle", relaying.Filter{}, beginning)
	s.write(opret(omraade(101)), opret(omraade(265)))
	s.relay()
	s.mail.stop()
	s.write(omdoeb("H10101", "Skoven"))
	s.relayLeaves("alle 101")
	s.mail.start()
	s.write(omdoeb("H10265", "Havnen"))
	s.relay()
	s.wantAll()
}

// actedOn has each of the acts happen when half of what a subscriber is sent has been, and when none of that is marked yet.
func actedOn(t *testing.T, open func() *station) {
	for name, act := range acts {
		for _, point := range []struct {
			nr int
			at part
		}{{1, half}, {2, none}} {
			s := open()
			s.subscribe("alle", relaying.Filter{}, beginning)
			s.write(opret(omraade(101)), opret(omraade(265)), omdoeb("H10265", "Skoven"), omdoeb("H10101", "Havnen"))
			p, service := s.interrupt(point.nr, point.at, func() bool {
				act(s)
				return true
			})
			if left, err := service.Relay(t.Context()); err != nil || len(left) > 0 || !p.happened {
				t.Errorf("%s: %v: left is %q", name, err, shownLeft(left))
			}
			s.relay()
			s.wantAll()
		}
	}
}

// markFails has a relay be told that its first mark is not made, whether it is or not.
func markFails(t *testing.T, open func() *station, made bool) {
	s := open()
	s.busy()
	service := s.Service
	service.Store = &forgetful{engine: s.store, made: made}
	if left, err := service.Relay(t.Context()); err != nil || len(left) != 1 || left[0].Navn == "" {
		t.Errorf("%v: left is %q", err, shownLeft(left))
	}
	s.relay()
	s.wantAll()
}

// forgetful is a store whose first mark fails.
type forgetful struct {
	engine
	made   bool
	failed atomic.Bool
}

func (f *forgetful) Mark(ctx context.Context, navn string, runde int, at register.Position) error {
	if f.failed.Swap(true) {
		return f.engine.Mark(ctx, navn, runde, at)
	}
	if f.made {
		if err := f.engine.Mark(ctx, navn, runde, at); err != nil {
			return err
		}
	}
	return errBroken
}
