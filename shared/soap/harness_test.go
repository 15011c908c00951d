package soap

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/access/accesstest"
	"dagtilbudsregisteret.dk/shared/boltstore"
	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/services"
	"dagtilbudsregisteret.dk/shared/versions"
	"dagtilbudsregisteret.dk/shared/xmltree"
	"dagtilbudsregisteret.dk/shared/xsd"
)

// The callers of the tests.
const (
	nobody      = ""
	drift       = "drift"
	leverandoer = "leverandoer"
	laeser      = "laeser"
)

// site is the whole API on a fresh register, with what it logs.
type site struct {
	t testing.TB
	http.Handler
	config  services.Config
	limits  Limits
	store   *hookedStore
	log     *bytes.Buffer
	now     time.Time
	secrets map[string]string // of the users, by name
	kept    [][]byte          // every answer
}

// hookedStore is a store of which a test may replace a method.
type hookedStore struct {
	services.Store
	update    func(func(register.Tx) error) error
	positions func() (register.Positions, error)
}

func (s *hookedStore) Update(ctx context.Context, fn func(register.Tx) error) error {
	if s.update != nil {
		return s.update(fn)
	}
	return s.Store.Update(ctx, fn)
}

func (s *hookedStore) Positions(ctx context.Context) (register.Positions, error) {
	if s.positions != nil {
		return s.positions()
	}
	return s.Store.Positions(ctx)
}

// newSite makes the API on an empty register, whose users are an operator, a vendor for 461 and 265, and a reader.
func newSite(t testing.TB, settings ...func(*site)) *site {
	t.Helper()
	s := &site{t: t, log: new(bytes.Buffer), now: time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC), secrets: make(map[string]string)}
	engine, err := boltstore.Open(filepath.Join(t.TempDir(), "register.db"), register.DefaultSeries)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Close() })
	s.store = &hookedStore{Store: engine}
	s.enroll(access.User{Navn: drift, Rolle: access.Drift})
	s.enroll(access.User{Navn: laeser, Rolle: access.Laeser})
	s.enroll(access.User{Navn: leverandoer, Rolle: access.Leverandoer, Grants: []access.Grant{
		{ID: "B1", Kommune: 461, Fra: "2026-01-01"}, {ID: "B2", Kommune: 265, Fra: "2026-01-01"},
	}})
	lives, err := versions.Read(func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	s.config = services.Config{
		Store: s.store, Tables: codes.Embedded(), Now: func() time.Time { return s.now }, Chunk: boltstore.Chunk, Versions: lives,
		Log: slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, set := range settings {
		set(s)
	}
	api := New(services.New(s.config), s.limits)
	s.Handler = api.Handler(api.Import(), api.Export())
	return s
}

// enroll puts a user straight into the store.
func (s *site) enroll(u access.User) {
	s.t.Helper()
	s.secrets[u.Navn] = accesstest.Enroll(s.t, s.store, u, s.now)
}

// answer is what a call was answered.
type answer struct {
	t      testing.TB
	call   string
	status int
	http.Header
	body    string
	content *xmltree.Element // what is in the Body; nil where the answer is no envelope
}

// send makes one request as a user, or as nobody; headers are lines "Name: value".
func (s *site) send(navn, method, path, body string, headers ...string) *answer {
	s.t.Helper()
	r := httptest.NewRequestWithContext(s.t.Context(), method, path, strings.NewReader(body))
	r.RemoteAddr = "192.0.2.1:1234"
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "text/xml; charset=utf-8")
	}
	if navn != nobody {
		r.SetBasicAuth(navn, s.secrets[navn])
	}
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	a := &answer{t: s.t, call: method + " " + path, status: w.Code, Header: w.Header(), body: w.Body.String()}
	if method == http.MethodPost && a.Get("Content-Encoding") == "" {
		a.open()
		s.kept = append(s.kept, []byte(a.body))
	}
	return a
}

