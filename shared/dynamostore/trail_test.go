package dynamostore

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/dynamostore/dynamotest"
	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/storetest"
)

// leftOver is an option of a client: of each batch DynamoDB takes no more than a number of items.
func leftOver(takes int) func(*dynamodb.Options) {
	cut := func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
		middleware.InitializeOutput, middleware.Metadata, error) {
		batch, ok := in.Parameters.(*dynamodb.BatchWriteItemInput)
		if !ok {
			return next.HandleInitialize(ctx, in)
		}
		left := make(map[string][]types.WriteRequest)
		for table, all := range batch.RequestItems {
			if len(all) > takes {
				batch.RequestItems[table], left[table] = all[:takes], all[takes:]
			}
		}
		out, metadata, err := next.HandleInitialize(ctx, in)
		if err == nil {
			out.Result.(*dynamodb.BatchWriteItemOutput).UnprocessedItems = left
		}
		return out, metadata, err
	}
	return func(o *dynamodb.Options) {
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("leftOver", cut), middleware.Before)
		})
	}
}

// refusals gives acts that were refused, each with findings.
func refusals(count int) []access.Entry {
	entries := make([]access.Entry, count)
	for i := range entries {
		tid := storetest.Now.Add(time.Duration(i) * time.Millisecond)
		entries[i] = access.Entry{ID: fmt.Sprint(i), Tid: tid, Handling: "opret", Afvist: true, Fund: fmt.Appendf(nil, "[%d]", i)}
	}
	return entries
}

func wantRefusals(t *testing.T, s *Store, count int) {
	t.Helper()
	found, err := collect(s.Entries(t.Context(), storetest.Now, access.Entry{}, storetest.Now))
	if err != nil || len(found) != count {
		t.Errorf("%v: %d entries, want %d", err, len(found), count)
	}
	for i, e := range found {
		if want := fmt.Sprintf("[%d]", len(found)-1-i); string(e.Fund) != want {
			t.Errorf("entry %d has the findings %q, want %s", i, e.Fund, want)
		}
	}
}

// What DynamoDB leaves over of a batch is sent again, until there is no use in it.
func TestBatchesLeftOver(t *testing.T) {
	server := dynamotest.Start(t)
	newStore(t, server.Client(), "Dagtilbud", register.DefaultSeries)
	for takes, want := range map[int]func(error){
		4: func(err error) {
			if err != nil {
				t.Error(err)
			}
		},
		3: func(err error) { wantKind(t, err, register.Unavailable) },
	} {
		s := New(server.Client(leftOver(takes)), "Dagtilbud", register.DefaultSeries)
		s.resend.most = s.resend.first
		want(s.AddTrail(t.Context(), refusals(30)...))
	}
	wantRefusals(t, New(server.Client(), "Dagtilbud", register.DefaultSeries), 30)
}

func TestAddTrailThroughFaults(t *testing.T) {
	const batch = "BatchWriteItem"
	for _, fault := range []dynamotest.Fault{dynamotest.Unsent, dynamotest.Unanswered, dynamotest.Throttled} {
		b := start(t)
		for range b.resend.tries - 1 {
			b.faults.Next(fault, batch)
		}
		if err := b.AddTrail(t.Context(), refusals(30)...); err != nil {
			t.Errorf("fault %d, one try left: %v", fault, err)
		}
		wantRefusals(t, b.Store, 30)
		for range b.resend.tries {
			b.faults.Next(fault, batch)
		}
		wantKind(t, b.AddTrail(t.Context(), refusals(31)...), register.Unavailable)
	}
	wantKind(t, start(t).AddTrail(t.Context(), access.Entry{Fund: make([]byte, mostOfItem)}), register.Internal)
}

// Findings can be seen before their entry is, and an entry before its findings.
func TestFindingsOutOfStep(t *testing.T) {
	b := start(t)
	entries := refusals(4)
	if err := b.AddTrail(t.Context(), entries[0], entries[2]); err != nil {
		t.Fatal(err)
	}
	b.put(t, keys.Finding(entries[1].Tid, entries[1].ID), encodeFund(&entries[1]))
	b.put(t, keys.Finding(entries[3].Tid, entries[3].ID), encodeFund(&entries[3]))
	if err := b.AddTrail(t.Context(), access.Entry{ID: "bar", Tid: storetest.Now.Add(-time.Hour)}); err != nil {
		t.Fatal(err)
	}
	found, err := collect(b.Entries(t.Context(), storetest.Now, access.Entry{}, storetest.Now))
	if err != nil || len(found) != 3 || string(found[0].Fund) != "[2]" || string(found[1].Fund) != "[0]" || found[2].Fund != nil {
		t.Errorf("%v: %+v", err, found)
	}
}

// The findings of old days are not even looked for.
func TestOldFindingsCostNothing(t *testing.T) {
	b := start(t)
	if err := b.AddTrail(t.Context(), refusals(3)...); err != nil {
		t.Fatal(err)
	}
	b.meter.Take()
	_, err := collect(b.Entries(t.Context(), storetest.Now, access.Entry{}, storetest.Now.AddDate(1, 0, 0)))
	if cost := b.meter.Take(); err != nil || cost.Calls != 1 {
		t.Errorf("%v, %s", err, cost)
	}
}

// The table removes findings by itself when their time is up, and nothing else.
func TestFindingsExpire(t *testing.T) {
	b := start(t)
	if err := b.CreateTable(t.Context()); err != nil {
		t.Errorf("once more: %v", err)
	}
	out, err := b.client.DescribeTimeToLive(t.Context(), &dynamodb.DescribeTimeToLiveInput{TableName: &b.table})
	if err != nil || out.TimeToLiveDescription.TimeToLiveStatus != types.TimeToLiveStatusEnabled ||
		aws.ToString(out.TimeToLiveDescription.AttributeName) != expiry {
		t.Errorf("%v: %+v", err, out)
	}
	e := refusals(1)[0]
	const at = "1803198600" // 2027-02-21T08:30:00Z, ninety days later
	if n, ok := encodeFund(&e)[expiry].(*types.AttributeValueMemberN); !ok || n.Value != at {
		t.Errorf("findings expire at %v, want %s", n, at)
	}
	u, act := saving(1)
	u.Secrets = []access.Secret{{ID: "A", Udloeber: storetest.Now}}
	for _, it := range []item{encodeEntry(&act, "tx"), encodeUser(&u)} {
		if it[expiry] != nil {
			t.Errorf("it expires: %v", it)
		}
	}
}
