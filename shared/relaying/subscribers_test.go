package relaying_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
	"dagtilbudsregisteret.dk/shared/storetest"
	"dagtilbudsregisteret.dk/shared/validation"
)

// trail gives the acts on subscribers, the oldest first, each as "<act> <subscriber>" and, where it was refused, why.
func (s *station) trail() (acts []string) {
	s.Helper()
	now := s.clock.Now()
	for e, err := range s.store.Entries(s.Context(), now, access.Entry{}, now) {
		if err != nil {
			s.Fatal(err)
		}
		if e.Af != drift || e.Afvist != (len(e.Regler) > 0) || e.Afvist != (len(e.Fund) > 0) {
			s.Errorf("the trail has %+v", e)
		}
		acts = append(acts, strings.Join(append([]string{e.Handling, e.Bruger}, e.Regler...), " "))
	}
	slices.Sort(acts) // those of one moment come in any order
	return acts
}

func (s *station) wantTrail(want ...string) {
	s.Helper()
	if got := s.trail(); !slices.Equal(got, want) {
		s.Errorf("the trail tells of\n     %s\nwant %s", strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

// settled is a station with some changes: three of 101, at 8:30:01, 8:30:02 and 8:30:03, and two of 265, at 8:30:01 and 8:30:03.
func settled(t tester) *station {
	s := inMemory(t)
	s.write(opret(omraade(101)), opret(omraade(265)))
	s.write(omdoeb("H10101", "Skoven"))
	s.write(omdoeb("H10101", "Engen"), omdoeb("H10265", "Havnen"))
	return s
}

// at is a moment of those of [settled].
func at(seconds int) time.Time { return storetest.Now.Add(time.Duration(seconds) * time.Second) }

func TestCreate(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		from relaying.Start
		fra  string
	}{
		"what comes next":        {relaying.Start{}, "101:3,265:2"},
		"the beginning":          {relaying.Start{Begin: true}, ""},
		"positions":              {relaying.Start{Positions: register.Positions{{Kommune: 101, Nr: 2}}}, "101:2,265:0"},
		"the ends":               {relaying.Start{Positions: register.Positions{{Kommune: 101, Nr: 3}, {Kommune: 265, Nr: 2}}}, "101:3,265:2"},
		"a moment":               {relaying.Start{Moment: at(2)}, "101:1,265:1"},
		"a moment in between":    {relaying.Start{Moment: at(2).Add(time.Millisecond)}, "101:2,265:1"},
		"before everything":      {relaying.Start{Moment: at(-1000)}, "101:0,265:0"},
		"this moment":            {relaying.Start{Moment: at(3)}, "101:2,265:1"},
		"a moment and positions": {relaying.Start{Moment: at(2), Positions: register.Positions{{Kommune: 101, Nr: 3}}}, "101:3,265:0"},
	} {
		t.Run(name, func(t *testing.T) {
			s := settled(t)
			filter := relaying.Filter{Kommuner: []int{101}, Niveauer: register.Levels[:1], Arter: []register.Art{register.Aendring}}
			sub := relaying.Subscriber{Navn: "os2", Koe: "koe.fifo", Filter: filter, Runde: 7, Version: 7}
			got := s.done(s.Create(t.Context(), drift, sub, c.from))
			want := relaying.Subscriber{Navn: "os2", Koe: "koe.fifo", Filter: filter, Fra: got.Fra, Oprettet: at(3), Version: 1}
			if !reflect.DeepEqual(got, want) || got.Fra.String() != c.fra {
				t.Errorf("made is\n%+v, want\n%+v, from %s", got, want, c.fra)
			}
			stored, err := s.store.Subscriber(t.Context(), "os2")
			if err != nil || !reflect.DeepEqual(stored, got) {
				t.Errorf("%v: stored is %+v", err, stored)
			}
			s.wantTrail("abonnement/opret os2")
		})
	}
}

// What is wrong with a new subscriber is found all at once, and nothing of it is kept but the act in the trail.
func TestCreateRefused(t *testing.T) {
	t.Parallel()
	const long = "https://sqs.eu-north-1.amazonaws.com/123456789012/"
	ahead := relaying.Start{Positions: register.Positions{{Kommune: 101, Nr: 4}, {Kommune: 265, Nr: 2}, {Kommune: 751, Nr: 1}}}
	for _, c := range []struct {
		navn, koe string
		kommuner  []int
		from      relaying.Start
		want      string
		kind      register.Kind
		trail     string
	}{
		{"OS2", "", []int{0, 101, 10_000}, ahead, "abonnement/navn /navn, abonnement/koe /koe, abonnement/kommune /filter/kommuner/0, " +
			"abonnement/kommune /filter/kommuner/2, abonnement/position /registerposition, abonnement/position /registerposition", register.Invalid,
			"abonnement/opret  abonnement/navn abonnement/koe abonnement/kommune abonnement/position"},
		{"os2", long + strings.Repeat("x", 301-len(long)), nil, relaying.Start{Moment: at(3).Add(time.Millisecond)},
			"abonnement/koe /koe, abonnement/fremtid /fra", register.Invalid, "abonnement/opret os2 abonnement/koe abonnement/fremtid"},
		{"os2", "x y", []int{999}, relaying.Start{}, "abonnement/koe /koe, abonnement/kommune /filter/kommuner/0", register.Invalid,
			"abonnement/opret os2 abonnement/koe abonnement/kommune"},
		{"os2", "https://sqs.eu-north-1.amazonaws.com/1/k.standard", nil, relaying.Start{}, "abonnement/koe /koe", register.Invalid,
			"abonnement/opret os2 abonnement/koe"},
		{"findes", "koe", []int{101, 851}, relaying.Start{}, "abonnement-tilstand/navnOptaget /navn", register.Conflict,
			"abonnement/opret findes abonnement-tilstand/navnOptaget"},
		{"lukket", "koe", nil, relaying.Start{}, "abonnement-tilstand/navnOptaget /navn", register.Conflict,
			"abonnement/opret lukket abonnement-tilstand/navnOptaget"},
	} {
		s := settled(t)
		s.subscribe("findes", relaying.Filter{}, relaying.Start{})
		s.subscribe("lukket", relaying.Filter{}, relaying.Start{})
		s.done(s.Close(t.Context(), drift, "lukket"))
		before, _ := s.store.Subscribers(t.Context())
		sub := relaying.Subscriber{Navn: c.navn, Koe: c.koe, Filter: relaying.Filter{Kommuner: c.kommuner}}
		_, findings, err := s.Create(t.Context(), drift, sub, c.from)
		if got := shown(findings); err != nil || got != c.want || validation.Kind(findings) != c.kind {
			t.Errorf("%v: found is %s, want %s", err, got, c.want)
		}
		after, err := s.store.Subscribers(t.Context())
		if err != nil || !reflect.DeepEqual(after, before) {
			t.Errorf("%v: there are %+v", err, after)
		}
		want := []string{c.trail, "abonnement/luk lukket", "abonnement/opret findes", "abonnement/opret lukket"}
		slices.Sort(want)
		s.wantTrail(want...)
	}
}

// A queue is one subscriber's, by whichever name, until that one is closed.
func TestQueueIsTaken(t *testing.T) {
	t.Parallel()
	const sqs, other = "https://sqs.eu-north-1.amazonaws.com/", "https://eu-north-1.queue.amazonaws.com/"
	for _, c := range []struct {
		has, wants string
		taken      bool
	}{
		{"alt.fifo", "alt.fifo", true},
		{"alt.fifo", "alt", false},
		{"alt.fifo", "helt-alt.fifo", false},
		{"alt.fifo", sqs + "123/alt.fifo", true},
		{sqs + "123/alt.fifo", "alt.fifo", true},
		{sqs + "123/alt.fifo", sqs + "123/alt.fifo", true},
		{sqs + "123/alt.fifo", other + "123/alt.fifo/", true},
		{sqs + "123/alt.fifo", sqs + "456/alt.fifo", false},
		{sqs + "123/alt.fifo", sqs + "123/andet.fifo", false},
	} {
		for _, state := range []string{"", "pauset", "lukket"} {
			s := settled(t)
			s.done(s.Create(t.Context(), drift, relaying.Subscriber{Navn: "os2", Koe: c.has}, relaying.Start{}))
			s.done(s.Create(t.Context(), drift, relaying.Subscriber{Navn: "andet", Koe: "mit"}, relaying.Start{}))
			want := ""
			if c.taken && state != "lukket" {
				want = "abonnement-tilstand/koeOptaget /koe"
			}
			switch state {
			case "pauset":
				s.done(s.Pause(t.Context(), drift, "os2"))
			case "lukket":
				s.done(s.Close(t.Context(), drift, "os2"))
			}
			_, findings, err := s.Create(t.Context(), drift, relaying.Subscriber{Navn: "nyt", Koe: c.wants}, relaying.Start{})
			if err != nil || shown(findings) != want || want != "" && validation.Kind(findings) != register.Conflict {
				t.Errorf("%s of one that is %q is wanted as %s: %v: found is %s", c.has, state, c.wants, err, shown(findings))
			}
			if want == "" {
				s.done(s.Close(t.Context(), drift, "nyt"))
			}
			if _, findings, err = s.Change(t.Context(), drift, "andet", nil, c.wants, relaying.Filter{}); err != nil || shown(findings) != want {
				t.Errorf("%s of one that is %q is changed to as %s: %v: found is %s", c.has, state, c.wants, err, shown(findings))
			}
			if state != "lukket" {
				s.done(s.Change(t.Context(), drift, "os2", nil, c.has, relaying.Filter{Kommuner: []int{265}})) // its own
			}
		}
	}
}

// A queue's name may be as long as SQS's longest, and an address as long as the longest that is taken, with an account or without.
func TestLongestQueue(t *testing.T) {
	t.Parallel()
	s := settled(t)
	name := strings.Repeat("x", 75) + ".fifo"
	address := "https://" + strings.Repeat("y", 300-len("https:///"+name)) + "/" + name
	for i, queue := range []string{strings.Repeat("z", 75), name, address} {
		navn := fmt.Sprint("os", i)
		s.done(s.Create(t.Context(), drift, relaying.Subscriber{Navn: navn, Koe: queue}, relaying.Start{}))
		s.done(s.Close(t.Context(), drift, navn))
		for _, longer := range []string{"x" + queue, queue + "/"} {
			_, findings, err := s.Create(t.Context(), drift, relaying.Subscriber{Navn: navn + "-2", Koe: longer}, relaying.Start{})
			if got := shown(findings); err != nil || got != "abonnement/koe /koe" {
				t.Errorf("%s: %v: found is %s", longer, err, got)
			}
		}
	}
}

// Each act makes one more version, says in the trail that it was done, and changes what it is about and nothing else.
func TestActs(t *testing.T) {
	t.Parallel()
	s := settled(t)
	want := s.subscribe("os2", relaying.Filter{}, relaying.Start{})
	filter := relaying.Filter{Kommuner: []int{265}}
	ctx := t.Context()
	for i, c := range []struct {
		act  func() relaying.Subscriber
		edit func(*relaying.Subscriber)
	}{
		{func() relaying.Subscriber { return s.done(s.Pause(ctx, drift, "os2")) }, func(sub *relaying.Subscriber) { sub.Pauset = true }},
		{func() relaying.Subscriber { return s.done(s.Resume(ctx, drift, "os2")) }, func(sub *relaying.Subscriber) { sub.Pauset = false }},
		{func() relaying.Subscriber {
			return s.done(s.Change(ctx, drift, "os2", nil, "ny", filter))
		}, func(sub *relaying.Subscriber) { sub.Koe, sub.Filter = "ny", filter }},
		{func() relaying.Subscriber {
			return s.done(s.Change(ctx, drift, "os2", []int64{9, 4}, "ny", relaying.Filter{}))
		}, func(sub *relaying.Subscriber) { sub.Filter = relaying.Filter{} }},
		{func() relaying.Subscriber {
			return s.done(s.Replay(ctx, drift, "os2", relaying.Start{Moment: at(3)}))
		}, func(sub *relaying.Subscriber) {
			sub.Runde, sub.Fra = 1, register.Positions{{Kommune: 101, Nr: 2}, {Kommune: 265, Nr: 1}}
		}},
		{func() relaying.Subscriber {
			return s.done(s.Replay(ctx, drift, "os2", beginning))
		}, func(sub *relaying.Subscriber) { sub.Runde, sub.Fra = 2, nil }},
		{func() relaying.Subscriber { return s.done(s.Close(ctx, drift, "os2")) }, func(sub *relaying.Subscriber) { sub.Lukket = true }},
	} {
		got := c.act()
		want.Version++
		c.edit(&want)
		stored, err := s.store.Subscriber(ctx, "os2")
		if err != nil || !reflect.DeepEqual(got, want) || !reflect.DeepEqual(stored, want) {
			t.Errorf("%v: act %d made\n%+v, stored is\n%+v, want\n%+v", err, i, got, stored, want)
		}
	}
	s.wantTrail("abonnement/afspil os2", "abonnement/afspil os2", "abonnement/genoptag os2", "abonnement/luk os2", "abonnement/opret os2",
		"abonnement/pause os2", "abonnement/ret os2", "abonnement/ret os2")
}

// actsOn gives every act on a subscriber that is there.
func (s *station) actsOn(navn string) map[string]func() ([]validation.Finding, error) {
	ctx := s.Context()
	plain := func(_ relaying.Subscriber, findings []validation.Finding, err error) ([]validation.Finding, error) {
		return findings, err
	}
	return map[string]func() ([]validation.Finding, error){
		relaying.Ret: func() ([]validation.Finding, error) {
			return plain(s.Change(ctx, drift, navn, nil, "ny", relaying.Filter{}))
		},
		relaying.Pause:    func() ([]validation.Finding, error) { return plain(s.Pause(ctx, drift, navn)) },
		relaying.Genoptag: func() ([]validation.Finding, error) { return plain(s.Resume(ctx, drift, navn)) },
		relaying.Luk:      func() ([]validation.Finding, error) { return plain(s.Close(ctx, drift, navn)) },
		relaying.Afspil:   func() ([]validation.Finding, error) { return plain(s.Replay(ctx, drift, navn, beginning)) },
		relaying.Genkoe: func() ([]validation.Finding, error) {
			_, findings, err := s.Requeue(ctx, drift, navn, nil)
			return findings, err
		},
	}
}

// Nobody acts on a subscriber that is not there, or is closed. What is no name is not looked up.
func TestActsRefused(t *testing.T) {
	t.Parallel()
	for navn, c := range map[string]struct {
		want string
		kind register.Kind
	}{
		"ukendt": {"ukendt-abonnement/ukendt", register.NotFound},
		"Ikke/#": {"ukendt-abonnement/ukendt", register.NotFound},
		"":       {"ukendt-abonnement/ukendt", register.NotFound},
		"lukket": {"abonnement-tilstand/lukket", register.Conflict},
	} {
		s := settled(t)
		s.subscribe("lukket", relaying.Filter{}, relaying.Start{})
		was := s.done(s.Close(t.Context(), drift, "lukket"))
		trail := []string{"abonnement/opret lukket", "abonnement/luk lukket"}
		s.Service.Store = shy{s.store}
		for handling, act := range s.actsOn(navn) {
			findings, err := act()
			if shown(findings) != c.want || err != nil || validation.Kind(findings) != c.kind {
				t.Errorf("%s of %q: %v: found is %s, want %s", handling, navn, err, shown(findings), c.want)
			}
			bruger := navn
			if !access.ValidNavn(navn) {
				bruger = ""
			}
			trail = append(trail, fmt.Sprintf("%s %s %s", handling, bruger, c.want))
		}
		if is, err := s.store.Subscriber(t.Context(), "lukket"); err != nil || !reflect.DeepEqual(is, was) {
			t.Errorf("%v: the closed one is %+v", err, is)
		}
		slices.Sort(trail)
		s.wantTrail(trail...)
	}
}

// shy is a store that is never to be asked for what is no name.
type shy struct{ engine }

func (s shy) Subscriber(ctx context.Context, navn string) (relaying.Subscriber, error) {
	if !access.ValidNavn(navn) {
		return relaying.Subscriber{}, errors.New("asked for " + navn)
	}
	return s.engine.Subscriber(ctx, navn)
}

// What is asked for and makes no sense leaves the subscriber as it is, whatever else was asked for in the same act.
func TestChangeAndReplayRefused(t *testing.T) {
	t.Parallel()
	s := settled(t)
	was := s.subscribe("os2", relaying.Filter{}, relaying.Start{})
	_, findings, err := s.Change(t.Context(), drift, "os2", []int64{2, 3}, "", relaying.Filter{Kommuner: []int{-1}})
	want := "foraeldet-version/andenVersion, abonnement/koe /koe, abonnement/kommune /filter/kommuner/0"
	if err != nil || shown(findings) != want || validation.Kind(findings) != register.Stale {
		t.Errorf("%v: found is %s", err, shown(findings))
	}
	for _, from := range []relaying.Start{
		{Moment: at(100)}, {Positions: register.Positions{{Kommune: 101, Nr: 4}}}, {Positions: register.Positions{{Kommune: 999, Nr: 1}}},
	} {
		if _, findings, err := s.Replay(t.Context(), drift, "os2", from); err != nil || len(findings) != 1 || findings[0].Rule != validation.Abonnement {
			t.Errorf("%v: from %+v found is %s", err, from, shown(findings))
		}
	}
	if is, err := s.store.Subscriber(t.Context(), "os2"); err != nil || !reflect.DeepEqual(is, was) {
		t.Errorf("%v: it is %+v", err, is)
	}
	s.wantTrail("abonnement/afspil os2 abonnement/fremtid", "abonnement/afspil os2 abonnement/position", "abonnement/afspil os2 abonnement/position",
		"abonnement/opret os2", "abonnement/ret os2 foraeldet-version/andenVersion abonnement/koe abonnement/kommune")
}

// Where the store fails an act is answered its error, and nothing is done.
func TestActsFail(t *testing.T) {
	t.Parallel()
	s := settled(t)
	was := s.subscribe("os2", relaying.Filter{}, relaying.Start{})
	s.Service.Store = lame{s.store, "subscriber"}
	for handling, act := range s.actsOn("os2") {
		if findings, err := act(); len(findings) > 0 || register.KindOf(err) != register.Unavailable {
			t.Errorf("%s: %v: %s", handling, err, shown(findings))
		}
	}
	_, findings, err := s.Create(t.Context(), drift, relaying.Subscriber{Navn: "ny", Koe: "koe"}, relaying.Start{})
	if len(findings) > 0 || register.KindOf(err) != register.Unavailable {
		t.Errorf("%v: %s", err, shown(findings))
	}
	s.Service.Store = lame{s.store, "subscribers"}
	_, findings, err = s.Create(t.Context(), drift, relaying.Subscriber{Navn: "ny", Koe: "koe"}, relaying.Start{})
	if len(findings) > 0 || register.KindOf(err) != register.Unavailable {
		t.Errorf("%v: %s", err, shown(findings))
	}
	s.Service.Store = lame{s.store, "heads"}
	if _, _, err := s.Replay(t.Context(), drift, "os2", relaying.Start{Moment: at(1)}); register.KindOf(err) != register.Unavailable {
		t.Error(err)
	}
	s.Service.Store = lame{s.store, "changes of 101"}
	if _, _, err := s.Create(t.Context(), drift, relaying.Subscriber{Navn: "ny", Koe: "koe"}, relaying.Start{Moment: at(2)}); register.KindOf(err) != register.Unavailable {
		t.Error(err)
	}
	all, err := s.store.Subscribers(t.Context())
	if err != nil || !reflect.DeepEqual(all, []relaying.Subscriber{was}) {
		t.Errorf("%v: there are %+v", err, all)
	}
	s.wantTrail("abonnement/opret os2")
}

// Of two acts at once one is done, and the other is answered that it was overtaken.
func TestActsOvertaken(t *testing.T) {
	t.Parallel()
	s := settled(t)
	s.subscribe("os2", relaying.Filter{}, relaying.Start{})
	service := s.Service
	service.Store = &between{engine: s.store, then: func() { s.done(s.Pause(t.Context(), drift, "os2")) }}
	if _, findings, err := service.Replay(t.Context(), drift, "os2", beginning); len(findings) > 0 || register.KindOf(err) != register.Conflict {
		t.Errorf("%v: %s", err, shown(findings))
	}
	if sub, err := s.store.Subscriber(t.Context(), "os2"); err != nil || !sub.Pauset || sub.Runde != 0 || sub.Version != 2 {
		t.Errorf("%v: it is %+v", err, sub)
	}
	s.wantTrail("abonnement/opret os2", "abonnement/pause os2")
}

// between is a store where something happens once a subscriber has been read.
type between struct {
	engine
	then func()
}

func (b *between) Subscriber(ctx context.Context, navn string) (relaying.Subscriber, error) {
	defer b.then()
	return b.engine.Subscriber(ctx, navn)
}

// What could not be read is refused, and in the trail.
func TestRefuse(t *testing.T) {
	t.Parallel()
	s := settled(t)
	findings := []validation.Finding{validation.Abonnement.Finding("/filter", "type", register.Text{Da: "Hvad?", En: "What?"})}
	for _, navn := range []string{"os2", "Et/andet"} {
		if err := s.Refuse(t.Context(), drift, relaying.Ret, navn, findings); err != nil {
			t.Fatal(err)
		}
	}
	s.wantTrail("abonnement/ret  abonnement/type", "abonnement/ret os2 abonnement/type")
}

// How a subscriber is doing says what it has not come past, how old the oldest of that is, and what waits in its queue.
func TestStanding(t *testing.T) {
	t.Parallel()
	s := settled(t)
	s.subscribe("alle", relaying.Filter{}, beginning)
	s.subscribe("lukket", relaying.Filter{}, beginning)
	s.subscribe("ny", relaying.Filter{}, relaying.Start{})
	s.subscribe("pauset", relaying.Filter{}, relaying.Start{Positions: register.Positions{{Kommune: 101, Nr: 1}}})
	s.subscribe("roskilde", relaying.Filter{Kommuner: []int{265}, Arter: []register.Art{register.Nedlaeggelse}}, beginning)
	s.done(s.Pause(t.Context(), drift, "pauset"))
	s.done(s.Close(t.Context(), drift, "lukket"))
	s.clock.pass(57 * time.Second) // to 8:31
	s.wantStandings("alle 5 59s 0", "lukket 0 0s 0", "ny 0 0s 0", "pauset 4 59s 0", "roskilde 2 59s 0")
	s.relay(101)
	s.wantStandings("alle 2 59s 3", "lukket 0 0s 0", "ny 0 0s 0", "pauset 4 59s 0", "roskilde 2 59s 0")
	s.relay()
	s.wantStandings("alle 0 0s 5", "lukket 0 0s 0", "ny 0 0s 0", "pauset 4 59s 0", "roskilde 0 0s 0")
	s.write(omdoeb("H10101", "Bakken"))
	s.write(omdoeb("H10265", "Søen"))
	s.clock.pass(time.Hour)
	s.wantStandings("alle 2 1h0m1s 5", "lukket 0 0s 0", "ny 2 1h0m1s 0", "pauset 6 1h1m1s 0", "roskilde 1 1h0m0s 0")
	s.replay("alle", relaying.Start{Moment: at(3)})
	s.mail.stop()
	s.Service.Store = lame{s.store, "more of 101"}
	s.wantStandings("alle 4 1h0m59s -1", "lukket 0 0s 0", "ny 2 1h0m1s -1", "pauset 6 1h1m1s -1", "roskilde 1 1h0m0s -1")
	if _, err := s.Standing(t.Context(), "ukendt"); register.KindOf(err) != register.NotFound {
		t.Error(err)
	}
}

func (s *station) wantStandings(want ...string) {
	s.Helper()
	all, err := s.Standings(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	var got []string
	for _, st := range all {
		got = append(got, fmt.Sprint(st.Navn, " ", st.Haendelser, " ", st.Alder, " ", st.IKoe))
		if one, err := s.Standing(s.Context(), st.Navn); err != nil || !reflect.DeepEqual(one, st) {
			s.Errorf("%v: by itself it is %+v, among all %+v", err, one, st)
		}
	}
	if !slices.Equal(got, want) {
		s.Errorf("they stand at\n     %s\nwant %s", strings.Join(got, ", "), strings.Join(want, ", "))
	}
}

// A queue that does not tell its depth keeps nobody waiting for long, however many there are of its kind.
func TestStandingOfHangingQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := settled(t)
		for _, navn := range []string{"haenger", "haenger-2", "rask"} {
			s.subscribe(navn, relaying.Filter{}, beginning)
		}
		s.Queue = mute{s.mail}
		began := time.Now()
		s.wantStandings("haenger 5 2s -1", "haenger-2 5 2s -1", "rask 5 2s 0")
		if took := time.Since(began); took > 15*time.Second { // all at once, and then one by one
			t.Errorf("it took %v", took)
		}
	})
}

