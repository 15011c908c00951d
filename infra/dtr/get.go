package main

import (
	"context"
	"flag"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
)

// get shows a unit with those above and below it.
func get(ctx context.Context, e *env, args []string) error {
	flags := flag.NewFlagSet("get", flag.ContinueOnError)
	english := flags.Bool("en", false, "the register's texts in English")
	if err := parse(flags, args, 1, 1); err != nil {
		return err
	}
	register, err := e.register(*english)
	if err != nil {
		return err
	}
	family, err := register.Unit(ctx, flags.Arg(0))
	if err != nil {
		return e.refused(err)
	}
	if err := family.Indent(jsontext.WithIndent("  ")); err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.stdout, "%s\n", family)
	return err
}
