// Command bench measures the register beside floors in the same run, and prints what each figure is a multiple of: `make bench`.
//
// A floor is the least that the same work could cost with the same parts: a bare bbolt transaction, a bare net/http handler over a
// bbolt get, a standard encoder over rows in memory, a bare Lambda binary. Ratios hold from machine to machine; times do not.
//
//	go run ./infra/bench [-only PATTERN] [-time 1s]
package main

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"testing"
	"time"
)

func main() {
	testing.Init()
	only := flag.String("only", "", "measure only what matches this pattern")
	duration := flag.Duration("time", time.Second, "how long to measure each figure")
	flag.Parse()
	if err := flag.Set("test.benchtime", duration.String()); err != nil {
		fatal(err)
	}
	pattern, err := regexp.Compile(*only)
	if err != nil {
		fatal(err)
	}
	b := &bench{pattern: pattern}
	for _, section := range []func(*bench) error{validating, writing, inserting, importing, reading, files, soapFiles, telling, replaying, coldStart} {
		if err := section(b); err != nil {
			fatal(err)
		}
	}
}

func fatal(err error) {
	fmt.Fprintln(os.Stderr, "bench:", err)
	os.Exit(1)
}

// bench prints figures as they are measured.
type bench struct {
	pattern *regexp.Regexp
}

// wants tells whether a figure is to be measured.
func (b *bench) wants(name string) bool { return b.pattern.MatchString(name) }

// figure is one measurement: what one operation costs.
type figure struct {
	perOp  time.Duration
	allocs int64
	each   string // what an operation is, when it is not a call
}

func measure(run func(*testing.B)) figure {
	r := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		run(b)
	})
	if r.N == 0 {
		fatal(fmt.Errorf("a measurement failed"))
	}
	return figure{perOp: r.T / time.Duration(r.N), allocs: r.AllocsPerOp()}
}

// per divides a figure by how many things one operation did.
func (f figure) per(n int, each string) figure {
	return figure{f.perOp / time.Duration(n), f.allocs / int64(n), each}
}

// print writes a figure's line, and how many times its floor it is.
func (b *bench) print(name string, f figure, floorName string, floor figure) {
	line := fmt.Sprintf("%-44s %12s/%-5s %9.0f/s %7d allocs", name, rounded(f.perOp), each(f), float64(time.Second)/float64(f.perOp), f.allocs)
	if floorName != "" {
		line += fmt.Sprintf("   %5.2f × %s (%s)", float64(f.perOp)/float64(floor.perOp), floorName, rounded(floor.perOp))
	}
	fmt.Println(line)
}

func each(f figure) string {
	if f.each == "" {
		return "op"
	}
	return f.each
}

func rounded(d time.Duration) time.Duration {
	for unit := time.Second; unit > time.Nanosecond; unit /= 10 {
		if d >= unit*100 {
			return d.Round(unit / 10)
		}
	}
	return d
}
