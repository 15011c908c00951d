package archiving

import (
	"context"
	"reflect"

	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/records"
	"dagtilbudsregisteret.dk/shared/register"
)

// Copy copies all that a register keeps into an empty one of the same engine, record by record and as it is: secrets too, and what a backup
// leaves out. Nobody may use either meanwhile. It begins, stops and goes on as [Service.Restore] does, and ends when it has read everything back.
// name says what it is a copy of.
func (s *Service) Copy(ctx context.Context, from records.Store, name string) (counts map[records.Kind]int64, err error) {
	head, err := from.Get(ctx, keys.OrderHead)
	if err != nil {
		return nil, err
	}
	if head[0].Value == nil {
		head = nil
	}
	begun, err := s.begin(ctx, name, head...)
	if err != nil {
		return nil, err
	}
	if _, err := pass(ctx, from, s.Store.Put); err != nil {
		return nil, err
	}
	if counts, err = pass(ctx, from, s.same); err != nil {
		return nil, err
	}
	return counts, s.end(ctx, begun)
}

// pass gives all records of a register to do, some at a time, but for the note of where it came from itself.
func pass(ctx context.Context, from records.Store, do func(context.Context, ...records.Record) error) (map[records.Kind]int64, error) {
	counts := make(map[records.Kind]int64)
	var waiting []records.Record
	for r, err := range sound(from.Records(ctx)) {
		if err != nil {
			return nil, err
		}
		if r.Key == keys.Restore {
			continue
		}
		counts[records.KindOf(r.Key)]++
		if waiting = append(waiting, r); len(waiting) == some {
			if err := do(ctx, waiting...); err != nil {
				return nil, err
			}
			waiting = waiting[:0]
		}
	}
	return counts, do(ctx, waiting...)
}

// same wants records to be here as they are given.
func (s *Service) same(ctx context.Context, rs ...records.Record) error {
	ks := make([]keys.Key, len(rs))
	for i, r := range rs {
		ks[i] = r.Key
	}
	found, err := s.Store.Get(ctx, ks...)
	if err != nil {
		return err
	}
	for i, r := range rs {
		if !reflect.DeepEqual(found[i], r) {
			return problem(register.Internal, "%s %s has not come to be as it was", r.Key.PK, r.Key.SK)
		}
	}
	return nil
}
