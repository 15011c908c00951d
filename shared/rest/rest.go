// Package rest is the register over HTTP and JSON: the paths of openapi.json, in service versions v1 and v2, on plain net/http.
//
// A request goes one way: router.go finds the route, frames the exchange (request id, language, one log line) and lets the caller in
// at the gate; a handler in writes.go, imports.go, reads.go, files.go, feed.go, synk.go, numbers.go, rules.go, users.go, trail.go or
// subscriptions.go reads it and asks a use case, and the answer is written as JSON (unitjson.go) or as a problem document (problem.go).
// Handlers know no rules: they decode into an operation, and the use case judges.
//
// The paths are divided as the functions are: [API.Import], [API.Export], [API.Numbers], [API.Validation], [API.Access] and
// [API.Subscriptions] give the routes of each, and [API.Handler] makes one handler of any of them.
package rest

import (
	"log/slog"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/exporting"
	"dagtilbudsregisteret.dk/shared/granting"
	"dagtilbudsregisteret.dk/shared/importing"
	"dagtilbudsregisteret.dk/shared/numbering"
	"dagtilbudsregisteret.dk/shared/rechecking"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
	"dagtilbudsregisteret.dk/shared/validation"
)

// The limits of requests, in bytes.
const (
	MaxBody = 6 << 20  // a body; what Lambda takes
	MaxLine = 64 << 10 // a line of an import
)

// Store is the register and who may do what in it, as either engine keeps both.
type Store interface {
	register.Store
	access.Store
	relaying.Store
}

// Config is what the API is made of.
type Config struct {
	Store  Store
	Tables *codes.Tables
	Now    func() time.Time
	Log    *slog.Logger

	// Queue is where subscribers' events go.
	Queue relaying.Queue

	// Settle is how long after a write the store's reads may not show it: the engine's own advice.
	Settle time.Duration

	// Anonymous is how many calls a second one address may make without a login; 0 for any number.
	Anonymous int

	// Chunk is how many operations of an import share a transaction: the engine's own advice.
	Chunk int

	// MaxImport is how large the body of an import may be, in bytes; 0 for [MaxBody]. What exceeds MaxBody is kept in a
	// temporary file while it is worked on.
	MaxImport int64

	// MaxAnswer is how large the answer to a file or an import grows before it stops, in bytes; 0 for any size. What is left of a file
	// comes in further parts, what is left of an import is not carried out. An answer may pass it by what is under way, some 200 kB.
	MaxAnswer int
}

// API serves the register.
type API struct {
	Config
	gate       *access.Gate
	checker    *validation.Checker
	importing  importing.Service
	exporting  exporting.Service
	numbering  numbering.Service
	rechecking rechecking.Service
	granting   granting.Service
	relaying   relaying.Service
}

// New makes the API and the use cases behind it.
func New(c Config) *API {
	if c.MaxImport == 0 {
		c.MaxImport = MaxBody
	}
	checker := validation.New(c.Tables)
	return &API{
		Config:     c,
		gate:       access.NewGate(c.Store, c.Now, c.Log, c.Anonymous),
		checker:    checker,
		importing:  importing.Service{Store: c.Store, Checker: checker, Now: c.Now, Trail: c.Store, Chunk: c.Chunk},
		exporting:  exporting.Service{Store: c.Store, Clock: c.Now, Settle: c.Settle},
		numbering:  numbering.Service{Store: c.Store, Trail: c.Store, Now: c.Now},
		relaying:   relaying.Service{Store: c.Store, Queue: c.Queue, Now: c.Now, Log: c.Log},
		granting:   granting.Service{Store: c.Store, Log: c.Store, Tables: c.Tables, Now: c.Now},
		rechecking: rechecking.Service{Store: c.Store, Checker: checker, Now: c.Now},
	}
}
