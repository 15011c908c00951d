// Package validation holds the register's rules, as data and as functions: [Rules] lists what each rule demands, where it applies and
// by which law, and a [Checker] holds a write, or a row as it is stored, against them. It collects every breach as a [Finding] and
// never stops at the first.
//
// The rules of rows are found by [Checker.Check], with nothing but what the [Write] brings: the rows around the one that is written,
// read beforehand, in the same transaction. The rules of requests, such as [UgyldigJSON] and [ForaeldetVersion], are declared here and
// found by whoever reads the request, so that all findings have one shape.
//
// A finding names its field by a pointer into the body of the REST services. Programs go by its rule's id and its code, which stay;
// people read its sentence, which may be worded anew.
package validation

import (
	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/register"
)

// Write is one write to be checked, with the rows around it as they stand.
type Write struct {
	Operation Operation
	Version   register.ServiceVersion // the one it came through; there is no default
	InTree    bool                    // the rows around it are written along with it, see importing.Tree

	Before register.Unit // the row as it stands; the zero Unit for one that is new
	After  register.Unit // the row as it would be, after [Normalize]; ignored when closing

	Parent    register.Unit   // the unit right above After; the zero Unit when there is none
	Below     []register.Unit // every row below the unit, closed ones too
	Namesakes []register.Unit // the active units of its level and municipality that have its name
}

// Checker checks writes against the rules and a set of code tables. Any number of goroutines may use it.
type Checker struct {
	tables *codes.Tables
}

// New gives a checker that goes by the tables.
func New(tables *codes.Tables) *Checker { return &Checker{tables} }

// Check appends every finding about a write to dst: first those on what was sent, in the order of the data model, then those on the
// rows around it, then the warnings. It does not allocate when it finds nothing, and keeps nothing of w.
func (c *Checker) Check(dst []Finding, w *Write) []Finding {
	r := run{tables: c.tables, w: w, unit: &w.After, findings: &dst}
	if w.Operation == Nedlaeg {
		r.unit = &w.Before
	}
	r.fields()
	r.state()
	r.crossValidate()
	r.warnings()
	return dst
}

// Recheck appends every finding about an active row as it is stored to dst, by the rules of the newest service version. The rows
// around it are those of a [Write]. A row below is reported when its own turn comes, not with the one above; closed rows pass.
func (c *Checker) Recheck(dst []Finding, unit, parent register.Unit, below, namesakes []register.Unit) []Finding {
	if closed(&unit) {
		return dst
	}
	w := Write{Operation: Eftersyn, Version: register.V2, Before: unit, After: unit, Parent: parent, Below: below, Namesakes: namesakes}
	return c.Check(dst, &w)
}

// run is one check under way.
type run struct {
	tables   *codes.Tables
	w        *Write
	unit     *register.Unit // the row that the rules are about
	findings *[]Finding     // held by pointer, so that the compiler sees that w does not outlive the check
}

// on tells whether a rule applies to the write.
func (r *run) on(rule *Rule) bool { return rule.Gaelder(r.w.Operation, r.unit.Level, r.w.Version) }

func (r *run) add(f Finding) { *r.findings = append(*r.findings, f) }

// closed tells whether a row is closed; one that is being made has no status yet, and is not.
func closed(u *register.Unit) bool { return u.Aktivitetsstatus == register.Nedlagt }
