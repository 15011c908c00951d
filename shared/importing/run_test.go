package importing_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/importing"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// TestChangeRecord follows one unit through everything that can be done to it.
func TestChangeRecord(t *testing.T) {
	r := settled(t, 500)
	actor := register.Actor{User: "leverandør", Version: register.V1, RequestID: "req-7", Traceparent: "00-a-b-01"}
	begun := r.now
	for _, op := range []importing.Op{
		ret(enhed("G20001", "", named("Nyt navn"))), flyt("G20001", "G20010"), flyt("G20001", "G20010"), nedlaeg("G20002"), nedlaeg("G20003"),
		nedlaeg("G20001"),
	} {
		r.now = r.now.Add(time.Minute)
		r.run([]importing.Op{op}, importing.Options{Actor: actor})
	}
	r.run([]importing.Op{opret(daginstitution(""))}, importing.Options{Actor: actor, ImportID: "import-1"})
	log := r.sound().log
	log = log[slices.IndexFunc(log, func(c register.Change) bool { return c.Af == actor }):]

	type step struct {
		number register.Number
		art    register.Art
		aarsag register.Aarsag
		minute int
	}
	var got []step
	for _, c := range log {
		if c.Af == actor {
			got = append(got, step{c.Efter.Number(), c.Art, c.Aarsag, int(c.Tid.Sub(begun).Minutes())})
			if c.Tid != c.Efter.SenestOpdateret || (c.ImportID != "") != (c.Aarsag == register.VedImport) {
				t.Errorf("change %+v", c)
			}
		}
	}
	want := []step{
		{"G20001", register.Aendring, register.VedKald, 1},
		{"G20001", register.Flytning, register.VedKald, 2},
		{"G20002", register.Flytning, register.MedForaelder, 2},
		{"G20003", register.Flytning, register.MedForaelder, 2},
		{"G20002", register.Nedlaeggelse, register.VedKald, 4}, // the second move, in minute 3, changed nothing
		{"G20003", register.Nedlaeggelse, register.VedKald, 5},
		{"G20001", register.Nedlaeggelse, register.VedKald, 6},
		{"G20022", register.Oprettelse, register.VedImport, 6},
	}
	if !slices.Equal(got, want) {
		t.Errorf("the log tells\n     %v\nwant %v", got, want)
	}
}

func TestMoveTakesAlternativeAddressesAlong(t *testing.T) {
	forChunks(t, func(t *testing.T, r *registry) {
		wantLines(t, "results", r.runLines([]importing.Op{nedlaeg("G20003"), flyt("G20001", "G20010")}, importing.Options{}),
			[]string{"changed G20003:2", "changed G20001:2"})
		c := r.sound()
		for n, version := range map[register.Number]int64{"G20001": 2, "G20002": 2, "G20003": 3} {
			if u := c.rows[n]; u.DaginstitutionsNummer != "G20010" || u.Version != version {
				t.Errorf("%s stands at %s in version %d", n, u.Path(), u.Version)
			}
		}
		if u := c.rows["G20003"]; u.Aktivitetsstatus != register.Nedlagt {
			t.Error("what was closed opened again")
		}
	})
}

// TestTreeChangesMunicipality changes the municipality of a daginstitution, closed rows below it and all.
func TestTreeChangesMunicipality(t *testing.T) {
	forChunks(t, func(t *testing.T, r *registry) {
		wantLines(t, "results", r.runLines([]importing.Op{
			nedlaeg("G20003"), ret(daginstitution("G20000", inKommune(751))), flyt("G20021", "G20000"), opret(enhed("", "G20000")),
		}, importing.Options{}), []string{"changed G20003:2", "changed G20000:2", "changed G20021:2", "created G20022:1"})
		c := r.sound()
		for _, n := range []register.Number{"G20000", "G20001", "G20002", "G20003", "G20004", "G20021", "G20022"} {
			if u := c.rows[n]; u.AdmKommuneKode != 751 || u.Position.Kommune != 751 || u.DaginstitutionsNummer != "G20000" {
				t.Errorf("%s stands at %d %s, its last change at %s", n, u.AdmKommuneKode, u.Path(), u.Position)
			}
		}
		var left, joined []register.Number
		for _, change := range c.log {
			if !change.LeavesKommune() {
				continue
			}
			if change.Position.Kommune == 461 {
				left = append(left, change.Efter.Number())
			} else {
				joined = append(joined, change.Efter.Number())
			}
		}
		want := []register.Number{"G20000", "G20001", "G20002", "G20003", "G20004"}
		if !slices.Equal(left, want) || !slices.Equal(joined, want) {
			t.Errorf("the old log names %v, the new one %v", left, joined)
		}
	})
}

