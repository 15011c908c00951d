package validation

import (
	"slices"

	"dagtilbudsregisteret.dk/shared/register"
)

// Where and when a rule applies, as most rules have it. Fields are checked when they are sent and when what is stored is gone
// through; a move and a close send none.
var (
	alleNiveauer = register.Levels[:]
	institution  = []register.Level{register.Daginstitution}
	enhed        = []register.Level{register.Anvisningsenhed}
	medAdresse   = []register.Level{register.Anvisningsenhed, register.AlternativAdresse}

	alleSkrivninger = []Operation{Opret, Ret, Flyt, Nedlaeg, Indlaes}
	naarSendt       = []Operation{Opret, Ret, Indlaes, Eftersyn}
)

// rules are all of them, in the order in which they are listed.
var rules = []*Rule{
	Navn, Tegn, Email, Telefonnummer, CVRNummer, PNummer,
	Vejnavn, Husnummer, Postnummer, Bynavn, Adressetillaeg, DawaID, Koordinater,
	Ejerform, Lovgrundlag, InstType3, Kommunekode, AdmKommunekode,
	Nummer, Nedlagt, Foraelder, ForaelderNiveau, ForaelderNedlagt, FlytIStedet, FlytningKommune, AktiveUnderenheder,
	Krydsvalidering, PNummerMangler, MuligDublet, DaginstitutionUdenEnheder,
	UkendtNummer, ForaeldetVersion, ManglerIfMatch, GenbrugtNoegle, UgyldigJSON, UgyldigXML, SOAPKald, XMLSkema, UkendtFelt, ForkertType, ForStor,
	NummerTildeles, NummerOptaget, Skrivebeskyttet, UkendtReference, UkendtHandling, Udeladt, Trae,
	UkendtSti, LukketVersion, UgyldigParameter, FlereFund, AltEllerIntet, NummerLangtFremme, Nummerserie, Reservation,
	Login, Adgang, Tempo, Systembruger, UkendtSystembruger, SystembrugerTilstand,
	Abonnement, UkendtAbonnement, AbonnementTilstand,
}

// Rules lists every rule there is. The rules themselves are the package's own and must not be changed.
func Rules() []*Rule { return slices.Clone(rules) }

// RuleByID gives the rule of an id.
func RuleByID(id string) (rule *Rule, ok bool) {
	for _, r := range rules {
		if r.ID == id {
			return r, true
		}
	}
	return nil, false
}
