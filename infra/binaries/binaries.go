// Package binaries builds the functions for this machine, with the flags of the deployed ones, for those who run them here: `make run-lambda`
// has its own from the Makefile, tests have theirs by this package.
package binaries

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"dagtilbudsregisteret.dk/infra/peers"
)

// Functions builds every function into a folder, as <name>/bootstrap.
func Functions(ctx context.Context, folder string) error {
	root, err := peers.Root()
	if err != nil {
		return err
	}
	mains, err := filepath.Glob(filepath.Join(root, "functions", "*", "main.go"))
	if err != nil || len(mains) == 0 {
		return errors.Join(err, errors.New("there are no functions"))
	}
	for _, main := range mains {
		name := filepath.Base(filepath.Dir(main))
		if err := build(ctx, root, filepath.Join(folder, name, "bootstrap"), "./functions/"+name,
			"-trimpath", "-tags", "lambda.norpc", "-ldflags", "-s -w"); err != nil {
			return err
		}
	}
	return nil
}

// Program builds a program of the repository, "./infra/local", as a file.
func Program(ctx context.Context, pkg, file string) error {
	root, err := peers.Root()
	if err != nil {
		return err
	}
	return build(ctx, root, file, pkg)
}

func build(ctx context.Context, root, file, pkg string, flags ...string) error {
	command := exec.CommandContext(ctx, "go", append(append([]string{"build", "-o", file}, flags...), pkg)...)
	command.Dir, command.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", pkg, err, out)
	}
	return nil
}
