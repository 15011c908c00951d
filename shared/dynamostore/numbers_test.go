package dynamostore

import (
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/dynamostore/dynamotest"
	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/storetest"
)

// A series that was set back issues no number twice: the ledger stands in the way until the series has passed those in use.
func TestSeriesSetBack(t *testing.T) {
	b := start(t)
	storetest.Create(t, b, storetest.Daginstitution(101, "G15000"), storetest.Daginstitution(101, "G15001"))
	b.put(t, keys.Series, encodeNr(15000))
	var numbers []register.Number
	err := b.Update(t.Context(), func(tx register.Tx) (err error) {
		if numbers, err = tx.Issue(1); err != nil {
			return err
		}
		_, err = tx.Write(created(storetest.Daginstitution(265, numbers[0])))
		return err
	})
	if err != nil || numbers[0] != "G15002" {
		t.Errorf("%v: %v", err, numbers)
	}
}

// An update that is overtaken keeps its numbers.
func TestOvertakenBurnsNoNumber(t *testing.T) {
	b := start(t)
	var issued []register.Number
	for range 3 {
		b.faults.Next(dynamotest.Contended, transact)
		err := b.Update(t.Context(), func(tx register.Tx) error {
			numbers, err := tx.Issue(1)
			if err != nil {
				return err
			}
			issued = append(issued, numbers...)
			_, err = tx.Write(created(storetest.Daginstitution(265, numbers[0])))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	want := []register.Number{"G20002", "G20002", "G20003", "G20003", "G20004", "G20004"}
	for i := range want {
		if issued[i] != want[i] {
			t.Fatalf("issued %v, want %v", issued, want)
		}
	}
}

// A number that was free when it was looked at, and has been reserved since, is looked at again.
func TestReservedMeanwhile(t *testing.T) {
	b := start(t)
	other := New(b.client, b.table, b.series)
	var states []register.NumberState
	err := b.Update(t.Context(), func(tx register.Tx) error {
		entry, err := tx.Ledger("G20003", storetest.Now)
		if err != nil {
			return err
		}
		if states = append(states, entry.State); len(states) == 1 {
			wish := register.Reservation{Key: "k", Count: 5, Expires: storetest.Now.Add(time.Hour)}
			if _, err := other.Reserve(t.Context(), wish); err != nil {
				t.Error(err)
			}
		}
		_, err = tx.Write(created(storetest.Daginstitution(265, "G20003")))
		return err
	})
	if err != nil || len(states) != 2 || states[0] != register.Ledig || states[1] != register.Reserveret {
		t.Errorf("%v: %v", err, states)
	}
}

func TestReserveThroughFaults(t *testing.T) {
	for _, fault := range []dynamotest.Fault{dynamotest.Unsent, dynamotest.Unanswered, dynamotest.Throttled, dynamotest.Contended} {
		b := start(t)
		for range 4 {
			b.faults.Next(fault, transact)
		}
		got, err := b.Reserve(t.Context(), register.Reservation{Key: "k", Count: 2, Expires: storetest.Now})
		if err != nil || got.First != "G20002" {
			t.Errorf("fault %d: %v: %+v", fault, err, got)
		}
	}
}

// The series waits while a transaction has it.
func TestIssueWaits(t *testing.T) {
	b := start(t)
	for range 3 {
		b.faults.Next(dynamotest.Contended, "UpdateItem")
	}
	if numbers, err := b.issue(t.Context(), 1); err != nil || numbers[0] != "G20002" {
		t.Errorf("%v: %v", err, numbers)
	}
}

// Nothing is taken from a series that has less left than is asked for.
func TestSeriesKeepsItsRest(t *testing.T) {
	b := start(t)
	b.Store = New(b.client, b.table, "G")
	if err := b.MoveSeries(t.Context(), "G99997"); err != nil {
		t.Fatal(err)
	}
	_, err := b.issue(t.Context(), 3)
	wantKind(t, err, register.Exhausted)
	if numbers, err := b.issue(t.Context(), 2); err != nil || numbers[1] != "G99999" {
		t.Errorf("%v: %v", err, numbers)
	}
}
