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

// places are where the findings of reading are, by what each finds: those that find the same are in the order of the document.
type places map[string][]place

func keyOf(f *validation.Finding) string { return f.Rule.ID + "/" + f.Kode + " " + f.Pointer }

func (p places) keep(f *validation.Finding, there place) {
	key := keyOf(f)
	p[key] = append(p[key], there)
}

// take gives where a finding is, if it is one of reading.
func (p places) take(f *validation.Finding) (there place, ok bool) {
	key := keyOf(f)
	kept := p[key]
	if len(kept) == 0 {
		return place{}, false
	}
	p[key] = kept[1:]
	return kept[0], true
}

// located gives the findings of one severity, as many as are answered, each with where in what was sent it is.
func (e *exchange) located(findings []validation.Finding, severity validation.Severity) (all []fund) {
	for _, f := range validation.Answered(findings, severity) {
		there, ok := e.places.take(&f)
		if !ok {
			there = e.locate(f.Pointer)
		}
		all = append(all, fund{f, there})
	}
	return all
}

// locate gives where a pointer leads, from the row, if one was sent, or from the method's element.
func (e *exchange) locate(pointer string) place {
	switch {
	case e.sent == nil:
		return place{}
	case e.row == nil:
		return follow(e.sent, "/"+e.sent.Name.Local, pointer)
	}
	return follow(e.row, "/"+e.sent.Name.Local+"/"+step(e.sent, e.row), pointer)
}

// lists are what pointers call the lists of a tree, and the elements that are in them.
var lists = map[string]string{"anvisningsenheder": "anvisningsenhed", "alternativeAdresser": "alternativAdresse"}

// follow goes down from an element as a pointer says, and as far as it leads: what is missing is where the element is that it should be in.
// Where a name stands more than once it is the last that counts, unless the pointer counts.
func follow(from *xmltree.Element, sti, pointer string) place {
	found := true
	for parts := strings.Split(pointer, "/")[1:]; len(parts) > 0; {
		name, nr := parts[0], -1
		parts = parts[1:]
		if element, list := lists[name]; list && len(parts) > 0 {
			name, nr, parts = element, count(parts[0]), parts[1:]
		} else if n := count(name); n >= 0 {
			name, nr = "nummer", n
		}
		next := (*xmltree.Element)(nil)
		if found {
			next = child(from, name, nr)
		}
		if found = next != nil; !found {
			sti += "/" + name
			continue
		}
		sti += "/" + step(from, next)
		from = next
	}
	there := at(from)
	there.sti = sti
	return there
}

// count reads a place in a list, from 0; -1 for what is none.
func count(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}

// child gives an element's child of a name, the last or the one at a place from 0; nil where there is none.
func child(of *xmltree.Element, name string, nr int) (found *xmltree.Element) {
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
	return found
}

// step is how an XPath names an element's child.
func step(of, child *xmltree.Element) string {
	nr, seen := 0, 0
	for _, c := range of.Children {
		if c.Name.Local == child.Name.Local {
			seen++
		}
		if c == child {
			nr = seen
		}
	}
	if seen == 1 {
		return child.Name.Local
	}
	return child.Name.Local + "[" + strconv.Itoa(nr) + "]"
}
