package access

import (
	"context"
	"iter"
	"time"

	"dagtilbudsregisteret.dk/shared/register"
)

// Calls is how often a system user called through a service version on one day. It is counted of versions that are to close, so that
// whoever still uses them can be told in time.
type Calls struct {
	Dag     Day
	Navn    string
	Metoder map[string]int64 // by method, as the routes are called: "POST /v1/anvisningsenheder", "ImportService.InsertAnvisningsEnhed"
	Senest  time.Time        // the latest of them, UTC, to the millisecond
}

// AnyVersion stands for calls through whatever version: they are not all counted, but of a user who calls at all on a day at least one is.
const AnyVersion register.ServiceVersion = 0

// Noted is the method that such calls are counted under, whatever theirs was.
const Noted = "et kald, noteret"

// Counter keeps count of calls. The number of methods that it counts is bounded by its callers: they are the routes' own, never what
// somebody made up.
type Counter interface {
	// CountCall counts a call at a moment, on the day that it is then in Denmark. However many count at once, none is lost.
	// Unavailable where it may not have been counted; it is never counted twice.
	CountCall(ctx context.Context, version register.ServiceVersion, at time.Time, navn, method string) error

	// Calls gives what was counted of a version from one day to another, both with them, by day and name. It reads as it is ranged over;
	// an error ends it.
	Calls(ctx context.Context, version register.ServiceVersion, from, to Day) iter.Seq2[Calls, error]
}
