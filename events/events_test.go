package events_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dagtilbudsregisteret.dk/events"
	"dagtilbudsregisteret.dk/shared/register"
)

// TestOf makes an event of anything that can happen: its schema describes it, and it is the same when it has been read back.
func TestOf(t *testing.T) {
	schemas := compiled(t)
	rapid.Check(t, func(t *rapid.T) {
		c := change(t, levels.Draw(t, "level"))
		e := events.Of(c)
		for _, e := range []events.Event{e, events.Reference(e)} {
			text := e.Append(nil)
			if err := schemas.validate(e.Type, text); err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			read, err := events.Parse(text)
			if err != nil || !reflect.DeepEqual(read, e) || string(read.Append(nil)) != string(text) {
				t.Fatalf("%v\nwrote %s\n read %s", err, text, read.Append(nil))
			}
		}
	})
}

// TestAendringer applies the patch to the row before: that makes it the row after, but for what the register keeps itself.
func TestAendringer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := change(t, levels.Draw(t, "level"))
		e := events.Of(c)
		if e.Data.Foer == nil {
			if len(e.Data.Aendringer) != 0 {
				t.Fatalf("a new row has changed: %s", e.Append(nil))
			}
			return
		}
		foer, efter := content(t, e.Data.Foer), content(t, &e.Data.Efter)
		for _, a := range e.Data.Aendringer {
			apply(t, foer, a)
		}
		if !reflect.DeepEqual(foer, efter) {
			t.Fatalf("the patch makes\n%v of\n%s", foer, e.Append(nil))
		}
	})
}

// content reads a row's JSON without what the register keeps.
func content(t *rapid.T, u *events.Unit) (members map[string]any) {
	if err := json.Unmarshal(u.Append(nil), &members); err != nil {
		t.Fatal(err)
	}
	delete(members, "version")
	delete(members, "senestOpdateret")
	return members
}

// apply carries out one operation as RFC 6902 has it, and sees to it that it changes something and knows what was there.
func apply(t *rapid.T, members map[string]any, a events.Aendring) {
	path := strings.Split(a.Path, "/")[1:]
	for ; len(path) > 1; path = path[1:] {
		members = members[path[0]].(map[string]any)
	}
	name := path[0]
	was, there := members[name]
	if op := a.Op; there == (op == "add") || there != (a.Fra != nil) || there && !reflect.DeepEqual(was, single(t, a.Fra)) {
		t.Fatalf("%s %s from %s, where %v was", op, a.Path, a.Fra, was)
	}
	if a.Op == "remove" {
		delete(members, name)
		return
	}
	members[name] = single(t, a.Value)
	if members[name] == was {
		t.Fatalf("%s becomes what it was", a.Path)
	}
}

func single(t *rapid.T, text json.RawMessage) (value any) {
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return value
}

