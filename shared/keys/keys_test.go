package keys_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/register"
)

// TestLayout holds every kind of item to the table of the package comment: two engines and every stored row go by it.
func TestLayout(t *testing.T) {
	a := register.Unit{
		Level: register.AlternativAdresse, AdmKommuneKode: 461, DaginstitutionsNummer: "G20000", EnhedsNummer: "Å20001", AlternativAdresseNummer: "G20002",
	}
	tid := time.Date(2026, 11, 24, 0, 30, 0, 123_000_000, time.FixedZone("CET", 3600))
	for _, c := range []struct{ got, want keys.Key }{
		{keys.Unit(&a), keys.Key{PK: "K#461", SK: "G20000/Å20001/G20002"}},
		{keys.Ledger("Å20001"), keys.Key{PK: "N#Å20001", SK: "N"}},
		{keys.Change(register.Position{Kommune: 461, Nr: 42}), keys.Key{PK: "L#461", SK: "000000000042"}},
		{keys.Head(101), keys.Key{PK: "P", SK: "0101"}},
		{keys.Place(42), keys.Key{PK: "G", SK: "000000000042"}},
		{keys.PlaceOf(register.Position{Kommune: 461, Nr: 42}), keys.Key{PK: "G#461", SK: "000000000042"}},
		{keys.OrderHead, keys.Key{PK: "GH", SK: "GH"}},
		{keys.Series, keys.Key{PK: "C", SK: "C"}},
		{keys.Reservation(10_000), keys.Key{PK: "R", SK: "000000010000"}},
		{keys.Receipt("os:1"), keys.Key{PK: "I#os:1", SK: "I"}},
		{keys.ReservationReceipt("os:1"), keys.Key{PK: "J#os:1", SK: "J"}},
		{keys.Report(101), keys.Key{PK: "Q", SK: "0101"}},
		{keys.User("os2.dagtilbud"), keys.Key{PK: "U", SK: "os2.dagtilbud"}},
		{keys.Use("os2.dagtilbud", "ABCD2345"), keys.Key{PK: "B", SK: "os2.dagtilbud/ABCD2345"}},
		{keys.Subscriber("os2.dagtilbud"), keys.Key{PK: "S", SK: "os2.dagtilbud"}},
		{keys.Mark("os2.dagtilbud", 3, 101), keys.Key{PK: "M#os2.dagtilbud#3", SK: "0101"}},
		{keys.Entry(tid, "ID"), keys.Key{PK: "T#2026-11-23", SK: "1795476600123#ID"}},
		{keys.Finding(tid, "ID"), keys.Key{PK: "F#2026-11-23", SK: "1795476600123#ID"}},
		{keys.CallsOf(register.V1, "2026-11-24", "os2.dagtilbud"), keys.Key{PK: "V#v1#2026-11-24", SK: "os2.dagtilbud"}},
	} {
		if c.got != c.want {
			t.Errorf("%v, want %v", c.got, c.want)
		}
	}
}

// TestOrder sorts what is read in ranges.
func TestOrder(t *testing.T) {
	tid := time.UnixMilli(999_999_999).UTC()
	entry := func(after time.Duration, id string) string { return keys.Entry(tid.Add(after), id).SK }
	for what, sorted := range map[string][]string{
		"changes":      {keys.LogNr(0), keys.LogNr(9), keys.LogNr(10), keys.LogNr(999_999_999_999)},
		"places":       {keys.Place(9).SK, keys.Place(10).SK, keys.Place(1_000_000).SK},
		"marks":        {keys.Mark("a", 1, 7).SK, keys.Mark("a", 1, 101).SK, keys.Mark("a", 1, 1000).SK},
		"heads":        {keys.Head(7).SK, keys.Head(101).SK, keys.Head(1000).SK},
		"reservations": {keys.Reservation(9).SK, keys.Reservation(10_000).SK, keys.Reservation(1_799_999).SK},
		"entries":      {entry(0, ""), entry(0, "A"), entry(0, "B"), entry(time.Millisecond, ""), entry(time.Millisecond, "A"), entry(time.Hour, "")},
		"days":         {keys.Trail(tid), keys.Trail(tid.AddDate(0, 0, 1)), keys.Trail(tid.AddDate(0, 1, 0)), keys.Trail(tid.AddDate(30, 0, 0))},
		"kinds of item": {
			keys.Uses, keys.Series.PK, keys.Findings(tid), keys.Order, keys.OrderOf(1), keys.OrderHead.PK, keys.Receipt("").PK,
			keys.ReservationReceipt("").PK, keys.Kommune(1), keys.Log(1), keys.Marks("", 1), keys.Ledger("").PK, keys.Heads, keys.Reports,
			keys.Reservations, keys.Subscribers, keys.Trail(tid), keys.Users,
			keys.Calls(register.V1, "2026-11-24"), keys.Calls(register.V1, "2026-11-25"), keys.Calls(register.V2, "2026-11-24"),
		},
	} {
		if !slices.IsSorted(sorted) || len(slices.Compact(slices.Clone(sorted))) != len(sorted) {
			t.Errorf("%s: %s", what, strings.Join(sorted, " "))
		}
	}
}

func TestLogOf(t *testing.T) {
	if kommune, ok := keys.LogOf(keys.Log(461)); kommune != 461 || !ok {
		t.Errorf("%d, %v", kommune, ok)
	}
	for _, pk := range []string{"", "L", "L#", "L#x", "461", keys.Kommune(461), keys.Heads, keys.OrderOf(461)} {
		if kommune, ok := keys.LogOf(pk); ok {
			t.Errorf("%s is taken for the log of %d", pk, kommune)
		}
	}
}