// TestFixesPass sends what is unlawful, applies each fix that is offered, and sends it again.
func TestFixesPass(t *testing.T) {
	for name, op := range map[string]importing.Op{
		"create a daginstitution": opret(daginstitution("", runAs(2, 1))),
		"change a daginstitution": ret(daginstitution("G20000", runAs(3, 1))),
		"create an enhed":         opret(enhed("", "G20000", ofType(6021))),
		"change an enhed":         ret(enhed("G20001", "G20000", ofType(6013))),
		"in an import":            as(ret(enhed("G20001", "G20000", ofType(6013))), at("/data")),
	} {
		t.Run(name, func(t *testing.T) {
			r := settled(t, 1)
			refused := r.run([]importing.Op{op}, importing.Options{})[0]
			if len(refused.Findings) == 0 || len(refused.Findings[0].Rettelser) == 0 {
				t.Fatalf("no fixes are offered: %s", show(refused))
			}
			for _, patch := range refused.Findings[0].Rettelser {
				mended := op
				for _, step := range patch {
					*code(t, &mended, step.Path) = step.Value
				}
				if passed := r.run([]importing.Op{mended}, importing.Options{DryRun: true})[0]; passed.Outcome == importing.Refused {
					t.Errorf("%v leads to: %s", patch, show(passed))
				}
			}
		})
	}
}

// code gives the code that a pointer into what was sent leads to.
func code(t *testing.T, op *importing.Op, pointer string) *int {
	switch pointer {
	case op.At + "/ejerformKode":
		return &op.Unit.EjerformKode
	case op.At + "/lovgrundlagKode":
		return &op.Unit.LovgrundlagKode
	case op.At + "/instType3":
		return &op.Unit.InstType3
	}
	t.Fatalf("a fix patches %s", pointer)
	return nil
}

func TestV1DoesNotCrossValidate(t *testing.T) {
	ops := []importing.Op{
		opret(daginstitution("", runAs(2, 5))), ret(daginstitution("G20000", runAs(3, 5))), opret(enhed("", "G20010", ofType(6021))),
		ret(enhed("G20001", "", ofType(6021))), flyt("G20004", "G20000"), flyt("G20001", "G20010"),
	}
	v1 := importing.Options{Actor: register.Actor{Version: register.V1}}
	wantLines(t, "v1", settled(t, 500).runLines(ops, v1),
		[]string{"created G20022:1", "changed G20000:2", "created G20023:1", "changed G20001:2", "unchanged G20004:1", "changed G20001:3"})
	for i, result := range settled(t, 500).run(ops, importing.Options{}) {
		if i != 4 && i != 5 && (result.Outcome != importing.Refused || result.Findings[0].Rule != validation.Krydsvalidering) {
			t.Errorf("v2, operation %d: %s", i, show(result))
		}
	}
}

