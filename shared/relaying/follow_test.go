package relaying_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
)

// every is how often the followers of the tests look without being woken.
const every = 5 * time.Minute

// follow follows in the background until the function that it answers is called, which waits for its end. The test is in a bubble.
func (s *station) follow() (end func()) {
	ctx, cancel := context.WithCancel(s.Context())
	var done sync.WaitGroup
	done.Go(func() { s.Follow(ctx, s.store, every) })
	return func() {
		cancel()
		done.Wait()
	}
}

// Who follows sends at once what is written, to those who were there when it began and to those who came later.
func TestFollowIsWoken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := inMemory(t)
		s.subscribe("alle", relaying.Filter{}, beginning)
		s.write(opret(omraade(265)))
		began := time.Now()
		defer s.follow()()
		synctest.Wait()
		s.wantIDs("alle", "H10265:1")
		s.subscribe("ny", relaying.Filter{}, relaying.Start{})
		s.write(omdoeb("H10265", "Skoven"))
		synctest.Wait()
		s.wantIDs("alle", "H10265:1", "H10265:2")
		s.wantIDs("ny", "H10265:2")
		s.write(opret(omraade(101)))
		synctest.Wait()
		s.wantAll()
		if took := time.Since(began); took != 0 {
			t.Errorf("it took %v", took)
		}
	})
}

// What no change tells of is found when it is looked for: a subscriber that comes, goes on or begins anew.
func TestFollowLooksNowAndThen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := inMemory(t)
		s.write(opret(omraade(265)))
		defer s.follow()()
		synctest.Wait()
		for round, act := range []func(){
			func() { s.subscribe("alle", relaying.Filter{}, beginning) },
			func() { s.replay("alle", beginning) },
			func() {
				s.done(s.Pause(t.Context(), drift, "alle"))
				s.write(omdoeb("H10265", "Skoven"))
				synctest.Wait()
				s.done(s.Resume(t.Context(), drift, "alle"))
			},
		} {
			act()
			time.Sleep(every - 2*time.Second) // a second less than until they look
			synctest.Wait()
			if got := len(s.mail.received("alle")); got != round {
				t.Errorf("act %d: %d messages were sent before it was time", round, got)
			}
			time.Sleep(3 * time.Second)
			synctest.Wait()
			s.wantAll()
		}
	})
}

// timed is a store that notes when it is asked how far the logs have come, and fails at that for some times.
type timed struct {
	engine
	began time.Time
	mu    sync.Mutex
	asked []time.Duration
	fails int
}

func (s *timed) Heads(ctx context.Context) ([]register.Head, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, time.Since(s.began))
	if s.fails > 0 {
		s.fails--
		return nil, errBroken
	}
	return s.engine.Heads(ctx)
}

// take gives when it was asked since the last time.
func (s *timed) take() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() { s.asked = nil }()
	return fmt.Sprint(s.asked)
}

// Where the store does not answer it is asked less and less often, and as often as before when it has answered once.
func TestFollowBacksOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := inMemory(t)
		log := new(bytes.Buffer)
		s.Service.Log = slog.New(slog.NewTextHandler(log, nil))
		store := &timed{engine: s.store, began: time.Now(), fails: 8}
		s.Store = store
		end := s.follow()
		time.Sleep(3 * time.Minute)
		synctest.Wait()
		if got := store.take(); got != "[0s 1s 3s 7s 15s 31s 1m1s 1m31s 2m1s]" {
			t.Errorf("asked at %s", got)
		}
		store.mu.Lock()
		store.fails = 2
		store.mu.Unlock()
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		if got := store.take(); got != "[7m1s 7m2s 7m4s]" {
			t.Errorf("asked at %s", got)
		}
		end()
		if lines := strings.Count(log.String(), "broken by the test"); lines != 10 || !strings.Contains(log.String(), "pause=30s") {
			t.Errorf("%d times the log tells of failures:\n%s", lines, log)
		}
	})
}

// Each subscriber is followed once, and one that is closed not at all.
func TestFollowEachOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := inMemory(t)
		for _, navn := range []string{"alle", "lukket", "pauset"} {
			s.subscribe(navn, relaying.Filter{}, beginning)
		}
		s.done(s.Pause(t.Context(), drift, "pauset"))
		s.done(s.Close(t.Context(), drift, "lukket"))
		store := &timed{engine: s.store, began: time.Now()}
		s.Store = store
		defer s.follow()()
		time.Sleep(2*every + time.Second)
		synctest.Wait()
		if got := store.take(); got != "[0s 0s 0s 5m0s 5m0s 5m0s 10m0s 10m0s 10m0s]" {
			t.Errorf("asked at %s", got)
		}
	})
}

