package validation

import (
	"fmt"
	"strings"

	"dagtilbudsregisteret.dk/shared/register"
)

// warnings looks for what is worth a thought but stops nothing. Closed rows give none.
func (r *run) warnings() {
	if closed(r.unit) {
		return
	}
	if r.on(PNummerMangler) && r.unit.PNummer == "" {
		r.add(missing(PNummerMangler, "/pNummer"))
	}
	if r.on(MuligDublet) {
		r.duplicates()
	}
	if r.on(DaginstitutionUdenEnheder) && !r.hasUnits() {
		n := r.unit.Number()
		r.add(DaginstitutionUdenEnheder.Finding("", "ingenEnheder", register.Text{
			Da: fmt.Sprintf("%s har ingen aktiv anvisningsenhed.", n),
			En: fmt.Sprintf("%s has no active anvisningsenhed.", n),
		}))
	}
}

// mostDuplicates is how many look-alikes a warning names: enough to look into.
const mostDuplicates = 5

// duplicates warns of namesakes at the same address. Daginstitutioner have no address, and are never taken for each other.
func (r *run) duplicates() {
	named := 0
	for i := range r.w.Namesakes {
		other := &r.w.Namesakes[i]
		if !lookAlike(r.unit, other) {
			continue
		}
		if named++; named > mostDuplicates {
			return
		}
		n := other.Number()
		r.add(about(n, MuligDublet.Finding(navnPointer(r.unit.Level), "sammeNavnOgAdresse", register.Text{
			Da: fmt.Sprintf("%s »%s« har samme navn og samme adresse.", n, register.Shown(other.Navn)),
			En: fmt.Sprintf("%s “%s” has the same name and the same address.", n, register.Shown(other.Navn)),
		})))
	}
}

// lookAlike tells whether two units are likely the same one under two numbers.
func lookAlike(u, other *register.Unit) bool {
	a, b := &u.Adresse, &other.Adresse
	return u.Number() != other.Number() && u.Level == other.Level && u.AdmKommuneKode == other.AdmKommuneKode && !closed(other) &&
		a.PostNummer == b.PostNummer && strings.EqualFold(a.VejNavn, b.VejNavn) && strings.EqualFold(a.HusNummer, b.HusNummer) &&
		register.NameKey(u.Navn) == register.NameKey(other.Navn)
}

// hasUnits tells whether an active anvisningsenhed stands below.
func (r *run) hasUnits() bool {
	for i := range r.w.Below {
		if u := &r.w.Below[i]; u.Level == register.Anvisningsenhed && !closed(u) {
			return true
		}
	}
	return false
}
