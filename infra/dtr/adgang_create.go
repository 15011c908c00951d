package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"dagtilbudsregisteret.dk/infra/dtr/client"
)

// createUser makes a system user.
func createUser(ctx context.Context, e *env, args []string) error {
	flags, english := accessFlags("create")
	var wish client.NewUser
	flags.StringVar(&wish.Rolle, "rolle", "", "the role `R`: laeser, leverandoer, ejer, drift, support")
	flags.StringVar(&wish.Beskrivelse, "beskrivelse", "", "who it is, for people")
	flags.StringVar(&wish.CVRNummer, "cvr", "", "the CVR number of an ejer")
	flags.Func("forbindelser", "how it may connect: laese, levere, or both with a comma between; what the role needs by default", words(&wish.Forbindelser))
	flags.Func("skrivninger", "`N` writes a second at most; 0 for any number", count(&wish.Skrivninger))
	flags.Func("laesninger", "`N` reads a second at most; 0 for any number", count(&wish.Laesninger))
	register, err := e.about(flags, english, args, 1)
	if err != nil {
		return err
	}
	if wish.Rolle == "" {
		return usageError("-rolle is missing")
	}
	wish.Navn = flags.Arg(0)
	made, err := register.CreateUser(ctx, &wish)
	if err != nil {
		return e.failed(err, "adgang", wish.Navn)
	}
	return e.showSecret(made.Bruger.Navn, made.Hemmelighed, fmt.Sprintf("%s is made, as %s, with secret %s.", made.Bruger.Navn, made.Bruger.Rolle, made.ID))
}

// rotate gives a system user a further secret.
func rotate(ctx context.Context, e *env, args []string) error {
	flags, english := accessFlags("rotate")
	var expires time.Time
	flags.Func("udloeber", "the moment `T` until which the new secret is good, such as 2027-01-31T12:00:00+01:00; for ever by default", moment(&expires))
	register, err := e.about(flags, english, args, 1)
	if err != nil {
		return err
	}
	navn := flags.Arg(0)
	made, err := register.Rotate(ctx, navn, expires)
	if err != nil {
		return e.failed(err, "adgang", navn)
	}
	return e.showSecret(navn, made.Hemmelighed, fmt.Sprintf("%s has the new secret %s. The old one is good until `dtr adgang revoke-secret %s ID`.", navn, made.ID, navn))
}

// grant gives a system user a right to write.
func grant(ctx context.Context, e *env, args []string) error {
	flags, english := accessFlags("grant")
	var wish client.NewGrant
	flags.IntVar(&wish.AdmKommuneKode, "kommune", 0, "for the municipality with code `K`")
	flags.StringVar(&wish.Nummer, "nummer", "", "for the unit of a number, such as `G12345`, and all below it")
	flags.Func("niveauer", "only daginstitution, anvisningsenhed or alternativAdresse, with commas between; all by default", words(&wish.Niveauer))
	flags.Func("ejerformer", "only the ejerformer of these codes, with commas between", numbers(&wish.Ejerformer))
	flags.StringVar(&wish.Fra, "fra", "", "from the day `D`, such as 2027-01-31; today by default")
	flags.StringVar(&wish.Til, "til", "", "up to and with the day `D`; without an end by default")
	register, err := e.about(flags, english, args, 1)
	if err != nil {
		return err
	}
	if (wish.AdmKommuneKode == 0) == (wish.Nummer == "") {
		return usageError("a grant is either for a -kommune or for a -nummer")
	}
	navn := flags.Arg(0)
	made, err := register.Grant(ctx, navn, &wish)
	if err != nil {
		return e.failed(err, "adgang", navn)
	}
	if _, err := fmt.Fprintln(e.stdout, made.ID); err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.stderr, "%s may write for %s from %s%s. The line on stdout is the grant's id.\n", navn, subject(&made), made.Fra, until(made.Til))
	return err
}

// words reads a list with commas between.
func words(to *[]string) func(string) error {
	return func(s string) error {
		*to = strings.Split(s, ",")
		return nil
	}
}

func numbers(to *[]int) func(string) error {
	return func(s string) error {
		for word := range strings.SplitSeq(s, ",") {
			n, err := strconv.Atoi(word)
			if err != nil {
				return errors.New("it is not a list of codes such as 1,2")
			}
			*to = append(*to, n)
		}
		return nil
	}
}

// count reads a number that may be left out.
func count(to **int) func(string) error {
	return func(s string) error {
		n, err := strconv.Atoi(s)
		if err != nil {
			return errors.New("it is not a whole number")
		}
		*to = &n
		return nil
	}
}

func moment(to *time.Time) func(string) error {
	return func(s string) (err error) {
		if *to, err = time.Parse(time.RFC3339, s); err != nil {
			return errors.New("it is not a moment such as 2027-01-31T12:00:00+01:00")
		}
		return nil
	}
}
