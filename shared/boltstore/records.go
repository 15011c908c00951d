package boltstore

import (
	"dagtilbudsregisteret.dk/shared/register"
)

// A ledger entry says where the number's unit is kept.
type place struct {
	kommune int
	path    string
}

func encodePlace(kommune int, path string) []byte {
	e := newEncoder(32)
	e.int(int64(kommune))
	e.text(path)
	return e.buf
}

func decodePlace(value []byte) (place, error) {
	d := newDecoder(value)
	p := place{kommune: int(d.int()), path: d.text()}
	return p, d.end()
}

func encodeInt(v int64) []byte {
	e := newEncoder(10)
	e.int(v)
	return e.buf
}

func decodeInt(value []byte) (int64, error) {
	d := newDecoder(value)
	v := d.int()
	return v, d.end()
}

func encodeHead(h *register.Head) []byte {
	e := newEncoder(20)
	e.int(h.Nr)
	e.time(h.Tid)
	return e.buf
}

// decodeHead reads the head of a municipality. Before format 3 a head had no time.
func decodeHead(value []byte, kommune int) (register.Head, error) {
	d := newDecoder(value)
	h := register.Head{Position: register.Position{Kommune: kommune, Nr: d.int()}}
	if d.format > 2 {
		h.Tid = d.time()
	}
	return h, d.end()
}

func encodePosition(p register.Position) []byte {
	e := newEncoder(16)
	e.position(p)
	return e.buf
}

func decodePosition(value []byte) (register.Position, error) {
	d := newDecoder(value)
	p := d.position()
	return p, d.end()
}

func encodeReceipt(r *register.Receipt) []byte {
	e := newEncoder(128)
	e.text(string(r.Hash[:]))
	e.position(r.Position)
	e.text(string(r.Number))
	e.flag(r.Created)
	e.text(string(r.Answer))
	return e.buf
}

func decodeReceipt(key string, value []byte) (register.Receipt, error) {
	d := newDecoder(value)
	r := register.Receipt{Key: key}
	copy(r.Hash[:], d.fixed(len(r.Hash)))
	r.Position = d.position()
	r.Number = d.number()
	r.Created = d.flag()
	r.Answer = []byte(d.text())
	return r, d.end()
}

func encodeReservation(r *register.Reservation) []byte {
	e := newEncoder(64)
	e.text(r.Key)
	e.text(string(r.First))
	e.int(int64(r.Count))
	e.time(r.Expires)
	e.text(r.User)
	return e.buf
}

func decodeReservation(value []byte) (register.Reservation, error) {
	d := newDecoder(value)
	r := register.Reservation{Key: d.text(), First: d.number(), Count: int(d.int()), Expires: d.time(), User: d.text()}
	return r, d.end()
}

func encodeReport(r *register.Report) []byte {
	e := newEncoder(1024)
	e.int(int64(r.Kommune))
	e.time(r.Tid)
	e.position(r.Position)
	e.int(int64(r.Units))
	e.int(int64(len(r.Findings)))
	for rule, numbers := range r.Findings {
		e.text(rule)
		e.int(int64(len(numbers)))
		for _, n := range numbers {
			e.text(string(n))
		}
	}
	return e.buf
}

func decodeReport(value []byte) (register.Report, error) {
	d := newDecoder(value)
	r := register.Report{Kommune: int(d.int()), Tid: d.time(), Position: d.position(), Units: int(d.int())}
	r.Findings = make(map[string][]register.Number)
	for rules := d.int(); rules > 0 && d.err == nil; rules-- {
		rule := d.text()
		for count := d.int(); count > 0 && d.err == nil; count-- {
			r.Findings[rule] = append(r.Findings[rule], d.number())
		}
	}
	return r, d.end()
}
