package auditing_test

import (
	"context"
	"errors"
	"iter"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/auditing"
	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/records"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
	"dagtilbudsregisteret.dk/shared/storetest"
)

func at(kommune int, nr int64) register.Position { return register.Position{Kommune: kommune, Nr: nr} }

// write writes a change as it is given; the rules are not asked.
func (r *registry) write(art register.Art, foer, efter register.Unit) register.Unit {
	r.Helper()
	r.must(r.Update(r.Context(), func(tx register.Tx) (err error) {
		efter.Position, err = tx.Write(register.Change{Art: art, Aarsag: register.VedKald, Foer: foer, Efter: efter, Tid: storetest.Now})
		return err
	}))
	return efter
}

// change writes the next version of a unit.
func (r *registry) change(n register.Number, edit func(u *register.Unit)) register.Unit {
	r.Helper()
	foer, err := r.Unit(r.Context(), n)
	r.must(err)
	efter := foer
	efter.Version++
	edit(&efter)
	return r.write(register.Aendring, foer, efter)
}

// logged puts a change at the end of a log, and only there.
func (r *registry) logged(c register.Change) {
	r.Helper()
	h := kept[register.Head](r, keys.Head(c.Position.Kommune))
	h.Position = c.Position
	if r.eager {
		c.Sequence = kept[records.Ordering](r, keys.OrderHead).Last + 1
		r.put(keys.Place(c.Sequence), records.Stretch{Sequence: c.Sequence, Position: c.Position, Count: 1})
		r.put(keys.OrderHead, records.Ordering{Last: c.Sequence})
	}
	r.put(keys.Change(c.Position), records.Logged{Change: c})
	r.put(keys.Head(c.Position.Kommune), h)
}

func (r *registry) create(u register.Unit) register.Unit {
	r.Helper()
	return r.write(register.Oprettelse, register.Unit{}, u)
}

// settled puts a sound register in place:
//
//	461  G20000  G20001  G20002
//	             G20003
//	751  G20010, which was in 461 before; a receipt of that
//	101  nothing, but it had G20020, which has gone to 461 and is closed
//
// with a subscriber, a reservation, and everything in order but for the last change.
func settled(r *registry) *registry {
	r.Helper()
	d := storetest.Daginstitution(461, "G20000")
	e := storetest.Anvisningsenhed(d, "G20001")
	for _, u := range []register.Unit{
		d, e, storetest.Alternativ(e, "G20002"), storetest.Anvisningsenhed(d, "G20003"), storetest.Daginstitution(461, "G20010"),
		storetest.Daginstitution(101, "G20020"),
	} {
		r.create(u)
	}
	r.must(r.Order(r.Context()))
	r.change("G20001", func(u *register.Unit) { u.Navn = "Et nyt navn" })
	r.must(r.Update(r.Context(), func(tx register.Tx) error {
		foer, err := tx.Unit("G20010")
		if err != nil {
			return err
		}
		efter := foer
		efter.Version, efter.AdmKommuneKode = 2, 751
		p, err := tx.Write(register.Change{Art: register.Aendring, Aarsag: register.VedKald, Foer: foer, Efter: efter, Tid: storetest.Now.Add(time.Hour)})
		tx.Keep(register.Receipt{Key: "nøgle", Position: p, Number: "G20010"})
		return err
	}))
	r.change("G20020", func(u *register.Unit) { u.AdmKommuneKode = 461 })
	r.change("G20020", func(u *register.Unit) { u.Aktivitetsstatus = register.Nedlagt })
	_, err := r.Reserve(r.Context(), register.Reservation{Key: "r", Count: 3, Expires: storetest.Now, User: "os2"})
	r.must(err)
	sub := relaying.Subscriber{Navn: "hold-ind", Koe: "hold-ind", Runde: 1, Fra: register.Positions{at(461, 1)}, Version: 1}
	r.must(r.SaveSubscriber(r.Context(), sub, access.Entry{ID: "1", Tid: storetest.Now, Bruger: "hold-ind", Fund: []byte("[]")}))
	r.must(r.Mark(r.Context(), "hold-ind", 1, at(461, 4)))
	r.must(r.KeepReport(r.Context(), register.Report{Kommune: 461, Tid: storetest.Now, Position: at(461, 7)}))
	r.must(r.Order(r.Context()))
	r.change("G20003", func(u *register.Unit) { u.Navn = "Endnu et navn" })
	return r
}

