// Command lambda is the whole register on one machine as it is deployed: what `make run-lambda` starts. Each function of template.yaml runs
// as its real binary, in as many processes as there are calls at once, behind a gateway that leads to them by the template's routes. A
// DynamoDB and an SQS stand in for AWS's; the table's stream, and the template's schedules, wake the functions that they wake there.
//
// It builds nothing: `make run-lambda` does, before. See config.go for its variables.
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
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once, and with it what it started
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
	cloud, err := openCloud(ctx, config)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	defer cloud.close()
	d, err := deploy(ctx, config, cloud, &output{w: os.Stderr}, log)
	if err != nil {
		return err
	}
	return errors.Join(d.run(ctx), d.close())
}

// run has the register work until the context ends, and then finishes what is under way.
func (d *deployment) run(ctx context.Context) error {
	listener, err := net.Listen("tcp", "127.0.0.1:"+d.config.port)
	if err != nil {
		return err
	}
	users := demo.Users{Service: d.cloud.granting(), Path: d.config.demoUsers}
	secrets, err := users.Secrets(ctx)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	beside, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { d.stream.Run(beside) })
	for _, s := range d.schedules {
		running.Go(func() { s.run(beside) })
	}
	site := demo.Site{URL: "http://" + listener.Addr().String(), Data: d.cloud.where(), File: users.Path, Secrets: secrets}
	site.Told = site.SQSQueue(d.cloud.sqs.Endpoint, queueOf(subscriber, ""), d.cloud.queue)
	site.Welcome(os.Stdout)
	err = serve(ctx, &http.Server{Handler: d.gateway, ReadHeaderTimeout: headerTime}, listener)
	stop()
	running.Wait()
	return err
}

const (
	headerTime    = 5 * time.Second
	longestAnswer = 35 * time.Second // that may still be under way when the program is to end: longer than the gateway waits
)

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
