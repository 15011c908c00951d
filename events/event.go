// Package events is the contract of what the register publishes: each step in a unit's life is one [Event], a CloudEvent 1.0 in
// structured JSON mode, the same wherever it is read: in a subscriber's queue, in the feed, or by a replay from the first one on.
//
// [Of] makes the event of a change, [Event.Append] writes its bytes, and [Parse] reads them back. An event is a function of its
// change, and its bytes are one of the event, so an event that is published twice is the same to the last byte.
//
// The JSON Schemas under schema/ say the same for programs in other languages, see [Schema], and samples/ has an event of each of
// the [Types]. The other JSON files of the folder are sample invocations of the functions; README.md tells of both.
package events

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"dagtilbudsregisteret.dk/shared/register"
)

// What is the same in every event.
const (
	SpecVersion     = "1.0"
	Source          = "https://dagtilbudsregisteret.dk"
	DataContentType = "application/json"
)

// Event tells of one step in a unit's life. Its fields are the attributes of CloudEvents, of their registered extensions sequence,
// traceparent and dataref, and of the register's own, registerposition.
type Event struct {
	SpecVersion      string
	ID               string // names the event for ever, see [Of]
	Source           string
	Type             string // one of [Types]
	Subject          register.Number
	Time             time.Time // when the change was made, to the millisecond
	DataContentType  string
	DataSchema       string // the URL of the schema that Data adheres to, the same for all types of a level
	Sequence         int64  // the place in the order of all events; 12 digits in JSON, so that it sorts as text too
	Registerposition string // the place in the log of one municipality, "<kommune>:<nr>"
	Traceparent      string // the W3C trace context of the call that made the change, where it had one
	Data             *Data  // nil in an event by reference
	DataRef          string // where the whole event is, in an event by reference; else empty, see [Reference]
}

// Data is what has happened to the unit.
type Data struct {
	Foer       *Unit // nil where the unit is new
	Efter      Unit
	Aendringer []Aendring // from Foer to Efter; none where the unit is new
	Aarsag     string     // the word of a [register.Aarsag]
	ImportID   string     // the import that brought the change, where one did

	// AdmKommuneKode is the municipality that administers the unit after the change. It differs from the one in Registerposition only
	// in the record of a unit that leaves.
	AdmKommuneKode int

	// FraAdmKommuneKode is the one that administered it before, where that was another; else 0. Of a row below a daginstitution
	// nothing else tells it.
	FraAdmKommuneKode int

	Af Af
}

// Af is who made the change. The network address that the register keeps as well is nobody else's business.
type Af struct {
	Bruger    string // the system user; empty where nobody logged in
	Version   string // of the service: "v2"
	RequestID string
}

const typePrefix = "dk.dagtilbudsregisteret."

// types has a daginstitution that is never moved: there is nothing above it.
var types = func() (all []string) {
	for _, level := range register.Levels {
		for art := register.Oprettelse; art <= register.Indlaesning; art++ {
			if level != register.Daginstitution || art != register.Flytning {
				all = append(all, typeOf(level, art))
			}
		}
	}
	return all
}()

// Types lists the types there are, from the top of the tree.
func Types() []string { return slices.Clone(types) }

func typeOf(level register.Level, art register.Art) string {
	return typePrefix + level.String() + "." + art.String() + ".v1"
}

// levelOf gives the level that a type is about.
func levelOf(typ string) (level register.Level, ok bool) {
	word, _, _ := strings.Cut(strings.TrimPrefix(typ, typePrefix), ".")
	level, _ = register.ParseLevel(word)
	return level, slices.Contains(types, typ)
}

// Of gives the event of a change whose place in the register's order has been looked up.
//
// Its id is "<number>:<version>". A unit that goes from one municipality to another is told of in the logs of both, for who follows
// the one may not follow the other: the record in the log that it leaves has the id "<number>:<version>:<that municipality>".
func Of(c *register.Change) Event {
	return Event{
		SpecVersion: SpecVersion, ID: id(c), Source: Source, Type: typeOf(c.Efter.Level, c.Art), Subject: c.Efter.Number(), Time: c.Tid,
		DataContentType: DataContentType, DataSchema: dataSchema(c.Efter.Level),
		Sequence: c.Sequence, Registerposition: c.Position.String(), Traceparent: traceparent(c.Af.Traceparent), Data: data(c),
	}
}

