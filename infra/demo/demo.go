// Package demo makes a register that runs on one machine easy to try: it keeps system users in it whose secrets are in a file, and says what
// to do with them.
package demo

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/granting"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// Users keeps system users to try the register with: one of each role, named as the role, without limits. A user that is there stays as
// it is; if it is closed, then somebody meant it to be. Only its secret is made anew where the file does not hold one that is valid,
// for what the register keeps of a secret does not tell it.
type Users struct {
	granting.Service
	Path string // of the file
}

// by is who acts on the demo users, as the trail shows it.
var by = granting.Owner("demo")

// Secrets gives the demo users' secrets by their names.
func (d *Users) Secrets(ctx context.Context) (map[string]string, error) {
	kept, err := d.read()
	if err != nil {
		return nil, err
	}
	secrets := make(map[string]string)
	for _, rolle := range access.Roles {
		navn := rolle.String()
		secret, err := d.secret(ctx, rolle, kept[navn])
		if err != nil {
			return nil, fmt.Errorf("the demo user %s: %w", navn, err)
		}
		if secret != "" {
			secrets[navn] = secret
		}
	}
	if maps.Equal(kept, secrets) {
		return secrets, nil
	}
	return secrets, d.write(secrets)
}

// secret gives the one that is kept, if the user knows it, and otherwise a new one.
func (d *Users) secret(ctx context.Context, rolle access.Role, kept string) (string, error) {
	u, err := d.Store.User(ctx, rolle.String())
	if register.KindOf(err) == register.NotFound {
		return d.create(ctx, rolle)
	}
	if err != nil || u.Lukket {
		return kept, err
	}
	live := slices.DeleteFunc(u.Secrets, func(s access.Secret) bool { return !s.Udloeber.IsZero() && !d.Now().Before(s.Udloeber) })
	hash := sha256.Sum256([]byte(kept))
	if slices.ContainsFunc(live, func(s access.Secret) bool { return s.Hash == hash }) {
		return kept, nil
	}
	return d.renew(ctx, u.Navn, live)
}

// create makes a user in one write, the vendor with all its grants.
func (d *Users) create(ctx context.Context, rolle access.Role) (string, error) {
	now := d.Now().UTC().Truncate(time.Millisecond)
	secret, kept := access.NewSecret(now, time.Time{})
	u := access.User{
		Navn: rolle.String(), Beskrivelse: "Demobruger", Rolle: rolle, Forbindelse: access.Laese,
		Secrets: []access.Secret{kept}, Oprettet: now, Version: 1,
	}
	if rolle != access.Laeser {
		u.Forbindelse |= access.Levere
	}
	switch rolle {
	case access.Ejer:
		u.CVRNummer = "12345678"
	case access.Leverandoer:
		for _, kommune := range d.Tables.Kommuner.Codes {
			u.Grants = append(u.Grants, access.Grant{ID: rand.Text()[:8], Kommune: kommune.Kode, Fra: access.DayOf(now), Givet: now})
		}
	}
	act := access.NewEntry(now, access.Entry{Af: by.Actor, Handling: granting.Opret, Bruger: u.Navn})
	return secret, d.Store.SaveUser(ctx, u, act)
}

// renew gives a user a further secret, and takes the oldest of those it has where they are as many as there may be.
func (d *Users) renew(ctx context.Context, navn string, live []access.Secret) (string, error) {
	if len(live) >= access.MostSecrets {
		oldest := slices.MinFunc(live, func(a, b access.Secret) int { return a.Oprettet.Compare(b.Oprettet) })
		if _, findings, err := d.RevokeSecret(ctx, by, navn, oldest.ID); err != nil || len(findings) > 0 {
			return "", errors.Join(err, refused(findings))
		}
	}
	_, secret, findings, err := d.Rotate(ctx, by, navn, time.Time{})
	return secret, errors.Join(err, refused(findings))
}

// refused is the error of an act that findings stand in the way of.
func refused(findings []validation.Finding) error {
	var all []error
	for _, f := range findings {
		all = append(all, errors.New(f.Tekst.En))
	}
	return errors.Join(all...)
}

// read gives what the file holds; nothing where there is none.
func (d *Users) read() (kept map[string]string, err error) {
	text, err := os.ReadFile(d.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &kept); err != nil {
		return nil, fmt.Errorf("%s cannot be read; without it new secrets are made: %w", d.Path, err)
	}
	return kept, nil
}

// write puts the file in place once it is whole and on disk, for nobody else to read.
func (d *Users) write(secrets map[string]string) error {
	text, err := json.MarshalIndent(secrets, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(d.Path), 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(d.Path), filepath.Base(d.Path)+".*.part") // of mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) // there is none of that name once it is in its place
	_, err = file.Write(append(text, '\n'))
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), d.Path)
}
