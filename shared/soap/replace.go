package soap

import (
	"slices"

	"dagtilbudsregisteret.dk/shared/importing"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/xmltree"
)

// replace changes a whole dagtilbud. Its pointers are those of the tree as JSON, in which the rows below a row are a list.
func (e *exchange) replace() error {
	var tree importing.Tree
	d := e.decode(row("dagtilbud", func(d *decoding, sent *xmltree.Element, pointer string) {
		e.row, tree = sent, importing.Tree{}
		d.elements(sent, pointer, treeFields(&tree))
	}))
	e.demandRow(&d, "dagtilbud")
	tree.Unit.Level = register.Daginstitution
	tree.Findings = d.findings
	tree.Key, tree.Hash = e.idempotency(&tree.Findings, true)
	result := e.api.Importing.Replace(e.R.Context(), tree, importing.Options{Actor: e.Actor(), Rights: e.Caller.Rights()})
	return e.answerWrite(&result.Result, slices.Concat(result.Rows, result.Closed))
}

// treeFields are the fields of a daginstitution with all that is below it.
func treeFields(tree *importing.Tree) []field {
	tree.Unit.Level = register.Daginstitution
	return append(unitFields(&tree.Unit),
		field{"anvisningsenhed", "/anvisningsenheder", true, func(d *decoding, e *xmltree.Element, pointer string) {
			gren := importing.Gren{Unit: register.Unit{Level: register.Anvisningsenhed}}
			d.elements(e, pointer, grenFields(&gren))
			tree.Enheder = append(tree.Enheder, gren)
		}},
		one("nedlaegges", nested([]field{{"nummer", "", true, func(d *decoding, e *xmltree.Element, pointer string) {
			var n register.Number
			token(&n)(d, e, pointer)
			tree.Nedlaegges = append(tree.Nedlaegges, n)
		}}})),
	)
}

// grenFields are the fields of an anvisningsenhed with its alternative adresser.
func grenFields(gren *importing.Gren) []field {
	return append(unitFields(&gren.Unit), field{"alternativAdresse", "/alternativeAdresser", true, func(d *decoding, e *xmltree.Element, pointer string) {
		u := register.Unit{Level: register.AlternativAdresse}
		d.elements(e, pointer, unitFields(&u))
		gren.Adresser = append(gren.Adresser, u)
	}})
}
