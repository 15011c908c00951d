package storetest

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/records"
	"dagtilbudsregisteret.dk/shared/register"
)

// keeper is an engine that gives its records too.
type keeper interface {
	engine
	records.Store
}

// Samples gives an invented record of each kind, with something in every field there is. They do not make a register together.
func Samples() []records.Record {
	d := Daginstitution(265, "G20000")
	e := Anvisningsenhed(d, "G20001")
	a := Alternativ(e, "Æ20002")
	at := register.Position{Kommune: 265, Nr: 7}
	d.Position, e.Position = register.Position{Kommune: 265, Nr: 5}, register.Position{Kommune: 265, Nr: 6}
	a.Adresse.Etage, a.Adresse.Doer, a.Adresse.SupplerendeBynavn, a.CVRNummer, a.PNummer = "2.", "tv", "Åby", "10150817", "1012345678"
	a.Position, a.Version, a.Aktivitetsstatus = at, 3, register.Nedlagt
	moved := d
	moved.AdmKommuneKode, moved.Version, moved.Position = 101, 2, register.Position{Kommune: 101, Nr: 1}
	change := register.Change{
		Position: at, Sequence: 3, Art: register.Aendring, Aarsag: register.VedRettelse, ImportID: "8d3c1f0e", Foer: d, Efter: moved, Af: af, Tid: Now,
	}
	reservation := register.Reservation{Key: "nøgle", First: "G10007", Count: 3, Expires: Now.Add(time.Hour), User: "os2"}
	entry := access.Entry{
		ID: "000000007ABC", Tid: Now, Af: af, Handling: "opret", Level: register.Anvisningsenhed, Nummer: "G20001", Kommune: 265, Linje: 7,
		ImportID: "8d3c1f0e", Bruger: "os2", Afvist: true, Regler: []string{"navn/forLang", "postnummer/format"},
	}
	abonnement := abonnent("os2")
	abonnement.Fra[1].Nr = 7
	return []records.Record{
		{Key: keys.Unit(&d), Value: d}, {Key: keys.Unit(&e), Value: e}, {Key: keys.Unit(&a), Value: a},
		{Key: keys.Ledger("Æ20002"), Value: records.PlaceOf(&a)},
		{Key: keys.Change(at), Value: records.Logged{Change: change, Senest: Now.Add(time.Hour)}},
		{Key: keys.Head(265), Value: register.Head{Position: at, Tid: Now.Add(time.Hour)}},
		{Key: keys.Place(3), Value: records.Stretch{Sequence: 3, Position: at, Count: 1}},
		{Key: keys.OrderHead, Value: records.Ordering{Last: 3, Logs: register.Positions{{Kommune: 101, Nr: 1}, {Kommune: 265, Nr: 7}}}},
		{Key: keys.Series, Value: records.Series(10_010)},
		{Key: keys.Reservation(10_007), Value: reservation},
		{Key: keys.ReservationReceipt(reservation.Key), Value: reservation},
		{Key: keys.Receipt("nøgle#7"), Value: register.Receipt{
			Key: "nøgle#7", Hash: [32]byte{1, 31: 2}, Position: at, Number: "G20000", Created: true, Answer: []byte(`[{"regel":"navn"}]`),
		}},
		{Key: keys.Report(265), Value: register.Report{
			Kommune: 265, Tid: Now, Position: at, Units: 3, Findings: map[string][]register.Number{"navn": {"G20000", "G20001"}, "krydsvalidering": {"G20001"}},
		}},
		{Key: keys.User("os2"), Value: bruger("os2")},
		{Key: keys.Use("os2", "ABCD2345"), Value: Now},
		{Key: keys.Subscriber("os2"), Value: abonnement},
		{Key: keys.Mark("os2", 3, 265), Value: at},
		{Key: keys.Entry(Now, entry.ID), Value: entry},
		{Key: keys.Finding(Now, entry.ID), Value: access.Entry{Tid: Now, ID: entry.ID, Fund: []byte(`[{"regel":"navn"}]`)}},
		{Key: keys.CallsOf(register.V1, "2026-11-23", "os2"), Value: access.Calls{
			Dag: "2026-11-23", Navn: "os2", Metoder: map[string]int64{"POST /v1/import": 7, "ImportService.HelloWorld": 1 << 40}, Senest: Now,
		}},
		{Key: keys.Restore, Value: records.Restore{From: "9f86d081", Begun: Now, Done: Now.Add(time.Minute)}},
	}
}

