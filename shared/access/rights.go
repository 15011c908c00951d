package access

import (
	"fmt"
	"slices"
	"time"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// Rights are what a caller may write, at one moment. The zero value allows nothing.
type Rights struct {
	all    bool // to any row
	load   bool // to load rows that exist elsewhere
	rolle  Role
	grants []Grant
	today  Day
	cvr    string
}

// Everything is the rights of a program that holds the store itself.
var Everything = Rights{all: true, load: true}

// Rights gives what a user may write at a moment.
func (u *User) Rights(now time.Time) Rights {
	if u.Forbindelse&Levere == 0 {
		return Rights{}
	}
	r := Rights{rolle: u.Rolle, cvr: u.CVRNummer}
	switch u.Rolle {
	case Drift:
		r.all, r.load = true, true
	case Support:
		r.all = true
	case Leverandoer, Ejer:
		r.grants, r.today = u.Grants, DayOf(now)
	}
	return r
}

// Corrects tells whether what the caller writes is another's to write: that of a municipality or an owner.
func (r *Rights) Corrects() bool { return r.rolle == Drift || r.rolle == Support }

// Missing says which right a write lacks.
type Missing struct {
	Kode  string // "rolle", "indlaes", "kommune", "niveau", "ejerform", "ejer" or "cvr"
	Tekst register.Text
}

// Finding gives what is missing as a finding about a place in what was sent.
func (m *Missing) Finding(pointer string) validation.Finding {
	return validation.Adgang.Finding(pointer, m.Kode, m.Tekst)
}

// Load tells whether rows that exist elsewhere may be loaded; nil where they may.
func (r *Rights) Load() *Missing {
	if r.load {
		return nil
	}
	return &Missing{"indlaes", register.Text{
		Da: "Kun drift må indlæse rækker, der har et nummer i forvejen.",
		En: "Only operators (drift) may load rows that have a number already.",
	}}
}

// Series tells whether the number series may be moved; nil where it may.
func (r *Rights) Series() *Missing {
	if r.load {
		return nil
	}
	return &Missing{"nummerserie", register.Text{
		Da: "Kun drift må flytte nummerserien.",
		En: "Only operators (drift) may move the number series.",
	}}
}

// Ejerform gives that of the daginstitution which a row belongs to.
type Ejerform func(*register.Unit) (int, error)

// Change tells whether a row may go from what it is to what it would become; before is the zero Unit for one that is new. Both must
// be the caller's to write, so a change of municipality takes the right on both sides. was tells the ejerform of before, becomes that of
// after; they are asked only where a grant depends on it. Nil where nothing is missing; the error is theirs.
func (r *Rights) Change(before, after *register.Unit, was, becomes Ejerform) (*Missing, error) {
	if r.all {
		return nil, nil
	}
	if before.Level != 0 {
		if missing, err := r.row(before, was); missing != nil || err != nil {
			return missing, err
		}
		if r.rolle == Ejer && before.AdmKommuneKode != after.AdmKommuneKode {
			return &Missing{"kommune", register.Text{
				Da: "En ejer kan ikke lægge en institution under en anden kommune.",
				En: "An owner cannot have an institution change municipality.",
			}}, nil
		}
	}
	if placed := before.Level == 0 || before.Parent() != after.Parent(); placed && r.rolle == Ejer {
		if missing := r.place(after); missing != nil {
			return missing, nil
		}
	}
	return r.row(after, becomes)
}

// place tells whether an owner may place a row where it stands: below what is its own. A daginstitution stands below nothing, so that an
// owner makes none.
func (r *Rights) place(u *register.Unit) *Missing {
	own := func(g Grant) bool {
		return g.Holds(r.today) && g.Nummer != "" && g.Nummer != u.Number() && (g.Nummer == u.DaginstitutionsNummer || g.Nummer == u.EnhedsNummer)
	}
	if slices.ContainsFunc(r.grants, own) {
		return nil
	}
	return &Missing{"ejer", register.Text{
		Da: "En ejer kan kun lægge en institution under sine egne.",
		En: "An owner can place an institution below its own ones only.",
	}}
}

// row tells whether a row, as it stands or would stand, is the caller's to write.
func (r *Rights) row(u *register.Unit, ejerform Ejerform) (*Missing, error) {
	switch r.rolle {
	case Leverandoer:
		return r.granted(u, ejerform, r.noMunicipality(u), func(g *Grant) bool { return g.Kommune == u.AdmKommuneKode && g.Kommune != 0 })
	case Ejer:
		return r.owned(u, ejerform)
	}
	return &Missing{"rolle", register.Text{
		Da: "Systembrugeren har ikke ret til at levere data.",
		En: "The system user has no right to deliver data.",
	}}, nil
}

func (r *Rights) noMunicipality(u *register.Unit) *Missing {
	return &Missing{"kommune", register.Text{
		Da: fmt.Sprintf("Systembrugeren har ingen bevilling fra kommune %d.", u.AdmKommuneKode),
		En: fmt.Sprintf("The system user has no grant from municipality %d.", u.AdmKommuneKode),
	}}
}

// owned tells whether a row is an owner's own: named by a grant, itself or by a unit above it, and not another's by its CVR number.
func (r *Rights) owned(u *register.Unit, ejerform Ejerform) (*Missing, error) {
	notOwn := &Missing{"ejer", register.Text{
		Da: "Institutionen er ikke blandt ejerens egne.",
		En: "The institution is not among the owner's own.",
	}}
	if u.CVRNummer != "" && u.CVRNummer != r.cvr {
		return &Missing{"cvr", register.Text{
			Da: fmt.Sprintf("CVR-nummer %s er ikke ejerens eget.", u.CVRNummer),
			En: fmt.Sprintf("CVR number %s is not the owner's own.", u.CVRNummer),
		}}, nil
	}
	return r.granted(u, ejerform, notOwn, func(g *Grant) bool {
		return g.Nummer != "" && (g.Nummer == u.DaginstitutionsNummer || g.Nummer == u.EnhedsNummer || g.Nummer == u.AlternativAdresseNummer)
	})
}

// granted tells whether some grant covers a row; about tells which grants are about it, none is what is missing where none is.
func (r *Rights) granted(u *register.Unit, ejerform Ejerform, none *Missing, about func(*Grant) bool) (*Missing, error) {
	missing := none
	var known int
	for i := range r.grants {
		g := &r.grants[i]
		if !about(g) || !g.Holds(r.today) {
			continue
		}
		if len(g.Niveauer) > 0 && !slices.Contains(g.Niveauer, u.Level) {
			if missing == none {
				missing = noLevel(u.Level)
			}
			continue
		}
		narrow := g.narrow()
		if len(narrow) == 0 {
			return nil, nil
		}
		if known == 0 {
			var err error
			if known, err = ejerform(u); err != nil {
				return nil, err
			}
		}
		if slices.Contains(narrow, known) {
			return nil, nil
		}
		missing = noEjerform(known)
	}
	return missing, nil
}

// narrow gives the ejerformer that a grant is limited to.
func (g *Grant) narrow() []int {
	if len(g.Ejerformer) == 0 && g.Nummer != "" {
		return []int{Privat}
	}
	return g.Ejerformer
}

func noLevel(l register.Level) *Missing {
	return &Missing{"niveau", register.Text{
		Da: fmt.Sprintf("Bevillingen dækker ikke niveauet %s.", l),
		En: fmt.Sprintf("The grant does not cover the level %s.", l),
	}}
}

func noEjerform(kode int) *Missing {
	return &Missing{"ejerform", register.Text{
		Da: fmt.Sprintf("Bevillingen dækker ikke ejerform %d.", kode),
		En: fmt.Sprintf("The grant does not cover ejerform %d.", kode),
	}}
}
