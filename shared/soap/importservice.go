package soap

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"time"

	"dagtilbudsregisteret.dk/shared/httpcall"
	"dagtilbudsregisteret.dk/shared/importing"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
	"dagtilbudsregisteret.dk/shared/xmltree"
)

// hello answers whether the store does. Nobody has to log in for it, but a login that is sent must be right: whoever tries one here learns it.
func (e *exchange) hello() error {
	if _, err := e.api.Exporting.Positions(e.R.Context(), 0); err != nil {
		return &register.Error{Kind: register.Unavailable, Cause: err}
	}
	return e.answer(func(d *document) {
		d.text("HelloWorldResult", "Hello "+e.api.Now().UTC().Format(time.RFC3339))
	})
}

// write gives the handler of one operation on one level.
func write(operation validation.Operation, level register.Level) func(*exchange) error {
	return func(e *exchange) error {
		op := e.operation(operation, level)
		result := e.api.Importing.Do(e.R.Context(), op, importing.Options{Actor: e.Actor(), Rights: e.Caller.Rights()})
		return e.answerWrite(&result, nil)
	}
}

// operation reads a call into an operation. What is wrong with it comes along as findings.
func (e *exchange) operation(operation validation.Operation, level register.Level) importing.Op {
	op := importing.Op{Operation: operation, Level: level, Unit: register.Unit{Level: level}}
	if operation == validation.Opret || operation == validation.Ret {
		d := e.decode(row(level.String(), func(d *decoding, sent *xmltree.Element, pointer string) {
			e.row, op.Unit = sent, register.Unit{Level: level}
			d.elements(sent, pointer, unitFields(&op.Unit))
		}))
		e.demandRow(&d, level.String())
		op.Findings = d.findings
		if operation == validation.Ret {
			op.Number = op.Unit.Number()
		}
	} else {
		op.Findings = e.decode(subjectFields(&op)...).findings
	}
	e.preconditions(&op)
	op.Key, op.Hash = e.idempotency(&op.Findings, operation == validation.Opret || operation == validation.Flyt)
	return op
}

// demandRow finds that the row is missing which a method takes: then there is nothing to judge.
func (e *exchange) demandRow(d *decoding, name string) {
	if e.row == nil {
		there := d.here()
		there.sti += "/" + name
		d.note(there, soapFinding("mangler", "%s mangler i %s.", "%s is missing in %s.", name, e.sent.Name.Local))
	}
}

// subjectFields are the fields of a close or a move.
func subjectFields(op *importing.Op) []field {
	u := &op.Unit
	subject := [...]field{
		register.Daginstitution:    one("daginstitutionsNummer", token(&op.Number)),
		register.Anvisningsenhed:   one("enhedsNummer", token(&op.Number)),
		register.AlternativAdresse: one("alternativAdresseNummer", token(&op.Number)),
	}
	parent := [...]field{
		register.Anvisningsenhed:   one("daginstitutionsNummer", token(&u.DaginstitutionsNummer)),
		register.AlternativAdresse: one("enhedsNummer", token(&u.EnhedsNummer)),
	}
	fields := []field{subject[op.Level]}
	if op.Operation == validation.Flyt {
		fields = append(fields, parent[op.Level])
	}
	return append(fields, one("version", whole(&u.Version)))
}

// preconditions reads the version that the caller goes by, which v2 demands of a change and a close.
func (e *exchange) preconditions(op *importing.Op) {
	stated := child(cmp.Or(e.row, e.sent), "version", -1)
	switch {
	case op.Operation == validation.Opret, op.Operation == validation.Ret && e.row == nil:
	case stated != nil && !slices.ContainsFunc(op.Findings, func(f validation.Finding) bool { return f.Pointer == "/version" }):
		op.Expect = []int64{op.Unit.Version}
	case stated != nil:
	case e.Version >= register.V2 && op.Operation != validation.Flyt:
		op.Findings = append(op.Findings, validation.ManglerIfMatch.Finding("", "mangler", validation.ManglerIfMatch.Beskrivelse))
	}
}

// idempotency reads Idempotency-Key, where it counts. One that cannot be used is a finding.
func (e *exchange) idempotency(findings *[]validation.Finding, counts bool) (key string, hash [sha256.Size]byte) {
	sent := e.R.Header.Get("Idempotency-Key")
	if sent == "" || !counts {
		return "", hash
	}
	if finding, bad := httpcall.BadKey(sent); bad {
		*findings = append(*findings, finding)
		return "", hash
	}
	content := sha256.New()
	digest(content, e.sent)
	content.Sum(hash[:0])
	return e.Actor().User + ":" + sent, hash
}

// digest writes down what an element says, so that no two that differ are written alike. How its namespaces are abbreviated, and the
// white space between elements, say nothing.
func digest(to io.Writer, e *xmltree.Element) {
	fmt.Fprintf(to, "<%q %q", e.Name.Space, e.Name.Local)
	for _, a := range e.Attrs {
		fmt.Fprintf(to, " %q %q %q", a.Name.Space, a.Name.Local, a.Value)
	}
	if len(e.Children) == 0 || e.Mixed {
		fmt.Fprintf(to, " %q", e.Text)
	}
	for _, c := range e.Children {
		digest(to, c)
	}
	io.WriteString(to, ">")
}

// answerWrite answers what became of a write. What is no business of the method's is a fault, with every finding in it.
func (e *exchange) answerWrite(result *importing.Result, rows []register.Unit) error {
	if result.Err != nil {
		return result.Err
	}
	if result.Outcome == importing.Refused {
		if !kindFaults[result.Kind()].svar {
			return e.refuse(result.Findings)
		}
		return e.answerSvar(&svar{fejl: e.located(result.Findings, validation.Fejl)})
	}
	return e.answerSvar(&svar{ok: true, unit: result.Unit, rows: rows, advarsler: e.located(result.Findings, validation.Advarsel)})
}
