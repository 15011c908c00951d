// Command numbers is the function that answers for the institution numbers: it serves their state,
// reserves them, and watches how many are left when its schedule says so.
package main

import (
	"os"

	"dagtilbudsregisteret.dk/functions/internal/wiring"
	"dagtilbudsregisteret.dk/shared/lambdahost"
)

func main() {
	log := lambdahost.Logger()
	services, err := wiring.Services("numbers", os.Getenv, log)
	if err != nil {
		log.Error("start", "error", err)
		os.Exit(1)
	}
	api := wiring.REST(services)
	host := lambdahost.Host{Handler: api.Handler(api.Numbers()), Scheduled: services.WatchNumbers, Log: log}
	host.Start()
}