// mute is queues of which some never tell their depth.
type mute struct{ relaying.Queue }

func (q mute) Depth(ctx context.Context, queue string) (int, error) {
	if strings.HasPrefix(queue, "haenger") {
		<-ctx.Done()
		return 0, errBroken
	}
	return q.Queue.Depth(ctx, queue)
}

// Where the register cannot be read it is not known how anybody is doing.
func TestStandingFails(t *testing.T) {
	t.Parallel()
	s := settled(t)
	s.subscribe("alle", relaying.Filter{}, beginning)
	for _, at := range []string{"heads", "subscribers", "marks", "changes of 101"} {
		s.Service.Store = lame{s.store, at}
		if _, err := s.Standings(t.Context()); register.KindOf(err) != register.Unavailable {
			t.Errorf("%s: %v", at, err)
		}
	}
}

// Dead letters are looked at, and put back all together or one by one. What was put back is an act, even where not all could be.
func TestDeadLetters(t *testing.T) {
	t.Parallel()
	s := settled(t)
	s.subscribe("os2", relaying.Filter{}, relaying.Start{})
	letter := func(id string) relaying.DeadLetter {
		return relaying.DeadLetter{ID: id, Body: []byte("{}"), Received: 5, Sent: at(1)}
	}
	dead := []relaying.DeadLetter{letter("G1:1"), letter("G1:2"), letter("G2:1"), {ID: "haard"}}
	s.memory().boxes["os2"].dead = slices.Clone(dead)
	if got, err := s.DeadLetters(t.Context(), "os2", 2); err != nil || !reflect.DeepEqual(got, dead[:2]) {
		t.Errorf("%v: dead are %+v", err, got)
	}
	for _, c := range []struct {
		ids  []string
		want int
		kind register.Kind
	}{{[]string{"G1:2"}, 1, register.Internal}, {[]string{"haard"}, 0, register.Unavailable}, {nil, 2, register.Unavailable}} {
		n, findings, err := s.Requeue(t.Context(), drift, "os2", c.ids)
		if n != c.want || len(findings) > 0 || (err != nil) != (c.kind == register.Unavailable) || register.KindOf(err) != c.kind {
			t.Errorf("%v: of %s %d were put back, want %d", err, c.ids, n, c.want)
		}
		if asked := s.memory().boxes["os2"].asked; !slices.Equal(asked, c.ids) {
			t.Errorf("asked for %s, want %s", asked, c.ids)
		}
	}
	s.wantTrail("abonnement/genkoe os2", "abonnement/genkoe os2", "abonnement/opret os2")
	if _, err := s.DeadLetters(t.Context(), "ukendt", 2); register.KindOf(err) != register.NotFound {
		t.Error(err)
	}
}
