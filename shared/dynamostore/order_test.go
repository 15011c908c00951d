package dynamostore

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/dynamostore/dynamotest"
	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/storetest"
)

// What the package comment says of the order.
func TestOrderCosts(t *testing.T) {
	meter := dynamotest.NewMeter(t)
	server := dynamotest.Start(t)
	s := newStore(t, server.Client(meter.Attach), "Dagtilbud", register.DefaultSeries)
	heads := func(municipalities int, nr int64) {
		var items []item
		for i := range municipalities {
			h := register.Head{Position: register.Position{Kommune: 101 + i, Nr: nr}, Tid: storetest.Now}
			items = append(items, encodeHead(h).keyed(keys.Head(h.Kommune)))
		}
		putAll(t, server.Client(), s.table, items)
	}
	order := func() error { return s.Order(t.Context()) }
	ordered := func(after int64) func() error {
		return func() error {
			_, err := collect(s.Ordered(t.Context(), after))
			return err
		}
	}
	d := storetest.Daginstitution(101, "G20000")
	storetest.Create(t, s, d, storetest.Anvisningsenhed(d, "G20001"), storetest.Anvisningsenhed(d, "G20002"))
	storetest.Create(t, s, storetest.Daginstitution(102, "G20003"))
	meter.Take()
	measure(t, server, meter, []measured{
		{"the heads", func() error {
			_, err := s.Heads(t.Context())
			return err
		}, 1, 0},
		{"order two stretches", order, 2, 2 + 4*2},
		{"order nothing new", order, 2, 0},
		{"wait for what there is", func() error {
			s.Await(t.Context(), 3)
			return nil
		}, 1, 0},
		{"look for more once", func() error {
			if s.reader(t.Context(), true).beyond(4) {
				return errors.New("there is none")
			}
			return nil
		}, 2, 0},
		{"read what is after the last", ordered(4), 1, 0},
		{"read the last", ordered(3), 2 + 1, 0},
		{"read two stretches", ordered(0), 2 + 2, 0},
		{"follow a log", func() error {
			_, err := collect(s.Changes(t.Context(), register.Position{Kommune: 101, Nr: 1}))
			return err
		}, 2, 0},
	})
	heads(48, 10)
	meter.Take()
	measure(t, server, meter, []measured{{"order 48 stretches", order, 2, 2 + 4*48}})
	heads(98, 123_456)
	meter.Take()
	measure(t, server, meter, []measured{
		{"order 49 stretches, and 49 more", order, 4, 2 + 4 + 2*4*49},
		{"order nothing new in 98 municipalities", order, 2, 0},
		{"the heads of 98 municipalities", func() error {
			_, err := s.Heads(t.Context())
			return err
		}, 1, 0},
	})
}

// wantPlaces checks which changes are in the order, without a gap.
func (b *bench) wantPlaces(t *testing.T, want ...register.Position) {
	t.Helper()
	all, err := collect(b.Ordered(t.Context(), 0))
	if err != nil || len(all) != len(want) {
		t.Fatalf("%v: %d changes in the order, want %d", err, len(all), len(want))
	}
	for i, c := range all {
		if c.Position != want[i] || c.Sequence != int64(i)+1 {
			t.Errorf("in place %d is %s, want %s", c.Sequence, c.Position, want[i])
		}
	}
}

// up gives the first positions of a log.
func up(kommune int, last int64) (all []register.Position) {
	for nr := int64(1); nr <= last; nr++ {
		all = append(all, register.Position{Kommune: kommune, Nr: nr})
	}
	return all
}

// log writes a change behind the store's back.
func (b *bench) log(t *testing.T, at register.Position) {
	t.Helper()
	c := created(storetest.Daginstitution(at.Kommune, register.Number(fmt.Sprintf("G3%04d", at.Nr))))
	b.put(t, keys.Change(at), encodeChange(&c, "another"))
}

