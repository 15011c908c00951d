package dynamostore

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/dynamostore/dynamotest"
	"dagtilbudsregisteret.dk/shared/exporting"
	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/storetest"
)

// Each operation stays within the units that it is meant to take, by DynamoDB's rules and by what the server reports, and takes what
// the README says.
func TestCosts(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	meter := dynamotest.NewMeter(t)
	server := dynamotest.Start(t)
	s := newStore(t, server.Client(meter.Attach), "Dagtilbud", register.DefaultSeries)
	seed(t, server.Client(), s.table)
	meter.Take()
	for _, c := range []struct {
		what        string
		run         func(context.Context, *Store) error
		read, write float64 // the most it may take
	}{
		{"create, the first of a process", createUnit, 18, 9},
		{"create, next", createUnit, 4, 9},
		{"update", changeUnit(func(u *register.Unit) { u.Navn = "Børnehuset Pæren" }), 3, 6},
		{"close", changeUnit(func(u *register.Unit) { u.Aktivitetsstatus = register.Nedlagt }), 3, 6},
		{"an update that changes nothing", func(ctx context.Context, s *Store) error {
			return s.Update(ctx, func(tx register.Tx) error {
				_, err := tx.Unit("J10002")
				return err
			})
		}, 4, 0},
		{"move, no alternative addresses", moveUnit("H10006", 0), 6, 10},
		{"move, 1 alternative address", moveUnit("H10001", 1), 6, 18},
		{"move, 5 alternative addresses", moveUnit("H10005", 5), 6, 50},
		{"look-up by number", func(ctx context.Context, s *Store) error {
			_, err := s.Unit(ctx, "J10002")
			return err
		}, 1, 0},
		{"look-up of a daginstitution's tree", func(ctx context.Context, s *Store) error {
			_, err := s.Tree(ctx, "H10002")
			return err
		}, 1, 0},
		{"a municipality of 50 units", municipality(103, 50), 3.5, 0},
		{"the whole export, 5,000 rows in 98 municipalities", export, 300, 0},
	} {
		if err := s.Order(t.Context()); err != nil { // which is whoever's turn it is next, be it of these or of others
			t.Fatal(err)
		}
		meter.Take()
		if err := c.run(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", c.what, err)
		}
		cost := meter.Take()
		t.Logf("%-50s %s", c.what, cost)
		if row := fmt.Sprintf("| %s | %v | %v |", c.what, cost.Write, cost.Read); !strings.Contains(string(readme), row) {
			t.Errorf("the README does not say %s", row)
		}
		if cost.Write > c.write || cost.Read > c.read {
			t.Errorf("%s takes %v read and %v write units, more than %v and %v", c.what, cost.Read, cost.Write, c.read, c.write)
		}
		if server.CountsByTheRules() && (cost.Write != cost.ReportedWrite || cost.Read != cost.ReportedRead) {
			t.Errorf("%s: the server reports %v read and %v write units, the rules say %v and %v",
				c.what, cost.ReportedRead, cost.ReportedWrite, cost.Read, cost.Write)
		}
	}
}

