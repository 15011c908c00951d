package main

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"dagtilbudsregisteret.dk/infra/dtr/client"
)

// listSubscriptions lists the subscriptions.
func listSubscriptions(ctx context.Context, e *env, args []string) error {
	flags, english := accessFlags("list")
	if err := parse(flags, args, 0, 0); err != nil {
		return err
	}
	register, err := e.register(*english)
	if err != nil {
		return err
	}
	all, err := register.Subscriptions(ctx)
	if err != nil {
		return e.refused(err)
	}
	lines := newTable(e.stdout, "NAVN", "TILSTAND", "BAGUD", "SIDEN", "I KOE", "DOEDE", "KOE", "KOMMUNER", "NIVEAUER", "TYPER")
	for i := range all {
		s := &all[i]
		lines.row(s.Navn, s.Tilstand, events(&s.Bagud), since(&s.Bagud), known(s.Bagud.IKoe), known(s.Bagud.Doede), s.Koe,
			codesOf(&s.Filter), orAll(s.Filter.Niveauer), orAll(s.Filter.Typer))
	}
	return lines.end()
}

// showSubscription shows a subscription.
func showSubscription(ctx context.Context, e *env, args []string) error {
	flags, english := accessFlags("show")
	register, err := e.subscription(flags, english, args, 1)
	if err != nil {
		return err
	}
	s, err := register.Subscription(ctx, flags.Arg(0))
	if err != nil {
		return e.refused(err)
	}
	lines := newTable(e.stdout, "NAVN", s.Navn)
	lines.row("TILSTAND", s.Tilstand)
	lines.row("BAGUD", events(&s.Bagud))
	lines.row("SIDEN", since(&s.Bagud))
	lines.row("I KOE", known(s.Bagud.IKoe))
	lines.row("DOEDE", known(s.Bagud.Doede))
	lines.row("KOE", s.Koe)
	lines.row("KOMMUNER", codesOf(&s.Filter))
	lines.row("NIVEAUER", orAll(s.Filter.Niveauer))
	lines.row("TYPER", orAll(s.Filter.Typer))
	lines.row("RUNDE", strconv.Itoa(s.Runde))
	lines.row("FRA", cmp.Or(s.Fra, "the first event"))
	lines.row("OPRETTET", at(s.Oprettet))
	lines.row("VERSION", strconv.FormatInt(s.Version, 10))
	return lines.end()
}

// told says what a subscription is told of, and where.
func told(s *client.Subscription) string {
	return fmt.Sprintf("%s is told in %s: kommuner %s, niveauer %s, typer %s", s.Navn, s.Koe, codesOf(&s.Filter), orAll(s.Filter.Niveauer), orAll(s.Filter.Typer))
}

func events(l *client.Lag) string { return fmt.Sprintf("%d events", l.Haendelser) }

// since is how old the oldest event is that has not been sent.
func since(l *client.Lag) string {
	if l.Haendelser == 0 {
		return ""
	}
	return (time.Duration(l.Sekunder) * time.Second).String()
}

// known is a count of messages, where the queue tells it.
func known(messages *int) string {
	if messages == nil {
		return "not known"
	}
	return strconv.Itoa(*messages)
}

func codesOf(f *client.Filter) string { return cmp.Or(codeList(f.Kommuner), alle) }

func orAll(words []string) string { return cmp.Or(strings.Join(words, ","), alle) }

// showDead shows dead letters.
func showDead(ctx context.Context, e *env, args []string) error {
	flags, english := accessFlags("dead")
	most := flags.Int("antal", 50, "`N` messages at most, up to 1000")
	register, err := e.subscription(flags, english, args, 1)
	if err != nil {
		return err
	}
	letters, err := register.DeadLetters(ctx, flags.Arg(0), *most)
	if err != nil {
		return e.refused(err)
	}
	lines := newTable(e.stdout, "ID", "MODTAGET", "SENDT", "TYPE")
	for i := range letters {
		l := &letters[i]
		lines.row(l.ID, strconv.Itoa(l.Modtaget), at(l.Sendt), typeOf(l))
	}
	if len(letters) == *most {
		fmt.Fprintf(e.stderr, "dtr: these are the oldest %d; -antal shows more\n", len(letters))
	}
	return lines.end()
}

// typeOf gives an event's type; nothing where somebody else has sent something else.
func typeOf(l *client.DeadLetter) string {
	var event struct {
		Type string `json:"type"`
	}
	if json.Unmarshal(l.Indhold, &event) != nil {
		return ""
	}
	return event.Type
}
