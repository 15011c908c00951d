package events_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"dagtilbudsregisteret.dk/events"
	"dagtilbudsregisteret.dk/shared/register"
)

const (
	served     = "https://dagtilbudsregisteret.dk/haendelser/"
	typePrefix = "dk.dagtilbudsregisteret."
)

// schemaSet are the schemas as a consumer's validator has them: each under its URL, and nothing else.
type schemaSet struct {
	types map[string]*jsonschema.Schema // by the type of event
	data  map[string]*jsonschema.Schema // by dataschema
}

func compiled(t testing.TB) schemaSet {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	c.UseLoader(jsonschema.SchemeURLLoader{})
	for _, name := range schemaNames(t) {
		text, ok := events.Schema(name)
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err == nil && ok {
			err = c.AddResource(served+name, doc)
		}
		if err != nil || !ok {
			t.Fatalf("%s: %t, %v", name, ok, err)
		}
	}
	s := schemaSet{make(map[string]*jsonschema.Schema), make(map[string]*jsonschema.Schema)}
	for _, typ := range events.Types() {
		s.types[typ] = compile(t, c, served+short(typ)+".json")
	}
	for _, level := range register.Levels {
		url := served + "v1/" + level.String() + ".json"
		s.data[url] = compile(t, c, url)
	}
	return s
}

