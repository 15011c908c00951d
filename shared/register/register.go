// Package register says what Dagtilbudsregisteret is: units on three levels, the numbers that name them, the changes they
// go through, and the [Store] that keeps all of it. It is the one package to read first, and it knows the standard library
// only: nothing of HTTP, JSON, DynamoDB or files.
//
// # The tree
//
// A [Daginstitution] has anvisningsenheder, an [Anvisningsenhed] has alternative adresser, an [AlternativAdresse] has nothing
// below it. All three are a [Unit]: one row, whose fields of other levels are zero. A row names its place in the tree by the
// numbers of the units on the way to it, and belongs to the municipality that administers its daginstitution.
//
// # Change
//
// Nothing is ever deleted. Each write is a [Change]: the row before, the row after, why, when and by whom. A change takes the
// next [Position] in the log of its municipality in the same transaction as the row itself, so the log is the history, the
// outbox and the source of the events all at once.
//
// Danish nouns are the data model's own, spelled as the law and the register spell them; all else is English.
package register

import (
	"fmt"
	"time"
)

// Level is one of the register's three levels.
type Level uint8

// The three levels, from the top.
const (
	Daginstitution    Level = 1 + iota // the unit with a parents' board, also called klynge or område
	Anvisningsenhed                    // the place a child is assigned to
	AlternativAdresse                  // a further address below an anvisningsenhed
)

// Levels lists the levels from the top.
var Levels = [...]Level{Daginstitution, Anvisningsenhed, AlternativAdresse}

// String gives the level's name as it stands in JSON: "daginstitution", "anvisningsenhed" or "alternativAdresse".
func (l Level) String() string {
	switch l {
	case Daginstitution:
		return "daginstitution"
	case Anvisningsenhed:
		return "anvisningsenhed"
	case AlternativAdresse:
		return "alternativAdresse"
	}
	return fmt.Sprintf("niveau(%d)", uint8(l))
}

// ParseLevel reads what [Level.String] writes.
func ParseLevel(s string) (Level, bool) {
	for _, l := range Levels {
		if l.String() == s {
			return l, true
		}
	}
	return 0, false
}

// Aktivitetsstatus says whether a unit is in use.
type Aktivitetsstatus uint8

// A unit is Aktiv until it is closed, and Nedlagt for ever after.
const (
	Aktiv Aktivitetsstatus = 1 + iota
	Nedlagt
)

// String gives the status as the data model spells it: "Aktiv" or "Nedlagt".
func (s Aktivitetsstatus) String() string {
	switch s {
	case Aktiv:
		return "Aktiv"
	case Nedlagt:
		return "Nedlagt"
	}
	return ""
}

// ParseAktivitetsstatus reads what [Aktivitetsstatus.String] writes.
func ParseAktivitetsstatus(s string) (Aktivitetsstatus, bool) {
	switch s {
	case "Aktiv":
		return Aktiv, true
	case "Nedlagt":
		return Nedlagt, true
	}
	return 0, false
}

// Grad is a geographic coordinate in WGS84 degrees that may be missing; the zero value is a missing one.
type Grad struct {
	Value float64
	Given bool
}

// Adresse is where a unit lies. VejNavn to ByNavn and KommuneKode are mandatory, the rest may be empty.
type Adresse struct {
	VejNavn           string
	HusNummer         string // may carry a letter, in either case
	Etage             string
	Doer              string
	PostNummer        string // 4 digits
	ByNavn            string
	SupplerendeBynavn string // supplerendeBynavn
	KommuneKode       int    // the municipality it lies in, which may differ from the one that administers it
	DawaID            string // the address' UUID in Danmarks Adresseregister
	GeoBredde         Grad   // latitude
	GeoLaengde        Grad   // longitude
}

// Unit is one row of the register, on any level. It is a plain value: comparable, and owned by whoever holds it.
type Unit struct {
	Level Level

	// AdmKommuneKode is the municipality that administers the unit: the daginstitution's own, and the same on all rows below it.
	AdmKommuneKode int

	// The place in the tree: the numbers from the daginstitution down to the unit itself; those of lower levels are empty.
	DaginstitutionsNummer   Number
	EnhedsNummer            Number
	AlternativAdresseNummer Number

	Navn string // 1-132 characters

	EjerformKode    int // daginstitution only
	LovgrundlagKode int // daginstitution only

	InstType3     int     // anvisningsenhed only
	Email         string  // anvisningsenhed only, at most 132 characters
	TelefonNummer string  // anvisningsenhed only, at most 20 characters
	Adresse       Adresse // anvisningsenhed and alternativ adresse
	CVRNummer     string  // 8 digits; anvisningsenhed and alternativ adresse
	PNummer       string  // 10 digits; anvisningsenhed and alternativ adresse

	Aktivitetsstatus Aktivitetsstatus
	Version          int64     // 1 when created, one more by each change
	Position         Position  // where its latest change stands in the log
	SenestOpdateret  time.Time // when that was, in UTC, to the millisecond
}

// Number is the unit's own number: that of its level.
func (u *Unit) Number() Number {
	switch u.Level {
	case Daginstitution:
		return u.DaginstitutionsNummer
	case Anvisningsenhed:
		return u.EnhedsNummer
	}
	return u.AlternativAdresseNummer
}

// SetNumber gives the unit its own number.
func (u *Unit) SetNumber(n Number) {
	switch u.Level {
	case Daginstitution:
		u.DaginstitutionsNummer = n
	case Anvisningsenhed:
		u.EnhedsNummer = n
	default:
		u.AlternativAdresseNummer = n
	}
}

// Parent is the number of the unit right above, empty for a daginstitution.
func (u *Unit) Parent() Number {
	switch u.Level {
	case Anvisningsenhed:
		return u.DaginstitutionsNummer
	case AlternativAdresse:
		return u.EnhedsNummer
	}
	return ""
}

// PlaceUnder makes parent the unit right above, in the parent's municipality and tree.
func (u *Unit) PlaceUnder(parent *Unit) {
	u.AdmKommuneKode = parent.AdmKommuneKode
	u.DaginstitutionsNummer = parent.DaginstitutionsNummer
	if u.Level == AlternativAdresse {
		u.EnhedsNummer = parent.EnhedsNummer
	}
}

// Below tells whether the unit stands somewhere below the one with number n.
func (u *Unit) Below(n Number) bool {
	return n != u.Number() && (n == u.DaginstitutionsNummer || n == u.EnhedsNummer)
}

// SameContent tells whether two rows say the same of a unit: everything but version, position and time.
func SameContent(a, b Unit) bool {
	a.Version, a.Position, a.SenestOpdateret = b.Version, b.Position, b.SenestOpdateret
	return a == b
}
