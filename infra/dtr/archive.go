package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"time"

	"dagtilbudsregisteret.dk/infra/engine"
	"dagtilbudsregisteret.dk/shared/archiving"
	"dagtilbudsregisteret.dk/shared/auditing"
	"dagtilbudsregisteret.dk/shared/boltstore"
	"dagtilbudsregisteret.dk/shared/records"
	"dagtilbudsregisteret.dk/shared/register"
)

// withData has something done with the register's data, which no server is asked for: who can open it may do so.
func (e *env) withData(name string, open func(*engine.Config) (engine.Engine, error), do func(engine.Engine) error) (err error) {
	config, err := engine.ReadConfig(e.getenv)
	if err != nil {
		return err
	}
	data, err := open(&config)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no register: %w", err)
	}
	if errors.Is(err, boltstore.ErrDamaged) {
		fmt.Fprintf(e.stderr, "dtr: %v\n", err)
		return errRefused
	}
	if err != nil {
		return fmt.Errorf("%w\n%s opens the register's data itself; a register that runs on the same file must be stopped first", err, name)
	}
	defer func() { err = errors.Join(err, data.Close()) }()
	return do(data)
}

// backupAttempts is how often a backup is taken anew where a unit was changing municipality in the very moment.
const backupAttempts = 5

// backup backs the whole register up into a file that is not there yet.
func backup(ctx context.Context, e *env, args []string) error {
	flags := flag.NewFlagSet("backup", flag.ContinueOnError)
	if err := parse(flags, args, 1, 1); err != nil {
		return err
	}
	path := flags.Arg(0)
	if err := vacant(path); err != nil {
		return err
	}
	open := func(c *engine.Config) (engine.Engine, error) { return c.OpenWhole(ctx) }
	return e.withData("backup", open, func(data engine.Engine) (err error) {
		var sum archiving.Summary
		var hash hash.Hash // of the file
		for range backupAttempts {
			err = replaceFile(path, private, func(w io.Writer) (err error) {
				hash = sha256.New()
				sum, err = archive(data).Backup(ctx, io.MultiWriter(w, hash))
				return errors.Join(err, vacant(path))
			})
			if register.KindOf(err) != register.Unavailable || ctx.Err() != nil {
				break
			}
		}
		if err == nil {
			fmt.Fprintf(e.stdout, "%s has %s, up to place %d; secrets are not in it\nSHA-256 %x\n", path, held(&sum), sum.Last, hash.Sum(nil))
		}
		return err
	})
}

// vacant wants no file to have a name.
func vacant(path string) error {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return cmp.Or(err, fmt.Errorf("%s exists, and is left as it is: name a file that does not", path))
	}
	return nil
}

func archive(data engine.Engine) *archiving.Service {
	return &archiving.Service{Store: data.Store, Series: data.Series, Now: time.Now}
}

// held says how much a backup has.
func held(sum *archiving.Summary) string {
	return fmt.Sprintf("%d units, %d changes, %d users and %d subscribers", sum.Counts["unit"], sum.Counts["change"], sum.Counts["user"], sum.Counts["subscriber"])
}

// restore restores a backup, or a whole other table, into an empty register, and checks that.
func restore(ctx context.Context, e *env, args []string) error {
	flags := flag.NewFlagSet("restore", flag.ContinueOnError)
	table := flags.String("table", "", "copy all that the table `T` has, secrets too, instead of restoring a file; nobody may use either meanwhile")
	if err := parse(flags, args, 0, 1); err != nil {
		return err
	}
	if (*table == "") == (flags.NArg() == 0) {
		return usageError("either FILE or -table is to be named")
	}
	if *table != "" && (e.getenv("DTR_ENGINE") != "dynamodb" || *table == e.getenv("DTR_TABLE")) {
		return usageError("-table is another table than DTR_TABLE, with DTR_ENGINE=dynamodb")
	}
	var file *os.File
	if *table == "" {
		var err error
		if file, err = os.Open(flags.Arg(0)); err != nil {
			return err
		}
		defer file.Close()
	}
	open := func(c *engine.Config) (engine.Engine, error) { return c.OpenToRestore(ctx) }
	return e.withData("restore", open, func(data engine.Engine) error {
		var err error
		if file != nil {
			err = e.fromFile(ctx, data, file)
		} else {
			err = e.fromTable(ctx, data, *table)
		}
		switch register.KindOf(err) {
		case register.Malformed, register.Conflict: // and nothing was written
			told, _ := errors.AsType[*register.Error](err)
			fmt.Fprintf(e.stderr, "dtr: %v\n", told.Cause)
			return errRefused
		}
		if err != nil {
			return fmt.Errorf("%w\nthe register is not whole; run the same restore again to go on", err)
		}
		return e.audit(ctx, data)
	})
}

