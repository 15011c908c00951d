package boltstore

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
	"dagtilbudsregisteret.dk/shared/storetest"
)

// recode decodes a value, and gives it encoded again and as fmt shows it.
type recode func(value []byte) (again []byte, shown string, err error)

func recoder[T any](decode func([]byte) (T, error), encode func(*T) []byte) recode {
	return func(value []byte) ([]byte, string, error) {
		v, err := decode(value)
		if err != nil {
			return nil, "", err
		}
		return encode(&v), fmt.Sprintf("%+v", v), nil
	}
}

// recoders are all kinds of values in the file, in a fixed order, which the fuzz test's corpus goes by.
var recoders = []recode{
	recoder(decodeUnit, encodeUnit),
	recoder(decodeChange, encodeChange),
	recoder(decodePlace, func(p *place) []byte {
		e := newEncoder(0)
		e.int(int64(p.kommune))
		e.text(p.path)
		return e.buf
	}),
	recoder(decodeInt, func(v *int64) []byte { return encodeInt(*v) }),
	recoder(func(b []byte) (register.Receipt, error) { return decodeReceipt("k", b) }, encodeReceipt),
	recoder(decodeReservation, encodeReservation),
	recoder(decodeReport, encodeReport),
	recoder(decodeUser, encodeUser),
	recoder(decodeEntry, encodeEntry),
	recoder(decodeFund, func(fund *[]byte) []byte { return encodeFund(*fund) }),
	recoder(func(b []byte) (register.Head, error) { return decodeHead(b, 461) }, encodeHead),
	recoder(decodePosition, func(p *register.Position) []byte { return encodePosition(*p) }),
	recoder(decodeSubscriber, encodeSubscriber),
	recoder(decodeCounted, encodeCounted),
}

// values are sound ones, of each kind in recoders.
func values() [][]byte {
	d := storetest.Daginstitution(461, "G20000")
	a := storetest.Alternativ(storetest.Anvisningsenhed(d, "G20001"), "Å20002")
	a.Position = register.Position{Kommune: 461, Nr: 1 << 40}
	return [][]byte{
		encodeUnit(&a),
		encodeChange(&register.Change{
			Position: a.Position, Sequence: 1 << 50, Art: register.Flytning, Aarsag: register.VedRettelse, ImportID: "i", Foer: a, Efter: d,
			Af: register.Actor{User: "b", Version: register.V2, Address: "a", RequestID: "r", Traceparent: "t"}, Tid: storetest.Now,
		}),
		encodePlace(a.AdmKommuneKode, a.Path()),
		encodeInt(-7),
		encodeReceipt(&register.Receipt{Hash: [32]byte{1}, Position: a.Position, Number: "G20000", Created: true, Answer: []byte("[]")}),
		encodeReservation(&register.Reservation{Key: "k", First: "G20000", Count: 3, Expires: storetest.Now.Add(time.Hour), User: "b"}),
		encodeReport(&register.Report{Kommune: 461, Tid: storetest.Now, Units: 2, Findings: map[string][]register.Number{"navn": {"G20000", "G20001"}}}),
		encodeUser(&access.User{
			Navn: "n", Beskrivelse: "b", Rolle: access.Support, Forbindelse: access.Laese | access.Levere, CVRNummer: "c", Lukket: true,
			Secrets: []access.Secret{{ID: "s", Hash: [32]byte{1}, Oprettet: storetest.Now}},
			Grants:  []access.Grant{{ID: "g", Kommune: 461, Niveauer: register.Levels[1:], Ejerformer: []int{1, 2}, Fra: "2026-11-23", GivetAf: "a"}},
			Version: 2,
		}),
		encodeEntry(&access.Entry{
			ID: "i", Tid: storetest.Now, Af: register.Actor{User: "b", Address: "a"}, Handling: "opret", Level: register.Anvisningsenhed,
			Nummer: "G20001", Kommune: 461, Linje: 7, ImportID: "i", Bruger: "n", Afvist: true, Regler: []string{"r/1", "r/2"},
		}),
		encodeFund([]byte("[]")),
		encodeHead(&register.Head{Position: a.Position, Tid: storetest.Now}),
		encodePosition(a.Position),
		encodeSubscriber(&relaying.Subscriber{
			Navn: "n", Koe: "k", Pauset: true, Runde: 2, Fra: register.Positions{a.Position}, Lukket: true, Version: 3,
			Filter: relaying.Filter{Kommuner: []int{461}, Niveauer: register.Levels[1:], Arter: []register.Art{register.Flytning}},
		}),
		encodeCounted(&counted{metoder: map[string]int64{"POST /v1/import": 7, "ImportService.HelloWorld": 1 << 40}, senest: storetest.Now}),
	}
}

// TestCorruptValues cuts each kind of value short, makes it longer, and gives it another format: it cannot be read then.
func TestCorruptValues(t *testing.T) {
	for kind, value := range values() {
		if again, _, err := recoders[kind](value); err != nil || string(again) != string(value) {
			t.Errorf("kind %d: %v, %x is encoded again as %x", kind, err, value, again)
		}
		corrupt := [][]byte{nil, append([]byte{format + 1}, value[1:]...), append(value[:len(value):len(value)], 0)}
		for n := range len(value) {
			corrupt = append(corrupt, value[:n])
		}
		for _, c := range corrupt {
			if _, shown, err := recoders[kind](c); err == nil {
				t.Errorf("kind %d: %x is read as %s", kind, c, shown)
			}
		}
	}
}

