package granting

import (
	"context"
	"fmt"
	"slices"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// Settings are what may be said of a user, and changed later.
type Settings struct {
	Beskrivelse string
	CVRNummer   string            // of an ejer
	Forbindelse access.Connection // 0 for what the role needs
	Skrivninger int
	Laesninger  int
}

// longestBeskrivelse is in characters.
const longestBeskrivelse = 200

// mostPace is beyond what anybody needs; who has no limit has 0.
const mostPace = 100_000

// Create makes a user with a first secret, which is shown here and never again.
func (s *Service) Create(ctx context.Context, by By, navn string, rolle access.Role, set Settings) (
	u access.User, secret string, _ []validation.Finding, err error) {
	return s.create(ctx, s.act(by, Opret, navn), rolle, set)
}

func (s *Service) create(ctx context.Context, a *act, rolle access.Role, set Settings) (
	u access.User, secret string, findings []validation.Finding, err error) {
	navn := a.navn
	if !access.ValidNavn(navn) {
		a.find(validation.Systembruger, "/navn", "navn", "Et navn er 2-40 små bogstaver a-z, cifre, bindestreger og punktummer, med bogstav eller ciffer yderst.",
			"A name is 2-40 small letters a-z, digits, hyphens and full stops, with a letter or digit at each end.")
	} else if _, err := s.Store.User(ctx, navn); err == nil {
		a.find(validation.SystembrugerTilstand, "/navn", "navnOptaget", fmt.Sprintf("Navnet %s er givet til en anden.", navn),
			fmt.Sprintf("The name %s has been given to another.", navn))
	} else if register.KindOf(err) != register.NotFound {
		return u, "", nil, err
	}
	if rolle == 0 {
		a.find(validation.Systembruger, "/rolle", "rolle", "Rollen er laeser, leverandoer, ejer, drift eller support.",
			"The role is laeser, leverandoer, ejer, drift or support.")
	} else {
		a.mayManage(rolle)
	}
	u = access.User{Navn: navn, Rolle: rolle, Oprettet: a.now}
	a.settle(&u, set)
	secret, kept := access.NewSecret(a.now, time.Time{})
	u.Secrets = []access.Secret{kept}
	if u, findings, err = a.save(ctx, u); u.Version == 0 {
		return u, "", findings, err
	}
	return u, secret, findings, nil
}

// settle gives a user its settings, and finds what is wrong with them.
func (a *act) settle(u *access.User, set Settings) {
	if set.Forbindelse == 0 {
		set.Forbindelse = access.Laese
		if u.Rolle != access.Laeser {
			set.Forbindelse |= access.Levere
		}
	}
	if u.Rolle == access.Laeser && set.Forbindelse&access.Levere != 0 {
		a.find(validation.Systembruger, "/forbindelser", "laeser", "En læser kan ikke få ret til at levere.", "A reader cannot have the right to deliver.")
	}
	if n := len([]rune(set.Beskrivelse)); n > longestBeskrivelse {
		a.find(validation.Systembruger, "/beskrivelse", "forLang", fmt.Sprintf("Beskrivelsen er %d tegn; den må højst være %d.", n, longestBeskrivelse),
			fmt.Sprintf("The description is %d characters; it may be %d at most.", n, longestBeskrivelse))
	}
	switch {
	case u.Rolle == access.Ejer && !eightDigits(set.CVRNummer):
		a.find(validation.Systembruger, "/cvrNummer", "cvr", "En ejer skal have et CVR-nummer på 8 cifre.", "An owner must have a CVR number of 8 digits.")
	case u.Rolle != access.Ejer && set.CVRNummer != "":
		a.find(validation.Systembruger, "/cvrNummer", "cvr", "Kun en ejer har et CVR-nummer.", "Only an owner has a CVR number.")
	}
	for _, p := range []struct {
		pointer string
		value   int
	}{{"/skrivninger", set.Skrivninger}, {"/laesninger", set.Laesninger}} {
		if p.value < 0 || p.value > mostPace {
			a.find(validation.Systembruger, p.pointer, "graense", fmt.Sprintf("En grænse er fra 0, ubegrænset, til %d i sekundet.", mostPace),
				fmt.Sprintf("A limit is from 0, none, to %d a second.", mostPace))
		}
	}
	u.Beskrivelse, u.CVRNummer, u.Forbindelse = set.Beskrivelse, set.CVRNummer, set.Forbindelse
	u.Skrivninger, u.Laesninger = set.Skrivninger, set.Laesninger
}

func eightDigits(s string) bool {
	return len(s) == 8 && !slices.ContainsFunc([]byte(s), func(c byte) bool { return c < '0' || c > '9' })
}

// Change gives a user other settings. expect lists the versions the caller goes by; empty means any.
func (s *Service) Change(ctx context.Context, by By, navn string, expect []int64, set Settings) (access.User, []validation.Finding, error) {
	return s.change(ctx, by, Ret, navn, func(a *act, u *access.User) {
		if len(expect) > 0 && !slices.Contains(expect, u.Version) {
			a.find(validation.ForaeldetVersion, "", "andenVersion", fmt.Sprintf("%s er nu version %d. Hent systembrugeren igen.", navn, u.Version),
				fmt.Sprintf("%s is at version %d now. Read the system user again.", navn, u.Version))
		}
		a.settle(u, set)
	})
}

// Close shuts a user out, until it is reopened. The last operator cannot be shut out; were the last two shut out at the same moment by
// each other, [Service.Bootstrap] makes a new one.
func (s *Service) Close(ctx context.Context, by By, navn string) (access.User, []validation.Finding, error) {
	last, err := s.lastOperator(ctx, navn)
	if err != nil {
		return access.User{}, nil, err
	}
	return s.change(ctx, by, Luk, navn, func(a *act, u *access.User) {
		if last {
			a.find(validation.SystembrugerTilstand, "", "sidsteDrift", fmt.Sprintf("%s er den sidste aktive driftsbruger.", navn),
				fmt.Sprintf("%s is the last active operator.", navn))
		}
		u.Lukket = true
	})
}

// Reopen lets a user in again, with the secrets it had.
func (s *Service) Reopen(ctx context.Context, by By, navn string) (access.User, []validation.Finding, error) {
	return s.change(ctx, by, Genaabn, navn, func(_ *act, u *access.User) { u.Lukket = false })
}

// lastOperator tells whether a user is the only operator that can log in.
func (s *Service) lastOperator(ctx context.Context, navn string) (bool, error) {
	operators, err := s.operators(ctx)
	return len(operators) == 1 && operators[0].Navn == navn, err
}

// operators gives the operators that can log in.
func (s *Service) operators(ctx context.Context) ([]access.User, error) {
	users, err := s.Store.Users(ctx)
	now := s.Now()
	return slices.DeleteFunc(users, func(u access.User) bool { return u.Rolle != access.Drift || !u.LogsIn(now) }), err
}

// change is an act on a user that is there already. An act that changes nothing is in the trail all the same.
func (s *Service) change(ctx context.Context, by By, handling, navn string, do func(*act, *access.User)) (access.User, []validation.Finding, error) {
	a := s.act(by, handling, navn)
	u, err := a.user(ctx)
	if err != nil {
		return access.User{}, nil, err
	}
	if u.Version > 0 {
		do(a, &u)
	}
	return a.save(ctx, u)
}

// Bootstrap makes the register's first operator. It is refused as soon as there is one that can log in.
func (s *Service) Bootstrap(ctx context.Context, navn string) (u access.User, secret string, _ []validation.Finding, err error) {
	operators, err := s.operators(ctx)
	if err != nil {
		return u, "", nil, err
	}
	a := s.act(Owner(""), Bootstrap, navn)
	if len(operators) > 0 {
		a.find(validation.SystembrugerTilstand, "", "harDrift",
			fmt.Sprintf("Registeret har allerede driftsbrugeren %s; flere oprettes af den.", operators[0].Navn),
			fmt.Sprintf("The register has the operator %s already; more are created by it.", operators[0].Navn))
	}
	return s.create(ctx, a, access.Drift, Settings{
		Beskrivelse: "Den første driftsbruger", Skrivninger: access.DefaultSkrivninger, Laesninger: access.DefaultLaesninger,
	})
}

// User gives a user and when its secrets were last used.
func (s *Service) User(ctx context.Context, navn string) (Listed, error) {
	u, err := s.lookUp(ctx, navn)
	if err != nil {
		return Listed{}, err
	}
	uses, err := s.Store.Uses(ctx)
	return Listed{u, uses[navn]}, err
}

// Listed is a user, and when its secrets were last used, by their id.
type Listed struct {
	access.User
	Brugt map[string]time.Time
}

// Users gives every user, by name.
func (s *Service) Users(ctx context.Context) ([]Listed, error) {
	users, err := s.Store.Users(ctx)
	if err != nil {
		return nil, err
	}
	uses, err := s.Store.Uses(ctx)
	listed := make([]Listed, len(users))
	for i, u := range users {
		listed[i] = Listed{u, uses[u.Navn]}
	}
	return listed, err
}