// TestReservedNumbers creates and loads units under numbers that were set aside.
func TestReservedNumbers(t *testing.T) {
	forChunks(t, func(t *testing.T, r *registry) {
		for _, user := range []string{"os", "andre", "for længst"} {
			wish := register.Reservation{Key: user, User: user, Count: 3, Expires: r.now.Add(time.Hour)}
			if user == "for længst" {
				wish.Expires = r.now
			}
			if _, err := r.Store.Reserve(t.Context(), wish); err != nil {
				t.Fatal(err)
			}
		}
		ops := []importing.Op{
			opret(daginstitution("G20023")), opret(enhed("G20022", "G20023")), opret(daginstitution("G20023")), opret(daginstitution("")),
			opret(daginstitution("G20025")), opret(daginstitution("G20028")), opret(daginstitution("G20040")),
			indlaes(daginstitution("G20024")), indlaes(daginstitution("G20026")), indlaes(daginstitution("G20029")),
		}
		os := importing.Options{Actor: register.Actor{Version: register.V2, User: "os"}}
		want := []string{
			"created G20023:1", "created G20022:1", "refused, nummer-optaget/optaget /daginstitutionsNummer", "created G20031:1",
			"refused, nummer-optaget/optaget /daginstitutionsNummer", "refused, nummer-tildeles/ikkeReserveret /daginstitutionsNummer",
			"refused, nummer-tildeles/ikkeReserveret /daginstitutionsNummer",
			"created G20024:1", "refused, nummer-optaget/optaget /daginstitutionsNummer", "created G20029:1",
		}
		wantLines(t, "results", r.runLines(ops, os), want)
		r.sound()
	})
}

// TestRefusedTakesNoNumber is refused in every way, and then creates.
func TestRefusedTakesNoNumber(t *testing.T) {
	forChunks(t, func(t *testing.T, r *registry) {
		bad := []importing.Op{
			opret(daginstitution("", named(""))), opret(enhed("", "G29999")), opret(enhed("", "G20000", ofType(6013))),
			as(opret(daginstitution("")), found(validation.UkendtFelt, "/x")), opret(enhed("", "#nowhere")),
		}
		r.wantAll(bad, importing.Refused)
		strict := append([]importing.Op{opret(daginstitution(""))}, bad...)
		r.run(strict, importing.Options{Strict: true})
		r.run([]importing.Op{opret(daginstitution(""))}, importing.Options{DryRun: true})
		wantLines(t, "next", r.runLines([]importing.Op{opret(daginstitution(""))}, importing.Options{}), []string{"created G20022:1"})
		r.sound()
	})
}

func TestLoadMovesTheSeries(t *testing.T) {
	r := settled(t, 500)
	for _, c := range []struct {
		load importing.Op
		next register.Number
	}{
		{indlaes(daginstitution("G29214")), "G29215"},
		{indlaes(daginstitution("G15000")), "G29215"}, // behind it
		{indlaes(daginstitution("D10041")), "G29215"}, // of no letter that is issued
		{indlaes(daginstitution("29300")), "G29215"},  // refused
		{indlaes(daginstitution("H00000")), "G29215"}, // of a letter whose turn comes later: too far ahead
		{indlaes(daginstitution("G70000")), "G70001"},
		{indlaes(daginstitution("H00000")), "H00001"}, // near enough now
		{indlaes(daginstitution("G99999")), "H00001"}, // of a letter that is used up
	} {
		r.run([]importing.Op{c.load}, importing.Options{})
		if next := r.next(); next != c.next {
			t.Errorf("after %s comes %s, want %s", c.load.Number, next, c.next)
		}
	}
	r.sound()
}

