package cost_test

import (
	"cmp"
	"encoding/csv"
	"flag"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dagtilbudsregisteret.dk/infra/cost"
)

const root = "../.."

var update = flag.Bool("update", false, "write measured.csv, where there is a DynamoDB and an SQS to measure on, and infra/cost.md")

// TestUpToDate holds measured.csv to what is measured, and then the page to what is computed.
func TestUpToDate(t *testing.T) {
	t.Run("measured", func(t *testing.T) {
		found := measure(t)
		if *update {
			write(t, "measured.csv", found)
		}
		in := inputs(t)
		if len(found) != len(in.Measured) {
			t.Errorf("%d figures are measured, and %d kept", len(found), len(in.Measured))
		}
		for i := range min(len(found), len(in.Measured)) {
			if found[i] != in.Measured[i] {
				t.Errorf("measured %+v, kept %+v: go test ./infra/cost -update", found[i], in.Measured[i])
			}
		}
	})
	t.Run("page", func(t *testing.T) {
		page, err := cost.Page(inputs(t))
		if err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile("../cost.md", []byte(page), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if text, err := os.ReadFile("../cost.md"); string(text) != page {
			t.Errorf("infra/cost.md is not what is computed: go test ./infra/cost -update (%v)", err)
		}
	})
}

func inputs(t testing.TB) cost.Inputs {
	t.Helper()
	in, err := cost.Read(root)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func bill(t *testing.T, in cost.Inputs, factor float64) []cost.Line {
	t.Helper()
	lines, err := cost.Bill(in, factor)
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func limits(t *testing.T, in cost.Inputs) map[string]cost.Limit {
	t.Helper()
	all, err := cost.Limits(in)
	if err != nil {
		t.Fatal(err)
	}
	byName := make(map[string]cost.Limit)
	for _, l := range all {
		byName[l.What] = l
	}
	if len(byName) != len(all) {
		t.Errorf("%d limits have %d names", len(all), len(byName))
	}
	return byName
}

// TestLinesGrow has each line that grows cost more at a larger load, and no other change.
func TestLinesGrow(t *testing.T) {
	in := inputs(t)
	less := bill(t, in, 1)
	for _, factor := range cost.Factors[1:] {
		more := bill(t, in, factor)
		if len(more) != len(less) {
			t.Fatalf("%d lines at ×%v, %d before", len(more), factor, len(less))
		}
		for i, l := range more {
			if before := less[i]; l.With.Grows() != (l.USD > before.USD) || !l.With.Grows() && l.USD != before.USD || l.USD <= 0 {
				t.Errorf("%s, %s, grows with %s: %v, and %v at ×%v", l.Service, l.What, l.With, before.USD, l.USD, factor)
			}
		}
		less = more
	}
}

// TestSums adds up the page's table by service, which must come to what it says of all.
func TestSums(t *testing.T) {
	in := inputs(t)
	for _, factor := range cost.Factors {
		lines := bill(t, in, factor)
		byService, whole := make(map[string]float64), 0.0
		for _, l := range lines {
			byService[l.Service] += l.USD
		}
		for _, usd := range byService {
			whole += usd
		}
		if total := cost.Total(lines); math.Abs(total-whole) > 1e-9*total || len(byService) < 8 {
			t.Errorf("at ×%v the services come to %v, all of it to %v", factor, whole, total)
		}
	}
}

// TestEveryFigureCounts takes away one figure after the other, which must be an error that names it; so none is there for nothing.
func TestEveryFigureCounts(t *testing.T) {
	in := inputs(t)
	without := func(id string, in cost.Inputs) {
		t.Helper()
		if _, err := cost.Page(in); err == nil || !strings.Contains(err.Error(), id) {
			t.Errorf("without %s: %v", id, err)
		}
	}
	for i, p := range in.Prices {
		less := in
		less.Prices = slices.Delete(slices.Clone(in.Prices), i, i+1)
		without(p.ID, less)
	}
	for i, f := range in.Assumed {
		less := in
		less.Assumed = slices.Delete(slices.Clone(in.Assumed), i, i+1)
		without(f.ID, less)
	}
	for i, f := range in.Measured {
		less := in
		less.Measured = slices.Delete(slices.Clone(in.Measured), i, i+1)
		without(f.ID, less)
	}
	for _, operation := range []string{"create, next", "update", "look-up by number", "1 event, 3 subscribers"} {
		less := in
		less.Units = maps.Clone(in.Units)
		delete(less.Units, operation)
		without(operation, less)
	}
}

// TestPricesSayWhereTheyAreFrom holds each price to a page and a day.
func TestPricesSayWhereTheyAreFrom(t *testing.T) {
	for _, p := range inputs(t).Prices {
		if !strings.HasPrefix(p.Page, "https://") || len(p.Read) != len("2026-11-23") || p.What == "" || p.Unit == "" {
			t.Errorf("%+v", p)
		}
	}
}

// TestLimitsMove makes the load larger, and the limits: each must be met sooner by the first, and later by the second.
func TestLimitsMove(t *testing.T) {
	in := inputs(t)
	before := limits(t, in)
	last := 0.0
	all, err := cost.Limits(in)
	for _, l := range all {
		if factor := l.Factor(); factor < last || factor <= 1 || err != nil || l.Moved == "" {
			t.Errorf("%s is met at ×%v, after ×%v", l.What, factor, last)
		}
		last = l.Factor()
	}
	for _, id := range []string{"creates", "changes", "closures", "moves", "look-ups", "lists", "files", "polls"} {
		f := value(in.Assumed, id)
		in.Assumed = in.Assumed.With(id, 2*f)
	}
	for name, l := range limits(t, in) {
		if was := before[name]; l.Factor() >= was.Factor() {
			t.Errorf("%s is met at ×%v by twice the load, at ×%v before", name, l.Factor(), was.Factor())
		}
	}
	in = inputs(t)
	in.Deployment.RouteRate *= 2
	const route = "calls of one route, here look-ups"
	if got, want := limits(t, in)[route], before[route]; got.Factor() != 2*want.Factor() {
		t.Errorf("with twice the rate it is met at ×%v, before at ×%v", got.Factor(), want.Factor())
	}
}

func value(all cost.Figures, id string) float64 {
	return all[slices.IndexFunc(all, func(f cost.Figure) bool { return f.ID == id })].Value
}

// TestDeployment reads what is deployed, as far as it is known here.
func TestDeployment(t *testing.T) {
	d := inputs(t).Deployment
	if d.Memory["import"] != 1 || d.Memory["numbers"] != 0.5 || len(d.Memory) != 6 {
		t.Errorf("memory %v", d.Memory)
	}
	if got := slices.Sorted(maps.Keys(d.Runs)); !slices.Equal(got, []string{"access", "numbers", "relay", "validation"}) {
		t.Errorf("schedules of %v", got)
	}
	if math.Round(d.Runs["relay"]) != 43_800 || math.Round(d.Runs["numbers"]) != 730 || math.Round(d.Runs["validation"]) != 30 {
		t.Errorf("runs %v", d.Runs)
	}
	if d.Alarms < 15 || d.SubscriberAlarms < 1 || d.Dashboards != 1 || d.LogDays < 30 || d.RouteRate == 0 || !d.Recovery || !d.Keyed || !d.Traced {
		t.Errorf("%+v", d)
	}
	if got := d.AccessLine(20); got < 300 || got > 1000 {
		t.Errorf("a line of the access log has %v bytes", got)
	}
	format := cost.Deployment{AccessFormat: `{"id":"$context.requestId","error":"$context.error.message"}`}
	if got := format.AccessLine(20); got != float64(len(`{"id":"","error":""}`))+40 {
		t.Errorf("a line of two values has %v bytes", got)
	}
}

// TestSwitches turns off what the deployment has and need not have.
func TestSwitches(t *testing.T) {
	whole := cost.Total(bill(t, inputs(t), 1))
	for name, turn := range map[string]func(*cost.Deployment){
		"recovery": func(d *cost.Deployment) { d.Recovery = false },
		"the key":  func(d *cost.Deployment) { d.Keyed = false },
		"tracing":  func(d *cost.Deployment) { d.Traced = false },
		"an alarm": func(d *cost.Deployment) { d.Alarms-- },
		"memory":   func(d *cost.Deployment) { d.Memory["export"] /= 2 },
		"a sweep":  func(d *cost.Deployment) { d.Runs["relay"]-- },
		"log days": func(d *cost.Deployment) { d.LogDays-- },
	} {
		in := inputs(t)
		turn(&in.Deployment)
		if less := cost.Total(bill(t, in, 1)); less >= whole {
			t.Errorf("with less of %s it costs %v, and %v with it", name, less, whole)
		}
	}
}

func TestParse(t *testing.T) {
	const priceHeader, figureHeader = "id;usd;per;unit;what;region;page;read\n", "id;value;unit;what;why\n"
	prices, err := cost.ParsePrices(priceHeader + "a;0.5;1000;requests;what;eu-north-1;https://a;2026-11-23\n")
	want := cost.Prices{{"a", 0.5, 1000, "requests", "what", "eu-north-1", "https://a", "2026-11-23"}}
	if err != nil || !slices.Equal(prices, want) {
		t.Errorf("%+v, %v", prices, err)
	}
	for _, text := range []string{"", "id;usd\n", priceHeader + "a;b\n", priceHeader + "a;0;1;u;w;r;p;d\n", priceHeader + "a;1;0;u;w;r;p;d\n",
		priceHeader + "a;x;1;u;w;r;p;d\n", priceHeader + "a;1;1;u;w;r;p;d\na;1;1;u;w;r;p;d\n"} {
		if got, err := cost.ParsePrices(text); err == nil {
			t.Errorf("%q is read as %v", text, got)
		}
	}
	for _, text := range []string{"", figureHeader + "a;-1;u;w;y\n", figureHeader + "a;;u;w;y\n", figureHeader + "a;1;u;w\n"} {
		if got, err := cost.ParseFigures(text); err == nil {
			t.Errorf("%q is read as %v", text, got)
		}
	}
	units, err := cost.ParseUnits("| A | W | R |\n|---|---|---|\n| create | 9 | 4.5 |\n| relay | 1 | 2 | 3 |\n| run | 2.2 × | 1 |\n| a | b |\n")
	taken := map[string]cost.Units{"create": {Write: 9, Read: 4.5}, "relay": {Write: 1, Read: 2, Requests: 3}}
	if err != nil || !maps.Equal(units, taken) {
		t.Errorf("%v, %v", units, err)
	}
	if _, err := cost.ParseUnits("# no table"); err == nil {
		t.Error("a README without a table is read")
	}
}

// TestLargestShare compares the share of the largest municipality with that of the real units, which are not part of the project:
// DTR_REAL_DATA names the folder with real-units.csv.
func TestLargestShare(t *testing.T) {
	path := filepath.Join(cmp.Or(os.Getenv("DTR_REAL_DATA"), "../../../shared/data"), "real-units.csv")
	file, err := os.Open(path)
	if err != nil {
		t.Skipf("NOT RUN: TestLargestShare needs %s; set DTR_REAL_DATA to the folder that holds it", path)
	}
	defer file.Close()
	rows := csv.NewReader(file)
	rows.Comma = ';'
	all, err := rows.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	count := make(map[string]float64)
	for _, row := range all[1:] {
		count[row[4]]++
	}
	share := slices.Max(slices.Collect(maps.Values(count))) / float64(len(all)-1)
	if assumed := value(inputs(t).Assumed, "largest"); math.Abs(assumed-share) > 0.005 {
		t.Errorf("the largest municipality has %.3f of the units, and %v is assumed", share, assumed)
	}
}
