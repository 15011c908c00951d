package dynamostore

import (
	"context"
	"math/rand/v2"
	"time"
)

// backoff says how often something is tried, and how long to wait before each new try: anything up to a span that doubles from
// first to most.
type backoff struct {
	tries       int
	first, most time.Duration
}

var (
	// untilTurn lets 64 writers without a common queue get their turns in one municipality: 12 to 16 runs at most, when measured.
	untilTurn = backoff{tries: 64, first: 4 * time.Millisecond, most: 256 * time.Millisecond}

	// untilAnswer sends a transaction for some seconds.
	untilAnswer = backoff{tries: 8, first: 20 * time.Millisecond, most: time.Second}
)

// pause waits before a try; the first has no wait.
func (b backoff) pause(ctx context.Context, try int) error {
	if err := ctx.Err(); err != nil || try == 0 {
		return err
	}
	span := b.most
	if doubled := b.first << (try - 1); try < 32 && doubled < span {
		span = doubled
	}
	return wait(ctx, rand.N(span))
}

// wait waits for a span, or until the context ends.
func wait(ctx context.Context, span time.Duration) error {
	timer := time.NewTimer(span)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
