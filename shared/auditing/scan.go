package auditing

import (
	"reflect"
	"strconv"
	"strings"

	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/records"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
)

// some is how many records are held against others at a time.
const some = 100

// suspect is what seemed wrong when it was read. It is judged when everything else has been.
type suspect struct {
	record records.Record
	judge  func(c *check, r records.Record) error
}

// scan counts all records, tells of those that cannot be read, finds out which municipalities there are, and holds what points to
// something against what it points to.
func (c *check) scan() error {
	pointing := make(map[records.Kind][]records.Record)
	for r, err := range c.Store.Records(c.ctx) {
		if err != nil {
			return err
		}
		kind := records.KindOf(r.Key)
		c.summary.Records[kind]++
		if r.Err != nil {
			c.breach(breachOf(Unreadable, key(r.Key), "%v", r.Err))
			continue
		}
		p, ok := pointerOf(kind)
		if !ok {
			c.note(kind, r)
			continue
		}
		if pointing[kind] = append(pointing[kind], r); len(pointing[kind]) == some {
			if err := c.follow(p, pointing[kind]); err != nil {
				return err
			}
			pointing[kind] = pointing[kind][:0]
		}
	}
	for kind, left := range pointing {
		p, _ := pointerOf(kind)
		if err := c.follow(p, left); err != nil {
			return err
		}
	}
	return nil
}

func key(k keys.Key) string { return k.PK + " " + k.SK }

// noteHeads notes where each log ends when the check begins.
func (c *check) noteHeads() error {
	for r, err := range c.Store.Partition(c.ctx, keys.Heads) {
		if err != nil {
			return err
		}
		if h, ok := r.Value.(register.Head); ok {
			c.begun[h.Kommune] = h.Nr
		}
	}
	return nil
}

// note takes what a record tells by itself.
func (c *check) note(kind records.Kind, r records.Record) {
	switch v := r.Value.(type) {
	case register.Unit, records.Logged:
		if kode, err := strconv.Atoi(records.Rest(r.Key.PK)); err == nil {
			c.kommune(kode)
		}
	case register.Head:
		c.kommune(v.Kommune)
	case records.Restore:
		if v.Done.IsZero() {
			c.breach(breachOf(Unfinished, v.From, "a restore from this was begun at %s, and has not ended", v.Begun))
		}
	case register.Report:
		c.suspects = append(c.suspects, suspect{r, (*check).judgeReport})
	case relaying.Subscriber:
		c.suspects = append(c.suspects, suspect{r, (*check).judgeSubscriber})
	case register.Position:
		if kind == records.Marks {
			c.suspects = append(c.suspects, suspect{r, (*check).judgeMark})
		}
	}
}

// kommune gives what is known of a municipality.
func (c *check) kommune(kode int) *kommune {
	if c.kommuner[kode] == nil {
		c.kommuner[kode] = &kommune{kode: kode}
	}
	return c.kommuner[kode]
}

// pointer says what a record of a kind points to, and whether what is there is meant.
type pointer struct {
	to    func(r records.Record) keys.Key
	meant func(r records.Record, found any) bool
	judge func(c *check, r records.Record) error
}

// pointerOf is for the kinds that point to another record.
func pointerOf(kind records.Kind) (p pointer, ok bool) {
	switch kind {
	case records.Ledger:
		return pointer{
			to: func(r records.Record) keys.Key { return r.Value.(records.Place).Key() },
			meant: func(r records.Record, found any) bool {
				u, ok := found.(register.Unit)
				return ok && u.Number() == numberOf(r.Key)
			},
			judge: (*check).judgeLedger,
		}, true
	case records.Receipts:
		return pointer{
			to: func(r records.Record) keys.Key { return keys.Change(r.Value.(register.Receipt).Position) },
			meant: func(r records.Record, found any) bool {
				change, ok := found.(records.Logged)
				return ok && change.Efter.Number() == r.Value.(register.Receipt).Number
			},
			judge: (*check).judgeReceipt,
		}, true
	}
	return p, false
}

// numberOf gives the number that a ledger entry is of.
func numberOf(k keys.Key) register.Number { return register.Number(records.Rest(k.PK)) }

// follow looks where some records point to.
func (c *check) follow(p pointer, rs []records.Record) error {
	ks := make([]keys.Key, len(rs))
	for i, r := range rs {
		ks[i] = p.to(r)
	}
	found, err := c.Store.Get(c.ctx, ks...)
	if err != nil {
		return err
	}
	for i, r := range rs {
		if found[i].Err == nil && !p.meant(r, found[i].Value) {
			c.suspects = append(c.suspects, suspect{r, p.judge})
		}
	}
	return nil
}

