package archiving

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/records"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
)

// taking is a backup being taken.
type taking struct {
	*Service
	ctx     context.Context
	emit    func(line) error
	at      register.Positions
	last    int64
	highest int64                    // the ordinal behind the last that a unit or a reservation has
	crosses map[register.Change]bool // that have been seen in one log of two; true where the unit comes
}

// take gives what a backup has, but for its end. It never looks at more than the place where the order ended when it began.
func (s *Service) take(ctx context.Context, emit func(line) error) (h Header, err error) {
	if err := s.Store.Order(ctx); err != nil {
		return h, err
	}
	t := &taking{Service: s, ctx: ctx, emit: emit, crosses: make(map[register.Change]bool)}
	if t.last, t.at, err = s.Store.Ordering(ctx); err != nil {
		return h, err
	}
	h = Header{Format: format, Taken: s.Now().UTC(), Last: t.last, Positions: t.at.String(), Series: s.Series}
	if err := emit(line{Backup: &h}); err != nil {
		return h, err
	}
	for _, step := range []func() error{t.kommuner, t.numbers, t.scattered, t.users, t.subscribers} {
		if err := step(); err != nil {
			return h, err
		}
	}
	return h, nil
}

func (t *taking) kommuner() error {
	for _, p := range t.at {
		if err := t.kommune(p); err != nil {
			return err
		}
	}
	if len(t.crosses) > 0 {
		return problem(register.Unavailable, "a unit was changing municipality in the very moment; take the backup again")
	}
	return nil
}

// kommune gives the log of a municipality up to a position, and the rows that it leads to.
func (t *taking) kommune(end register.Position) error {
	units := make(map[register.Number]register.Unit)
	came := int64(0)
	for c, err := range t.Store.Changes(t.ctx, register.Position{Kommune: end.Kommune}) {
		if err != nil {
			return err
		}
		if came++; c.Position.Nr != came || c.Sequence < 1 || c.Sequence > t.last {
			return problem(register.Internal, "change %s stands where %d should, at place %d: check the register", c.Position, came, c.Sequence)
		}
		if err := t.emit(line{Change: &c}); err != nil {
			return err
		}
		if c.Efter.AdmKommuneKode == end.Kommune {
			units[c.Efter.Number()] = c.Efter
		} else {
			delete(units, c.Efter.Number())
		}
		t.cross(c)
		if came == end.Nr {
			break
		}
	}
	if came != end.Nr {
		return problem(register.Internal, "the log of %d ends at %d, before %d: check the register", end.Kommune, came, end.Nr)
	}
	for _, u := range slices.SortedFunc(maps.Values(units), func(a, b register.Unit) int { return cmp.Compare(a.Path(), b.Path()) }) {
		if ordinal, ok := t.Series.Ordinal(u.Number()); ok {
			t.highest = max(t.highest, ordinal+1)
		}
		if err := t.emit(line{Unit: &u}); err != nil {
			return err
		}
	}
	return nil
}

// cross notes a change by which a unit goes from one municipality to another, until it has been seen in both logs.
func (t *taking) cross(c register.Change) {
	if !c.LeavesKommune() {
		return
	}
	comes := c.Efter.AdmKommuneKode == c.Position.Kommune
	c.Position, c.Sequence = register.Position{}, 0
	if other, seen := t.crosses[c]; seen && other != comes {
		delete(t.crosses, c)
		return
	}
	t.crosses[c] = comes
}

// numbers gives the reservations, and then where the series is: by then it is beyond all of them.
func (t *taking) numbers() error {
	for r, err := range sound(t.Store.Partition(t.ctx, keys.Reservations)) {
		if err != nil {
			return err
		}
		ordinal, err := strconv.ParseInt(r.Key.SK, 10, 64)
		if err != nil {
			return err
		}
		v := r.Value.(register.Reservation)
		t.highest = max(t.highest, ordinal+int64(v.Count))
		if err := t.emit(line{Reservation: &reservation{ordinal, v}}); err != nil {
			return err
		}
	}
	for r, err := range sound(t.Store.Partition(t.ctx, keys.Series.PK)) {
		if err != nil {
			return err
		}
		t.highest = max(t.highest, int64(r.Value.(records.Series)))
	}
	if t.highest == 0 {
		return nil
	}
	return t.emit(line{Series: &series{t.highest}})
}

// sound ends with an error at a record that cannot be read.
func sound(all func(yield func(records.Record, error) bool)) func(yield func(records.Record, error) bool) {
	return func(yield func(records.Record, error) bool) {
		for r, err := range all {
			if err == nil && r.Err != nil {
				err = problem(register.Internal, "%s %s: %w: check the register", r.Key.PK, r.Key.SK, r.Err)
			}
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

// scattered gives what has a partition for each record, or for each day.
func (t *taking) scattered() error {
	for r, err := range sound(t.Store.Records(t.ctx, records.Receipts, records.Trail, records.Calls)) {
		if err != nil {
			return err
		}
		var l line
		switch v := r.Value.(type) {
		case register.Receipt:
			if v.Position.Nr > t.at.Of(v.Position.Kommune) {
				continue
			}
			if len(v.Answer) == 0 {
				v.Answer = nil
			}
			l.Receipt = &v
		case access.Entry:
			l.Entry = &v
		case access.Calls:
			version, err := strconv.ParseUint(strings.TrimPrefix(strings.SplitN(records.Rest(r.Key.PK), "#", 2)[0], "v"), 10, 8)
			if err != nil {
				return err
			}
			l.Calls = &calls{register.ServiceVersion(version), v}
		}
		if err := t.emit(l); err != nil {
			return err
		}
	}
	return nil
}

// users gives the system users without their secrets, and the re-checks.
func (t *taking) users() error {
	for r, err := range sound(t.Store.Partition(t.ctx, keys.Users)) {
		if err != nil {
			return err
		}
		u := r.Value.(access.User)
		u.Secrets = nil
		if err := t.emit(line{User: &u}); err != nil {
			return err
		}
	}
	for r, err := range sound(t.Store.Partition(t.ctx, keys.Reports)) {
		if err != nil {
			return err
		}
		v := r.Value.(register.Report)
		if v.Position.Nr > t.at.Of(v.Kommune) {
			continue
		}
		if err := t.emit(line{Report: &v}); err != nil {
			return err
		}
	}
	return nil
}

// subscribers gives each subscriber, after its marks.
func (t *taking) subscribers() error {
	for r, err := range sound(t.Store.Partition(t.ctx, keys.Subscribers)) {
		if err != nil {
			return err
		}
		sub := r.Value.(relaying.Subscriber)
		sub.Fra = slices.Clone(sub.Fra)
		for i := range sub.Fra {
			sub.Fra[i].Nr = min(sub.Fra[i].Nr, t.at.Of(sub.Fra[i].Kommune))
		}
		for m, err := range sound(t.Store.Partition(t.ctx, keys.Marks(sub.Navn, sub.Runde))) {
			if err != nil {
				return err
			}
			p := m.Value.(register.Position)
			if p.Nr = min(p.Nr, t.at.Of(p.Kommune)); p.Nr == 0 {
				continue
			}
			if err := t.emit(line{Mark: &mark{sub.Navn, sub.Runde, p}}); err != nil {
				return err
			}
		}
		if err := t.emit(line{Subscriber: &sub}); err != nil {
			return err
		}
	}
	return nil
}
