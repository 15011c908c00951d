package rest_test

import (
	"fmt"
	"strings"

	"dagtilbudsregisteret.dk/shared/exporting"
	"dagtilbudsregisteret.dk/shared/granting"
)

func institutionJSON(navn string, ejerform, lovgrundlag, kommune int) string {
	return fmt.Sprintf(`{"daginstitutionsNavn":%q,"ejerformKode":%d,"lovgrundlagKode":%d,"admKommuneKode":%d}`, navn, ejerform, lovgrundlag, kommune)
}

const proevevej = `{"vejNavn":"Prøvevej","husNummer":"1b","postNummer":"5999","byNavn":"Prøveby","kommuneKode":461}`

func enhedJSON(over, navn string, instType3 int) string {
	return fmt.Sprintf(`{"daginstitutionsNummer":%q,"enhedsNavn":%q,"instType3":%d,"adresse":%s}`, over, navn, instType3, proevevej)
}

func adresseJSON(over, navn string) string {
	return fmt.Sprintf(`{"enhedsNummer":%q,"alternativAdresseNavn":%q,"adresse":%s}`, over, navn, proevevej)
}

// traeJSON is a daginstitution of a municipality with what stands below it, and what else is said.
func traeJSON(navn string, kommune int, enheder, more string) string {
	return strings.TrimSuffix(institutionJSON(navn, 1, 1, kommune), "}") + `,"anvisningsenheder":[` + enheder + "]" + more + "}"
}

// gren is an anvisningsenhed of a tree, with what else is said of it.
func gren(more string) string {
	return `{"enhedsNavn":"Huset","instType3":6012,"adresse":` + proevevej + more + "}"
}

// below names a new parent.
func below(field, number string) string { return fmt.Sprintf(`{%q:%q}`, field, number) }

// crooked is an anvisningsenhed of which nothing is right.
const crooked = `{"daginstitutionsNummer":"X","enhedsNavn":"A\u0007","instType3":1,"email":"a","telefonNummer":"1","cvrNummer":"12345678","pNummer":"1",
	"adresse":{"vejNavn":"","husNummer":"b","postNummer":"1","byNavn":"","supplerendeBynavn":"\u200b","etage":"12345678901","kommuneKode":1,
	"dawaId":"1","geoBredde":1,"geoLaengde":1},"ukendt":true,"aktivitetsstatus":"Lukket"}`

