package relaying

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// The acts, as the trail names them.
const (
	Opret    = "abonnement/opret"
	Ret      = "abonnement/ret"
	Luk      = "abonnement/luk"
	Pause    = "abonnement/pause"
	Genoptag = "abonnement/genoptag"
	Afspil   = "abonnement/afspil"
	Genkoe   = "abonnement/genkoe"
)

// Start is where a subscriber begins: at a moment, or after positions; with neither, at what comes next.
type Start struct {
	Moment    time.Time
	Positions register.Positions
	Begin     bool // at event 1
}

// Create makes a subscriber.
func (s *Service) Create(ctx context.Context, by register.Actor, sub Subscriber, from Start) (Subscriber, []validation.Finding, error) {
	a := s.act(by, Opret, sub.Navn)
	if !access.ValidNavn(sub.Navn) {
		a.find(validation.Abonnement, "/navn", "navn", "Et navn er 2-40 små bogstaver a-z, cifre, bindestreger og punktummer, med bogstav eller ciffer yderst.",
			"A name is 2-40 small letters a-z, digits, hyphens and full stops, with a letter or digit at each end.")
	} else if _, err := s.Store.Subscriber(ctx, sub.Navn); err == nil {
		a.find(validation.AbonnementTilstand, "/navn", "navnOptaget", fmt.Sprintf("Navnet %s er givet til et andet abonnement.", sub.Navn),
			fmt.Sprintf("The name %s has been given to another subscription.", sub.Navn))
	} else if register.KindOf(err) != register.NotFound {
		return sub, nil, err
	}
	if err := a.checkQueue(ctx, sub.Koe); err != nil {
		return sub, nil, err
	}
	a.checkFilter(&sub.Filter)
	var err error
	if sub.Fra, err = s.from(ctx, a, from); err != nil {
		return sub, nil, err
	}
	sub.Oprettet, sub.Version, sub.Runde = a.now, 0, 0
	return a.save(ctx, sub)
}

// Change gives a subscriber another queue and filter. Its marks stay: what a wider filter wants is sent from there on, and what came
// before by a replay. Where a relay has sent more than it has marked, because it is under way or did not come to that, the first that is
// sent by a wider filter may be older than the last that was sent by the one before.
func (s *Service) Change(ctx context.Context, by register.Actor, navn string, expect []int64, queue string, filter Filter) (
	Subscriber, []validation.Finding, error) {
	return s.change(ctx, by, Ret, navn, func(a *act, sub *Subscriber) error {
		if len(expect) > 0 && !slices.Contains(expect, sub.Version) {
			a.find(validation.ForaeldetVersion, "", "andenVersion", fmt.Sprintf("%s er nu version %d. Hent abonnementet igen.", navn, sub.Version),
				fmt.Sprintf("%s is at version %d now. Read the subscription again.", navn, sub.Version))
		}
		err := a.checkQueue(ctx, queue)
		a.checkFilter(&filter)
		sub.Koe, sub.Filter = queue, filter
		return err
	})
}

// Pause holds a subscriber's events back; Resume has them sent from where they stopped.
func (s *Service) Pause(ctx context.Context, by register.Actor, navn string) (Subscriber, []validation.Finding, error) {
	return s.change(ctx, by, Pause, navn, func(_ *act, sub *Subscriber) error {
		sub.Pauset = true
		return nil
	})
}

// Resume ends a pause.
func (s *Service) Resume(ctx context.Context, by register.Actor, navn string) (Subscriber, []validation.Finding, error) {
	return s.change(ctx, by, Genoptag, navn, func(_ *act, sub *Subscriber) error {
		sub.Pauset = false
		return nil
	})
}

// Close ends a subscription. Its queue stays as it is.
func (s *Service) Close(ctx context.Context, by register.Actor, navn string) (Subscriber, []validation.Finding, error) {
	return s.change(ctx, by, Luk, navn, func(_ *act, sub *Subscriber) error {
		sub.Lukket = true
		return nil
	})
}

// Replay has a subscriber, and it alone, begin anew.
func (s *Service) Replay(ctx context.Context, by register.Actor, navn string, from Start) (Subscriber, []validation.Finding, error) {
	return s.change(ctx, by, Afspil, navn, func(a *act, sub *Subscriber) (err error) {
		sub.Runde++
		sub.Fra, err = s.from(ctx, a, from)
		return err
	})
}

// from gives the positions at which to begin.
func (s *Service) from(ctx context.Context, a *act, from Start) (register.Positions, error) {
	switch {
	case from.Begin:
		return nil, nil
	case from.Moment.After(a.now):
		a.find(validation.Abonnement, "/fra", "fremtid", "Der kan ikke begyndes i fremtiden.", "One cannot begin in the future.")
		return nil, nil
	}
	heads, err := s.Store.Heads(ctx)
	if err != nil {
		return nil, err
	}
	var ends, at register.Positions
	for _, h := range heads {
		p := h.Position
		if ends = append(ends, p); len(from.Positions) > 0 {
			p.Nr = from.Positions.Of(p.Kommune)
		} else if !from.Moment.IsZero() {
			if p, err = register.PositionAt(ctx, s.Store, h, from.Moment.Add(-time.Millisecond)); err != nil {
				return nil, err
			}
		}
		at = append(at, p)
	}
	a.checkPositions(from.Positions, ends)
	return at, nil
}

