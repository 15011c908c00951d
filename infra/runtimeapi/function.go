// Package runtimeapi runs a Lambda function's real binary on one machine: it serves the Lambda Runtime API on loopback for the
// binary to take its invocations from. A [Function] is one process of it, and a [Pool] as many as there are calls at once.
//
// It keeps to what Lambda does where a function can tell: one invocation at a time, events and answers of 6 MB at most. A pool also ends
// a process that overruns its time. A function alone goes on.
package runtimeapi

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
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

	closing atomic.Bool   // Close was called
	exited  chan struct{} // closed when the process has ended
	exitErr error         // set before exited is closed
	unasked bool          // it ended without Close; set before exited is closed
}

// Error is an error that a function answered an invocation with.
type Error struct {
	Type    string `json:"errorType"`
	Message string `json:"errorMessage"`
}

// Error gives the type and the message.
func (e *Error) Error() string { return e.Type + ": " + e.Message }

// Start runs binary in exactly the environment env, with AWS_LAMBDA_RUNTIME_API added, and returns when it first asks for work. If
// it ends before that, the error holds what it printed. After that ctx has no say: Close ends the process. What it prints is also
// copied to each of copies, which the caller keeps safe for processes beside each other.
func Start(ctx context.Context, binary string, env []string, copies ...io.Writer) (*Function, error) {
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
	all := io.MultiWriter(append([]io.Writer{&f.output}, copies...)...)
	f.cmd.Stdout, f.cmd.Stderr = all, all
	inOwnGroup(f.cmd)
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
	f.unasked = !f.closing.Load()
	if err == nil {
		err = errors.New("exit status 0")
	}
	f.exitErr = fmt.Errorf("the function has ended: %w\n%s", err, f.output.String())
	close(f.exited)
}

// Ended is closed when the process has ended.
func (f *Function) Ended() <-chan struct{} { return f.exited }

// FirstNext is the time from the start of the process to its first call for work: the part of a cold start that is the binary's own.
func (f *Function) FirstNext() time.Duration { return f.firstNext }

// Output gives the last of what the binary has printed. Only after Close is it sure to hold everything.
func (f *Function) Output() string { return f.output.String() }

// Close ends the process and waits for it. To close twice does no harm.
func (f *Function) Close() error {
	f.closing.Store(true)
	_ = f.cmd.Process.Kill() // fails only when the process has ended by itself
	<-f.exited
	return f.server.Close()
}

// Invoke gives the function one event and returns its answer, or the [*Error] it reported, or an [ErrTooLarge]. When ctx ends, Invoke
// returns, and the next invocation waits until the function is done with this one.
func (f *Function) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if len(payload) > maxPayload {
		return nil, fmt.Errorf("%w: it has %d bytes", ErrTooLarge, len(payload))
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
