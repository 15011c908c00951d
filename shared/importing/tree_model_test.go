package importing_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/importing"
	"dagtilbudsregisteret.dk/shared/register"
)

// foresight is a model of what a tree does: plain rows in, plain rows out, and nothing of the code that is tested.
type foresight struct {
	rows   map[register.Number]register.Unit // before
	tree   *importing.Tree
	after  map[register.Number]register.Unit // the rows that had a number before, as they become
	fresh  []register.Unit                   // those that are created, in the order of their numbers: level by level
	wrong  []string                          // why the tree is refused
	seen   map[register.Number]bool
	passed map[register.Number]bool // the closed rows that are passed over
	root   register.Unit
	placed map[register.Number]register.Number // the enheder of the tree, and which daginstitution they stand below
}

func foresee(rows map[register.Number]register.Unit, tree *importing.Tree) *foresight {
	f := &foresight{rows: rows, tree: tree, after: maps.Clone(rows), seen: make(map[register.Number]bool), passed: make(map[register.Number]bool),
		placed: make(map[register.Number]register.Number)}
	f.root = tree.Unit
	f.row(&f.root, "", false)
	for i := range tree.Enheder {
		u := tree.Enheder[i].Unit
		f.row(&u, f.root.DaginstitutionsNummer, f.root.DaginstitutionsNummer == "")
		f.placed[u.EnhedsNummer] = f.root.DaginstitutionsNummer
	}
	for i := range tree.Enheder {
		enhed := tree.Enheder[i].Unit.EnhedsNummer
		for _, u := range tree.Enheder[i].Adresser {
			f.row(&u, enhed, enhed == "")
		}
	}
	f.comesAlong()
	f.closings()
	f.omitted()
	f.lawful()
	return f
}

func (f *foresight) refuse(format string, args ...any) {
	f.wrong = append(f.wrong, fmt.Sprintf(format, args...))
}

// row takes a row of the tree, whose parent has a number, or is new.
func (f *foresight) row(u *register.Unit, parent register.Number, newParent bool) {
	n := u.Number()
	stood, exists := f.rows[n]
	placed := n == "" || newParent || stood.Parent() != parent
	switch {
	case strings.TrimSpace(u.Navn) == "":
		f.refuse("%q has no name", n)
	case n == "":
	case f.seen[n] || f.passed[n]:
		f.refuse("%s stands twice", n)
	case !exists || stood.Level != u.Level:
		f.refuse("there is no %s", n)
	case stood.Aktivitetsstatus == register.Nedlagt && !placed && u.Version == stood.Version && register.SameContent(*u, stood):
		f.passed[n] = true
		return
	case stood.Aktivitetsstatus == register.Nedlagt:
		f.refuse("%s is closed", n)
	case stood.Version != u.Version:
		f.refuse("%s is at version %d", n, stood.Version)
	case placed && stood.DaginstitutionsNummer != f.root.DaginstitutionsNummer &&
		stood.AdmKommuneKode != f.root.AdmKommuneKode:
		f.refuse("%s comes from another municipality", n)
	}
	if placed && f.passed[parent] {
		f.refuse("%q would stand below what is closed", n)
	}
	if n != "" && u.Level != register.Daginstitution {
		u.DaginstitutionsNummer, u.AdmKommuneKode = f.root.DaginstitutionsNummer, f.root.AdmKommuneKode
		if u.Level == register.AlternativAdresse {
			u.EnhedsNummer = parent
		}
	}
	u.Navn, u.Aktivitetsstatus = strings.TrimSpace(u.Navn), register.Aktiv
	if n == "" {
		f.fresh = append(f.fresh, *u)
		return
	}
	f.seen[n], f.after[n] = true, *u
}

// comesAlong has rows that the tree does not name go where those above them go.
func (f *foresight) comesAlong() {
	for n, u := range f.after {
		if f.seen[n] {
			continue
		}
		_, belowOne := f.placed[u.EnhedsNummer]
		own := f.root.DaginstitutionsNummer != "" && u.DaginstitutionsNummer == f.root.DaginstitutionsNummer
		if own || belowOne && u.Level == register.AlternativAdresse {
			u.DaginstitutionsNummer, u.AdmKommuneKode = f.root.DaginstitutionsNummer, f.root.AdmKommuneKode
			f.after[n] = u
		}
	}
}

// inTree tells whether a row comes to stand below the daginstitution.
func (f *foresight) inTree(u *register.Unit) bool {
	_, placed := f.placed[u.EnhedsNummer]
	return u.Level != register.Daginstitution && u.DaginstitutionsNummer == f.root.DaginstitutionsNummer && (placed ||
		f.root.DaginstitutionsNummer != "")
}

