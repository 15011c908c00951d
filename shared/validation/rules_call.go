package validation

import (
	"fmt"

	"dagtilbudsregisteret.dk/shared/register"
)

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

// FlereFund is the rule that what is answered can be read.
var FlereFund = &Rule{
	ID: "flere-fund", Severity: Fejl, Kind: register.Invalid, FraVersion: register.V1,
	Niveauer: alleNiveauer, Operationer: alleSkrivninger,
	Beskrivelse: register.Text{
		Da: fmt.Sprintf("Et svar viser højst %d fund; ret dem, og kald igen for at få resten.", MostFindings),
		En: fmt.Sprintf("An answer shows %d findings at most; put those right, and call again for the rest.", MostFindings),
	},
	Lov: "Datamodel: grænser",
}

// LukketVersion is the rule that a call goes to a service version that has not closed.
var LukketVersion = &Rule{
	ID: "lukket-version", Severity: Fejl, Kind: register.Gone, FraVersion: register.V1,
	Niveauer: alleNiveauer, Operationer: alleSkrivninger,
	Beskrivelse: register.Text{
		Da: "En version af servicen kan kaldes indtil den dag, den lukker. /versioner viser, hvad der gælder, og hvad der afløser den.",
		En: "A service version can be called until the day it closes. /versioner shows what is current, and what comes after it.",
	},
	Lov: "RFC 9110, afsnit 15.5.11",
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

// NummerLangtFremme is the rule that the series is not used up by a number that was mistyped.
var NummerLangtFremme = &Rule{
	ID: "nummer-langt-fremme", Severity: Fejl, Kind: register.Invalid, FraVersion: register.V1,
	Niveauer: alleNiveauer, Operationer: []Operation{Indlaes},
	Beskrivelse: register.Text{
		Da: fmt.Sprintf("Et nummer, der indlæses, må højst ligge %d numre længere fremme end nummerserien.", register.MostAhead),
		En: fmt.Sprintf("A number that is loaded may lie %d numbers ahead of the number series at most.", register.MostAhead),
	},
	Lov: "Datamodel: numre",
}

// Nummerserie is the rule that there are numbers left to issue.
var Nummerserie = &Rule{
	ID: "nummerserie", Severity: Fejl, Kind: register.Exhausted, FraVersion: register.V1,
	Niveauer: alleNiveauer, Operationer: []Operation{Opret, Indlaes},
	Beskrivelse: register.Text{
		Da: "Nummerserien skal have numre tilbage; ellers må driften give den et bogstav mere.",
		En: "The number series must have numbers left; otherwise operations must give it another letter.",
	},
	Lov: "Datamodel: numre",
}

// TooFarAhead is the finding of [NummerLangtFremme].
func TooFarAhead(pointer string, n register.Number) Finding {
	return NummerLangtFremme.Finding(pointer, "langtFremme", register.Text{
		Da: fmt.Sprintf("%s ligger for langt fremme. %s", n, NummerLangtFremme.Beskrivelse.Da),
		En: fmt.Sprintf("%s lies too far ahead. %s", n, NummerLangtFremme.Beskrivelse.En),
	})
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
