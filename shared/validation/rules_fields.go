package validation

import "dagtilbudsregisteret.dk/shared/register"

// Navn is the rule for names.
var Navn = &Rule{
	ID: "navn", Severity: Fejl, Kind: register.Invalid, FraVersion: register.V1,
	Niveauer: alleNiveauer, Operationer: naarSendt,
	Beskrivelse: register.Text{
		Da: "Navnet skal være på 1-132 tegn, når mellemrum foran og bagefter ikke regnes med.",
		En: "The name must have 1-132 characters, not counting spaces before and after it.",
	},
	Lov: "Datamodel: daginstitutionsNavn, enhedsNavn, alternativAdresseNavn",
}

// Tegn is the rule for what may stand in any free text.
var Tegn = &Rule{
	ID: "tegn", Severity: Fejl, Kind: register.Invalid, FraVersion: register.V1,
	Niveauer: alleNiveauer, Operationer: naarSendt,
	Beskrivelse: register.Text{
		Da: "Tekster skal være gyldig UTF-8 uden kontroltegn.",
		En: "Texts must be valid UTF-8 without control characters.",
	},
	Lov: "Datamodel: tekstfelter",
}

// Email is the rule for e-mail addresses.
var Email = &Rule{
	ID: "email", Severity: Fejl, Kind: register.Invalid, FraVersion: register.V1,
	Niveauer: enhed, Operationer: naarSendt,
	Beskrivelse: register.Text{
		Da: "En e-mailadresse skal være på højst 132 tegn og have formen navn@domæne (RFC 5322).",
		En: "An e-mail address must have at most 132 characters and the form name@domain (RFC 5322).",
	},
	Lov: "Datamodel: email",
}

// Telefonnummer is the rule for telephone numbers.
var Telefonnummer = &Rule{
	ID: "telefonnummer", Severity: Fejl, Kind: register.Invalid, FraVersion: register.V1,
	Niveauer: enhed, Operationer: naarSendt,
	Beskrivelse: register.Text{
		Da: "Et telefonnummer skal være på højst 20 tegn og have mindst 8 cifre; derudover må der stå mellemrum, bindestreger, " +
			"parenteser og et plus foran.",
		En: "A telephone number must have at most 20 characters and at least 8 digits; besides them it may hold spaces, hyphens, " +
			"parentheses and a leading plus.",
	},
	Lov: "Datamodel: telefonNummer",
}

// CVRNummer is the rule for CVR numbers.
var CVRNummer = &Rule{
	ID: "cvr-nummer", Severity: Fejl, Kind: register.Invalid, FraVersion: register.V1,
	Niveauer: medAdresse, Operationer: naarSendt,
	Beskrivelse: register.Text{
		Da: "Et CVR-nummer skal være på 8 cifre og bestå modulus 11-kontrollen.",
		En: "A CVR number must have 8 digits and pass the modulus 11 check.",
	},
	Lov: "Datamodel: cvrNummer",
}

// PNummer is the rule for P-numbers.
var PNummer = &Rule{
	ID: "p-nummer", Severity: Fejl, Kind: register.Invalid, FraVersion: register.V1,
	Niveauer: medAdresse, Operationer: naarSendt,
	Beskrivelse: register.Text{
		Da: "Et P-nummer skal være på 10 cifre.",
		En: "A P-number must have 10 digits.",
	},
	Lov: "Datamodel: pNummer",
}

// Vejnavn is the rule for street names.
var Vejnavn = &Rule{
	ID: "vejnavn", Severity: Fejl, Kind: register.Invalid, FraVersion: register.V1,
	Niveauer: medAdresse, Operationer: naarSendt,
	Beskrivelse: register.Text{
		Da: "Adressen skal have et vejnavn på højst 132 tegn.",
		En: "The address must have a street name of at most 132 characters.",
	},
	Lov: "Datamodel: vejNavn",
}

// Husnummer is the rule for house numbers.
var Husnummer = &Rule{
	ID: "husnummer", Severity: Fejl, Kind: register.Invalid, FraVersion: register.V1,
	Niveauer: medAdresse, Operationer: naarSendt,
	Beskrivelse: register.Text{
		Da: "Adressen skal have et husnummer på 1-3 cifre, eventuelt fulgt af et bogstav.",
		En: "The address must have a house number of 1-3 digits, which a letter may follow.",
	},
	Lov: "Datamodel: husNummer",
}

// Postnummer is the rule for postal codes.
var Postnummer = &Rule{
	ID: "postnummer", Severity: Fejl, Kind: register.Invalid, FraVersion: register.V1,
	Niveauer: medAdresse, Operationer: naarSendt,
	Beskrivelse: register.Text{
		Da: "Adressen skal have et postnummer på 4 cifre, fra 0800 til 9990.",
		En: "The address must have a postal code of 4 digits, from 0800 to 9990.",
	},
	Lov: "Datamodel: postNummer",
}

