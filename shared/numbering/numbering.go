// Package numbering is the use case of the institution numbers themselves: what has become of one, setting numbers aside ahead of
// use, and moving the series past numbers that are about to be loaded.
//
// Both of the latter leave an entry in the trail, whether they were refused or not.
//
// Units that are created take their numbers in the very transaction that writes them, see package importing. A reserved number is
// given to a unit by naming it when the unit is created; one that is never used stays unused for ever.
package numbering

import (
	"context"
	"fmt"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// The bounds of a reservation.
const (
	MostReserved    = 10_000
	DefaultLifetime = 24 * time.Hour
	LongestLifetime = 90 * 24 * time.Hour
)

// Service answers for the numbers.
type Service struct {
	Store  register.Store
	Trail  access.Trail
	Series register.Series // that the store issues numbers of
	Now    func() time.Time
}

// The acts, as the trail names them.
const (
	reserver = "numre/reserver"
	flyt     = "numre/flyt"
)

// answer puts an act into the trail before it is answered.
func (s *Service) answer(ctx context.Context, e access.Entry, findings []validation.Finding) ([]validation.Finding, error) {
	if validation.Blocking(findings) {
		e = e.Refused(findings)
	}
	return findings, s.Trail.AddTrail(ctx, access.NewEntry(s.Now(), e))
}

// Status tells what has become of a number.
func (s *Service) Status(ctx context.Context, n register.Number) (register.LedgerEntry, error) {
	return s.Store.Ledger(ctx, n, s.Now())
}

// Left tells how many numbers can still be issued.
func (s *Service) Left(ctx context.Context) (int64, error) {
	last, err := s.Store.Ledger(ctx, s.Series.Last(), s.Now())
	return last.Ahead, err
}

// Wish is a reservation that is asked for.
type Wish struct {
	Actor register.Actor // who asks
	Key   string         // idempotency key, scoped to the user: the same key answers the same reservation
	Count int            // 1 to [MostReserved]
	Until time.Time      // when it runs out; zero for [DefaultLifetime] from now
}

// Reserve sets consecutive numbers aside. Findings say what is wrong with the wish; then nothing is reserved.
func (s *Service) Reserve(ctx context.Context, w Wish) (register.Reservation, []validation.Finding, error) {
	made, findings, err := s.reserve(ctx, w)
	if err == nil {
		findings, err = s.answer(ctx, access.Entry{Af: w.Actor, Handling: reserver, Nummer: made.First}, findings)
	}
	return made, findings, err
}

func (s *Service) reserve(ctx context.Context, w Wish) (register.Reservation, []validation.Finding, error) {
	now := s.Now().UTC().Truncate(time.Millisecond)
	if w.Until.IsZero() {
		w.Until = now.Add(DefaultLifetime)
	}
	w.Until = w.Until.UTC().Truncate(time.Millisecond)
	if findings := check(w, now); len(findings) > 0 {
		return register.Reservation{}, findings, nil
	}
	made, err := s.Store.Reserve(ctx, register.Reservation{
		Key: w.Actor.User + ":" + w.Key, Count: w.Count, Expires: w.Until, User: w.Actor.User,
	})
	if register.KindOf(err) == register.Reused {
		return made, []validation.Finding{validation.GenbrugtNoegle.Finding("/antal", "andetAntal", register.Text{
			Da: "Idempotency-Key er allerede brugt til at reservere et andet antal numre.",
			En: "The Idempotency-Key was used to reserve another count of numbers already.",
		})}, nil
	}
	return made, nil, err
}

func check(w Wish, now time.Time) (findings []validation.Finding) {
	if w.Count < 1 || w.Count > MostReserved {
		findings = append(findings, validation.Reservation.Finding("/antal", "antal", register.Text{
			Da: fmt.Sprintf("antal skal være fra 1 til %d.", MostReserved),
			En: fmt.Sprintf("antal must be from 1 to %d.", MostReserved),
		}))
	}
	if !w.Until.After(now) || w.Until.Sub(now) > LongestLifetime {
		findings = append(findings, validation.Reservation.Finding("/udloeber", "udloeb", register.Text{
			Da: "udloeber skal ligge i fremtiden, højst 90 dage fra nu.",
			En: "udloeber must lie in the future, 90 days from now at most.",
		}))
	}
	return findings
}

// MoveBeyond has the series go on after a number that is about to be loaded, so that none up to it is issued meanwhile. moved is false
// where the series had come past it, or issues no numbers of its letter. Findings say why it may not be moved so far, or not by the
// caller.
func (s *Service) MoveBeyond(ctx context.Context, by register.Actor, rights access.Rights, n register.Number) (
	moved bool, findings []validation.Finding, err error) {
	if missing := rights.Series(); missing != nil {
		findings = []validation.Finding{missing.Finding("/efter")}
	} else {
		moved, findings, err = s.moveBeyond(ctx, n)
	}
	if err == nil {
		findings, err = s.answer(ctx, access.Entry{Af: by, Handling: flyt, Nummer: n}, findings)
	}
	return moved, findings, err
}

func (s *Service) moveBeyond(ctx context.Context, n register.Number) (moved bool, findings []validation.Finding, err error) {
	entry, err := s.Store.Ledger(ctx, n, s.Now())
	if err != nil || entry.Ahead == 0 {
		return false, nil, err
	}
	if entry.Ahead > register.MostAhead {
		return false, []validation.Finding{validation.TooFarAhead("/efter", n)}, nil
	}
	return true, nil, s.Store.MoveSeries(ctx, n)
}
