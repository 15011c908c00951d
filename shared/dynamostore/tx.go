package dynamostore

import (
	"errors"
	"slices"
	"time"

	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/register"
)

// tx is one run of an update: what it has read, and what it asks to write.
type tx struct {
	*update
	views    map[int]*view
	torn     error                    // why the run is void: what it read does not fit together
	missing  map[keys.Key]bool        // items that were looked for and not there
	free     map[register.Number]bool // numbers that the series had not come to
	issued   int                      // how many of the update's numbers this run has taken
	rows     map[register.Number]*row
	order    []register.Number // of rows
	log      []noted
	receipts []register.Receipt
}

// row is what becomes of a unit's row: as it was read, and as it is after the run's last change to it.
type row struct{ foer, efter register.Unit }

func (u *update) begin() *tx {
	return &tx{
		update: u, views: make(map[int]*view), missing: make(map[keys.Key]bool), free: make(map[register.Number]bool),
		rows: make(map[register.Number]*row),
	}
}

// writes tells whether the run asks for anything to be written.
func (t *tx) writes() bool { return len(t.log) > 0 || len(t.receipts) > 0 }

// view gives the run's view of a municipality.
func (t *tx) view(kommune int) (*view, error) {
	if v, ok := t.views[kommune]; ok {
		return v, nil
	}
	if err := t.enter(kommune); err != nil {
		return nil, err
	}
	v, err := t.open(kommune)
	if err != nil {
		return nil, t.saw(err)
	}
	t.views[kommune] = v
	return v, nil
}

// saw voids the run when a read met a transaction under way.
func (t *tx) saw(err error) error {
	if errors.Is(err, errUnderWay) {
		t.torn = err
	}
	return err
}

// Unit implements [register.Tx].
func (t *tx) Unit(n register.Number) (u register.Unit, err error) {
	err = t.follow(n, func(at place) (bool, error) {
		v, err := t.view(at.kommune)
		if err != nil {
			return false, err
		}
		it, err := t.get(at.key())
		if it == nil || err != nil {
			return false, err
		}
		if u, err = decodeRow(it, at); err == nil && !v.shows(&u) {
			err = underWay("the row of %s is behind the log", n)
		}
		return true, err
	})
	if register.KindOf(err) == register.NotFound {
		t.missing[keys.Ledger(n)] = true
	}
	return u, t.saw(err)
}

// Tree implements [register.Tx].
func (t *tx) Tree(daginstitution register.Number) ([]register.Unit, error) {
	root, err := t.Unit(daginstitution)
	if err != nil {
		return nil, err
	}
	if root.Level != register.Daginstitution {
		return nil, register.Unknown(daginstitution)
	}
	rows, err := collect(t.rowsBelow(placeOf(&root)))
	if err == nil && !t.views[root.AdmKommuneKode].showsTree(daginstitution, rows) {
		err = underWay("the tree of %s is behind the log", daginstitution)
	}
	return rows, t.saw(err)
}

// Namesakes implements [register.Tx].
func (t *tx) Namesakes(kommune int, level register.Level, navn string) ([]register.Unit, error) {
	v, err := t.view(kommune)
	if err != nil {
		return nil, err
	}
	found, err := t.namesOf(kommune).find(t.reader, v, level, navn)
	return found, t.saw(err)
}

// Ledger implements [register.Tx].
func (t *tx) Ledger(n register.Number, now time.Time) (register.LedgerEntry, error) {
	entry, err := t.ledger(n, now, t.Unit)
	t.free[n] = err == nil && entry.State == register.Ledig
	return entry, err
}

// Latest implements [register.Tx].
func (t *tx) Latest(kommune int) (time.Time, error) {
	v, err := t.view(kommune)
	if err != nil {
		return time.Time{}, err
	}
	return v.was.Tid, nil
}

// Receipt implements [register.Tx].
func (t *tx) Receipt(key string) (register.Receipt, error) {
	k := keys.Receipt(key)
	it, err := t.get(k)
	if err != nil {
		return register.Receipt{}, err
	}
	if it == nil {
		t.missing[k] = true
		return register.Receipt{}, &register.Error{Kind: register.NotFound}
	}
	return decodeReceipt(it, key)
}

// Change implements [register.Tx].
func (t *tx) Change(p register.Position) (c register.Change, err error) {
	it, err := t.get(keys.Change(p))
	if err != nil {
		return c, err
	}
	if it != nil {
		return decodeChange(it, p.Kommune)
	}
	v, err := t.view(p.Kommune)
	if err == nil && v.was.Nr >= p.Nr && p.Nr > 0 {
		err = underWay("change %s is behind the log", p)
	}
	if err == nil {
		err = &register.Error{Kind: register.NotFound}
	}
	return c, t.saw(err)
}

// Issue implements [register.Tx]. A run gets the numbers that earlier runs of the same update took, before any new ones.
func (t *tx) Issue(count int) ([]register.Number, error) {
	if missing := t.issued + count - len(t.numbers); missing > 0 {
		more, err := t.issue(t.ctx, missing)
		if err != nil {
			return nil, err
		}
		t.numbers = append(t.numbers, more...)
	}
	t.issued += count
	return slices.Clone(t.numbers[t.issued-count : t.issued]), nil
}

// Write implements [register.Tx].
func (t *tx) Write(c register.Change) (register.Position, error) {
	joined, err := t.view(c.Efter.AdmKommuneKode)
	if err != nil {
		return register.Position{}, err
	}
	left := joined
	if c.LeavesKommune() {
		if left, err = t.view(c.Foer.AdmKommuneKode); err != nil {
			return register.Position{}, err
		}
	}
	c.Efter.Position = joined.step(c.Tid)
	t.note(c, c.Efter.Position, joined.is.Tid)
	if left != joined {
		t.note(c, left.step(c.Tid), left.is.Tid)
	}
	n := c.Efter.Number()
	if r, ok := t.rows[n]; ok {
		r.efter = c.Efter
	} else {
		t.rows[n] = &row{c.Foer, c.Efter}
		t.order = append(t.order, n)
	}
	return c.Efter.Position, nil
}

func (t *tx) note(c register.Change, at register.Position, senest time.Time) {
	c.Position = at
	t.log = append(t.log, noted{c, senest})
}

// Keep implements [register.Tx].
func (t *tx) Keep(r register.Receipt) { t.receipts = append(t.receipts, r) }
