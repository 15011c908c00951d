// Package engine opens what the programs of one machine keep the register in: a file, or a DynamoDB. The programs read one
// environment, so that each finds what another left.
package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/boltstore"
	"dagtilbudsregisteret.dk/shared/dynamostore"
	"dagtilbudsregisteret.dk/shared/lambdahost"
	"dagtilbudsregisteret.dk/shared/register"
)

// Config says which engine to open:
//
//	DTR_ENGINE        "bolt" by default; "dynamodb" for the DynamoDB at AWS_ENDPOINT_URL_DYNAMODB, whose table DTR_TABLE (by default
//	                  "dagtilbudsregisteret") is made if it is missing
//	DTR_DATA          the folder of the data; "data" below the working folder by default
//	DTR_NUMMERSERIE   the letters that numbers are issued with, in turn
type Config struct {
	engine   string
	data     string
	series   register.Series
	dynamodb lambdahost.Config
}

func data(getenv func(string) string) string { return cmp.Or(getenv("DTR_DATA"), "data") }

// DemoUsers gives the path of the file with the demo users' secrets, by name, that `make run` leaves for dtr beside the data.
func DemoUsers(getenv func(string) string) string {
	return filepath.Join(data(getenv), "demo-brugere.json")
}

// ReadConfig reads the settings by getenv. Its error names every variable that cannot be read.
func ReadConfig(getenv func(string) string) (Config, error) {
	c := Config{engine: cmp.Or(getenv("DTR_ENGINE"), "bolt"), data: data(getenv)}
	var problems []error
	var ok bool
	if c.series, ok = register.ParseSeries(cmp.Or(getenv("DTR_NUMMERSERIE"), string(register.DefaultSeries))); !ok {
		problems = append(problems, errors.New("DTR_NUMMERSERIE must be different capital letters"))
	}
	switch c.engine {
	case "bolt":
	case "dynamodb":
		problems = append(problems, c.readDynamoDB(getenv))
	default:
		problems = append(problems, fmt.Errorf("DTR_ENGINE must be bolt or dynamodb, not %q", c.engine))
	}
	return c, errors.Join(problems...)
}

// readDynamoDB reads the variables of the functions, with defaults that fit a DynamoDB on this machine.
func (c *Config) readDynamoDB(getenv func(string) string) (err error) {
	if getenv("AWS_ENDPOINT_URL_DYNAMODB") == "" {
		return errors.New("DTR_ENGINE=dynamodb needs AWS_ENDPOINT_URL_DYNAMODB")
	}
	defaults := map[string]string{
		"DTR_TABLE": "dagtilbudsregisteret", "AWS_REGION": "eu-north-1", "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
	}
	c.dynamodb, err = lambdahost.ReadConfig(func(name string) string { return cmp.Or(getenv(name), defaults[name]) })
	return err
}

// Store is the register and who may do what in it.
type Store interface {
	register.Store
	access.Store
}

// Engine is the store that was chosen, open.
type Engine struct {
	Name  string // where the data is, for people
	Store Store
	Chunk int // how many operations of an import share a transaction
	Close func() error
}

// Open opens the engine, and makes its folder and file, or its table, where there is none.
func (c *Config) Open(ctx context.Context) (Engine, error) {
	if c.engine == "dynamodb" {
		store := dynamostore.New(c.dynamodb.DynamoDB(), c.dynamodb.Table, c.series)
		err := store.CreateTable(ctx)
		return Engine{"table " + c.dynamodb.Table + " at " + c.dynamodb.Endpoint, store, dynamostore.Chunk, func() error { return nil }}, err
	}
	if err := os.MkdirAll(c.data, 0o700); err != nil {
		return Engine{}, err
	}
	path, err := filepath.Abs(filepath.Join(c.data, "register.db"))
	if err != nil {
		return Engine{}, err
	}
	store, err := boltstore.Open(path, c.series)
	if err != nil {
		return Engine{}, err
	}
	return Engine{path, store, boltstore.Chunk, store.Close}, nil
}