func TestReferences(t *testing.T) {
	for _, c := range []struct {
		name string
		ops  []importing.Op
		want []string
	}{
		{"a whole tree, and changes to it", []importing.Op{
			as(opret(daginstitution("")), ref("d")), as(opret(enhed("", "#d")), ref("enhed")), as(opret(adresse("", "#enhed")), ref("adresse")),
			as(ret(daginstitution("#d", named("Nyt"))), func(op *importing.Op) { op.Unit.DaginstitutionsNummer = "" }),
			flyt("#enhed", "G20010"), nedlaeg("#adresse"), nedlaeg("#enhed")},
			[]string{"created G20022:1", "created G20023:1", "created G20024:1", "changed G20022:2", "changed G20023:2", "changed G20024:3",
				"changed G20023:3"}},
		{"to a refused line", []importing.Op{
			as(opret(daginstitution("", named(""))), ref("d")), opret(enhed("", "#d")), nedlaeg("#d"), as(opret(daginstitution("")), ref("d")), opret(enhed("", "#d"))},
			[]string{"refused, navn/mangler /daginstitutionsNavn",
				"refused, ukendt-reference/ukendt /daginstitutionsNummer",
				"refused, ukendt-reference/ukendt /daginstitutionsNummer", "created G20022:1", "created G20023:1"}},
		{"to a later line, and to none", []importing.Op{
			opret(enhed("", "#d")), as(opret(daginstitution("")), ref("d")), opret(enhed("", "#")), flyt("G20001", "#x")},
			[]string{"refused, ukendt-reference/ukendt /daginstitutionsNummer", "created G20022:1",
				"refused, ukendt-reference/ukendt /daginstitutionsNummer",
				"refused, ukendt-reference/ukendt /daginstitutionsNummer"}},
		{"to units that were there", []importing.Op{
			as(indlaes(daginstitution("G20010")), ref("d")), as(nedlaeg("G20004"), ref("e")), opret(enhed("", "#d")), opret(adresse("", "#e"))},
			[]string{"unchanged G20010:1", "changed G20004:2", "created G20022:1", "refused, foraelder-nedlagt/nedlagt /enhedsNummer G20004"}},
		{"where a new unit's number is", []importing.Op{
			as(opret(daginstitution("")), ref("d")), indlaes(daginstitution("#d")), opret(daginstitution("#d")), opret(daginstitution("#x"))},
			[]string{"created G20022:1", "refused, nummer/format /daginstitutionsNummer", "refused, nummer/format /daginstitutionsNummer",
				"refused, nummer/format /daginstitutionsNummer"}},
		{"a refused line takes the name from the one before it", []importing.Op{
			as(opret(daginstitution("")), ref("d")), as(opret(daginstitution("", named(""))), ref("d")), opret(enhed("", "#d"))},
			[]string{"created G20022:1", "refused, navn/mangler /daginstitutionsNavn",
				"refused, ukendt-reference/ukendt /daginstitutionsNummer"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			forChunks(t, func(t *testing.T, r *registry) {
				dry := verdicts(r.run(c.ops, importing.Options{DryRun: true}))
				results := r.run(c.ops, importing.Options{})
				wantLines(t, "results", showAll(results), c.want)
				wantLines(t, "dry run", dry, verdicts(results))
				r.sound()
			})
		})
	}
}

func TestStrict(t *testing.T) {
	forChunks(t, func(t *testing.T, r *registry) {
		before := r.content()
		good := []importing.Op{as(opret(daginstitution("")), ref("d")), opret(enhed("", "#d", withoutPNummer)), flyt("G20001", "G20010")}
		wantLines(t, "one is refused", r.runLines(append(slices.Clone(good), nedlaeg("G20000")), importing.Options{Strict: true}), []string{
			"refused, alt-eller-intet/andenLinjeAfvist", "refused, ?p-nummer-mangler/mangler /pNummer, alt-eller-intet/andenLinjeAfvist",
			"refused, alt-eller-intet/andenLinjeAfvist", "refused, aktive-underenheder/aktiv G20004"})
		wantSame(t, before, r.content())
		wantLines(t, "none is", r.runLines(good, importing.Options{Strict: true}),
			[]string{"created G20022:1", "created G20023:1, ?p-nummer-mangler/mangler /pNummer", "changed G20001:2"})
		r.sound()
	})
}

func wantSame(t tester, want, got content) {
	t.Helper()
	if len(got.rows) != len(want.rows) || !slices.Equal(got.positions, want.positions) || !slices.Equal(got.log, want.log) {
		t.Errorf("the register went from %v to %v", want.positions, got.positions)
	}
	for n, u := range want.rows {
		if got.rows[n] != u {
			t.Errorf("%s went from\n     %+v\n to  %+v", n, u, got.rows[n])
		}
	}
}

