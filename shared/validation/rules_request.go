package validation

import "dagtilbudsregisteret.dk/shared/register"

// The rules below are about requests, not rows. [Checker.Check] never finds them: whoever reads the request does, so that every
// refusal has findings of the same shape.

// UkendtNummer is the rule that the unit a request is about exists.
var UkendtNummer = &Rule{
	ID: "ukendt-nummer", Severity: Fejl, Kind: register.NotFound, FraVersion: register.V1,
	Niveauer: alleNiveauer, Operationer: []Operation{Ret, Flyt, Nedlaeg},
	Beskrivelse: register.Text{
		Da: "Den institution, der skrives til, skal findes på det niveau, der er nævnt.",
		En: "The institution that is written to must exist on the level that is named.",
	},
	Lov: "Datamodel: daginstitutionsNummer, enhedsNummer, alternativAdresseNummer",
}

// ForaeldetVersion is the rule that a write goes by the row as it stands.
var ForaeldetVersion = &Rule{
	ID: "foraeldet-version", Severity: Fejl, Kind: register.Stale, FraVersion: register.V1,
	Niveauer: alleNiveauer, Operationer: []Operation{Ret, Flyt, Nedlaeg},
	Beskrivelse: register.Text{
		Da: "Den version, der er nævnt (i REST headeren If-Match, i SOAP elementet version), skal være rækkens nuværende.",
		En: "The version that is named (in REST the header If-Match, in SOAP the element version) must be the row's present one.",
	},
	Lov: "RFC 9110, afsnit 13.1.1",
}

// ManglerIfMatch is the rule that a change or a close names the version it goes by.
var ManglerIfMatch = &Rule{
	ID: "mangler-if-match", Severity: Fejl, Kind: register.Missing, FraVersion: register.V2,
	Niveauer: alleNiveauer, Operationer: []Operation{Ret, Nedlaeg},
	Beskrivelse: register.Text{
		Da: `At rette og at nedlægge kræver, at rækkens version er nævnt: i REST headeren If-Match, som i "1", i SOAP elementet version, ` +
			`og i et helt dagtilbud version i hver række. Den står i rækken, og i REST i dens ETag.`,
		En: `To change or close a unit, its version must be named: in REST the header If-Match, as in "1", in SOAP the element version, ` +
			`and in a whole dagtilbud version in each row. It stands in the row, and in REST in its ETag.`,
	},
	Lov: "RFC 6585, afsnit 3",
}

// GenbrugtNoegle is the rule that an idempotency key stands for one request.
var GenbrugtNoegle = &Rule{
	ID: "genbrugt-noegle", Severity: Fejl, Kind: register.Reused, FraVersion: register.V1,
	Niveauer: alleNiveauer, Operationer: alleSkrivninger,
	Beskrivelse: register.Text{
		Da: "En Idempotency-Key må kun bruges igen til præcis den samme forespørgsel.",
		En: "An Idempotency-Key may be used again for exactly the same request only.",
	},
	Lov: "Datamodel: Idempotency-Key",
}

// UgyldigJSON is the rule that a body can be read at all.
var UgyldigJSON = &Rule{
	ID: "ugyldig-json", Severity: Fejl, Kind: register.Malformed, FraVersion: register.V1,
	Niveauer: alleNiveauer, Operationer: alleSkrivninger,
	Beskrivelse: register.Text{
		Da: "Det sendte skal være ét gyldigt JSON-objekt uden gentagne navne.",
		En: "What is sent must be one valid JSON object without repeated names.",
	},
	Lov: "RFC 8259",
}

// UkendtFelt is the rule that a body holds the data model's fields only.
var UkendtFelt = &Rule{
	ID: "ukendt-felt", Severity: Fejl, Kind: register.Invalid, FraVersion: register.V1,
	Niveauer: alleNiveauer, Operationer: alleSkrivninger,
	Beskrivelse: register.Text{
		Da: "Der må kun sendes felter, som datamodellen har på niveauet.",
		En: "Only fields that the data model has on the level may be sent.",
	},
	Lov: "Datamodel: alle felter",
}

