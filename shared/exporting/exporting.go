// Package exporting is the use case of reading: one unit and its family, searches a page at a time, and whole files.
//
// Rows come in the order of the municipalities' codes and, within one, of the tree: each parent right before what is below it. A row
// is handed out together with its daginstitution, so that a file can show, beside an anvisningsenhed, what it is run as. Files are
// streamed: memory does not grow with the register.
//
// A whole file is a [Service.Snapshot]: the rows exactly as they stood at a position, whatever is written while it is taken, so that
// who has it can go on from there by the [Service.Feed]. The same way leads to any state in the past.
package exporting

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"dagtilbudsregisteret.dk/shared/register"
)

// Service reads the register.
type Service struct {
	Store register.Store
	Clock func() time.Time

	// Settle is how long after a write the engine's reads may not show it: the engine's own advice.
	Settle time.Duration

	handful int // in tests, how many rows are read between two looks at the log
}

// Row is a unit and the daginstitution it stands under: itself on the top level.
type Row struct {
	register.Unit
	Daginstitution register.Unit
}

// Unit gives the row of a number; NotFound when no unit carries it, or it is no number at all.
func (s *Service) Unit(ctx context.Context, n register.Number) (register.Unit, error) {
	if _, ok := register.ParseNumber(string(n)); !ok {
		return register.Unit{}, register.Unknown(n)
	}
	return s.Store.Unit(ctx, n)
}

// Family gives a unit with those above it, from the top, and those below it, closed ones too.
func (s *Service) Family(ctx context.Context, n register.Number) (u register.Unit, above, below []register.Unit, err error) {
	if u, err = s.Unit(ctx, n); err != nil {
		return u, nil, nil, err
	}
	tree, err := s.Store.Tree(ctx, u.DaginstitutionsNummer)
	if err != nil {
		return u, nil, nil, err
	}
	u, above, below = family(tree, u)
	return u, above, below, nil
}

// family finds a unit in its tree, with those above it, from the top, and those below it.
func family(tree []register.Unit, of register.Unit) (u register.Unit, above, below []register.Unit) {
	u = of
	for _, row := range tree {
		switch n := of.Number(); {
		case row.Number() == n:
			u = row
		case row.Below(n):
			below = append(below, row)
		case u.Below(row.Number()):
			above = append(above, row)
		}
	}
	return u, above, below
}

// Filter narrows what is read: a row must fit every field that is set. EjerformKode and LovgrundlagKode are those of its
// daginstitution.
type Filter struct {
	Level                 register.Level
	AdmKommuneKode        int
	DaginstitutionsNummer register.Number
	Navn                  string // part of the name, in any case
	PNummer               string
	CVRNummer             string
	InstType3             int
	EjerformKode          int
	LovgrundlagKode       int
	Aktivitetsstatus      register.Aktivitetsstatus
}

func (f *Filter) fits(r *Row) bool {
	return is(f.Level, r.Level) && is(f.AdmKommuneKode, r.AdmKommuneKode) && is(f.DaginstitutionsNummer, r.DaginstitutionsNummer) &&
		is(f.PNummer, r.PNummer) && is(f.CVRNummer, r.CVRNummer) && is(f.InstType3, r.InstType3) &&
		is(f.EjerformKode, r.Daginstitution.EjerformKode) && is(f.LovgrundlagKode, r.Daginstitution.LovgrundlagKode) &&
		is(f.Aktivitetsstatus, r.Aktivitetsstatus) &&
		(f.Navn == "" || strings.Contains(strings.ToLower(r.Navn), strings.ToLower(f.Navn)))
}

// is tells whether a value is what was asked for, if anything was.
func is[T comparable](asked, value T) bool {
	var none T
	return asked == none || asked == value
}

// Rows gives the rows that fit, from the first one after the cursor on. An error ends it.
func (s *Service) Rows(ctx context.Context, f Filter, after Cursor) iter.Seq2[Row, error] {
	if f.DaginstitutionsNummer != "" {
		return s.filtered(f, after, s.tree(ctx, f.DaginstitutionsNummer))
	}
	return s.filtered(f, after, s.municipalities(ctx, f.AdmKommuneKode, after))
}

// filtered gives each unit that fits with its daginstitution, which comes before it. That of another tree is never given: a state that
// somebody names may be amid a move.
func (s *Service) filtered(f Filter, after Cursor, units iter.Seq2[register.Unit, error]) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		var top register.Unit
		for u, err := range units {
			if err != nil {
				yield(Row{}, err)
				return
			}
			switch {
			case u.Level == register.Daginstitution:
				top = u
			case u.DaginstitutionsNummer != top.DaginstitutionsNummer:
				top = register.Unit{}
			}
			row := Row{u, top}
			if after.before(&u) && f.fits(&row) && !yield(row, nil) {
				return
			}
		}
	}
}

func (s *Service) tree(ctx context.Context, n register.Number) iter.Seq2[register.Unit, error] {
	return func(yield func(register.Unit, error) bool) {
		units, err := s.Store.Tree(ctx, n)
		if err != nil && register.KindOf(err) != register.NotFound {
			yield(register.Unit{}, err)
		}
		for _, u := range units {
			if !yield(u, nil) {
				return
			}
		}
	}
}

// municipalities gives the rows of one municipality, or of all. It begins with the tree that the cursor stands in, whose
// daginstitution the rows after the cursor need.
func (s *Service) municipalities(ctx context.Context, kommune int, after Cursor) iter.Seq2[register.Unit, error] {
	return func(yield func(register.Unit, error) bool) {
		positions, err := s.Positions(ctx, kommune)
		if err != nil {
			yield(register.Unit{}, err)
			return
		}
		for _, p := range positions {
			if p.Kommune < after.Kommune {
				continue
			}
			var from string
			if p.Kommune == after.Kommune {
				from = after.beforeTree()
			}
			for u, err := range s.Store.Units(ctx, p.Kommune, from) {
				if !yield(u, err) || err != nil {
					return
				}
			}
		}
	}
}

// Positions tells where the register stands: one municipality, or all with 0. What is read afterwards is at least as new.
func (s *Service) Positions(ctx context.Context, kommune int) (register.Positions, error) {
	all, err := s.Store.Positions(ctx)
	if kommune != 0 {
		all = slices.DeleteFunc(all, func(p register.Position) bool { return p.Kommune != kommune })
	}
	return all, err
}

// Page gives at most limit rows and the cursor to go on from: the zero Cursor when there are no more.
func (s *Service) Page(ctx context.Context, f Filter, after Cursor, limit int) (rows []Row, next Cursor, err error) {
	for row, err := range s.Rows(ctx, f, after) {
		if err != nil {
			return nil, Cursor{}, err
		}
		if len(rows) == limit {
			return rows, CursorAt(&rows[limit-1].Unit), nil
		}
		rows = append(rows, row)
	}
	return rows, Cursor{}, nil
}
