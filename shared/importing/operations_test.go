package importing_test

import (
	"slices"
	"testing"

	"dagtilbudsregisteret.dk/shared/importing"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// TestOperations does to the settled register what a caller may do, on every level and with every refusal. Each case is judged in a
// dry run first, and done in transactions of every size.
func TestOperations(t *testing.T) {
	t.Parallel()
	const d, e, a = register.Daginstitution, register.Anvisningsenhed, register.AlternativAdresse
	type ops = []importing.Op
	for _, c := range []struct {
		name string
		ops  ops
		want []string
	}{
		{"create", ops{opret(daginstitution("")), opret(enhed("", "G20000")), opret(adresse("", "G20001"))},
			[]string{"created G20022:1", "created G20023:1", "created G20024:1"}},
		{"create below what was just created", ops{
			as(opret(daginstitution("")), ref("d")), as(opret(enhed("", "#d")), ref("e")), opret(adresse("", "#e"))},
			[]string{"created G20022:1", "created G20023:1", "created G20024:1"}},
		{"create below nothing", ops{opret(enhed("", "")), opret(adresse("", "")), opret(enhed("", "G29999")), opret(adresse("", "x"))},
			[]string{"refused, nummer/mangler /daginstitutionsNummer", "refused, nummer/mangler /enhedsNummer",
				"refused, foraelder/ukendt /daginstitutionsNummer", "refused, nummer/format /enhedsNummer"}},
		{"create below the wrong level", ops{opret(enhed("", "G20001")), opret(adresse("", "G20000"))},
			[]string{"refused, foraelder-niveau/niveau /daginstitutionsNummer G20001",
				"refused, foraelder-niveau/niveau /enhedsNummer G20000"}},
		{"create below a closed unit", ops{opret(enhed("", "G20011")), opret(adresse("", "G20012"))},
			[]string{"refused, foraelder-nedlagt/nedlagt /daginstitutionsNummer G20011",
				"refused, foraelder-nedlagt/nedlagt /enhedsNummer G20012"}},
		{"create with all that is wrong", ops{opret(enhed("", "G20011", named(" "), ofType(6013)))},
			[]string{"refused, navn/mangler /enhedsNavn, foraelder-nedlagt/nedlagt /daginstitutionsNummer G20011, " +
				"krydsvalidering/ulovligType /instType3 G20011"}},
		{"create closed", ops{opret(daginstitution("", withStatus(register.Nedlagt)))},
			[]string{"refused, skrivebeskyttet/aktivitetsstatus /aktivitetsstatus"}},
		{"create with warnings", ops{opret(enhed("", "G20000", named("BØRNEHUSET  g20001"), withoutPNummer))},
			[]string{"created G20022:1, ?p-nummer-mangler/mangler /pNummer, ?mulig-dublet/sammeNavnOgAdresse /enhedsNavn G20001"}},
		{"create twice alike", ops{opret(enhed("", "G20000", named("Ny"))), opret(enhed("", "G20000", named("Ny")))},
			[]string{"created G20022:1", "created G20023:1, ?mulig-dublet/sammeNavnOgAdresse /enhedsNavn G20022"}},
		{"create like what was just renamed, and what was just closed", ops{ret(enhed("G20001", "", named("Nyt"))),
			opret(enhed("", "G20000", named("Børnehuset G20001"))), opret(enhed("", "G20000", named("nyt"))),
			nedlaeg("G20004"), opret(enhed("", "G20000", named("Børnehuset G20004")))},
			[]string{"changed G20001:2", "created G20022:1", "created G20023:1, ?mulig-dublet/sammeNavnOgAdresse /enhedsNavn G20001",
				"changed G20004:2", "created G20024:1"}},
		{"create with a number of one's own", ops{opret(daginstitution("G20500")), opret(daginstitution("G20001")), opret(daginstitution("G2"))},
			[]string{"refused, nummer-tildeles/ikkeReserveret /daginstitutionsNummer", "refused, nummer-optaget/optaget /daginstitutionsNummer",
				"refused, nummer/format /daginstitutionsNummer"}},

		{"change", ops{ret(daginstitution("G20000", named("Område Vest"))), ret(enhed("G20001", "G20000", ofType(6014))),
			ret(adresse("G20002", "", named("Strandhuset")))},
			[]string{"changed G20000:2", "changed G20001:2", "changed G20002:2"}},
		{"change again", ops{ret(daginstitution("G20000", named("Område Vest"))), as(ret(daginstitution("G20000", named("Område Syd"))), expect(2))},
			[]string{"changed G20000:2", "changed G20000:3"}},
		{"change nothing", ops{ret(daginstitution("G20000")), ret(enhed("G20001", "")), ret(adresse("G20002", "G20001", named(" Skovhuset G20002 ")))},
			[]string{"unchanged G20000:1", "unchanged G20001:1", "unchanged G20002:1"}},
		{"change what is not there", ops{ret(daginstitution("G29999")), as(ret(enhed("G20000", "G20000")), level(e)), ret(adresse("G20001", "")),
			ret(daginstitution("")), ret(daginstitution("x"))},
			[]string{"refused, ukendt-nummer/findesIkke", "refused, ukendt-nummer/findesIkke", "refused, ukendt-nummer/findesIkke",
				"refused, nummer/mangler /daginstitutionsNummer", "refused, ukendt-nummer/findesIkke"}},
		{"change what is closed", ops{ret(daginstitution("G20011")), ret(enhed("G20012", "")), ret(adresse("G20013", ""))},
			[]string{"refused, nedlagt/nedlagt", "refused, nedlagt/nedlagt", "refused, nedlagt/nedlagt"}},
		{"change an old version", ops{as(ret(daginstitution("G20000", named("Nyt"))), expect(2, 3)), as(ret(daginstitution("G20000", named("Nyt"))), expect(7, 1))},
			[]string{"refused, foraeldet-version/andenVersion", "changed G20000:2"}},
		{"change the parent", ops{ret(enhed("G20001", "G20010")), ret(adresse("G20002", "G20004"))},
			[]string{"refused, flyt-i-stedet/flytning /daginstitutionsNummer G20000", "refused, flyt-i-stedet/flytning /enhedsNummer G20001"}},
		{"change the number", ops{as(ret(daginstitution("G20000")), func(op *importing.Op) { op.Unit.DaginstitutionsNummer = "G20010" })},
			[]string{"refused, skrivebeskyttet/nummer /daginstitutionsNummer"}},
		{"change the status", ops{ret(enhed("G20001", "", withStatus(register.Nedlagt))), ret(enhed("G20001", "", withStatus(register.Aktiv)))},
			[]string{"refused, skrivebeskyttet/aktivitetsstatus /aktivitetsstatus", "unchanged G20001:1"}},
		{"change to what is unlawful below", ops{ret(daginstitution("G20000", runAs(3, 5)))},
			[]string{"refused, krydsvalidering/ulovligUnderenhed /lovgrundlagKode G20001, krydsvalidering/ulovligUnderenhed /lovgrundlagKode G20004"}},
		{"change to what is unlawful below what was just created", ops{as(opret(enhed("", "G20010")), ref("ny")), ret(daginstitution("G20010", runAs(3, 5)))},
			[]string{"created G20022:1", "refused, krydsvalidering/ulovligUnderenhed /lovgrundlagKode G20022"}},

		{"move", ops{flyt("G20001", "G20010"), flyt("G20002", "G20004")}, []string{"changed G20001:2", "changed G20002:3"}},
		{"move to where it is", ops{flyt("G20001", "G20000"), flyt("G20002", "G20001")}, []string{"unchanged G20001:1", "unchanged G20002:1"}},
		{"move there and back", ops{flyt("G20001", "G20010"), flyt("G20001", "G20000")}, []string{"changed G20001:2", "changed G20001:3"}},
		{"move to another municipality", ops{flyt("G20001", "G20020"), flyt("G20002", "G20021")},
			[]string{"refused, flytning-kommune/andenKommune /daginstitutionsNummer G20020", "refused, flytning-kommune/andenKommune /enhedsNummer G20021"}},
		{"move below a closed unit", ops{flyt("G20001", "G20011"), flyt("G20002", "G20012")},
			[]string{"refused, foraelder-nedlagt/nedlagt /daginstitutionsNummer G20011", "refused, foraelder-nedlagt/nedlagt /enhedsNummer G20012"}},
		{"move below the wrong level", ops{flyt("G20001", "G20004"), flyt("G20002", "G20000"), flyt("G20001", "G20001")},
			[]string{"refused, foraelder-niveau/niveau /daginstitutionsNummer G20004", "refused, foraelder-niveau/niveau /enhedsNummer G20000",
				"refused, foraelder-niveau/niveau /daginstitutionsNummer G20001"}},
		{"move nowhere", ops{flyt("G20001", ""), flyt("G20002", "G29999")},
			[]string{"refused, nummer/mangler /daginstitutionsNummer", "refused, foraelder/ukendt /enhedsNummer"}},
		{"move what is closed", ops{flyt("G20012", "G20000"), flyt("G20013", "G20001")},
			[]string{"refused, nedlagt/nedlagt", "refused, nedlagt/nedlagt"}},
		{"move what is not there", ops{as(flyt("G29999", "G20010"), level(e))}, []string{"refused, ukendt-nummer/findesIkke"}},
		{"move an old version", ops{as(flyt("G20001", "G20010"), expect(2))}, []string{"refused, foraeldet-version/andenVersion"}},
		{"move to where the type is unlawful", ops{ret(daginstitution("G20010", runAs(1, 5))), flyt("G20001", "G20010")},
			[]string{"changed G20010:2", "refused, krydsvalidering/ulovligType /daginstitutionsNummer G20010"}},

		{"close from the bottom", ops{nedlaeg("G20002"), nedlaeg("G20003"), nedlaeg("G20001"), nedlaeg("G20004"), nedlaeg("G20000")},
			[]string{"changed G20002:2", "changed G20003:2", "changed G20001:2", "changed G20004:2", "changed G20000:2"}},
		{"close from the top", ops{nedlaeg("G20000"), nedlaeg("G20001")},
			[]string{"refused, aktive-underenheder/aktiv G20001, aktive-underenheder/aktiv G20002, aktive-underenheder/aktiv G20003, " +
				"aktive-underenheder/aktiv G20004", "refused, aktive-underenheder/aktiv G20002, aktive-underenheder/aktiv G20003"}},
		{"close below what was just moved away", ops{flyt("G20001", "G20010"), nedlaeg("G20004"), nedlaeg("G20000"), nedlaeg("G20010")},
			[]string{"changed G20001:2", "changed G20004:2", "changed G20000:2",
				"refused, aktive-underenheder/aktiv G20001, aktive-underenheder/aktiv G20002, aktive-underenheder/aktiv G20003"}},
		{"close what is closed", ops{nedlaeg("G20011"), nedlaeg("G20013")}, []string{"refused, nedlagt/alleredeNedlagt", "refused, nedlagt/alleredeNedlagt"}},
		{"close what is not there", ops{nedlaeg("G29999")}, []string{"refused, ukendt-nummer/findesIkke"}},
		{"close an old version", ops{as(nedlaeg("G20010"), expect(2))}, []string{"refused, foraeldet-version/andenVersion"}},

		{"load", ops{indlaes(daginstitution("G20100")), indlaes(enhed("D10041", "G20100")), indlaes(adresse("G20101", "D10041"))},
			[]string{"created G20100:1", "created D10041:1", "created G20101:1"}},
		{"load twice what looks alike", ops{indlaes(enhed("D10042", "G20000", named("Ny"))), indlaes(enhed("D10041", "G20000", named("Ny"))),
			indlaes(enhed("D10042", "G20000", named("Ny"))), indlaes(enhed("D10041", "G20000", named("Ny")))},
			[]string{"created D10042:1", "created D10041:1, ?mulig-dublet/sammeNavnOgAdresse /enhedsNavn D10042",
				"unchanged D10042:1", "unchanged D10041:1, ?mulig-dublet/sammeNavnOgAdresse /enhedsNavn D10042"}},
		{"load twice what others look like since", ops{indlaes(enhed("D10041", "G20000", named("Ny"))), opret(enhed("", "G20000", named("Ny"))),
			indlaes(enhed("D10042", "G20000", named("Ny"))), indlaes(enhed("D10041", "G20000", named("Ny")))},
			[]string{"created D10041:1", "created G20022:1, ?mulig-dublet/sammeNavnOgAdresse /enhedsNavn D10041",
				"created D10042:1, ?mulig-dublet/sammeNavnOgAdresse /enhedsNavn D10041, ?mulig-dublet/sammeNavnOgAdresse /enhedsNavn G20022",
				"unchanged D10041:1"}},
		{"load again what another was renamed to look like", ops{ret(enhed("G20004", "", named("Børnehuset G20001"), ofType(6012))), indlaes(enhed("G20001", "G20000"))},
			[]string{"changed G20004:2, ?mulig-dublet/sammeNavnOgAdresse /enhedsNavn G20001", "unchanged G20001:1"}},
		{"load the very numbers that are next", ops{opret(daginstitution("")), indlaes(daginstitution("G20023")), indlaes(enhed("", "G20023")),
			indlaes(daginstitution("G20025"))},
			[]string{"created G20022:1", "created G20023:1", "created G20024:1", "created G20025:1"}},
		{"two units of one ref, and refs that look like provisional numbers", ops{as(opret(daginstitution("")), ref("#2")), opret(daginstitution("")),
			as(opret(daginstitution("")), ref("a")), as(opret(daginstitution("")), ref("a#5")), as(opret(daginstitution("")), ref("a")),
			opret(enhed("", "#a"))},
			[]string{"created G20022:1", "created G20023:1", "created G20024:1", "created G20025:1", "created G20026:1", "created G20027:1"}},
		{"load what is unlawful", ops{indlaes(daginstitution("G20100", runAs(2, 5))), indlaes(enhed("G20101", "G20100", ofType(6013)))},
			[]string{"created G20100:1, ?krydsvalidering/ulovligtPar /lovgrundlagKode",
				"created G20101:1, ?krydsvalidering/ulovligDaginstitution /instType3 G20100"}},
		{"load again", ops{indlaes(daginstitution("G20000")), indlaes(enhed("G20001", "G20000")), indlaes(adresse("G20002", "G20001"))},
			[]string{"unchanged G20000:1", "unchanged G20001:1", "unchanged G20002:1"}},
		{"load again with other content", ops{indlaes(daginstitution("G20000", named("Andet"))), indlaes(enhed("G20001", "G20010")),
			indlaes(adresse("G20001", "G20001"))},
			[]string{"refused, nummer-optaget/andetIndhold /daginstitutionsNummer", "refused, nummer-optaget/andetIndhold /enhedsNummer",
				"refused, nummer-optaget/andetIndhold /alternativAdresseNummer"}},
		{"load closed units", ops{indlaes(daginstitution("G20100", withStatus(register.Nedlagt))),
			indlaes(enhed("G20101", "G20100", withStatus(register.Nedlagt))), indlaes(enhed("G20101", "G20100", withStatus(register.Nedlagt))),
			indlaes(enhed("G20102", "G20100")), nedlaeg("G20100")},
			[]string{"created G20100:1", "created G20101:1", "unchanged G20101:1",
				"refused, foraelder-nedlagt/nedlagt /daginstitutionsNummer G20100", "refused, nedlagt/alleredeNedlagt"}},
		{"load what is malformed", ops{indlaes(daginstitution("20100")), indlaes(enhed("G20101", "G29999"))},
			[]string{"refused, nummer/format /daginstitutionsNummer", "refused, foraelder/ukendt /daginstitutionsNummer"}},

		{"what the protocol found", ops{
			as(opret(daginstitution("", named(""))), found(validation.ForkertType, "/ejerformKode"), found(validation.UkendtFelt, "/x")),
			as(opret(enhed("", "G20011")), found(validation.UgyldigJSON, "")),
			as(ret(daginstitution("G20000", named(""))), found(validation.ManglerIfMatch, "")),
			as(ret(daginstitution("G20000", named(""))), found(validation.ForStor, ""), found(validation.ManglerIfMatch, ""))},
			[]string{"refused, forkert-type/x /ejerformKode, ukendt-felt/x /x, navn/mangler /daginstitutionsNavn", "refused, ugyldig-json/x",
				"refused, mangler-if-match/x, navn/mangler /daginstitutionsNavn", "refused, for-stor/x, mangler-if-match/x"}},
		{"what can hardly be read", ops{{Findings: []validation.Finding{validation.UkendtHandling.Finding("/op", "ukendt", register.Text{})}}, nedlaeg("G20010")},
			[]string{"refused, ukendt-handling/ukendt /op", "changed G20010:2"}},
		{"pointers into a line", ops{
			as(opret(enhed("", "G29999", named(""))), at("/data")), as(ret(daginstitution("G20000", runAs(2, 5))), at("/data")),
			as(opret(daginstitution("G20500")), at("/data")),
			as(opret(daginstitution("G20500")), at("/data"), func(op *importing.Op) { op.Number = "G20501" })},
			[]string{"refused, navn/mangler /data/enhedsNavn, foraelder/ukendt /data/daginstitutionsNummer",
				"refused, krydsvalidering/ulovligtPar /data/lovgrundlagKode, krydsvalidering/ulovligUnderenhed /data/lovgrundlagKode G20001, " +
					"krydsvalidering/ulovligUnderenhed /data/lovgrundlagKode G20004",
				"refused, nummer-tildeles/ikkeReserveret /data/daginstitutionsNummer",
				"refused, skrivebeskyttet/nummer /nummer, nummer-tildeles/ikkeReserveret /nummer"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			forChunks(t, func(t *testing.T, r *registry) {
				dry := verdicts(r.run(c.ops, importing.Options{DryRun: true}))
				results := r.run(c.ops, importing.Options{})
				wantLines(t, "results", showAll(results), c.want)
				wantLines(t, "dry run", dry, verdicts(results))
				r.sound()
			})
		})
	}
}

// found notes a finding of the protocol.
func found(rule *validation.Rule, pointer string) func(*importing.Op) {
	return func(op *importing.Op) {
		op.Findings = append(slices.Clone(op.Findings), rule.Finding(pointer, "x", register.Text{Da: "Nej.", En: "No."}))
	}
}

func at(pointer string) func(*importing.Op) { return func(op *importing.Op) { op.At = pointer } }
