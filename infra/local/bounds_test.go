package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// within gives bounds that a test can wait for where it is made to, and are the program's elsewhere.
func within(tighten func(*bounds)) bounds {
	b := usual
	tighten(&b)
	return b
}

// impatient is for callers who send or take a byte at a time, far below the pace.
var impatient = within(func(b *bounds) { b.pace, b.patience = 1<<20, 400*time.Millisecond })

// serveWithin serves a handler within bounds and gives its address.
func serveWithin(t *testing.T, b bounds, h http.HandlerFunc) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server, limited := b.server(h, listener)
	go server.Serve(limited)
	t.Cleanup(func() { server.Close() })
	return listener.Addr().String()
}

// dial connects and sends the beginning of a request.
func dial(t *testing.T, address, begin string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := io.WriteString(conn, begin); err != nil {
		t.Fatal(err)
	}
	return conn
}

// trickle sends a byte whenever the server has said nothing for a moment, until it closes the connection, and gives what it said.
func trickle(t *testing.T, conn net.Conn, drop byte) string {
	t.Helper()
	var said bytes.Buffer
	for {
		conn.SetReadDeadline(time.Now().Add(5 * time.Millisecond))
		_, err := io.Copy(&said, conn)
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			return said.String()
		}
		if _, err := conn.Write([]byte{drop}); err != nil {
			conn.SetReadDeadline(time.Time{})
			io.Copy(&said, conn)
			return said.String()
		}
	}
}

func TestSlowHeader(t *testing.T) {
	b := within(func(b *bounds) { b.headerTime = 100 * time.Millisecond })
	address := serveWithin(t, b, func(http.ResponseWriter, *http.Request) { t.Error("a request came in") })
	if said := trickle(t, dial(t, address, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "), 'x'); said != "" {
		t.Errorf("the server said %q", said)
	}
}

func TestLargeHeader(t *testing.T) {
	address := serveWithin(t, usual, func(http.ResponseWriter, *http.Request) { t.Error("a request came in") })
	conn := dial(t, address, "GET / HTTP/1.1\r\nHost: x\r\nX-Large: "+strings.Repeat("x", 24<<10))
	if said, _ := io.ReadAll(conn); !strings.HasPrefix(string(said), "HTTP/1.1 431 ") {
		t.Errorf("the server said %q", said)
	}
}

// TestSlowBody trickles a body, to a handler that reads it and to one that does not.
func TestSlowBody(t *testing.T) {
	read := make(chan error, 1)
	address := serveWithin(t, impatient, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/refused" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, err := io.Copy(io.Discard, r.Body)
		read <- err
		w.WriteHeader(http.StatusBadRequest)
	})
	for path, status := range map[string]string{"/read": "400", "/refused": "401"} {
		conn := dial(t, address, "POST "+path+" HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
		if said := trickle(t, conn, 'x'); !strings.HasPrefix(said, "HTTP/1.1 "+status) || !strings.Contains(said, "Connection: close") {
			t.Errorf("%s: the server said %q", path, said)
		}
	}
	if err := <-read; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the handler read until %v", err)
	}
}

// TestReaderWhoDoesNotRead asks for more than the connection's buffers hold, and takes none of it.
func TestReaderWhoDoesNotRead(t *testing.T) {
	written := make(chan error)
	address := serveWithin(t, impatient, func(w http.ResponseWriter, _ *http.Request) {
		var err error
		for err == nil {
			_, err = w.Write(make([]byte, 64<<10))
		}
		written <- err
	})
	conn := dial(t, address, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	if err := <-written; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the handler wrote until %v", err)
	}
	io.Copy(io.Discard, conn) // until the server closes
}