func TestSoundRegister(t *testing.T) {
	engines(t, func(t *testing.T, open func(t *testing.T) *registry) {
		r := open(t)
		r.want()
		settled(r)
		breaches, summary := r.check()
		if len(breaches) > 0 {
			t.Errorf("breaches %v", breaches)
		}
		for kind, want := range map[records.Kind]int64{
			records.Rows: 6, records.Ledger: 6, records.Log: 13, records.Heads: 3, records.Receipts: 1, records.Reservations: 1, records.Reserved: 1,
			records.Subscribers: 1, records.Marks: 1, records.Trail: 1, records.Findings: 1, records.Reports: 1, records.SeriesAt: 1,
		} {
			if summary.Records[kind] != want {
				t.Errorf("%d records of kind %s, want %d", summary.Records[kind], kind, want)
			}
		}
	})
}

// unit gives a row as it stands.
func (r *registry) unit(n register.Number) register.Unit {
	r.Helper()
	u, err := r.Unit(r.Context(), n)
	r.must(err)
	return u
}

func rowKey(r *registry, n register.Number) keys.Key {
	u := r.unit(n)
	return keys.Unit(&u)
}

// damages are ways to damage the register of [settled], and what each is told as.
var damages = []struct {
	name   string
	damage func(r *registry)
	want   []string
}{
	{"a row that cannot be read", func(r *registry) { r.spoil(rowKey(r, "G20002")) }, []string{"unreadable K#461 G20000/G20001/G20002"}},
	{"a parent's row that cannot be read", func(r *registry) { r.spoil(rowKey(r, "G20001")) }, []string{"unreadable K#461 G20000/G20001"}},
	{"a ledger entry that cannot be read", func(r *registry) { r.spoil(keys.Ledger("G20002")) }, []string{"unreadable N#G20002 N"}},
	{"a change that cannot be read", func(r *registry) { r.spoil(keys.Change(at(461, 6))) }, []string{"unreadable L#461 000000000006"}},
	{"a receipt that cannot be read", func(r *registry) { r.spoil(keys.Receipt("nøgle")) }, []string{"unreadable I#nøgle I"}},
	{"a key that is nobody's", func(r *registry) { r.spoil(keys.Key{PK: "Å", SK: "Å"}) }, []string{"unreadable Å Å"}},

	{"a number that the ledger does not know", func(r *registry) { r.remove(keys.Ledger("G20002")) }, []string{"ledger/missing G20002"}},
	{"a number that the ledger has elsewhere", func(r *registry) {
		r.put(keys.Ledger("G20002"), records.Place{Kommune: 461, Sti: "G20000/G20003/G20002"})
	}, []string{"ledger/elsewhere G20002"}},
	{"a number that the ledger has in another municipality", func(r *registry) {
		r.put(keys.Ledger("G20010"), records.Place{Kommune: 461, Sti: "G20010"})
	}, []string{"ledger/elsewhere G20010"}},
	{"a number that the ledger gives another's row", func(r *registry) {
		r.put(keys.Ledger("G20009"), records.Place{Kommune: 461, Sti: "G20000/G20001"})
	}, []string{"ledger/astray G20009"}},
	{"a number without a unit", func(r *registry) {
		r.put(keys.Ledger("G20009"), records.Place{Kommune: 461, Sti: "G20009"})
	}, []string{"ledger/astray G20009"}},
	{"a number with two rows", func(r *registry) {
		u := r.unit("G20002")
		u.EnhedsNummer = "G20003"
		r.put(keys.Unit(&u), u)
	}, []string{"number/twice G20002"}},
	{"a number with rows in two municipalities", func(r *registry) {
		u := r.unit("G20010")
		u.AdmKommuneKode, u.Position = 461, at(461, 5)
		r.put(keys.Unit(&u), u)
	}, []string{"ledger/elsewhere G20010"}},

	{"a row that is missing", func(r *registry) { r.remove(rowKey(r, "G20002")) }, []string{"row/missing G20002"}},
	{"a parent's row that is missing", func(r *registry) { r.remove(rowKey(r, "G20001")) }, []string{"row/missing G20001"}},
	{"a row that says something else", func(r *registry) {
		u := r.unit("G20001")
		u.Navn = "Et tredje navn"
		r.put(keys.Unit(&u), u)
	}, []string{"row/differs G20001"}},
	{"a row of an older version", func(r *registry) {
		r.put(rowKey(r, "G20001"), kept[records.Logged](r, keys.Change(at(461, 2))).Efter)
	}, []string{"row/differs G20001"}},
	{"a row without a history", func(r *registry) {
		u := storetest.Daginstitution(461, "G20005")
		u.Position = at(461, 1)
		r.put(keys.Unit(&u), u)
		r.put(keys.Ledger("G20005"), records.PlaceOf(&u))
	}, []string{"history/missing G20005"}},
	{"a row in a municipality that has no log", func(r *registry) {
		u := storetest.Daginstitution(851, "G20005")
		u.Position = at(851, 1)
		r.put(keys.Unit(&u), u)
		r.put(keys.Ledger("G20005"), records.PlaceOf(&u))
	}, []string{"history/missing G20005"}},

	{"a version that is left out", func(r *registry) { r.change("G20001", func(u *register.Unit) { u.Version++ }) }, []string{"history/broken G20001"}},
	{"a unit that begins with version 2", func(r *registry) {
		u := storetest.Daginstitution(461, "G20005")
		u.Version = 2
		r.create(u)
	}, []string{"history/broken G20005"}},
	{"a change of another row than there was", func(r *registry) {
		foer := r.unit("G20001")
		foer.Navn = "Aldrig set"
		efter := foer
		efter.Version++
		r.write(register.Aendring, foer, efter)
	}, []string{"history/broken G20001"}},
	{"a unit that is created again", func(r *registry) {
		u := r.unit("G20002")
		r.remove(keys.Unit(&u))
		r.remove(keys.Ledger("G20002"))
		u.Version = 1
		r.create(u)
	}, []string{"history/broken G20002"}},
	{"a unit that comes from a municipality that it did not leave", func(r *registry) {
		c := kept[records.Logged](r, keys.Change(at(461, 7)))
		c.Foer.Navn, c.Efter.Navn = "Aldrig set", "Aldrig set"
		r.put(keys.Change(at(461, 7)), c)
	}, []string{"history/broken G20010"}},
	{"a unit that leaves for nowhere", func(r *registry) {
		foer := r.create(storetest.Daginstitution(461, "G20005"))
		r.remove(keys.Unit(&foer))
		r.remove(keys.Ledger("G20005"))
		efter := foer
		efter.AdmKommuneKode, efter.Version = 751, 2
		r.logged(register.Change{Position: at(461, 12), Art: register.Aendring, Aarsag: register.VedKald, Foer: foer, Efter: efter, Tid: storetest.Now})
	}, []string{"history/half G20005"}},

	{"a change that is missing", func(r *registry) { r.remove(keys.Change(at(461, 6))) }, []string{"log/gap 461:6"}},
	{"a change that others follow that is missing", func(r *registry) { r.remove(keys.Change(at(461, 4))) }, []string{"log/gap 461:4"}},
	{"a change that others follow that cannot be read", func(r *registry) { r.spoil(keys.Change(at(461, 4))) }, []string{"unreadable L#461 000000000004"}},
	{"the first change of a log that is missing", func(r *registry) { r.remove(keys.Change(at(461, 1))) }, []string{"log/gap 461:1"}},
	{"a change with a receipt that is missing", func(r *registry) { r.remove(keys.Change(at(751, 1))) }, []string{"head 751"}},
	{"a change with a receipt that is missing between others", func(r *registry) {
		r.put(keys.Receipt("k"), register.Receipt{Key: "k", Position: at(461, 6), Number: "G20001"})
		r.remove(keys.Change(at(461, 6)))
	}, []string{"log/gap 461:6"}},
	{"a change of another municipality's", func(r *registry) {
		u := storetest.Daginstitution(101, "G20005")
		c := kept[records.Logged](r, keys.Change(at(461, 10)))
		c.Foer, c.Efter = register.Unit{}, u
		r.put(keys.Change(at(461, 10)), c)
	}, []string{"log/foreign 461:10", "row/differs G20003"}},
	{"a head that is missing", func(r *registry) { r.remove(keys.Head(101)) }, []string{"head 101"}},
	{"a head that is ahead", func(r *registry) { r.put(keys.Head(101), register.Head{Position: at(101, 3), Tid: storetest.Now}) }, []string{"head 101"}},
	{"a head with another time", func(r *registry) {
		r.put(keys.Head(101), register.Head{Position: at(101, 2), Tid: storetest.Now.Add(time.Minute)})
	}, []string{"head 101"}},

	{"an active unit below a closed one", func(r *registry) {
		r.change("G20000", func(u *register.Unit) { u.Aktivitetsstatus = register.Nedlagt })
		r.change("G20003", func(u *register.Unit) { u.Aktivitetsstatus = register.Nedlagt })
	}, []string{"parent/closed G20001"}},
	{"a unit below nothing", func(r *registry) {
		r.create(storetest.Anvisningsenhed(storetest.Daginstitution(461, "G20006"), "G20005"))
	}, []string{"parent/missing G20005"}},
	{"a unit whose parent is in another municipality", func(r *registry) {
		r.create(storetest.Anvisningsenhed(storetest.Daginstitution(751, "G20000"), "G20005"))
	}, []string{"parent/missing G20005"}},
	{"a unit whose parent is in another tree", func(r *registry) {
		e := storetest.Anvisningsenhed(storetest.Daginstitution(461, "G20020"), "G20001")
		u := storetest.Alternativ(e, "G20005")
		r.create(u)
	}, []string{"parent/elsewhere G20005"}},
	{"a unit below one of its own level", func(r *registry) {
		r.create(storetest.Anvisningsenhed(storetest.Daginstitution(461, "G20001"), "G20005"))
	}, []string{"parent/elsewhere G20005"}},

	{"a series that is behind a unit", func(r *registry) { r.put(keys.Series, records.Series(20_020)) }, []string{"series/behind G20023"}},
	{"a series that is missing", func(r *registry) { r.remove(keys.Series) }, []string{"series/behind G20023"}},
	{"a series that is behind a reservation", func(r *registry) { r.put(keys.Series, records.Series(20_022)) }, []string{"series/behind G20023"}},
	{"a reservation of reserved numbers", func(r *registry) {
		v := register.Reservation{Key: "s", First: "G20022", Count: 2, Expires: storetest.Now}
		r.put(keys.Reservation(20_022), v)
		r.put(keys.ReservationReceipt("s"), v)
	}, []string{"reservation/overlap G20022"}},
	{"a reservation without its key", func(r *registry) { r.remove(keys.ReservationReceipt("r")) }, []string{"reservation/astray G20021"}},
	{"a reservation's key without it", func(r *registry) { r.remove(keys.Reservation(20_021)) }, []string{"reservation/astray 1"}},
	{"a reservation at another ordinal", func(r *registry) {
		v := kept[register.Reservation](r, keys.Reservation(20_021))
		r.put(keys.Series, records.Series(20_040))
		r.put(keys.Reservation(20_030), v)
	}, []string{"misplaced R 000000020030"}},

	{"a mark that is ahead", func(r *registry) { r.must(r.Mark(r.Context(), "hold-ind", 1, at(461, 11))) }, []string{"mark/ahead M#hold-ind#1 0461"}},
	{"a mark where there is no log", func(r *registry) { r.must(r.Mark(r.Context(), "hold-ind", 1, at(851, 1))) }, []string{"mark/ahead M#hold-ind#1 0851"}},
	{"a mark of nobody's", func(r *registry) { r.must(r.Mark(r.Context(), "ukendt", 1, at(461, 1))) }, []string{"mark/astray M#ukendt#1 0461"}},
	{"a mark of a round that is to come", func(r *registry) { r.must(r.Mark(r.Context(), "hold-ind", 2, at(461, 1))) }, []string{"mark/astray M#hold-ind#2 0461"}},
	{"a subscriber that began ahead", func(r *registry) {
		sub := kept[relaying.Subscriber](r, keys.Subscriber("hold-ind"))
		sub.Fra = register.Positions{at(461, 11)}
		r.put(keys.Subscriber("hold-ind"), sub)
	}, []string{"mark/ahead hold-ind"}},
	{"a receipt of a change that was not made", func(r *registry) {
		r.put(keys.Receipt("k"), register.Receipt{Key: "k", Position: at(461, 11), Number: "G20001"})
	}, []string{"receipt/astray k"}},
	{"a receipt of another unit's change", func(r *registry) {
		r.put(keys.Receipt("k"), register.Receipt{Key: "k", Position: at(461, 2), Number: "G20002"})
	}, []string{"receipt/astray k"}},
	{"a re-check that is ahead", func(r *registry) {
		r.put(keys.Report(461), register.Report{Kommune: 461, Tid: storetest.Now, Position: at(461, 11)})
	}, []string{"report/ahead 461"}},
	{"a restore that has not ended", func(r *registry) { r.put(keys.Restore, records.Restore{From: "9f86", Begun: storetest.Now}) }, []string{"unfinished 9f86"}},
}

