package relaying

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"dagtilbudsregisteret.dk/shared/register"
)

// Awaiter tells when there is something new; it is part of [register.Store].
type Awaiter interface {
	Await(ctx context.Context, after int64)
}

// The pauses of a follower whose relay did not come through. News end them.
const (
	firstPause   = time.Second
	longestPause = 30 * time.Second
)

// Follow relays for as long as the context lives: whenever something is new, and every now and then whether it is or not, for a
// subscriber that has come or has been told to begin anew. Each subscriber is followed by itself, so that none waits for the queue of
// another.
func (s *Service) Follow(ctx context.Context, log Awaiter, every time.Duration) {
	var all sync.WaitGroup
	defer all.Wait()
	followed := make(map[string]bool)
	s.repeat(ctx, log, every, func([]register.Position) error {
		subscribers, err := s.Store.Subscribers(ctx)
		for _, sub := range subscribers {
			if sub.Lukket || followed[sub.Navn] {
				continue
			}
			followed[sub.Navn] = true
			all.Go(func() {
				s.repeat(ctx, log, every, func(heads []register.Position) error { return s.serveAlone(ctx, sub.Navn, heads) })
			})
		}
		return err
	})
}

// serveAlone brings one subscriber up to date with all logs.
func (s *Service) serveAlone(ctx context.Context, navn string, heads []register.Position) error {
	var left leftovers
	s.serve(ctx, navn, heads, &left)
	return joined(left.all)
}

// repeat does something, up to where the logs have come, time and again.
func (s *Service) repeat(ctx context.Context, log Awaiter, every time.Duration, do func(heads []register.Position) error) {
	for pause := firstPause; ; {
		wait := func(ctx context.Context) { <-ctx.Done() } // while nothing is known of the logs
		heads, err := s.ordered(ctx, nil)
		if err == nil {
			wait = func(ctx context.Context) { log.Await(ctx, placeOf(heads)) }
			err = do(heads)
		}
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			atMost(ctx, every, wait)
			pause = firstPause
		default:
			s.Log.LogAttrs(ctx, slog.LevelError, "relay", slog.Any("error", err), slog.Duration("pause", pause))
			atMost(ctx, pause, wait)
			pause = min(2*pause, longestPause)
		}
	}
}

func atMost(ctx context.Context, d time.Duration, wait func(context.Context)) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	wait(ctx)
}

// placeOf gives the place in the order that the logs come to: they hold as many changes, and the order has no gaps.
func placeOf(heads []register.Position) (place int64) {
	for _, h := range heads {
		place += h.Nr
	}
	return place
}
