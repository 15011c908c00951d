// Command relay is the function that tells subscribers of changes: it serves the routes about them, sends what the table's stream tells
// of and, when its schedule says so, whatever was left behind.
package main

import (
	"context"
	"errors"
	"os"
	"time"

	"dagtilbudsregisteret.dk/functions/internal/wiring"
	"dagtilbudsregisteret.dk/shared/lambdahost"
	"dagtilbudsregisteret.dk/shared/relaying"
)

// How long one subscriber may keep the function. What the stream tells of next waits for a run by the stream; a sweep must be over before
// the function's time is, which the template gives it.
const (
	patienceOfStream = 5 * time.Second
	patienceOfSweep  = 20 * time.Second
)

func main() {
	log := lambdahost.Logger()
	services, err := wiring.Relaying("relay", os.Getenv, log)
	if err != nil {
		log.Error("start", "error", err)
		os.Exit(1)
	}
	api, stream, sweep := wiring.REST(services), relaying.Stream{Service: services.Relaying}, services.Relaying
	stream.Patience, sweep.Patience = patienceOfStream, patienceOfSweep
	scheduled := func(ctx context.Context) error { return errors.Join(sweep.Sweep(ctx), services.WatchSubscribers(ctx)) }
	host := lambdahost.Host{Handler: api.Handler(api.Subscriptions()), Stream: stream.Relay, Scheduled: scheduled, Log: log}
	host.Start()
}
