package peers

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// kinds are the peers that run by themselves.
var kinds = map[string]func() (Peer, error){"dynoxide": dynoxide, "fauxqs": SQS}

// find gives a peer, or ends the test where it is not installed.
func find(t *testing.T, kind func() (Peer, error)) Peer {
	t.Helper()
	peer, err := kind()
	if errors.Is(err, ErrMissing) && os.Getenv("CI") != "true" {
		t.Skipf("NOT RUN: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return peer
}

// TestServerAnswersUntilItIsStopped starts each peer on a folder, starts it again at the same endpoint, and stops it.
func TestServerAnswersUntilItIsStopped(t *testing.T) {
	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			s, err := Start(find(t, kind), folder)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Stop()
			if err := s.Restart(); err != nil {
				t.Fatal(err)
			}
			response, err := http.Post(s.Endpoint, "application/x-amz-json-1.0", strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			s.Stop()
			s.Stop()
			if address := strings.TrimPrefix(s.Endpoint, "http://"); !strings.HasPrefix(address, "127.0.0.1:") || listens(address) {
				t.Errorf("%s is still there, or beyond this machine", s.Endpoint)
			}
			if files, err := os.ReadDir(folder); err != nil || len(files) == 0 || !s.OnDisk() {
				t.Errorf("nothing is on disk: %v, %v", files, err)
			}
		})
	}
}

// deathOf tells a process that it is to start a server, say where, and wait for its end.
const deathOf = "DTR_TEST_PARENT_OF"

func TestServerDiesWithItsParent(t *testing.T) {
	if name := os.Getenv(deathOf); name != "" {
		s, err := Start(find(t, kinds[name]), "")
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println("\nat", s.Endpoint)
		select {}
	}
	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			find(t, kind)
			parent := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestServerDiesWithItsParent$")
			parent.Env = append(os.Environ(), deathOf+"="+name)
			output, err := parent.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := parent.Start(); err != nil {
				t.Fatal(err)
			}
			lines, address := bufio.NewScanner(output), ""
			for found := false; !found && lines.Scan(); {
				address, found = strings.CutPrefix(lines.Text(), "at http://")
			}
			if !listens(address) {
				t.Errorf("nobody listens at %q", address)
			}
			parent.Process.Signal(syscall.SIGKILL)
			parent.Wait()
			waitForEnd(t, address)
		})
	}
}

func waitForEnd(t *testing.T, address string) {
	t.Helper()
	poll := time.NewTicker(2 * time.Millisecond)
	defer poll.Stop()
	for limit := time.After(time.Minute); listens(address); {
		select {
		case <-poll.C:
		case <-limit:
			t.Fatalf("the server at %s outlives its parent", address)
		}
	}
}

func listens(address string) bool {
	conn, err := net.Dial("tcp", address)
	if err == nil {
		conn.Close()
	}
	return err == nil
}

func TestMissing(t *testing.T) {
	t.Setenv("DTR_DYNOXIDE", filepath.Join(t.TempDir(), "dynoxide"))
	t.Setenv("DTR_NODE", filepath.Join(t.TempDir(), "node"))
	for name, kind := range kinds {
		if _, err := kind(); !errors.Is(err, ErrMissing) || !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "make peers") {
			t.Errorf("%s: %v", name, err)
		}
	}
	t.Setenv("DTR_PEER", "paper")
	if _, err := DynamoDB(); err == nil || errors.Is(err, ErrMissing) {
		t.Errorf("an unknown peer: %v", err)
	}
	t.Chdir(t.TempDir())
	if _, err := packages(); err == nil {
		t.Error("packages were found outside of the repository")
	}
}

func TestStartSaysWhyItCannot(t *testing.T) {
	sqs := find(t, SQS)
	command := sqs.command
	sqs.command = func(int, string) *exec.Cmd { return command(-1, "") }
	if _, err := Start(sqs, ""); err == nil || !strings.Contains(err.Error(), "ERR_SOCKET_BAD_PORT") {
		t.Errorf("a port that is none: %v", err)
	}
	if _, err := Start(find(t, dynoxide), "/dev/null"); err == nil || !strings.Contains(err.Error(), "dynoxide does not start: ") {
		t.Errorf("a folder that is none: %v", err)
	}
}
