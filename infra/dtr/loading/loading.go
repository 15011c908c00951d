// Package loading brings a file of existing anvisningsenheder into the register, each under its own number and below a daginstitution
// of its own, which gets a newly issued number and the lovgrundlag that the register's lawful triples imply.
//
// Rows go in calls of [RowsPerCall]. A row that the register does not have yet takes three steps: it is judged in a dry run, the number
// of its daginstitution is reserved, and both are loaded. A row that is refused is refused in the first step, so that it leaves
// nothing behind: no daginstitution without units, and no number that is never used.
//
// # Why a load can be killed anywhere, and run again
//
// The number of a row's daginstitution is reserved under an idempotency key made of the row's own number and nothing else. So it is the
// same number in every run, whatever became of the runs before, whatever rows were added to the file or taken out of it since, and
// whoever else is loading it at the same time. To load a unit that is there with the same content changes nothing. Hence each step
// may be taken any number of times, and a daginstitution whose unit did not make it is found again.
//
// A row that the register has, from an earlier load or in any other way, is sent below the daginstitution it stands under. The register
// then compares it: it is there already, or it is refused because the register knows better by now.
package loading

import (
	"context"
	"slices"
	"sync"

	"dagtilbudsregisteret.dk/infra/dtr/client"
	"dagtilbudsregisteret.dk/infra/dtr/unitfile"
	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/register"
)

// RowsPerCall is how many rows go in one call: enough to make the calls few, and far within what a call may hold.
const RowsPerCall = 500

// Loader brings rows into a register.
type Loader struct {
	Register *client.Client
	Progress func(rows int) // is told how many more rows are done
}

// Load loads rows. Where it fails on the way, or is stopped, the report tells how far it came.
func (l *Loader) Load(ctx context.Context, rows []unitfile.Row) (*Report, error) {
	report := &Report{}
	for _, n := range highest(rows) {
		if err := l.Register.MoveBeyond(ctx, n); err != nil {
			return report, err
		}
	}
	return report, l.each(ctx, rows, func(tasks []*task) error { return l.load(ctx, tasks, report) })
}

// Validate tells what Load would do, and writes nothing.
func (l *Loader) Validate(ctx context.Context, rows []unitfile.Row) (*Report, error) {
	report := &Report{}
	return report, l.each(ctx, rows, func(tasks []*task) error {
		verdicts, err := l.send(ctx, tasks, true)
		for i, v := range verdicts {
			report.add(tasks[i], v)
		}
		return err
	})
}

// highest gives the highest number of each letter, for the register alone knows which letters follow which in its series.
func highest(rows []unitfile.Row) []register.Number {
	byLetter := make(map[rune]register.Number)
	for i := range rows {
		letter := []rune(rows[i].Number)[0]
		byLetter[letter] = max(byLetter[letter], rows[i].Number)
	}
	numbers := make([]register.Number, 0, len(byLetter))
	for _, n := range byLetter {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	return numbers
}

// each hands out the rows as tasks, a call's worth at a time.
func (l *Loader) each(ctx context.Context, rows []unitfile.Row, do func([]*task) error) error {
	placed, err := l.Register.Placements(ctx)
	if err != nil {
		return err
	}
	triples, err := l.Register.Triples(ctx)
	if err != nil {
		return err
	}
	tables := codes.Tables{Triples: triples}
	for chunk := range slices.Chunk(rows, RowsPerCall) {
		tasks := make([]*task, len(chunk))
		for i := range chunk {
			row := &chunk[i]
			lovgrundlag, _ := tables.Implied(row.EjerformKode, row.InstType3)
			tasks[i] = &task{row: row, lovgrundlag: lovgrundlag, placed: placed[row.Number]}
		}
		if err := do(tasks); err != nil {
			return err
		}
		l.Progress(len(tasks))
	}
	return nil
}

// load takes one call's worth of rows through the steps.
func (l *Loader) load(ctx context.Context, tasks []*task, report *Report) error {
	fresh := slices.DeleteFunc(slices.Clone(tasks), func(t *task) bool { return t.placed != "" })
	judged, err := l.send(ctx, fresh, true)
	if err != nil {
		return err
	}
	refused := make(map[*task]bool)
	for i, v := range judged {
		if v.refused() {
			report.add(fresh[i], v)
			refused[fresh[i]] = true
		}
	}
	gone := func(t *task) bool { return refused[t] }
	fresh, tasks = slices.DeleteFunc(fresh, gone), slices.DeleteFunc(tasks, gone)
	if err := l.reserve(ctx, fresh); err != nil {
		return err
	}
	verdicts, err := l.send(ctx, tasks, false)
	for i, v := range verdicts {
		report.add(tasks[i], v)
	}
	return err
}

// reserve sets aside a number for the daginstitution of each row.
func (l *Loader) reserve(ctx context.Context, tasks []*task) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	todo := make(chan *task)
	var workers sync.WaitGroup
	for range client.MostAtOnce {
		workers.Go(func() {
			for t := range todo {
				var err error
				if t.reserved, err = l.Register.Reserve(ctx, "dtr-load/"+string(t.row.Number)); err != nil {
					fail(err)
				}
			}
		})
	}
	for _, t := range tasks {
		todo <- t
	}
	close(todo)
	workers.Wait()
	return context.Cause(ctx)
}

// send has the register take rows, or judge them in a dry run, and gives a verdict for each.
func (l *Loader) send(ctx context.Context, tasks []*task, dryRun bool) ([]verdict, error) {
	var lines []client.Line
	for _, t := range tasks {
		lines = append(lines, t.lines()...)
	}
	if len(lines) == 0 {
		return nil, nil
	}
	body, err := client.Encode(lines)
	if err != nil {
		return nil, err
	}
	answered, err := l.Register.Import(ctx, body, dryRun)
	if err != nil {
		return nil, err
	}
	verdicts := make([]verdict, len(tasks))
	for i, t := range tasks {
		own := len(t.lines())
		verdicts[i], answered = answered[:own], answered[own:]
	}
	return verdicts, nil
}
