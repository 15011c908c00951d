package auditing

import (
	"maps"
	"slices"
	"strings"
	"time"

	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/records"
	"dagtilbudsregisteret.dk/shared/register"
)

// kommune is what was found in one municipality.
type kommune struct {
	kode      int
	unsettled bool // its log never stood still
	broken    bool // its log has a breach of its own, so not all of what it led to is known
	breaches  []Breach
	named     []register.Number // that have a breach
	halves    []half
	gaps      map[int64]bool // positions that have no change
	last      int64          // the last position
	placed    placed
	highest   int64
}

// half is a change by which a unit leaves a municipality, or comes to one.
type half struct {
	change register.Change // without its position and place
	at     register.Position
	comes  bool
}

func (k *kommune) breach(rule Rule, at any, format string, args ...any) {
	k.breaches = append(k.breaches, breachOf(rule, at, format, args...))
}

// about is a breach of a unit's.
func (k *kommune) about(n register.Number, rule Rule, format string, args ...any) {
	k.named = append(k.named, n)
	k.breach(rule, n, format, args...)
}

// attempts is how often a municipality is read anew where others write there meanwhile.
const attempts = 5

// readKommuner goes through the municipalities one by one.
func (c *check) readKommuner() error {
	for _, kode := range slices.Sorted(maps.Keys(c.kommuner)) {
		if err := c.settle(kode); err != nil {
			return err
		}
	}
	return nil
}

// settle reads a municipality until its log has not moved meanwhile.
func (c *check) settle(kode int) error {
	for range attempts {
		before, _, err := get[register.Head](c, keys.Head(kode))
		if err != nil {
			return err
		}
		k, err := c.read(kode, before)
		if err != nil {
			return err
		}
		after, _, err := get[register.Head](c, keys.Head(kode))
		if err != nil {
			return err
		}
		c.kommuner[kode] = k
		if k.unsettled = before != after; !k.unsettled {
			return nil
		}
	}
	return nil
}

// rows are a municipality's rows by number.
type rows struct {
	units      map[register.Number]register.Unit
	unreadable map[register.Number]bool
}

// read goes through a municipality once.
func (c *check) read(kode int, head register.Head) (*kommune, error) {
	k := &kommune{kode: kode, gaps: make(map[int64]bool), highest: -1}
	rs, err := c.readRows(k)
	if err != nil {
		return k, err
	}
	if err := c.judgeNumbers(k, rs); err != nil {
		return k, err
	}
	h, err := c.readLog(k)
	if err != nil {
		return k, err
	}
	k.judgeHead(head, h.latest)
	h.judge(rs)
	k.judgeParents(rs, h)
	return k, nil
}

func (c *check) readRows(k *kommune) (rs rows, err error) {
	rs = rows{make(map[register.Number]register.Unit), make(map[register.Number]bool)}
	for r, err := range c.Store.Partition(c.ctx, keys.Kommune(k.kode)) {
		if err != nil {
			return rs, err
		}
		u, ok := r.Value.(register.Unit)
		n := u.Number()
		switch other, twice := rs.units[n]; {
		case !ok:
			rs.unreadable[register.Number(r.Key.SK[strings.LastIndex(r.Key.SK, "/")+1:])] = true
		case keys.Unit(&u) != r.Key:
			k.about(n, Misplaced, "its row is kept at %s, and says %s", key(r.Key), key(keys.Unit(&u)))
			rs.unreadable[n] = true
		case twice:
			k.about(n, NumberTwice, "it has a row at %s and one at %s", key(keys.Unit(&other)), key(r.Key))
		default:
			rs.units[n] = u
			if ordinal, ok := c.Series.Ordinal(n); ok {
				k.highest = max(k.highest, ordinal)
			}
		}
	}
	return rs, nil
}

// judgeNumbers holds the rows against the number ledger.
func (c *check) judgeNumbers(k *kommune, rs rows) error {
	for numbers := range slices.Chunk(slices.Sorted(maps.Keys(rs.units)), some) {
		ks := make([]keys.Key, len(numbers))
		for i, n := range numbers {
			ks[i] = keys.Ledger(n)
		}
		found, err := c.Store.Get(c.ctx, ks...)
		if err != nil {
			return err
		}
		for i, n := range numbers {
			u := rs.units[n]
			at, ok := found[i].Value.(records.Place)
			switch {
			case found[i].Err != nil || slices.Contains(k.named, n):
			case !ok:
				k.about(n, LedgerMissing, "it has a row at %s, and the ledger does not know it", key(keys.Unit(&u)))
			case at != records.PlaceOf(&u):
				k.about(n, LedgerElsewhere, "it has a row at %s, and the ledger says %s", key(keys.Unit(&u)), key(at.Key()))
			}
		}
	}
	return nil
}

// judgeHead holds the head against the end of the log.
func (k *kommune) judgeHead(head register.Head, latest time.Time) {
	switch {
	case head.Nr != k.last && !k.gaps[head.Nr]:
		k.broken = true
		k.breach(Head, k.kode, "it says that the log ends at %d, which ends at %d", head.Nr, k.last)
	case !k.broken && !head.Tid.Equal(latest):
		k.breach(Head, k.kode, "it says that the latest change was made at %s, and that was at %s", head.Tid, latest)
	}
}

// judgeParents holds each row against the one above it.
func (k *kommune) judgeParents(rs rows, h *history) {
	for _, n := range slices.Sorted(maps.Keys(rs.units)) {
		u := rs.units[n]
		if u.Level == register.Daginstitution || rs.unreadable[u.Parent()] {
			continue
		}
		parent, ok := rs.units[u.Parent()]
		placed := u
		placed.PlaceUnder(&parent)
		_, lived := h.units[u.Parent()]
		switch {
		case !ok && lived: // its row is missing, which is told
		case !ok:
			k.about(n, ParentMissing, "it stands below %s, which is not in municipality %d", u.Parent(), k.kode)
		case parent.Level != u.Level-1 || placed != u:
			k.about(n, ParentElsewhere, "it stands at %s, and its parent at %s", u.Path(), parent.Path())
		case parent.Aktivitetsstatus == register.Nedlagt && u.Aktivitetsstatus == register.Aktiv:
			k.about(n, ParentClosed, "it is active below %s, which is closed", parent.Number())
		}
	}
}
