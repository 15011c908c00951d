package soap

import (
	"strconv"
	"strings"

	"dagtilbudsregisteret.dk/shared/validation"
	"dagtilbudsregisteret.dk/shared/xmltree"
)

// place is where in a document something is: line and column count from 1, 0 for nowhere.
type place struct {
	linje, kolonne int
	sti            string // as an XPath
}

func at(e *xmltree.Element) place { return place{linje: e.Line, kolonne: e.Column} }

// located gives the findings of one severity, as many as are answered, each with where in what was sent its field is.
func (e *exchange) located(findings []validation.Finding, severity validation.Severity) (all []fund) {
	for _, f := range validation.Answered(findings, severity) {
		all = append(all, fund{f, e.locate(f.Pointer)})
	}
	return all
}

// locate gives where a pointer leads: below the row, if one was sent, or below the method's element. What is missing is where the
// element is that it should be in.
func (e *exchange) locate(pointer string) place {
	if e.sent == nil {
		return place{}
	}
	whole := "/" + e.sent.Name.Local
	below, found := follow(e.sent, whole, pointer)
	if e.row == nil {
		return below
	}
	if inRow, ok := follow(e.row, whole+"/"+e.row.Name.Local, pointer); ok || !found {
		return inRow
	}
	return below
}

// lists are what pointers call the lists of a tree, and the elements that are in them.
var lists = map[string]string{"anvisningsenheder": "anvisningsenhed", "alternativeAdresser": "alternativAdresse"}

// follow goes down from an element as a pointer says, and as far as it leads. Where a name stands more than once it is the last that
// something is wrong with, unless the pointer counts.
func follow(from *xmltree.Element, sti, pointer string) (where place, found bool) {
	found = true
	parts := strings.Split(pointer, "/")[1:]
	for len(parts) > 0 {
		name, nr := parts[0], -1
		parts = parts[1:]
		if element, list := lists[name]; list && len(parts) > 0 {
			name, nr, parts = element, count(parts[0]), parts[1:]
		} else if n := count(name); n >= 0 {
			name, nr = "nummer", n
		}
		next, step := child(from, name, nr)
		sti += "/" + step
		if next == nil {
			found = false
			continue
		}
		if found {
			from = next
		}
	}
	where = at(from)
	where.sti = sti
	return where, found
}

// count reads a place in a list, from 0; -1 for what is none.
func count(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}

// child gives an element's child of a name, the last or the one at a place from 0, and how an XPath names it; nil where there is none.
func child(of *xmltree.Element, name string, nr int) (found *xmltree.Element, step string) {
	seen := 0
	for _, c := range of.Children {
		if c.Name.Local != name {
			continue
		}
		if nr < 0 || seen == nr {
			found = c
		}
		seen++
	}
	if nr < 0 {
		nr = seen - 1
	}
	if seen > 1 {
		name += "[" + strconv.Itoa(nr+1) + "]"
	}
	return found, name
}
