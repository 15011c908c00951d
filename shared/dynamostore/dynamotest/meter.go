package dynamotest

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"
)

// Cost is what calls took: by DynamoDB's rules, and as the server reported it.
type Cost struct {
	Calls                       int
	Read, Write                 float64
	ReportedRead, ReportedWrite float64
}

// String gives the cost as a line of a table.
func (c Cost) String() string {
	return fmt.Sprintf("%3d calls %7.1f RU %6.1f WU   reported %7.1f RU %6.1f WU",
		c.Calls, c.Read, c.Write, c.ReportedRead, c.ReportedWrite)
}

// Meter counts what a client's calls cost. It remembers the sizes of the items it saw, for a write costs by the larger of the old
// item and the new.
type Meter struct {
	t     testing.TB
	mu    sync.Mutex
	cost  Cost
	sizes map[string]int
}

// NewMeter gives a meter that stands at zero.
func NewMeter(t testing.TB) *Meter { return &Meter{t: t, sizes: make(map[string]int)} }

// Attach is an option of a client.
func (m *Meter) Attach(o *dynamodb.Options) {
	o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("dynamotest.Meter", m.handle), middleware.After)
	})
}

// Take gives the cost since the last time, and goes back to zero.
func (m *Meter) Take() Cost {
	m.mu.Lock()
	defer m.mu.Unlock()
	cost := m.cost
	m.cost = Cost{}
	return cost
}

func (m *Meter) handle(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
	out middleware.InitializeOutput, metadata middleware.Metadata, err error) {
	askForCapacity(in.Parameters)
	out, metadata, err = next.HandleInitialize(ctx, in)
	if err == nil {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.cost.Calls++
		m.count(in.Parameters, out.Result)
	}
	return out, metadata, err
}

func askForCapacity(input any) {
	switch in := input.(type) {
	case *dynamodb.GetItemInput:
		in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	case *dynamodb.QueryInput:
		in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	case *dynamodb.PutItemInput:
		in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	case *dynamodb.UpdateItemInput:
		in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	case *dynamodb.BatchWriteItemInput:
		in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	case *dynamodb.TransactWriteItemsInput:
		in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	}
}

func (m *Meter) count(input, output any) {
	switch in := input.(type) {
	case *dynamodb.GetItemInput:
		out := output.(*dynamodb.GetItemOutput)
		m.read([]Item{out.Item}, in.ConsistentRead, out.ConsumedCapacity)
	case *dynamodb.QueryInput:
		out := output.(*dynamodb.QueryOutput)
		m.read(out.Items, in.ConsistentRead, out.ConsumedCapacity)
	case *dynamodb.PutItemInput:
		m.wrote(WriteUnits(m.put(in.Item)), output.(*dynamodb.PutItemOutput).ConsumedCapacity)
	case *dynamodb.UpdateItemInput:
		m.wrote(WriteUnits(m.sizes[key(in.Key)]), output.(*dynamodb.UpdateItemOutput).ConsumedCapacity)
	case *dynamodb.BatchWriteItemInput:
		m.wrote(m.batch(in.RequestItems), consumed(output.(*dynamodb.BatchWriteItemOutput).ConsumedCapacity)...)
	case *dynamodb.TransactWriteItemsInput:
		m.wrote(2*m.transaction(in.TransactItems), consumed(output.(*dynamodb.TransactWriteItemsOutput).ConsumedCapacity)...)
	case *dynamodb.CreateTableInput, *dynamodb.DescribeTableInput, *dynamodb.UpdateTableInput,
		*dynamodb.DescribeTimeToLiveInput, *dynamodb.UpdateTimeToLiveInput:
	default:
		m.t.Errorf("dynamotest: the meter cannot count a %T", input)
	}
}

func consumed(all []types.ConsumedCapacity) (each []*types.ConsumedCapacity) {
	for i := range all {
		each = append(each, &all[i])
	}
	return each
}

func (m *Meter) read(items []Item, consistent *bool, reported *types.ConsumedCapacity) {
	size := 0
	for _, item := range items {
		n := Size(item)
		m.sizes[key(item)] = n
		size += n
	}
	units := ReadUnits(size)
	if aws.ToBool(consistent) {
		units *= 2
	}
	m.cost.Read += units
	if reported != nil {
		m.cost.ReportedRead += aws.ToFloat64(reported.CapacityUnits)
	}
}

func (m *Meter) wrote(units float64, reported ...*types.ConsumedCapacity) {
	m.cost.Write += units
	for _, r := range reported {
		if r != nil {
			m.cost.ReportedWrite += aws.ToFloat64(r.CapacityUnits)
		}
	}
}

// put notes an item's new size, and gives the size it is written at.
func (m *Meter) put(item Item) int {
	was, is := m.sizes[key(item)], Size(item)
	m.sizes[key(item)] = is
	return max(was, is)
}

// batch gives the units of a batch of puts of which nothing is left over.
func (m *Meter) batch(tables map[string][]types.WriteRequest) (units float64) {
	for _, requests := range tables {
		for _, r := range requests {
			units += WriteUnits(m.put(r.PutRequest.Item))
		}
	}
	return units
}

// transaction gives the units that a transaction's items would take outside of it.
func (m *Meter) transaction(items []types.TransactWriteItem) (units float64) {
	for _, item := range items {
		switch {
		case item.Put != nil:
			units += WriteUnits(m.put(item.Put.Item))
		case item.Delete != nil:
			units += WriteUnits(m.sizes[key(item.Delete.Key)])
			delete(m.sizes, key(item.Delete.Key))
		case item.Update != nil:
			units += WriteUnits(m.sizes[key(item.Update.Key)])
		case item.ConditionCheck != nil:
			units += WriteUnits(m.sizes[key(item.ConditionCheck.Key)])
		}
	}
	return units
}

func key(item Item) string {
	pk, _ := item["PK"].(*types.AttributeValueMemberS)
	sk, _ := item["SK"].(*types.AttributeValueMemberS)
	if pk == nil || sk == nil {
		return ""
	}
	return pk.Value + "\x00" + sk.Value
}