// writing makes a register and is refused in every way on the way. Its rows, by number: G10000 and G10001 are daginstitutioner of the
// municipality 461, G10002 is one of 101, G10003 one that closes; G10004 and G10005 are anvisningsenheder that stay, G10006 is one
// that closes; G10007 is an alternativ adresse that stays, G10008 one that closes.
var writing = []step{
	{op: "GET /dagtilbud", query: "limit=1", want: 200},
	{op: "POST /daginstitutioner", body: institutionJSON("Nord", 1, 1, 461), header: []string{"Idempotency-Key: nord"}, want: 201},
	{op: "POST /daginstitutioner", body: institutionJSON("Nord", 1, 1, 461), header: []string{"Idempotency-Key: nord"}, want: 201},
	{op: "POST /daginstitutioner", body: institutionJSON("Øst", 1, 1, 461), header: []string{"Idempotency-Key: nord"}, want: 422},
	{op: "POST /daginstitutioner", body: institutionJSON("Øst", 1, 1, 461), header: []string{"Idempotency-Key: " + strings.Repeat("k", 256)}, want: 400},
	{op: "POST /daginstitutioner", body: institutionJSON("Syd", 1, 1, 461), want: 201},
	{op: "POST /daginstitutioner", body: institutionJSON("Andetsteds", 1, 1, 101), want: 201},
	{op: "POST /daginstitutioner", body: institutionJSON("Lukket", 1, 1, 461), want: 201},
	{op: "POST /daginstitutioner", body: institutionJSON("", 99, 99, 1), want: 422},
	{op: "POST /daginstitutioner", body: institutionJSON("Ulovlig", 2, 1, 461), want: 422, only: "v2"},
	{op: "POST /daginstitutioner", body: `{"daginstitutionsNummer":"G10000","daginstitutionsNavn":"Optaget","ejerformKode":"1"}`, want: 409},
	{op: "POST /daginstitutioner", body: `{"daginstitutionsNummer":"G77777","daginstitutionsNavn":"Valgt"}`, want: 422},

	{op: "POST /anvisningsenheder", body: enhedJSON("G10000", "Huset", 6012), header: []string{"Idempotency-Key: huset"}, want: 201},
	{op: "POST /anvisningsenheder", body: enhedJSON("G10001", "Huset", 6012), want: 201},
	{op: "POST /anvisningsenheder", body: enhedJSON("G10001", "Lukket", 6012), want: 201},
	{op: "POST /anvisningsenheder", body: enhedJSON("G99999", "Huset", 6012), want: 404},
	{op: "POST /anvisningsenheder", body: enhedJSON("G10004", "Huset", 6012), want: 422},
	{op: "POST /anvisningsenheder", body: enhedJSON("G10000", "Klubben", 6021), want: 422, only: "v2"},
	{op: "POST /anvisningsenheder", body: crooked, want: 422},

	{op: "POST /alternative-adresser", body: adresseJSON("G10004", "Skoven"), header: []string{"Idempotency-Key: skoven"}, want: 201},
	{op: "POST /alternative-adresser", body: adresseJSON("G10004", "Lukket"), want: 201},
	{op: "POST /alternative-adresser", body: adresseJSON("G99999", "Skoven"), want: 404},
	{op: "POST /alternative-adresser", body: adresseJSON("#skoven", ""), want: 422},

	{op: "PUT /daginstitutioner/{nummer}", at: "G10000", header: []string{`If-Match: "1"`}, body: institutionJSON("Nordvest", 1, 1, 461), want: 200},
	{op: "PUT /daginstitutioner/{nummer}", at: "G10000", body: institutionJSON("Nord", 1, 1, 461), want: 200, only: "v1"},
	{op: "PUT /daginstitutioner/{nummer}", at: "G10000", header: []string{"If-Match: *"}, body: institutionJSON(strings.Repeat("N", 133), 1, 1, 461), want: 422},
	{op: "PUT /daginstitutioner/{nummer}", at: "G10000", header: []string{"If-Match: *"}, body: institutionJSON("Nord", 1, 5, 461), want: 422, only: "v2"},
	{op: "DELETE /daginstitutioner/{nummer}", at: "G10003", header: []string{`If-Match: "1"`}, want: 200},
	{op: "DELETE /daginstitutioner/{nummer}", at: "G10000", header: []string{"If-Match: *"}, want: 409},
	{op: "PUT /daginstitutioner/{nummer}", at: "G10003", header: []string{"If-Match: *"}, body: institutionJSON("Åben", 1, 1, 461), want: 409},
	{op: "POST /anvisningsenheder", body: enhedJSON("G10003", "Huset", 6012), want: 409},

	{op: "PUT /anvisningsenheder/{nummer}", at: "G10004", header: []string{`If-Match: "1", "2"`}, body: enhedJSON("G10000", "Huset", 6011), want: 200},
	{op: "PUT /anvisningsenheder/{nummer}", at: "G10004", header: []string{"If-Match: *"}, body: enhedJSON("G10001", "Huset", 6011), want: 422},
	{op: "DELETE /anvisningsenheder/{nummer}", at: "G10006", header: []string{"If-Match: *"}, want: 200},
	{op: "DELETE /anvisningsenheder/{nummer}", at: "G10004", header: []string{"If-Match: *"}, want: 409},
	{op: "PUT /anvisningsenheder/{nummer}", at: "G10006", header: []string{"If-Match: *"}, body: enhedJSON("G10001", "Åben", 6011), want: 409},
	{op: "POST /alternative-adresser", body: adresseJSON("G10006", "Skoven"), want: 409},

	{op: "PUT /alternative-adresser/{nummer}", at: "G10007", header: []string{`If-Match: "1"`}, body: adresseJSON("G10004", "Skovgruppen"), want: 200},
	{op: "PUT /alternative-adresser/{nummer}", at: "G10007", header: []string{"If-Match: *"}, body: adresseJSON("G10004", ""), want: 422},
	{op: "DELETE /alternative-adresser/{nummer}", at: "G10008", header: []string{`If-Match: "1"`}, want: 200},
	{op: "DELETE /alternative-adresser/{nummer}", at: "G10008", header: []string{"If-Match: *"}, want: 409},
	{op: "PUT /alternative-adresser/{nummer}", at: "G10008", header: []string{"If-Match: *"}, body: adresseJSON("G10004", "Åben"), want: 409},

	{op: "POST /anvisningsenheder/{nummer}/flyt", at: "G10004", header: []string{`If-Match: "2"`, "Idempotency-Key: flyt"},
		body: below("daginstitutionsNummer", "G10001"), want: 200},
	{op: "POST /anvisningsenheder/{nummer}/flyt", at: "G10004", body: below("daginstitutionsNummer", "G10002"), want: 422},
	{op: "POST /anvisningsenheder/{nummer}/flyt", at: "G10004", body: below("daginstitutionsNummer", "G10003"), want: 409},
	{op: "POST /alternative-adresser/{nummer}/flyt", at: "G10007", header: []string{"If-Match: *", "Idempotency-Key: skoven/flyt"},
		body: below("enhedsNummer", "G10005"), want: 200},
	{op: "POST /alternative-adresser/{nummer}/flyt", at: "G10007", body: below("enhedsNummer", "G10000"), want: 422},
	{op: "POST /alternative-adresser/{nummer}/flyt", at: "G10007", body: below("enhedsNummer", "G10006"), want: 409},

	{op: "POST /import", header: []string{"Content-Type: application/x-ndjson", "Idempotency-Key: import"}, query: "dryRun=false", body: joinLines(
		`{"op":"opret","type":"daginstitution","ref":"d","data":`+institutionJSON("Vest", 2, 2, 461)+`}`,
		`{"op":"indlaes","type":"anvisningsenhed","nummer":"G10500","data":`+enhedJSON("#d", "Gammel", 6013)+`}`,
		`{"op":"opret","type":"anvisningsenhed","data":`+enhedJSON("#d", "Gammel", 6012)+`}`,
		`{"op":"opret","type":"anvisningsenhed","data":`+enhedJSON("#d", "Ny", 6012)+`}`,
		`{"op":"opret","type":"anvisningsenhed","data":`+enhedJSON("#d", "Ny", 6012)+`}`,
		`{"op":"opret","type":"anvisningsenhed","data":`+enhedJSON("#d", "Ulovlig", 6022)+`}`,
		`{"op":"nedlaeg","type":"anvisningsenhed","nummer":"G99999"}`,
		`{"op":"flyt","type":"alternativAdresse","nummer":"G10007","data":`+below("enhedsNummer", "#hvem")+`}`), want: 200},
	{op: "POST /import", header: []string{"Content-Type: application/x-ndjson", "Prefer: handling=strict"}, query: "dryRun=true", body: joinLines(
		`{"op":"nedlaeg","type":"anvisningsenhed","nummer":"G10005"}`, `{"op":"opret","type":"daginstitution","data":`+institutionJSON("Ny", 1, 1, 461)+`}`), want: 200},
	{op: "POST /import", query: "dryRun=ja", body: "{}", want: 400},

	{op: "POST /dagtilbud", header: []string{"Idempotency-Key: trae"}, body: traeJSON("Hele vejen", 461, gren(`,"alternativeAdresser":[{"alternativAdresseNavn":"Skoven","adresse":`+proevevej+`}]`), ""), want: 201, only: "v2"},
	{op: "POST /dagtilbud", header: []string{"Idempotency-Key: trae"}, body: traeJSON("En anden", 461, "", ""), want: 422, only: "v2"},
	{op: "POST /dagtilbud", body: traeJSON("", 461, gren(`,"alternativeAdresser":[{"x":1}]`), `,"daginstitutionsNummer":"G10000","version":9`), want: 412, only: "v2"},
	{op: "POST /dagtilbud", body: traeJSON("Ny", 461, gren(`,"enhedsNummer":"G99999"`), ""), want: 404, only: "v2"},
	{op: "POST /dagtilbud", body: traeJSON("Ny", 461, gren(`,"enhedsNummer":"G10006","version":2`), ""), want: 409, only: "v2"},
	{op: "POST /dagtilbud", body: traeJSON("Ny", 461, gren(`,"enhedsNummer":"G10004"`), `,"nedlaegges":["G10004"]`), want: 428, only: "v2"},
	{op: "PUT /dagtilbud/{nummer}", at: "G10002", header: []string{`If-Match: "1"`, "Idempotency-Key: trae-2"}, body: traeJSON("Andetsteds igen", 101, gren(""), ""), want: 200, only: "v2"},
	{op: "PUT /dagtilbud/{nummer}", at: "G10002", header: []string{`If-Match: "2"`}, body: traeJSON("Andetsteds igen", 101, "", ""), want: 409, only: "v2"},
	{op: "PUT /dagtilbud/{nummer}", at: "G10002", header: []string{`If-Match: "2"`}, body: traeJSON("Andetsteds igen", 101, gren(`,"instType3":1`), ""), want: 400, only: "v2"},
	{op: "PUT /dagtilbud/{nummer}", at: "G10002", body: traeJSON("Andetsteds igen", 101, "", ""), want: 428, only: "v2"},
	{op: "PUT /dagtilbud/{nummer}", at: "G10002", header: []string{`If-Match: "2"`}, body: traeJSON("", 101, `{"enhedsNummer":1}`, `,"nedlaegges":["G10002"]`), want: 422, only: "v2"},

	{op: "POST /numre", body: `{"antal":2,"udloeber":"2026-02-03T00:00:00Z"}`, header: []string{"Idempotency-Key: to"}, want: 201},
	{op: "POST /numre", body: `{"antal":1}`, want: 201},
	{op: "POST /numre", body: `{"antal":3}`, header: []string{"Idempotency-Key: to"}, want: 422},
	{op: "POST /numre", body: `{"antal":0,"udloeber":"2027-01-01T00:00:00Z"}`, want: 422},
	{op: "POST /numre", body: `{"efter":"G11000"}`, want: 200},

	{op: "POST /validering", body: `{"op":"nedlaeg","type":"anvisningsenhed","nummer":"G10004"}`, want: 200},
	{op: "POST /validering", body: `{"op":"ret","type":"anvisningsenhed","nummer":"G10500","data":` + enhedJSON("G10009", "Gammel", 6022) + `}`, want: 200},
	{op: "POST /validering", body: `{"op":"erstat","type":"daginstitution","data":` + traeJSON("Ny", 461, gren(""), "") + `}`, want: 200, only: "v2"},
}

