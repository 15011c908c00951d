package codes

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"unicode/utf8"
)

// loader reads the files of a set and gathers what is wrong with them.
type loader struct {
	fsys     fs.FS
	problems []error
}

// problem notes one problem; line is 0 for that of a whole file.
func (l *loader) problem(file string, line int, format string, args ...any) {
	at := file
	if line > 0 {
		at = fmt.Sprintf("%s:%d", file, line)
	}
	l.problems = append(l.problems, fmt.Errorf("%s: %s", at, fmt.Sprintf(format, args...)))
}

// row is one record of a file, its fields in the order in which the caller named the columns.
type row struct {
	file   string
	line   int
	fields []string
}

// rows reads a file with exactly the given columns. Rows with problems of their own are left out.
func (l *loader) rows(file string, columns []string) []row {
	content, err := fs.ReadFile(l.fsys, file)
	if err != nil {
		l.problem(file, 0, "%v", err)
		return nil
	}
	if !utf8.Valid(content) {
		l.problem(file, 0, "it is not UTF-8")
		return nil
	}
	// Spreadsheets begin a file with a byte order mark and end its lines with CRLF.
	text := strings.TrimPrefix(string(content), "\ufeff")
	header, text, _ := strings.Cut(text, "\n")
	order, ok := l.header(file, strings.TrimSuffix(header, "\r"), columns)
	if !ok {
		return nil
	}
	rows := l.records(file, text, order)
	if strings.TrimSpace(text) == "" {
		l.problem(file, 0, "it has no rows")
	}
	return rows
}

// header gives the place of each of the file's columns among the wanted ones.
func (l *loader) header(file, header string, columns []string) (order []int, ok bool) {
	before := len(l.problems)
	for name := range strings.SplitSeq(header, ";") {
		at := slices.Index(columns, name)
		switch {
		case at < 0:
			l.problem(file, 1, "unknown column %q", name)
		case slices.Contains(order, at):
			l.problem(file, 1, "column %q stands there twice", name)
		}
		order = append(order, at)
	}
	for at, name := range columns {
		if !slices.Contains(order, at) {
			l.problem(file, 1, "missing column %q", name)
		}
	}
	return order, len(l.problems) == before
}

// records cuts the lines after the header into fields. Blank lines do not count.
func (l *loader) records(file, text string, order []int) []row {
	rows := make([]row, 0, strings.Count(text, "\n")+1)
	line := 1
	for record := range strings.SplitSeq(text, "\n") {
		line++
		record = strings.TrimSuffix(record, "\r")
		if strings.TrimSpace(record) == "" {
			continue
		}
		if n := strings.Count(record, ";") + 1; n != len(order) {
			l.problem(file, line, "%d fields; there are %d columns", n, len(order))
			continue
		}
		if strings.Contains(record, `"`) {
			l.problem(file, line, `a field is quoted; fields are plain, without " and ;`)
			continue
		}
		r := row{file, line, make([]string, len(order))}
		at := 0
		for field := range strings.SplitSeq(record, ";") {
			r.fields[order[at]] = strings.TrimSpace(field)
			at++
		}
		rows = append(rows, r)
	}
	return rows
}
