package granting

import (
	"context"
	"slices"
	"strings"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/register"
)

// Use is how a system user called through a service version in a period.
type Use struct {
	Navn    string
	Kald    int64            // how often in all
	Metoder map[string]int64 // and by method
	Senest  time.Time        // the latest of them
}

// MostDays is how many days the calls of which can be asked for at once: a year.
const MostDays = 366

// Calls gives who called through a service version from one day to another, both with them, by name.
func (s *Service) Calls(ctx context.Context, version register.ServiceVersion, from, to access.Day) ([]Use, error) {
	byNavn := make(map[string]*Use)
	var uses []*Use
	for day, err := range s.Store.Calls(ctx, version, from, to) {
		if err != nil {
			return nil, err
		}
		u := byNavn[day.Navn]
		if u == nil {
			u = &Use{Navn: day.Navn, Metoder: make(map[string]int64)}
			byNavn[day.Navn] = u
			uses = append(uses, u)
		}
		u.add(&day)
	}
	slices.SortFunc(uses, func(a, b *Use) int { return strings.Compare(a.Navn, b.Navn) })
	all := make([]Use, len(uses))
	for i, u := range uses {
		all[i] = *u
	}
	return all, nil
}

// add adds the calls of a day, which comes after those before it.
func (u *Use) add(day *access.Calls) {
	for method, n := range day.Metoder {
		u.Metoder[method] += n
		u.Kald += n
	}
	u.Senest = day.Senest
}
