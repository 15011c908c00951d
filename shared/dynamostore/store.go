package dynamostore

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/records"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
)

// Store is a [register.Store], an [access.Store], a [relaying.Store] and a [records.Store] in one DynamoDB table. It holds no connection
// of its own: the client does.
type Store struct {
	client *dynamodb.Client
	table  string
	series register.Series

	seriesAt atomic.Int64  // the series has come at least so far
	queues   sync.Map      // municipality to chan struct{}: the writers of this process take turns
	names    sync.Map      // municipality to *names
	rerun    backoff       // of an update that was overtaken
	resend   backoff       // of a transaction that was not answered
	poll     time.Duration // how long who waits for changes pauses before looking again
}

var (
	_ register.Store = (*Store)(nil)
	_ access.Store   = (*Store)(nil)
	_ relaying.Store = (*Store)(nil)
	_ records.Store  = (*Store)(nil)
)

// New gives the store that is kept in a table and issues numbers along a series.
func New(client *dynamodb.Client, table string, series register.Series) *Store {
	s := &Store{client: client, table: table, series: series, rerun: untilTurn, resend: untilAnswer, poll: time.Second}
	s.seriesAt.Store(register.FirstOrdinal)
	return s
}

// Warm makes a first call, whose answer nobody waits for, while a function is still starting: it opens the connection, and has the
// SDK make ready what it makes ready once. Should it fail, the first real call says what is wrong. It costs half a read unit.
func (s *Store) Warm(ctx context.Context) {
	_, _ = s.reader(ctx, false).get(keys.Ledger("")) // no number: nothing is there
}

// CreateTable makes the table, billed by request and with a stream of its changes, waits until it can be used, and has it remove what
// has expired. A table that is there already is else left as it is.
func (s *Store) CreateTable(ctx context.Context) error {
	_, err := s.client.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName:   &s.table,
		BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("PK"), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String("SK"), AttributeType: types.ScalarAttributeTypeS},
		},
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String("PK"), KeyType: types.KeyTypeHash},
			{AttributeName: aws.String("SK"), KeyType: types.KeyTypeRange},
		},
		StreamSpecification: &types.StreamSpecification{
			StreamEnabled:  aws.Bool(true),
			StreamViewType: types.StreamViewTypeNewAndOldImages,
		},
	})
	if _, there := errors.AsType[*types.ResourceInUseException](err); err != nil && !there {
		return failed("create table", err)
	}
	waiter := dynamodb.NewTableExistsWaiter(s.client, func(o *dynamodb.TableExistsWaiterOptions) { o.MinDelay = time.Second })
	if err := waiter.Wait(ctx, &dynamodb.DescribeTableInput{TableName: &s.table}, time.Minute); err != nil {
		return failed("wait for the table", err)
	}
	return failed("have the table remove what has expired", s.expire(ctx))
}

// expire has the table remove the items whose moment of expiry has passed, if it does not do so already.
func (s *Store) expire(ctx context.Context) error {
	out, err := s.client.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &s.table})
	if err != nil || aws.ToString(out.TimeToLiveDescription.AttributeName) == expiry {
		return err
	}
	_, err = s.client.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
		TableName:               &s.table,
		TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String(expiry), Enabled: aws.Bool(true)},
	})
	return err
}