// TestManyConnections has more callers than places: each waits its turn, and is answered.
func TestManyConnections(t *testing.T) {
	const callers, places = 10, 3
	var inside, most atomic.Int32
	entered, leave := make(chan struct{}), make(chan struct{})
	b := within(func(b *bounds) { b.connections = places })
	address := serveWithin(t, b, func(http.ResponseWriter, *http.Request) {
		if n := inside.Add(1); n > most.Load() {
			most.Store(n)
		}
		entered <- struct{}{}
		<-leave
		inside.Add(-1)
	})
	var conns []net.Conn
	for range callers {
		conns = append(conns, dial(t, address, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
	}
	for range places {
		<-entered
	}
	for i := range callers {
		leave <- struct{}{}
		if i < callers-places {
			<-entered
		}
	}
	for _, conn := range conns {
		if status, err := bufio.NewReader(conn).ReadString('\n'); !strings.HasPrefix(status, "HTTP/1.1 200") {
			t.Errorf("a caller was answered %q, %v", status, err)
		}
	}
	if most.Load() != places {
		t.Errorf("%d callers were inside at once", most.Load())
	}
}

// TestShutdownWhileFull ends a server that has no place left, with callers who keep their connections.
func TestShutdownWhileFull(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := within(func(b *bounds) { b.connections = 2 })
	server, limited := b.server(http.NotFoundHandler(), listener)
	served := make(chan error, 1)
	go func() { served <- server.Serve(limited) }()
	for range b.connections {
		conn := dial(t, listener.Addr().String(), "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		if _, err := bufio.NewReader(conn).ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	if err := server.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		t.Error(err)
	}
}

// TestUsualPace holds the program's own bounds to what they say, on a clock that runs only when everybody waits: who keeps to the pace
// may take hours, who is a tenth slower is given up, and the register's own work takes its time.
func TestUsualPace(t *testing.T) {
	for _, c := range []struct {
		name         string
		sends, takes int // bytes a second
		sent, taken  bool
	}{
		{"keeps to the pace", usual.pace, usual.pace, true, true},
		{"sends slowly", usual.pace * 9 / 10, usual.pace, false, false},
		{"takes slowly", usual.pace, usual.pace * 9 / 10, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSlow(t)
				var sending sync.WaitGroup
				sending.Go(func() { s.send(s.length, c.sends) })
				s.take(c.takes)
				sending.Wait()
				if sent, taken := <-s.sent, <-s.taken; sent != c.sent || taken != c.taken {
					t.Errorf("all came: %v; all was taken: %v", sent, taken)
				}
			})
		})
	}
}

// TestHaltingBody sends much, and then nothing: to have been fast does not buy time.
func TestHaltingBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSlow(t)
		s.send(s.length/2, s.length/2)
		began := time.Now()
		io.Copy(io.Discard, s.conn)
		if held := time.Since(began); held > 3*usual.patience {
			t.Errorf("the connection was held for %v", held)
		}
	})
}

// slow is a call that sends and takes hours' worth of bytes, with hours of work between the two.
type slow struct {
	conn        net.Conn
	length      int
	sent, taken chan bool // whether the handler had all, and could give all
}

const hours = 2 * time.Hour

// newSlow begins the call on a connection without a network in it, so that time is the test's own.
func newSlow(t *testing.T) *slow {
	there, here := net.Pipe()
	s := &slow{here, int(hours/time.Second) * usual.pace, make(chan bool, 1), make(chan bool, 1)}
	listener := &oneConn{make(chan net.Conn, 1), make(chan struct{})}
	listener.conn <- there
	server, limited := usual.server(s, listener)
	go server.Serve(limited)
	t.Cleanup(func() { server.Close() })
	return s
}

func (s *slow) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, err := io.Copy(io.Discard, r.Body)
	s.sent <- err == nil
	if err == nil {
		io.Copy(io.Discard, r.Body) // to be told once more that it has ended
		time.Sleep(hours)
		err = r.Context().Err()
	}
	const piece = hours / time.Second / 100
	for left := s.length; left > 0 && err == nil; left -= int(piece) * usual.pace {
		_, err = w.Write(make([]byte, int(piece)*usual.pace))
	}
	s.taken <- err == nil
}

// send sends the call with some of its body, so many bytes a second, until it breaks.
func (s *slow) send(body, each int) {
	_, err := fmt.Fprintf(s.conn, "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n", s.length)
	for left := body; left > 0 && err == nil; left -= each {
		time.Sleep(time.Second)
		_, err = s.conn.Write(make([]byte, min(each, left)))
	}
}

// take takes the answer, so many bytes a second, until it ends or breaks.
func (s *slow) take(each int) {
	for {
		if _, err := io.ReadFull(s.conn, make([]byte, each)); err != nil {
			return
		}
		time.Sleep(time.Second)
	}
}

// oneConn is a listener with one connection.
type oneConn struct {
	conn   chan net.Conn
	closed chan struct{}
}

func (l *oneConn) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conn:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *oneConn) Close() error   { close(l.closed); return nil }
func (l *oneConn) Addr() net.Addr { return &net.TCPAddr{} }
