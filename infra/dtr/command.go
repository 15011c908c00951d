package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"dagtilbudsregisteret.dk/infra/dtr/client"
)

// A command is one word of the command line.
type command struct {
	name  string
	args  string // what follows the name
	about string
	run   func(ctx context.Context, e *env, args []string) error
}

func commands() []command {
	return []command{
		{"load", "[-en] FILE", "load existing units from a file of rows (CSV)", load},
		{"export", "[-niveau N] [-format F] [-kommune K] [FILE]", "fetch a whole file from the register", export},
		{"get", "[-en] NUMBER", "show a unit with those above and below it", get},
		{"validate", "[-en] [-v] FILE", "have a file judged, of rows (CSV) or of import lines (.ndjson), without writing", validate},
	}
}

// env is what a command has to do with.
type env struct {
	stdout, stderr io.Writer
	terminal       bool // stderr is a terminal
	getenv         func(string) string
	connect        func(address, language string) (*client.Client, error)
}

// The exit codes.
const (
	exitDone    = 0
	exitRefused = 1
	exitFailed  = 2
)

// errRefused ends a command when what was refused, and why, has been told.
var errRefused = errors.New("refused")

// usageError is a command line that cannot be understood.
type usageError string

func (e usageError) Error() string { return string(e) }

// helpError asks for a command's own help.
type helpError struct{ flags *flag.FlagSet }

func (helpError) Error() string { return flag.ErrHelp.Error() }

// run carries out a command line and gives the exit code.
func run(ctx context.Context, e *env, args []string) int {
	if len(args) == 0 {
		usage(e.stderr)
		return exitFailed
	}
	name, args := args[0], args[1:]
	switch name {
	case "help", "-h", "-help", "--help":
		usage(e.stdout)
		return exitDone
	}
	for _, c := range commands() {
		if c.name == name {
			return e.exit(ctx, &c, c.run(ctx, e, args))
		}
	}
	fmt.Fprintf(e.stderr, "dtr: there is no command %q\n\n", name)
	usage(e.stderr)
	return exitFailed
}

// exit tells what went wrong with a command, if it has not been told, and gives the exit code.
func (e *env) exit(ctx context.Context, c *command, err error) int {
	help, helpWanted := errors.AsType[helpError](err)
	_, misused := errors.AsType[usageError](err)
	_, noAnswer := errors.AsType[*client.NoAnswer](err)
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errRefused):
		return exitRefused
	case helpWanted:
		fmt.Fprintf(e.stdout, "usage: dtr %s %s\n\n%s\n", c.name, c.args, c.about)
		help.flags.SetOutput(e.stdout)
		help.flags.PrintDefaults()
		return exitDone
	case misused:
		fmt.Fprintf(e.stderr, "dtr: %v\nusage: dtr %s %s\n", err, c.name, c.args)
	case ctx.Err() != nil:
		fmt.Fprintln(e.stderr, "dtr: stopped")
	case noAnswer:
		fmt.Fprintf(e.stderr, "dtr: %v\nIs the register running at %s? DTR_URL says where it is.\n", err, e.address())
	default:
		fmt.Fprintf(e.stderr, "dtr: %v\n", err)
	}
	return exitFailed
}

func usage(w io.Writer) {
	fmt.Fprintln(w, "usage: dtr COMMAND …")
	fmt.Fprintln(w)
	for _, c := range commands() {
		fmt.Fprintf(w, "  dtr %-8s %-44s  %s\n", c.name, c.args, c.about)
	}
	fmt.Fprintln(w, "\nThe register is the one at DTR_URL, http://localhost:8080 by default.")
}

// parse reads a command's flags, and as many arguments after them as it takes.
func parse(flags *flag.FlagSet, args []string, least, most int) error {
	flags.SetOutput(io.Discard)
	err := flags.Parse(args)
	switch n := flags.NArg(); {
	case errors.Is(err, flag.ErrHelp):
		return helpError{flags}
	case err != nil:
		return usageError(err.Error())
	case n < least:
		return usageError("an argument is missing")
	case n > most:
		return usageError("there is more than it takes: " + strings.Join(flags.Args()[most:], " "))
	}
	return nil
}

func (e *env) address() string { return cmp.Or(e.getenv("DTR_URL"), "http://localhost:8080") }

// register gives the register to talk to, which answers in English if it is asked for or the environment says so.
func (e *env) register(english bool) (*client.Client, error) {
	language := "da"
	if english || strings.HasPrefix(cmp.Or(e.getenv("LC_ALL"), e.getenv("LC_MESSAGES"), e.getenv("LANG")), "en") {
		language = "en"
	}
	register, err := e.connect(e.address(), language)
	if err != nil {
		return nil, usageError("DTR_URL: " + err.Error())
	}
	var turn sync.Mutex
	told := make(map[time.Duration]time.Time)
	register.Retrying = func(err error, pause time.Duration) {
		turn.Lock()
		defer turn.Unlock()
		// Calls that fail together, for one reason, are told of once.
		if now := time.Now(); now.Sub(told[pause]) > pause {
			told[pause] = now
			fmt.Fprintf(e.stderr, "dtr: %v; trying again in %v\n", err, pause)
		}
	}
	return register, nil
}
