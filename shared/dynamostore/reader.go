package dynamostore

import (
	"context"
	"iter"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/register"
)

// reader reads the table. A consistent one never lags, at twice the cost.
type reader struct {
	*Store
	ctx        context.Context
	consistent bool
}

func (s *Store) reader(ctx context.Context, consistent bool) *reader {
	return &reader{s, ctx, consistent}
}

// get gives an item, nil where there is none.
func (r *reader) get(k keys.Key) (item, error) {
	out, err := r.client.GetItem(r.ctx, &dynamodb.GetItemInput{
		TableName: &r.table, Key: keyOf(k), ConsistentRead: aws.Bool(r.consistent),
	})
	if err != nil {
		return nil, failed("get "+k.PK, err)
	}
	return out.Item, nil
}

// lookUp gives what is kept under a key. NotFound where nothing is.
func lookUp[T any](r *reader, k keys.Key, decode func(item) (T, error)) (v T, err error) {
	it, err := r.get(k)
	if err == nil && it == nil {
		err = &register.Error{Kind: register.NotFound}
	}
	if err != nil {
		return v, err
	}
	return decode(it)
}

// query asks for a run of one partition's items.
type query struct {
	pk       string
	sk       string // a condition on the sort key, with :a and :b in it; empty for all
	a, b     string
	downward bool
	page     int32 // the size of the first page; 0 for as much as fits
}

// firstPage is how many items a reader who may stop early pays for at first. Each page after it is larger by growth, so that one
// who reads on is not held up.
const (
	firstPage = 100
	growth    = 4
)

// items runs a query as it is ranged over.
func (r *reader) items(q query) iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		for in := r.input(q); ; {
			out, err := r.client.Query(r.ctx, in)
			if err != nil {
				yield(nil, failed("query "+q.pk, err))
				return
			}
			for _, it := range out.Items {
				if !yield(it, nil) {
					return
				}
			}
			if out.LastEvaluatedKey == nil {
				return
			}
			in.ExclusiveStartKey = out.LastEvaluatedKey
			if in.Limit != nil {
				*in.Limit = min(*in.Limit*growth, 10_000) // 1 MB ends a page before that
			}
		}
	}
}

func (r *reader) input(q query) *dynamodb.QueryInput {
	values, condition := item{":pk": text(q.pk)}, "PK = :pk"
	if q.sk != "" {
		condition += " AND " + q.sk
		values[":a"] = text(q.a)
	}
	if q.b != "" {
		values[":b"] = text(q.b)
	}
	in := &dynamodb.QueryInput{
		TableName: &r.table, KeyConditionExpression: &condition, ExpressionAttributeValues: values,
		ConsistentRead: aws.Bool(r.consistent), ScanIndexForward: aws.Bool(!q.downward),
	}
	if q.page > 0 {
		in.Limit = aws.Int32(q.page)
	}
	return in
}

// after asks for the items of a partition that follow a sort key.
func after(pk, sk string) query {
	if sk == "" {
		return query{pk: pk, page: firstPage}
	}
	return query{pk: pk, sk: "SK > :a", a: sk, page: firstPage}
}

// decoded reads each item as a T.
func decoded[T any](items iter.Seq2[item, error], decode func(item) (T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for it, err := range items {
			var v T
			if err == nil {
				v, err = decode(it)
			}
			if !yield(v, err) || err != nil {
				return
			}
		}
	}
}

// collect gathers what is read until its end.
func collect[T any](all iter.Seq2[T, error]) (gathered []T, err error) {
	for v, err := range all {
		if err != nil {
			return nil, err
		}
		gathered = append(gathered, v)
	}
	return gathered, nil
}

// rows gives a municipality's rows.
func (r *reader) rows(kommune int, q query) iter.Seq2[register.Unit, error] {
	return decoded(r.items(q), func(it item) (register.Unit, error) {
		return decodeRow(it, place{kommune, it.sortKey()})
	})
}

