package dynamostore

import (
	"context"
	"iter"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/register"
)

// Unit implements [register.Store].
func (s *Store) Unit(ctx context.Context, n register.Number) (register.Unit, error) {
	return s.reader(ctx, false).unit(n)
}

// Tree implements [register.Store].
func (s *Store) Tree(ctx context.Context, daginstitution register.Number) ([]register.Unit, error) {
	return s.reader(ctx, false).tree(daginstitution)
}

// Units implements [register.Store].
func (s *Store) Units(ctx context.Context, kommune int, path string) iter.Seq2[register.Unit, error] {
	return s.reader(ctx, false).rows(kommune, after(keys.Kommune(kommune), path))
}

// Changes implements [register.Store]. It reads consistently, for who follows a log notes how far they have come.
func (s *Store) Changes(ctx context.Context, from register.Position) iter.Seq2[register.Change, error] {
	r := s.reader(ctx, true)
	return r.withPlaces(register.Position{Kommune: from.Kommune, Nr: from.Nr + 1}, r.changes(from))
}

// Earlier implements [register.Store]. It reads consistently: see [reader.earlier]. Its first page is small, for whoever reads all
// municipalities' logs at once needs little of most.
func (s *Store) Earlier(ctx context.Context, before register.Position) iter.Seq2[register.Change, error] {
	return s.reader(ctx, true).earlier(before)
}

// Positions implements [register.Store].
func (s *Store) Positions(ctx context.Context) (positions register.Positions, err error) {
	heads, err := s.reader(ctx, false).heads()
	for _, h := range heads {
		positions = append(positions, h.Position)
	}
	return positions, err
}

// Heads implements [register.Store].
func (s *Store) Heads(ctx context.Context) ([]register.Head, error) {
	return s.reader(ctx, true).heads()
}

func (r *reader) heads() ([]register.Head, error) {
	return collect(decoded(r.items(query{pk: keys.Heads}), decodeHead))
}

// Reports implements [register.Store].
func (s *Store) Reports(ctx context.Context) ([]register.Report, error) {
	return collect(decoded(s.reader(ctx, false).items(query{pk: keys.Reports}), decodeReport))
}

// KeepReport implements [register.Store].
func (s *Store) KeepReport(ctx context.Context, r register.Report) error {
	it := encodeReport(&r).keyed(keys.Report(r.Kommune))
	_, err := s.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &s.table, Item: it})
	return failed("keep a report", err)
}
