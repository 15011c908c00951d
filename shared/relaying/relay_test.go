package relaying_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"

	"dagtilbudsregisteret.dk/events"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
	"dagtilbudsregisteret.dk/shared/storetest"
)

func TestWants(t *testing.T) {
	t.Parallel()
	d := omraade(265)
	e := storetest.Anvisningsenhed(d, "G20001")
	away := e
	away.AdmKommuneKode = 101
	changes := map[string]register.Change{
		"created": {Position: register.Position{Kommune: 265, Nr: 1}, Art: register.Oprettelse, Efter: d},
		"below":   {Position: register.Position{Kommune: 265, Nr: 2}, Art: register.Indlaesning, Efter: e},
		"left":    {Position: register.Position{Kommune: 265, Nr: 3}, Art: register.Aendring, Foer: e, Efter: away},
		"came":    {Position: register.Position{Kommune: 101, Nr: 1}, Art: register.Aendring, Foer: e, Efter: away},
	}
	for _, c := range []struct {
		filter relaying.Filter
		want   string
	}{
		{relaying.Filter{}, "below came created left"},
		{relaying.Filter{Kommuner: []int{265}}, "below created left"},
		{relaying.Filter{Kommuner: []int{101, 751}}, "came"},
		{relaying.Filter{Kommuner: []int{751}}, ""},
		{relaying.Filter{Niveauer: []register.Level{register.Daginstitution}}, "created"},
		{relaying.Filter{Niveauer: []register.Level{register.AlternativAdresse, register.Anvisningsenhed}}, "below came left"},
		{relaying.Filter{Arter: []register.Art{register.Indlaesning, register.Oprettelse}}, "below created"},
		{relaying.Filter{Kommuner: []int{265}, Niveauer: register.Levels[1:], Arter: []register.Art{register.Aendring}}, "left"},
		{relaying.Filter{Kommuner: []int{265}, Niveauer: register.Levels[:1], Arter: []register.Art{register.Aendring}}, ""},
	} {
		var wanted []string
		for name, change := range changes {
			if c.filter.Wants(&change) {
				wanted = append(wanted, name)
			}
		}
		slices.Sort(wanted)
		if got := strings.Join(wanted, " "); got != c.want {
			t.Errorf("%+v wants %s, want %s", c.filter, got, c.want)
		}
	}
}

// A long log is sent a window at a time, and each is marked before the next is sent.
func TestWindows(t *testing.T) {
	t.Parallel()
	s := inMemory(t)
	m := s.memory()
	s.subscribe("alle", relaying.Filter{}, beginning)
	s.write(append([]step{opret(omraade(265))}, many("H10265", 249)...)...)
	marks := &noted{engine: s.store}
	s.Service.Store = marks
	s.relay()
	var sizes []int
	for _, call := range m.calls("alle") {
		sizes = append(sizes, len(call))
	}
	if got := fmt.Sprint(sizes, marks.all); got != "[100 100 50] 265:100,265:200,265:250" {
		t.Errorf("sent and marked were %s", got)
	}
	s.wantAll()
}

// noted is a store that notes the marks that are made.
type noted struct {
	engine
	mu  sync.Mutex
	all register.Positions
}

func (n *noted) Mark(ctx context.Context, navn string, runde int, at register.Position) error {
	n.mu.Lock()
	n.all = append(n.all, at)
	n.mu.Unlock()
	return n.engine.Mark(ctx, navn, runde, at)
}

// Twenty logs are sent from at a time. One with much in it goes behind the others after each window.
func TestLongLogWaitsForOthers(t *testing.T) {
	t.Parallel()
	s := inMemory(t)
	m := s.memory()
	s.subscribe("alle", relaying.Filter{}, beginning)
	s.write(append([]step{opret(omraade(101))}, many("H10101", 349)...)...)
	for kommune := 102; kommune <= 145; kommune++ {
		s.write(opret(omraade(kommune)))
	}
	s.relay()
	var sizes []int
	for _, call := range m.calls("alle") {
		sizes = append(sizes, len(call))
	}
	// the long one and 19 others, 20 others, the 5 that are left and the long one, and twice the long one alone
	if got := fmt.Sprint(sizes); got != "[119 20 105 100 50]" {
		t.Errorf("sent were %s", got)
	}
	s.wantAll()
}

