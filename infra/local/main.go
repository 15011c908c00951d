// Command local is the whole register in one process on one machine: what `make run` starts. It keeps its data in one file, or in
// DynamoDB with DTR_ENGINE=dynamodb, and subscribers' queues in another, or in the SQS at AWS_ENDPOINT_URL_SQS. See config.go for its
// variables.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"dagtilbudsregisteret.dk/infra/engine"
	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/granting"
	"dagtilbudsregisteret.dk/shared/rechecking"
	"dagtilbudsregisteret.dk/shared/relaying"
	"dagtilbudsregisteret.dk/shared/rest"
	"dagtilbudsregisteret.dk/shared/validation"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	config, err := readConfig(os.Getenv)
	if err != nil {
		return err
	}
	tables, err := codes.LoadFolder(config.tables)
	if err != nil {
		return err
	}
	data, err := config.engine.Open(ctx)
	if err != nil {
		return err
	}
	queue, err := config.engine.OpenQueue(time.Now)
	if err != nil {
		return errors.Join(err, data.Close())
	}
	log := slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: config.level}))
	m := &machine{config, tables, data, queue, log}
	return errors.Join(m.run(ctx), queue.Close(), data.Close())
}

// machine is the register as one machine runs it.
type machine struct {
	config config
	tables *codes.Tables
	engine engine.Engine
	queue  engine.Queue
	log    *slog.Logger
}

// run has the register work until the context ends. When it returns nothing works any more that needs what is then closed.
func (m *machine) run(ctx context.Context) error {
	listener, err := net.Listen("tcp", "127.0.0.1:"+m.config.port)
	if err != nil {
		return err
	}
	users := demo{granting.Service{Store: m.engine.Store, Log: m.engine.Store, Tables: m.tables, Now: time.Now}, m.config.demoUsers}
	secrets, err := users.secrets(ctx)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	ctx, stop := context.WithCancel(ctx)
	server, limited := usual.server(m.handler(ctx), listener)
	var beside sync.WaitGroup
	beside.Go(func() { m.relay(ctx) })
	beside.Go(func() { m.recheckDaily(ctx) })
	welcome(os.Stdout, "http://"+listener.Addr().String(), m.engine.Name, users.path, secrets, m.queue.Handler != nil)
	err = serve(ctx, server, limited)
	stop()
	beside.Wait()
	return err
}

// handler serves the register, and beside it the subscribers' queues that are on this machine.
func (m *machine) handler(ctx context.Context) http.Handler {
	api := rest.New(rest.Config{
		Store: m.engine.Store, Queue: m.queue, Tables: m.tables, Now: time.Now, Log: m.log, Chunk: m.engine.Chunk, Settle: m.engine.Settle,
		MaxImport: 1 << 30,
	})
	register := api.Handler(api.Import(), api.Export(), api.Numbers(), api.Validation(), api.Access(), api.Subscriptions())
	if m.queue.Handler == nil {
		return register
	}
	queues := m.queue.Handler(ctx)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/lokal/koeer") {
			queues.ServeHTTP(w, r)
			return
		}
		register.ServeHTTP(w, r)
	})
}

// longestAnswer is how long an answer may take once the program is to end: longer than the feed keeps its callers waiting.
const longestAnswer = 25 * time.Second

// serve answers until the context ends, and then finishes what is under way.
func serve(ctx context.Context, server *http.Server, listener net.Listener) error {
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), longestAnswer)
	defer cancel()
	return server.Shutdown(last)
}

// relay does here what the table's stream and a schedule do in the cloud.
func (m *machine) relay(ctx context.Context) {
	service := relaying.Service{Store: m.engine.Store, Queue: m.queue, Now: time.Now, Log: m.log}
	service.Follow(ctx, m.engine.Store, time.Second)
}

// recheckDaily does here what a schedule does in the cloud.
func (m *machine) recheckDaily(ctx context.Context) {
	service := rechecking.Service{Store: m.engine.Store, Checker: validation.New(m.tables), Now: time.Now}
	daily := time.NewTicker(24 * time.Hour)
	defer daily.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-daily.C:
			if err := service.Run(ctx); err != nil {
				m.log.Error("recheck", "error", err)
			}
		}
	}
}
