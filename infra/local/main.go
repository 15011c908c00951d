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
	"sync"
	"syscall"
	"time"

	"dagtilbudsregisteret.dk/infra/demo"
	"dagtilbudsregisteret.dk/infra/engine"
	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/httpcall"
	"dagtilbudsregisteret.dk/shared/rest"
	"dagtilbudsregisteret.dk/shared/services"
	"dagtilbudsregisteret.dk/shared/soap"
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
	m := &machine{config, data, queue, services.New(services.Config{
		Store: data.Store, Queue: queue, Tables: tables, Now: time.Now, Chunk: data.Chunk, Settle: data.Settle,
		Versions: config.versions,
		Log:      slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: config.level})),
	})}
	return errors.Join(m.run(ctx), queue.Close(), data.Close())
}

// machine is the register as one machine runs it.
type machine struct {
	config   config
	engine   engine.Engine
	queue    engine.Queue
	services *services.Services
}

// run has the register work until the context ends. When it returns nothing works any more that needs what is then closed.
func (m *machine) run(ctx context.Context) error {
	listener, err := net.Listen("tcp", "127.0.0.1:"+m.config.port)
	if err != nil {
		return err
	}
	users := demo.Users{Service: m.services.Granting, Path: m.config.demoUsers}
	secrets, err := users.Secrets(ctx)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	ctx, stop := context.WithCancel(ctx)
	server, limited := usual.server(m.handler(ctx), listener)
	var beside sync.WaitGroup
	beside.Go(func() { m.relay(ctx) })
	beside.Go(func() { m.recheckDaily(ctx) })
	site := demo.Site{URL: "http://" + listener.Addr().String(), Data: m.engine.Name, File: users.Path, Secrets: secrets}
	if m.queue.Handler != nil {
		site.Told = site.OwnQueues()
	}
	site.Welcome(os.Stdout)
	err = serve(ctx, server, limited)
	stop()
	beside.Wait()
	return err
}

// handler serves the register, and beside it the subscribers' queues that are on this machine.
func (m *machine) handler(ctx context.Context) http.Handler {
	api, envelopes := rest.New(m.services, rest.Limits{MaxImport: 1 << 30}), soap.New(m.services, soap.Limits{})
	register := httpcall.Under("/soap/", envelopes.Handler(envelopes.Import(), envelopes.Export()),
		api.Handler(api.Import(), api.Export(), api.Numbers(), api.Validation(), api.Access(), api.Subscriptions()))
	if m.queue.Handler == nil {
		return register
	}
	return httpcall.Under("/lokal/koeer", m.queue.Handler(ctx, m.expected), register)
}

// expected gives the names of the queues that subscriptions have.
func (m *machine) expected(ctx context.Context) (names []string, err error) {
	subscribers, err := m.services.Store.Subscribers(ctx)
	for _, s := range subscribers {
		names = append(names, s.Koe)
	}
	return names, err
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
	service := m.services.Relaying
	service.Patience = time.Minute // then a queue that hangs is called anew
	service.Follow(ctx, m.engine.Store, time.Second)
}

// recheckDaily does here what a schedule does in the cloud.
func (m *machine) recheckDaily(ctx context.Context) {
	daily := time.NewTicker(24 * time.Hour)
	defer daily.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-daily.C:
			if err := m.services.Recheck(ctx); err != nil {
				m.services.Log.Error("recheck", "error", err)
			}
		}
	}
}
