package main

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"

	"dagtilbudsregisteret.dk/infra/dtr/client"
	"dagtilbudsregisteret.dk/infra/dtr/loading"
)

// validate has a file judged and writes nothing.
func validate(ctx context.Context, e *env, args []string) error {
	flags := flag.NewFlagSet("validate", flag.ContinueOnError)
	english := flags.Bool("en", false, "the register's texts in English")
	verbose := flags.Bool("v", false, "show every warning")
	if err := parse(flags, args, 1, 1); err != nil {
		return err
	}
	register, err := e.register(*english)
	if err != nil {
		return err
	}
	judge := e.judgeRows
	if strings.EqualFold(filepath.Ext(flags.Arg(0)), ".ndjson") {
		judge = judgeLines
	}
	report, err := judge(ctx, register, flags.Arg(0))
	if err != nil {
		return err
	}
	summary{w: e.stdout, done: "would be taken", most: everything, verbose: *verbose}.print(report)
	return outcome(report)
}

// judgeRows has a file of rows judged as it would be loaded.
func (e *env) judgeRows(ctx context.Context, register *client.Client, path string) (*loading.Report, error) {
	rows, err := e.readRows(path)
	if err != nil {
		return nil, err
	}
	bar := e.progress("validate", len(rows))
	defer bar.end()
	loader := loading.Loader{Register: register, Progress: bar.add}
	return loader.Validate(ctx, rows)
}

// judgeLines has a file of import lines judged. They go in one call, since a line may refer to any line before it.
func judgeLines(ctx context.Context, register *client.Client, path string) (*loading.Report, error) {
	lines, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	verdicts, err := register.Import(ctx, lines, true)
	if err != nil {
		return nil, err
	}
	report := &loading.Report{}
	for i := range verdicts {
		report.AddLine(&verdicts[i])
	}
	return report, nil
}
