package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"dagtilbudsregisteret.dk/shared/boltstore"
	"dagtilbudsregisteret.dk/shared/dynamostore"
	"dagtilbudsregisteret.dk/shared/lambdahost"
	"dagtilbudsregisteret.dk/shared/register"
)

// config is what the program reads from its environment:
//
//	DTR_PORT          the port on 127.0.0.1; 8080 by default, 0 for any free one
//	DTR_DATA          the folder of the data; "data" below the working folder by default
//	DTR_NUMMERSERIE   the letters that numbers are issued with, in turn
//	DTR_KODETABELLER  a folder whose files replace the embedded code tables
//	DTR_LOG           "debug", "info", "warn" or "error"; warn by default, info has a line for each request
//	DTR_ENGINE        "bolt" by default; "dynamodb" for the DynamoDB at AWS_ENDPOINT_URL_DYNAMODB, whose table DTR_TABLE (by default
//	                  "dagtilbudsregisteret") is made if it is missing
type config struct {
	port, data, tables string
	series             register.Series
	level              slog.Level
	engine             string
	dynamodb           lambdahost.Config
}

func readConfig(getenv func(string) string) (config, error) {
	or := func(name, otherwise string) string {
		if value := getenv(name); value != "" {
			return value
		}
		return otherwise
	}
	c := config{port: or("DTR_PORT", "8080"), data: or("DTR_DATA", "data"), tables: getenv("DTR_KODETABELLER"), engine: or("DTR_ENGINE", "bolt")}
	var problems []error
	var ok bool
	if c.series, ok = register.ParseSeries(or("DTR_NUMMERSERIE", string(register.DefaultSeries))); !ok {
		problems = append(problems, errors.New("DTR_NUMMERSERIE must be different capital letters"))
	}
	if err := c.level.UnmarshalText([]byte(or("DTR_LOG", "warn"))); err != nil {
		problems = append(problems, fmt.Errorf("DTR_LOG: %w", err))
	}
	switch c.engine {
	case "bolt":
	case "dynamodb":
		problems = append(problems, c.readDynamoDB(getenv, or))
	default:
		problems = append(problems, fmt.Errorf("DTR_ENGINE must be bolt or dynamodb, not %q", c.engine))
	}
	return c, errors.Join(problems...)
}

// readDynamoDB reads the variables of the functions, with defaults that fit a DynamoDB on this machine.
func (c *config) readDynamoDB(getenv func(string) string, or func(name, otherwise string) string) (err error) {
	if getenv("AWS_ENDPOINT_URL_DYNAMODB") == "" {
		return errors.New("DTR_ENGINE=dynamodb needs AWS_ENDPOINT_URL_DYNAMODB")
	}
	defaults := map[string]string{
		"DTR_TABLE": "dagtilbudsregisteret", "AWS_REGION": "eu-north-1", "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
	}
	c.dynamodb, err = lambdahost.ReadConfig(func(name string) string { return or(name, defaults[name]) })
	return err
}

// engine is the store that was chosen.
type engine struct {
	name  string
	store register.Store
	chunk int
	close func() error
}

func (c *config) open(ctx context.Context) (engine, error) {
	if c.engine == "dynamodb" {
		store := dynamostore.New(c.dynamodb.DynamoDB(), c.dynamodb.Table, c.series)
		err := store.CreateTable(ctx)
		return engine{"table " + c.dynamodb.Table + " at " + c.dynamodb.Endpoint, store, dynamostore.Chunk, func() error { return nil }}, err
	}
	if err := os.MkdirAll(c.data, 0o700); err != nil {
		return engine{}, err
	}
	path, err := filepath.Abs(filepath.Join(c.data, "register.db"))
	if err != nil {
		return engine{}, err
	}
	store, err := boltstore.Open(path, c.series)
	if err != nil {
		return engine{}, err
	}
	return engine{path, store, boltstore.Chunk, store.Close}, nil
}
