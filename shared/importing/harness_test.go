package importing_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"pgregory.net/rapid"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/boltstore"
	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/dynamostore"
	"dagtilbudsregisteret.dk/shared/dynamostore/dynamotest"
	"dagtilbudsregisteret.dk/shared/importing"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// tester is what *testing.T and *rapid.T have in common.
type tester interface {
	rapid.TB
	Context() context.Context
	Cleanup(func())
}

// registry is a register on disk, and the service that writes to it.
type registry struct {
	tester
	importing.Service
	users access.Store
	now   time.Time
}

func newRegistry(t tester, chunk int) *registry {
	t.Helper()
	dir, err := os.MkdirTemp("", "importing-*")
	if err != nil {
		t.Fatal(err)
	}
	store, err := boltstore.Open(filepath.Join(dir, "register.db"), register.DefaultSeries)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		store.Close()
		os.RemoveAll(dir)
	})
	return registryIn(t, store, chunk)
}

// engine is what both stores are.
type engine interface {
	register.Store
	access.Store
}

func registryIn(t tester, store engine, chunk int) *registry {
	r := &registry{tester: t, users: store, now: time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC)}
	r.Service = importing.Service{Store: store, Trail: store, Checker: checker, Now: func() time.Time { return r.now }, Chunk: chunk}
	return r
}

// onDynamoDB gives empty registries there, each in a table of its own.
func onDynamoDB(outer *testing.T, options ...func(*dynamodb.Options)) func(t tester) *registry {
	outer.Helper()
	server := dynamotest.Start(outer)
	var tables atomic.Int32
	return func(t tester) *registry {
		t.Helper()
		client, table := server.Client(options...), fmt.Sprint("Dagtilbud", tables.Add(1))
		store := dynamostore.New(client, table, register.DefaultSeries)
		if err := store.CreateTable(t.Context()); err != nil {
			t.Fatal(err)
		}
		dynamotest.WithoutStream(outer, client, table)
		return registryIn(t, store, dynamostore.Chunk)
	}
}

var checker = validation.New(codes.Embedded())

// settled is a registry with some units in it:
//
//	461  G20000 kommunal  G20001 6011  G20002
//	                                   G20003
//	                      G20004 6012
//	     G20010 kommunal
//	     G20011 closed    G20012 closed G20013 closed
//	751  G20020 kommunal  G20021 6011
//
// The next number is G20022.
func settled(t tester, chunk int) *registry {
	t.Helper()
	return settle(newRegistry(t, chunk))
}

// settle puts those units into an empty registry.
func settle(r *registry) *registry {
	r.Helper()
	r.wantAll([]importing.Op{
		indlaes(daginstitution("G20000")), indlaes(enhed("G20001", "G20000")), indlaes(adresse("G20002", "G20001")),
		indlaes(adresse("G20003", "G20001")), indlaes(enhed("G20004", "G20000", ofType(6012))), indlaes(daginstitution("G20010")),
		indlaes(daginstitution("G20011")), indlaes(enhed("G20012", "G20011")), indlaes(adresse("G20013", "G20012")),
		indlaes(daginstitution("G20020", inKommune(751))), indlaes(enhed("G20021", "G20020")),
	}, importing.Created)
	r.wantAll([]importing.Op{nedlaeg("G20013"), nedlaeg("G20012"), nedlaeg("G20011")}, importing.Changed)
	return r
}

// wantAll runs operations that are all to come out the same way.
func (r *registry) wantAll(ops []importing.Op, want importing.Outcome) {
	r.Helper()
	for i, result := range r.run(ops, importing.Options{}) {
		if result.Outcome != want {
			r.Fatalf("operation %d: %s", i, show(result))
		}
	}
}

// run runs operations with the right to everything.
func (r *registry) run(ops []importing.Op, o importing.Options) []importing.Result {
	r.Helper()
	o.Rights = access.Everything
	return r.try(ops, o)
}

// try runs operations with the rights of the options, through v2 where these name no version.
func (r *registry) try(ops []importing.Op, o importing.Options) []importing.Result {
	r.Helper()
	if o.Actor.Version == 0 {
		o.Actor.Version = register.V2
	}
	results := slices.Collect(r.Run(r.Context(), slices.Values(ops), o))
	if len(results) != len(ops) {
		r.Fatalf("%d results of %d operations", len(results), len(ops))
	}
	return results
}

// runLines gives the results as [show] does.
func (r *registry) runLines(ops []importing.Op, o importing.Options) []string {
	r.Helper()
	return showAll(r.run(ops, o))
}

func (r *registry) unit(n register.Number) register.Unit {
	r.Helper()
	u, err := r.Store.Unit(r.Context(), n)
	if err != nil {
		r.Fatal(err)
	}
	return u
}

var outcomes = map[importing.Outcome]string{
	importing.Refused: "refused", importing.Created: "created", importing.Changed: "changed", importing.Unchanged: "unchanged",
}

// show writes a result down: "<outcome> <number>:<version>", or "refused", and then each finding.
func show(r importing.Result) string {
	if r.Err != nil {
		return "refused, " + register.KindOf(r.Err).String()
	}
	line := outcomes[r.Outcome]
	if r.Outcome != importing.Refused {
		line += fmt.Sprintf(" %s:%d", r.Unit.Number(), r.Unit.Version)
	}
	for _, f := range r.Findings {
		line += ", " + strings.TrimRight(showFinding(f)+" "+string(f.Nummer), " ")
	}
	return line
}

func showAll(results []importing.Result) (lines []string) {
	for _, r := range results {
		lines = append(lines, show(r))
	}
	return lines
}

