package validation

import "dagtilbudsregisteret.dk/shared/register"

// The rules below are about a whole tree that is written at once.

// Udeladt is the rule that nothing is left out of a tree: what is to be closed is named.
var Udeladt = &Rule{
	ID: "udeladt", Severity: Fejl, Kind: register.Conflict, FraVersion: register.V2,
	Niveauer: medAdresse, Operationer: alleSkrivninger,
	Beskrivelse: register.Text{
		Da: "Et helt træ skal nævne alt aktivt under daginstitutionen, enten dér, hvor det skal ligge, eller blandt det, der nedlægges.",
		En: "A whole tree must name everything active below the daginstitution, either where it is to stand or among what is to be closed.",
	},
	Lov: "Datamodel: anvisningsenheder, alternativeAdresser, nedlaegges",
}

// Trae is the rule that a tree says one thing of each unit, and closes its own.
var Trae = &Rule{
	ID: "trae", Severity: Fejl, Kind: register.Invalid, FraVersion: register.V2,
	Niveauer: alleNiveauer, Operationer: alleSkrivninger,
	Beskrivelse: register.Text{
		Da: "I et helt træ står hvert nummer kun én gang, og der nedlægges kun noget under daginstitutionen.",
		En: "In a whole tree each number stands once only, and only what is below the daginstitution is closed.",
	},
	Lov: "Datamodel: anvisningsenheder, alternativeAdresser, nedlaegges",
}
