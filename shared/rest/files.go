package rest

import (
	"bufio"
	"bytes"
	"fmt"
	"hash/fnv"
	"io"
	"iter"
	"net/http"
	"strconv"
	"strings"

	"dagtilbudsregisteret.dk/shared/exporting"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// A format writes rows as a file, one part of it at a time.
type format struct {
	contentType string
	write       func(a *API, w io.Writer, level register.Level, rows iter.Seq2[exporting.Row, error]) error
}

var formats = map[string]format{
	"csv":    {"text/csv; charset=utf-8", writeCSV},
	"ndjson": {ndjson, writeNDJSON},
	"json":   {"application/json", writeJSON},
}

// files are the levels that the files hold.
var files = map[string]register.Level{
	"daginstitutioner":     register.Daginstitution,
	"anvisningsenheder":    register.Anvisningsenhed,
	"alternative-adresser": register.AlternativAdresse,
	"samlet":               0,
}

// file answers a whole file, gzipped where the caller takes that, or a part of it where the whole would be larger than an
// answer may be.
func (e *exchange) file() error {
	name, ending, _ := strings.Cut(e.R.PathValue("fil"), ".")
	level, known := files[name]
	format, written := formats[ending]
	if !known || !written {
		return e.problem(http.StatusNotFound, []validation.Finding{validation.UkendtSti.Finding("", "fil", register.Text{
			Da: "Filerne er daginstitutioner, anvisningsenheder, alternative-adresser og samlet, som .csv, .ndjson og .json.",
			En: "The files are daginstitutioner, anvisningsenheder, alternative-adresser and samlet, as .csv, .ndjson and .json.",
		})})
	}
	query, findings := e.query(level, "cursor", "pr", "registerposition")
	if findings = append(findings, e.past(query.moment)...); len(findings) > 0 {
		return e.refuse(findings)
	}
	at, findings, err := e.state(&query)
	if err != nil {
		return err
	}
	if len(findings) > 0 {
		return e.refuse(findings)
	}
	e.W.Header().Set("Registerposition", at.String())
	e.W.Header().Set("Content-Type", format.contentType)
	e.W.Header().Set("Content-Disposition", `attachment; filename="`+name+"."+ending+`"`)
	e.W.Header().Set("ETag", e.fileTag())
	if e.unchanged(e.W.Header().Get("ETag")) {
		return nil
	}
	rows := e.api.Exporting.Snapshot(e.R.Context(), query.filter, at, query.cursor)
	if e.api.MaxAnswer > 0 {
		return e.part(format, level, rows, at)
	}
	return e.Compressed(e.W, func(w io.Writer) error { return format.write(e.api, w, level, rows) })
}

// state gives the state that a file shows: the register's own as it is, or as it was at a moment or a position.
func (e *exchange) state(q *query) (at register.Positions, findings []validation.Finding, err error) {
	ctx, in := e.R.Context(), exporting.In{Kommune: q.filter.AdmKommuneKode, Daginstitution: q.filter.DaginstitutionsNummer}
	switch {
	case q.position != nil && !q.moment.IsZero():
		return nil, invalid("pr", "Brug enten pr eller registerposition.", "Use either pr or registerposition."), nil
	case q.position != nil:
		reached, err := e.api.Exporting.Reached(ctx, q.position)
		if err == nil && !reached {
			findings = invalid("registerposition", "Registeret er ikke nået så langt.", "The register has not come so far.")
		}
		return q.position, findings, err
	case q.moment.IsZero():
		at, err = e.present(in)
	default:
		var last int64
		if at, last, err = e.api.Exporting.StateAt(ctx, in, q.moment); err == nil {
			e.W.Header().Set(afterHeader, place(last))
		}
	}
	return at, nil, err
}

// present gives the register's own state, and says where the feed goes on from it.
func (e *exchange) present(in exporting.In) (register.Positions, error) {
	at, last, err := e.api.Exporting.State(e.R.Context(), in)
	if err == nil {
		e.W.Header().Set(afterHeader, place(last))
	}
	return at, err
}

// linkPart names the next part of a file: of the same state.
func (e *exchange) linkPart(cursor string, at register.Positions) {
	if cursor == "" {
		return
	}
	query := e.R.URL.Query()
	query.Del("pr")
	query.Set("registerposition", at.String())
	query.Set("cursor", cursor)
	e.link(query)
}

// fileTag changes with the position the register stands at, with what is asked of it, and with the texts of the codes.
func (e *exchange) fileTag() string {
	hash := fnv.New128a()
	fmt.Fprintf(hash, "%s %s %x", e.R.URL.RequestURI(), e.W.Header().Get("Registerposition"), e.api.Tables.Fingerprint())
	return fmt.Sprintf(`W/"%x"`, hash.Sum(nil))
}

// part writes rows to memory until the answer is about to be too large, and names the rest as the next part.
func (e *exchange) part(format format, level register.Level, rows iter.Seq2[exporting.Row, error], at register.Positions) error {
	var out bytes.Buffer
	var next exporting.Cursor
	fitting := func(yield func(exporting.Row, error) bool) {
		var last exporting.Cursor
		for row, err := range rows {
			if err == nil && last != (exporting.Cursor{}) && out.Len() >= e.api.MaxAnswer {
				next = last
				return
			}
			if !yield(row, err) {
				return
			}
			last = exporting.CursorAt(&row.Unit)
		}
	}
	err := e.Compressed(&out, func(w io.Writer) error { return format.write(e.api, w, level, fitting) })
	if err != nil {
		return err
	}
	e.linkPart(next.String(), at)
	e.W.Header().Set("Content-Length", strconv.Itoa(out.Len()))
	_, err = e.W.Write(out.Bytes())
	return err
}

func writeCSV(a *API, w io.Writer, level register.Level, rows iter.Seq2[exporting.Row, error]) error {
	return exporting.NewCSV(a.Tables, level).Write(w, rows)
}

func writeNDJSON(_ *API, w io.Writer, level register.Level, rows iter.Seq2[exporting.Row, error]) error {
	return writeRows(w, level, rows, "", "\n", "\n")
}

func writeJSON(_ *API, w io.Writer, level register.Level, rows iter.Seq2[exporting.Row, error]) error {
	return writeRows(w, level, rows, "[\n", ",\n", "\n]\n")
}

// writeRows writes rows as JSON, with something before them, between them and after them. No rows of NDJSON are no bytes.
func writeRows(w io.Writer, level register.Level, rows iter.Seq2[exporting.Row, error], before, between, after string) error {
	out := bufio.NewWriterSize(w, 32<<10)
	out.WriteString(before)
	form, any := form(level), before != ""
	var line []byte
	for row, err := range rows {
		if err != nil {
			return err
		}
		if _, err := out.Write(form(line, &row.Unit)); err != nil {
			return err
		}
		line, any = append(line[:0], between...), true
	}
	if any {
		out.WriteString(after)
	}
	return out.Flush()
}
