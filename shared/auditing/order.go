package auditing

import (
	"encoding/binary"
	"hash/fnv"

	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/records"
	"dagtilbudsregisteret.dk/shared/register"
)

// order is the order of the whole register as it stands in its places.
type order struct {
	head     records.Ordering
	there    bool // it has a head
	broken   bool // it has a breach of its own, so it cannot be held against the logs
	logs     map[int]*placed
	farthest int64 // the last place that a change says it has
}

// placed is what the order has of one log: how many of its changes, and a sum of which place each has.
type placed struct {
	nr  int64
	sum uint64
}

// add takes the next change, with its place.
func (p *placed) add(sequence int64) {
	p.nr++
	h := fnv.New64a()
	var b [24]byte
	binary.BigEndian.PutUint64(b[:], p.sum)
	binary.BigEndian.PutUint64(b[8:], uint64(p.nr))
	binary.BigEndian.PutUint64(b[16:], uint64(sequence))
	h.Write(b[:])
	p.sum = h.Sum64()
}

func (o *order) of(kode int) *placed {
	if o.logs[kode] == nil {
		o.logs[kode] = new(placed)
	}
	return o.logs[kode]
}

// readOrder goes through the places of the order, up to where it had come before.
func (c *check) readOrder() (err error) {
	o := &c.order
	if o.head, o.there, err = get[records.Ordering](c, keys.OrderHead); err != nil {
		return err
	}
	next := int64(1)
	for r, err := range c.Store.Partition(c.ctx, keys.Order) {
		if err != nil {
			return err
		}
		st, ok := r.Value.(records.Stretch)
		switch {
		case !ok:
			o.broken = true // and told of
			return nil
		case o.there && st.Sequence > o.head.Last:
		case keys.Place(st.Sequence) != r.Key:
			c.disorder(Misplaced, key(r.Key), "the stretch says that it begins at place %d", st.Sequence)
			return nil
		case st.Sequence != next:
			c.disorder(OrderGap, next, "the next place that is there is %d", st.Sequence)
			return nil
		default:
			if !c.addStretch(&st) {
				return nil
			}
			next += st.Count
		}
	}
	if !o.there && next > 1 {
		if _, begun, err := get[records.Ordering](c, keys.OrderHead); err != nil || begun {
			c.order = order{logs: make(map[int]*placed)} // it had not begun before
			return err
		}
	}
	if next-1 != o.head.Last {
		c.disorder(OrderHead, o.head.Last, "the last place is %d", next-1)
	}
	return nil
}

// disorder tells of a breach of the order's own.
func (c *check) disorder(rule Rule, at any, format string, args ...any) {
	c.order.broken = true
	c.breach(breachOf(rule, at, format, args...))
}

// addStretch takes the changes of a stretch; false where they are not those that come next in their log.
func (c *check) addStretch(st *records.Stretch) bool {
	p := c.order.of(c.kommune(st.Position.Kommune).kode)
	if st.Position.Nr != p.nr+1 {
		c.disorder(OrderDiffers, st.Sequence, "it is the place of %s, and before it that log has come to %d", st.Position, p.nr)
		return false
	}
	for i := range st.Count {
		p.add(st.Sequence + i)
	}
	return true
}

// judgeOrder holds what the order has of each log against what the logs have.
func (c *check) judgeOrder() error {
	if c.order.broken {
		return nil
	}
	for kode, p := range c.order.logs {
		k := c.kommune(kode)
		switch {
		case k.unsettled || k.broken:
		case p.nr > k.last:
			c.breach(breachOf(OrderDiffers, kode, "the order has %d changes of the log, which ends at %d", p.nr, k.last))
		case k.placed != *p:
			c.breach(breachOf(OrderDiffers, kode, "the changes of the log say that they have other places"))
		}
	}
	now, _, err := get[records.Ordering](c, keys.OrderHead)
	if err != nil {
		return err
	}
	if c.order.farthest > now.Last {
		c.breach(breachOf(OrderHead, now.Last, "a change says that it has place %d", c.order.farthest))
	}
	for _, p := range c.order.head.Logs {
		if at := c.order.of(p.Kommune).nr; at != p.Nr {
			c.breach(breachOf(OrderHead, p, "the order has %d changes of that log", at))
		}
	}
	return nil
}

// judgePlace notes the place that a change says it has. One that the order has not come to may be without; where the order keeps no account of
// the logs, each has its place as it is written.
func (c *check) judgePlace(k *kommune, change *register.Change) {
	c.order.farthest = max(c.order.farthest, change.Sequence)
	if k.placed.nr < c.order.of(k.kode).nr {
		k.placed.add(change.Sequence)
		return
	}
	if change.Sequence == 0 && c.order.head.Logs == nil && c.order.there && !c.order.broken {
		k.breach(OrderGap, change.Position, "the change has no place in the order")
	}
}
