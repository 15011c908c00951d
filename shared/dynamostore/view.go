package dynamostore

import (
	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/register"
)

// view is a municipality as one run of an update sees it.
type view struct {
	kommune int
	was     int64 // where the log stood when the view was opened; it must stand there still when the update is written
	nr      int64 // where the update takes it
	latest  map[register.Number]trace
	before  int64 // where the log stood before what is in latest
}

// trace is where one of the latest changes put a unit, and which change that was.
type trace struct {
	at place
	nr int64
}

// someChanges is how many of the latest changes a view knows at least. They, and the one that ends the search, are as many as one
// read unit usually pays for.
const someChanges = 4

// open reads the end of a municipality's log: its last change tells where the log stands. Rows read from now on are at least so
// new, but for an instant: DynamoDB makes the items of a transaction visible one by one, so that its change may be seen and its
// row not yet. The view therefore knows what the latest changes did, all those of the last transaction among them, and what is
// read through it must show them.
func (r *reader) open(kommune int) (*view, error) {
	v := &view{kommune: kommune, latest: make(map[register.Number]trace)}
	last := query{pk: keys.Log(kommune), downward: true, page: someChanges + 1}
	var tx string
	read := 0
	for it, err := range r.items(last) {
		if err != nil {
			return nil, err
		}
		c, err := decodeChange(it, kommune)
		if err != nil {
			return nil, err
		}
		its := decode(it).text("tx")
		switch {
		case read == 0:
			tx, v.was, v.nr = its, c.Position.Nr, c.Position.Nr
		case c.Position.Nr != v.before:
			return nil, underWay("the log has a hole after %s", c.Position)
		case read >= someChanges && its != tx:
			return v, nil
		}
		v.note(&c)
		read++
	}
	return v, nil
}

func (v *view) note(c *register.Change) {
	v.before = c.Position.Nr - 1
	if _, newer := v.latest[c.Efter.Number()]; !newer {
		v.latest[c.Efter.Number()] = trace{placeOf(&c.Efter), c.Position.Nr}
	}
}

// shows tells whether a row is as new as the latest changes.
func (v *view) shows(u *register.Unit) bool {
	last, ok := v.latest[u.Number()]
	return !ok || u.Position.Nr >= last.nr
}

// showsTree tells whether the rows of a daginstitution's tree are, and whether none is missing.
func (v *view) showsTree(daginstitution register.Number, rows []register.Unit) bool {
	found := make(map[register.Number]bool, len(rows))
	for i := range rows {
		if !v.shows(&rows[i]) {
			return false
		}
		found[rows[i].Number()] = true
	}
	for n, last := range v.latest {
		if last.at.kommune == v.kommune && last.at.below(daginstitution) && !found[n] {
			return false
		}
	}
	return true
}

// step takes the next position of the log.
func (v *view) step() register.Position {
	v.nr++
	return register.Position{Kommune: v.kommune, Nr: v.nr}
}
