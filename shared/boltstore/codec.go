package boltstore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"

	"dagtilbudsregisteret.dk/shared/register"
)

// format is the first byte of every value, so that a later layout can tell today's values apart. Those before it are still read:
// format 2, whose changes have no place in the order and whose heads no time, and format 1, whose changes also have no address of
// who made them.
const format = 3

var errCorrupt = errors.New("boltstore: a stored value cannot be read")

// encoder appends fields in a fixed order: integers as varints, text with its length before it.
type encoder struct{ buf []byte }

func newEncoder(size int) *encoder { return &encoder{buf: append(make([]byte, 0, size), format)} }

func (e *encoder) int(v int64) { e.buf = binary.AppendVarint(e.buf, v) }

func (e *encoder) text(s string) {
	e.buf = binary.AppendUvarint(e.buf, uint64(len(s)))
	e.buf = append(e.buf, s...)
}

func (e *encoder) flag(b bool) {
	if b {
		e.buf = append(e.buf, 1)
	} else {
		e.buf = append(e.buf, 0)
	}
}

func (e *encoder) grad(g register.Grad) {
	e.flag(g.Given)
	if g.Given {
		e.buf = binary.BigEndian.AppendUint64(e.buf, math.Float64bits(g.Value))
	}
}

func (e *encoder) time(t time.Time) { e.int(t.UnixMilli()) }

// ints appends a list of whole numbers, which list reads.
func ints[T ~int | ~uint8](e *encoder, all []T) {
	e.int(int64(len(all)))
	for _, v := range all {
		e.int(int64(v))
	}
}

func (e *encoder) position(p register.Position) {
	e.int(int64(p.Kommune))
	e.int(p.Nr)
}

// decoder reads what encoder wrote. Text is cut out of one copy of the value, so that a row costs one allocation. It runs on
// after the first unreadable field and reports it at the end, see end.
type decoder struct {
	format byte
	rest   string
	err    error
}

func newDecoder(value []byte) *decoder {
	d := &decoder{} // small enough to be inlined, so that the decoder stays on the stack
	d.begin(value)
	return d
}

// begin reads which format a value is of.
func (d *decoder) begin(value []byte) {
	if len(value) == 0 || value[0] < 1 || value[0] > format {
		d.err = unknownFormat(value)
		return
	}
	d.format, d.rest = value[0], string(value[1:])
}

func unknownFormat(value []byte) error {
	if len(value) == 0 || value[0] < 1 {
		return errCorrupt
	}
	return fmt.Errorf("boltstore: a stored value is of format %d, and this program knows formats 1 to %d: run a later one", value[0], format)
}

// corrupt notes that the value cannot be read, unless it is known why.
func (d *decoder) corrupt() {
	if d.err == nil {
		d.err = errCorrupt
	}
}

// end tells whether the value was read, and to its last byte.
func (d *decoder) end() error {
	if d.rest != "" {
		d.corrupt()
	}
	return d.err
}

func (d *decoder) take(n int) string {
	if d.err != nil || n < 0 || n > len(d.rest) {
		d.corrupt()
		return ""
	}
	s := d.rest[:n]
	d.rest = d.rest[n:]
	return s
}

func (d *decoder) uint() uint64 {
	var v uint64
	for shift := 0; shift < 64; shift += 7 {
		b := d.take(1)
		if b == "" {
			return 0
		}
		v |= uint64(b[0]&0x7f) << shift
		if b[0] < 0x80 {
			return v
		}
	}
	d.corrupt()
	return 0
}

func (d *decoder) int() int64 {
	v := d.uint()
	return int64(v>>1) ^ -int64(v&1)
}

// enum reads one of the constants from 0 to last.
func (d *decoder) enum(last uint8) uint8 {
	v := d.int()
	if v < 0 || v > int64(last) {
		d.corrupt()
		return 0
	}
	return uint8(v)
}

func (d *decoder) text() string { return d.take(int(min(d.uint(), math.MaxInt32))) }

// fixed reads a text of n bytes.
func (d *decoder) fixed(n int) string {
	s := d.text()
	if len(s) != n {
		d.corrupt()
	}
	return s
}

func (d *decoder) number() register.Number { return register.Number(d.text()) }

// level reads a level, or 0 for none.
func (d *decoder) level() register.Level {
	return register.Level(d.enum(uint8(register.AlternativAdresse)))
}

// kode reads a whole number of a code table or a municipality.
func (d *decoder) kode() int { return int(d.int()) }

func (d *decoder) art() register.Art { return register.Art(d.enum(uint8(register.Indlaesning))) }

func (d *decoder) flag() bool { return d.take(1) == "\x01" }

func (d *decoder) grad() register.Grad {
	if !d.flag() {
		return register.Grad{}
	}
	bits := d.take(8)
	if bits == "" {
		return register.Grad{}
	}
	return register.Grad{Value: math.Float64frombits(binary.BigEndian.Uint64([]byte(bits))), Given: true}
}

