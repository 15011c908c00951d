package boltstore

import (
	"context"
	"strings"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/keys"
)

// User implements [access.Store].
func (s *Store) User(ctx context.Context, navn string) (access.User, error) {
	return lookUp(ctx, s, keys.User(navn), decodeUser)
}

// Users implements [access.Store].
func (s *Store) Users(ctx context.Context) ([]access.User, error) {
	return collect(decoded(s.items(ctx, keys.Users, ""), decodeUser))
}

// SaveUser implements [access.Store].
func (s *Store) SaveUser(ctx context.Context, u access.User, act access.Entry) error {
	return s.save(ctx, put{key: keys.User(u.Navn), value: encodeUser(&u)}, u.Version, act, func(value []byte) (int64, error) {
		stored, err := decodeUser(value)
		return stored.Version, err
	})
}

// save puts a version of what is changed by acts alone, and the act that made it so, where the version before it is stored.
func (s *Store) save(ctx context.Context, p put, version int64, act access.Entry, versionOf func(value []byte) (int64, error)) error {
	return s.do(ctx, func(t *tx) error {
		was := int64(0)
		if value := t.get(p.key); value != nil {
			var err error
			if was, err = versionOf(value); err != nil {
				return err
			}
		}
		if was != version-1 {
			return conflict("%s %s has version %d, not %d", p.key.PK, p.key.SK, was, version-1)
		}
		t.puts = append(t.puts, p)
		t.enter(&act)
		return nil
	})
}

// NoteUse implements [access.Store].
func (s *Store) NoteUse(ctx context.Context, navn, secretID string, at time.Time) error {
	return s.do(ctx, func(t *tx) error {
		t.puts = append(t.puts, put{key: keys.Use(navn, secretID), value: encodeInt(at.UnixMilli())})
		return nil
	})
}

// Uses implements [access.Store].
func (s *Store) Uses(ctx context.Context) (map[string]map[string]time.Time, error) {
	uses := make(map[string]map[string]time.Time)
	for item, err := range s.items(ctx, keys.Uses, "") {
		if err != nil {
			return nil, err
		}
		at, err := decodeInt(item.value)
		if err != nil {
			return nil, err
		}
		navn, secretID, _ := strings.Cut(item.sk, "/")
		if uses[navn] == nil {
			uses[navn] = make(map[string]time.Time)
		}
		uses[navn][secretID] = time.UnixMilli(at).UTC()
	}
	return uses, nil
}

func encodeUser(u *access.User) []byte {
	e := newEncoder(512)
	e.text(u.Navn)
	e.text(u.Beskrivelse)
	e.int(int64(u.Rolle))
	e.int(int64(u.Forbindelse))
	e.text(u.CVRNummer)
	e.int(int64(len(u.Secrets)))
	for i := range u.Secrets {
		e.secret(&u.Secrets[i])
	}
	e.int(int64(len(u.Grants)))
	for i := range u.Grants {
		e.grant(&u.Grants[i])
	}
	e.int(int64(u.Skrivninger))
	e.int(int64(u.Laesninger))
	e.flag(u.Lukket)
	e.time(u.Oprettet)
	e.int(u.Version)
	return e.buf
}

func (e *encoder) secret(s *access.Secret) {
	e.text(s.ID)
	e.text(string(s.Hash[:]))
	e.time(s.Oprettet)
	e.time(s.Udloeber)
}

func (e *encoder) grant(g *access.Grant) {
	e.text(g.ID)
	e.int(int64(g.Kommune))
	e.text(string(g.Nummer))
	ints(e, g.Niveauer)
	ints(e, g.Ejerformer)
	e.text(string(g.Fra))
	e.text(string(g.Til))
	e.time(g.Givet)
	e.text(g.GivetAf)
	e.time(g.Tilbagekaldt)
	e.text(g.TilbagekaldtAf)
}

func decodeUser(value []byte) (access.User, error) {
	d := newDecoder(value)
	u := access.User{
		Navn:        d.text(),
		Beskrivelse: d.text(),
		Rolle:       access.Role(d.enum(uint8(access.Support))),
		Forbindelse: access.Connection(d.enum(uint8(access.Laese | access.Levere))),
		CVRNummer:   d.text(),
		Secrets:     list(d, d.secret),
		Grants:      list(d, d.grant),
		Skrivninger: int(d.int()),
		Laesninger:  int(d.int()),
		Lukket:      d.flag(),
		Oprettet:    d.time(),
		Version:     d.int(),
	}
	return u, d.end()
}

func (d *decoder) secret() access.Secret {
	s := access.Secret{ID: d.text()}
	copy(s.Hash[:], d.fixed(len(s.Hash)))
	s.Oprettet, s.Udloeber = d.time(), d.time()
	return s
}

func (d *decoder) grant() access.Grant {
	return access.Grant{
		ID:             d.text(),
		Kommune:        int(d.int()),
		Nummer:         d.number(),
		Niveauer:       list(d, d.level),
		Ejerformer:     list(d, d.kode),
		Fra:            access.Day(d.text()),
		Til:            access.Day(d.text()),
		Givet:          d.time(),
		GivetAf:        d.text(),
		Tilbagekaldt:   d.time(),
		TilbagekaldtAf: d.text(),
	}
}
