package dynamostore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"dagtilbudsregisteret.dk/shared/dynamostore/dynamotest"
	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/storetest"
)

// bench is a store with one family in it, whose calls can be made to fail and are counted.
type bench struct {
	*Store
	faults dynamotest.Faults
	meter  *dynamotest.Meter
}

const transact = "TransactWriteItems"

func start(t *testing.T) *bench {
	t.Helper()
	b := &bench{meter: dynamotest.NewMeter(t)}
	client := dynamotest.Start(t).Client(b.faults.Attach, b.meter.Attach, func(o *dynamodb.Options) {
		o.Retryer = retry.AddWithMaxBackoffDelay(retry.NewStandard(), time.Millisecond)
	})
	b.Store = newStore(t, client, "Dagtilbud", register.DefaultSeries)
	b.resend.most = b.resend.first
	d := storetest.Daginstitution(265, "G20000")
	storetest.Create(t, b, d, storetest.Anvisningsenhed(d, "G20001"))
	b.meter.Take()
	return b
}

// put writes an item behind the store's back.
func (b *bench) put(t *testing.T, k keys.Key, it item) {
	t.Helper()
	_, err := b.client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &b.table, Item: it.keyed(k)})
	if err != nil {
		t.Fatal(err)
	}
}

func rename(tx register.Tx, n register.Number, navn string) error {
	foer, err := tx.Unit(n)
	if err != nil {
		return err
	}
	efter := foer
	efter.Navn = navn
	return changed(tx, register.Aendring, foer, efter)
}

func wantKind(t *testing.T, err error, want register.Kind) {
	t.Helper()
	if err == nil || register.KindOf(err) != want {
		t.Errorf("error %v of kind %s, want %s", err, register.KindOf(err), want)
	}
}

func TestFaultsUpToTheLast(t *testing.T) {
	for _, fault := range []dynamotest.Fault{dynamotest.Unsent, dynamotest.Throttled} {
		b := start(t)
		for range b.resend.tries - 1 {
			b.faults.Next(fault, transact)
		}
		if err := b.Update(t.Context(), func(tx register.Tx) error { return rename(tx, "G20001", "Efter fejl") }); err != nil {
			t.Errorf("fault %d, one try left: %v", fault, err)
		}
		for range b.resend.tries {
			b.faults.Next(fault, transact)
		}
		err := b.Update(t.Context(), func(tx register.Tx) error { return rename(tx, "G20001", "Aldrig skrevet") })
		wantKind(t, err, register.Unavailable)
		if u, err := b.Unit(t.Context(), "G20001"); err != nil || u.Navn != "Efter fejl" || u.Version != 2 {
			t.Errorf("fault %d: %v: %+v", fault, err, u)
		}
	}
}

// The answer to a transaction is lost, and the log cannot be read either: nothing can be known.
func TestLostForGood(t *testing.T) {
	b := start(t)
	err := b.Update(t.Context(), func(tx register.Tx) error {
		err := rename(tx, "G20001", "Hvem ved")
		b.faults.Next(dynamotest.Unanswered, transact)
		for range 3 { // as often as the SDK tries
			b.faults.Next(dynamotest.Unsent, "GetItem")
		}
		return err
	})
	wantKind(t, err, register.Unavailable)
}

// The call does not arrive, and meanwhile somebody else writes: the log tells that it was not this update.
func TestOvertakenWhileLost(t *testing.T) {
	b := start(t)
	other := New(b.client, b.table, b.series)
	runs := 0
	err := b.Update(t.Context(), func(tx register.Tx) error {
		if runs++; runs == 1 {
			if err := rename(tx, "G20001", "Først"); err != nil {
				return err
			}
			err := other.Update(t.Context(), func(tx register.Tx) error { return rename(tx, "G20000", "En anden") })
			b.faults.Next(dynamotest.Unsent, transact)
			return err
		}
		return rename(tx, "G20001", "Igen")
	})
	u, readErr := b.Unit(t.Context(), "G20001")
	if err != nil || readErr != nil || runs != 2 || u.Navn != "Igen" || u.Version != 2 {
		t.Errorf("%v, %v, %d runs: %+v", err, readErr, runs, u)
	}
}

