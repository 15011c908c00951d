package boltstore

import (
	"bytes"
	"context"
	"iter"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"

	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/register"
)

// reader reads items within one bbolt transaction.
type reader struct {
	items  *bolt.Bucket
	navne  *bolt.Bucket
	series register.Series
}

func (s *Store) reader(tx *bolt.Tx) *reader {
	return &reader{items: tx.Bucket(registerBucket), navne: tx.Bucket(navneBucket), series: s.series}
}

// join makes the bbolt key of an item.
func join(k keys.Key) []byte {
	b := make([]byte, 0, len(k.PK)+1+len(k.SK))
	b = append(b, k.PK...)
	b = append(b, 0)
	return append(b, k.SK...)
}

func (r *reader) get(k keys.Key) []byte { return r.items.Get(join(k)) }

// unit gives the row of a number.
func (r *reader) unit(n register.Number) (register.Unit, error) {
	entry := r.get(keys.Ledger(n))
	if entry == nil {
		return register.Unit{}, register.Unknown(n)
	}
	p, err := decodePlace(entry)
	if err != nil {
		return register.Unit{}, err
	}
	return decodeUnit(r.get(keys.Key{PK: keys.Kommune(p.kommune), SK: p.path}))
}

// tree gives a daginstitution and all below it.
func (r *reader) tree(n register.Number) ([]register.Unit, error) {
	root, err := r.unit(n)
	if err != nil {
		return nil, err
	}
	if root.Level != register.Daginstitution {
		return nil, register.Unknown(n)
	}
	units := []register.Unit{root}
	prefix := join(keys.Key{PK: keys.Kommune(root.AdmKommuneKode), SK: root.Path() + "/"})
	c := r.items.Cursor()
	for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, v = c.Next() {
		u, err := decodeUnit(v)
		if err != nil {
			return nil, err
		}
		units = append(units, u)
	}
	return units, nil
}

// ledger tells what has become of a number.
func (r *reader) ledger(n register.Number, now time.Time) (register.LedgerEntry, error) {
	entry := register.LedgerEntry{Number: n}
	if r.get(keys.Ledger(n)) != nil {
		u, err := r.unit(n)
		entry.State, entry.Unit = register.Brugt, u
		return entry, err
	}
	ordinal, ok := r.series.Ordinal(n)
	if !ok {
		return entry, nil
	}
	reservation, found, err := r.reservation(ordinal)
	if err != nil {
		return entry, err
	}
	next, err := r.next()
	switch {
	case found:
		entry.Reservation, entry.State = reservation, register.Ubrugt
		if now.Before(reservation.Expires) {
			entry.State = register.Reserveret
		}
	case ordinal < next:
		entry.State = register.Ubrugt
	default:
		entry.Ahead = ordinal - next + 1
	}
	return entry, err
}

// reservation finds the one whose numbers hold an ordinal.
func (r *reader) reservation(ordinal int64) (register.Reservation, bool, error) {
	k, v := lastBefore(r.items.Cursor(), join(keys.Reservation(ordinal+1)))
	if !bytes.HasPrefix(k, join(keys.Key{PK: keys.Reservations})) {
		return register.Reservation{}, false, nil
	}
	found, err := decodeReservation(v)
	if err != nil {
		return register.Reservation{}, false, err
	}
	first, _ := r.series.Ordinal(found.First)
	return found, ordinal < first+int64(found.Count), nil
}

// next is the ordinal the series goes on from.
func (r *reader) next() (int64, error) {
	value := r.get(keys.Series)
	if value == nil {
		return register.FirstOrdinal, nil
	}
	return decodeInt(value)
}

// head is where a municipality's log ends.
func (r *reader) head(kommune int) (register.Head, error) {
	value := r.get(keys.Head(kommune))
	if value == nil {
		return register.Head{Position: register.Position{Kommune: kommune}}, nil
	}
	return decodeHead(value, kommune)
}

// Unit implements [register.Store].
func (s *Store) Unit(ctx context.Context, n register.Number) (u register.Unit, err error) {
	err = s.view(ctx, func(r *reader) error {
		u, err = r.unit(n)
		return err
	})
	return u, err
}

// Tree implements [register.Store].
func (s *Store) Tree(ctx context.Context, n register.Number) (units []register.Unit, err error) {
	err = s.view(ctx, func(r *reader) error {
		units, err = r.tree(n)
		return err
	})
	return units, err
}

// Ledger implements [register.Store].
func (s *Store) Ledger(ctx context.Context, n register.Number, now time.Time) (entry register.LedgerEntry, err error) {
	err = s.view(ctx, func(r *reader) error {
		entry, err = r.ledger(n, now)
		return err
	})
	return entry, err
}

// Positions implements [register.Store].
func (s *Store) Positions(ctx context.Context) (positions register.Positions, err error) {
	heads, err := s.Heads(ctx)
	for _, h := range heads {
		positions = append(positions, h.Position)
	}
	return positions, err
}

// Heads implements [register.Store].
func (s *Store) Heads(ctx context.Context) ([]register.Head, error) {
	return collect(decodedItems(s.items(ctx, keys.Heads, ""), func(it item) (register.Head, error) {
		return decodeHead(it.value, atoi(it.sk))
	}))
}