// What the package comment says of users and their trail.
func TestAccessCosts(t *testing.T) {
	meter := dynamotest.NewMeter(t)
	server := dynamotest.Start(t)
	s := newStore(t, server.Client(meter.Attach), "Dagtilbud", register.DefaultSeries)
	d := storetest.Daginstitution(265, "G20000")
	storetest.Create(t, s, d)
	for i := range 9 {
		storetest.Create(t, s, storetest.Anvisningsenhed(d, register.Number(fmt.Sprintf("G2000%d", i+1))))
	}
	meter.Take()
	u := access.User{
		Navn: "leverandoer-17", Rolle: access.Leverandoer, Forbindelse: access.Levere, Oprettet: storetest.Now, Version: 1,
		Secrets: []access.Secret{{ID: "ABCD2345", Oprettet: storetest.Now}}, Skrivninger: 50, Laesninger: 100,
		Grants: []access.Grant{{ID: "ABCD2345", Kommune: 265, Fra: "2026-11-23", Givet: storetest.Now, GivetAf: "drift"}},
	}
	e := access.Entry{
		Tid: storetest.Now, Af: created(register.Unit{}).Af, Handling: "opret", Level: register.Anvisningsenhed, Kommune: 265, Afvist: true,
		ImportID: "8d3c1f0e-6a52-4b7e-9c1d-2f7a9b3e5d60", Linje: 10_000, Regler: []string{"krydsvalidering/ulovligType", "postnummer/format"},
	}
	entry := func(id string, fund int) access.Entry {
		e.ID, e.Fund = id, make([]byte, fund)
		return e
	}
	read := func(before access.Entry) func() error {
		return func() error {
			_, err := collect(s.Entries(t.Context(), storetest.Now, before, storetest.Now))
			return err
		}
	}
	measure(t, server, meter, []measured{
		{"save a new user", func() error { return s.SaveUser(t.Context(), u, entry("A", 0)) }, 0, 4},
		{"save a user", func() error {
			u.Version = 2
			return s.SaveUser(t.Context(), u, entry("B", 0))
		}, 0, 4},
		{"look a user up", func() error {
			_, err := s.User(t.Context(), u.Navn)
			return err
		}, 1, 0},
		{"list the users", func() error {
			_, err := s.Users(t.Context())
			return err
		}, 0.5, 0},
		{"note a use", func() error { return s.NoteUse(t.Context(), u.Navn, "ABCD2345", storetest.Now) }, 0, 1},
		{"list the uses", func() error {
			_, err := s.Uses(t.Context())
			return err
		}, 0.5, 0},
		{"add an act", func() error { return s.AddTrail(t.Context(), entry("C", 0)) }, 0, 1},
		{"add a refused act", func() error { return s.AddTrail(t.Context(), entry("D", 900)) }, 0, 2},
		{"add one with 3.9 KB of findings", func() error { return s.AddTrail(t.Context(), entry("E", 3900)) }, 0, 5},
		{"read five entries, of two findings", read(access.Entry{}), 0.5 + 1, 0},
		{"read three entries, of no findings", read(entry("D", 0)), 0.5 + 0.5, 0},
		{"count a user's first call of a day", countCall(s, "POST /v1/import", 0), 0, 1},
		{"count a call", countCall(s, "GET /v1/dagtilbud/{nummer}", time.Second), 0, 1},
		{"count one of twenty methods", func() error {
			for i := range 20 {
				if err := countCall(s, fmt.Sprintf("POST /v1/anvisningsenheder/{nummer}/%02d", i), time.Second)(); err != nil {
					return err
				}
			}
			return nil
		}, 0, 20},
		{"read two days' calls", func() error {
			day := access.DayOf(storetest.Now)
			_, err := collect(s.Calls(t.Context(), register.V1, day.After(-1), day))
			return err
		}, 1, 0},
		{"read four changes backwards", func() error {
			for c, err := range s.Earlier(t.Context(), register.Position{Kommune: 265, Nr: 10}) {
				if err != nil || c.Position.Nr == 6 {
					return err
				}
			}
			return nil
		}, 1, 0},
	})
}

// countCall counts a call of a method a while after the day's first.
func countCall(s *Store, method string, after time.Duration) func() error {
	return func() error {
		return s.CountCall(context.Background(), register.V1, storetest.Now.Add(after), "leverandoer-17", method)
	}
}

// measured is a call, and what it takes.
type measured struct {
	what        string
	run         func() error
	read, write float64
}

// measure makes calls and holds what they take to what they are meant to, by DynamoDB's rules and by what the server reports.
func measure(t *testing.T, server *dynamotest.Server, meter *dynamotest.Meter, calls []measured) {
	t.Helper()
	for _, c := range calls {
		if err := c.run(); err != nil {
			t.Fatalf("%s: %v", c.what, err)
		}
		cost := meter.Take()
		t.Logf("%-40s %s", c.what, cost)
		if cost.Write != c.write || cost.Read != c.read {
			t.Errorf("%s takes %v read and %v write units, not %v and %v", c.what, cost.Read, cost.Write, c.read, c.write)
		}
		if server.CountsByTheRules() && (cost.Write != cost.ReportedWrite || cost.Read != cost.ReportedRead) {
			t.Errorf("%s: the server reports %v read and %v write units", c.what, cost.ReportedRead, cost.ReportedWrite)
		}
	}
}

// createUnit is the ordinary creation, with the parent looked at, a namesake looked for and a number issued.
func createUnit(ctx context.Context, s *Store) error {
	return s.Update(ctx, func(tx register.Tx) error {
		parent, err := tx.Unit("H10002")
		if err != nil {
			return err
		}
		if _, err := tx.Namesakes(parent.AdmKommuneKode, register.Anvisningsenhed, "Børnehuset Æblet"); err != nil {
			return err
		}
		numbers, err := tx.Issue(1)
		if err != nil {
			return err
		}
		_, err = tx.Write(created(storetest.Anvisningsenhed(parent, numbers[0])))
		return err
	})
}

func changeUnit(change func(*register.Unit)) func(context.Context, *Store) error {
	return func(ctx context.Context, s *Store) error {
		return s.Update(ctx, func(tx register.Tx) error {
			foer, err := tx.Unit("J10002")
			if err != nil {
				return err
			}
			efter := foer
			change(&efter)
			return changed(tx, register.Aendring, foer, efter)
		})
	}
}

func changed(tx register.Tx, art register.Art, foer, efter register.Unit) error {
	c := created(efter)
	c.Art, c.Foer, c.Efter.Version = art, foer, foer.Version+1
	_, err := tx.Write(c)
	return err
}

