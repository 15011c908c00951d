package relaying_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"pgregory.net/rapid"

	"dagtilbudsregisteret.dk/events"
	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/boltstore"
	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
	"dagtilbudsregisteret.dk/shared/storetest"
	"dagtilbudsregisteret.dk/shared/validation"
)

// tester is what *testing.T and *rapid.T have in common.
type tester interface {
	rapid.TB
	Context() context.Context
	Cleanup(func())
}

// engine is all that an engine implements.
type engine interface {
	register.Store
	access.Store
	relaying.Store
}

// mail is an implementation of [relaying.Queue], with the subscribers' end of its queues.
type mail interface {
	relaying.Queue
	open(name string) (queue string)          // makes a queue, and tells what the service is to call it
	received(queue string) []relaying.Message // all that a queue has ever taken, as its subscriber receives it
	refuse(place int)                         // of the next call, the message at a place and those after it in its group
	lose()                                    // the next call is carried out, and not answered
	stop()                                    // nobody answers
	start()                                   // again; what was sent before stop may be taken once more
}

// station is a register, the queues of its subscribers, and the service between them.
type station struct {
	tester
	relaying.Service
	store  engine
	mail   mail
	clock  *clock
	queues map[string]string // by subscribers' names
	rounds map[string][]owed // what each subscriber is owed
}

// clock goes on by a second with each change that is made.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time { return c.pass(0) }

func (c *clock) pass(d time.Duration) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	return c.now
}

func newStation(t tester, store engine, m mail) *station {
	s := &station{tester: t, store: store, mail: m, clock: &clock{now: storetest.Now}, queues: make(map[string]string), rounds: make(map[string][]owed)}
	s.Service = relaying.Service{Store: store, Tables: codes.Embedded(), Queue: m, Now: s.clock.Now, Log: slog.New(slog.DiscardHandler)}
	return s
}

// openBolt opens a register in a file of its own.
func openBolt(t tester) *file {
	t.Helper()
	dir, err := os.MkdirTemp("", "relaying-*")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return openFile(t, filepath.Join(dir, "register.db"))
}

// file is a register in a file, which may be closed more than once.
type file struct {
	*boltstore.Store
	once sync.Once
	path string
}

func openFile(t tester, path string) *file {
	t.Helper()
	store, err := boltstore.Open(path, register.DefaultSeries)
	if err != nil {
		t.Fatal(err)
	}
	f := &file{Store: store, path: path}
	t.Cleanup(func() { f.Close() })
	return f
}

func (f *file) Close() (err error) {
	f.once.Do(func() { err = f.Store.Close() })
	return err
}

// close closes a station's file: one process may have it open at a time.
func (s *station) close() {
	s.Helper()
	if err := s.store.(*file).Close(); err != nil {
		s.Fatal(err)
	}
}

func (s *station) reopen() {
	s.Helper()
	s.store = openFile(s.tester, s.store.(*file).path)
	s.Service.Store = s.store
}

func inMemory(t tester) *station { return newStation(t, openBolt(t), newMemory()) }

// memory gives the queues of a station that has them in memory.
func (s *station) memory() *memory { return s.mail.(*memory) }

// drift is who manages subscribers.
var drift = register.Actor{User: "drift-1", Version: register.V2, Address: "192.0.2.1", RequestID: "req-9"}

// subscribe makes a subscriber with a queue of its own.
func (s *station) subscribe(navn string, f relaying.Filter, from relaying.Start) relaying.Subscriber {
	s.Helper()
	s.queues[navn] = s.mail.open(navn)
	sub := s.done(s.Create(s.Context(), drift, relaying.Subscriber{Navn: navn, Koe: s.queues[navn], Filter: f}, from))
	s.owe(&sub)
	return sub
}

// replay has a subscriber begin anew.
func (s *station) replay(navn string, from relaying.Start) relaying.Subscriber {
	s.Helper()
	sub := s.done(s.Replay(s.Context(), drift, navn, from))
	s.owe(&sub)
	return sub
}

// beginning is where who begins with event 1 begins.
var beginning = relaying.Start{Begin: true}

// done is the outcome of an act that is to be carried out.
func (s *station) done(sub relaying.Subscriber, findings []validation.Finding, err error) relaying.Subscriber {
	s.Helper()
	if err != nil || len(findings) > 0 {
		s.Errorf("%v: %s", err, shown(findings))
	}
	return sub
}

// write has changes made in one update. Each edit gets the row as it stands, the zero Unit where a new one is made.
func (s *station) write(changes ...step) {
	s.Helper()
	if err := s.tryWrite(changes...); err != nil {
		s.Error(err)
	}
}

// step is a change of one unit: of the number, or a new one.
type step struct {
	art    register.Art
	number register.Number
	edit   func(*register.Unit)
}

