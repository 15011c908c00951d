// Package runtimeapi runs a Lambda function's real binary on one machine: it serves the Lambda Runtime API on loopback for the
// binary to take its invocations from, and stands in for an API Gateway HTTP API in front of it (payload format 2.0).
//
// It keeps to what the real ones do where a function can tell: one invocation at a time, answers of 6 MB at most, decoded paths,
// bodies in base64. It does not end a function that overruns its deadline.
package runtimeapi

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"slices"
	"sync/atomic"
	"time"
)

// timeout is how long an invocation may take whose caller sets no deadline: as long as API Gateway waits.
const timeout = 30 * time.Second

// Function is a running binary. Its methods may be called from many goroutines; the binary is given one invocation at a time.
type Function struct {
	cmd       *exec.Cmd
	server    http.Server
	output    tail
	firstNext time.Duration

	ready     chan time.Time // when the binary first asked for work
	initError chan error     // what it reported instead

	turn    chan struct{}              // holds the one invocation's place
	work    chan *invocation           // from Invoke to next
	current atomic.Pointer[invocation] // the one the binary was last given

	exited  chan struct{} // closed when the process has ended
	exitErr error         // set before exited is closed
}

// Error is an error that a function answered an invocation with.
type Error struct {
	Type    string `json:"errorType"`
	Message string `json:"errorMessage"`
}

// Error gives the type and the message.
func (e *Error) Error() string { return e.Type + ": " + e.Message }

// Start runs binary in exactly the environment env, with AWS_LAMBDA_RUNTIME_API added, and returns when it first asks for work. If
// it ends before that, the error holds what it printed. After that ctx has no say: Close ends the process.
func Start(ctx context.Context, binary string, env []string) (*Function, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("runtime API: %w", err)
	}
	f := &Function{
		cmd:       exec.Command(binary),
		ready:     make(chan time.Time, 1),
		initError: make(chan error, 1),
		turn:      make(chan struct{}, 1),
		work:      make(chan *invocation),
		exited:    make(chan struct{}),
	}
	f.server.Handler = f.runtimeAPI()
	go f.server.Serve(listener) // returns when the server is closed

	f.cmd.Env = append(slices.Clone(env), "AWS_LAMBDA_RUNTIME_API="+listener.Addr().String())
	f.cmd.Stdout, f.cmd.Stderr = &f.output, &f.output
	started := time.Now()
	if err := f.cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start the function: %w", err), f.server.Close())
	}
	go f.wait()

	select {
	case at := <-f.ready:
		f.firstNext = at.Sub(started)
		return f, nil
	case err = <-f.initError:
	case <-f.exited:
		err = f.exitErr
	case <-ctx.Done():
		err = ctx.Err()
	}
	return nil, errors.Join(err, f.Close())
}

func (f *Function) wait() {
	err := f.cmd.Wait()
	if err == nil {
		err = errors.New("exit status 0")
	}
	f.exitErr = fmt.Errorf("the function has ended: %w\n%s", err, f.output.String())
	close(f.exited)
}

// FirstNext is the time from the start of the process to its first call for work: the part of a cold start that is the binary's own.
func (f *Function) FirstNext() time.Duration { return f.firstNext }

// Output gives the last of what the binary has printed. Only after Close is it sure to hold everything.
func (f *Function) Output() string { return f.output.String() }

// Close ends the process and waits for it. To close twice does no harm.
func (f *Function) Close() error {
	_ = f.cmd.Process.Kill() // fails only when the process has ended by itself
	<-f.exited
	return f.server.Close()
}

// Invoke gives the function one event and returns its answer, or the [*Error] it reported. When ctx ends, Invoke returns, and the
// next invocation waits until the function is done with this one.
func (f *Function) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if len(payload) > maxPayload {
		return nil, fmt.Errorf("%w: %d bytes in", errTooLarge, len(payload))
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	select {
	case f.turn <- struct{}{}:
		defer func() { <-f.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}

	deadline, _ := ctx.Deadline()
	inv := &invocation{id: rand.Text(), payload: payload, deadline: deadline, result: make(chan result, 1)}
	select {
	case f.work <- inv:
	case <-f.exited:
		return nil, f.exitErr
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case r := <-inv.result:
		return r.answer, r.err
	case <-f.exited:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case r := <-inv.result: // it answered, then ended
		return r.answer, r.err
	default:
		return nil, f.exitErr
	}
}