// TestImpossibleValues reads values that are well-formed and yet cannot have been written.
func TestImpossibleValues(t *testing.T) {
	unit := func(level, status int64) []byte {
		u := storetest.Daginstitution(461, "G20000")
		u.Level, u.Aktivitetsstatus = register.Level(level), register.Aktivitetsstatus(status)
		return encodeUnit(&u)
	}
	for name, c := range map[string]struct {
		kind  int
		value []byte
	}{
		"no level":          {0, unit(0, 1)},
		"another level":     {0, unit(4, 1)},
		"another status":    {0, unit(1, 3)},
		"another art":       {1, encodeChange(&register.Change{Art: register.Indlaesning + 1})},
		"another cause":     {1, encodeChange(&register.Change{Aarsag: register.VedRettelse + 1})},
		"a short hash":      {4, []byte{format, 1, 'h', 0, 0, 0, 0, 0}},
		"a text of 4 GB":    {2, []byte{format, 0, 0xff, 0xff, 0xff, 0xff, 0x0f}},
		"a text of 2^63":    {2, []byte{format, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}},
		"a varint too long": {3, []byte{format, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01}},
		"another role":      {7, encodeUser(&access.User{Rolle: access.Support + 1})},
		"an art to want":    {12, encodeSubscriber(&relaying.Subscriber{Filter: relaying.Filter{Arter: []register.Art{6}}})},
		"another way in":    {7, encodeUser(&access.User{Forbindelse: 4})},
		"2^62 findings":     {6, append([]byte{format, 0, 0, 0, 0, 0}, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f)},
	} {
		if _, shown, err := recoders[c.kind](c.value); err == nil {
			t.Errorf("%s: read as %s", name, shown)
		}
	}
}

// TestFormat1 reads a change that was written before changes had an address.
func TestFormat1(t *testing.T) {
	const stored = "\x01\x9a\a\x04\x04\x04\x01i\x02\x9a\a\x06G20000\x00\x00\aOmråde\x02\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" +
		"\x02\x02\x9a\a\x02\xf6\xee\xb5\xf8\xc0h\x02\x9a\a\x06G20000\x00\x00\aEgernet\x02\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" +
		"\x02\x04\x9a\a\x04\xf6\xee\xb5\xf8\xc0h\x01b\x04\x01r\x01t\xf6\xee\xb5\xf8\xc0h"
	foer := storetest.Daginstitution(461, "G20000")
	foer.Navn, foer.Position = "Område", register.Position{Kommune: 461, Nr: 1}
	efter := foer
	efter.Navn, efter.Version, efter.Position.Nr = "Egernet", 2, 2
	want := register.Change{
		Position: efter.Position, Art: register.Aendring, Aarsag: register.VedImport, ImportID: "i", Foer: foer, Efter: efter,
		Af: register.Actor{User: "b", Version: register.V2, RequestID: "r", Traceparent: "t"}, Tid: storetest.Now,
	}
	if got, err := decodeChange([]byte(stored)); err != nil || got != want {
		t.Errorf("%v\n got %+v\nwant %+v", err, got, want)
	}
}

// TestFormat2 reads a change and a head that were written before there was an order and heads had a time.
func TestFormat2(t *testing.T) {
	want := register.Change{
		Position: register.Position{Kommune: 461, Nr: 2}, Art: register.Oprettelse, Aarsag: register.VedKald,
		Efter: storetest.Daginstitution(461, "G20000"), Af: register.Actor{User: "b", Address: "a"}, Tid: storetest.Now,
	}
	if got, err := decodeChange(format2(encodeChange(&want), 1)); err != nil || got != want {
		t.Errorf("%v\n got %+v\nwant %+v", err, got, want)
	}
	if h, err := decodeHead(format2(encodeInt(7), 0), 461); err != nil || h != (register.Head{Position: register.Position{Kommune: 461, Nr: 7}}) {
		t.Errorf("%v: %+v", err, h)
	}
}

// format2 gives a value as it was written in format 2, of which the last bytes are missing.
func format2(value []byte, missing int) []byte {
	old := slices.Clone(value[:len(value)-missing])
	old[0] = 2
	return old
}

// FuzzDecode reads any bytes as any kind of value: what can be read at all is read the same when it is encoded again.
func FuzzDecode(f *testing.F) {
	for kind, value := range values() {
		f.Add(uint8(kind), value)
		f.Add(uint8(kind), value[:len(value)/2])
	}
	f.Fuzz(func(t *testing.T, kind uint8, value []byte) {
		recode := recoders[int(kind)%len(recoders)]
		again, shown, err := recode(value)
		if err != nil {
			return
		}
		if _, shownAgain, err := recode(again); err != nil || shownAgain != shown {
			t.Errorf("%v\n first %s\n again %s", err, shown, shownAgain)
		}
	})
}
