package importing

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// subject finds the unit that the operation is about, as it stands, and says so where there is none.
func (d *draft) subject() (known bool, err error) {
	op := d.op
	d.write.Operation, d.write.Version = op.Operation, d.run.options.Actor.Version
	stated := op.Number
	if own := op.Unit.Number(); op.Unit.Level != 0 && own != "" {
		if stated == "" {
			stated = own
		} else if own != stated {
			sent, about := register.Shown(string(own)), register.Shown(string(stated))
			d.find(validation.Skrivebeskyttet, d.ownPointer(), "nummer", fmt.Sprintf("Nummeret %s i indholdet er ikke det, kaldet handler om: %s.", sent, about),
				fmt.Sprintf("The number %s in the body is not the one that the call is about: %s.", sent, about))
		}
	}
	if op.Operation == validation.Opret || op.Operation == validation.Indlaes {
		return true, d.newNumber(stated)
	}
	n, ok := d.resolve(stated)
	if !ok {
		d.unknownRef(d.ownPointer(), stated)
		return false, nil
	}
	d.number = n
	before, found, err := d.unit(n)
	if err != nil || !found || before.Level != op.Level {
		d.unknown(n)
		return false, err
	}
	d.stood, d.write.Before = before, before
	d.expected()
	return true, nil
}

// unknown says that there is no such unit, or that none was named.
func (d *draft) unknown(n register.Number) {
	if n == "" {
		d.nameless()
		return
	}
	what, number := "institution", register.Shown(string(n))
	if d.op.Level != 0 {
		what = d.op.Level.String()
	}
	d.find(validation.UkendtNummer, "", "findesIkke", fmt.Sprintf("Der findes ingen %s med nummer %s.", what, number),
		fmt.Sprintf("There is no %s with the number %s.", what, number))
}

// numberPointer points at the number of an import line.
const numberPointer = "/nummer"

// nameless says that the number of the unit is missing, unless it was sent and could not be read.
func (d *draft) nameless() {
	unread := func(f validation.Finding) bool { return f.Rule == validation.ForkertType && f.Pointer == numberPointer }
	if !d.unreadable(d.ownPointer()) && !slices.ContainsFunc(d.op.Findings, unread) {
		d.findings = append(d.findings, validation.NumberMissing(cmp.Or(d.ownPointer(), numberPointer)))
	}
}

// newNumber settles which number a new unit is to have: one that was reserved for it, the one it has been loaded with, or one to
// be issued.
func (d *draft) newNumber(n register.Number) error {
	d.number = n
	if _, ok := register.ParseNumber(string(n)); !ok {
		return nil // it is to be issued, or the rules say what is wrong with it
	}
	if existing, found, err := d.unit(n); err != nil || found {
		d.existing = existing
		if d.op.Operation == validation.Opret {
			d.taken(n)
		}
		return err
	}
	entry, err := d.tx.Ledger(n, d.now())
	if err != nil {
		return err
	}
	mine := entry.State == register.Reserveret && entry.Reservation.User == d.run.options.Actor.User
	switch {
	case entry.State == register.Reserveret && !mine:
		d.taken(n)
	case entry.Ahead > register.MostAhead && d.op.Operation == validation.Indlaes:
		d.findings = append(d.findings, validation.TooFarAhead(d.ownPointer(), n))
	case d.op.Operation == validation.Opret && !mine:
		d.find(validation.NummerTildeles, d.ownPointer(), "ikkeReserveret", fmt.Sprintf("Registeret tildeler numre; %s er ikke reserveret.", n),
			fmt.Sprintf("The register issues numbers; %s is not reserved.", n))
	}
	return nil
}

func (d *draft) taken(n register.Number) {
	d.find(validation.NummerOptaget, d.ownPointer(), "optaget", fmt.Sprintf("Nummeret %s er optaget.", n),
		fmt.Sprintf("The number %s is taken.", n))
}

// loadedOtherwise says in what a row that is there already differs from the one that is to be loaded under its number.
func (d *draft) loadedOtherwise() {
	fields := strings.Join(differences(&d.existing, &d.write.After), ", ")
	d.find(validation.NummerOptaget, d.ownPointer(), "andetIndhold",
		fmt.Sprintf("%s er i registeret allerede, med andet indhold: %s. Brug ret for at ændre det.", d.number, fields),
		fmt.Sprintf("%s is in the register already, with other content: %s. Use ret to change it.", d.number, fields))
}

// differences names what two rows do not say alike.
func differences(a, b *register.Unit) (fields []string) {
	for _, f := range []struct {
		name    string
		differs bool
	}{
		{"type", a.Level != b.Level},
		{"navn", a.Navn != b.Navn},
		{"admKommuneKode", a.AdmKommuneKode != b.AdmKommuneKode},
		{"placering", a.Parent() != b.Parent()},
		{"ejerformKode", a.EjerformKode != b.EjerformKode},
		{"lovgrundlagKode", a.LovgrundlagKode != b.LovgrundlagKode},
		{"instType3", a.InstType3 != b.InstType3},
		{"adresse", a.Adresse != b.Adresse},
		{"email", a.Email != b.Email},
		{"telefonNummer", a.TelefonNummer != b.TelefonNummer},
		{"cvrNummer", a.CVRNummer != b.CVRNummer},
		{"pNummer", a.PNummer != b.PNummer},
		{"aktivitetsstatus", a.Aktivitetsstatus != b.Aktivitetsstatus},
	} {
		if f.differs {
			fields = append(fields, f.name)
		}
	}
	return fields
}

// expected holds the row against the version that the caller goes by, which in a tree must be stated.
func (d *draft) expected() {
	before := &d.stood
	switch {
	case d.inTree && d.op.Operation == validation.Ret && !slices.Contains(d.op.Expect, before.Version):
		d.outdated()
	case len(d.op.Expect) == 0 || slices.Contains(d.op.Expect, before.Version):
	case slices.Max(d.op.Expect) < 1:
		d.find(validation.ForaeldetVersion, "", "ikkeEnVersion",
			fmt.Sprintf(`Det nævnte er ingen version: i REST headeren If-Match er den i anførselstegn, som i "1", i SOAP elementet version uden; %s er version %d.`,
				d.number, before.Version),
			fmt.Sprintf(`What is named is no version: in REST the header If-Match has it in quotes, as in "1", in SOAP the element version without; %s is at version %d.`,
				d.number, before.Version))
	default:
		d.find(validation.ForaeldetVersion, "", "andenVersion", fmt.Sprintf("%s er nu version %d. Hent rækken igen.", d.number, before.Version),
			fmt.Sprintf("%s is at version %d now. Read the row again.", d.number, before.Version))
	}
}

// outdated says what is wrong with the version that a row of a tree states.
func (d *draft) outdated() {
	if len(d.op.Expect) == 0 {
		text := validation.ManglerIfMatch.Beskrivelse
		d.find(validation.ManglerIfMatch, "/version", "mangler", text.Da, text.En)
		return
	}
	d.find(validation.ForaeldetVersion, "/version", "andenVersion", fmt.Sprintf("%s er nu version %d. Hent rækken igen.", d.number, d.stood.Version),
		fmt.Sprintf("%s is at version %d now. Read the row again.", d.number, d.stood.Version))
}