// TestDamages damages a sound register in one way at a time, and has it told as what it is and nothing else.
func TestDamages(t *testing.T) {
	engines(t, func(t *testing.T, open func(t *testing.T) *registry) {
		for _, d := range damages {
			t.Run(d.name, func(t *testing.T) {
				r := settled(open(t))
				d.damage(r)
				r.want(d.want...)
			})
		}
	})
}

// TestDamagedOrder is for what each engine keeps in its own way.
func TestDamagedOrder(t *testing.T) {
	onBolt := func(name string, damage func(r *registry), want ...string) {
		t.Run("bolt/"+name, func(t *testing.T) {
			r := settled(onDisk(t))
			damage(r)
			r.want(want...)
		})
	}
	onBolt("a place that is missing", func(r *registry) { r.remove(keys.Place(4)) }, "order/gap 4")
	onBolt("the last place is missing", func(r *registry) { r.remove(keys.Place(13)) }, "order/head 13")
	onBolt("a place that is another's", func(r *registry) { r.put(keys.Place(4), records.Stretch{Sequence: 4, Position: at(461, 3), Count: 1}) }, "order/differs 4")
	onBolt("a change that says another place", func(r *registry) {
		c := kept[records.Logged](r, keys.Change(at(461, 3)))
		c.Sequence = 4
		r.put(keys.Change(at(461, 3)), c)
	}, "order/differs 461")
	onBolt("a change without a place", func(r *registry) {
		r.remove(keys.Place(13))
		r.put(keys.OrderHead, records.Ordering{Last: 12})
	}, "order/head 12")
	onBolt("a change that says a place it lost", func(r *registry) {
		c := kept[records.Logged](r, keys.Change(at(461, 10)))
		c.Sequence = 0
		r.put(keys.Change(at(461, 10)), c)
		r.remove(keys.Place(13))
		r.put(keys.OrderHead, records.Ordering{Last: 12})
	}, "order/gap 461:10")
	onBolt("a change under another key", func(r *registry) {
		c := kept[records.Logged](r, keys.Change(at(101, 2)))
		c.Position = at(101, 7)
		r.put(keys.Change(at(101, 2)), c)
	}, "misplaced L#101 000000000002")
	onBolt("a row under another key", func(r *registry) {
		u := r.unit("G20002")
		k := keys.Unit(&u)
		u.EnhedsNummer = "G20003"
		r.put(k, u)
	}, "misplaced G20002")

	server := dynamoServer(t)
	onDynamoDB := func(name string, damage func(r *registry), want ...string) {
		t.Run("dynamodb/"+name, func(t *testing.T) {
			r := settled(server(t))
			damage(r)
			r.want(want...)
		})
	}
	onDynamoDB("an order without a head", func(r *registry) { r.remove(keys.OrderHead) }, "order/head 0")
	onDynamoDB("a stretch that is missing", func(r *registry) { r.remove(keys.Place(2)) }, "order/gap 2")
	onDynamoDB("the last stretch is missing", func(r *registry) { r.remove(keys.Place(12)) }, "order/head 12")
	onDynamoDB("a stretch that its log does not know", func(r *registry) { r.remove(keys.PlaceOf(at(751, 1))) }, "order/differs 751")
	onDynamoDB("a stretch that is another's", func(r *registry) {
		st := kept[records.Stretch](r, keys.Place(2))
		st.Position.Nr = 2
		r.put(keys.Place(2), st)
	}, "order/differs 2")
	onDynamoDB("a stretch under another key", func(r *registry) {
		st := kept[records.Stretch](r, keys.Place(2))
		st.Sequence = 3
		r.put(keys.Place(2), st)
	}, "misplaced G 000000000002")
	onDynamoDB("a head that knows less of a log", func(r *registry) {
		o := kept[records.Ordering](r, keys.OrderHead)
		o.Logs[0].Nr--
		r.put(keys.OrderHead, o)
	}, "order/head "+at(101, 1).String())
	onDynamoDB("a change that has no place in its log", func(r *registry) {
		r.put(keys.PlaceOf(at(751, 1)), records.Stretch{Sequence: 5, Position: at(751, 1), Count: 1})
	}, "order/differs 751")
}

