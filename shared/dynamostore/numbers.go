package dynamostore

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/register"
)

// learn notes that the series has come so far.
func (s *Store) learn(ordinal int64) {
	for {
		known := s.seriesAt.Load()
		if ordinal <= known || s.seriesAt.CompareAndSwap(known, ordinal) {
			return
		}
	}
}

// end is the first ordinal beyond the series.
func (s *Store) end() int64 {
	last, _ := s.series.Ordinal(s.series.Last())
	return last + 1
}

// issue takes count numbers from the series. An answer that is lost on the way loses its numbers.
func (s *Store) issue(ctx context.Context, count int) ([]register.Number, error) {
	out, err := s.advance(ctx, &dynamodb.UpdateItemInput{
		UpdateExpression:    aws.String("SET nr = if_not_exists(nr, :first) + :count, v = :v"),
		ConditionExpression: aws.String("attribute_not_exists(nr) OR nr <= :last"),
		ExpressionAttributeValues: item{
			":first": integer(register.FirstOrdinal), ":count": integer(int64(count)),
			":last": integer(s.end() - int64(count)), ":v": integer(layout),
		},
	})
	if passed(err) {
		return nil, register.UsedUp()
	}
	if err != nil {
		return nil, failed("issue", err)
	}
	d := &decoder{item: out.Attributes}
	next := d.int("nr")
	if err := d.end(); err != nil {
		return nil, err
	}
	s.learn(next)
	return s.run(next-int64(count), count)
}

// run gives count numbers from an ordinal on.
func (s *Store) run(first int64, count int) ([]register.Number, error) {
	numbers := make([]register.Number, count)
	for i := range numbers {
		n, ok := s.series.Number(first + int64(i))
		if !ok {
			return nil, register.UsedUp()
		}
		numbers[i] = n
	}
	return numbers, nil
}

// advance updates the series, and waits for its turn where a transaction has it.
func (s *Store) advance(ctx context.Context, in *dynamodb.UpdateItemInput) (out *dynamodb.UpdateItemOutput, err error) {
	in.TableName, in.Key, in.ReturnValues = &s.table, keyOf(keys.Series), types.ReturnValueUpdatedNew
	for try := range s.rerun.tries {
		if pauseErr := s.rerun.pause(ctx, try); pauseErr != nil {
			return nil, errors.Join(pauseErr, err)
		}
		out, err = s.client.UpdateItem(ctx, in)
		if judge(err) != overtaken {
			break
		}
	}
	return out, err
}

// passed tells whether a condition did not hold.
func passed(err error) bool {
	_, ok := errors.AsType[*types.ConditionalCheckFailedException](err)
	return ok
}

// MoveSeries implements [register.Store].
func (s *Store) MoveSeries(ctx context.Context, n register.Number) error {
	ordinal, ok := s.series.Ordinal(n)
	if !ok || ordinal < s.seriesAt.Load() {
		return nil
	}
	_, err := s.advance(ctx, &dynamodb.UpdateItemInput{
		UpdateExpression:    aws.String("SET nr = :next, v = :v"),
		ConditionExpression: aws.String("attribute_not_exists(nr) OR nr < :next"),
		ExpressionAttributeValues: item{
			":next": integer(ordinal + 1), ":v": integer(layout),
		},
	})
	if err != nil && !passed(err) {
		return failed("move the series", err)
	}
	s.learn(ordinal + 1)
	return nil
}

// next is the ordinal the series goes on from, and whether it has been used at all.
func (r *reader) next() (ordinal int64, begun bool, err error) {
	it, err := r.get(keys.Series)
	if it == nil || err != nil {
		return register.FirstOrdinal, false, err
	}
	ordinal, err = decodeNr(it)
	r.learn(ordinal)
	return ordinal, true, err
}

// Ledger implements [register.Store]. It never lags: Ubrugt would be too final to be said too soon.
func (s *Store) Ledger(ctx context.Context, n register.Number, now time.Time) (register.LedgerEntry, error) {
	r := s.reader(ctx, true)
	return r.ledger(n, now, r.unit)
}

// ledger tells what has become of a number; unit is how to look for the unit that may carry it.
func (r *reader) ledger(n register.Number, now time.Time, unit func(register.Number) (register.Unit, error)) (
	entry register.LedgerEntry, err error) {
	entry.Number = n
	u, err := unit(n)
	switch {
	case err == nil:
		entry.State, entry.Unit = register.Brugt, u
		return entry, nil
	case register.KindOf(err) != register.NotFound:
		return entry, err
	}
	ordinal, ok := r.series.Ordinal(n)
	if !ok {
		return entry, nil
	}
	// The series first: what it has passed by now, a reservation made before can be seen to hold.
	next, _, err := r.next()
	if err != nil {
		return entry, err
	}
	if ordinal >= next {
		entry.Ahead = ordinal - next + 1
		return entry, nil
	}
	entry.State = register.Ubrugt
	reservation, found, err := r.reservation(ordinal)
	if err != nil || !found {
		return entry, err
	}
	entry.Reservation = reservation
	if now.Before(reservation.Expires) {
		entry.State = register.Reserveret
	}
	return entry, nil
}