// call calls a method in SOAP 1.1, its arguments as XML. An operator calls.
func (s *site) call(v register.ServiceVersion, service, method, arguments string, headers ...string) *answer {
	s.t.Helper()
	return s.callAs(drift, v, service, method, arguments, headers...)
}

func (s *site) callAs(navn string, v register.ServiceVersion, service, method, arguments string, headers ...string) *answer {
	s.t.Helper()
	a := s.send(navn, "POST", "/soap/"+v.String()+"/"+service, envelope(&soap11, v, method, arguments), headers...)
	a.call = service + "." + method
	return a
}

// envelope is a call of a method.
func envelope(d *dialect, v register.ServiceVersion, method, arguments string) string {
	return fmt.Sprintf(`<s:Envelope xmlns:s="%s"><s:Body><%s xmlns="%s">%s</%[2]s></s:Body></s:Envelope>`, d.space, method, namespace(v), arguments)
}

// open reads the envelope of an answer, which must be one, and sound by its schema.
func (a *answer) open() {
	a.t.Helper()
	root, err := xmltree.Read(strings.NewReader(a.body), xmltree.Standard)
	if err != nil {
		a.t.Fatalf("%s: %v\n%s", a.call, err, a.body)
	}
	body := child(root, "Body", -1)
	if root.Name.Local != "Envelope" || body == nil || len(body.Children) != 1 {
		a.t.Fatalf("%s: no envelope\n%s", a.call, a.body)
	}
	a.content = body.Children[0]
	document := a.content
	if document.Name.Local == "Fault" {
		if document = a.detail(); document == nil {
			return
		}
	}
	for _, f := range schemaOf(a.t, document.Name.Space, document.Name.Local).Check(document) {
		a.t.Errorf("%s: %s %s: %s\n%s", a.call, f.Path, f.Kode, f.Tekst.En, a.body)
	}
}

// schemaOf loads the schema that a document of an answer is of.
func schemaOf(t testing.TB, space, name string) *xsd.Schema {
	t.Helper()
	for _, v := range serviceVersions {
		if namespace(v) != space {
			continue
		}
		file := exportSchema
		for _, m := range methods {
			if m.service == importService && name == m.name+"Response" {
				file = importSchema
			}
		}
		key := v.String() + "/" + file
		if schema, known := loaded.Load(key); known {
			return schema.(*xsd.Schema)
		}
		schema, err := xsd.Load(newContract(v, codes.Embedded()), file)
		if err != nil {
			t.Fatal(err)
		}
		loaded.Store(key, schema)
		return schema
	}
	t.Fatalf("no version has the namespace %s", space)
	return nil
}

// loaded are the schemas that tests have needed.
var loaded sync.Map

// detail gives what is in the detail of a fault.
func (a *answer) detail() *xmltree.Element {
	for _, c := range a.content.Children {
		if strings.EqualFold(c.Name.Local, "detail") {
			return c.Children[0]
		}
	}
	return nil
}

// ok checks that the method was answered OK, and gives the answer for more.
func (a *answer) ok() *answer {
	a.t.Helper()
	if a.status != http.StatusOK || a.content == nil || a.content.Name.Local == "Fault" || a.find("status") != "" && a.find("status") != "OK" {
		a.t.Fatalf("%s: %d\n%s", a.call, a.status, a.body)
	}
	return a
}

// find gives the text of the first element of a name in the answer.
func (a *answer) find(name string) string {
	if e := find(a.content, name); e != nil {
		return e.Text
	}
	return ""
}

func find(e *xmltree.Element, name string) *xmltree.Element {
	if e.Name.Local == name {
		return e
	}
	for _, c := range e.Children {
		if found := find(c, name); found != nil {
			return found
		}
	}
	return nil
}

// refused checks that the method was answered with findings, given as lines "regel/kode pointer nummer", and no fault.
func (a *answer) refused(want ...string) *answer {
	a.t.Helper()
	if a.status != http.StatusOK || a.content.Name.Local == "Fault" || a.find("status") != "Fejl" {
		a.t.Errorf("%s: %d\n%s", a.call, a.status, a.body)
	}
	a.findings(want...)
	return a
}

