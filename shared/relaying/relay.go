package relaying

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"dagtilbudsregisteret.dk/events"
	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/register"
)

// Service relays, and manages subscribers.
type Service struct {
	Store Store
	Queue Queue
	Now   func() time.Time
	Log   *slog.Logger

	// Tables have the municipalities that there are.
	Tables *codes.Tables

	// Patience is how long a relay goes on sending to one subscriber, or as long as that takes where it is 0. What the subscriber has
	// not taken by then is left to the next relay.
	Patience time.Duration
}

// active tells whether a subscriber is to get anything now.
func (s *Subscriber) active() bool { return !s.Pauset && !s.Lukket }

// window is how many changes of one log are read, sent and marked together.
const window = 100

// Left is something that a relay has left undone.
type Left struct {
	Navn    string // the subscriber that has not been sent it; empty where that is for no subscriber's sake
	Kommune int    // in whose log it stands; 0 where it may be any
	Late    bool   // the subscriber kept the relay for long: until the patience ended, or to be refused in the end
	Err     error  // why; nil where the subscriber took what it was sent, for as long as there was time
}

// Relay brings every subscriber up to date with the logs of some municipalities, or of all where none is named: to the end that a log
// had when the relay began. Subscribers are served side by side, and what goes wrong for one stops no other. It answers what it has
// left undone, or an error where it could do nothing.
func (s *Service) Relay(ctx context.Context, kommuner ...int) ([]Left, error) {
	return s.relay(ctx, kommuner, func(*Subscriber) bool { return true })
}

func (s *Service) relay(ctx context.Context, kommuner []int, wanted func(*Subscriber) bool) ([]Left, error) {
	heads, err := s.ordered(ctx, kommuner)
	if err != nil {
		return nil, err
	}
	subscribers, err := s.Store.Subscribers(ctx)
	if err != nil {
		return nil, err
	}
	var left leftovers
	var all sync.WaitGroup
	for i := range subscribers {
		if sub := &subscribers[i]; sub.active() && wanted(sub) {
			all.Go(func() { s.serve(ctx, sub.Navn, heads, &left) })
		}
	}
	all.Wait()
	return left.all, nil
}

// Sweep sends whatever was left behind anywhere. Its error has all that stood in the way; that there is more to send than there was
// time for is none.
func (s *Service) Sweep(ctx context.Context) error {
	left, err := s.Relay(ctx)
	return errors.Join(err, joined(left))
}

func joined(left []Left) (err error) {
	for _, l := range left {
		err = errors.Join(err, l.Err)
	}
	return err
}

// leftovers are gathered by those who are served side by side.
type leftovers struct {
	mu  sync.Mutex
	all []Left
}

func (o *leftovers) add(l Left) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.all = append(o.all, l)
}

// ordered tells how far to go: as far as the logs have come. All of that has its place in the order, which what is written meanwhile
// may not have.
func (s *Service) ordered(ctx context.Context, kommuner []int) ([]register.Position, error) {
	heads, err := s.heads(ctx, kommuner)
	if err != nil {
		return nil, err
	}
	return heads, s.Store.Order(ctx)
}

func (s *Service) heads(ctx context.Context, kommuner []int) ([]register.Position, error) {
	all, err := s.Store.Heads(ctx)
	if err != nil {
		return nil, err
	}
	wanted := Filter{Kommuner: kommuner}
	var heads []register.Position
	for _, h := range all {
		if wanted.in(h.Kommune) {
			heads = append(heads, h.Position)
		}
	}
	return heads, nil
}

// follower is one subscriber's way through one log.
type follower struct {
	sub   *Subscriber
	at    register.Position // the mark
	until register.Position
}

// run is one subscriber's part of a relay. What is sent to it, and that alone, ends with the patience: what is read is the register's,
// and what was taken is marked all the same.
type run struct {
	*Service
	patient context.Context
	began   time.Time
	sub     Subscriber
	taken   bool  // something has been
	refused error // why something was not, when the patience had ended
	left    *leftovers
}

// serve brings one subscriber up to date. It takes a window of each log in turn, so that a long log does not keep the others waiting,
// and looks before each turn what the subscriber wants by now, and where.
func (s *Service) serve(ctx context.Context, navn string, heads []register.Position, left *leftovers) {
	r := run{Service: s, patient: ctx, began: s.Now(), left: left}
	if s.Patience > 0 {
		var end context.CancelFunc
		r.patient, end = context.WithTimeout(ctx, s.Patience)
		defer end()
	}
	var followers []*follower
	for r.sub.Version == 0 || len(followers) > 0 {
		is, err := s.Store.Subscriber(ctx, navn)
		if err == nil && is.Version != r.sub.Version {
			r.sub = is
			followers, err = s.followers(ctx, &r.sub, heads)
		}
		if err != nil {
			left.add(Left{Navn: navn, Err: fmt.Errorf("%s: where it stands: %w", navn, err)})
			return
		}
		if !r.sub.active() {
			return
		}
		if r.late(ctx) && len(followers) > 0 {
			left.add(Left{Navn: navn, Late: true, Err: r.stuck()})
			return
		}
		followers = r.advance(ctx, followers)
	}
}

