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
// whose eventually consistent reads cost half; reads inside [Store.Update] never lag.
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

	// Changes gives the changes of a position's municipality that follow the position, in order.
	Changes(ctx context.Context, after Position) iter.Seq2[Change, error]

	// Earlier gives the changes of a position's municipality that precede the position, the newest first.
	Earlier(ctx context.Context, before Position) iter.Seq2[Change, error]

	// Ledger tells what has become of a number at the time now; any well-formed number has an answer.
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

	// Ledger is that of [Store], and never lags.
	Ledger(n Number, now time.Time) (LedgerEntry, error)

	// Receipt gives what was kept under an idempotency key; NotFound when nothing was.
	Receipt(key string) (Receipt, error)

	// Change gives the change at a position, NotFound where the log has none.
	Change(p Position) (Change, error)

	// Issue takes count new numbers from the series for this write. Where the write does not take effect they may be lost;
	// they are never found on two units. Exhausted at the end of the series.
	Issue(count int) ([]Number, error)

	// Write asks for a change. c.Efter is the row to store, c.Foer the row that was read, or the zero Unit for a new one. The
	// engine gives the change, and the row, the next position in the municipality's log, and answers it. A row that leaves a
	// municipality takes a position in both logs; the answer is that of the new one. One update may change a unit several times,
	// each change's Foer being the Efter before it: each takes a position, and the last is the row.
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
	Warnings []byte // what else was answered, in a form of the writer's choice
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
