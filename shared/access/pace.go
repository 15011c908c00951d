package access

import (
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Pace is how a caller stands to its limit after a call; the zero value for a caller without one.
type Pace struct {
	Policy string        // what is limited: "skrivninger", "laesninger" or "anonyme"
	Limit  int           // calls a second, and in one burst
	Left   int           // calls that may follow at once
	Wait   time.Duration // until there is room for one; 0 where this one was let in
}

// paces are token buckets by name. Each holds as many calls as its limit lets through in a second. They are this process's own: where
// several serve a caller, it may go as many times as fast.
type paces struct {
	mu      sync.Mutex
	buckets map[string]*rate.Limiter
}

// mostBuckets is when buckets that are full again, and so say nothing, are dropped.
const mostBuckets = 10_000

// take takes a call from a bucket; limit 0 is none.
func (p *paces) take(name, policy string, limit int, now time.Time) Pace {
	if limit == 0 {
		return Pace{}
	}
	b := p.bucket(name, limit, now)
	pace := Pace{Policy: policy, Limit: limit}
	if b.AllowN(now, 1) {
		pace.Left = int(b.TokensAt(now))
		return pace
	}
	missing := 1 - b.TokensAt(now)
	pace.Wait = max(time.Duration(math.Ceil(missing/float64(limit)*float64(time.Second))), time.Nanosecond)
	return pace
}

func (p *paces) bucket(name string, limit int, now time.Time) *rate.Limiter {
	p.mu.Lock()
	defer p.mu.Unlock()
	b, ok := p.buckets[name]
	if ok && b.Burst() == limit {
		return b
	}
	if p.buckets == nil {
		p.buckets = make(map[string]*rate.Limiter)
	}
	if len(p.buckets) >= mostBuckets {
		for other, full := range p.buckets {
			if full.TokensAt(now) >= float64(full.Burst()) {
				delete(p.buckets, other)
			}
		}
	}
	b = rate.NewLimiter(rate.Limit(limit), limit)
	p.buckets[name] = b
	return b
}
