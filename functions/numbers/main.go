// Command numbers is the function that answers for the institution numbers: it serves their state, and reserves them.
package main

import (
	"os"

	"dagtilbudsregisteret.dk/functions/internal/wiring"
	"dagtilbudsregisteret.dk/shared/lambdahost"
)

func main() {
	log := lambdahost.Logger()
	services, err := wiring.Services(os.Getenv, log)
	if err != nil {
		log.Error("start", "error", err)
		os.Exit(1)
	}
	api := wiring.REST(services)
	host := lambdahost.Host{Handler: api.Handler(api.Numbers()), Log: log}
	host.Start()
}
