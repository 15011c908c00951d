package cost

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Price is what AWS takes for something, in US dollars before tax, without free tiers and discounts.
type Price struct {
	ID     string
	USD    float64
	Per    float64 // that many units cost USD
	Unit   string
	What   string
	Region string // for which the page says so; empty where none could be read
	Page   string
	Read   string // the day
}

// Figure is a number that was assumed or measured.
type Figure struct {
	ID    string
	Value float64
	Unit  string
	What  string
	Why   string // why it is assumed, or how it was measured
}

// Prices are prices by their ids, Figures numbers.
type (
	Prices  []Price
	Figures []Figure
)

// ParsePrices reads the prices of a file such as prices.csv.
func ParsePrices(text string) (all Prices, err error) {
	for r, err := range records(text, "id", "usd", "per", "unit", "what", "region", "page", "read") {
		if err != nil {
			return nil, err
		}
		usd, usdErr := strconv.ParseFloat(r[1], 64)
		per, perErr := strconv.ParseFloat(r[2], 64)
		if usdErr != nil || perErr != nil || usd <= 0 || per <= 0 {
			return nil, fmt.Errorf("the price %s is %s for %s", r[0], r[1], r[2])
		}
		all = append(all, Price{r[0], usd, per, r[3], r[4], r[5], r[6], r[7]})
	}
	return all, nil
}

// ParseFigures reads the numbers of a file such as assumptions.csv.
func ParseFigures(text string) (all Figures, err error) {
	for r, err := range records(text, "id", "value", "unit", "what", "why") {
		if err != nil {
			return nil, err
		}
		value, err := strconv.ParseFloat(r[1], 64)
		if err != nil || value < 0 {
			return nil, fmt.Errorf("the figure %s is %q", r[0], r[1])
		}
		all = append(all, Figure{r[0], value, r[2], r[3], r[4]})
	}
	return all, nil
}

// records goes through the lines of a file with semicolons below its header. Each begins with an id of its own.
func records(text string, header ...string) func(func([]string, error) bool) {
	return func(yield func([]string, error) bool) {
		file := csv.NewReader(strings.NewReader(text))
		file.Comma = ';'
		seen := make(map[string]bool)
		for first := true; ; first = false {
			record, err := file.Read()
			switch {
			case err == io.EOF && !first:
				return
			case err == nil && first && !slices.Equal(record, header):
				err = fmt.Errorf("the header is %q, want %q", record, header)
			case err == nil && seen[record[0]]:
				err = fmt.Errorf("%s stands twice", record[0])
			case err == nil && first:
				continue
			}
			if err == nil {
				seen[record[0]] = true
			}
			if !yield(record, err) || err != nil {
				return
			}
		}
	}
}

// With gives the figures with another value for one of them.
func (f Figures) With(id string, value float64) Figures {
	f = slices.Clone(f)
	for i := range f {
		if f[i].ID == id {
			f[i].Value = value
		}
	}
	return f
}

func (f Figures) find(id string) (Figure, bool) {
	i := slices.IndexFunc(f, func(g Figure) bool { return g.ID == id })
	if i < 0 {
		return Figure{}, false
	}
	return f[i], true
}

func (p Prices) find(id string) (Price, bool) {
	i := slices.IndexFunc(p, func(q Price) bool { return q.ID == id })
	if i < 0 {
		return Price{}, false
	}
	return p[i], true
}

// Units is what an operation takes: of DynamoDB, and of SQS.
type Units struct{ Write, Read, Requests float64 }

// ParseUnits reads the README's tables of what operations take, by the operations' names there.
func ParseUnits(readme string) (map[string]Units, error) {
	all := make(map[string]Units)
	for line := range strings.Lines(readme) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if !strings.HasPrefix(line, "|") || len(cells) < 3 || len(cells) > 4 {
			continue
		}
		if u, ok := parseUnits(cells[1:]); ok {
			all[strings.TrimSpace(cells[0])] = u
		}
	}
	if len(all) == 0 {
		return nil, errors.New("there is no table of units")
	}
	return all, nil
}

// parseUnits reads the numbers of a row; ok is false where it is of another table.
func parseUnits(cells []string) (u Units, ok bool) {
	for i, into := range []*float64{&u.Write, &u.Read, &u.Requests}[:len(cells)] {
		var err error
		if *into, err = strconv.ParseFloat(strings.TrimSpace(cells[i]), 64); err != nil {
			return u, false
		}
	}
	return u, true
}
