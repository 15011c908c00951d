package importing_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/importing"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// bevilling is a right in the model, which counts days from the first and knows nothing of the code that is tested.
type bevilling struct {
	kommune    int
	nummer     register.Number
	niveau     register.Level // 0 for all
	ejerform   int            // 0 for all, and for an owner private ones
	from, to   int
	revoked    bool
	revokedDay int
}

// party is a user in the model.
type party struct {
	navn   string
	cvr    string // of an owner; vendors have none
	rights []bevilling
}

func (p *party) owner() bool { return p.cvr != "" }

// covers tells whether a party may write to a row whose daginstitution is run in an ejerform, on a day.
func (p *party) covers(u *register.Unit, ejerform, day int) bool {
	if p.owner() && u.CVRNummer != "" && u.CVRNummer != p.cvr {
		return false
	}
	return slices.ContainsFunc(p.rights, func(b bevilling) bool {
		place := b.kommune == u.AdmKommuneKode
		wanted := b.ejerform
		if p.owner() {
			place = slices.Contains([]register.Number{u.DaginstitutionsNummer, u.EnhedsNummer, u.AlternativAdresseNummer}, b.nummer)
			if wanted == 0 {
				wanted = 3
			}
		}
		return place && !b.revoked && b.from <= day && day <= b.to && (b.niveau == 0 || b.niveau == u.Level) && (wanted == 0 || wanted == ejerform)
	})
}

// places tells whether a party may have a row come to stand where it does: an owner below its own ones only.
func (p *party) places(foer, efter *register.Unit, day int) bool {
	if !p.owner() || foer.Level != 0 && foer.Parent() == efter.Parent() {
		return true
	}
	return slices.ContainsFunc(p.rights, func(b bevilling) bool {
		above := b.nummer != efter.Number() && (b.nummer == efter.DaginstitutionsNummer || b.nummer == efter.EnhedsNummer)
		return above && !b.revoked && b.from <= day && day <= b.to
	})
}

// user is the party as the code that is tested is told of it.
func (p *party) user() access.User {
	u := access.User{Navn: p.navn, Rolle: access.Leverandoer, Forbindelse: access.Levere, CVRNummer: p.cvr}
	if p.owner() {
		u.Rolle = access.Ejer
	}
	for _, b := range p.rights {
		g := access.Grant{Kommune: b.kommune, Nummer: b.nummer, Fra: dayNr(b.from), Til: dayNr(b.to)}
		if b.niveau != 0 {
			g.Niveauer = []register.Level{b.niveau}
		}
		if b.ejerform != 0 {
			g.Ejerformer = []int{b.ejerform}
		}
		if b.revoked {
			g.Tilbagekaldt = noon(b.revokedDay)
		}
		u.Grants = append(u.Grants, g)
	}
	return u
}

func noon(day int) time.Time {
	return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC).AddDate(0, 0, day)
}
func dayNr(day int) access.Day { return access.Day(noon(day).Format(time.DateOnly)) }

// world is a registry, the parties that write to it, and how far its logs have been looked through.
type world struct {
	*rapid.T
	*registry
	day     int
	parties []*party
	seen    map[int]int64 // how much of each municipality's log
	roots   map[place]root
	latest  map[register.Number]register.Unit // the rows, as the logs tell
}

// root is the ejerform of a daginstitution before and after its latest change in a municipality's log, and whether it left by it.
type root struct {
	before, after int
	left          bool
}

type place struct {
	kommune int
	nummer  register.Number
}

// refusedWrites and writes count, so that the test can tell whether it has tried anything.
var refusedWrites, writes atomic.Int64

