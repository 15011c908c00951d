package main

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"

	"dagtilbudsregisteret.dk/infra/engine"
	"dagtilbudsregisteret.dk/shared/versions"
)

// config is what the program reads from its environment: the engine's settings, see [engine.Config], and
//
//	DTR_PORT          the port on 127.0.0.1; 8080 by default, 0 for any free one
//	DTR_KODETABELLER  a folder whose files replace the embedded code tables
//	DTR_LOG           "debug", "info", "warn" or "error"; warn by default, info has a line for each request
//
// and the days of the service versions, see [versions.Read].
type config struct {
	port, tables string
	level        slog.Level
	engine       engine.Config
	versions     versions.Schedule
	demoUsers    string // the file of their secrets
}

func readConfig(getenv func(string) string) (config, error) {
	c := config{port: cmp.Or(getenv("DTR_PORT"), "8080"), tables: getenv("DTR_KODETABELLER"), demoUsers: engine.DemoUsers(getenv)}
	var problem error
	if err := c.level.UnmarshalText([]byte(cmp.Or(getenv("DTR_LOG"), "warn"))); err != nil {
		problem = fmt.Errorf("DTR_LOG: %w", err)
	}
	var engineErr, versionsErr error
	c.engine, engineErr = engine.ReadConfig(getenv)
	c.versions, versionsErr = versions.Read(getenv)
	return c, errors.Join(problem, engineErr, versionsErr)
}
