package validation

import (
	"strings"
	"unicode"

	"dagtilbudsregisteret.dk/shared/register"
)

// Normalize puts the texts of a unit in the form in which they are checked and stored: without spaces before and after, and the
// dawaId in lower case. Everything between is left as it was sent.
func Normalize(u *register.Unit) {
	a := &u.Adresse
	for _, s := range [...]*string{&u.Navn, &u.Email, &u.TelefonNummer, &u.CVRNummer, &u.PNummer,
		&a.VejNavn, &a.HusNummer, &a.Etage, &a.Doer, &a.PostNummer, &a.ByNavn, &a.SupplerendeBynavn, &a.DawaID} {
		*s = strings.TrimSpace(*s)
	}
	a.DawaID = strings.ToLower(a.DawaID)
}

// maxShown is how many characters of a value a sentence names.
const maxShown = 60

// Shown makes a value fit for a sentence: cut where it is long, and with every character that has no shape replaced.
func Shown(s string) string {
	n := 0
	for i := range s {
		if n++; n > maxShown {
			s = s[:i] + "…"
			break
		}
	}
	return strings.Map(func(c rune) rune {
		if !unicode.IsGraphic(c) {
			return unicode.ReplacementChar
		}
		return c
	}, s)
}
