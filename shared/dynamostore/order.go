package dynamostore

import (
	"context"
	"errors"
	"iter"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/register"
)

// order is how far the whole register's order has come: its last place, and how much of each municipality's log has places.
type order struct {
	last int64
	logs map[int]int64
}

// stretch is some changes that follow each other in the order and in one municipality's log.
type stretch struct {
	sequence int64             // the place of the first
	position register.Position // of the first
	count    int64
}

// mostStretches is how many go into one transaction, each of two items, with the order's head.
const mostStretches = (mostItems - 1) / 2

// Order implements [register.Store]. It goes on in rounds from what the order's head says. Whoever loses a race, or the answer to a
// round, reads that again, and finds what was done.
func (s *Store) Order(ctx context.Context) error {
	r := s.reader(ctx, true)
	heads, err := r.heads()
	if err != nil {
		return err
	}
	for try := range s.rerun.tries {
		if paused := s.rerun.pause(ctx, try); paused != nil {
			return failed("order", errors.Join(paused, err))
		}
		var done bool
		if done, err = r.round(heads); done {
			break
		}
	}
	return err
}

// round gives places to what the logs hold up to the heads, as far as one transaction goes; done is false where another round may
// come further.
func (r *reader) round(heads []register.Head) (done bool, err error) {
	was, err := r.order()
	if err != nil {
		return true, err
	}
	is, added := was.extended(heads)
	if len(added) == 0 {
		return true, nil
	}
	t := transaction{table: &r.table}
	t.put(keys.OrderHead, is.encode(), headIs(was.last))
	for _, st := range added {
		t.put(keys.Place(st.sequence), st.encode(), absent)
		t.put(keys.PlaceOf(st.position), st.encode(), absent)
	}
	_, err = r.client.TransactWriteItems(r.ctx, &dynamodb.TransactWriteItemsInput{TransactItems: t.items}, once)
	result := judge(err)
	if result == overtaken {
		return false, underWay("others put the register in order: %v", err)
	}
	return result == denied || result == committed && len(added) < mostStretches, failed("order", err)
}

// extended gives the order with the stretches that it lacks, no more than go into one transaction, by rising municipality code.
func (o *order) extended(heads []register.Head) (is order, added []stretch) {
	is = order{o.last, maps.Clone(o.logs)}
	for _, h := range heads {
		count := h.Nr - o.logs[h.Kommune]
		if count <= 0 || len(added) == mostStretches {
			continue
		}
		added = append(added, stretch{is.last + 1, register.Position{Kommune: h.Kommune, Nr: h.Nr - count + 1}, count})
		is.last += count
		is.logs[h.Kommune] = h.Nr
	}
	return is, added
}

// order reads the order's head.
func (r *reader) order() (o order, err error) {
	o.logs = make(map[int]int64)
	it, err := r.get(keys.OrderHead)
	if it == nil || err != nil {
		return o, err
	}
	d := decode(it)
	o.last = d.int("nr")
	for _, p := range d.positions("logs") {
		o.logs[p.Kommune] = p.Nr
	}
	return o, d.end()
}

func (o *order) encode() item {
	it := encodeNr(o.last)
	it.text("logs", o.positions().String())
	return it
}

func (o *order) positions() (logs register.Positions) {
	for _, kommune := range slices.Sorted(maps.Keys(o.logs)) {
		logs = append(logs, register.Position{Kommune: kommune, Nr: o.logs[kommune]})
	}
	return logs
}

// Ordering implements [register.Store]. It is what the order's head says.
func (s *Store) Ordering(ctx context.Context) (last int64, at register.Positions, err error) {
	o, err := s.reader(ctx, true).order()
	return o.last, o.positions(), err
}

func (st *stretch) encode() item {
	it := make(item, 7)
	it.int("sequence", st.sequence)
	encodePosition(it, st.position)
	it.int("count", st.count)
	return it
}

func decodeStretch(it item) (stretch, error) {
	d := decode(it)
	st := stretch{d.int("sequence"), d.position(), d.int("count")}
	return st, d.end()
}

// stretches gives those of a partition from the one on that holds a place, or a change of a log. It stops before a hole, behind
// which there can be stretches whose transaction shows one by one.
func (r *reader) stretches(pk string, from int64) iter.Seq2[stretch, error] {
	return func(yield func(stretch, error) bool) {
		next := int64(0) // where the next begins; not known yet
		for it, err := range r.fromLast(pk, from) {
			if err != nil {
				yield(stretch{}, err)
				return
			}
			st, err := decodeStretch(it)
			begins := decode(it).sortNumber()
			if next != 0 && begins != next || begins+st.count <= from {
				return
			}
			if !yield(st, err) || err != nil {
				return
			}
			next = begins + st.count
		}
	}
}

