package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
)

func openRelaying(t testing.TB, h Harness) engine {
	t.Helper()
	return h.Open(t, register.DefaultSeries).(engine)
}

// abonnent gives an invented subscriber with something in every field.
func abonnent(navn string) relaying.Subscriber {
	return relaying.Subscriber{
		Navn: navn, Koe: "https://sqs.example/123/" + navn + ".fifo",
		Filter: relaying.Filter{
			Kommuner: []int{101, 265}, Niveauer: []register.Level{register.Anvisningsenhed, register.AlternativAdresse},
			Arter: []register.Art{register.Nedlaeggelse, register.Oprettelse, register.Indlaesning},
		},
		Pauset: true, Runde: 3, Fra: register.Positions{{Kommune: 101, Nr: 0}, {Kommune: 265, Nr: 1 << 40}},
		Lukket: true, Oprettet: Now, Version: 1,
	}
}

func mark(t testing.TB, s relaying.Store, navn string, runde int, at ...register.Position) {
	t.Helper()
	for _, p := range at {
		if err := s.Mark(t.Context(), navn, runde, p); err != nil {
			t.Fatalf("mark %s: %v", p, err)
		}
	}
}

func wantMarks(t testing.TB, s relaying.Store, navn string, runde int, want ...register.Position) {
	t.Helper()
	if got, err := s.Marks(t.Context(), navn, runde); err != nil || !slices.Equal(got, want) {
		t.Errorf("%v: the marks of %s in round %d are %s, want %s", err, navn, runde, got, register.Positions(want))
	}
}

func readsSubscribersBack(t *testing.T, h Harness) {
	s := openRelaying(t, h)
	full := abonnent("os2.dagtilbud")
	wantEveryField(t, full)
	wantEveryField(t, full.Filter)
	bare := relaying.Subscriber{Navn: full.Navn, Version: 2}
	first, second := act(noon, "1", full.Navn), refused(noon, "2", "[]")
	for _, c := range []struct {
		sub relaying.Subscriber
		act access.Entry
	}{{full, first}, {bare, second}} {
		if err := s.SaveSubscriber(t.Context(), c.sub, c.act); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Subscriber(t.Context(), full.Navn); err != nil || !reflect.DeepEqual(got, c.sub) {
			t.Errorf("%v\n got %+v\nwant %+v", err, got, c.sub)
		}
	}
	wantTrail(t, "the acts", trail(t, s, noon, access.Entry{}, all), second, first)
	_, err := s.User(t.Context(), full.Navn)
	wantKind(t, err, register.NotFound) // a user and a subscriber of one name are two
}

func unknownSubscribers(t *testing.T, h Harness) {
	s := openRelaying(t, h)
	_, err := s.Subscriber(t.Context(), "ukendt")
	wantKind(t, err, register.NotFound)
	subs, err := s.Subscribers(t.Context())
	if err != nil || len(subs) != 0 {
		t.Errorf("%v: %+v", err, subs)
	}
	sub := abonnent("ukendt")
	sub.Version = 2
	wantKind(t, s.SaveSubscriber(t.Context(), sub, act(noon, "2", "ukendt")), register.Conflict)
	wantTrail(t, "acts", trail(t, s, noon, access.Entry{}, all))
	wantMarks(t, s, "ukendt", 0)
}

func subscribersByName(t *testing.T, h Harness) {
	s := openRelaying(t, h)
	var want []relaying.Subscriber
	for _, navn := range []string{"a1", "b-1", "b.1", "b1", "c"} {
		for i := range 8 {
			sub := abonnent(fmt.Sprintf("%s%d", navn, i))
			sub.Koe = strings.Repeat("en-lang-koe", 100)
			want = append(want, sub)
		}
	}
	for i := range want {
		sub := want[(i+17)%len(want)]
		if err := s.SaveSubscriber(t.Context(), sub, act(noon, sub.Navn, sub.Navn)); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := s.Subscribers(t.Context()); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\n got %+v\nwant %+v", err, got, want)
	}
}