func joinLines(lines ...string) string { return strings.Join(lines, "\n") + "\n" }

// everyFilter names every filter, each with a value that fits some row, and some place to go on from.
var everyFilter = "admKommuneKode=461&daginstitutionsNummer=G10001&navn=hus&pNummer=1234567890&cvrNummer=12345674&instType3=6011&ejerformKode=1" +
	"&lovgrundlagKode=1&aktivitetsstatus=Aktiv&cursor=" + exporting.Cursor{Kommune: 461, Path: "G10000"}.String()

var reading = []step{
	{op: "GET /dagtilbud", query: "limit=2", want: 200},
	{op: "GET /dagtilbud", query: everyFilter + "&limit=1000", want: 200},
	{op: "GET /daginstitutioner", query: "limit=1", want: 200},
	{op: "GET /daginstitutioner", query: everyFilter + "&limit=1000", want: 200},
	{op: "GET /anvisningsenheder", query: "limit=1", want: 200},
	{op: "GET /anvisningsenheder", query: everyFilter + "&limit=1000", want: 200},
	{op: "GET /alternative-adresser", query: "limit=1", want: 200},
	{op: "GET /alternative-adresser", query: everyFilter + "&limit=1000", want: 200},
	{op: "GET /dagtilbud/{nummer}", at: "G10005", want: 200},
	{op: "GET /daginstitutioner/{nummer}", at: "G10001", want: 200},
	{op: "GET /daginstitutioner/{nummer}", at: "G10001", header: []string{`If-None-Match: "7", "1"`}, want: 304},
	{op: "GET /anvisningsenheder/{nummer}", at: "G10004", want: 200},
	{op: "GET /anvisningsenheder/{nummer}", at: "G10004", header: []string{"If-None-Match: *"}, want: 304},
	{op: "GET /alternative-adresser/{nummer}", at: "G10008", want: 200},
	{op: "GET /alternative-adresser/{nummer}", at: "G10008", header: []string{"If-None-Match: *"}, want: 304},

	{op: "GET /eksport/{fil}", at: "daginstitutioner.csv", query: everyFilter, want: 200},
	{op: "GET /eksport/{fil}", at: "anvisningsenheder.csv", header: []string{"Accept-Encoding: gzip"}, want: 200},
	{op: "GET /eksport/{fil}", at: "alternative-adresser.ndjson", want: 200},
	{op: "GET /eksport/{fil}", at: "samlet.ndjson", want: 200},
	{op: "GET /eksport/{fil}", at: "anvisningsenheder.json", want: 200},
	{op: "GET /eksport/{fil}", at: "samlet.json", want: 200},
	{op: "GET /dagtilbud/{nummer}", at: "G10005", header: []string{"If-None-Match: *"}, want: 304},
	{op: "GET /eksport/{fil}", at: "samlet.csv", header: []string{"If-None-Match: *"}, want: 304},
	{op: "GET /eksport/{fil}", at: "samlet.xml", want: 404},
	{op: "GET /eksport/{fil}", at: "samlet.csv", header: []string{"Accept-Encoding: gzip"}, rows: errDiskGone, want: 500},

	{op: "GET /eksport/{fil}", at: "samlet.json", query: "pr=2026-02-02T08:00:00Z", want: 200},
	{op: "GET /eksport/{fil}", at: "samlet.json", query: "registerposition=101:1,461:3", want: 200},
	{op: "GET /eksport/{fil}", at: "samlet.json", query: "registerposition=461:999", want: 400},
	{op: "GET /eksport/{fil}", at: "samlet.json", query: "pr=2026-02-02T08:00:00Z&registerposition=461:3", want: 400},
	{op: "GET /dagtilbud/{nummer}", at: "G10005", query: "pr=2026-02-02T08:00:00Z", want: 200},
	{op: "GET /dagtilbud/{nummer}", at: "G10005", query: "pr=2026-02-02T07:59:59Z", want: 404},
	{op: "GET /dagtilbud/{nummer}", at: "G10005", query: "pr=2026-02-02T08:00:01Z", want: 400},

	{op: "GET /numre/{nummer}", at: "G10004", want: 200},
	{op: "GET /numre/{nummer}", at: "G10008", want: 200},
	{op: "GET /numre/{nummer}", at: "G10501", want: 200},
	{op: "GET /numre/{nummer}", at: "G90000", want: 200},
	{op: "GET /numre/{nummer}", at: "G1", want: 400},

	{op: "GET /valideringsregler", want: 200},
	{op: "GET /kodetabeller", want: 200},
	{op: "GET /kodetabeller/{navn}", at: "kommuner", want: 200},
	{op: "GET /kodetabeller/{navn}", at: "krydsvalidering", want: 200},
	{op: "GET /kodetabeller/{navn}", at: "vejr", want: 404},
	{op: "GET /kvalitet", query: "admKommuneKode=461", want: 200},
	{op: "GET /kvalitet", want: 200},
}

