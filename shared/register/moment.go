package register

import (
	"context"
	"fmt"
	"iter"
	"time"
)

// Log is the part of a [Store] that gives changes.
type Log interface {
	Changes(ctx context.Context, after Position) iter.Seq2[Change, error]
}

// PositionAt gives how far a municipality's log had come at a moment: the last change made no later. It looks at as many changes as
// the log's length has binary digits, for no change in a log is older than the one before it.
func PositionAt(ctx context.Context, log Log, head Head, at time.Time) (Position, error) {
	p := head.Position
	if !head.Tid.After(at) {
		return p, nil
	}
	// The change at low was made no later than the moment, the one at high after it.
	low, high := int64(0), p.Nr
	for high-low > 1 {
		middle := low + (high-low)/2
		tid, err := madeAt(ctx, log, Position{p.Kommune, middle})
		if err != nil {
			return p, err
		}
		if tid.After(at) {
			high = middle
		} else {
			low = middle
		}
	}
	p.Nr = low
	return p, nil
}

func madeAt(ctx context.Context, log Log, p Position) (time.Time, error) {
	for c, err := range log.Changes(ctx, Position{p.Kommune, p.Nr - 1}) {
		return c.Tid, err
	}
	return time.Time{}, &Error{Kind: Unavailable, Cause: fmt.Errorf("register: change %s cannot be seen yet", p)}
}
