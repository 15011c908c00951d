package loading

import (
	"strings"

	"dagtilbudsregisteret.dk/infra/dtr/client"
	"dagtilbudsregisteret.dk/infra/dtr/unitfile"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// task is a row on its way into the register.
type task struct {
	row         *unitfile.Row
	lovgrundlag int
	placed      register.Number // the daginstitution that the register has the row under; empty when it does not have the row
	reserved    register.Number // the number that the row's daginstitution is to have
}

// daginstitution, anvisningsenhed and adresse are the rows' JSON, as far as a file tells.
type daginstitution struct {
	DaginstitutionsNavn string `json:"daginstitutionsNavn"`
	EjerformKode        int    `json:"ejerformKode"`
	LovgrundlagKode     int    `json:"lovgrundlagKode"`
	AdmKommuneKode      int    `json:"admKommuneKode"`
}

type anvisningsenhed struct {
	DaginstitutionsNummer string  `json:"daginstitutionsNummer"`
	EnhedsNavn            string  `json:"enhedsNavn"`
	InstType3             int     `json:"instType3"`
	Adresse               adresse `json:"adresse"`
}

type adresse struct {
	VejNavn     string   `json:"vejNavn"`
	HusNummer   string   `json:"husNummer"`
	PostNummer  string   `json:"postNummer"`
	ByNavn      string   `json:"byNavn"`
	KommuneKode int      `json:"kommuneKode"`
	GeoBredde   *float64 `json:"geoBredde,omitzero"`
	GeoLaengde  *float64 `json:"geoLaengde,omitzero"`
}

// lines gives what is sent for the row: its daginstitution, unless the register has the row already, and the row itself. In a dry run
// the daginstitution has no number, and the register judges as if it issued one.
func (t *task) lines() []client.Line {
	number := string(t.row.Number)
	if t.placed != "" {
		return []client.Line{t.unit(string(t.placed))}
	}
	return []client.Line{{
		Op: validation.Indlaes.String(), Type: register.Daginstitution.String(), Ref: number, Nummer: t.reserved,
		Data: daginstitution{t.row.Navn, t.row.EjerformKode, t.lovgrundlag, t.row.KommuneKode},
	}, t.unit("#" + number)}
}

func (t *task) unit(below string) client.Line {
	r := t.row
	return client.Line{
		Op: validation.Indlaes.String(), Type: register.Anvisningsenhed.String(), Nummer: r.Number,
		Data: anvisningsenhed{below, r.Navn, r.InstType3, adresse{
			r.VejNavn, r.HusNummer, r.PostNummer, r.ByNavn, r.KommuneKode, degrees(r.GeoBredde), degrees(r.GeoLaengde),
		}},
	}
}

func degrees(g register.Grad) *float64 {
	if !g.Given {
		return nil
	}
	return &g.Value
}

// verdict is what became of the lines of one row.
type verdict []client.Verdict

func (v verdict) refused() bool {
	for i := range v {
		if v[i].Refused() {
			return true
		}
	}
	return false
}

// parentPointer is where a unit's line names its daginstitution.
const parentPointer = "/data/daginstitutionsNummer"

// errors gives what stands against the row. That the unit lacks a daginstitution is left out where it is the daginstitution that was
// refused, and what is wrong with both, such as the name they share, is told once.
func (v verdict) errors() []client.Finding {
	var all []client.Finding
	told := make(map[string]bool)
	for i := range v {
		for _, f := range v[i].Errors {
			follows := i > 0 && v[0].Refused() && strings.HasPrefix(f.Pointer, parentPointer)
			if !follows && !told[f.Tekst] {
				all = append(all, f)
				told[f.Tekst] = true
			}
		}
	}
	return all
}

func (v verdict) warnings() []client.Finding {
	var all []client.Finding
	for i := range v {
		all = append(all, v[i].Advarsler...)
	}
	return all
}
