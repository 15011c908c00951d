package relaying_test

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"dagtilbudsregisteret.dk/events"
	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/boltstore"
	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/exporting"
	"dagtilbudsregisteret.dk/shared/importing"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
	"dagtilbudsregisteret.dk/shared/validation"
)

// TestRealUnits loads every real unit, relays it to three subscribers, and reorganises a municipality. Each of them ends with its share
// of the register, and so does one that begins late, with a whole file and the feed after it. The units are not part of the project:
// DTR_REAL_DATA names the folder with real-units.csv.
func TestRealUnits(t *testing.T) {
	t.Parallel()
	units := realUnits(t)
	w := newWriter(t)
	w.subscribe("alle", relaying.Filter{}, beginning)
	w.subscribe("roskilde", relaying.Filter{Kommuner: []int{roskilde}}, beginning)
	w.subscribe("enheder", relaying.Filter{Niveauer: []register.Level{register.Anvisningsenhed}}, beginning)
	w.load(units)
	w.relay()
	everything := func(*register.Unit) bool { return true }
	late := w.late()
	w.wantShare("late, before anything is changed", late.rows, everything)
	told, there := len(w.mail.received(w.queues["roskilde"])), len(w.rows(lejre))
	w.reorganise()
	w.relay()
	told, there = len(w.mail.received(w.queues["roskilde"]))-told, len(w.rows(lejre))-there
	if told < 150 || there < 10 {
		t.Errorf("to reorganise took %d events, and %d units went", told, there)
	}
	late.catchUp()
	w.wantShare("late", late.rows, everything)
	w.wantShare("alle", w.folded("alle"), everything)
	w.wantShare("roskilde", w.folded("roskilde"), func(u *register.Unit) bool { return u.AdmKommuneKode == roskilde })
	w.wantShare("enheder", w.folded("enheder"), func(u *register.Unit) bool { return u.Level == register.Anvisningsenhed })
}

// The municipality that is reorganised, and the one to which some of it goes.
const (
	roskilde = 265
	lejre    = 350
)

// realUnit is a line of the file: number, name, type, ejerform, municipality and its name, street, house number, postal code and city.
type realUnit []string

func (r realUnit) whole(column int) int {
	n, _ := strconv.Atoi(r[column]) // the load is refused where it is none
	return n
}

func realUnits(t *testing.T) (units []realUnit) {
	t.Helper()
	path := filepath.Join(cmp.Or(os.Getenv("DTR_REAL_DATA"), "../../../shared/data"), "real-units.csv")
	file, err := os.Open(path)
	if err != nil {
		t.Skipf("NOT RUN: TestRealUnits needs %s; set DTR_REAL_DATA to the folder that holds it", path)
	}
	defer file.Close()
	r := csv.NewReader(file)
	r.Comma = ';'
	lines, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines[1:] {
		units = append(units, line)
	}
	if len(units) != 4294 {
		t.Errorf("%d units", len(units))
	}
	return units
}

// daginstitution gives the one that a unit is loaded below, its own, with the lovgrundlag that the law implies.
func (r realUnit) daginstitution() register.Unit {
	lovgrundlag, _ := codes.Embedded().Implied(r.whole(3), r.whole(2))
	return register.Unit{
		Level: register.Daginstitution, AdmKommuneKode: r.whole(4), Navn: r[1], EjerformKode: r.whole(3), LovgrundlagKode: lovgrundlag,
	}
}

func (r realUnit) enhed() register.Unit {
	return register.Unit{
		Level: register.Anvisningsenhed, EnhedsNummer: register.Number(r[0]), DaginstitutionsNummer: register.Number("#" + r[0]),
		Navn: r[1], InstType3: r.whole(2),
		Adresse: register.Adresse{VejNavn: r[6], HusNummer: r[7], PostNummer: r[8], ByNavn: r[9], KommuneKode: r.whole(4)},
	}
}

// writer is a station that is written to by the rules.
type writer struct {
	*station
	importing importing.Service
	exporting exporting.Service
}

