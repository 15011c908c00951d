package dynamostore

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/register"
)

// latestCall is the attribute of a user's calls that tells when the latest was, in milliseconds since 1970. What else the item has beside
// its key and layout is a number for each method, under the method's name: no route is called by one word.
const latestCall = "tid"

// CountCall implements [access.Counter]. Where another process has counted a later call already, its moment stays.
func (s *Store) CountCall(ctx context.Context, version register.ServiceVersion, at time.Time, navn, method string) error {
	in := &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: keyOf(keys.CallsOf(version, string(access.DayOf(at)), navn)),
		UpdateExpression:          aws.String("ADD #method :one SET #latest = :at, v = :v"),
		ConditionExpression:       aws.String("attribute_not_exists(PK) OR #latest <= :at"),
		ExpressionAttributeNames:  map[string]string{"#method": method, "#latest": latestCall},
		ExpressionAttributeValues: item{":one": integer(1), ":at": integer(at.UnixMilli()), ":v": integer(layout)},
	}
	err := s.count(ctx, in)
	if passed(err) {
		in.UpdateExpression, in.ConditionExpression = aws.String("ADD #method :one"), nil
		in.ExpressionAttributeNames, in.ExpressionAttributeValues = map[string]string{"#method": method}, item{":one": integer(1)}
		err = s.count(ctx, in)
	}
	return failed("count a call", err)
}

// count sends what counts once more only where it is known to have had no effect: an answer that was lost may be that of a count.
func (s *Store) count(ctx context.Context, in *dynamodb.UpdateItemInput) (err error) {
	for try := range s.resend.tries {
		if paused := s.resend.pause(ctx, try); paused != nil {
			return errors.Join(paused, err)
		}
		if _, err = s.client.UpdateItem(ctx, in, once); judge(err) != busy {
			return err
		}
	}
	return err
}

// Calls implements [access.Counter].
func (s *Store) Calls(ctx context.Context, version register.ServiceVersion, from, to access.Day) iter.Seq2[access.Calls, error] {
	r := s.reader(ctx, false)
	return func(yield func(access.Calls, error) bool) {
		for day := range access.Days(from, to) {
			for calls, err := range decoded(r.items(query{pk: keys.Calls(version, string(day))}), decodeCalls) {
				calls.Dag = day
				if !yield(calls, err) || err != nil {
					return
				}
			}
		}
	}
}

// decodeCalls reads a user's calls of the day that its partition is of.
func decodeCalls(it item) (access.Calls, error) {
	d := decode(it)
	calls := access.Calls{Navn: it.sortKey(), Metoder: make(map[string]int64), Senest: time.UnixMilli(d.int(latestCall)).UTC()}
	for name := range it {
		switch name {
		case "PK", "SK", "v", latestCall:
		default:
			calls.Metoder[name] = d.int(name)
		}
	}
	return calls, d.end()
}
