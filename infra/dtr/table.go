package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode"
)

// table writes rows in columns that line up.
type table struct {
	lines *tabwriter.Writer
	err   error
}

func newTable(w io.Writer, head ...string) *table {
	t := &table{lines: tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)}
	t.row(head...)
	return t
}

// row writes a row. An empty field is a dash, so that no field is taken for its neighbour, and what would not be seen or would steer a
// terminal is not let through: others wrote what is shown.
func (t *table) row(fields ...string) {
	for i, field := range fields {
		fields[i] = cmp.Or(strings.Map(harmless, field), "-")
	}
	_, err := fmt.Fprintln(t.lines, strings.Join(fields, "\t"))
	t.err = errors.Join(t.err, err)
}

func harmless(c rune) rune {
	if unicode.IsPrint(c) {
		return c
	}
	return unicode.ReplacementChar
}

// part begins a further table below.
func (t *table) part(head ...string) {
	_, err := fmt.Fprintln(t.lines)
	t.err = errors.Join(t.err, err)
	t.row(head...)
}

// end writes what was held back to find the widths.
func (t *table) end() error { return errors.Join(t.err, t.lines.Flush()) }