// told reads what has happened, through v2, which alone tells of it.
var told = v2Only([]step{
	{op: "GET /haendelser", query: "limit=2", want: 200},
	{op: "GET /haendelser", query: "efter=000000000002&limit=1000", header: []string{"Accept: application/x-ndjson", "Accept-Encoding: gzip"}, want: 200},
	{op: "GET /haendelser", query: "efter=0&admKommuneKode=461&niveau=anvisningsenhed&type=anvisningsenhed.flyttet", header: []string{"Prefer: respond-async, wait=30"}, want: 200},
	{op: "GET /haendelser", query: "admKommuneKode=461&admKommuneKode=751&niveau=daginstitution,anvisningsenhed&type=anvisningsenhed.oprettet,anvisningsenhed.flyttet", want: 200},
	{op: "GET /haendelser", query: "efter=100000", want: 400},
	{op: "GET /haendelser", query: "efter=i+dag&type=daginstitution.flyttet&limit=0&admKommuneKode=Odense", want: 400},
	{op: "GET /dagtilbud/{nummer}/historik", at: "G10004", want: 200},
	{op: "GET /dagtilbud/{nummer}/historik", at: "G10500", want: 200},
	{op: "GET /dagtilbud/{nummer}/historik", at: "G10004", header: []string{"If-None-Match: *"}, want: 304},
	{op: "GET /synk", query: "admKommuneKode=461", want: 200},
	{op: "GET /synk", want: 200},
	{op: "POST /synk", body: `{"kommuner":[{"admKommuneKode":461,"antal":1,"hash":"` + strings.Repeat("aB", 32) + `"},{"admKommuneKode":751}]}`, want: 200},
	{op: "POST /synk", body: `{"kommuner":[{"admKommuneKode":101,"enheder":{"G10002":1}},{"admKommuneKode":461,"enheder":{"G10000":1,"G99999":7}}]}`, want: 200},
	{op: "POST /synk", body: `{"kommuner":[{"admKommuneKode":0},{"admKommuneKode":461,"enheder":{"x":1,"G10000":0,"G10001":"1"}},{"enheder":[]}],"mere":1}`, want: 422},
})

