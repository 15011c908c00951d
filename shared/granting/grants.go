package granting

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strconv"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// Rotate gives a user a further secret, which is shown here and never again. The one it had goes on until it is revoked; there are
// never more than two. The zero expires is never.
func (s *Service) Rotate(ctx context.Context, by By, navn string, expires time.Time) (u access.User, secret string, _ []validation.Finding, err error) {
	var kept access.Secret
	u, findings, err := s.change(ctx, by, NyHemmelighed, navn, func(a *act, u *access.User) {
		u.Secrets = slices.DeleteFunc(u.Secrets, func(old access.Secret) bool { return !old.Holds(a.now) })
		if len(u.Secrets) >= access.MostSecrets {
			a.find(validation.SystembrugerTilstand, "", "toHemmeligheder", fmt.Sprintf("%s har allerede to hemmeligheder; tilbagekald den gamle først.", navn),
				fmt.Sprintf("%s has two secrets already; revoke the old one first.", navn))
		}
		if !expires.IsZero() && !expires.After(a.now) {
			a.find(validation.Systembruger, "/udloeber", "udloeb", "udloeber skal ligge i fremtiden.", "udloeber must lie in the future.")
		}
		secret, kept = access.NewSecret(a.now, expires.UTC().Truncate(time.Millisecond))
		u.Secrets = append(u.Secrets, kept)
	})
	if u.Version == 0 {
		return u, "", findings, err
	}
	return u, secret, findings, nil
}

// RevokeSecret ends one of a user's secrets. The last one that lets the last operator in cannot be revoked.
func (s *Service) RevokeSecret(ctx context.Context, by By, navn, id string) (access.User, []validation.Finding, error) {
	last, err := s.lastOperator(ctx, navn)
	if err != nil {
		return access.User{}, nil, err
	}
	return s.change(ctx, by, FjernHemmelighed, navn, func(a *act, u *access.User) {
		before := len(u.Secrets)
		u.Secrets = slices.DeleteFunc(u.Secrets, func(s access.Secret) bool { return s.ID == id })
		switch {
		case len(u.Secrets) == before:
			a.unknown("hemmelighed", fmt.Sprintf("%s har ingen hemmelighed med det id.", navn), fmt.Sprintf("%s has no secret of that id.", navn))
		case last && !u.LogsIn(a.now):
			a.find(validation.SystembrugerTilstand, "", "sidsteDrift", fmt.Sprintf("%s er den sidste aktive driftsbruger.", navn),
				fmt.Sprintf("%s is the last active operator.", navn))
		}
	})
}

// mostGrants keeps a user within what a record may hold.
const mostGrants = 1000

// Grant gives a vendor the right to write for a municipality, or an owner the right to write to a unit and all below it. The grant's
// id, and when and by whom it was given, are filled in here; without a first day it begins today.
func (s *Service) Grant(ctx context.Context, by By, navn string, g access.Grant) (access.User, access.Grant, []validation.Finding, error) {
	u, findings, err := s.change(ctx, by, Bevilg, navn, func(a *act, u *access.User) {
		a.entry.Kommune = g.Kommune
		a.entry.Nummer, _ = register.ParseNumber(string(g.Nummer)) // what is no number is repeated nowhere
		g.Niveauer, g.Ejerformer = once(g.Niveauer), once(g.Ejerformer)
		g.ID, g.Givet, g.GivetAf = rand.Text()[:8], a.now, by.Actor.User
		if g.Fra == "" {
			g.Fra = access.DayOf(a.now)
		}
		a.fits(u.Rolle, &g)
		a.period(&g)
		if len(u.Grants) >= mostGrants {
			a.find(validation.SystembrugerTilstand, "", "bevillinger", fmt.Sprintf("En systembruger har højst %d bevillinger.", mostGrants),
				fmt.Sprintf("A system user has %d grants at most.", mostGrants))
		}
		u.Grants = append(u.Grants, g)
	})
	return u, g, findings, err
}

// fits checks that a grant is one that the role can have, about what there is.
func (a *act) fits(r access.Role, g *access.Grant) {
	switch {
	case r == access.Leverandoer && g.Nummer == "":
		if !listed(&a.Tables.Kommuner, g.Kommune) {
			a.find(validation.Systembruger, "/admKommuneKode", "kommune", fmt.Sprintf("Der er ingen kommune med koden %d.", g.Kommune),
				fmt.Sprintf("There is no municipality with the code %d.", g.Kommune))
		}
	case r == access.Ejer && g.Kommune == 0:
		if _, ok := register.ParseNumber(string(g.Nummer)); !ok {
			a.find(validation.Systembruger, "/nummer", "nummer", validation.Nummer.Beskrivelse.Da, validation.Nummer.Beskrivelse.En)
		}
	default:
		a.find(validation.Systembruger, "", "bevilling", "En leverandør får bevilling for en kommune (admKommuneKode), en ejer for en institution (nummer); andre roller får ingen.",
			"A vendor is granted a municipality (admKommuneKode), an owner an institution (nummer); other roles are granted nothing.")
	}
	for i, kode := range g.Ejerformer {
		if !listed(&a.Tables.Ejerformer, kode) {
			a.find(validation.Systembruger, "/ejerformer/"+strconv.Itoa(i), "ejerform", fmt.Sprintf("Der er ingen ejerform %d.", kode),
				fmt.Sprintf("There is no ejerform %d.", kode))
		}
	}
}

// once gives values in order, each once.
func once[T cmp.Ordered](values []T) []T { return slices.Compact(slices.Sorted(slices.Values(values))) }

func listed(t *codes.Table, kode int) bool {
	_, ok := t.Lookup(kode)
	return ok
}

// period checks a grant's days.
func (a *act) period(g *access.Grant) {
	for _, d := range []struct {
		pointer string
		day     access.Day
	}{{"/fra", g.Fra}, {"/til", g.Til}} {
		if _, ok := access.ParseDay(string(d.day)); !ok && d.day != "" {
			a.find(validation.Systembruger, d.pointer, "dato", "En dato skrives som 2027-01-31.", "A date is written like 2027-01-31.")
			return
		}
	}
	if g.Til != "" && g.Til < g.Fra {
		a.find(validation.Systembruger, "/til", "periode", "til ligger før fra.", "til lies before fra.")
	}
}

// Revoke ends a grant at once. It stays on record as revoked.
func (s *Service) Revoke(ctx context.Context, by By, navn, id string) (access.User, []validation.Finding, error) {
	return s.change(ctx, by, TilbagekaldGrant, navn, func(a *act, u *access.User) {
		i := slices.IndexFunc(u.Grants, func(g access.Grant) bool { return g.ID == id && g.Tilbagekaldt.IsZero() })
		if i < 0 {
			a.unknown("bevilling", fmt.Sprintf("%s har ingen bevilling med det id, der gælder.", navn), fmt.Sprintf("%s has no grant of that id in force.", navn))
			return
		}
		g := &u.Grants[i]
		g.Tilbagekaldt, g.TilbagekaldtAf = a.now, by.Actor.User
		a.entry.Kommune, a.entry.Nummer = g.Kommune, g.Nummer
	})
}
