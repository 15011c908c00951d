package dynamostore

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/records"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
)

// Records implements [records.Store]: it scans the table, whatever the kinds are, for most have a partition for each record.
func (s *Store) Records(ctx context.Context, kinds ...records.Kind) iter.Seq2[records.Record, error] {
	return func(yield func(records.Record, error) bool) {
		in := &dynamodb.ScanInput{TableName: &s.table, ConsistentRead: aws.Bool(true)}
		for {
			out, err := s.client.Scan(ctx, in)
			if err != nil {
				yield(records.Record{}, failed("scan", err))
				return
			}
			for _, it := range out.Items {
				k := item(it).key()
				if (len(kinds) == 0 || slices.Contains(kinds, records.KindOf(k))) && !yield(record(k, it), nil) {
					return
				}
			}
			if in.ExclusiveStartKey = out.LastEvaluatedKey; in.ExclusiveStartKey == nil {
				return
			}
		}
	}
}

// Partition implements [records.Store].
func (s *Store) Partition(ctx context.Context, pk string) iter.Seq2[records.Record, error] {
	r := s.reader(ctx, true)
	all := decoded(r.items(query{pk: pk}), func(it item) (records.Record, error) { return record(it.key(), it), nil })
	if kommune, ok := keys.LogOf(pk); ok {
		return r.recordsWithPlaces(kommune, all)
	}
	return all
}

// recordsWithPlaces gives the records of a log with the places that they have.
func (r *reader) recordsWithPlaces(kommune int, all iter.Seq2[records.Record, error]) iter.Seq2[records.Record, error] {
	return func(yield func(records.Record, error) bool) {
		next, stop := iter.Pull2(r.stretches(keys.OrderOf(kommune), 1))
		defer stop()
		p := places{next: next}
		for record, err := range all {
			if c, ok := record.Value.(records.Logged); ok && err == nil {
				if c.Sequence, record.Err = p.of(c.Position.Nr); record.Err != nil {
					p.end = true
				}
				record.Value = c
			}
			if !yield(record, err) || err != nil {
				return
			}
		}
	}
}

// mostOfGet is how many items DynamoDB gives at once.
const mostOfGet = 100

// Get implements [records.Store].
func (s *Store) Get(ctx context.Context, ks ...keys.Key) ([]records.Record, error) {
	found := make(map[keys.Key]item, len(ks))
	unique := slices.Compact(slices.SortedFunc(slices.Values(ks), compareKeys))
	for batch := range slices.Chunk(unique, mostOfGet) {
		if err := s.getBatch(ctx, batch, found); err != nil {
			return nil, failed("get records", err)
		}
	}
	all := make([]records.Record, len(ks))
	for i, k := range ks {
		all[i] = records.Record{Key: k}
		if it, ok := found[k]; ok {
			all[i] = record(k, it)
		}
	}
	return all, nil
}

func compareKeys(a, b keys.Key) int {
	if byPK := strings.Compare(a.PK, b.PK); byPK != 0 {
		return byPK
	}
	return strings.Compare(a.SK, b.SK)
}

// getBatch asks for some items, and for what DynamoDB leaves over of them, until all have been looked for.
func (s *Store) getBatch(ctx context.Context, ks []keys.Key, found map[keys.Key]item) (err error) {
	wanted := types.KeysAndAttributes{ConsistentRead: aws.Bool(true)}
	for _, k := range ks {
		wanted.Keys = append(wanted.Keys, keyOf(k))
	}
	for try := range s.resend.tries {
		if paused := s.resend.pause(ctx, try); paused != nil {
			return errors.Join(paused, err)
		}
		in := &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{s.table: wanted}}
		out, err := s.client.BatchGetItem(ctx, in)
		if err != nil {
			return err
		}
		for _, it := range out.Responses[s.table] {
			found[item(it).key()] = it
		}
		if wanted = out.UnprocessedKeys[s.table]; len(wanted.Keys) == 0 {
			return nil
		}
	}
	return fmt.Errorf("%d items were left over", len(wanted.Keys))
}

// key is the key of an item that was read.
func (it item) key() keys.Key { return keys.Key{PK: (&decoder{item: it}).text("PK"), SK: it.sortKey()} }

// record reads an item, whatever it is.
func record(k keys.Key, it item) records.Record {
	r := records.Record{Key: k}
	if r.Value, r.Err = decodeRecord(k, it); r.Err != nil {
		r.Value = nil
	}
	return r
}

