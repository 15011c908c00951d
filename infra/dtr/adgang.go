package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"strings"

	"dagtilbudsregisteret.dk/infra/dtr/client"
	"dagtilbudsregisteret.dk/shared/access"
)

// adgang gives the commands about who may do what.
func adgang() []command {
	return []command{
		{name: "mig", args: "[-en]", about: "show the system user that logs in", run: showSelf},
		{name: "list", args: "[-en]", about: "list the system users", run: listUsers},
		{name: "show", args: "[-en] NAVN", about: "show a system user with its secrets' ids and its grants", run: showUser},
		{name: "create", args: "-rolle R [FLAGS] NAVN", about: "make a system user, and show its first secret this once", run: createUser},
		{name: "disable", args: "[-en] NAVN", about: "shut a system user out", run: disable},
		{name: "enable", args: "[-en] NAVN", about: "let a system user in again", run: enable},
		{name: "grant", args: "-kommune K|-nummer G12345 [FLAGS] NAVN", about: "give a vendor or an owner a right to write", run: grant},
		{name: "revoke", args: "[-en] NAVN ID", about: "end a grant", run: revoke},
		{name: "rotate", args: "[-udloeber T] [-en] NAVN", about: "give a further secret beside the old one, and show it this once", run: rotate},
		{name: "revoke-secret", args: "[-en] NAVN ID", about: "end a secret", run: revokeSecret},
		{name: "spor", args: "[FLAGS]", about: "show what was done and refused, the newest first", run: showTrail},
		{name: "bootstrap", args: "[-en] NAVN", about: "make a register's first operator, in its data itself, and show the secret this once", run: bootstrap},
	}
}

// accessFlags begins the flags of a command; each of these can have the register's texts in English.
func accessFlags(name string) (flags *flag.FlagSet, english *bool) {
	flags = flag.NewFlagSet(name, flag.ContinueOnError)
	return flags, flags.Bool("en", false, "the register's texts in English")
}

// longestID is more than the ids of secrets and grants have, and less than a secret.
const longestID = 16

// parseAbout reads the command line of a command about a system user, or about a part of it that has an id. An argument that is neither
// is not repeated, for it may be a secret.
func parseAbout(flags *flag.FlagSet, args []string, count int) error {
	if err := parse(flags, args, count, count); err != nil {
		return err
	}
	if !access.ValidNavn(flags.Arg(0)) {
		return usageError("NAVN is a system user's name: small letters, digits, hyphens and full stops")
	}
	id := flags.Arg(1)
	letterOrDigit := func(c rune) bool { return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' }
	if count > 1 && (len(id) > longestID || id == "" || strings.TrimFunc(id, letterOrDigit) != "") {
		return usageError("ID is as `dtr adgang show` has it")
	}
	return nil
}

// about reads such a command line and gives the register.
func (e *env) about(flags *flag.FlagSet, english *bool, args []string, count int) (*client.Client, error) {
	if err := parseAbout(flags, args, count); err != nil {
		return nil, err
	}
	return e.register(*english)
}

// failed tells why an act on a system user, or on what else the commands of a table are about, took no effect. Where that is not known,
// it says so.
func (e *env) failed(err error, table, navn string) error {
	err = e.refused(err)
	problem, answered := errors.AsType[*client.Problem](err)
	_, noAnswer := errors.AsType[*client.NoAnswer](err)
	connection, ok := errors.AsType[*net.OpError](err)
	unreached := ok && connection.Op == "dial"
	if noAnswer && !unreached || answered && problem.Status >= http.StatusInternalServerError {
		return fmt.Errorf("%w\nwhether it took effect is not known: see `dtr %s show %s` before you try again", err, table, navn)
	}
	return err
}

// soon is how long another of the register's processes may go by what it knew of a user.
const soon = "everywhere within a minute"

func disable(ctx context.Context, e *env, args []string) error {
	return e.act("disable", args, 1, func(c *client.Client, of []string) (string, error) {
		u, err := c.Disable(ctx, of[0])
		return fmt.Sprintf("%s is shut out, %s", u.Navn, soon), err
	})
}

func enable(ctx context.Context, e *env, args []string) error {
	return e.act("enable", args, 1, func(c *client.Client, of []string) (string, error) {
		u, err := c.Enable(ctx, of[0])
		return u.Navn + " is let in again", err
	})
}

func revoke(ctx context.Context, e *env, args []string) error {
	return e.act("revoke", args, 2, func(c *client.Client, of []string) (string, error) {
		u, err := c.Revoke(ctx, of[0], of[1])
		return fmt.Sprintf("%s has grant %s no more, %s", u.Navn, of[1], soon), err
	})
}

func revokeSecret(ctx context.Context, e *env, args []string) error {
	return e.act("revoke-secret", args, 2, func(c *client.Client, of []string) (string, error) {
		u, err := c.RevokeSecret(ctx, of[0], of[1])
		return fmt.Sprintf("%s has secret %s no more, %s", u.Navn, of[1], soon), err
	})
}

// act carries out an act on a system user that takes nothing but its name, and perhaps an id, and tells what became of it.
func (e *env) act(name string, args []string, count int, do func(c *client.Client, of []string) (string, error)) error {
	flags, english := accessFlags(name)
	register, err := e.about(flags, english, args, count)
	if err != nil {
		return err
	}
	done, err := do(register, flags.Args())
	if err != nil {
		return e.failed(err, "adgang", flags.Arg(0))
	}
	_, err = fmt.Fprintln(e.stdout, done)
	return err
}

// showSecret shows a new secret: on stdout alone the line that DTR_USER takes, and on stderr what it is.
func (e *env) showSecret(navn, secret, about string) error {
	if _, err := fmt.Fprintf(e.stdout, "%s:%s\n", navn, secret); err != nil {
		return err
	}
	_, err := fmt.Fprintf(e.stderr, "%s\nThe line on stdout is its name and secret, as DTR_USER takes them. The secret is not shown again.\n", about)
	return err
}
