package soap

import (
	"errors"
	"fmt"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
	"dagtilbudsregisteret.dk/shared/xmltree"
	"dagtilbudsregisteret.dk/shared/xsd"
)

// validate answers every fault of a document against its schema, and writes nothing. The document may be of either version, and any of
// those that the ImportService takes or answers.
func (e *exchange) validate() error {
	var xml string
	findings := e.arguments(one("xml", text(&xml)))
	if len(findings) > 0 {
		return e.answerSvar(&svar{fejl: e.located(findings, validation.Fejl)})
	}
	found, err := e.api.check(xml)
	if err != nil {
		return err
	}
	return e.answerSvar(&svar{ok: len(found) == 0, fejl: found})
}

// check holds a document against the schema of its namespace. An error is the register's own.
func (a *API) check(xml string) ([]fund, error) {
	root, err := xmltree.ReadString(xml, xmltree.Standard)
	if wrong, ok := errors.AsType[*xmltree.Fault](err); ok {
		return []fund{notXML(wrong)}, nil
	}
	if err != nil {
		return nil, err
	}
	for _, v := range serviceVersions {
		if root.Name.Space != namespace(v) {
			continue
		}
		schema, err := a.contract[v].schema()
		if err != nil {
			return nil, err
		}
		var found []fund
		for _, f := range schema.Check(root) {
			found = append(found, fund{validation.XMLSkema.Finding("", f.Kode, f.Tekst), place{f.Line, f.Column, f.Path}})
		}
		return found, nil
	}
	return []fund{unknownSpace(root)}, nil
}

// unknownSpace is the finding of a document of no version's namespace.
func unknownSpace(root *xmltree.Element) fund {
	space, v1, v2 := register.Shown(root.Name.Space), namespace(register.V1), namespace(register.V2)
	finding := validation.XMLSkema.Finding("", xsd.ForkertNavnerum, register.Text{
		Da: fmt.Sprintf("Dokumentet er i navnerummet »%s«; skemaerne er for »%s« og »%s«.", space, v1, v2),
		En: fmt.Sprintf("The document is in the namespace “%s”; the schemas are for “%s” and “%s”.", space, v1, v2),
	})
	return fund{finding, place{root.Line, root.Column, "/" + root.Name.Local}}
}
