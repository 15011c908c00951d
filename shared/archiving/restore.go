package archiving

import (
	"context"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/records"
	"dagtilbudsregisteret.dk/shared/register"
)

// Restore restores a backup into an empty register, or goes on with one that was stopped. Malformed where the file is no whole backup, and
// Conflict where the register is not empty: then nothing has been written. It reads the file twice.
func (s *Service) Restore(ctx context.Context, file io.ReadSeeker) (Summary, error) {
	sum, err := Read(file)
	if err != nil {
		return sum, err
	}
	if !strings.HasPrefix(string(s.Series), string(sum.Series)) {
		return sum, problem(register.Conflict, "the backup's numbers are issued along %s, and this register's along %s", sum.Series, s.Series)
	}
	at, _ := register.ParsePositions(sum.Positions)
	// With the note goes how far the order has come, so that no engine puts in order what is there so far.
	begun, err := s.begin(ctx, sum.SHA256, records.Record{Key: keys.OrderHead, Value: records.Ordering{Last: sum.Last, Logs: at}})
	if err != nil {
		return sum, err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return sum, err
	}
	r := &restoring{Service: s, ctx: ctx}
	if _, err := read(file, r.take); err != nil {
		return sum, err
	}
	r.endLog()
	if err := r.flush(); err != nil {
		return sum, err
	}
	if err := s.verify(ctx, &sum); err != nil {
		return sum, err
	}
	return sum, s.end(ctx, begun)
}

// begin notes that the register is being restored, if it is empty or was left by a restore from the same. Some first records go with the note.
func (s *Service) begin(ctx context.Context, from string, first ...records.Record) (records.Restore, error) {
	begun := records.Restore{From: from, Begun: s.Now().UTC().Truncate(time.Millisecond)}
	found, err := s.Store.Get(ctx, keys.Restore)
	if err != nil {
		return begun, err
	}
	was, stopped := found[0].Value.(records.Restore)
	switch {
	case stopped && was.Done.IsZero() && was.From == from:
		return was, nil
	case stopped && was.Done.IsZero():
		return begun, problem(register.Conflict, "the register is not whole: a restore from something else, %s, was begun at %s", was.From, was.Begun)
	}
	if err := s.empty(ctx); err != nil {
		return begun, err
	}
	return begun, s.Store.Put(ctx, append(first, records.Record{Key: keys.Restore, Value: begun})...)
}

// empty wants the register to have nothing, and tells what it has.
func (s *Service) empty(ctx context.Context) error {
	var units, changes, others int
	for r, err := range s.Store.Records(ctx) {
		if err != nil {
			return err
		}
		switch records.KindOf(r.Key) {
		case records.Rows:
			units++
		case records.Log:
			changes++
		default:
			others++
		}
	}
	if units+changes+others == 0 {
		return nil
	}
	return problem(register.Conflict, "the register is not empty: it has %d units, %d changes and %d other records", units, changes, others)
}

// end notes that all is there.
func (s *Service) end(ctx context.Context, begun records.Restore) error {
	begun.Done = s.Now().UTC().Truncate(time.Millisecond)
	return s.Store.Put(ctx, records.Record{Key: keys.Restore, Value: begun})
}

// Unfinished gives what a register was being restored from, if not all of that is there.
func Unfinished(ctx context.Context, store records.Store) (from records.Restore, unfinished bool, err error) {
	found, err := store.Get(ctx, keys.Restore)
	if err != nil {
		return from, false, err
	}
	from, there := found[0].Value.(records.Restore)
	return from, there && from.Done.IsZero() || found[0].Err != nil, found[0].Err
}