// AsKept gives what of a record every engine keeps in it. What it leaves out, some keep elsewhere: a change's place in the order, when the
// latest change of a log was made, and how much of each log has places.
func AsKept(r records.Record) records.Record {
	switch v := r.Value.(type) {
	case records.Logged:
		v.Sequence, v.Senest = 0, time.Time{}
		r.Value = v
	case records.Ordering:
		v.Logs = nil
		r.Value = v
	}
	return r
}

// gather gives records of a store, as every engine keeps them, by key. What only some engines have is left out.
func gather(t testing.TB, s records.Store, kinds ...records.Kind) (found []records.Record) {
	t.Helper()
	for r, err := range s.Records(t.Context(), kinds...) {
		if err != nil || r.Err != nil {
			t.Fatalf("%v: %s: %v", err, r.Key, r.Err)
		}
		if records.KindOf(r.Key) != records.LogStretches {
			found = append(found, AsKept(r))
		}
	}
	slices.SortFunc(found, func(a, b records.Record) int {
		return cmp.Or(cmp.Compare(a.Key.PK, b.Key.PK), cmp.Compare(a.Key.SK, b.Key.SK))
	})
	return found
}

func wantRecords(t testing.TB, what string, got, want []records.Record) {
	t.Helper()
	want = slices.Clone(want)
	for i := range want {
		want[i] = AsKept(want[i])
	}
	slices.SortFunc(want, func(a, b records.Record) int {
		return cmp.Or(cmp.Compare(a.Key.PK, b.Key.PK), cmp.Compare(a.Key.SK, b.Key.SK))
	})
	if len(got) != len(want) {
		t.Errorf("%s: %d records, want %d", what, len(got), len(want))
	}
	for i := range min(len(got), len(want)) {
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Errorf("%s: record %d\n got %+v\nwant %+v", what, i, got[i], want[i])
		}
	}
}

func openRecords(t testing.TB, h Harness) keeper {
	t.Helper()
	return h.Open(t, register.DefaultSeries).(keeper)
}

func putAll(t testing.TB, s records.Store, rs ...records.Record) {
	t.Helper()
	if err := s.Put(t.Context(), rs...); err != nil {
		t.Fatal(err)
	}
}

// readsRecordsBack puts a record of each kind, and has them by their kinds, their partitions and their keys.
func readsRecordsBack(t *testing.T, h Harness) {
	s := openRecords(t, h)
	want := Samples()
	covered := map[records.Kind]bool{records.LogStretches: true}
	for _, r := range want {
		covered[records.KindOf(r.Key)] = true
	}
	for _, kind := range records.Kinds {
		if !covered[kind] {
			t.Errorf("there is no sample of kind %s", kind)
		}
	}
	putAll(t, s, want...)
	wantRecords(t, "all", gather(t, s), want)
	for _, kind := range records.Kinds {
		of := slices.DeleteFunc(slices.Clone(want), func(r records.Record) bool { return records.KindOf(r.Key) != kind })
		wantRecords(t, "kind "+string(kind), gather(t, s, kind), of)
	}
	wantRecords(t, "two kinds", gather(t, s, records.Heads, records.SeriesAt), []records.Record{want[5], want[8]})
	for _, r := range want {
		var got []records.Record
		for found, err := range s.Partition(t.Context(), r.Key.PK) {
			if err != nil || found.Err != nil {
				t.Fatal(err, found.Err)
			}
			got = append(got, AsKept(found))
		}
		wantRecords(t, "partition "+r.Key.PK, got, slices.DeleteFunc(slices.Clone(want), func(w records.Record) bool { return w.Key.PK != r.Key.PK }))
	}
	ks := []keys.Key{keys.Ledger("G99999"), keys.Restore, want[0].Key, want[0].Key}
	got, err := s.Get(t.Context(), ks...)
	if err != nil || len(got) != 4 || got[0] != (records.Record{Key: ks[0]}) || got[1] != want[20] || got[2] != want[0] || got[3] != want[0] {
		t.Errorf("%v: got %+v", err, got)
	}
	if got, err := s.Get(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("%v: got %+v", err, got)
	}
}

