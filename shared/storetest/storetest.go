// Package storetest is the contract of [register.Store], that of [access.Store], that of [relaying.Store] and that of [records.Store] as
// test suites. Each engine runs them with one line each:
//
//	storetest.Run(t, harness)
//	storetest.RunAccess(t, harness)
//	storetest.RunRelaying(t, harness)
//	storetest.RunRecords(t, harness)
//
// It covers what single calls answer, what many callers at once may see, and what is left after a fault: an update that failed and
// was not written, one that failed but was written, and a restart.
package storetest

import (
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/register"
)

// Fault is a way for an engine's next write to go wrong.
type Fault string

// The faults a harness may be asked for.
const (
	NotWritten Fault = "failed and not written"
	Written    Fault = "failed but written"
	Throttled  Fault = "throttled"
	Contended  Fault = "transaction conflict"
)

// Harness makes and breaks the stores of one engine.
type Harness interface {
	// Open gives an empty store that issues numbers along series. It lives until the test ends.
	Open(t testing.TB, series register.Series) register.Store

	// Restart ends a store as a crash would, as far as the engine can, and opens what it left behind.
	Restart(t testing.TB, s register.Store) register.Store

	// Break makes the store's next write go wrong; false when the engine has no such fault.
	Break(s register.Store, f Fault) bool
}

type contract []struct {
	name string
	run  func(t *testing.T, h Harness)
}

func (cases contract) run(t *testing.T, h Harness) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.run(t, h) })
	}
}

// Run holds an engine to the contract of [register.Store].
func Run(t *testing.T, h Harness) {
	contract{
		{"reads back what was written", readsBack},
		{"rows of any content", anyContent},
		{"unknown numbers", unknownNumbers},
		{"a refused update writes nothing", refusedWritesNothing},
		{"a transaction that fails halfway writes nothing", halfway},
		{"a change from a row that is no more", outdated},
		{"several changes to one unit", severalChanges},
		{"a move with children", moveWithChildren},
		{"a tree that leaves its municipality", leavesMunicipality},
		{"namesakes", namesakes},
		{"more than one page", pages},
		{"a log read backwards", earlier},
		{"the latest change of each log", heads},
		{"times that never run backwards", forwards},
		{"the order of the whole register", orders},
		{"much to put in order", ordersMany},
		{"putting in order while others write", ordersMeanwhile},
		{"waiting for a change", awaits},
		{"two writers on one unit", twoWriters},
		{"no child below a closed parent", noSkew},
		{"positions without gaps", gapFree},
		{"receipts", receipts},
		{"the number series", numberSeries},
		{"reservations", reservations},
		{"issuing is linearizable", linearizable},
		{"reports", reports},
		{"faults", faults},
		{"faults while the register is put in order", orderFaults},
		{"a caller that gave up", givenUp},
		{"a panic of the caller's", panics},
		{"restart", restart},
	}.run(t, h)
}

// RunAccess holds an engine to the contract of [access.Store], which its stores implement too.
func RunAccess(t *testing.T, h Harness) {
	contract{
		{"reads users back", readsUsersBack},
		{"unknown users", unknownUsers},
		{"users by name", usersByName},
		{"a user that others have saved meanwhile", savedUser.meanwhile},
		{"two writers on one user", savedUser.twoWriters},
		{"uses of secrets", uses},
		{"reads the trail back", readsTrailBack},
		{"the trail page by page", trailPages},
		{"a trail of several days", trailDays},
		{"findings are kept for a while", findingsKept},
		{"many entries at once", manyEntries},
		{"faults while a user is saved", savedUser.faults},
		{"faults while entries are added", trailFaults},
		{"a caller of the trail that gave up", trailGivenUp},
		{"counts calls", countsCalls},
		{"counting side by side", callsRace},
		{"counts as a model does", callsModel},
		{"faults while a call is counted", callsFaults},
		{"a count that gave up", callsGivenUp},
		{"restart of the counts", restartCalls},
		{"restart", restartAccess},
	}.run(t, h)
}

// RunRelaying holds an engine to the contract of [relaying.Store], which its stores implement too. What that has of [register.Store]
// is held by Run.
func RunRelaying(t *testing.T, h Harness) {
	contract{
		{"reads subscribers back", readsSubscribersBack},
		{"unknown subscribers", unknownSubscribers},
		{"subscribers by name", subscribersByName},
		{"a subscriber that others have saved meanwhile", savedSubscriber.meanwhile},
		{"two writers on one subscriber", savedSubscriber.twoWriters},
		{"marks", marks},
		{"marks that race", marksRace},
		{"faults while a subscriber is saved", savedSubscriber.faults},
		{"faults while something is marked", markFaults},
		{"a relay that gave up", relayingGivenUp},
		{"restart", restartRelaying},
	}.run(t, h)
}

// RunRecords holds an engine to the contract of [records.Store], which its stores implement too.
func RunRecords(t *testing.T, h Harness) {
	contract{
		{"reads records back", readsRecordsBack},
		{"more records than fit a piece", manyRecords},
		{"a register copied record by record", copiesRegister},
		{"records that are put again", putsAgain},
		{"what is no record", noRecord},
		{"faults while records are put", recordFaults},
		{"a caller of the records that gave up", recordsGivenUp},
	}.run(t, h)
}

