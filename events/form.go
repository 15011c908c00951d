package events

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"dagtilbudsregisteret.dk/shared/register"
)

// form goes through the members of one JSON object, in order. A type gives its members once, and they are written, read and compared
// by the forms there are: writer, reader and leaves.
type form interface {
	value(name string, v value)
	object(name string, o object)
}

// object is what has members.
type object interface{ form(f form) }

// value is a field by its place in memory. append writes its JSON, and nothing where the member is left out; read takes its JSON, nil
// where the member is not there.
type value interface {
	append(buf []byte) []byte
	read(raw []byte) error
}

// The kinds of values. An option is a text that is left out where it is empty, a code a number where it is 0, and a grad one where it is
// not given; the others are always there.
type (
	text         string
	option       string
	whole        int
	code         int
	count        int64
	sequence     int64
	grad         register.Grad
	moment       time.Time
	milliseconds time.Time
	niveau       register.Level
	status       register.Aktivitetsstatus
)

func (v *text) append(buf []byte) []byte { return appendQuoted(buf, string(*v)) }
func (v *text) read(raw []byte) error    { return decode(raw, (*string)(v)) }

func (v *option) append(buf []byte) []byte {
	if *v == "" {
		return buf
	}
	return appendQuoted(buf, string(*v))
}

func (v *option) read(raw []byte) error {
	if raw == nil {
		return nil
	}
	if err := decode(raw, (*string)(v)); err != nil || *v != "" {
		return err
	}
	return errors.New("it is empty")
}

func (v *whole) append(buf []byte) []byte { return strconv.AppendInt(buf, int64(*v), 10) }
func (v *whole) read(raw []byte) error    { return decode(raw, (*int)(v)) }

func (v *code) append(buf []byte) []byte {
	if *v == 0 {
		return buf
	}
	return strconv.AppendInt(buf, int64(*v), 10)
}

func (v *code) read(raw []byte) error {
	if raw == nil {
		return nil
	}
	if err := decode(raw, (*int)(v)); err != nil || *v > 0 {
		return err
	}
	return errors.New("it is no code")
}

func (v *count) append(buf []byte) []byte { return strconv.AppendInt(buf, int64(*v), 10) }
func (v *count) read(raw []byte) error    { return decode(raw, (*int64)(v)) }

func (v *sequence) append(buf []byte) []byte { return appendQuoted(buf, sequenceText(int64(*v))) }

func (v *sequence) read(raw []byte) error {
	return decodeAs(raw, v, func(s string) (sequence, bool) {
		n, err := strconv.ParseInt(s, 10, 64)
		return sequence(n), err == nil && s == sequenceText(n)
	})
}

// sequenceText has 12 digits, so that sequences sort as text too.
func sequenceText(n int64) string { return fmt.Sprintf("%012d", n) }

func (v *grad) append(buf []byte) []byte {
	if !v.Given {
		return buf
	}
	return strconv.AppendFloat(buf, v.Value, 'f', -1, 64)
}

func (v *grad) read(raw []byte) error {
	v.Given = raw != nil
	if !v.Given {
		return nil
	}
	return decode(raw, &v.Value)
}

// A moment is written with the fractions of a second that it has, milliseconds with three digits of them.
const millis = "2006-01-02T15:04:05.000Z07:00"

func (v *moment) append(buf []byte) []byte { return appendTime(buf, (*time.Time)(v), time.RFC3339Nano) }

func (v *moment) read(raw []byte) error {
	return decodeAs(raw, (*time.Time)(v), timeOf(time.RFC3339Nano))
}

func (v *milliseconds) append(buf []byte) []byte { return appendTime(buf, (*time.Time)(v), millis) }

func (v *milliseconds) read(raw []byte) error { return decodeAs(raw, (*time.Time)(v), timeOf(millis)) }

func appendTime(buf []byte, t *time.Time, layout string) []byte {
	buf = append(buf, '"')
	buf = t.AppendFormat(buf, layout)
	return append(buf, '"')
}

// timeOf reads what a layout writes, and nothing else.
func timeOf(layout string) func(string) (time.Time, bool) {
	return func(s string) (time.Time, bool) {
		t, err := time.Parse(layout, s)
		return t, err == nil && t.Format(layout) == s
	}
}

func (v *niveau) append(buf []byte) []byte { return appendQuoted(buf, register.Level(*v).String()) }

func (v *niveau) read(raw []byte) error {
	return decodeAs(raw, (*register.Level)(v), register.ParseLevel)
}

func (v *status) append(buf []byte) []byte {
	return appendQuoted(buf, register.Aktivitetsstatus(*v).String())
}

func (v *status) read(raw []byte) error {
	return decodeAs(raw, (*register.Aktivitetsstatus)(v), register.ParseAktivitetsstatus)
}

// decode reads a value that must be there.
func decode(raw []byte, to any) error {
	switch string(raw) {
	case "":
		return errors.New("it is missing")
	case "null":
		return errors.New("it is null")
	}
	return json.Unmarshal(raw, to)
}

// decodeAs reads a string that stands for something.
func decodeAs[T any](raw []byte, to *T, parse func(string) (T, bool)) error {
	var s string
	if err := decode(raw, &s); err != nil {
		return err
	}
	parsed, ok := parse(s)
	if !ok {
		return errors.New("there is no " + strconv.Quote(s) + " here")
	}
	*to = parsed
	return nil
}