// subscribed makes subscriptions, has them acted on and ends one.
var subscribed = v2Only([]step{
	{op: "GET /abonnementer", want: 200},
	{op: "POST /abonnementer", body: `{"navn":"egern","koe":"egern.fifo"}`, want: 201},
	{op: "POST /abonnementer", body: `{"navn":"abild","koe":"abild.fifo","filter":{"kommuner":[461],"niveauer":["anvisningsenhed"],"typer":["nedlagt"]},` +
		`"registerposition":"461:3"}`, want: 201},
	{op: "POST /abonnementer", body: `{"navn":"birk","koe":"birk.fifo","fra":"2026-02-02T08:00:00Z"}`, want: 201},
	{op: "POST /abonnementer", body: `{"navn":"birk","koe":"birk.fifo","fraBegyndelsen":true}`, want: 409},
	{op: "POST /abonnementer", body: `{"navn":"elm","koe":"birk.fifo"}`, want: 409},
	{op: "POST /abonnementer", body: `{"navn":"-","koe":"","filter":{"kommuner":[0]},"fra":"2027-01-01T00:00:00Z"}`, want: 422},
	{op: "POST /abonnementer", body: `{"navn":"elm","koe":"elm.fifo","fra":"2026-02-02T08:00:00Z","fraBegyndelsen":true,"registerposition":"461"}`, want: 422},
	{op: "GET /abonnementer/{abonnement}", at: "abild", want: 200},
	{op: "GET /abonnementer", want: 200},
	{op: "PUT /abonnementer/{abonnement}", at: "egern", header: []string{`If-Match: "1"`}, body: `{"koe":"egern-2.fifo","filter":{"kommuner":[101]}}`, want: 200},
	{op: "PUT /abonnementer/{abonnement}", at: "egern", header: []string{"If-Match: *"}, body: `{"koe":1}`, want: 422},
	{op: "PUT /abonnementer/{abonnement}", at: "egern", header: []string{"If-Match: *"}, body: `{"koe":"k"}`, trail: errOthersFirst, want: 409},
	{op: "POST /abonnementer/{abonnement}/pause", at: "egern", want: 200},
	{op: "POST /abonnementer/{abonnement}/pause", at: "egern", trail: errOthersFirst, want: 409},
	{op: "POST /abonnementer/{abonnement}/genoptag", at: "egern", want: 200},
	{op: "POST /abonnementer/{abonnement}/afspil", at: "egern", body: `{"fraBegyndelsen":true}`, want: 200},
	{op: "POST /abonnementer/{abonnement}/afspil", at: "egern", want: 422},
	{op: "GET /abonnementer/{abonnement}/doede", at: "egern", query: "limit=2", want: 200},
	{op: "GET /abonnementer/{abonnement}/doede", at: "egern", query: "limit=0", want: 400},
	{op: "POST /abonnementer/{abonnement}/doede", at: "egern", want: 200},
	{op: "POST /abonnementer/{abonnement}/doede", at: "egern", body: `{"ids":["G10000:1"]}`, want: 200},
	{op: "POST /abonnementer/{abonnement}/doede", at: "egern", body: `{"ids":[1]}`, want: 422},
	{op: "DELETE /abonnementer/{abonnement}", at: "egern", want: 200},
	{op: "GET /abonnementer/{abonnement}", at: "egern", want: 200},
	{op: "DELETE /abonnementer/{abonnement}", at: "egern", want: 409},
	{op: "POST /abonnementer/{abonnement}/genoptag", at: "egern", want: 409},
	{op: "POST /abonnementer/{abonnement}/afspil", at: "egern", body: `{"fraBegyndelsen":true}`, want: 409},
	{op: "POST /abonnementer/{abonnement}/doede", at: "egern", want: 409},
})

