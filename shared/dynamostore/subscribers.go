package dynamostore

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
)

// Subscriber implements [relaying.Store].
func (s *Store) Subscriber(ctx context.Context, navn string) (relaying.Subscriber, error) {
	return lookUp(s.reader(ctx, true), keys.Subscriber(navn), decodeSubscriber)
}

// Subscribers implements [relaying.Store].
func (s *Store) Subscribers(ctx context.Context) ([]relaying.Subscriber, error) {
	return collect(decoded(s.reader(ctx, false).items(query{pk: keys.Subscribers}), decodeSubscriber))
}

// SaveSubscriber implements [relaying.Store].
func (s *Store) SaveSubscriber(ctx context.Context, sub relaying.Subscriber, act access.Entry) error {
	return s.save(ctx, keys.Subscriber(sub.Navn), encodeSubscriber(&sub), sub.Version, &act)
}

// Marks implements [relaying.Store].
func (s *Store) Marks(ctx context.Context, navn string, runde int) (register.Positions, error) {
	marks := s.reader(ctx, true).items(query{pk: keys.Marks(navn, runde)})
	return collect(decoded(marks, func(it item) (register.Position, error) {
		d := decode(it)
		return register.Position{Kommune: int(d.sortNumber()), Nr: d.int("nr")}, d.end()
	}))
}

// Mark implements [relaying.Store].
func (s *Store) Mark(ctx context.Context, navn string, runde int, at register.Position) error {
	forward := condition{"attribute_not_exists(PK) OR nr < :is", item{":is": integer(at.Nr)}}
	_, err := s.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &s.table, Item: encodeNr(at.Nr).keyed(keys.Mark(navn, runde, at.Kommune)),
		ConditionExpression: &forward.expression, ExpressionAttributeValues: forward.values,
	})
	if passed(err) {
		return nil
	}
	return failed("mark", err)
}

func encodeSubscriber(s *relaying.Subscriber) item {
	it := make(item, 14)
	it.text("koe", s.Koe)
	encodeList(it, "kommuner", s.Filter.Kommuner, kode)
	encodeList(it, "niveauer", s.Filter.Niveauer, spelled)
	encodeList(it, "arter", s.Filter.Arter, spelled)
	it.bool("pauset", s.Pauset)
	it.int("runde", int64(s.Runde))
	it.text("fra", s.Fra.String())
	it.bool("lukket", s.Lukket)
	it.time("oprettet", s.Oprettet)
	it.int("version", s.Version)
	return it
}

func decodeSubscriber(it item) (relaying.Subscriber, error) {
	d := decode(it)
	s := relaying.Subscriber{
		Navn: it.sortKey(),
		Koe:  d.text("koe"),
		Filter: relaying.Filter{
			Kommuner: decodeList(d, "kommuner", (*decoder).kode),
			Niveauer: decodeList(d, "niveauer", (*decoder).level),
			Arter:    decodeList(d, "arter", (*decoder).art),
		},
		Pauset:   d.bool("pauset"),
		Runde:    int(d.int("runde")),
		Fra:      d.positions("fra"),
		Lukket:   d.bool("lukket"),
		Oprettet: d.time("oprettet"),
		Version:  d.int("version"),
	}
	return s, d.end()
}
