// Package access says who may do what in the register: system users, the secrets they log in with, the rights they were granted,
// and the trail of what they did and tried.
//
// A [User] is a system, not a person. Its role says what kind of thing it may do; its grants say where. A vendor (leverandoer)
// writes for the municipalities that granted it, an owner (ejer) to the institutions that are its own; operators (drift) and support
// write anywhere; a reader (laeser) nowhere. Whatever is not allowed is denied: the zero value of [Need] and of [Rights] lets nobody
// do anything.
//
// A call goes through two doors. The [Gate] lets it in: it checks the secret, the role and the pace, and answers the [Caller]. What
// the caller may do to a row is decided where the row is known, inside the transaction that would change it, by [Rights]. Every
// protocol uses the same two, so none can be more lenient than another.
//
// How the data is laid out: a user is one record with its secrets' hashes and its grants, so that each act on it is one conditional
// write. When a secret was last used is kept beside it. The trail has two sources: the change log, whose changes name their
// [register.Actor], is the trail of what was done to units, and cannot be forgotten for it is the very record of the change; what was
// refused, and acts on users and numbers, are an [Entry] each. Nothing changes or removes either.
// [Calls] are no trail: they only count, by day, who still calls through a version that is on its way out.
package access

import (
	"slices"
	"time"

	"dagtilbudsregisteret.dk/shared/register"
)

// Role is what kind of system a user is.
type Role uint8

// The roles.
const (
	Laeser      Role = 1 + iota // reads
	Leverandoer                 // writes for the municipalities that granted it
	Ejer                        // writes to its own institutions
	Drift                       // operators: anything
	Support                     // writes anywhere and manages the users of other roles; logged like everybody
)

// Roles lists every role.
var Roles = [...]Role{Laeser, Leverandoer, Ejer, Drift, Support}

// String gives the role's word, as it stands in JSON.
func (r Role) String() string {
	return [...]string{"", "laeser", "leverandoer", "ejer", "drift", "support"}[r]
}

// ParseRole reads what [Role.String] writes.
func ParseRole(s string) (Role, bool) {
	for _, r := range Roles {
		if r.String() == s {
			return r, true
		}
	}
	return 0, false
}

// Connection is a set of ways in which a user may connect to the register. To deliver data and to read it are separate rights.
type Connection uint8

// The connections.
const (
	Laese  Connection = 1 << iota // to read
	Levere                        // to deliver
)

// User is a system that logs in.
type User struct {
	Navn        string // what it logs in with and what the trail calls it: its id, unique for ever and never changed
	Beskrivelse string // who it is, for people
	Rolle       Role
	Forbindelse Connection
	CVRNummer   string // of an ejer: its own

	Secrets []Secret // two at most
	Grants  []Grant  // revoked ones too, for what was written under them

	// How many calls a second it may make, and in one burst; 0 for any number.
	Skrivninger int
	Laesninger  int

	Lukket   bool // it cannot log in
	Oprettet time.Time
	Version  int64 // 1 when created, one more by each act on it
}

// The pace of a user for whom no other is set, in calls a second.
const (
	DefaultSkrivninger = 50
	DefaultLaesninger  = 100
)

// MostSecrets is how many secrets a user has at a time: one in use, and its successor while the user's systems go over to it.
const MostSecrets = 2

// Grant is a right to write: for a municipality, or for a unit and all below it.
type Grant struct {
	ID         string
	Kommune    int              // the municipality; 0 where the grant names a unit
	Nummer     register.Number  // the unit; empty where the grant names a municipality
	Niveauer   []register.Level // the levels it covers; empty for all
	Ejerformer []int            // the daginstitution's ejerform; empty for all, but [Privat] alone for a unit's
	Fra, Til   Day              // its first and last day; an empty Til has no end

	Givet, Tilbagekaldt     time.Time // when it was given and revoked; the zero time where it was not revoked
	GivetAf, TilbagekaldtAf string
}

// Privat is the ejerform of the institutions that private owners run.
const Privat = 3

// Holds tells whether a grant is in force on a day.
func (g *Grant) Holds(on Day) bool {
	return g.Tilbagekaldt.IsZero() && g.Fra <= on && (g.Til == "" || on <= g.Til)
}

// LogsIn tells whether a user can log in: it is not closed, and one of its secrets holds.
func (u *User) LogsIn(at time.Time) bool {
	return !u.Lukket && slices.ContainsFunc(u.Secrets, func(s Secret) bool { return s.Holds(at) })
}

// Clone gives a copy that shares nothing with u.
func (u *User) Clone() User {
	c := *u
	c.Secrets, c.Grants = slices.Clone(u.Secrets), slices.Clone(u.Grants)
	for i := range c.Grants {
		c.Grants[i].Niveauer, c.Grants[i].Ejerformer = slices.Clone(c.Grants[i].Niveauer), slices.Clone(c.Grants[i].Ejerformer)
	}
	return c
}

// Manages tells whether a caller of role r may act on users of a role: nobody gives a right that they do not have.
func (r Role) Manages(other Role) bool {
	return r == Drift || r == Support && other != Drift && other != Support
}
