// Package rechecking is the use case of going through what is stored: rows may be unlawful because they were loaded so, because the
// law or a code table changed after them, or because what they lack cannot be demanded when they are created. Nothing is changed;
// the findings tell who should look at what.
package rechecking

import (
	"context"
	"time"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// Service goes through the register.
type Service struct {
	Store   register.Store
	Checker *validation.Checker
	Now     func() time.Time
}

// Finding is a breach of a rule by a stored row.
type Finding struct {
	Unit register.Unit
	validation.Finding
}

// Kommune goes through one municipality's active rows, which it holds in memory together. It gives how many there are, what
// was found in the order of the tree, and the position that the rows are at least as new as.
func (s *Service) Kommune(ctx context.Context, at register.Position) (units int, findings []Finding, err error) {
	var rows []register.Unit
	names := make(map[nameKey][]register.Unit)
	for u, err := range s.Store.Units(ctx, at.Kommune, "") {
		if err != nil {
			return 0, nil, err
		}
		rows = append(rows, u)
		if u.Aktivitetsstatus == register.Aktiv {
			units++
			key := nameKey{u.Level, register.NameKey(u.Navn)}
			names[key] = append(names[key], u)
		}
	}
	parents := make(map[register.Number]register.Unit)
	for i, u := range rows {
		parents[u.Number()] = u
		below := below(rows[i+1:], u.Number())
		for _, f := range s.Checker.Recheck(nil, u, parents[u.Parent()], below, names[nameKey{u.Level, register.NameKey(u.Navn)}]) {
			findings = append(findings, Finding{u, f})
		}
	}
	return units, findings, nil
}

type nameKey struct {
	level register.Level
	navn  string
}

// below gives the rows below a unit, which are the first ones after it.
func below(rows []register.Unit, n register.Number) []register.Unit {
	for i := range rows {
		if !rows[i].Below(n) {
			return rows[:i]
		}
	}
	return rows
}

// Reports gives what the latest runs kept, by rising municipality code.
func (s *Service) Reports(ctx context.Context) ([]register.Report, error) {
	return s.Store.Reports(ctx)
}

// Run goes through the whole register and keeps a report for each municipality. It tells how many rows are unlawful.
func (s *Service) Run(ctx context.Context) (unlawful int, err error) {
	positions, err := s.Store.Positions(ctx)
	if err != nil {
		return 0, err
	}
	for _, at := range positions {
		units, findings, err := s.Kommune(ctx, at)
		if err != nil {
			return 0, err
		}
		unlawful += rowsOf(findings)
		report := register.Report{Kommune: at.Kommune, Tid: s.Now().UTC(), Position: at, Units: units, Findings: make(map[string][]register.Number)}
		for _, f := range findings {
			report.Findings[f.Rule.ID] = append(report.Findings[f.Rule.ID], f.Unit.Number())
		}
		if err := s.Store.KeepReport(ctx, report); err != nil {
			return 0, err
		}
	}
	return unlawful, nil
}

// rowsOf counts the rows that a write would be refused for. What is found of a row comes together.
func rowsOf(findings []Finding) (rows int) {
	var last register.Number
	for _, f := range findings {
		if n := f.Unit.Number(); f.Severity == validation.Fejl && n != last {
			rows, last = rows+1, n
		}
	}
	return rows
}
