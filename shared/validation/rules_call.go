package validation

import "dagtilbudsregisteret.dk/shared/register"

// The rules below are about calls as a whole, like those in rules_request.go.

// UkendtSti is the rule that a call goes to a path, and with a method, that the register has.
var UkendtSti = &Rule{
	ID: "ukendt-sti", Severity: Fejl, Kind: register.NotFound, FraVersion: register.V1,
	Niveauer: alleNiveauer, Operationer: alleSkrivninger,
	Beskrivelse: register.Text{
		Da: "Stien og metoden skal være blandt dem, der står i /openapi.json.",
		En: "The path and the method must be among those in /openapi.json.",
	},
	Lov: "RFC 9110, afsnit 15.5.5 og 15.5.6",
}

// UgyldigParameter is the rule for what is sent beside the body: the query and the headers.
var UgyldigParameter = &Rule{
	ID: "ugyldig-parameter", Severity: Fejl, Kind: register.Malformed, FraVersion: register.V1,
	Niveauer: alleNiveauer, Operationer: alleSkrivninger,
	Beskrivelse: register.Text{
		Da: "Parametre og headere skal være blandt dem, der står i /openapi.json, og have gyldige værdier.",
		En: "Parameters and headers must be among those in /openapi.json and have valid values.",
	},
	Lov: "RFC 9110, afsnit 15.5.1",
}

// AltEllerIntet is the rule that an import with handling=strict is carried out whole or not at all.
var AltEllerIntet = &Rule{
	ID: "alt-eller-intet", Severity: Fejl, Kind: register.Conflict, FraVersion: register.V1,
	Niveauer: alleNiveauer, Operationer: alleSkrivninger,
	Beskrivelse: register.Text{
		Da: "Med Prefer: handling=strict udføres alle linjer, eller ingen.",
		En: "With Prefer: handling=strict all lines are carried out, or none.",
	},
	Lov: "RFC 7240, afsnit 4.4",
}

// Reservation is the rule for numbers that are set aside ahead of use.
var Reservation = &Rule{
	ID: "reservation", Severity: Fejl, Kind: register.Invalid, FraVersion: register.V1,
	Niveauer: alleNiveauer, Operationer: []Operation{Opret},
	Beskrivelse: register.Text{
		Da: "En reservation er på 1 til 10.000 numre og gælder højst 90 dage.",
		En: "A reservation is of 1 to 10,000 numbers and lasts for 90 days at most.",
	},
	Lov: "Datamodel: numre",
}