// fromLast gives the items of a partition that is sorted by numbers, from the last on that is not after a number. What follows that
// one is only read when it is asked for.
func (r *reader) fromLast(pk string, nr int64) iter.Seq2[item, error] {
	last := query{pk: pk, sk: "SK <= :a", a: keys.LogNr(nr), downward: true, page: 1}
	return func(yield func(item, error) bool) {
		for it, err := range r.items(last) {
			if !yield(it, err) || err != nil {
				return
			}
			r.items(after(pk, it.sortKey()))(yield)
			return
		}
	}
}

// Ordered implements [register.Store]. It reads consistently, for who has read the order's end goes on from there.
func (s *Store) Ordered(ctx context.Context, after int64) iter.Seq2[register.Change, error] {
	r, from := s.reader(ctx, true), max(after, 0)+1
	return func(yield func(register.Change, error) bool) {
		for st, err := range r.stretches(keys.Order, from) {
			if err != nil {
				yield(register.Change{}, err)
				return
			}
			for c, err := range r.placed(&st, max(st.sequence, from)) {
				if !yield(c, err) || err != nil {
					return
				}
			}
		}
	}
}

// placed gives the changes of a stretch from a place on. One that cannot be seen was committed all the same before it got its place,
// so it is waited for.
func (r *reader) placed(st *stretch, from int64) iter.Seq2[register.Change, error] {
	kommune, last := st.position.Kommune, st.position.Nr+st.count-1
	next := st.position.Nr + from - st.sequence
	return func(yield func(register.Change, error) bool) {
		for try := range r.rerun.tries {
			if err := r.rerun.pause(r.ctx, try); err != nil {
				yield(register.Change{}, failed("read the order", err))
				return
			}
			for c, err := range r.logged(kommune, between(keys.Log(kommune), next, last)) {
				if err == nil && c.Position.Nr != next {
					break
				}
				c.Sequence = st.sequence + c.Position.Nr - st.position.Nr
				if !yield(c, err) || err != nil {
					return
				}
				next++
			}
			if next > last {
				return
			}
		}
		yield(register.Change{}, underWay("change %s has a place and cannot be seen", register.Position{Kommune: kommune, Nr: next}))
	}
}

// between asks for the items of a partition that is sorted by numbers, from one to another.
func between(pk string, first, last int64) query {
	return query{pk: pk, sk: "SK BETWEEN :a AND :b", a: keys.LogNr(first), b: keys.LogNr(last), page: firstPage}
}

// withPlaces gives the changes of one log from a position on, with the places that they have.
func (r *reader) withPlaces(from register.Position, all iter.Seq2[register.Change, error]) iter.Seq2[register.Change, error] {
	return func(yield func(register.Change, error) bool) {
		next, stop := iter.Pull2(r.stretches(keys.OrderOf(from.Kommune), from.Nr))
		defer stop()
		p := places{next: next}
		for c, err := range all {
			if err == nil {
				c.Sequence, err = p.of(c.Position.Nr)
			}
			if !yield(c, err) || err != nil {
				return
			}
		}
	}
}

// places are those of one log's changes, asked for in rising order. Nothing is read before the first is asked for.
type places struct {
	next func() (stretch, error, bool)
	at   stretch
	end  bool
}

// of gives the place of a change, 0 where it has none yet.
func (p *places) of(nr int64) (int64, error) {
	for !p.end && nr >= p.at.position.Nr+p.at.count {
		at, err, more := p.next()
		if err != nil {
			return 0, err
		}
		p.at, p.end = at, !more
	}
	if p.end {
		return 0, nil
	}
	return p.at.sequence + nr - p.at.position.Nr, nil
}

// Await implements [register.Store]. It asks time and again.
func (s *Store) Await(ctx context.Context, after int64) {
	for !s.reader(ctx, true).beyond(after) {
		if wait(ctx, s.poll) != nil {
			return
		}
	}
}

// beyond tells whether the order has come beyond a place, or a round would now have it do so. Who cannot read that does not know of
// anything.
func (r *reader) beyond(after int64) bool {
	o, err := r.order()
	if err != nil || o.last > after {
		return err == nil
	}
	heads, err := r.heads()
	if err != nil {
		return false
	}
	_, more := o.extended(heads)
	return len(more) > 0
}
