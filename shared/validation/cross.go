package validation

import (
	"fmt"
	"strings"

	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/register"
)

// The codes of findings of [Krydsvalidering].
const (
	ulovligtPar           = "ulovligtPar"           // no type at all is lawful with a daginstitution's ejerform and lovgrundlag
	ulovligUnderenhed     = "ulovligUnderenhed"     // the type of a unit below the daginstitution is not
	ulovligType           = "ulovligType"           // the unit's type is not lawful below its daginstitution
	ulovligDaginstitution = "ulovligDaginstitution" // nor is any other, so the daginstitution must be changed
)

// crossValidate checks ejerform, lovgrundlag and type against the lawful triples. Where a code of the row itself is unknown that is
// the finding, and there is nothing to hold against the triples.
func (r *run) crossValidate() {
	if !r.on(Krydsvalidering) || closed(r.unit) {
		return
	}
	switch r.unit.Level {
	case register.Daginstitution:
		if r.known(&r.tables.Ejerformer, r.unit.EjerformKode) && r.known(&r.tables.Lovgrundlag, r.unit.LovgrundlagKode) {
			r.crossTree()
		}
	case register.Anvisningsenhed:
		if r.w.Parent.Level == register.Daginstitution && (r.w.Operation == Flyt || r.known(&r.tables.InstTyper, r.unit.InstType3)) {
			r.crossUnit()
		}
	}
}

// lawful tells whether an anvisningsenhed of a type may stand below a daginstitution.
func (r *run) lawful(d *register.Unit, instType3 int) bool {
	return r.tables.Lawful(d.LovgrundlagKode, d.EjerformKode, instType3)
}

// inTheWay tells whether a row below a daginstitution is an active anvisningsenhed of a type that is not lawful there.
func (r *run) inTheWay(d, u *register.Unit) bool {
	return u.Level == register.Anvisningsenhed && !closed(u) && !r.lawful(d, u.InstType3)
}

// crossTree checks a daginstitution with all that is below it.
func (r *run) crossTree() {
	findings := r.treeFindings()
	if findings == nil {
		return
	}
	repairs := r.repairTree()
	for _, f := range findings {
		f.Rettelser = repairs
		if repairs == nil {
			way := r.childrenChange()
			f.Tekst.Da += " Ingen ejerform og intet lovgrundlag er lovligt med typerne på alle de aktive anvisningsenheder under " +
				"daginstitutionen; " + way.Da
			f.Tekst.En += " No ejerform and no lovgrundlag is lawful with the types of all the active anvisningsenheder below the " +
				"daginstitution; " + way.En
		}
		r.add(f)
	}
}

// treeFindings finds what is unlawful about a daginstitution itself, and each active anvisningsenhed in its way.
func (r *run) treeFindings() (findings []Finding) {
	const pointer = "/lovgrundlagKode"
	d := r.unit
	if !r.tables.LawfulPair(d.LovgrundlagKode, d.EjerformKode) {
		findings = append(findings, r.crossFinding(pointer, ulovligtPar, "", register.Text{
			Da: fmt.Sprintf("Ingen institutionstype er lovlig med %s.", r.pair(d).Da),
			En: fmt.Sprintf("No institution type is lawful with %s.", r.pair(d).En),
		}))
	}
	if r.w.Operation == Eftersyn {
		return findings // each unit below has its own turn
	}
	for i := range r.w.Below {
		if u := &r.w.Below[i]; r.inTheWay(d, u) {
			findings = append(findings, r.crossFinding(pointer, ulovligUnderenhed, u.Number(), r.underenhedText(d, u)))
		}
	}
	return findings
}

// crossUnit checks an anvisningsenhed with the daginstitution above it.
func (r *run) crossUnit() {
	d, u := &r.w.Parent, r.unit
	if r.lawful(d, u.InstType3) {
		return
	}
	pointer := "/instType3"
	if r.w.Operation == Flyt {
		pointer = numberPointer(register.Daginstitution) // a move sends no type, so there is none to mend
	}
	types := r.typesBelow(d)
	if types == nil {
		r.add(r.crossFinding(pointer, ulovligDaginstitution, d.Number(), r.daginstitutionText(d)))
		return
	}
	f := r.crossFinding(pointer, ulovligType, d.Number(), r.typeText(d, u, types))
	if r.w.Operation != Flyt {
		f.Rettelser = r.repairUnit(types)
	}
	r.add(f)
}

