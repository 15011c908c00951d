package relaying_test

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
	"dagtilbudsregisteret.dk/shared/storetest"
)

// world is a station to which anything happens.
type world struct {
	*rapid.T
	*station
	drawn       int               // units and subscribers
	units       []register.Number // those that there are
	areas       []register.Number // the daginstitutioner among them
	subscribers []string
}

// happened counts what the property test has tried, by kind, so that it can tell whether it has tried anything.
var happened [kinds]atomic.Int64

// The kinds of acts.
const (
	toWrite = iota
	toRelay
	toInterrupt
	toFail
	toHold
	toStop
	toHang
	toSubscribe
	toPause
	toReplay
	toRefilter
	toClose
	toForget
	toRestart
	kinds
)

// TestNothingIsLost has changes be written, relays come through, fail, overtake each other and be killed, queues refuse, hang and
// forget, and subscribers come, be paused, told to begin anew and to want something else, in any mix. When all is well again and one
// relay has come through, everybody has what it is owed, in order, and nothing else.
func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	for i := range happened {
		happened[i].Store(0)
	}
	rapid.Check(t, func(t *rapid.T) {
		w := &world{T: t, station: inMemory(t)}
		for _, kommune := range kommuner {
			w.create(kommune)()
		}
		w.enlist(relaying.Filter{}, beginning)()
		for range rapid.IntRange(5, 20).Draw(t, "acts") {
			w.draw(rapid.IntRange(0, kinds-1).Draw(t, "act"))()
		}
		w.calm()
		for _, navn := range w.subscribers {
			w.resume(navn)
		}
		w.relay()
		w.wantAll()
	})
	for kind := range happened {
		if happened[kind].Load() == 0 {
			t.Errorf("the kind %d never happened", kind)
		}
	}
}

var kommuner = []int{101, 265, 751}

// draw draws an act. What it draws it draws now, and what it does it does when it is called.
func (w *world) draw(kind int) func() {
	do := w.drawOf(kind)
	return func() {
		happened[kind].Add(1)
		do()
	}
}

func (w *world) drawOf(kind int) func() {
	navn := rapid.SampledFrom(w.subscribers).Draw(w.T, "subscriber")
	switch kind {
	case toWrite:
		return w.drawWrite()
	case toRelay:
		return w.drawRelay()
	case toInterrupt:
		return w.drawInterrupted()
	case toFail:
		f := fault{rapid.IntRange(0, 5).Draw(w.T, "place"), rapid.Bool().Draw(w.T, "lost")}
		return func() { w.memory().fail(f) }
	case toHold:
		group := fmt.Sprint(rapid.SampledFrom(kommuner).Draw(w.T, "group"))
		return func() { w.memory().refuseGroup(w.queues[navn], group, true) }
	case toStop:
		return w.mail.stop
	case toHang:
		return func() { w.hang(navn) }
	case toSubscribe:
		return w.enlist(w.drawFilter(), w.drawStart())
	case toPause:
		if rapid.Bool().Draw(w.T, "resumed") {
			return func() { w.resume(navn) }
		}
		return func() { w.Pause(w.Context(), drift, navn) } // unless it is closed
	case toReplay:
		from := w.drawStart()
		return func() {
			if sub, findings, err := w.Replay(w.Context(), drift, navn, from); err == nil && len(findings) == 0 {
				w.owe(&sub)
			}
		}
	case toRefilter:
		filter := w.drawFilter()
		return func() { w.refilter(navn, filter) }
	case toClose:
		return func() { w.shut(navn) }
	case toForget:
		return w.memory().forget
	}
	return func() {
		w.close()
		w.reopen()
	}
}

// calm has everything go well again.
func (w *world) calm() {
	w.mail.start()
	w.memory().set(func() {
		w.memory().next = nil
		for _, b := range w.memory().boxes {
			clear(b.refusing)
		}
	})
}

// drawWrite draws changes of units that there are, and new ones.
func (w *world) drawWrite() func() {
	n, area := rapid.SampledFrom(w.units).Draw(w.T, "unit"), rapid.SampledFrom(w.areas).Draw(w.T, "area")
	kommune := rapid.SampledFrom(kommuner).Draw(w.T, "kommune")
	switch rapid.IntRange(0, 5).Draw(w.T, "write") {
	case 0:
		return w.create(kommune)
	case 1:
		below := w.next()
		return func() {
			w.write(opret(storetest.Anvisningsenhed(w.unit(area), below)))
			w.units = append(w.units, below)
		}
	case 2:
		return func() { w.write(nedlaeg(n), omdoeb(area, "Skoven")) }
	case 3:
		return func() { w.transfer(area, kommune) }
	case 4:
		times := rapid.IntRange(1, 220).Draw(w.T, "times")
		return func() { w.write(many(n, times)...) }
	}
	return func() { w.write(omdoeb(n, "Havnen"), omdoeb(area, "Engen"), omdoeb(n, "Bakken")) }
}

func (w *world) next() register.Number {
	w.drawn++
	return register.Number(fmt.Sprintf("H%05d", w.drawn))
}

// create makes a daginstitution.
func (w *world) create(kommune int) func() {
	u := storetest.Daginstitution(kommune, w.next())
	return func() {
		w.write(opret(u))
		w.units, w.areas = append(w.units, u.Number()), append(w.areas, u.Number())
	}
}

func (w *world) unit(n register.Number) register.Unit {
	u, err := w.store.Unit(w.Context(), n)
	if err != nil {
		w.Error(err)
	}
	return u
}

