package dynamostore

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"dagtilbudsregisteret.dk/shared/dynamostore/dynamotest"
	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/storetest"
)

// full gives a unit with something in every field there is, so that one which is added later and not stored is found out.
func full(t *testing.T) register.Unit {
	t.Helper()
	u := register.Unit{
		Level: register.AlternativAdresse, AdmKommuneKode: 265, DaginstitutionsNummer: "G10000", EnhedsNummer: "G10001",
		AlternativAdresseNummer: "Æ10002", Aktivitetsstatus: register.Nedlagt, Position: register.Position{Kommune: 265, Nr: 9},
		SenestOpdateret: storetest.Now,
	}
	fill(t, reflect.ValueOf(&u).Elem())
	return u
}

func fill(t *testing.T, v reflect.Value) {
	t.Helper()
	for name, field := range v.Fields() {
		switch {
		case !field.IsZero():
		case field.Kind() == reflect.String:
			field.SetString("<" + name.Name + ">")
		case field.CanInt():
			field.SetInt(int64(len(name.Name)))
		case field.CanFloat():
			field.SetFloat(-12.000000000000001)
		case field.Kind() == reflect.Bool:
			field.SetBool(true)
		case field.Kind() == reflect.Struct:
			fill(t, field)
		default:
			t.Fatalf("%s is a %s", name.Name, field.Type())
		}
	}
}

func TestRowKeepsEveryField(t *testing.T) {
	want := full(t)
	at := placeOf(&want)
	got, err := decodeRow(encodeRow(&want).keyed(at.key()), at)
	if err != nil || got != want {
		t.Errorf("%v\n got %+v\nwant %+v", err, got, want)
	}
}

func TestChangeKeepsBothRows(t *testing.T) {
	unit := full(t)
	moved := unit
	moved.AdmKommuneKode, moved.DaginstitutionsNummer, moved.Position = 101, "G10009", register.Position{Kommune: 101, Nr: 1}
	bare := storetest.Daginstitution(101, "G10000")
	for name, pair := range map[string][2]register.Unit{
		"created":         {{}, unit},
		"nothing changed": {unit, unit},
		"moved":           {unit, moved},
		"filled in":       {bare, unit},
		"emptied":         {unit, bare},
	} {
		want := created(pair[1])
		want.Foer, want.Position = pair[0], register.Position{Kommune: 265, Nr: 9}
		want.ImportID, want.Af.Traceparent = "import", "traceparent"
		want.Foer.Position.Kommune, want.Efter.Position.Kommune = want.Foer.AdmKommuneKode, want.Efter.AdmKommuneKode
		got, err := decodeChange(encodeChange(&want, "tx").keyed(keys.Change(want.Position)), 265)
		if err != nil || got != want {
			t.Errorf("%s: %v\n got %+v\nwant %+v", name, err, got, want)
		}
	}
}

// An ordinary change, with every optional member of its own, takes one unit to write.
func TestChangeIsSmall(t *testing.T) {
	d := storetest.Daginstitution(265, "G10000")
	foer := storetest.Anvisningsenhed(d, "G10001")
	c := created(foer)
	c.ImportID = "8d3c1f0e-6a52-4b7e-9c1d-2f7a9b3e5d60"
	c.Af.Traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	c.Af.Address = "2001:0db8:85a3:0000:0000:8a2e:0370:7334"
	c.Foer, c.Efter.Version, c.Efter.SenestOpdateret = foer, 2, storetest.Now.Add(time.Hour)
	c.Efter.Navn, c.Efter.Email, c.Efter.Adresse.VejNavn = "Børnehuset Pæren", "post@paeren.example", "Møllevej"
	c.Efter.Position.Nr, c.Position.Nr = 1234, 1234
	if size := dynamotest.Size(encodeChange(&c, "ABCDEFGHIJKLMNOPQRSTUVWXYZ").keyed(keys.Change(c.Position))); size >= 1024 {
		t.Errorf("a change takes %d bytes", size)
	}
}

func TestSizeIsNeverUnderrated(t *testing.T) {
	unit := full(t)
	c := created(unit)
	c.Foer = storetest.Daginstitution(101, "G10000")
	o := order{last: 1 << 40, logs: map[int]int64{101: 1 << 30, 265: 7}}
	r := register.Receipt{Key: "k", Answer: []byte("[]"), Created: true}
	for _, it := range []item{encodeRow(&unit), encodeChange(&c, "tx"), encodeReceipt(&r, "tx"), encodeNr(1234567890), o.encode()} {
		if it.size() < dynamotest.Size(it) {
			t.Errorf("%d bytes, DynamoDB counts %d", it.size(), dynamotest.Size(it))
		}
	}
}

func TestUnreadableItems(t *testing.T) {
	unit := storetest.Daginstitution(265, "G10000")
	at := placeOf(&unit)
	for name, spoil := range map[string]func(item){
		"layout 2":                   func(it item) { it["v"] = integer(2) },
		"attribute navn":             func(it item) { it["navn"] = integer(1) },
		"attribute version":          func(it item) { it["version"] = text("1") },
		"attribute ejerformKode":     func(it item) { it["ejerformKode"] = &types.AttributeValueMemberN{Value: "1.5"} },
		"attribute aktivitetsstatus": func(it item) { it["aktivitetsstatus"] = text("Sovende") },
		"attribute senestOpdateret":  func(it item) { it["senestOpdateret"] = text("i går") },
		"attribute geoBredde":        func(it item) { it["geoBredde"] = text("nord") },
	} {
		it := encodeRow(&unit).keyed(at.key())
		spoil(it)
		_, err := decodeRow(it, at)
		if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "K#265 G10000") {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if _, err := decodeRow(encodeRow(&unit), place{265, "G10000/G10001/G10002/G10003"}); err == nil {
		t.Error("a row four levels down is read")
	}
}
