// Package dynamotest gives tests a DynamoDB of their own: a real server on a free loopback port that ends with the test, a meter for
// what the calls cost, and faults to inject.
//
// The server is dynoxide, one static binary, found at .tools/node_modules below the repository's root or where DTR_DYNOXIDE says.
// DTR_PEER=dynamodb-local has Amazon's DynamoDB Local instead: a second opinion that somebody asks for, never a default, for its
// licence wants an AWS account. It cannot be told to bind to loopback only. Where the server is missing the test is skipped, or
// fails with CI=true.
package dynamotest

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Server is a running DynamoDB for one test.
type Server struct {
	Endpoint string // of its HTTP interface

	t       testing.TB
	peer    peer
	port    int
	process *process
}

// Option changes how a server is started.
type Option func(*Server)

// OnDisk has the server keep its tables in a file, so that they survive [Server.Restart].
func OnDisk() Option { return func(s *Server) { s.peer.folder = s.t.TempDir() } }

// Start starts a server. It is stopped when the test ends, and dies with the test process.
func Start(t testing.TB, options ...Option) *Server {
	t.Helper()
	s := &Server{t: t, peer: choosePeer(t)}
	for _, option := range options {
		option(s)
	}
	const tries = 5 // another process may take the port before the server does
	for range tries {
		s.port = freePort(t)
		if s.launch() {
			s.Endpoint = "http://127.0.0.1:" + strconv.Itoa(s.port)
			t.Cleanup(s.stop)
			return s
		}
	}
	t.Fatalf("dynamotest: %s does not start: %s", s.peer.name, s.process.output.String())
	return nil
}

func (s *Server) launch() bool {
	s.process = start(s.t, s.peer.command(s.port, s.peer.folder))
	return s.process.listens(s.port)
}

func (s *Server) stop() { s.process.kill() }

// Restart kills the server and starts it anew at the same endpoint, on what it had on disk.
func (s *Server) Restart() {
	s.t.Helper()
	if s.peer.folder == "" {
		s.t.Fatal("dynamotest: a restart needs OnDisk")
	}
	s.stop()
	if !s.launch() {
		s.t.Fatalf("dynamotest: %s does not start again: %s", s.peer.name, s.process.output.String())
	}
}

// Client gives a new client of the server.
func (s *Server) Client(options ...func(*dynamodb.Options)) *dynamodb.Client {
	transport := &http.Transport{MaxIdleConnsPerHost: 128, IdleConnTimeout: time.Minute}
	s.t.Cleanup(transport.CloseIdleConnections)
	return dynamodb.New(dynamodb.Options{
		BaseEndpoint: &s.Endpoint,
		Region:       "eu-north-1",
		Credentials:  credentials.NewStaticCredentialsProvider("test", "test", ""),
		HTTPClient:   &http.Client{Transport: transport},
	}, options...)
}

// WithoutStream turns a table's stream off, for tests that write much and read no stream: dynoxide's writes grow slower with each
// record that a stream holds.
func WithoutStream(t testing.TB, client *dynamodb.Client, table string) {
	t.Helper()
	_, err := client.UpdateTable(t.Context(), &dynamodb.UpdateTableInput{
		TableName: &table, StreamSpecification: &types.StreamSpecification{StreamEnabled: aws.Bool(false)},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// CountsByTheRules tells whether the capacity that the server reports follows DynamoDB's rules: DynamoDB Local reports too
// little for a transaction.
func (s *Server) CountsByTheRules() bool { return s.peer.name == "dynoxide" }