func TestIdempotency(t *testing.T) {
	forChunks(t, func(t *testing.T, r *registry) {
		k := func(op importing.Op, name string, hash byte) importing.Op { return as(op, key(name, hash)) }
		ops := []importing.Op{
			k(opret(enhed("", "G20000", named("BØRNEHUSET g20001"), withoutPNummer)), "create", 1), k(flyt("G20001", "G20000"), "nothing", 2),
			k(ret(enhed("G20001", "", named("Én gang"))), "change", 3), k(ret(enhed("G20001", "", named("Én gang"))), "idle", 4), k(flyt("G20001", "G20010"), "move", 5),
			k(opret(daginstitution("", named(""))), "refused", 6),
		}
		first := r.run(ops, importing.Options{})
		wantLines(t, "the first time", showAll(first), []string{
			"created G20022:1, ?p-nummer-mangler/mangler /pNummer, ?mulig-dublet/sammeNavnOgAdresse /enhedsNavn G20001", "unchanged G20001:1",
			"changed G20001:2", "unchanged G20001:2", "changed G20001:3", "refused, navn/mangler /daginstitutionsNavn"})
		r.wantAll([]importing.Op{ret(enhed("G20022", "", named("Siden"))), ret(enhed("G20001", "", named("Siden")))}, importing.Changed)

		before := r.content()
		for _, o := range []importing.Options{{}, {DryRun: true}} {
			again := r.run(ops, o)
			for i, result := range again[:5] {
				if result.Unit != first[i].Unit || (result.Outcome == importing.Created) != (i == 0) || !slices.Equal(texts(result), texts(first[i])) {
					t.Errorf("operation %d\n first %s %+v\n again %s %+v", i, show(first[i]), first[i].Unit, show(result), result.Unit)
				}
			}
			if show(again[5]) != show(first[5]) {
				t.Errorf("what was refused is now %s", show(again[5]))
			}
		}
		ops[0].Hash, ops[2].Hash = [32]byte{9}, [32]byte{9}
		others := r.runLines([]importing.Op{ops[0], ops[2]}, importing.Options{})
		wantLines(t, "for something else", others, []string{"refused, genbrugt-noegle/andetIndhold", "refused, genbrugt-noegle/andetIndhold"})
		wantSame(t, before, r.content())

		wantLines(t, "the key of a refused request", r.runLines([]importing.Op{k(opret(daginstitution("")), "refused", 7)}, importing.Options{}),
			[]string{"created G20023:1"})
		wantLines(t, "the key of a dry run", r.runLines([]importing.Op{k(opret(daginstitution("")), "dry", 8)}, importing.Options{DryRun: true}),
			[]string{"created :1"})
		wantLines(t, "and then", r.runLines([]importing.Op{k(opret(daginstitution("")), "dry", 9)}, importing.Options{}), []string{"created G20024:1"})
		r.sound()
	})
}

// texts gives the sentences of a result's findings.
func texts(r importing.Result) (all []register.Text) {
	for _, f := range r.Findings {
		all = append(all, f.Tekst)
	}
	return all
}

// TestImportIsResumed sends an import again after its first half: nothing is done twice, and references find what is there.
func TestImportIsResumed(t *testing.T) {
	forChunks(t, func(t *testing.T, r *registry) {
		var ops []importing.Op
		for i, op := range []importing.Op{
			as(opret(daginstitution("")), ref("d")), as(opret(enhed("", "#d")), ref("e")), opret(adresse("", "#e")), opret(enhed("", "#d", named("To"))),
		} {
			ops = append(ops, as(op, key(fmt.Sprint("import/", i), byte(i))))
		}
		r.wantAll(ops[:2], importing.Created)
		wantLines(t, "again", r.runLines(ops, importing.Options{}),
			[]string{"created G20022:1", "created G20023:1", "created G20024:1", "created G20025:1"})
		if c := r.sound(); len(c.rows) != 15 {
			t.Errorf("%d rows, want 11 and 4", len(c.rows))
		}
	})
}

