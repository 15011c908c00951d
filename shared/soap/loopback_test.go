package soap_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/access/accesstest"
	"dagtilbudsregisteret.dk/shared/boltstore"
	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/httpcall"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/rest"
	"dagtilbudsregisteret.dk/shared/services"
	"dagtilbudsregisteret.dk/shared/soap"
	"dagtilbudsregisteret.dk/shared/soap/soaptest"
)

// loopback is a fresh register, served over SOAP and REST on one port of this machine. Its clock goes on by a second with each POST, so
// that whoever makes the same calls sees the same times.
type loopback struct {
	t        testing.TB
	services *services.Services
	address  string
	login    string // of a vendor's system, for municipality 265
	seconds  atomic.Int64

	mu      sync.Mutex
	answers map[string][][]byte // to the calls of each SOAP service, by its name
}

func newLoopback(t testing.TB) *loopback {
	t.Helper()
	l := &loopback{t: t, answers: make(map[string][][]byte)}
	store, err := boltstore.Open(filepath.Join(t.TempDir(), "register.db"), register.DefaultSeries)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	l.services = services.New(services.Config{
		Store: store, Tables: codes.Embedded(), Now: l.now, Chunk: boltstore.Chunk, Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	overSOAP, overREST := soap.New(l.services, soap.Limits{}), rest.New(l.services, rest.Limits{})
	both := httpcall.Under("/soap/", overSOAP.Handler(overSOAP.Import(), overSOAP.Export()), overREST.Handler(overREST.Export()))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			both.ServeHTTP(w, r)
			return
		}
		l.seconds.Add(1)
		heard := &heard{ResponseWriter: w}
		both.ServeHTTP(heard, r)
		l.keep(path.Base(r.URL.Path), heard)
	}))
	t.Cleanup(server.Close)
	l.address = server.URL

	l.login = "pladsanvisning:" + accesstest.Enroll(t, store, access.User{
		Navn: "pladsanvisning", Rolle: access.Leverandoer, Grants: []access.Grant{{ID: "B265", Kommune: 265, Fra: "2026-01-01"}},
	}, l.now())
	return l
}

// heard is an answer on its way, which is kept as well.
type heard struct {
	http.ResponseWriter
	body bytes.Buffer
}

func (h *heard) Write(b []byte) (int, error) {
	h.body.Write(b)
	return h.ResponseWriter.Write(b)
}

