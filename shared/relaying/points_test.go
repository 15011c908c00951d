package relaying_test

import (
	"context"
	"sync"
	"testing"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
)

// part is how much of an effect there has been.
type part int

// The parts: of messages some may be sent and the others not; a mark is made or not.
const (
	none part = iota
	half
	whole
)

// process is a relay to which something happens at one point of its way: before, in the midst of, or after one of its effects, which are
// the messages that it sends and the marks that it makes. If it does not survive that, nothing it does has any effect from then on.
type process struct {
	engine
	relaying.Queue

	nr      int // of the effect, from 1
	part    part
	happens func() (survives bool)

	mu             sync.Mutex
	effects        int
	happened, dead bool
}

// interrupt gives a process on a station, and a service that it runs.
func (s *station) interrupt(nr int, at part, happens func() bool) (*process, *relaying.Service) {
	p := &process{engine: s.store, Queue: s.mail, nr: nr, part: at, happens: happens}
	service := s.Service
	service.Store, service.Queue = p, p
	return p, &service
}

// effect carries out the two halves of one effect, unless the process dies before.
func (p *process) effect(halves ...func()) (alive bool) {
	p.mu.Lock()
	p.effects++
	nr := p.effects
	p.mu.Unlock()
	p.pass(nr, none)
	for i, do := range halves {
		if p.alive() {
			do()
		}
		p.pass(nr, part(i+1))
	}
	return p.alive()
}

func (p *process) pass(nr int, at part) {
	if nr != p.nr || at != p.part || !p.alive() {
		return
	}
	survives := p.happens()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.happened, p.dead = true, !survives
}

func (p *process) alive() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.dead
}

func (p *process) Mark(ctx context.Context, navn string, runde int, at register.Position) (err error) {
	if !p.effect(func() {}, func() { err = p.engine.Mark(ctx, navn, runde, at) }) {
		return errBroken
	}
	return err
}

func (p *process) Send(ctx context.Context, queue string, messages []relaying.Message) []error {
	refused := make([]error, len(messages))
	ended := make(map[string]error) // groups of which one was refused
	send := func(from, to int) func() {
		return func() {
			var some []relaying.Message
			var places []int
			for i, m := range messages[from:to] {
				if refused[from+i] = ended[m.Group]; refused[from+i] == nil {
					some, places = append(some, m), append(places, from+i)
				}
			}
			for i, err := range p.Queue.Send(ctx, queue, some) {
				if refused[places[i]] = err; err != nil {
					ended[some[i].Group] = err
				}
			}
		}
	}
	middle := (len(messages) + 1) / 2
	if !p.effect(send(0, middle), send(middle, len(messages))) {
		for i := range refused {
			refused[i] = errBroken
		}
	}
	return refused
}

// atEveryPoint has something happen to a relay at each point of its way in turn, each time on a station where there is something to
// relay. Whatever it is, and whether the relay survives it or not, the next one does the rest.
func atEveryPoint(t *testing.T, open func() *station, happens func(s *station) (survives bool)) {
	t.Helper()
	for nr := 1; ; nr++ {
		for at := none; at <= whole; at++ {
			s := open()
			s.busy()
			p, service := s.interrupt(nr, at, func() bool { return happens(s) })
			_, err := service.Relay(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if !p.happened && nr <= busyEffects {
				t.Fatalf("a relay has %d effects only", nr-1)
			}
			s.relay()
			s.wantAll()
			if t.Failed() {
				t.Fatalf("at the effect %d, part %d", nr, at)
			}
			if !p.happened {
				return
			}
		}
	}
}

// busyEffects is how many effects it has to bring the subscribers of [station.busy] up to date: two sendings, five marks.
const busyEffects = 7

// busy is a station where two subscribers are behind, the one in three municipalities and the other in two of them.
func (s *station) busy() {
	s.Helper()
	s.subscribe("alle", relaying.Filter{}, beginning)
	s.subscribe("nogle", relaying.Filter{Kommuner: []int{101, 265}, Arter: []register.Art{register.Aendring}}, beginning)
	s.write(opret(omraade(101)), opret(omraade(265)), opret(omraade(751)))
	s.write(omdoeb(number(265), "Skoven"), omdoeb(number(101), "Havnen"), omdoeb(number(265), "Engen"))
}

// killed is the end of a process.
func killed(*station) bool { return false }

// overtaken has another relay come all the way meanwhile.
func overtaken(s *station) bool {
	s.relay()
	return true
}