func TestOrderThroughFaults(t *testing.T) {
	for _, fault := range []dynamotest.Fault{dynamotest.Unsent, dynamotest.Unanswered, dynamotest.Throttled, dynamotest.Contended} {
		b := start(t)
		b.rerun = backoff{tries: 5, first: time.Millisecond, most: time.Millisecond}
		for range b.rerun.tries - 1 {
			b.faults.Next(fault, transact)
		}
		if err := b.Order(t.Context()); err != nil {
			t.Errorf("fault %d, one try left: %v", fault, err)
		}
		b.wantPlaces(t, up(265, 2)...)
		if fault == dynamotest.Unanswered {
			continue // the first round is carried out
		}
		storetest.Create(t, b, storetest.Daginstitution(101, "G20005"))
		for range b.rerun.tries {
			b.faults.Next(fault, transact)
		}
		wantKind(t, b.Order(t.Context()), register.Unavailable)
		b.wantPlaces(t, up(265, 2)...)
	}
}

// What cannot be read is not taken for an order that has nothing in it.
func TestOrderUnread(t *testing.T) {
	for _, call := range []string{"GetItem", "Query"} {
		b := start(t)
		for range 3 { // as often as the SDK tries
			b.faults.Next(dynamotest.Unsent, call)
		}
		wantKind(t, b.Order(t.Context()), register.Unavailable)
		if cost := b.meter.Take(); cost.Write != 0 {
			t.Errorf("%s: %s", call, cost)
		}
	}
	b := start(t)
	b.put(t, keys.OrderHead, item{"nr": integer(2), "logs": text("265")})
	if err := b.Order(t.Context()); err == nil || !strings.Contains(err.Error(), "item GH GH cannot be read: attribute logs") {
		t.Errorf("error %v", err)
	}
}

