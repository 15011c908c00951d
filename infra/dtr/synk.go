package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"

	"dagtilbudsregisteret.dk/infra/dtr/client"
	"dagtilbudsregisteret.dk/infra/dtr/copyfile"
	"dagtilbudsregisteret.dk/shared/exporting"
	"dagtilbudsregisteret.dk/shared/register"
)

// synk checks a copy of the register against the register.
func synk(ctx context.Context, e *env, args []string) error {
	flags := flag.NewFlagSet("synk", flag.ContinueOnError)
	english := flags.Bool("en", false, "the register's texts in English")
	all := flags.Bool("alle", false, fmt.Sprintf("show all units that differ, and not the first %d only", mostShown))
	var only []int
	flags.Func("kommuner", "only the municipalities with these codes, with commas between; by default those of the copy and of the register", numbers(&only))
	if err := parse(flags, args, 1, 1); err != nil {
		return err
	}
	units, err := e.readCopy(flags.Arg(0))
	if err != nil {
		return err
	}
	register, err := e.register(*english)
	if err != nil {
		return err
	}
	slices.Sort(only)
	c := comparison{here: units, only: slices.Compact(only)}
	if err := c.run(ctx, register); err != nil {
		return e.refused(err)
	}
	return e.showDifferences(&c, *all)
}

// readCopy reads a whole copy. What is wrong with it is told.
func (e *env) readCopy(path string) (copyfile.Copy, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	units, err := copyfile.Read(file)
	if failed, ok := errors.AsType[*os.PathError](err); ok {
		return nil, failed
	}
	if err != nil {
		fmt.Fprintf(e.stderr, "%s: %v\n", path, err)
		return nil, errRefused
	}
	return units, nil
}

// comparison holds a copy against the register.
type comparison struct {
	here     copyfile.Copy
	only     []int // the municipalities that are compared; nil for all
	compared []client.Compared
	lacking  int // how many municipalities the register has units of, and the copy none
}

// run compares how many units there are and their hash, municipality by municipality. Where those differ the register tells its units.
func (c *comparison) run(ctx context.Context, register *client.Client) error {
	if c.only != nil {
		_, err := c.compare(ctx, register, c.only)
		return err
	}
	known, err := register.Kommuner(ctx)
	if err != nil {
		return err
	}
	own, strange := c.kommuner(known)
	for _, kommune := range strange {
		c.compared = append(c.compared, client.Compared{AdmKommuneKode: kommune})
	}
	others, err := c.compare(ctx, register, own)
	if err != nil || len(others) == 0 {
		return err
	}
	before := len(c.compared)
	_, err = c.compare(ctx, register, others)
	for _, one := range c.compared[before:] {
		if !one.Ens {
			c.lacking++
		}
	}
	return err
}

// kommuner gives the municipalities of the copy: those that there are, and others, of which the register can have nothing.
func (c *comparison) kommuner(known []int) (own, strange []int) {
	for _, kommune := range slices.Sorted(maps.Keys(c.here)) {
		switch {
		case kommune == 0: // not known
		case slices.Contains(known, kommune):
			own = append(own, kommune)
		default:
			strange = append(strange, kommune)
		}
	}
	return own, strange
}

func (c *comparison) compare(ctx context.Context, register *client.Client, kommuner []int) (others []int, err error) {
	copies := []client.Copy{}
	for _, kommune := range kommuner {
		units := c.here[kommune]
		copies = append(copies, client.Copy{AdmKommuneKode: kommune, Antal: len(units), Hash: exporting.Sum(units)})
	}
	compared, others, err := register.Compare(ctx, copies)
	c.compared = append(c.compared, compared...)
	return others, err
}

// place is where a unit is, and at which version; the zero place for nowhere.
type place struct {
	kommune int
	version int64
}

func (p place) String() string {
	switch {
	case p.version == 0:
		return ""
	case p.kommune == 0:
		return fmt.Sprintf("version %d", p.version)
	}
	return fmt.Sprintf("version %d, kommune %d", p.version, p.kommune)
}

// differing gives the units that are not the same on both sides, by number, and where they are on each.
func (c *comparison) differing() (numbers []register.Number, here, there map[register.Number]place) {
	here, there = make(map[register.Number]place), make(map[register.Number]place)
	for _, one := range c.compared {
		if one.Ens {
			continue
		}
		for n, version := range one.Enheder {
			there[n] = place{one.AdmKommuneKode, version}
		}
		for n, version := range c.here[one.AdmKommuneKode] {
			here[n] = place{one.AdmKommuneKode, version}
		}
	}
	for n, version := range c.here[0] {
		if _, known := there[n]; known || c.only == nil {
			here[n] = place{0, version}
		}
	}
	all := maps.Clone(there)
	maps.Copy(all, here)
	for _, n := range slices.Sorted(maps.Keys(all)) {
		if here[n] != there[n] {
			numbers = append(numbers, n)
		}
	}
	return numbers, here, there
}

// how says in what a unit differs.
func how(here, there place) string {
	switch {
	case here.version == 0:
		return "missing here"
	case there.version == 0:
		return "gone there"
	case here.kommune == 0:
		return "without its daginstitution here"
	case here.kommune != there.kommune:
		return "in another kommune"
	case here.version < there.version:
		return "older here"
	}
	return "newer here"
}

// mostShown is how many units that differ are shown unless all are asked for.
const mostShown = 50

// showDifferences tells whether the copy and the register are the same, and otherwise which units are not.
func (e *env) showDifferences(c *comparison, all bool) error {
	numbers, here, there := c.differing()
	if len(numbers) == 0 {
		_, err := fmt.Fprintf(e.stdout, "equal: %s\n", c.extent())
		return err
	}
	lines := newTable(e.stdout, "NUMMER", "FORSKEL", "HER", "I REGISTERET")
	shown := numbers
	if !all {
		shown = numbers[:min(len(numbers), mostShown)]
	}
	for _, n := range shown {
		lines.row(string(n), how(here[n], there[n]), here[n].String(), there[n].String())
	}
	fmt.Fprintf(e.stderr, "dtr: %d units differ; what was changed since the copy was brought up to date is among them\n", len(numbers))
	if more := len(numbers) - len(shown); more > 0 {
		fmt.Fprintf(e.stderr, "dtr: these are the first %d; -alle shows the other %d as well\n", len(shown), more)
	}
	if c.lacking > 0 {
		fmt.Fprintf(e.stderr, "dtr: the copy has nothing of %d municipalities that the register has; -kommuner compares only those that it names\n", c.lacking)
	}
	return cmp.Or(lines.end(), errRefused)
}

// extent is how much was compared.
func (c *comparison) extent() string {
	count := 0
	for _, one := range c.compared {
		count += len(c.here[one.AdmKommuneKode])
	}
	return strconv.Itoa(count) + " units in " + strconv.Itoa(len(c.compared)) + " municipalities"
}
