package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"sync"
	"time"
)

// memory is how much the program had, over the time in which nothing was killed.
type memory struct {
	mu      sync.Mutex
	samples []float64 // in MB, one each time it was looked at
}

const (
	looks = 20 // how often it is looked at

	// Memory may go up and down with the garbage collector; it is flat when the end is no more than this beyond the beginning.
	growth    = 1.5
	allowance = 32 // MB
)

// watch looks at the memory in the quiet part of the time, once the program has warmed up.
func (m *memory) watch(ctx context.Context, s *server) {
	deadline, _ := ctx.Deadline()
	whole := time.Until(deadline)
	if runtime.GOOS != "linux" || pause(ctx, time.Duration(float64(whole)*(1-quiet*0.8))) != nil {
		return
	}
	each := time.Duration(float64(whole) * quiet * 0.8 / looks)
	for {
		if mb, err := s.anonymous(); err == nil {
			m.mu.Lock()
			m.samples = append(m.samples, mb)
			m.mu.Unlock()
		}
		if pause(ctx, each) != nil {
			return
		}
	}
}

// judge tells how it went. A short run says nothing of growth.
func (m *memory) judge(w io.Writer) error {
	if len(m.samples) < 4 {
		return nil
	}
	quarter := len(m.samples) / 4
	first, last := mean(m.samples[:quarter]), mean(m.samples[len(m.samples)-quarter:])
	fmt.Fprintf(w, "memory without files: %.0f MB at first, %.0f MB at last\n", first, last)
	if last > first*growth+allowance {
		return fmt.Errorf("memory has grown from %.0f to %.0f MB", first, last)
	}
	return nil
}

func mean(all []float64) (m float64) {
	for _, v := range all {
		m += v / float64(len(all))
	}
	return m
}
