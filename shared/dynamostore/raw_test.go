package dynamostore

import (
	"fmt"
	"testing"

	"dagtilbudsregisteret.dk/shared/dynamostore/dynamotest"
	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/records"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/storetest"
)

// TestPutLogIsReadFromItsEnd puts a long log and writes to it: that takes what it takes with a log that was written change by change, for an
// update reads the end of the log only.
func TestPutLogIsReadFromItsEnd(t *testing.T) {
	meter := dynamotest.NewMeter(t)
	s := newStore(t, dynamotest.Start(t).Client(meter.Attach), "Dagtilbud", register.DefaultSeries)
	var log []records.Record
	for nr := int64(1); nr <= 300; nr++ {
		c := created(storetest.Daginstitution(265, register.Number(fmt.Sprintf("H%05d", nr))))
		c.Position = register.Position{Kommune: 265, Nr: nr}
		c.Efter.Position = c.Position
		log = append(log, records.Record{Key: keys.Change(c.Position), Value: records.Logged{Change: c}})
	}
	head := register.Head{Position: register.Position{Kommune: 265, Nr: 300}, Tid: storetest.Now}
	if err := s.Put(t.Context(), append(log, records.Record{Key: keys.Head(265), Value: head})...); err != nil {
		t.Fatal(err)
	}
	meter.Take()
	err := s.Update(t.Context(), func(tx register.Tx) error {
		_, err := tx.Latest(265)
		return err
	})
	if cost := meter.Take(); err != nil || cost.Read > 2 {
		t.Errorf("%v: it takes %s", err, cost)
	}
}
