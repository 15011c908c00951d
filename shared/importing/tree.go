package importing

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// replacement is a tree on its way to a verdict. Every row takes effect first, unjudged and in the order of the changes, so that the
// workspace shows the whole tree as it is to be; then every row is judged there, by how it stood and how it would stand. A workspace
// that is refused is left with all that is in it.
//
// A row whose number leads nowhere goes on as one that is to be created, so that what else is wrong with it, and with what is below
// it, is found at once.
type replacement struct {
	*workspace
	sent     *Tree
	branches []*branch                   // each parent right before its children, as they were sent
	closings []*branch                   // in the order they were named
	named    map[register.Number]*branch // both, by the number they have or, provisionally, get
	along    []register.Number           // the rows that only come along, by path
}

// branch is one row of a tree.
type branch struct {
	draft
	above  *branch         // the row above; nil for the daginstitution, and for what is to be closed
	parent register.Number // the number of the unit above, as it was sent
	from   register.Unit   // the row as it is moved from below another unit; the zero Unit where it is not
	adrift bool            // its number leads nowhere
	passed bool            // it is closed, and was sent exactly as it stands: passed over, as though it had not been sent
}

func newReplacement(w *workspace, tree *Tree) *replacement {
	t := &replacement{workspace: w, sent: tree, named: make(map[register.Number]*branch)}
	root := t.add(nil, register.Daginstitution, tree.Unit, tree.At)
	root.op.Number, root.op.Ref = tree.Number, register.Daginstitution.String()
	if tree.Number != "" {
		root.op.Operation = validation.Ret
	}
	if len(tree.Expect) > 0 {
		root.op.Expect = tree.Expect
	}
	for i, g := range tree.Enheder {
		enhed := t.add(root, register.Anvisningsenhed, g.Unit, fmt.Sprintf("%s/anvisningsenheder/%d", tree.At, i))
		for k, u := range g.Adresser {
			t.add(enhed, register.AlternativAdresse, u, fmt.Sprintf("%s/alternativeAdresser/%d", enhed.op.At, k))
		}
	}
	for i, n := range tree.Nedlaegges {
		op := &Op{Operation: validation.Nedlaeg, Number: n, At: fmt.Sprintf("%s/nedlaegges/%d", tree.At, i)}
		t.closings = append(t.closings, &branch{draft: draft{workspace: w, op: op, inTree: true}})
	}
	return t
}

// add takes a row as it was sent.
func (t *replacement) add(above *branch, level register.Level, u register.Unit, at string) *branch {
	u.Level = level
	op := &Op{Operation: validation.Opret, Level: level, Unit: u, At: at, Ref: at, Findings: t.sent.Findings}
	if u.Number() != "" {
		op.Operation = validation.Ret
	}
	if u.Version != 0 {
		op.Expect = []int64{u.Version}
	}
	b := &branch{draft: draft{workspace: t.workspace, op: op, inTree: true}, above: above, parent: u.Parent()}
	t.branches = append(t.branches, b)
	return b
}

