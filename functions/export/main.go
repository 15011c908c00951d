// Command export is the function that reads the register: it serves single units, searches and files.
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
	host := lambdahost.Host{Handler: api.Handler(api.Export()), Log: log}
	host.Start()
}
