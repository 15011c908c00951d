package soap

import (
	"slices"
	"strconv"

	"dagtilbudsregisteret.dk/shared/importing"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/xmltree"
)

// replace changes a whole dagtilbud. Its pointers are those of the tree as JSON, in which the rows below a row are a list.
func (e *exchange) replace() error {
	var tree importing.Tree
	d := decoding{space: namespace(e.Version)}
	d.elements(e.sent, "", []field{one("dagtilbud", func(d *decoding, row *xmltree.Element, _ string) {
		e.row = row
		d.elements(row, "", treeFields(&tree))
	})})
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
		field{"anvisningsenhed", func(d *decoding, e *xmltree.Element, _ string) {
			pointer := "/anvisningsenheder/" + strconv.Itoa(len(tree.Enheder))
			gren := importing.Gren{Unit: register.Unit{Level: register.Anvisningsenhed}}
			d.elements(e, pointer, grenFields(&gren, pointer))
			tree.Enheder = append(tree.Enheder, gren)
		}, true},
		one("nedlaegges", nested([]field{{"nummer", func(d *decoding, e *xmltree.Element, _ string) {
			var n register.Number
			token(&n)(d, e, "/nedlaegges/"+strconv.Itoa(len(tree.Nedlaegges)))
			tree.Nedlaegges = append(tree.Nedlaegges, n)
		}, true}})),
	)
}

// grenFields are the fields of an anvisningsenhed with its alternative adresser.
func grenFields(gren *importing.Gren, pointer string) []field {
	return append(unitFields(&gren.Unit), field{"alternativAdresse", func(d *decoding, e *xmltree.Element, _ string) {
		u := register.Unit{Level: register.AlternativAdresse}
		d.elements(e, pointer+"/alternativeAdresser/"+strconv.Itoa(len(gren.Adresser)), unitFields(&u))
		gren.Adresser = append(gren.Adresser, u)
	}, true})
}
