package main

import (
	"cmp"
	"path/filepath"

	"dagtilbudsregisteret.dk/infra/peers"
)

// config is what the program reads from its environment:
//
//	DTR_PORT   the port on 127.0.0.1; 8081 by default, beside that of `make run`; 0 for any free one
//	DTR_DATA   the folder of the data: the table, the queues, and the demo users' secrets; data/lambda below the working folder by default
//	DTR_BUILD  the folder of the functions' binaries, each a folder with a bootstrap in it; build/lambda below the repository by default
//
// and DTR_PEER and the like, see package peers. What the template tells the functions of the register itself, the days of the versions and
// the number series, is what these variables say where they are set, and the template's default else.
type config struct {
	port, data, build string
	template          string // its path
	demoUsers         string // the file of their secrets
	getenv            func(string) string
}

func readConfig(getenv func(string) string) (config, error) {
	root, err := peers.Root()
	if err != nil {
		return config{}, err
	}
	data, err := filepath.Abs(cmp.Or(getenv("DTR_DATA"), filepath.Join("data", "lambda")))
	return config{
		port: cmp.Or(getenv("DTR_PORT"), "8081"), data: data, build: cmp.Or(getenv("DTR_BUILD"), filepath.Join(root, "build", "lambda")),
		template: filepath.Join(root, "template.yaml"), demoUsers: filepath.Join(data, "demo-brugere.json"), getenv: getenv,
	}, err
}