// TestNobodyWritesWithoutAGrant has two vendors and an owner be granted rights and lose them, days go by, and all three write. What is
// changed was theirs to change, before and after; and what is theirs to change and lawful is not refused for want of a right.
func TestNobodyWritesWithoutAGrant(t *testing.T) {
	t.Parallel()
	refusedWrites.Store(0)
	writes.Store(0)
	rapid.Check(t, func(t *rapid.T) {
		r := settled(t, rapid.SampledFrom(chunks).Draw(t, "chunk"))
		r.wantAll([]importing.Op{ret(daginstitution("G20010", runAs(3, 4)))}, importing.Changed)
		r.wantAll([]importing.Op{
			indlaes(daginstitution("G20030", runAs(3, 4), inKommune(751))), indlaes(enhed("G20031", "G20030")), indlaes(enhed("G20032", "G20010")),
		}, importing.Created)
		w := &world{T: t, registry: r, parties: []*party{
			{navn: "os", rights: drawRights(t)}, {navn: "andre", rights: drawRights(t)},
			{navn: "ejer", cvr: ownCVR, rights: []bevilling{{nummer: "G20010", to: 10}, {nummer: "G20031", to: 10}}},
		},
			seen: make(map[int]int64), roots: make(map[place]root), latest: make(map[register.Number]register.Unit)}
		w.changes(func(register.Change) {}) // those of drift, before anybody else came
		for range rapid.IntRange(10, 40).Draw(t, "acts") {
			w.act()
		}
		r.sound()
	})
	if n, refused := writes.Load(), refusedWrites.Load(); n < 100 || refused < 100 {
		t.Errorf("%d rows were changed and %d writes refused for want of a right: too few to tell", n, refused)
	}
}

// drawRights draws what a vendor is granted before anything else: enough to write by, and never all of it.
func drawRights(t *rapid.T) []bevilling {
	return slices.Clone(rapid.SampledFrom([][]bevilling{
		{{kommune: 461, to: 10}},
		{{kommune: 461, ejerform: 1, to: 10}, {kommune: 751, ejerform: 3, to: 10}},
		{{kommune: 461, niveau: register.Daginstitution, to: 10}, {kommune: 751, to: 10}},
		{{kommune: 461, niveau: register.Daginstitution, to: 10}, {kommune: 461, ejerform: 1, to: 10}},
	}).Draw(t, "rights"))
}

// act grants, revokes, lets days go by, or writes; the writes are most.
func (w *world) act() {
	w.registry.now = noon(w.day)
	p := rapid.SampledFrom(w.parties).Draw(w.T, "party")
	switch act := rapid.IntRange(0, 13).Draw(w.T, "act"); {
	case act <= 1:
		p.rights = append(p.rights, w.drawGrant(p))
	case act == 2 && len(p.rights) > 0:
		b := &p.rights[rapid.IntRange(0, len(p.rights)-1).Draw(w.T, "revoked")]
		b.revoked, b.revokedDay = true, w.day
	case act == 3:
		w.day += rapid.IntRange(1, 3).Draw(w.T, "days")
	case act <= 8:
		w.writeOne(p)
	case act <= 10:
		w.writeTree(p)
	default:
		w.writeMany(p)
	}
}

func (w *world) drawGrant(p *party) bevilling {
	from := w.day + rapid.IntRange(-2, 1).Draw(w.T, "from")
	b := bevilling{from: from, to: from + rapid.IntRange(0, 20).Draw(w.T, "length")}
	if p.owner() {
		b.nummer = rapid.SampledFrom(w.numbers()).Draw(w.T, "of")
	} else {
		b.kommune = rapid.SampledFrom([]int{461, 461, 751}).Draw(w.T, "from")
	}
	if oneIn(w.T, 4) {
		b.niveau = rapid.SampledFrom(register.Levels[:]).Draw(w.T, "level")
	}
	if oneIn(w.T, 3) {
		b.ejerform = rapid.SampledFrom([]int{1, 3}).Draw(w.T, "ejerform")
	}
	return b
}

// numbers gives those of all units.
func (w *world) numbers() []register.Number { return slices.SortedFunc(maps.Keys(w.latest), compare) }

// drawWrite draws an operation on some of the units, most often one that is sound.
func (w *world) drawWrite(some []register.Number) importing.Op {
	numbers := rapid.SampledFrom(append(some, "G20000", "G20000", "G20000", "G20001", "G20001")) // which have units below them
	u, other := w.latest[numbers.Draw(w.T, "unit")], w.latest[numbers.Draw(w.T, "other")]
	cvr := rapid.SampledFrom([]string{"", "", ownCVR, otherCVR}).Draw(w.T, "cvr")
	switch rapid.IntRange(0, 9).Draw(w.T, "write") {
	case 0:
		return opret(daginstitution("", inKommune(w.drawKommune()), w.drawForm()))
	case 1:
		return opret(enhed("", other.DaginstitutionsNummer, func(u *register.Unit) { u.CVRNummer = cvr }))
	case 2:
		return opret(adresse("", other.EnhedsNummer, func(u *register.Unit) { u.CVRNummer = cvr }))
	case 3:
		return importing.Op{Operation: validation.Nedlaeg, Level: u.Level, Number: u.Number()}
	case 4, 5:
		op := importing.Op{Operation: validation.Flyt, Level: u.Level, Number: u.Number(), Unit: register.Unit{Level: u.Level}}
		op.Unit.DaginstitutionsNummer, op.Unit.EnhedsNummer = other.DaginstitutionsNummer, other.EnhedsNummer
		return op
	case 6:
		return indlaes(daginstitution(rapid.SampledFrom([]register.Number{"G20000", "D00001", "D00002"}).Draw(w.T, "loaded")))
	}
	if u.Level != register.Daginstitution {
		u.CVRNummer, u.Aktivitetsstatus = cvr, 0
		if oneIn(w.T, 2) {
			u.Navn += "."
		}
		return ret(u)
	}
	if oneIn(w.T, 2) {
		u.AdmKommuneKode = w.drawKommune()
	}
	if oneIn(w.T, 2) {
		w.drawForm()(&u)
	}
	u.Aktivitetsstatus = 0
	return ret(u)
}

