package validation

import "dagtilbudsregisteret.dk/shared/register"

// The rules below are about calls in XML, like those in rules_request.go.

// UgyldigXML is the rule that what is sent as XML can be read at all.
var UgyldigXML = &Rule{
	ID: "ugyldig-xml", Severity: Fejl, Kind: register.Malformed, FraVersion: register.V1,
	Niveauer: alleNiveauer, Operationer: alleSkrivninger,
	Beskrivelse: register.Text{
		Da: "Det sendte skal være ét velformet XML-dokument uden DOCTYPE og procesinstruktioner.",
		En: "What is sent must be one well-formed XML document without a DOCTYPE and processing instructions.",
	},
	Lov: "XML 1.0; Namespaces in XML 1.0",
}

// SOAPKald is the rule that a call is an envelope with one of the service's methods in it.
var SOAPKald = &Rule{
	ID: "soap-kald", Severity: Fejl, Kind: register.Malformed, FraVersion: register.V1,
	Niveauer: alleNiveauer, Operationer: alleSkrivninger,
	Beskrivelse: register.Text{
		Da: "Et kald skal være en SOAP-konvolut, hvis Body er netop én af tjenestens metoder, som WSDL'en viser dem.",
		En: "A call must be a SOAP envelope whose Body is exactly one of the service's methods, as the WSDL shows them.",
	},
	Lov: "SOAP 1.1; SOAP 1.2",
}

// XMLSkema is the rule that a document is built as its schema says.
var XMLSkema = &Rule{
	ID: "xml-skema", Severity: Fejl, Kind: register.Invalid, FraVersion: register.V1,
	Niveauer: alleNiveauer, Operationer: alleSkrivninger,
	Beskrivelse: register.Text{
		Da: "Elementerne skal have skemaets navne og navnerum, stå i skemaets rækkefølge og have de værdier, skemaet tillader.",
		En: "The elements must have the names and the namespace of the schema, stand in its order and have the values that it allows.",
	},
	Lov: "XML Schema 1.0",
}
