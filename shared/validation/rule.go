package validation

import (
	"slices"

	"dagtilbudsregisteret.dk/shared/register"
)

// Severity says whether a finding stops a write.
type Severity uint8

// The severities.
const (
	Fejl     Severity = 1 + iota // an error: nothing is written
	Advarsel                     // a warning: the write takes effect all the same
)

// String gives "fejl" or "advarsel".
func (s Severity) String() string { return [...]string{"", "fejl", "advarsel"}[s] }

// Operation is what is done to a unit.
type Operation uint8

// The operations.
const (
	Opret    Operation = 1 + iota // create
	Ret                           // change
	Flyt                          // move below another parent
	Nedlaeg                       // close
	Indlaes                       // load as it stood elsewhere, under the number it had
	Eftersyn                      // re-check what is stored; nobody asks for it in a write
)

var operationer = [...]string{"", "opret", "ret", "flyt", "nedlaeg", "indlaes", "eftersyn"}

// String gives the operation's word, as it stands in an import line.
func (o Operation) String() string { return operationer[o] }

// ParseOperation reads the word of an operation that can be asked for, which is every one but [Eftersyn].
func ParseOperation(s string) (Operation, bool) {
	for o := Opret; o < Eftersyn; o++ {
		if o.String() == s {
			return o, true
		}
	}
	return 0, false
}

// Rule is one thing that the register holds rows and requests to. [Rules] lists them all.
type Rule struct {
	ID          string                  // stable for ever: stored findings and vendors' programs go by it
	Severity    Severity                // of its findings; those of [Krydsvalidering] are warnings under [Indlaes]
	Kind        register.Kind           // of the error its findings make
	FraVersion  register.ServiceVersion // the first service version that has the rule
	Niveauer    []register.Level        // the levels it is about
	Operationer []Operation             // the operations it is about
	Beskrivelse register.Text           // what it demands, as a sentence
	Lov         string                  // its legal basis, or "Datamodel: …" for one of the data model's, in Danish
}

// Gaelder tells whether the rule applies to an operation on a level through a service version.
func (r *Rule) Gaelder(o Operation, l register.Level, v register.ServiceVersion) bool {
	return v >= r.FraVersion && slices.Contains(r.Operationer, o) && slices.Contains(r.Niveauer, l)
}

// Finding makes a finding of the rule, of the rule's severity, with no fixes and about no other unit.
func (r *Rule) Finding(pointer, kode string, tekst register.Text) Finding {
	return Finding{Rule: r, Severity: r.Severity, Kode: kode, Pointer: pointer, Tekst: tekst}
}
