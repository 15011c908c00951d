package access

import (
	"iter"
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

// Begins gives the first moment of a day in Denmark, in UTC; the zero time for what is no day.
func (d Day) Begins() time.Time {
	t, err := time.ParseInLocation(time.DateOnly, string(d), copenhagen())
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// After gives the day that comes so many days after another, or before it where n is negative.
func (d Day) After(n int) Day {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return d
	}
	return Day(t.AddDate(0, 0, n).Format(time.DateOnly))
}

// Days gives the days from one to another, both with them.
func Days(from, to Day) iter.Seq[Day] {
	return func(yield func(Day) bool) {
		first, err := time.Parse(time.DateOnly, string(from))
		for t := first; err == nil; t = t.AddDate(0, 0, 1) {
			if d := Day(t.Format(time.DateOnly)); d > to || !yield(d) {
				return
			}
		}
	}
}
