// Package keys is the layout of the register's one table, the same in both engines: a partition key PK and a sort key SK, both
// text. An engine that has no partitions sorts by PK, then SK.
//
//	what                        PK                SK                        read together by
//	a unit's row                K#<kommune>       the unit's path           a municipality; a tree (prefix of the path)
//	a number's ledger entry     N#<nummer>        N                         number
//	a change                    L#<kommune>       position, 12 digits       municipality, from a position on
//	a municipality's head       P                 kommune, 4 digits         all heads; condition of every write
//	a stretch of the order      G                 first place, 12 digits    the one that may hold a place: the last at or before it
//	(twice)                     G#<kommune>       first position, 12 digits the one that may hold a change: likewise
//	the order's head            GH                GH                        condition of every round of ordering
//	the number series           C                 C
//	a reservation               R                 first ordinal, 12 digits  the one that may hold a number: the last at or before it
//	an idempotency receipt      I#<key>           I                         key
//	a reservation's receipt     J#<key>           J                         key
//	a re-check's report         Q                 kommune, 4 digits         all reports
//	a system user               U                 name                      name; all users
//	a secret's latest use       B                 name "/" secret's ID      all uses
//	a subscriber                S                 name                      name; all subscribers
//	how far it has come         M#<name>#<round>  kommune, 4 digits         all logs
//	an entry of the trail       T#<day in UTC>    milliseconds "#" ID       a day, from a moment back
//	an entry's findings         F#<day in UTC>    as its entry              a day, in step with its entries
//	a user's calls of a day     V#<version>#<day> name                      a version and day, which is one in Denmark
//	where all of it came from   X                 X                         whoever opens a register that may not be whole
//
// The order is that of the whole register's changes, and a stretch of it is some that follow each other in one municipality's log.
// An engine with one writer gives each change its place as it is written: a stretch of its own, kept once, by its place.
//
// Paths join numbers by "/", which sorts before every letter and digit, so each parent comes right before its children and a
// tree is one run of keys. Milliseconds since 1970 have 13 digits.
package keys

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"dagtilbudsregisteret.dk/shared/register"
)

// Key names one item.
type Key struct{ PK, SK string }

// Unit is where a unit's row is kept.
func Unit(u *register.Unit) Key { return Key{Kommune(u.AdmKommuneKode), u.Path()} }

// Kommune is the partition of a municipality's rows.
func Kommune(kode int) string { return fmt.Sprintf("K#%d", kode) }

// Ledger is where a number's ledger entry is kept.
func Ledger(n register.Number) Key { return Key{"N#" + string(n), "N"} }

// Change is where the change at a position is kept.
func Change(p register.Position) Key { return Key{Log(p.Kommune), LogNr(p.Nr)} }

// Log is the partition of a municipality's changes.
func Log(kommune int) string { return fmt.Sprintf("L#%d", kommune) }

// LogOf gives the municipality whose changes are kept in a partition; ok is false where the partition is not a log.
func LogOf(pk string) (kommune int, ok bool) {
	kode, ok := strings.CutPrefix(pk, "L#")
	kommune, err := strconv.Atoi(kode)
	return kommune, ok && err == nil
}

// LogNr is the sort key of a change, and of what else is sorted by a number that counts changes.
func LogNr(nr int64) string { return fmt.Sprintf("%012d", nr) }

// Heads is the partition of the municipalities' heads: how far each log has come.
const Heads = "P"

// Head is where a municipality's head is kept.
func Head(kommune int) Key { return Key{Heads, fmt.Sprintf("%04d", kommune)} }

// Order is the partition of the stretches of the whole register's order.
const Order = "G"

// Place is where the stretch is kept that begins at a place in the order.
func Place(sequence int64) Key { return Key{Order, LogNr(sequence)} }

// OrderOf is the partition of the stretches of a municipality's changes.
func OrderOf(kommune int) string { return fmt.Sprintf("G#%d", kommune) }

// PlaceOf is where the stretch is kept that begins with the change at a position.
func PlaceOf(p register.Position) Key { return Key{OrderOf(p.Kommune), LogNr(p.Nr)} }

// OrderHead is where it is kept how far the order has come.
var OrderHead = Key{"GH", "GH"}

// Restore is where it is kept what the register was restored from, and whether all of it is there.
var Restore = Key{"X", "X"}

// Series is where the number series keeps the ordinal it goes on from.
var Series = Key{"C", "C"}

// Reservations is the partition of the reservations.
const Reservations = "R"

// Reservation is where the reservation that begins at an ordinal is kept.
func Reservation(first int64) Key { return Key{Reservations, fmt.Sprintf("%012d", first)} }

// ReservationReceipt is where it is kept which reservation an idempotency key made.
func ReservationReceipt(key string) Key { return Key{"J#" + key, "J"} }

// Receipt is where the receipt of an idempotency key is kept.
func Receipt(key string) Key { return Key{"I#" + key, "I"} }

// Reports is the partition of the re-checks' reports.
const Reports = "Q"

// Report is where a municipality's latest re-check is kept.
func Report(kommune int) Key { return Key{Reports, fmt.Sprintf("%04d", kommune)} }

// Users is the partition of the system users.
const Users = "U"

// User is where a system user is kept.
func User(navn string) Key { return Key{Users, navn} }

// Uses is the partition of when secrets were used.
const Uses = "B"

// Use is where it is kept when one of a user's secrets was last used.
func Use(navn, secretID string) Key { return Key{Uses, navn + "/" + secretID} }

// Subscribers is the partition of the subscribers.
const Subscribers = "S"

// Subscriber is where a subscriber is kept.
func Subscriber(navn string) Key { return Key{Subscribers, navn} }

// Marks is the partition of how far a subscriber has come in a round, in each municipality's log.
func Marks(navn string, runde int) string { return fmt.Sprintf("M#%s#%d", navn, runde) }

// Mark is where it is kept how far a subscriber has come in a round in one municipality's log.
func Mark(navn string, runde, kommune int) Key {
	return Key{Marks(navn, runde), fmt.Sprintf("%04d", kommune)}
}

// Entry is where an entry of the trail is kept.
func Entry(tid time.Time, id string) Key { return Key{Trail(tid), entry(tid, id)} }

// Trail is the partition of the entries of a day.
func Trail(day time.Time) string { return "T#" + day.UTC().Format(time.DateOnly) }

// Finding is where the findings of an entry are kept.
func Finding(tid time.Time, id string) Key { return Key{Findings(tid), entry(tid, id)} }

// Findings is the partition of the findings of a day's entries.
func Findings(day time.Time) string { return "F#" + day.UTC().Format(time.DateOnly) }

// Calls is the partition of how often each user called through a service version on a day, as "2006-01-02".
func Calls(version register.ServiceVersion, day string) string {
	return "V#" + version.String() + "#" + day
}

// CallsOf is where it is kept how often a user did so.
func CallsOf(version register.ServiceVersion, day, navn string) Key {
	return Key{Calls(version, day), navn}
}

func entry(tid time.Time, id string) string { return fmt.Sprintf("%013d#%s", tid.UnixMilli(), id) }
