// Package services puts the use cases together, once for a process: whatever protocols it serves share one gate and one pace, and ask
// the same use cases on the same store. A program fills in a [Config] and hands what [New] makes of it to each protocol.
package services

import (
	"log/slog"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/exporting"
	"dagtilbudsregisteret.dk/shared/granting"
	"dagtilbudsregisteret.dk/shared/importing"
	"dagtilbudsregisteret.dk/shared/metrics"
	"dagtilbudsregisteret.dk/shared/numbering"
	"dagtilbudsregisteret.dk/shared/rechecking"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
	"dagtilbudsregisteret.dk/shared/validation"
	"dagtilbudsregisteret.dk/shared/versions"
)

// Store is the register, who may do what in it, and who is told of it, as either engine keeps all three.
type Store interface {
	register.Store
	access.Store
	relaying.Store
}

// Config is what the services are made of.
type Config struct {
	Store  Store
	Tables *codes.Tables
	Now    func() time.Time
	Log    *slog.Logger

	// Meter measures what the services do; nil where nobody reads it.
	Meter *metrics.Meter

	// Series are the letters that the store issues numbers with.
	Series register.Series

	// Versions are the lives of the service versions; without any, none is deprecated or closes, and no calls are counted.
	Versions versions.Schedule

	// Queue is where subscribers' events go.
	Queue relaying.Queue

	// Settle is how long after a write the store's reads may not show it: the engine's own advice.
	Settle time.Duration

	// Anonymous is how many calls a second one address may make without a login; 0 for any number.
	Anonymous int

	// Chunk is how many operations of an import share a transaction: the engine's own advice.
	Chunk int
}

// Services are the gate and the use cases behind it. Make them with [New]; any number of goroutines may use them.
type Services struct {
	Config
	Gate       *access.Gate
	Checker    *validation.Checker
	Importing  importing.Service
	Exporting  exporting.Service
	Numbering  numbering.Service
	Rechecking rechecking.Service
	Granting   granting.Service
	Relaying   relaying.Service
}

// New makes the services. It asks the store nothing.
func New(c Config) *Services {
	checker := validation.New(c.Tables)
	return &Services{
		Config:     c,
		Gate:       access.NewGate(c.Store, c.Now, c.Log, c.Anonymous),
		Checker:    checker,
		Importing:  importing.Service{Store: c.Store, Checker: checker, Now: c.Now, Trail: c.Store, Chunk: c.Chunk},
		Exporting:  exporting.Service{Store: c.Store, Clock: c.Now, Settle: c.Settle},
		Numbering:  numbering.Service{Store: c.Store, Trail: c.Store, Series: c.Series, Now: c.Now},
		Rechecking: rechecking.Service{Store: c.Store, Checker: checker, Now: c.Now},
		Granting:   granting.Service{Store: c.Store, Log: c.Store, Tables: c.Tables, Now: c.Now},
		Relaying:   relaying.Service{Store: c.Store, Queue: c.Queue, Tables: c.Tables, Now: c.Now, Log: c.Log},
	}
}
