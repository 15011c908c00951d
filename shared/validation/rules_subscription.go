package validation

import "dagtilbudsregisteret.dk/shared/register"

// The rules below are about subscriptions, and about asking what was.

// Abonnement is the rule for what is said of a subscription.
var Abonnement = &Rule{
	ID: "abonnement", Severity: Fejl, Kind: register.Invalid, FraVersion: register.V2,
	Niveauer: alleNiveauer, Operationer: alleSkrivninger,
	Beskrivelse: register.Text{
		Da: "Et abonnements navn, kø, filter og begyndelse skal være gyldige.",
		En: "The name, queue, filter and beginning of a subscription must be valid.",
	},
	Lov: "Datamodel: abonnementer",
}

// UkendtAbonnement is the rule that the subscription that a call is about exists.
var UkendtAbonnement = &Rule{
	ID: "ukendt-abonnement", Severity: Fejl, Kind: register.NotFound, FraVersion: register.V2,
	Niveauer: alleNiveauer, Operationer: alleSkrivninger,
	Beskrivelse: register.Text{
		Da: "Abonnementet skal findes.",
		En: "The subscription must exist.",
	},
	Lov: "Datamodel: abonnementer",
}

// AbonnementTilstand is the rule that a subscription can be acted on as it stands.
var AbonnementTilstand = &Rule{
	ID: "abonnement-tilstand", Severity: Fejl, Kind: register.Conflict, FraVersion: register.V2,
	Niveauer: alleNiveauer, Operationer: alleSkrivninger,
	Beskrivelse: register.Text{
		Da: "Et navn gives kun én gang, en kø kun til ét abonnement ad gangen, og et lukket abonnement kan ikke ændres.",
		En: "A name is given once only, a queue to one subscription at a time, and a closed subscription cannot be changed.",
	},
	Lov: "Datamodel: abonnementer",
}
