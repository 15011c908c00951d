package register

import (
	"context"
	"iter"
	"time"
)

// Store keeps the register. Two engines implement it, shared/boltstore and shared/dynamostore, and shared/storetest holds both to
// this contract. All methods may be called from many goroutines. Values that go in and come out are copies.
//
// Reads see every write that was acknowledged before they began when the engine is embedded, and may lag by moments on DynamoDB,
// whose eventually consistent reads cost half; reads inside [Store.Update] never lag, nor do those that say so.
//
// Changes stand in two orders: in that of their municipality's log, which each has from when it is written, and in that of the
// whole register, where each has a place from when somebody has called Order. Whoever follows the whole register calls Order, reads
// what is Ordered after the last place they know, and Awaits more, in turn.
type Store interface {
	// Unit gives the row of a number, whatever its level and status. NotFound when no unit carries the number.
	Unit(ctx context.Context, n Number) (Unit, error)

	// Tree gives a daginstitution and every row below it, closed ones too, each parent right before its children.
	// NotFound when no daginstitution carries the number.
	Tree(ctx context.Context, daginstitution Number) ([]Unit, error)

	// Units gives a municipality's rows in the order of [Unit.Path], those after the path `after` only. It reads as it is
	// ranged over; an error ends it.
	Units(ctx context.Context, kommune int, after string) iter.Seq2[Unit, error]

	// Positions tells how far each municipality's log has come. Rows read afterwards are at least as new, but for the moments that
	// DynamoDB's reads may lag.
	Positions(ctx context.Context) (Positions, error)

	// Heads tells where each municipality's log ends, and when its latest change was made, by rising code. It never lags.
	Heads(ctx context.Context) ([]Head, error)

	// Changes gives the changes of a position's municipality that follow the position, in order, with the places that they have in the
	// order of the whole register. It never lags.
	Changes(ctx context.Context, after Position) iter.Seq2[Change, error]

	// Earlier gives the changes of a position's municipality that precede the position, the newest first. It need not look up their
	// places in the order of the whole register.
	Earlier(ctx context.Context, before Position) iter.Seq2[Change, error]

	// Order gives a place in the whole register's order to every change that was committed before it was called. A change follows those
	// before it in its municipality's log, and a place once given stays.
	Order(ctx context.Context) error

	// Ordering tells how far the order has come: the last place in it, and how much of each log has places. The changes up to that place
	// are all of these and no others. It never lags.
	Ordering(ctx context.Context) (last int64, at Positions, err error)

	// Ordered gives the changes that have a place in the order, those after a place only, in order. It never lags.
	Ordered(ctx context.Context, after int64) iter.Seq2[Change, error]

	// Await returns when there may be a change after a place in the order, once Order is called, or when the context ends.
	Await(ctx context.Context, after int64)

	// Ledger tells what has become of a number at the time now; any well-formed number has an answer. It never lags.
	Ledger(ctx context.Context, n Number, now time.Time) (LedgerEntry, error)

	// Update runs fn on a view of the register and then writes all that fn asked for, or nothing. Nothing that fn read
	// has changed when the write takes effect: where it has, the engine runs fn anew on a new view, so fn must do nothing but
	// read, decide and write through its Tx. When fn returns an error, Update writes nothing and returns that error; when
	// it panics, Update writes nothing and the panic is its caller's.
	// Conflict when others kept getting in between; TooLarge when the engine cannot write so much at once; Unavailable when
	// the engine does not answer. When the answer to a write was lost, Update finds out whether it took effect.
	Update(ctx context.Context, fn func(Tx) error) error

	// Reserve sets count consecutive numbers aside for r.Key and answers the reservation. The same key with the same count answers
	// the same reservation again, without setting more aside; with another count it is Reused. Exhausted at the end of the series.
	Reserve(ctx context.Context, r Reservation) (Reservation, error)

	// MoveSeries has the series go on after n, where it has not come that far. Numbers of letters outside the series have no effect.
	MoveSeries(ctx context.Context, n Number) error

	// KeepReport keeps the findings of one municipality's re-check, in place of its previous ones.
	KeepReport(ctx context.Context, r Report) error

	// Reports gives the kept re-checks, by rising municipality code.
	Reports(ctx context.Context) ([]Report, error)
}

// Tx is one write in the making. Its reads see what stood before it, not what it has asked to write.
type Tx interface {
	// Unit and Tree are those of [Store], and never lag.
	Unit(n Number) (Unit, error)
	Tree(daginstitution Number) ([]Unit, error)

	// Namesakes gives the active units of a level and municipality whose names are equal to navn by [NameKey].
	Namesakes(kommune int, level Level, navn string) ([]Unit, error)

	// Ledger is that of [Store].
	Ledger(n Number, now time.Time) (LedgerEntry, error)

	// Latest tells when the latest change of a municipality's log was made, the zero time where the log is empty. It never lags. Where
	// changes were made at times that run backwards, it is the latest of these.
	Latest(kommune int) (time.Time, error)

	// Receipt gives what was kept under an idempotency key; NotFound when nothing was.
	Receipt(key string) (Receipt, error)

	// Change gives the change at a position, NotFound where the log has none.
	Change(p Position) (Change, error)

	// Issue takes count new numbers from the series for this write. Where the write does not take effect they may be lost;
	// they are never found on two units. Exhausted at the end of the series.
	Issue(count int) ([]Number, error)

	// Write asks for a change. c.Efter is the row to store, c.Foer the row that was read, or the zero Unit for a new one. The
	// engine gives the change, and the row, the next position in the municipality's log, and answers it; c.Tid it leaves as it is. A
	// row that leaves a municipality takes a position in both logs; the answer is that of the new one. One update may change a unit
	// several times, each change's Foer being the Efter before it: each takes a position, and the last is the row.
	Write(c Change) (Position, error)

	// Keep asks for a receipt to be kept for ever.
	Keep(r Receipt)
}

// Receipt remembers what was answered under an idempotency key, so that the same request is answered the same for ever.
type Receipt struct {
	Key      string   // unique within the register
	Hash     [32]byte // of the request
	Position Position // of the change, or of the row as it stood, when nothing had to be changed
	Number   Number
	Created  bool
	Answer   []byte // what else was answered, in a form of the writer's choice
}

// Reservation is a run of consecutive numbers that somebody has set aside.
type Reservation struct {
	Key     string // the idempotency key, unique within the register
	First   Number
	Count   int
	Expires time.Time
	User    string
}

// Report is the outcome of one municipality's re-check.
type Report struct {
	Kommune  int
	Tid      time.Time
	Position Position
	Units    int                 // how many active rows were checked
	Findings map[string][]Number // rule id to the units it names
}

// Path is where the unit stands in its municipality: the numbers from the daginstitution down, joined by "/". Paths sort each parent
// right before everything below it.
func (u *Unit) Path() string {
	path := string(u.DaginstitutionsNummer)
	if u.Level >= Anvisningsenhed {
		path += "/" + string(u.EnhedsNummer)
	}
	if u.Level == AlternativAdresse {
		path += "/" + string(u.AlternativAdresseNummer)
	}
	return path
}
