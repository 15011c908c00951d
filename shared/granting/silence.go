package granting

import (
	"context"
	"slices"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
)

// What is known of a vendor's habit: the days of late on which it called, and how few of them say nothing.
const (
	habitDays = 120
	fewDays   = 5
	tolerance = 3 // times the habit
)

// Silence is that a vendor has not called for more than three times as long as it is used to leave between two days with calls.
type Silence struct {
	Navn   string     `json:"navn"`
	Senest access.Day `json:"senest"` // the last day that it called
	Dage   int        `json:"dage"`   // since then
	Rytme  int        `json:"rytme"`  // how many days there are from one day with calls to the next, by the median
}

// Silent gives the vendors that are silent, by name: whoever sends something each day is after four days without a call, whoever does so
// each week after three weeks. Of whom little is known, nothing is said.
func (s *Service) Silent(ctx context.Context) ([]Silence, error) {
	today := access.DayOf(s.Now())
	called := make(map[string][]access.Day)
	for c, err := range s.Store.Calls(ctx, access.AnyVersion, today.After(-habitDays), today) {
		if err != nil {
			return nil, err
		}
		called[c.Navn] = append(called[c.Navn], c.Dag)
	}
	users, err := s.Store.Users(ctx)
	if err != nil {
		return nil, err
	}
	var silent []Silence
	for _, u := range users {
		days := called[u.Navn]
		if u.Rolle != access.Leverandoer || u.Lukket || len(days) < fewDays {
			continue
		}
		last := days[len(days)-1]
		if quiet, habit := daysFrom(last, today), rhythm(days); quiet > tolerance*habit {
			silent = append(silent, Silence{u.Navn, last, quiet, habit})
		}
	}
	return silent, nil
}

// rhythm gives the median of the steps from each day to the next.
func rhythm(days []access.Day) int {
	steps := make([]int, len(days)-1)
	for i := range steps {
		steps[i] = daysFrom(days[i], days[i+1])
	}
	slices.Sort(steps)
	return steps[len(steps)/2]
}

// daysFrom counts the days from one to another; an hour more or less, at the ends of summer, is none.
func daysFrom(a, b access.Day) int {
	return int((b.Begins().Sub(a.Begins()) + 12*time.Hour) / (24 * time.Hour))
}
