package rest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/exporting"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// copyJSON is what there is of a municipality: how many units, and the hash of their numbers and versions.
type copyJSON struct {
	AdmKommuneKode int    `json:"admKommuneKode"`
	Antal          int    `json:"antal"`
	Hash           string `json:"hash"`
}

// own answers what the register has of each municipality, at its position.
func (e *exchange) own() error {
	var kommune int
	if findings := e.readQuery(map[string]func(string) bool{"admKommuneKode": coded(&e.api.Tables.Kommuner, &kommune)}); len(findings) > 0 {
		return e.refuse(findings)
	}
	own, err := e.copies(kommune)
	if err != nil {
		return err
	}
	shown := []copyJSON{}
	for _, c := range own {
		shown = append(shown, copyJSON{c.Kommune, c.Antal, c.Hash})
	}
	return e.marshal(map[string]any{"kommuner": shown})
}

// copies gives the register's own, and says at which position, and where the feed goes on from it.
func (e *exchange) copies(kommune int) ([]exporting.Copy, error) {
	at, err := e.present(exporting.In{Kommune: kommune})
	if err != nil {
		return nil, err
	}
	e.W.Header().Set("Registerposition", at.String())
	return e.api.Exporting.Own(e.R.Context(), at)
}

// comparedJSON is the outcome for one municipality. Where the caller said no more than count and hash, and they differ, enheder is what
// the register has, so that the caller can see for itself.
type comparedJSON struct {
	copyJSON
	Ens       bool                      `json:"ens"`
	Forskelle []differenceJSON          `json:"forskelle,omitempty"`
	Enheder   map[register.Number]int64 `json:"enheder,omitempty"`
}

// differenceJSON is a unit that is not the same on both sides; a version that is left out is that of a unit which is not there.
type differenceJSON struct {
	Nummer    register.Number `json:"nummer"`
	HosDig    int64           `json:"hosDig,omitzero"`
	IRegister int64           `json:"iRegisteret,omitzero"`
}

// compare holds a caller's copies against the register: equal, or which numbers differ. Only the municipalities that the caller names are
// compared; those that the register has besides are listed.
func (e *exchange) compare() error {
	body, findings := e.body()
	var theirs []exporting.Copy
	if len(findings) == 0 {
		findings = decodeObject(body, []field{{"kommuner", copies(&e.api.Tables.Kommuner, &theirs)}})
	}
	if len(findings) > 0 {
		return e.refuse(findings)
	}
	own, err := e.copies(0)
	if err != nil {
		return err
	}
	answer := comparison{Ens: true, Kommuner: []comparedJSON{}}
	for i := range theirs {
		compared := compareOne(&theirs[i], own)
		answer.Ens = answer.Ens && compared.Ens
		answer.Kommuner = append(answer.Kommuner, compared)
	}
	for _, c := range own {
		if !slices.ContainsFunc(theirs, func(t exporting.Copy) bool { return t.Kommune == c.Kommune }) {
			answer.IkkeNaevnt = append(answer.IkkeNaevnt, c.Kommune)
		}
	}
	return e.marshal(answer)
}

type comparison struct {
	Ens        bool           `json:"ens"`
	Kommuner   []comparedJSON `json:"kommuner"`
	IkkeNaevnt []int          `json:"ikkeNaevnt,omitempty"`
}

// compareOne holds one municipality of the caller's against the register's.
func compareOne(their *exporting.Copy, all []exporting.Copy) comparedJSON {
	own := exporting.Copy{Kommune: their.Kommune, Hash: exporting.Sum(nil)}
	if i := slices.IndexFunc(all, func(c exporting.Copy) bool { return c.Kommune == their.Kommune }); i >= 0 {
		own = all[i]
	}
	compared := comparedJSON{copyJSON: copyJSON{own.Kommune, own.Antal, own.Hash}}
	switch {
	case their.Enheder != nil:
		for _, d := range exporting.Differences(their.Enheder, own.Enheder) {
			compared.Forskelle = append(compared.Forskelle, differenceJSON{d.Nummer, d.Hos, d.IRegister})
		}
		compared.Ens = len(compared.Forskelle) == 0
	case their.Antal == own.Antal && strings.EqualFold(cmp.Or(their.Hash, exporting.Sum(nil)), own.Hash):
		compared.Ens = true
	default:
		compared.Enheder = own.Enheder
	}
	return compared
}

// copies reads a list of what the caller has of municipalities that there are.
func copies(known *codes.Table, to *[]exporting.Copy) func(*decoding) {
	return func(d *decoding) {
		d.list("", func(d *decoding) bool {
			var c exporting.Copy
			before := len(d.findings)
			d.object([]field{{"admKommuneKode", whole(&c.Kommune)}, {"antal", whole(&c.Antal)}, {"hash", text(&c.Hash)}, {"enheder", versionsOf(&c)}})
			if _, there := known.Lookup(c.Kommune); !there && len(d.findings) == before {
				d.add(validation.ForkertType, "/admKommuneKode", "kommune", register.Text{
					Da: fmt.Sprintf("%d er ikke en kommunekode. Koderne står i /v2/kodetabeller/kommuner.", c.Kommune),
					En: fmt.Sprintf("%d is not the code of a municipality. The codes are in /v2/kodetabeller/kommuner.", c.Kommune),
				})
			}
			*to = append(*to, c)
			return true
		})
	}
}

// versionsOf reads an object of versions by number.
func versionsOf(c *exporting.Copy) func(*decoding) {
	return func(d *decoding) {
		c.Enheder = make(map[register.Number]int64)
		d.members(func(name string) {
			var version int64
			before := len(d.findings)
			whole(&version)(d)
			if _, ok := register.ParseNumber(name); !ok || version < 1 && len(d.findings) == before {
				d.add(validation.ForkertType, "", "version", register.Text{
					Da: "Her skal stå et nummer og dets version.", En: "This must be a number and its version.",
				})
			}
			c.Enheder[register.Number(name)] = version
		})
	}
}
