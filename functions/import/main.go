// Command import is the function that changes the register: it serves the routes that write, over REST and SOAP.
package main

import (
	"os"

	"dagtilbudsregisteret.dk/functions/internal/wiring"
	"dagtilbudsregisteret.dk/shared/httpcall"
	"dagtilbudsregisteret.dk/shared/lambdahost"
)

func main() {
	log := lambdahost.Logger()
	services, err := wiring.Services("import", os.Getenv, log)
	if err != nil {
		log.Error("start", "error", err)
		os.Exit(1)
	}
	rest, soap := wiring.REST(services), wiring.SOAP(services)
	host := lambdahost.Host{Handler: httpcall.Under("/soap/", soap.Handler(soap.Import()), rest.Handler(rest.Import())), Log: log}
	host.Start()
}