func newWriter(t tester) *writer {
	s := inMemory(t)
	return &writer{s, importing.Service{
		Store: s.store, Trail: s.store, Checker: validation.New(codes.Embedded()), Now: s.clock.Now, Chunk: boltstore.Chunk,
	}, exporting.Service{Store: s.store, Clock: s.clock.Now}}
}

// run has operations be carried out, each of which is to change something.
func (w *writer) run(ops ...importing.Op) (units []register.Unit) {
	w.Helper()
	o := importing.Options{Actor: register.Actor{User: "drift-1", Version: register.V2}, Rights: access.Everything, ImportID: "omlægning"}
	for result := range w.importing.Run(w.Context(), slices.Values(ops), o) {
		if result.Outcome != importing.Created && result.Outcome != importing.Changed {
			w.Fatalf("%+v: %v: %s", ops[len(units)], result.Err, shown(result.Findings))
		}
		units = append(units, result.Unit)
	}
	return units
}

func (w *writer) load(units []realUnit) {
	w.Helper()
	last := slices.MaxFunc(units, func(a, b realUnit) int { return cmp.Compare(a[0], b[0]) })
	if err := w.store.MoveSeries(w.Context(), register.Number(last[0])); err != nil {
		w.Fatal(err)
	}
	var ops []importing.Op
	for _, r := range units {
		d, e := r.daginstitution(), r.enhed()
		ops = append(ops, importing.Op{Operation: validation.Indlaes, Level: d.Level, Unit: d, Ref: r[0]},
			importing.Op{Operation: validation.Indlaes, Level: e.Level, Number: e.EnhedsNummer, Unit: e})
	}
	w.run(ops...)
}

// reorganise gathers the municipality's units of the most common kind below two new daginstitutioner, in groups of which some are closed,
// some get a further address and some a new name; the daginstitutioner that are left empty are closed. The others go to another
// municipality.
func (w *writer) reorganise() {
	w.Helper()
	all := w.rows(roskilde)
	var first register.Unit // of the most common kind
	gathered, left := make(map[register.Number]bool), []importing.Op(nil)
	for _, u := range all {
		if u.Level == register.Daginstitution && first.Level == 0 && u.EjerformKode == 1 && u.LovgrundlagKode == 1 {
			first = u
		}
		gathered[u.DaginstitutionsNummer] = gathered[u.DaginstitutionsNummer] || u.InstType3 == 6012 && w.unit(u.DaginstitutionsNummer).EjerformKode == 1
	}
	areas := []register.Unit{first, first}
	areas[0].Navn, areas[1].Navn = "Område Nord", "Område Syd"
	for i := range areas {
		areas[i].DaginstitutionsNummer = ""
		areas[i] = w.run(importing.Op{Operation: validation.Opret, Level: register.Daginstitution, Unit: areas[i]})[0]
	}
	for i, u := range all {
		op := importing.Op{Operation: validation.Nedlaeg, Level: u.Level, Number: u.Number(), Unit: u}
		switch {
		case !gathered[u.DaginstitutionsNummer] && u.Level == register.Daginstitution:
			op.Operation, op.Unit.AdmKommuneKode = validation.Ret, lejre
			left = append(left, op)
		case gathered[u.DaginstitutionsNummer] && u.Level == register.Daginstitution:
			left = append(left, op)
		case gathered[u.DaginstitutionsNummer]:
			w.gather(u, areas[i%2], i/2%4)
		}
	}
	w.run(left...)
}

// gather moves a unit below an area, and does more with it.
func (w *writer) gather(u, area register.Unit, more int) {
	w.Helper()
	moved := importing.Op{Operation: validation.Flyt, Level: u.Level, Number: u.Number(), Unit: u}
	moved.Unit.DaginstitutionsNummer = area.DaginstitutionsNummer
	if more == 0 {
		moved.Operation = validation.Nedlaeg
	}
	u = w.run(moved)[0]
	switch more {
	case 1:
		address := register.Unit{Level: register.AlternativAdresse, EnhedsNummer: u.EnhedsNummer, Navn: "Skovgruppen", Adresse: u.Adresse}
		w.run(importing.Op{Operation: validation.Opret, Level: address.Level, Unit: address})
	case 2:
		u.Navn += " (Nord)"
		w.run(importing.Op{Operation: validation.Ret, Level: u.Level, Number: u.Number(), Unit: u})
	}
}

