package main

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// versioner gives the commands about the service versions, below the one that lists them.
func versioner() []command {
	return []command{
		{name: "brug", args: "[-version V] [-fra D] [-til D] [-en]", about: "show who calls through a service version, and how often", run: showVersionUse},
	}
}

// showVersions lists the service versions: which are current, and when each closes.
func showVersions(ctx context.Context, e *env, args []string) error {
	flags, english := accessFlags("versioner")
	if err := parse(flags, args, 0, 0); err != nil {
		return err
	}
	register, err := e.register(*english)
	if err != nil {
		return err
	}
	versions, err := register.Versions(ctx)
	if err != nil {
		return e.refused(err)
	}
	lines := newTable(e.stdout, "VERSION", "TILSTAND", "AABNET", "FORAELDET", "LUKKER", "AFLOESER", "REST", "SOAP")
	for i := range versions {
		v := &versions[i]
		lines.row(v.Version, v.Tilstand, v.Aabnet, v.Foraeldet, v.Lukker, v.Afloeser, v.REST, strings.Join(v.SOAP, " "))
	}
	lines.part("VERSION", "AENDRINGER")
	for i := range versions {
		lines.row(versions[i].Version, versions[i].Aendringer)
	}
	return lines.end()
}

// showVersionUse shows who called through a service version, which methods, how often, and when last.
func showVersionUse(ctx context.Context, e *env, args []string) error {
	flags, english := accessFlags("brug")
	filter := url.Values{}
	for name, usage := range map[string]string{
		"version": "the service version `V`, which has a successor; v1 by default",
		"fra":     "from the day `D`, such as 2027-01-31; 30 days before -til by default",
		"til":     "until the day `D`, and with it; today by default",
	} {
		flags.Func(name, usage, func(value string) error { filter.Set(name, value); return nil })
	}
	if err := parse(flags, args, 0, 0); err != nil {
		return err
	}
	register, err := e.register(*english)
	if err != nil {
		return err
	}
	use, err := register.VersionUse(ctx, filter)
	if err != nil {
		return e.refused(err)
	}
	if len(use.Brugere) == 0 {
		_, err := fmt.Fprintf(e.stdout, "no system user called through %s from %s to %s\n", use.Version, use.Fra, use.Til)
		return err
	}
	lines := newTable(e.stdout, "VERSION", "FRA", "TIL")
	lines.row(use.Version, use.Fra, use.Til)
	lines.part("BRUGER", "KALD", "SENEST")
	for _, u := range use.Brugere {
		lines.row(u.Navn, strconv.FormatInt(u.Kald, 10), at(u.Senest))
	}
	lines.part("BRUGER", "KALD", "METODE")
	for _, u := range use.Brugere {
		for _, m := range u.Metoder {
			lines.row(u.Navn, strconv.FormatInt(m.Kald, 10), m.Metode)
		}
	}
	return lines.end()
}
