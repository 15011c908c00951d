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

// draft is an operation on its way to a verdict: it finds its subject, drafts the row, is judged, and takes effect. An operation of its own
// does so in that order, a row of a tree takes effect before it is judged; see replacement.
type draft struct {
	*workspace
	op       *Op
	inTree   bool            // it is a row of a tree
	number   register.Number // the unit's, provisional where one is to be issued
	stood    register.Unit   // the row as it stands before the operation, or before the tree; the zero Unit for one that is new
	existing register.Unit   // with Indlaes: the row that carries the number already
	write    validation.Write
	findings []validation.Finding // beside those of the protocol
	astray   string               // the pointer of a parent's reference that leads nowhere
	nowhere  bool                 // the municipality that the daginstitution is to have is none, which the rules refuse
}

// decide takes one operation: it gathers what the rules need to know, lets them judge, and lays the outcome over the view.
// An error is the register's own.
func (w *workspace) decide(op *Op) error {
	result, done, err := w.replay(op)
	if err != nil {
		return err
	}
	if !done {
		d := &draft{workspace: w, op: op}
		if result, err = d.verdict(); err != nil {
			return err
		}
	}
	w.results = append(w.results, result)
	if op.Ref != "" {
		w.refs[op.Ref] = ""
		if result.Outcome != Refused {
			w.refs[op.Ref] = result.Unit.Number()
		}
	}
	return nil
}

// receipt gives what was kept under an idempotency key, nil where nothing was, and a finding where the request was another.
func (w *workspace) receipt(key string, hash [32]byte) (*register.Receipt, []validation.Finding, error) {
	if key == "" {
		return nil, nil, nil
	}
	receipt, err := w.tx.Receipt(key)
	if register.KindOf(err) == register.NotFound {
		return nil, nil, nil
	}
	if err != nil || receipt.Hash == hash {
		return &receipt, nil, err
	}
	return nil, []validation.Finding{validation.GenbrugtNoegle.Finding("", "andetIndhold", register.Text{
		Da: "Idempotency-Key er allerede brugt til en anden forespørgsel.",
		En: "The Idempotency-Key was used for another request already.",
	})}, nil
}

// replay answers an operation whose key has been used: as before, or with a finding where the request is another.
func (w *workspace) replay(op *Op) (result Result, done bool, err error) {
	receipt, findings, err := w.receipt(op.Key, op.Hash)
	switch {
	case err != nil:
		return result, false, err
	case findings != nil:
		return Result{Outcome: Refused, Findings: findings}, true, nil
	case receipt == nil:
		return result, false, nil
	}
	change, err := w.tx.Change(receipt.Position)
	if err != nil {
		return result, false, err
	}
	result = Result{Outcome: Changed, Unit: change.Efter}
	if receipt.Created {
		result.Outcome = Created
	}
	result.Findings, err = validation.Decode(receipt.Answer)
	return result, true, err
}

// verdict carries an operation of its own through.
func (d *draft) verdict() (Result, error) {
	if d.op.unreadable() {
		return Result{Outcome: Refused, Findings: slices.Clone(d.op.Findings)}, nil
	}
	known, err := d.subject()
	if err == nil && known {
		if err = d.after(); err == nil {
			err = d.judge(d.carried())
		}
	}
	if err != nil {
		return Result{}, err
	}
	d.point()
	d.findings = slices.Concat(d.op.Findings, d.findings)
	if validation.Blocking(d.findings) {
		return Result{Outcome: Refused, Findings: d.findings, kommune: d.kommune(), nummer: d.stood.Number()}, nil
	}
	return d.effect()
}

// kommune is the municipality that the operation is for, as far as that is known.
func (d *draft) kommune() int { return cmp.Or(d.write.After.AdmKommuneKode, d.stood.AdmKommuneKode) }

// judge gathers what stands around the row, and lets rights and rules judge what was drafted; along are the rows that come along with it,
// as they are and as they would become.
func (d *draft) judge(along iter.Seq2[register.Unit, register.Unit]) error {
	if err := d.surroundings(); err != nil {
		return err
	}
	d.write.InTree = d.inTree
	found := d.run.service.Checker.Check(nil, &d.write)
	d.nowhere = d.nowhere || toNowhere(found)
	if err := d.allowed(along); err != nil {
		return err
	}
	for _, f := range found {
		if !d.unreadable(f.Pointer) {
			d.findings = append(d.findings, f)
		}
	}
	if d.existing.Level != 0 && d.op.Operation == validation.Indlaes && !register.SameContent(d.existing, d.write.After) {
		d.loadedOtherwise()
	}
	return nil
}

// unreadable tells whether the protocol could not read a field, or a reference in it leads nowhere, so that what the rules say of it
// means nothing.
func (d *draft) unreadable(pointer string) bool {
	return pointer != "" && (pointer == d.astray || slices.ContainsFunc(d.op.Findings, func(f validation.Finding) bool {
		return f.Rule == validation.ForkertType && (f.Pointer == d.op.At+pointer || strings.HasPrefix(d.op.At+pointer, f.Pointer+"/"))
	}))
}

// point makes the pointers of what was found here lead from the top of what was sent.
func (d *draft) point() {
	if d.op.At == "" {
		return
	}
	for i := range d.findings {
		f := &d.findings[i]
		switch {
		case d.op.Operation == validation.Nedlaeg && d.inTree:
			f.Pointer = d.op.At // of what a tree closes, only the number was sent
		case f.Pointer == d.ownPointer() && (d.op.Number != "" || !d.inTree && d.op.Unit.Number() == ""):
			f.Pointer = numberPointer
		case d.inTree:
			f.Pointer = d.op.At + f.Pointer
		case f.Pointer != "":
			f.Pointer = d.op.At + f.Pointer
		}
		for _, patch := range f.Rettelser {
			for k := range patch {
				patch[k].Path = d.op.At + patch[k].Path
			}
		}
	}
}

func (d *draft) find(rule *validation.Rule, pointer, kode, da, en string) {
	d.findings = append(d.findings, rule.Finding(pointer, kode, register.Text{Da: da, En: en}))
}

func (d *draft) unknownRef(pointer string, n register.Number) {
	ref := register.Shown(string(n))
	d.find(validation.UkendtReference, pointer, "ukendt", fmt.Sprintf("%s henviser ikke til en tidligere linje, der lykkedes.", ref),
		fmt.Sprintf("%s refers to no earlier line that succeeded.", ref))
}

// ownPointer and parentPointer point at a unit's own number and its parent's in the data model's JSON.
func (d *draft) ownPointer() string {
	return [...]string{"", "/daginstitutionsNummer", "/enhedsNummer", "/alternativAdresseNummer"}[d.op.Level]
}

func parentPointer(l register.Level) string {
	return [...]string{"", "", "/daginstitutionsNummer", "/enhedsNummer"}[l]
}