// again looks once more at a suspect and what it points to; settled is true where all is well by now. It goes by what it sees while the
// municipality's log stands still, and gives up where that never does.
func (c *check) again(r records.Record) (settled bool, err error) {
	p, _ := pointerOf(records.KindOf(r.Key))
	for range attempts {
		head := keys.Head(kommuneOf(p.to(r)))
		before, err := c.Store.Get(c.ctx, head, r.Key)
		if err != nil {
			return false, err
		}
		if before[1].Value == nil {
			return before[1].Err != nil, nil
		}
		if moved := !reflect.DeepEqual(before[1], r); moved {
			r = before[1]
			continue
		}
		found, err := c.Store.Get(c.ctx, p.to(r))
		if err != nil || found[0].Err != nil || p.meant(r, found[0].Value) {
			return err == nil, err
		}
		after, err := c.Store.Get(c.ctx, head, r.Key)
		if err != nil || reflect.DeepEqual(before, after) {
			return false, err
		}
	}
	return true, nil
}

// kommuneOf gives the municipality in whose partition a key is.
func kommuneOf(k keys.Key) int {
	kode, _ := strconv.Atoi(records.Rest(k.PK)) // the head of 0, where there is none, never moves
	return kode
}

func (c *check) judgeSuspects() error {
	for _, s := range c.suspects {
		if err := s.judge(c, s.record); err != nil {
			return err
		}
	}
	return nil
}

func (c *check) judgeLedger(r records.Record) error {
	settled, err := c.again(r)
	if n := numberOf(r.Key); err == nil && !settled && !c.named[n] {
		c.breach(breachOf(LedgerAstray, n, "the ledger says that its unit stands at %s, which it does not", key(r.Value.(records.Place).Key())))
	}
	return err
}

func (c *check) judgeReceipt(r records.Record) error {
	settled, err := c.again(r)
	v := r.Value.(register.Receipt)
	if k := c.kommuner[v.Position.Kommune]; err == nil && !settled && (k == nil || !k.broken) {
		c.breach(breachOf(ReceiptAstray, v.Key, "the receipt is of change %s of %s, which is not in the log", v.Position, v.Number))
	}
	return err
}

// end is where a municipality's log ends by now.
func (c *check) end(kode int) (int64, error) {
	if k := c.kommuner[kode]; k != nil && k.broken {
		return k.last, nil
	}
	h, _, err := get[register.Head](c, keys.Head(kode))
	return h.Nr, err
}

func (c *check) judgeReport(r records.Record) error {
	v := r.Value.(register.Report)
	end, err := c.end(v.Kommune)
	if err == nil && v.Position.Nr > end {
		c.breach(breachOf(ReportAhead, v.Kommune, "the re-check saw change %d, and the log ends at %d", v.Position.Nr, end))
	}
	return err
}

func (c *check) judgeSubscriber(r records.Record) error {
	v := r.Value.(relaying.Subscriber)
	for _, p := range v.Fra {
		end, err := c.end(p.Kommune)
		if err != nil {
			return err
		}
		if p.Nr > end {
			c.breach(breachOf(MarkAhead, v.Navn, "it began at %s, and the log ends at %d", p, end))
		}
	}
	return nil
}

func (c *check) judgeMark(r records.Record) error {
	navn, runde, err := cutMark(r.Key.PK)
	if err != nil {
		c.breach(breachOf(MarkAstray, key(r.Key), "its key names no round"))
		return nil
	}
	sub, ok, err := get[relaying.Subscriber](c, keys.Subscriber(navn))
	if err != nil {
		return err
	}
	if !ok || runde > sub.Runde {
		c.breach(breachOf(MarkAstray, key(r.Key), "no subscriber has come to that round"))
		return nil
	}
	mark := r.Value.(register.Position)
	end, err := c.end(mark.Kommune)
	if err == nil && mark.Nr > end {
		c.breach(breachOf(MarkAhead, key(r.Key), "the mark stands at %d, and the log ends at %d", mark.Nr, end))
	}
	return err
}

// cutMark gives whose marks a partition has.
func cutMark(pk string) (navn string, runde int, err error) {
	navn, nr, _ := strings.Cut(records.Rest(pk), "#")
	runde, err = strconv.Atoi(nr)
	return navn, runde, err
}
