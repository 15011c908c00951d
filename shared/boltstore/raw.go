package boltstore

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/records"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
)

// Records implements [records.Store]: by key.
func (s *Store) Records(ctx context.Context, kinds ...records.Kind) iter.Seq2[records.Record, error] {
	if len(kinds) == 0 {
		return s.raw(ctx, nil)
	}
	return func(yield func(records.Record, error) bool) {
		for _, kind := range kinds {
			for r, err := range s.raw(ctx, prefixOf(kind)) {
				if !yield(r, err) || err != nil {
					return
				}
			}
		}
	}
}

// prefixOf is what the keys of a kind begin with.
func prefixOf(kind records.Kind) []byte {
	switch kind {
	case records.LogStretches:
		return []byte(kind)
	case records.Rows, records.Ledger, records.Log, records.Receipts, records.Reserved, records.Marks, records.Trail, records.Findings,
		records.Calls:
		return []byte(kind + "#")
	}
	return join(keys.Key{PK: string(kind)})
}

// Partition implements [records.Store].
func (s *Store) Partition(ctx context.Context, pk string) iter.Seq2[records.Record, error] {
	return s.raw(ctx, join(keys.Key{PK: pk}))
}

// Get implements [records.Store].
func (s *Store) Get(ctx context.Context, ks ...keys.Key) (found []records.Record, err error) {
	err = s.view(ctx, func(r *reader) error {
		for _, k := range ks {
			record := records.Record{Key: k}
			if value := r.get(k); value != nil {
				record.Value, record.Err = decodeRecord(k, value)
			}
			found = append(found, record)
		}
		return nil
	})
	return found, err
}

// raw gives the records whose keys begin with a prefix, a piece at a time.
func (s *Store) raw(ctx context.Context, prefix []byte) iter.Seq2[records.Record, error] {
	return func(yield func(records.Record, error) bool) {
		after := []byte(nil)
		for {
			var found []records.Record
			err := s.view(ctx, func(r *reader) error {
				found, after = r.rawPiece(prefix, after)
				return nil
			})
			if err != nil {
				yield(records.Record{}, err)
				return
			}
			for _, record := range found {
				if !yield(record, nil) {
					return
				}
			}
			if after == nil {
				return
			}
		}
	}
}

// rawPiece reads records from the one after a key on. It gives the key to go on after, nil at the end.
func (r *reader) rawPiece(prefix, after []byte) (found []records.Record, last []byte) {
	c := r.items.Cursor()
	k, v := c.Seek(slices.MaxFunc([][]byte{prefix, after}, bytes.Compare))
	if after != nil && bytes.Equal(k, after) {
		k, v = c.Next()
	}
	for size := 0; k != nil && bytes.HasPrefix(k, prefix); k, v = c.Next() {
		pk, sk, _ := strings.Cut(string(k), "\x00")
		record := records.Record{Key: keys.Key{PK: pk, SK: sk}}
		record.Value, record.Err = decodeRecord(record.Key, v)
		found = append(found, record)
		if size += len(k) + len(v); size >= piece {
			return found, bytes.Clone(k)
		}
	}
	return found, nil
}

// decodeRecord reads what is kept under a key.
func decodeRecord(k keys.Key, value []byte) (any, error) {
	switch records.KindOf(k) {
	case records.Rows:
		return boxed(decodeUnit(value))
	case records.Ledger:
		p, err := decodePlace(value)
		return boxed(records.Place{Kommune: p.kommune, Sti: p.path}, err)
	case records.Log:
		c, err := decodeChange(value)
		return boxed(records.Logged{Change: c}, err)
	case records.Heads:
		return boxed(decodeHead(value, atoi(k.SK)))
	case records.Stretches:
		at, err := decodePosition(value)
		return boxed(records.Stretch{Sequence: int64(atoi(k.SK)), Position: at, Count: 1}, err)
	case records.Order:
		last, err := decodeInt(value)
		return boxed(records.Ordering{Last: last}, err)
	case records.SeriesAt:
		next, err := decodeInt(value)
		return boxed(records.Series(next), err)
	case records.Reservations, records.Reserved:
		return boxed(decodeReservation(value))
	case records.Receipts:
		return boxed(decodeReceipt(records.Rest(k.PK), value))
	case records.Reports:
		return boxed(decodeReport(value))
	case records.Restored:
		return boxed(decodeRestore(value))
	}
	return decodeActed(k, value)
}

