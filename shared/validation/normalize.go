package validation

import (
	"strings"

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
