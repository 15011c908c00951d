package access

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"time"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// FindingsKept is how long what stood in the way of a refused act is kept with its entry.
const FindingsKept = 90 * 24 * time.Hour

// Entry is one act in the trail: what was refused, or an act on users or numbers. The writes that took effect are in the change log.
type Entry struct {
	ID       string    // unique; entries of one moment sort by it
	Tid      time.Time // UTC, to the millisecond
	Af       register.Actor
	Handling string          // the operation's word, or that of the act: "opret", "import", "adgang/tildel"
	Level    register.Level  // of the unit, where it was about one
	Nummer   register.Number // the unit or number it was about
	Kommune  int             // the municipality it was for, where that is known
	Linje    int             // the line of an import, from 1
	ImportID string
	Bruger   string   // the system user it was about
	Afvist   bool     // it was refused
	Regler   []string // why: "<rule>/<code>" of each finding that stood in the way
	Fund     []byte   // those findings, by [validation.Encode]; empty once they are no longer kept
}

// Trail takes entries.
type Trail interface {
	// AddTrail adds entries to the trail. Entries once added stay as they are. Unavailable where some may not have been added.
	AddTrail(ctx context.Context, entries ...Entry) error
}

// mostFund bounds how many findings of one refused act are kept.
const mostFund = 50

// Refused gives the entry of an act that findings stood in the way of.
func (e Entry) Refused(findings []validation.Finding) Entry {
	e.Afvist = true
	kept := slices.DeleteFunc(slices.Clone(findings), func(f validation.Finding) bool { return f.Severity != validation.Fejl })
	kept = kept[:min(len(kept), mostFund)]
	for _, f := range kept {
		if regel := f.Rule.ID + "/" + f.Kode; !slices.Contains(e.Regler, regel) {
			e.Regler = append(e.Regler, regel)
		}
	}
	e.Fund = validation.Encode(kept)
	return e
}

// NewEntry gives an entry its moment and its id, by which the lines of an import stay in order.
func NewEntry(now time.Time, e Entry) Entry {
	e.ID, e.Tid = fmt.Sprintf("%09d%s", e.Linje, rand.Text()), now.UTC().Truncate(time.Millisecond)
	return e
}
