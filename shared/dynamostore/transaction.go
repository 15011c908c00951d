package dynamostore

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/register"
)

// What DynamoDB takes in one transaction.
const (
	mostItems  = 100
	mostBytes  = 4 << 20
	mostOfItem = 400 << 10
)

// size is at least what DynamoDB counts.
func (it item) size() (n int) {
	for name, v := range it {
		n += len(name) + 1 + sizeOf(v)
	}
	return n
}

func sizeOf(v types.AttributeValue) (n int) {
	const (
		number    = 21 // at most
		container = 3
	)
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return len(v.Value)
	case *types.AttributeValueMemberB:
		return len(v.Value)
	case *types.AttributeValueMemberM:
		return container + item(v.Value).size()
	case *types.AttributeValueMemberL:
		for _, e := range v.Value {
			n += 1 + sizeOf(e)
		}
		return container + n
	}
	return number
}

// transaction is the items of a transaction in the making.
type transaction struct {
	table *string
	items []types.TransactWriteItem
	bytes int
	large bool // an item is more than DynamoDB takes
}

// condition is what must hold of an item for a transaction to take effect.
type condition struct {
	expression string
	values     item
}

var (
	absent  = condition{expression: "attribute_not_exists(PK)"}
	present = condition{expression: "attribute_exists(PK)"}
)

// nrIs holds while a head or the series stands at nr.
func nrIs(nr int64) condition { return condition{"nr = :was", item{":was": integer(nr)}} }

// nrAtMost holds while the series has not passed nr.
func nrAtMost(nr int64) condition {
	return condition{"attribute_not_exists(PK) OR nr <= :was", item{":was": integer(nr)}}
}

// headIs holds while a municipality's log stands at nr.
func headIs(nr int64) condition {
	if nr == 0 {
		return absent
	}
	return nrIs(nr)
}

// versionIs holds while a row has a version.
func versionIs(version int64) condition {
	return condition{"version = :was", item{":was": integer(version)}}
}

func (t *transaction) add(i types.TransactWriteItem) { t.items = append(t.items, i) }

func (t *transaction) put(k keys.Key, it item, c condition) {
	it.keyed(k)
	size := it.size()
	t.bytes += size
	t.large = t.large || size > mostOfItem
	t.add(types.TransactWriteItem{Put: &types.Put{
		TableName: t.table, Item: it, ConditionExpression: &c.expression, ExpressionAttributeValues: c.values,
	}})
}

func (t *transaction) delete(k keys.Key, c condition) {
	t.add(types.TransactWriteItem{Delete: &types.Delete{
		TableName: t.table, Key: keyOf(k), ConditionExpression: &c.expression, ExpressionAttributeValues: c.values,
	}})
}

func (t *transaction) check(k keys.Key, c condition) {
	t.add(types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
		TableName: t.table, Key: keyOf(k), ConditionExpression: &c.expression, ExpressionAttributeValues: c.values,
	}})
}

// fits is TooLarge for what DynamoDB would not take.
func (t *transaction) fits() error {
	if len(t.items) <= mostItems && t.bytes <= mostBytes && !t.large {
		return nil
	}
	return &register.Error{Kind: register.TooLarge, Detail: register.Text{
		Da: "Så meget kan ikke skrives på én gang. Del det op.",
		En: "So much cannot be written at once. Send it in parts.",
	}}
}