func compile(t testing.TB, c *jsonschema.Compiler, url string) *jsonschema.Schema {
	t.Helper()
	schema, err := c.Compile(url)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func short(typ string) string { return strings.TrimPrefix(typ, typePrefix) }

// validate holds an event to the schema of a type, and its data to the one that it names.
func (s schemaSet) validate(typ string, text []byte) error {
	event, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	if err := s.types[typ].Validate(event); err != nil {
		return err
	}
	members := event.(map[string]any)
	if data, ok := members["data"]; ok {
		return s.data[members["dataschema"].(string)].Validate(data)
	}
	return nil
}

// schemaNames are the paths of the files below schema/.
func schemaNames(t testing.TB) (names []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS("schema"), ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestTypes(t *testing.T) {
	types := events.Types()
	if len(types) != 14 || types[0] != typePrefix+"daginstitution.oprettet.v1" || slices.Contains(types, typePrefix+"daginstitution.flyttet.v1") {
		t.Errorf("the types are %q", types)
	}
	var want []string
	for _, typ := range types {
		want = append(want, short(typ)+".json")
	}
	slices.Sort(want)
	for _, folder := range []string{"schema", "samples"} {
		files, err := filepath.Glob(filepath.Join(folder, "*.json"))
		for i := range files {
			files[i] = filepath.Base(files[i])
		}
		if err != nil || !slices.Equal(files, want) {
			t.Errorf("%v: %s has %q", err, folder, files)
		}
	}
}

// TestSchemaURLs finds each schema by the URL that it gives itself.
func TestSchemaURLs(t *testing.T) {
	for _, name := range schemaNames(t) {
		var schema struct {
			ID     string `json:"$id"`
			Schema string `json:"$schema"`
		}
		text, _ := events.Schema(name)
		err := json.Unmarshal(text, &schema)
		if err != nil || schema.ID != served+name || schema.Schema != "https://json-schema.org/draft/2020-12/schema" {
			t.Errorf("%s: %v, %+v", name, err, schema)
		}
	}
	for _, name := range []string{"", "v1", "v1/", "../event.go", "anvisningsenhed.oprettet.v1", "daginstitution.flyttet.v1.json"} {
		if text, ok := events.Schema(name); ok || len(text) > 0 {
			t.Errorf("there is a schema %q: %s", name, text)
		}
	}
}

// TestSchemasAreExact has the schemas of rows name the members that rows have, and those of them as required that all rows have.
func TestSchemasAreExact(t *testing.T) {
	for _, level := range register.Levels {
		schema := compiled(t).data[served+"v1/"+level.String()+".json"]
		row := schema.Properties["efter"].Ref
		none, all := register.Unit{Level: level, Aktivitetsstatus: register.Aktiv}, full(level)
		exact(t, level.String(), row, members(t, none), members(t, all))
		if level != register.Daginstitution {
			adresse := func(u register.Unit) map[string]any { return members(t, u)["adresse"].(map[string]any) }
			exact(t, "adresse", row.Properties["adresse"].Ref, adresse(none), adresse(all))
		}
		all.SetNumber("")
		all.Aktivitetsstatus = register.Nedlagt
		var paths, listed []string
		for _, a := range events.Of(&register.Change{Art: register.Aendring, Foer: none, Efter: all}).Data.Aendringer {
			paths = append(paths, a.Path)
		}
		for _, path := range schema.Properties["aendringer"].Items2020.Properties["path"].Enum.Values {
			listed = append(listed, path.(string))
		}
		if !slices.Equal(paths, listed) {
			t.Errorf("%s: in a row may change\n%q, and the schema lists\n%q", level, paths, listed)
		}
	}
}

func exact(t *testing.T, what string, schema *jsonschema.Schema, none, all map[string]any) {
	t.Helper()
	required := slices.Sorted(slices.Values(schema.Required))
	if !slices.Equal(required, names(none)) || !slices.Equal(names(schema.Properties), names(all)) {
		t.Errorf("%s: the schema requires %q of %q; rows have %q of %q", what, required, names(schema.Properties), names(none), names(all))
	}
}

func members(t *testing.T, u register.Unit) (members map[string]any) {
	t.Helper()
	row := events.Unit(u)
	if err := json.Unmarshal(row.Append(nil), &members); err != nil {
		t.Fatal(err)
	}
	return members
}

func names[V any](members map[string]V) (names []string) {
	for name := range members {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// full gives a row with every field of its level filled in.
func full(level register.Level) register.Unit {
	u := register.Unit{
		Level: level, AdmKommuneKode: 265, DaginstitutionsNummer: "G20000", Navn: "Børnehuset Æblet", Aktivitetsstatus: register.Aktiv, Version: 1,
		SenestOpdateret: at(120),
	}
	switch level {
	case register.Daginstitution:
		u.EjerformKode, u.LovgrundlagKode = 1, 1
		return u
	case register.Anvisningsenhed:
		u.InstType3, u.Email, u.TelefonNummer = 6012, "post@aeblet.example", "12345678"
	}
	u.CVRNummer, u.PNummer, u.EnhedsNummer = "12345674", "1012345678", "G20001"
	u.Adresse = register.Adresse{
		VejNavn: "Abildgårdsvej", HusNummer: "7b", Etage: "st", Doer: "tv", PostNummer: "4000", ByNavn: "Roskilde",
		SupplerendeBynavn: "Himmelev", KommuneKode: 265, DawaID: "0a3f50a0-0000-4000-8000-0123456789ab",
		GeoBredde: given(55.64152), GeoLaengde: given(12.0803),
	}
	if level == register.AlternativAdresse {
		u.AlternativAdresseNummer = "G20002"
	}
	return u
}

// sample gives the sample of a type as the bytes that are published.
func sample(t testing.TB, typ string) []byte {
	t.Helper()
	pretty, err := os.ReadFile(filepath.Join("samples", short(typ)+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, pretty); err != nil {
		t.Fatal(err)
	}
	return compact.Bytes()
}

func TestSamples(t *testing.T) {
	schemas := compiled(t)
	for _, typ := range events.Types() {
		text := sample(t, typ)
		if err := schemas.validate(typ, text); err != nil {
			t.Errorf("%s: %v", typ, err)
		}
		e, err := events.Parse(text)
		if err != nil || e.Type != typ || string(e.Append(nil)) != string(text) {
			t.Errorf("%s: %v\n got %s\nwant %s", typ, err, e.Append(nil), text)
		}
		for _, other := range events.Types() {
			if err := schemas.validate(other, text); other != typ && err == nil {
				t.Errorf("%s passes for %s", typ, other)
			}
		}
	}
}

// TestSpoiltSamples changes each sample in every way in which it is no event any more: neither the schema nor Parse lets it pass.
func TestSpoiltSamples(t *testing.T) {
	schemas := compiled(t)
	for _, typ := range events.Types() {
		for how, text := range spoilt(t, sample(t, typ)) {
			if err := schemas.validate(typ, text); err == nil {
				t.Errorf("%s, %s: the schema lets it pass", typ, how)
			}
			if _, err := events.Parse(text); err == nil {
				t.Errorf("%s, %s: Parse lets it pass", typ, how)
			}
		}
	}
}

// optional are the members that may be left out.
var optional = strings.Fields("traceparent importId fraAdmKommuneKode bruger email telefonNummer cvrNummer pNummer " +
	"etage doer supplerendeBynavn dawaId geoBredde geoLaengde")

// spoilt gives a sample with a member too many in each object, with each member that must be there taken out, and with each of another
// kind.
func spoilt(t *testing.T, text []byte) map[string][]byte {
	var event map[string]any
	if err := json.Unmarshal(text, &event); err != nil {
		t.Fatal(err)
	}
	versions := make(map[string][]byte)
	note := func(how string) {
		text, err := json.Marshal(event)
		if err != nil {
			t.Fatal(err)
		}
		versions[how] = text
	}
	var spoil func(at string, object map[string]any)
	spoil = func(at string, object map[string]any) {
		object["farve"] = "blå"
		note(at + " with one more")
		delete(object, "farve")
		for name, was := range object {
			if inner, ok := was.(map[string]any); ok {
				spoil(at+"/"+name, inner)
			}
			if !slices.Contains(optional, name) {
				delete(object, name)
				note(fmt.Sprintf("%s without %s", at, name))
			}
			object[name] = true
			note(fmt.Sprintf("%s with another %s", at, name))
			object[name] = was
		}
	}
	spoil("", event)
	return versions
}

// TestOtherLevels puts the row of one level where that of another belongs, before the change and after it.
func TestOtherLevels(t *testing.T) {
	schemas := compiled(t)
	for _, level := range register.Levels {
		for _, other := range register.Levels {
			own, foreign := events.Unit(full(level)), events.Unit(full(other))
			for _, rows := range [][2]events.Unit{{own, foreign}, {foreign, own}} {
				e := events.Of(&register.Change{
					Position: register.Position{Kommune: 265, Nr: 1}, Art: register.Aendring, Aarsag: register.VedKald,
					Foer: full(level), Efter: full(level), Af: register.Actor{Version: register.V2},
				})
				e.Data.Foer, e.Data.Efter = &rows[0], rows[1]
				if err := schemas.validate(e.Type, e.Append(nil)); (err == nil) != (level == other) {
					t.Errorf("a row of %s in %s: %v", other, e.Type, err)
				}
				if _, err := events.Parse(e.Append(nil)); (err == nil) != (level == other) {
					t.Errorf("a row of %s in %s: %v", other, e.Type, err)
				}
			}
		}
	}
}
