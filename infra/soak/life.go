package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// life is all that is to be held against the register at the end.
type life struct {
	*site
	vendors   []*vendor
	followers []follower
	log       []event // the whole feed, read at the end
}

// subscribe has somebody follow the feed, and the queues where they are on this machine.
func (l *life) subscribe(ctx context.Context) error {
	l.followers = append(l.followers, &feeder{site: l.site})
	a, err := l.try(ctx, call{"queues", login{}, "GET", "/lokal/koeer", "", nil})
	if err != nil || a.status != 200 {
		return err
	}
	for _, c := range consumers(l.site) {
		if err := c.subscribe(ctx); err != nil {
			return err
		}
		l.followers = append(l.followers, c)
	}
	return nil
}

func (l *life) units() (n int) {
	for _, v := range l.vendors {
		n += len(v.units)
	}
	return n
}

func (l *life) closed() (n int) {
	for _, v := range l.vendors {
		for _, u := range v.units {
			if u.closed {
				n++
			}
		}
	}
	return n
}

// drain reads the whole feed, and waits until everybody has what is theirs of it.
func (l *life) drain(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, longestDrain)
	defer cancel()
	for end := false; !end; {
		after := int64(0)
		if len(l.log) > 0 {
			after = l.log[len(l.log)-1].sequence()
		}
		events, is, err := l.page(ctx, after, "0")
		if ctx.Err() != nil {
			return fmt.Errorf("the feed cannot be read to its end: %w", errors.Join(ctx.Err(), err))
		}
		l.log, end = append(l.log, events...), err == nil && is
	}
	for _, f := range l.followers {
		for len(f.has()) < len(l.of(f)) {
			if pause(ctx, 100*time.Millisecond) != nil {
				return fmt.Errorf("%s has %d events, and was to get %d", f.name(), len(f.has()), len(l.of(f)))
			}
		}
	}
	return nil
}

// of gives what of the log a follower wants.
func (l *life) of(f follower) (wanted []event) {
	for _, e := range l.log {
		if f.wants(&e) {
			wanted = append(wanted, e)
		}
	}
	return wanted
}

// verify holds the register against what was acknowledged, and what followers got against the log.
func (l *life) verify(ctx context.Context, w io.Writer) error {
	for _, f := range l.followers {
		got, want := f.has(), l.of(f)
		if _, inOrder := f.(*feeder); !inOrder {
			got, want = byKommune(got), byKommune(want)
		}
		if slices.Equal(got, want) {
			fmt.Fprintf(w, "%s got %d events, as the log has them\n", f.name(), len(got))
			continue
		}
		at := 0
		for at < min(len(got), len(want)) && got[at] == want[at] {
			at++
		}
		l.stats.fail(f.name(), fmt.Errorf("it got %d events, and the log has %d for it; they are the same up to number %d", len(got), len(want), at))
	}
	checked := 0
	for _, v := range l.vendors {
		for _, u := range v.units {
			if err := l.verifyUnit(ctx, u); err != nil {
				l.stats.fail("what was acknowledged", err)
			}
			checked++
		}
	}
	fmt.Fprintf(w, "%d units are as they were acknowledged\n", checked)
	return l.stats.failure()
}

// verifyUnit looks a unit up.
func (l *life) verifyUnit(ctx context.Context, u *unit) error {
	a, err := l.insist(ctx, call{"look up at the end", login{}, "GET", "/v2/dagtilbud/" + u.number, "", nil})
	if err != nil {
		return err
	}
	r := parse(a.body).one()
	status := "Aktiv"
	if u.closed {
		status = "Nedlagt"
	}
	is := fmt.Sprintf("%s version %d, %s, %s", r.text(levels[u.level].name), r.number("version"), r.text("aktivitetsstatus"), r.text("dagtilbudsType"))
	want := fmt.Sprintf("%s version %d, %s, %s", u.navn, u.version, status, levels[u.level].typ)
	if u.parent != nil {
		is += " below " + r.text(levels[u.level-1].number)
		want += " below " + u.parent.number
	}
	if a.status != 200 || is != want {
		return fmt.Errorf("%s is answered %d: %s, and was acknowledged as %s", u.number, a.status, is, want)
	}
	return nil
}

// faults tells what harm was done.
func (s *site) faults() string {
	if s.server == nil {
		return ""
	}
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	if s.server.kills == 0 {
		return ""
	}
	return fmt.Sprintf("killed %d times, back in %v on average\n", s.server.kills, (s.server.down / time.Duration(s.server.kills)).Round(time.Millisecond))
}
