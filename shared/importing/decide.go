package importing

import (
	"fmt"
	"slices"
	"strings"
	"time"

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
	if register.KindOf(err) == register.NotFound && err != nil {
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
		return Result{Outcome: Refused, Findings: d.findings}, nil
	}
	return d.effect()
}

// subject finds the unit that the operation is about, and says so where there is none.
func (d *draft) subject() (known bool, err error) {
	op := d.op
	d.write.Operation, d.write.Version = op.Operation, d.run.options.Actor.Version
	stated := op.Number
	if own := op.Unit.Number(); op.Unit.Level != 0 && own != "" {
		if stated == "" {
			stated = own
		} else if own != stated {
			d.find(validation.Skrivebeskyttet, d.ownPointer(), "nummer", fmt.Sprintf("Nummeret %s i indholdet er ikke det, kaldet handler om: %s.", own, stated),
				fmt.Sprintf("The number %s in the body is not the one that the call is about: %s.", own, stated))
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
		d.find(validation.UkendtNummer, "", "findesIkke", fmt.Sprintf("Der findes ingen %s med nummer %s.", op.Level, n),
			fmt.Sprintf("There is no %s with the number %s.", op.Level, n))
		return false, err
	}
	d.write.Before = before
	return true, nil
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

// judge drafts the row as it would become, gathers what stands around it, and lets the rules judge.
func (d *draft) judge() error {
	d.expected()
	if err := d.after(); err != nil {
		return err
	}
	if err := d.surroundings(); err != nil {
		return err
	}
	for _, f := range d.run.service.Checker.Check(nil, &d.write) {
		if !d.unreadable(f.Pointer) {
			d.findings = append(d.findings, f)
		}
	}
	if d.existing.Level != 0 && d.op.Operation == validation.Indlaes && !register.SameContent(d.existing, d.write.After) {
		d.taken(d.number)
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

// expected holds the row against the version that the caller goes by.
func (d *draft) expected() {
	before := &d.write.Before
	if before.Level != 0 && len(d.op.Expect) > 0 && !slices.Contains(d.op.Expect, before.Version) {
		d.find(validation.ForaeldetVersion, "", "andenVersion", fmt.Sprintf("%s er nu version %d. Hent rækken igen.", d.number, before.Version),
			fmt.Sprintf("%s is at version %d now. Read the row again.", d.number, before.Version))
	}
}

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
func (d *draft) surroundings() (err error) {
	w := &d.write
	if w.Before.Level != 0 && w.Before.Level != register.AlternativAdresse {
		if w.Below, err = d.below(&w.Before); err != nil {
			return err
		}
	}
	if w.After.Level != register.Daginstitution && (d.op.Operation != validation.Flyt && d.op.Operation != validation.Nedlaeg) {
		w.Namesakes, err = d.namesakes(&w.After)
	}
	return err
}

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
			after.SetNumber(d.provisionalNumber(d.op.Ref))
		}
	case register.SameContent(before, after):
		result.Outcome, result.Unit = Unchanged, before
		d.remember()
		return result, nil
	}
	after.Version, after.SenestOpdateret = before.Version+1, d.now()
	result.Unit = after
	d.workspace.write(d.art(), d.aarsag(), before, after)
	d.carryBelow()
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
func (d *draft) carryBelow() {
	after := &d.write.After
	for _, foer := range d.write.Below {
		efter := foer
		efter.AdmKommuneKode, efter.DaginstitutionsNummer = after.AdmKommuneKode, after.DaginstitutionsNummer
		if efter != foer {
			efter.Version, efter.SenestOpdateret = foer.Version+1, d.now()
			d.workspace.write(d.art(), register.MedForaelder, foer, efter)
		}
	}
}

func (d *draft) art() register.Art {
	return map[validation.Operation]register.Art{
		validation.Opret: register.Oprettelse, validation.Ret: register.Aendring, validation.Flyt: register.Flytning,
		validation.Nedlaeg: register.Nedlaeggelse, validation.Indlaes: register.Indlaesning,
	}[d.op.Operation]
}

func (d *draft) aarsag() register.Aarsag {
	if d.run.options.ImportID != "" {
		return register.VedImport
	}
	return register.VedKald
}

func (w *workspace) now() time.Time { return w.run.service.Now().UTC().Truncate(time.Millisecond) }

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