// decodeActed reads the records of users, of who is told, and of what they did.
func decodeActed(k keys.Key, value []byte) (any, error) {
	switch records.KindOf(k) {
	case records.Users:
		return boxed(decodeUser(value))
	case records.Uses:
		ms, err := decodeInt(value)
		return boxed(time.UnixMilli(ms).UTC(), err)
	case records.Subscribers:
		return boxed(decodeSubscriber(value))
	case records.Marks:
		nr, err := decodeInt(value)
		return boxed(register.Position{Kommune: atoi(k.SK), Nr: nr}, err)
	case records.Trail:
		return boxed(decodeEntry(value))
	case records.Findings:
		fund, err := decodeFund(value)
		ms, id, _ := strings.Cut(k.SK, "#")
		return boxed(access.Entry{Tid: time.UnixMilli(int64(atoi(ms))).UTC(), ID: id, Fund: fund}, err)
	case records.Calls:
		c, err := decodeCounted(value)
		return boxed(access.Calls{Dag: dayOf(k), Navn: k.SK, Metoder: c.metoder, Senest: c.senest}, err)
	}
	return nil, fmt.Errorf("boltstore: %s %s is no record of a register", k.PK, k.SK)
}

// boxed gives no value with an error.
func boxed[T any](v T, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return v, nil
}

// dayOf is the day of a user's calls.
func dayOf(k keys.Key) access.Day {
	_, day, _ := strings.Cut(records.Rest(k.PK), "#")
	return access.Day(day)
}

// Put implements [records.Store].
func (s *Store) Put(ctx context.Context, rs ...records.Record) error {
	return s.do(ctx, func(t *tx) error {
		for _, r := range rs {
			if err := t.putRecord(r); err != nil {
				return err
			}
		}
		return nil
	})
}

// putRecord asks for a record to be put, and a unit's name into the index.
func (t *tx) putRecord(r records.Record) error {
	switch v := r.Value.(type) {
	case register.Unit:
		if v.Aktivitetsstatus == register.Aktiv {
			t.puts = append(t.puts, put{name: indexKey(&v)})
		}
	case records.Stretch:
		for i := range v.Count {
			at := register.Position{Kommune: v.Position.Kommune, Nr: v.Position.Nr + i}
			t.puts = append(t.puts, put{key: keys.Place(v.Sequence + i), value: encodePosition(at)})
		}
		return nil
	}
	value := encodeRecord(r.Value)
	if value == nil {
		return fmt.Errorf("boltstore: %s %s cannot be a %T", r.Key.PK, r.Key.SK, r.Value)
	}
	t.puts = append(t.puts, put{key: r.Key, value: value})
	return nil
}

// encodeRecord gives what is kept of a value, nil of one that is no record's.
func encodeRecord(value any) []byte {
	switch v := value.(type) {
	case register.Unit:
		return encodeUnit(&v)
	case records.Place:
		return encodePlace(v.Kommune, v.Sti)
	case records.Logged:
		return encodeChange(&v.Change)
	case register.Head:
		return encodeHead(&v)
	case records.Ordering:
		return encodeInt(v.Last)
	case records.Series:
		return encodeInt(int64(v))
	case register.Reservation:
		return encodeReservation(&v)
	case register.Receipt:
		return encodeReceipt(&v)
	case register.Report:
		return encodeReport(&v)
	case records.Restore:
		return encodeRestore(&v)
	case access.User:
		return encodeUser(&v)
	case time.Time:
		return encodeInt(v.UnixMilli())
	case relaying.Subscriber:
		return encodeSubscriber(&v)
	case register.Position:
		return encodeInt(v.Nr)
	case access.Entry:
		if len(v.Fund) > 0 {
			return encodeFund(v.Fund)
		}
		return encodeEntry(&v)
	case access.Calls:
		return encodeCounted(&counted{v.Metoder, v.Senest})
	}
	return nil
}

func encodeRestore(r *records.Restore) []byte {
	e := newEncoder(96)
	e.text(r.From)
	e.time(r.Begun)
	e.time(r.Done)
	return e.buf
}

func decodeRestore(value []byte) (records.Restore, error) {
	d := newDecoder(value)
	r := records.Restore{From: d.text(), Begun: d.time(), Done: d.time()}
	return r, d.end()
}
