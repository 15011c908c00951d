package relaying_test

import (
	"fmt"
	"sync"
	"testing"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
)

// together has changes be written, relayed by several, and subscribers be added, paused, resumed and replayed, all at once.
func together(t *testing.T, open func() *station) {
	s := open()
	s.subscribe("alle", relaying.Filter{}, beginning)
	s.subscribe("roskilde", relaying.Filter{Kommuner: []int{265}}, beginning)
	s.write(opret(omraade(101)), opret(omraade(265)))
	written := make(chan struct{})
	var writers, others sync.WaitGroup
	for i := range 2 {
		writers.Go(func() { s.writeAway(i) })
	}
	for range 3 {
		others.Go(func() { s.relayUntil(written) })
	}
	others.Go(s.manage)
	writers.Wait()
	close(written)
	others.Wait()
	s.relay()
	s.wantAll()
}

// writeAway renames what others rename too, creates, and takes what it created to another municipality.
func (s *station) writeAway(writer int) {
	for i := range 10 {
		mine := omraade(101 + 164*(i%2))
		mine.SetNumber(register.Number(fmt.Sprintf("H%d%04d", 3+writer, i)))
		for _, steps := range [][]step{{omdoeb("H10101", fmt.Sprint("Navn ", i)), omdoeb("H10265", fmt.Sprint("Navn ", i))}, {opret(mine)},
			{overfoer(mine.Number(), 101+164*(1-i%2))}} {
			if err := s.tryWrite(steps...); err != nil {
				s.Error(err)
			}
		}
	}
}

// relayUntil relays time and again. What holds it back is no more than others who are at the same.
func (s *station) relayUntil(end <-chan struct{}) {
	for {
		select {
		case <-end:
			return
		default:
		}
		left, err := s.Relay(s.Context())
		if err != nil && register.KindOf(err) != register.Unavailable {
			s.Error(err)
		}
		for _, l := range left {
			if register.KindOf(l.Err) != register.Unavailable {
				s.Errorf("%q of %d is left for %v", l.Navn, l.Kommune, l.Err)
			}
		}
	}
}

// manage acts on subscribers, one act after the other.
func (s *station) manage() {
	for i := range 3 {
		s.done(s.Pause(s.Context(), drift, "alle"))
		s.subscribe(fmt.Sprint("ny", i), relaying.Filter{Arter: []register.Art{register.Oprettelse, register.Aendring}}, relaying.Start{})
		s.replay("roskilde", beginning)
		s.done(s.Resume(s.Context(), drift, "alle"))
		s.replay("alle", relaying.Start{Positions: register.Positions{{Kommune: 101, Nr: 1}}})
	}
}
