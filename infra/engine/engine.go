// Package engine opens what the programs of one machine keep the register and its subscribers' queues in: files, or a DynamoDB and an
// SQS. The programs read one environment, so that each finds what another left.
package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/archiving"
	"dagtilbudsregisteret.dk/shared/boltstore"
	"dagtilbudsregisteret.dk/shared/dynamostore"
	"dagtilbudsregisteret.dk/shared/lambdahost"
	"dagtilbudsregisteret.dk/shared/records"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
)

// Config says which engine and which queues to open:
//
//	DTR_ENGINE            "bolt" by default; "dynamodb" for the DynamoDB at AWS_ENDPOINT_URL_DYNAMODB, whose table DTR_TABLE (by default
//	                      "dagtilbudsregisteret") is made if it is missing
//	DTR_DATA              the folder of the data; "data" below the working folder by default
//	DTR_NUMMERSERIE       the letters that numbers are issued with, in turn
//	AWS_ENDPOINT_URL_SQS  the SQS that has the subscribers' queues; without it they are in a file of that folder
type Config struct {
	engine string
	data   string
	series register.Series
	sqs    bool
	aws    lambdahost.Config // where the engine or the queues need it
}

func data(getenv func(string) string) string { return cmp.Or(getenv("DTR_DATA"), "data") }

// DemoUsers gives the path of the file with the demo users' secrets, by name, that `make run` leaves for dtr beside the data.
func DemoUsers(getenv func(string) string) string {
	return filepath.Join(data(getenv), "demo-brugere.json")
}

// ReadConfig reads the settings by getenv. Its error names every variable that cannot be read.
func ReadConfig(getenv func(string) string) (Config, error) {
	c := Config{engine: cmp.Or(getenv("DTR_ENGINE"), "bolt"), data: data(getenv), sqs: getenv("AWS_ENDPOINT_URL_SQS") != ""}
	var problems []error
	var ok bool
	if c.series, ok = register.ParseSeries(cmp.Or(getenv("DTR_NUMMERSERIE"), string(register.DefaultSeries))); !ok {
		problems = append(problems, errors.New("DTR_NUMMERSERIE must be different capital letters"))
	}
	switch c.engine {
	case "bolt":
	case "dynamodb":
		if getenv("AWS_ENDPOINT_URL_DYNAMODB") == "" {
			problems = append(problems, errors.New("DTR_ENGINE=dynamodb needs AWS_ENDPOINT_URL_DYNAMODB"))
		}
	default:
		problems = append(problems, fmt.Errorf("DTR_ENGINE must be bolt or dynamodb, not %q", c.engine))
	}
	if c.engine == "dynamodb" || c.sqs {
		problems = append(problems, c.readAWS(getenv))
	}
	return c, errors.Join(problems...)
}

// readAWS reads the variables of the functions, with defaults that fit a DynamoDB and an SQS on this machine.
func (c *Config) readAWS(getenv func(string) string) (err error) {
	defaults := map[string]string{
		"DTR_TABLE": "dagtilbudsregisteret", "AWS_REGION": "eu-north-1", "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
	}
	c.aws, err = lambdahost.ReadConfig(func(name string) string { return cmp.Or(getenv(name), defaults[name]) })
	return err
}

// Store is the register, who may do what in it, and who is told of it, and all of that record by record.
type Store interface {
	register.Store
	access.Store
	relaying.Store
	records.Store
}

// Engine is the store that was chosen, open.
type Engine struct {
	Name   string // where the data is, for people
	Store  Store
	Series register.Series
	Chunk  int           // how many operations of an import share a transaction
	Settle time.Duration // how long after a write a read may not show it
	Close  func() error
}

// Open opens the engine, and makes its folder and file, or its table, where there is none. One that is being restored, and is not whole, is an
// error.
func (c *Config) Open(ctx context.Context) (Engine, error) {
	e, err := c.OpenToRestore(ctx)
	if err != nil {
		return e, err
	}
	return e.whole(ctx)
}

// whole gives the engine if no restore into it is under way, and else closes it.
func (e Engine) whole(ctx context.Context) (Engine, error) {
	from, unfinished, err := archiving.Unfinished(ctx, e.Store)
	if err == nil && unfinished {
		err = fmt.Errorf("the register in %s is not whole: a restore was begun at %s, and has not ended; run dtr restore again, with the same file",
			e.Name, from.Begun.Format(time.RFC3339))
	}
	if err != nil {
		return Engine{}, errors.Join(err, e.Close())
	}
	return e, nil
}

// OpenToRestore is Open for whoever makes the register whole.
func (c *Config) OpenToRestore(ctx context.Context) (Engine, error) {
	if c.engine == "dynamodb" {
		e, store := c.inTable()
		return e, store.CreateTable(ctx)
	}
	path, err := c.file("register.db")
	if err != nil {
		return Engine{}, err
	}
	return c.inFile(path)
}

// OpenAsIs opens what there is, whole or not, and makes nothing.
func (c *Config) OpenAsIs(ctx context.Context) (Engine, error) {
	if c.engine == "dynamodb" {
		e, store := c.inTable()
		if _, _, err := archiving.Unfinished(ctx, store); err != nil {
			return e, fmt.Errorf("%s: %w", e.Name, err)
		}
		return e, nil
	}
	path, err := filepath.Abs(filepath.Join(c.data, "register.db"))
	if err != nil {
		return Engine{}, err
	}
	if _, err := os.Stat(path); err != nil {
		return Engine{}, err
	}
	return c.inFile(path)
}

// OpenWhole opens what there is as OpenAsIs does, but where that is being restored, and is not whole, it is an error.
func (c *Config) OpenWhole(ctx context.Context) (Engine, error) {
	e, err := c.OpenAsIs(ctx)
	if err != nil {
		return e, err
	}
	return e.whole(ctx)
}

func (c *Config) inTable() (Engine, *dynamostore.Store) {
	store := dynamostore.New(c.aws.DynamoDB(), c.aws.Table, c.series)
	return Engine{
		Name: "table " + c.aws.Table + " at " + c.aws.Endpoint, Store: store, Series: c.series, Chunk: dynamostore.Chunk, Settle: dynamostore.Settle,
		Close: func() error { return nil },
	}, store
}

func (c *Config) inFile(path string) (Engine, error) {
	store, err := boltstore.Open(path, c.series)
	if err != nil {
		return Engine{}, err
	}
	return Engine{Name: path, Store: store, Series: c.series, Chunk: boltstore.Chunk, Close: store.Close}, nil
}

// file gives the path of a file of the data, whose folder is made where there is none.
func (c *Config) file(name string) (string, error) {
	if err := os.MkdirAll(c.data, 0o700); err != nil {
		return "", err
	}
	return filepath.Abs(filepath.Join(c.data, name))
}
