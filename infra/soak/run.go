package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// config is what a run goes by.
type config struct {
	time   time.Duration
	rate   int
	seed   uint64
	folder string // of the programs and the data
	getenv func(string) string
	out    io.Writer
}

const (
	vendors = 4
	readers = 2

	// quiet is the part of the time, at the end, in which nothing is killed: memory is looked at over that.
	quiet = 0.3

	// longestDrain is how long what is under way may take to arrive when all have stopped.
	longestDrain = time.Minute
)

// run keeps a register busy, and then looks at what has become of it.
func (c config) run(ctx context.Context) error {
	fmt.Fprintf(c.out, "soak for %v, seed %d\n", c.time, c.seed)
	s, err := c.site(ctx)
	if err != nil {
		return err
	}
	began := time.Now()
	l, err := s.load(ctx)
	fmt.Fprintf(c.out, "%v of load, %d units acknowledged, %d of them closed\n", time.Since(began).Round(time.Second), l.units(), l.closed())
	s.stats.print(c.out)
	fmt.Fprint(c.out, s.faults())
	return errors.Join(err, l.verify(ctx, c.out), s.memory.judge(c.out), s.stop(), s.check(ctx))
}

// site gives the register that is to be kept busy: the one at DTR_URL, or one that it starts.
func (c config) site(ctx context.Context) (*site, error) {
	s := &site{config: c, stats: newStats(), url: c.getenv("DTR_URL")}
	s.client = newClient()
	if s.url != "" {
		navn, secret, _ := strings.Cut(c.getenv("DTR_USER"), ":")
		s.operator = login{navn, secret}
		s.vendor = s.operator
		return s, nil
	}
	s.server = &server{binary: filepath.Join(c.folder, "local"), data: filepath.Join(c.folder, "data"), log: filepath.Join(c.folder, "log")}
	var err error
	if s.url, err = s.server.start(ctx, "0"); err != nil {
		return nil, err
	}
	secrets, err := s.server.secrets()
	if err != nil {
		return nil, errors.Join(err, s.stop())
	}
	s.operator, s.vendor = login{"drift", secrets["drift"]}, login{"leverandoer", secrets["leverandoer"]}
	return s, nil
}

// load has everybody at work until the time is over, and everything under way arrive.
func (s *site) load(ctx context.Context) (*life, error) {
	l := &life{site: s}
	if err := l.subscribe(ctx); err != nil {
		return l, err
	}
	busy, done := context.WithTimeout(ctx, s.time)
	defer done()
	var writing, following sync.WaitGroup
	for i := range vendors {
		v := newVendor(s, i)
		l.vendors = append(l.vendors, v)
		writing.Go(func() { v.work(busy) })
	}
	for i := range readers {
		writing.Go(func() { newReader(s, i, l.vendors).work(busy) })
	}
	writing.Go(func() { newRude(s).work(busy) })
	if s.server != nil {
		writing.Go(func() { s.hurt(busy) })
		writing.Go(func() { s.memory.watch(busy, s.server) })
	}
	still, rest := context.WithCancel(ctx)
	defer rest()
	for _, f := range l.followers {
		following.Go(func() { f.work(still) })
	}
	writing.Wait()
	err := errors.Join(ctx.Err(), l.drain(ctx))
	rest()
	following.Wait()
	return l, err
}

// stop ends the program that was started.
func (s *site) stop() error {
	if s.server == nil {
		return nil
	}
	return s.server.stop()
}

// check has dtr go through the whole register, where its data can be opened.
func (s *site) check(ctx context.Context) error {
	if s.server == nil && s.getenv("DTR_ENGINE") == "" {
		fmt.Fprintln(s.out, "the register was not checked: DTR_ENGINE does not say how to open its data")
		return nil
	}
	command := exec.CommandContext(ctx, filepath.Join(s.folder, "dtr"), "check")
	command.Env = os.Environ()
	if s.server != nil {
		command.Env = append(command.Env, "DTR_ENGINE=", "DTR_DATA="+s.server.data)
	}
	told, err := command.CombinedOutput()
	fmt.Fprintf(s.out, "dtr check: %s", told)
	if err != nil {
		return fmt.Errorf("dtr check: %w", err)
	}
	return nil
}
