package importing

import (
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// after drafts the row as the operation would leave it.
func (d *draft) after() error {
	op, w := d.op, &d.write
	switch op.Operation {
	case validation.Flyt, validation.Nedlaeg:
		w.After = w.Before
		if op.Operation == validation.Nedlaeg {
			w.After.Aktivitetsstatus = register.Nedlagt
		}
	default:
		w.After = op.Unit
		validation.Normalize(&w.After)
		d.registerFields()
	}
	return d.parent()
}

// registerFields fills in what is the register's to say.
func (d *draft) registerFields() {
	before, after := &d.write.Before, &d.write.After
	status, sent := register.Aktiv, after.Aktivitetsstatus
	switch {
	case before.Level != 0:
		status = before.Aktivitetsstatus
	case d.op.Operation == validation.Indlaes && sent != 0:
		status = sent
	}
	if sent != 0 && sent != status {
		d.find(validation.Skrivebeskyttet, "/aktivitetsstatus", "aktivitetsstatus", "Aktivitetsstatus skrives ikke; nedlæg i stedet.",
			"Aktivitetsstatus is not written; close the unit instead.")
	}
	after.Aktivitetsstatus = status
	after.SetNumber(d.number)
	after.Version, after.Position, after.SenestOpdateret = before.Version, before.Position, before.SenestOpdateret
	if before.Level == 0 {
		return
	}
	if after.Level != register.Daginstitution {
		after.AdmKommuneKode = before.AdmKommuneKode
	}
	if after.Parent() == "" {
		after.DaginstitutionsNummer, after.EnhedsNummer = before.DaginstitutionsNummer, before.EnhedsNummer
		after.SetNumber(d.number)
	}
	if after.Level == register.AlternativAdresse {
		after.DaginstitutionsNummer = before.DaginstitutionsNummer
	}
}

// parent finds the unit right above and, where the operation places the row, places it below.
func (d *draft) parent() error {
	op, w := d.op, &d.write
	if op.Level == register.Daginstitution {
		return nil
	}
	stated := w.After.Parent()
	if op.Operation == validation.Flyt {
		stated = op.Unit.Parent()
	}
	n, ok := d.resolve(stated)
	if !ok {
		d.astray = parentPointer(op.Level)
		d.unknownRef(d.astray, stated)
		return nil
	}
	parent, found, err := d.unit(n)
	if err != nil {
		return err
	}
	if found {
		w.Parent = parent
	}
	setParent(&w.After, n)
	if found && op.Operation != validation.Ret && op.Operation != validation.Nedlaeg {
		w.After.PlaceUnder(&parent)
		setParent(&w.After, n)
	}
	return nil
}

func setParent(u *register.Unit, n register.Number) {
	if u.Level == register.Anvisningsenhed {
		u.DaginstitutionsNummer = n
	} else {
		u.EnhedsNummer = n
	}
}

// surroundings gathers the rows below and those of the same name, where some rule or the effect asks for them.
func (d *draft) surroundings() error {
	w := &d.write
	err := d.gatherBelow()
	if err != nil {
		return err
	}
	if d.stood.Level == 0 && !d.inTree && provisional(d.number) {
		return err // a reference where a new unit's number should be: it is not to be taken for the row that goes by it
	}
	if w.After.Level != register.Daginstitution && (d.op.Operation != validation.Flyt && d.op.Operation != validation.Nedlaeg) {
		u := w.After
		u.SetNumber(d.number)
		w.Namesakes, err = d.namesakes(&u)
		if d.existing.Level != 0 && register.SameContent(d.existing, w.After) {
			w.Namesakes = d.earlier(w.Namesakes, &d.existing) // so that a load that changes nothing warns of what the first one warned of
		}
	}
	return err
}

// gatherBelow gathers the rows below the unit: where it stands, or where a tree has placed it.
func (d *draft) gatherBelow() (err error) {
	at := d.write.Before
	if laid, ok := d.rows[d.number]; ok && d.inTree {
		at = laid
	}
	if at.Level == register.Daginstitution || at.Level == register.Anvisningsenhed {
		d.write.Below, err = d.below(&at)
	}
	return err
}