func (f *foresight) closings() {
	for _, n := range f.tree.Nedlaegges {
		u, exists := f.after[n]
		switch {
		case f.seen[n]:
			f.refuse("%s is to stand there and to be closed", n)
		case !exists:
			f.refuse("there is no %s to close", n)
		case f.rows[n].Aktivitetsstatus == register.Nedlagt:
			f.refuse("%s is closed already", n)
		case !f.inTree(&u):
			f.refuse("%s stands elsewhere", n)
		}
		if exists {
			u.Aktivitetsstatus = register.Nedlagt
			f.seen[n], f.after[n] = true, u
		}
	}
}

func (f *foresight) omitted() {
	for n, u := range f.after {
		if !f.seen[n] && u.Aktivitetsstatus == register.Aktiv && f.inTree(&u) {
			f.refuse("%s is left out", n)
		}
	}
}

func (f *foresight) lawful() {
	tables := codes.Embedded()
	if _, known := tables.Kommuner.Lookup(f.root.AdmKommuneKode); !known {
		f.refuse("there is no municipality %d", f.root.AdmKommuneKode)
	}
	if f.passed[f.root.DaginstitutionsNummer] {
		return // nothing active stands below it
	}
	if !tables.LawfulPair(f.root.LovgrundlagKode, f.root.EjerformKode) {
		f.refuse("the daginstitution is unlawful")
	}
	for _, g := range f.tree.Enheder {
		if !f.passed[g.Unit.EnhedsNummer] && !tables.Lawful(f.root.LovgrundlagKode, f.root.EjerformKode, g.Unit.InstType3) {
			f.refuse("type %d is unlawful", g.Unit.InstType3)
		}
	}
}

// drawTree draws a tree of one of the daginstitutioner or of a new one, from the rows there are: most often one that could be so, and now
// and then one that could not.
func drawTree(t *rapid.T, rows map[register.Number]register.Unit) importing.Tree {
	d := &drawing{T: t, rows: rows, free: make(map[register.Number]bool)}
	var roots []register.Number
	for n, u := range rows {
		if u.Level == register.Daginstitution {
			roots = append(roots, n)
		}
		d.free[n] = u.Level != register.Daginstitution && (u.Aktivitetsstatus == register.Aktiv || !seldom(t, 3))
	}
	slices.Sort(roots)
	tree := importing.Tree{Unit: daginstitution("", inKommune(rapid.SampledFrom([]int{461, 461, 751}).Draw(t, "kommune")))}
	if !oneIn(t, 5) {
		tree.Unit = d.sent(rapid.SampledFrom(roots).Draw(t, "root"))
	}
	if oneIn(t, 6) {
		tree.Unit.AdmKommuneKode = 461 + 751 - tree.Unit.AdmKommuneKode
	}
	if seldom(t, 30) {
		tree.Unit.AdmKommuneKode = rapid.SampledFrom([]int{0, noKommune}).Draw(t, "no kommune")
	}
	form := rapid.SampledFrom([][3]int{{1, 1, 6011}, {1, 1, 6012}, {1, 5, 6013}, {3, 4, 6011}}).Draw(t, "form")
	relegate := oneIn(t, 3)
	if relegate {
		tree.Unit.EjerformKode, tree.Unit.LovgrundlagKode = form[0], form[1]
	}
	d.enheder(&tree, relegate, form[2])
	d.rest(&tree)
	return tree
}

// noKommune is the code of no municipality.
const noKommune = 999

// seldom is true once in n times, or less often: oneIn favours small numbers, and so its one.
func seldom(t *rapid.T, n int) bool { return rapid.IntRange(1, n).Draw(t, "seldom") == n-n/3 }

type drawing struct {
	*rapid.T
	rows map[register.Number]register.Unit
	free map[register.Number]bool // not in the tree yet
}

// sent gives a row as it is sent, changed now and then.
func (d *drawing) sent(n register.Number) register.Unit {
	u := asSent(d.rows[n])
	d.free[n] = false
	if oneIn(d.T, 6) {
		u.Navn = rapid.SampledFrom([]string{"Et navn", " Et andet "}).Draw(d.T, "navn")
	}
	if seldom(d.T, 60) {
		u.Version++
	}
	if seldom(d.T, 60) {
		u.Navn = " "
	}
	if seldom(d.T, 80) {
		d.free[n] = true // so that it may come again
	}
	return u
}