// transfer takes a daginstitution and all below it to a municipality.
func (w *world) transfer(area register.Number, kommune int) {
	tree, err := w.store.Tree(w.Context(), area)
	if err != nil {
		w.Error(err)
	}
	var steps []step
	for _, u := range tree {
		steps = append(steps, overfoer(u.Number(), kommune))
	}
	w.write(steps...)
}

// drawRelay draws a relay to some municipalities or all, whose first mark may fail.
func (w *world) drawRelay() func() {
	some := rapid.SliceOfN(rapid.SampledFrom(kommuner), 0, 2).Draw(w.T, "kommuner")
	fails, made := rapid.Bool().Draw(w.T, "fails"), rapid.Bool().Draw(w.T, "made")
	return func() {
		service := w.Service
		if fails {
			service.Store = &forgetful{engine: w.store, made: made}
		}
		w.try(&service, some...)
	}
}

// try relays where it may be held back, as long as another try may help.
func (w *world) try(service *relaying.Service, kommuner ...int) {
	left, err := service.Relay(w.Context(), kommuner...)
	if err != nil {
		w.Error(err)
	}
	for _, l := range left {
		if !(l.Late && l.Err == nil) && register.KindOf(l.Err) != register.Unavailable || l.Navn == "" {
			w.Errorf("%q of %d is left for %v", l.Navn, l.Kommune, l.Err)
		}
	}
}

// hang relays while a subscriber's queue hangs, with less patience than some of the others may need.
func (w *world) hang(navn string) {
	defer w.memory().block(w.queues[navn])()
	service := w.Service
	service.Patience = time.Millisecond
	w.try(&service)
}

// drawInterrupted draws a relay to which something happens on its way, such as another relay, and which may not survive it.
func (w *world) drawInterrupted() func() {
	nr, at := rapid.IntRange(1, 8).Draw(w.T, "effect"), part(rapid.IntRange(0, 2).Draw(w.T, "part"))
	act := w.draw(rapid.SampledFrom([]int{toWrite, toRelay, toInterrupt, toSubscribe, toPause, toReplay, toClose, toForget}).Draw(w.T, "meanwhile"))
	survives := rapid.Bool().Draw(w.T, "survives")
	return func() {
		_, service := w.interrupt(nr, at, func() bool {
			act()
			return survives
		})
		w.try(service)
	}
}

func (w *world) drawFilter() relaying.Filter {
	return relaying.Filter{
		Kommuner: rapid.SampledFrom([][]int{nil, nil, {265}, {101, 751}}).Draw(w.T, "of"),
		Niveauer: rapid.SampledFrom([][]register.Level{nil, nil, {register.Daginstitution}, {register.Anvisningsenhed}}).Draw(w.T, "levels"),
		Arter:    rapid.SampledFrom([][]register.Art{nil, nil, {register.Oprettelse, register.Nedlaeggelse}}).Draw(w.T, "arts"),
	}
}

func (w *world) drawStart() relaying.Start {
	ago := time.Duration(rapid.IntRange(0, 10).Draw(w.T, "ago")) * time.Second
	return rapid.SampledFrom([]relaying.Start{
		beginning, beginning, {}, {Moment: w.clock.Now().Add(-ago)}, {Positions: register.Positions{{Kommune: 101, Nr: 1}, {Kommune: 265, Nr: 0}}},
	}).Draw(w.T, "start")
}

// enlist makes a new subscriber.
func (w *world) enlist(f relaying.Filter, from relaying.Start) func() {
	w.drawn++
	navn := fmt.Sprint("abonnent", w.drawn)
	return func() {
		w.subscribe(navn, f, from)
		w.subscribers = append(w.subscribers, navn)
	}
}

// resume has a subscriber go on, unless it is closed.
func (w *world) resume(navn string) {
	if _, _, err := w.Resume(w.Context(), drift, navn); err != nil {
		w.Error(err)
	}
}

// upToDate has a subscriber be sent all that it is owed. It tells whether it could.
func (w *world) upToDate(navn string) bool {
	w.calm()
	w.relay()
	sub, err := w.store.Subscriber(w.Context(), navn)
	return err == nil && !sub.Pauset && !sub.Lukket
}

// refilter gives a subscriber that is up to date another filter.
func (w *world) refilter(navn string, f relaying.Filter) {
	if !w.upToDate(navn) {
		return
	}
	w.done(w.Change(w.Context(), drift, navn, nil, w.queues[navn], f))
	w.settle(navn)
	w.present(navn).filter = f
}

// shut closes a subscriber that is up to date: it is owed what it has.
func (w *world) shut(navn string) {
	if w.upToDate(navn) {
		w.done(w.Close(w.Context(), drift, navn))
		w.settle(navn)
		w.present(navn).filter = relaying.Filter{Kommuner: []int{9999}}
	}
}

// present is what a subscriber is owed in its present round.
func (w *world) present(navn string) *owed { return &w.rounds[navn][len(w.rounds[navn])-1] }

// settle notes that a subscriber has what it was owed by its filter, of the municipalities that it follows.
func (w *world) settle(navn string) {
	o, all := w.present(navn), w.ordered()
	o.before = o.of(all)
	for i := range all {
		if p := all[i].Position; o.filter.Kommuner == nil || slices.Contains(o.filter.Kommuner, p.Kommune) {
			o.after[p.Kommune] = max(o.after[p.Kommune], p.Nr)
		}
	}
}
