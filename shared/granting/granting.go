// Package granting is the use case of who may do what: making system users, giving and revoking their secrets and grants, shutting
// them out, and reading the trail of what everybody did, and the count of who still calls through a version that is to close.
//
// Every act is one conditional write of the user together with its entry in the trail, so there is no act without an entry. A refused
// act leaves an entry with what stood in the way. Operators (drift) act on every user; support on those who are neither.
//
// A user is never removed and its name never given to another: what it wrote stays its own.
package granting

import (
	"context"
	"fmt"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// Service acts on users and reads the trail.
type Service struct {
	Store  access.Store
	Log    register.Store // whose changes are the other half of the trail
	Tables *codes.Tables
	Now    func() time.Time
}

// By is who acts.
type By struct {
	Rolle access.Role
	Actor register.Actor
}

// Owner acts for who holds the store itself.
func Owner(requestID string) By {
	return By{access.Drift, register.Actor{User: "", Version: register.V2, RequestID: requestID}}
}

// The acts, as the trail names them.
const (
	Bootstrap        = "adgang/bootstrap"
	Opret            = "adgang/opret"
	Ret              = "adgang/ret"
	Luk              = "adgang/luk"
	Genaabn          = "adgang/genaabn"
	NyHemmelighed    = "adgang/ny-hemmelighed"
	FjernHemmelighed = "adgang/tilbagekald-hemmelighed"
	Bevilg           = "adgang/bevilg"
	TilbagekaldGrant = "adgang/tilbagekald-bevilling"
)

// act is one act under way.
type act struct {
	*Service
	by       By
	navn     string
	entry    access.Entry
	now      time.Time
	findings []validation.Finding
}

func (s *Service) act(by By, handling, navn string) *act {
	a := &act{Service: s, by: by, now: s.Now().UTC().Truncate(time.Millisecond), navn: navn,
		entry: access.Entry{Af: by.Actor, Handling: handling}}
	if access.ValidNavn(navn) {
		a.entry.Bruger = navn // what is no name may be anything, a secret too, and is repeated nowhere
	}
	return a
}

func (a *act) find(rule *validation.Rule, pointer, kode, da, en string) {
	a.findings = append(a.findings, rule.Finding(pointer, kode, register.Text{Da: da, En: en}))
}

// mayManage checks that who acts may act on users of a role.
func (a *act) mayManage(r access.Role) {
	if !a.by.Rolle.Manages(r) {
		a.find(validation.Adgang, "", "rolle", fmt.Sprintf("Rollen %s må ikke ændre systembrugere med rollen %s.", a.by.Rolle, r),
			fmt.Sprintf("The role %s may not change system users of the role %s.", a.by.Rolle, r))
	}
}

// lookUp gives a user; what is no name is nobody's, and is not even looked up.
func (s *Service) lookUp(ctx context.Context, navn string) (access.User, error) {
	if !access.ValidNavn(navn) {
		return access.User{}, &register.Error{Kind: register.NotFound}
	}
	return s.Store.User(ctx, navn)
}

// user gives the user that the act is about, with a finding where there is none.
func (a *act) user(ctx context.Context) (access.User, error) {
	u, err := a.lookUp(ctx, a.navn)
	if register.KindOf(err) == register.NotFound {
		a.unknown("bruger", "Der findes ingen systembruger ved det navn.", "There is no system user by that name.")
		return u, nil
	}
	if err == nil {
		a.mayManage(u.Rolle)
	}
	return u, err
}

func (a *act) unknown(kode, da, en string) { a.find(validation.UkendtSystembruger, "", kode, da, en) }

// save writes the user and the act, or has the trail remember why not. It gives the user as it now stands, the zero one where nothing
// was written.
func (a *act) save(ctx context.Context, u access.User) (access.User, []validation.Finding, error) {
	if validation.Blocking(a.findings) {
		return access.User{}, a.findings, a.Store.AddTrail(ctx, access.NewEntry(a.now, a.entry.Refused(a.findings)))
	}
	u.Version++
	if err := a.Store.SaveUser(ctx, u, access.NewEntry(a.now, a.entry)); err != nil {
		return access.User{}, nil, err
	}
	return u, a.findings, nil
}

// Refuse has the trail remember an act that could not be read.
func (s *Service) Refuse(ctx context.Context, by By, handling, navn string, findings []validation.Finding) error {
	a := s.act(by, handling, navn)
	return s.Store.AddTrail(ctx, access.NewEntry(a.now, a.entry.Refused(findings)))
}
