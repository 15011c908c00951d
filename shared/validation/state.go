package validation

import (
	"fmt"

	"dagtilbudsregisteret.dk/shared/register"
)

// state checks the write against the rows around it.
func (r *run) state() {
	r.own()
	r.stillOpen()
	r.parent()
	r.below()
}

// own checks the number that the unit itself is to have. A new unit need not state one.
func (r *run) own() {
	n := r.unit.Number()
	if n != "" && (r.w.Operation == Opret || r.w.Operation == Indlaes) {
		r.number(numberPointer(r.unit.Level), n)
	}
}

// number checks that a number is well-formed, and tells whether it is.
func (r *run) number(pointer string, n register.Number) bool {
	if !r.on(Nummer) {
		return true
	}
	if n == "" {
		r.add(missing(Nummer, pointer))
		return false
	}
	if _, ok := register.ParseNumber(string(n)); !ok {
		r.add(Nummer.Finding(pointer, format, fieldText(Nummer, pointer, format, string(n))))
		return false
	}
	return true
}

// NumberMissing is the finding of [Nummer] that a call does not name the unit that it is about.
func NumberMissing(pointer string) Finding { return missing(Nummer, pointer) }

// stillOpen checks that the unit was not closed before. A closed row may be loaded again as it stands.
func (r *run) stillOpen() {
	before := &r.w.Before
	if !r.on(Nedlagt) || !closed(before) || r.w.Operation == Indlaes && register.SameContent(*before, r.w.After) {
		return
	}
	n := before.Number()
	if r.w.Operation == Nedlaeg {
		r.add(Nedlagt.Finding("", "alleredeNedlagt", register.Text{
			Da: fmt.Sprintf("%s er allerede nedlagt.", n),
			En: fmt.Sprintf("%s is closed already.", n),
		}))
		return
	}
	r.add(Nedlagt.Finding("", "nedlagt", register.Text{
		Da: fmt.Sprintf("%s er nedlagt og kan ikke ændres mere.", n),
		En: fmt.Sprintf("%s is closed and can no longer be changed.", n),
	}))
}

// parent checks the place that the unit is to have in the tree.
func (r *run) parent() {
	level := r.unit.Level
	if level != register.Anvisningsenhed && level != register.AlternativAdresse {
		return
	}
	pointer := numberPointer(level - 1)
	// A parent that was found may go by a name that is no number yet: it is to be created in the same transaction.
	if found := r.w.Parent.Level != 0 && r.w.Parent.Number() == r.unit.Parent(); !found && !r.number(pointer, r.unit.Parent()) {
		return
	}
	r.unmoved(pointer)
	if !r.on(Foraelder) {
		return
	}
	n, parent := r.unit.Parent(), &r.w.Parent
	if parent.Level == 0 {
		r.add(Foraelder.Finding(pointer, "ukendt", register.Text{
			Da: fmt.Sprintf("Der findes ingen institution med nummer %s at lægge noget under.", n),
			En: fmt.Sprintf("No institution has the number %s, so nothing can be placed below it.", n),
		}))
		return
	}
	r.parentFits(pointer, parent)
}

// unmoved checks that a change leaves the unit where it is.
func (r *run) unmoved(pointer string) {
	before, after := r.w.Before.Parent(), r.w.After.Parent()
	if !r.on(FlytIStedet) || before == after {
		return
	}
	f := FlytIStedet.Finding(pointer, "flytning", register.Text{
		Da: fmt.Sprintf("Institutionen ligger under %s; brug flyt for at lægge den under %s.", before, after),
		En: fmt.Sprintf("The institution stands below %s; use a move to place it below %s.", before, after),
	})
	f.Nummer = before
	r.add(f)
}

// parentFits checks that the unit above is one that this unit can stand under.
func (r *run) parentFits(pointer string, parent *register.Unit) {
	n := parent.Number()
	if r.on(ForaelderNiveau) && parent.Level != r.unit.Level-1 {
		r.add(about(n, ForaelderNiveau.Finding(pointer, "niveau", register.Text{
			Da: fmt.Sprintf("%s er på niveauet %s. %s", n, parent.Level, ForaelderNiveau.Beskrivelse.Da),
			En: fmt.Sprintf("%s is on the level %s. %s", n, parent.Level, ForaelderNiveau.Beskrivelse.En),
		})))
	}
	if r.on(ForaelderNedlagt) && closed(parent) && !closed(r.unit) {
		r.add(about(n, ForaelderNedlagt.Finding(pointer, "nedlagt", register.Text{
			Da: fmt.Sprintf("%s er nedlagt, så intet aktivt kan lægges under den.", n),
			En: fmt.Sprintf("%s is closed, so nothing active can be placed below it.", n),
		})))
	}
	from, to := r.w.Before.AdmKommuneKode, parent.AdmKommuneKode
	if r.on(FlytningKommune) && r.w.Before.Level != 0 && from != to {
		r.add(about(n, FlytningKommune.Finding(pointer, "andenKommune", register.Text{
			Da: fmt.Sprintf("%s hører under kommune %d, og institutionen under kommune %d. %s", n, to, from, FlytningKommune.Beskrivelse.Da),
			En: fmt.Sprintf("%s belongs to municipality %d, the institution to municipality %d. %s", n, to, from,
				FlytningKommune.Beskrivelse.En),
		})))
	}
}

// below checks that nothing active is left below a unit that closes.
func (r *run) below() {
	if !r.on(AktiveUnderenheder) || r.w.Operation == Indlaes && !closed(&r.w.After) {
		return
	}
	for i := range r.w.Below {
		u := &r.w.Below[i]
		if closed(u) {
			continue
		}
		r.add(about(u.Number(), AktiveUnderenheder.Finding("", "aktiv", register.Text{
			Da: fmt.Sprintf("%s »%s« ligger under institutionen og er stadig aktiv; nedlæg den først.", u.Number(), register.Shown(u.Navn)),
			En: fmt.Sprintf("%s “%s” stands below the institution and is still active; close it first.", u.Number(), register.Shown(u.Navn)),
		})))
	}
}

// about gives the finding with the other unit that it is about.
func about(n register.Number, f Finding) Finding {
	f.Nummer = n
	return f
}

// numberPointer points to the number of the unit of a level.
func numberPointer(l register.Level) string {
	switch l {
	case register.Daginstitution:
		return "/daginstitutionsNummer"
	case register.Anvisningsenhed:
		return "/enhedsNummer"
	}
	return "/alternativAdresseNummer"
}