// late tells whether the patience has ended, and the relay has not.
func (r *run) late(ctx context.Context) bool { return r.patient.Err() != nil && ctx.Err() == nil }

// stuck is what is wrong with a subscriber that has taken nothing for as long as the patience lasted.
func (r *run) stuck() error {
	if r.taken {
		return nil
	}
	return &register.Error{
		Kind: register.Unavailable, Cause: fmt.Errorf("%s: nothing was taken: %w", r.sub.Navn, cmp.Or(r.refused, r.patient.Err())),
	}
}

// followers gives the logs in which a subscriber is behind.
func (s *Service) followers(ctx context.Context, sub *Subscriber, heads []register.Position) (behind []*follower, err error) {
	marks, err := s.Store.Marks(ctx, sub.Navn, sub.Runde)
	if err != nil {
		return nil, err
	}
	for _, head := range heads {
		at := register.Position{Kommune: head.Kommune, Nr: max(sub.Fra.Of(head.Kommune), marks.Of(head.Kommune))}
		if sub.Filter.in(head.Kommune) && at.Nr < head.Nr {
			behind = append(behind, &follower{sub, at, head})
		}
	}
	return behind, nil
}

// promptly is how long it may take to find out that something is refused, without anybody minding.
const promptly = time.Second

// mostLogs is how many logs are read, and sent from, at a time.
const mostLogs = 20

// advance sends a window of each log and answers the followers that may go on.
func (r *run) advance(ctx context.Context, followers []*follower) (on []*follower) {
	turn, rest := followers[:min(len(followers), mostLogs)], followers[min(len(followers), mostLogs):]
	var messages []Message
	var stretches []stretch
	for _, f := range turn {
		st, err := r.stretch(ctx, f, len(messages))
		if err != nil {
			r.left.add(Left{Kommune: f.at.Kommune, Err: fmt.Errorf("%s: read: %w", r.sub.Navn, err)})
			continue
		}
		messages = append(messages, st.messages...)
		stretches = append(stretches, st)
	}
	var refused []error
	if len(messages) > 0 {
		refused = r.Queue.Send(r.patient, r.sub.Koe, messages)
	}
	for i := range stretches {
		err := r.settle(ctx, &stretches[i], refused)
		if f := stretches[i].follower; err != nil {
			late := r.Now().Sub(r.began) > promptly
			r.left.add(Left{Navn: r.sub.Navn, Kommune: f.at.Kommune, Late: late, Err: fmt.Errorf("%s: %w", r.sub.Navn, err)})
		} else if f.at.Nr < f.until.Nr {
			on = append(on, f)
		}
	}
	return append(rest, on...)
}

// stretch is a window of a log, and the messages it comes to.
type stretch struct {
	*follower
	messages []Message
	nrs      []int64 // of the messages' changes
	first    int     // the place of the first message among all that are sent together
	last     int64   // of the changes, wanted or not
}

func (s *Service) stretch(ctx context.Context, f *follower, first int) (stretch, error) {
	st := stretch{follower: f, first: first, last: f.at.Nr}
	for c, err := range s.Store.Changes(ctx, f.at) {
		if err != nil {
			return st, err
		}
		if c.Sequence == 0 {
			break // its place cannot be seen yet
		}
		st.last = c.Position.Nr
		if f.sub.Filter.Wants(&c) {
			st.messages, st.nrs = append(st.messages, message(&c, f.sub.Runde)), append(st.nrs, c.Position.Nr)
		}
		if st.last-f.at.Nr == window || st.last >= f.until.Nr {
			break
		}
	}
	if st.last == f.at.Nr {
		return st, &register.Error{Kind: register.Unavailable, Cause: fmt.Errorf("the log of %d ends before %d", f.at.Kommune, f.until.Nr)}
	}
	return st, nil
}

// message gives a change as its event.
func message(c *register.Change, runde int) Message {
	event := events.Of(c)
	body := event.Append(nil)
	if len(body) > MostBody {
		body = events.Reference(event).Append(nil)
	}
	m := Message{ID: event.ID, Group: strconv.Itoa(c.Position.Kommune), Dedup: event.ID, Body: body}
	if runde > 0 {
		m.Dedup += "#" + strconv.Itoa(runde)
	}
	return m
}

// settle moves the mark past what was sent. An error holds the log back, for this subscriber.
func (r *run) settle(ctx context.Context, st *stretch, refused []error) error {
	sent, held := st.last, error(nil)
	for i := range st.messages {
		if held = refused[st.first+i]; held != nil {
			sent = st.nrs[i] - 1
			break
		}
	}
	if held != nil && r.late(ctx) {
		r.refused, held = held, nil // it goes on, with the next relay
	}
	if sent > st.at.Nr {
		to := register.Position{Kommune: st.at.Kommune, Nr: sent}
		if err := r.Store.Mark(ctx, r.sub.Navn, r.sub.Runde, to); err != nil {
			return errors.Join(held, err)
		}
		st.at, r.taken = to, true
	}
	return held
}
