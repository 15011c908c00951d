// Package dynamotest gives tests a DynamoDB of their own: a real server on a free loopback port that ends with the test, a meter for
// what the calls cost, and faults to inject.
//
// The server is that of package peers, which says where it is found and how another is chosen. Where it is missing the test is skipped,
// or fails with CI=true.
package dynamotest

import (
	"errors"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"dagtilbudsregisteret.dk/infra/peers"
)

// Server is a running DynamoDB for one test.
type Server struct {
	Endpoint string // of its HTTP interface

	t      testing.TB
	folder string // where it keeps its tables; empty for in memory
	peer   peers.Peer
	server *peers.Server
}

// Option changes how a server is started.
type Option func(*Server)

// OnDisk has the server keep its tables in a file, so that they survive [Server.Restart].
func OnDisk() Option { return func(s *Server) { s.folder = s.t.TempDir() } }

// Start starts a server. It is stopped when the test ends, and dies with the test process.
func Start(t testing.TB, options ...Option) *Server {
	t.Helper()
	s := &Server{t: t}
	for _, option := range options {
		option(s)
	}
	var err error
	if s.peer, err = peers.DynamoDB(); err == nil {
		s.server, err = peers.Start(s.peer, s.folder)
	}
	if err != nil {
		failed(t, err)
	}
	t.Cleanup(s.server.Stop)
	s.Endpoint = s.server.Endpoint
	return s
}

// failed ends a test that has no server: quietly at a desk where none is installed, loudly where all tests must run.
func failed(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, peers.ErrMissing) && os.Getenv("CI") != "true" {
		t.Skipf("NOT RUN: %v", err)
	}
	t.Fatalf("dynamotest: %v", err)
}

// Restart kills the server and starts it anew at the same endpoint, on what it had on disk.
func (s *Server) Restart() {
	s.t.Helper()
	if s.folder == "" {
		s.t.Fatal("dynamotest: a restart needs OnDisk")
	}
	if err := s.server.Restart(); err != nil {
		s.t.Fatalf("dynamotest: %v", err)
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
func (s *Server) CountsByTheRules() bool { return s.peer.Name == "dynoxide" }