// TestEvent holds one event to its every byte.
func TestEvent(t *testing.T) {
	foer := register.Unit{
		Level: register.Anvisningsenhed, AdmKommuneKode: 265, DaginstitutionsNummer: "G20000", EnhedsNummer: "G20001",
		Navn: "Børnehuset \"Æblet\"", InstType3: 6012, TelefonNummer: "12345678",
		Aktivitetsstatus: register.Aktiv, Version: 3, SenestOpdateret: at(0),
		Adresse: register.Adresse{VejNavn: "Abildgårdsvej", HusNummer: "7b", PostNummer: "4000", ByNavn: "Roskilde", KommuneKode: 265},
	}
	efter := foer
	efter.TelefonNummer, efter.Adresse.Etage, efter.Adresse.HusNummer, efter.InstType3 = "", "st", "9", 6011
	efter.Version, efter.SenestOpdateret = 4, at(120)
	got := events.Of(&register.Change{
		Position: register.Position{Kommune: 265, Nr: 17}, Sequence: 4711,
		Art: register.Aendring, Aarsag: register.VedImport, ImportID: "import-1", Foer: foer, Efter: efter,
		Af:  register.Actor{User: "leverandør", Version: register.V2, Address: "192.0.2.7", RequestID: "req-1", Traceparent: traceparent},
		Tid: at(120),
	}).Append([]byte("before "))
	const enhed = `{"dagtilbudsType":"anvisningsenhed","enhedsNummer":"G20001","daginstitutionsNummer":"G20000",` +
		`"enhedsNavn":"Børnehuset \"Æblet\"",`
	want := `before {"specversion":"1.0","id":"G20001:4","source":"https://dagtilbudsregisteret.dk",` +
		`"type":"dk.dagtilbudsregisteret.anvisningsenhed.aendret.v1","subject":"G20001","time":"2026-11-23T08:30:00.120Z",` +
		`"datacontenttype":"application/json","dataschema":"https://dagtilbudsregisteret.dk/haendelser/v1/anvisningsenhed.json",` +
		`"sequence":"000000004711","registerposition":"265:17","traceparent":"` + traceparent + `","data":{` +
		`"foer":` + enhed + `"instType3":6012,"adresse":{"vejNavn":"Abildgårdsvej","husNummer":"7b","postNummer":"4000","byNavn":"Roskilde",` +
		`"kommuneKode":265},"telefonNummer":"12345678","aktivitetsstatus":"Aktiv","version":3,"senestOpdateret":"2026-11-23T08:30:00Z"},` +
		`"efter":` + enhed + `"instType3":6011,"adresse":{"vejNavn":"Abildgårdsvej","husNummer":"9","etage":"st","postNummer":"4000",` +
		`"byNavn":"Roskilde","kommuneKode":265},"aktivitetsstatus":"Aktiv","version":4,"senestOpdateret":"2026-11-23T08:30:00.12Z"},` +
		`"aendringer":[{"op":"replace","path":"/instType3","value":6011,"fra":6012},` +
		`{"op":"replace","path":"/adresse/husNummer","value":"9","fra":"7b"},` +
		`{"op":"add","path":"/adresse/etage","value":"st"},{"op":"remove","path":"/telefonNummer","fra":"12345678"}],` +
		`"aarsag":"import","importId":"import-1","admKommuneKode":265,"af":{"bruger":"leverandør","version":"v2","requestId":"req-1"}}}`
	if string(got) != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

func at(ms int) time.Time { return time.Date(2026, 11, 23, 8, 30, 0, ms*1e6, time.UTC) }

// TestLeaving tells of a unit that goes to another municipality in the logs of both.
func TestLeaving(t *testing.T) {
	c := &register.Change{
		Art: register.Aendring, Aarsag: register.MedForaelder, Tid: at(0), Af: register.Actor{Version: register.V2},
		Foer: full(register.AlternativAdresse),
	}
	c.Efter = c.Foer
	c.Efter.AdmKommuneKode, c.Efter.Version = 350, 2
	for kommune, id := range map[int]string{350: "G20002:2", 265: "G20002:2:265"} {
		c.Position = register.Position{Kommune: kommune, Nr: 9}
		e := events.Of(c)
		if e.ID != id || e.Data.AdmKommuneKode != 350 || !strings.HasSuffix(e.Registerposition, ":9") || len(e.Data.Aendringer) != 0 {
			t.Errorf("in the log of %d stands %s", kommune, e.Append(nil))
		}
		if !strings.Contains(string(e.Append(nil)), `"admKommuneKode":350,"fraAdmKommuneKode":265,`) {
			t.Errorf("in the log of %d it is not said where it comes from: %s", kommune, e.Append(nil))
		}
	}
}

// TestStaying says of no other change where the unit comes from.
func TestStaying(t *testing.T) {
	for _, level := range register.Levels {
		for _, foer := range []register.Unit{{}, full(level)} {
			e := events.Of(&register.Change{Art: register.Aendring, Foer: foer, Efter: full(level)})
			if e.Data.FraAdmKommuneKode != 0 || strings.Contains(string(e.Append(nil)), "fraAdmKommuneKode") {
				t.Errorf("%s", e.Append(nil))
			}
		}
	}
}

func TestReference(t *testing.T) {
	e := events.Of(&register.Change{Sequence: 4711, Art: register.Oprettelse, Efter: full(register.Daginstitution)})
	r := events.Reference(e)
	if r.DataRef != "/v2/haendelser?efter=000000004710&limit=1" || r.Data != nil || e.Data == nil {
		t.Errorf("by reference: %s", r.Append(nil))
	}
}

// TestTraceparent takes along only what a tracing system can read.
func TestTraceparent(t *testing.T) {
	for value, want := range map[string]string{
		traceparent: traceparent, "": "", "00-1-2-01": "", traceparent + "-01": "", strings.ToUpper(traceparent): "", "-" + traceparent[1:]: "",
		strings.Replace(traceparent, "4b", "4g", 1): "",
	} {
		c := &register.Change{Art: register.Oprettelse, Efter: register.Unit{Level: register.Daginstitution}, Af: register.Actor{Traceparent: value}}
		if got := events.Of(c).Traceparent; got != want {
			t.Errorf("%q becomes %q, want %q", value, got, want)
		}
	}
}

// BenchmarkEvent makes and writes the event of an anvisningsenhed that has changed in some of its fields, every one of them filled in.
func BenchmarkEvent(b *testing.B) {
	c := rapid.Custom(func(t *rapid.T) *register.Change {
		c := change(t, register.Anvisningsenhed)
		c.Art, c.Foer, c.Efter = register.Aendring, full(register.Anvisningsenhed), full(register.Anvisningsenhed)
		c.Efter.Navn, c.Efter.Adresse.VejNavn, c.Efter.Email, c.Efter.Version = "Åkanden", "Skovvej", "", 2
		return c
	}).Example(1)
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = events.Of(c).Append(buf[:0])
	}
	b.ReportMetric(float64(len(buf)), "B/event")
}
