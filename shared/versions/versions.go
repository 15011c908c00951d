// Package versions is the life of the service versions: when each opened, is deprecated and closes, what comes after it, and what
// changed with it.
//
// Days are days in Denmark, and what a day brings it brings with its first moment: a version that closes on 2027-06-01 answered until
// midnight before it. The days are configuration, see [Read]; what changed is told here.
//
// A version that is to come answers already, so that its callers can be made ready for it. One that is deprecated answers as before, and
// says so. One that has closed answers nothing, see [Schedule.Open]; the rows that were written through it stay as they are.
package versions

import (
	"fmt"
	"strings"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/register"
)

// State is how far a version has come in its life.
type State uint8

// The states.
const (
	Kommende  State = 1 + iota // it has not opened
	Aktiv                      // it has, and is not deprecated
	Foraeldet                  // it is deprecated, and answers until it closes
	Lukket                     // it has closed
)

// String gives the state's word, as it stands in JSON.
func (s State) String() string {
	return [...]string{"", "kommende", "aktiv", "foraeldet", "lukket"}[s]
}

// Life is that of one version. A day that is not set is empty, and never comes.
type Life struct {
	Version    register.ServiceVersion
	Opens      access.Day
	Deprecated access.Day
	Closes     access.Day
	Successor  register.ServiceVersion // 0 for none
	Changed    register.Text           // what is new in it, in sentences
}

// Schedule is the lives of the versions, by version. The empty one has no version open, deprecated or close.
type Schedule []Life

// Of gives the life of a version; of one that the schedule does not have, a life without days.
func (s Schedule) Of(v register.ServiceVersion) Life {
	for _, l := range s {
		if l.Version == v {
			return l
		}
	}
	return Life{Version: v}
}

// Open is nil until a version closes, and from then on an error of the kind Gone, which says when that was and what to call instead of a
// path.
func (s Schedule) Open(v register.ServiceVersion, path string, now time.Time) error {
	l := s.Of(v)
	if l.State(now) != Lukket {
		return nil
	}
	gone := &register.Error{Kind: register.Gone, Code: "lukket", Detail: register.Text{
		Da: fmt.Sprintf("Version %s lukkede den %s. /versioner viser, hvad der gælder.", v, l.Closes),
		En: fmt.Sprintf("Version %s closed on %s. /versioner shows what is current.", v, l.Closes),
	}}
	if instead := l.Moved(path); instead != "" {
		gone.Detail = register.Text{
			Da: fmt.Sprintf("Version %s lukkede den %s. Kald %s i stedet; /versioner viser, hvad der er ændret.", v, l.Closes, instead),
			En: fmt.Sprintf("Version %s closed on %s. Call %s instead; /versioner shows what has changed.", v, l.Closes, instead),
		}
	}
	return gone
}

// State gives how far a version has come at a moment.
func (l *Life) State(at time.Time) State {
	today := access.DayOf(at)
	reached := func(d access.Day) bool { return d != "" && d <= today }
	switch {
	case reached(l.Closes):
		return Lukket
	case reached(l.Deprecated):
		return Foraeldet
	case l.Opens == "" || reached(l.Opens):
		return Aktiv
	}
	return Kommende
}

// What the paths of the protocols begin with: their prefix, "/" and the version.
var (
	prefixes     = [...]string{"", "/soap"} // of REST, and of SOAP
	soapServices = [...]string{"ImportService", "ExportService"}
)

// RESTPath gives what the version's paths of the REST protocol begin with, such as "/v1".
func (l *Life) RESTPath() string { return "/" + l.Version.String() }

// SOAPPaths gives the version's paths of the SOAP protocol, such as "/soap/v1/ImportService".
func (l *Life) SOAPPaths() (paths []string) {
	for _, service := range soapServices {
		paths = append(paths, "/soap/"+l.Version.String()+"/"+service)
	}
	return paths
}

// Moved gives the path under the version's successor that answers for one of its own; "" where there is none.
func (l *Life) Moved(path string) string {
	if l.Successor == 0 {
		return ""
	}
	for _, prefix := range prefixes {
		if rest, own := strings.CutPrefix(path, prefix+"/"+l.Version.String()+"/"); own {
			return prefix + "/" + l.Successor.String() + "/" + rest
		}
	}
	return ""
}
