package storetest

import (
	"context"
	"fmt"
	"reflect"
	"sync/atomic"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
)

// engine is all that an engine implements.
type engine interface {
	register.Store
	access.Store
	relaying.Store
}

// saved is what acts change version by version: a user, and a subscriber.
type saved[T any] struct {
	version func(version int64, tag int) T // an invented one, told from others by a tag
	save    func(ctx context.Context, s engine, v T, act access.Entry) error
	read    func(ctx context.Context, s engine) (T, error)
}

var savedUser = saved[access.User]{
	version: func(version int64, tag int) access.User {
		u := bruger("os2")
		u.Version, u.Skrivninger = version, 100+tag
		return u
	},
	save: func(ctx context.Context, s engine, u access.User, act access.Entry) error {
		return s.SaveUser(ctx, u, act)
	},
	read: func(ctx context.Context, s engine) (access.User, error) { return s.User(ctx, "os2") },
}

var savedSubscriber = saved[relaying.Subscriber]{
	version: func(version int64, tag int) relaying.Subscriber {
		sub := abonnent("os2")
		sub.Version, sub.Runde = version, 100+tag
		return sub
	},
	save: func(ctx context.Context, s engine, sub relaying.Subscriber, act access.Entry) error {
		return s.SaveSubscriber(ctx, sub, act)
	},
	read: func(ctx context.Context, s engine) (relaying.Subscriber, error) { return s.Subscriber(ctx, "os2") },
}

// keep saves a version by an act at noon that is called by the version.
func (k saved[T]) keep(t testing.TB, s engine, version int64) access.Entry {
	t.Helper()
	e := act(noon, fmt.Sprint(version), "os2")
	if err := k.save(t.Context(), s, k.version(version, 0), e); err != nil {
		t.Fatalf("save version %d: %v", version, err)
	}
	return e
}

func (k saved[T]) want(t testing.TB, s engine, want T) {
	t.Helper()
	if got, err := k.read(t.Context(), s); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\n got %+v\nwant %+v", err, got, want)
	}
}

// meanwhile saves what is not as it was read, and by an act that is in the trail already: nothing is written.
func (k saved[T]) meanwhile(t *testing.T, h Harness) {
	s := h.Open(t, register.DefaultSeries).(engine)
	first := k.keep(t, s, 1)
	second := k.keep(t, s, 2)
	for _, c := range []struct {
		version int64
		id      string
	}{{1, "x"}, {2, "x"}, {4, "x"}, {3, second.ID}} {
		e := refused(noon, c.id, "[]")
		wantKind(t, k.save(t.Context(), s, k.version(c.version, 1), e), register.Conflict)
		k.want(t, s, k.version(2, 0))
		wantTrail(t, "acts", trail(t, s, noon, access.Entry{}, all), second, first)
	}
}

// twoWriters has pairs of writers save the same version: one wins, and its act alone is in the trail.
func (k saved[T]) twoWriters(t *testing.T, h Harness) {
	s := h.Open(t, register.DefaultSeries).(engine)
	want := make([]access.Entry, 10)
	for i := range want {
		version := int64(i + 1)
		var winner, lost atomic.Int32
		at(2, func(writer int) {
			e := act(noon.Add(time.Duration(i)*time.Millisecond), fmt.Sprint(writer), "os2")
			switch err := k.save(t.Context(), s, k.version(version, 1+writer), e); {
			case err == nil:
				winner.Add(int32(1 + writer))
				want[len(want)-1-i] = e
			case register.KindOf(err) == register.Conflict:
				lost.Add(1)
			default:
				t.Errorf("version %d: %v", version, err)
			}
		})
		if lost.Load() != 1 {
			t.Fatalf("version %d: %d lost", version, lost.Load())
		}
		k.want(t, s, k.version(version, int(winner.Load())))
	}
	wantTrail(t, "acts", trail(t, s, noon, access.Entry{}, all), want...)
}

// faults breaks the write in each way the engine knows. However it is broken, a version whose saving is acknowledged is stored and
// its act in the trail, once, and one that is answered an error is not, nor its act.
func (k saved[T]) faults(t *testing.T, h Harness) {
	for _, fault := range []Fault{NotWritten, Written, Throttled, Contended} {
		t.Run(string(fault), func(t *testing.T) {
			s := h.Open(t, register.DefaultSeries).(engine)
			first := k.keep(t, s, 1)
			if !h.Break(s, fault) {
				t.Skipf("the engine cannot be %s", fault)
			}
			second := refused(noon, "2", "[]")
			err := k.save(t.Context(), s, k.version(2, 1), second)
			next := int64(2)
			switch {
			case err == nil:
				k.want(t, s, k.version(2, 1))
				wantTrail(t, "acts", trail(t, s, noon, access.Entry{}, all), second, first)
				next = 3
			case fault == Written:
				t.Errorf("answered %v to what was written", err)
			default:
				wantKind(t, err, register.Unavailable)
				k.want(t, s, k.version(1, 0))
				wantTrail(t, "acts", trail(t, s, noon, access.Entry{}, all), first)
			}
			k.keep(t, s, next)
			k.want(t, s, k.version(next, 0))
		})
	}
}