// failing is a store whose updates fail from one of them on.
type failing struct {
	register.Store
	good int
	err  error
}

func (f *failing) Update(ctx context.Context, fn func(register.Tx) error) error {
	if f.good--; f.good < 0 {
		return f.Store.Update(ctx, func(tx register.Tx) error { return errors.Join(fn(tx), f.err) })
	}
	return f.Store.Update(ctx, fn)
}

// TestStoreFails has the store fail in the third of five transactions of two operations.
func TestStoreFails(t *testing.T) {
	r := settled(t, 2)
	r.Service.Store = &failing{r.Service.Store, 2, &register.Error{Kind: register.Unavailable}}
	var ops []importing.Op
	for range 5 {
		ops = append(ops, opret(daginstitution("")), nedlaeg("G29999"))
	}
	got := r.runLines(ops, importing.Options{})
	want := []string{"created G20022:1", "refused, ukendt-nummer/findesIkke", "created G20023:1", "refused, ukendt-nummer/findesIkke"}
	for range 6 {
		want = append(want, "refused, unavailable")
	}
	wantLines(t, "results", got, want)
	if c := r.sound(); len(c.rows) != 13 {
		t.Errorf("%d rows, want 11 and 2", len(c.rows))
	}
}

// cramped is a store that cannot write more than a few changes at once.
type cramped struct {
	register.Store
	most int
}

type countingTx struct {
	register.Tx
	writes int
}

func (tx *countingTx) Write(c register.Change) (register.Position, error) {
	tx.writes++
	return tx.Tx.Write(c)
}

func (s *cramped) Update(ctx context.Context, fn func(register.Tx) error) error {
	return s.Store.Update(ctx, func(tx register.Tx) error {
		counted := &countingTx{Tx: tx}
		if err := fn(counted); err != nil || counted.writes <= s.most {
			return err
		}
		return &register.Error{Kind: register.TooLarge}
	})
}

// TestEngineIsCramped runs operations in one transaction on an engine that takes two changes at once: it is divided until it fits, and
// an operation that never does is refused alone.
func TestEngineIsCramped(t *testing.T) {
	r := settled(t, 500)
	r.Service.Store = &cramped{r.Service.Store, 2}
	ops := []importing.Op{
		as(opret(daginstitution("")), ref("d")), opret(enhed("", "#d")), flyt("G20001", "G20010"), nedlaeg("G20002"), flyt("G20001", "G20010"), nedlaeg("G20003"),
		flyt("G20004", "#d"),
	}
	wantLines(t, "results", r.runLines(ops, importing.Options{}), []string{"created G20022:1", "created G20023:1", "refused, for-stor/transaktion",
		"changed G20002:2", "refused, for-stor/transaktion", "changed G20003:2", "changed G20004:2"})
	before := r.sound()
	wantLines(t, "strict", r.runLines([]importing.Op{opret(daginstitution("")), opret(daginstitution("")), opret(daginstitution(""))},
		importing.Options{Strict: true}), []string{"refused, for-stor/transaktion", "refused, for-stor/transaktion", "refused, for-stor/transaktion"})
	wantSame(t, before, r.content())
}

// TestCallerLeaves stops taking results: what was answered is done, the rest is not begun.
func TestCallerLeaves(t *testing.T) {
	r := settled(t, 2)
	ops := make([]importing.Op, 9)
	for i := range ops {
		ops[i] = opret(daginstitution(""))
	}
	for range r.Run(t.Context(), slices.Values(ops), importing.Options{Actor: register.Actor{Version: register.V2}, Rights: access.Everything}) {
		break
	}
	if c := r.sound(); len(c.rows) != 13 {
		t.Errorf("%d rows, want 11 and one transaction of 2", len(c.rows))
	}
}
