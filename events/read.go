package events

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"
)

// Parse reads what [Event.Append] writes, with its members in any order. It is strict: what is missing, unknown, said twice or of
// another kind than the contract has it is an error, and so is an event of a type that is not one of [Types].
func Parse(raw []byte) (Event, error) {
	var e Event
	err := readObject(raw, &e)
	if err == nil && !utf8.Valid(raw) {
		err = errors.New("it is not UTF-8")
	}
	if err == nil {
		err = e.check()
	}
	if err != nil {
		return Event{}, fmt.Errorf("events: %w", err)
	}
	return e, nil
}

// check finds what members are wrong for each other's sake.
func (e *Event) check() error {
	level, known := levelOf(e.Type)
	switch {
	case e.SpecVersion != SpecVersion || e.Source != Source || e.DataContentType != DataContentType:
		return errors.New("it is no event of the register")
	case !known:
		return fmt.Errorf("there is no type %q", e.Type)
	case e.DataSchema != dataSchema(level):
		return fmt.Errorf("the data of %s has another schema", e.Type)
	case (e.Data == nil) == (e.DataRef == ""):
		return errors.New("an event has either data or a dataref")
	case e.Data != nil && (e.Data.Efter.Level != level || e.Data.Foer != nil && e.Data.Foer.Level != level):
		return fmt.Errorf("%s is about another level", e.Type)
	case e.Data != nil && e.Data.FraAdmKommuneKode != 0 && (e.Data.Foer == nil || e.Data.FraAdmKommuneKode == e.Data.AdmKommuneKode):
		return errors.New("the unit comes from no other municipality")
	}
	return nil
}

// reader takes the members of one object out of those that were found, and keeps the first thing that is wrong.
type reader struct {
	found map[string]json.RawMessage
	err   error
}

func readObject(raw []byte, o object) error {
	found, err := split(raw)
	if err != nil {
		return err
	}
	r := &reader{found: found}
	o.form(r)
	if r.err == nil && len(r.found) > 0 {
		r.err = fmt.Errorf("there is no member %q here", slices.Min(slices.Collect(maps.Keys(r.found))))
	}
	return r.err
}

func (r *reader) value(name string, v value) {
	r.member(name, v.read)
}

func (r *reader) object(name string, o object) {
	r.member(name, func(raw []byte) error { return readObject(raw, o) })
}

func (r *reader) member(name string, read func([]byte) error) {
	if r.err != nil {
		return
	}
	if err := read(r.found[name]); err != nil {
		r.err = fmt.Errorf("%s: %w", name, err)
	}
	delete(r.found, name)
}

// split takes an object apart.
func split(raw []byte) (map[string]json.RawMessage, error) {
	var sound json.RawMessage
	if err := decode(raw, &sound); err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(sound)) // which finds no error any more
	if first, _ := d.Token(); first != json.Delim('{') {
		return nil, errors.New("it is no object")
	}
	found := make(map[string]json.RawMessage)
	for d.More() {
		token, _ := d.Token()
		name, _ := token.(string)
		if _, twice := found[name]; twice {
			return nil, fmt.Errorf("the member %q is there twice", name)
		}
		var value json.RawMessage
		_ = d.Decode(&value)
		found[name] = value
	}
	return found, nil
}
