package relaying_test

import (
	"fmt"
	"testing"

	"dagtilbudsregisteret.dk/shared/dynamostore/dynamotest"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
	"dagtilbudsregisteret.dk/shared/storetest"
)

// What it costs on DynamoDB to relay, beside what the writes cost, in a register of 98 municipalities whose subscribers are up to date.
// Each relay looks at the logs' ends and the order, and lists the subscribers: 3.5 read units. Each subscriber is looked up with its
// marks: 2. A log where it is behind is read: 2, and 1 for each further 4 KB; and marked: 1 write unit for each window. Putting what is
// new in order takes 2 write units and 4 for each log.
func TestCosts(t *testing.T) {
	t.Parallel()
	meter := dynamotest.NewMeter(t)
	server := dynamotest.Start(t)
	s := newStation(t, openTable(t, server, "Dagtilbud", meter.Attach), newMemory())
	s.subscribe("pladsanvisning-1", relaying.Filter{}, beginning)
	s.populate()
	for _, c := range []struct {
		what        string
		before      func()
		relay       []int
		read, write float64
	}{
		{"a sweep that finds nothing, 1 subscriber", func() {}, nil, 5.5, 0},
		{"1 event", func() { s.write(omdoeb("J10001", "Børnehuset Pæren")) }, []int{101}, 7.5, 7},
		{"1 event, which is not wanted", func() {
			s.done(s.Change(t.Context(), drift, "pladsanvisning-1", nil, "pladsanvisning-1", relaying.Filter{Niveauer: register.Levels[2:]}))
			s.write(omdoeb("J10001", "Børnehuset Æblet"))
		}, []int{101}, 7.5, 7},
		{"1 event, in a municipality that is not followed", func() {
			s.done(s.Change(t.Context(), drift, "pladsanvisning-1", nil, "pladsanvisning-1", relaying.Filter{Kommuner: []int{102}}))
			s.write(omdoeb("J10001", "Børnehuset Pæren"))
		}, []int{101}, 5.5, 6},
		{"1 event, 3 subscribers", func() {
			s.done(s.Change(t.Context(), drift, "pladsanvisning-1", nil, "pladsanvisning-1", relaying.Filter{}))
			s.relay()
			s.subscribe("pladsanvisning-2", relaying.Filter{}, relaying.Start{})
			s.subscribe("pladsanvisning-3", relaying.Filter{}, relaying.Start{})
			s.write(omdoeb("J10001", "Børnehuset Æblet"))
		}, []int{101}, 15.5, 9},
		{"a sweep that finds nothing, 3 subscribers", func() {}, nil, 9.5, 0},
		{"a sweep that finds nothing, 3 subscribers, of whom 1 is paused and 1 closed", func() {
			s.done(s.Pause(t.Context(), drift, "pladsanvisning-2"))
			s.done(s.Close(t.Context(), drift, "pladsanvisning-3"))
		}, nil, 5.5, 0},
		{"100 events in a row", func() { s.writeApart(101, 100) }, []int{101}, 24.5, 7},
		{"10 events in 10 municipalities", func() {
			for i := range 10 {
				s.writeApart(101+i, 1)
			}
		}, nil, 25.5, 42 + 10},
	} {
		c.before()
		meter.Take()
		s.relay(c.relay...)
		cost := meter.Take()
		t.Logf("%-80s %s", c.what, cost)
		if cost.Read != c.read || cost.Write != c.write {
			t.Errorf("%s takes %v read and %v write units, not %v and %v", c.what, cost.Read, cost.Write, c.read, c.write)
		}
		if server.CountsByTheRules() && (cost.Read != cost.ReportedRead || cost.Write != cost.ReportedWrite) {
			t.Errorf("%s: the server reports %v read and %v write units", c.what, cost.ReportedRead, cost.ReportedWrite)
		}
	}
}

// populate makes a unit of each of 98 municipalities, with every field filled in, and has it relayed: J10001 of 101, J10002 of 102 …
func (s *station) populate() {
	s.Helper()
	var steps []step
	for kommune := 101; kommune < 101+98; kommune++ {
		d := omraade(kommune)
		steps = append(steps, opret(d), opret(storetest.Anvisningsenhed(d, register.Number(fmt.Sprintf("J10%03d", kommune-100)))))
		if len(steps) >= 20 || kommune == 101+97 {
			s.write(steps...)
			steps = nil
		}
	}
	s.relay()
}

// writeApart renames the unit of a municipality of [station.populate] time and again, in as many updates.
func (s *station) writeApart(kommune, times int) {
	s.Helper()
	for i := range times {
		s.write(omdoeb(register.Number(fmt.Sprintf("J10%03d", kommune-100)), fmt.Sprint("Børnehuset ", i)))
	}
}