func (d *decoder) time() time.Time { return time.UnixMilli(d.int()).UTC() }

func (d *decoder) position() register.Position {
	return register.Position{Kommune: int(d.int()), Nr: d.int()}
}

// list reads as many elements as the value says there are; where there are none, the list is nil.
func list[T any](d *decoder, element func() T) (all []T) {
	for count := d.int(); count > 0 && d.err == nil; count-- {
		all = append(all, element())
	}
	return all
}

func encodeUnit(u *register.Unit) []byte {
	e := newEncoder(256)
	e.unit(u)
	return e.buf
}

func (e *encoder) unit(u *register.Unit) {
	e.int(int64(u.Level))
	if u.Level == 0 {
		return
	}
	e.int(int64(u.AdmKommuneKode))
	e.text(string(u.DaginstitutionsNummer))
	e.text(string(u.EnhedsNummer))
	e.text(string(u.AlternativAdresseNummer))
	e.text(u.Navn)
	e.int(int64(u.EjerformKode))
	e.int(int64(u.LovgrundlagKode))
	e.int(int64(u.InstType3))
	e.text(u.Email)
	e.text(u.TelefonNummer)
	e.adresse(&u.Adresse)
	e.text(u.CVRNummer)
	e.text(u.PNummer)
	e.int(int64(u.Aktivitetsstatus))
	e.int(u.Version)
	e.position(u.Position)
	e.time(u.SenestOpdateret)
}

func (e *encoder) adresse(a *register.Adresse) {
	e.text(a.VejNavn)
	e.text(a.HusNummer)
	e.text(a.Etage)
	e.text(a.Doer)
	e.text(a.PostNummer)
	e.text(a.ByNavn)
	e.text(a.SupplerendeBynavn)
	e.int(int64(a.KommuneKode))
	e.text(a.DawaID)
	e.grad(a.GeoBredde)
	e.grad(a.GeoLaengde)
}

func decodeUnit(value []byte) (register.Unit, error) {
	d := newDecoder(value)
	u := d.unit()
	if u.Level == 0 {
		d.corrupt()
	}
	return u, d.end()
}

func (d *decoder) unit() register.Unit {
	level := d.level()
	if level == 0 {
		return register.Unit{}
	}
	return register.Unit{
		Level:                   level,
		AdmKommuneKode:          int(d.int()),
		DaginstitutionsNummer:   d.number(),
		EnhedsNummer:            d.number(),
		AlternativAdresseNummer: d.number(),
		Navn:                    d.text(),
		EjerformKode:            int(d.int()),
		LovgrundlagKode:         int(d.int()),
		InstType3:               int(d.int()),
		Email:                   d.text(),
		TelefonNummer:           d.text(),
		Adresse:                 d.adresse(),
		CVRNummer:               d.text(),
		PNummer:                 d.text(),
		Aktivitetsstatus:        register.Aktivitetsstatus(d.enum(uint8(register.Nedlagt))),
		Version:                 d.int(),
		Position:                d.position(),
		SenestOpdateret:         d.time(),
	}
}

func (d *decoder) adresse() register.Adresse {
	return register.Adresse{
		VejNavn:           d.text(),
		HusNummer:         d.text(),
		Etage:             d.text(),
		Doer:              d.text(),
		PostNummer:        d.text(),
		ByNavn:            d.text(),
		SupplerendeBynavn: d.text(),
		KommuneKode:       int(d.int()),
		DawaID:            d.text(),
		GeoBredde:         d.grad(),
		GeoLaengde:        d.grad(),
	}
}

func encodeChange(c *register.Change) []byte {
	e := newEncoder(512)
	e.position(c.Position)
	e.int(int64(c.Art))
	e.int(int64(c.Aarsag))
	e.text(c.ImportID)
	e.unit(&c.Foer)
	e.unit(&c.Efter)
	e.actor(&c.Af)
	e.time(c.Tid)
	e.int(c.Sequence)
	return e.buf
}

func (e *encoder) actor(a *register.Actor) {
	e.text(a.User)
	e.int(int64(a.Version))
	e.text(a.RequestID)
	e.text(a.Traceparent)
	e.text(a.Address)
}

func decodeChange(value []byte) (register.Change, error) {
	d := newDecoder(value)
	c := register.Change{
		Position: d.position(),
		Art:      d.art(),
		Aarsag:   register.Aarsag(d.enum(uint8(register.VedRettelse))),
		ImportID: d.text(),
		Foer:     d.unit(),
		Efter:    d.unit(),
		Af:       d.actor(),
		Tid:      d.time(),
	}
	if d.format > 2 {
		c.Sequence = d.int()
	}
	return c, d.end()
}

func (d *decoder) actor() register.Actor {
	a := register.Actor{
		User:        d.text(),
		Version:     register.ServiceVersion(d.enum(math.MaxUint8)),
		RequestID:   d.text(),
		Traceparent: d.text(),
	}
	if d.format > 1 {
		a.Address = d.text()
	}
	return a
}
