package register

import (
	"strconv"
	"strings"
	"time"
)

// Position is a place in the change log: the municipality, and the change's number there, gap-free from 1. The zero value stands
// before the first change.
type Position struct {
	Kommune int
	Nr      int64
}

// String gives the position as "<kommune>:<nr>".
func (p Position) String() string {
	return strconv.Itoa(p.Kommune) + ":" + strconv.FormatInt(p.Nr, 10)
}

// Positions is how far the whole register has come: one position for each municipality with a log, by rising code.
type Positions []Position

// String gives the positions separated by commas.
func (ps Positions) String() string {
	parts := make([]string, len(ps))
	for i, p := range ps {
		parts[i] = p.String()
	}
	return strings.Join(parts, ",")
}

// Of gives how far a municipality's log had come, 0 where it is not among them.
func (ps Positions) Of(kommune int) int64 {
	for _, p := range ps {
		if p.Kommune == kommune {
			return p.Nr
		}
	}
	return 0
}

// ParsePositions reads what [Positions.String] writes.
func ParsePositions(s string) (ps Positions, ok bool) {
	for part := range strings.SplitSeq(s, ",") {
		kommune, nr, found := strings.Cut(part, ":")
		k, err := strconv.Atoi(kommune)
		n, errNr := strconv.ParseInt(nr, 10, 64)
		if !found || err != nil || errNr != nil || k < 1 || n < 0 || len(ps) > 0 && ps[len(ps)-1].Kommune >= k {
			return nil, false
		}
		ps = append(ps, Position{k, n})
	}
	return ps, true
}

// Head is where a municipality's log ends: its latest change, and when that was made.
type Head struct {
	Position
	Tid time.Time
}

// Art is what a change did.
type Art uint8

// What a change can do to a unit.
const (
	Oprettelse   Art = 1 + iota // created
	Aendring                    // changed
	Flytning                    // moved below another parent
	Nedlaeggelse                // closed
	Indlaesning                 // loaded as it stood elsewhere
)

var arter = [...]string{"", "oprettet", "aendret", "flyttet", "nedlagt", "indlaest"}

// String gives the word that stands in an event's type.
func (a Art) String() string { return arter[a] }

// ParseArt reads what [Art.String] writes.
func ParseArt(s string) (Art, bool) {
	for art := Oprettelse; art <= Indlaesning; art++ {
		if art.String() == s {
			return art, true
		}
	}
	return 0, false
}

// Aarsag is why a change was made.
type Aarsag uint8

// The causes of a change.
const (
	VedKald      Aarsag = 1 + iota // a call about the unit itself
	VedImport                      // a line of an import
	MedForaelder                   // it followed the unit above it
	VedRettelse                    // a correction: operators or support put right what is another's
)

var aarsager = [...]string{"", "kald", "import", "medForaelder", "rettelse"}

// String gives the cause's word.
func (a Aarsag) String() string { return aarsager[a] }

// Actor is who a change is made by and how they reached the register.
type Actor struct {
	User        string // the system user's name; empty where nobody logged in
	Version     ServiceVersion
	Address     string // the network address the call came from
	RequestID   string
	Traceparent string // W3C trace context, when the request had one
}

// ServiceVersion is a version of the services, from 1.
type ServiceVersion uint8

// The service versions.
const (
	V1 ServiceVersion = 1
	V2 ServiceVersion = 2
)

// String gives "v1" or "v2".
func (v ServiceVersion) String() string { return "v" + strconv.Itoa(int(v)) }

// Change is one step in a unit's life. Foer is the zero Unit when it came into being by this change.
type Change struct {
	Position Position
	Sequence int64 // its place in the whole register's order, from 1 and gap-free; 0 while it has none, and where it was not looked up
	Art      Art
	Aarsag   Aarsag
	ImportID string // the import that brought it, the same for all its lines; empty for a single call
	Foer     Unit
	Efter    Unit
	Af       Actor
	Tid      time.Time // UTC, to the millisecond
}

// LeavesKommune tells whether the unit goes from one municipality to another by this change.
func (c *Change) LeavesKommune() bool {
	return c.Foer.Level != 0 && c.Foer.AdmKommuneKode != c.Efter.AdmKommuneKode
}
