package sqsqueue

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

// untilTaken sends for some seconds.
var untilTaken = backoff{tries: 8, first: 20 * time.Millisecond, most: time.Second}

// pause waits before a try; the first has no wait.
func (b backoff) pause(ctx context.Context, try int) error {
	if err := ctx.Err(); err != nil || try == 0 {
		return err
	}
	timer := time.NewTimer(rand.N(min(b.first<<(try-1), b.most)))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
