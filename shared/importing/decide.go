package importing

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// draft is an operation on its way to a verdict.
type draft struct {
	*workspace
	op       *Op
	number   register.Number // the unit's, provisional where one is to be issued
	existing register.Unit   // with Indlaes: the row that carries the number already
	write    validation.Write
	findings []validation.Finding
	astray   string // the pointer of a parent's reference that leads nowhere
}

// decide takes one operation: it gathers what the rules need to know, lets them judge, and lays the outcome over the view.
// An error is the register's own.
func (w *workspace) decide(op *Op) error {
	result, done, err := w.replay(op)
	if err != nil {
		return err
	}
	if !done {
		d := &draft{workspace: w, op: op, findings: slices.Clone(op.Findings)}
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

// replay answers an operation whose key has been used: as before, or with a finding where the request is another.
func (w *workspace) replay(op *Op) (result Result, done bool, err error) {
	if op.Key == "" {
		return result, false, nil
	}
	receipt, err := w.tx.Receipt(op.Key)
	if register.KindOf(err) == register.NotFound {
		return result, false, nil
	}
	if err != nil {
		return result, false, err
	}
	if receipt.Hash != op.Hash {
		return Result{Outcome: Refused, Findings: []validation.Finding{validation.GenbrugtNoegle.Finding("", "andetIndhold", register.Text{
			Da: "Idempotency-Key er allerede brugt til en anden forespørgsel.",
			En: "The Idempotency-Key was used for another request already.",
		})}}, true, nil
	}
	change, err := w.tx.Change(receipt.Position)
	if err != nil {
		return result, false, err
	}
	result = Result{Outcome: Changed, Unit: change.Efter}
	if receipt.Created {
		result.Outcome = Created
	}
	result.Findings, err = validation.Decode(receipt.Warnings)
	return result, true, err
}

// verdict carries an operation through.
func (d *draft) verdict() (Result, error) {
	if d.op.unreadable() {
		return Result{Outcome: Refused, Findings: d.findings}, nil
	}
	known, err := d.subject()
	if err == nil && known {
		err = d.judge()
	}
	if err != nil {
		return Result{}, err
	}
	d.point()
	if validation.Blocking(d.findings) {
		return Result{
			Outcome: Refused, Findings: d.findings,
			kommune: cmp.Or(d.write.After.AdmKommuneKode, d.write.Before.AdmKommuneKode), nummer: d.write.Before.Number(),
		}, nil
	}
	return d.effect()
}

// judge drafts the row as it would become, gathers what stands around it, and lets the rules judge.
func (d *draft) judge() error {
	d.expected()
	if err := d.after(); err != nil {
		return err
	}
	if err := d.surroundings(); err != nil {
		return err
	}
	if err := d.allowed(); err != nil {
		return err
	}
	for _, f := range d.run.service.Checker.Check(nil, &d.write) {
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
	for i := range d.findings[len(d.op.Findings):] {
		f := &d.findings[len(d.op.Findings)+i]
		switch {
		case f.Pointer == d.ownPointer() && d.op.Number != "":
			f.Pointer = "/nummer"
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
	d.find(validation.UkendtReference, pointer, "ukendt", fmt.Sprintf("%s henviser ikke til en tidligere linje, der lykkedes.", n),
		fmt.Sprintf("%s refers to no earlier line that succeeded.", n))
}

// ownPointer and parentPointer point at a unit's own number and its parent's in the data model's JSON.
func (d *draft) ownPointer() string {
	return [...]string{"", "/daginstitutionsNummer", "/enhedsNummer", "/alternativAdresseNummer"}[d.op.Level]
}

func parentPointer(l register.Level) string {
	return [...]string{"", "", "/daginstitutionsNummer", "/enhedsNummer"}[l]
}
