package exporting

import (
	"context"
	"fmt"
	"slices"
	"time"

	"dagtilbudsregisteret.dk/shared/register"
)

// In says which logs a state is wanted of: one municipality's, or the one that a daginstitution is in; the zero In is all.
type In struct {
	Kommune        int
	Daginstitution register.Number
}

// State gives how far the logs have come, and the place in the whole register's order up to which they have: every change of theirs in
// the state has its place no later, and every other one comes after it. So who has read the state goes on there by the [Service.Feed].
func (s *Service) State(ctx context.Context, in In) (at register.Positions, last int64, err error) {
	if err := s.Store.Order(ctx); err != nil {
		return nil, 0, err
	}
	if last, at, err = s.Store.Ordering(ctx); err != nil {
		return nil, 0, err
	}
	kommune, there, err := s.kommune(ctx, in, func(u *register.Unit) bool { return u.Position.Nr > at.Of(u.Position.Kommune) })
	if err != nil || !there {
		return nil, last, err
	}
	return slices.DeleteFunc(at, func(p register.Position) bool { return !is(kommune, p.Kommune) }), last, nil
}

// StateAt gives how far the logs had come at a moment, and the latest place in the whole register's order up to which all changes of
// theirs are in that state: every one that is not comes after it. Some that are may come after it too, for across municipalities the order
// is not that of moments. A log without changes by then is left out.
func (s *Service) StateAt(ctx context.Context, in In, moment time.Time) (at register.Positions, last int64, err error) {
	kommune, there, err := s.kommune(ctx, in, after(moment))
	if err != nil {
		return nil, 0, err
	}
	if at, err = s.positionsAt(ctx, in.Kommune, moment); err != nil {
		return nil, 0, err
	}
	if last, err = s.lastWithin(ctx, in.Kommune, at); err != nil || !there {
		return nil, last, err
	}
	return slices.DeleteFunc(at, func(p register.Position) bool { return !is(kommune, p.Kommune) }), last, nil
}

// lastWithin gives the latest place in the order up to which all changes of one municipality's log, or of all with 0, are in a state.
func (s *Service) lastWithin(ctx context.Context, kommune int, at register.Positions) (int64, error) {
	if err := s.Store.Order(ctx); err != nil {
		return 0, err
	}
	last, ordered, err := s.Store.Ordering(ctx)
	if err != nil {
		return 0, err
	}
	for _, end := range ordered {
		within := register.Position{Kommune: end.Kommune, Nr: at.Of(end.Kommune)}
		if !is(kommune, end.Kommune) || end.Nr <= within.Nr {
			continue
		}
		next, err := s.placeAfter(ctx, within)
		if err != nil {
			return 0, err
		}
		last = min(last, next-1)
	}
	return last, nil
}

// placeAfter gives the place in the order of the change that follows a position, which has one.
func (s *Service) placeAfter(ctx context.Context, at register.Position) (int64, error) {
	for range looks {
		for c, err := range s.Store.Changes(ctx, at) {
			if err != nil || c.Sequence > 0 {
				return c.Sequence, err
			}
			break
		}
	}
	return 0, &register.Error{Kind: register.Unavailable, Cause: fmt.Errorf("exporting: the place of the change after %s cannot be seen", at)}
}

// positionsAt gives how far one municipality's log, or all with 0, had come at a moment.
func (s *Service) positionsAt(ctx context.Context, kommune int, moment time.Time) (at register.Positions, err error) {
	heads, err := s.Store.Heads(ctx)
	if err != nil {
		return nil, err
	}
	for _, h := range heads {
		if !is(kommune, h.Kommune) {
			continue
		}
		p, err := register.PositionAt(ctx, s.Store, h, moment)
		if err != nil {
			return nil, err
		}
		if p.Nr > 0 {
			at = append(at, p)
		}
	}
	return at, nil
}

// Reached tells whether the logs have come so far.
func (s *Service) Reached(ctx context.Context, at register.Positions) (bool, error) {
	heads, err := s.Store.Heads(ctx)
	var ends register.Positions
	for _, h := range heads {
		ends = append(ends, h.Position)
	}
	ahead := slices.ContainsFunc(at, func(p register.Position) bool { return p.Nr > ends.Of(p.Kommune) })
	return !ahead, err
}

// kommune gives the municipality whose log is wanted, 0 for all; there is false where that depends on a daginstitution which was not
// there yet, all that is late left aside.
func (s *Service) kommune(ctx context.Context, in In, late func(*register.Unit) bool) (kode int, there bool, err error) {
	if in.Kommune != 0 || in.Daginstitution == "" {
		return in.Kommune, true, nil
	}
	u, err := s.before(ctx, in.Daginstitution, late)
	if register.KindOf(err) == register.NotFound {
		return 0, false, nil
	}
	return u.AdmKommuneKode, u.Level != 0, err
}

// FamilyAt gives a unit with those above and below it, as they stood at a moment; NotFound, with what was the matter, where there is none or
// was none then.
func (s *Service) FamilyAt(ctx context.Context, n register.Number, moment time.Time) (u register.Unit, above, below []register.Unit, err error) {
	if u, err = s.before(ctx, n, after(moment)); err != nil {
		return u, nil, nil, err
	}
	if u.Level == 0 {
		return u, nil, nil, notYet(n, moment)
	}
	at, err := s.positionsAt(ctx, u.AdmKommuneKode, moment)
	if err != nil {
		return u, nil, nil, err
	}
	var tree []register.Unit
	for row, err := range s.Snapshot(ctx, Filter{DaginstitutionsNummer: u.DaginstitutionsNummer}, at, Cursor{}) {
		if err != nil {
			return u, nil, nil, err
		}
		tree = append(tree, row.Unit)
	}
	u, above, below = family(tree, u)
	return u, above, below, nil
}

// after says of a unit whether its latest change was made after a moment.
func after(moment time.Time) func(*register.Unit) bool {
	return func(u *register.Unit) bool { return u.SenestOpdateret.After(moment) }
}

// notYet is the error of a unit that was not there at a moment.
func notYet(n register.Number, moment time.Time) error {
	at := moment.UTC().Format(time.RFC3339Nano)
	return &register.Error{Kind: register.NotFound, Detail: register.Text{
		Da: fmt.Sprintf("Der var endnu ingen institution med nummer %s %s.", n, at),
		En: fmt.Sprintf("No institution had the number %s yet at %s.", n, at),
	}}
}

// before gives a unit as it stood before its changes that are late: the zero Unit where it was not there yet; NotFound where it never was.
func (s *Service) before(ctx context.Context, n register.Number, late func(*register.Unit) bool) (u register.Unit, err error) {
	if _, ok := register.ParseNumber(string(n)); !ok {
		return u, register.Unknown(n)
	}
	entry, err := s.Store.Ledger(ctx, n, time.Time{}) // which does not lag, as Unit may
	if err == nil && entry.Unit.Level == 0 {
		err = register.Unknown(n)
	}
	for u = entry.Unit; err == nil && u.Level != 0 && late(&u); {
		var c register.Change
		c, err = s.change(ctx, u.Position)
		u = c.Foer
	}
	return u, err
}
