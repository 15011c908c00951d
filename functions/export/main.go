// Command export is the function that reads the register: it serves single units, searches and files, over REST and SOAP.
package main

import (
	"os"

	"dagtilbudsregisteret.dk/functions/internal/wiring"
	"dagtilbudsregisteret.dk/shared/httpcall"
	"dagtilbudsregisteret.dk/shared/lambdahost"
)

func main() {
	log := lambdahost.Logger()
	services, err := wiring.Services("export", os.Getenv, log)
	if err != nil {
		log.Error("start", "error", err)
		os.Exit(1)
	}
	rest, soap := wiring.REST(services), wiring.SOAP(services)
	host := lambdahost.Host{Handler: httpcall.Under("/soap/", soap.Handler(soap.Export()), rest.Handler(rest.Export())), Log: log}
	host.Start()
}
