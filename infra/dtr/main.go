// Command dtr is the register's command line, for operators and vendors: it loads existing units, fetches whole files, shows a unit,
// has a file judged without writing anything, checks a copy of the register, tells of the service versions and of who still calls an old
// one, manages who may do what and who is told of changes, and backs up, restores and checks a register in its data itself.
// `dtr help` lists its commands.
//
// The register is the one at DTR_URL, http://localhost:8080 by default. It logs in as the system user of DTR_USER, a name, a colon and a
// secret. With neither variable set the register is that of `make run` on this machine, and it logs in as its demo operator, whose
// secret is in the folder DTR_DATA. A secret is shown once, when it is new, and in no other output.
//
// What the register says comes in Danish, or in English where LC_ALL, LC_MESSAGES or LANG says so, or with -en.
//
// It exits with 0 when all went well, with 1 when the register refused something, a file is not what it should be or a copy differs, and
// with 2 when the command could not be carried out.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"

	"dagtilbudsregisteret.dk/infra/dtr/client"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	e := &env{
		stdout: os.Stdout, stderr: os.Stderr, terminal: term.IsTerminal(int(os.Stderr.Fd())), getenv: os.Getenv, connect: client.New,
	}
	os.Exit(run(ctx, e, os.Args[1:]))
}
