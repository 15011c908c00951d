package rest_test

import (
	"encoding/base64"
	"fmt"

	"dagtilbudsregisteret.dk/shared/access"
)

// The users that every test register has, one of each role, and what stands for who does not log in.
const (
	drift, support, leverandoer, ejer, laeser = "drift", "support", "leverandoer", "ejer", "laeser"
	nobody                                    = ""
)

// cast are those users. The vendor writes for every municipality that the tests write in, the owner to the tree of G10000.
func cast() []access.User {
	return []access.User{
		{Navn: drift, Rolle: access.Drift},
		{Navn: support, Rolle: access.Support},
		{Navn: leverandoer, Rolle: access.Leverandoer, Grants: grants(101, 265, 461, 751)},
		{Navn: ejer, Rolle: access.Ejer, CVRNummer: ownCVR, Grants: []access.Grant{{ID: "B1", Nummer: "G10000", Fra: "2026-01-01"}}},
		{Navn: laeser, Rolle: access.Laeser},
	}
}

// ownCVR is the owner's CVR number.
const ownCVR = "12345674"

// grants are those of a vendor, for whole municipalities.
func grants(kommuner ...int) (all []access.Grant) {
	for _, kommune := range kommuner {
		all = append(all, access.Grant{ID: fmt.Sprint("B", kommune), Kommune: kommune, Fra: "2026-01-01"})
	}
	return all
}

// basic is the Authorization header of a login.
func basic(navn, secret string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(navn+":"+secret))
}
