package importing

import (
	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// allowed finds which right the caller lacks for the operation: to the row as it is and as it would become, and to every row below
// that comes along. What would become of a row below nothing, or below the wrong level, is nobody's to judge; the rules refuse it.
func (d *draft) allowed() error {
	rights, w := &d.run.options.Rights, &d.write
	if missing := rights.Load(); missing != nil && d.op.Operation == validation.Indlaes {
		d.deny("", missing)
		return nil
	}
	if w.Parent.Level != d.op.Level-1 {
		if w.Before.Level == 0 {
			return nil
		}
		missing, err := rights.Change(&w.Before, &w.Before, d.ejerform)
		d.deny("", missing)
		return err
	}
	missing, err := rights.Change(&w.Before, &w.After, d.ejerform)
	if missing != nil || err != nil {
		d.deny("", missing)
		return err
	}
	for foer, efter := range d.carried() {
		if missing, err = rights.Change(&foer, &efter, d.ejerform); missing != nil || err != nil {
			d.deny(foer.Number(), missing)
			return err
		}
	}
	return nil
}

// deny adds the finding, if a right is missing; below is the row that comes along and must not, if it is that.
func (d *draft) deny(below register.Number, missing *access.Missing) {
	if missing == nil {
		return
	}
	f := missing.Finding("")
	f.Nummer = below
	d.findings = append(d.findings, f)
}

// ejerform gives that of the daginstitution which a row belongs to: as it stands for the rows before the operation, and as it would
// become for those after it.
func (d *draft) ejerform(u *register.Unit) (int, error) {
	w := &d.write
	for _, root := range []*register.Unit{u, &w.After, &w.Before} {
		if root.Level == register.Daginstitution && root.DaginstitutionsNummer == u.DaginstitutionsNummer && root.AdmKommuneKode == u.AdmKommuneKode {
			return root.EjerformKode, nil
		}
	}
	root, _, err := d.unit(u.DaginstitutionsNummer)
	return root.EjerformKode, err
}
