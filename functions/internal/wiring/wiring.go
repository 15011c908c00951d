// Package wiring puts the register together as every function runs it: its settings from the environment, its data in DynamoDB, its
// limits those of Lambda. A function makes its [Services] once, then each protocol that it serves, and adds which of the protocol's routes.
package wiring

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/dynamostore"
	"dagtilbudsregisteret.dk/shared/lambdahost"
	"dagtilbudsregisteret.dk/shared/metrics"
	"dagtilbudsregisteret.dk/shared/relaying"
	"dagtilbudsregisteret.dk/shared/rest"
	"dagtilbudsregisteret.dk/shared/services"
	"dagtilbudsregisteret.dk/shared/soap"
	"dagtilbudsregisteret.dk/shared/sqsqueue"
	"dagtilbudsregisteret.dk/shared/versions"
)

// maxAnswer is the largest answer to a read or an import, in bytes, or part of one. Lambda gives 6 MB, as JSON. A gzipped file travels
// as base64, a third longer: 5.3 MB. Plain text travels as a JSON string, in which each quote and line break takes two bytes: JSON
// grows by a seventh, and would have to be half quotes to outgrow the limit. What goes on to be written before an answer stops,
// some 100 kB, has room as well.
const maxAnswer = 4_000_000

// anonymous is how many calls a second one address may make without a login. A function has as many instances as it has calls under
// way, and each counts for itself, so that this keeps a single caller from crowding out others and is no exact limit.
const anonymous = 100

// Services makes the register's services for a function, from its environment.
func Services(function string, getenv func(string) string, log *slog.Logger) (*services.Services, error) {
	return build(function, getenv, log, func(lambdahost.Config) relaying.Queue { return nil })
}

// Relaying makes the services for the function that reaches subscribers' queues. No other may.
func Relaying(function string, getenv func(string) string, log *slog.Logger) (*services.Services, error) {
	return build(function, getenv, log, func(c lambdahost.Config) relaying.Queue { return sqsqueue.New(c.SQS()) })
}

// REST gives the services over REST.
func REST(s *services.Services) *rest.API { return rest.New(s, rest.Limits{MaxAnswer: maxAnswer}) }

// SOAP gives the services over SOAP.
func SOAP(s *services.Services) *soap.API { return soap.New(s, soap.Limits{MaxAnswer: maxAnswer}) }

func build(function string, getenv func(string) string, log *slog.Logger, queue func(lambdahost.Config) relaying.Queue) (
	*services.Services, error) {
	config, err := lambdahost.ReadConfig(getenv)
	lives, livesErr := versions.Read(getenv)
	if err := errors.Join(err, livesErr); err != nil {
		return nil, err
	}
	tables, err := codes.LoadFolder(config.Kodetabeller)
	if err != nil {
		return nil, err
	}
	store := dynamostore.New(config.DynamoDB(), config.Table, config.Nummerserie)
	if config.Endpoint == "" {
		go store.Warm(context.Background()) // it is the TLS handshake that takes long, and an endpoint of one's own has none
	}
	return services.New(services.Config{
		Store:     store,
		Queue:     queue(config),
		Tables:    tables,
		Now:       time.Now,
		Log:       log,
		Meter:     meter(config.Stage, function, log),
		Series:    config.Nummerserie,
		Versions:  lives,
		Anonymous: anonymous,
		Chunk:     dynamostore.Chunk,
		Settle:    dynamostore.Settle,
	}), nil
}

// meter measures for a function of a stage; on none nobody reads it.
func meter(stage, function string, log *slog.Logger) *metrics.Meter {
	if stage == "" {
		return nil
	}
	return &metrics.Meter{Stage: stage, Function: function, Log: log, Now: time.Now}
}
