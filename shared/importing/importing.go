// Package importing is the use case of writing: to create, change, move, close and load units, one or many at a time, or only to
// be told the verdict.
//
// There is one way in, [Service.Run], and a single call is a run of one [Op]. A run takes its operations in order and writes them
// in transactions of up to [Service.Chunk] operations. Within a transaction an operation sees what the ones before it did (see
// workspace), so a line may create a unit below one that an earlier line created. One refused operation never stops the others,
// unless the run is Strict. A dry run goes the same way to the very end and then does not write.
//
// Numbers are issued last, when everything else in the transaction has been decided: until then a new unit goes by a
// provisional number ("#1"), so that a refused request takes none.
//
// [Service.Replace] writes a daginstitution with all that is below it, at once. Its rows are operations like any other and share
// everything with them but the order of things: see replacement.
//
// Whether the caller may write is decided with the rules, where the rows are known: see draft.allowed. What is refused goes into the
// trail before it is answered.
package importing

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// Service writes to the register.
type Service struct {
	Store   register.Store
	Checker *validation.Checker
	Now     func() time.Time

	// Trail remembers what was refused; what was written is in the change log.
	Trail access.Trail

	// Chunk is how many operations share a transaction: the engine's own advice.
	Chunk int
}

// Op is one thing asked of the register.
type Op struct {
	Operation validation.Operation
	Level     register.Level

	// Number is the unit it is about. For Opret it is empty, or one that the caller has reserved; for Indlaes it is the number the
	// unit has already, or empty for a unit that never had one.
	Number register.Number

	// Unit is the row as it was sent, with Opret, Ret and Indlaes: its content and, in the field for the level above, its
	// parent's number. With Flyt only the new parent's number counts.
	Unit register.Unit

	// Expect lists the versions the caller has read and goes by; the row must have one of them. Empty means any.
	Expect []int64

	// Ref is the caller's own name for the unit, by which later operations of the run may name it as their parent or subject: a
	// Number or a parent's number of the form "#<ref>".
	Ref string

	// Key and Hash are the idempotency key, scoped to the caller and empty for none, and the hash of the request.
	Key  string
	Hash [32]byte

	// At is a JSON pointer to where, in what was sent, the row's fields stand: empty for the whole of it.
	At string

	// Line is where in an import it stands, from 1; 0 for a single call.
	Line int

	// Findings are what the protocol found wrong with the request. Where they block, the operation is refused, and its verdict
	// holds them before those of the rules.
	Findings []validation.Finding
}

// unreadable tells whether so little of an operation could be read that there is nothing to judge.
func (op *Op) unreadable() bool { return op.Operation == 0 || op.Level == 0 || unreadable(op.Findings) }

// unreadable tells whether something was sent that cannot be read at all.
func unreadable(findings []validation.Finding) bool {
	return slices.ContainsFunc(findings, func(f validation.Finding) bool {
		return f.Rule.Kind == register.Malformed || f.Rule.Kind == register.TooLarge
	})
}

// Outcome is what became of an operation.
type Outcome uint8

// The outcomes.
const (
	Refused   Outcome = 1 + iota // findings stand in the way, or the register failed; nothing is written
	Created                      // a unit came into being
	Changed                      // a unit was changed, moved or closed
	Unchanged                    // the row says so already: no version, no event
)

// Result is the answer to one operation.
type Result struct {
	Outcome  Outcome
	Unit     register.Unit        // as it now stands; in a dry run as it would, its own number empty where one would be issued
	Findings []validation.Finding // with Refused all that stands in the way; else warnings
	Err      error                // with Refused: the register's own failure, which says nothing about the operation

	// With Refused: the municipality and the number it was for, where they are known.
	kommune int
	nummer  register.Number
}

// Kind gives what a refusal comes down to.
func (r *Result) Kind() register.Kind {
	if r.Err != nil {
		return register.KindOf(r.Err)
	}
	return validation.Kind(r.Findings)
}

// Options are how a run goes.
type Options struct {
	Actor    register.Actor
	Rights   access.Rights // what the actor may write
	ImportID string        // names the run in its changes; empty for a single call
	DryRun   bool          // decide, and write nothing
	Strict   bool          // all or nothing: a refused operation refuses the rest, and nothing is written
}

// Do runs one operation.
func (s *Service) Do(ctx context.Context, op Op, o Options) Result {
	var result Result
	for result = range s.Run(ctx, func(yield func(Op) bool) { yield(op) }, o) {
	}
	return result
}

// Run takes operations as they come and answers each in its turn, a transaction at a time. The operations that have been
// answered Created or Changed are in the register whatever becomes of the rest. A Strict run is one transaction, whose
// operations are all held in memory.
func (s *Service) Run(ctx context.Context, ops iter.Seq[Op], o Options) iter.Seq[Result] {
	return func(yield func(Result) bool) {
		r := run{service: s, options: o, refs: make(map[string]register.Number)}
		var chunk []Op // grows to its size as it is needed: most runs are of one operation
		for op := range ops {
			if len(chunk) >= max(s.Chunk, 1) && !o.Strict {
				if !r.answer(ctx, chunk, yield) {
					return
				}
				chunk = chunk[:0]
			}
			chunk = append(chunk, op)
		}
		r.answer(ctx, chunk, yield)
	}
}