// Bynavn is the rule for the names of postal districts.
var Bynavn = &Rule{
	ID: "bynavn", Severity: Fejl, Kind: register.Invalid, FraVersion: register.V1,
	Niveauer: medAdresse, Operationer: naarSendt,
	Beskrivelse: register.Text{
		Da: "Adressen skal have et bynavn på højst 132 tegn.",
		En: "The address must have a city of at most 132 characters.",
	},
	Lov: "Datamodel: byNavn",
}

// Adressetillaeg is the rule for what an address may hold besides its mandatory parts.
var Adressetillaeg = &Rule{
	ID: "adressetillaeg", Severity: Fejl, Kind: register.Invalid, FraVersion: register.V1,
	Niveauer: medAdresse, Operationer: naarSendt,
	Beskrivelse: register.Text{
		Da: "Et supplerende bynavn må være på højst 132 tegn, etage og dør på højst 10.",
		En: "A supplementary city name may have at most 132 characters, floor and door at most 10.",
	},
	Lov: "Datamodel: supplerendeBynavn, etage, doer",
}

// DawaID is the rule for the ids of addresses in Danmarks Adresseregister.
var DawaID = &Rule{
	ID: "dawa-id", Severity: Fejl, Kind: register.Invalid, FraVersion: register.V1,
	Niveauer: medAdresse, Operationer: naarSendt,
	Beskrivelse: register.Text{
		Da: "Et dawaId skal være en UUID.",
		En: "A dawaId must be a UUID.",
	},
	Lov: "Datamodel: dawaId",
}

// Koordinater is the rule for coordinates.
var Koordinater = &Rule{
	ID: "koordinater", Severity: Fejl, Kind: register.Invalid, FraVersion: register.V1,
	Niveauer: medAdresse, Operationer: naarSendt,
	Beskrivelse: register.Text{
		Da: "Bredde og længde skal gives begge to eller slet ikke, og de skal ligge i Danmark (WGS84).",
		En: "Latitude and longitude must be given both or not at all, and must lie in Denmark (WGS84).",
	},
	Lov: "Datamodel: geoBredde, geoLaengde",
}

// Ejerform is the rule for codes of ownership.
var Ejerform = &Rule{
	ID: "ejerform", Severity: Fejl, Kind: register.Invalid, FraVersion: register.V1,
	Niveauer: institution, Operationer: naarSendt,
	Beskrivelse: register.Text{
		Da: "Ejerformen skal være en kode i kodetabellen ejerform.",
		En: "The ejerform (ownership) must be a code of the table ejerform.",
	},
	Lov: "Datamodel: ejerformKode",
}

// Lovgrundlag is the rule for codes of legal basis.
var Lovgrundlag = &Rule{
	ID: "lovgrundlag", Severity: Fejl, Kind: register.Invalid, FraVersion: register.V1,
	Niveauer: institution, Operationer: naarSendt,
	Beskrivelse: register.Text{
		Da: "Lovgrundlaget skal være en kode i kodetabellen lovgrundlag, som den kaldte version kender.",
		En: "The lovgrundlag (legal basis) must be a code of the table lovgrundlag that the called version knows.",
	},
	Lov: "Datamodel: lovgrundlagKode",
}

// InstType3 is the rule for codes of type.
var InstType3 = &Rule{
	ID: "insttype3", Severity: Fejl, Kind: register.Invalid, FraVersion: register.V1,
	Niveauer: enhed, Operationer: naarSendt,
	Beskrivelse: register.Text{
		Da: "Institutionstypen skal være en kode i kodetabellen instType3.",
		En: "The institution type must be a code of the table instType3.",
	},
	Lov: "Datamodel: instType3",
}

// Kommunekode is the rule for the municipality that a unit lies in.
var Kommunekode = &Rule{
	ID: "kommunekode", Severity: Fejl, Kind: register.Invalid, FraVersion: register.V1,
	Niveauer: medAdresse, Operationer: naarSendt,
	Beskrivelse: register.Text{
		Da: "Adressens kommune skal være en kode i kodetabellen kommuner.",
		En: "The municipality of the address must be a code of the table kommuner.",
	},
	Lov: "Datamodel: kommuneKode",
}

// AdmKommunekode is the rule for the municipality that administers a daginstitution.
var AdmKommunekode = &Rule{
	ID: "adm-kommunekode", Severity: Fejl, Kind: register.Invalid, FraVersion: register.V1,
	Niveauer: institution, Operationer: naarSendt,
	Beskrivelse: register.Text{
		Da: "Den administrative kommune skal være en kode i kodetabellen kommuner.",
		En: "The administering municipality must be a code of the table kommuner.",
	},
	Lov: "Datamodel: admKommuneKode",
}
