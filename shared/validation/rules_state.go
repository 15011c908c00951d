package validation

import "dagtilbudsregisteret.dk/shared/register"

// Nummer is the rule for the numbers that a unit is placed, loaded or named by.
var Nummer = &Rule{
	ID: "nummer", Severity: Fejl, Kind: register.Invalid, FraVersion: register.V1,
	Niveauer: alleNiveauer, Operationer: alleSkrivninger,
	Beskrivelse: register.Text{
		Da: "Et institutionsnummer skal være et stort bogstav fulgt af 5 cifre.",
		En: "An institution number must be a capital letter followed by 5 digits.",
	},
	Lov: "Datamodel: daginstitutionsNummer, enhedsNummer, alternativAdresseNummer",
}

// Nedlagt is the rule that a closed unit stays as it is.
var Nedlagt = &Rule{
	ID: "nedlagt", Severity: Fejl, Kind: register.Conflict, FraVersion: register.V1,
	Niveauer: alleNiveauer, Operationer: []Operation{Ret, Flyt, Nedlaeg, Indlaes},
	Beskrivelse: register.Text{
		Da: "En nedlagt institution kan ikke rettes, flyttes eller nedlægges igen.",
		En: "A closed institution cannot be changed, moved or closed again.",
	},
	Lov: "Datamodel: aktivitetsstatus",
}

// Foraelder is the rule that the unit right above exists.
var Foraelder = &Rule{
	ID: "foraelder", Severity: Fejl, Kind: register.NotFound, FraVersion: register.V1,
	Niveauer: medAdresse, Operationer: []Operation{Opret, Flyt, Indlaes},
	Beskrivelse: register.Text{
		Da: "Institutionen ovenover skal findes, før noget kan lægges under den.",
		En: "The institution above must exist before anything can be placed below it.",
	},
	Lov: "Datamodel: daginstitutionsNummer, enhedsNummer",
}

// ForaelderNiveau is the rule that the unit right above is one level up.
var ForaelderNiveau = &Rule{
	ID: "foraelder-niveau", Severity: Fejl, Kind: register.Invalid, FraVersion: register.V1,
	Niveauer: medAdresse, Operationer: []Operation{Opret, Flyt, Indlaes},
	Beskrivelse: register.Text{
		Da: "En anvisningsenhed ligger under en daginstitution, en alternativ adresse under en anvisningsenhed.",
		En: "An anvisningsenhed stands below a daginstitution, an alternativ adresse below an anvisningsenhed.",
	},
	Lov: "Datamodel: daginstitutionsNummer, enhedsNummer",
}

// ForaelderNedlagt is the rule that the unit right above is active.
var ForaelderNedlagt = &Rule{
	ID: "foraelder-nedlagt", Severity: Fejl, Kind: register.Conflict, FraVersion: register.V1,
	Niveauer: medAdresse, Operationer: []Operation{Opret, Flyt, Indlaes},
	Beskrivelse: register.Text{
		Da: "Intet aktivt kan lægges under en nedlagt institution.",
		En: "Nothing active can be placed below a closed institution.",
	},
	Lov: "Datamodel: aktivitetsstatus",
}

// FlytIStedet is the rule that only a move changes the unit right above.
var FlytIStedet = &Rule{
	ID: "flyt-i-stedet", Severity: Fejl, Kind: register.Invalid, FraVersion: register.V1,
	Niveauer: medAdresse, Operationer: []Operation{Ret},
	Beskrivelse: register.Text{
		Da: "Institutionen ovenover ændres ved at flytte, ikke ved at rette.",
		En: "The institution above is changed by a move, not by an update.",
	},
	Lov: "Datamodel: daginstitutionsNummer, enhedsNummer",
}

// FlytningKommune is the rule that a move stays within the administering municipality.
var FlytningKommune = &Rule{
	ID: "flytning-kommune", Severity: Fejl, Kind: register.Invalid, FraVersion: register.V1,
	Niveauer: medAdresse, Operationer: []Operation{Flyt, Indlaes},
	Beskrivelse: register.Text{
		Da: "Der kan kun flyttes inden for den samme administrative kommune.",
		En: "A move must stay within the same administering municipality.",
	},
	Lov: "Datamodel: admKommuneKode",
}

// AktiveUnderenheder is the rule that closing goes from the bottom up.
var AktiveUnderenheder = &Rule{
	ID: "aktive-underenheder", Severity: Fejl, Kind: register.Conflict, FraVersion: register.V1,
	Niveauer: []register.Level{register.Daginstitution, register.Anvisningsenhed}, Operationer: []Operation{Nedlaeg, Indlaes},
	Beskrivelse: register.Text{
		Da: "En institution kan først nedlægges, når alt under den er nedlagt.",
		En: "An institution can be closed only when everything below it is closed.",
	},
	Lov: "Datamodel: aktivitetsstatus",
}

// Krydsvalidering is the rule that ejerform, lovgrundlag and type make a lawful triple.
var Krydsvalidering = &Rule{
	ID: "krydsvalidering", Severity: Fejl, Kind: register.Invalid, FraVersion: register.V2,
	Niveauer:    []register.Level{register.Daginstitution, register.Anvisningsenhed},
	Operationer: []Operation{Opret, Ret, Flyt, Indlaes, Eftersyn},
	Beskrivelse: register.Text{
		Da: "Daginstitutionens ejerform og lovgrundlag skal være lovlige sammen med typen på hver aktiv anvisningsenhed under den.",
		En: "The daginstitution's ejerform and lovgrundlag must be lawful with the type of every active anvisningsenhed below it.",
	},
	Lov: "Dagtilbudsloven §§ 19, 21, 52 og 66; folkeskoleloven § 24 a; barnets lov §§ 83-84",
}

// PNummerMangler is the warning that a unit without a P-number is cut off from users, data export and Unilogin.
var PNummerMangler = &Rule{
	ID: "p-nummer-mangler", Severity: Advarsel, Kind: register.Invalid, FraVersion: register.V1,
	Niveauer: enhed, Operationer: naarSendt,
	Beskrivelse: register.Text{
		Da: "En anvisningsenhed bør have et P-nummer; uden det kan den ikke få brugere, dataudtræk eller Unilogin.",
		En: "An anvisningsenhed should have a P-number; without it, it cannot have users, data export or Unilogin.",
	},
	Lov: "Datamodel: pNummer",
}

// MuligDublet is the warning that a unit looks like one the register has already.
var MuligDublet = &Rule{
	ID: "mulig-dublet", Severity: Advarsel, Kind: register.Conflict, FraVersion: register.V1,
	Niveauer: medAdresse, Operationer: naarSendt,
	Beskrivelse: register.Text{
		Da: "To aktive institutioner på samme niveau i samme kommune bør ikke have både samme navn og samme adresse.",
		En: "Two active institutions on the same level of a municipality should not share both name and address.",
	},
	Lov: "Datamodel: navn og adresse",
}

// DaginstitutionUdenEnheder is the warning that a daginstitution has nothing below it. It cannot hold when the daginstitution is
// created, and must not stop the closing of its last unit, so only the re-check looks.
var DaginstitutionUdenEnheder = &Rule{
	ID: "daginstitution-uden-enheder", Severity: Advarsel, Kind: register.Conflict, FraVersion: register.V1,
	Niveauer: institution, Operationer: []Operation{Eftersyn},
	Beskrivelse: register.Text{
		Da: "En daginstitution bør have mindst én aktiv anvisningsenhed.",
		En: "A daginstitution should have at least one active anvisningsenhed.",
	},
	Lov: "Datamodel: daginstitutionsNummer",
}
