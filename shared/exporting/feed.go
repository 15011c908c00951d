package exporting

import (
	"context"
	"slices"

	"dagtilbudsregisteret.dk/shared/register"
)

// Wanted says which changes of the feed are wanted: those that fit something in each list; an empty list wants all.
type Wanted struct {
	Kommuner []int
	Levels   []register.Level
	Typer    []Type
}

// Type is what an event's type says: what was done, and on which level.
type Type struct {
	Level register.Level
	Art   register.Art
}

func (w *Wanted) is(c *register.Change) bool {
	return among(w.Kommuner, c.Position.Kommune) && among(w.Levels, c.Efter.Level) && among(w.Typer, Type{c.Efter.Level, c.Art})
}

// among tells whether a value is one of those asked for, if any were.
func among[T comparable](asked []T, value T) bool {
	return len(asked) == 0 || slices.Contains(asked, value)
}

// mostPassed is how many changes that nobody wants are passed over for one page.
const mostPassed = 10_000

// Feed gives at most limit changes that follow a place in the whole register's order. next is the place to go on from, past those that
// were passed over; end tells that there is nothing after it.
func (s *Service) Feed(ctx context.Context, w Wanted, after int64, limit int) (page []register.Change, next int64, end bool, err error) {
	if err := s.Store.Order(ctx); err != nil {
		return nil, after, false, err
	}
	next = after
	for c, err := range s.Store.Ordered(ctx, after) {
		if err != nil {
			return nil, after, false, err
		}
		if len(page) == limit || c.Sequence-after > mostPassed+int64(limit) {
			return page, next, false, nil
		}
		next = c.Sequence
		if w.is(&c) {
			page = append(page, c)
		}
	}
	return page, next, true, nil
}

// Given tells whether a place in the order has been given to a change; 0, before the first, always has. One that was handed out once is
// given for ever, for the order never goes back.
func (s *Service) Given(ctx context.Context, place int64) (bool, error) {
	if place == 0 {
		return true, nil
	}
	last, _, err := s.Store.Ordering(ctx)
	return place <= last, err
}

// Await waits until there may be something after a place in the order, or the context ends.
func (s *Service) Await(ctx context.Context, after int64) { s.Store.Await(ctx, after) }

// History gives every change that a unit went through, the first one first, in whichever municipality it was.
func (s *Service) History(ctx context.Context, n register.Number) ([]register.Change, error) {
	u, err := s.Unit(ctx, n)
	if err != nil {
		return nil, err
	}
	var history []register.Change
	for at := u.Position; at.Nr > 0; {
		c, err := s.change(ctx, at)
		if err != nil {
			return nil, err
		}
		history = append(history, c)
		at = c.Foer.Position
	}
	slices.Reverse(history)
	return history, nil
}

// change gives the change at a position.
func (s *Service) change(ctx context.Context, at register.Position) (register.Change, error) {
	for c, err := range s.Store.Changes(ctx, register.Position{Kommune: at.Kommune, Nr: at.Nr - 1}) {
		return c, err
	}
	return register.Change{}, &register.Error{Kind: register.Unavailable}
}
