package eventsource

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"dagtilbudsregisteret.dk/infra/template"
)

// Filter lets a stream's records through.
type Filter []any

// NewFilter reads a mapping's patterns. Its error names one that cannot be read.
func NewFilter(source template.Source) (filter Filter, err error) {
	for _, f := range source.FilterCriteria.Filters {
		var pattern any
		if err := json.Unmarshal([]byte(f.Pattern), &pattern); err != nil {
			return nil, fmt.Errorf("the pattern %s: %w", f.Pattern, err)
		}
		if err := check(pattern); err != nil {
			return nil, fmt.Errorf("the pattern %s: %w", f.Pattern, err)
		}
		filter = append(filter, pattern)
	}
	return filter, nil
}

// check finds what is beyond this filter: a pattern that it did not know would let nothing through, or all.
func check(pattern any) error {
	switch p := pattern.(type) {
	case map[string]any:
		for name, member := range p {
			if err := check(member); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		return nil
	case []any:
		for _, one := range p {
			rule, isRule := one.(map[string]any)
			_, isPrefix := rule["prefix"].(string)
			if isRule && (!isPrefix || len(rule) != 1) {
				return fmt.Errorf("%v is no rule known here", rule)
			}
		}
		return nil
	}
	return fmt.Errorf("%v is neither an object nor a list", pattern)
}

// Lets tells whether a record has one of the patterns; all have where there is none.
func (f Filter) Lets(record Record) bool {
	text, err := json.Marshal(record)
	if err != nil {
		return false
	}
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		return false
	}
	return len(f) == 0 || slices.ContainsFunc(f, func(pattern any) bool { return fits(pattern, value) })
}

// fits tells whether a value has a pattern: an object, in each member that the pattern names; anything else, when it is one of those that
// the pattern lists, or a text that begins with one.
func fits(pattern, value any) bool {
	if members, ok := pattern.(map[string]any); ok {
		object, _ := value.(map[string]any)
		for name, member := range members {
			if !fits(member, object[name]) {
				return false
			}
		}
		return true
	}
	text, isText := value.(string)
	return slices.ContainsFunc(pattern.([]any), func(one any) bool {
		if rule, ok := one.(map[string]any); ok {
			return isText && strings.HasPrefix(text, rule["prefix"].(string))
		}
		return one == value
	})
}
