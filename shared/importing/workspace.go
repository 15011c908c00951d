package importing

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// workspace is the register as a transaction in the making sees it: the engine's view, with what the transaction's earlier
// operations did laid over it.
type workspace struct {
	run     *run
	tx      register.Tx
	results []Result

	read    map[register.Number]register.Unit            // as they stand, of those that were read
	whole   map[register.Number][]register.Unit          // the same, of daginstitutioner with all that is below them
	rows    map[register.Number]register.Unit            // as changed so far
	trees   map[register.Number]map[register.Number]bool // the changed rows of each daginstitution
	names   map[nameKey][]register.Number                // the changed rows of each name
	changes []register.Change                            // in the order they are to be written
	created []register.Number                            // provisional numbers, in order of need
	latest  map[int]time.Time                            // when the transaction's latest change was made, by municipality
	refs    map[string]register.Number                   // what this transaction adds to the run's
	keep    []receipt
}

// step is a unit at one of its versions.
type step struct {
	number  register.Number
	version int64
}

// receipt is to be kept for a result.
type receipt struct {
	result int
	op     *Op
}

type nameKey struct {
	kommune int
	level   register.Level
	navn    string
}

// workspace begins a transaction. A dry run goes on from what its earlier transactions would have written.
func (r *run) workspace(tx register.Tx) *workspace {
	w := &workspace{run: r, tx: tx, latest: make(map[int]time.Time), refs: make(map[string]register.Number),
		read: make(map[register.Number]register.Unit), whole: make(map[register.Number][]register.Unit)}
	if r.dry == nil {
		w.rows = make(map[register.Number]register.Unit)
		w.trees = make(map[register.Number]map[register.Number]bool)
		w.names = make(map[nameKey][]register.Number)
		return w
	}
	w.rows, w.trees, w.names, w.created = r.dry.rows, r.dry.trees, r.dry.names, r.dry.created
	return w
}

func provisional(n register.Number) bool { return strings.HasPrefix(string(n), "#") }

// provisionalNumber names a unit that is to be created until its number is issued: by the caller's own ref, so that texts that
// name it mean something to the caller.
func (w *workspace) provisionalNumber(ref string) register.Number {
	taken := func(n register.Number) bool {
		_, taken := w.rows[n]
		return taken || n == "#"
	}
	n := register.Number("#" + ref)
	for i := len(w.created) + 1; taken(n); i++ {
		n = register.Number("#" + ref + "#" + strconv.Itoa(i))
	}
	w.created = append(w.created, n)
	return n
}

// resolve gives the number behind "#<ref>", and other numbers as they are.
func (w *workspace) resolve(n register.Number) (register.Number, bool) {
	ref, isRef := strings.CutPrefix(string(n), "#")
	if !isRef {
		return n, true
	}
	if named, ok := w.refs[ref]; ok {
		return named, named != ""
	}
	named := w.run.refs[ref]
	return named, named != ""
}

// unit gives a row; found is false where there is none.
func (w *workspace) unit(n register.Number) (u register.Unit, found bool, err error) {
	if u, ok := w.rows[n]; ok {
		return u, true, nil
	}
	return w.stored(n)
}

// stored gives a row as it stood before the transaction. Nothing that was read changes before it ends, so it is read once.
func (w *workspace) stored(n register.Number) (u register.Unit, found bool, err error) {
	if u, ok := w.read[n]; ok {
		return u, true, nil
	}
	if _, wellFormed := register.ParseNumber(string(n)); !wellFormed {
		return u, false, nil
	}
	u, err = w.tx.Unit(n)
	if register.KindOf(err) == register.NotFound {
		return u, false, nil
	}
	if err == nil {
		w.read[n] = u
	}
	return u, err == nil, err
}

// tree gives a daginstitution and all below it as they stood before the transaction; nothing where there is none.
func (w *workspace) tree(n register.Number) ([]register.Unit, error) {
	if tree, ok := w.whole[n]; ok {
		return tree, nil
	}
	tree, err := w.tx.Tree(n)
	if err != nil && register.KindOf(err) != register.NotFound {
		return nil, err
	}
	for _, u := range tree {
		w.read[u.Number()] = u
	}
	w.whole[n] = tree
	return tree, nil
}

// below gives the rows below a unit, closed ones too, by path.
func (w *workspace) below(u *register.Unit) ([]register.Unit, error) {
	var rows []register.Unit
	if !provisional(u.DaginstitutionsNummer) {
		stored, err := w.tree(u.DaginstitutionsNummer)
		if err != nil {
			return nil, err
		}
		for i := range stored {
			if _, changed := w.rows[stored[i].Number()]; !changed && stored[i].Below(u.Number()) {
				rows = append(rows, stored[i])
			}
		}
	}
	for n := range w.trees[u.DaginstitutionsNummer] {
		if row := w.rows[n]; row.Below(u.Number()) {
			rows = append(rows, row)
		}
	}
	slices.SortFunc(rows, func(a, b register.Unit) int { return strings.Compare(a.Path(), b.Path()) })
	return rows, nil
}

// namesakes gives the other active units of the same level, municipality and name.
func (w *workspace) namesakes(u *register.Unit) ([]register.Unit, error) {
	stored, err := w.tx.Namesakes(u.AdmKommuneKode, u.Level, u.Navn)
	if err != nil {
		return nil, err
	}
	found := slices.DeleteFunc(stored, func(row register.Unit) bool {
		_, changed := w.rows[row.Number()]
		return changed || row.Number() == u.Number()
	})
	key := keyOf(u)
	for _, n := range w.names[key] {
		if row := w.rows[n]; n != u.Number() && row.Aktivitetsstatus == register.Aktiv && keyOf(&row) == key {
			found = append(found, row)
		}
	}
	return found, nil
}