func (w *world) drawKommune() int {
	return rapid.SampledFrom([]int{461, 751, 461, 751, 461, 751, noKommune, 0}).Draw(w.T, "kommune")
}

// wantNoRightToNowhere holds findings to that nobody is told to be granted a right by a municipality that does not exist.
func (w *world) wantNoRightToNowhere(findings []validation.Finding) {
	for _, f := range findings {
		if f.Rule == validation.Adgang && (strings.Contains(f.Tekst.Da, "kommune 0.") || strings.Contains(f.Tekst.Da, fmt.Sprintf("kommune %d.", noKommune))) {
			w.Fatalf("%+v", f)
		}
	}
}

func (w *world) drawForm() func(*register.Unit) {
	return rapid.SampledFrom([]func(*register.Unit){runAs(1, 1), runAs(3, 4)}).Draw(w.T, "form")
}

// writeOne writes one operation, and where it is refused for want of a right, has drift do it, to see what it would have changed: some
// of that was not the party's.
func (w *world) writeOne(p *party) {
	op := w.drawWrite(w.numbers())
	result := w.try([]importing.Op{op}, w.by(p.user()))[0]
	w.wantNoRightToNowhere(result.Findings)
	denied := slices.ContainsFunc(result.Findings, func(f validation.Finding) bool { return f.Rule == validation.Adgang })
	if !denied {
		if op.Operation == validation.Indlaes {
			w.Fatalf("%s loads: %s", p.navn, show(result))
		}
		w.changes(func(c register.Change) { w.wantCovered(p, c) })
		return
	}
	w.changes(func(c register.Change) { w.Fatalf("%s was refused, and wrote %+v", p.navn, c) })
	refusedWrites.Add(1)
	forced := w.run([]importing.Op{op}, importing.Options{})[0]
	foreign := forced.Outcome == importing.Refused || op.Operation == validation.Indlaes
	if forced.Outcome == importing.Unchanged {
		u := forced.Unit
		foreign = foreign || !p.covers(&u, w.roots[place{u.AdmKommuneKode, u.DaginstitutionsNummer}].after, w.day)
	}
	w.changes(func(c register.Change) { foreign = foreign || w.uncovered(p, c) != "" })
	if !foreign {
		w.Fatalf("on day %d %s was refused what is its own by %+v: %s\n%+v\n%+v", w.day, p.navn, p.rights, show(result), op, forced)
	}
}

// writeMany writes several operations at once, some of them below what an earlier one creates.
func (w *world) writeMany(p *party) {
	ops := make([]importing.Op, rapid.IntRange(2, 5).Draw(w.T, "operations"))
	some := w.numbers()
	if oneIn(w.T, 2) {
		some = nil // all about one tree
	}
	for i := range ops {
		ops[i] = as(w.drawWrite(some), ref(fmt.Sprint(i)))
		if earlier := register.Number(fmt.Sprint("#", i-1)); i > 0 && oneIn(w.T, 3) {
			ops[i].Unit.DaginstitutionsNummer, ops[i].Unit.EnhedsNummer = earlier, earlier
			ops[i].Unit.SetNumber(ops[i].Number)
		}
	}
	o := w.by(p.user())
	o.Strict = oneIn(w.T, 4)
	for _, result := range w.try(ops, o) {
		w.wantNoRightToNowhere(result.Findings)
	}
	w.changes(func(c register.Change) { w.wantCovered(p, c) })
}