func decodeRecord(k keys.Key, it item) (any, error) {
	rest := records.Rest(k.PK)
	switch records.KindOf(k) {
	case records.Rows:
		kommune, err := strconv.Atoi(rest)
		if err != nil {
			return nil, err
		}
		return decodeRow(it, place{kommune, k.SK})
	case records.Ledger:
		p, err := decodePlace(it)
		return records.Place{Kommune: p.kommune, Sti: p.sti}, err
	case records.Log:
		return decodeLogged(it, rest)
	case records.Heads:
		return decodeHead(it)
	case records.Stretches, records.LogStretches:
		st, err := decodeStretch(it)
		return records.Stretch{Sequence: st.sequence, Position: st.position, Count: st.count}, err
	case records.Order:
		d := decode(it)
		return records.Ordering{Last: d.int("nr"), Logs: d.positions("logs")}, d.end()
	case records.SeriesAt:
		next, err := decodeNr(it)
		return records.Series(next), err
	case records.Reservations, records.Reserved:
		return decodeReservation(it)
	case records.Receipts:
		return decodeReceipt(it, rest)
	case records.Reports:
		return decodeReport(it)
	case records.Restored:
		d := decode(it)
		return records.Restore{From: d.text("from"), Begun: d.time("begun"), Done: d.time("done")}, d.end()
	}
	return decodeActed(k, it)
}

// decodeActed reads the records of users, of who is told, and of what they did.
func decodeActed(k keys.Key, it item) (any, error) {
	switch records.KindOf(k) {
	case records.Users:
		return decodeUser(it)
	case records.Uses:
		d := decode(it)
		return d.time("tid"), d.end()
	case records.Subscribers:
		return decodeSubscriber(it)
	case records.Marks:
		d := decode(it)
		return register.Position{Kommune: int(d.sortNumber()), Nr: d.int("nr")}, d.end()
	case records.Trail:
		return decodeEntry(it)
	case records.Findings:
		d := decode(it)
		e := access.Entry{Fund: d.bytes("fund")}
		e.Tid, e.ID = d.moment()
		return e, d.end()
	case records.Calls:
		calls, err := decodeCalls(it)
		_, day, _ := strings.Cut(records.Rest(k.PK), "#")
		calls.Dag = access.Day(day)
		return calls, err
	}
	return nil, fmt.Errorf("dynamostore: item %s %s is no record of a register", k.PK, k.SK)
}

func decodeLogged(it item, rest string) (c records.Logged, err error) {
	kommune, err := strconv.Atoi(rest)
	if err != nil {
		return c, err
	}
	if c.Change, err = decodeChange(it, kommune); err == nil {
		_, c.Senest, err = decodeNote(it)
	}
	return c, err
}

// Put implements [records.Store], some items at a time.
func (s *Store) Put(ctx context.Context, rs ...records.Record) error {
	var left []types.WriteRequest
	for _, r := range rs {
		it := encodeRecord(r)
		if it == nil {
			return fmt.Errorf("dynamostore: item %s %s cannot be a %T", r.Key.PK, r.Key.SK, r.Value)
		}
		left = append(left, types.WriteRequest{PutRequest: &types.PutRequest{Item: it.keyed(r.Key)}})
		if st, ok := r.Value.(records.Stretch); ok && records.KindOf(r.Key) == records.Stretches {
			left = append(left, types.WriteRequest{PutRequest: &types.PutRequest{Item: encodeRecord(r).keyed(keys.PlaceOf(st.Position))}})
		}
	}
	for batch := range slices.Chunk(left, mostOfBatch) {
		if err := s.write(ctx, batch); err != nil {
			return failed("put records", err)
		}
	}
	return nil
}

// encodeRecord gives the attributes of a record, nil of what is none.
func encodeRecord(r records.Record) item {
	switch v := r.Value.(type) {
	case register.Unit:
		return encodeRow(&v)
	case records.Place:
		it := make(item, 5)
		place{v.Kommune, v.Sti}.encode(it)
		return it
	case records.Logged:
		// Each stands for a transaction of its own, so that who reads the end of the log need not read all of it.
		return (&noted{v.Change, v.Senest}).encode(v.Position.String())
	case register.Head:
		return encodeHead(v)
	case records.Stretch:
		return (&stretch{v.Sequence, v.Position, v.Count}).encode()
	case records.Ordering:
		it := encodeNr(v.Last)
		it.text("logs", v.Logs.String())
		return it
	case records.Series:
		return encodeNr(int64(v))
	case register.Reservation:
		return encodeReservation(&v)
	case register.Receipt:
		return encodeReceipt(&v, "")
	case register.Report:
		return encodeReport(&v)
	case records.Restore:
		it := make(item, 6)
		it.text("from", v.From)
		it.time("begun", v.Begun)
		it.time("done", v.Done)
		return it
	}
	return encodeActed(r)
}

func encodeActed(r records.Record) item {
	switch v := r.Value.(type) {
	case access.User:
		return encodeUser(&v)
	case time.Time:
		it := make(item, 4)
		it.time("tid", v)
		return it
	case relaying.Subscriber:
		return encodeSubscriber(&v)
	case register.Position:
		return encodeNr(v.Nr)
	case access.Entry:
		if len(v.Fund) > 0 {
			return encodeFund(&v)
		}
		return encodeEntry(&v, "")
	case access.Calls:
		it := item{latestCall: integer(v.Senest.UnixMilli())}
		for method, count := range v.Metoder {
			it[method] = integer(count)
		}
		return it
	}
	return nil
}
