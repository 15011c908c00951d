package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"text/tabwriter"
	"time"
)

// stats is what calls came to, by operation.
type stats struct {
	mu       sync.Mutex
	all      map[string]*operation
	failures []error
	failed   int
}

// operation is what the calls of one kind came to.
type operation struct {
	taken    []time.Duration
	refused  int // answered with a status of 400 and more
	lost     int // not answered
	repeated int // answered a second time
}

func newStats() *stats { return &stats{all: make(map[string]*operation)} }

func (s *stats) of(name string) *operation {
	if s.all[name] == nil {
		s.all[name] = new(operation)
	}
	return s.all[name]
}

func (s *stats) done(name string, status int, taken time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.of(name)
	o.taken = append(o.taken, taken)
	if status >= 400 {
		o.refused++
	}
}

func (s *stats) unanswered(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.of(name).lost++
}

func (s *stats) repeat(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.of(name).repeated++
}

// mostFailures is how many are told of.
const mostFailures = 20

// fail notes what must not be.
func (s *stats) fail(name string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed++; len(s.failures) < mostFailures {
		s.failures = append(s.failures, fmt.Errorf("%s: %w", name, err))
	}
}

// failure is all that must not have been.
func (s *stats) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed > len(s.failures) {
		return errors.Join(append(slices.Clone(s.failures), fmt.Errorf("and %d more", s.failed-len(s.failures)))...)
	}
	return errors.Join(s.failures...)
}

// print prints a table.
func (s *stats) print(w io.Writer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "operation\tanswered\trefused\tunanswered\tsent twice\thalf of them in\t99 of 100 in\tall in\t")
	for _, name := range slices.Sorted(maps.Keys(s.all)) {
		o := s.all[name]
		slices.Sort(o.taken)
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\t%v\t%v\t%v\t\n", name, len(o.taken), o.refused, o.lost, o.repeated,
			o.at(0.5), o.at(0.99), o.at(1))
	}
	table.Flush() // what cannot be told cannot be helped
}

// at gives in how long a share of the calls were answered.
func (o *operation) at(share float64) time.Duration {
	if len(o.taken) == 0 {
		return 0
	}
	return o.taken[min(len(o.taken)-1, int(share*float64(len(o.taken))))].Round(100 * time.Microsecond)
}
