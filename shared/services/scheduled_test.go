package services_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/boltstore"
	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/granting"
	"dagtilbudsregisteret.dk/shared/metrics"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
	"dagtilbudsregisteret.dk/shared/services"
	"dagtilbudsregisteret.dk/shared/storetest"
)

// shelf is queues of which each holds so many messages and dead letters, but for one that does not answer.
type shelf struct{ relaying.Queue }

func (shelf) Depth(_ context.Context, queue string) (int, error)     { return 2, silent(queue) }
func (shelf) DeadDepth(_ context.Context, queue string) (int, error) { return 3, silent(queue) }

func silent(queue string) error {
	if strings.HasPrefix(queue, "tavs") {
		return &register.Error{Kind: register.Unavailable}
	}
	return nil
}

// TestScheduledRunsMeasure runs what schedules run, on a register in which there is something to see.
func TestScheduledRunsMeasure(t *testing.T) {
	store, err := boltstore.Open(filepath.Join(t.TempDir(), "register.db"), register.DefaultSeries)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	now := storetest.Now.Add(time.Minute)
	var out bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&out, nil))
	s := services.New(services.Config{
		Store: store, Tables: codes.Embedded(), Now: func() time.Time { return now }, Log: log, Queue: shelf{}, Series: register.DefaultSeries,
		Meter: &metrics.Meter{Stage: "prod", Function: "relay", Log: log, Now: func() time.Time { return now }},
	})
	fill(t, s, store, now)
	for _, c := range []struct {
		name string
		run  func(context.Context) error
		want []string
	}{
		{"recheck", s.Recheck, []string{`{"UnlawfulRows":2}`}},
		{"numbers", s.WatchNumbers, []string{`{"NumbersLeft":1789897}`}},
		{"vendors", s.WatchVendors, []string{`{"SilentVendors":1,"silent":[{"dage":5,"navn":"os2","rytme":1,"senest":"` + string(access.DayOf(now).After(-5)) + `"}]}`}},
		{"subscribers", s.WatchSubscribers, []string{
			`{"DeadLetters":3,"Subscriber":"aula","SubscriberLagEvents":3,"SubscriberLagSeconds":60}`,
			`{"Subscriber":"tavs","SubscriberLagEvents":3,"SubscriberLagSeconds":60}`,
		}},
	} {
		out.Reset()
		if err := c.run(t.Context()); err != nil {
			t.Error(err)
		}
		if got := measured(t, out.Bytes()); !slices.Equal(got, c.want) {
			t.Errorf("%s measures\n     %s\nwant %s", c.name, strings.Join(got, "\n     "), strings.Join(c.want, "\n     "))
		}
	}
}

// fill makes a daginstitution with two units of a type that is not lawful there, subscribers and a vendor that calls no more.
func fill(t *testing.T, s *services.Services, store *boltstore.Store, now time.Time) {
	t.Helper()
	parent := storetest.Daginstitution(461, "G10000")
	one, other := storetest.Anvisningsenhed(parent, "G10001"), storetest.Anvisningsenhed(parent, "G10002")
	one.InstType3, other.InstType3 = 6013, 6013
	storetest.Create(t, store, parent, one, other)
	if err := store.MoveSeries(t.Context(), "G10102"); err != nil {
		t.Fatal(err)
	}
	for _, navn := range []string{"aula", "tavs", "pause", "lukket"} {
		sub := relaying.Subscriber{Navn: navn, Koe: navn + ".fifo", Pauset: navn == "pause", Lukket: navn == "lukket", Oprettet: now, Version: 1}
		if err := store.SaveSubscriber(t.Context(), sub, access.NewEntry(now, access.Entry{Handling: relaying.Opret, Bruger: navn})); err != nil {
			t.Fatal(err)
		}
	}
	vendor := access.User{Navn: "os2", Rolle: access.Leverandoer, Oprettet: now, Version: 1}
	if err := store.SaveUser(t.Context(), vendor, access.NewEntry(now, access.Entry{Handling: granting.Opret, Bruger: "os2"})); err != nil {
		t.Fatal(err)
	}
	for ago := 12; ago >= 5; ago-- {
		if err := store.CountCall(t.Context(), access.AnyVersion, access.DayOf(now).After(-ago).Begins(), "os2", access.Noted); err != nil {
			t.Fatal(err)
		}
	}
}

// measured gives the lines that measure, without what every one has, in order of their text.
func measured(t *testing.T, log []byte) (lines []string) {
	t.Helper()
	for text := range bytes.Lines(log) {
		members := make(map[string]any)
		if err := json.Unmarshal(text, &members); err != nil {
			t.Fatal(err)
		}
		if members["_aws"] == nil {
			continue
		}
		if members["Stage"] != "prod" {
			t.Errorf("the line is of the stage %v", members["Stage"])
		}
		for _, common := range []string{"_aws", "Stage", "time", "level", "msg"} {
			delete(members, common)
		}
		line, err := json.Marshal(members)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(line))
	}
	slices.Sort(lines)
	return lines
}
