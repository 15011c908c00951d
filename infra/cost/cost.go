// Package cost computes what the deployment costs in a month, and which limit of AWS a growing load meets first. The result is
// infra/cost.md, which a test holds to what is computed:
//
//	go test ./infra/cost -update
//
// writes it anew. What it is computed from is in four places. What is deployed is read from template.yaml and infra/stacks; what
// operations take of DynamoDB from the README, where tests of their own hold it; prices.csv has the prices, and where they were read;
// assumptions.csv what nobody can measure before there is a production. measured.csv is what a test of this package measures, and
// writes with -update: how long items, lines and answers are, and what schedules take.
//
// A load of ×100 is a hundred times as many calls of each kind, on the same register: the country has the municipalities it has, and
// nearly as many units. What the calls leave behind is counted. Whoever wants a figure for another load changes assumptions.csv.
package cost

import (
	"fmt"
	"os"
	"path/filepath"
)

// Inputs is what a bill is computed from.
type Inputs struct {
	Prices     Prices
	Assumed    Figures
	Measured   Figures
	Units      map[string]Units // of the README's operations
	Deployment Deployment
}

// Read reads all of it from the project's folder.
func Read(root string) (in Inputs, err error) {
	if in.Prices, err = fromFile(root, "infra/cost/prices.csv", ParsePrices); err != nil {
		return in, err
	}
	if in.Assumed, err = fromFile(root, "infra/cost/assumptions.csv", ParseFigures); err != nil {
		return in, err
	}
	if in.Measured, err = fromFile(root, "infra/cost/measured.csv", ParseFigures); err != nil {
		return in, err
	}
	if in.Units, err = fromFile(root, "README.md", ParseUnits); err != nil {
		return in, err
	}
	in.Deployment, err = ReadDeployment(root)
	return in, err
}

func fromFile[T any](root, path string, parse func(string) (T, error)) (all T, err error) {
	text, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		return all, err
	}
	if all, err = parse(string(text)); err != nil {
		return all, fmt.Errorf("%s: %w", path, err)
	}
	return all, nil
}

// Line is one line of a month's bill.
type Line struct {
	Service  string
	What     string
	With     Cause // what it grows with
	Quantity float64
	Unit     string
	USD      float64
}

// Cause is what a line grows with.
type Cause string

// The causes. What is fixed, or grows with subscribers and waiting consumers alone, is the same at every load.
const (
	Fixed   Cause = "nothing"
	Readers Cause = "subscribers and waiting consumers"
	Calls   Cause = "calls"
	Reads   Cause = "reads"
	Writes  Cause = "writes"
	Events  Cause = "writes × subscribers"
	Stored  Cause = "what is stored"
)

// Grows tells whether a line grows with the load.
func (c Cause) Grows() bool { return c != Fixed && c != Readers }

// Bill computes a month's bill at a load that is so many times the real one. Its error names every figure that is missing.
func Bill(in Inputs, factor float64) ([]Line, error) {
	b := newBill(in)
	m := b.month(factor)
	b.api(m)
	b.lambda(m)
	b.dynamoDB(m)
	b.sqs(m)
	b.cloudWatch(m)
	b.add("X-Ray", "traces of calls, the first of each second and one of twenty beyond", Calls, b.sampled(m), "trace")
	if in.Deployment.Keyed {
		everyMinutes := b.assumed("key-minutes")
		b.add("KMS", "the table's key", Fixed, float64(len(in.Deployment.Memory))*month/60/everyMinutes, "key-request")
	}
	b.add("Transfer", "answers", Reads, b.answers(m)/1e9, "transfer")
	b.add("Transfer", "messages that subscribers take", Events, m.events()*m.subscribers*b.measured("event")/1e9, "transfer")
	return b.lines, b.err()
}

// Total is the sum of a bill, in US dollars.
func Total(lines []Line) (usd float64) {
	for _, l := range lines {
		usd += l.USD
	}
	return usd
}

// calls are how many calls of each kind come in a month, and what they do.
type calls struct {
	creates, changes, closures, moves, refused float64
	validations, lookups, lists, files, polls  float64
	numbers, access                            float64
	subscribers, waits                         float64
	callers                                    float64 // times that the use of a secret is noted
}

func (b *bill) month(factor float64) calls {
	days, daysOfWork := factor*month/(24*3600), factor*b.assumed("working-days")
	m := calls{
		creates: daysOfWork * b.assumed("creates"), changes: daysOfWork * b.assumed("changes"),
		closures: daysOfWork * b.assumed("closures"), moves: daysOfWork * b.assumed("moves"),
		lookups: days * b.assumed("look-ups"), lists: days * b.assumed("lists"), files: days * b.assumed("files"),
		polls: days * b.assumed("polls"), numbers: days * b.assumed("numbers"), access: days * b.assumed("access"),
		subscribers: b.assumed("subscribers"), waits: b.assumed("waiting") * month / b.assumed("wait-seconds"),
		callers: b.assumed("vendors") * b.assumed("office-hours") * b.assumed("working-days"),
	}
	m.refused = m.writes() * b.assumed("refused")
	m.validations = m.writes() * b.assumed("validations")
	return m
}

func (m *calls) writes() float64 { return m.creates + m.changes + m.closures + m.moves }

// events are those of the writes; a move takes along the alternativ adresse.
func (m *calls) events() float64 { return m.writes() + m.moves }

func (m *calls) imports() float64 { return m.writes() + m.refused }

// all are the calls that grow with the load: not those of the consumers who wait.
func (m *calls) all() float64 {
	return m.imports() + m.validations + m.lookups + m.lists + m.files + m.polls + m.numbers + m.access
}

// answers is how long all answers are, in bytes.
func (b *bill) answers(m calls) float64 {
	return m.imports()*b.measured("answer-write") + m.validations*b.measured("answer-validation") + m.lookups*b.measured("answer-look-up") +
		m.lists*b.measured("answer-list") + m.polls*b.measured("answer-poll") + m.files*b.fileBytes() +
		(m.numbers+m.access)*b.measured("answer-look-up")
}

// fileBytes is how long a whole file is.
func (b *bill) fileBytes() float64 { return b.assumed("rows") * b.measured("file-row") }

// sampled is how many traces are recorded: the first call in each second, and one of twenty beyond.
func (b *bill) sampled(m calls) float64 {
	if !b.in.Deployment.Traced {
		return 0
	}
	perSecond := (m.all() + m.waits + m.events() + b.scheduled()) / month
	return month * (min(1, perSecond) + max(0, perSecond-1)/20)
}
