// Command validation is the function that tells what is lawful: it serves verdicts, rules and code tables, and goes through all that
// is stored when its schedule says so.
package main

import (
	"os"

	"dagtilbudsregisteret.dk/functions/internal/wiring"
	"dagtilbudsregisteret.dk/shared/lambdahost"
	"dagtilbudsregisteret.dk/shared/rechecking"
	"dagtilbudsregisteret.dk/shared/validation"
)

func main() {
	log := lambdahost.Logger()
	api, err := wiring.API(os.Getenv, log)
	if err != nil {
		log.Error("start", "error", err)
		os.Exit(1)
	}
	recheck := rechecking.Service{Store: api.Store, Checker: validation.New(api.Tables), Now: api.Now}
	host := lambdahost.Host{Handler: api.Handler(api.Validation()), Scheduled: recheck.Run, Log: log}
	host.Start()
}
