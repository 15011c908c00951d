package peers

import (
	"fmt"
	"net"
	"strconv"
)

// Server is a peer that runs.
type Server struct {
	Endpoint string // of its HTTP interface

	peer    Peer
	port    int
	folder  string
	process *process
}

// tries is how often a free port is looked for: another process may take it before the server does.
const tries = 5

// Start starts a peer on a free port, on what is in a folder, or in memory where the folder is empty, and returns when it answers. If it
// ends instead, the error has what it said.
func Start(peer Peer, folder string) (*Server, error) {
	s := &Server{peer: peer, folder: folder}
	var err error
	for range tries {
		if !peer.says {
			if s.port, err = freePort(); err != nil {
				return nil, err
			}
		}
		if err = s.launch(); err == nil {
			s.Endpoint = "http://127.0.0.1:" + strconv.Itoa(s.port)
			return s, nil
		}
	}
	return nil, err
}

func (s *Server) launch() (err error) {
	if s.process, err = start(s.peer.command(s.port, s.folder)); err != nil {
		return fmt.Errorf("%s: %w", s.peer.Name, err)
	}
	if s.peer.says {
		s.port = s.process.said()
	}
	if !s.process.listens(s.port) {
		s.process.kill()
		return fmt.Errorf("%s does not start: %s", s.peer.Name, s.process.words())
	}
	return nil
}

// Stop kills the server and waits for its end. To stop it twice does no harm.
func (s *Server) Stop() { s.process.kill() }

// Restart starts the server anew at the same endpoint, on what it had in its folder. It is stopped before if that is still to be done.
func (s *Server) Restart() error {
	s.Stop()
	return s.launch()
}

// OnDisk tells whether the server keeps what it has in a folder.
func (s *Server) OnDisk() bool { return s.folder != "" }

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