func id(c *register.Change) string {
	id := string(c.Efter.Number()) + ":" + strconv.FormatInt(c.Efter.Version, 10)
	if c.LeavesKommune() && c.Position.Kommune == c.Foer.AdmKommuneKode {
		id += ":" + strconv.Itoa(c.Position.Kommune)
	}
	return id
}

// traceparent leaves out what no tracing system would read; callers may send the register anything like one.
func traceparent(s string) string {
	if len(s) != 55 || s[2] != '-' || s[35] != '-' || s[52] != '-' || strings.Count(s, "-") != 3 {
		return ""
	}
	if strings.Trim(s, "0123456789abcdef-") != "" {
		return ""
	}
	return s
}

func data(c *register.Change) *Data {
	d := &Data{
		Efter: published(c.Efter), Aarsag: c.Aarsag.String(), ImportID: c.ImportID, AdmKommuneKode: c.Efter.AdmKommuneKode,
		Af: Af{Bruger: c.Af.User, Version: c.Af.Version.String(), RequestID: c.Af.RequestID},
	}
	if c.Foer.Level != 0 {
		foer := published(c.Foer)
		d.Foer = &foer
		d.Aendringer = differences(d.Foer, &d.Efter)
	}
	if c.LeavesKommune() {
		d.FraAdmKommuneKode = c.Foer.AdmKommuneKode
	}
	return d
}

// Reference gives an event without its data, for where a message may not be as large as a change can grow: the same event, by every
// attribute, with the place in the feed where it stands whole.
func Reference(e Event) Event {
	e.Data = nil
	e.DataRef = "/v2/haendelser?efter=" + sequenceText(e.Sequence-1) + "&limit=1"
	return e
}

// form gives the members of an event's JSON.
func (e *Event) form(f form) {
	f.value("specversion", (*text)(&e.SpecVersion))
	f.value("id", (*text)(&e.ID))
	f.value("source", (*text)(&e.Source))
	f.value("type", (*text)(&e.Type))
	f.value("subject", (*text)(&e.Subject))
	f.value("time", (*milliseconds)(&e.Time))
	f.value("datacontenttype", (*text)(&e.DataContentType))
	f.value("dataschema", (*text)(&e.DataSchema))
	f.value("sequence", (*sequence)(&e.Sequence))
	f.value("registerposition", (*text)(&e.Registerposition))
	f.value("traceparent", (*option)(&e.Traceparent))
	f.value("data", content{&e.Data})
	f.value("dataref", (*option)(&e.DataRef))
}

func (d *Data) form(f form) {
	f.value("foer", former{&d.Foer})
	f.object("efter", &d.Efter)
	f.value("aendringer", (*aendringer)(&d.Aendringer))
	f.value("aarsag", (*text)(&d.Aarsag))
	f.value("importId", (*option)(&d.ImportID))
	f.value("admKommuneKode", (*whole)(&d.AdmKommuneKode))
	f.value("fraAdmKommuneKode", (*code)(&d.FraAdmKommuneKode))
	f.object("af", &d.Af)
}

func (a *Af) form(f form) {
	f.value("bruger", (*option)(&a.Bruger))
	f.value("version", (*text)(&a.Version))
	f.value("requestId", (*text)(&a.RequestID))
}

// Append writes the event to buf as JSON. These are the bytes to publish.
func (e Event) Append(buf []byte) []byte { return appendObject(buf, &e) }

// MarshalJSON makes an event a value for json.Marshal, which writes the characters of HTML in a way of its own.
func (e Event) MarshalJSON() ([]byte, error) { return e.Append(nil), nil }

// UnmarshalJSON is [Parse] for json.Unmarshal.
func (e *Event) UnmarshalJSON(raw []byte) (err error) {
	*e, err = Parse(raw)
	return err
}

// ParseType reads a type, in full or as "<niveau>.<art>".
func ParseType(s string) (level register.Level, art register.Art, ok bool) {
	short, _ := strings.CutSuffix(strings.TrimPrefix(s, typePrefix), ".v1")
	niveau, what, _ := strings.Cut(short, ".")
	level, isLevel := register.ParseLevel(niveau)
	art, isArt := register.ParseArt(what)
	return level, art, isLevel && isArt && slices.Contains(types, typeOf(level, art))
}
