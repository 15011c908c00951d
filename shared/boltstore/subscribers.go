package boltstore

import (
	"context"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
)

// Subscriber implements [relaying.Store].
func (s *Store) Subscriber(ctx context.Context, navn string) (relaying.Subscriber, error) {
	return lookUp(ctx, s, keys.Subscriber(navn), decodeSubscriber)
}

// Subscribers implements [relaying.Store].
func (s *Store) Subscribers(ctx context.Context) ([]relaying.Subscriber, error) {
	return collect(decoded(s.items(ctx, keys.Subscribers, ""), decodeSubscriber))
}

// SaveSubscriber implements [relaying.Store].
func (s *Store) SaveSubscriber(ctx context.Context, sub relaying.Subscriber, act access.Entry) error {
	p := put{key: keys.Subscriber(sub.Navn), value: encodeSubscriber(&sub)}
	return s.save(ctx, p, sub.Version, act, func(value []byte) (int64, error) {
		stored, err := decodeSubscriber(value)
		return stored.Version, err
	})
}

// Marks implements [relaying.Store].
func (s *Store) Marks(ctx context.Context, navn string, runde int) (register.Positions, error) {
	return collect(decodedItems(s.items(ctx, keys.Marks(navn, runde), ""), func(it item) (register.Position, error) {
		nr, err := decodeInt(it.value)
		return register.Position{Kommune: atoi(it.sk), Nr: nr}, err
	}))
}

// Mark implements [relaying.Store].
func (s *Store) Mark(ctx context.Context, navn string, runde int, at register.Position) error {
	k := keys.Mark(navn, runde, at.Kommune)
	return s.do(ctx, func(t *tx) error {
		if value := t.get(k); value != nil {
			if nr, err := decodeInt(value); err != nil || nr >= at.Nr {
				return err
			}
		}
		t.puts = append(t.puts, put{key: k, value: encodeInt(at.Nr)})
		return nil
	})
}

func encodeSubscriber(s *relaying.Subscriber) []byte {
	e := newEncoder(128)
	e.text(s.Navn)
	e.text(s.Koe)
	ints(e, s.Filter.Kommuner)
	ints(e, s.Filter.Niveauer)
	ints(e, s.Filter.Arter)
	e.flag(s.Pauset)
	e.int(int64(s.Runde))
	e.int(int64(len(s.Fra)))
	for _, p := range s.Fra {
		e.position(p)
	}
	e.flag(s.Lukket)
	e.time(s.Oprettet)
	e.int(s.Version)
	return e.buf
}

func decodeSubscriber(value []byte) (relaying.Subscriber, error) {
	d := newDecoder(value)
	s := relaying.Subscriber{
		Navn:     d.text(),
		Koe:      d.text(),
		Filter:   relaying.Filter{Kommuner: list(d, d.kode), Niveauer: list(d, d.level), Arter: list(d, d.art)},
		Pauset:   d.flag(),
		Runde:    int(d.int()),
		Fra:      list(d, d.position),
		Lukket:   d.flag(),
		Oprettet: d.time(),
		Version:  d.int(),
	}
	return s, d.end()
}
