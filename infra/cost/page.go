package cost

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Factors are the loads of the page, in multiples of the real one.
var Factors = []float64{1, 100, 10_000}

// page is the page as it is written.
type page struct {
	strings.Builder
	in    Inputs
	bills [][]Line // one for each of Factors
	dkk   float64
}

// Page gives infra/cost.md. Its error names every figure that is missing.
func Page(in Inputs) (string, error) {
	p := &page{in: in}
	for _, factor := range Factors {
		lines, err := Bill(in, factor)
		if err != nil {
			return "", err
		}
		p.bills = append(p.bills, lines)
	}
	dkk, found := in.Assumed.find("dkk")
	if !found {
		return "", fmt.Errorf("there is no figure for dkk")
	}
	p.dkk = dkk.Value
	limits, err := Limits(in)
	if err != nil {
		return "", err
	}
	p.introduction(limits)
	p.services()
	p.details()
	if err := p.growth(); err != nil {
		return "", err
	}
	p.limits(limits)
	p.prices()
	p.assumptions()
	return p.String(), nil
}

func (p *page) line(format string, args ...any) { fmt.Fprintf(&p.Builder, format+"\n", args...) }

// row writes a row of a table.
func (p *page) row(cells ...string) { p.line("| %s |", strings.Join(cells, " | ")) }

// head writes the head of a table, whose last columns are numbers.
func (p *page) head(numbers int, cells ...string) {
	p.line("")
	p.row(cells...)
	rules := make([]string, len(cells))
	for i := range rules {
		rules[i] = "---"
		if i >= len(cells)-numbers {
			rules[i] = "---:"
		}
	}
	p.line("|%s|", strings.Join(rules, "|"))
}

func (p *page) introduction(limits []Limit) {
	first, foreign := firstOf(limits, true), firstOf(limits, false)
	totals := make([]string, len(Factors))
	for i, lines := range p.bills {
		totals[i] = fmt.Sprintf("**%s DKK** (%s USD) at %s", money(Total(lines)*p.dkk), money(Total(lines)), times(Factors[i]))
	}
	p.line("# What it costs\n")
	p.line("A month of prod: %s.", strings.Join(totals, ", "))
	p.line("Test and preprod each cost the fixed part besides, **%s DKK**, even if nobody calls them.", money(p.fixed()*p.dkk))
	p.line("×1 is the register's real load, ×100 and ×10,000 are so many times the calls of each kind on the same register.")
	p.line("The first limit is met at %s, one that the template sets: %s.", times(first.Factor()), first.What)
	p.line("The first of AWS's is met at %s: %s.", times(foreign.Factor()), foreign.What)
	p.line("[All limits](#where-the-first-limit-is-met) are below, with what moves them.\n")
	p.line("This page is computed: `go test ./infra/cost -update` writes it, and a test fails where it is not what is computed. What is deployed")
	p.line("is read from `template.yaml` and `infra/stacks`, what operations take of DynamoDB from the [README](../README.md), and sizes are measured.")
	p.line("What nobody can know before there is a production is [assumed](#what-is-assumed): whoever knows better changes")
	p.line("[assumptions.csv](cost/assumptions.csv). Free tiers, discounts and VAT are left out, and each price is that of the first tier, so that large")
	p.line("loads cost less than is said here. [Not all prices](#prices) are confirmed for the region.")
}

// fixed gives what is paid if nobody calls and nobody reads.
func (p *page) fixed() float64 {
	return Total(slices.DeleteFunc(slices.Clone(p.bills[0]), func(l Line) bool { return l.With != Fixed }))
}

// firstOf gives the first limit that is the deployment's own, or AWS's.
func firstOf(limits []Limit, own bool) Limit {
	return limits[slices.IndexFunc(limits, func(l Limit) bool { return l.Own == own })]
}

// names gives the services in the order of the first bill.
func (p *page) names() (names []string) {
	for _, l := range p.bills[0] {
		if !slices.Contains(names, l.Service) {
			names = append(names, l.Service)
		}
	}
	return names
}

