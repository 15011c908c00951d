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
	{logsIn, 401, wrongLogin},
	{mustLogIn, 401, func(s *step) { s.as = anonymous }},
	{hasLacking, 403, func(s *step) { s.as = lacking(s.op) }},
	{logsIn, 429, func(s *step) { s.as = udmattet }},
	{logsIn, 503, func(s *step) { wrongLogin(s); s.err = errNetworkGone }}, // no login is found wrong while the store is gone
	{logsIn, 500, func(s *step) { wrongLogin(s); s.err = errDiskGone }},
	{leavesTrail, 503, func(s *step) { s.as, s.trail = lacking(s.op), errNetworkGone }},
	{leavesTrail, 500, func(s *step) { s.as, s.trail = lacking(s.op), errDiskGone }},
	{usesStore, 503, func(s *step) { s.err = errNetworkGone }},
	{fails, 500, func(s *step) { s.err = errDiskGone }},
	{sendsBody, 413, func(s *step) { s.body = strings.Repeat(" ", rest.MaxBody+1) }},
	{sendsJSON, 400, func(s *step) { s.body = `{"` }},
	{namesUnit, 404, func(s *step) { s.at = "G99999" }},
	{namesUser, 404, func(s *step) { s.at = ofNobody(s.at) }},
	{namesSubscription, 404, func(s *step) { s.at = "ingen" }},
	{matchesVersion, 412, func(s *step) { s.header = []string{`If-Match: "999"`} }},
	{namesVersion, 428, func(s *step) { s.header = nil }},
	{hasQuery, 400, func(s *step) { s.query += "&ukendt=1" }},
	{closes, 410, func(s *step) { s.late = true }},
}

// of gives the call as it goes wrong.
func (m *mishap) of(s step) step {
	m.strike(&s)
	s.want = m.status
	return s
}

// by gives the call as another makes it.
func (s step) by(navn string) step {
	s.as = navn
	return s
}

func (s *step) method() string {
	method, _, _ := strings.Cut(s.op, " ")
	return method
}

func wrongLogin(s *step) {
	s.header = slices.Concat(s.header, []string{"Authorization: " + basic(drift, "forkert")})
}

// logsIn tells whether a call looks at the login at all.
func logsIn(s step, _ string) bool {
	return !slices.Contains([]string{"GET /health", "GET /openapi.json", "GET /versioner"}, s.op) && !isSchema(s)
}

// isOpen tells whether a call needs no login.
func isOpen(s step, version string) bool {
	return logsIn(s, version) && !isAccess(s) && !isSubscription(s) && (s.method() == "GET" || s.op == "POST /validering" || s.op == "POST /synk")
}

func mustLogIn(s step, version string) bool { return logsIn(s, version) && !isOpen(s, version) }

// isAccess tells whether a call is about users or the trail.
func isAccess(s step) bool { return strings.Contains(s.op, " /adgang/") }

// isSubscription tells whether a call is about subscriptions.
func isSubscription(s step) bool { return strings.Contains(s.op, " /abonnementer") }

// isSchema tells whether a call is for an event's schema.
func isSchema(s step) bool { return strings.HasPrefix(s.op, "GET /haendelser/") }

// lacking names a user that may not make a call; none where every user may.
func lacking(op string) string {
	s := step{op: op}
	switch {
	case op == "GET /adgang/mig" || op == "POST /validering":
		return nobody
	case isOpen(s, ""):
		return stum
	}
	return laeser
}

func hasLacking(s step, version string) bool { return logsIn(s, version) && lacking(s.op) != nobody }

// leavesTrail tells whether a call that its user may not make goes into the trail.
func leavesTrail(s step, version string) bool {
	return hasLacking(s, version) && mustLogIn(s, version) && s.op != "GET /adgang/spor"
}

// usesStore tells whether a call fails with the store. An import tells of that line by line.
func usesStore(s step, _ string) bool {
	return !isSchema(s) && !slices.Contains([]string{"POST /import", "GET /valideringsregler", "GET /kodetabeller", "GET /kodetabeller/{navn}", "GET /openapi.json", "GET /versioner"}, s.op)
}

// fails tells whether a store that is broken is the register's own failure, and not just what was asked about.
func fails(s step, version string) bool { return usesStore(s, version) && s.op != "GET /health" }

// sendsBody tells whether a body is read. Acts on users and subscriptions that need no more said have none.
func sendsBody(s step, _ string) bool {
	for _, act := range []string{"/luk", "/genaabn", "/{id}", "/pause", "/genoptag"} {
		if strings.HasSuffix(s.op, act) {
			return false
		}
	}
	return s.method() != "GET" && s.op != "DELETE /abonnementer/{abonnement}"
}

// sendsJSON tells whether the body is read as one piece of JSON. A close has none, and that of an import is lines.
func sendsJSON(s step, version string) bool {
	return sendsBody(s, version) && s.method() != "DELETE" && s.op != "POST /import"
}

// namesUnit tells whether the path names a unit, which must exist. Numbers are there whether they are used or not.
func namesUnit(s step, _ string) bool {
	return strings.Contains(s.op, "/{nummer}") && s.op != "GET /numre/{nummer}"
}

// ofNobody gives a path with the name of a user that there is not.
func ofNobody(at string) string {
	navn, _, _ := strings.Cut(at, "/")
	return strings.NewReplacer(navn, "ingen", "@", "ingen").Replace(at)
}

func namesUser(s step, _ string) bool { return strings.Contains(s.op, "/{bruger}") }

func namesSubscription(s step, _ string) bool { return strings.Contains(s.op, "/{abonnement}") }

// matchesVersion tells whether a call is held against the version that it names.
func matchesVersion(s step, version string) bool {
	return namesUnit(s, version) && sendsBody(s, version) || s.op == "PUT /adgang/brugere/{bruger}" || s.op == "PUT /abonnementer/{abonnement}"
}

// namesVersion tells whether the version of the row must be named. A tree names it in its body.
func namesVersion(s step, version string) bool {
	return version == "v2" && (s.method() == "PUT" && s.op != "PUT /dagtilbud/{nummer}" || s.method() == "DELETE" && sendsBody(s, version))
}

func hasQuery(s step, _ string) bool { return s.query != "" }

// closes tells whether a call goes to a version that closes.
func closes(_ step, version string) bool { return version == "v1" }
