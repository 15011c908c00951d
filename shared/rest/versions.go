package rest

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/granting"
	"dagtilbudsregisteret.dk/shared/register"
)

// versionJSON is the life of a service version.
type versionJSON struct {
	Version    string     `json:"version"`
	Tilstand   string     `json:"tilstand"`
	Aabnet     access.Day `json:"aabnet,omitempty"`
	Foraeldet  access.Day `json:"foraeldet,omitempty"`
	Lukker     access.Day `json:"lukker,omitempty"`
	Afloeser   string     `json:"afloeser,omitempty"`
	REST       string     `json:"rest"`
	SOAP       []string   `json:"soap"`
	Aendringer string     `json:"aendringer"`
}

// versions lists the service versions: which are current, and when each closes.
func (e *exchange) versions() error {
	shown := []versionJSON{}
	for _, l := range e.api.Versions {
		one := versionJSON{
			Version: l.Version.String(), Tilstand: l.State(e.api.Now()).String(), Aabnet: l.Opens, Foraeldet: l.Deprecated, Lukker: l.Closes,
			REST: l.RESTPath(), SOAP: l.SOAPPaths(), Aendringer: e.Language.Of(l.Changed),
		}
		if l.Successor != 0 {
			one.Afloeser = l.Successor.String()
		}
		shown = append(shown, one)
	}
	return e.marshal(map[string]any{"versioner": shown})
}

// usualDays is how many days of calls are answered where it is not said from when.
const usualDays = 30

// useJSON is how a system user called through a version.
type useJSON struct {
	Navn    string       `json:"navn"`
	Kald    int64        `json:"kald"`
	Senest  time.Time    `json:"senest"`
	Metoder []methodJSON `json:"metoder"`
}

type methodJSON struct {
	Metode string `json:"metode"`
	Kald   int64  `json:"kald"`
}

// calls answers who called through a service version in a period, which methods, how often, and when last. Only of versions that have a
// successor is it counted, so of others nothing is said.
func (e *exchange) calls() error {
	version, today := register.V1, access.DayOf(e.api.Now())
	var from, to access.Day
	findings := e.readQuery(map[string]func(string) bool{
		"version": func(s string) (ok bool) { version, ok = e.versionNamed(s); return ok },
		"fra":     dayOf(&from),
		"til":     dayOf(&to),
	})
	to = cmp.Or(to, today)
	from = cmp.Or(from, to.After(-usualDays))
	if len(findings) == 0 && (from > to || from.After(granting.MostDays) <= to) {
		findings = append(findings, invalid("periode", "fra skal ligge før eller på til, og højst 366 dage ad gangen.",
			"fra must be before or on til, and no more than 366 days at a time.")...)
	}
	if version != 0 && e.api.Versions.Of(version).Successor == 0 {
		findings = append(findings, invalid("afloeser", fmt.Sprintf("Kald tælles kun af versioner, der har en afløser; %s har ingen.", version),
			fmt.Sprintf("Calls are counted of versions with a successor only; %s has none.", version))...)
	}
	if len(findings) > 0 {
		return e.refuse(findings)
	}
	uses, err := e.api.Granting.Calls(e.R.Context(), version, from, to)
	if err != nil {
		return err
	}
	shown := []useJSON{}
	for i := range uses {
		shown = append(shown, useOf(&uses[i]))
	}
	return e.private(http.StatusOK, struct {
		Version string     `json:"version"`
		Fra     access.Day `json:"fra"`
		Til     access.Day `json:"til"`
		Brugere []useJSON  `json:"brugere"`
	}{version.String(), from, to, shown})
}

// versionNamed gives the version that is called by a word.
func (e *exchange) versionNamed(word string) (register.ServiceVersion, bool) {
	for _, l := range e.api.Versions {
		if l.Version.String() == word {
			return l.Version, true
		}
	}
	return 0, false
}

// dayOf reads a parameter that is a day.
func dayOf(to *access.Day) func(string) bool {
	return func(s string) (ok bool) { *to, ok = access.ParseDay(s); return ok }
}

// useOf shows the methods that are called most first.
func useOf(u *granting.Use) useJSON {
	shown := useJSON{u.Navn, u.Kald, u.Senest, []methodJSON{}}
	for method, n := range u.Metoder {
		shown.Metoder = append(shown.Metoder, methodJSON{method, n})
	}
	slices.SortFunc(shown.Metoder, func(a, b methodJSON) int {
		return cmp.Or(cmp.Compare(b.Kald, a.Kald), strings.Compare(a.Metode, b.Metode))
	})
	return shown
}
