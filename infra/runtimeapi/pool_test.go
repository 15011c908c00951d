package runtimeapi_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/infra/runtimeapi"
)

// pool runs the test's function, until the test ends, as changed.
func pool(t *testing.T, change func(*runtimeapi.Program)) *runtimeapi.Pool {
	t.Helper()
	program := runtimeapi.Program{Binary: binary, Output: discard, Time: time.Minute, Most: 4, Idle: time.Hour}
	if change != nil {
		change(&program)
	}
	p, err := runtimeapi.NewPool(t.Context(), program)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil || p.Processes() > program.Most {
			t.Errorf("%d run: %v", p.Processes(), err)
		}
	})
	return p
}

func discard() io.Writer { return io.Discard }

// request is an event for a path.
func request(path string) []byte {
	return fmt.Appendf(nil, `{"version":"2.0","rawPath":%q,"requestContext":{"http":{"method":"GET","sourceIp":"127.0.0.1"}}}`, path)
}

// TestPoolHasAProcessForEachCall makes calls that wait for each other: none could be answered if two shared a process.
func TestPoolHasAProcessForEachCall(t *testing.T) {
	const most = 3
	said := new(meeting)
	said.all.Add(most)
	p := pool(t, func(program *runtimeapi.Program) {
		program.Most, program.Output = most, func() io.Writer { return said }
	})
	var calls sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	for range most {
		calls.Go(func() {
			if _, err := p.Invoke(ctx, request("/wait")); !errors.Is(err, context.Canceled) {
				t.Errorf("a call that nobody waits for any more: %v", err)
			}
		})
	}
	said.all.Wait()
	if n := p.Processes(); n != most {
		t.Errorf("%d processes", n)
	}
	beyond, stop := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer stop()
	if _, err := p.Invoke(beyond, request("/alone")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a call beyond the bound: %v", err)
	}
	cancel()
	calls.Wait()
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if _, err := p.Invoke(t.Context(), request("/alone")); err == nil {
		t.Error("a call after the end was answered")
	}
}

// meeting is where as many come as are awaited, by saying that they wait.
type meeting struct{ all sync.WaitGroup }

func (m *meeting) Write(text []byte) (int, error) {
	for range strings.Count(string(text), "waiting\n") {
		m.all.Done()
	}
	return len(text), nil
}

// TestPoolKeepsAProcessWarm makes call after call, between which one ends its process.
func TestPoolKeepsAProcessWarm(t *testing.T) {
	p := pool(t, nil)
	for i, path := range []string{"/alone", "/alone", "/exit", "/alone", "/panic", "/alone"} {
		answer, err := p.Invoke(t.Context(), request(path))
		if exits := path == "/exit"; (err != nil) != exits || exits != (p.Processes() == 0) || p.Processes() > 1 {
			t.Errorf("call %d of %s: %s, %v, with %d processes", i, path, answer, err, p.Processes())
		}
	}
}

// TestPoolTellsOfTheDead has a process end unasked, once; those that the pool ends itself are not told of.
func TestPoolTellsOfTheDead(t *testing.T) {
	told := make(chan string, 10)
	p := pool(t, func(program *runtimeapi.Program) { program.Died = func(how string) { told <- how } })
	for _, path := range []string{"/alone", "/exit", "/alone"} {
		_, _ = p.Invoke(t.Context(), request(path)) // the second fails
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	close(told)
	var all []string
	for how := range told {
		all = append(all, how)
	}
	if !slices.Equal(all, []string{"exit status 4"}) {
		t.Errorf("told of %q", all)
	}
}

func TestPoolEndsWhatOverrunsItsTime(t *testing.T) {
	p := pool(t, func(program *runtimeapi.Program) { program.Time = 50 * time.Millisecond })
	_, err := p.Invoke(t.Context(), request("/hang"))
	if e, ok := errors.AsType[*runtimeapi.Error](err); !ok || e.Type != "Sandbox.Timedout" || p.Processes() != 0 {
		t.Errorf("%v, with %d processes", err, p.Processes())
	}
}

func TestPoolEndsWhatNobodyNeeds(t *testing.T) {
	p := pool(t, func(program *runtimeapi.Program) { program.Idle = 10 * time.Millisecond })
	poll := time.NewTicker(2 * time.Millisecond)
	defer poll.Stop()
	for limit := time.After(time.Minute); p.Processes() > 0; {
		select {
		case <-poll.C:
		case <-limit:
			t.Fatal("it still runs")
		}
	}
	if answer, err := p.Invoke(t.Context(), request("/alone")); err != nil || !strings.Contains(string(answer), "200") {
		t.Errorf("%s, %v", answer, err)
	}
}

func TestPoolThatCannotStart(t *testing.T) {
	_, err := runtimeapi.NewPool(t.Context(), runtimeapi.Program{Binary: binary, Env: []string{"MODE=exit"}, Output: discard, Most: 1})
	if err == nil || !strings.Contains(err.Error(), "the table is missing") {
		t.Errorf("%v", err)
	}
}
