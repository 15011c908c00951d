package events

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// Aendring is one operation of a JSON Patch (RFC 6902) from the row before a change to the row after it, with the value that it
// takes the place of. A list of them has one for each single value that differs, those of the address one by one, in the order of
// the data model. It is about what somebody has changed: the version and the time that the register keeps are not in it.
//
// A row below a daginstitution does not say which municipality administers it, and an alternativ adresse not which daginstitution it
// stands below. Where such a row only comes along with the unit above it, the list is empty; that it came from another municipality
// stands in [Data].
type Aendring struct {
	Op    string          // "add", "remove" or "replace"
	Path  string          // a JSON Pointer: "/adresse/vejNavn"
	Value json.RawMessage // the new value, a string or a number; nil with "remove"
	Fra   json.RawMessage // the old value; nil with "add"
}

// op is what takes one value to another, nil where there is none.
func op(fra, value []byte) string {
	switch {
	case fra == nil:
		return "add"
	case value == nil:
		return "remove"
	}
	return "replace"
}

func (a *Aendring) form(f form) {
	f.value("op", (*text)(&a.Op))
	f.value("path", (*text)(&a.Path))
	f.value("value", (*single)(&a.Value))
	f.value("fra", (*single)(&a.Fra))
}

// single is the JSON of a single value, where there is one.
type single json.RawMessage

func (v *single) append(buf []byte) []byte { return append(buf, *v...) }

func (v *single) read(raw []byte) error {
	if raw != nil && raw[0] != '"' && raw[0] != '-' && (raw[0] < '0' || raw[0] > '9') {
		return errors.New("it is neither a text nor a number")
	}
	*v = raw
	return nil
}

// aendringer is the list of them, which may be empty.
type aendringer []Aendring

func (v *aendringer) append(buf []byte) []byte {
	buf = append(buf, '[')
	for i := range *v {
		if i > 0 {
			buf = append(buf, ',')
		}
		buf = appendObject(buf, &(*v)[i])
	}
	return append(buf, ']')
}

func (v *aendringer) read(raw []byte) error {
	var list []json.RawMessage
	if err := decode(raw, &list); err != nil {
		return err
	}
	for i, raw := range list {
		var a Aendring
		err := readObject(raw, &a)
		if err == nil && (a.Value == nil && a.Fra == nil || a.Op != op(a.Fra, a.Value)) {
			err = fmt.Errorf("%q goes with other values", a.Op)
		}
		if err != nil {
			return fmt.Errorf("%d: %w", i, err)
		}
		*v = append(*v, a)
	}
	return nil
}

// The members that the register keeps by itself.
const (
	version         = "version"
	senestOpdateret = "senestOpdateret"
)

// differences gives what takes a row to another of its level.
func differences(foer, efter *Unit) []Aendring {
	was := &leaves{buf: make([]byte, 0, 1<<10), ends: make([]int, 0, 32)}
	foer.form(was)
	c := &comparison{was: was}
	efter.form(c)
	return c.list
}

// leaves is the form that collects the single values of an object, at any depth: the JSON of each right after that of the one before
// it, and nothing for one that is left out. Rows of one level have the same ones, in the same order.
type leaves struct {
	buf  []byte
	ends []int
}

func (l *leaves) value(_ string, v value) {
	l.buf = v.append(l.buf)
	l.ends = append(l.ends, len(l.buf))
}

func (l *leaves) object(_ string, o object) { o.form(l) }

func (l *leaves) json(i int) json.RawMessage {
	start := 0
	if i > 0 {
		start = l.ends[i-1]
	}
	return cut(l.buf, start, l.ends[i])
}

// comparison is the form that holds an object's single values against what they were.
type comparison struct {
	was    *leaves
	next   int
	within string // the object they are in
	list   []Aendring
}

func (c *comparison) value(name string, v value) {
	fra := c.was.json(c.next)
	c.next++
	if name == version || name == senestOpdateret {
		return
	}
	start := len(c.was.buf)
	buf := v.append(c.was.buf)
	if value := cut(buf, start, len(buf)); !bytes.Equal(fra, value) {
		c.list = append(c.list, Aendring{Op: op(fra, value), Path: c.within + "/" + name, Value: value, Fra: fra})
		c.was.buf = buf // value is a part of it
	}
}

func (c *comparison) object(name string, o object) {
	outer := c.within
	c.within += "/" + name
	o.form(c)
	c.within = outer
}

// cut gives a part of a buffer, nil where there is nothing.
func cut(buf []byte, start, end int) json.RawMessage {
	if start == end {
		return nil
	}
	return buf[start:end:end]
}
