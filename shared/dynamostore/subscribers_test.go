package dynamostore

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/dynamostore/dynamotest"
	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
	"dagtilbudsregisteret.dk/shared/storetest"
)

// What the package comment says of subscribers.
func TestSubscriberCosts(t *testing.T) {
	meter := dynamotest.NewMeter(t)
	server := dynamotest.Start(t)
	s := newStore(t, server.Client(meter.Attach), "Dagtilbud", register.DefaultSeries)
	sub := relaying.Subscriber{
		Navn: "os2.dagtilbud", Koe: "https://sqs.eu-north-1.amazonaws.com/123456789012/os2.dagtilbud.fifo", Oprettet: storetest.Now, Version: 1,
		Filter: relaying.Filter{Kommuner: []int{101, 265, 461, 751}, Niveauer: register.Levels[1:], Arter: []register.Art{register.Nedlaeggelse}},
	}
	meter.Take()
	measure(t, server, meter, []measured{
		{"save a subscriber", func() error {
			return s.SaveSubscriber(t.Context(), sub, access.Entry{ID: "A", Tid: storetest.Now, Handling: "abonnent/opret", Bruger: "os2"})
		}, 0, 4},
		{"look a subscriber up", func() error {
			_, err := s.Subscriber(t.Context(), sub.Navn)
			return err
		}, 1, 0},
		{"list the subscribers", func() error {
			_, err := s.Subscribers(t.Context())
			return err
		}, 0.5, 0},
		{"mark", func() error { return s.Mark(t.Context(), sub.Navn, 1, register.Position{Kommune: 265, Nr: 1}) }, 0, 1},
		{"mark further", func() error { return s.Mark(t.Context(), sub.Navn, 1, register.Position{Kommune: 265, Nr: 2}) }, 0, 1},
		{"read the marks", func() error {
			_, err := s.Marks(t.Context(), sub.Navn, 1)
			return err
		}, 1, 0},
	})
}

// The call is not answered, time and again, and yet the mark is made.
func TestMarkThroughFaults(t *testing.T) {
	b := start(t)
	at := register.Position{Kommune: 265, Nr: 2}
	for _, fault := range []dynamotest.Fault{dynamotest.Unsent, dynamotest.Unanswered, dynamotest.Throttled} {
		for range 2 { // the SDK tries three times
			b.faults.Next(fault, "PutItem")
		}
		if err := b.Mark(t.Context(), "os2", 1, at); err != nil {
			t.Errorf("fault %d: %v", fault, err)
		}
		if marks, err := b.Marks(t.Context(), "os2", 1); err != nil || marks.String() != at.String() {
			t.Errorf("fault %d: %v: %s, want %s", fault, err, marks, at)
		}
		at.Nr++
	}
	for range 3 {
		b.faults.Next(dynamotest.Unsent, "PutItem")
	}
	wantKind(t, b.Mark(t.Context(), "os2", 1, at), register.Unavailable)
}

func TestUnreadableSubscribers(t *testing.T) {
	l := func(all ...types.AttributeValue) types.AttributeValue {
		return &types.AttributeValueMemberL{Value: all}
	}
	for name, spoil := range map[string]func(item){
		"attribute pauset":   func(it item) { it["pauset"] = text("ja") },
		"attribute kommuner": func(it item) { it["kommuner"] = l(text("101")) },
		"attribute niveauer": func(it item) { it["niveauer"] = l(text("kælder")) },
		"attribute arter":    func(it item) { it["arter"] = l(text("oprettet"), text("glemt")) },
		"attribute fra":      func(it item) { it["fra"] = text("265:1,101:1") },
	} {
		it := encodeSubscriber(&relaying.Subscriber{Navn: "os2", Version: 1}).keyed(keys.Subscriber("os2"))
		spoil(it)
		if _, err := decodeSubscriber(it); err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "S os2") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}
