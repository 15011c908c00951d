package soap

import (
	"errors"
	"fmt"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
	"dagtilbudsregisteret.dk/shared/xmltree"
	"dagtilbudsregisteret.dk/shared/xsd"
)

// validate answers every fault of a document against its schema, and writes nothing. The document may be any of those that the ImportService
// takes or answers in the version that is called.
func (e *exchange) validate() error {
	var xml string
	findings := e.arguments(one("xml", text(&xml)))
	if len(findings) > 0 {
		return e.answerSvar(&svar{fejl: e.located(findings, validation.Fejl)})
	}
	found, err := e.contract().check(xml, namespace(e.Version))
	if err != nil {
		return err
	}
	return e.answerSvar(&svar{ok: len(found) == 0, fejl: found})
}

// check holds a document against the schema, which is of a namespace. An error is the register's own.
func (c *contract) check(xml, space string) ([]fund, error) {
	root, err := xmltree.ReadString(xml, xmltree.Standard)
	if wrong, ok := errors.AsType[*xmltree.Fault](err); ok {
		return []fund{notXML(wrong)}, nil
	}
	if err != nil {
		return nil, err
	}
	if root.Name.Space != space {
		return []fund{otherSpace(root, space)}, nil
	}
	schema, err := c.schema()
	if err != nil {
		return nil, err
	}
	var found []fund
	for _, f := range schema.Check(root) {
		found = append(found, fund{validation.XMLSkema.Finding("", f.Kode, f.Tekst), place{f.Line, f.Column, f.Path}})
	}
	return found, nil
}

// otherSpace is the finding of a document of another namespace than the one that is judged here, be it the other version's.
func otherSpace(root *xmltree.Element, space string) fund {
	stands := standing(root.Name.Space)
	finding := validation.XMLSkema.Finding("", xsd.ForkertNavnerum, register.Text{
		Da: fmt.Sprintf("Dokumentet er %s; her skal det være i »%s«.", stands.Da, space),
		En: fmt.Sprintf("The document is %s; here it must be in “%s”.", stands.En, space),
	})
	return fund{finding, place{root.Line, root.Column, "/" + root.Name.Local}}
}
