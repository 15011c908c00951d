package peers

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"
)

// process is a started server.
type process struct {
	cmd           *exec.Cmd
	life          io.Closer     // its standard input, open as long as we live
	output, alarm output        // what it said, and what it said of errors
	ended         chan struct{} // closed when it has
}

// start starts a server on a thread of its own that waits for its end, for the kernel ties the server's life to the thread that
// started it.
func start(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, ended: make(chan struct{})}
	p.output.line = make(chan struct{})
	cmd.Stdout, cmd.Stderr = &p.output, &p.alarm
	var err error
	if p.life, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
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
	return p, <-started
}

// patience is how long a server is waited for.
const patience = time.Minute

// said waits for the port that the server prints; 0 when it ended instead.
func (p *process) said() int {
	select {
	case <-p.output.line:
	case <-p.ended:
	case <-time.After(patience):
	}
	line, _ := bufio.NewReader(strings.NewReader(p.output.String())).ReadString('\n')
	port, _ := strconv.Atoi(strings.TrimSpace(line))
	return port
}

// listens waits until the server answers at its port; false when it ended instead.
func (p *process) listens(port int) bool {
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	poll := time.NewTicker(2 * time.Millisecond)
	defer poll.Stop()
	limit := time.After(patience)
	for {
		select {
		case <-p.ended:
			return false
		case <-limit:
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
	p.life.Close()
	p.cmd.Process.Kill() // fails only when it has ended
	<-p.ended
}

// words are all that it said.
func (p *process) words() string { return p.output.String() + p.alarm.String() }

// output keeps what a server says.
type output struct {
	mu   sync.Mutex
	buf  bytes.Buffer
	line chan struct{} // where there is one, closed when there is a whole line
}

// Write implements [io.Writer].
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.line != nil && !bytes.ContainsRune(o.buf.Bytes(), '\n') && bytes.ContainsRune(p, '\n') {
		defer close(o.line)
	}
	return o.buf.Write(p)
}

// String implements [fmt.Stringer].
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}