// atoi reads the digits of a sort key of our own making.
func atoi(s string) (n int) {
	for _, c := range []byte(s) {
		n = n*10 + int(c-'0')
	}
	return n
}

// Units implements [register.Store].
func (s *Store) Units(ctx context.Context, kommune int, after string) iter.Seq2[register.Unit, error] {
	return decoded(s.items(ctx, keys.Kommune(kommune), after), decodeUnit)
}

// Changes implements [register.Store].
func (s *Store) Changes(ctx context.Context, after register.Position) iter.Seq2[register.Change, error] {
	return decoded(s.items(ctx, keys.Log(after.Kommune), keys.LogNr(after.Nr)), decodeChange)
}

// Earlier implements [register.Store].
func (s *Store) Earlier(ctx context.Context, before register.Position) iter.Seq2[register.Change, error] {
	return decoded(s.itemsBefore(ctx, keys.Log(before.Kommune), keys.LogNr(before.Nr)), decodeChange)
}

// Reports implements [register.Store].
func (s *Store) Reports(ctx context.Context) ([]register.Report, error) {
	return collect(decoded(s.items(ctx, keys.Reports, ""), decodeReport))
}

// lookUp gives what is kept under a key. NotFound where nothing is.
func lookUp[T any](ctx context.Context, s *Store, k keys.Key, decode func([]byte) (T, error)) (v T, err error) {
	err = s.view(ctx, func(r *reader) error {
		value := r.get(k)
		if value == nil {
			return &register.Error{Kind: register.NotFound}
		}
		v, err = decode(value)
		return err
	})
	return v, err
}

// decoded reads each item's value as a T.
func decoded[T any](items iter.Seq2[item, error], decode func([]byte) (T, error)) iter.Seq2[T, error] {
	return decodedItems(items, func(it item) (T, error) { return decode(it.value) })
}

// decodedItems reads each item as a T.
func decodedItems[T any](items iter.Seq2[item, error], decode func(item) (T, error)) iter.Seq2[T, error] {
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

// item is one sort key and value of a partition.
type item struct {
	sk    string
	value []byte // good until the next item
}

// piece is how much of a partition is read in one snapshot.
const piece = 64 << 10

// items gives a partition's items after a sort key, a piece at a time.
func (s *Store) items(ctx context.Context, pk, after string) iter.Seq2[item, error] {
	return s.pieces(ctx, pk, after, upwards)
}

// itemsBefore gives a partition's items before a sort key, the last first, a piece at a time; all of them before "".
func (s *Store) itemsBefore(ctx context.Context, pk, before string) iter.Seq2[item, error] {
	return s.pieces(ctx, pk, before, downwards)
}

// way finds the item of a partition that follows a sort key, and says how to go on from there.
type way func(c *bolt.Cursor, pk, sk string) (k, v []byte, next func() (k, v []byte))

func upwards(c *bolt.Cursor, pk, after string) (k, v []byte, next func() (k, v []byte)) {
	start := join(keys.Key{PK: pk, SK: after})
	k, v = c.Seek(start)
	if after != "" && bytes.Equal(k, start) {
		k, v = c.Next()
	}
	return k, v, c.Next
}

func downwards(c *bolt.Cursor, pk, before string) (k, v []byte, next func() (k, v []byte)) {
	end := join(keys.Key{PK: pk, SK: before})
	if before == "" {
		end[len(pk)]++ // what sorts behind the whole partition
	}
	k, v = lastBefore(c, end)
	return k, v, c.Prev
}

// lastBefore finds the last item before a key. Where the same transaction has deleted all of the page before the key, bbolt finds
// nothing; no rows, which alone are deleted, lie right before what is looked for within an update.
func lastBefore(c *bolt.Cursor, key []byte) (k, v []byte) {
	if k, _ := c.Seek(key); k == nil {
		return c.Last()
	}
	return c.Prev()
}

func (s *Store) pieces(ctx context.Context, pk, from string, run way) iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		buf := make([]byte, 0, piece)
		for more := true; more; {
			var found []item
			buf = buf[:0]
			err := s.view(ctx, func(r *reader) error {
				found, more = r.piece(pk, from, run, buf)
				return nil
			})
			if err != nil {
				yield(item{}, err)
				return
			}
			for _, it := range found {
				if !yield(it, nil) {
					return
				}
				from = it.sk
			}
		}
	}
}

// piece copies items out of the snapshot until buf is full; more tells whether the partition goes on.
func (r *reader) piece(pk, from string, run way, buf []byte) (found []item, more bool) {
	prefix := join(keys.Key{PK: pk})
	k, v, next := run(r.items.Cursor(), pk, from)
	for ; bytes.HasPrefix(k, prefix); k, v = next() {
		if len(found) > 0 && len(buf)+len(v) > cap(buf) {
			return found, true
		}
		at := len(buf)
		buf = append(buf, v...)
		found = append(found, item{sk: strings.Clone(string(k[len(prefix):])), value: buf[at:len(buf):len(buf)]})
	}
	return found, false
}
