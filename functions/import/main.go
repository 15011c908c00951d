// Command import is the function that changes the register: it serves the routes that write.
package main

import (
	"os"

	"dagtilbudsregisteret.dk/functions/internal/wiring"
	"dagtilbudsregisteret.dk/shared/lambdahost"
)

func main() {
	log := lambdahost.Logger()
	api, err := wiring.API(os.Getenv, log)
	if err != nil {
		log.Error("start", "error", err)
		os.Exit(1)
	}
	host := lambdahost.Host{Handler: api.Handler(api.Import()), Log: log}
	host.Start()
}
