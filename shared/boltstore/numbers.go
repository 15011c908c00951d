package boltstore

import (
	"context"
	"errors"
	"fmt"

	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/register"
)

// Reserve implements [register.Store].
func (s *Store) Reserve(ctx context.Context, wish register.Reservation) (made register.Reservation, err error) {
	err = s.do(ctx, func(t *tx) error {
		if value := t.get(keys.ReservationReceipt(wish.Key)); value != nil {
			made, err = decodeReservation(value)
			if err == nil && made.Count != wish.Count {
				err = &register.Error{Kind: register.Reused, Cause: fmt.Errorf("boltstore: %d numbers were reserved, not %d", made.Count, wish.Count)}
			}
			return err
		}
		first, err := t.nextOrdinal()
		if err != nil {
			return err
		}
		numbers, err := t.Issue(wish.Count)
		if err != nil {
			return err
		}
		if len(numbers) == 0 {
			return errors.New("boltstore: a reservation of no numbers")
		}
		made = wish
		made.First = numbers[0]
		t.putFresh(keys.Reservation(first), encodeReservation(&made))
		t.putFresh(keys.ReservationReceipt(wish.Key), encodeReservation(&made))
		return nil
	})
	return made, err
}

// MoveSeries implements [register.Store].
func (s *Store) MoveSeries(ctx context.Context, n register.Number) error {
	return s.do(ctx, func(t *tx) error { return t.beyond(n) })
}

// KeepReport implements [register.Store].
func (s *Store) KeepReport(ctx context.Context, r register.Report) error {
	return s.do(ctx, func(t *tx) error {
		t.puts = append(t.puts, put{key: keys.Report(r.Kommune), value: encodeReport(&r)})
		return nil
	})
}
