// Command relay is the function that tells subscribers of changes: it serves the routes about them, sends what the table's stream tells
// of and, when its schedule says so, whatever was left behind.
package main

import (
	"context"
	"os"

	"dagtilbudsregisteret.dk/functions/internal/wiring"
	"dagtilbudsregisteret.dk/shared/lambdahost"
	"dagtilbudsregisteret.dk/shared/relaying"
)

func main() {
	log := lambdahost.Logger()
	api, err := wiring.Relaying(os.Getenv, log)
	if err != nil {
		log.Error("start", "error", err)
		os.Exit(1)
	}
	relay := relaying.Service{Store: api.Store, Queue: api.Queue, Now: api.Now, Log: log}
	stream := func(ctx context.Context, kommuner []int) (map[int]error, error) { return relay.Relay(ctx, kommuner...) }
	host := lambdahost.Host{Handler: api.Handler(api.Subscriptions()), Stream: stream, Scheduled: relay.Sweep, Log: log}
	host.Start()
}
