package events_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"dagtilbudsregisteret.dk/events"
)

// TestParseRefuses spoils one sample, piece by piece.
func TestParseRefuses(t *testing.T) {
	text := string(sample(t, "dk.dagtilbudsregisteret.anvisningsenhed.aendret.v1"))
	if _, err := events.Parse([]byte(text)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new, want string }{
		{text, ``, "it is missing"},
		{text, `null`, "it is null"},
		{text, `[]`, "it is no object"},
		{text, text[:len(text)-1], "unexpected end"},
		{text, text + `{}`, "after top-level value"},
		{`"specversion":"1.0"`, `"specversion":"1.1"`, "no event of the register"},
		{`"source":"https://dagtilbudsregisteret.dk"`, `"source":"https://skoleregisteret.example"`, "no event of the register"},
		{`"application/json"`, `"text/json"`, "no event of the register"},
		{`.aendret.v1`, `.aendret.v2`, "there is no type"},
		{`.aendret.v1`, `.slettet.v1`, "there is no type"},
		{`"dk.dagtilbudsregisteret.anvis`, `"anvis`, "there is no type"},
		{`.anvisningsenhed.aendret`, `.daginstitution.aendret`, "another schema"},
		{`"id":`, `"ID":`, "id: it is missing"},
		{`"id":`, `"id":"G20001:1","id":`, `"id" is there twice`},
		{`"sequence":"`, `"sequence":"0`, "sequence: there is no"},
		{`"sequence":"0000`, `"sequence":"+000`, "sequence: there is no"},
		{`.420Z"`, `.42Z"`, "time: there is no"},
		{`.42Z"`, `.420Z"`, "senestOpdateret: there is no"},
		{`"data":{`, `"dataref":"/v2/haendelser?efter=000000048244&limit=1","data":{`, "either data or a dataref"},
		{`"data":{`, `"dataref":"","data":{`, "dataref: it is empty"},
		{`"requestId":"7b1d0c52-3f0e-4c1a-9a57-2d1f0f6f8a11"`, `"requestId":null`, "data: af: requestId: it is null"},
		{`"email":"k`, `"email":"","telefonNummer":"k`, "data: efter: email: it is empty"},
		{`"Lærkebakken"`, "\"L\xe6rkebakken\"", "not UTF-8"},
		{`"instType3":6012`, `"instType3":6012.5`, "instType3"},
		{`"geoBredde":55.65921`, `"geoBredde":"55.65921"`, "geoBredde"},
		{`"aktivitetsstatus":"Aktiv"`, `"aktivitetsstatus":"aktiv"`, `there is no "aktiv" here`},
		{`"dagtilbudsType":"anvisningsenhed"`, `"dagtilbudsType":"skole"`, `there is no "skole" here`},
		{`"op":"add"`, `"op":"replace"`, `"replace" goes with other values`},
		{`"op":"remove"`, `"op":"test"`, `"test" goes with other values`},
		{`"value":"st"`, `"value":true`, "neither a text nor a number"},
		{`"admKommuneKode":265`, `"admKommuneKode":265,"fraAdmKommuneKode":0`, "fraAdmKommuneKode: it is no code"},
		{`"admKommuneKode":265`, `"admKommuneKode":265,"fraAdmKommuneKode":-1`, "fraAdmKommuneKode: it is no code"},
		{`"admKommuneKode":265`, `"admKommuneKode":265,"fraAdmKommuneKode":null`, "fraAdmKommuneKode: it is null"},
		{`"admKommuneKode":265`, `"admKommuneKode":265,"fraAdmKommuneKode":265`, "comes from no other municipality"},
		{`"aendringer":[`, `"aendringer":{"0":[`, ""},
		{`"aendringer":[`, `"aendringer":[{"op":"replace","path":"/email"},`, "other values"},
		{`"aendringer":[`, `"aendringer":["x",`, "aendringer: 0: it is no object"},
	} {
		spoilt := strings.Replace(text, c.old, c.new, 1)
		if _, err := events.Parse([]byte(spoilt)); err == nil || !strings.HasPrefix(err.Error(), "events: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s for %s: %v, want %q", c.new, c.old, err, c.want)
		}
	}
}

// TestBatch has the standard library read and write events within other JSON.
func TestBatch(t *testing.T) {
	var texts []string
	for _, typ := range events.Types() {
		texts = append(texts, string(sample(t, typ)))
	}
	batch := "[" + strings.Join(texts, ",") + "]"
	var read, again []events.Event
	if err := json.Unmarshal([]byte(batch), &read); err != nil || len(read) != len(texts) {
		t.Fatal(err, len(read))
	}
	written, err := json.Marshal(read)
	if err == nil {
		err = json.Unmarshal(written, &again)
	}
	if err != nil || !reflect.DeepEqual(read, again) {
		t.Errorf("%v\n got %s\nwant %s", err, written, batch)
	}
	if err := json.Unmarshal([]byte(`[{"specversion":"1.0"}]`), &read); err == nil {
		t.Error("an event that lacks everything is read")
	}
}

// FuzzParse reads anything. What is an event says the same when it is written and read again.
func FuzzParse(f *testing.F) {
	for _, typ := range events.Types() {
		f.Add(sample(f, typ))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		e, err := events.Parse(text)
		if err != nil {
			return
		}
		written := e.Append(nil)
		again, err := events.Parse(written)
		if err != nil || string(again.Append(nil)) != string(written) {
			t.Errorf("%v\n read %s\nwrote %s", err, text, written)
		}
	})
}