func (w *writer) unit(n register.Number) register.Unit {
	w.Helper()
	u, err := w.store.Unit(w.Context(), n)
	if err != nil {
		w.Fatal(err)
	}
	return u
}

// rows gives a municipality's.
func (w *writer) rows(kommune int) (all []register.Unit) {
	w.Helper()
	for u, err := range w.store.Units(w.Context(), kommune, "") {
		if err != nil {
			w.Fatal(err)
		}
		all = append(all, u)
	}
	return all
}

// consumed is a unit as a consumer has it.
type consumed struct {
	row     string // in JSON
	kommune int
	version int64
}

func consume(u register.Unit) consumed {
	row := events.Unit(u)
	return consumed{string(row.Append(nil)), u.AdmKommuneKode, u.Version}
}

// folded gives the units that a subscriber has made of its events. It goes by their versions, for between municipalities there is no
// order, and one that follows a single municipality lets go what leaves it.
func (w *writer) folded(navn string) map[register.Number]consumed {
	w.Helper()
	rows := make(map[register.Number]consumed)
	for _, m := range w.mail.received(w.queues[navn]) {
		var e struct {
			Subject register.Number
			Data    struct {
				Efter          json.RawMessage
				AdmKommuneKode int
			}
		}
		var row struct{ Version int64 }
		if err := errors.Join(json.Unmarshal(m.Body, &e), json.Unmarshal(e.Data.Efter, &row)); err != nil {
			w.Fatalf("%v: %s", err, m.Body)
		}
		if row.Version > rows[e.Subject].version {
			rows[e.Subject] = consumed{string(e.Data.Efter), e.Data.AdmKommuneKode, row.Version}
		}
	}
	if filter := w.rounds[navn][0].filter; filter.Kommuner != nil {
		maps.DeleteFunc(rows, func(_ register.Number, c consumed) bool { return !slices.Contains(filter.Kommuner, c.kommune) })
	}
	return rows
}

// late is who begins with a whole file and goes on by the feed.
type late struct {
	*writer
	rows map[register.Number]consumed
	last int64
}

func (w *writer) late() *late {
	w.Helper()
	at, last, err := w.exporting.State(w.Context(), exporting.In{})
	if err != nil {
		w.Fatal(err)
	}
	l := &late{w, make(map[register.Number]consumed), last}
	for row, err := range w.exporting.Snapshot(w.Context(), exporting.Filter{}, at, exporting.Cursor{}) {
		if err != nil {
			w.Fatal(err)
		}
		l.rows[row.Number()] = consume(row.Unit)
	}
	return l
}

// catchUp goes on by the feed, some events at a time.
func (l *late) catchUp() {
	l.Helper()
	for end := false; !end; {
		page, next, isEnd, err := l.exporting.Feed(l.Context(), exporting.Wanted{}, l.last, 100)
		if err != nil {
			l.Fatal(err)
		}
		for i := range page {
			l.rows[page[i].Efter.Number()] = consume(page[i].Efter)
		}
		l.last, end = next, isEnd
	}
}

// wantShare checks that a consumer has the units that are its share, as the register has them, and no others.
func (w *writer) wantShare(who string, got map[register.Number]consumed, share func(*register.Unit) bool) {
	w.Helper()
	heads, err := w.store.Heads(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	want := 0
	for _, h := range heads {
		for _, u := range w.rows(h.Kommune) {
			if !share(&u) {
				continue
			}
			want++
			if is, stands := got[u.Number()], consume(u); is != stands {
				w.Errorf("%s has\n     %+v\nwant %+v", who, is, stands)
			}
		}
	}
	if len(got) != want || want == 0 {
		w.Errorf("%s has %d units, want %d", who, len(got), want)
	}
}
