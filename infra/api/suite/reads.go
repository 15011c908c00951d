package suite

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"io"
	"strings"
	"time"
)

// tables reads what the rules go by, and how it stands with what is stored.
func (v *visit) tables() {
	v.anybody.Do(200, "GET", "/health", "")
	api := Read[struct{ Paths map[string]map[string]any }](v, v.anybody.Do(200, "GET", "/openapi.json", ""))
	for _, route := range v.target.Routes {
		method, path, _ := strings.Cut(route, " ")
		if _, described := api.Paths[path][strings.ToLower(method)]; !described && !strings.HasPrefix(path, "/soap/") {
			v.Errorf("openapi.json does not describe %s", route)
		}
	}
	for _, version := range v.openVersions() {
		base := "/" + version
		for path, want := range map[string]string{
			"/kodetabeller": `"instType3"`, "/kodetabeller/ejerform": `"kode":1`, "/valideringsregler": `"regel":"krydsvalidering"`,
			"/kvalitet?admKommuneKode=825": `"enheder":`,
		} {
			if a := v.anybody.Do(200, "GET", base+path, ""); !strings.Contains(string(a.Body), want) {
				v.Errorf("%s: no %s in %.2000s", path, want, a.Body)
			}
		}
		v.anybody.Do(404, "GET", base+"/kodetabeller/farver", "")
	}
}

// files takes whole files, of every level in every format, and finds the story's units in them.
func (v *visit) files() {
	family := v.made[0].number
	names := map[string]string{"daginstitutioner": family, "anvisningsenheder": v.name("Musvitten " + v.openVersions()[0]),
		"alternative-adresser": "", "samlet": family}
	for _, version := range v.openVersions() {
		for name, part := range names {
			for _, format := range []string{"csv", "ndjson", "json"} {
				path := "/" + version + "/eksport/" + name + "." + format + "?daginstitutionsNummer=" + family
				v.file(path, format, part)
			}
		}
		v.anybody.Do(404, "GET", "/"+version+"/eksport/samlet.xlsx", "")
	}
	v.past(family)
}

// file takes a file plain and gzipped, and again only if it has changed.
func (v *visit) file(path, format, part string) {
	v.Helper()
	plain := v.anybody.Do(200, "GET", path, "")
	packed := v.anybody.Do(200, "GET", path, "", "Accept-Encoding", "gzip")
	if packed.Header.Get("Content-Encoding") != "gzip" || !bytes.Equal(unpacked(v, packed.Body), plain.Body) {
		v.Errorf("%s: headers %v, gzipped %.200q, plain %.200q", path, packed.Header, packed.Body, plain.Body)
	}
	tag := plain.Header.Get("ETag")
	if tag == "" || plain.Header.Get("Registerposition") == "" {
		v.Errorf("%s: headers %v", path, plain.Header)
	}
	v.anybody.Do(304, "GET", path, "", "If-None-Match", tag)
	if !strings.Contains(string(plain.Body), part) {
		v.Errorf("%s: no %s in %.2000s", path, part, plain.Body)
	}
	switch format {
	case "csv":
		text, marked := bytes.CutPrefix(plain.Body, []byte("\xef\xbb\xbf"))
		in := csv.NewReader(bytes.NewReader(text))
		in.Comma = ';'
		if rows, err := in.ReadAll(); err != nil || len(rows) == 0 || !marked {
			v.Errorf("%s: %v in %.200q", path, err, plain.Body)
		}
	case "ndjson":
		for line := range bytes.Lines(plain.Body) {
			Read[map[string]any](v, Answer{Body: line})
		}
	case "json":
		Read[any](v, plain)
	}
}

func unpacked(v *visit, packed []byte) []byte {
	v.Helper()
	in, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		v.Fatalf("%v in %.200q", err, packed)
	}
	text, err := io.ReadAll(in)
	if err != nil {
		v.Fatal(err)
	}
	return text
}

// past takes the file as it stood at a position, before what is then written.
func (v *visit) past(family string) {
	path := "/v2/eksport/samlet.csv?daginstitutionsNummer=" + family
	before := v.anybody.Do(200, "GET", path, "")
	position := before.Header.Get("Registerposition")
	v.create("v2", enh, family, "Nyankommet")
	then := v.anybody.Do(200, "GET", path+"&registerposition="+position, "")
	now := v.anybody.Do(200, "GET", path, "")
	if !bytes.Equal(before.Body, then.Body) || bytes.Equal(before.Body, now.Body) {
		v.Errorf("the file was %s, as it stood %s, and is %s", before.Body, then.Body, now.Body)
	}
}