// What a subscriber does not want is marked and not sent; a log that it does not follow is not even marked.
func TestPassedOver(t *testing.T) {
	t.Parallel()
	s := inMemory(t)
	m := s.memory()
	s.subscribe("lukninger", relaying.Filter{Kommuner: []int{265}, Arter: []register.Art{register.Nedlaeggelse}}, beginning)
	s.write(opret(omraade(101)), opret(omraade(265)))
	s.write(many("H10265", 120)...)
	s.relay()
	if calls := m.calls("lukninger"); calls != nil {
		t.Errorf("sent were %s", calls)
	}
	s.wantMarks("lukninger", "265:121")
	s.write(omdoeb("H10265", "Skoven"), nedlaeg("H10265"), omdoeb("H10265", "Havnen"))
	s.relay()
	s.wantIDs("lukninger", "H10265:123")
	s.wantMarks("lukninger", "265:124")
}

// What comes first and is refused has the mark stand where it was, and what comes later right before it.
func TestRefusedIsNotPassed(t *testing.T) {
	t.Parallel()
	s := inMemory(t)
	m := s.memory()
	s.subscribe("enheder", relaying.Filter{Niveauer: []register.Level{register.Anvisningsenhed}}, beginning)
	d := omraade(265)
	e := storetest.Anvisningsenhed(d, "G20001")
	s.write(opret(d), opret(e), omdoeb("H10265", "Skoven"), omdoeb("G20001", "Æblet"), omdoeb("H10265", "Havnen"), omdoeb("G20001", "Pæren"))
	for place, want := range []string{"265:1", "265:3", "265:5"} {
		m.refuse(min(place, 1)) // each time one more has been taken, but for the first time
		s.relayLeaves("enheder 265")
		s.wantMarks("enheder", want)
	}
	s.relay()
	s.wantMarks("enheder", "265:6")
	s.wantAll()
}

// What is said of a subscriber while it is sent much is heeded after the window that is under way.
func TestHeededBetweenWindows(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		act  func(s *station)
		want string // how many messages each queue has taken in the end
	}{
		"paused": {func(s *station) { s.done(s.Pause(s.Context(), drift, "alle")) }, "100 in alle, 0 in ny"},
		"closed": {func(s *station) { s.done(s.Close(s.Context(), drift, "alle")) }, "100 in alle, 0 in ny"},
		"queue": {func(s *station) {
			s.done(s.Change(s.Context(), drift, "alle", nil, "ny", relaying.Filter{}))
		}, "100 in alle, 150 in ny"},
		"filter": {func(s *station) {
			s.done(s.Change(s.Context(), drift, "alle", nil, "alle", relaying.Filter{Arter: []register.Art{register.Oprettelse}}))
		}, "101 in alle, 0 in ny"},
		"replayed": {func(s *station) { s.replay("alle", beginning) }, "350 in alle, 0 in ny"},
	} {
		t.Run(name, func(t *testing.T) {
			s := inMemory(t)
			s.mail.open("ny")
			s.subscribe("alle", relaying.Filter{}, beginning)
			s.write(append([]step{opret(omraade(265))}, many("H10265", 248)...)...)
			s.write(opret(storetest.Anvisningsenhed(omraade(265), "G20001")))
			p, service := s.interrupt(1, whole, func() bool {
				c.act(s)
				return true
			})
			if left, err := service.Relay(t.Context()); err != nil || len(left) > 0 || !p.happened {
				t.Fatalf("%v: left is %q", err, shownLeft(left))
			}
			if name == "replayed" {
				s.wantAll()
			}
			got := fmt.Sprintf("%d in alle, %d in ny", len(s.mail.received("alle")), len(s.mail.received("ny")))
			if got != c.want {
				t.Errorf("there are %s, want %s", got, c.want)
			}
		})
	}
}

