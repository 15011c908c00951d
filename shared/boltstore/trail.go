package boltstore

import (
	"context"
	"iter"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/keys"
)

// AddTrail implements [access.Trail]. What is there already stays as it is.
func (s *Store) AddTrail(ctx context.Context, entries ...access.Entry) error {
	return s.do(ctx, func(t *tx) error {
		for i := range entries {
			if e := &entries[i]; t.get(keys.Entry(e.Tid, e.ID)) == nil {
				t.enter(e)
			}
		}
		return nil
	})
}

// enter puts an entry into the trail, and its findings beside it.
func (t *tx) enter(e *access.Entry) {
	t.putFresh(keys.Entry(e.Tid, e.ID), encodeEntry(e))
	if len(e.Fund) > 0 {
		t.putFresh(keys.Finding(e.Tid, e.ID), encodeFund(e.Fund))
	}
}

// Entries implements [access.Store].
func (s *Store) Entries(ctx context.Context, day time.Time, before access.Entry, now time.Time) iter.Seq2[access.Entry, error] {
	from := ""
	if !before.Tid.IsZero() {
		from = keys.Entry(before.Tid, before.ID).SK
	}
	entries := decoded(s.itemsBefore(ctx, keys.Trail(day), from), decodeEntry)
	return func(yield func(access.Entry, error) bool) {
		for e, err := range entries {
			if err == nil && now.Sub(e.Tid) < access.FindingsKept {
				e.Fund, err = s.fund(ctx, &e)
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// fund gives an entry's findings.
func (s *Store) fund(ctx context.Context, e *access.Entry) (fund []byte, err error) {
	err = s.view(ctx, func(r *reader) error {
		if value := r.get(keys.Finding(e.Tid, e.ID)); value != nil {
			fund, err = decodeFund(value)
		}
		return err
	})
	return fund, err
}

func encodeEntry(entry *access.Entry) []byte {
	e := newEncoder(256)
	e.text(entry.ID)
	e.time(entry.Tid)
	e.actor(&entry.Af)
	e.text(entry.Handling)
	e.int(int64(entry.Level))
	e.text(string(entry.Nummer))
	e.int(int64(entry.Kommune))
	e.int(int64(entry.Linje))
	e.text(entry.ImportID)
	e.text(entry.Bruger)
	e.flag(entry.Afvist)
	e.int(int64(len(entry.Regler)))
	for _, regel := range entry.Regler {
		e.text(regel)
	}
	return e.buf
}

func decodeEntry(value []byte) (access.Entry, error) {
	d := newDecoder(value)
	e := access.Entry{
		ID:       d.text(),
		Tid:      d.time(),
		Af:       d.actor(),
		Handling: d.text(),
		Level:    d.level(),
		Nummer:   d.number(),
		Kommune:  int(d.int()),
		Linje:    int(d.int()),
		ImportID: d.text(),
		Bruger:   d.text(),
		Afvist:   d.flag(),
		Regler:   list(d, d.text),
	}
	return e, d.end()
}

func encodeFund(fund []byte) []byte {
	e := newEncoder(len(fund) + 4)
	e.text(string(fund))
	return e.buf
}

func decodeFund(value []byte) ([]byte, error) {
	d := newDecoder(value)
	fund := []byte(d.text())
	return fund, d.end()
}
