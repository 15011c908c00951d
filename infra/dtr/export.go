package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"iter"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

var niveauer = []string{"samlet", "daginstitutioner", "anvisningsenheder", "alternative-adresser"}

// parts are those of a file, see [client.Client.Export].
type parts = iter.Seq2[io.Reader, error]

// formats join the parts of a file into one.
var formats = map[string]func(io.Writer, parts) error{"csv": joinCSV, "ndjson": joinLines, "json": joinJSON}

// export fetches a whole file from the register.
func export(ctx context.Context, e *env, args []string) error {
	flags := flag.NewFlagSet("export", flag.ContinueOnError)
	niveau := flags.String("niveau", niveauer[0], "the level `N`: "+strings.Join(niveauer, ", "))
	format := flags.String("format", "csv", "the format `F`: csv, ndjson, json")
	kommune := flags.Int("kommune", 0, "only what the municipality with code `K` administers")
	if err := parse(flags, args, 0, 1); err != nil {
		return err
	}
	join, known := formats[*format]
	switch {
	case !slices.Contains(niveauer, *niveau):
		return usageError("-niveau is one of " + strings.Join(niveauer, ", "))
	case !known:
		return usageError("-format is csv, ndjson or json")
	case *kommune < 0:
		return usageError("-kommune is the code of a municipality")
	}
	filter := url.Values{}
	if *kommune != 0 {
		filter.Set("admKommuneKode", strconv.Itoa(*kommune))
	}
	register, err := e.register(false)
	if err != nil {
		return err
	}
	write := func(w io.Writer) error {
		out := bufio.NewWriterSize(w, 64<<10)
		if err := join(out, register.Export(ctx, *niveau+"."+*format, filter)); err != nil {
			return err
		}
		return out.Flush()
	}
	if path := flags.Arg(0); path != "" {
		return replaceFile(path, readable, write)
	}
	return write(e.stdout)
}

// joinLines writes parts one after the other.
func joinLines(w io.Writer, parts parts) error {
	for part, err := range parts {
		if err != nil {
			return err
		}
		if _, err := io.Copy(w, part); err != nil {
			return err
		}
	}
	return nil
}

// joinCSV writes parts one after the other, with the first line of the first only: it is the header, with the byte order mark.
func joinCSV(w io.Writer, parts parts) error {
	return joinLines(w, func(yield func(io.Reader, error) bool) {
		first := true
		for part, err := range parts {
			if err == nil && !first {
				part, err = afterHeader(part)
			}
			if !yield(part, err) {
				return
			}
			first = false
		}
	})
}

func afterHeader(part io.Reader) (io.Reader, error) {
	rest := bufio.NewReader(part)
	if _, err := rest.ReadString('\n'); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return rest, nil
}

// joinJSON writes the elements of the parts, each of which is an array, as one array with a line for each.
func joinJSON(w io.Writer, parts parts) error {
	before := "[\n"
	for part, err := range parts {
		if err != nil {
			return err
		}
		for element, err := range elements(part) {
			if err != nil {
				return err
			}
			if _, err := fmt.Fprintf(w, "%s%s", before, element); err != nil {
				return err
			}
			before = ",\n"
		}
	}
	end := "\n]\n"
	if before != ",\n" {
		end = before + end
	}
	_, err := io.WriteString(w, end)
	return err
}

// elements gives those of a JSON array. Each is good until the next.
func elements(array io.Reader) iter.Seq2[jsontext.Value, error] {
	return func(yield func(jsontext.Value, error) bool) {
		in := jsontext.NewDecoder(array)
		if _, err := in.ReadToken(); err != nil {
			yield(nil, err)
			return
		}
		for {
			kind := in.PeekKind()
			if kind == ']' {
				return
			}
			element, err := in.ReadValue()
			if !yield(element, err) || err != nil {
				return
			}
		}
	}
}
