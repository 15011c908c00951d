package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"dagtilbudsregisteret.dk/infra/peers"
	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/dynamostore"
	"dagtilbudsregisteret.dk/shared/granting"
	"dagtilbudsregisteret.dk/shared/register"
)

// What there is in the cloud of one machine, under the names that the template gives, or has AWS give.
const (
	stage      = "test"
	table      = "dagtilbud"
	givenUp    = "dagtilbud-" + stage + "-GivenUp"
	subscriber = "hold-ind" // a sample; a stack has those of its parameter
	region     = "eu-north-1"
	account    = "000000000000"
	accessKey  = "local"
)

// queueOf is the name of a subscriber's queue, or with a suffix of its dead-letter queue.
func queueOf(navn, suffix string) string { return "dagtilbud-" + stage + "-" + navn + suffix + ".fifo" }

// cloud is what stands in for AWS: servers of their own, with the table and the queues that the stack would make.
type cloud struct {
	dynamoDB, sqs *peers.Server
	tables        *dynamodb.Client
	streams       *dynamodbstreams.Client
	queues        *sqs.Client
	store         *dynamostore.Store
	stream        string // the ARN of the table's stream
	queue         string // the address of the sample subscriber's queue
	givenUp       string // and of that of what the stream gave up
}

// openCloud starts the servers, on the data there is, and makes what is missing.
func openCloud(ctx context.Context, c config) (*cloud, error) {
	cloud := new(cloud)
	err := cloud.start(c.data)
	if err == nil {
		err = cloud.makeTable(ctx, c)
	}
	if err == nil {
		err = cloud.makeQueues(ctx)
	}
	if err != nil {
		cloud.close()
		return nil, err
	}
	return cloud, nil
}

func (c *cloud) start(folder string) error {
	database, databaseErr := peers.DynamoDB()
	queues, queuesErr := peers.SQS()
	if err := errors.Join(databaseErr, queuesErr); err != nil {
		return err
	}
	for peer, server := range map[*peers.Peer]**peers.Server{&database: &c.dynamoDB, &queues: &c.sqs} {
		data := filepath.Join(folder, peer.Name)
		if err := os.MkdirAll(data, 0o700); err != nil {
			return err
		}
		started, err := peers.Start(*peer, data)
		if err != nil {
			return err
		}
		*server = started
	}
	return nil
}

func (c *cloud) makeTable(ctx context.Context, config config) error {
	c.tables = dynamodb.New(dynamodb.Options{BaseEndpoint: &c.dynamoDB.Endpoint, Region: region, Credentials: keys})
	c.streams = dynamodbstreams.New(dynamodbstreams.Options{BaseEndpoint: &c.dynamoDB.Endpoint, Region: region, Credentials: keys})
	series, ok := register.ParseSeries(config.getenv("DTR_NUMMERSERIE"))
	if !ok {
		series = register.DefaultSeries
	}
	c.store = dynamostore.New(c.tables, table, series)
	if err := c.store.CreateTable(ctx); err != nil {
		return err
	}
	described, err := c.tables.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(table)})
	if err != nil {
		return err
	}
	c.stream = aws.ToString(described.Table.LatestStreamArn)
	return nil
}

var keys = credentials.NewStaticCredentialsProvider(accessKey, accessKey, "")

// attributes are those of a subscriber's queues, as infra/stacks/subscriber.yaml has them.
func attributes() map[string]string {
	return map[string]string{
		"FifoQueue": "true", "ContentBasedDeduplication": "false", "DeduplicationScope": "messageGroup",
		"FifoThroughputLimit": "perMessageGroupId", "MaximumMessageSize": "1048576", "MessageRetentionPeriod": "1209600",
	}
}

// mostReceived is how often a subscriber may be handed a message that it does not delete.
const mostReceived = 5

func (c *cloud) makeQueues(ctx context.Context) (err error) {
	c.queues = sqs.New(sqs.Options{BaseEndpoint: &c.sqs.Endpoint, Region: region, Credentials: keys})
	dead := queueOf(subscriber, "-doede")
	taken := attributes()
	taken["RedrivePolicy"] = fmt.Sprintf(`{"deadLetterTargetArn":"arn:aws:sqs:%s:%s:%s","maxReceiveCount":%d}`, region, account, dead, mostReceived)
	_, deadErr := c.makeQueue(ctx, dead, attributes())
	c.queue, err = c.makeQueue(ctx, queueOf(subscriber, ""), taken)
	var lostErr error
	c.givenUp, lostErr = c.makeQueue(ctx, givenUp, map[string]string{"MessageRetentionPeriod": "1209600"})
	return errors.Join(deadErr, err, lostErr)
}

// makeQueue gives a queue's address. One that is there stays as it is.
func (c *cloud) makeQueue(ctx context.Context, name string, attributes map[string]string) (url string, err error) {
	if there, err := c.queues.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &name}); err == nil {
		return aws.ToString(there.QueueUrl), nil
	}
	made, err := c.queues.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
	if err != nil {
		return "", err
	}
	return aws.ToString(made.QueueUrl), nil
}

// giveUp keeps what the stream tells of a batch that was given up.
func (c *cloud) giveUp(ctx context.Context, message []byte) error {
	_, err := c.queues.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &c.givenUp, MessageBody: aws.String(string(message))})
	return err
}

// granting is the use case that makes the demo users, as whoever holds the table may.
func (c *cloud) granting() granting.Service {
	return granting.Service{Store: c.store, Log: c.store, Tables: codes.Embedded(), Now: time.Now}
}

// where says where the data is, for people.
func (c *cloud) where() string {
	return fmt.Sprintf("table %s at %s, and in queues at %s", table, c.dynamoDB.Endpoint, c.sqs.Endpoint)
}

func (c *cloud) close() {
	for _, server := range []*peers.Server{c.dynamoDB, c.sqs} {
		if server != nil {
			server.Stop()
		}
	}
}
