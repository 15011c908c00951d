package storetest

import (
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dagtilbudsregisteret.dk/shared/register"
)

func readsBack(t *testing.T, h Harness) {
	s := h.Open(t, register.DefaultSeries)
	want := family(t, s, 265)
	for i, u := range want {
		if u.Position != (register.Position{Kommune: 265, Nr: int64(i) + 1}) {
			t.Errorf("%s stands at %s", u.Number(), u.Position)
		}
		got, err := s.Unit(t.Context(), u.Number())
		if err != nil || got != u {
			t.Errorf("unit %s: %v\n got %+v\nwant %+v", u.Number(), err, got, u)
		}
	}
	tree, err := s.Tree(t.Context(), "G20000")
	if err != nil {
		t.Fatal(err)
	}
	wantUnits(t, "tree", tree, want)
	wantUnits(t, "municipality", units(t, s, 265, ""), want)
	wantUnits(t, "after a path", units(t, s, 265, want[2].Path()), want[3:])
	wantUnits(t, "empty municipality", units(t, s, 101, ""), nil)

	if err := s.Order(t.Context()); err != nil {
		t.Fatal(err)
	}
	log := changes(t, s, register.Position{Kommune: 265})
	if len(log) != len(want) {
		t.Fatalf("%d changes, want %d", len(log), len(want))
	}
	for i, c := range log {
		wantChange := register.Change{
			Position: want[i].Position, Sequence: int64(i) + 1, Art: register.Oprettelse, Aarsag: register.VedKald, Efter: want[i], Tid: Now, Af: af,
		}
		if c != wantChange {
			t.Errorf("change %d\n got %+v\nwant %+v", i, c, wantChange)
		}
	}
	positions, err := s.Positions(t.Context())
	if err != nil || positions.String() != "265:5" {
		t.Errorf("positions %s, %v", positions, err)
	}
}

func anyContent(t *testing.T, h Harness) {
	s := h.Open(t, register.DefaultSeries)
	next := 0
	rapid.Check(t, func(rt *rapid.T) {
		d := Daginstitution(101, register.Number(fmt.Sprintf("G%05d", 30000+next)))
		e := Anvisningsenhed(d, register.Number(fmt.Sprintf("H%05d", 30000+next)))
		next++
		text := rapid.StringN(0, 60, 132)
		e.Navn, e.Email, e.TelefonNummer = text.Draw(rt, "navn"), text.Draw(rt, "email"), text.Draw(rt, "telefon")
		e.CVRNummer, e.PNummer = text.Draw(rt, "cvr"), text.Draw(rt, "p")
		e.Adresse = register.Adresse{
			VejNavn: text.Draw(rt, "vej"), HusNummer: text.Draw(rt, "hus"), Etage: text.Draw(rt, "etage"), Doer: text.Draw(rt, "dør"),
			PostNummer: text.Draw(rt, "postnr"), ByNavn: text.Draw(rt, "by"), SupplerendeBynavn: text.Draw(rt, "suppl"),
			KommuneKode: rapid.IntRange(0, 999).Draw(rt, "kommune"), DawaID: text.Draw(rt, "dawa"),
			GeoBredde:  register.Grad{Value: rapid.Float64Range(-90, 90).Draw(rt, "bredde"), Given: true},
			GeoLaengde: register.Grad{Value: rapid.Float64Range(-180, 180).Draw(rt, "længde"), Given: true},
		}
		e.SenestOpdateret = time.UnixMilli(rapid.Int64Range(0, 1<<42).Draw(rt, "tid")).UTC()
		want := Create(t, s, d, e)[1]
		got, err := s.Unit(t.Context(), e.EnhedsNummer)
		if err != nil || got != want {
			rt.Fatalf("%v\n got %+v\nwant %+v", err, got, want)
		}
	})
}

