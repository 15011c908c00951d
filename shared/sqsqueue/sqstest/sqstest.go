// Package sqstest gives tests an SQS of their own: a server on a free loopback port that ends with the test, queues with dead-letter
// queues and what a subscriber does with them, and faults to inject.
//
// The server is that of package peers, which says where it is found. Where it is missing the test is skipped, or fails with CI=true.
//
// What fauxqs does otherwise than SQS: it hands out one message of a group at a time, forgets deduplication ids when it is restarted,
// keeps a dead letter's deduplication id, and refuses characters beyond U+FFFF. It never throttles, and never refuses a sound message.
package sqstest

import (
	"errors"
	"io"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"dagtilbudsregisteret.dk/infra/peers"
)

// Server is a running SQS for one test.
type Server struct {
	Endpoint string // of its HTTP interface

	t      testing.TB
	folder string // where it keeps its queues; empty for in memory
	server *peers.Server
	client *sqs.Client // the subscribers'
}

// Option changes how a server is started.
type Option func(*Server)

// OnDisk has the server keep its queues in a file, so that they survive [Server.Restart].
func OnDisk() Option { return func(s *Server) { s.folder = s.t.TempDir() } }

// Start starts a server. It is stopped when the test ends, and dies with the test process.
func Start(t testing.TB, options ...Option) *Server {
	t.Helper()
	s := &Server{t: t}
	for _, option := range options {
		option(s)
	}
	peer, err := peers.SQS()
	if err == nil {
		s.server, err = peers.Start(peer, s.folder)
	}
	if err != nil {
		failed(t, err)
	}
	t.Cleanup(s.Stop)
	s.Endpoint = s.server.Endpoint
	s.client = s.Client()
	return s
}

// failed ends a test that has no server: quietly at a desk where none is installed, loudly where all tests must run.
func failed(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, peers.ErrMissing) && os.Getenv("CI") != "true" {
		t.Skipf("NOT RUN: %v", err)
	}
	t.Fatalf("sqstest: %v", err)
}

// Stop kills the server.
func (s *Server) Stop() { s.server.Stop() }

// Restart starts the server anew at the same endpoint, on what it had on disk. It is killed before if that is still to be done.
func (s *Server) Restart() {
	s.t.Helper()
	if s.folder == "" {
		s.t.Fatal("sqstest: a restart needs OnDisk")
	}
	if err := s.server.Restart(); err != nil {
		s.t.Fatalf("sqstest: %v", err)
	}
}

// Client gives a new client of the server.
func (s *Server) Client(options ...func(*sqs.Options)) *sqs.Client {
	transport := &http.Transport{MaxIdleConnsPerHost: 128, IdleConnTimeout: time.Minute}
	s.t.Cleanup(transport.CloseIdleConnections)
	return sqs.New(sqs.Options{
		BaseEndpoint: &s.Endpoint,
		Region:       "eu-north-1",
		Credentials:  credentials.NewStaticCredentialsProvider("test", "test", ""),
		HTTPClient:   &http.Client{Transport: withoutWriteTo{transport}},
	}, options...)
}

// withoutWriteTo hides from net/http that a request's body can write itself. The SDK closes the body as soon as the answer begins; what
// writes itself then says that is an error, for which net/http closes the connection with the answer in it. On loopback answers come
// soon enough for that, and what a server handed out once is lost.
type withoutWriteTo struct{ http.RoundTripper }

func (r withoutWriteTo) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Body != nil {
		request = request.WithContext(request.Context())
		request.Body = struct{ io.ReadCloser }{request.Body}
	}
	return r.RoundTripper.RoundTrip(request)
}
