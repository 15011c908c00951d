package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"dagtilbudsregisteret.dk/infra/engine"
	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/granting"
	"dagtilbudsregisteret.dk/shared/validation"
)

// bootstrap makes the first operator of a register that nobody can log in to yet. It asks no server: who can open the data may do so.
func bootstrap(ctx context.Context, e *env, args []string) (err error) {
	flags, english := accessFlags("bootstrap")
	if err := parseAbout(flags, args, 1); err != nil {
		return err
	}
	config, err := engine.ReadConfig(e.getenv)
	if err != nil {
		return err
	}
	data, err := config.Open(ctx)
	if err != nil {
		return fmt.Errorf("%w\nbootstrap opens the register's data itself; a register that runs on the same file must be stopped first", err)
	}
	defer func() { err = errors.Join(err, data.Close()) }()
	service := granting.Service{Store: data.Store, Log: data.Store, Tables: codes.Embedded(), Now: time.Now}
	u, secret, findings, err := service.Bootstrap(ctx, flags.Arg(0))
	if err != nil {
		return err
	}
	if validation.Blocking(findings) {
		e.tell(findings, *english)
		return errRefused
	}
	return e.showSecret(u.Navn, secret, fmt.Sprintf("%s is made, as %s, in %s.", u.Navn, u.Rolle, data.Name))
}

// tell tells findings as the register would have.
func (e *env) tell(findings []validation.Finding, english bool) {
	for _, f := range findings {
		text := f.Tekst.Da
		if e.english(english) {
			text = f.Tekst.En
		}
		fmt.Fprintln(e.stderr, text)
	}
}