// failing is a store that cannot be read for long.
type failing struct {
	store
	left int
}

var errGone = errors.New("the disk is gone")

func (f *failing) Records(ctx context.Context, kinds ...records.Kind) iter.Seq2[records.Record, error] {
	return func(yield func(records.Record, error) bool) {
		for r, err := range f.store.Records(ctx, kinds...) {
			if f.left--; f.left < 0 {
				yield(records.Record{}, errGone)
				return
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

func (f *failing) Partition(ctx context.Context, pk string) iter.Seq2[records.Record, error] {
	return func(yield func(records.Record, error) bool) {
		if f.left--; f.left < 0 {
			yield(records.Record{}, errGone)
			return
		}
		f.store.Partition(ctx, pk)(yield)
	}
}

func (f *failing) Get(ctx context.Context, ks ...keys.Key) ([]records.Record, error) {
	if f.left--; f.left < 0 {
		return nil, errGone
	}
	return f.store.Get(ctx, ks...)
}

// TestStoreFails has the store fail at each of the check's reads: it is the check's error then, and no breach.
func TestStoreFails(t *testing.T) {
	r := settled(onDisk(t))
	for k := 0; ; k++ {
		f := &failing{r.store, k}
		service := auditing.Service{Store: f, Series: register.DefaultSeries}
		summary, err := service.Check(t.Context(), func(b auditing.Breach) { t.Errorf("after %d reads: %s", k, b) })
		if err == nil {
			if k < 50 || summary.Records[records.Rows] != 6 {
				t.Errorf("it ended after %d reads, with %+v", k, summary)
			}
			return
		}
		if !errors.Is(err, errGone) {
			t.Fatal(err)
		}
	}
}
