// Package accesstest puts system users into the registers of tests, as a person with the data at hand could: no gate asks who does it.
package accesstest

import (
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
)

// Enroll puts a user into a store, and gives the secret to log in with. Without a Forbindelse it has both that its role can have.
func Enroll(t testing.TB, store access.Store, u access.User, now time.Time) (secret string) {
	t.Helper()
	secret, kept := access.NewSecret(now, time.Time{})
	u.Secrets, u.Oprettet, u.Version = append(u.Secrets, kept), now, 1
	if u.Forbindelse == 0 {
		u.Forbindelse = access.Laese
		if u.Rolle != access.Laeser {
			u.Forbindelse |= access.Levere
		}
	}
	if err := store.SaveUser(t.Context(), u, access.NewEntry(now, access.Entry{Handling: "opret", Bruger: u.Navn})); err != nil {
		t.Fatal(err)
	}
	return secret
}