// A municipality that is held back is tried again after pauses, and no other waits for it: what is written is sent at once, to the same
// subscriber and to others.
func TestFollowHeldBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := inMemory(t)
		s.subscribe("alle", relaying.Filter{}, beginning)
		s.subscribe("anden", relaying.Filter{}, beginning)
		s.memory().refuseGroup("alle", "265", true)
		s.write(opret(omraade(265)))
		end := s.follow()
		defer end()
		time.Sleep(100 * time.Second)
		synctest.Wait()
		if calls := s.memory().calls("alle"); len(calls) != 8 { // after 0, 1, 3, 7, 15, 31, 61 and 91 seconds
			t.Errorf("it was tried %d times", len(calls))
		}
		s.write(opret(omraade(101)))
		synctest.Wait()
		s.wantIDs("alle", "H10101:1")
		s.wantIDs("anden", "H10101:1", "H10265:1")
		s.memory().refuseGroup("alle", "265", false)
		time.Sleep(30 * time.Second)
		synctest.Wait()
		s.wantAll()
	})
}

// A queue that hangs keeps nobody else from being followed, and its subscriber is brought up to date when it hangs no more.
func TestFollowHangingQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := inMemory(t)
		s.subscribe("haenger", relaying.Filter{}, beginning)
		s.subscribe("rask", relaying.Filter{}, beginning)
		release := s.memory().block("haenger")
		end := s.follow()
		defer end()
		s.write(opret(omraade(265)))
		synctest.Wait()
		s.write(omdoeb("H10265", "Skoven"))
		synctest.Wait()
		s.wantIDs("haenger")
		s.wantIDs("rask", "H10265:1", "H10265:2")
		release()
		synctest.Wait()
		s.wantAll()
	})
}

// A call to a queue that is never answered is given up with the patience, and made anew.
func TestFollowCallsAnew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := inMemory(t)
		s.Patience = time.Minute
		s.subscribe("haenger", relaying.Filter{}, beginning)
		s.memory().block("haenger")
		s.write(opret(omraade(265)))
		defer s.follow()()
		synctest.Wait()
		s.memory().set(func() { s.memory().boxes["haenger"].gate = nil }) // and the one call goes on hanging
		time.Sleep(s.Patience)
		synctest.Wait()
		s.wantIDs("haenger")
		time.Sleep(time.Second)
		synctest.Wait()
		s.wantIDs("haenger", "H10265:1")
	})
}

// Following ends with its context, even in front of a queue that hangs, and nothing is sent any more.
func TestFollowEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := inMemory(t)
		log := new(bytes.Buffer)
		s.Service.Log = slog.New(slog.NewTextHandler(log, nil))
		s.subscribe("haenger", relaying.Filter{}, beginning)
		s.subscribe("rask", relaying.Filter{}, beginning)
		s.memory().block("haenger")
		end := s.follow()
		s.write(opret(omraade(265)))
		synctest.Wait()
		end()
		s.write(omdoeb("H10265", "Skoven"))
		time.Sleep(2 * every)
		synctest.Wait()
		s.wantIDs("haenger")
		s.wantIDs("rask", "H10265:1")
		if log.Len() > 0 {
			t.Errorf("the log tells of\n%s", log)
		}
	})
}

// Following ends no sooner than what is under way: after it the store may be closed.
func TestFollowFinishes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := inMemory(t)
		s.subscribe("alle", relaying.Filter{}, beginning)
		gate := make(chan struct{})
		s.Queue = &stubborn{s.mail, gate}
		s.write(opret(omraade(265)))
		end := s.follow()
		synctest.Wait()
		ended := false
		go func() {
			end()
			ended = true
		}()
		synctest.Wait()
		if ended {
			t.Error("it ended, and a sending was under way")
		}
		close(gate)
		synctest.Wait()
		if !ended {
			t.Error("it did not end")
		}
	})
}

// stubborn is queues that wait at a gate, whoever gives up.
type stubborn struct {
	relaying.Queue
	gate chan struct{}
}

func (q *stubborn) Send(ctx context.Context, queue string, messages []relaying.Message) []error {
	<-q.gate
	return q.Queue.Send(ctx, queue, messages)
}
