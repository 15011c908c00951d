package runtimeapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// maxPayload is Lambda's limit on an event and on an answer, in bytes.
const maxPayload = 6_291_556

// ErrTooLarge is that an event is larger than Lambda takes.
var ErrTooLarge = fmt.Errorf("an event may have %d bytes", maxPayload)

const functionARN = "arn:aws:lambda:eu-north-1:000000000000:function:local"

// invocation is one event on its way through the function.
type invocation struct {
	id       string
	payload  []byte
	deadline time.Time
	result   chan result // has room for the one result
}

type result struct {
	answer []byte
	err    error
}

func (f *Function) runtimeAPI() http.Handler {
	mux := http.NewServeMux()
	var first sync.Once
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", func(w http.ResponseWriter, r *http.Request) {
		first.Do(func() { f.ready <- time.Now() })
		f.next(w, r)
	})
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", f.response)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", f.failure)
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", f.initFailure)
	return mux
}

func (f *Function) next(w http.ResponseWriter, r *http.Request) {
	select {
	case inv := <-f.work:
		f.current.Store(inv)
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Lambda-Runtime-Aws-Request-Id", inv.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(inv.deadline.UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", functionARN)
		h.Set("Lambda-Runtime-Trace-Id", fmt.Sprintf("Root=1-%08x-%024x;Sampled=0", inv.deadline.Unix(), inv.deadline.UnixNano()))
		w.Write(inv.payload) // a function that cannot be written to has ended, and Invoke notices that
	case <-r.Context().Done():
	}
}

func (f *Function) response(w http.ResponseWriter, r *http.Request) {
	answer, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPayload))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		f.finish(w, r, http.StatusRequestEntityTooLarge, result{err: &Error{"Function.ResponseSizeTooLarge",
			fmt.Sprintf("an answer may have %d bytes", maxPayload)}})
		return
	}
	f.finish(w, r, http.StatusAccepted, result{answer, err})
}

func (f *Function) failure(w http.ResponseWriter, r *http.Request) {
	f.finish(w, r, http.StatusAccepted, result{err: readError(r)})
}

// finish hands over the result of the current invocation, once.
func (f *Function) finish(w http.ResponseWriter, r *http.Request, status int, res result) {
	inv := f.current.Load()
	if inv == nil || inv.id != r.PathValue("id") || !f.current.CompareAndSwap(inv, nil) {
		http.Error(w, `{"errorType":"InvalidRequestID"}`, http.StatusBadRequest)
		return
	}
	inv.result <- res
	w.WriteHeader(status)
}

func (f *Function) initFailure(w http.ResponseWriter, r *http.Request) {
	select {
	case f.initError <- readError(r):
		w.WriteHeader(http.StatusAccepted)
	default:
		w.WriteHeader(http.StatusForbidden)
	}
}

func readError(r *http.Request) error {
	e := &Error{}
	if err := json.NewDecoder(r.Body).Decode(e); err != nil {
		return fmt.Errorf("read the function's error: %w", err)
	}
	return e
}

// tail keeps the last of what is written to it.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

const tailSize = 64 << 10

// Write implements [io.Writer].
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, p...)
	if extra := len(t.buf) - tailSize; extra > 0 {
		t.buf = append(t.buf[:0], t.buf[extra:]...)
	}
	return len(p), nil
}

// String implements [fmt.Stringer].
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.buf)
}
