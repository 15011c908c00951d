package dynamostore

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"dagtilbudsregisteret.dk/shared/dynamostore/dynamotest"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/storetest"
)

func TestContract(t *testing.T) {
	storetest.Run(t, &harness{server: dynamotest.Start(t, dynamotest.OnDisk())})
}

func TestAccessContract(t *testing.T) {
	storetest.RunAccess(t, &harness{server: dynamotest.Start(t, dynamotest.OnDisk())})
}

func TestRelayingContract(t *testing.T) {
	storetest.RunRelaying(t, &harness{server: dynamotest.Start(t, dynamotest.OnDisk())})
}

func TestRecordsContract(t *testing.T) {
	storetest.RunRecords(t, &harness{server: dynamotest.Start(t, dynamotest.OnDisk())})
}

// harness gives each store a table of its own on one server.
type harness struct {
	server *dynamotest.Server
	faults dynamotest.Faults
	tables atomic.Int32
}

func (h *harness) Open(t testing.TB, series register.Series) register.Store {
	return newStore(t, h.client(), fmt.Sprintf("Dagtilbud%d", h.tables.Add(1)), series)
}

func (h *harness) client() *dynamodb.Client { return h.server.Client(h.faults.Attach) }

func newStore(t testing.TB, client *dynamodb.Client, table string, series register.Series) *Store {
	t.Helper()
	s := New(client, table, series)
	s.poll = time.Millisecond
	if err := s.CreateTable(t.Context()); err != nil {
		t.Fatal(err)
	}
	dynamotest.WithoutStream(t, client, table)
	return s
}

func (h *harness) Restart(t testing.TB, old register.Store) register.Store {
	was := old.(*Store)
	h.server.Restart()
	s := New(h.client(), was.table, was.series)
	s.poll = was.poll
	return s
}

func (h *harness) Break(_ register.Store, f storetest.Fault) bool {
	fault, ok := map[storetest.Fault]dynamotest.Fault{
		storetest.NotWritten: dynamotest.Unsent,
		storetest.Written:    dynamotest.Unanswered,
		storetest.Throttled:  dynamotest.Throttled,
		storetest.Contended:  dynamotest.Contended,
	}[f]
	if ok {
		h.faults.Next(fault, "TransactWriteItems", "BatchWriteItem", "PutItem", "UpdateItem")
	}
	return ok
}