// fromFile restores a backup.
func (e *env) fromFile(ctx context.Context, data engine.Engine, file io.ReadSeeker) error {
	sum, err := archive(data).Restore(ctx, file)
	if err == nil {
		fmt.Fprintf(e.stdout, "%s has %s, as of %s\nno user has a secret: make an operator's by dtr adgang bootstrap, and by it one for each of the others\n",
			data.Name, held(&sum), sum.Taken.Format(time.RFC3339))
	}
	return err
}

// fromTable copies another table.
func (e *env) fromTable(ctx context.Context, data engine.Engine, table string) error {
	config, err := engine.ReadConfig(func(name string) string {
		if name == "DTR_TABLE" {
			return table
		}
		return e.getenv(name)
	})
	if err != nil {
		return err
	}
	source, err := config.OpenAsIs(ctx)
	if err != nil {
		return err
	}
	counts, err := archive(data).Copy(ctx, source.Store, source.Name)
	if err == nil {
		fmt.Fprintf(e.stdout, "%s has %d units, %d changes and %d users of %s, with their secrets\n",
			data.Name, counts[records.Rows], counts[records.Log], counts[records.Users], source.Name)
	}
	return errors.Join(err, source.Close())
}

// check goes through the whole register.
func check(ctx context.Context, e *env, args []string) error {
	if err := parse(flag.NewFlagSet("check", flag.ContinueOnError), args, 0, 0); err != nil {
		return err
	}
	open := func(c *engine.Config) (engine.Engine, error) { return c.OpenAsIs(ctx) }
	return e.withData("check", open, func(data engine.Engine) error { return e.audit(ctx, data) })
}

// shownBreaches is how many breaches are shown.
const shownBreaches = 100

// audit shows what does not fit together in a register.
func (e *env) audit(ctx context.Context, data engine.Engine) error {
	service := auditing.Service{Store: data.Store, Series: data.Series}
	shown := 0
	summary, err := service.Check(ctx, func(b auditing.Breach) {
		if shown++; shown <= shownBreaches {
			fmt.Fprintln(e.stdout, b)
		}
	})
	if err != nil {
		return err
	}
	if more := summary.Breaches - shownBreaches; more > 0 {
		fmt.Fprintf(e.stdout, "… and %d more\n", more)
	}
	if len(summary.Unsettled) > 0 {
		fmt.Fprintf(e.stdout, "not checked, for others kept writing there: %d municipalities, %v\n", len(summary.Unsettled), summary.Unsettled)
	}
	if summary.Records[records.Rows]+summary.Records[records.Ledger]+summary.Records[records.Log] == 0 {
		fmt.Fprintln(e.stdout, "the register is empty: it has no units and no changes")
	}
	fmt.Fprintf(e.stdout, "checked %d units, %d numbers, %d changes, %d receipts, %d subscribers: %d breaches\n",
		summary.Records[records.Rows], summary.Records[records.Ledger], summary.Records[records.Log], summary.Records[records.Receipts],
		summary.Records[records.Subscribers], summary.Breaches)
	if summary.Breaches > 0 || len(summary.Unsettled) > 0 {
		return errRefused
	}
	return nil
}
