package access

import "dagtilbudsregisteret.dk/shared/register"

// Need is what a call demands of its caller. Every route states one; the zero value lets nobody in.
type Need uint8

// The needs.
const (
	Ingen      Need = 1 + iota // nothing at all: what a machine asks to see whether the register is there
	AabneData                  // nothing of those who do not log in; of a system user, the right to read
	Proevning                  // nothing of anybody: it says how a write would be answered, and writes nothing
	Skrivning                  // the right to deliver, in a role that writes
	Driftsret                  // operators
	Styring                    // operators and support
	EgetSpor                   // whoever can have left a trail, for its own; operators and support for all
	Indlogning                 // any system user
)

// writes tells whether a call takes from the pace of writing.
func (n Need) writes() bool { return n == Skrivning || n == Driftsret || n == Styring }

// denies gives what a system user lacks for a need; nil where nothing.
func (n Need) denies(u *User) *Missing {
	roles := func(allowed ...Role) *Missing {
		for _, r := range allowed {
			if u.Rolle == r {
				return nil
			}
		}
		return &Missing{"rolle", register.Text{
			Da: "Kaldet er ikke tilladt for systembrugere med rollen " + u.Rolle.String() + ".",
			En: "The call is not allowed to system users of the role " + u.Rolle.String() + ".",
		}}
	}
	switch n {
	case Ingen, Proevning, Indlogning:
		return nil
	case AabneData:
		return u.connects(Laese)
	case Skrivning:
		if missing := roles(Leverandoer, Ejer, Drift, Support); missing != nil {
			return missing
		}
		return u.connects(Levere)
	case Driftsret:
		return roles(Drift)
	case Styring:
		return roles(Drift, Support)
	case EgetSpor:
		return roles(Leverandoer, Ejer, Drift, Support)
	}
	return &Missing{"rolle", register.Text{Da: "Kaldet er ikke tilladt for nogen.", En: "The call is not allowed to anybody."}}
}

func (u *User) connects(c Connection) *Missing {
	switch {
	case u.Forbindelse&c != 0:
		return nil
	case c == Laese:
		return &Missing{"laese", register.Text{
			Da: "Systembrugeren har ikke ret til at læse. Åbne data kan læses uden at logge ind.",
			En: "The system user has no right to read. Open data can be read without logging in.",
		}}
	}
	return &Missing{"levere", register.Text{
		Da: "Systembrugeren har ikke ret til at levere data.",
		En: "The system user has no right to deliver data.",
	}}
}
