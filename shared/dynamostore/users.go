package dynamostore

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/register"
)

// User implements [access.Store].
func (s *Store) User(ctx context.Context, navn string) (access.User, error) {
	return lookUp(s.reader(ctx, true), keys.User(navn), decodeUser)
}

// Users implements [access.Store].
func (s *Store) Users(ctx context.Context) ([]access.User, error) {
	return collect(decoded(s.reader(ctx, false).items(query{pk: keys.Users}), decodeUser))
}

// SaveUser implements [access.Store].
func (s *Store) SaveUser(ctx context.Context, u access.User, act access.Entry) error {
	return s.save(ctx, keys.User(u.Navn), encodeUser(&u), u.Version, &act)
}

// save stores a version of what is changed by acts alone, with the act that made it so. Whoever meets another transaction on the same
// item under way waits for what becomes of it.
func (s *Store) save(ctx context.Context, k keys.Key, it item, version int64, act *access.Entry) (err error) {
	p := s.planSave(k, it, version, act)
	if err := p.fits(); err != nil {
		return err
	}
	r := s.reader(ctx, true)
	for try := range s.rerun.tries {
		if paused := s.rerun.pause(ctx, try); paused != nil {
			return failed("save "+k.PK, errors.Join(paused, err))
		}
		var result outcome
		if result, err = r.send(p); result != overtaken {
			return err
		}
		if unmet(err) {
			break
		}
	}
	return conflict(err)
}

// planSave is the transaction of save. Only that act has its entry, which proves it done.
func (s *Store) planSave(k keys.Key, it item, version int64, act *access.Entry) *plan {
	p := s.newPlan()
	before := absent
	if version != 1 {
		before = versionIs(version - 1)
	}
	p.put(k, it, before)
	p.proof = keys.Entry(act.Tid, act.ID)
	p.put(p.proof, encodeEntry(act, p.token), absent)
	if len(act.Fund) > 0 {
		p.put(keys.Finding(act.Tid, act.ID), encodeFund(act), absent)
	}
	return p
}

// unmet tells whether a condition of a transaction did not hold.
func unmet(err error) bool {
	cancelled, ok := errors.AsType[*types.TransactionCanceledException](err)
	return ok && slices.ContainsFunc(cancelled.CancellationReasons, func(r types.CancellationReason) bool {
		return aws.ToString(r.Code) == checkFailed
	})
}

// NoteUse implements [access.Store].
func (s *Store) NoteUse(ctx context.Context, navn, secretID string, at time.Time) error {
	it := make(item, 4)
	it.time("tid", at)
	_, err := s.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &s.table, Item: it.keyed(keys.Use(navn, secretID))})
	return failed("note a use", err)
}

// Uses implements [access.Store].
func (s *Store) Uses(ctx context.Context) (map[string]map[string]time.Time, error) {
	uses := make(map[string]map[string]time.Time)
	for it, err := range s.reader(ctx, false).items(query{pk: keys.Uses}) {
		if err != nil {
			return nil, err
		}
		d := decode(it)
		navn, secretID, _ := strings.Cut(it.sortKey(), "/")
		if uses[navn] == nil {
			uses[navn] = make(map[string]time.Time)
		}
		uses[navn][secretID] = d.time("tid")
		if err := d.end(); err != nil {
			return nil, err
		}
	}
	return uses, nil
}

func encodeUser(u *access.User) item {
	it := make(item, 16)
	it.text("beskrivelse", u.Beskrivelse)
	it.text("rolle", u.Rolle.String())
	it.int("forbindelse", int64(u.Forbindelse))
	it.text("cvrNummer", u.CVRNummer)
	encodeList(it, "secrets", u.Secrets, encodeSecret)
	encodeList(it, "grants", u.Grants, encodeGrant)
	it.int("skrivninger", int64(u.Skrivninger))
	it.int("laesninger", int64(u.Laesninger))
	it.bool("lukket", u.Lukket)
	it.time("oprettet", u.Oprettet)
	it.int("version", u.Version)
	return it
}

func encodeSecret(s access.Secret) types.AttributeValue {
	it := make(item, 4)
	it.text("id", s.ID)
	it.bytes("hash", s.Hash[:])
	it.time("oprettet", s.Oprettet)
	it.time("udloeber", s.Udloeber)
	return &types.AttributeValueMemberM{Value: it}
}

func encodeGrant(g access.Grant) types.AttributeValue {
	it := make(item, 11)
	it.text("id", g.ID)
	it.int("kommune", int64(g.Kommune))
	it.text("nummer", string(g.Nummer))
	encodeList(it, "niveauer", g.Niveauer, spelled)
	encodeList(it, "ejerformer", g.Ejerformer, kode)
	it.text("fra", string(g.Fra))
	it.text("til", string(g.Til))
	it.time("givet", g.Givet)
	it.text("givetAf", g.GivetAf)
	it.time("tilbagekaldt", g.Tilbagekaldt)
	it.text("tilbagekaldtAf", g.TilbagekaldtAf)
	return &types.AttributeValueMemberM{Value: it}
}

func decodeUser(it item) (access.User, error) {
	d := decode(it)
	u := access.User{
		Navn:        it.sortKey(),
		Beskrivelse: d.text("beskrivelse"),
		Rolle:       word(d, "rolle", access.Roles[:]...),
		Forbindelse: access.Connection(d.int("forbindelse")),
		CVRNummer:   d.text("cvrNummer"),
		Secrets:     decodeList(d, "secrets", (*decoder).secret),
		Grants:      decodeList(d, "grants", (*decoder).grant),
		Skrivninger: int(d.int("skrivninger")),
		Laesninger:  int(d.int("laesninger")),
		Lukket:      d.bool("lukket"),
		Oprettet:    d.time("oprettet"),
		Version:     d.int("version"),
	}
	return u, d.end()
}

func (d *decoder) secret(name string) access.Secret {
	d.enter(name)
	s := access.Secret{ID: d.text("id"), Oprettet: d.time("oprettet"), Udloeber: d.time("udloeber")}
	if hash := d.bytes("hash"); len(hash) == len(s.Hash) {
		copy(s.Hash[:], hash)
	} else {
		d.fail("hash", strconv.Itoa(len(hash))+" bytes")
	}
	return s
}

func (d *decoder) grant(name string) access.Grant {
	d.enter(name)
	return access.Grant{
		ID:             d.text("id"),
		Kommune:        int(d.int("kommune")),
		Nummer:         register.Number(d.text("nummer")),
		Niveauer:       decodeList(d, "niveauer", (*decoder).level),
		Ejerformer:     decodeList(d, "ejerformer", (*decoder).kode),
		Fra:            access.Day(d.text("fra")),
		Til:            access.Day(d.text("til")),
		Givet:          d.time("givet"),
		GivetAf:        d.text("givetAf"),
		Tilbagekaldt:   d.time("tilbagekaldt"),
		TilbagekaldtAf: d.text("tilbagekaldtAf"),
	}
}

func (d *decoder) level(name string) register.Level { return word(d, name, register.Levels[:]...) }
