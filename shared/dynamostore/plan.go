package dynamostore

import (
	"crypto/rand"
	"maps"
	"slices"

	"dagtilbudsregisteret.dk/shared/keys"
)

// plan is a transaction that may be sent more than once, such as the one that writes what a run asked for.
type plan struct {
	transaction
	token string       // names the transaction: to DynamoDB, so that it is done once, and in what it writes
	proof keys.Key     // an item that only this transaction writes there: it tells whether it was done
	roles map[int]role // of the items by their place in the transaction
}

// role says what it means that the condition of a transaction's item does not hold.
type role uint8

const (
	given  role = iota // what the run was told is not so: another run can only tell if it looks
	shared             // others have moved on
	series             // the series has passed a number that is to be loaded
	number             // the series has issued a number that is in use
)

// as notes the role of the item added last.
func (p *plan) as(r role) { p.roles[len(p.items)-1] = r }

func (s *Store) newPlan() *plan {
	return &plan{transaction: transaction{table: &s.table}, token: rand.Text(), roles: make(map[int]role)}
}

func (t *tx) plan() (*plan, error) {
	p := t.newPlan()
	for i := range t.receipts {
		p.proof = keys.Receipt(t.receipts[i].Key)
		p.put(p.proof, encodeReceipt(&t.receipts[i], p.token), absent)
		delete(t.missing, p.proof)
	}
	for i := range t.log {
		p.proof = keys.Change(t.log[i].Position)
		p.put(p.proof, t.log[i].encode(p.token), absent)
	}
	for _, n := range t.order {
		t.planRow(p, t.rows[n])
	}
	t.planSeries(p)
	for _, kommune := range slices.Sorted(maps.Keys(t.views)) {
		t.views[kommune].plan(p)
	}
	for k := range t.missing {
		p.check(k, absent)
		p.as(shared)
	}
	return p, p.fits()
}

// planRow has a row stand where it now belongs, and the ledger say so.
func (t *tx) planRow(p *plan, r *row) {
	was, is, n := placeOf(&r.foer), placeOf(&r.efter), r.efter.Number()
	ledger := make(item, 5)
	is.encode(ledger)
	switch {
	case r.foer.Level == 0:
		p.put(is.key(), encodeRow(&r.efter), absent)
		p.put(keys.Ledger(n), ledger, absent)
		if slices.Contains(t.numbers, n) {
			p.as(number)
		}
		delete(t.missing, keys.Ledger(n))
	case was == is:
		p.put(is.key(), encodeRow(&r.efter), versionIs(r.foer.Version))
	default:
		p.put(is.key(), encodeRow(&r.efter), absent)
		p.delete(was.key(), versionIs(r.foer.Version))
		p.put(keys.Ledger(n), ledger, present)
	}
}

// planSeries has the series go on beyond the numbers that were brought, not issued, where it may not have come so far.
func (t *tx) planSeries(p *plan) {
	first, last := int64(-1), int64(-1)
	for _, n := range t.order {
		ordinal, ok := t.series.Ordinal(n)
		if !ok || t.rows[n].foer.Level != 0 || slices.Contains(t.numbers, n) {
			continue
		}
		if ordinal < t.seriesAt.Load() && !t.free[n] {
			continue
		}
		if first < 0 || ordinal < first {
			first = ordinal
		}
		last = max(last, ordinal)
	}
	if last >= 0 {
		p.put(keys.Series, encodeNr(last+1), nrAtMost(first))
		p.as(series)
	}
}

// plan has the log go on from where the view found it, or at least stand there still.
func (v *view) plan(p *plan) {
	head := keys.Head(v.kommune)
	if v.is == v.was {
		p.check(head, headIs(v.was.Nr))
	} else {
		p.put(head, encodeHead(v.is), headIs(v.was.Nr))
	}
	p.as(shared)
}