// Processes write, and put in order what they and others wrote, side by side.
func TestProcessesOrder(t *testing.T) {
	const processes, each = 8, 4
	server := dynamotest.Start(t)
	s := newStore(t, server.Client(), "Dagtilbud", register.DefaultSeries)
	var group sync.WaitGroup
	for i := range processes {
		group.Go(func() {
			s := New(server.Client(), "Dagtilbud", register.DefaultSeries)
			for j := range each {
				storetest.Create(t, s, storetest.Daginstitution(101+i%3, register.Number(fmt.Sprintf("G2%02d%02d", i, j))))
				if err := s.Order(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	next, nrs := int64(1), make(map[int]int64)
	for c, err := range s.Ordered(t.Context(), 0) {
		if err != nil || c.Sequence != next || c.Position.Nr != nrs[c.Position.Kommune]+1 {
			t.Fatalf("%v: in place %d, want %d, is %s after %d", err, c.Sequence, next, c.Position, nrs[c.Position.Kommune])
		}
		next, nrs[c.Position.Kommune] = next+1, c.Position.Nr
	}
	if next != processes*each+1 {
		t.Errorf("%d changes in the order", next-1)
	}
}

// A change that has a place and cannot be seen yet is waited for, and never passed over.
func TestOrderedWaitsForChange(t *testing.T) {
	b := start(t)
	b.rerun = backoff{tries: 3, first: time.Millisecond, most: time.Millisecond}
	b.put(t, keys.Head(265), encodeNr(5))
	b.log(t, register.Position{Kommune: 265, Nr: 3})
	b.log(t, register.Position{Kommune: 265, Nr: 5})
	if err := b.Order(t.Context()); err != nil {
		t.Fatal(err)
	}
	seen, err := int64(0), error(nil)
	for c, failure := range b.Ordered(t.Context(), 0) {
		if err = failure; err == nil {
			seen = c.Sequence
		}
	}
	if wantKind(t, err, register.Unavailable); seen != 3 {
		t.Errorf("read up to %d, want 3", seen)
	}
	for c, err := range b.Ordered(t.Context(), 1) {
		if seen = c.Sequence; err == nil && seen == 3 {
			b.log(t, register.Position{Kommune: 265, Nr: 4}) // what has been read has a hole there
		}
		if err != nil {
			t.Error(err)
		}
	}
	if seen != 5 {
		t.Errorf("read up to %d, want 5", seen)
	}
	b.wantPlaces(t, up(265, 5)...)
}

// A round shows its items one by one: what is behind a stretch that cannot be seen yet has no place yet.
func TestOrderStopsAtHole(t *testing.T) {
	b := start(t)
	for nr := int64(3); nr <= 6; nr++ {
		b.log(t, register.Position{Kommune: 265, Nr: nr})
	}
	b.put(t, keys.Head(265), encodeNr(6))
	put := func(first, count int64) {
		st := stretch{first, register.Position{Kommune: 265, Nr: first}, count}
		b.put(t, keys.Place(first), st.encode())
		b.put(t, keys.PlaceOf(st.position), st.encode())
	}
	places := func() (all []int64) {
		log, err := collect(b.Changes(t.Context(), register.Position{Kommune: 265}))
		for _, c := range log {
			all = append(all, c.Sequence)
		}
		if err != nil {
			t.Error(err)
		}
		return all
	}
	put(1, 2)
	put(5, 2)
	b.wantPlaces(t, up(265, 2)...)
	if got := fmt.Sprint(places()); got != "[1 2 0 0 0 0]" {
		t.Errorf("the log has the places %s", got)
	}
	if all, err := collect(b.Ordered(t.Context(), 2)); err != nil || len(all) != 0 {
		t.Errorf("%v: after the hole's beginning comes %+v", err, all)
	}
	put(3, 2)
	b.wantPlaces(t, up(265, 6)...)
	if got := fmt.Sprint(places()); got != "[1 2 3 4 5 6]" {
		t.Errorf("the log has the places %s", got)
	}
}

// Who waits looks again until there is something, whatever goes wrong meanwhile, and whoever puts it in order.
func TestAwaitLooksAgain(t *testing.T) {
	b := start(t)
	if err := b.Order(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.poll = time.Hour
	b.Await(t.Context(), 1)
	storetest.Create(t, New(b.client, b.table, b.series), storetest.Daginstitution(101, "G20005"))
	b.Await(t.Context(), 2)

	b.poll = time.Millisecond
	for range 3 { // as often as the SDK tries
		b.faults.Next(dynamotest.Unsent, "GetItem")
		b.faults.Next(dynamotest.Throttled, "Query")
	}
	b.meter.Take()
	b.Await(t.Context(), 2)
	if cost := b.meter.Take(); cost.Calls != 3 { // the head once by itself, and once with the logs' heads
		t.Errorf("%s", cost)
	}
}

// An update on a table from before there was an order and heads had times.
func TestHeadsFromBefore(t *testing.T) {
	b := start(t)
	b.put(t, keys.Head(265), encodeNr(2))
	heads, err := b.Heads(t.Context())
	if err != nil || len(heads) != 1 || heads[0] != (register.Head{Position: register.Position{Kommune: 265, Nr: 2}}) {
		t.Errorf("%v: %v", err, heads)
	}
	err = b.Update(t.Context(), func(tx register.Tx) error {
		if tid, err := tx.Latest(265); err != nil || tid != storetest.Now {
			t.Errorf("%v: the latest change was made at %v", err, tid)
		}
		return rename(tx, "G20001", "Bagefter")
	})
	if err != nil {
		t.Fatal(err)
	}
	if heads, err = b.Heads(t.Context()); err != nil || heads[0].Tid != storetest.Now {
		t.Errorf("%v: %v", err, heads)
	}
	b.put(t, keys.Head(265), item{"nr": integer(3), "tid": text("i går")})
	if _, err = b.Heads(t.Context()); err == nil || !strings.Contains(err.Error(), "attribute tid") {
		t.Errorf("error %v", err)
	}
}
