// Command soak keeps a register busy for long, does it every harm that it must stand, and looks whether it did: `make soak`.
//
// It starts the one-machine program on a folder of its own, or takes the register at DTR_URL, where DTR_USER is the operator that logs in.
// Several vendors create, change, move and close units, whole trees, by single calls, imports and SOAP; readers look units up and take whole
// files; others follow the feed, and consume what subscriptions bring to the queues of this machine. Meanwhile the program is killed (kill -9)
// and started again at random moments, callers hang up in the middle, and whatever has an Idempotency-Key is now and then sent twice.
//
// What is acknowledged is remembered. At the end nothing of it may be lost or otherwise than it was answered; what each consumer got, once each
// and in the order of each municipality, is what its filter has of the log; the feed had no gaps; memory has not grown; and `dtr check` finds no
// breach in the whole register. Of a register at DTR_URL, which it does not kill, `dtr check` is run where DTR_ENGINE says how to open its data.
//
//	go run ./infra/soak [-time 10m] [-rate 60] [-seed N]
//
// It prints its seed, from which all random choices of the callers follow, though not the moments at which they meet. It exits with 1 when
// something was not as it must be.
package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"dagtilbudsregisteret.dk/infra/binaries"
)

func main() {
	c := config{getenv: os.Getenv, out: os.Stdout}
	flag.DurationVar(&c.time, "time", 10*time.Minute, "for how long")
	flag.IntVar(&c.rate, "rate", 60, "how many calls a second all vendors make together")
	flag.Uint64Var(&c.seed, "seed", rand.Uint64(), "what random choices follow from")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := soak(ctx, c); err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

// soak builds the programs, runs on them, and removes what it made. What a failed run leaves is kept, to be looked at.
func soak(ctx context.Context, c config) error {
	folder, err := os.MkdirTemp("", "dtr-soak-*")
	if err != nil {
		return err
	}
	c.folder = folder
	for _, name := range []string{"local", "dtr"} {
		if err := binaries.Program(ctx, "./infra/"+name, filepath.Join(folder, name)); err != nil {
			return err
		}
	}
	if err := c.run(ctx); err != nil {
		return fmt.Errorf("%w\nthe seed was %d; what is left is in %s", err, c.seed, folder)
	}
	return os.RemoveAll(folder)
}

// kills is how often the program is killed: once a minute, and twice at least.
func (c *config) kills() int { return max(2, int(c.time/time.Minute)) }
