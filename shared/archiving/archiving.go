// Package archiving backs a whole register up to one file, and restores one from it, whichever engine keeps it: a backup of the table in the
// cloud can be restored into a file on one machine, and the other way round.
//
// # What is in it
//
// A backup is of the register as it stood at a place in the order of all changes. That is well-defined on every engine, whoever writes
// meanwhile: what is up to that place is in the backup, and nothing else. Of each municipality it has the log that far, and the rows that the
// log leads to, which tell what the number ledger says too. Beside that it has the number series, the reservations, the receipts of the
// changes that are in it, the re-checks that saw no more than them, the system users with their grants, the trail of what they did and tried,
// how often they called through which version, the subscribers, and how far each has come in its round.
//
// What is left out, and why:
//
//   - secrets, and when they were last used: a file that lies somewhere must not let anybody in. Each user is given a new one;
//   - what stood in the way of refused acts: it may repeat what somebody sent, and is kept for 90 days only, which a file would not heed;
//   - the marks of subscribers' earlier rounds: nobody asks for them any more;
//   - messages that wait in subscribers' queues, which are no part of the register.
//
// A mark that is ahead of the place is put back to it: the subscriber has seen changes that a register restored from here has not.
//
// # How the file is laid out
//
// Lines of JSON, gzipped. Each is an object with one member, whose name says what the line is:
//
//	backup        the first: format, when and of what place it was taken, how far each log is in it, the letters of the number series
//	change        by municipality and position, with its place in the order
//	unit          after its municipality's changes, by path
//	reservation, receipt, report, entry, calls, user, series, mark, subscriber
//	end           the last: how many lines of each kind there are, a sum of each kind, and the SHA-256 of all lines before it
//
// Members below that are the fields of the types in the packages register, access and relaying, spelled as there, and constants their
// numbers, which are those that boltstore keeps; lists of one-byte constants are base64. A member that is not known, or a format
// that is newer, is refused. The sum of a kind does not depend on the order of its lines, which differs from engine to engine.
//
// # Restoring
//
// [Service.Restore] reads the file to its end first, and begins only if all of it is as its end says and the register is empty. It notes in the
// register what it is restored from before it puts anything, and that all is there when it has read everything back and summed it up alike.
// In between the register says that it is not whole, and the programs do not open it. A restore that was stopped is run again: it puts the same
// records over those that are there. Memory holds some records at a time.
package archiving

import (
	"context"
	"fmt"
	"iter"
	"time"

	"dagtilbudsregisteret.dk/shared/records"
	"dagtilbudsregisteret.dk/shared/register"
)

// Store is what is backed up and restored.
type Store interface {
	records.Store

	// These are those of [register.Store].
	Order(ctx context.Context) error
	Ordering(ctx context.Context) (last int64, at register.Positions, err error)
	Changes(ctx context.Context, after register.Position) iter.Seq2[register.Change, error]
}

// Service backs up and restores.
type Service struct {
	Store  Store
	Series register.Series
	Now    func() time.Time
}

// format is the number of the file's layout. A reader knows all up to its own.
const format = 1

// Header is what a backup says of itself.
type Header struct {
	Format    int
	Taken     time.Time
	Last      int64  // the place in the order that it is of
	Positions string // how far each log is in it, as [register.Positions] are written
	Series    register.Series
}

// Summary is what a backup holds.
type Summary struct {
	Header
	Counts map[string]int64 // of lines, by kind
	SHA256 string

	sums map[string]string
}

// problem is an error that a person can do something about.
func problem(kind register.Kind, format string, args ...any) error {
	return &register.Error{Kind: kind, Cause: fmt.Errorf(format, args...)}
}
