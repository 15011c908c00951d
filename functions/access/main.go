// Command access is the function that answers for who may do what: it serves the system users, their secrets and grants, and
// the trail, and watches for vendors that are silent when its schedule says so.
package main

import (
	"os"

	"dagtilbudsregisteret.dk/functions/internal/wiring"
	"dagtilbudsregisteret.dk/shared/lambdahost"
)

func main() {
	log := lambdahost.Logger()
	services, err := wiring.Services("access", os.Getenv, log)
	if err != nil {
		log.Error("start", "error", err)
		os.Exit(1)
	}
	api := wiring.REST(services)
	host := lambdahost.Host{Handler: api.Handler(api.Access()), Scheduled: services.WatchVendors, Log: log}
	host.Start()
}