// act is one act on a subscriber.
type act struct {
	*Service
	entry    access.Entry
	now      time.Time
	navn     string
	findings []validation.Finding
}

func (s *Service) act(by register.Actor, handling, navn string) *act {
	a := &act{Service: s, now: s.Now().UTC().Truncate(time.Millisecond), navn: navn, entry: access.Entry{Af: by, Handling: handling}}
	if access.ValidNavn(navn) {
		a.entry.Bruger = navn
	}
	return a
}

func (a *act) find(rule *validation.Rule, pointer, kode, da, en string) {
	a.findings = append(a.findings, rule.Finding(pointer, kode, register.Text{Da: da, En: en}))
}

// lookUp gives a subscriber; what is no name is nobody's, and is not even looked up.
func (s *Service) lookUp(ctx context.Context, navn string) (Subscriber, error) {
	if !access.ValidNavn(navn) {
		return Subscriber{}, &register.Error{Kind: register.NotFound}
	}
	return s.Store.Subscriber(ctx, navn)
}

// change is an act on a subscriber that is there already.
func (s *Service) change(ctx context.Context, by register.Actor, handling, navn string, do func(*act, *Subscriber) error) (
	Subscriber, []validation.Finding, error) {
	a := s.act(by, handling, navn)
	sub, err := s.lookUp(ctx, navn)
	switch {
	case register.KindOf(err) == register.NotFound:
		a.find(validation.UkendtAbonnement, "", "ukendt", "Der findes intet abonnement ved det navn.", "There is no subscription by that name.")
	case err != nil:
		return sub, nil, err
	case sub.Lukket:
		a.find(validation.AbonnementTilstand, "", "lukket", fmt.Sprintf("%s er lukket.", navn), fmt.Sprintf("%s is closed.", navn))
	default:
		if err := do(a, &sub); err != nil {
			return sub, nil, err
		}
	}
	return a.save(ctx, sub)
}

// save writes the subscriber and the act, or has the trail remember why not.
func (a *act) save(ctx context.Context, sub Subscriber) (Subscriber, []validation.Finding, error) {
	if len(a.findings) > 0 {
		return sub, a.findings, a.Store.AddTrail(ctx, access.NewEntry(a.now, a.entry.Refused(a.findings)))
	}
	sub.Version++
	return sub, nil, a.Store.SaveSubscriber(ctx, sub, access.NewEntry(a.now, a.entry))
}

// longestQueue is that of a URL of SQS, with room.
const longestQueue = 300

