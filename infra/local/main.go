// Command local is the whole register in one process on one machine: what `make run` starts. It keeps its data in one file, or in
// DynamoDB with DTR_ENGINE=dynamodb. See config.go for its variables.
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
	"syscall"
	"time"

	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/granting"
	"dagtilbudsregisteret.dk/shared/rechecking"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/rest"
	"dagtilbudsregisteret.dk/shared/validation"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
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
	engine, err := config.engine.Open(ctx)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+config.port)
	if err != nil {
		return errors.Join(err, engine.Close())
	}
	users := demo{granting.Service{Store: engine.Store, Log: engine.Store, Tables: tables, Now: time.Now}, config.demoUsers}
	secrets, err := users.secrets(ctx)
	if err != nil {
		return errors.Join(err, listener.Close(), engine.Close())
	}
	log := slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: config.level}))
	api := rest.New(rest.Config{
		Store: engine.Store, Tables: tables, Now: time.Now, Log: log, Chunk: engine.Chunk, MaxImport: 1 << 30,
	})
	handler := api.Handler(api.Import(), api.Export(), api.Numbers(), api.Validation(), api.Access())
	server, limited := usual.server(handler, listener)
	go recheckDaily(ctx, engine.Store, tables, log)
	welcome(os.Stdout, "http://"+listener.Addr().String(), engine.Name, users.path, secrets)
	return errors.Join(serve(ctx, server, limited), engine.Close())
}

// serve answers until the context ends, and then finishes what is under way.
func serve(ctx context.Context, server *http.Server, listener net.Listener) error {
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return server.Shutdown(last)
}

// recheckDaily does here what a schedule does in the cloud.
func recheckDaily(ctx context.Context, store register.Store, tables *codes.Tables, log *slog.Logger) {
	service := rechecking.Service{Store: store, Checker: validation.New(tables), Now: time.Now}
	daily := time.NewTicker(24 * time.Hour)
	defer daily.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-daily.C:
			if err := service.Run(ctx); err != nil {
				log.Error("recheck", "error", err)
			}
		}
	}
}
