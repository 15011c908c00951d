package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Subscription is one as the register shows it.
type Subscription struct {
	Navn     string    `json:"navn"`
	Koe      string    `json:"koe"`
	Filter   Filter    `json:"filter"`
	Tilstand string    `json:"tilstand"`
	Runde    int       `json:"runde"`
	Fra      string    `json:"fra"`
	Oprettet time.Time `json:"oprettet"`
	Version  int64     `json:"version"`
	Bagud    Lag       `json:"bagud"` // not in the answer to an act
}

// Filter says which events a subscriber wants; what is empty wants all.
type Filter struct {
	Kommuner []int    `json:"kommuner,omitzero"`
	Niveauer []string `json:"niveauer,omitzero"`
	Typer    []string `json:"typer,omitzero"`
}

// Lag is how far a subscriber is behind.
type Lag struct {
	Haendelser int64 `json:"haendelser"` // to be looked at
	Sekunder   int64 `json:"sekunder"`   // since the oldest of them
	IKoe       *int  `json:"iKoe"`       // in its queue; nil where that does not answer
	Doede      *int  `json:"doede"`      // that it has failed to take; likewise
}

// Start says where a subscriber begins, by one of its fields. With none it begins at what comes next.
type Start struct {
	Fra              time.Time `json:"fra,omitzero"`
	Registerposition string    `json:"registerposition,omitzero"`
	FraBegyndelsen   bool      `json:"fraBegyndelsen,omitzero"`
}

// NewSubscription is one to be made.
type NewSubscription struct {
	Navn   string `json:"navn"`
	Koe    string `json:"koe"`
	Filter Filter `json:"filter"`
	Start  `json:",inline"`
}

// DeadLetter is a message that a subscriber failed to take.
type DeadLetter struct {
	ID       string         `json:"id"`
	Modtaget int            `json:"modtaget"`
	Sendt    time.Time      `json:"sendt"`
	Indhold  jsontext.Value `json:"indhold"`
}

func (c *Client) subscriptions(elements ...string) *url.URL {
	return c.path(append([]string{"abonnementer"}, elements...)...)
}

// read makes a call that changes nothing, and reads the document that it is answered by.
func (c *Client) read(ctx context.Context, at *url.URL, into any) error {
	return c.retry(ctx, func() error {
		answer, err := c.call(ctx, request{method: http.MethodGet, url: at})
		if err != nil {
			return err
		}
		return readWhole(answer, into)
	})
}

// Subscriptions gives every subscription, by name.
func (c *Client) Subscriptions(ctx context.Context) ([]Subscription, error) {
	var all struct {
		Abonnementer []Subscription `json:"abonnementer"`
	}
	err := c.read(ctx, c.subscriptions(), &all)
	for i := range all.Abonnementer {
		if err == nil {
			err = all.Abonnementer[i].check()
		}
	}
	return all.Abonnementer, err
}

// Subscription gives one.
func (c *Client) Subscription(ctx context.Context, navn string) (s Subscription, err error) {
	if err := c.read(ctx, c.subscriptions(navn), &s); err != nil {
		return Subscription{}, err
	}
	return s, s.check()
}

// Subscribe makes a subscription.
func (c *Client) Subscribe(ctx context.Context, wish *NewSubscription) (Subscription, error) {
	return c.actOnSubscription(ctx, request{method: http.MethodPost, url: c.subscriptions()}, wish)
}

// ChangeSubscription gives a subscription, at the version that it has here, the queue and the filter that it has here.
func (c *Client) ChangeSubscription(ctx context.Context, s *Subscription) (Subscription, error) {
	r := request{method: http.MethodPut, url: c.subscriptions(s.Navn), match: fmt.Sprintf(`"%d"`, s.Version)}
	return c.actOnSubscription(ctx, r, struct {
		Koe    string `json:"koe"`
		Filter Filter `json:"filter"`
	}{s.Koe, s.Filter})
}

// PauseSubscription holds a subscriber's events back.
func (c *Client) PauseSubscription(ctx context.Context, navn string) (Subscription, error) {
	return c.actOnSubscription(ctx, request{method: http.MethodPost, url: c.subscriptions(navn, "pause")}, nil)
}

// ResumeSubscription ends a pause.
func (c *Client) ResumeSubscription(ctx context.Context, navn string) (Subscription, error) {
	return c.actOnSubscription(ctx, request{method: http.MethodPost, url: c.subscriptions(navn, "genoptag")}, nil)
}

// CloseSubscription ends a subscription.
func (c *Client) CloseSubscription(ctx context.Context, navn string) (Subscription, error) {
	return c.actOnSubscription(ctx, request{method: http.MethodDelete, url: c.subscriptions(navn)}, nil)
}

// Replay has a subscriber begin anew.
func (c *Client) Replay(ctx context.Context, navn string, from *Start) (Subscription, error) {
	return c.actOnSubscription(ctx, request{method: http.MethodPost, url: c.subscriptions(navn, "afspil")}, from)
}

// actOnSubscription makes a call that is answered by the subscription as it left it.
func (c *Client) actOnSubscription(ctx context.Context, r request, wish any) (s Subscription, err error) {
	answer, err := c.act(ctx, r, wish)
	if err != nil {
		return Subscription{}, err
	}
	if err := readWhole(answer, &s); err != nil {
		return Subscription{}, err
	}
	return s, s.check()
}

// DeadLetters gives up to most messages that a subscriber failed to take.
func (c *Client) DeadLetters(ctx context.Context, navn string, most int) ([]DeadLetter, error) {
	at := c.subscriptions(navn, "doede")
	at.RawQuery = url.Values{"limit": {strconv.Itoa(most)}}.Encode()
	var letters struct {
		Doede []DeadLetter `json:"doede"`
	}
	if err := c.read(ctx, at, &letters); err != nil {
		return nil, err
	}
	for _, l := range letters.Doede {
		if l.ID == "" || l.Sendt.IsZero() {
			return nil, unexpected(errors.New("a dead letter without its id or its moment"))
		}
	}
	return letters.Doede, nil
}

// Requeue puts dead letters back into a subscriber's queue, all of them where no ids are named, and gives how many.
func (c *Client) Requeue(ctx context.Context, navn string, ids []string) (int, error) {
	wish := struct {
		IDs []string `json:"ids,omitzero"`
	}{ids}
	answer, err := c.act(ctx, request{method: http.MethodPost, url: c.subscriptions(navn, "doede")}, wish)
	if err != nil {
		return 0, err
	}
	var requeued struct {
		Antal *int `json:"antal"`
	}
	if err := readWhole(answer, &requeued); err != nil {
		return 0, err
	}
	if requeued.Antal == nil {
		return 0, unexpected(errors.New("it does not say how many are back"))
	}
	return *requeued.Antal, nil
}

// check tells whether what no subscription is without is there.
func (s *Subscription) check() error {
	if s.Navn == "" || s.Koe == "" || s.Tilstand == "" || s.Version < 1 {
		return unexpected(errors.New("a subscription without its name, queue, state or version"))
	}
	return nil
}
