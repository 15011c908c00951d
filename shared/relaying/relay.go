package relaying

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"dagtilbudsregisteret.dk/events"
	"dagtilbudsregisteret.dk/shared/register"
)

// Service relays, and manages subscribers.
type Service struct {
	Store Store
	Queue Queue
	Now   func() time.Time
	Log   *slog.Logger
}

// active tells whether a subscriber is to get anything now.
func (s *Subscriber) active() bool { return !s.Pauset && !s.Lukket }

// window is how many changes of one log are read, sent and marked together.
const window = 100

// Relay brings every subscriber up to date with the logs of some municipalities, or of all where none is named. Subscribers are
// served side by side. It answers, by municipality, what kept it from reaching the end that a log had when it began.
func (s *Service) Relay(ctx context.Context, kommuner ...int) (map[int]error, error) {
	heads, err := s.ordered(ctx, kommuner)
	if err != nil {
		return nil, err
	}
	subscribers, err := s.Store.Subscribers(ctx)
	if err != nil {
		return nil, err
	}
	held := failures{by: make(map[int]error)}
	var all sync.WaitGroup
	for i := range subscribers {
		if sub := &subscribers[i]; sub.active() {
			all.Go(func() { s.serve(ctx, sub.Navn, heads, &held) })
		}
	}
	all.Wait()
	return held.by, nil
}

// Sweep sends whatever was left behind anywhere.
func (s *Service) Sweep(ctx context.Context) error {
	held, err := s.Relay(ctx)
	return errors.Join(err, joined(held))
}

func joined(held map[int]error) (err error) {
	for _, kommune := range slices.Sorted(maps.Keys(held)) {
		err = errors.Join(err, held[kommune])
	}
	return err
}

// failures are what held municipalities back, by their codes.
type failures struct {
	sync.Mutex
	by map[int]error
}

func (f *failures) add(kommune int, err error) {
	f.Lock()
	defer f.Unlock()
	f.by[kommune] = errors.Join(f.by[kommune], err)
}

func (f *failures) addAll(heads []register.Position, err error) {
	for _, h := range heads {
		f.add(h.Kommune, err)
	}
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

// serve brings one subscriber up to date. It takes a window of each log in turn, so that a long log does not keep the others waiting,
// and looks before each turn what the subscriber wants by now, and where.
func (s *Service) serve(ctx context.Context, navn string, heads []register.Position, held *failures) {
	var sub Subscriber
	var followers []*follower
	for sub.Version == 0 || len(followers) > 0 {
		is, err := s.Store.Subscriber(ctx, navn)
		if err == nil && is.Version != sub.Version {
			sub = is
			followers, err = s.followers(ctx, &sub, heads)
		}
		if err != nil {
			held.addAll(heads, fmt.Errorf("%s: where it stands: %w", navn, err))
			return
		}
		if !sub.active() {
			return
		}
		followers = s.advance(ctx, &sub, followers, held)
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

// mostLogs is how many logs are read, and sent from, at a time.
const mostLogs = 20

// advance sends a window of each log and answers the followers that may go on.
func (s *Service) advance(ctx context.Context, sub *Subscriber, followers []*follower, held *failures) (on []*follower) {
	turn, rest := followers[:min(len(followers), mostLogs)], followers[min(len(followers), mostLogs):]
	var messages []Message
	var stretches []stretch
	for _, f := range turn {
		st, err := s.stretch(ctx, f, len(messages))
		if err != nil {
			held.add(f.at.Kommune, fmt.Errorf("%s: read: %w", sub.Navn, err))
			continue
		}
		messages = append(messages, st.messages...)
		stretches = append(stretches, st)
	}
	var refused []error
	if len(messages) > 0 {
		refused = s.Queue.Send(ctx, sub.Koe, messages)
	}
	for i := range stretches {
		if err := s.settle(ctx, &stretches[i], refused); err != nil {
			held.add(stretches[i].at.Kommune, fmt.Errorf("%s: %w", sub.Navn, err))
			continue
		}
		if f := stretches[i].follower; f.at.Nr < f.until.Nr {
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

// settle moves the mark past what was sent. An error holds the log back.
func (s *Service) settle(ctx context.Context, st *stretch, refused []error) error {
	sent, held := st.last, error(nil)
	for i := range st.messages {
		if held = refused[st.first+i]; held != nil {
			sent = st.nrs[i] - 1
			break
		}
	}
	if sent > st.at.Nr {
		to := register.Position{Kommune: st.at.Kommune, Nr: sent}
		if err := s.Store.Mark(ctx, st.sub.Navn, st.sub.Runde, to); err != nil {
			return errors.Join(held, err)
		}
		st.at = to
	}
	return held
}
