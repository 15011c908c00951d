package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"dagtilbudsregisteret.dk/infra/dtr/client"
)

// A command is one word of the command line.
type command struct {
	name  string
	args  string // what follows the name
	about string
	run   func(ctx context.Context, e *env, args []string) error
	under []command // the commands that may follow the name; it may be a command itself besides
}

func commands() []command {
	return []command{
		{name: "load", args: "[-en] FILE", about: "load existing units from a file of rows (CSV)", run: load},
		{name: "export", args: "[-niveau N] [-format F] [-kommune K] [FILE]", about: "fetch a whole file from the register", run: export},
		{name: "get", args: "[-en] NUMBER", about: "show a unit with those above and below it", run: get},
		{name: "validate", args: "[-en] [-v] FILE", about: "have a file judged, of rows (CSV) or of import lines (.ndjson), without writing", run: validate},
		{name: "synk", args: "[-kommuner K,K] [-alle] [-en] FILE", about: "check a copy of the register, a samlet file (.ndjson or .json, .gz too), against the register", run: synk},
		{name: "versioner", args: "[-en] [brug …]", about: "list the service versions, and see who still calls one", run: showVersions, under: versioner()},
		{name: "backup", args: "FILE", about: "back the whole register up, from its data itself", run: backup},
		{name: "restore", args: "[-table T] [FILE]", about: "restore a backup, or a whole other table, into an empty register, into its data itself, and check it", run: restore},
		{name: "check", about: "go through the whole register, in its data itself, and show what does not fit together", run: check},
		{name: "adgang", args: "COMMAND …", about: "say who may do what, and see who did what", under: adgang()},
		{name: "abonnement", args: "COMMAND …", about: "say who is told of changes, and see how far they are", under: abonnement()},
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
func run(ctx context.Context, e *env, args []string) int { return e.pick(ctx, "dtr", commands(), args) }

// pick carries out the command that the arguments begin with. The words before them are those that led to its table.
func (e *env) pick(ctx context.Context, words string, table []command, args []string) int {
	if len(args) == 0 {
		usage(e.stderr, words, table)
		return exitFailed
	}
	name, args := args[0], args[1:]
	switch name {
	case "help", "-h", "-help", "--help":
		usage(e.stdout, words, table)
		return exitDone
	}
	for _, c := range table {
		switch {
		case c.name != name:
		case c.under != nil && (c.run == nil || len(args) > 0 && !strings.HasPrefix(args[0], "-")):
			return e.pick(ctx, words+" "+name, c.under, args)
		default:
			return e.exit(ctx, words, &c, c.run(ctx, e, args))
		}
	}
	fmt.Fprintf(e.stderr, "dtr: there is no command %q\n\n", name)
	usage(e.stderr, words, table)
	return exitFailed
}

// exit tells what went wrong with a command, if it has not been told, and gives the exit code.
func (e *env) exit(ctx context.Context, words string, c *command, err error) int {
	help, helpWanted := errors.AsType[helpError](err)
	_, misused := errors.AsType[usageError](err)
	_, noAnswer := errors.AsType[*client.NoAnswer](err)
	problem, told := errors.AsType[*client.Problem](err)
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errRefused):
		return exitRefused
	case helpWanted:
		fmt.Fprintf(e.stdout, "usage: %s %s %s\n\n%s\n", words, c.name, c.args, c.about)
		help.flags.SetOutput(e.stdout)
		help.flags.PrintDefaults()
		return exitDone
	case misused:
		fmt.Fprintf(e.stderr, "dtr: %v\nusage: %s %s %s\n", err, words, c.name, c.args)
	case ctx.Err() != nil:
		fmt.Fprintln(e.stderr, "dtr: stopped")
	case noAnswer:
		fmt.Fprintf(e.stderr, "dtr: %v\nIs the register running at %s? DTR_URL says where it is.\n", err, e.address())
	case told && problem.Status == http.StatusUnauthorized:
		fmt.Fprintf(e.stderr, "dtr: %v\n%s\n", err, e.whoLogsIn())
	default:
		fmt.Fprintf(e.stderr, "dtr: %v\n", err)
	}
	return exitFailed
}

func usage(w io.Writer, words string, table []command) {
	fmt.Fprintf(w, "usage: %s COMMAND …\n\n", words)
	lines := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, c := range table {
		fmt.Fprintf(lines, "  %s %s\t%s\t%s\n", words, c.name, c.args, c.about)
	}
	lines.Flush() // what cannot be told cannot be helped
	fmt.Fprintf(w, `
COMMAND -h tells of one. Flags come before what else a command takes.
The register is the one at DTR_URL, %s by default. DTR_USER=NAVN:SECRET is the system user that logs in.
`, defaultAddress)
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
		more := strings.Join(flags.Args()[most:], " ")
		if strings.HasPrefix(more, "-") {
			more += " (flags come first)"
		}
		return usageError("there is more than it takes: " + more)
	}
	return nil
}

// defaultAddress is where `make run` has a register.
const defaultAddress = "http://localhost:8080"

func (e *env) address() string { return cmp.Or(e.getenv("DTR_URL"), defaultAddress) }

// english tells whether texts are to be in English: if it is asked for or the environment says so.
func (e *env) english(asked bool) bool {
	return asked || strings.HasPrefix(cmp.Or(e.getenv("LC_ALL"), e.getenv("LC_MESSAGES"), e.getenv("LANG")), "en")
}

// register gives the register to talk to, logged in as far as there is a login.
func (e *env) register(english bool) (*client.Client, error) {
	language := "da"
	if e.english(english) {
		language = "en"
	}
	register, err := e.connect(e.address(), language)
	if err != nil {
		return nil, usageError("DTR_URL: " + err.Error())
	}
	user, err := e.login()
	if err != nil {
		return nil, err
	}
	if user.navn != "" {
		register.LogIn(user.navn, user.secret)
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

// refused tells why the register refused what a command asked for. Any other failure it leaves as it is, and so a call that was not let
// in, which says nothing of what it asked for.
func (e *env) refused(err error) error {
	problem, ok := errors.AsType[*client.Problem](err)
	if !ok || len(problem.Errors) == 0 {
		return err
	}
	switch problem.Status {
	case http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed,
		http.StatusUnprocessableEntity:
		fmt.Fprintln(e.stderr, problem)
		return errRefused
	}
	return err
}
