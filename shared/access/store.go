package access

import (
	"context"
	"iter"
	"time"
)

// Store keeps users and their trail, in the register's own table. The engines that implement [register.Store] implement it too, and
// shared/storetest holds both to it. Values that go in and come out are copies.
type Store interface {
	// User gives a user by name, and never lags. NotFound where there is none.
	User(ctx context.Context, navn string) (User, error)

	// Users gives every user, by name.
	Users(ctx context.Context) ([]User, error)

	// SaveUser stores a user and the act that made it so, together or not at all. u.Version is the version it gets: 1 for a new user,
	// else one more than the version it was read with; Conflict where others were first. No user is ever removed.
	SaveUser(ctx context.Context, u User, act Entry) error

	// NoteUse notes that a secret was used. A note may be lost; a later one stands in its place.
	NoteUse(ctx context.Context, navn, secretID string, at time.Time) error

	// Uses gives when each secret was last used: of each user's name, by secret id.
	Uses(ctx context.Context) (map[string]map[string]time.Time, error)

	Trail
	Counter

	// Entries gives the trail's entries of one UTC day that come before another, the newest first; with the zero Entry all of the day. Findings
	// come only where now is less than [FindingsKept] after the act.
	Entries(ctx context.Context, day time.Time, before Entry, now time.Time) iter.Seq2[Entry, error]
}
