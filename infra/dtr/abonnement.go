package main

import (
	"context"
	"flag"
	"fmt"
	"math"

	"dagtilbudsregisteret.dk/infra/dtr/client"
	"dagtilbudsregisteret.dk/shared/access"
)

// abonnement gives the commands about who is told of changes.
func abonnement() []command {
	return []command{
		{name: "list", args: "[-en]", about: "list the subscriptions, and how far each is behind", run: listSubscriptions},
		{name: "show", args: "[-en] NAVN", about: "show a subscription, and how far it is behind", run: showSubscription},
		{name: "create", args: "-koe Q [FLAGS] NAVN", about: "make a subscription", run: subscribe},
		{name: "change", args: "[FLAGS] NAVN", about: "give a subscription another queue or filter; what it does not name stays", run: changeSubscription},
		{name: "pause", args: "[-en] NAVN", about: "hold a subscription's events back", run: pauseSubscription},
		{name: "resume", args: "[-en] NAVN", about: "send them from where they stopped", run: resumeSubscription},
		{name: "replay", args: "-fra T|-position V|-begyndelsen [-en] NAVN", about: "have a subscription, and it alone, begin anew", run: replay},
		{name: "close", args: "[-en] NAVN", about: "end a subscription for ever; its queue stays as it is", run: closeSubscription},
		{name: "dead", args: "[-antal N] [-en] NAVN", about: "show the messages that a subscriber failed to take", run: showDead},
		{name: "requeue", args: "[-en] NAVN [ID …]", about: "put them back into its queue: all, or those named", run: requeue},
	}
}

// subscription reads a command line about a subscription, with as many arguments as it may have, and gives the register.
func (e *env) subscription(flags *flag.FlagSet, english *bool, args []string, most int) (*client.Client, error) {
	if err := parse(flags, args, 1, most); err != nil {
		return nil, err
	}
	if !access.ValidNavn(flags.Arg(0)) {
		return nil, usageError("NAVN is a subscription's name: small letters, digits, hyphens and full stops")
	}
	return e.register(*english)
}

// alle stands for a list that lets everything through.
const alle = "alle"

// filterFlags has the flags say what a subscriber wants.
func filterFlags(flags *flag.FlagSet, to *client.Filter) {
	flags.Func("kommuner", "only what is in the logs of the municipalities with these codes, with commas between; alle by default", unlessAll(numbers(&to.Kommuner)))
	flags.Func("niveauer", "only daginstitution, anvisningsenhed or alternativAdresse, with commas between; alle by default", unlessAll(words(&to.Niveauer)))
	flags.Func("typer", "only what was oprettet, aendret, flyttet, nedlagt or indlaest, with commas between; alle by default", unlessAll(words(&to.Typer)))
}

func unlessAll(read func(string) error) func(string) error {
	return func(s string) error {
		if s == alle {
			return nil
		}
		return read(s)
	}
}

// startFlags has the flags say where a subscriber begins.
func startFlags(flags *flag.FlagSet, to *client.Start) {
	flags.Func("fra", "from the moment `T` on, such as 2027-01-31T12:00:00+01:00", moment(&to.Fra))
	flags.StringVar(&to.Registerposition, "position", "", "after the position `V`, as the header Registerposition has it: 101:17,265:4")
	flags.BoolVar(&to.FraBegyndelsen, "begyndelsen", false, "from the first event on")
}

// beginnings is in how many ways it is said where to begin.
func beginnings(s *client.Start) (n int) {
	for _, said := range []bool{!s.Fra.IsZero(), s.Registerposition != "", s.FraBegyndelsen} {
		if said {
			n++
		}
	}
	return n
}

// subscribe makes a subscription.
func subscribe(ctx context.Context, e *env, args []string) error {
	flags, english := accessFlags("create")
	var wish client.NewSubscription
	flags.StringVar(&wish.Koe, "koe", "", "the queue `Q`: its name or URL")
	filterFlags(flags, &wish.Filter)
	startFlags(flags, &wish.Start)
	register, err := e.subscription(flags, english, args, 1)
	switch {
	case err != nil:
		return err
	case wish.Koe == "":
		return usageError("-koe is missing")
	case beginnings(&wish.Start) > 1:
		return usageError("it begins at a -fra, after a -position or at -begyndelsen; with none of them, at what comes next")
	}
	wish.Navn = flags.Arg(0)
	made, err := register.Subscribe(ctx, &wish)
	if err != nil {
		return e.failed(err, "abonnement", wish.Navn)
	}
	_, err = fmt.Fprintln(e.stdout, told(&made))
	return err
}

