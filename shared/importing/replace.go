package importing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// Erstat is the word of a whole-tree change in the trail.
const Erstat = "erstat"

// MostRows is how many rows a tree may have, those that are closed counted in. Few daginstitutioner have a tenth of it.
const MostRows = 500

// Tree is a daginstitution as it is to be, with all that is to stand below it. A row with a number is one that exists: below the
// daginstitution already, or elsewhere in its municipality, from where it moves in. A row without one is to be created. Each row with a
// number states the version that the caller goes by, in its Version; no other does. A row that is closed and sent exactly as it stands is
// passed over, as though it had not been sent.
//
// What is wrong is told by pointers into the tree as JSON: "/ejerformKode", "/anvisningsenheder/0/enhedsNavn",
// "/anvisningsenheder/0/alternativeAdresser/1/adresse/postNummer", "/nedlaegges/0". A row that has no number yet is named by such a
// pointer too: "#/anvisningsenheder/0".
type Tree struct {
	// Number is the daginstitution's, where the call names it beside the row; else empty.
	Number register.Number

	Unit    register.Unit // the daginstitution as it was sent
	Expect  []int64       // versions of it that the caller goes by, instead of the one in Unit
	Enheder []Gren

	// Nedlaegges are the units to close. They and the rows together are every active unit that stands below the daginstitution, so that
	// nobody closes anything by forgetting it.
	Nedlaegges []register.Number

	// Key, Hash, At and Findings are those of an [Op].
	Key      string
	Hash     [32]byte
	At       string
	Findings []validation.Finding
}

// Gren is an anvisningsenhed of a [Tree] with its alternative adresser, as they were sent. A number of the unit above may be left out.
type Gren struct {
	Unit     register.Unit
	Adresser []register.Unit
}

// size is how many rows the tree has, those that are to be closed counted in.
func (t *Tree) size() int {
	n := 1 + len(t.Enheder) + len(t.Nedlaegges)
	for _, g := range t.Enheder {
		n += len(g.Adresser)
	}
	return n
}

// unreadable tells whether so little of a tree could be read that there is nothing to judge.
func (t *Tree) unreadable() bool { return unreadable(t.Findings) }

// TreeResult is the answer to a whole-tree change. Its Outcome is Created where the daginstitution is new, Changed where any row was
// written, its Unit the daginstitution, and its Findings those of every row.
type TreeResult struct {
	Result
	Rows   []register.Unit // the tree as it now stands, in the order it was sent, each parent right before its children
	Closed []register.Unit // what was closed, in the order it was named
}

// Replace makes a tree what it is to be, all of it or, where anything stands in the way, nothing. Every row is judged as it would stand
// in the whole tree, not on the way there. The changes are those that single calls would make, parents first, what closes last and from
// the bottom up; of a row that stays the same there is none. Of the options, Strict means nothing here.
func (s *Service) Replace(ctx context.Context, tree Tree, o Options) TreeResult {
	r := run{service: s, options: o}
	var result TreeResult
	err := s.Store.Update(ctx, func(tx register.Tx) (err error) {
		result, err = r.workspace(tx).replace(&tree)
		return err
	})
	switch {
	case err == nil, errors.Is(err, errDryRun), errors.Is(err, errRefused):
	case register.KindOf(err) == register.TooLarge:
		result = TreeResult{Result: tooLarge()}
	default:
		return TreeResult{Result: Result{Outcome: Refused, Err: err}}
	}
	if result.Outcome == Refused && !o.DryRun {
		op := Op{Level: register.Daginstitution, Number: tree.Number, Unit: tree.Unit}
		op.Unit.Level = op.Level
		if err := s.Trail.AddTrail(ctx, r.entry(Erstat, &op, &result.Result)); err != nil {
			return TreeResult{Result: Result{Outcome: Refused, Err: err}}
		}
	}
	return result
}

// replace takes a tree. Of one that is refused the error is errRefused; any other is the register's own.
func (w *workspace) replace(tree *Tree) (TreeResult, error) {
	receipt, findings, err := w.receipt(tree.Key, tree.Hash)
	switch {
	case err != nil:
		return TreeResult{}, err
	case findings != nil:
		return refusedTree(findings)
	case receipt != nil:
		return w.repeat(receipt)
	case tree.unreadable():
		return refusedTree(tree.Findings)
	case tree.size() > MostRows:
		return refusedTree([]validation.Finding{validation.ForStor.Finding(tree.At, "raekker", register.Text{
			Da: fmt.Sprintf("Træet har flere end %d rækker.", MostRows), En: fmt.Sprintf("The tree has more than %d rows.", MostRows),
		})})
	}
	t := newReplacement(w, tree)
	if err := t.carryOut(); err != nil {
		return TreeResult{}, err
	}
	if err := t.judge(); err != nil {
		return TreeResult{}, err
	}
	result, err := t.result()
	if err != nil || result.Outcome == Refused {
		return result, err
	}
	err = w.finish()
	if result = t.shown(result); err == nil {
		err = w.keepTree(tree, &result)
	}
	return result, err
}

func refusedTree(findings []validation.Finding) (TreeResult, error) {
	return TreeResult{Result: Result{Outcome: Refused, Findings: findings}}, errRefused
}

// treeAnswer is what is kept of an answered tree beside what every receipt has, as JSON: by municipality and number, the changes that its
// rows stood at, and the warnings.
type treeAnswer struct {
	Raekker   [][2]int64      `json:"raekker"`
	Nedlagte  [][2]int64      `json:"nedlagte,omitempty"`
	Advarsler json.RawMessage `json:"advarsler,omitempty"`
}

// keepTree remembers what is answered to a tree with an idempotency key.
func (w *workspace) keepTree(tree *Tree, result *TreeResult) error {
	if tree.Key == "" {
		return nil
	}
	answer, err := json.Marshal(treeAnswer{changesOf(result.Rows), changesOf(result.Closed), validation.Encode(result.Findings)})
	if err != nil {
		return err
	}
	w.tx.Keep(register.Receipt{
		Key: tree.Key, Hash: tree.Hash, Position: result.Unit.Position, Number: result.Unit.Number(),
		Created: result.Outcome == Created, Answer: answer,
	})
	return nil
}

// changesOf gives the latest change of each row.
func changesOf(rows []register.Unit) [][2]int64 {
	changes := make([][2]int64, len(rows))
	for i := range rows {
		changes[i] = [2]int64{int64(rows[i].Position.Kommune), rows[i].Position.Nr}
	}
	return changes
}

// repeat answers a tree as it was answered before.
func (w *workspace) repeat(receipt *register.Receipt) (result TreeResult, err error) {
	var answer treeAnswer
	if err = json.Unmarshal(receipt.Answer, &answer); err != nil {
		return result, err
	}
	if result.Findings, err = validation.Decode(answer.Advarsler); err != nil {
		return result, err
	}
	if result.Rows, err = w.asTheyWere(answer.Raekker); err != nil {
		return result, err
	}
	result.Closed, err = w.asTheyWere(answer.Nedlagte)
	result.Outcome, result.Unit = Changed, result.Rows[0]
	if receipt.Created {
		result.Outcome = Created
	}
	return result, err
}

// asTheyWere gives the rows that changes left behind.
func (w *workspace) asTheyWere(changes [][2]int64) ([]register.Unit, error) {
	rows := make([]register.Unit, len(changes))
	for i, c := range changes {
		change, err := w.tx.Change(register.Position{Kommune: int(c[0]), Nr: c[1]})
		if err != nil {
			return nil, err
		}
		rows[i] = change.Efter
	}
	return rows, nil
}