// ForkertType is the rule that a field is of the data model's type.
var ForkertType = &Rule{
	ID: "forkert-type", Severity: Fejl, Kind: register.Invalid, FraVersion: register.V1,
	Niveauer: alleNiveauer, Operationer: alleSkrivninger,
	Beskrivelse: register.Text{
		Da: "Hvert felt skal have datamodellens type: koder er heltal, numre er tekst.",
		En: "Every field must be of the data model's type: codes are integers, numbers are strings.",
	},
	Lov: "Datamodel: alle felter",
}

// ForStor is the rule that a request keeps within the limits.
var ForStor = &Rule{
	ID: "for-stor", Severity: Fejl, Kind: register.TooLarge, FraVersion: register.V1,
	Niveauer: alleNiveauer, Operationer: alleSkrivninger,
	Beskrivelse: register.Text{
		Da: "En forespørgsel og en importlinje må ikke være større end grænsen.",
		En: "A request and an import line must not be larger than the limit.",
	},
	Lov: "Datamodel: grænser",
}

// NummerTildeles is the rule that the register, not the sender, chooses numbers.
var NummerTildeles = &Rule{
	ID: "nummer-tildeles", Severity: Fejl, Kind: register.Invalid, FraVersion: register.V1,
	Niveauer: alleNiveauer, Operationer: []Operation{Opret},
	Beskrivelse: register.Text{
		Da: "Registeret tildeler nummeret; kun et nummer, der er reserveret forinden, må nævnes.",
		En: "The register issues the number; only one that was reserved beforehand may be stated.",
	},
	Lov: "Datamodel: daginstitutionsNummer, enhedsNummer, alternativAdresseNummer",
}

// NummerOptaget is the rule that a number is never given to a second unit.
var NummerOptaget = &Rule{
	ID: "nummer-optaget", Severity: Fejl, Kind: register.Conflict, FraVersion: register.V1,
	Niveauer: alleNiveauer, Operationer: []Operation{Opret, Indlaes},
	Beskrivelse: register.Text{
		Da: "Et nummer, der har været brugt, gives aldrig til en anden institution.",
		En: "A number that was used is never given to another institution.",
	},
	Lov: "Datamodel: daginstitutionsNummer, enhedsNummer, alternativAdresseNummer",
}

// Skrivebeskyttet is the rule that fields which the register sets are sent as they stand or not at all.
var Skrivebeskyttet = &Rule{
	ID: "skrivebeskyttet", Severity: Fejl, Kind: register.Invalid, FraVersion: register.V1,
	Niveauer: alleNiveauer, Operationer: []Operation{Opret, Ret, Flyt, Indlaes},
	Beskrivelse: register.Text{
		Da: "Felter, som kun registeret sætter, skal udelades eller sendes uændret.",
		En: "Fields that only the register sets must be left out or sent unchanged.",
	},
	Lov: "Datamodel: aktivitetsstatus, version, senestOpdateret",
}

// UkendtReference is the rule that an import line refers to an earlier line that succeeded.
var UkendtReference = &Rule{
	ID: "ukendt-reference", Severity: Fejl, Kind: register.Invalid, FraVersion: register.V1,
	Niveauer: alleNiveauer, Operationer: alleSkrivninger,
	Beskrivelse: register.Text{
		Da: "En reference skal pege på en tidligere linje i samme import, som lykkedes.",
		En: "A reference must name an earlier line of the same import that succeeded.",
	},
	Lov: "Datamodel: import, ref",
}

// UkendtHandling is the rule that an import line says what it does to which level.
var UkendtHandling = &Rule{
	ID: "ukendt-handling", Severity: Fejl, Kind: register.Invalid, FraVersion: register.V1,
	Niveauer: alleNiveauer, Operationer: alleSkrivninger,
	Beskrivelse: register.Text{
		Da: "En importlinjes op og type skal være kendte og passe sammen; en daginstitution kan ikke flyttes.",
		En: "The op and type of an import line must be known and fit each other; a daginstitution cannot be moved.",
	},
	Lov: "Datamodel: import, op og type",
}
