package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/events"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
)

// subscriber is the name of the one there is, and of its queue.
const subscriber = "bench"

// subscribe gives the relay of a server, with the subscriber.
func (s *server) subscribe(from relaying.Start) (*relaying.Service, error) {
	relay := &relaying.Service{Store: s.store, Queue: s.queue, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
	_, findings, err := relay.Create(context.Background(), register.Actor{}, relaying.Subscriber{Navn: subscriber, Koe: subscriber}, from)
	if err == nil && len(findings) > 0 {
		err = fmt.Errorf("subscribe: %v", findings)
	}
	return relay, err
}

// telling measures how long it takes from the answer to a write until its event is with a subscriber who waits for it, beside one
// synced put.
func telling(b *bench) error {
	const name, rate, count = "event, from write to subscriber, 100/s", 100, 500
	if !b.wants(name) {
		return nil
	}
	s, floor := newServer(4), newBare()
	defer s.close()
	defer floor.close()
	t := told{server: s, written: make(map[string]time.Time), received: make(map[string]time.Time)}
	took, err := t.run(rate, count)
	if err != nil {
		return err
	}
	var next atomic.Int64
	row := make([]byte, 600)
	bare := measure(inParallel(1, func(int64) error { return floor.put(int(next.Add(1)), 1, row) }))
	b.print(name+", p50", figure{perOp: took[count/2]}, "one synced bbolt put", bare)
	b.print(name+", p99", figure{perOp: took[count*99/100]}, "one synced bbolt put", bare)
	return nil
}

// told notes when units were answered for and when their events came, by their numbers.
type told struct {
	*server
	mu                sync.Mutex
	written, received map[string]time.Time
	err               error
}

func (t *told) note(in map[string]time.Time, number string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	in[number] = time.Now()
	t.err = errors.Join(t.err, err)
}

// run creates units at a rate and gives how long each event took, the shortest first.
func (t *told) run(rate, count int) (took []time.Duration, err error) {
	rows := units()
	parents, err := t.parents(rows)
	if err != nil {
		return nil, err
	}
	relay, err := t.subscribe(relaying.Start{})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var working, relayed sync.WaitGroup
	relayed.Go(func() { relay.Follow(ctx, t.store, time.Second) })
	working.Go(func() { t.consume(ctx, count) })
	ticks := time.NewTicker(time.Second / time.Duration(rate))
	for i := range count {
		<-ticks.C
		u := rows[i%len(rows)]
		u.instType = 6012
		working.Go(func() { t.create(encode(u.enhed(parents[u.kommune]))) })
	}
	working.Wait()
	cancel()
	relayed.Wait()
	for number, at := range t.written {
		took = append(took, max(0, t.received[number].Sub(at)))
	}
	if len(took) != count || len(t.received) != count {
		t.err = errors.Join(t.err, fmt.Errorf("%d units, %d events", len(took), len(t.received)))
	}
	slices.Sort(took)
	return took, t.err
}

func (t *told) create(body []byte) {
	var made struct{ EnhedsNummer string }
	err := t.call("POST", "/v2/anvisningsenheder", body, func(r io.Reader) error { return json.NewDecoder(r).Decode(&made) })
	t.note(t.written, made.EnhedsNummer, err)
}

// consume receives and deletes so many messages, as they come.
func (t *told) consume(ctx context.Context, count int) {
	for count > 0 && ctx.Err() == nil {
		received, err := t.queue.Receive(ctx, subscriber, 10, time.Minute)
		for _, m := range received {
			event, errParse := events.Parse(m.Indhold)
			t.note(t.received, string(event.Subject), errors.Join(err, errParse))
			if _, err := t.queue.Delete(subscriber, m.Kvittering); err != nil {
				t.note(t.received, string(event.Subject), err)
			}
		}
		count -= len(received)
	}
}

// replaying measures how long it takes to send all events there are to one subscriber, beside as many puts of the same bodies in one
// bbolt transaction.
func replaying(b *bench) error {
	const name, count = "replay of 100,000 events", 100_000
	if !b.wants(name) {
		return nil
	}
	s := newServer(1)
	defer s.close()
	if err := s.importAll(lines(units(), count), count); err != nil {
		return err
	}
	relay, err := s.subscribe(relaying.Start{Begin: true})
	if err != nil {
		return err
	}
	began := time.Now()
	if err := relay.Sweep(context.Background()); err != nil {
		return err
	}
	replay := figure{perOp: time.Since(began)}
	if depth, err := s.queue.Depth(context.Background(), subscriber); err != nil || depth != count {
		return fmt.Errorf("replay: %d in the queue, %w", depth, err)
	}
	bodies, err := s.bodies()
	if err != nil {
		return err
	}
	bare := measure(func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			floor := newBare()
			b.StartTimer()
			if err := floor.putAll(0, bodies); err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			floor.close()
			b.StartTimer()
		}
	})
	b.print(name, replay.per(count, "event"), "bbolt put in one transaction", bare.per(count, "row"))
	return nil
}

// bodies gives every event.
func (s *server) bodies() (all [][]byte, err error) {
	for c, err := range s.store.Ordered(context.Background(), 0) {
		if err != nil {
			return nil, err
		}
		all = append(all, events.Of(&c).Append(nil))
	}
	return all, nil
}
