package auditing

import (
	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/records"
	"dagtilbudsregisteret.dk/shared/register"
)

// judgeCounters holds the number series and the reservations against each other and against the numbers in use.
func (c *check) judgeCounters() error {
	end, err := c.judgeReservations()
	if err != nil {
		return err
	}
	found, err := c.Store.Get(c.ctx, keys.Series)
	if err != nil || found[0].Err != nil {
		return err
	}
	next, begun := found[0].Value.(records.Series)
	if !begun {
		next = register.FirstOrdinal
	}
	if issued := max(c.highest+1, end); int64(next) < issued {
		last, _ := c.Series.Number(issued - 1)
		c.breach(breachOf(SeriesBehind, last, "it is issued, and the series goes on from ordinal %d", next))
	}
	return nil
}

// judgeReservations goes through the reservations, and gives the ordinal behind the last.
func (c *check) judgeReservations() (end int64, err error) {
	keyed := int64(0)
	for r, err := range c.Store.Partition(c.ctx, keys.Reservations) {
		if err != nil {
			return end, err
		}
		v, ok := r.Value.(register.Reservation)
		if !ok {
			keyed++ // and told of
			continue
		}
		first, _ := c.Series.Ordinal(v.First)
		if keys.Reservation(first) != r.Key {
			c.breach(breachOf(Misplaced, key(r.Key), "the reservation says that it begins with %s", v.First))
			continue
		}
		if first < end {
			c.breach(breachOf(ReservationOverlap, v.First, "the reservation before it has the number too"))
		}
		end = max(end, first+int64(v.Count))
		receipt, there, err := get[register.Reservation](c, keys.ReservationReceipt(v.Key))
		if err != nil {
			return end, err
		}
		if keyed++; !there || receipt != v {
			c.breach(breachOf(ReservationAstray, v.First, "its key %q says otherwise", v.Key))
		}
	}
	if kept := c.summary.Records[records.Reserved]; kept > keyed {
		c.breach(breachOf(ReservationAstray, kept, "so many keys have made reservations, and there are %d of these", keyed))
	}
	return end, nil
}
