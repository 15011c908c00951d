package access

import (
	"sync"
	"time"
	_ "time/tzdata" // a function's system has no time zones
)

// Day is a day in Denmark, as "2006-01-02"; days compare as text.
type Day string

var copenhagen = sync.OnceValue(func() *time.Location {
	zone, err := time.LoadLocation("Europe/Copenhagen")
	if err != nil {
		panic(err) // it is part of the program
	}
	return zone
})

// DayOf gives the day that it is in Denmark at a moment.
func DayOf(t time.Time) Day { return Day(t.In(copenhagen()).Format(time.DateOnly)) }

// ParseDay reads a day.
func ParseDay(s string) (Day, bool) {
	t, err := time.Parse(time.DateOnly, s)
	return Day(s), err == nil && t.Year() >= 2000
}
