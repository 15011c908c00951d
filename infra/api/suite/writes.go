package suite

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// result is what an import answers of a line.
type result struct {
	Linje, Status, Version int
	Ref, Nummer            string
}

// send sends lines to an import, and wants a status for each.
func (v *visit) send(c Caller, path, lines string, header []string, want ...int) (results []result) {
	v.Helper()
	a := c.Do(200, "POST", path, lines, append([]string{"Content-Type", "application/x-ndjson"}, header...)...)
	var got []int
	for line := range bytes.Lines(a.Body) {
		r := Read[result](v, Answer{Body: line})
		results, got = append(results, r), append(got, r.Status)
	}
	if !slices.Equal(got, want) {
		v.Fatalf("lines are answered %v, want %v: %s", got, want, a.Body)
	}
	return results
}

// imports sends many operations at once: asked about first, then carried out, then some of which others are in the way.
func (v *visit) imports() {
	for _, version := range v.openVersions() {
		path := "/" + version + "/import"
		lines := fmt.Sprintf(`{"op":"opret","type":"daginstitution","ref":"skov","data":%s}`+"\n"+
			`{"op":"opret","type":"anvisningsenhed","ref":"egern","data":%s}`+"\n"+
			`{"op":"opret","type":"alternativAdresse","data":%s}`+"\n",
			v.daginstitution("Import "+version, kommune), v.anvisningsenhed("#skov", "Import "+version), v.alternativAdresse("#egern", "Import "+version))
		v.send(v.vendor, path+"?dryRun=true", lines, nil, 201, 201, 201)
		v.send(v.vendor, path, lines+"{\n", []string{"Prefer", "handling=strict"}, 409, 409, 409, 400)
		made := v.send(v.vendor, path, lines, []string{"Idempotency-Key", v.name(version)}, 201, 201, 201)
		again := v.send(v.vendor, path, lines, []string{"Idempotency-Key", v.name(version)}, 201, 201, 201)
		if !slices.Equal(made, again) {
			v.Errorf("answered %v, then %v", made, again)
		}
		for i, l := range []level{dag, enh, alt} {
			v.made = append(v.made, unit{l, made[i].Nummer})
		}
		v.send(v.vendor, path, fmt.Sprintf(`{"op":"ret","type":"daginstitution","nummer":%q,"data":{"version":7,"admKommuneKode":825}}`+"\n"+
			`{"op":"opret","type":"anvisningsenhed","data":{"daginstitutionsNummer":"B99999"}}`+"\n"+
			`{"op":"opret","type":"daginstitution","data":%s}`+"\n"+"{\n", made[0].Nummer, v.daginstitution("Naboen", elsewhere)), nil, 412, 404, 403, 400)
	}
	v.load()
}

// load loads units that have numbers already, of letters that the register never issues, in two municipalities. Only operators may. With
// the second come lines that are refused for what is in the other municipality, or nowhere, while it is written.
func (v *visit) load() {
	const line = `{"op":"indlaes","type":"daginstitution","nummer":%q,"data":%s}` + "\n"
	there, here := v.free(), v.free()
	far := fmt.Sprintf(line, there, v.daginstitution("Indlæst", elsewhere))
	v.send(v.vendor, "/v2/import", far, nil, 403)
	v.send(v.operator, "/v2/import", far, nil, 201)
	v.ends = append(v.ends, func() { v.operator.try("DELETE", "/v2/"+dag.path+"/"+there, "If-Match", "*") })
	v.send(v.operator, "/v2/import", fmt.Sprintf(line, here, v.daginstitution("Indlæst", kommune))+
		fmt.Sprintf(`{"op":"ret","type":"daginstitution","nummer":%q,"data":{"version":7}}`+"\n", there)+
		`{"op":"opret","type":"anvisningsenhed","data":{"daginstitutionsNummer":"B99999"}}`+"\n"+"{\n",
		[]string{"Idempotency-Key", v.name("indlaest")}, 201, 412, 404, 400)
	v.made = append(v.made, unit{dag, here})
}

// free finds a number that nobody has.
func (v *visit) free() (number string) {
	for state := ""; state != "ledig"; state = v.stateOf(number) {
		number = fmt.Sprintf("%c%d", "ABCDEF"[rand.IntN(6)], 10_000+rand.IntN(80_000))
	}
	return number
}

