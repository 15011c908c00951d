package main

import (
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// bounds keep callers who are slow, by accident or on purpose, from holding what all share. There are only so many connections at a
// time; whoever comes beyond them waits in the system's queue. A header has its size and its time. A body and an answer may be of any
// size and take any time, as long as they keep moving at a pace, behind which they may fall by so much and no more. Only the time in
// which the caller is waited for counts: what the register does with a body, and before an answer, takes as long as it takes.
type bounds struct {
	header      int           // bytes of a header; net/http lets some 4 KB more pass
	headerTime  time.Duration // from its first byte, or from the connection's beginning, to its last
	idle        time.Duration // between two calls on a connection
	pace        int           // bytes of a body or an answer that must move in a second
	patience    time.Duration // how far they may fall behind
	connections int           // at once
}

// usual are the bounds of the program. A caller may have the register hold a body of 6 MB in memory, so these connections take 1.5 GB
// at the very worst.
var usual = bounds{
	header: 16 << 10, headerTime: 5 * time.Second, idle: 10 * time.Second, pace: 16 << 10, patience: 30 * time.Second, connections: 256,
}

// server gives the server of a handler, and the listener to give it, within the bounds.
func (b bounds) server(h http.Handler, l net.Listener) (*http.Server, net.Listener) {
	limited := &limitedListener{Listener: l, places: make(chan struct{}, b.connections), closed: make(chan struct{})}
	return &http.Server{
		Handler: b.paced(h), MaxHeaderBytes: b.header, ReadHeaderTimeout: b.headerTime, IdleTimeout: b.idle, ConnState: limited.leave,
	}, limited
}

// limitedListener accepts a connection only when there is a place for it.
type limitedListener struct {
	net.Listener
	places chan struct{}
	closed chan struct{}
	close  sync.Once
}

// Accept implements [net.Listener].
func (l *limitedListener) Accept() (net.Conn, error) {
	select {
	case l.places <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	conn, err := l.Listener.Accept()
	if err != nil {
		<-l.places
	}
	return conn, err
}

// leave gives a connection's place to the next, when the server says that it is done with it.
func (l *limitedListener) leave(_ net.Conn, state http.ConnState) {
	if state == http.StateClosed {
		<-l.places
	}
}

// Close implements [net.Listener]. It ends the wait for a place, too, which the server's shutdown would otherwise wait for.
func (l *limitedListener) Close() error {
	l.close.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

// paced has a handler's bodies come, and its answers be taken, at the pace.
func (b bounds) paced(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		control := http.NewResponseController(w)
		body := &pacedBody{ReadCloser: r.Body, slack: slack{b, b.patience}, control: control, ended: r.Body == http.NoBody}
		answer := &pacedAnswer{ResponseWriter: w, slack: slack{b, b.patience}, control: control}
		body.wait()
		defer func() {
			// On its own net/http now reads on in a body that the handler left, and then sends the last of what it wrote.
			body.left, answer.left = b.patience, 2*b.patience
			body.wait()
			answer.wait(0)
		}()
		r = r.WithContext(r.Context()) // a copy: net/http must find its own body in the request it gave
		r.Body = body
		next.ServeHTTP(answer, r)
	})
}

// slack is how long a caller may still be waited for.
type slack struct {
	bounds
	left time.Duration
}

// timeFor is how long so many bytes may take.
func (s *slack) timeFor(bytes int) time.Duration {
	return time.Duration(bytes) * time.Second / time.Duration(s.pace)
}

// moved notes that bytes have moved since a moment. Those who are ahead gain nothing for later.
func (s *slack) moved(bytes int, since time.Time) {
	s.left = min(s.left+s.timeFor(bytes)-time.Since(since), s.patience)
}

// pacedBody is a body that must keep coming.
type pacedBody struct {
	io.ReadCloser
	slack
	control *http.ResponseController
	ended   bool
}

// wait sets how long the next bytes are waited for. Where that fails the connection is gone, which the reading tells. At the body's end
// net/http takes the deadline away and goes on to read, to notice when the caller leaves; from then on there must be none, for it
// would take one that passes for that.
func (b *pacedBody) wait() {
	if !b.ended {
		_ = b.control.SetReadDeadline(time.Now().Add(b.left))
	}
}

// Read implements [io.Reader].
func (b *pacedBody) Read(p []byte) (int, error) {
	began := time.Now()
	b.wait()
	n, err := b.ReadCloser.Read(p)
	b.moved(n, began)
	b.ended = b.ended || err == io.EOF
	return n, err
}

// pacedAnswer is an answer that must keep being taken.
type pacedAnswer struct {
	http.ResponseWriter
	slack
	control *http.ResponseController
}

// wait sets how long it is waited for so many bytes to be taken. Where that fails the connection is gone, which the writing tells.
func (a *pacedAnswer) wait(bytes int) {
	_ = a.control.SetWriteDeadline(time.Now().Add(a.left + a.timeFor(bytes)))
}

// Write implements [http.ResponseWriter].
func (a *pacedAnswer) Write(p []byte) (int, error) {
	began := time.Now()
	a.wait(len(p))
	n, err := a.ResponseWriter.Write(p)
	a.moved(n, began)
	return n, err
}

// Unwrap lets [http.ResponseController] reach the connection.
func (a *pacedAnswer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
