package validation

import (
	"encoding/json"
	"slices"

	"dagtilbudsregisteret.dk/shared/register"
)

// Finding is one breach of a rule.
type Finding struct {
	Rule      *Rule
	Severity  Severity        // the one in effect, which an operation may have softened
	Kode      string          // what exactly is wrong, such as "mangler" or "forLang"; stable, and unique within the rule only
	Pointer   string          // a JSON pointer (RFC 6901) into the body that was sent; empty when it is about the whole of it
	Tekst     register.Text   // a complete sentence that names the offending value
	Rettelser []Patch         // ways to put it right, the nearest first; each was tried and passes
	Nummer    register.Number // another unit that it is about, such as the one in the way; else empty
}

// Patch is a JSON Patch (RFC 6902) on the body that was sent.
type Patch []PatchOp

// PatchOp is one step of a [Patch]. All that is patched is codes.
type PatchOp struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value int    `json:"value"`
}

// Blocking tells whether some finding stops the write.
func Blocking(findings []Finding) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool { return f.Severity == Fejl })
}

// MostFindings is how many findings are answered: nobody reads more. Where there are more, the last of them says so.
const MostFindings = 1000

// Add appends a finding to those of a call, as far as they are answered.
func Add(findings []Finding, f Finding) []Finding {
	switch len(findings) {
	case MostFindings:
		return findings
	case MostFindings - 1:
		f = more(f.Severity)
	}
	return append(findings, f)
}

// Answered gives the findings of one severity, as far as they are answered.
func Answered(findings []Finding, s Severity) (answered []Finding) {
	for _, f := range findings {
		if f.Severity == s {
			answered = Add(answered, f)
		}
	}
	return answered
}

// more is the finding that there are more than are answered.
func more(s Severity) Finding {
	f := FlereFund.Finding("", "flere", register.Text{Da: "Der er flere fund, end der vises.", En: "There are more findings than are shown."})
	f.Severity = s
	return f
}

// strength orders the kinds that rules map to, the strongest first: what the caller must act on before anything else counts.
var strength = [...]register.Kind{register.Gone, register.Unauthenticated, register.Limited, register.Forbidden, register.NotFound,
	register.Stale, register.Missing, register.Conflict, register.Reused, register.TooLarge, register.Malformed, register.Invalid, register.Exhausted}

// Kind gives the kind of the error that the findings make together: the strongest among those that block. It is Internal, the zero
// Kind, when none does.
func Kind(findings []Finding) register.Kind {
	for _, kind := range strength {
		if slices.ContainsFunc(findings, func(f Finding) bool { return f.Severity == Fejl && f.Rule.Kind == kind }) {
			return kind
		}
	}
	return register.Internal
}

// record is a finding as it is stored.
type record struct {
	Regel     string          `json:"regel"`
	Alvor     Severity        `json:"alvor"`
	Kode      string          `json:"kode"`
	Pointer   string          `json:"pointer,omitempty"`
	Da        string          `json:"da"`
	En        string          `json:"en"`
	Rettelser []Patch         `json:"rettelser,omitempty"`
	Nummer    register.Number `json:"nummer,omitempty"`
}

// Encode writes findings down for storage; no findings are no bytes. The form is JSON, names rules by their id, and is read by
// [Decode] of this and every later release.
func Encode(findings []Finding) []byte {
	if len(findings) == 0 {
		return nil
	}
	records := make([]record, len(findings))
	for i, f := range findings {
		records[i] = record{f.Rule.ID, f.Severity, f.Kode, f.Pointer, f.Tekst.Da, f.Tekst.En, f.Rettelser, f.Nummer}
	}
	stored, err := json.Marshal(records)
	if err != nil {
		panic(err) // strings and numbers always have a form
	}
	return stored
}

// Decode reads what [Encode] wrote. What is stored outlives rules: a finding of one that is gone gets a Rule of its id and severity.
func Decode(stored []byte) ([]Finding, error) {
	if len(stored) == 0 {
		return nil, nil
	}
	var records []record
	if err := json.Unmarshal(stored, &records); err != nil {
		return nil, err
	}
	findings := make([]Finding, len(records))
	for i, r := range records {
		rule, ok := RuleByID(r.Regel)
		if !ok {
			rule = &Rule{ID: r.Regel, Severity: r.Alvor}
		}
		findings[i] = Finding{rule, r.Alvor, r.Kode, r.Pointer, register.Text{Da: r.Da, En: r.En}, r.Rettelser, r.Nummer}
	}
	return findings, nil
}
