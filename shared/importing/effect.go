package importing

import (
	"iter"
	"time"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// effect lays an operation that nothing stands against over the view.
func (d *draft) effect() (Result, error) {
	before, after := d.write.Before, d.write.After
	if d.existing.Level != 0 {
		before = d.existing
	}
	result := Result{Outcome: Changed, Unit: after, Findings: d.findings}
	switch {
	case before.Level == 0:
		result.Outcome = Created
		if d.number == "" {
			d.number = d.provisionalNumber(d.op.Ref)
			after.SetNumber(d.number)
		}
	case register.SameContent(before, after):
		result.Outcome, result.Unit = Unchanged, before
		d.remember()
		return result, nil
	}
	tid, err := d.moment(before.AdmKommuneKode, after.AdmKommuneKode)
	if err != nil {
		return Result{}, err
	}
	after.Version, after.SenestOpdateret = before.Version+1, tid
	result.Unit = after
	d.workspace.write(d.art(), d.aarsag(), before, after)
	d.carryBelow(tid)
	d.remember()
	return result, nil
}

// remember has a receipt kept for the operation's result, which is about to be added.
func (d *draft) remember() {
	if d.op.Key != "" {
		d.keep = append(d.keep, receipt{len(d.results), d.op})
	}
}

// carryBelow takes the rows below along to another tree or municipality.
func (d *draft) carryBelow(tid time.Time) {
	for foer, efter := range d.carried() {
		efter.Version, efter.SenestOpdateret = foer.Version+1, tid
		d.workspace.write(d.art(), register.MedForaelder, foer, efter)
	}
}

// carried gives the rows below that come along, as they are and as they would become.
func (d *draft) carried() iter.Seq2[register.Unit, register.Unit] {
	after := &d.write.After
	return func(yield func(register.Unit, register.Unit) bool) {
		for _, foer := range d.write.Below {
			efter := foer
			efter.AdmKommuneKode, efter.DaginstitutionsNummer = after.AdmKommuneKode, after.DaginstitutionsNummer
			if efter != foer && !yield(foer, efter) {
				return
			}
		}
	}
}

// arter is what each operation does to a unit.
var arter = map[validation.Operation]register.Art{
	validation.Opret: register.Oprettelse, validation.Ret: register.Aendring, validation.Flyt: register.Flytning,
	validation.Nedlaeg: register.Nedlaeggelse, validation.Indlaes: register.Indlaesning,
}

func (d *draft) art() register.Art { return arter[d.op.Operation] }

func (d *draft) aarsag() register.Aarsag {
	switch o := &d.run.options; {
	case o.ImportID != "":
		return register.VedImport
	case o.Rights.Corrects():
		return register.VedRettelse
	}
	return register.VedKald
}

// moment gives the time of a change in the logs of some municipalities: now, or that of the latest change there where the clock of
// whoever made it was ahead. So no change in a log is older than the one before it, and a moment is a place in it.
func (w *workspace) moment(kommuner ...int) (time.Time, error) {
	tid := w.now()
	for _, kommune := range kommuner {
		if kommune == 0 {
			continue
		}
		latest, err := w.tx.Latest(kommune)
		if err != nil {
			return tid, err
		}
		for _, earlier := range []time.Time{latest, w.latest[kommune]} {
			if earlier.After(tid) {
				tid = earlier
			}
		}
	}
	for _, kommune := range kommuner {
		w.latest[kommune] = tid
	}
	return tid, nil
}

func (w *workspace) now() time.Time { return w.run.service.Now().UTC().Truncate(time.Millisecond) }
