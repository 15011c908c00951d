package lambdahost

import (
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// DynamoDB gives a client of the database.
func (c Config) DynamoDB() *dynamodb.Client {
	return dynamodb.NewFromConfig(c.aws(), func(o *dynamodb.Options) { o.BaseEndpoint = override(c.Endpoint) })
}

// SQS gives a client of the queues.
func (c Config) SQS() *sqs.Client {
	return sqs.NewFromConfig(c.aws(), func(o *sqs.Options) { o.BaseEndpoint = override(c.SQSEndpoint) })
}

// aws is a client's configuration. It is made by hand, with the credentials that Lambda puts into the environment: the SDK's own
// loader looks for files and instance metadata that a Lambda never has, and costs part of a cold start.
func (c Config) aws() aws.Config {
	return aws.Config{
		Region:      c.Region,
		Credentials: credentials.NewStaticCredentialsProvider(c.accessKeyID, c.secretAccessKey, c.sessionToken),
		HTTPClient:  awshttp.NewBuildableClient().WithDialerOptions(dial).WithTransportOptions(keepAlive),
	}
}

// override gives an endpoint to use instead of the region's own, if there is one.
func override(endpoint string) *string {
	if endpoint == "" {
		return nil
	}
	return &endpoint
}

// dial gives up early: a new attempt reaches another of the service's hosts long before the gateway's 30 seconds are over.
func dial(d *net.Dialer) { d.Timeout = time.Second }

// keepAlive suits a process that is frozen between requests, for seconds or for an hour: it keeps a connection for each of the
// parallel calls that one request may make, and a connection that died meanwhile fails in time for a retry.
func keepAlive(t *http.Transport) {
	t.MaxIdleConnsPerHost = t.MaxIdleConns
	t.TLSHandshakeTimeout = 2 * time.Second
	t.ResponseHeaderTimeout = 5 * time.Second
}