// showFinding writes down what programs go by in a finding: "rule/code pointer", with a "?" before a warning.
func showFinding(f validation.Finding) string {
	line := strings.TrimRight(f.Rule.ID+"/"+f.Kode+" "+f.Pointer, " ")
	if f.Severity == validation.Advarsel {
		line = "?" + line
	}
	return line
}

// verdict is what a dry run can know of a result: everything but an issued number.
func verdict(r importing.Result) string {
	line := outcomes[r.Outcome]
	if r.Outcome != importing.Refused {
		line += fmt.Sprintf(" :%d", r.Unit.Version)
	}
	for _, f := range r.Findings {
		line += ", " + showFinding(f)
	}
	return line
}

func verdicts(results []importing.Result) (lines []string) {
	for _, r := range results {
		lines = append(lines, verdict(r))
	}
	return lines
}

func wantLines(t tester, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s\n got %s\nwant %s", what, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

// The units of the tests, sound but for the edits. Their own number may be empty.

func daginstitution(n register.Number, edits ...func(*register.Unit)) register.Unit {
	return edited(register.Unit{
		Level: register.Daginstitution, AdmKommuneKode: 461, DaginstitutionsNummer: n, Navn: "Område Øst", EjerformKode: 1, LovgrundlagKode: 1,
	}, edits)
}

func enhed(n, parent register.Number, edits ...func(*register.Unit)) register.Unit {
	return edited(register.Unit{
		Level: register.Anvisningsenhed, DaginstitutionsNummer: parent, EnhedsNummer: n, Navn: "Børnehuset " + string(n), InstType3: 6011,
		Adresse: gade, CVRNummer: "35209115", PNummer: "1003259422",
	}, edits)
}

func adresse(n, parent register.Number, edits ...func(*register.Unit)) register.Unit {
	return edited(register.Unit{
		Level: register.AlternativAdresse, EnhedsNummer: parent, AlternativAdresseNummer: n, Navn: "Skovhuset " + string(n), Adresse: gade,
	}, edits)
}

var gade = register.Adresse{VejNavn: "Æblestien", HusNummer: "12b", PostNummer: "5220", ByNavn: "Odense SØ", KommuneKode: 461}

func edited(u register.Unit, edits []func(*register.Unit)) register.Unit {
	for _, edit := range edits {
		edit(&u)
	}
	return u
}

func named(navn string) func(*register.Unit) { return func(u *register.Unit) { u.Navn = navn } }
func ofType(kode int) func(*register.Unit)   { return func(u *register.Unit) { u.InstType3 = kode } }
func inKommune(kode int) func(*register.Unit) {
	return func(u *register.Unit) { u.AdmKommuneKode = kode }
}

func runAs(ejerform, lovgrundlag int) func(*register.Unit) {
	return func(u *register.Unit) { u.EjerformKode, u.LovgrundlagKode = ejerform, lovgrundlag }
}

func withStatus(s register.Aktivitetsstatus) func(*register.Unit) {
	return func(u *register.Unit) { u.Aktivitetsstatus = s }
}

func withoutPNummer(u *register.Unit) { u.PNummer = "" }

// The operations of the tests.

func opret(u register.Unit) importing.Op {
	return importing.Op{Operation: validation.Opret, Level: u.Level, Unit: u}
}

func ret(u register.Unit) importing.Op {
	return importing.Op{Operation: validation.Ret, Level: u.Level, Number: u.Number(), Unit: u}
}

func indlaes(u register.Unit) importing.Op {
	return importing.Op{Operation: validation.Indlaes, Level: u.Level, Number: u.Number(), Unit: u}
}

// nedlaeg closes one of the units of [settled], whose level their number tells.
func nedlaeg(n register.Number) importing.Op {
	return importing.Op{Operation: validation.Nedlaeg, Level: levelOf(n), Number: n, Unit: register.Unit{Level: levelOf(n)}}
}

// flyt moves one of them.
func flyt(n, parent register.Number) importing.Op {
	u := register.Unit{Level: levelOf(n)}
	if u.Level == register.AlternativAdresse {
		u.EnhedsNummer = parent
	} else {
		u.DaginstitutionsNummer = parent
	}
	return importing.Op{Operation: validation.Flyt, Level: u.Level, Number: n, Unit: u}
}

func levelOf(n register.Number) register.Level {
	switch n {
	case "G20002", "G20003", "G20013", "#adresse":
		return register.AlternativAdresse
	case "G20001", "G20004", "G20012", "G20021", "#enhed":
		return register.Anvisningsenhed
	}
	return register.Daginstitution
}

// as gives an operation with further edits.
func as(op importing.Op, edits ...func(*importing.Op)) importing.Op {
	for _, edit := range edits {
		edit(&op)
	}
	return op
}

func ref(name string) func(*importing.Op) { return func(op *importing.Op) { op.Ref = name } }
func level(l register.Level) func(*importing.Op) {
	return func(op *importing.Op) { op.Level, op.Unit.Level = l, l }
}
func expect(versions ...int64) func(*importing.Op) {
	return func(op *importing.Op) { op.Expect = versions }
}
func key(k string, hash byte) func(*importing.Op) {
	return func(op *importing.Op) { op.Key, op.Hash = k, [32]byte{hash} }
}

// chunks are the sizes of transaction that must make no difference.
var chunks = []int{1, 2, 500}

// forChunks runs a test on a settled registry of each transaction size.
func forChunks(t *testing.T, test func(t *testing.T, r *registry)) {
	for _, chunk := range chunks {
		t.Run(fmt.Sprint("chunk ", chunk), func(t *testing.T) { test(t, settled(t, chunk)) })
	}
}
