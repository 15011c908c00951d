package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	"dagtilbudsregisteret.dk/infra/dtr/loading"
	"dagtilbudsregisteret.dk/infra/dtr/unitfile"
)

// load brings a file of existing units into the register.
func load(ctx context.Context, e *env, args []string) error {
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	english := flags.Bool("en", false, "the register's texts in English")
	if err := parse(flags, args, 1, 1); err != nil {
		return err
	}
	rows, err := e.readRows(flags.Arg(0))
	if err != nil {
		return err
	}
	register, err := e.register(*english)
	if err != nil {
		return err
	}
	bar := e.progress("load", len(rows))
	loader := loading.Loader{Register: register, Progress: bar.add}
	report, err := loader.Load(ctx, rows)
	bar.end()
	summary{w: e.stdout, done: "loaded", most: shownRefusals}.print(report)
	if err != nil {
		fmt.Fprintf(e.stderr, "dtr: not all rows were reached; run the same load again to go on from here\n")
		return err
	}
	return outcome(report)
}

// readRows reads a whole file of rows. What is wrong with its layout is told, line by line, before anything is sent.
func (e *env) readRows(path string) ([]unitfile.Row, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	rows, err := unitfile.Read(file)
	if failed, ok := errors.AsType[*os.PathError](err); ok {
		return nil, failed
	}
	if err != nil {
		fmt.Fprintf(e.stderr, "%s:\n  %s\n", path, strings.ReplaceAll(err.Error(), "\n", "\n  "))
		return nil, errRefused
	}
	return rows, nil
}

// outcome is the error of a report with refusals in it, which have been told.
func outcome(report *loading.Report) error {
	if len(report.Refused) > 0 {
		return errRefused
	}
	return nil
}
