// Package relaying is the use case of telling downstream systems: it follows the change log and sends each change, as an event, to
// the queue of every subscriber that wants it.
//
// A subscriber has a queue, a filter and, in each municipality's log, a mark: all up to it has been sent or passed over. A relay reads
// what follows the mark, sends it, and moves the mark on. So nothing is lost whatever stops a relay where: what was sent and not
// marked is sent again, under the same id, and what was not sent is behind no mark. Relays may run side by side, be started by
// anything, and be run as often as one likes; what wakes one says only in which municipalities to look.
//
// In a municipality events are sent in the order of its log. One that cannot be sent holds back those after it, there and for that
// subscriber alone: other municipalities and other subscribers go on. A relay has patience with each subscriber for so long; what was
// taken until then is marked, and the next relay goes on from there.
//
// Who relays what the stream of a table tells of ([Stream]) leaves what went wrong for a subscriber to a sweep ([Service.Sweep]), for the
// stream would wait. Who relays on one machine ([Service.Follow]) follows each subscriber by itself.
//
// A replay gives a subscriber a new round: new marks, that begin where it is to begin again. Events keep their ids; what a queue
// deduplicates by carries the round, so that it takes them again.
package relaying

import (
	"context"
	"iter"
	"slices"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/register"
)

// Subscriber is a downstream system with a queue of its own.
type Subscriber struct {
	Navn   string // its id, unique and never changed; spelled as system users' names are
	Koe    string // the queue's name or URL
	Filter Filter
	Pauset bool

	// Runde counts the times that it has begun anew, and Fra is where it began this time: in logs that it does not name, at the first
	// change.
	Runde int
	Fra   register.Positions

	Lukket   bool // it gets nothing more; its name stays its own
	Oprettet time.Time
	Version  int64 // 1 when created, one more by each act on it
}

// Filter says which events a subscriber wants; what is empty wants all.
type Filter struct {
	Kommuner []int // of whose log the change is
	Niveauer []register.Level
	Arter    []register.Art
}

// Wants tells whether a change is among them.
func (f *Filter) Wants(c *register.Change) bool {
	return f.in(c.Position.Kommune) && (len(f.Niveauer) == 0 || slices.Contains(f.Niveauer, c.Efter.Level)) &&
		(len(f.Arter) == 0 || slices.Contains(f.Arter, c.Art))
}

// in tells whether a municipality's log is among them.
func (f *Filter) in(kommune int) bool {
	return len(f.Kommuner) == 0 || slices.Contains(f.Kommuner, kommune)
}

// Store keeps subscribers and their marks, beside the register whose log they follow. Both engines implement it.
type Store interface {
	// Heads, Order and Changes are those of [register.Store].
	Heads(ctx context.Context) ([]register.Head, error)
	Order(ctx context.Context) error
	Changes(ctx context.Context, after register.Position) iter.Seq2[register.Change, error]

	// Subscriber gives one by name, and never lags. NotFound where there is none.
	Subscriber(ctx context.Context, navn string) (Subscriber, error)

	// Subscribers gives all of them, by name, closed ones too. It may lag where [register.Store]'s reads do.
	Subscribers(ctx context.Context) ([]Subscriber, error)

	// SaveSubscriber stores one and the act that made it so, together or not at all. s.Version is the version it gets: 1 for a new
	// one, else one more than it was read with; Conflict where others were first.
	SaveSubscriber(ctx context.Context, s Subscriber, act access.Entry) error

	// Marks gives how far a subscriber has come in its round, in each log where it has come anywhere; it never lags.
	Marks(ctx context.Context, navn string, runde int) (register.Positions, error)

	// Mark notes that a subscriber has come so far in a log, unless it has come further.
	Mark(ctx context.Context, navn string, runde int, at register.Position) error

	access.Trail
}

// Message is one event on its way to a queue.
type Message struct {
	ID    string // the event's
	Group string // messages of a group stay in order
	Dedup string // what tells a repetition from a message that is new
	Body  []byte
}

// MostBody is how large a message may be, in bytes: the 1 MiB that SQS takes, less what goes with it.
const MostBody = 1<<20 - 1<<10

// Queue takes messages for subscribers.
type Queue interface {
	// Send sends messages and answers for each nil, or why it was not taken. Of a group, messages after one that was not taken are
	// not taken either. Messages may be taken more than once. It ends soon after its context has, with what was taken by then.
	Send(ctx context.Context, queue string, messages []Message) []error

	// Depth is about how many messages wait in a queue.
	Depth(ctx context.Context, queue string) (int, error)

	// DeadDepth is about how many messages the subscriber has failed to take.
	DeadDepth(ctx context.Context, queue string) (int, error)

	// DeadLetters gives up to n messages that the subscriber has failed to take, and leaves them where they are.
	DeadLetters(ctx context.Context, queue string, n int) ([]DeadLetter, error)

	// Requeue puts dead letters back into the queue, all of them where no ids are named, and answers how many.
	Requeue(ctx context.Context, queue string, ids []string) (int, error)
}

// DeadLetter is a message that its subscriber failed to take.
type DeadLetter struct {
	ID       string // the event's
	Body     []byte
	Received int       // about how often it was handed out
	Sent     time.Time // when it came into the queue that it is in
}
