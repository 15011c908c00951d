package sqstest

import (
	"bufio"
	"bytes"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// process is a started server.
type process struct {
	cmd    *exec.Cmd
	life   io.Closer    // the server ends when this is closed, or when we do
	output io.Reader    // first of all its port
	said   bytes.Buffer // what else it said; read it after it has ended
}

func start(t testing.TB, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{cmd: cmd}
	cmd.Stderr = &p.said
	var errs [3]error
	p.life, errs[0] = cmd.StdinPipe()
	p.output, errs[1] = cmd.StdoutPipe()
	errs[2] = cmd.Start()
	for _, err := range errs {
		if err != nil {
			t.Fatalf("sqstest: %v", err)
		}
	}
	return p
}

// port waits until the server listens and gives the port; 0 when it ended instead.
func (p *process) port() int {
	line, _ := bufio.NewReader(p.output).ReadString('\n')
	port, _ := strconv.Atoi(strings.TrimSpace(line))
	return port
}

// kill ends the server, if it has not ended.
func (p *process) kill() {
	p.life.Close()
	p.cmd.Process.Kill()
	p.cmd.Wait()
}