// A filter that is changed goes for what has not been passed yet: of a municipality that was followed what comes next, and of another
// what came since the subscriber began.
func TestChangedFilter(t *testing.T) {
	t.Parallel()
	s := inMemory(t)
	s.write(opret(omraade(101)), opret(omraade(265)))
	s.subscribe("os2", relaying.Filter{Kommuner: []int{101}, Arter: []register.Art{register.Nedlaeggelse}}, relaying.Start{})
	s.write(omdoeb("H10101", "Skoven"), omdoeb("H10265", "Havnen"))
	s.relay()
	s.done(s.Change(t.Context(), drift, "os2", nil, "os2", relaying.Filter{}))
	s.write(omdoeb("H10101", "Engen"), omdoeb("H10265", "Søen"))
	s.relay()
	s.wantIDs("os2", "H10101:3", "H10265:2", "H10265:3")
}

// An event as large as a message may be is sent whole, and a larger one by reference. No lawful change comes near it: the rules allow
// no field more than 132 characters, and a request's id no more than 64, which here stands in for what may grow one day.
func TestOversizedGoesByReference(t *testing.T) {
	t.Parallel()
	s := inMemory(t)
	s.subscribe("alle", relaying.Filter{}, beginning)
	of := func(requestID string) register.Change {
		c := register.Change{Art: register.Oprettelse, Aarsag: register.VedKald, Efter: omraade(265), Tid: s.clock.Now(), Af: af}
		c.Af.RequestID = requestID
		return c
	}
	small := of("")
	small.Position, small.Sequence = register.Position{Kommune: 265, Nr: 1}, 1
	rest := relaying.MostBody - len(events.Of(&small).Append(nil))
	for i, excess := range []int{0, 1} {
		c := of(strings.Repeat("x", rest+excess))
		c.Efter.SetNumber(register.Number(fmt.Sprintf("G2000%d", i)))
		if err := s.store.Update(t.Context(), func(tx register.Tx) error {
			_, err := tx.Write(c)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	s.relay()
	s.wantAll()
	received := s.mail.received("alle")
	if len(received) != 2 {
		t.Fatalf("received were %s", ids(received))
	}
	for i, m := range received {
		e, err := events.Parse(m.Body)
		if err != nil || len(m.Body) > relaying.MostBody || (e.DataRef == "") != (i == 0) {
			t.Errorf("%v: %s of %d bytes came with the reference %q", err, m.ID, len(m.Body), e.DataRef)
		}
	}
	if len(received[0].Body) != relaying.MostBody {
		t.Errorf("%d bytes are whole", len(received[0].Body))
	}
}

// ordering is a store where something happens after the changes are put in order.
type ordering struct {
	engine
	then func()
}

func (o *ordering) Order(ctx context.Context) error {
	defer o.then()
	return o.engine.Order(ctx)
}

// lame is a store that fails at one thing.
type lame struct {
	engine
	at string
}

// or gives its own error where it fails, and else the engine's.
func (l lame) or(err error, at ...string) error {
	if slices.Contains(at, l.at) {
		return errBroken
	}
	return err
}

func (l lame) Heads(ctx context.Context) ([]register.Head, error) {
	heads, err := l.engine.Heads(ctx)
	return heads, l.or(err, "heads")
}

func (l lame) Order(ctx context.Context) error { return l.or(l.engine.Order(ctx), "order") }

func (l lame) Subscribers(ctx context.Context) ([]relaying.Subscriber, error) {
	all, err := l.engine.Subscribers(ctx)
	return all, l.or(err, "subscribers")
}

func (l lame) Subscriber(ctx context.Context, navn string) (relaying.Subscriber, error) {
	sub, err := l.engine.Subscriber(ctx, navn)
	return sub, l.or(err, "subscriber", "subscriber "+navn)
}

func (l lame) Marks(ctx context.Context, navn string, runde int) (register.Positions, error) {
	marks, err := l.engine.Marks(ctx, navn, runde)
	return marks, l.or(err, "marks")
}

func (l lame) Mark(ctx context.Context, navn string, runde int, at register.Position) error {
	if err := l.or(nil, "mark"); err != nil {
		return err
	}
	return l.engine.Mark(ctx, navn, runde, at)
}

func (l lame) Changes(ctx context.Context, after register.Position) iter.Seq2[register.Change, error] {
	switch l.at {
	case fmt.Sprintf("changes of %d", after.Kommune):
		return func(yield func(register.Change, error) bool) { yield(register.Change{}, errBroken) }
	case fmt.Sprintf("the end of %d", after.Kommune):
		return func(func(register.Change, error) bool) {}
	case fmt.Sprintf("the places of %d", after.Kommune):
		return l.unplaced(ctx, after)
	case fmt.Sprintf("more of %d", after.Kommune):
		return l.once(ctx, after)
	}
	return l.engine.Changes(ctx, after)
}

// unplaced gives changes of which only the first of a log has a place.
func (l lame) unplaced(ctx context.Context, after register.Position) iter.Seq2[register.Change, error] {
	return func(yield func(register.Change, error) bool) {
		for c, err := range l.engine.Changes(ctx, after) {
			if c.Position.Nr > 1 {
				c.Sequence = 0
			}
			if !yield(c, err) {
				return
			}
		}
	}
}

// once gives one change, and fails when it is asked for another.
func (l lame) once(ctx context.Context, after register.Position) iter.Seq2[register.Change, error] {
	return func(yield func(register.Change, error) bool) {
		for c, err := range l.engine.Changes(ctx, after) {
			if !yield(c, err) || !yield(c, errBroken) {
				return
			}
		}
	}
}

// A change whose place cannot be seen yet is waited for: an event without one is never sent.
func TestPlaceIsNotSeenYet(t *testing.T) {
	t.Parallel()
	s := inMemory(t)
	s.subscribe("alle", relaying.Filter{}, beginning)
	s.write(opret(omraade(101)), opret(omraade(265)), omdoeb("H10265", "Skoven"))
	s.Service.Store = lame{s.store, "the places of 265"}
	s.relayLeaves("log 265")
	s.wantIDs("alle", "H10101:1", "H10265:1")
	s.wantMarks("alle", "101:1,265:1")
	s.Service.Store = s.store
	s.relay()
	s.wantAll()
}

// A store that cannot be read is said to be so: by an error where nothing can be done, of the logs where it is about them, and else of the
// subscribers.
func TestStoreFails(t *testing.T) {
	t.Parallel()
	for at, want := range map[string]string{
		"heads": "error", "order": "error", "subscribers": "error", "subscriber": "[alle 0 anden 0]", "subscriber alle": "[alle 0]",
		"marks": "[alle 0 anden 0]", "mark": "[alle 101 alle 265 anden 101 anden 265]", "changes of 101": "[log 101]", "the end of 265": "[log 265]",
	} {
		s := inMemory(t)
		s.subscribe("alle", relaying.Filter{}, beginning)
		s.subscribe("anden", relaying.Filter{}, beginning)
		s.write(opret(omraade(101)), opret(omraade(265)))
		s.Service.Store = lame{s.store, at}
		left, err := s.Relay(t.Context())
		got := fmt.Sprint(shownLeft(left))
		if err != nil {
			got = "error"
		}
		if got != want {
			t.Errorf("%s: left is %s, want %s", at, got, want)
		}
		for _, l := range left {
			if register.KindOf(l.Err) != register.Unavailable || !strings.HasPrefix(l.Err.Error(), l.Navn) {
				t.Errorf("%s: %q of %d is left for %v", at, l.Navn, l.Kommune, l.Err)
			}
		}
		if err := s.Sweep(t.Context()); register.KindOf(err) != register.Unavailable {
			t.Errorf("%s: a sweep answers %v", at, err)
		}
		if at == "subscriber alle" {
			s.wantIDs("anden", "H10101:1", "H10265:1")
		}
		s.Service.Store = s.store
		s.relay()
		s.wantAll()
	}
}

// A subscriber whose queue hangs delays nobody: not in the relay that waits for it, and not in those that come meanwhile.
func TestHangingQueueDelaysNobody(t *testing.T) {
	t.Parallel()
	s := inMemory(t)
	m := s.memory()
	s.subscribe("haenger", relaying.Filter{}, beginning)
	s.subscribe("rask", relaying.Filter{}, beginning)
	release := m.block("haenger")
	var relays sync.WaitGroup
	for round := range 3 {
		s.write(opret(omraade(101+round)), omdoeb(number(101+round), "Skoven"))
		relays.Go(func() { s.relay() })
		m.await("rask", 2*(round+1))
	}
	s.wantIDs("haenger")
	release()
	relays.Wait()
	s.wantAll()
}

// A municipality whose first message is refused, time and again, delays no other, and nobody else who follows it.
func TestHeldMunicipalityDelaysNoOther(t *testing.T) {
	t.Parallel()
	s := inMemory(t)
	m := s.memory()
	s.subscribe("alle", relaying.Filter{}, beginning)
	s.subscribe("anden", relaying.Filter{}, beginning)
	m.refuseGroup("alle", "265", true)
	for _, kommune := range []int{101, 265, 751} {
		s.write(append([]step{opret(omraade(kommune))}, many(number(kommune), 119)...)...)
	}
	for range 2 {
		s.relayLeaves("alle 265")
		s.write(omdoeb("H10101", "Skoven"), omdoeb("H10265", "Havnen"))
	}
	s.relayLeaves("alle 265")
	if got := len(s.mail.received("alle")); got != 122+120 {
		t.Errorf("%d messages were sent beside those that are held back", got)
	}
	s.wantMarks("alle", "101:122,751:120")
	s.wantMarks("anden", "101:122,265:122,751:120")
	m.refuseGroup("alle", "265", false)
	s.relay()
	s.wantAll()
}

// Five minutes after it was sent a message is taken again. Who drops the ids it has seen does not notice.
func TestKilledAndForgotten(t *testing.T) {
	t.Parallel()
	again := 0
	atEveryPoint(t, func() *station { return inMemory(t) }, func(s *station) bool {
		s.memory().forget()
		again++
		return false
	})
	if again < 3*busyEffects {
		t.Errorf("a process was killed %d times", again)
	}
}

// acts are what may be said of subscribers while a relay is on its way, and written.
var acts = map[string]func(s *station){
	"written": func(s *station) { s.write(omdoeb("H10265", "Bakken"), opret(omraade(999))) },
	"added": func(s *station) {
		s.subscribe("ny", relaying.Filter{Kommuner: []int{265}}, relaying.Start{})
		s.write(omdoeb("H10265", "Bakken"))
	},
	"paused": func(s *station) {
		s.done(s.Pause(s.Context(), drift, "alle"))
		s.write(omdoeb("H10265", "Bakken"))
		s.relay()
		s.done(s.Resume(s.Context(), drift, "alle"))
	},
	"replayed": func(s *station) {
		s.replay("alle", beginning)
		s.write(omdoeb("H10265", "Bakken"))
	},
}

// Whatever is said of subscribers at whichever point of a relay, and whatever is written, they have their own in the end.
func TestActsAtEveryPoint(t *testing.T) {
	t.Parallel()
	for name, act := range acts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			atEveryPoint(t, func() *station { return inMemory(t) }, func(s *station) bool {
				act(s)
				return true
			})
		})
	}
}
