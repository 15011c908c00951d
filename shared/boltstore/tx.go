package boltstore

import (
	"fmt"
	"time"

	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/register"
)

// tx collects what one update asks for: nothing of it is put before all of it has been checked.
type tx struct {
	*reader
	heads   map[int]register.Head // by municipality, as far as this update has taken them
	ordinal int64                 // where this update leaves the series; 0 when untouched
	placed  int64                 // the last place in the order that this update gives; 0 when none
	rows    map[register.Number]*row
	puts    []put
}

// row is what becomes of a unit's row: as it was read, and as it is after this update's last change to it.
type row struct{ foer, efter register.Unit }

// put is one item to store; a fresh one must not be there yet. One with a name is the index's.
type put struct {
	key   keys.Key
	value []byte
	fresh bool
	name  []byte
}

func newTx(r *reader) *tx {
	return &tx{reader: r, heads: make(map[int]register.Head), rows: make(map[register.Number]*row)}
}

func (t *tx) empty() bool { return len(t.rows) == 0 && len(t.puts) == 0 && t.ordinal == 0 }

func (t *tx) Unit(n register.Number) (register.Unit, error) { return t.unit(n) }

func (t *tx) Tree(n register.Number) ([]register.Unit, error) { return t.tree(n) }

func (t *tx) Ledger(n register.Number, now time.Time) (register.LedgerEntry, error) {
	return t.ledger(n, now)
}

func (t *tx) Latest(kommune int) (time.Time, error) {
	h, err := t.head(kommune)
	return h.Tid, err
}

func (t *tx) Receipt(key string) (register.Receipt, error) {
	value := t.get(keys.Receipt(key))
	if value == nil {
		return register.Receipt{}, &register.Error{Kind: register.NotFound}
	}
	return decodeReceipt(key, value)
}

func (t *tx) Change(p register.Position) (register.Change, error) {
	value := t.get(keys.Change(p))
	if value == nil {
		return register.Change{}, &register.Error{Kind: register.NotFound}
	}
	return decodeChange(value)
}

func (t *tx) Keep(r register.Receipt) { t.putFresh(keys.Receipt(r.Key), encodeReceipt(&r)) }

func (t *tx) putFresh(k keys.Key, value []byte) {
	t.puts = append(t.puts, put{key: k, value: value, fresh: true})
}

func (t *tx) Issue(count int) ([]register.Number, error) {
	next, err := t.nextOrdinal()
	if err != nil {
		return nil, err
	}
	numbers := make([]register.Number, count)
	for i := range numbers {
		n, ok := t.series.Number(next + int64(i))
		if !ok {
			return nil, register.UsedUp()
		}
		numbers[i] = n
	}
	t.ordinal = next + int64(count)
	return numbers, nil
}

// nextOrdinal is where the series goes on, with what this update has taken.
func (t *tx) nextOrdinal() (int64, error) {
	next, err := t.next()
	return max(next, t.ordinal), err
}

// beyond has the series go on after a number.
func (t *tx) beyond(n register.Number) error {
	next, err := t.nextOrdinal()
	if ordinal, ok := t.series.Ordinal(n); ok && ordinal >= next {
		t.ordinal = ordinal + 1
	}
	return err
}

func (t *tx) Write(c register.Change) (register.Position, error) {
	position, err := t.step(c.Efter.AdmKommuneKode, c.Tid)
	if err != nil {
		return position, err
	}
	c.Efter.Position = position
	if err := t.log(c, position); err != nil {
		return position, err
	}
	if c.LeavesKommune() {
		if err := t.leave(c); err != nil {
			return position, err
		}
	}
	n := c.Efter.Number()
	if r, ok := t.rows[n]; ok {
		r.efter = c.Efter
		return position, nil
	}
	t.rows[n] = &row{c.Foer, c.Efter}
	if c.Foer.Level == 0 {
		err = t.beyond(n)
	}
	return position, err
}

// leave logs a change in the municipality that the row leaves by it.
func (t *tx) leave(c register.Change) error {
	left, err := t.step(c.Foer.AdmKommuneKode, c.Tid)
	if err != nil {
		return err
	}
	return t.log(c, left)
}

// log puts a change at a position, and in the next place of the order.
func (t *tx) log(c register.Change, at register.Position) error {
	last, err := t.lastPlace()
	if err != nil {
		return err
	}
	t.placed = max(t.placed, last) + 1
	c.Position, c.Sequence = at, t.placed
	t.putFresh(keys.Change(at), encodeChange(&c))
	t.putFresh(keys.Place(t.placed), encodePosition(at))
	return nil
}

// step takes the next position of a municipality's log, for a change made at a time.
func (t *tx) step(kommune int, tid time.Time) (register.Position, error) {
	h, ok := t.heads[kommune]
	if !ok {
		var err error
		if h, err = t.head(kommune); err != nil {
			return register.Position{}, err
		}
	}
	h.Nr++
	h.Tid = later(h.Tid, tid)
	t.heads[kommune] = h
	return h.Position, nil
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// check holds what is to be put against what is there.
func (t *tx) check() error {
	for _, p := range t.puts {
		if p.fresh && t.get(p.key) != nil {
			return conflict("%s %s is there already", p.key.PK, p.key.SK)
		}
	}
	for n, r := range t.rows {
		stored, err := t.unit(n)
		switch {
		case r.foer.Level == 0 && err == nil:
			return conflict("%s is there already", n)
		case r.foer.Level == 0:
		case err != nil:
			return err
		case stored.Version != r.foer.Version:
			return conflict("%s has version %d, not %d", n, stored.Version, r.foer.Version)
		}
	}
	return nil
}

func conflict(format string, args ...any) error {
	return &register.Error{Kind: register.Conflict, Cause: fmt.Errorf("boltstore: "+format, args...)}
}

// apply puts everything. An error leaves the transaction half written.
func (t *tx) apply() error {
	for n, r := range t.rows {
		if err := t.replace(n, r); err != nil {
			return err
		}
	}
	for kommune, h := range t.heads {
		t.puts = append(t.puts, put{key: keys.Head(kommune), value: encodeHead(&h)})
	}
	if t.placed != 0 {
		t.puts = append(t.puts, put{key: keys.OrderHead, value: encodeInt(t.placed)})
	}
	if t.ordinal != 0 {
		t.puts = append(t.puts, put{key: keys.Series, value: encodeInt(t.ordinal)})
	}
	for _, p := range t.puts {
		if err := t.put(p); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) put(p put) error {
	if p.name != nil {
		return t.navne.Put(p.name, []byte{})
	}
	return t.items.Put(join(p.key), p.value)
}

// replace moves a row to where it now belongs, its ledger entry and its name in the index with it.
func (t *tx) replace(n register.Number, r *row) error {
	if r.foer.Level != 0 {
		if err := t.navne.Delete(indexKey(&r.foer)); err != nil {
			return err
		}
		if err := t.items.Delete(join(keys.Unit(&r.foer))); err != nil {
			return err
		}
	}
	if r.efter.Aktivitetsstatus == register.Aktiv {
		if err := t.navne.Put(indexKey(&r.efter), []byte{}); err != nil {
			return err
		}
	}
	t.puts = append(t.puts,
		put{key: keys.Unit(&r.efter), value: encodeUnit(&r.efter)},
		put{key: keys.Ledger(n), value: encodePlace(r.efter.AdmKommuneKode, r.efter.Path())})
	return nil
}
