package importing_test

import (
	"fmt"
	"slices"

	"dagtilbudsregisteret.dk/shared/register"
)

// content is all that a register holds.
type content struct {
	rows      map[register.Number]register.Unit
	log       []register.Change // by municipality and position
	positions register.Positions
}

func (r *registry) content() content {
	r.Helper()
	c := content{rows: make(map[register.Number]register.Unit)}
	var err error
	if c.positions, err = r.Store.Positions(r.Context()); err != nil {
		r.Fatal(err)
	}
	for _, p := range c.positions {
		for u, err := range r.Store.Units(r.Context(), p.Kommune, "") {
			if err != nil {
				r.Fatal(err)
			}
			if _, twice := c.rows[u.Number()]; twice {
				r.Errorf("%s has two rows", u.Number())
			}
			c.rows[u.Number()] = u
		}
		for change, err := range r.Store.Changes(r.Context(), register.Position{Kommune: p.Kommune}) {
			if err != nil {
				r.Fatal(err)
			}
			c.log = append(c.log, change)
		}
	}
	return c
}

func compare(a, b register.Number) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// next is the number that would be issued now.
func (r *registry) next() register.Number {
	r.Helper()
	var numbers []register.Number
	err := r.Store.Update(r.Context(), func(tx register.Tx) (err error) {
		if numbers, err = tx.Issue(1); err != nil {
			return err
		}
		return errLeft
	})
	if err != errLeft {
		r.Fatal(err)
	}
	return numbers[0]
}

var errLeft = fmt.Errorf("left without writing")

// sound holds what must hold of every register, whatever was done to it.
func (r *registry) sound() content {
	r.Helper()
	c := r.content()
	for _, u := range c.rows {
		if err := r.soundRow(&c, u); err != nil {
			r.Errorf("%s: %v", u.Number(), err)
		}
	}
	if err := replay(&c); err != nil {
		r.Error(err)
	}
	return c
}

// soundRow checks that a row is found by its number and fits the rows above it.
func (r *registry) soundRow(c *content, u register.Unit) error {
	if found := r.unit(u.Number()); found != u {
		return fmt.Errorf("by number %+v, in its municipality %+v", found, u)
	}
	if u.Level == register.Daginstitution {
		return nil
	}
	parent, ok := c.rows[u.Parent()]
	placed := u
	placed.PlaceUnder(&parent)
	switch {
	case !ok || parent.Level != u.Level-1:
		return fmt.Errorf("it stands below %s, which is %+v", u.Parent(), parent)
	case placed != u:
		return fmt.Errorf("it stands at %d %s, and its parent at %d %s", u.AdmKommuneKode, u.Path(), parent.AdmKommuneKode, parent.Path())
	case parent.Aktivitetsstatus == register.Nedlagt && u.Aktivitetsstatus == register.Aktiv:
		return fmt.Errorf("it is active below %s, which is closed", parent.Number())
	}
	return nil
}

// replay checks that the logs count without gaps and, read by the numbers and versions of the units, lead to the rows.
func replay(c *content) error {
	last := make(map[register.Number]register.Unit)
	heads := make(map[int]int64)
	steps := make(map[register.Number][]register.Change)
	for _, change := range c.log {
		p := change.Position
		if heads[p.Kommune]++; p.Nr != heads[p.Kommune] {
			return fmt.Errorf("position %s comes as number %d", p, heads[p.Kommune])
		}
		if change.Efter.AdmKommuneKode == p.Kommune {
			steps[change.Efter.Number()] = append(steps[change.Efter.Number()], change)
		} else if !change.LeavesKommune() || change.Foer.AdmKommuneKode != p.Kommune {
			return fmt.Errorf("%s stands in a log it has nothing to do with: %+v", p, change)
		}
	}
	for n, changes := range steps {
		slices.SortFunc(changes, func(a, b register.Change) int { return int(a.Efter.Version - b.Efter.Version) })
		for i, change := range changes {
			if change.Efter.Version != int64(i)+1 || change.Foer != last[n] || change.Efter.Position != change.Position {
				return fmt.Errorf("%s, step %d\n   after %+v\n comes %+v", n, i+1, last[n], change)
			}
			if i > 0 && register.SameContent(change.Foer, change.Efter) {
				return fmt.Errorf("%s: version %d changes nothing", n, i+1)
			}
			last[n] = change.Efter
		}
	}
	for _, p := range c.positions {
		if heads[p.Kommune] != p.Nr {
			return fmt.Errorf("the head of %d stands at %d, its log at %d", p.Kommune, p.Nr, heads[p.Kommune])
		}
	}
	for n, u := range c.rows {
		if last[n] != u {
			return fmt.Errorf("%s\n row     %+v\n history %+v", n, u, last[n])
		}
	}
	if len(last) != len(c.rows) {
		return fmt.Errorf("%d units have a history and %d a row", len(last), len(c.rows))
	}
	return nil
}
