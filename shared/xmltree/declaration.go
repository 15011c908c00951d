package xmltree

import (
	"fmt"
	"unicode/utf8"
)

// instruction reads what begins with <?, which stands at line and column: the XML declaration, where nothing stands before it.
func (p *parser) instruction(first bool, line, column int) {
	switch {
	case !p.readName():
	case string(p.name) != "xml":
		p.failAt(line, column, Procesinstruktion, fmt.Sprintf("Processinstruktioner læses ikke her: fjern <?%s.", p.name),
			fmt.Sprintf("Processing instructions are not read here: remove <?%s.", p.name))
	case !first:
		p.failAt(line, column, Syntaks, "<?xml skal stå allerførst, uden noget foran.", "<?xml must stand at the very beginning, with nothing before it.")
	default:
		p.declaration()
	}
}

// declaration reads the XML declaration, from after its <?xml.
func (p *parser) declaration() {
	if !p.space() {
		p.expected("mellemrum", "a space")
		return
	}
	line, column := p.line, p.column
	if version := p.pseudo("version"); version != "1.0" {
		p.failAt(line, column, Version,
			fmt.Sprintf("XML %s læses ikke her; det gør 1.0.", version), fmt.Sprintf("XML %s is not read here; 1.0 is.", version))
	}
	spaced, encoding := p.space(), ""
	line, column = p.line, p.column
	if spaced && p.c == 'e' {
		if encoding = p.pseudo("encoding"); !simple(encoding) {
			p.failAt(line, column, Syntaks, "encoding er navnet på et tegnsæt.", "encoding is the name of an encoding.")
		}
		spaced = p.space()
	}
	if line, column := p.line, p.column; spaced && p.c == 's' {
		if alone := p.pseudo("standalone"); alone != "yes" && alone != "no" {
			p.failAt(line, column, Syntaks, "standalone er yes eller no.", "standalone is yes or no.")
		}
		p.space()
	}
	if p.c != '?' {
		p.expected("?>", "?>")
		return
	}
	if p.next(); p.c == '>' && encoding != "" {
		// What follows > is the first that is read by what is declared.
		p.declared(encoding, line, column)
	}
	p.literal(">")
}

// pseudo reads one of the declaration's values.
func (p *parser) pseudo(name string) (value string) {
	p.literal(name)
	p.space()
	p.literal("=")
	p.space()
	quote := p.quote()
	p.value = p.value[:0]
	for ; p.c < utf8.RuneSelf && p.c != ':' && namePart(p.c) && len(p.value) < p.limits.Name; p.next() {
		p.value = appendRune(p.value, p.c)
	}
	p.literal(string(quote))
	return string(p.value)
}

// quote goes past the quotation mark that a value begins with.
func (p *parser) quote() rune {
	quote := p.c
	if quote != '"' && quote != '\'' {
		p.expected(`" eller '`, `" or '`)
	}
	p.next()
	return quote
}
