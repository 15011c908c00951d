package rest_test

import (
	"slices"
	"strings"

	"dagtilbudsregisteret.dk/shared/rest"
)

// mishap is a way in which every call of some kind goes wrong, and what it is then answered. That is stated here and not read from the
// document, which is held against it.
type mishap struct {
	strikes func(s step, version string) bool
	status  int
	strike  func(s *step)
}

var mishaps = []mishap{
	{usesStore, 503, func(s *step) { s.err = errNetworkGone }},
	{fails, 500, func(s *step) { s.err = errDiskGone }},
	{sendsBody, 413, func(s *step) { s.body = strings.Repeat(" ", rest.MaxBody+1) }},
	{sendsJSON, 400, func(s *step) { s.body = `{"` }},
	{namesUnit, 404, func(s *step) { s.at = "G99999" }},
	{writesUnit, 412, func(s *step) { s.header = []string{`If-Match: "999"`} }},
	{namesVersion, 428, func(s *step) { s.header = nil }},
	{hasQuery, 400, func(s *step) { s.query += "&ukendt=1" }},
}

// of gives the call as it goes wrong.
func (m *mishap) of(s step) step {
	m.strike(&s)
	s.want = m.status
	return s
}

func (s *step) method() string {
	method, _, _ := strings.Cut(s.op, " ")
	return method
}

// usesStore tells whether a call fails with the store. An import tells of that line by line.
func usesStore(s step, _ string) bool {
	return !slices.Contains([]string{"POST /import", "GET /valideringsregler", "GET /kodetabeller", "GET /kodetabeller/{navn}", "GET /openapi.json"}, s.op)
}

// fails tells whether a store that is broken is the register's own failure, and not just what was asked about.
func fails(s step, version string) bool { return usesStore(s, version) && s.op != "GET /health" }

func sendsBody(s step, _ string) bool { return s.method() != "GET" }

// sendsJSON tells whether the body is read as one piece of JSON. A close has none, and that of an import is lines.
func sendsJSON(s step, version string) bool {
	return sendsBody(s, version) && s.method() != "DELETE" && s.op != "POST /import"
}

// namesUnit tells whether the path names a unit, which must exist. Numbers are there whether they are used or not.
func namesUnit(s step, _ string) bool {
	return strings.Contains(s.op, "/{nummer}") && s.op != "GET /numre/{nummer}"
}

func writesUnit(s step, version string) bool { return namesUnit(s, version) && sendsBody(s, version) }

// namesVersion tells whether the version of the row must be named.
func namesVersion(s step, version string) bool {
	return version == "v2" && (s.method() == "PUT" || s.method() == "DELETE")
}

func hasQuery(s step, _ string) bool { return s.query != "" }