func (p *page) services() {
	p.line("\n## By service")
	cells := []string{"A month"}
	for _, f := range Factors {
		cells = append(cells, "USD, "+times(f), "DKK, "+times(f))
	}
	p.head(2*len(Factors), cells...)
	for _, name := range p.names() {
		p.sums(name, func(l Line) bool { return l.Service == name })
	}
	p.sums("**All**", func(Line) bool { return true })
	p.sums("of which the same at every load", func(l Line) bool { return !l.With.Grows() })
}

// sums writes a row of what the lines of some kind come to.
func (p *page) sums(name string, of func(Line) bool) {
	cells := []string{name}
	for _, lines := range p.bills {
		usd := Total(slices.DeleteFunc(slices.Clone(lines), func(l Line) bool { return !of(l) }))
		cells = append(cells, money(usd), money(usd*p.dkk))
	}
	p.row(cells...)
}

func (p *page) details() {
	p.line("\n## Line by line")
	cells := []string{"Service", "What", "Grows with", "At ×1", ""}
	for _, f := range Factors {
		cells = append(cells, "USD, "+times(f))
	}
	p.head(len(Factors), cells...)
	for i, l := range p.bills[0] {
		cells := []string{l.Service, l.What, string(l.With), amount(l.Quantity), l.Unit}
		for _, lines := range p.bills {
			cells = append(cells, money(lines[i].USD))
		}
		p.row(cells...)
	}
	p.line("\nTo read the table's stream costs nothing, for it is a function that reads it. Nor do the schedules' rules, the alarms' mails, and the")
	p.line("start of a restored table count here.")
}

// growth tells what one more of something costs, by computing the bill with it.
func (p *page) growth() error {
	p.line("\n## What grows")
	p.head(2, "One more", "USD a month", "DKK a month")
	days := month / (24 * 3600)
	for _, g := range []struct {
		what, id string
		more     float64
		per      float64 // that many of it in a month are one of id
	}{
		{"thousand changes a month, with their questions, events and refusals", "changes", 1000, p.value("working-days")},
		{"thousand new numbers a month, likewise", "creates", 1000, p.value("working-days")},
		{"million look-ups a month", "look-ups", 1e6, days},
		{"million lists of a municipality a month", "lists", 1e6, days},
		{"thousand whole files a month", "files", 1000, days},
		{"million looks into the feed a month", "polls", 1e6, days},
		{"subscriber with a queue", "subscribers", 1, 1},
		{"consumer that always waits on the feed", "waiting", 1, 1},
		{"year of the load that is stored", "months", 12, 1},
		{"thousand rows in the register", "rows", 1000, 1},
	} {
		in := p.in
		in.Assumed = in.Assumed.With(g.id, p.value(g.id)+g.more/g.per)
		lines, err := Bill(in, 1)
		if err != nil {
			return err
		}
		usd := Total(lines) - Total(p.bills[0])
		p.row(g.what, small(usd), small(usd*p.dkk))
	}
	p.line("\nA consumer that waits on the feed keeps an instance of a function to itself all the time: a queue is the cheaper way to be told, and of those")
	p.line("who look into the feed those who look every minute cost next to nothing. Metrics are paid for by the month for each set of dimensions, so")
	p.line("they grow with functions and subscribers and not with calls. A file costs what its rows cost: a register of twice the rows, of which each")
	p.line("is taken twice as often, pays four times as much for files.")
	return nil
}

func (p *page) value(id string) float64 {
	f, _ := p.in.Assumed.find(id)
	return f.Value
}

func (p *page) limits(limits []Limit) {
	p.line("\n## Where the first limit is met")
	p.line("\nWhat is used is that of the busiest second of a month: %s times the average, with %s %% of it in the largest municipality. What is met",
		amount(p.value("peak")), amount(100*p.value("largest")))
	p.line("beyond ×10,000 is told so that nobody looks for it. A bill for more than a limit allows is one for when it has been moved.")
	p.head(1, "What", "Most", "Used at ×1", "Moved by", "Met at")
	for _, l := range limits {
		p.row(l.What, amount(l.Most)+" "+l.Unit, small(l.Use+l.Else), l.Moved, times(l.Factor()))
	}
	p.line("\nA partition is split by DynamoDB itself where its items are called at many keys. A queue's 2,400 are those of regions that AWS does not name.")
	p.line("One import is no load that adds up: it writes one transaction after the other, however many lines it has. Two for the same municipality")
	p.line("take turns. What is answered stays below the 6 MB of Lambda whatever the load: a file that is larger comes in parts, and an import whose")
	p.line("results would be more stops in time. A user's own pace (50 writes and 100 reads a second) is met before most of this, by whoever is the")
	p.line("only one to call so often: `dtr adgang create -skrivninger -laesninger`.\n")
	p.line("What AWS allows is by its documentation: [DynamoDB](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html) and")
	p.line("[its warm throughput](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput-scenarios.html),")
	p.line("[Lambda](https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html),")
	p.line("[HTTP API](https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html) and")
	p.line("[SQS](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html).")
}

