package loading

import (
	"dagtilbudsregisteret.dk/infra/dtr/client"
	"dagtilbudsregisteret.dk/shared/register"
)

// Report is what became of rows, or would become of them. A row in none of its counts was not reached, or its verdict was lost.
type Report struct {
	Taken   int // rows that came into the register
	There   int // rows that were there already
	Refused []Refusal
	Warned  []Warning // of rows that were taken or there
}

// Refusal is a row, or a line of the caller's own without a number, that the register did not take.
type Refusal struct {
	Line   int
	Number register.Number
	Errors []client.Finding
}

// Warning is something about a row that is worth a thought.
type Warning struct {
	Line   int
	Number register.Number
	client.Finding
}

func (r *Report) add(t *task, v verdict) {
	switch {
	case v.refused():
		r.Refused = append(r.Refused, Refusal{t.row.Line, t.row.Number, v.errors()})
		return
	case t.placed != "":
		r.There++
	default:
		r.Taken++
	}
	for _, f := range v.warnings() {
		r.Warned = append(r.Warned, Warning{t.row.Line, t.row.Number, f})
	}
}

// AddLine adds a verdict on a line of the caller's own.
func (r *Report) AddLine(v *client.Verdict) {
	if v.Refused() {
		r.Refused = append(r.Refused, Refusal{Line: v.Linje, Errors: v.Errors})
		return
	}
	r.Taken++
	for _, f := range v.Advarsler {
		r.Warned = append(r.Warned, Warning{v.Linje, v.Nummer, f})
	}
}
