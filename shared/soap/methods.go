package soap

import (
	"fmt"
	"strconv"
	"strings"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
	"dagtilbudsregisteret.dk/shared/xmltree"
)

// method is one of the services' methods: by which element in the Body it is called, what it demands of its caller, since which version
// it is there, and what answers it.
type method struct {
	service string
	name    string
	need    access.Need
	since   register.ServiceVersion
	handle  func(*exchange) error
}

// methods are all of them. The WSDL is held to this table.
var methods = append([]method{
	{importService, "HelloWorld", access.Proevning, register.V1, (*exchange).hello},
	{importService, "GetXMLSchema", access.Ingen, register.V1, (*exchange).getXMLSchema},
	{importService, "ValidateXmlAgainstSchema", access.Proevning, register.V1, (*exchange).validate},
	{importService, "InsertDaginstitution", access.Skrivning, register.V1, write(validation.Opret, register.Daginstitution)},
	{importService, "UpdateDaginstitution", access.Skrivning, register.V1, write(validation.Ret, register.Daginstitution)},
	{importService, "DeleteDaginstitution", access.Skrivning, register.V1, write(validation.Nedlaeg, register.Daginstitution)},
	{importService, "InsertAnvisningsEnhed", access.Skrivning, register.V1, write(validation.Opret, register.Anvisningsenhed)},
	{importService, "UpdateAnvisningsEnhed", access.Skrivning, register.V1, write(validation.Ret, register.Anvisningsenhed)},
	{importService, "DeleteAnvisningsEnhed", access.Skrivning, register.V1, write(validation.Nedlaeg, register.Anvisningsenhed)},
	{importService, "InsertAlternativAdresse", access.Skrivning, register.V1, write(validation.Opret, register.AlternativAdresse)},
	{importService, "UpdateAlternativAdresse", access.Skrivning, register.V1, write(validation.Ret, register.AlternativAdresse)},
	{importService, "DeleteAlternativAdresse", access.Skrivning, register.V1, write(validation.Nedlaeg, register.AlternativAdresse)},
	{importService, "MoveAnvisningsEnhed", access.Skrivning, register.V1, write(validation.Flyt, register.Anvisningsenhed)},
	{importService, "MoveAlternativAdresse", access.Skrivning, register.V1, write(validation.Flyt, register.AlternativAdresse)},
	{importService, "ReplaceDagtilbud", access.Skrivning, register.V2, (*exchange).replace},
	{exportService, "HelloWorld", access.Proevning, register.V1, (*exchange).hello},
	{exportService, "GetXMLSchema", access.Ingen, register.V1, (*exchange).getXMLSchema},
	{exportService, "GetKodetabeller", access.AabneData, register.V1, (*exchange).getKodetabeller},
	{exportService, "GetKodetabel", access.AabneData, register.V1, (*exchange).getKodetabel},
}, exportMethods...)

// call answers a call of a service.
func (e *exchange) call(service string) error {
	sent, f := e.read()
	if f == nil {
		e.method, f = e.methodOf(service, sent)
	}
	if f != nil {
		// It counts as a call all the same, so that nobody sends any number of what cannot be read.
		if err := e.Admit(access.Proevning, service, ""); err != nil {
			return err
		}
		return e.answerFault(f)
	}
	e.sent = sent
	if err := e.Admit(e.method.need, service+"."+e.method.name, ""); err != nil {
		return err
	}
	return e.method.handle(e)
}

// methodOf finds the method that an element calls.
func (e *exchange) methodOf(service string, sent *xmltree.Element) (*method, *fault) {
	var known []string
	for i := range methods {
		m := &methods[i]
		if m.service != service || m.since > e.Version {
			continue
		}
		if sent.Name == (xmltree.Name{Space: namespace(e.Version), Local: m.name}) {
			return m, nil
		}
		known = append(known, m.name)
	}
	name, stands := strconv.Quote(sent.Name.Local), standing(sent.Name.Space)
	finding := validation.SOAPKald.Finding("", "ukendtMetode", register.Text{
		Da: fmt.Sprintf("%s har ingen metode %s %s; i »%s« er %s.", service, name, stands.Da, namespace(e.Version), strings.Join(known, ", ")),
		En: fmt.Sprintf("%s has no method %s %s; in “%s” there are %s.", service, name, stands.En, namespace(e.Version), strings.Join(known, ", ")),
	})
	return nil, &fault{kind: register.Malformed, fund: []fund{{finding, at(sent)}}}
}

// arguments reads what the method's element holds.
func (e *exchange) arguments(fields ...field) []validation.Finding {
	return e.decode(fields...).findings
}