// keep keeps an answer of a SOAP service.
func (l *loopback) keep(service string, h *heard) {
	body := h.body.Bytes()
	if h.Header().Get("Content-Encoding") == "gzip" {
		r, err := gzip.NewReader(&h.body)
		if err == nil {
			body, err = io.ReadAll(r)
		}
		if err != nil {
			l.t.Error(err)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answers[service] = append(l.answers[service], body)
}

// wantValid has xmllint hold all answers of a service so far against the envelope of SOAP 1.1 and a schema of the contract.
func (l *loopback) wantValid(service, version, schema string) {
	l.t.Helper()
	folder := l.t.TempDir()
	contract, err := filepath.Abs(filepath.Join("contract", version, schema))
	if err != nil {
		l.t.Fatal(err)
	}
	args := []string{"--noout", "--nonet", "--schema", filepath.Join(folder, "envelope.xsd")}
	files := map[string][]byte{"envelope.xsd": fmt.Appendf(nil, envelopeSchema, version, contract)}
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, answer := range l.answers[service] {
		name := fmt.Sprintf("%03d.xml", i)
		files[name], args = answer, append(args, filepath.Join(folder, name))
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o600); err != nil {
			l.t.Fatal(err)
		}
	}
	if said, err := exec.CommandContext(l.t.Context(), soaptest.Xmllint(l.t), args...).CombinedOutput(); err != nil || len(files) < 2 {
		l.t.Errorf("%d answers: %v\n%.4000s", len(files)-1, err, said)
	}
}

// envelopeSchema is the schema of an envelope that holds an answer in a namespace of ours, or a fault with such a detail. It is made with the
// service version and the schema of the namespace.
const envelopeSchema = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://schemas.xmlsoap.org/soap/envelope/">
<xs:import namespace="https://dagtilbudsregisteret.dk/soap/%[1]s" schemaLocation="%[2]s"/>
<xs:element name="Envelope"><xs:complexType><xs:sequence>
  <xs:element name="Body" form="qualified"><xs:complexType><xs:choice>
    <xs:any namespace="https://dagtilbudsregisteret.dk/soap/%[1]s"/>
    <xs:element name="Fault" form="qualified"><xs:complexType><xs:sequence>
      <xs:element name="faultcode" type="xs:QName"/>
      <xs:element name="faultstring" type="xs:string"/>
      <xs:element name="detail"><xs:complexType><xs:sequence>
        <xs:any namespace="https://dagtilbudsregisteret.dk/soap/%[1]s"/>
      </xs:sequence></xs:complexType></xs:element>
    </xs:sequence></xs:complexType></xs:element>
  </xs:choice></xs:complexType></xs:element>
</xs:sequence></xs:complexType></xs:element>
</xs:schema>`

func (l *loopback) now() time.Time {
	return time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC).Add(time.Duration(l.seconds.Load()) * time.Second)
}

// get gives the lines of what REST answers.
func (l *loopback) get(path string) (lines [][]byte) {
	l.t.Helper()
	response, err := http.Get(l.address + path)
	if err != nil {
		l.t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		l.t.Fatalf("%s: %s", path, response.Status)
	}
	scanner := bufio.NewScanner(response.Body)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		lines = append(lines, slices.Clone(scanner.Bytes()))
	}
	if err := scanner.Err(); err != nil {
		l.t.Fatal(err)
	}
	return lines
}

// row is a unit as JSON has it, without its dagtilbudsType.
type row map[string]any

// What a row's own name and number are in on each level, from the lowest up.
var (
	names   = [...]string{"alternativAdresseNavn", "enhedsNavn", "daginstitutionsNavn"}
	numbers = [...]string{"alternativAdresseNummer", "enhedsNummer", "daginstitutionsNummer"}
)

// number is the row's own.
func (r row) number() string {
	for i, navn := range names {
		if _, is := r[navn]; is {
			number, _ := r[numbers[i]].(string)
			return number
		}
	}
	return ""
}

// rows gives all that REST exports, by number.
func (l *loopback) rows() map[string]row {
	l.t.Helper()
	all := make(map[string]row)
	for _, line := range l.get("/v2/eksport/samlet.ndjson") {
		r := decodeJSON[row](l.t, line)
		delete(r, "dagtilbudsType")
		all[r.number()] = r
	}
	return all
}

// past gives what a unit was in each of its versions, as REST tells it.
func (l *loopback) past(number string) (versions []row) {
	l.t.Helper()
	for _, line := range l.get("/v2/dagtilbud/" + number + "/historik") {
		for _, version := range decodeJSON[struct{ Historik []struct{ Dagtilbud row } }](l.t, line).Historik {
			delete(version.Dagtilbud, "dagtilbudsType")
			versions = append(versions, version.Dagtilbud)
		}
	}
	return versions
}

func decodeJSON[T any](t testing.TB, text []byte) (v T) {
	t.Helper()
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%v: %.200s", err, text)
	}
	return v
}

// flat gives the rows of an answer, from whatever level, each with those members only that REST's row has, and none that is null.
func flat(answer any) (rows []row) {
	switch v := answer.(type) {
	case []any:
		for _, one := range v {
			rows = append(rows, flat(one)...)
		}
	case map[string]any:
		r := row(maps.Clone(v))
		for _, below := range [...]string{"daginstitution", "anvisningsenhed", "alternativAdresse"} {
			rows = append(rows, flat(v[below])...)
			delete(r, below)
		}
		if r.number() != "" {
			rows = append(rows, r.bare())
		}
	}
	return rows
}

// bare takes away what is null, what a row stands under, and how a time is written.
func (r row) bare() row {
	if _, is := r["alternativAdresseNavn"]; is {
		delete(r, "daginstitutionsNummer")
	}
	if _, is := r["daginstitutionsNavn"]; !is {
		delete(r, "ejerformKode")
		delete(r, "lovgrundlagKode")
		delete(r, "admKommuneKode")
	}
	isNull := func(_ string, v any) bool { return v == nil }
	maps.DeleteFunc(r, isNull)
	if adresse, is := r["adresse"].(map[string]any); is {
		maps.DeleteFunc(adresse, isNull)
	}
	if at, err := time.Parse(time.RFC3339Nano, fmt.Sprint(r["senestOpdateret"])); err == nil {
		r["senestOpdateret"] = at.UTC().Format(time.RFC3339Nano)
	}
	return r
}
