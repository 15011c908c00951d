package xsd

import (
	"strings"
	"unicode/utf8"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/xmltree"
)

// simple is the type of a value, with all facets of those it is derived from.
type simple struct {
	kind     kind
	space    whiteSpace
	patterns []pattern // all of which must fit
	codes    []code    // what it may be; nil for anything

	minLength, maxLength     int // in characters; unset for any
	totalDigits, fractionDig int // unset for any
	low, high                *value
}

// unset is a facet that there is none of.
const unset = -1

// kind is the builtin type at the root of a type, as far as its values are of different kinds.
type kind uint8

const (
	text kind = iota
	integer
	decimal
	double
	boolean
	date
	dateTime
)

// whiteSpace is what becomes of the white space in a value. A type may do more of it than the one it is derived from, never less.
type whiteSpace uint8

const (
	preserve whiteSpace = iota
	replace             // with spaces
	collapse            // to single spaces between words
)

var whiteSpaces = map[string]whiteSpace{"preserve": preserve, "replace": replace, "collapse": collapse}

var spaces = strings.NewReplacer("\t", " ", "\n", " ", "\r", " ")

func (w whiteSpace) apply(s string) string {
	if w == preserve {
		return s
	}
	s = spaces.Replace(s)
	if w == collapse {
		s = strings.Join(strings.FieldsFunc(s, func(c rune) bool { return c == ' ' }), " ")
	}
	return s
}

// code is a value of an enumeration.
type code struct {
	value
	says register.Text // its documentation; empty for none
}

// value is a value that was read.
type value struct {
	lexical string // with its white space as the type has it
	number  number // of an integer or decimal
	float   float64
}

// equals tells whether two values of a kind are the same: 01 is 1.
func (k kind) equals(a, b value) bool {
	switch k {
	case integer, decimal:
		return a.number == b.number
	case double:
		return a.float == b.float || a.float != a.float && b.float != b.float
	}
	return a.lexical == b.lexical
}

// below tells whether a number is less than another; NaN is not, and nothing is less than it.
func (k kind) below(a, b value) bool {
	if k == double {
		return a.float < b.float
	}
	return a.number.compare(b.number) < 0
}

// within tells whether a number is between the bounds. NaN is between none.
func (s *simple) within(v value) bool {
	if v.float != v.float && (s.low != nil || s.high != nil) {
		return false
	}
	return !(s.low != nil && s.kind.below(v, *s.low) || s.high != nil && s.kind.below(*s.high, v))
}

// check reads a value; fault is the code of what is wrong with it, or empty.
func (s *simple) check(raw string) (v value, fault string) {
	v, ok := s.kind.read(s.space.apply(raw))
	if !ok {
		return v, s.kind.fault()
	}
	if !s.within(v) {
		return v, Udenfor
	}
	if s.totalDigits != unset && v.number.digits() > s.totalDigits || s.fractionDig != unset && len(v.number.fraction) > s.fractionDig {
		return v, ForMangeCifre
	}
	if s.kind == text {
		if n := utf8.RuneCountInString(v.lexical); s.maxLength != unset && n > s.maxLength {
			return v, ForLang
		} else if n < s.minLength {
			return v, ForKort
		}
	}
	if s.codes != nil && !s.lists(v) {
		return v, UkendtKode
	}
	if broken := s.broken(v.lexical); broken != nil {
		return v, broken.fault(v.lexical)
	}
	return v, ""
}

// broken gives the first pattern that a value does not fit; nil where it fits all.
func (s *simple) broken(value string) *pattern {
	for i := range s.patterns {
		if !s.patterns[i].fits(value) {
			return &s.patterns[i]
		}
	}
	return nil
}

// lists tells whether a value is among the codes.
func (s *simple) lists(v value) bool {
	for i := range s.codes {
		if s.kind.equals(s.codes[i].value, v) {
			return true
		}
	}
	return false
}

// simple makes a simple type. Where something is wrong with it, it takes any text.
func (l *loader) simple(f *file, at *xmltree.Element) *simple {
	parts := l.parts(f, at, "restriction")
	if len(parts) != 1 {
		l.problem(f, at, "a simple type has one restriction")
		return anything
	}
	restriction := parts[0]
	l.attributes(f, restriction, "base")
	var base *simple
	if value, _ := attr(restriction, "base"); value == "" {
		l.problem(f, restriction, "base is missing")
	} else if name, _ := restriction.Resolve(value); name.Space == schemaSpace {
		base = l.builtin(f, restriction, "base", name.Local)
	} else if c := l.lookup(f, restriction, "base", l.types); c != nil {
		if l.globalType(c); c.content != nil {
			l.problem(f, restriction, "%s is no simple type", value)
		}
		base = c.simple
	}
	if base == nil {
		return anything
	}
	return l.restrict(f, restriction, base, at)
}

// builtin gives a type of XML Schema itself.
func (l *loader) builtin(f *file, at *xmltree.Element, attribute, name string) *simple {
	if s, ok := builtins[name]; ok {
		return s
	}
	l.problem(f, at, "%s: the type xs:%s is not known here", attribute, name)
	return nil
}

var (
	anything   = builtin(text, preserve)
	anyInteger = builtin(integer, collapse)
)

// builtins are the types of XML Schema that are known here.
var builtins = map[string]*simple{
	"string":             anything,
	"token":              builtin(text, collapse),
	"integer":            anyInteger,
	"int":                anyInteger.between("-2147483648", "2147483647"),
	"long":               anyInteger.between("-9223372036854775808", "9223372036854775807"),
	"positiveInteger":    anyInteger.between("1", ""),
	"nonNegativeInteger": anyInteger.between("0", ""),
	"decimal":            builtin(decimal, collapse),
	"double":             builtin(double, collapse),
	"boolean":            builtin(boolean, collapse),
	"date":               builtin(date, collapse),
	"dateTime":           builtin(dateTime, collapse),
}

func builtin(k kind, w whiteSpace) *simple {
	return &simple{kind: k, space: w, minLength: unset, maxLength: unset, totalDigits: unset, fractionDig: unset}
}

// between gives a type with bounds; an empty one is none.
func (s *simple) between(low, high string) *simple {
	derived := *s
	if v, ok := s.kind.read(low); ok {
		derived.low = &v
	}
	if v, ok := s.kind.read(high); ok {
		derived.high = &v
	}
	return &derived
}
