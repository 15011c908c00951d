package boltstore

import (
	"context"
	"iter"
	"maps"
	"slices"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/register"
)

// CountCall implements [access.Counter].
func (s *Store) CountCall(ctx context.Context, version register.ServiceVersion, at time.Time, navn, method string) error {
	k := keys.CallsOf(version, string(access.DayOf(at)), navn)
	return s.do(ctx, func(t *tx) error {
		c := counted{metoder: make(map[string]int64)}
		if value := t.get(k); value != nil {
			var err error
			if c, err = decodeCounted(value); err != nil {
				return err
			}
		}
		c.metoder[method]++
		c.senest = later(c.senest, at)
		t.puts = append(t.puts, put{key: k, value: encodeCounted(&c)})
		return nil
	})
}

// Calls implements [access.Counter].
func (s *Store) Calls(ctx context.Context, version register.ServiceVersion, from, to access.Day) iter.Seq2[access.Calls, error] {
	return func(yield func(access.Calls, error) bool) {
		for day := range access.Days(from, to) {
			for it, err := range s.items(ctx, keys.Calls(version, string(day)), "") {
				calls := access.Calls{Dag: day, Navn: it.sk}
				if err == nil {
					var c counted
					c, err = decodeCounted(it.value)
					calls.Metoder, calls.Senest = c.metoder, c.senest
				}
				if !yield(calls, err) || err != nil {
					return
				}
			}
		}
	}
}

// counted is what is kept of a user's calls of a day: how many by method, and when the latest was.
type counted struct {
	metoder map[string]int64
	senest  time.Time
}

func encodeCounted(c *counted) []byte {
	e := newEncoder(256)
	e.time(c.senest)
	e.int(int64(len(c.metoder)))
	for _, method := range slices.Sorted(maps.Keys(c.metoder)) {
		e.text(method)
		e.int(c.metoder[method])
	}
	return e.buf
}

func decodeCounted(value []byte) (counted, error) {
	d := newDecoder(value)
	c := counted{senest: d.time(), metoder: make(map[string]int64)}
	for count := d.int(); count > 0 && d.err == nil; count-- {
		method := d.text()
		c.metoder[method] = d.int()
	}
	return c, d.end()
}
