package main

import (
	"bytes"
	"io"
	"sync"
)

// output is where all processes print: whole lines, as they are, one after the other.
type output struct {
	mu sync.Mutex
	w  io.Writer
}

// lines gives what one process prints to.
func (o *output) lines() io.Writer { return &lines{output: o} }

// lines gathers what is printed into lines.
type lines struct {
	output *output
	rest   []byte
}

// Write implements [io.Writer].
func (l *lines) Write(text []byte) (int, error) {
	l.output.mu.Lock()
	defer l.output.mu.Unlock()
	l.rest = append(l.rest, text...)
	end := bytes.LastIndexByte(l.rest, '\n') + 1
	if _, err := l.output.w.Write(l.rest[:end]); err != nil {
		return 0, err
	}
	l.rest = append(l.rest[:0], l.rest[end:]...)
	return len(text), nil
}
