package exporting

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"dagtilbudsregisteret.dk/shared/register"
)

// Snapshot gives the rows that fit as they stood in a state, whatever is written meanwhile: what was changed after it is taken back by
// the log, and what a read may not show yet is taken from it.
//
// Rows are read some at a time, and then the log, before any of them is handed out. So a row that was written after the state, or
// went elsewhere, before it was read, is known to have been, and one that is written after it was read was read as it stood.
func (s *Service) Snapshot(ctx context.Context, f Filter, at register.Positions, after Cursor) iter.Seq2[Row, error] {
	return s.filtered(f, after, s.snapshot(ctx, f.AdmKommuneKode, at, after))
}

// snapshot gives the rows of one municipality, or of all, from the tree on that the cursor stands in.
func (s *Service) snapshot(ctx context.Context, kommune int, at register.Positions, after Cursor) iter.Seq2[register.Unit, error] {
	return func(yield func(register.Unit, error) bool) {
		h := handing{Service: s, ctx: ctx, yield: yield}
		for _, p := range at {
			if p.Nr == 0 || p.Kommune < after.Kommune || !is(kommune, p.Kommune) {
				continue
			}
			var from string
			if p.Kommune == after.Kommune {
				from = after.beforeTree()
			}
			if !h.municipality(p, from) {
				return
			}
		}
		h.out()
	}
}

// handful is how many rows are read between two looks at the log.
const handful = 1000

// piece is a stretch of a municipality's rows as they were read.
type piece struct {
	*past
	from, to string // the paths between which it lies, to included; an empty to is the end
	rows     []register.Unit
}

// handing is one snapshot on its way to whoever ranges over it.
type handing struct {
	*Service
	ctx    context.Context
	yield  func(register.Unit, error) bool
	pieces []piece // what has been read and not yet handed out
	held   int     // how many rows that is
}

// municipality reads the rows that follow a path; false ends it all.
func (h *handing) municipality(at register.Position, from string) bool {
	last := piece{past: &past{at: at, states: make(map[register.Number]register.Unit)}, from: from}
	for u, err := range h.Store.Units(h.ctx, at.Kommune, from) {
		if err != nil {
			h.yield(register.Unit{}, err)
			return false
		}
		last.rows = append(last.rows, u)
		if h.held++; h.held < cmp.Or(h.handful, handful) {
			continue
		}
		last.to = u.Path()
		h.pieces = append(h.pieces, last)
		if !h.out() {
			return false
		}
		last = piece{past: last.past, from: last.to}
	}
	h.pieces = append(h.pieces, last)
	return true
}

// out hands out what has been read, as it stood.
func (h *handing) out() bool {
	rows, err := h.resolve(h.ctx, h.pieces)
	if err != nil {
		h.yield(register.Unit{}, err)
		return false
	}
	for _, u := range rows {
		if !h.yield(u, nil) {
			return false
		}
	}
	h.pieces, h.held = h.pieces[:0], 0
	return true
}

// past is what the log tells of a municipality's rows in a state: those that were changed close to it or after it.
type past struct {
	at     register.Position
	begun  bool
	read   int64                             // as far as the log is in states
	states map[register.Number]register.Unit // the zero Unit for one that was not there
}

// resolve gives the rows of pieces as they stood.
func (s *Service) resolve(ctx context.Context, pieces []piece) (rows []register.Unit, err error) {
	if len(pieces) == 0 {
		return nil, nil
	}
	heads, err := s.Store.Heads(ctx)
	if err != nil {
		return nil, err
	}
	for i := range pieces {
		p := &pieces[i]
		head := register.Head{Position: register.Position{Kommune: p.at.Kommune}}
		if k := slices.IndexFunc(heads, func(h register.Head) bool { return h.Kommune == p.at.Kommune }); k >= 0 {
			head = heads[k]
		}
		if err := s.lookBack(ctx, p, head); err != nil {
			return nil, err
		}
		rows = append(rows, p.stood()...)
	}
	return rows, nil
}

// lookBack reads what the log tells, as far as it is needed and has not been read: from where every read shows what was changed before
// it, up to the log's end, the state and the latest change that a row has been seen to have.
func (s *Service) lookBack(ctx context.Context, p *piece, head register.Head) error {
	if !p.begun {
		settled, err := s.settled(ctx, head)
		if err != nil {
			return err
		}
		p.begun, p.read = true, min(p.at.Nr, settled.Nr)
	}
	until := max(head.Nr, p.at.Nr)
	for i := range p.rows {
		until = max(until, p.rows[i].Position.Nr)
	}
	for try := 0; p.read < until; try++ {
		if try == looks {
			return &register.Error{Kind: register.Unavailable, Cause: fmt.Errorf("exporting: the log of %d ends before %d", p.at.Kommune, until)}
		}
		for c, err := range s.Store.Changes(ctx, register.Position{Kommune: p.at.Kommune, Nr: p.read}) {
			if err != nil {
				return err
			}
			p.note(&c)
		}
	}
	return nil
}

// looks is how often a log is read that must go on further: DynamoDB shows the items of one transaction one by one.
const looks = 10

// settled gives the position up to which every read shows all changes.
func (s *Service) settled(ctx context.Context, head register.Head) (register.Position, error) {
	if s.Settle == 0 {
		return head.Position, nil
	}
	return register.PositionAt(ctx, s.Store, head, s.Clock().Add(-s.Settle))
}

// note takes in a change: one up to the state says how the row stood, the first one after it how it had stood before.
func (p *past) note(c *register.Change) {
	p.read = c.Position.Nr
	n, stood := c.Efter.Number(), c.Efter
	if c.Position.Nr > p.at.Nr {
		if _, known := p.states[n]; known {
			return
		}
		stood = c.Foer
	}
	if stood.AdmKommuneKode != p.at.Kommune {
		stood = register.Unit{}
	}
	p.states[n] = stood
}

// stood gives the rows of a piece as they stood, by path.
func (p *piece) stood() []register.Unit {
	if len(p.states) == 0 {
		return p.rows
	}
	rows := slices.DeleteFunc(p.rows, func(u register.Unit) bool {
		_, known := p.states[u.Number()]
		return known
	})
	for _, u := range p.states {
		if path := u.Path(); u.Level != 0 && path > p.from && (p.to == "" || path <= p.to) {
			rows = append(rows, u)
		}
	}
	slices.SortFunc(rows, func(a, b register.Unit) int { return strings.Compare(a.Path(), b.Path()) })
	return rows
}
