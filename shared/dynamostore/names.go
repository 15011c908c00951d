package dynamostore

import (
	"slices"
	"strings"
	"sync"

	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/register"
)

// names remembers a municipality's active rows for as long as the process lives. They are read once; then the log tells what
// became of them, so that looking for a namesake costs no more than reading what is new.
type names struct {
	mu   sync.Mutex
	nr   int64 // how much of the log is in rows
	rows map[register.Number]named
}

type named struct {
	unit register.Unit
	key  string // of its name
}

func (s *Store) namesOf(kommune int) *names {
	n, _ := s.names.LoadOrStore(kommune, new(names))
	return n.(*names)
}

// find gives the active units with a name, by path, as they stood when the view was opened.
func (n *names) find(r *reader, v *view, level register.Level, navn string) (found []register.Unit, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.rows == nil {
		if err := n.load(r, v); err != nil {
			return nil, err
		}
	}
	if err := n.catchUp(r, v); err != nil {
		return nil, err
	}
	key := register.NameKey(navn)
	for _, row := range n.rows {
		if row.unit.Level == level && row.key == key {
			found = append(found, row.unit)
		}
	}
	slices.SortFunc(found, func(a, b register.Unit) int { return strings.Compare(a.Path(), b.Path()) })
	return found, nil
}

// load reads the rows as they stand. Some may show the latest changes and some not, so the log is followed from before those.
func (n *names) load(r *reader, v *view) error {
	rows := make(map[register.Number]named)
	for u, err := range r.rows(v.kommune, query{pk: keys.Kommune(v.kommune)}) {
		if err != nil {
			return err
		}
		if u.Aktivitetsstatus == register.Aktiv {
			rows[u.Number()] = named{u, register.NameKey(u.Navn)}
		}
	}
	n.rows, n.nr = rows, v.before
	return nil
}

func (n *names) catchUp(r *reader, v *view) error {
	if n.nr < v.was.Nr {
		for c, err := range r.changes(register.Position{Kommune: v.kommune, Nr: n.nr}) {
			if err != nil {
				return err
			}
			n.apply(&c)
		}
	}
	if n.nr != v.was.Nr {
		return underWay("the log has moved")
	}
	return nil
}

func (n *names) apply(c *register.Change) {
	n.nr = c.Position.Nr
	delete(n.rows, c.Efter.Number())
	if c.Efter.AdmKommuneKode == c.Position.Kommune && c.Efter.Aktivitetsstatus == register.Aktiv {
		n.rows[c.Efter.Number()] = named{c.Efter, register.NameKey(c.Efter.Navn)}
	}
}
