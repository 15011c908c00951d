// Package rest is the register over HTTP and JSON: the paths of openapi.json, in service versions v1 and v2, on plain net/http.
//
// A request goes one way: router.go finds the route, has httpcall frame the exchange (request id, language, one log line) and lets the
// caller in at the gate; a handler in writes.go, trees.go, imports.go, reads.go, files.go, feed.go, synk.go, numbers.go, rules.go, users.go,
// trail.go, versions.go or subscriptions.go reads it and asks a use case, and the answer is written as JSON (unitjson.go) or as a
// problem document (problem.go).
// Handlers know no rules: they decode into an operation, and the use case judges.
//
// The paths are divided as the functions are: [API.Import], [API.Export], [API.Numbers], [API.Validation], [API.Access] and
// [API.Subscriptions] give the routes of each, and [API.Handler] makes one handler of any of them.
package rest

import (
	"dagtilbudsregisteret.dk/shared/httpcall"
	"dagtilbudsregisteret.dk/shared/services"
)

// The limits of requests, in bytes.
const (
	MaxBody = 6 << 20  // a body; what Lambda takes
	MaxLine = 64 << 10 // a line of an import
)

// Limits are how large requests and answers may be where the API runs.
type Limits struct {
	// MaxImport is how large the body of an import may be, in bytes; 0 for [MaxBody]. What exceeds MaxBody is kept in a
	// temporary file while it is worked on.
	MaxImport int64

	// MaxAnswer is how large the answer to a file or an import grows before it stops, in bytes; 0 for any size. What is left of a file
	// comes in further parts, what is left of an import is not carried out. An answer may pass it by what is under way, some 200 kB.
	MaxAnswer int
}

// API serves the register.
type API struct {
	*services.Services
	Limits
	desk *httpcall.Desk
}

// New makes the API to the services.
func New(s *services.Services, l Limits) *API {
	if l.MaxImport == 0 {
		l.MaxImport = MaxBody
	}
	return &API{s, l, httpcall.New(s, "")}
}
