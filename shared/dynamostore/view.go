package dynamostore

import (
	"iter"
	"time"

	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/register"
)

// view is a municipality as one run of an update sees it.
type view struct {
	kommune int
	was     register.Head // where the log stood when the view was opened; it must stand there still when the update is written
	is      register.Head // where the update takes it
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
	v.was.Kommune = kommune
	err := v.read(r.items(query{pk: keys.Log(kommune), downward: true, page: someChanges + 1}))
	v.is = v.was
	return v, err
}

// read goes through the end of the log, the last change first.
func (v *view) read(log iter.Seq2[item, error]) error {
	var tx string
	read := 0
	for it, err := range log {
		if err != nil {
			return err
		}
		c, err := decodeChange(it, v.kommune)
		if err != nil {
			return err
		}
		its, senest, err := decodeNote(it)
		switch {
		case err != nil:
			return err
		case read == 0:
			tx, v.was.Nr = its, c.Position.Nr
		case c.Position.Nr != v.before:
			return underWay("the log has a hole after %s", c.Position)
		case read >= someChanges && its != tx:
			return nil
		}
		v.note(&c)
		v.was.Tid = later(v.was.Tid, later(c.Tid, senest))
		read++
	}
	return nil
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

// step takes the next position of the log, for a change made at a time.
func (v *view) step(tid time.Time) register.Position {
	v.is.Nr++
	v.is.Tid = later(v.is.Tid, tid)
	return v.is.Position
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