// trail has what was refused remembered. Where that fails, the refusals are failures: what is not in the trail was not answered.
func (r *run) trail(ctx context.Context, ops []Op, results []Result) {
	if r.options.DryRun {
		return
	}
	var entries []access.Entry
	for i := range results {
		if results[i].Outcome == Refused && results[i].Err == nil {
			entries = append(entries, r.entry(cmp.Or(ops[i].Operation.String(), "import"), &ops[i], &results[i]))
		}
	}
	if len(entries) == 0 {
		return
	}
	err := r.service.Trail.AddTrail(ctx, entries...)
	if err == nil {
		return
	}
	r.failed = err
	for i := range results {
		if results[i].Outcome == Refused {
			results[i] = Result{Outcome: Refused, Err: err}
		}
	}
}

// entry tells of an act that was refused.
func (r *run) entry(handling string, op *Op, result *Result) access.Entry {
	e := access.Entry{
		Af: r.options.Actor, Handling: handling, Level: op.Level, Kommune: result.kommune, Linje: op.Line, ImportID: r.options.ImportID,
	}
	for _, stated := range []register.Number{op.Unit.Number(), op.Number, result.nummer} {
		if n, ok := register.ParseNumber(string(stated)); ok {
			e.Nummer = n
		}
	}
	return access.NewEntry(r.service.Now(), e.Refused(result.Findings))
}

// run is one call of [Service.Run]: what its transactions have in common.
type run struct {
	service *Service
	options Options
	refs    map[string]register.Number // numbers of the units named by a Ref, or why there is none: ""
	dry     *workspace                 // in a dry run: all that it would have written
	failed  error                      // the register failed: the rest is not tried
}

func (r *run) answer(ctx context.Context, ops []Op, yield func(Result) bool) bool {
	results := r.transact(ctx, ops)
	r.trail(ctx, ops, results)
	for _, result := range results {
		if !yield(result) {
			return false
		}
	}
	return true
}

// Why a transaction is left without writing.
var (
	errDryRun  = errors.New("importing: a dry run")
	errRefused = errors.New("importing: a refused operation where all or nothing is asked for")
)

// transact decides and writes operations in one transaction, or in halves where the engine cannot take them at once.
func (r *run) transact(ctx context.Context, ops []Op) []Result {
	if r.failed != nil || len(ops) == 0 {
		return r.refuseAll(ops, r.failed)
	}
	var w *workspace
	err := r.service.Store.Update(ctx, func(tx register.Tx) error {
		w = r.workspace(tx)
		for i := range ops {
			if err := w.decide(&ops[i]); err != nil {
				return err
			}
		}
		return w.finish()
	})
	switch {
	case err == nil, errors.Is(err, errDryRun):
		r.accept(w)
		return w.results
	case errors.Is(err, errRefused):
		return refuseRest(w.results)
	case register.KindOf(err) == register.TooLarge && len(ops) > 1 && !r.options.Strict:
		half := len(ops) / 2
		return append(r.transact(ctx, ops[:half]), r.transact(ctx, ops[half:])...)
	case register.KindOf(err) == register.TooLarge:
		return slices.Repeat([]Result{tooLarge()}, len(ops))
	}
	r.failed = err
	return r.refuseAll(ops, err)
}

// accept remembers what later transactions of the run may build on.
func (r *run) accept(w *workspace) {
	for ref, n := range w.refs {
		r.refs[ref] = n
	}
	if r.options.DryRun {
		r.dry = w
	}
}

func (r *run) refuseAll(ops []Op, err error) []Result {
	results := make([]Result, len(ops))
	for i := range results {
		results[i] = Result{Outcome: Refused, Err: err}
	}
	return results
}

// refuseRest turns what would have been written into refusals, for another operation of a strict run was refused.
func refuseRest(results []Result) []Result {
	for i := range results {
		if r := &results[i]; r.Outcome != Refused {
			*r = Result{Outcome: Refused, kommune: r.Unit.AdmKommuneKode, nummer: r.Unit.Number(), Findings: append(r.Findings,
				validation.AltEllerIntet.Finding("", "andenLinjeAfvist", register.Text{
					Da: "Ikke udført, fordi en anden handling i samme kald blev afvist, og kaldet beder om alt eller intet.",
					En: "Not carried out, because another operation of the same call was refused and the call asks for all or nothing.",
				}))}
		}
	}
	return results
}

// tooLarge is the answer to what the engine cannot write at once.
func tooLarge() Result {
	return Result{Outcome: Refused, Findings: []validation.Finding{validation.ForStor.Finding("", "transaktion", register.Text{
		Da: "Handlingen berører flere rækker, end registeret kan ændre på én gang. Del den op.",
		En: "The operation touches more rows than the register can change at once. Divide it.",
	})}}
}

// Refuse has the trail remember a call that was refused as a whole, before any operation of it was read.
func (s *Service) Refuse(ctx context.Context, o Options, findings []validation.Finding) error {
	if o.DryRun {
		return nil
	}
	e := access.Entry{Af: o.Actor, Handling: "import", ImportID: o.ImportID}
	return s.Trail.AddTrail(ctx, access.NewEntry(s.Now(), e.Refused(findings)))
}
