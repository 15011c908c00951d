// Command validation is the function that tells what is lawful: it serves verdicts, rules and code tables, and goes through all that
// is stored when its schedule says so.
package main

import (
	"os"

	"dagtilbudsregisteret.dk/functions/internal/wiring"
	"dagtilbudsregisteret.dk/shared/lambdahost"
)

func main() {
	log := lambdahost.Logger()
	services, err := wiring.Services("validation", os.Getenv, log)
	if err != nil {
		log.Error("start", "error", err)
		os.Exit(1)
	}
	api := wiring.REST(services)
	host := lambdahost.Host{Handler: api.Handler(api.Validation()), Scheduled: services.Recheck, Log: log}
	host.Start()
}
