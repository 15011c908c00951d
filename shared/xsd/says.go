package xsd

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"dagtilbudsregisteret.dk/shared/register"
)

// says tells what is wrong with the value of an element.
func (s *simple) says(name, value, fault string) register.Text {
	is := register.Text{Da: fmt.Sprintf("%s er »%s«", name, register.Shown(value)), En: fmt.Sprintf("%s is “%s”", name, register.Shown(value))}
	must := s.must(fault)
	switch fault {
	case ForLang, ForKort:
		n, least, most := s.lengths(value, fault)
		is = register.Text{Da: fmt.Sprintf("%s er på %d tegn", name, n), En: fmt.Sprintf("%s has %d characters", name, n)}
		must = register.Text{Da: fmt.Sprintf("der skal mindst være %d", least), En: fmt.Sprintf("there must be at least %d", least)}
		if fault == ForLang {
			must = register.Text{Da: fmt.Sprintf("der må højst være %d", most), En: fmt.Sprintf("there may be at most %d", most)}
		}
	case Format:
		broken := s.broken(value)
		if said := broken.says; said.Da != "" && said.En != "" {
			return register.Text{Da: is.Da + ". " + said.Da, En: is.En + ". " + said.En}
		}
		must = register.Text{Da: "det skal have formen " + strings.Join(broken.written, " eller "),
			En: "it must be of the form " + strings.Join(broken.written, " or ")}
	}
	return register.Text{Da: is.Da + "; " + must.Da + ".", En: is.En + "; " + must.En + "."}
}

// lengths gives how many characters a value has that has too many or too few, and how many it may have: by the facets, or by the pattern
// that it breaks.
func (s *simple) lengths(value, fault string) (n, least, most int) {
	n = utf8.RuneCountInString(value)
	if fault == ForLang && s.maxLength != unset && n > s.maxLength || fault == ForKort && n < s.minLength {
		return n, s.minLength, s.maxLength
	}
	broken := s.broken(value)
	return trimmed(value), broken.least, broken.most
}

// kinds say what a value must be that is not of its kind.
var kinds = map[kind]register.Text{
	integer:  {Da: "det skal være et heltal", En: "it must be an integer"},
	decimal:  {Da: "det skal være et tal med decimalpunktum", En: "it must be a number with a decimal point"},
	double:   {Da: "det skal være et tal", En: "it must be a number"},
	boolean:  {Da: "det skal være true eller false", En: "it must be true or false"},
	date:     {Da: "det skal være en dato som 2026-01-31", En: "it must be a date such as 2026-01-31"},
	dateTime: {Da: "det skal være et tidspunkt som 2026-01-31T12:00:00Z", En: "it must be a time such as 2026-01-31T12:00:00Z"},
}

// must says what a type demands that a value breaks.
func (s *simple) must(fault string) register.Text {
	switch fault {
	case Udenfor:
		return s.bounds()
	case ForMangeCifre:
		return s.digits()
	case UkendtKode:
		return s.listed()
	}
	return kinds[s.kind]
}

func (s *simple) bounds() register.Text {
	switch {
	case s.high == nil:
		return register.Text{Da: "det skal mindst være " + s.low.lexical, En: "it must be at least " + s.low.lexical}
	case s.low == nil:
		return register.Text{Da: "det må højst være " + s.high.lexical, En: "it may be at most " + s.high.lexical}
	}
	return register.Text{Da: fmt.Sprintf("det skal være fra %s til %s", s.low.lexical, s.high.lexical),
		En: fmt.Sprintf("it must be from %s to %s", s.low.lexical, s.high.lexical)}
}

func (s *simple) digits() register.Text {
	var da, en []string
	if s.totalDigits != unset {
		da, en = append(da, fmt.Sprintf("%d cifre i alt", s.totalDigits)), append(en, fmt.Sprintf("%d digits in all", s.totalDigits))
	}
	if s.fractionDig != unset {
		da, en = append(da, fmt.Sprintf("%d decimaler", s.fractionDig)), append(en, fmt.Sprintf("%d after the point", s.fractionDig))
	}
	return register.Text{Da: "der må højst være " + strings.Join(da, " og "), En: "there may be at most " + strings.Join(en, " and ")}
}

// listed names the values that there are, with their documentation.
func (s *simple) listed() register.Text {
	var da, en []string
	for _, c := range s.codes {
		da, en = append(da, documented(c.lexical, c.says.Da)), append(en, documented(c.lexical, c.says.En))
	}
	return register.Text{Da: "det skal være et af " + strings.Join(da, ", "), En: "it must be one of " + strings.Join(en, ", ")}
}

func documented(value, says string) string {
	if says == "" {
		return value
	}
	return fmt.Sprintf("%s (%s)", value, says)
}