// earlier gives those of a unit's namesakes that stood as they do before it did.
func (w *workspace) earlier(namesakes []register.Unit, u *register.Unit) []register.Unit {
	turn := func(n register.Number) int { return slices.Index(w.names[keyOf(u)], n) }
	_, isNew := w.rows[u.Number()]
	return slices.DeleteFunc(namesakes, func(row register.Unit) bool {
		_, rowIsNew := w.rows[row.Number()]
		if isNew && rowIsNew {
			return turn(row.Number()) > turn(u.Number())
		}
		return rowIsNew || !isNew && row.Position.Nr > u.Position.Nr
	})
}

func keyOf(u *register.Unit) nameKey {
	return nameKey{u.AdmKommuneKode, u.Level, register.NameKey(u.Navn)}
}

// write lays a change over the view and asks for it to be written.
func (w *workspace) write(art register.Art, aarsag register.Aarsag, foer, efter register.Unit) {
	n := efter.Number()
	if foer.Level != 0 {
		delete(w.trees[foer.DaginstitutionsNummer], n)
	}
	w.rows[n] = efter
	tree := w.trees[efter.DaginstitutionsNummer]
	if tree == nil {
		tree = make(map[register.Number]bool)
		w.trees[efter.DaginstitutionsNummer] = tree
	}
	tree[n] = true
	if key := keyOf(&efter); !slices.Contains(w.names[key], n) {
		w.names[key] = append(w.names[key], n)
	}
	o := &w.run.options
	w.changes = append(w.changes, register.Change{
		Art: art, Aarsag: aarsag, ImportID: o.ImportID, Foer: foer, Efter: efter, Af: o.Actor, Tid: efter.SenestOpdateret,
	})
}

// finish writes what was decided, or leaves it.
func (w *workspace) finish() error {
	refused := func(r Result) bool { return r.Outcome == Refused }
	if w.run.options.Strict && slices.ContainsFunc(w.results, refused) {
		return errRefused
	}
	if w.run.options.DryRun {
		return w.finishDry()
	}
	issued, err := w.issue()
	if err != nil {
		return err
	}
	written := make(map[step]register.Position)
	for i := range w.changes {
		if err := w.writeOne(&w.changes[i], issued, written); err != nil {
			return err
		}
	}
	w.showNumbers(issued, written)
	w.keepReceipts()
	return nil
}

// showNumbers puts what the transaction came to know, numbers and positions, into the answers and the refs.
func (w *workspace) showNumbers(issued map[register.Number]register.Number, written map[step]register.Position) {
	for i := range w.results {
		u := &w.results[i].Unit
		renumber(u, issued)
		if at, ok := written[step{u.Number(), u.Version}]; ok {
			u.Position = at
		}
		if n, ok := issued[w.results[i].nummer]; ok {
			w.results[i].nummer = n
		}
		for k := range w.results[i].Findings {
			renumberFinding(&w.results[i].Findings[k], issued)
		}
	}
	for ref, n := range w.refs {
		if provisional(n) {
			w.refs[ref] = issued[n]
		}
	}
}

// finishDry takes the provisional numbers out of the answers: they mean nothing to the caller.
func (w *workspace) finishDry() error {
	for i := range w.results {
		renumber(&w.results[i].Unit, nil)
	}
	return errDryRun
}

// issue takes a number for each unit that is created: never one that another line of the transaction loads a unit under.
func (w *workspace) issue() (map[register.Number]register.Number, error) {
	issued := make(map[register.Number]register.Number, len(w.created))
	for len(issued) < len(w.created) {
		numbers, err := w.tx.Issue(len(w.created) - len(issued))
		if err != nil {
			return nil, err
		}
		for _, n := range numbers {
			if _, loaded := w.rows[n]; !loaded {
				issued[w.created[len(issued)]] = n
			}
		}
	}
	return issued, nil
}

// writeOne writes one change under its real numbers and notes where it stands.
func (w *workspace) writeOne(c *register.Change, issued map[register.Number]register.Number, written map[step]register.Position) error {
	renumber(&c.Foer, issued)
	renumber(&c.Efter, issued)
	n := c.Efter.Number()
	if at, again := written[step{n, c.Foer.Version}]; again {
		c.Foer.Position = at
	}
	position, err := w.tx.Write(*c)
	written[step{n, c.Efter.Version}] = position
	return err
}

// renumber puts issued numbers where provisional ones stand.
func renumber(u *register.Unit, issued map[register.Number]register.Number) {
	for _, n := range []*register.Number{&u.DaginstitutionsNummer, &u.EnhedsNummer, &u.AlternativAdresseNummer} {
		if provisional(*n) {
			*n = issued[*n]
		}
	}
}

// renumberFinding does the same to a finding about a unit that has been created since.
func renumberFinding(f *validation.Finding, issued map[register.Number]register.Number) {
	if n, ok := issued[f.Nummer]; ok {
		f.Tekst.Da = strings.Replace(f.Tekst.Da, string(f.Nummer), string(n), 1)
		f.Tekst.En = strings.Replace(f.Tekst.En, string(f.Nummer), string(n), 1)
		f.Nummer = n
	}
}

// keepReceipts remembers what was answered to operations with an idempotency key.
func (w *workspace) keepReceipts() {
	for _, k := range w.keep {
		result := &w.results[k.result]
		w.tx.Keep(register.Receipt{
			Key: k.op.Key, Hash: k.op.Hash, Position: result.Unit.Position, Number: result.Unit.Number(),
			Created: result.Outcome == Created, Answer: validation.Encode(result.Findings),
		})
	}
}
