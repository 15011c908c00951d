package register

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// Kind is what a caller can do about an error. Each protocol maps kinds to its own words in one place.
type Kind uint8

// The kinds. An error that carries none of them is Internal: nothing of it is shown, all of it is logged.
const (
	Internal    Kind = iota
	Malformed        // the request cannot be read: correct it
	Invalid          // the request can be read but breaks a rule: correct it
	NotFound         // there is no such thing
	Conflict         // the register's state stands in the way: look, then decide
	Stale            // the row has changed since it was read: read it again
	Missing          // a precondition must be stated: read the row, then send its version
	TooLarge         // send less
	Reused           // an idempotency key was used for something else: take a new key
	Exhausted        // no number is left to issue: operators must configure the next letter
	Unavailable      // try again later; nothing is known to have been written

	Unauthenticated // who calls is not known: log in
	Forbidden       // who calls may not do this: have the right granted
	Limited         // calls come too fast: wait

	Gone // the service version has closed: call its successor
)

var kinds = [...]string{"internal", "malformed", "invalid", "not found", "conflict", "stale", "precondition missing", "too large",
	"reused key", "exhausted", "unavailable", "unauthenticated", "forbidden", "limited", "gone"}

// String gives the kind in English, for logs.
func (k Kind) String() string { return kinds[k] }

// Kinds lists every kind there is.
func Kinds() []Kind {
	all := make([]Kind, len(kinds))
	for i := range all {
		all[i] = Kind(i)
	}
	return all
}

// Text is a sentence for people, in both of the register's languages.
type Text struct{ Da, En string }

// maxShown is how many characters of a value a sentence names.
const maxShown = 60

// Shown makes a value fit for a sentence: cut where it is long, and with every character that has no shape replaced.
func Shown(s string) string {
	n := 0
	for i := range s {
		if n++; n > maxShown {
			s = s[:i] + "…"
			break
		}
	}
	return strings.Map(func(c rune) rune {
		if !unicode.IsGraphic(c) {
			return unicode.ReplacementChar
		}
		return c
	}, s)
}

// Error is the one error type of the register: a kind to act on, a detail that may be shown, and a cause for the log.
type Error struct {
	Kind   Kind
	Code   string // what exactly is wrong, where a program can act on it; else empty
	Detail Text
	Cause  error
}

// Error gives the English detail and the cause, for logs.
func (e *Error) Error() string {
	s := e.Kind.String()
	if e.Detail.En != "" {
		s += ": " + e.Detail.En
	}
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// KindOf gives the kind of the first [Error] in err's chain, and Internal where there is none.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// Unknown is the NotFound error for a number that no unit carries.
func Unknown(n Number) error {
	return &Error{Kind: NotFound, Detail: Text{
		Da: fmt.Sprintf("Der findes ingen institution med nummer %s.", n),
		En: fmt.Sprintf("No institution has the number %s.", n),
	}}
}

// UsedUp is the Exhausted error of a series that has no numbers left.
func UsedUp() error {
	return &Error{Kind: Exhausted, Detail: Text{Da: "Nummerserien er brugt op.", En: "The number series is used up."}}
}