// copies compares a copy with the register: one that is the same, and one that is a version behind.
func (v *visit) copies() {
	type list struct {
		Kommuner []struct {
			AdmKommuneKode int    `json:"admKommuneKode"`
			Antal          int    `json:"antal"`
			Hash           string `json:"hash"`
		} `json:"kommuner"`
	}
	// Others may write meanwhile.
	same := func() bool {
		own := v.anybody.Do(200, "GET", "/v2/synk?admKommuneKode=825", "")
		return Read[struct{ Ens bool }](v, v.anybody.Do(200, "POST", "/v2/synk", string(own.Body))).Ens
	}
	if !v.until(10*time.Second, same) {
		v.Error("a copy of what the register has differs")
	}
	own := Read[list](v, v.anybody.Do(200, "GET", "/v2/synk?admKommuneKode=825", ""))
	own.Kommuner[0].Hash = strings.Repeat("0", 64)
	a := v.anybody.Do(200, "POST", "/v2/synk", text(own))
	if got := Read[struct {
		Ens      bool
		Kommuner []struct{ Enheder map[string]int }
	}](v, a); got.Ens || len(got.Kommuner) != 1 || got.Kommuner[0].Enheder[v.made[0].number] == 0 {
		v.Errorf("a copy that differs: %.2000s", a.Body)
	}
	v.anybody.Do(422, "POST", "/v2/synk", `{"kommuner":[{"admKommuneKode":1}]}`)
}

// event is what the story reads of an event.
type event struct{ ID, Type, Subject, DataSchema, Sequence string }

// feed reads what has happened to the story's units, and waits for what happens next.
func (v *visit) feed() {
	const query = "/v2/haendelser?admKommuneKode=825&limit=1000&efter="
	all := v.anybody.Do(200, "GET", query+v.position, "")
	var batch []json.RawMessage
	for _, e := range Read[[]json.RawMessage](v, all) {
		if strings.Contains(string(e), v.made[0].number) {
			batch = append(batch, e)
		}
	}
	if len(batch) < 2 || all.Header.Get("Haendelser-Efter") == "" {
		v.Fatalf("the feed has %d of %s: %v", len(batch), v.made[0].number, all.Header)
	}
	first := Read[event](v, Answer{Body: batch[0]})
	if first.ID != v.made[0].number+":1" || !strings.HasSuffix(first.Type, ".daginstitution.oprettet.v1") {
		v.Errorf("the first is %s", batch[0])
	}
	_, schema, _ := strings.Cut(first.DataSchema, "https://dagtilbudsregisteret.dk")
	Read[map[string]any](v, v.anybody.Do(200, "GET", schema, ""))
	Read[map[string]any](v, v.anybody.Do(200, "GET", "/haendelser/"+strings.TrimPrefix(first.Type, "dk.dagtilbudsregisteret.")+".json", ""))
	lines := v.anybody.Do(200, "GET", query+v.position, "", "Accept", "application/x-ndjson")
	for line := range bytes.Lines(lines.Body) {
		Read[event](v, Answer{Body: line})
	}
	v.anybody.Do(400, "GET", "/v2/haendelser?efter=x", "")
	v.wait()
}

// wait has a caller wait for an event that is yet to happen.
func (v *visit) wait() {
	path := "/v2/haendelser?admKommuneKode=825&type=daginstitution.aendret&limit=1000&efter=" + v.end()
	answered := make(chan Answer, 1)
	waiting := Caller{site: newSite(v.TB, v.url, 0)} // beside the others
	go func() {
		defer close(answered)
		answered <- waiting.try("GET", path, "Prefer", "wait=20")
	}()
	body := v.daginstitution("Ventet", kommune)
	v.vendor.Do(200, "PUT", "/v2/daginstitutioner/"+v.made[0].number, body, "If-Match", "*")
	a := <-answered
	v.calls = append(v.calls, waiting.calls...)
	for again := 0; again < 5 && a.Status == 200 && string(a.Body) == "[]"; again++ { // it was written after the wait, or another was first
		a = v.anybody.Do(200, "GET", path, "", "Prefer", "wait=20")
	}
	if !strings.Contains(string(a.Body), `"subject":"`+v.made[0].number+`"`) {
		v.Errorf("who waits is answered %d %.2000s", a.Status, a.Body)
	}
}
