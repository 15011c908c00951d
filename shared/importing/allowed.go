package importing

import (
	"iter"
	"slices"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// allowed finds which right the caller lacks for the operation: to the row as it is and as it would become, and to every row that comes
// along. What would become of a row below nothing, or below the wrong level, or in a municipality that is none, is nobody's to judge; the
// rules refuse it.
func (d *draft) allowed(along iter.Seq2[register.Unit, register.Unit]) error {
	rights, w := &d.run.options.Rights, &d.write
	if missing := rights.Load(); missing != nil && d.op.Operation == validation.Indlaes {
		d.deny("", missing)
		return nil
	}
	if w.Parent.Level != d.op.Level-1 {
		if d.stood.Level == 0 {
			return nil
		}
		missing, err := rights.Change(&d.stood, &d.stood, d.was, d.was)
		d.deny("", missing)
		return err
	}
	after := d.somewhere(&d.stood, w.After)
	missing, err := rights.Change(&d.stood, &after, d.was, d.becomes)
	if d.nowhere && d.stood.Level == 0 && missing != nil && missing.Kode == "kommune" {
		missing = nil // nobody can be granted it
	}
	if missing != nil || err != nil {
		d.deny("", missing)
		return err
	}
	for foer, efter := range along {
		efter = d.somewhere(&foer, efter)
		if d.nowhere && register.SameContent(foer, efter) {
			continue
		}
		if missing, err = rights.Change(&foer, &efter, d.was, d.becomes); missing != nil || err != nil {
			d.deny(foer.Number(), missing)
			return err
		}
	}
	return nil
}

// toNowhere tells whether the rules refuse the municipality that the daginstitution is to have. So whatever is not denied because of it is
// not written either.
func toNowhere(found []validation.Finding) bool {
	return slices.ContainsFunc(found, func(f validation.Finding) bool {
		return f.Rule == validation.AdmKommunekode && f.Severity == validation.Fejl
	})
}

// somewhere gives a row as it would become, but in the municipality it stands in where the new one is none.
func (d *draft) somewhere(foer *register.Unit, efter register.Unit) register.Unit {
	if d.nowhere {
		efter.AdmKommuneKode = foer.AdmKommuneKode
	}
	return efter
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

// before gives a row as it stood before the operation, or before the tree.
func (d *draft) before(n register.Number) (u register.Unit, found bool, err error) {
	if d.inTree {
		return d.stored(n)
	}
	return d.unit(n)
}

// was gives the ejerform of the daginstitution which a row belonged to before the operation.
func (d *draft) was(u *register.Unit) (int, error) {
	if u.Level == register.Daginstitution {
		return u.EjerformKode, nil
	}
	root, _, err := d.before(u.DaginstitutionsNummer)
	return root.EjerformKode, err
}

// becomes gives that of the one which a row would belong to after it.
func (d *draft) becomes(u *register.Unit) (int, error) {
	if root := &d.write.After; root.Level == register.Daginstitution && root.DaginstitutionsNummer == u.DaginstitutionsNummer {
		return root.EjerformKode, nil
	}
	root, _, err := d.unit(u.DaginstitutionsNummer)
	return root.EjerformKode, err
}