// trees makes a daginstitution with all below it, and makes it another, each in one call.
func (v *visit) trees() {
	const path = "/v2/dagtilbud"
	a := v.vendor.Do(201, "POST", path, fmt.Sprintf(`{"daginstitutionsNavn":%q,"ejerformKode":1,"lovgrundlagKode":1,"admKommuneKode":825,
		"anvisningsenheder":[{"enhedsNavn":%q,"instType3":6012,"adresse":%s,"alternativeAdresser":[{"alternativAdresseNavn":%q,"adresse":%[3]s}]}]}`,
		v.name("Træet"), v.name("Grenen"), adresse, v.name("Kvisten")))
	type tree struct {
		DaginstitutionsNummer string
		Version               int
		Anvisningsenheder     []struct {
			EnhedsNummer        string
			Version             int
			AlternativeAdresser []struct {
				AlternativAdresseNummer string
				Version                 int
			}
		}
	}
	planted := Read[tree](v, a)
	branch := planted.Anvisningsenheder[0]
	v.made = append(v.made, unit{dag, planted.DaginstitutionsNummer}, unit{enh, branch.EnhedsNummer})
	pruned := fmt.Sprintf(`{"daginstitutionsNavn":%q,"ejerformKode":1,"lovgrundlagKode":1,"admKommuneKode":825,"version":%%d,
		"anvisningsenheder":[{"enhedsNummer":%q,"enhedsNavn":%q,"instType3":6011,"adresse":%s,"version":1}],"nedlaegges":[%q]}`,
		v.name("Træet"), branch.EnhedsNummer, v.name("Grenen"), adresse, branch.AlternativeAdresser[0].AlternativAdresseNummer)
	place := path + "/" + planted.DaginstitutionsNummer
	v.vendor.Do(412, "PUT", place, fmt.Sprintf(pruned, 7))
	a = v.vendor.Do(200, "PUT", place, fmt.Sprintf(pruned, 1))
	if got := Read[tree](v, a); len(got.Anvisningsenheder) != 1 || got.Anvisningsenheder[0].Version != 2 || !strings.Contains(string(a.Body), `"nedlagte":[`) {
		v.Errorf("the tree is %s", a.Body)
	}
}

// stateOf tells what has become of a number.
func (v *visit) stateOf(number string) string {
	v.Helper()
	return Read[struct{ Tilstand string }](v, v.anybody.Do(200, "GET", "/v2/numre/"+number, "")).Tilstand
}

// numbers sets numbers aside, uses one, and asks for what has become of them.
func (v *visit) numbers() {
	for _, version := range v.openVersions() {
		path := "/" + version + "/numre"
		reserved := Read[struct {
			Foerste string
			Antal   int
		}](v, v.vendor.Do(201, "POST", path, `{"antal":2}`, "Idempotency-Key", v.name(version)))
		if state := v.stateOf(reserved.Foerste); state != "reserveret" || reserved.Antal != 2 {
			v.Errorf("%+v is %s", reserved, state)
		}
		with := strings.Replace(v.daginstitution("Reserveret "+version, kommune), "{", `{"daginstitutionsNummer":"`+reserved.Foerste+`",`, 1)
		v.operator.Do(409, "POST", "/v2/daginstitutioner", with)
		v.vendor.Do(201, "POST", "/v2/daginstitutioner", with)
		v.made = append(v.made, unit{dag, reserved.Foerste})
		a := v.anybody.Do(200, "GET", path+"/"+reserved.Foerste, "")
		if got := Read[struct{ Tilstand, Sti string }](v, a); got.Tilstand != "aktiv" || !strings.HasSuffix(got.Sti, "/daginstitutioner/"+reserved.Foerste) {
			v.Errorf("%s: %s", reserved.Foerste, a.Body)
		}
		past := `{"efter":"` + reserved.Foerste + `"}`
		v.vendor.Do(403, "POST", path, past)
		if moved := v.operator.Do(200, "POST", path, past); !strings.Contains(string(moved.Body), `"flyttet":false`) {
			v.Errorf("a series that is beyond %s is moved: %s", reserved.Foerste, moved.Body)
		}
		v.vendor.Do(422, "POST", path, `{"antal":0}`)
	}
}

// validation asks for verdicts, lawful and not, in both languages; nothing is written.
func (v *visit) validation() {
	parent := v.create("v2", dag, "", "Bæveren")
	for _, version := range v.openVersions() {
		for instType, lawful := range map[string]bool{"6013": version == "v1", "6010": true} {
			line := `{"op":"opret","type":"anvisningsenhed","data":` + strings.Replace(v.anvisningsenhed(parent, "Dæmningen"), "6012", instType, 1) + "}"
			da := v.anybody.Do(200, "POST", "/"+version+"/validering", line)
			en := v.anybody.Do(200, "POST", "/"+version+"/validering", line, "Accept-Language", "en")
			if got := Read[struct{ Lovlig bool }](v, da).Lovlig; got != lawful || !lawful && bytes.Equal(da.Body, en.Body) {
				v.Errorf("%s, instType3 %s: %s, in English %s", version, instType, da.Body, en.Body)
			}
		}
	}
}
