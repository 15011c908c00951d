package dynamostore

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/register"
)

// Reserve implements [register.Store]. Whoever loses a race, or the answer to a transaction, starts over, and finds what was made.
func (s *Store) Reserve(ctx context.Context, wish register.Reservation) (made register.Reservation, err error) {
	r := s.reader(ctx, true)
	for try := range s.rerun.tries {
		if err := s.rerun.pause(ctx, try); err != nil {
			return made, failed("reserve", err)
		}
		var done bool
		if made, done, err = r.reserve(wish); done {
			return made, err
		}
	}
	return made, failed("reserve", err)
}

// reserve tries once; done is false where another try may help.
func (r *reader) reserve(wish register.Reservation) (made register.Reservation, done bool, err error) {
	receipt, err := r.get(keys.ReservationReceipt(wish.Key))
	if err != nil {
		return made, true, err
	}
	if receipt != nil {
		made, err = decodeReservation(receipt)
		if err == nil && made.Count != wish.Count {
			cause := fmt.Errorf("dynamostore: %d numbers were reserved, not %d", made.Count, wish.Count)
			err = &register.Error{Kind: register.Reused, Cause: cause}
		}
		return made, true, err
	}
	first, begun, err := r.next()
	if err != nil {
		return made, true, err
	}
	numbers, err := r.run(first, wish.Count)
	if err != nil {
		return made, true, err
	}
	if len(numbers) == 0 {
		return made, true, errors.New("dynamostore: a reservation of no numbers")
	}
	made = wish
	made.First = numbers[0]
	return r.set(made, first, begun)
}

// set writes a reservation from an ordinal on, if the series still stands there.
func (r *reader) set(made register.Reservation, first int64, begun bool) (_ register.Reservation, done bool, err error) {
	series := absent
	if begun {
		series = nrIs(first)
	}
	t := transaction{table: &r.table}
	t.put(keys.Series, encodeNr(first+int64(made.Count)), series)
	t.put(keys.Reservation(first), encodeReservation(&made), absent)
	t.put(keys.ReservationReceipt(made.Key), encodeReservation(&made), absent)
	_, err = r.client.TransactWriteItems(r.ctx, &dynamodb.TransactWriteItemsInput{TransactItems: t.items}, once)
	result := judge(err)
	return made, result == committed || result == denied, err
}

// reservation finds the one whose numbers hold an ordinal.
func (r *reader) reservation(ordinal int64) (found register.Reservation, holds bool, err error) {
	last := query{pk: keys.Reservations, sk: "SK <= :a", a: keys.Reservation(ordinal).SK, downward: true, page: 1}
	for found, err := range decoded(r.items(last), decodeReservation) {
		first, _ := r.series.Ordinal(found.First)
		return found, err == nil && ordinal < first+int64(found.Count), err
	}
	return found, false, nil
}
