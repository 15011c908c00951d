package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// event is what is gone by of one.
type event struct {
	ID, Type, Sequence, Registerposition string
}

func (e *event) sequence() int64 {
	n, _ := strconv.ParseInt(e.Sequence, 10, 64)
	return n
}

// kommune is the municipality of whose log it is.
func (e *event) kommune() string { return strings.SplitN(e.Registerposition, ":", 2)[0] }

// follower gathers events as they come, from the feed or from a queue.
type follower interface {
	work(ctx context.Context)
	has() []event
	wants(e *event) bool
	name() string
}

// gathered are the events that came, each once.
type gathered struct {
	mu     sync.Mutex
	events []event
}

func (g *gathered) add(e event) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.events = append(g.events, e)
}

func (g *gathered) has() []event {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.events)
}

// feeder follows the feed.
type feeder struct {
	*site
	gathered
	after int64
}

func (*feeder) name() string      { return "the feed" }
func (*feeder) wants(*event) bool { return true }

func (f *feeder) work(ctx context.Context) {
	for ctx.Err() == nil {
		events, _, err := f.page(ctx, f.after, "2")
		if err != nil {
			if pause(ctx, again) != nil {
				return
			}
			continue
		}
		for _, e := range events {
			if e.sequence() != f.after+1 {
				f.stats.fail("feed", fmt.Errorf("after %d comes %s", f.after, e.Sequence))
			}
			f.after = e.sequence()
			f.add(e)
		}
	}
}

// page reads what the feed has after a place, and whether that is its end.
func (s *site) page(ctx context.Context, after int64, wait string) (events []event, end bool, err error) {
	a, err := s.try(ctx, call{"feed", login{}, "GET", fmt.Sprint("/v2/haendelser?efter=", after), "", []string{
		"Accept", "application/x-ndjson", "Prefer", "wait=" + wait,
	}})
	if err == nil && a.status != http.StatusOK {
		err = fmt.Errorf("%d: %.500s", a.status, a.body)
		s.stats.fail("feed", err)
	}
	if err != nil {
		return nil, false, err
	}
	for line := range bytes.Lines(a.body) {
		var e event
		if err := json.Unmarshal(line, &e); err != nil {
			return events, false, err
		}
		events = append(events, e)
	}
	return events, a.header.Get("Haendelser-Slut") == "true", nil
}

// consumer takes what a subscription brings to its queue on this machine.
type consumer struct {
	*site
	gathered
	navn     string
	kommuner []int
	typer    []string
	random   *rand.Rand
	seen     map[string]bool
}

func (c *consumer) name() string { return c.navn }

func (c *consumer) wants(e *event) bool {
	kommune, _ := strconv.Atoi(e.kommune())
	return (len(c.kommuner) == 0 || slices.Contains(c.kommuner, kommune)) &&
		(len(c.typer) == 0 || slices.ContainsFunc(c.typer, func(typ string) bool { return strings.Contains(e.Type, "."+typ+".") }))
}

// consumers are the subscriptions that there are to be.
func consumers(s *site) (all []*consumer) {
	for i, c := range []*consumer{
		{navn: "soak-alt"}, {navn: "soak-kommuner", kommuner: []int{265, 461}}, {navn: "soak-typer", typer: []string{"nedlagt", "flyttet"}},
	} {
		c.site, c.random, c.seen = s, rand.New(rand.NewPCG(s.seed, uint64(400+i))), make(map[string]bool)
		all = append(all, c)
	}
	return all
}

// subscribe makes the subscription.
func (c *consumer) subscribe(ctx context.Context) error {
	filter, err := json.Marshal(map[string]any{"kommuner": c.kommuner, "typer": c.typer})
	if err != nil {
		return err
	}
	sent := fmt.Sprintf(`{"navn":%q,"koe":%q,"filter":%s,"fraBegyndelsen":true}`, c.navn, c.navn, strings.ReplaceAll(string(filter), "null", "[]"))
	a, err := c.insist(ctx, call{"subscribe", c.operator, "POST", "/v2/abonnementer", sent, []string{"Content-Type", "application/json"}})
	if err == nil && a.status != http.StatusCreated {
		err = fmt.Errorf("subscribe %s: %d: %s", c.navn, a.status, a.body)
	}
	return err
}

func (c *consumer) work(ctx context.Context) {
	for ctx.Err() == nil {
		if err := c.take(ctx); err != nil && pause(ctx, again) != nil {
			return
		}
	}
}

// take takes some messages. Now and then it forgets to say that it is done, and gets them again.
func (c *consumer) take(ctx context.Context) error {
	path := "/lokal/koeer/" + c.navn
	a, err := c.try(ctx, call{"take from a queue", login{}, "GET", path + "?antal=10&vent=1&usynlig=5", "", nil})
	if err != nil {
		return err
	}
	var taken struct {
		Beskeder []struct {
			ID, Kvittering string
			Indhold        event
		}
	}
	if err := json.Unmarshal(a.body, &taken); err != nil || a.status != http.StatusOK {
		err := fmt.Errorf("%d: %.500s: %w", a.status, a.body, err)
		c.stats.fail("take from a queue", err)
		return err
	}
	if len(taken.Beskeder) == 0 {
		return nil
	}
	var receipts []string
	for _, m := range taken.Beskeder {
		receipts = append(receipts, m.Kvittering)
		if !c.seen[m.Indhold.ID] {
			c.seen[m.Indhold.ID] = true
			c.add(m.Indhold)
		}
	}
	if c.random.IntN(30) == 0 {
		c.stats.repeat("take from a queue")
		return nil
	}
	text, err := json.Marshal(receipts)
	if err != nil {
		return err
	}
	_, err = c.try(ctx, call{"be done with messages", login{}, "DELETE", path, string(text), []string{"Content-Type", "application/json"}})
	return err
}

// byKommune sorts events by municipality, and leaves them in their order within each.
func byKommune(events []event) []event {
	return slices.SortedStableFunc(slices.Values(events), func(a, b event) int { return cmp.Compare(a.kommune(), b.kommune()) })
}
