package dynamostore

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/register"
)

// mostOfBatch is how many items DynamoDB takes in one batch. As many of the largest are less than the 16 MB that it takes at once.
const mostOfBatch = 25

// AddTrail implements [access.Trail]. To put the same entry again changes nothing, so what may not have been written is sent again.
func (s *Store) AddTrail(ctx context.Context, entries ...access.Entry) error {
	var left []types.WriteRequest
	for i := range entries {
		left = append(left, puts(&entries[i])...)
	}
	for len(left) > 0 {
		batch := left[:min(mostOfBatch, len(left))]
		if err := s.write(ctx, batch); err != nil {
			return failed("add to the trail", err)
		}
		left = left[len(batch):]
	}
	return nil
}

// puts asks for an entry to be written, its findings first, so that it is seldom seen without them.
func puts(e *access.Entry) (all []types.WriteRequest) {
	put := func(it item) { all = append(all, types.WriteRequest{PutRequest: &types.PutRequest{Item: it}}) }
	if len(e.Fund) > 0 {
		put(encodeFund(e).keyed(keys.Finding(e.Tid, e.ID)))
	}
	put(encodeEntry(e, "").keyed(keys.Entry(e.Tid, e.ID)))
	return all
}

// write sends a batch, and what DynamoDB leaves over of it, until all is written.
func (s *Store) write(ctx context.Context, batch []types.WriteRequest) (err error) {
	for try := range s.resend.tries {
		if paused := s.resend.pause(ctx, try); paused != nil {
			return errors.Join(paused, err)
		}
		in := &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{s.table: batch}}
		var out *dynamodb.BatchWriteItemOutput
		if out, err = s.client.BatchWriteItem(ctx, in, once); err == nil {
			if batch = out.UnprocessedItems[s.table]; len(batch) == 0 {
				return nil
			}
			err = fmt.Errorf("%d items were left over", len(batch))
		} else if judge(err) == denied {
			return err
		}
	}
	return err
}

// Entries implements [access.Store]. The day's findings are read in step with its entries: that takes fewer calls and units than to
// get each by itself. Who stops early has paid for a page of findings at most that were not needed.
func (s *Store) Entries(ctx context.Context, day time.Time, before access.Entry, now time.Time) iter.Seq2[access.Entry, error] {
	r := s.reader(ctx, false)
	q := query{pk: keys.Trail(day), downward: true, page: firstEntries}
	if !before.Tid.IsZero() {
		q.sk, q.a = "SK < :a", keys.Entry(before.Tid, before.ID).SK
	}
	entries := decoded(r.items(q), decodeEntry)
	q.pk = keys.Findings(day)
	return func(yield func(access.Entry, error) bool) {
		next, stop := iter.Pull2(r.items(q))
		defer stop()
		found := findings{next: next}
		for e, err := range entries {
			if err == nil && now.Sub(e.Tid) < access.FindingsKept {
				e.Fund, err = found.of(&e)
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// firstEntries is how many entries the first page of a day has, see [firstPage].
const firstEntries = 25

// findings are those of a day, the latest first. Nothing is read before the first is asked for.
type findings struct {
	next func() (item, error, bool)
	at   item // nil before the first, and behind the last
	end  bool
}

// of gives the findings of an entry, which comes before all that it was asked for so far.
func (f *findings) of(e *access.Entry) ([]byte, error) {
	sk := keys.Finding(e.Tid, e.ID).SK
	for !f.end && (f.at == nil || f.at.sortKey() > sk) {
		it, err, more := f.next()
		if err != nil {
			return nil, err
		}
		f.at, f.end = it, !more
	}
	if f.at == nil || f.at.sortKey() != sk {
		return nil, nil
	}
	d := decode(f.at)
	return d.bytes("fund"), d.end()
}

// expiry is the attribute that tells DynamoDB when it may remove an item, in seconds since 1970.
const expiry = "udloeber"

func encodeFund(e *access.Entry) item {
	it := make(item, 5)
	it.bytes("fund", e.Fund)
	it.int(expiry, e.Tid.Add(access.FindingsKept).Unix())
	return it
}

// encodeEntry gives an entry without its findings; tx names the transaction that writes it, if one does.
func encodeEntry(e *access.Entry, tx string) item {
	it := make(item, 18)
	encodeActor(it, &e.Af)
	it.text("handling", e.Handling)
	if e.Level != 0 {
		it.text("niveau", e.Level.String())
	}
	it.text("nummer", string(e.Nummer))
	it.int("kommune", int64(e.Kommune))
	it.int("linje", int64(e.Linje))
	it.text("importId", e.ImportID)
	it.text("bruger", e.Bruger)
	it.bool("afvist", e.Afvist)
	encodeList(it, "regler", e.Regler, text)
	it.text("tx", tx)
	return it
}

func decodeEntry(it item) (access.Entry, error) {
	d := decode(it)
	e := access.Entry{
		Af:       d.actor(),
		Handling: d.text("handling"),
		Level:    d.level("niveau"),
		Nummer:   register.Number(d.text("nummer")),
		Kommune:  int(d.int("kommune")),
		Linje:    int(d.int("linje")),
		ImportID: d.text("importId"),
		Bruger:   d.text("bruger"),
		Afvist:   d.bool("afvist"),
		Regler:   decodeList(d, "regler", (*decoder).text),
	}
	e.Tid, e.ID = d.moment()
	return e, d.end()
}

// moment reads what an entry is sorted by.
func (d *decoder) moment() (tid time.Time, id string) {
	ms, id, _ := strings.Cut(d.item.sortKey(), "#")
	n, err := strconv.ParseInt(ms, 10, 64)
	if err != nil {
		d.fail("SK", err)
	}
	return time.UnixMilli(n).UTC(), id
}