// Now is the moment at which the suite's changes are made.
var Now = time.Date(2026, 11, 23, 8, 30, 0, 123_000_000, time.UTC)

// Daginstitution gives an invented daginstitution.
func Daginstitution(kommune int, n register.Number) register.Unit {
	return register.Unit{
		Level: register.Daginstitution, AdmKommuneKode: kommune, DaginstitutionsNummer: n, Navn: "Område " + string(n),
		EjerformKode: 1, LovgrundlagKode: 1, Aktivitetsstatus: register.Aktiv, Version: 1, SenestOpdateret: Now,
	}
}

// Anvisningsenhed gives an invented anvisningsenhed below a daginstitution.
func Anvisningsenhed(parent register.Unit, n register.Number) register.Unit {
	u := register.Unit{
		Level: register.Anvisningsenhed, EnhedsNummer: n, Navn: `Børnehuset "Æblet" \ ` + string(n), InstType3: 6012,
		Email: "post@aeblet.example", TelefonNummer: "+45 12 34 56 78", Adresse: adresse(parent.AdmKommuneKode),
		CVRNummer: "10150817", PNummer: "1012345678", Aktivitetsstatus: register.Aktiv, Version: 1, SenestOpdateret: Now,
	}
	u.PlaceUnder(&parent)
	return u
}

// Alternativ gives an invented alternativ adresse below an anvisningsenhed.
func Alternativ(parent register.Unit, n register.Number) register.Unit {
	u := register.Unit{
		Level: register.AlternativAdresse, AlternativAdresseNummer: n, Navn: "Skovgruppen " + string(n),
		Adresse: adresse(parent.AdmKommuneKode), Aktivitetsstatus: register.Aktiv, Version: 1, SenestOpdateret: Now,
	}
	u.PlaceUnder(&parent)
	return u
}

func adresse(kommune int) register.Adresse {
	return register.Adresse{
		VejNavn: "Abildgårdsvej", HusNummer: "7b", PostNummer: "4000", ByNavn: "Roskilde", KommuneKode: kommune,
		DawaID:    "0a3f50a0-0000-4000-8000-0123456789ab",
		GeoBredde: register.Grad{Value: 55.64152, Given: true}, GeoLaengde: register.Grad{Value: 12.0803, Given: true},
	}
}

// Create writes new units in one update, the numbers being their own.
func Create(t testing.TB, s register.Store, units ...register.Unit) []register.Unit {
	t.Helper()
	err := s.Update(t.Context(), func(tx register.Tx) error { return create(tx, units) })
	if err != nil {
		t.Fatalf("create: %v", err)
	}
	return units
}

func create(tx register.Tx, units []register.Unit) error {
	for i := range units {
		if err := write(tx, register.Oprettelse, register.Unit{}, &units[i]); err != nil {
			return err
		}
	}
	return nil
}

// af is who makes the suite's changes.
var af = register.Actor{User: "prøve", Version: register.V2, Address: "192.0.2.7", RequestID: "req-1", Traceparent: "00-1-2-01"}

// write asks for a change and notes the position in the row.
func write(tx register.Tx, art register.Art, foer register.Unit, efter *register.Unit) error {
	position, err := tx.Write(register.Change{Art: art, Aarsag: register.VedKald, Foer: foer, Efter: *efter, Tid: Now, Af: af})
	efter.Position = position
	return err
}

// rename is the ordinary change.
func rename(tx register.Tx, n register.Number, navn string) (register.Unit, error) {
	foer, err := tx.Unit(n)
	if err != nil {
		return foer, err
	}
	efter := foer
	efter.Navn, efter.Version = navn, foer.Version+1
	return efter, write(tx, register.Aendring, foer, &efter)
}

func wantUnits(t testing.TB, what string, got, want []register.Unit) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d rows, want %d", what, len(got), len(want))
	}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("%s: row %d\n got %+v\nwant %+v", what, i, got[i], want[i])
		}
	}
}

func wantKind(t testing.TB, err error, want register.Kind) {
	t.Helper()
	if err == nil || register.KindOf(err) != want {
		t.Errorf("error %v of kind %v, want %v", err, register.KindOf(err), want)
	}
}

func units(t testing.TB, s register.Store, kommune int, after string) (all []register.Unit) {
	t.Helper()
	for u, err := range s.Units(t.Context(), kommune, after) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, u)
	}
	return all
}

func changes(t testing.TB, s register.Store, after register.Position) (all []register.Change) {
	t.Helper()
	for c, err := range s.Changes(t.Context(), after) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	return all
}

// family writes a daginstitution with two anvisningsenheder, the first of which has two alternative addresses.
func family(t testing.TB, s register.Store, kommune int) []register.Unit {
	d := Daginstitution(kommune, "G20000")
	e := Anvisningsenhed(d, "G20001")
	return Create(t, s, d, e, Alternativ(e, "G20002"), Alternativ(e, "G20003"), Anvisningsenhed(d, "G20004"))
}