func (s *station) tryWrite(steps ...step) error {
	now := s.clock.pass(time.Second)
	return s.store.Update(s.Context(), func(tx register.Tx) (err error) {
		rows := make(map[register.Number]register.Unit) // as the steps have left them
		for _, st := range steps {
			foer, ok := rows[st.number]
			if st.number != "" && !ok {
				if foer, err = tx.Unit(st.number); err != nil {
					return err
				}
			}
			efter := foer
			st.edit(&efter)
			efter.Version, efter.SenestOpdateret = foer.Version+1, now
			efter.Position, err = tx.Write(register.Change{
				Art: st.art, Aarsag: register.VedKald, Foer: foer, Efter: efter, Tid: now, Af: af,
			})
			if err != nil {
				return err
			}
			rows[efter.Number()] = efter
		}
		return nil
	})
}

// af is who makes the changes.
var af = register.Actor{User: "leverandoer-17", Version: register.V2, RequestID: "req-1", Traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}

// The steps of the tests.

func opret(u register.Unit) step {
	return step{register.Oprettelse, "", func(efter *register.Unit) { *efter = u }}
}

func omdoeb(n register.Number, navn string) step {
	return step{register.Aendring, n, func(u *register.Unit) { u.Navn = navn }}
}

func nedlaeg(n register.Number) step {
	return step{register.Nedlaeggelse, n, func(u *register.Unit) { u.Aktivitetsstatus = register.Nedlagt }}
}

// overfoer takes a unit to another municipality.
func overfoer(n register.Number, kommune int) step {
	return step{register.Aendring, n, func(u *register.Unit) { u.AdmKommuneKode = kommune }}
}

// many renames a unit, time and again.
func many(n register.Number, times int) (steps []step) {
	for i := range times {
		steps = append(steps, omdoeb(n, fmt.Sprint("Navn ", i)))
	}
	return steps
}

// omraade is a daginstitution of a municipality that has its code in its number.
func omraade(kommune int) register.Unit {
	return storetest.Daginstitution(kommune, register.Number(fmt.Sprintf("H1%04d", kommune)))
}

// number is that of [omraade].
func number(kommune int) register.Number { u := omraade(kommune); return u.Number() }

// relay relays, and nothing may hold it back.
func (s *station) relay(kommuner ...int) {
	s.Helper()
	if left, err := s.Relay(s.Context(), kommuner...); err != nil || len(left) > 0 {
		s.Errorf("%v: left is %q", err, shownLeft(left))
	}
}

// relayLeaves relays where something goes wrong, and checks what is left.
func (s *station) relayLeaves(want ...string) {
	s.Helper()
	left, err := s.Relay(s.Context())
	if got := shownLeft(left); err != nil || !slices.Equal(got, want) {
		s.Errorf("%v: left is %q, want %q", err, got, want)
	}
}