// crossFinding makes a finding of [Krydsvalidering]. Rows that are loaded are kept as they stood, lawful or not.
func (r *run) crossFinding(pointer, kode string, n register.Number, tekst register.Text) Finding {
	f := about(n, Krydsvalidering.Finding(pointer, kode, tekst))
	if r.w.Operation == Indlaes {
		f.Severity = Advarsel
	}
	return f
}

func (r *run) underenhedText(d, u *register.Unit) register.Text {
	pair, instType := r.pair(d), name(&r.tables.InstTyper, u.InstType3)
	return register.Text{
		Da: fmt.Sprintf("Anvisningsenheden %s »%s« er af typen %s, som ikke er lovlig med %s.",
			u.Number(), register.Shown(u.Navn), instType.Da, pair.Da),
		En: fmt.Sprintf("The anvisningsenhed %s “%s” is of the type %s, which is not lawful with %s.",
			u.Number(), register.Shown(u.Navn), instType.En, pair.En),
	}
}

func (r *run) daginstitutionText(d *register.Unit) register.Text {
	pair, way := r.pair(d), r.parentChanges()
	return register.Text{
		Da: fmt.Sprintf("Daginstitutionen %s har %s, og med dem er ingen institutionstype lovlig; %s", d.Number(), pair.Da, way.Da),
		En: fmt.Sprintf("The daginstitution %s has %s, with which no institution type is lawful; %s", d.Number(), pair.En, way.En),
	}
}

// childrenChange and parentChanges tell the way out where a daginstitution and what is below it stand in each other's way. Neither can be
// changed before the other, so outside a tree it is by one.
func (r *run) childrenChange() register.Text {
	if r.w.InTree {
		return register.Text{Da: "ret typerne, eller nedlæg enhederne.", En: "change the types, or close the units."}
	}
	return register.Text{
		Da: "ret dem sammen med daginstitutionen" + asATree.Da + ", eller flyt dem.",
		En: "change them together with the daginstitution" + asATree.En + ", or move them.",
	}
}

func (r *run) parentChanges() register.Text {
	if r.w.InTree {
		return register.Text{Da: "ret dem.", En: "change them."}
	}
	return register.Text{
		Da: "ret daginstitutionen sammen med det, der ligger under den" + asATree.Da + ".",
		En: "change the daginstitution together with what is below it" + asATree.En + ".",
	}
}

// asATree names the calls that change a daginstitution and what is below it at once.
var asATree = register.Text{
	Da: " (REST: PUT /v2/dagtilbud/{nummer}; SOAP: ReplaceDagtilbud)", En: " (REST: PUT /v2/dagtilbud/{nummer}; SOAP: ReplaceDagtilbud)",
}

func (r *run) typeText(d, u *register.Unit, types []int) register.Text {
	pair, instType := r.pair(d), name(&r.tables.InstTyper, u.InstType3)
	list := strings.ReplaceAll(strings.Trim(fmt.Sprint(types), "[]"), " ", ", ")
	return register.Text{
		Da: fmt.Sprintf("Typen %s er ikke lovlig under daginstitutionen %s, som har %s. Lovlige typer dér: %s.",
			instType.Da, d.Number(), pair.Da, list),
		En: fmt.Sprintf("The type %s is not lawful below the daginstitution %s, which has %s. Lawful types there: %s.",
			instType.En, d.Number(), pair.En, list),
	}
}

// pair names a daginstitution's ejerform and lovgrundlag.
func (r *run) pair(d *register.Unit) register.Text {
	ejerform, lovgrundlag := name(&r.tables.Ejerformer, d.EjerformKode), name(&r.tables.Lovgrundlag, d.LovgrundlagKode)
	return register.Text{
		Da: "ejerform " + ejerform.Da + " og lovgrundlag " + lovgrundlag.Da,
		En: "ejerform " + ejerform.En + " and lovgrundlag " + lovgrundlag.En,
	}
}

// name gives a code with its text.
func name(t *codes.Table, kode int) register.Text {
	code, ok := t.Lookup(kode)
	if !ok {
		return register.Text{Da: fmt.Sprint(kode), En: fmt.Sprint(kode)}
	}
	return register.Text{Da: fmt.Sprintf("%d »%s«", kode, code.Tekst.Da), En: fmt.Sprintf("%d “%s”", kode, code.Tekst.En)}
}