// carryOut has every row take effect.
func (t *replacement) carryOut() error {
	root := t.branches[0].op
	if n, ok := register.ParseNumber(string(cmp.Or(root.Number, root.Unit.Number()))); ok {
		if _, err := t.tree(n); err != nil { // which reads all of it at once
			return err
		}
	}
	for _, b := range slices.Concat(t.branches, t.closings) {
		if err := t.identify(b); err != nil {
			return err
		}
	}
	for _, step := range t.steps() {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// steps gives the order of the changes: what is new and what moves, each parent before its children, then what changes, then what closes,
// each child before its parent.
func (t *replacement) steps() (steps []func() error) {
	for _, level := range register.Levels {
		for _, b := range t.branches {
			if b.op.Level == level && !b.passed {
				steps = append(steps, func() error { return t.place(b) })
			}
		}
	}
	for _, b := range t.branches[1:] {
		if b.op.Operation == validation.Ret && !b.passed {
			steps = append(steps, b.takeEffect)
		}
	}
	for _, level := range slices.Backward(register.Levels[:]) {
		for _, b := range t.closings {
			if b.op.Level == level && !b.adrift {
				steps = append(steps, b.takeEffect)
			}
		}
	}
	return steps
}

// identify finds the row that a branch is about, as it stands.
func (t *replacement) identify(b *branch) error {
	n := cmp.Or(b.op.Number, b.op.Unit.Number())
	stored, found, err := t.stored(n)
	switch {
	case err != nil:
		return err
	case b.op.Operation == validation.Opret:
		b.versionAlone()
	case t.named[n] != nil:
		b.adrift = true
		b.find(validation.Trae, b.ownPointer(), "gentaget", fmt.Sprintf("%s står mere end én gang i træet.", n),
			fmt.Sprintf("%s stands more than once in the tree.", n))
	case found && b.op.Operation == validation.Nedlaeg:
		b.op.Level, b.op.Unit.Level = stored.Level, stored.Level
		t.named[n] = b
	case found && stored.Level == b.op.Level:
		t.named[n] = b
	default:
		b.adrift = true
		if !slices.ContainsFunc(t.sent.Findings, func(f validation.Finding) bool { return f.Rule == validation.ForkertType && f.Pointer == b.op.At }) {
			b.unknown(n)
		}
	}
	if b.adrift && b.op.Operation == validation.Ret {
		b.op.Operation, b.op.Number, b.op.Expect = validation.Opret, "", nil
		b.op.Unit.SetNumber("")
	}
	if b.op.Level != 0 {
		_, err = b.subject()
	}
	b.passed = b.asItStands()
	return err
}

// versionAlone says of a row without a number that it states a version, as only one that exists has; unless the number could not be read.
func (b *branch) versionAlone() {
	if len(b.op.Expect) > 0 && !b.unreadable(b.ownPointer()) {
		b.find(validation.Nummer, b.ownPointer(), "mangler",
			"Der er sendt en version uden et nummer. En række, der findes, har sit nummer med; en, der skal oprettes, har ingen version.",
			"A version was sent without a number. A row that exists comes with its number; one that is to be created has no version.")
	}
}

// asItStands tells whether a row is closed and was sent as such, in its place and with its content and its version.
func (b *branch) asItStands() bool {
	if b.stood.Aktivitetsstatus != register.Nedlagt || b.op.Operation != validation.Ret || !slices.Contains(b.op.Expect, b.stood.Version) {
		return false
	}
	if b.above != nil && b.above.number != b.stood.Parent() || b.parent != "" && b.parent != b.stood.Parent() {
		return false
	}
	sent := b.op.Unit
	validation.Normalize(&sent)
	if b.above != nil { // a row below says of its municipality and its place nothing but where it is sent
		sent.AdmKommuneKode, sent.DaginstitutionsNummer, sent.EnhedsNummer = b.stood.AdmKommuneKode, b.stood.DaginstitutionsNummer, b.stood.EnhedsNummer
	}
	sent.SetNumber(b.number)
	return register.SameContent(sent, b.stood)
}

// place puts a row below the one above it: by creating it, or by a move where it stands elsewhere. Of an existing daginstitution all that
// is below goes by what it becomes, so it is changed here.
func (t *replacement) place(b *branch) error {
	if b.above != nil {
		setParent(&b.op.Unit, b.above.number)
	}
	if b.op.Operation == validation.Ret && b.above != nil {
		stands, _, err := t.unit(b.number)
		if err == nil && stands.Parent() != b.above.number {
			err = t.move(b)
		}
		return err
	}
	err := b.takeEffect()
	t.named[b.number] = b
	return err
}

// move has a row move below the one above it.
func (t *replacement) move(b *branch) error {
	op := &Op{Operation: validation.Flyt, Level: b.op.Level, Number: b.number, Unit: register.Unit{Level: b.op.Level}}
	setParent(&op.Unit, b.above.number)
	m := &branch{draft: draft{workspace: t.workspace, op: op, inTree: true, number: b.number}}
	m.write.Operation = validation.Flyt
	err := m.takeEffect()
	b.from = m.write.Before
	return err
}

// takeEffect drafts a row from where it has come to stand, and lays it over the view unjudged.
func (b *branch) takeEffect() (err error) {
	if b.op.Operation != validation.Opret {
		if b.write.Before, _, err = b.unit(b.number); err != nil {
			return err
		}
	}
	if err := b.after(); err != nil {
		return err
	}
	if b.op.Level == register.Daginstitution || b.op.Operation == validation.Flyt { // which take along what is below them
		if err := b.gatherBelow(); err != nil {
			return err
		}
	}
	_, err = b.effect()
	if b.op.Ref != "" {
		b.refs[b.op.Ref] = b.number
	}
	return err
}

// judge judges every row where all of them have taken effect.
func (t *replacement) judge() error {
	for n := range t.rows {
		if b := t.named[n]; b == nil || b.passed {
			t.along = append(t.along, n)
		}
	}
	byPath := func(a, b register.Number) int {
		u, v := t.rows[a], t.rows[b]
		return strings.Compare(u.Path(), v.Path())
	}
	slices.SortFunc(t.along, byPath)
	for _, b := range slices.Concat(t.branches, t.closings) {
		if b.passed || b.op.Operation == validation.Nedlaeg && b.adrift {
			continue
		}
		if err := t.judgeRow(b); err != nil {
			return err
		}
	}
	t.forget()
	return t.omitted()
}

// forget leaves out what is said of a row because of a code of another row of the tree, where that code is what is wrong.
func (t *replacement) forget() {
	inDoubt := make(map[register.Number]bool)
	for _, b := range t.branches {
		inDoubt[b.number] = b.unreadable("/ejerformKode") || b.unreadable("/lovgrundlagKode") || b.unreadable("/instType3") ||
			slices.ContainsFunc(b.findings, func(f validation.Finding) bool {
				return f.Rule == validation.Ejerform || f.Rule == validation.Lovgrundlag || f.Rule == validation.InstType3
			})
	}
	for _, b := range t.branches {
		b.findings = slices.DeleteFunc(b.findings, func(f validation.Finding) bool {
			return f.Rule == validation.Krydsvalidering && inDoubt[f.Nummer] || f.Rule == validation.FlytningKommune && t.branches[0].nowhere
		})
	}
}

func (t *replacement) judgeRow(b *branch) (err error) {
	if b.above != nil {
		if b.write.Parent, _, err = t.unit(b.above.number); err != nil {
			return err
		}
	}
	b.nowhere = t.branches[0].nowhere
	if err := b.draft.judge(t.comingWith(b)); err != nil {
		return err
	}
	if b.from.Level != 0 {
		b.judgeMove()
	}
	for i := range b.findings {
		if b.findings[i].Pointer == parentPointer(b.op.Level) {
			b.findings[i].Pointer = "" // where it stands is said by where in the tree it was sent
		}
	}
	if b.above != nil && b.parent != "" && b.parent != b.above.number && b.parent != b.stood.Parent() {
		b.find(validation.Skrivebeskyttet, parentPointer(b.op.Level), "placering",
			fmt.Sprintf("%s er ikke nummeret på den institution, som rækken står under i træet.", register.Shown(string(b.parent))),
			fmt.Sprintf("%s is not the number of the institution that the row stands below in the tree.", register.Shown(string(b.parent))))
	}
	root := t.branches[0]
	if b.op.Operation == validation.Nedlaeg && !root.adrift && b.write.After.DaginstitutionsNummer != root.number {
		b.find(validation.Trae, "", "udenfor", fmt.Sprintf("%s ligger ikke under daginstitutionen og kan ikke nedlægges sammen med den.", b.number),
			fmt.Sprintf("%s does not stand below the daginstitution and cannot be closed along with it.", b.number))
	}
	return nil
}

// judgeMove adds what stands against a move itself, beside what stands against the row as it becomes.
func (b *branch) judgeMove() {
	w := b.write
	w.Operation, w.Before = validation.Flyt, b.from
	for _, f := range b.run.service.Checker.Check(nil, &w) {
		if !f.Rule.Gaelder(b.op.Operation, b.op.Level, w.Version) {
			b.findings = append(b.findings, f)
		}
	}
}

// comingWith gives the rows that come along with a branch though the tree does not name them, as they were and as they become.
func (t *replacement) comingWith(b *branch) iter.Seq2[register.Unit, register.Unit] {
	return func(yield func(register.Unit, register.Unit) bool) {
		for _, n := range t.along {
			efter, foer := t.rows[n], t.read[n]
			above := t.branches[0]
			if enhed := t.named[efter.EnhedsNummer]; enhed != nil && !enhed.passed && efter.Level == register.AlternativAdresse {
				above = enhed
			}
			if above == b && !yield(foer, efter) {
				return
			}
		}
	}
}

// omitted finds what is active below the daginstitution and not named. Where part of the tree could not be read, it may have been.
func (t *replacement) omitted() error {
	unread := func(f validation.Finding) bool {
		return f.Rule == validation.ForkertType || f.Rule == validation.UkendtFelt
	}
	root := t.branches[0]
	stands, _, err := t.unit(root.number)
	if err != nil || slices.ContainsFunc(t.sent.Findings, unread) {
		return err
	}
	below, err := t.below(&stands)
	for _, u := range below {
		n := u.Number()
		if t.named[n] != nil || u.Aktivitetsstatus != register.Aktiv {
			continue
		}
		f := validation.Udeladt.Finding(t.placeFor(&u), "udeladt", register.Text{
			Da: fmt.Sprintf("%s »%s« er aktiv under daginstitutionen og nævnes ikke. %s", n, u.Navn, validation.Udeladt.Beskrivelse.Da),
			En: fmt.Sprintf("%s “%s” is active below the daginstitution and is not named. %s", n, u.Navn, validation.Udeladt.Beskrivelse.En),
		})
		f.Nummer = n
		root.findings = append(root.findings, f)
	}
	return err
}

// placeFor gives the pointer of the list in which a row that is not named could be: from the daginstitution, as its own findings are.
func (t *replacement) placeFor(u *register.Unit) string {
	enhed := t.named[u.EnhedsNummer]
	switch {
	case u.Level != register.AlternativAdresse || enhed == nil:
		return "/anvisningsenheder"
	case enhed.op.Operation == validation.Nedlaeg:
		return "/nedlaegges"
	}
	return strings.TrimPrefix(enhed.op.At, t.sent.At) + "/alternativeAdresser"
}

// result gives the verdict, and leaves each row's with the workspace. Of a tree that is refused the error is errRefused.
func (t *replacement) result() (TreeResult, error) {
	root := t.branches[0]
	all := slices.Clone(t.sent.Findings)
	for _, b := range slices.Concat(t.branches, t.closings) {
		b.point()
		all = append(all, b.findings...)
	}
	if validation.Blocking(all) {
		return TreeResult{Result: Result{Outcome: Refused, Findings: all, kommune: root.kommune(), nummer: root.stood.Number()}}, errRefused
	}
	result := TreeResult{Result: Result{Outcome: Unchanged}}
	switch {
	case root.op.Operation == validation.Opret:
		result.Outcome = Created
	case len(t.changes) > 0:
		result.Outcome = Changed
	}
	for _, b := range slices.Concat(t.branches, t.closings) {
		u, _, err := t.unit(b.number)
		if err != nil {
			return result, err
		}
		t.results = append(t.results, Result{Outcome: result.Outcome, Unit: u, Findings: b.findings})
	}
	return result, nil
}

// shown takes into the verdict what the workspace came to know of the rows.
func (t *replacement) shown(result TreeResult) TreeResult {
	for i, r := range t.results {
		if i < len(t.branches) {
			result.Rows = append(result.Rows, r.Unit)
		} else {
			result.Closed = append(result.Closed, r.Unit)
		}
		result.Findings = append(result.Findings, r.Findings...)
	}
	result.Unit = result.Rows[0]
	return result
}