// shownLeft writes down what a relay has left, each thing once: "<subscriber> <municipality>", with "log" where it is the log's own.
func shownLeft(left []relaying.Left) (all []string) {
	for _, l := range left {
		all = append(all, fmt.Sprint(cmp.Or(l.Navn, "log"), " ", l.Kommune))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// logged is a change, and its event's id.
type logged struct {
	register.Change
	id string
}

// ordered gives every change, in the order of the whole register.
func (s *station) ordered() (all []logged) {
	s.Helper()
	if err := s.store.Order(s.Context()); err != nil {
		s.Fatal(err)
	}
	for c, err := range s.store.Ordered(s.Context(), 0) {
		if err != nil {
			s.Fatal(err)
		}
		all = append(all, logged{c, events.Of(&c).ID})
	}
	return all
}

// owed is what a subscriber is to receive in a round: of each municipality what it had been owed before its filter was changed, and
// what it wants after a position. A municipality that after does not name begins with its first change.
type owed struct {
	before map[int][]string
	after  map[int]int64
	filter relaying.Filter
}

// owe notes what a subscriber is owed in the round that it begins.
func (s *station) owe(sub *relaying.Subscriber) {
	after := make(map[int]int64)
	for _, p := range sub.Fra {
		after[p.Kommune] = p.Nr
	}
	s.rounds[sub.Navn] = append(s.rounds[sub.Navn], owed{nil, after, sub.Filter})
}

// of gives the ids that are owed, by municipality.
func (o *owed) of(all []logged) map[int][]string {
	ids := make(map[int][]string)
	for kommune, before := range o.before {
		ids[kommune] = slices.Clone(before)
	}
	for i := range all {
		if p := all[i].Position; p.Nr > o.after[p.Kommune] && wants(o.filter, &all[i].Change) {
			ids[p.Kommune] = append(ids[p.Kommune], all[i].id)
		}
	}
	return ids
}

func wants(f relaying.Filter, c *register.Change) bool {
	return (f.Kommuner == nil || slices.Contains(f.Kommuner, c.Position.Kommune)) &&
		(f.Niveauer == nil || slices.Contains(f.Niveauer, c.Efter.Level)) && (f.Arter == nil || slices.Contains(f.Arter, c.Art))
}

// wantAll checks all that every subscriber has received: each message is its change's event, byte for byte, in the group of its
// municipality; of the present round there is, in each municipality's order, all that is owed and nothing else; and of the rounds before
// the same as far as they came.
func (s *station) wantAll() {
	s.Helper()
	all := s.ordered()
	byID := make(map[string]*register.Change)
	for i := range all {
		byID[all[i].id] = &all[i].Change
	}
	for navn, rounds := range s.rounds {
		got := s.receivedInRounds(navn, byID)
		for runde := range rounds {
			s.wantRound(fmt.Sprintf("%s in round %d", navn, runde), got[runde], rounds[runde].of(all), runde+1 < len(rounds))
			delete(got, runde)
		}
		if len(got) > 0 {
			s.Errorf("%s received of rounds that there are not: %v", navn, got)
		}
	}
}

// receivedInRounds gives, of each round and municipality, the ids that a subscriber has received, in the order in which each came first.
func (s *station) receivedInRounds(navn string, byID map[string]*register.Change) map[int]map[int][]string {
	s.Helper()
	rounds, seen := make(map[int]map[int][]string), make(map[string]bool)
	for _, m := range s.mail.received(s.queues[navn]) {
		c := byID[m.ID]
		if c == nil {
			s.Errorf("%s received %s, which is the event of no change", navn, m.ID)
			continue
		}
		s.wantMessage(navn, &m, c)
		runde, kommune := roundOf(&m), c.Position.Kommune
		if rounds[runde] == nil {
			rounds[runde] = make(map[int][]string)
		}
		if !seen[m.Dedup] {
			seen[m.Dedup] = true
			rounds[runde][kommune] = append(rounds[runde][kommune], m.ID)
		}
	}
	return rounds
}

func (s *station) wantMessage(navn string, m *relaying.Message, c *register.Change) {
	s.Helper()
	event := events.Of(c)
	body := event.Append(nil)
	if len(body) > relaying.MostBody {
		body = events.Reference(event).Append(nil)
	}
	if string(m.Body) != string(body) || m.Group != strconv.Itoa(c.Position.Kommune) {
		s.Errorf("%s received %s in the group %s as\n%s\nwant in the group %d\n%s", navn, m.ID, m.Group, m.Body, c.Position.Kommune, body)
	}
}

// roundOf tells in which round a message was sent, -1 where its deduplication id is none.
func roundOf(m *relaying.Message) int {
	suffix, ok := strings.CutPrefix(m.Dedup, m.ID)
	if suffix == "" && ok {
		return 0
	}
	if nr, err := strconv.Atoi(strings.TrimPrefix(suffix, "#")); ok && err == nil && nr > 0 && suffix == "#"+strconv.Itoa(nr) {
		return nr
	}
	return -1
}

// wantRound checks what was received in a round, which may have ended before all of it was.
func (s *station) wantRound(what string, got, want map[int][]string, ended bool) {
	s.Helper()
	for kommune, ids := range got {
		is := want[kommune]
		if ended {
			is = is[:min(len(ids), len(is))]
		}
		if !slices.Equal(ids, is) {
			s.Errorf("%s: of %d came\n     %s\nwant %s", what, kommune, ids, is)
		}
	}
	for kommune, ids := range want {
		if !ended && got[kommune] == nil {
			s.Errorf("%s: of %d came nothing, want %s", what, kommune, ids)
		}
	}
}

// ids gives those of messages.
func ids(messages []relaying.Message) (all []string) {
	for _, m := range messages {
		all = append(all, m.ID)
	}
	return all
}

// wantIDs checks what a subscriber has received, message by message, municipality by municipality.
func (s *station) wantIDs(navn string, want ...string) {
	s.Helper()
	got := slices.Clone(s.mail.received(s.queues[navn]))
	slices.SortStableFunc(got, func(a, b relaying.Message) int { return strings.Compare(a.Group, b.Group) })
	if got := ids(got); !slices.Equal(got, want) {
		s.Errorf("%s received %s, want %s", navn, got, want)
	}
}

// wantMarks checks how far a subscriber is marked to have come in its present round.
func (s *station) wantMarks(navn, want string) {
	s.Helper()
	sub, err := s.store.Subscriber(s.Context(), navn)
	marks, errMarks := s.store.Marks(s.Context(), navn, sub.Runde)
	if err != nil || errMarks != nil || marks.String() != want {
		s.Errorf("%v, %v: the marks of %s are %s, want %s", err, errMarks, navn, marks, want)
	}
}

// shown writes down what programs go by in findings: "rule/code pointer".
func shown(findings []validation.Finding) string {
	var all []string
	for _, f := range findings {
		all = append(all, strings.TrimRight(f.Rule.ID+"/"+f.Kode+" "+f.Pointer, " "))
	}
	return strings.Join(all, ", ")
}

var errBroken = &register.Error{Kind: register.Unavailable, Cause: errors.New("broken by the test")}
