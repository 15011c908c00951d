package xsd

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"dagtilbudsregisteret.dk/shared/xmltree"
)

// facets are those that each kind of type may have. Other processors know more of them; these are what our schemas need.
var facets = [...][]string{
	text:     {"enumeration", "pattern", "whiteSpace", "length", "minLength", "maxLength"},
	integer:  {"enumeration", "pattern", "whiteSpace", "minInclusive", "maxInclusive", "totalDigits", "fractionDigits"},
	decimal:  {"enumeration", "pattern", "whiteSpace", "minInclusive", "maxInclusive", "totalDigits", "fractionDigits"},
	double:   {"enumeration", "pattern", "whiteSpace", "minInclusive", "maxInclusive"},
	boolean:  {"pattern", "whiteSpace"},
	date:     {"pattern", "whiteSpace"},
	dateTime: {"pattern", "whiteSpace"},
}

// restriction is one that is being read: the facets of a type, each of which may only narrow the type below it.
type restriction struct {
	*loader
	file    *file
	base    *simple
	derived simple
	codes   []code
	pattern pattern
	given   map[string]bool
}

// restrict derives a type from another by the facets of a restriction; typ is where it is declared, which its annotation is of.
func (l *loader) restrict(f *file, at *xmltree.Element, base *simple, typ *xmltree.Element) *simple {
	r := &restriction{loader: l, file: f, base: base, derived: *base, given: make(map[string]bool)}
	for _, facet := range l.parts(f, at, facets[base.kind]...) {
		r.facet(facet)
	}
	d := &r.derived
	if r.codes != nil {
		d.codes = r.codes
	}
	r.tegn(typ)
	if r.pattern.says = documentation(typ); r.pattern.branches != nil {
		d.patterns = append(slices.Clip(d.patterns), r.pattern)
	}
	if r.given["length"] && (r.given["minLength"] || r.given["maxLength"]) {
		l.problem(f, at, "length stands alone, without minLength and maxLength")
	}
	if d.maxLength != unset && d.minLength > d.maxLength || d.low != nil && d.high != nil && d.kind.below(*d.high, *d.low) ||
		d.totalDigits != unset && d.fractionDig > d.totalDigits {
		l.problem(f, at, "the facets leave no value")
	}
	return d
}

// characters is how few and how many there may be.
var characters = regexp.MustCompile(`^([0-9]{1,9})-([0-9]{1,9})?$`)

// tegn reads how many characters the patterns let pass, where the annotation of the type says it.
func (r *restriction) tegn(typ *xmltree.Element) {
	p := &r.pattern
	p.most = unset
	for _, said := range annotated(typ) {
		if !isTegn(said) {
			continue
		}
		span := characters.FindStringSubmatch(strings.TrimSpace(said.Text))
		if span == nil {
			r.problem(r.file, said, "%q is no number of characters", said.Text)
			continue
		}
		p.least, _ = strconv.Atoi(span[1])
		if span[2] != "" {
			p.most, _ = strconv.Atoi(span[2])
		}
		if p.branches == nil || r.base.kind != text || p.most != unset && p.most < p.least {
			r.problem(r.file, said, "%q is no number of characters that the patterns let pass", said.Text)
		}
	}
}

// facet takes one into the derived type.
func (r *restriction) facet(at *xmltree.Element) {
	r.attributes(r.file, at, "value")
	r.parts(r.file, at)
	name := at.Name.Local
	raw, ok := attr(at, "value")
	if !ok {
		r.problem(r.file, at, "value is missing")
		return
	}
	if r.given[name] && name != "enumeration" && name != "pattern" {
		r.problem(r.file, at, "%s stands in the restriction already", name)
	}
	r.given[name] = true
	d := &r.derived
	switch name {
	case "pattern":
		if err := r.pattern.add(raw); err != nil {
			r.problem(r.file, at, "pattern %q: %v", raw, err)
		}
	case "whiteSpace":
		w, ok := whiteSpaces[raw]
		r.narrows(at, ok && w >= r.base.space)
		d.space = w
	case "enumeration", "minInclusive", "maxInclusive":
		r.valued(at, raw)
	case "length":
		n := r.size(at, raw)
		r.narrows(at, n >= r.base.minLength && atMost(n, r.base.maxLength))
		d.minLength, d.maxLength = n, n
	case "minLength":
		d.minLength = r.size(at, raw)
		r.narrows(at, d.minLength >= r.base.minLength)
	case "maxLength":
		d.maxLength = r.size(at, raw)
		r.narrows(at, atMost(d.maxLength, r.base.maxLength))
	case "totalDigits":
		d.totalDigits = r.size(at, raw)
		r.narrows(at, d.totalDigits > 0 && atMost(d.totalDigits, r.base.totalDigits))
	case "fractionDigits":
		d.fractionDig = r.size(at, raw)
		r.narrows(at, atMost(d.fractionDig, r.base.fractionDig) && (d.kind == decimal || d.fractionDig == 0))
	}
}

// valued takes a facet that is a value of the base type.
func (r *restriction) valued(at *xmltree.Element, raw string) {
	v, fault := r.base.check(raw)
	r.narrows(at, fault == "")
	switch at.Name.Local {
	case "minInclusive":
		r.derived.low = &v
	case "maxInclusive":
		r.derived.high = &v
	default:
		if slices.ContainsFunc(r.codes, func(c code) bool { return r.base.kind.equals(c.value, v) }) {
			r.problem(r.file, at, "%s stands in the enumeration already", raw)
		}
		r.codes = append(r.codes, code{v, documentation(at)})
	}
}

// size reads a facet that is a number of characters or digits.
func (r *restriction) size(at *xmltree.Element, raw string) int {
	n, err := strconv.ParseUint(raw, 10, 31)
	if err != nil {
		r.problem(r.file, at, "%q is no number of anything", raw)
	}
	return int(n)
}

// narrows notes a facet that takes what the type below it does not.
func (r *restriction) narrows(at *xmltree.Element, ok bool) {
	if !ok {
		value, _ := attr(at, "value")
		r.problem(r.file, at, "%s %q is none, or does not fit the type that is restricted", at.Name.Local, value)
	}
}

// atMost tells whether a facet is no more than another, which may be unset.
func atMost(n, most int) bool { return most == unset || n <= most }
