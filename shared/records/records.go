// Package records is all that a register keeps, record by record, whichever engine keeps it: for whoever goes through the whole of it, to
// check it, to back it up, to put it into another engine. Everybody else asks the stores, which know what the records mean together.
//
// A [Record] is a value under its key, laid out as package keys says. What its value is follows from its [Kind]:
//
//	Rows                      a [register.Unit]
//	Ledger                    a [Place]
//	Log                       a [Logged]
//	Heads                     a [register.Head]
//	Stretches, LogStretches   a [Stretch]; an engine that gives each change its place as it is written has none of the latter
//	Order                     an [Ordering]
//	SeriesAt                  a [Series]
//	Reservations, Reserved    a [register.Reservation]; Reserved are by idempotency key
//	Receipts                  a [register.Receipt]
//	Reports                   a [register.Report]
//	Users                     an [access.User]
//	Uses                      a [time.Time]
//	Subscribers               a [relaying.Subscriber]
//	Marks                     a [register.Position]
//	Trail                     an [access.Entry] without its findings
//	Findings                  an [access.Entry] of moment, ID and findings
//	Calls                     an [access.Calls]
//	Restored                  a [Restore]
//
// A record may say in its value what its key says too. The two are given as they are kept, so that one who checks can compare them.
package records

import (
	"context"
	"iter"
	"strings"
	"time"

	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/register"
)

// Record is one item of a register.
type Record struct {
	Key   keys.Key
	Value any   // nil where nothing is kept under the key, or what is kept cannot be read
	Err   error // why it cannot be read
}

// Store gives and takes records. The engines that implement [register.Store] implement it too, and shared/storetest holds both to it.
// Its reads never lag, but they are no snapshot of more than one record.
type Store interface {
	// Records gives the records of some kinds, of all where none is named, in an order of the engine's own. It reads as it is ranged over.
	// An error, which is the engine's and not a record's, ends it.
	Records(ctx context.Context, kinds ...Kind) iter.Seq2[Record, error]

	// Partition gives the records of one partition by rising sort key. A change comes with the place that its log knows of.
	Partition(ctx context.Context, pk string) iter.Seq2[Record, error]

	// Get gives what is kept under each of the keys.
	Get(ctx context.Context, ks ...keys.Key) ([]Record, error)

	// Put keeps records as they are, in the place of what is kept under their keys, and with them what the engine itself finds them by. No
	// two have the same key. Where it fails some of them may have been put; to put them again does no harm. It heeds nobody who uses the
	// register meanwhile.
	Put(ctx context.Context, rs ...Record) error
}

// Kind says what a record is: the first part of its partition key.
type Kind string

// The kinds.
const (
	Rows         Kind = "K"
	Ledger       Kind = "N"
	Log          Kind = "L"
	Heads        Kind = "P"
	Stretches    Kind = "G"
	LogStretches Kind = "G#"
	Order        Kind = "GH"
	SeriesAt     Kind = "C"
	Reservations Kind = "R"
	Reserved     Kind = "J"
	Receipts     Kind = "I"
	Reports      Kind = "Q"
	Users        Kind = "U"
	Uses         Kind = "B"
	Subscribers  Kind = "S"
	Marks        Kind = "M"
	Trail        Kind = "T"
	Findings     Kind = "F"
	Calls        Kind = "V"
	Restored     Kind = "X"
)

// Kinds lists every kind there is.
var Kinds = [...]Kind{
	Rows, Ledger, Log, Heads, Stretches, LogStretches, Order, SeriesAt, Reservations, Reserved, Receipts, Reports, Users, Uses, Subscribers,
	Marks, Trail, Findings, Calls, Restored,
}

// KindOf gives the kind of what is kept under a key.
func KindOf(k keys.Key) Kind {
	kind, _, many := strings.Cut(k.PK, "#")
	if many && Kind(kind) == Stretches {
		return LogStretches
	}
	return Kind(kind)
}

// Rest gives what follows the kind in a partition key: "461" of "K#461".
func Rest(pk string) string {
	_, rest, _ := strings.Cut(pk, "#")
	return rest
}

// Place is where a number's row is kept, as the number ledger says.
type Place struct {
	Kommune int
	Sti     string // the unit's path
}

// PlaceOf gives the place of a unit's row.
func PlaceOf(u *register.Unit) Place { return Place{u.AdmKommuneKode, u.Path()} }

// Key is the key of the row.
func (p Place) Key() keys.Key { return keys.Key{PK: keys.Kommune(p.Kommune), SK: p.Sti} }

// Logged is a change in its log.
type Logged struct {
	register.Change

	// Senest is when the latest change of the log by then was made, where that was later than this one; else the zero time. An engine that
	// reads it from the head does not keep it.
	Senest time.Time
}

// Stretch is some changes that follow each other in the whole register's order and in one log.
type Stretch struct {
	Sequence int64             // the place of the first
	Position register.Position // of the first
	Count    int64
}

// Ordering is how far the whole register's order has come.
type Ordering struct {
	Last int64
	Logs register.Positions // how much of each log has places; nil where the engine's heads say it
}

// Series is the ordinal that the number series goes on from.
type Series int64

// Restore says what a register was restored from. It is there from before anything else is, and says so when the rest is there too.
type Restore struct {
	From  string // the SHA-256 of a backup in hexadecimal digits, or what a copy is of
	Begun time.Time
	Done  time.Time // the zero time while not all of it is known to be there
}
