package rest

import (
	"fmt"
	"net/http"
	"slices"

	"dagtilbudsregisteret.dk/shared/importing"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// replaceTree makes a daginstitution and all below it what the body says.
func (e *exchange) replaceTree() error {
	result := e.api.Importing.Replace(e.R.Context(), e.tree(), importing.Options{Actor: e.Actor(), Rights: e.Caller.Rights()})
	switch {
	case result.Err != nil:
		return result.Err
	case result.Outcome == importing.Refused:
		return e.refuse(result.Findings)
	}
	return e.answerTree(&result)
}

// tree reads a request into a tree. What is wrong with it comes along as findings.
func (e *exchange) tree() importing.Tree {
	tree := importing.Tree{Number: register.Number(e.R.PathValue("nummer"))}
	body, findings := e.body()
	if len(findings) == 0 {
		findings = decodeObject(body, treeFields(&tree))
	}
	if own := tree.Unit.DaginstitutionsNummer; own != "" && e.R.Method == http.MethodPost {
		findings = append(findings, validation.NummerTildeles.Finding("/daginstitutionsNummer", "harNummer", register.Text{
			Da: fmt.Sprintf("En daginstitution, der har et nummer, ændres med PUT /v2/dagtilbud/%s.", own),
			En: fmt.Sprintf("A daginstitution that has a number is changed by PUT /v2/dagtilbud/%s.", own),
		}))
	}
	if match := e.Header("If-Match"); match != "" && match != "*" {
		tree.Expect = versions(match)
	}
	var unfit []validation.Finding
	tree.Key, tree.Hash, unfit = e.idempotency(body)
	tree.Findings = slices.Concat(e.readQuery(nil), findings, unfit)
	return tree
}

// tree reads the rest of a line into a tree, which only a verdict is given on.
func (p parts) tree() importing.Tree {
	tree := importing.Tree{Number: p.nummer, At: "/data", Findings: p.findings}
	if p.level != register.Daginstitution.String() {
		tree.Findings = append(tree.Findings, unknownWord("/type", p.level, register.Daginstitution.String()))
	}
	for _, f := range decodeObject(orEmpty(p.data), treeFields(&tree)) {
		f.Pointer = tree.At + f.Pointer
		tree.Findings = append(tree.Findings, f)
	}
	return tree
}

// treeFields are the fields of a daginstitution with all below it. What the answer has beside them may be sent back. Of rows it reads one
// more than a tree may have: that one tells that there are too many.
func treeFields(t *importing.Tree) []field {
	t.Unit.Level = register.Daginstitution
	room := importing.MostRows
	return append(unitFields(&t.Unit),
		field{"anvisningsenheder", bounded(&t.Enheder, &room, func(g *importing.Gren) func(*decoding) {
			g.Unit.Level = register.Anvisningsenhed
			return nested(append(unitFields(&g.Unit), field{"alternativeAdresser", bounded(&g.Adresser, &room, func(u *register.Unit) func(*decoding) {
				u.Level = register.AlternativAdresse
				return nested(unitFields(u))
			})}))
		})},
		field{"nedlaegges", bounded(&t.Nedlaegges, &room, text)},
		field{"nedlagte", passed},
	)
}

// answerTree answers a tree that was written.
func (e *exchange) answerTree(result *importing.TreeResult) error {
	status := http.StatusOK
	if result.Outcome == importing.Created {
		status = http.StatusCreated
		e.W.Header().Set("Location", fmt.Sprintf("/%s/dagtilbud/%s", e.Version, result.Unit.Number()))
	}
	body := begin(nil)
	body.unit(&result.Unit)
	body.enheder(result.Rows[1:])
	body.name("nedlagte")
	body.buf = appendAll(body.buf, result.Closed, appendTyped)
	if err := e.warnings(&body, result.Findings); err != nil {
		return err
	}
	last := result.Unit.Position
	for _, u := range slices.Concat(result.Rows, result.Closed) {
		if u.Position.Nr > last.Nr { // all are of one municipality
			last = u.Position
		}
	}
	e.W.Header().Set("ETag", etag(result.Unit.Version))
	e.W.Header().Set("Registerposition", last.String())
	return e.json(status, body.end())
}

// enheder writes the rows below a daginstitution, each anvisningsenhed with its alternative adresser, which come right after it.
func (o *object) enheder(rows []register.Unit) {
	o.name("anvisningsenheder")
	o.buf = append(o.buf, '[')
	for i := 0; i < len(rows); {
		next := i + 1
		for next < len(rows) && rows[next].Level == register.AlternativAdresse {
			next++
		}
		if i > 0 {
			o.buf = append(o.buf, ',')
		}
		enhed := begin(o.buf)
		enhed.unit(&rows[i])
		enhed.name("alternativeAdresser")
		enhed.buf = appendAll(enhed.buf, rows[i+1:next], appendUnit)
		o.buf = enhed.end()
		i = next
	}
	o.buf = append(o.buf, ']')
}