// changeSubscription gives a subscription what the flags name, at the version that it has just now.
func changeSubscription(ctx context.Context, e *env, args []string) error {
	flags, english := accessFlags("change")
	var wish client.Subscription
	flags.StringVar(&wish.Koe, "koe", "", "the queue `Q`: its name or URL")
	filterFlags(flags, &wish.Filter)
	register, err := e.subscription(flags, english, args, 1)
	if err != nil {
		return err
	}
	navn := flags.Arg(0)
	sub, err := register.Subscription(ctx, navn)
	if err != nil {
		return e.refused(err)
	}
	flags.Visit(func(f *flag.Flag) {
		switch f.Name {
		case "koe":
			sub.Koe = wish.Koe
		case "kommuner":
			sub.Filter.Kommuner = wish.Filter.Kommuner
		case "niveauer":
			sub.Filter.Niveauer = wish.Filter.Niveauer
		case "typer":
			sub.Filter.Typer = wish.Filter.Typer
		}
	})
	if sub, err = register.ChangeSubscription(ctx, &sub); err != nil {
		return e.failed(err, "abonnement", navn)
	}
	_, err = fmt.Fprintln(e.stdout, told(&sub))
	return err
}

func pauseSubscription(ctx context.Context, e *env, args []string) error {
	return e.actOnSubscription("pause", args, func(c *client.Client, navn string) (string, error) {
		sub, err := c.PauseSubscription(ctx, navn)
		return sub.Navn + " gets nothing more until `dtr abonnement resume " + sub.Navn + "`", err
	})
}

func resumeSubscription(ctx context.Context, e *env, args []string) error {
	return e.actOnSubscription("resume", args, func(c *client.Client, navn string) (string, error) {
		sub, err := c.ResumeSubscription(ctx, navn)
		return sub.Navn + " goes on from where it stopped", err
	})
}

func closeSubscription(ctx context.Context, e *env, args []string) error {
	return e.actOnSubscription("close", args, func(c *client.Client, navn string) (string, error) {
		sub, err := c.CloseSubscription(ctx, navn)
		return fmt.Sprintf("%s is closed; its queue %s is as it was", sub.Navn, sub.Koe), err
	})
}

// actOnSubscription carries out an act on a subscription that takes nothing but its name, and tells what became of it.
func (e *env) actOnSubscription(name string, args []string, do func(c *client.Client, navn string) (string, error)) error {
	flags, english := accessFlags(name)
	register, err := e.subscription(flags, english, args, 1)
	if err != nil {
		return err
	}
	done, err := do(register, flags.Arg(0))
	if err != nil {
		return e.failed(err, "abonnement", flags.Arg(0))
	}
	_, err = fmt.Fprintln(e.stdout, done)
	return err
}

// replay has a subscription begin anew.
func replay(ctx context.Context, e *env, args []string) error {
	flags, english := accessFlags("replay")
	var from client.Start
	startFlags(flags, &from)
	register, err := e.subscription(flags, english, args, 1)
	if err != nil {
		return err
	}
	if beginnings(&from) != 1 {
		return usageError("say where to begin: at a -fra, after a -position or at -begyndelsen")
	}
	sub, err := register.Replay(ctx, flags.Arg(0), &from)
	if err != nil {
		return e.failed(err, "abonnement", flags.Arg(0))
	}
	_, err = fmt.Fprintf(e.stdout, "%s begins anew, in round %d\n", sub.Navn, sub.Runde)
	return err
}

// requeue puts dead letters back.
func requeue(ctx context.Context, e *env, args []string) error {
	flags, english := accessFlags("requeue")
	register, err := e.subscription(flags, english, args, math.MaxInt)
	if err != nil {
		return err
	}
	navn := flags.Arg(0)
	count, err := register.Requeue(ctx, navn, flags.Args()[1:])
	if err != nil {
		return e.failed(err, "abonnement", navn)
	}
	if asked := flags.NArg() - 1; count < asked {
		return fmt.Errorf("%d of %d are back in the queue of %s; `dtr abonnement dead` shows which there are", count, asked, navn)
	}
	_, err = fmt.Fprintf(e.stdout, "%d are back in the queue of %s\n", count, navn)
	return err
}