// fault checks that the answer is a fault: its HTTP status, its code, and the findings in its detail.
func (a *answer) fault(status int, code string, want ...string) *answer {
	a.t.Helper()
	got := cmp.Or(a.find("faultcode"), a.find("Value"))
	_, local, _ := strings.Cut(got, ":")
	if a.status != status || a.content.Name.Local != "Fault" || local != code {
		a.t.Errorf("%s: %d %s, want %d %s\n%s", a.call, a.status, got, status, code, a.body)
	}
	a.findings(want...)
	return a
}

func (a *answer) findings(want ...string) {
	a.t.Helper()
	if got := a.lines(); !slices.Equal(got, want) {
		a.t.Errorf("%s\n got %q\nwant %q", a.call, got, want)
	}
}

// lines gives the findings that stand in the way.
func (a *answer) lines() (got []string) {
	a.each("fejl", func(f *xmltree.Element) {
		line := text1(f, "regel") + "/" + text1(f, "kode") + " " + text1(f, "pointer") + " " + text1(f, "nummer")
		got = append(got, strings.TrimRight(line, " "))
	})
	return got
}

// each visits the elements of a name in the answer.
func (a *answer) each(name string, visit func(*xmltree.Element)) { each(a.content, name, visit) }

func each(e *xmltree.Element, name string, visit func(*xmltree.Element)) {
	for _, c := range e.Children {
		if c.Name.Local == name {
			visit(c)
		}
		each(c, name, visit)
	}
}

// text1 is the text of an element's child, empty where there is none.
func text1(of *xmltree.Element, name string) string {
	if c := child(of, name, -1); c != nil {
		return c.Text
	}
	return ""
}

// The rows of the tests, sound on the register of [site.family].
const (
	institution = `<daginstitution><daginstitutionsNavn>Område Øst</daginstitutionsNavn><ejerformKode>1</ejerformKode>` +
		`<lovgrundlagKode>1</lovgrundlagKode><admKommuneKode>461</admKommuneKode></daginstitution>`
	enhed = `<anvisningsenhed><daginstitutionsNummer>G10000</daginstitutionsNummer><enhedsNavn>Åkanden</enhedsNavn><instType3>6011</instType3>` +
		`<adresse><vejNavn>Æblestien</vejNavn><husNummer>12b</husNummer><postNummer>5220</postNummer><byNavn>Odense SØ</byNavn>` +
		`<kommuneKode>461</kommuneKode></adresse><pNummer>1003259422</pNummer></anvisningsenhed>`
	adresse = `<alternativAdresse><enhedsNummer>G10001</enhedsNummer><alternativAdresseNavn>Skovhuset</alternativAdresseNavn>` +
		`<adresse><vejNavn>Skovvej</vejNavn><husNummer>1</husNummer><postNummer>5220</postNummer><byNavn>Odense SØ</byNavn>` +
		`<kommuneKode>461</kommuneKode></adresse></alternativAdresse>`
)

// with gives a row with a number before its first field, and a version after its last.
func with(row, field, number string, version int) string {
	begin := strings.IndexByte(row, '>') + 1
	end := strings.LastIndex(row, "</")
	return row[:begin] + "<" + field + ">" + number + "</" + field + ">" + row[begin:end] + "<version>" + strconv.Itoa(version) + "</version>" + row[end:]
}

// family creates a daginstitution G10000, an enhed G10001 below it and an alternativ adresse G10002 below that.
func (s *site) family() *site {
	s.t.Helper()
	s.call(register.V2, importService, "InsertDaginstitution", institution).ok()
	s.call(register.V2, importService, "InsertAnvisningsEnhed", enhed).ok()
	s.call(register.V2, importService, "InsertAlternativAdresse", adresse).ok()
	return s
}
