package validation

import "dagtilbudsregisteret.dk/shared/register"

// The rules below are about who calls, and about system users.

// Login is the rule that a call which is not open to all comes from a known system user.
var Login = &Rule{
	ID: "login", Severity: Fejl, Kind: register.Unauthenticated, FraVersion: register.V1,
	Niveauer: alleNiveauer, Operationer: alleSkrivninger,
	Beskrivelse: register.Text{
		Da: "Den, der skriver, skal logge ind med systembrugerens navn og en hemmelighed, der gælder.",
		En: "Whoever writes must log in with the system user's name and a secret that is valid.",
	},
	Lov: "RFC 7617",
}

// Adgang is the rule that a system user does only what it has a right to.
var Adgang = &Rule{
	ID: "adgang", Severity: Fejl, Kind: register.Forbidden, FraVersion: register.V1,
	Niveauer: alleNiveauer, Operationer: alleSkrivninger,
	Beskrivelse: register.Text{
		Da: "En systembruger må kun gøre det, dens rolle og bevillinger giver ret til, for en række både før og efter ændringen.",
		En: "A system user may do only what its role and grants give a right to, of a row both before and after the change.",
	},
	Lov: "Datamodel: adgang",
}

// Tempo is the rule that calls do not come faster than the caller's limit.
var Tempo = &Rule{
	ID: "tempo", Severity: Fejl, Kind: register.Limited, FraVersion: register.V1,
	Niveauer: alleNiveauer, Operationer: alleSkrivninger,
	Beskrivelse: register.Text{
		Da: "Der må ikke kaldes oftere, end systembrugerens grænse tillader.",
		En: "Calls must not come faster than the system user's limit allows.",
	},
	Lov: "RFC 6585, afsnit 4",
}

// Systembruger is the rule for what is said of a system user and its grants.
var Systembruger = &Rule{
	ID: "systembruger", Severity: Fejl, Kind: register.Invalid, FraVersion: register.V2,
	Niveauer: alleNiveauer, Operationer: alleSkrivninger,
	Beskrivelse: register.Text{
		Da: "En systembrugers navn, rolle, grænser, hemmeligheder og bevillinger skal være gyldige og passe sammen.",
		En: "The name, role, limits, secrets and grants of a system user must be valid and fit each other.",
	},
	Lov: "Datamodel: adgang",
}

// UkendtSystembruger is the rule that the system user, secret or grant that a call is about exists.
var UkendtSystembruger = &Rule{
	ID: "ukendt-systembruger", Severity: Fejl, Kind: register.NotFound, FraVersion: register.V2,
	Niveauer: alleNiveauer, Operationer: alleSkrivninger,
	Beskrivelse: register.Text{
		Da: "Systembrugeren, hemmeligheden eller bevillingen skal findes.",
		En: "The system user, secret or grant must exist.",
	},
	Lov: "Datamodel: adgang",
}

// SystembrugerTilstand is the rule that a system user can be acted on as it stands.
var SystembrugerTilstand = &Rule{
	ID: "systembruger-tilstand", Severity: Fejl, Kind: register.Conflict, FraVersion: register.V2,
	Niveauer: alleNiveauer, Operationer: alleSkrivninger,
	Beskrivelse: register.Text{
		Da: "Et navn gives kun én gang, en systembruger har højst to hemmeligheder, og den sidste driftsbruger kan ikke lukkes ude.",
		En: "A name is given once only, a system user has two secrets at most, and the last operator cannot be shut out.",
	},
	Lov: "Datamodel: adgang",
}
