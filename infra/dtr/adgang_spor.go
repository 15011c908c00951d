package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"strings"
)

// trailFilters are the flags that say which acts are wanted, and the register's own parameters for them.
var trailFilters = []struct{ flag, parameter, usage string }{
	{"bruger", "bruger", "only what the system user `NAVN` did"},
	{"om", "om", "only what was done about the system user `NAVN`"},
	{"kommune", "admKommuneKode", "only what was for the municipality with code `K`"},
	{"nummer", "nummer", "only what was about the unit of a number, such as `G12345`"},
	{"request", "requestId", "only the call with the request `ID`"},
	{"udfald", "udfald", "only what was udfoert, or only what was afvist"},
	{"fra", "fra", "from the moment `T`, such as 2027-01-31T12:00:00+01:00; 30 days back by default"},
	{"til", "til", "up to the moment `T`"},
}

// showTrail shows acts, the newest first.
func showTrail(ctx context.Context, e *env, args []string) error {
	flags, english := accessFlags("spor")
	for _, f := range trailFilters {
		flags.String(f.flag, "", f.usage)
	}
	most := flags.Int("antal", 50, "`N` acts at most")
	if err := parse(flags, args, 0, 0); err != nil {
		return err
	}
	if *most < 1 {
		return usageError("-antal is how many acts to show")
	}
	register, err := e.register(*english)
	if err != nil {
		return err
	}
	shown := 0
	lines := newTable(e.stdout, "TID", "BRUGER", "HANDLING", "UDFALD", "KOMMUNE", "NUMMER", "OM", "ADRESSE", "REQUEST", "LINJE", "REGLER")
	for s, err := range register.Trail(ctx, filterOf(flags), *most) {
		if err != nil {
			return errors.Join(lines.end(), e.refused(err))
		}
		shown++
		lines.row(at(s.Tid), s.Bruger, s.Handling, s.Udfald, number(s.AdmKommuneKode), string(s.Nummer), s.Om, s.Adresse, s.RequestID,
			number(s.Linje), strings.Join(s.Regler, " "))
	}
	if shown == *most {
		fmt.Fprintf(e.stderr, "dtr: these are the newest %d; -antal shows more\n", shown)
	}
	return lines.end()
}

// filterOf gives the parameters of the flags that were set.
func filterOf(flags *flag.FlagSet) url.Values {
	filter := url.Values{}
	for _, f := range trailFilters {
		if value := flags.Lookup(f.flag).Value.String(); value != "" {
			filter.Set(f.parameter, value)
		}
	}
	return filter
}