// writeTree replaces a tree. What it changes is judged by the rows before and after, whatever the steps between.
func (w *world) writeTree(p *party) {
	tree, before, roots := drawTree(w.T, w.latest), maps.Clone(w.latest), maps.Clone(w.roots)
	foreign := func(result importing.TreeResult) register.Number {
		numbers := make(map[register.Number]bool)
		w.changes(func(c register.Change) { numbers[c.Efter.Number()] = true })
		for _, u := range slices.Concat(result.Rows, result.Closed) {
			numbers[u.Number()] = true
		}
		for n := range numbers {
			foer, efter := before[n], w.latest[n]
			if foer == efter && foer.Aktivitetsstatus == register.Nedlagt {
				continue // it was passed over
			}
			writes.Add(1)
			if foer.Level != 0 && !p.covers(&foer, roots[place{foer.AdmKommuneKode, foer.DaginstitutionsNummer}].after, w.day) ||
				!p.covers(&efter, w.roots[place{efter.AdmKommuneKode, efter.DaginstitutionsNummer}].after, w.day) ||
				!p.places(&foer, &efter, w.day) || p.owner() && foer.Level != 0 && foer.AdmKommuneKode != efter.AdmKommuneKode {
				return n
			}
		}
		return ""
	}
	result := w.tryTree(tree, w.by(p.user()))
	w.wantNoRightToNowhere(result.Findings)
	if !slices.ContainsFunc(result.Findings, func(f validation.Finding) bool { return f.Rule == validation.Adgang }) {
		if n := foreign(result); n != "" && result.Outcome != importing.Refused {
			w.Fatalf("on day %d %s wrote %s, which was not its own, by %+v\n%q", w.day, p.navn, n, p.rights, showTree(result))
		}
		return
	}
	w.changes(func(c register.Change) { w.Fatalf("%s was refused, and wrote %+v", p.navn, c) })
	refusedWrites.Add(1)
	forced := w.replace(tree, importing.Options{})
	if n := foreign(forced); n == "" && forced.Outcome != importing.Refused {
		w.Fatalf("on day %d %s was refused what is its own by %+v: %q\n%q", w.day, p.navn, p.rights, showTree(result), showTree(forced))
	}
}

func (w *world) wantCovered(p *party, c register.Change) {
	writes.Add(1)
	if side := w.uncovered(p, c); side != "" || c.Af.User != p.navn {
		w.Fatalf("on day %d %s wrote what was not its own %s, by %+v\n%+v", w.day, p.navn, side, p.rights, c)
	}
}

// uncovered tells on which side a change, where its log tells of it, was not a party's to make.
func (w *world) uncovered(p *party, c register.Change) string {
	at := w.roots[place{c.Position.Kommune, c.Foer.DaginstitutionsNummer}]
	ejerform := at.after
	if at.left || c.Foer.Level == register.Daginstitution {
		ejerform = at.before
	}
	if c.Foer.Level != 0 && c.Foer.AdmKommuneKode == c.Position.Kommune && !p.covers(&c.Foer, ejerform, w.day) {
		return "before"
	}
	after := w.roots[place{c.Position.Kommune, c.Efter.DaginstitutionsNummer}].after
	if c.Efter.AdmKommuneKode == c.Position.Kommune && !p.covers(&c.Efter, after, w.day) {
		return "after"
	}
	if !p.places(&c.Foer, &c.Efter, w.day) {
		return "after, below another's"
	}
	if p.owner() && c.LeavesKommune() {
		return "after, in another municipality"
	}
	return ""
}

// changes goes on through the logs, and keeps what they tell of the daginstitutioner.
func (w *world) changes(each func(register.Change)) {
	positions, err := w.Store.Positions(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	for _, p := range positions {
		for c, err := range w.Store.Changes(w.Context(), register.Position{Kommune: p.Kommune, Nr: w.seen[p.Kommune]}) {
			if err != nil {
				w.Fatal(err)
			}
			w.seen[p.Kommune] = c.Position.Nr
			if c.Efter.Level == register.Daginstitution {
				w.roots[place{p.Kommune, c.Efter.Number()}] = root{c.Foer.EjerformKode, c.Efter.EjerformKode, c.Efter.AdmKommuneKode != p.Kommune}
			}
			if c.Efter.AdmKommuneKode == p.Kommune && c.Efter.Version > w.latest[c.Efter.Number()].Version {
				w.latest[c.Efter.Number()] = c.Efter
			}
			each(c)
		}
	}
}