// exhausting comes to the end of the numbers.
var exhausting = []step{
	{op: "POST /numre", body: `{"efter":"G99999"}`, want: 422},
	{op: "POST /numre", body: `{"efter":"G60000"}`, want: 200},
	{op: "POST /numre", body: `{"efter":"G99999"}`, want: 200},
	{op: "POST /numre", body: `{"antal":1}`, want: 503}, // as asked for before, and a wish of its own all the same
	{op: "POST /daginstitutioner", body: institutionJSON("En for meget", 1, 1, 461), want: 503},
}

// granted makes a vendor and an owner and gives and takes rights, through v2, which alone knows of users.
var granted = v2Only([]step{
	{op: "GET /adgang/mig", want: 200},
	{op: "GET /adgang/mig", as: laeser, want: 200},
	{op: "GET /adgang/brugere", want: 200},
	{op: "GET /adgang/versioner", want: 200},
	{op: "GET /adgang/versioner", query: "version=v1&fra=2026-01-01&til=2026-12-31", want: 200},
	{op: "GET /adgang/versioner", query: "version=v3&fra=i+g%C3%A5r&til=2026-01-01", want: 400},
	{op: "GET /adgang/versioner", rows: errDiskGone, want: 500},

	{op: "POST /adgang/brugere", body: `{"navn":"egern","rolle":"leverandoer","beskrivelse":"Egernsoft","skrivninger":0,"laesninger":20}`, want: 201},
	{op: "POST /adgang/brugere", body: `{"navn":"abild","rolle":"ejer","cvrNummer":"12345674","forbindelser":["levere"]}`, want: 201},
	{op: "POST /adgang/brugere", body: `{"navn":"egern","rolle":"laeser"}`, want: 409},
	{op: "POST /adgang/brugere", body: `{"navn":"-","rolle":"konge","skrivninger":-1,"forbindelser":["skrive"]}`, want: 422},
	{op: "POST /adgang/brugere", as: support, body: `{"navn":"overmod","rolle":"drift"}`, want: 403},

	{op: "GET /adgang/brugere/{bruger}", at: "abild", want: 200},
	{op: "PUT /adgang/brugere/{bruger}", at: "egern", header: []string{`If-Match: "1"`}, body: `{"beskrivelse":"Egernsoft ApS","laesninger":200}`, want: 200},
	{op: "PUT /adgang/brugere/{bruger}", at: "abild", header: []string{"If-Match: *"}, body: `{"cvrNummer":"1"}`, want: 422},
	{op: "PUT /adgang/brugere/{bruger}", at: "egern", header: []string{"If-Match: *"}, body: "{}", trail: errOthersFirst, want: 409},

	{op: "POST /adgang/brugere/{bruger}/bevillinger", at: "egern", body: `{"admKommuneKode":461}`, want: 201},
	{op: "POST /adgang/brugere/{bruger}/bevillinger", at: "egern", want: 201,
		body: `{"admKommuneKode":101,"niveauer":["anvisningsenhed","alternativAdresse"],"ejerformer":[1,3],"fra":"2026-01-01","til":"2026-12-31"}`},
	{op: "POST /adgang/brugere/{bruger}/bevillinger", at: "abild", body: `{"nummer":"G10000"}`, want: 201},
	{op: "POST /adgang/brugere/{bruger}/bevillinger", at: "egern", body: `{"nummer":"G10000","fra":"i dag","niveauer":["skole"]}`, want: 422},
	{op: "POST /adgang/brugere/{bruger}/bevillinger", at: "egern", body: `{"admKommuneKode":461}`, trail: errOthersFirst, want: 409},
	{op: "DELETE /adgang/brugere/{bruger}/bevillinger/{id}", at: "egern/bevillinger/@", want: 200},
	{op: "DELETE /adgang/brugere/{bruger}/bevillinger/{id}", at: "egern/bevillinger/@", want: 404},
	{op: "DELETE /adgang/brugere/{bruger}/bevillinger/{id}", at: "abild/bevillinger/@", trail: errOthersFirst, want: 409},

	{op: "POST /adgang/brugere/{bruger}/hemmeligheder", at: "egern", body: `{"udloeber":"2026-03-01T00:00:00Z"}`, want: 201},
	{op: "POST /adgang/brugere/{bruger}/hemmeligheder", at: "egern", want: 409},
	{op: "POST /adgang/brugere/{bruger}/hemmeligheder", at: "abild", want: 201},
	{op: "POST /adgang/brugere/{bruger}/hemmeligheder", at: "abild", body: `{"udloeber":"2026-01-01T00:00:00Z"}`, want: 409},
	{op: "POST /adgang/brugere/{bruger}/hemmeligheder", at: leverandoer, body: `{"udloeber":"2026-01-01T00:00:00Z"}`, want: 422},
	{op: "DELETE /adgang/brugere/{bruger}/hemmeligheder/{id}", at: "egern/hemmeligheder/@", want: 200},
	{op: "DELETE /adgang/brugere/{bruger}/hemmeligheder/{id}", at: "egern/hemmeligheder/ingen", want: 404},
	{op: "DELETE /adgang/brugere/{bruger}/hemmeligheder/{id}", at: "drift/hemmeligheder/@", want: 409},

	{op: "POST /adgang/brugere/{bruger}/luk", at: "abild", want: 200},
	{op: "POST /adgang/brugere/{bruger}/luk", at: drift, want: 409},
	{op: "POST /adgang/brugere/{bruger}/genaabn", at: "abild", want: 200},
	{op: "POST /adgang/brugere/{bruger}/genaabn", at: "abild", trail: errOthersFirst, want: 409},

	{op: "GET /adgang/spor", query: "limit=1", want: 200},
	{op: "GET /adgang/spor", query: "limit=1000", want: 200},
	{op: "GET /adgang/spor", as: leverandoer, want: 200},
	{op: "GET /adgang/spor", query: "bruger=drift&om=egern&admKommuneKode=461&nummer=G10000&requestId=scenario&udfald=afvist" +
		"&fra=2026-01-01T00:00:00Z&til=2026-03-01T00:00:00%2B01:00&limit=1000&cursor=" + granting.Cursor{Day: "2026-02-02"}.String(), want: 200},
	{op: "GET /adgang/spor", query: "udfald=m%C3%A5ske&fra=i+g%C3%A5r&nummer=1&cursor=e30", want: 400},
	{op: "GET /adgang/spor", rows: errDiskGone, want: 500},
})

func v2Only(steps []step) []step {
	for i := range steps {
		steps[i].only = "v2"
	}
	return steps
}

var unversioned = []step{
	{op: "GET /health", as: anonymous, want: 200},
	{op: "GET /openapi.json", as: anonymous, want: 200},
	{op: "GET /versioner", as: anonymous, want: 200},
	{op: "GET /versioner", as: anonymous, query: "version=v1", want: 400},
	{op: "GET /haendelser/{skema}", at: "anvisningsenhed.flyttet.v1.json", as: anonymous, want: 200},
	{op: "GET /haendelser/{skema}", at: "daginstitution.flyttet.v1.json", as: anonymous, want: 404},
	{op: "GET /haendelser/v1/{skema}", at: "faelles.json", as: anonymous, want: 200},
	{op: "GET /haendelser/v1/{skema}", at: "skole.json", as: anonymous, want: 404},
}
