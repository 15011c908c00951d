// Package sqstest gives tests an SQS of their own: a server on a free loopback port that ends with the test, queues with dead-letter
// queues and what a subscriber does with them, and faults to inject.
//
// The server is fauxqs, run by a Node of its own; both are npm packages below .tools at the repository's root. DTR_NODE names another
// Node, of version 22.5 or later. Where either is missing the test is skipped, or fails with CI=true.
//
// What fauxqs does otherwise than SQS: it hands out one message of a group at a time, forgets deduplication ids when it is restarted,
// keeps a dead letter's deduplication id, and refuses characters beyond U+FFFF. It never throttles, and never refuses a sound message.
package sqstest

import (
	"io"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// Server is a running SQS for one test.
type Server struct {
	Endpoint string // of its HTTP interface

	t       testing.TB
	peer    peer
	port    int
	folder  string // where it keeps its queues; empty for in memory
	process *process
	client  *sqs.Client // the subscribers'
}

// Option changes how a server is started.
type Option func(*Server)

// OnDisk has the server keep its queues in a file, so that they survive [Server.Restart].
func OnDisk() Option { return func(s *Server) { s.folder = s.t.TempDir() } }

// Start starts a server. It is stopped when the test ends, and dies with the test process.
func Start(t testing.TB, options ...Option) *Server {
	t.Helper()
	s := &Server{t: t, peer: findPeer(t)}
	for _, option := range options {
		option(s)
	}
	s.launch()
	s.Endpoint = "http://127.0.0.1:" + strconv.Itoa(s.port)
	t.Cleanup(s.Stop)
	s.client = s.Client()
	return s
}

func (s *Server) launch() {
	s.t.Helper()
	s.process = start(s.t, s.peer.command(s.port, s.folder))
	if s.port = s.process.port(); s.port == 0 {
		s.Stop()
		s.t.Fatalf("sqstest: fauxqs does not start: %s", s.process.said.String())
	}
}

// Stop kills the server.
func (s *Server) Stop() { s.process.kill() }

// Restart starts the server anew at the same endpoint, on what it had on disk. It is killed before if that is still to be done.
func (s *Server) Restart() {
	s.t.Helper()
	if s.folder == "" {
		s.t.Fatal("sqstest: a restart needs OnDisk")
	}
	s.Stop()
	s.launch()
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
