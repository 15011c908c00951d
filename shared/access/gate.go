package access

import (
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"sync"
	"time"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// Remembered is how long a verified secret is taken at its word, and so the longest that a revoked one lives on anywhere.
const Remembered = 60 * time.Second

// notedEach is how often it is noted that a secret is in use.
const notedEach = time.Hour

// Gate lets calls in. Make it with [NewGate]; any number of goroutines may use it.
type Gate struct {
	store Store
	now   func() time.Time
	log   *slog.Logger

	users     paces // of calls by system users
	addresses paces // of calls by those who do not log in, or try to in vain
	anonymous int

	mu       sync.Mutex
	verified map[[sha256.Size]byte]admitted // by the hash of the whole Authorization header
	forgets  int                            // how often somebody was forgotten
	noted    map[string]time.Time           // when the use of a secret was last noted, by user and secret
}

// admitted is a user whose secret was verified.
type admitted struct {
	user  *User
	until time.Time
}

// NewGate gives the gate to a register. anonymous is how many calls a second one address may make without a login, or with a wrong one;
// 0 for any number.
func NewGate(store Store, now func() time.Time, log *slog.Logger, anonymous int) *Gate {
	return &Gate{store: store, now: now, log: log, anonymous: anonymous,
		verified: make(map[[sha256.Size]byte]admitted), noted: make(map[string]time.Time)}
}

// Attempt is a call at the gate.
type Attempt struct {
	Authorization string // the header, empty where there is none
	Need          Need
	Handling      string         // what is asked for, for the trail
	Om            string         // the system user it is about, if it is about one
	Af            register.Actor // who asks, as far as the call itself tells; the gate fills in the user
}

// Caller is who was let in: a system user, or nobody.
type Caller struct {
	User *User // nil for who did not log in; it is shared and must not be changed
	now  time.Time
}

// Navn gives the caller's name, empty for nobody.
func (c *Caller) Navn() string {
	if c.User == nil {
		return ""
	}
	return c.User.Navn
}

// Rights gives what the caller may write.
func (c *Caller) Rights() Rights {
	if c.User == nil {
		return Rights{}
	}
	return c.User.Rights(c.now)
}

// Admit lets a call in or says why not, by an error of the kind Unauthenticated, Forbidden or Limited, or one of the store's. The
// pace comes with either answer, as far as the caller has one. A refused write of a known user goes into the trail.
func (g *Gate) Admit(ctx context.Context, a Attempt) (Caller, Pace, error) {
	now := g.now()
	if a.Authorization == "" || a.Need == Ingen {
		return g.admitNobody(a, now)
	}
	user, pace, err := g.authenticate(ctx, a, now)
	if err != nil {
		return Caller{}, pace, err
	}
	caller := Caller{user, now}
	if a.Need.writes() {
		pace = g.users.take("w:"+user.Navn, "skrivninger", user.Skrivninger, now)
	} else {
		pace = g.users.take("r:"+user.Navn, "laesninger", user.Laesninger, now)
	}
	if pace.Wait > 0 {
		return caller, pace, tooFast()
	}
	if missing := a.Need.denies(user); missing != nil {
		return caller, pace, g.forbid(ctx, a, user, missing, now)
	}
	return caller, pace, nil
}

// Recognize tells who makes a call that is let in nowhere, so that it can be counted: nobody, where that is not known. It takes nothing from a
// user's pace and leaves no trail. The error is the store's.
func (g *Gate) Recognize(ctx context.Context, a Attempt) (Caller, error) {
	nobody := Caller{now: g.now()}
	if a.Authorization == "" {
		return nobody, nil
	}
	user, _, err := g.authenticate(ctx, a, nobody.now)
	switch register.KindOf(err) {
	case register.Unauthenticated, register.Limited:
		return nobody, nil
	}
	return Caller{user, nobody.now}, err
}

func (g *Gate) admitNobody(a Attempt, now time.Time) (Caller, Pace, error) {
	var pace Pace
	switch a.Need {
	case Ingen:
		return Caller{now: now}, pace, nil
	case AabneData, Proevning:
		if pace = g.addresses.take(a.Af.Address, "anonyme", g.anonymous, now); pace.Wait > 0 {
			return Caller{}, pace, tooFast()
		}
		return Caller{now: now}, pace, nil
	}
	return Caller{}, pace, unknownCaller("no login")
}

// authenticate finds the user of an Authorization header. What has not been verified lately is looked up, at the pace of the address
// it comes from; a name that nobody has costs the same work as a wrong secret.
func (g *Gate) authenticate(ctx context.Context, a Attempt, now time.Time) (*User, Pace, error) {
	key := sha256.Sum256([]byte(a.Authorization))
	user, forgets := g.remembered(key, now)
	if user != nil {
		return user, Pace{}, nil
	}
	if pace := g.addresses.take(a.Af.Address, "anonyme", g.anonymous, now); pace.Wait > 0 {
		return nil, pace, tooFast()
	}
	navn, text, wellFormed := parseBasic(a.Authorization)
	if !wellFormed {
		return nil, Pace{}, unknownCaller("no login that can be read")
	}
	found, err := g.store.User(ctx, navn)
	if err != nil && register.KindOf(err) != register.NotFound {
		return nil, Pace{}, err
	}
	secret, ok := verify(&found, text, now)
	if !ok {
		return nil, Pace{}, unknownCaller("as " + navn)
	}
	g.remember(key, &found, &secret, now, forgets)
	g.note(ctx, navn, secret.ID, now)
	return &found, Pace{}, nil
}

// remembered gives the user of a header that was verified lately, else nil; and how often somebody had been forgotten by then.
func (g *Gate) remembered(key [sha256.Size]byte, now time.Time) (user *User, forgets int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if known, ok := g.verified[key]; ok && now.Before(known.until) {
		user = known.user
	}
	return user, g.forgets
}

// remember keeps a verified user until a minute has passed or the secret runs out. Where somebody was forgotten while the user was
// looked up, it may be this one as it stood before, and is not kept.
func (g *Gate) remember(key [sha256.Size]byte, user *User, secret *Secret, now time.Time, forgets int) {
	until := now.Add(Remembered)
	if !secret.Udloeber.IsZero() && secret.Udloeber.Before(until) {
		until = secret.Udloeber
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.forgets != forgets {
		return
	}
	for old, known := range g.verified {
		if !now.Before(known.until) {
			delete(g.verified, old)
		}
	}
	g.verified[key] = admitted{user, until}
}

// Forget has a user looked up anew at its next call here. Other processes do so within [Remembered].
func (g *Gate) Forget(navn string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.forgets++
	for key, known := range g.verified {
		if known.user.Navn == navn {
			delete(g.verified, key)
		}
	}
}

// note keeps when a secret was used, and that its user was there on the day. A note that fails is made good by the next.
func (g *Gate) note(ctx context.Context, navn, secretID string, now time.Time) {
	key := navn + " " + secretID
	g.mu.Lock()
	last, known := g.noted[key]
	due := !known || now.Sub(last) >= notedEach
	if due {
		g.noted[key] = now
	}
	g.mu.Unlock()
	if !due {
		return
	}
	now = now.UTC().Truncate(time.Millisecond)
	err := errors.Join(g.store.NoteUse(ctx, navn, secretID, now), g.store.CountCall(ctx, AnyVersion, now, navn, Noted))
	if err != nil {
		g.log.WarnContext(ctx, "the use of a secret was not noted", "user", navn, "error", err)
	}
}

// forbid refuses a user what it has no right to, and has the trail remember where it was to write.
func (g *Gate) forbid(ctx context.Context, a Attempt, user *User, missing *Missing, now time.Time) error {
	forbidden := &register.Error{Kind: register.Forbidden, Code: missing.Kode, Detail: missing.Tekst}
	if !a.Need.writes() {
		return forbidden
	}
	a.Af.User = user.Navn
	if !ValidNavn(a.Om) {
		a.Om = ""
	}
	entry := Entry{Af: a.Af, Handling: a.Handling, Bruger: a.Om}.Refused([]validation.Finding{missing.Finding("")})
	if err := g.store.AddTrail(ctx, NewEntry(now, entry)); err != nil {
		return err
	}
	return forbidden
}

// unknownCaller says the same to the caller whatever was wrong: the name, the secret, the form, or that there was none. The log is told
// what was tried, which cannot be a secret: none is a valid name.
func unknownCaller(tried string) error {
	return &register.Error{Kind: register.Unauthenticated, Cause: errors.New(tried), Detail: register.Text{
		Da: "Log ind med systembrugerens navn og en hemmelighed, der gælder (HTTP Basic).",
		En: "Log in with the system user's name and a secret that is valid (HTTP Basic).",
	}}
}

func tooFast() error {
	return &register.Error{Kind: register.Limited, Detail: register.Text{
		Da: "Der er kaldt for hurtigt efter hinanden. Retry-After siger, hvornår der er plads igen.",
		En: "The calls come too fast. Retry-After says when there is room again.",
	}}
}
