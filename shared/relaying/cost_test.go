package relaying_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"dagtilbudsregisteret.dk/shared/dynamostore/dynamotest"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
	"dagtilbudsregisteret.dk/shared/storetest"
)

// What it takes on DynamoDB to relay, by its rules and by what the server reports, is exactly this, and is what the README says. It is
// beside what the writes take, in a register of 98 municipalities whose subscribers are up to date.
//
// Each relay looks at the logs' ends and the order, and lists the subscribers: 3.5 read units. Each subscriber is looked up with its
// marks: 2. A log where it is behind is read: 2, and 1 for each further 4 KB; and marked: 1 write unit for each window. Putting what is
// new in order takes 2 write units, and 4 for each log.
func TestCosts(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	meter := dynamotest.NewMeter(t)
	server := dynamotest.Start(t)
	s := newStation(t, openTable(t, server, "Dagtilbud", meter.Attach), newMemory())
	s.subscribe("pladsanvisning-1", relaying.Filter{}, beginning)
	s.populate()
	for _, c := range []struct {
		what        string
		public      bool // it stands in the README
		before      func()
		kommuner    []int
		read, write float64
	}{
		{"nothing, as each minute's sweep finds; 1 subscriber", true, func() {}, nil, 5.5, 0},
		{"1 event, 1 subscriber", true, func() { s.rename(101, 1) }, []int{101}, 7.5, 7},
		{"1 event, which is not wanted", false, func() {
			s.setFilter(relaying.Filter{Niveauer: register.Levels[2:]})
			s.rename(101, 1)
		}, []int{101}, 7.5, 7},
		{"1 event, in a municipality that is not followed", false, func() {
			s.setFilter(relaying.Filter{Kommuner: []int{751}})
			s.rename(101, 1)
		}, []int{101}, 5.5, 6},
		{"1 event, 3 subscribers", true, func() {
			s.setFilter(relaying.Filter{})
			s.relay()
			s.subscribe("pladsanvisning-2", relaying.Filter{}, relaying.Start{})
			s.subscribe("pladsanvisning-3", relaying.Filter{}, relaying.Start{})
			s.rename(101, 1)
		}, []int{101}, 15.5, 9},
		{"nothing, 3 subscribers", false, func() {}, nil, 9.5, 0},
		{"100 events in a row of one municipality, 3 subscribers", true, func() { s.rename(101, 100) }, []int{101}, 66.5, 9},
		{"1 event in each of 10 municipalities, 3 subscribers", true, func() {
			for i := range 10 {
				s.rename(101+i, 1)
			}
		}, nil, 69.5, 72},
		{"nothing, 3 subscribers of whom 1 is paused and 1 closed", false, func() {
			s.done(s.Pause(t.Context(), drift, "pladsanvisning-2"))
			s.done(s.Close(t.Context(), drift, "pladsanvisning-3"))
		}, nil, 5.5, 0},
	} {
		c.before()
		meter.Take()
		s.relay(c.kommuner...)
		cost := meter.Take()
		t.Logf("%-60s %s", c.what, cost)
		if cost.Read != c.read || cost.Write != c.write {
			t.Errorf("%s takes %v read and %v write units, not %v and %v", c.what, cost.Read, cost.Write, c.read, c.write)
		}
		if server.CountsByTheRules() && (cost.Read != cost.ReportedRead || cost.Write != cost.ReportedWrite) {
			t.Errorf("%s: the server reports %v read and %v write units", c.what, cost.ReportedRead, cost.ReportedWrite)
		}
		if row := fmt.Sprintf("| %s | %v | %v |", c.what, cost.Write, cost.Read); c.public && !strings.Contains(string(readme), row) {
			t.Errorf("the README does not say %s", row)
		}
	}
}

// populate makes a unit of each of 98 municipalities, with every field filled in, and has it relayed: J10001 of 101, J10002 of 102 …
func (s *station) populate() {
	s.Helper()
	const last = 101 + 97
	var steps []step
	for kommune := 101; kommune <= last; kommune++ {
		d := omraade(kommune)
		steps = append(steps, opret(d), opret(storetest.Anvisningsenhed(d, register.Number(fmt.Sprintf("J10%03d", kommune-100)))))
		if len(steps) >= 20 || kommune == last {
			s.write(steps...)
			steps = nil
		}
	}
	s.relay()
}

// rename renames the unit of a municipality time and again, in as many updates.
func (s *station) rename(kommune, times int) {
	s.Helper()
	for i := range times {
		s.write(omdoeb(register.Number(fmt.Sprintf("J10%03d", kommune-100)), fmt.Sprint("Børnehuset ", i)))
	}
}

// setFilter gives the first subscriber another filter.
func (s *station) setFilter(f relaying.Filter) {
	s.Helper()
	s.done(s.Change(s.Context(), drift, "pladsanvisning-1", nil, "pladsanvisning-1", f))
}
