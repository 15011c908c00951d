package access

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var began = time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC)

func TestPaceWithoutALimit(t *testing.T) {
	var p paces
	for range 1000 {
		if pace := p.take("os", "skrivninger", 0, began); pace != (Pace{}) {
			t.Fatalf("without a limit it is %+v", pace)
		}
	}
	if len(p.buckets) > 0 {
		t.Errorf("%d buckets are kept for it", len(p.buckets))
	}
}

// TestPace takes calls at moments after the first.
func TestPace(t *testing.T) {
	var p paces
	for i, c := range []struct {
		after time.Duration
		left  int
		wait  time.Duration
	}{
		{0, 3, 0}, {0, 2, 0}, {0, 1, 0}, {0, 0, 0}, {0, 0, 250 * time.Millisecond}, {100 * time.Millisecond, 0, 150 * time.Millisecond},
		{250 * time.Millisecond, 0, 0}, {250 * time.Millisecond, 0, 250 * time.Millisecond}, {time.Second, 2, 0}, {time.Hour, 3, 0},
	} {
		want := Pace{Policy: "skrivninger", Limit: 4, Left: c.left, Wait: c.wait}
		if pace := p.take("os", "skrivninger", 4, began.Add(c.after)); pace != want {
			t.Errorf("call %d is answered %+v, want %+v", i, pace, want)
		}
	}
}

// TestPaceOfAnother has no bucket say anything of another.
func TestPaceOfAnother(t *testing.T) {
	var p paces
	p.take("w:os", "skrivninger", 1, began)
	for name, want := range map[string]time.Duration{"w:os": time.Second, "r:os": 0, "w:andre": 0} {
		if pace := p.take(name, "skrivninger", 1, began); pace.Wait != want {
			t.Errorf("%s waits for %s, want %s", name, pace.Wait, want)
		}
	}
}

// TestChangedPace holds a caller to its new limit from its next call on.
func TestChangedPace(t *testing.T) {
	var p paces
	for i, c := range []struct{ limit, left int }{{1, 0}, {5, 4}, {5, 3}, {2, 1}, {2, 0}, {0, 0}} {
		if pace := p.take("os", "skrivninger", c.limit, began); pace.Wait != 0 || pace.Left != c.left || pace.Limit != c.limit {
			t.Errorf("call %d, with limit %d, is answered %+v", i, c.limit, pace)
		}
	}
	if pace := p.take("os", "skrivninger", 2, began); pace.Wait != 500*time.Millisecond {
		t.Errorf("after that it is answered %+v", pace)
	}
}

// TestPacesAreForgotten has many names call, each once: what is kept of them does not grow for ever, and nobody who has calls to wait
// for is forgotten.
func TestPacesAreForgotten(t *testing.T) {
	var p paces
	const perSecond = mostBuckets / 4
	for second := range 20 {
		at := began.Add(time.Duration(second) * time.Second)
		p.take("greedy", "anonyme", 1, at)
		for i := range perSecond {
			p.take(fmt.Sprint(second, i), "anonyme", 1, at)
			if len(p.buckets) > mostBuckets {
				t.Fatalf("after %d seconds %d buckets are kept", second, len(p.buckets))
			}
		}
		if pace := p.take("greedy", "anonyme", 1, at); pace.Wait != time.Second {
			t.Fatalf("after %d seconds who has used its call waits for %s", second, pace.Wait)
		}
	}
}

// TestPaceHolds has calls come at any moments, and counts: those let in are never more than the burst and the pace give room for, and
// one that waits as long as it was told to is let in.
func TestPaceHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var p paces
		limit := rapid.IntRange(1, 50).Draw(t, "limit")
		now, wait := began, time.Duration(0)
		var admitted []time.Time
		for range rapid.IntRange(1, 200).Draw(t, "calls") {
			waited := wait > 0 && rapid.Bool().Draw(t, "waits")
			if waited {
				now = now.Add(wait)
			} else {
				now = now.Add(time.Duration(rapid.IntRange(0, int(time.Second)/limit).Draw(t, "pause")))
			}
			pace := p.take("os", "skrivninger", limit, now)
			if wait = pace.Wait; wait == 0 {
				admitted = append(admitted, now)
			}
			if waited && wait > 0 || wait < 0 || pace.Left < 0 || pace.Left >= limit || wait > time.Second {
				t.Fatalf("at %s, after waiting: %v, it is answered %+v", now.Sub(began), waited, pace)
			}
		}
		for i, from := range admitted {
			for n, to := range admitted[i:] {
				if room := float64(limit) + float64(limit)*to.Sub(from).Seconds(); float64(n+1) > room+1e-6 {
					t.Fatalf("%d calls within %s at %d a second", n+1, to.Sub(from), limit)
				}
			}
		}
	})
}