// queueNames are the names that SQS gives to queues.
var queueNames = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_-]{1,75}(\.fifo)?$`) })

// isQueue tells whether this can name a queue, or be its address.
func isQueue(queue string) bool {
	_, name := queueName(queue)
	_, err := url.Parse(queue)
	return err == nil && len(queue) <= longestQueue && queueNames().MatchString(name)
}

// checkQueue checks that a queue is named, and is nobody else's who is not closed: two subscribers of one queue would take each other's
// messages, and what both are sent would come once, for it has one id. It looks before the act is stored, so of two who take a queue at the
// same moment neither may be refused. Then what the list of subscribers shows is put right by a queue of its own for the one, and a replay
// for both.
func (a *act) checkQueue(ctx context.Context, queue string) error {
	if !isQueue(queue) {
		a.find(validation.Abonnement, "/koe", "koe", "koe er køens navn eller adresse, som SQS har dem.", "koe is the queue's name or address, as SQS has them.")
		return nil
	}
	subscribers, err := a.Store.Subscribers(ctx)
	for _, other := range subscribers {
		if other.Navn != a.navn && !other.Lukket && sameQueue(other.Koe, queue) {
			a.find(validation.AbonnementTilstand, "/koe", "koeOptaget", fmt.Sprintf("Køen hører til abonnementet %s.", other.Navn),
				fmt.Sprintf("The queue belongs to the subscription %s.", other.Navn))
		}
	}
	return err
}

// sameQueue tells whether two names or addresses are one queue's. An address ends with an account and a name; a name alone may be of any
// account.
func sameQueue(a, b string) bool {
	accountA, nameA := queueName(a)
	accountB, nameB := queueName(b)
	return nameA == nameB && (accountA == accountB || accountA == "" || accountB == "")
}

func queueName(queue string) (account, name string) {
	_, address, ok := strings.Cut(queue, "://")
	if !ok {
		return "", queue
	}
	address = path.Clean(address)
	return path.Base(path.Dir(address)), path.Base(address)
}

// checkPositions checks that the logs have come as far as is said.
func (a *act) checkPositions(said, ends register.Positions) {
	for _, p := range said {
		if end := (register.Position{Kommune: p.Kommune, Nr: ends.Of(p.Kommune)}); p.Nr > end.Nr {
			a.find(validation.Abonnement, "/registerposition", "position", fmt.Sprintf("%s er længere fremme end registeret, der står ved %s.", p, end),
				fmt.Sprintf("%s is ahead of the register, which stands at %s.", p, end))
		}
	}
}

// checkFilter checks that what a filter names can occur.
func (a *act) checkFilter(f *Filter) {
	for i, kommune := range f.Kommuner {
		if _, ok := a.Tables.Kommuner.Lookup(kommune); !ok {
			a.find(validation.Abonnement, fmt.Sprintf("/filter/kommuner/%d", i), "kommune", fmt.Sprintf("Der er ingen kommune med koden %d.", kommune),
				fmt.Sprintf("There is no municipality with the code %d.", kommune))
		}
	}
}

// Standing is how a subscriber is doing.
type Standing struct {
	Subscriber
	Haendelser int64         // changes in the logs it follows that it has not come past, whether it wants them or not
	Alder      time.Duration // since the oldest of them
	IKoe       int           // about how many messages wait in its queue; -1 where the queue does not tell
	Doede      int           // and how many it has failed to take; likewise
}

// Standings tells how every subscriber is doing.
func (s *Service) Standings(ctx context.Context) ([]Standing, error) {
	subscribers, err := s.Store.Subscribers(ctx)
	if err != nil {
		return nil, err
	}
	all, errs := make([]Standing, len(subscribers)), make([]error, len(subscribers))
	var each sync.WaitGroup
	for i := range subscribers {
		each.Go(func() { all[i], errs[i] = s.standing(ctx, subscribers[i]) })
	}
	each.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return all, nil
}

// Standing tells how one subscriber is doing.
func (s *Service) Standing(ctx context.Context, navn string) (Standing, error) {
	sub, err := s.lookUp(ctx, navn)
	if err != nil {
		return Standing{}, err
	}
	return s.standing(ctx, sub)
}

func (s *Service) standing(ctx context.Context, sub Subscriber) (Standing, error) {
	st := Standing{Subscriber: sub}
	heads, err := s.heads(ctx, nil)
	if err != nil || sub.Lukket {
		return st, err
	}
	behind, err := s.followers(ctx, &sub, heads)
	if err != nil {
		return st, err
	}
	now := s.Now()
	for _, f := range behind {
		st.Haendelser += f.until.Nr - f.at.Nr
		for c, err := range s.Store.Changes(ctx, f.at) {
			if err != nil {
				return st, err
			}
			st.Alder = max(st.Alder, now.Sub(c.Tid))
			break
		}
	}
	var both sync.WaitGroup
	both.Go(func() { st.IKoe = s.depth(ctx, &sub, s.Queue.Depth) })
	both.Go(func() { st.Doede = s.depth(ctx, &sub, s.Queue.DeadDepth) })
	both.Wait()
	return st, nil
}

// longestLook is how long it is waited for a queue to tell its depth.
const longestLook = 5 * time.Second

// depth is how many messages a subscriber's queue has, -1 where it does not tell.
func (s *Service) depth(ctx context.Context, sub *Subscriber, of func(context.Context, string) (int, error)) int {
	looking, cancel := context.WithTimeout(ctx, longestLook)
	defer cancel()
	depth, err := of(looking, sub.Koe)
	if err != nil {
		s.Log.WarnContext(ctx, "the depth of a queue is not known", "abonnement", sub.Navn, "error", err)
		return -1
	}
	return depth
}

// DeadLetters gives up to n messages that a subscriber failed to take.
func (s *Service) DeadLetters(ctx context.Context, navn string, n int) ([]DeadLetter, error) {
	sub, err := s.lookUp(ctx, navn)
	if err != nil {
		return nil, err
	}
	return s.Queue.DeadLetters(ctx, sub.Koe, n)
}

// Requeue puts dead letters back into the subscriber's queue, all of them where no ids are named. What was put back is an act, whatever
// kept the rest from it.
func (s *Service) Requeue(ctx context.Context, by register.Actor, navn string, ids []string) (requeued int, _ []validation.Finding, _ error) {
	var kept error
	_, findings, err := s.change(ctx, by, Genkoe, navn, func(_ *act, sub *Subscriber) error {
		if requeued, kept = s.Queue.Requeue(ctx, sub.Koe, ids); requeued == 0 {
			return kept
		}
		return nil
	})
	if requeued > 0 {
		err = errors.Join(err, kept)
	}
	return requeued, findings, err
}

// Refuse has the trail remember an act that could not be read.
func (s *Service) Refuse(ctx context.Context, by register.Actor, handling, navn string, findings []validation.Finding) error {
	a := s.act(by, handling, navn)
	return s.Store.AddTrail(ctx, access.NewEntry(a.now, a.entry.Refused(findings)))
}
