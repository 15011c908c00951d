package relaying

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// Stream relays what the stream of a table tells of. What it is told of next waits until it is done, so it is not to wait for anybody
// for long: it needs a [Service] with little patience, and beside it one that sweeps with more of it.
type Stream struct {
	Service
	mu      sync.Mutex
	resting map[string]time.Time // until when, by subscribers' names
}

// respite is how long a subscriber that kept a relay for long is left to the sweep alone. So the others wait for it once in that time, and
// not with all that the stream tells of.
const respite = time.Minute

// Relay brings subscribers up to date with the logs of some municipalities. What goes wrong for one of them is logged, and left to the
// sweep. It answers what is wrong with the logs themselves, by municipality, or an error that speaks of all: of that it is to be told
// again.
func (s *Stream) Relay(ctx context.Context, kommuner []int) (held map[int]error, err error) {
	left, err := s.relay(ctx, kommuner, s.awake)
	if err != nil {
		return nil, err
	}
	held = make(map[int]error)
	for _, l := range left {
		if l.Navn == "" {
			held[l.Kommune] = errors.Join(held[l.Kommune], l.Err)
			continue
		}
		if l.Late {
			s.rest(l.Navn)
		}
		s.Log.LogAttrs(ctx, slog.LevelError, "left to the sweep", slog.String("abonnement", l.Navn), slog.Int("kommune", l.Kommune),
			slog.Bool("late", l.Late), slog.Any("error", l.Err))
	}
	return held, nil
}

// awake tells whether a subscriber is not resting.
func (s *Stream) awake(sub *Subscriber) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.Now().Before(s.resting[sub.Navn])
}

func (s *Stream) rest(navn string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.resting == nil {
		s.resting = make(map[string]time.Time)
	}
	s.resting[navn] = s.Now().Add(respite)
}
