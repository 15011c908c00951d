package dynamotest

import (
	"bytes"
	"net"
	"os/exec"
	"runtime"
	"strconv"
	"testing"
	"time"
)

// process is a started server.
type process struct {
	cmd    *exec.Cmd
	output bytes.Buffer  // what it said; read it after it has ended
	ended  chan struct{} // closed then
}

// start starts a server on a thread of its own that waits for its end, for the kernel ties the server's life to the thread that
// started it.
func start(t testing.TB, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{cmd: cmd, ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = &p.output, &p.output
	dieWithParent(cmd)
	started := make(chan error)
	go func() {
		defer close(p.ended)
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			cmd.Wait()
		}
	}()
	if err := <-started; err != nil {
		t.Fatalf("dynamotest: %v", err)
	}
	return p
}

// listens waits until the server answers at its port; false when it ended instead.
func (p *process) listens(port int) bool {
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	poll := time.NewTicker(2 * time.Millisecond)
	defer poll.Stop()
	limit := time.After(time.Minute)
	for {
		select {
		case <-p.ended:
			return false
		case <-limit:
			p.kill()
			return false
		case <-poll.C:
			if conn, err := net.Dial("tcp", address); err == nil {
				conn.Close()
				return true
			}
		}
	}
}

func (p *process) kill() {
	p.cmd.Process.Kill()
	<-p.ended
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
