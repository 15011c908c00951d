package auditing

import (
	"maps"
	"slices"
	"time"

	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/records"
	"dagtilbudsregisteret.dk/shared/register"
)

// history is what a municipality's log leads to.
type history struct {
	*kommune
	units  map[register.Number]register.Unit // that are here by the log, as it leaves them
	latest time.Time                         // when the latest change was made
}

// readLog goes through a municipality's log.
func (c *check) readLog(k *kommune) (*history, error) {
	h := &history{kommune: k, units: make(map[register.Number]register.Unit)}
	for r, err := range c.Store.Partition(c.ctx, keys.Log(k.kode)) {
		if err != nil {
			return h, err
		}
		change, ok := r.Value.(records.Logged)
		at := register.Position{Kommune: k.kode, Nr: k.last + 1}
		for ; keys.Change(at).SK < r.Key.SK; at.Nr++ {
			k.missing(at, "the log goes on at %s", r.Key.SK)
		}
		k.last = at.Nr
		switch {
		case !ok: // and told of
			k.broken, k.gaps[at.Nr] = true, true
		case keys.Change(change.Position) != r.Key:
			k.broken, k.gaps[at.Nr] = true, true
			k.breach(Misplaced, key(r.Key), "the change says that it is %s", change.Position)
		default:
			c.judgePlace(k, &change.Change)
			h.follow(change.Change)
		}
	}
	return h, nil
}

// missing notes a position without a change.
func (k *kommune) missing(at register.Position, format string, args ...any) {
	k.broken, k.gaps[at.Nr] = true, true
	k.breach(LogGap, at, format, args...)
}

// follow takes the next change of the log.
func (h *history) follow(c register.Change) {
	if c.Tid.After(h.latest) {
		h.latest = c.Tid
	}
	n := c.Efter.Number()
	was, here := h.units[n]
	stays := c.Efter.AdmKommuneKode == h.kode
	leaves := c.LeavesKommune() && c.Foer.AdmKommuneKode == h.kode
	switch {
	case !stays && !leaves:
		h.breach(LogForeign, c.Position, "it is a change of %s in municipality %d", n, c.Efter.AdmKommuneKode)
		return
	case stays && c.LeavesKommune(): // it comes from elsewhere
		h.step(c, !here && c.Efter.Version == c.Foer.Version+1 && c.Efter.Position == c.Position)
	case stays && c.Foer.Level == 0:
		h.step(c, !here && c.Efter.Version == 1 && c.Efter.Position == c.Position)
	case stays:
		h.step(c, here && c.Foer == was && c.Efter.Version == was.Version+1 && c.Efter.Position == c.Position)
	default:
		h.step(c, here && c.Foer == was && c.Efter.Version == was.Version+1)
	}
	if at := c.Position; c.LeavesKommune() {
		c.Position, c.Sequence = register.Position{}, 0
		h.halves = append(h.halves, half{c, at, stays})
	}
	if stays {
		h.units[n] = c.Efter
	} else {
		delete(h.units, n)
	}
}

// step tells of a change that does not follow what was before it, once for a unit. Behind a gap nobody can say.
func (h *history) step(c register.Change, follows bool) {
	n := c.Efter.Number()
	if !follows && !h.broken && !slices.Contains(h.named, n) {
		h.about(n, HistoryBroken, "change %s, which leads to version %d, does not follow what was before it", c.Position, c.Efter.Version)
	}
}

// judge holds the rows against what the log leads to.
func (h *history) judge(rs rows) {
	if h.broken {
		return
	}
	for _, n := range slices.Sorted(maps.Keys(h.units)) {
		row, ok := rs.units[n]
		switch {
		case rs.unreadable[n] || slices.Contains(h.named, n):
		case !ok:
			h.about(n, RowMissing, "it has a history, and no row in municipality %d", h.kode)
		case row != h.units[n]:
			h.about(n, RowDiffers, "its row is of version %d, or says something else than version %d in the log", row.Version, h.units[n].Version)
		}
	}
	for _, n := range slices.Sorted(maps.Keys(rs.units)) {
		if _, ok := h.units[n]; !ok && !slices.Contains(h.named, n) {
			h.about(n, HistoryMissing, "it has a row in municipality %d, and no history", h.kode)
		}
	}
}

// joinHalves has each unit that left a municipality come to another by the same change. What was written after the check began may have one
// half in a log that was read before it.
func (c *check) joinHalves() error {
	for _, k := range c.kommuner {
		if k.unsettled {
			continue
		}
		for _, b := range k.breaches {
			c.breach(b)
		}
		for _, n := range k.named {
			c.named[n] = true
		}
		c.highest = max(c.highest, k.highest)
	}
	for _, half := range c.singles() {
		n, from, to := half.change.Efter.Number(), half.change.Foer.AdmKommuneKode, half.change.Efter.AdmKommuneKode
		if a, b := c.kommune(from), c.kommune(to); half.at.Nr <= c.begun[half.at.Kommune] && !c.named[n] && !a.broken && !b.broken && !a.unsettled && !b.unsettled {
			c.named[n] = true
			c.breach(breachOf(HistoryHalf, n, "version %d went from %d to %d, and stands in one of their logs only", half.change.Efter.Version, from, to))
		}
	}
	return nil
}

// singles gives the halves without another.
func (c *check) singles() (left []half) {
	coming := make(map[register.Change]half)
	for _, k := range c.kommuner {
		for _, half := range k.halves {
			if half.comes {
				coming[half.change] = half
			}
		}
	}
	for _, k := range c.kommuner {
		for _, half := range k.halves {
			if _, comes := coming[half.change]; !half.comes && !comes {
				left = append(left, half)
			}
			if !half.comes {
				delete(coming, half.change)
			}
		}
	}
	return slices.AppendSeq(left, maps.Values(coming))
}