// marks go forwards only, in each municipality's log, round and subscriber by itself.
func marks(t *testing.T, h Harness) {
	s := openRelaying(t, h)
	p := func(kommune int, nr int64) register.Position { return register.Position{Kommune: kommune, Nr: nr} }
	mark(t, s, "os2", 0, p(265, 7), p(101, 1), p(265, 9), p(265, 8), p(265, 9), p(1000, 1<<40), p(101, 0))
	wantMarks(t, s, "os2", 0, p(101, 1), p(265, 9), p(1000, 1<<40))
	mark(t, s, "os2", 1, p(265, 2))
	mark(t, s, "os2", 10, p(265, 3))
	mark(t, s, "os2.b", 1, p(265, 4))
	wantMarks(t, s, "os2", 1, p(265, 2))
	wantMarks(t, s, "os2", 10, p(265, 3))
	wantMarks(t, s, "os2.b", 1, p(265, 4))
	wantMarks(t, s, "os2", 0, p(101, 1), p(265, 9), p(1000, 1<<40))

	var many []register.Position
	for kommune := range 150 {
		many = append(many, p(101+kommune, int64(kommune+1)))
	}
	mark(t, s, "mange", 0, many...)
	wantMarks(t, s, "mange", 0, many...)
}

// marksRace has relays note side by side how far they have come: a mark ends at the furthest, and nobody sees it go back.
func marksRace(t *testing.T, h Harness) {
	s := openRelaying(t, h)
	const relays, each = 8, 15
	at(relays, func(i int) {
		random := rand.New(rand.NewPCG(1, uint64(i)))
		var was register.Positions
		for j := range each {
			nr := int64(1 + random.IntN(each*10))
			if i == 0 && j == each/2 {
				nr = each * 10
			}
			for _, kommune := range []int{101, 265} {
				if err := s.Mark(t.Context(), "os2", 1, register.Position{Kommune: kommune, Nr: nr}); err != nil {
					t.Error(err)
				}
			}
			is, err := s.Marks(t.Context(), "os2", 1)
			if err != nil || is.Of(101) < max(nr, was.Of(101)) || is.Of(265) < max(nr, was.Of(265)) {
				t.Errorf("%v: marked %d; the marks were %s and are %s", err, nr, was, is)
			}
			was = is
		}
	})
	wantMarks(t, s, "os2", 1, register.Position{Kommune: 101, Nr: each * 10}, register.Position{Kommune: 265, Nr: each * 10})
}

// markFaults breaks a mark. What is answered an error may be marked again.
func markFaults(t *testing.T, h Harness) {
	for _, fault := range []Fault{NotWritten, Written, Throttled} {
		t.Run(string(fault), func(t *testing.T) {
			s := openRelaying(t, h)
			first, second := register.Position{Kommune: 265, Nr: 1}, register.Position{Kommune: 265, Nr: 2}
			mark(t, s, "os2", 1, first)
			if !h.Break(s, fault) {
				t.Skipf("the engine cannot be %s", fault)
			}
			if err := s.Mark(t.Context(), "os2", 1, second); err != nil {
				wantKind(t, err, register.Unavailable)
				wantMarks(t, s, "os2", 1, first)
				mark(t, s, "os2", 1, second)
			}
			wantMarks(t, s, "os2", 1, second)
		})
	}
}

// relayingGivenUp has a caller that no longer waits.
func relayingGivenUp(t *testing.T, h Harness) {
	s := openRelaying(t, h)
	savedSubscriber.keep(t, s, 1)
	at := register.Position{Kommune: 265, Nr: 1}
	mark(t, s, "os2", 1, at)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	wantKind(t, s.SaveSubscriber(ctx, savedSubscriber.version(2, 0), act(noon, "2", "os2")), register.Unavailable)
	wantKind(t, s.Mark(ctx, "os2", 1, register.Position{Kommune: 265, Nr: 2}), register.Unavailable)
	_, err := s.Subscriber(ctx, "os2")
	wantKind(t, err, register.Unavailable)
	_, err = s.Subscribers(ctx)
	wantKind(t, err, register.Unavailable)
	_, err = s.Marks(ctx, "os2", 1)
	wantKind(t, err, register.Unavailable)
	savedSubscriber.want(t, s, savedSubscriber.version(1, 0))
	wantMarks(t, s, "os2", 1, at)
}

func restartRelaying(t *testing.T, h Harness) {
	s := openRelaying(t, h)
	first := savedSubscriber.keep(t, s, 1)
	at := register.Position{Kommune: 265, Nr: 1}
	mark(t, s, "os2", 1, at)
	s = h.Restart(t, s).(engine)
	savedSubscriber.want(t, s, savedSubscriber.version(1, 0))
	wantTrail(t, "acts", trail(t, s, noon, access.Entry{}, all), first)
	wantMarks(t, s, "os2", 1, at)
	second := register.Position{Kommune: 265, Nr: 2}
	mark(t, s, "os2", 1, second, at)
	wantMarks(t, s, "os2", 1, second)
}
