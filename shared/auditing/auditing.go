// Package auditing goes through the whole register and reports whatever in it does not fit together. The engines see to it that nothing of
// that kind comes about; this is for finding out whether they did: after a restore, after a fault, at the end of a test of endurance.
//
// What must fit:
//
//   - the number ledger and the units: each number is one unit's, and the ledger says where that stands;
//   - the state and its history: each unit's versions follow each other from 1 without gaps, each from the row that the one before it left,
//     and the last leaves the row as it stands. So the ids of events, "<number>:<version>", are each one event's;
//   - the logs: each municipality's positions count from 1 without gaps up to its head, which knows when the latest change was made, and what
//     leaves one municipality comes to another;
//   - the order of the whole register: its places count from 1 without gaps, each change up to where it has come has one place, the same by
//     log and by order, and changes follow each other as in their logs;
//   - parents and children: each unit's parent exists, one level up, in the same municipality and tree, and is active if the unit is;
//   - what counts and what follows: the number series is ahead of every number issued, reservations lie side by side, no mark is ahead of its
//     log, each receipt is of a change that was made.
//
// # How it reads
//
// It reads records ([records.Store]), not what the stores make of them, for these stop at the first thing that is wrong. One record that is
// wrong is reported once: what merely follows from it is not. Memory holds one municipality at a time, and the breaches that were found.
//
// Others may write meanwhile. A municipality is read again if its log has moved while it was; one that never stands still is reported as
// unsettled, and not judged. What else seems wrong is looked at once more at the end.
package auditing

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/records"
	"dagtilbudsregisteret.dk/shared/register"
)

// Rule is what is broken.
type Rule string

// The rules.
const (
	Unreadable Rule = "unreadable" // a record cannot be read
	Misplaced  Rule = "misplaced"  // a record says that it is kept elsewhere
	Unfinished Rule = "unfinished" // a restore was begun, and has not ended

	LedgerMissing   Rule = "ledger/missing"   // the ledger does not know a unit's number
	LedgerElsewhere Rule = "ledger/elsewhere" // the ledger says that a number's unit stands elsewhere
	LedgerAstray    Rule = "ledger/astray"    // the ledger knows a number that no unit carries
	NumberTwice     Rule = "number/twice"     // two rows carry one number

	RowMissing     Rule = "row/missing"     // a unit has a history and no row
	RowDiffers     Rule = "row/differs"     // a row is not what its history leads to
	HistoryMissing Rule = "history/missing" // a row has no history
	HistoryBroken  Rule = "history/broken"  // a change does not follow the one before it
	HistoryHalf    Rule = "history/half"    // a unit has left a municipality and come to none, or the other way round

	LogGap     Rule = "log/gap"     // a position has no change
	LogForeign Rule = "log/foreign" // a change stands in the log of a municipality that it has nothing to do with
	Head       Rule = "head"        // a head is not where its log ends

	OrderGap     Rule = "order/gap"     // a place has no change
	OrderDiffers Rule = "order/differs" // the order and a log do not agree on the places
	OrderHead    Rule = "order/head"    // the order's head is not where the order ends

	ParentMissing   Rule = "parent/missing"   // a unit's parent does not exist
	ParentElsewhere Rule = "parent/elsewhere" // a unit's parent stands in another tree, or on another level
	ParentClosed    Rule = "parent/closed"    // an active unit stands below a closed one

	SeriesBehind       Rule = "series/behind"       // the series would issue a number that is issued
	ReservationOverlap Rule = "reservation/overlap" // a reservation has numbers of another
	ReservationAstray  Rule = "reservation/astray"  // a reservation and its key do not agree
	MarkAhead          Rule = "mark/ahead"          // a mark, or where a subscriber began, is ahead of the log
	MarkAstray         Rule = "mark/astray"         // a mark is nobody's
	ReceiptAstray      Rule = "receipt/astray"      // a receipt is of a change that was not made
	ReportAhead        Rule = "report/ahead"        // a re-check saw more of a log than there is
)

// Breach is one thing that does not fit.
type Breach struct {
	Rule Rule
	At   string // the number, position, place or key that it is about
	Text string // what is wrong, in English, for operators
}

// String gives the breach on a line.
func (b Breach) String() string { return string(b.Rule) + " " + b.At + ": " + b.Text }

// Summary is what was gone through.
type Summary struct {
	Records   map[records.Kind]int64
	Breaches  int64
	Unsettled []int // municipalities that did not stand still for long enough, by rising code
}

// Service checks a register.
type Service struct {
	Store  records.Store
	Series register.Series
}

// Check goes through the register and reports each breach. Its error is the store's: the check has then not come to its end.
func (s *Service) Check(ctx context.Context, report func(Breach)) (Summary, error) {
	c := &check{
		Service: s, ctx: ctx, tell: report, summary: Summary{Records: make(map[records.Kind]int64)}, kommuner: make(map[int]*kommune),
		named: make(map[register.Number]bool), order: order{logs: make(map[int]*placed)}, begun: make(map[int]int64),
	}
	for _, step := range []func() error{c.noteHeads, c.scan, c.readOrder, c.readKommuner, c.joinHalves, c.judgeOrder, c.judgeSuspects, c.judgeCounters} {
		if err := step(); err != nil {
			return c.summary, err
		}
	}
	for _, kode := range slices.Sorted(maps.Keys(c.kommuner)) {
		if c.kommuner[kode].unsettled {
			c.summary.Unsettled = append(c.summary.Unsettled, kode)
		}
	}
	return c.summary, nil
}

// check is one check under way.
type check struct {
	*Service
	ctx      context.Context
	tell     func(Breach)
	summary  Summary
	kommuner map[int]*kommune
	order    order
	begun    map[int]int64            // where each log ended when the check began
	highest  int64                    // the last ordinal that a unit carries
	named    map[register.Number]bool // whose breaches have been told
	suspects []suspect
}

func (c *check) breach(b Breach) {
	c.summary.Breaches++
	c.tell(b)
}

// breachOf makes a breach.
func breachOf(rule Rule, at any, format string, args ...any) Breach {
	return Breach{rule, fmt.Sprint(at), fmt.Sprintf(format, args...)}
}

// get gives one record as a T; ok is false where there is none that can be read.
func get[T any](c *check, k keys.Key) (v T, ok bool, err error) {
	found, err := c.Store.Get(c.ctx, k)
	if err != nil {
		return v, false, err
	}
	v, ok = found[0].Value.(T)
	return v, ok, nil
}