// rowsBelow gives the row at a place and those below it: their paths go on with "/", and "0" is the byte that follows "/".
func (r *reader) rowsBelow(at place) iter.Seq2[register.Unit, error] {
	return r.rows(at.kommune, query{pk: at.key().PK, sk: "SK BETWEEN :a AND :b", a: at.sti, b: at.sti + "0"})
}

// changes gives a municipality's changes after a position, up to the first that is missing. A plain read can see some of a
// transaction's items and not yet others, and a log with a hole would have its reader lose a change for ever.
func (r *reader) changes(from register.Position) iter.Seq2[register.Change, error] {
	q := after(keys.Log(from.Kommune), keys.LogNr(from.Nr))
	q.page = someChanges + 1 // who follows a log finds few that are new, and who looks for one change stops at it
	all := r.logged(from.Kommune, q)
	return func(yield func(register.Change, error) bool) {
		next := from.Nr + 1
		for c, err := range all {
			if err == nil && c.Position.Nr != next || !yield(c, err) {
				return
			}
			next++
		}
	}
}

func (r *reader) logged(kommune int, q query) iter.Seq2[register.Change, error] {
	return decoded(r.items(q), func(it item) (register.Change, error) { return decodeChange(it, kommune) })
}

// earlier gives a municipality's changes before a position, the newest first. A hole is an error: its change is under way, and who goes
// on from below it would never see it. What is missing at the top is none, for there is no telling it from what is yet to come; so
// the change at the position itself is read too, and where that can be seen it is the top.
//
// It is for a consistent reader, which sees whatever anybody has seen. So the position of a change that was seen is never beyond
// the top.
func (r *reader) earlier(before register.Position) iter.Seq2[register.Change, error] {
	all := r.logged(before.Kommune, query{
		pk: keys.Log(before.Kommune), sk: "SK <= :a", a: keys.LogNr(before.Nr), downward: true, page: someChanges + 1,
	})
	return func(yield func(register.Change, error) bool) {
		next := int64(-1) // below the top; not known yet
		for c, err := range all {
			switch {
			case err != nil:
				yield(c, err)
				return
			case next >= 0 && c.Position.Nr != next:
				yield(register.Change{}, underWay("the log has a hole after %s", c.Position))
				return
			case c.Position != before && !yield(c, nil):
				return
			}
			next = c.Position.Nr - 1
		}
		if next > 0 {
			yield(register.Change{}, underWay("the log of %d has a hole at its beginning", before.Kommune))
		}
	}
}

// follow has read look for a number's unit at the place the ledger names. A unit may move while this goes on, and what lags may
// name an old place: the ledger is then asked again, and no longer lags.
func (r *reader) follow(n register.Number, read func(place) (found bool, err error)) error {
	var was place
	for {
		at, known, err := r.place(n)
		if err != nil {
			return err
		}
		if known {
			if found, err := read(at); found || err != nil {
				return err
			}
		}
		switch {
		case !r.consistent:
			r.consistent = true
		case !known:
			return register.Unknown(n)
		case at == was:
			return underWay("no row of %s at %s", n, at)
		default:
			was = at
		}
	}
}

// place asks the ledger where a number's unit is kept.
func (r *reader) place(n register.Number) (at place, known bool, err error) {
	entry, err := r.get(keys.Ledger(n))
	if entry == nil || err != nil {
		return at, false, err
	}
	at, err = decodePlace(entry)
	return at, true, err
}

func (r *reader) unit(n register.Number) (u register.Unit, err error) {
	err = r.follow(n, func(at place) (bool, error) {
		it, err := r.get(at.key())
		if it == nil || err != nil {
			return false, err
		}
		u, err = decodeRow(it, at)
		return true, err
	})
	return u, err
}

func (r *reader) tree(n register.Number) (units []register.Unit, err error) {
	err = r.follow(n, func(at place) (bool, error) {
		if at.sti != string(n) {
			return false, register.Unknown(n)
		}
		units, err = collect(r.rowsBelow(at))
		return len(units) > 0 && units[0].Level == register.Daginstitution, err
	})
	return units, err
}