func unknownNumbers(t *testing.T, h Harness) {
	s := h.Open(t, register.DefaultSeries)
	family(t, s, 265)
	_, err := s.Unit(t.Context(), "G99999")
	wantKind(t, err, register.NotFound)
	_, err = s.Tree(t.Context(), "G20001")
	wantKind(t, err, register.NotFound)
	err = s.Update(t.Context(), func(tx register.Tx) error {
		_, err := tx.Unit("G99999")
		wantKind(t, err, register.NotFound)
		_, err = tx.Tree("G20001")
		wantKind(t, err, register.NotFound)
		_, err = tx.Receipt("never")
		wantKind(t, err, register.NotFound)
		_, err = tx.Change(register.Position{Kommune: 265, Nr: 6})
		wantKind(t, err, register.NotFound)
		c, err := tx.Change(register.Position{Kommune: 265, Nr: 5})
		if err != nil || c.Efter.Number() != "G20004" {
			t.Errorf("%v: change %+v", err, c)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

var errRefused = errors.New("refused")

func refusedWritesNothing(t *testing.T, h Harness) {
	s := h.Open(t, register.DefaultSeries)
	want := family(t, s, 265)
	err := s.Update(t.Context(), func(tx register.Tx) error {
		if _, err := rename(tx, "G20001", "Aldrig skrevet"); err != nil {
			return err
		}
		return errRefused
	})
	if !errors.Is(err, errRefused) {
		t.Errorf("error %v, want the caller's own", err)
	}
	wantUnits(t, "rows", units(t, s, 265, ""), want)
}

func halfway(t *testing.T, h Harness) {
	s := h.Open(t, register.DefaultSeries)
	want := family(t, s, 265)
	err := s.Update(t.Context(), func(tx register.Tx) error {
		if _, err := rename(tx, "G20004", "Aldrig skrevet"); err != nil {
			return err
		}
		taken := Daginstitution(101, "G20001") // a number that is in use in another municipality
		return write(tx, register.Indlaesning, register.Unit{}, &taken)
	})
	wantKind(t, err, register.Conflict)
	wantUnits(t, "rows", units(t, s, 265, ""), want)
	wantUnits(t, "other rows", units(t, s, 101, ""), nil)
	if log := changes(t, s, register.Position{Kommune: 265}); len(log) != len(want) {
		t.Errorf("%d changes, want %d", len(log), len(want))
	}
}

func outdated(t *testing.T, h Harness) {
	s := h.Open(t, register.DefaultSeries)
	rows := family(t, s, 265)
	old := rows[1]
	err := s.Update(t.Context(), func(tx register.Tx) (err error) {
		rows[1], err = rename(tx, "G20001", "Nyt navn")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	err = s.Update(t.Context(), func(tx register.Tx) error {
		efter := old
		efter.Navn, efter.Version = "Aldrig skrevet", old.Version+1
		return write(tx, register.Aendring, old, &efter)
	})
	wantKind(t, err, register.Conflict)
	wantUnits(t, "rows", units(t, s, 265, ""), rows)
}

func severalChanges(t *testing.T, h Harness) {
	s := h.Open(t, register.DefaultSeries)
	var last register.Unit
	err := s.Update(t.Context(), func(tx register.Tx) error {
		d := Daginstitution(265, "G20000")
		if err := write(tx, register.Oprettelse, register.Unit{}, &d); err != nil {
			return err
		}
		last = d
		last.Navn, last.Version = "Andet navn", 2
		return write(tx, register.Aendring, d, &last)
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Unit(t.Context(), "G20000")
	if err != nil || got != last {
		t.Errorf("%v\n got %+v\nwant %+v", err, got, last)
	}
	log := changes(t, s, register.Position{Kommune: 265})
	if len(log) != 2 || log[0].Efter.Version != 1 || log[1].Foer.Version != 1 || log[1].Efter != last {
		t.Errorf("log %+v", log)
	}
}

func moveWithChildren(t *testing.T, h Harness) {
	s := h.Open(t, register.DefaultSeries)
	was := family(t, s, 265)
	to := Create(t, s, Daginstitution(265, "G10500"))[0]
	moved := make([]register.Unit, 3)
	err := s.Update(t.Context(), func(tx register.Tx) error {
		for i, foer := range was[1:4] {
			efter := foer
			efter.DaginstitutionsNummer, efter.Version = to.DaginstitutionsNummer, foer.Version+1
			if err := write(tx, register.Flytning, foer, &efter); err != nil {
				return err
			}
			moved[i] = efter
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	wantUnits(t, "municipality", units(t, s, 265, ""), append(append([]register.Unit{to}, moved...), was[0], was[4]))
	for _, u := range moved {
		if got, err := s.Unit(t.Context(), u.Number()); err != nil || got != u {
			t.Errorf("%v\n got %+v\nwant %+v", err, got, u)
		}
	}
	log := changes(t, s, to.Position)
	if len(log) != 3 || log[0].Foer != was[1] || log[0].Efter != moved[0] {
		t.Errorf("log after the move: %+v", log)
	}
}

func leavesMunicipality(t *testing.T, h Harness) {
	s := h.Open(t, register.DefaultSeries)
	was := family(t, s, 265)
	Create(t, s, Daginstitution(101, "G10500"))
	var moved []register.Unit
	err := s.Update(t.Context(), func(tx register.Tx) error {
		moved = nil
		for _, foer := range was {
			efter := foer
			efter.AdmKommuneKode, efter.Version = 101, foer.Version+1
			if err := write(tx, register.Aendring, foer, &efter); err != nil {
				return err
			}
			moved = append(moved, efter)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	wantUnits(t, "old municipality", units(t, s, 265, ""), nil)
	wantUnits(t, "new municipality", units(t, s, 101, "G10500"), moved)
	left, joined := changes(t, s, register.Position{Kommune: 265, Nr: 5}), changes(t, s, register.Position{Kommune: 101, Nr: 1})
	if len(left) != 5 || len(joined) != 5 {
		t.Fatalf("%d changes in the old log and %d in the new, want 5 and 5", len(left), len(joined))
	}
	for i := range left {
		if left[i].Position.Kommune != 265 || joined[i].Position != moved[i].Position || left[i].Efter != joined[i].Efter {
			t.Errorf("change %d\n left %+v\njoined %+v", i, left[i], joined[i])
		}
	}
}

func namesakes(t *testing.T, h Harness) {
	s := h.Open(t, register.DefaultSeries)
	rows := family(t, s, 265)
	other := Daginstitution(101, "G20010")
	same := Anvisningsenhed(other, "G20011")
	same.Navn = rows[1].Navn
	Create(t, s, other, same)
	ask := func(kommune int, level register.Level, navn string) (found []register.Unit) {
		err := s.Update(t.Context(), func(tx register.Tx) (err error) {
			found, err = tx.Namesakes(kommune, level, navn)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	wantUnits(t, "same name", ask(265, register.Anvisningsenhed, `  BØRNEHUSET "æblet"  \ g20001`), rows[1:2])
	wantUnits(t, "other level", ask(265, register.Daginstitution, rows[1].Navn), nil)
	wantUnits(t, "other name", ask(265, register.Anvisningsenhed, "Børnehuset"), nil)

	err := s.Update(t.Context(), func(tx register.Tx) error {
		closed := rows[1]
		closed.Aktivitetsstatus, closed.Version = register.Nedlagt, 2
		return write(tx, register.Nedlaeggelse, rows[1], &closed)
	})
	if err != nil {
		t.Fatal(err)
	}
	wantUnits(t, "closed", ask(265, register.Anvisningsenhed, rows[1].Navn), nil)
}

func pages(t *testing.T, h Harness) {
	const trees, below = 100, 24
	s := h.Open(t, register.DefaultSeries)
	var want []register.Unit
	for i := range trees {
		d := Daginstitution(101, register.Number(fmt.Sprintf("G%05d", 10000+i*100)))
		batch := []register.Unit{d}
		for j := range below {
			e := Anvisningsenhed(d, register.Number(fmt.Sprintf("G%05d", 10001+i*100+j)))
			e.Adresse.SupplerendeBynavn = "En by med et meget langt navn, for at rækken skal fylde godt op på siden"
			batch = append(batch, e)
		}
		want = append(want, Create(t, s, batch...)...)
	}
	wantUnits(t, "municipality", units(t, s, 101, ""), want)
	wantUnits(t, "second half", units(t, s, 101, want[len(want)/2-1].Path()), want[len(want)/2:])
	log := changes(t, s, register.Position{Kommune: 101})
	for i, c := range log {
		if c.Position.Nr != int64(i)+1 {
			t.Fatalf("change %d stands at %s", i, c.Position)
		}
	}
	if len(log) != len(want) {
		t.Errorf("%d changes, want %d", len(log), len(want))
	}
}

// earlier reads a log backwards from places within it, from its end and from beyond.
func earlier(t *testing.T, h Harness) {
	s := h.Open(t, register.DefaultSeries)
	for i := range 10 {
		batch := make([]register.Unit, 25)
		for j := range batch {
			batch[j] = Daginstitution(265, register.Number(fmt.Sprintf("G2%02d%02d", i, j)))
		}
		Create(t, s, batch...)
	}
	Create(t, s, Daginstitution(266, "G30000"))
	log := changes(t, s, register.Position{Kommune: 265})
	for _, nr := range []int64{0, 1, 2, 100, 250, 251, 252, math.MaxInt64} {
		next := min(nr-1, int64(len(log)))
		for c, err := range s.Earlier(t.Context(), register.Position{Kommune: 265, Nr: nr}) {
			if err != nil || next < 1 || c != log[next-1] {
				t.Fatalf("%v: before %d comes %+v, want number %d", err, nr, c, next)
			}
			next--
		}
		if next > 0 {
			t.Errorf("before %d the last to come is number %d", nr, next+1)
		}
	}
	for c := range s.Earlier(t.Context(), register.Position{Kommune: 101, Nr: 7}) {
		t.Errorf("in a log without changes there is %+v", c)
	}
}

func receipts(t *testing.T, h Harness) {
	s := h.Open(t, register.DefaultSeries)
	want := register.Receipt{
		Key: "leverandør:nøgle", Hash: [32]byte{1, 2, 3, 255}, Position: register.Position{Kommune: 265, Nr: 1}, Number: "G20000",
		Created: true, Answer: []byte(`[{"regel":"x"}]`),
	}
	keep := func(tx register.Tx) error {
		tx.Keep(want)
		return nil
	}
	if err := s.Update(t.Context(), keep); err != nil {
		t.Fatal(err)
	}
	wantKind(t, s.Update(t.Context(), keep), register.Conflict)
	err := s.Update(t.Context(), func(tx register.Tx) error {
		got, err := tx.Receipt(want.Key)
		if got.Key != want.Key || got.Hash != want.Hash || got.Position != want.Position || got.Number != want.Number ||
			got.Created != want.Created || string(got.Answer) != string(want.Answer) {
			t.Errorf("%v\n got %+v\nwant %+v", err, got, want)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func reports(t *testing.T, h Harness) {
	s := h.Open(t, register.DefaultSeries)
	for _, count := range []int{3, 2} {
		for _, kommune := range []int{265, 101} {
			numbers := []register.Number{"G20000", "G20001", "G20002"}[:count]
			err := s.KeepReport(t.Context(), register.Report{
				Kommune: kommune, Tid: Now, Position: register.Position{Kommune: kommune, Nr: 7}, Units: 9,
				Findings: map[string][]register.Number{"krydsvalidering": numbers, "p-nummer-mangler": nil},
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	got, err := s.Reports(t.Context())
	if err != nil || len(got) != 2 || got[0].Kommune != 101 || got[1].Kommune != 265 {
		t.Fatalf("%v: %+v", err, got)
	}
	r := got[1]
	if !r.Tid.Equal(Now) || r.Position.Nr != 7 || r.Units != 9 || len(r.Findings["krydsvalidering"]) != 2 || r.Findings["krydsvalidering"][1] != "G20001" {
		t.Errorf("report %+v", r)
	}
}