// left gives the rows that are not in the tree yet, of a level.
func (d *drawing) left(l register.Level) (numbers []register.Number) {
	for _, n := range slices.Sorted(maps.Keys(d.free)) {
		if d.free[n] && d.rows[n].Level == l {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

func (d *drawing) enheder(tree *importing.Tree, relegate bool, instType int) {
	for _, n := range d.left(register.Anvisningsenhed) {
		own := d.rows[n].DaginstitutionsNummer == tree.Unit.DaginstitutionsNummer
		if own && oneIn(d.T, 5) || !own && d.rows[n].Aktivitetsstatus == register.Nedlagt && !seldom(d.T, 20) || !own && !oneIn(d.T, 8) || !own && d.rows[n].AdmKommuneKode != tree.Unit.AdmKommuneKode && !oneIn(d.T, 6) {
			continue
		}
		tree.Enheder = append(tree.Enheder, importing.Gren{Unit: d.sent(n)})
	}
	for range rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(d.T, "new enheder") {
		tree.Enheder = append(tree.Enheder, importing.Gren{Unit: enhed("", "", named("Ny"))})
	}
	for i := range tree.Enheder {
		if u := &tree.Enheder[i].Unit; relegate && u.Aktivitetsstatus != register.Nedlagt && !seldom(d.T, 30) {
			u.InstType3 = instType
		}
	}
}

// rest gives the addresses their places, and closes what has none.
func (d *drawing) rest(tree *importing.Tree) {
	inTree := func(n register.Number) bool {
		return slices.ContainsFunc(tree.Enheder, func(g importing.Gren) bool { return g.Unit.EnhedsNummer == n })
	}
	for _, n := range d.left(register.AlternativAdresse) {
		u := d.rows[n]
		own := u.DaginstitutionsNummer == tree.Unit.DaginstitutionsNummer || inTree(u.EnhedsNummer)
		if len(tree.Enheder) == 0 || own && oneIn(d.T, 5) || !own && !seldom(d.T, 10) {
			continue
		}
		enhed := rapid.IntRange(0, len(tree.Enheder)-1).Draw(d.T, "enhed")
		if inTree(u.EnhedsNummer) && (!oneIn(d.T, 3) || u.Aktivitetsstatus == register.Nedlagt && !seldom(d.T, 20)) {
			enhed = slices.IndexFunc(tree.Enheder, func(g importing.Gren) bool { return g.Unit.EnhedsNummer == u.EnhedsNummer })
		}
		tree.Enheder[enhed].Adresser = append(tree.Enheder[enhed].Adresser, d.sent(n))
	}
	for i := range tree.Enheder {
		if oneIn(d.T, 6) {
			tree.Enheder[i].Adresser = append(tree.Enheder[i].Adresser, adresse("", ""))
		}
	}
	for _, n := range slices.Sorted(maps.Keys(d.rows)) {
		u := d.rows[n]
		mine := u.DaginstitutionsNummer == tree.Unit.DaginstitutionsNummer && u.Level != register.Daginstitution ||
			u.Level == register.AlternativAdresse && inTree(u.EnhedsNummer)
		if mine && d.free[n] && u.Aktivitetsstatus == register.Aktiv && !seldom(d.T, 40) || seldom(d.T, 200) {
			tree.Nedlaegges = append(tree.Nedlaegges, n)
		}
	}
	tree.Nedlaegges = rapid.Permutation(tree.Nedlaegges).Draw(d.T, "closings")
}

var treesRefused, treesWritten, rowsPassed atomic.Int64

// TestTreesAgainstAModel replaces one tree after another, as they are drawn, and holds what comes of each to the model: refused for a
// reason and nothing written, or written whole, and nothing but it.
func TestTreesAgainstAModel(t *testing.T) {
	t.Parallel()
	treesRefused.Store(0)
	treesWritten.Store(0)
	rowsPassed.Store(0)
	rapid.Check(t, func(t *rapid.T) {
		r := settled(t, 500)
		r.wantAll([]importing.Op{indlaes(enhed("G20014", "G20010")), indlaes(adresse("G20015", "G20014")), indlaes(adresse("G20016", "G20004")),
			indlaes(enhed("G20017", "G20000", withStatus(register.Nedlagt)))}, importing.Created)
		r.wantAll([]importing.Op{nedlaeg("G20003")}, importing.Changed)
		before := r.content()
		for range rapid.IntRange(1, 6).Draw(t, "trees") {
			tree := drawTree(t, before.rows)
			foreseen, next := foresee(before.rows, &tree), r.next()
			foretold := treeVerdict(r.replace(tree, importing.Options{DryRun: true}))
			wantSame(t, before, r.content())
			result := r.replace(tree, importing.Options{})
			wantLines(t, "foretold", foretold, treeVerdict(result))
			if refused := result.Outcome == importing.Refused; refused != (len(foreseen.wrong) > 0) {
				t.Fatalf("the model says %q\n%q\n%+v", foreseen.wrong, showTree(result), tree)
			}
			after := r.sound()
			if result.Outcome == importing.Refused {
				treesRefused.Add(1)
				wantSame(t, before, after)
				if now := r.next(); now != next {
					t.Errorf("a refused tree took %s", next)
				}
				continue
			}
			treesWritten.Add(1)
			rowsPassed.Add(int64(len(foreseen.passed)))
			r.wantForeseen(before, after, foreseen, &result, next)
			before = after
		}
	})
	if written, refused, passed := treesWritten.Load(), treesRefused.Load(), rowsPassed.Load(); written < 60 || refused < 60 || passed < 10 {
		t.Errorf("%d trees were written and %d refused, and %d closed rows passed over: too few to tell", written, refused, passed)
	}
}

// wantForeseen holds the register to what the model says a tree made of it.
func (r *registry) wantForeseen(before, after content, f *foresight, result *importing.TreeResult, next register.Number) {
	r.Helper()
	for n, want := range f.after {
		r.wantRow(before.rows[n], after.rows[n], want)
	}
	for _, want := range f.fresh {
		got := after.rows[next]
		want.DaginstitutionsNummer, want.EnhedsNummer, want.AdmKommuneKode = got.DaginstitutionsNummer, got.EnhedsNummer, f.root.AdmKommuneKode
		want.SetNumber(next)
		if !register.SameContent(got, want) || got.Version != 1 {
			r.Errorf("the new row is\n     %+v\nwant %+v", got, want)
		}
		next = following(next)
	}
	if now := r.next(); now != next {
		r.Errorf("the next number is %s, want %s", now, next)
	}
	if len(after.rows) != len(before.rows)+len(f.fresh) {
		r.Errorf("%d rows became %d, and %d are new", len(before.rows), len(after.rows), len(f.fresh))
	}
	r.wantAnswer(after, f, result)
}

// wantRow holds a row to what it was to become. Where that is what it was, it is the very row.
func (r *registry) wantRow(before, got, want register.Unit) {
	r.Helper()
	if want.DaginstitutionsNummer == "" { // that of the new one
		want.DaginstitutionsNummer = got.DaginstitutionsNummer
	}
	if want.Level == register.AlternativAdresse && want.EnhedsNummer == "" {
		want.EnhedsNummer = got.EnhedsNummer
	}
	if !register.SameContent(got, want) {
		r.Errorf("the row is\n     %+v\nwant %+v", got, want)
	}
	if register.SameContent(before, got) && before != got {
		r.Errorf("nothing was to be changed of\n     %+v\n but %+v", before, got)
	}
}

// wantAnswer holds the answer to the document and to the rows: the same rows in the same order, each below the one above it.
func (r *registry) wantAnswer(after content, f *foresight, result *importing.TreeResult) {
	r.Helper()
	var sent []register.Unit
	sent = append(sent, f.tree.Unit)
	for _, g := range f.tree.Enheder {
		sent = append(append(sent, g.Unit), g.Adresser...)
	}
	if len(result.Rows) != len(sent) || len(result.Closed) != len(f.tree.Nedlaegges) {
		r.Fatalf("sent %d rows and %d to close, answered %d and %d", len(sent), len(f.tree.Nedlaegges), len(result.Rows), len(result.Closed))
	}
	var enhed register.Number
	for i, got := range result.Rows {
		n := got.Number()
		if got.Level == register.Anvisningsenhed {
			enhed = n
		}
		if got != after.rows[n] || got.Level != sent[i].Level || got.Navn != strings.TrimSpace(sent[i].Navn) || sent[i].Number() != "" && sent[i].Number() != n ||
			got.Level == register.AlternativAdresse && got.EnhedsNummer != enhed || got.DaginstitutionsNummer != result.Unit.DaginstitutionsNummer {
			r.Errorf("row %d is answered\n     %+v\nsent %+v\nkept %+v", i, got, sent[i], after.rows[n])
		}
	}
	for i, got := range result.Closed {
		if got.Number() != f.tree.Nedlaegges[i] || got != after.rows[got.Number()] || got.Aktivitetsstatus != register.Nedlagt {
			r.Errorf("closed: %+v", got)
		}
	}
	active := 0
	for _, u := range after.rows {
		if u.DaginstitutionsNummer == result.Unit.DaginstitutionsNummer && u.Aktivitetsstatus == register.Aktiv {
			active++
		}
	}
	if active != len(sent)-len(f.passed) {
		r.Errorf("%d rows were sent and %d passed over, and %d are active in the tree", len(sent), len(f.passed), active)
	}
}

func following(n register.Number) register.Number {
	ordinal, _ := register.DefaultSeries.Ordinal(n)
	next, _ := register.DefaultSeries.Number(ordinal + 1)
	return next
}
