package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// server is the one-machine program as a process, which is killed and started again on the same data and port.
type server struct {
	binary, data, log string

	mu      sync.Mutex
	process *exec.Cmd
	kills   int
	down    time.Duration // between a kill and the next answer, added up
}

var address = regexp.MustCompile(`http://[0-9.:]+`)

// start starts the program, and gives its address once it answers there.
func (s *server) start(ctx context.Context, port string) (string, error) {
	log, err := os.OpenFile(s.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	defer log.Close()
	command := exec.Command(s.binary)
	command.Env = append(os.Environ(), "DTR_DATA="+s.data, "DTR_PORT="+port, "DTR_ENGINE=", "AWS_ENDPOINT_URL_SQS=")
	command.Stderr = log
	stdout, err := command.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := command.Start(); err != nil {
		return "", err
	}
	s.mu.Lock()
	s.process = command
	s.mu.Unlock()
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if at := address.FindString(lines.Text()); at != "" {
			go func() {
				for lines.Scan() { // whatever else it says
				}
			}()
			return at, nil
		}
	}
	text, _ := os.ReadFile(s.log)
	return "", fmt.Errorf("%s ended: %w\n%s", s.binary, command.Wait(), text)
}

// kill ends the program as a power failure would, and starts it again.
func (s *server) kill(ctx context.Context, at string) error {
	u, err := url.Parse(at)
	if err != nil {
		return err
	}
	began := time.Now()
	if err := s.process.Process.Kill(); err != nil {
		return err
	}
	s.process.Wait() // it was killed, and says so
	if _, err := s.start(ctx, u.Port()); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kills++
	s.down += time.Since(began)
	return nil
}

// stop ends the program as Ctrl-C does.
func (s *server) stop() error {
	if err := s.process.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return s.process.Wait()
}

// secrets gives the demo users' secrets.
func (s *server) secrets() (secrets map[string]string, err error) {
	text, err := os.ReadFile(filepath.Join(s.data, "demo-brugere.json"))
	if err != nil {
		return nil, err
	}
	return secrets, json.Unmarshal(text, &secrets)
}

// anonymous is how much memory the process has that is no file's, in MB.
func (s *server) anonymous() (float64, error) {
	s.mu.Lock()
	pid := s.process.Process.Pid
	s.mu.Unlock()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if kB, ok := strings.CutPrefix(line, "RssAnon:"); ok {
			n, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(kB), " kB"), 64)
			return n / 1024, err
		}
	}
	return 0, fmt.Errorf("the process %d does not say how much memory it has", pid)
}

// hurt kills the program at random moments.
func (s *site) hurt(ctx context.Context) {
	random := rand.New(rand.NewPCG(s.seed, 99))
	each := time.Duration(float64(s.time) * (1 - quiet) / float64(s.kills()))
	for range s.kills() {
		early := time.Duration(random.Int64N(int64(each)))
		if pause(ctx, early) != nil {
			return
		}
		if err := s.server.kill(ctx, s.url); err != nil {
			s.stats.fail("kill", err)
			return
		}
		if pause(ctx, max(0, each-early)) != nil {
			return
		}
	}
}

// pause waits, and gives the context's error when that ends first.
func pause(ctx context.Context, span time.Duration) error {
	timer := time.NewTimer(span)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
