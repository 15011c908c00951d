package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"

	"github.com/go-json-experiment/json/jsontext"

	"dagtilbudsregisteret.dk/infra/dtr/client"
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
	if problem, ok := errors.AsType[*client.Problem](err); ok && problem.Status == http.StatusNotFound {
		fmt.Fprintln(e.stderr, problem)
		return errRefused
	}
	if err != nil {
		return err
	}
	if err := family.Indent(jsontext.WithIndent("  ")); err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.stdout, "%s\n", family)
	return err
}