// moveUnit moves the anvisningsenhed of a daginstitution, with its alternative addresses, below another.
func moveUnit(from register.Number, alternatives int) func(context.Context, *Store) error {
	return func(ctx context.Context, s *Store) error {
		return s.Update(ctx, func(tx register.Tx) error {
			to, err := tx.Unit("H10000")
			if err != nil {
				return err
			}
			tree, err := tx.Tree(from)
			if err == nil && len(tree) < 2+alternatives {
				err = fmt.Errorf("%d rows in the tree of %s", len(tree), from)
			}
			if err != nil {
				return err
			}
			for _, foer := range tree[1 : 2+alternatives] {
				efter := foer
				efter.DaginstitutionsNummer = to.DaginstitutionsNummer
				if err := changed(tx, register.Flytning, foer, efter); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// export takes a whole file, as the register stands.
func export(ctx context.Context, s *Store) error {
	service := exporting.Service{Store: s, Settle: Settle, Clock: func() time.Time { return storetest.Now.Add(time.Hour) }}
	at, _, err := service.State(ctx, exporting.In{})
	if err != nil {
		return err
	}
	rows, err := collect(service.Snapshot(ctx, exporting.Filter{}, at, exporting.Cursor{}))
	if err == nil && (len(rows) < 5000 || len(at) != 98) {
		err = fmt.Errorf("%d rows in %d municipalities", len(rows), len(at))
	}
	return err
}

func municipality(kommune, rows int) func(context.Context, *Store) error {
	return func(ctx context.Context, s *Store) error {
		units, err := collect(s.Units(ctx, kommune, ""))
		if err == nil && len(units) != rows {
			err = fmt.Errorf("%d rows, want %d", len(units), rows)
		}
		return err
	}
}

// seed fills a table with 5,000 rows in 98 municipalities: rows, ledger and heads as updates leave them, a change for each
// municipality to open a view on.
func seed(t *testing.T, client *dynamodb.Client, table string) {
	t.Helper()
	var items []item
	next, size := 0, 0
	for i := range 98 {
		kommune := 101 + i
		units := onlyChildren(kommune, 50, &next)
		if i == 0 {
			units = families(kommune, 150, new(int))
		}
		rows := len(units)
		for j := range units {
			units[j].Position = register.Position{Kommune: kommune, Nr: int64(j + 1)}
			entry := make(item)
			placeOf(&units[j]).encode(entry)
			it := encodeRow(&units[j]).keyed(placeOf(&units[j]).key())
			size += dynamotest.Size(it)
			items = append(items, it, entry.keyed(keys.Ledger(units[j].Number())))
		}
		for j := range min(rows, 6) {
			last := created(units[rows-6+j])
			items = append(items, encodeChange(&last, fmt.Sprint("seed ", j)).keyed(keys.Change(last.Efter.Position)))
		}
		head := register.Head{Position: register.Position{Kommune: kommune, Nr: int64(rows)}, Tid: storetest.Now}
		items = append(items, encodeHead(head).keyed(keys.Head(kommune)))
	}
	if size/5000 >= 480 {
		t.Errorf("a row takes %d bytes on average", size/5000)
	}
	putAll(t, client, table, items)
}

// families gives rows of all levels: daginstitutioner H10000, H10001 …, each with an anvisningsenhed J1000x and up to five
// alternative addresses, as many as the remainder of x by six.
func families(kommune, rows int, next *int) (units []register.Unit) {
	for ; len(units) < rows; *next++ {
		n := func(letter byte) register.Number {
			return register.Number(fmt.Sprintf("%c%05d", letter, 10000+*next))
		}
		d := storetest.Daginstitution(kommune, n('H'))
		e := storetest.Anvisningsenhed(d, n('J'))
		units = append(units, d, e)
		for k := range *next % 6 {
			units = append(units, storetest.Alternativ(e, n("KLMNP"[k])))
		}
	}
	return units[:rows]
}

// onlyChildren gives one daginstitution and anvisningsenheder, the largest rows there are, with every field filled in.
func onlyChildren(kommune, rows int, next *int) []register.Unit {
	d := storetest.Daginstitution(kommune, register.Number(fmt.Sprintf("Q%05d", *next)))
	units := []register.Unit{d}
	for ; len(units) < rows; *next++ {
		units = append(units, storetest.Anvisningsenhed(d, register.Number(fmt.Sprintf("R%05d", *next))))
	}
	return units
}

func putAll(t *testing.T, client *dynamodb.Client, table string, items []item) {
	t.Helper()
	for len(items) > 0 {
		some := items[:min(25, len(items))]
		items = items[len(some):]
		requests := make([]types.WriteRequest, len(some))
		for i, it := range some {
			requests[i] = types.WriteRequest{PutRequest: &types.PutRequest{Item: it}}
		}
		out, err := client.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{
			RequestItems: map[string][]types.WriteRequest{table: requests},
		})
		if err != nil || len(out.UnprocessedItems) > 0 {
			t.Fatalf("%d left over: %v", len(out.UnprocessedItems), err)
		}
	}
}