func (p *page) prices() {
	p.line("\n## Prices")
	p.line("\nWhat a page says of another region is taken for Stockholm all the same, and is not confirmed for it: it may be some percent more there.")
	p.head(0, "What", "USD", "Confirmed for eu-north-1", "Read from")
	for _, price := range p.in.Prices {
		confirmed := "yes"
		switch price.Region {
		case Region:
		case "":
			confirmed = "no; the page could not be read"
		default:
			confirmed = "no; the page is about " + price.Region
		}
		per := amount(price.Per) + " " + price.Unit
		if price.Per == 1 {
			per = "a " + strings.TrimSuffix(price.Unit, "s")
		}
		usd := strconv.FormatFloat(price.USD, 'f', -1, 64)
		p.row(price.What, usd+" for "+per, confirmed, fmt.Sprintf("[%s](%s), %s", host(price.Page), price.Page, price.Read))
	}
}

// Region is where it is deployed.
const Region = "eu-north-1"

func host(page string) string {
	_, rest, _ := strings.Cut(page, "://")
	name, _, _ := strings.Cut(rest, "/")
	return name
}

func (p *page) assumptions() {
	p.line("\n## What is assumed")
	p.head(0, "What", "Taken to be", "Why")
	for _, f := range p.in.Assumed {
		p.row(f.What, strings.TrimSpace(amount(f.Value)+" "+f.Unit), f.Why)
	}
	p.line("\nLeft out, for they come to less than is lost in rounding: the calls of v1, each of which is counted by a write unit; a user's grants beyond")
	p.line("some forty; messages that are taken more than once; storage of the functions' code; mails of alarms.")
	p.line("\n## What is measured")
	p.line("\nOn rows with every field filled in, in a register of 98 municipalities, by a test that writes [measured.csv](cost/measured.csv).")
	p.head(0, "What", "Is", "How")
	for _, f := range p.in.Measured {
		p.row(f.What, amount(f.Value)+" "+f.Unit, f.Why)
	}
}

// times gives a factor as ×1, ×29, ×1,200 or ×10,000.
func times(factor float64) string {
	digits := max(0, int(math.Log10(max(1, factor)))-1)
	step := math.Pow10(digits)
	return "×" + amount(math.Floor(factor/step)*step)
}

// money gives an amount with two decimals below a hundred, and without beyond.
func money(amount float64) string {
	switch {
	case amount > 0 && amount < 0.005:
		return "< 0.01"
	case amount < 100:
		return strconv.FormatFloat(amount, 'f', 2, 64)
	}
	return thousands(strconv.FormatFloat(amount, 'f', 0, 64))
}

// small gives an amount with two digits that tell something.
func small(amount float64) string {
	if amount >= 100 || amount == 0 {
		return thousands(strconv.FormatFloat(amount, 'f', 0, 64))
	}
	return strconv.FormatFloat(amount, 'f', max(0, 1-int(math.Floor(math.Log10(amount)))), 64)
}

// amount gives a number with up to three digits behind the point where it is small.
func amount(n float64) string {
	if n > 0 && n < 0.001 {
		return small(n)
	}
	decimals := max(0, 3-int(math.Ceil(math.Log10(max(1, n)))))
	if n < 1 {
		decimals = 3
	}
	text := strconv.FormatFloat(n, 'f', decimals, 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return thousands(text)
}

// thousands puts commas into the digits before the point.
func thousands(text string) string {
	whole, rest, found := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if found {
		return whole + "." + rest
	}
	return whole
}