// verify reads the register back, and sums it up as the backup was.
func (s *Service) verify(ctx context.Context, sum *Summary) error {
	is := newSums()
	h, err := s.take(ctx, func(l line) error {
		if l.Backup != nil {
			return nil
		}
		text, kind, err := l.encode()
		if err == nil {
			is.add(kind, text)
		}
		return err
	})
	if err != nil {
		return err
	}
	if h.Last != sum.Last || h.Positions != sum.Positions {
		return problem(register.Internal, "the backup ends at place %d and %s, and what was restored at %d and %s", sum.Last, sum.Positions, h.Last, h.Positions)
	}
	now := is.hex()
	for _, kind := range kinds(is.counts, sum.Counts) {
		if kind != "backup" && now[kind] != sum.sums[kind] {
			return problem(register.Internal, "the backup has %d lines of kind %s, and the register gives %d, which are not the same", sum.Counts[kind], kind, is.counts[kind])
		}
	}
	return nil
}

// kinds gives the kinds that are counted in any of two.
func kinds(a, b map[string]int64) []string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return slices.Sorted(maps.Keys(all))
}

// some is how many records are put at a time.
const some = 1000

// restoring is a restore under way.
type restoring struct {
	*Service
	ctx     context.Context
	waiting []records.Record
	head    register.Head // of the log that is being read
	run     records.Stretch
}

// take puts what a line stands for.
func (r *restoring) take(l *line) error {
	if l.Change == nil {
		r.endLog()
	}
	switch {
	case l.Change != nil:
		r.change(l.Change)
	case l.Unit != nil:
		r.put(keys.Unit(l.Unit), *l.Unit)
		r.put(keys.Ledger(l.Unit.Number()), records.PlaceOf(l.Unit))
	case l.Reservation != nil:
		r.put(keys.Reservation(l.Reservation.Ordinal), l.Reservation.Reservation)
		r.put(keys.ReservationReceipt(l.Reservation.Key), l.Reservation.Reservation)
	case l.Receipt != nil:
		r.put(keys.Receipt(l.Receipt.Key), *l.Receipt)
	case l.Report != nil:
		r.put(keys.Report(l.Report.Kommune), *l.Report)
	case l.Entry != nil:
		r.put(keys.Entry(l.Entry.Tid, l.Entry.ID), *l.Entry)
	case l.Calls != nil:
		r.put(keys.CallsOf(l.Calls.Version, string(l.Calls.Dag), l.Calls.Navn), l.Calls.Calls)
	case l.User != nil:
		r.put(keys.User(l.User.Navn), *l.User)
	case l.Series != nil:
		r.put(keys.Series, records.Series(l.Series.Next))
	case l.Mark != nil:
		r.put(keys.Mark(l.Mark.Navn, l.Mark.Runde, l.Mark.Kommune), l.Mark.Position)
	case l.Subscriber != nil:
		r.put(keys.Subscriber(l.Subscriber.Navn), *l.Subscriber)
	}
	if len(r.waiting) < some {
		return nil
	}
	return r.flush()
}

func (r *restoring) put(k keys.Key, value any) {
	r.waiting = append(r.waiting, records.Record{Key: k, Value: value})
}

func (r *restoring) flush() error {
	err := r.Store.Put(r.ctx, r.waiting...)
	r.waiting = r.waiting[:0]
	return err
}

// change puts a change, and joins its place in the order to those before it where they follow each other in both.
func (r *restoring) change(c *register.Change) {
	if c.Position.Kommune != r.head.Kommune {
		r.endLog()
	}
	logged := records.Logged{Change: *c}
	if r.head.Tid.After(c.Tid) {
		logged.Senest = r.head.Tid
	} else {
		r.head.Tid = c.Tid
	}
	r.head.Position = c.Position
	r.put(keys.Change(c.Position), logged)
	if c.Sequence != r.run.Sequence+r.run.Count {
		r.endRun()
		r.run = records.Stretch{Sequence: c.Sequence, Position: c.Position}
	}
	r.run.Count++
}

func (r *restoring) endRun() {
	if r.run.Count > 0 {
		r.put(keys.Place(r.run.Sequence), r.run)
	}
	r.run = records.Stretch{}
}

// endLog puts the head of a log whose changes have all been put.
func (r *restoring) endLog() {
	r.endRun()
	if r.head.Kommune != 0 {
		r.put(keys.Head(r.head.Kommune), r.head)
		r.head = register.Head{}
	}
}