// manyRecords has more of them than an engine reads or writes at a time.
func manyRecords(t *testing.T, h Harness) {
	s := openRecords(t, h)
	var want []records.Record
	var ks []keys.Key
	for i := range 1200 {
		u := Anvisningsenhed(Daginstitution(265, "G20000"), register.Number(fmt.Sprintf("H%05d", i)))
		u.Position = register.Position{Kommune: 265, Nr: int64(i + 1)}
		want = append(want, records.Record{Key: keys.Unit(&u), Value: u})
		ks = append(ks, keys.Unit(&u))
	}
	putAll(t, s, want...)
	wantRecords(t, "all", gather(t, s, records.Rows), want)
	got, err := s.Get(t.Context(), ks...)
	if err != nil {
		t.Fatal(err)
	}
	wantRecords(t, "by key", got, want)
	n := 0
	for _, err := range s.Records(t.Context()) {
		if n++; err != nil || n == 700 {
			break
		}
	}
	if n != 700 {
		t.Errorf("stopped after %d", n)
	}
}

// lived makes a register that has been through everything.
func lived(t testing.TB, s keeper) {
	t.Helper()
	family(t, s, 265)
	Create(t, s, Daginstitution(101, "G30000"))
	numbers, err := issued(t, s, 2)
	if err != nil {
		t.Fatal(err)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(s.Update(t.Context(), func(tx register.Tx) error {
		u, err := rename(tx, "G20001", "Nyt navn")
		tx.Keep(register.Receipt{Key: "k", Number: "G20001", Position: u.Position, Answer: []byte("[]")})
		return err
	}))
	must(s.Order(t.Context()))
	must(s.Update(t.Context(), func(tx register.Tx) error { // a daginstitution leaves its municipality, later than what comes after it
		foer, err := tx.Unit(numbers[1])
		if err != nil {
			return err
		}
		efter := foer
		efter.AdmKommuneKode, efter.Version = 101, 2
		_, err = tx.Write(register.Change{Art: register.Aendring, Aarsag: register.VedKald, Foer: foer, Efter: efter, Tid: Now.Add(time.Hour), Af: af})
		return err
	}))
	must(s.Update(t.Context(), func(tx register.Tx) error { _, err := rename(tx, "G20004", "Endnu et"); return err }))
	must(s.Order(t.Context()))
	_, err = s.Reserve(t.Context(), register.Reservation{Key: "r", Count: 5, Expires: Now.Add(time.Hour), User: "os2"})
	must(err)
	must(s.SaveUser(t.Context(), savedUser.version(1, 0), act(noon, "1", "os2")))
	must(s.NoteUse(t.Context(), "os2", "ABCD2345", Now))
	must(s.SaveSubscriber(t.Context(), savedSubscriber.version(1, 0), refused(noon, "2", "[]")))
	mark(t, s, "os2", 100, register.Position{Kommune: 265, Nr: 3})
	must(s.CountCall(t.Context(), register.V1, Now, "os2", "POST /v1/import"))
	must(s.KeepReport(t.Context(), register.Report{Kommune: 265, Tid: Now, Units: 4, Findings: map[string][]register.Number{"navn": {"G20001"}}}))
}

// copiesRegister copies a register record by record: the copy answers what the register does, and goes on.
func copiesRegister(t *testing.T, h Harness) {
	was, is := openRecords(t, h), openRecords(t, h)
	lived(t, was)
	for _, kommune := range []int{101, 265} {
		for r, err := range was.Partition(t.Context(), keys.Log(kommune)) {
			if err != nil {
				t.Fatal(err)
			}
			putAll(t, is, r) // with its place
		}
	}
	for r, err := range was.Records(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if kind := records.KindOf(r.Key); kind != records.Log && kind != records.LogStretches {
			putAll(t, is, r)
		}
	}
	sameAnswers(t, is, was)
	is = h.Restart(t, is).(keeper)
	sameAnswers(t, is, was)
	for _, s := range []keeper{was, is} {
		if _, err := issued(t, s, 1); err != nil {
			t.Fatal(err)
		}
		Create(t, s, Daginstitution(751, "G40000"))
		if err := s.Order(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	sameAnswers(t, is, was)
}

// sameAnswers asks two stores the same.
func sameAnswers(t testing.TB, is, was keeper) {
	t.Helper()
	same := func(what string, ask func(s keeper) (any, error)) {
		t.Helper()
		got, errGot := ask(is)
		want, errWant := ask(was)
		if errGot != nil || errWant != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v %v\n got %+v\nwant %+v", what, errGot, errWant, got, want)
		}
	}
	for _, kommune := range []int{101, 265, 751} {
		same("units", func(s keeper) (any, error) { return units(t, s, kommune, ""), nil })
		same("changes", func(s keeper) (any, error) { return changes(t, s, register.Position{Kommune: kommune}), nil })
		same("latest", func(s keeper) (any, error) {
			return latest(t, s, kommune, func(register.Tx) error { return nil }), nil
		})
	}
	same("heads", func(s keeper) (any, error) { return s.Heads(t.Context()) })
	same("the order", func(s keeper) (any, error) {
		var all []register.Change
		for c, err := range s.Ordered(t.Context(), 0) {
			if err != nil {
				return nil, err
			}
			all = append(all, c)
		}
		return all, nil
	})
	same("ordering", func(s keeper) (any, error) {
		last, at, err := s.Ordering(t.Context())
		return fmt.Sprint(last, at), err
	})
	for _, n := range []register.Number{"G20002", "G10000", "G10001", "G10003", "G10020", "G30000"} {
		same("the ledger of "+string(n), func(s keeper) (any, error) { return s.Ledger(t.Context(), n, Now) })
	}
	same("namesakes and receipts", func(s keeper) (any, error) {
		var found []register.Unit
		var receipt register.Receipt
		err := s.Update(t.Context(), func(tx register.Tx) (err error) {
			if found, err = tx.Namesakes(265, register.Anvisningsenhed, "nyt NAVN"); err == nil {
				receipt, err = tx.Receipt("k")
			}
			return err
		})
		return fmt.Sprint(len(found), found, receipt), err
	})
	same("users", func(s keeper) (any, error) { return s.Users(t.Context()) })
	same("uses", func(s keeper) (any, error) { return s.Uses(t.Context()) })
	same("subscribers", func(s keeper) (any, error) { return s.Subscribers(t.Context()) })
	same("marks", func(s keeper) (any, error) { return s.Marks(t.Context(), "os2", 100) })
	same("reports", func(s keeper) (any, error) { return s.Reports(t.Context()) })
	same("the trail", func(s keeper) (any, error) { return trail(t, s, noon, access.Entry{}, all), nil })
	same("calls", func(s keeper) (any, error) {
		var all []access.Calls
		for c, err := range s.Calls(t.Context(), register.V1, access.DayOf(Now), access.DayOf(Now)) {
			if err != nil {
				return nil, err
			}
			all = append(all, c)
		}
		return all, nil
	})
}

// putsAgain puts records over others.
func putsAgain(t *testing.T, h Harness) {
	s := openRecords(t, h)
	want := Samples()
	putAll(t, s, want...)
	putAll(t, s, want...)
	d := want[0].Value.(register.Unit)
	d.Version = 2
	want[0].Value = d
	putAll(t, s, want[0])
	wantRecords(t, "all", gather(t, s), want)
	putAll(t, s)
}

func noRecord(t *testing.T, h Harness) {
	s := openRecords(t, h)
	want := Samples()[0]
	if err := s.Put(t.Context(), want, records.Record{Key: keys.Restore, Value: "x"}); err == nil {
		t.Error("a text is taken for a record")
	}
	if err := s.Put(t.Context(), records.Record{Key: keys.Restore}); err == nil {
		t.Error("nothing is taken for a record")
	}
}

// recordFaults breaks a write of records: what is answered an error may be put again.
func recordFaults(t *testing.T, h Harness) {
	for _, fault := range []Fault{NotWritten, Written, Throttled} {
		t.Run(string(fault), func(t *testing.T) {
			s := openRecords(t, h)
			want := Samples()
			if !h.Break(s, fault) {
				t.Skipf("the engine cannot be %s", fault)
			}
			if err := s.Put(t.Context(), want...); err != nil {
				wantKind(t, err, register.Unavailable)
				putAll(t, s, want...)
			}
			wantRecords(t, "all", gather(t, s), want)
		})
	}
}

func recordsGivenUp(t *testing.T, h Harness) {
	s := openRecords(t, h)
	want := Samples()
	putAll(t, s, want...)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	wantKind(t, s.Put(ctx, want[0]), register.Unavailable)
	_, err := s.Get(ctx, want[0].Key)
	wantKind(t, err, register.Unavailable)
	for _, all := range []func(yield func(records.Record, error) bool){s.Records(ctx), s.Partition(ctx, want[0].Key.PK)} {
		var ended error
		for _, err := range all {
			ended = err
		}
		wantKind(t, ended, register.Unavailable)
	}
}