func TestLostReceipt(t *testing.T) {
	b := start(t)
	b.faults.Next(dynamotest.Unanswered, transact)
	err := b.Update(t.Context(), func(tx register.Tx) error {
		_, err := tx.Unit("G20001")
		tx.Keep(register.Receipt{Key: "k", Number: "G20001"})
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// A number that is looked for in vain, or a receipt, must still be missing when the update is written.
func TestNothingMissingAppears(t *testing.T) {
	b := start(t)
	other := New(b.client, b.table, b.series)
	runs := 0
	err := b.Update(t.Context(), func(tx register.Tx) error {
		_, err := tx.Unit("G20009")
		if runs++; runs == 1 {
			wantKind(t, err, register.NotFound)
			storetest.Create(t, other, storetest.Daginstitution(101, "G20009"))
		} else if err != nil {
			t.Error(err)
		}
		return rename(tx, "G20001", "Skrevet")
	})
	if err != nil || runs != 2 {
		t.Errorf("%v after %d runs", err, runs)
	}
}

// What fn concludes without writing is only taken where all it read was there at one moment.
func TestConclusionsAreOfOneMoment(t *testing.T) {
	b := start(t)
	other := New(b.client, b.table, b.series)
	wrong := errors.New("a conclusion from two moments")
	runs := 0
	err := b.Update(t.Context(), func(tx register.Tx) error {
		if _, err := tx.Unit("G20000"); err != nil {
			return err
		}
		if runs++; runs > 1 {
			return nil
		}
		if err := other.Update(t.Context(), func(tx register.Tx) error { return rename(tx, "G20001", "Imens") }); err != nil {
			t.Error(err)
		}
		return wrong
	})
	if err != nil || runs != 2 {
		t.Errorf("%v after %d runs", err, runs)
	}
}

func TestWritesNothingForNothing(t *testing.T) {
	b := start(t)
	if err := b.Update(t.Context(), func(tx register.Tx) error { return nil }); err != nil || b.meter.Take().Calls != 0 {
		t.Errorf("%v, or a call is made", err)
	}
	err := b.Update(t.Context(), func(tx register.Tx) error {
		_, err := tx.Tree("G20000")
		return err
	})
	if cost := b.meter.Take(); err != nil || cost.Write != 0 {
		t.Errorf("%v, %s", err, cost)
	}
}

func TestTooLarge(t *testing.T) {
	b := start(t)
	for name, fn := range map[string]func(register.Tx) error{
		"101 items": func(tx register.Tx) error {
			for i := range 34 {
				if _, err := tx.Write(created(storetest.Daginstitution(265, register.Number(fmt.Sprintf("G3%04d", i))))); err != nil {
					return err
				}
			}
			return nil
		},
		"an item of 400 KB": func(tx register.Tx) error {
			tx.Keep(register.Receipt{Key: "k", Answer: make([]byte, mostOfItem)})
			return nil
		},
	} {
		wantKind(t, b.Update(t.Context(), fn), register.TooLarge)
		if cost := b.meter.Take(); cost.Write != 0 {
			t.Errorf("%s: %s", name, cost)
		}
	}
}

// A transaction of which the log's item can be seen and its rows cannot yet: an update waits until they can.
func TestTransactionUnderWay(t *testing.T) {
	for name, read := range map[string]func(register.Tx) error{
		"its own row": func(tx register.Tx) error { return rename(tx, "G20001", "Bagefter") },
		"the tree": func(tx register.Tx) error {
			_, err := tx.Tree("G20000")
			return errors.Join(err, rename(tx, "G20000", "Bagefter"))
		},
	} {
		b := start(t)
		foer, err := b.Unit(t.Context(), "G20001")
		if err != nil {
			t.Fatal(err)
		}
		c := created(foer)
		c.Art, c.Foer, c.Efter.Navn, c.Efter.Version = register.Aendring, foer, "Undervejs", 2
		c.Position.Kommune, c.Position.Nr = 265, 3
		c.Efter.Position = c.Position
		b.put(t, keys.Change(c.Position), encodeChange(&c, "another"))
		b.put(t, keys.Head(265), encodeNr(3))
		runs := 0
		err = b.Update(t.Context(), func(tx register.Tx) error {
			if runs++; runs == 2 {
				b.put(t, keys.Unit(&c.Efter), encodeRow(&c.Efter))
			}
			return read(tx)
		})
		if err != nil || runs != 2 {
			t.Errorf("%s: %v after %d runs", name, err, runs)
		}
	}
}

func TestNewRowUnderWay(t *testing.T) {
	b := start(t)
	d, err := b.Unit(t.Context(), "G20000")
	if err != nil {
		t.Fatal(err)
	}
	c := created(storetest.Anvisningsenhed(d, "G20002"))
	c.Position = register.Position{Kommune: 265, Nr: 3}
	c.Efter.Position = c.Position
	b.put(t, keys.Change(c.Position), encodeChange(&c, "another"))
	b.put(t, keys.Head(265), encodeNr(3))
	b.rerun = backoff{tries: 3, first: time.Millisecond, most: time.Millisecond}
	wantKind(t, b.Update(t.Context(), func(tx register.Tx) error {
		_, err := tx.Tree("G20000")
		return err
	}), register.Unavailable)
	b.put(t, keys.Unit(&c.Efter), encodeRow(&c.Efter))
	if err := b.Update(t.Context(), func(tx register.Tx) error {
		tree, err := tx.Tree("G20000")
		if len(tree) != 3 {
			t.Errorf("%d rows", len(tree))
		}
		return err
	}); err != nil {
		t.Error(err)
	}
}

// A log is read up to its first hole, and no further until that is filled.
func TestLogStopsAtHole(t *testing.T) {
	b := start(t)
	c := created(storetest.Daginstitution(265, "G20005"))
	for _, nr := range []int64{4, 3} {
		if log, err := collect(b.Changes(t.Context(), register.Position{Kommune: 265})); err != nil || len(log) != 2 {
			t.Errorf("%d changes, %v", len(log), err)
		}
		c.Position = register.Position{Kommune: 265, Nr: nr}
		b.put(t, keys.Change(c.Position), encodeChange(&c, "another"))
	}
	if log, err := collect(b.Changes(t.Context(), register.Position{Kommune: 265})); err != nil || len(log) != 4 {
		t.Errorf("%d changes, %v", len(log), err)
	}
}

// A log is read backwards from the newest change that can be seen, and no further than to a hole: that is an error, not the end.
func TestEarlierStopsAtHole(t *testing.T) {
	b := start(t)
	read := func(nr int64) (seen []int64, err error) {
		for c, err := range b.Earlier(t.Context(), register.Position{Kommune: 265, Nr: nr}) {
			if err != nil {
				return seen, err
			}
			seen = append(seen, c.Position.Nr)
		}
		return seen, nil
	}
	hole := func(nr int64, want ...int64) {
		t.Helper()
		seen, err := read(nr)
		if wantKind(t, err, register.Unavailable); !slices.Equal(seen, want) {
			t.Errorf("before %d: %v, want %v and an error", nr, seen, want)
		}
	}
	whole := func(nr int64, want ...int64) {
		t.Helper()
		if seen, err := read(nr); err != nil || !slices.Equal(seen, want) {
			t.Errorf("before %d: %v, want %v (%v)", nr, seen, want, err)
		}
	}
	c := created(storetest.Daginstitution(265, "G20005"))
	c.Position = register.Position{Kommune: 265, Nr: 4}
	b.put(t, keys.Change(c.Position), encodeChange(&c, "another"))
	hole(6, 4)
	hole(5, 4)
	hole(4)
	whole(3, 2, 1) // 3 itself is under way, and what precedes it is whole
	c.Position.Nr = 3
	b.put(t, keys.Change(c.Position), encodeChange(&c, "another"))
	whole(6, 4, 3, 2, 1)

	c.Position = register.Position{Kommune: 101, Nr: 2}
	b.put(t, keys.Change(c.Position), encodeChange(&c, "another"))
	seen, err := collect(b.Earlier(t.Context(), register.Position{Kommune: 101, Nr: 9}))
	if wantKind(t, err, register.Unavailable); seen != nil {
		t.Errorf("a log without its beginning is read as %v", seen)
	}
}

// The names that a process remembers follow what other processes write.
func TestNamesFollowTheLog(t *testing.T) {
	b := start(t)
	other := New(b.client, b.table, b.series)
	for i, navn := range []string{"Børnehuset Pæren", "Børnehuset Ørred", "Børnehuset Pæren"} {
		if err := other.Update(t.Context(), func(tx register.Tx) error { return rename(tx, "G20001", navn) }); err != nil {
			t.Fatal(err)
		}
		err := b.Update(t.Context(), func(tx register.Tx) error {
			found, err := tx.Namesakes(265, register.Anvisningsenhed, "børnehuset  pæren")
			if (len(found) == 1) != (i != 1) {
				t.Errorf("%s: found %d", navn, len(found))
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

func TestGivesUpOnCancelledContext(t *testing.T) {
	b := start(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := b.Update(ctx, func(tx register.Tx) error {
		defer cancel()
		return rename(tx, "G20001", "For sent")
	})
	wantKind(t, err, register.Unavailable)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v does not tell why", err)
	}
	err = b.Update(ctx, func(register.Tx) error {
		t.Error("fn runs for nobody")
		return nil
	})
	wantKind(t, err, register.Unavailable)
}
