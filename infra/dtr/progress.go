package main

import (
	"fmt"
	"io"

	"github.com/schollz/progressbar/v3"
)

// progress shows how far a command has come: a bar on a terminal, a line for each step elsewhere.
type progress struct {
	w           io.Writer
	what        string
	done, total int
	bar         *progressbar.ProgressBar // nil without a terminal
}

func (e *env) progress(what string, total int) *progress {
	p := &progress{w: e.stderr, what: what, total: total}
	if e.terminal {
		p.bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(e.stderr), progressbar.OptionSetDescription(what),
			progressbar.OptionShowCount(), progressbar.OptionFullWidth(), progressbar.OptionSetRenderBlankState(true))
	}
	return p
}

func (p *progress) add(rows int) {
	p.done += rows
	if p.bar == nil {
		fmt.Fprintf(p.w, "%s: %d of %d rows\n", p.what, p.done, p.total)
		return
	}
	p.bar.Add(rows) // a terminal that cannot be written to is no reason to stop
}

// end leaves the bar's line.
func (p *progress) end() {
	if p.bar != nil {
		fmt.Fprintln(p.w)
	}
}
