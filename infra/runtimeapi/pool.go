package runtimeapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

// Program is a function's binary, and how many of it run.
type Program struct {
	Binary string
	Env    []string         // all of it
	Output func() io.Writer // makes what a process prints to, besides what the pool keeps
	Time   time.Duration    // that an invocation may take
	Most   int              // processes at once; who comes beyond them waits
	Idle   time.Duration    // after which a process that nobody needed is ended
	Died   func(how string) // told of each process that ends without having been asked to, and how: "exit status 4", "signal: killed"
}

// Pool runs a function as Lambda does: each invocation has a process to itself, one that is warm if there is any, else a new one. A
// process that overruns its time, or ends, is gone with its invocation. Its methods may be called from many goroutines.
type Pool struct {
	program Program
	places  chan struct{}
	working sync.WaitGroup

	mu     sync.Mutex
	idle   []*warm // the one that was used last comes last
	all    map[*Function]bool
	closed bool
}

// warm is a process that waits for work, until its time is up.
type warm struct {
	*Function
	end *time.Timer
}

// NewPool starts a first process, so that what keeps it from starting is known at once. Close ends all.
func NewPool(ctx context.Context, program Program) (*Pool, error) {
	p := &Pool{program: program, places: make(chan struct{}, program.Most), all: make(map[*Function]bool)}
	f, err := p.start(ctx)
	if err != nil {
		return nil, err
	}
	p.keep(f)
	return p, nil
}

// Invoke gives a process one event and returns its answer, the [*Error] that it or the pool reported, or an [ErrTooLarge]. When ctx
// ends Invoke returns, and the process goes on until it is done, as on Lambda.
func (p *Pool) Invoke(ctx context.Context, event []byte) ([]byte, error) {
	select {
	case p.places <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		<-p.places
		return nil, errClosed
	}
	p.working.Add(1)
	p.mu.Unlock()
	done := make(chan result, 1)
	go func() {
		defer p.working.Done()
		defer func() { <-p.places }()
		answer, err := p.run(context.WithoutCancel(ctx), event)
		done <- result{answer, err}
	}()
	select {
	case r := <-done:
		return r.answer, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

var errClosed = errors.New("the functions have been ended")

// run has a process deal with an event, in the time it has.
func (p *Pool) run(ctx context.Context, event []byte) ([]byte, error) {
	f, err := p.take(ctx)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, p.program.Time)
	defer cancel()
	answer, err := f.Invoke(ctx, event)
	select {
	case <-f.Ended():
		return answer, errors.Join(err, p.end(f))
	default:
	}
	if errors.Is(err, context.DeadlineExceeded) {
		overrun := &Error{"Sandbox.Timedout", fmt.Sprintf("Task timed out after %.2f seconds", p.program.Time.Seconds())}
		return nil, errors.Join(overrun, p.end(f))
	}
	p.keep(f)
	return answer, err
}

// take gives the process that was used last, or a new one.
func (p *Pool) take(ctx context.Context) (*Function, error) {
	p.mu.Lock()
	for len(p.idle) > 0 {
		last := p.idle[len(p.idle)-1]
		p.idle = p.idle[:len(p.idle)-1]
		if last.end.Stop() {
			p.mu.Unlock()
			return last.Function, nil
		}
	}
	p.mu.Unlock()
	return p.start(ctx)
}

func (p *Pool) start(ctx context.Context) (*Function, error) {
	f, err := Start(ctx, p.program.Binary, p.program.Env, p.program.Output())
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, errors.Join(errClosed, f.Close())
	}
	p.all[f] = true
	p.working.Go(func() {
		<-f.Ended()
		if f.unasked && p.program.Died != nil {
			p.program.Died(f.cmd.ProcessState.String())
		}
	})
	return f, nil
}

// keep has a process wait for work.
func (p *Pool) keep(f *Function) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return // and so is the process
	}
	w := &warm{Function: f}
	w.end = time.AfterFunc(p.program.Idle, func() { p.retire(w) })
	p.idle = append(p.idle, w)
}

// retire ends a process whose time is up, and which nobody takes any more.
func (p *Pool) retire(w *warm) {
	p.mu.Lock()
	p.idle = slices.DeleteFunc(p.idle, func(other *warm) bool { return other == w })
	p.mu.Unlock()
	_ = p.end(w.Function) // closing a listener's file twice is all that can fail
}

func (p *Pool) end(f *Function) error {
	p.mu.Lock()
	delete(p.all, f)
	p.mu.Unlock()
	return f.Close()
}

// Processes tells how many run.
func (p *Pool) Processes() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.all)
}

// Close ends all processes, with what they are doing, and waits for that.
func (p *Pool) Close() error {
	p.mu.Lock()
	p.closed = true
	for _, w := range p.idle {
		w.end.Stop()
	}
	var problems []error
	for f := range p.all {
		problems = append(problems, f.Close())
	}
	p.mu.Unlock()
	p.working.Wait()
	return errors.Join(problems...)
}
