package rest_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"dagtilbudsregisteret.dk/shared/importing"
)

// treeOf gives a daginstitution with all that is active below it, as a caller would send it: nested, from what it reads.
func (s *site) treeOf(number string) string {
	s.t.Helper()
	return s.nested(number, false)
}

// nested gives it with what is closed, or without.
func (s *site) nested(number string, closed bool) string {
	s.t.Helper()
	type row = map[string]any
	family := read[struct {
		Dagtilbud row
		Under     []row
	}](s.call("GET", "/v2/dagtilbud/"+number, "").ok(200))
	enheder := []row{}
	for _, u := range family.Under {
		switch {
		case u["aktivitetsstatus"] == "Nedlagt" && !closed:
		case u["dagtilbudsType"] == "anvisningsenhed":
			u["alternativeAdresser"] = []row{}
			enheder = append(enheder, u)
		default:
			over := enheder[slices.IndexFunc(enheder, func(e row) bool { return e["enhedsNummer"] == u["enhedsNummer"] })]
			over["alternativeAdresser"] = append(over["alternativeAdresser"].([]row), u)
		}
	}
	family.Dagtilbud["anvisningsenheder"] = enheder
	text, err := json.Marshal(family.Dagtilbud)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

// edit replaces texts in a body; each must be there once.
func edit(t *testing.T, body string, pairs ...string) string {
	t.Helper()
	for pair := range slices.Chunk(pairs, 2) {
		if strings.Count(body, pair[0]) != 1 {
			t.Fatalf("%s stands %d times in %s", pair[0], strings.Count(body, pair[0]), body)
		}
		body = strings.Replace(body, pair[0], pair[1], 1)
	}
	return body
}

// shownTree is the answer to a tree.
type shownTree struct {
	DaginstitutionsNummer, DaginstitutionsNavn string
	Version                                    int
	Anvisningsenheder                          []struct {
		EnhedsNummer, DaginstitutionsNummer, EnhedsNavn string
		InstType3, Version                              int
		AlternativeAdresser                             []struct {
			AlternativAdresseNummer, EnhedsNummer, AlternativAdresseNavn string
			Version                                                      int
		}
	}
	Nedlagte []struct {
		DagtilbudsType, AlternativAdresseNummer, Aktivitetsstatus string
		Version                                                   int
	}
	Advarsler []struct{ Pointer, Regel, Nummer string }
}

const nytTrae = `{"daginstitutionsNavn":"Område Nyt","ejerformKode":1,"lovgrundlagKode":1,"admKommuneKode":461,"anvisningsenheder":[
	{"enhedsNavn":"Huset","instType3":6011,"adresse":{"vejNavn":"Æblestien","husNummer":"1","postNummer":"5220","byNavn":"Odense SØ","kommuneKode":461},
	 "alternativeAdresser":[{"alternativAdresseNavn":"Skoven","adresse":{"vejNavn":"Æblestien","husNummer":"2","postNummer":"5220","byNavn":"Odense SØ","kommuneKode":461}}]},
	{"enhedsNavn":"Huset","instType3":6012,"pNummer":"1003259422","adresse":{"vejNavn":"Æblestien","husNummer":"1","postNummer":"5220","byNavn":"Odense SØ","kommuneKode":461}}]}`

// TestTree creates a tree, reads it, and writes what was read back with everything changed.
func TestTree(t *testing.T) {
	s := newSite(t)
	created := s.call("POST", "/v2/dagtilbud", nytTrae).ok(201)
	created.wantHeaders("Location: /v2/dagtilbud/G10000", `ETag: "1"`, "Registerposition: 461:4", "Content-Type: application/json",
		"Content-Language: da")
	made := read[shownTree](created)
	if e := made.Anvisningsenheder; made.DaginstitutionsNummer != "G10000" || len(e) != 2 || e[0].EnhedsNummer != "G10001" || e[1].EnhedsNummer != "G10002" ||
		e[0].DaginstitutionsNummer != "G10000" || len(e[0].AlternativeAdresser) != 1 || e[0].AlternativeAdresser[0].AlternativAdresseNummer != "G10003" ||
		e[0].AlternativeAdresser[0].EnhedsNummer != "G10001" || e[1].AlternativeAdresser == nil || made.Nedlagte == nil {
		t.Errorf("answered %s", created.body)
	}
	if w := made.Advarsler; len(w) != 3 || w[0].Pointer != "/anvisningsenheder/0/pNummer" || w[1].Pointer != "/anvisningsenheder/0/enhedsNavn" ||
		w[1].Nummer != "G10002" || w[2].Nummer != "G10001" {
		t.Errorf("warned of %+v", w)
	}

	// What was answered may be sent back as it is, and what is read too; nothing changes.
	for _, body := range []string{created.body, s.treeOf("G10000")} {
		s.call("PUT", "/v2/dagtilbud/G10000", body).ok(200).wantHeaders(`ETag: "1"`, "Registerposition: 461:4")
	}

	body := edit(t, s.treeOf("G10000"), `"Område Nyt"`, `"Område Nyest"`, `"lovgrundlagKode":1`, `"lovgrundlagKode":5`, `"instType3":6011`,
		`"instType3":6013`,
		`"instType3":6012`, `"instType3":6013`, `"Skoven"`, `"Stranden"`)
	s.now = s.now.AddDate(0, 0, 1)
	written := s.call("PUT", "/v2/dagtilbud/G10000", body, `If-Match: "1"`, "Accept-Language: en").ok(200)
	written.wantHeaders(`ETag: "2"`, "Registerposition: 461:8", "Content-Language: en")
	if got := read[shownTree](written); got.DaginstitutionsNavn != "Område Nyest" || got.Anvisningsenheder[0].Version != 2 || got.Anvisningsenheder[1].InstType3 != 6013 ||
		got.Anvisningsenheder[0].AlternativeAdresser[0].AlternativAdresseNavn != "Stranden" {
		t.Errorf("answered %s", written.body)
	}

	start := strings.Index(s.treeOf("G10000"), `{"adresse":{"byNavn":"Odense SØ","husNummer":"2"`)
	body = s.treeOf("G10000")
	end := start + strings.Index(body[start:], "}]") + 1
	closed := s.call("PUT", "/v2/dagtilbud/G10000", edit(t, body, body[start:end], "", `"lovgrundlagKode":5`,
		`"lovgrundlagKode":5,"nedlaegges":["G10003"]`)).ok(200)
	if got := read[shownTree](closed); len(got.Nedlagte) != 1 || got.Nedlagte[0].AlternativAdresseNummer != "G10003" || got.Nedlagte[0].DagtilbudsType != "alternativAdresse" ||
		got.Nedlagte[0].Aktivitetsstatus != "Nedlagt" || got.Nedlagte[0].Version != 3 || len(got.Anvisningsenheder[0].AlternativeAdresser) != 0 {
		t.Errorf("answered %s", closed.body)
	}
	closed.wantHeaders(`ETag: "2"`, "Registerposition: 461:9")
	if row := read[shownTree](s.call("GET", "/v2/alternative-adresser/G10003", "").ok(200)); row.Version != 3 {
		t.Errorf("the closed row is at version %d", row.Version)
	}
}

// TestTreeAsRead sends a tree back with what is closed: that is passed over as it stands, and refused when it is to be anything else.
func TestTreeAsRead(t *testing.T) {
	s := newSite(t)
	s.call("POST", "/v2/dagtilbud", nytTrae).ok(201)
	s.call("DELETE", "/v2/alternative-adresser/G10003", "", `If-Match: "1"`).ok(200)
	s.call("DELETE", "/v2/anvisningsenheder/G10002", "", `If-Match: "1"`).ok(200)
	before, body := s.positions(), s.nested("G10000", true)
	unchanged := s.call("PUT", "/v2/dagtilbud/G10000", body).ok(200)
	unchanged.wantHeaders(`ETag: "1"`)
	if after := s.positions(); after != before {
		t.Errorf("written: %s, before %s", after, before)
	}
	for _, again := range []string{unchanged.body, edit(t, body, `"Område Nyt"`, `"Område Nyere"`)} {
		got := read[shownTree](s.call("PUT", "/v2/dagtilbud/G10000", again).ok(200))
		if e := got.Anvisningsenheder; len(e) != 2 || e[0].Version != 1 || e[0].AlternativeAdresser[0].Version != 2 || e[1].EnhedsNummer != "G10002" || e[1].Version != 2 {
			t.Errorf("answered %+v", got)
		}
	}
	body = s.nested("G10000", true)
	s.call("PUT", "/v2/dagtilbud/G10000", edit(t, body, `"Skoven"`, `"Stranden"`)).problem(409, "nedlagt/nedlagt /anvisningsenheder/0/alternativeAdresser/0")
	s.call("PUT", "/v2/dagtilbud/G10000", edit(t, body, `"instType3":6012`, `"instType3":6011`)).problem(409, "nedlagt/nedlagt /anvisningsenheder/1")
}

// TestNoSuchMunicipality has a vendor name no municipality, or one that does not exist, in every form of a write: it is told that alone.
func TestNoSuchMunicipality(t *testing.T) {
	s := newSite(t).family()
	tree, before, vendor := s.treeOf("G10000"), s.positions(), s.as(leverandoer)
	for sent, kode := range map[string]string{"0": "mangler", "null": "mangler", "999": "ukendtKode"} {
		none := func(body string) string { return edit(t, body, `"admKommuneKode":461`, `"admKommuneKode":`+sent) }
		found := "adm-kommunekode/" + kode + " /admKommuneKode"
		for _, version := range []string{"/v1", "/v2"} {
			vendor.call("POST", version+"/daginstitutioner", none(daginstitution)).problem(422, found)
			vendor.call("PUT", version+"/daginstitutioner/G10000", none(daginstitution), `If-Match: "1"`).problem(422, found)
			lines := none(line(`,"ref":"d"`)) + none(`{"op":"ret","type":"daginstitution","nummer":"G10000","data":`+daginstitution+"}")
			wantResults(t, vendor.call("POST", version+"/import", lines).results(),
				"1 422 adm-kommunekode/"+kode+" /data/admKommuneKode", "2 422 adm-kommunekode/"+kode+" /data/admKommuneKode")
		}
		vendor.call("POST", "/v2/dagtilbud", none(nytTrae)).problem(422, found)
		vendor.call("PUT", "/v2/dagtilbud/G10000", none(tree)).problem(422, found)
		s.as(ejer).call("POST", "/v2/daginstitutioner", none(daginstitution)).problem(403, "adgang/ejer", found)
		s.as(laeser).call("POST", "/v2/daginstitutioner", none(daginstitution)).problem(403, "adgang/rolle")
	}
	elsewhere := edit(t, daginstitution, `"admKommuneKode":461`, `"admKommuneKode":851`)
	vendor.call("POST", "/v2/daginstitutioner", elsewhere).problem(403, "adgang/kommune")
	if after := s.positions(); after != before {
		t.Errorf("written: %s, before %s", after, before)
	}
}

// TestTreeIsRefused has everything that is wrong with a tree pointed out in it, and nothing written.
func TestTreeIsRefused(t *testing.T) {
	s := newSite(t).family()
	stands := s.treeOf("G10000")
	for _, c := range []struct {
		name, method, path, body string
		headers                  []string
		status                   int
		want                     []string // "pointer regel/kode"
	}{
		{"on every level", "PUT", "G10000", edit(t, stands, `"Område Øst"`, `""`, `"Åkanden"`, `""`, `"Skovhuset"`, `""`), nil, 422,
			[]string{"/daginstitutionsNavn navn/mangler", "/anvisningsenheder/0/enhedsNavn navn/mangler",
				"/anvisningsenheder/0/alternativeAdresser/0/alternativAdresseNavn navn/mangler"}},
		{"no versions", "PUT", "G10000", strings.ReplaceAll(stands, `"version":1`, `"version":null`), nil, 428,
			[]string{"/version mangler-if-match/mangler", "/anvisningsenheder/0/version mangler-if-match/mangler",
				"/anvisningsenheder/0/alternativeAdresser/0/version mangler-if-match/mangler"}},
		{"versions without numbers", "POST", "", edit(t, nytTrae, `{"daginstitutionsNavn"`, `{"version":1,"daginstitutionsNavn"`, `{"alternativAdresseNavn"`,
			`{"version":2,"alternativAdresseNavn"`), nil, 422, []string{"/daginstitutionsNummer nummer/mangler",
			"/anvisningsenheder/0/alternativeAdresser/0/alternativAdresseNummer nummer/mangler"}},
		{"a version without a number, beside it", "POST", "", nytTrae, []string{`If-Match: "1"`}, 422, []string{"/daginstitutionsNummer nummer/mangler"}},
		{"another version", "PUT", "G10000", stands, []string{`If-Match: "2"`}, 412, []string{"/version foraeldet-version/andenVersion"}},
		{"any version", "PUT", "G10000", strings.ReplaceAll(stands, `"version":1`, `"version":3`), []string{"If-Match: *"}, 412,
			[]string{"/version foraeldet-version/andenVersion", "/anvisningsenheder/0/version foraeldet-version/andenVersion",
				"/anvisningsenheder/0/alternativeAdresser/0/version foraeldet-version/andenVersion"}},
		{"what is left out", "PUT", "G10000", changed, []string{`If-Match: "1"`}, 409, []string{"/anvisningsenheder udeladt/udeladt",
			"/anvisningsenheder udeladt/udeladt"}},
		{"numbers that nothing has", "PUT", "G99999", daginstitution, nil, 404, []string{" ukendt-nummer/findesIkke"}},
		{"a number that is none", "PUT", "%23daginstitution", daginstitution, nil, 404, []string{" ukendt-nummer/findesIkke"}},
		{"a unit of another level", "PUT", "G10001", daginstitution, nil, 404, []string{" ukendt-nummer/findesIkke"}},
		{"a number on creation", "POST", "", edit(t, daginstitution, "{", `{"daginstitutionsNummer":"G10500",`), nil, 404,
			[]string{"/daginstitutionsNummer nummer-tildeles/harNummer", " ukendt-nummer/findesIkke"}},
		{"what cannot be read", "PUT", "G10000", edit(t, changed, "}",
			`,"version":"1","anvisningsenheder":[{"enhedsNummer":1,"enhedsNavn":2,"instType3":"6011","adresse":[],"alternativeAdresser":{},"x":0},null,[]],"nedlaegges":[7,null],"y":0}`),
			[]string{`If-Match: "1"`}, 422, []string{"/version forkert-type/type", "/anvisningsenheder/0/enhedsNummer forkert-type/type",
				"/anvisningsenheder/0/enhedsNavn forkert-type/type",
				"/anvisningsenheder/0/instType3 forkert-type/type", "/anvisningsenheder/0/adresse forkert-type/type",
				"/anvisningsenheder/0/alternativeAdresser forkert-type/type",
				"/anvisningsenheder/0/x ukendt-felt/ukendt", "/anvisningsenheder/1 forkert-type/type", "/anvisningsenheder/2 forkert-type/type",
				"/nedlaegges/0 forkert-type/type",
				"/nedlaegges/1 forkert-type/type", "/y ukendt-felt/ukendt"}},
		{"lists that are none", "PUT", "G10000", edit(t, changed, "}", `,"anvisningsenheder":{},"nedlaegges":"G10001"}`), []string{`If-Match: "1"`}, 422,
			[]string{"/anvisningsenheder forkert-type/type", "/nedlaegges forkert-type/type"}},
		{"a status", "PUT", "G10000", strings.ReplaceAll(stands, `"Aktiv"`, `"Lukket"`), nil, 422,
			[]string{"/aktivitetsstatus skrivebeskyttet/aktivitetsstatus",
				"/anvisningsenheder/0/aktivitetsstatus skrivebeskyttet/aktivitetsstatus",
				"/anvisningsenheder/0/alternativeAdresser/0/aktivitetsstatus skrivebeskyttet/aktivitetsstatus"}},
		{"broken JSON", "PUT", "G10000", `{"anvisningsenheder":[{]}`, nil, 400, []string{"/anvisningsenheder/0 ugyldig-json/syntaks"}},
		{"a parameter", "PUT", "G10000?dryRun=true", stands, nil, 400, []string{" ugyldig-parameter/ukendt"}},
		{"a long key", "POST", "", nytTrae, []string{"Idempotency-Key: " + strings.Repeat("k", 256)}, 400, []string{" ugyldig-parameter/idempotencyKey"}},
		{"too many rows", "POST", "", edit(t, daginstitution, "}", `,"nedlaegges":["G10001"`+strings.Repeat(`,"G10001"`, importing.MostRows)+"]}"),
			nil, 413, []string{" for-stor/raekker"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.t = t
			before := s.positions()
			a := s.call(c.method, strings.TrimSuffix("/v2/dagtilbud/"+c.path, "/"), c.body, c.headers...).ok(c.status)
			var got []string
			for _, f := range read[problemDocument](a).Errors {
				got = append(got, fmt.Sprintf("%s %s/%s", f.Pointer, f.Regel, f.Kode))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("found %q\nwant  %q", got, c.want)
			}
			if after := s.positions(); after != before {
				t.Errorf("written: %s, before %s", after, before)
			}
		})
	}
}

// TestTreeKey sends trees again under their keys: whole, by either method, when the register has gone on.
func TestTreeKey(t *testing.T) {
	s := newSite(t)
	const k1, k2 = "Idempotency-Key: k1", "Idempotency-Key: k2"
	created := s.call("POST", "/v2/dagtilbud", nytTrae, k1).ok(201)
	body := edit(t, s.treeOf("G10000"), `"Skoven"`, `"Stranden"`)
	written := s.call("PUT", "/v2/dagtilbud/G10000", body, k2).ok(200)
	s.call("PUT", "/v2/daginstitutioner/G10000", changed, `If-Match: "1"`).ok(200)
	before := s.positions()
	for _, again := range []struct {
		first *answer
		now   *answer
	}{{created, s.call("POST", "/v2/dagtilbud", nytTrae, k1).ok(201)}, {written, s.call("PUT", "/v2/dagtilbud/G10000", body, k2).ok(200)}} {
		if again.now.body != again.first.body {
			t.Errorf("first %s\nagain %s", again.first.body, again.now.body)
		}
		for _, name := range []string{"Location", "ETag", "Registerposition", "Content-Type"} {
			if again.now.Get(name) != again.first.Get(name) {
				t.Errorf("%s: first %q, again %q", name, again.first.Get(name), again.now.Get(name))
			}
		}
	}
	s.call("PUT", "/v2/dagtilbud/G10000", nytTrae, k2).problem(422, "genbrugt-noegle/andetIndhold")
	s.call("PUT", "/v2/dagtilbud/G10001", body, k2).problem(422, "genbrugt-noegle/andetIndhold")
	s.call("POST", "/v2/daginstitutioner", daginstitution, k1).problem(422, "genbrugt-noegle/andetIndhold")
	if after := s.positions(); after != before {
		t.Errorf("written: %s, before %s", after, before)
	}
}

// treeFinding is a finding of a verdict on a tree.
type treeFinding struct {
	Pointer, Regel, Kode, Nummer string
	Rettelser                    [][]struct{ Path string }
}

// TestTreeVerdict asks before it writes, with a login and without one.
func TestTreeVerdict(t *testing.T) {
	s := newSite(t).family()
	type shown struct {
		Lovlig            bool
		Status            int
		Errors, Advarsler []treeFinding
	}
	ask := func(who, version, line string) shown {
		t.Helper()
		return read[shown](s.as(who).call("POST", "/"+version+"/validering", line).ok(200))
	}
	before := s.positions()
	tree := s.treeOf("G10000")
	line := func(nummer, data string) string {
		return `{"op":"erstat","type":"daginstitution","nummer":` + nummer + `,"data":` + data + "}"
	}
	if v := ask("", "v2", line(`"G10000"`, edit(t, tree, `"Område Øst"`, `"Nyt"`))); !v.Lovlig || v.Status != 200 {
		t.Errorf("a change: %+v", v)
	}
	if v := ask("", "v2", line("null", nytTrae)); !v.Lovlig || v.Status != 201 || len(v.Advarsler) != 3 || v.Advarsler[1].Nummer != "#/data/anvisningsenheder/1" {
		t.Errorf("a creation: %+v", v)
	}
	v := ask("", "v2", line(`"G10000"`, edit(t, tree, `"instType3":6011`, `"instType3":6021`)))
	if v.Lovlig || v.Status != 422 || len(v.Errors) != 2 || v.Errors[0].Pointer != "/data/lovgrundlagKode" || v.Errors[1].Pointer != "/data/anvisningsenheder/0/instType3" ||
		len(v.Errors[1].Rettelser) == 0 || v.Errors[1].Rettelser[0][0].Path != "/data/anvisningsenheder/0/instType3" {
		t.Errorf("an unlawful type: %+v", v)
	}
	if v := ask("", "v2", line(`"G10010"`, tree)); v.Lovlig || v.Status != 404 || v.Errors[0].Pointer != "/data" {
		t.Errorf("an unknown number: %+v", v)
	}
	if v := ask("", "v2", line(`"G10000"`, "null")); v.Lovlig || v.Status != 428 || v.Errors[0].Pointer != "/data/version" {
		t.Errorf("nothing: %+v", v)
	}
	v = ask("", "v2", edit(t, line(`"G10000"`, tree), `"op":"erstat","type":"daginstitution"`, `"op":"erstat","type":"anvisningsenhed"`))
	if v.Lovlig || v.Status != 422 || len(v.Errors) != 1 || v.Errors[0].Pointer != "/type" || v.Errors[0].Regel != "ukendt-handling" {
		t.Errorf("another level: %+v", v)
	}
	if v := ask(laeser, "v2", line(`"G10000"`, tree)); v.Lovlig || v.Status != 403 {
		t.Errorf("by a reader: %+v", v)
	}
	if v := ask("", "v1", line(`"G10000"`, tree)); v.Lovlig || v.Errors[0].Regel != "ukendt-handling" {
		t.Errorf("v1: %+v", v)
	}
	for _, version := range []string{"v1", "v2"} {
		a := s.call("POST", "/"+version+"/import", line(`"G10000"`, tree)).ok(200)
		if r := read[resultLine](a); r.Status != 422 || r.Errors[0].Regel != "ukendt-handling" {
			t.Errorf("an import takes a tree: %s", a.body)
		}
	}
	s.call("POST", "/v2/validering", line(`"G10000"`, `{"a":1,"a":2}`)).problem(400, "ugyldig-json/syntaks /data/a")
	if after := s.positions(); after != before {
		t.Errorf("written: %s, before %s", after, before)
	}
}

// TestTreeInTheTrail finds a tree that was refused in the trail, and one that was written in the log.
func TestTreeInTheTrail(t *testing.T) {
	s := newSite(t).family()
	refused := s.call("PUT", "/v2/dagtilbud/G10000", edit(t, s.treeOf("G10000"), `"Åkanden"`, `""`)).ok(422)
	written := s.call("PUT", "/v2/dagtilbud/G10000", edit(t, s.treeOf("G10000"), `"Åkanden"`, `"Siv"`, `"Skovhuset"`, `"Strandhuset"`)).ok(200)
	acts := s.ofCall(refused.Get("X-Request-Id"))
	if len(acts) != 1 || acts[0].Handling != "erstat" || acts[0].Nummer != "G10000" || acts[0].Udfald != "afvist" || !slices.Equal(acts[0].Regler, []string{"navn/mangler"}) {
		t.Errorf("the trail has %+v", acts)
	}
	if acts := s.ofCall(written.Get("X-Request-Id")); len(acts) != 2 || acts[0].Udfald != "udfoert" {
		t.Errorf("the trail has %+v", acts)
	}
}
