package functions_test

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/granting"
)

const daginstitution = `{"daginstitutionsNavn":"Skovkanten","ejerformKode":1,"lovgrundlagKode":1,"admKommuneKode":265}`

// story is a day in the life of the register, as one caller sees it.
type story struct {
	*testing.T
	url          string
	navn, secret string // of a caller who logs in
}

// as gives the story as another caller sees it.
func (s story) as(navn, secret string) story {
	s.navn, s.secret = navn, secret
	return s
}

// answer is what a call was answered.
type answer struct {
	header http.Header
	body   []byte
}

// do makes a call, with headers given as names and values in turn, and wants a status.
func (s story) do(status int, method, path, body string, header ...string) answer {
	s.Helper()
	req, err := http.NewRequestWithContext(s.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "identity")
	if s.navn != "" {
		req.SetBasicAuth(s.navn, s.secret)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		s.Fatal(err)
	}
	if resp.StatusCode != status {
		s.Fatalf("%s %s: %d, want %d: %s", method, path, resp.StatusCode, status, text)
	}
	return answer{resp.Header, text}
}

// read reads an answer's JSON.
func read[T any](t *testing.T, a answer) (v T) {
	t.Helper()
	if err := json.Unmarshal(a.body, &v); err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
	return v
}

type unit struct {
	DaginstitutionsNummer, EnhedsNummer, EnhedsNavn, Aktivitetsstatus string
	Version                                                           int
}

func tell(t *testing.T, d *deployment) {
	anybody := story{T: t, url: d.url}
	operator := anybody.operator(d)
	vendor := operator.admit()
	parent, child := vendor.create()
	other := operator.load()
	vendor.change(parent, child, other)
	vendor.export(parent, child)
	anybody.export(parent, child)
	anybody.follow(child)
	vendor.numbers(child)
	operator.moveSeries()
	vendor.validate(parent)
	vendor.throughV1(child)
	operator.seesWhoCallsV1()
	anybody.recheck(d)
	vendor.close(child)
	vendor.do(403, "GET", "/v2/abonnementer", "")
	operator.subscribe(d)
	operator.trail(vendor.refused())
	vendor.overSOAP()
}

// operator makes the first operator, as whoever holds the table does.
func (s story) operator(d *deployment) story {
	granting := granting.Service{Store: d.store, Now: time.Now}
	u, secret, findings, err := granting.Bootstrap(s.Context(), "drift")
	if err != nil || len(findings) > 0 {
		s.Fatal(findings, err)
	}
	return s.as(u.Navn, secret)
}

// admit makes a vendor and grants it a municipality. Its name can be given once only, and its first secret is replaced by another.
func (s story) admit() (vendor story) {
	const users, user = "/v2/adgang/brugere", "/v2/adgang/brugere/leverandoer"
	type made struct{ Hemmelighed, HemmelighedID string }
	const leverandoer = `{"navn":"leverandoer","rolle":"leverandoer"}`
	first := read[made](s.T, s.do(201, "POST", users, leverandoer))
	s.do(409, "POST", users, leverandoer)
	s.do(201, "POST", user+"/bevillinger", `{"admKommuneKode":265}`)
	second := read[made](s.T, s.do(201, "POST", user+"/hemmeligheder", ""))
	s.do(200, "DELETE", user+"/hemmeligheder/"+first.HemmelighedID, "")
	s.as("leverandoer", first.Hemmelighed).do(401, "GET", "/v2/adgang/mig", "")
	vendor = s.as("leverandoer", second.Hemmelighed)
	vendor.do(200, "GET", "/v2/adgang/mig", "")
	vendor.do(403, "GET", users, "")
	return vendor
}

// refused writes where the vendor has no grant, with the address of another in a header that gateways set, and gives the call's id.
func (s story) refused() (requestID string) {
	elsewhere := strings.Replace(daginstitution, "265", "101", 1)
	answer := s.do(403, "POST", "/v2/daginstitutioner", elsewhere, "X-Forwarded-For", "203.0.113.9")
	return answer.header.Get("X-Request-Id")
}

// trail finds what was refused, why, and where it came from; and the same of the sample, which came from elsewhere.
func (s story) trail(requestID string) {
	type act struct {
		Bruger, Handling, Udfald, Adresse string
		Regler                            []string
	}
	find := func(query string) act {
		found := read[struct{ Spor []act }](s.T, s.do(200, "GET", "/v2/adgang/spor?"+query, "")).Spor
		if len(found) != 1 {
			s.Fatalf("%s: the trail has %+v", query, found)
		}
		return found[0]
	}
	got := find("requestId=" + requestID)
	if want := (act{"leverandoer", "opret", "afvist", "127.0.0.1", []string{"adgang/kommune"}}); !reflect.DeepEqual(got, want) {
		s.Errorf("the refused call is %+v, want %+v", got, want)
	}
	got = find("bruger=pladsanvisning")
	if want := (act{"pladsanvisning", "opret", "udfoert", "192.0.2.17", nil}); !reflect.DeepEqual(got, want) {
		s.Errorf("the sample is %+v, want %+v", got, want)
	}
}

// create creates a daginstitution, once although asked twice, and an anvisningsenhed below it.
func (s story) create() (parent, child string) {
	first := s.do(201, "POST", "/v2/daginstitutioner", daginstitution, "Idempotency-Key", "skov")
	again := s.do(201, "POST", "/v2/daginstitutioner", daginstitution, "Idempotency-Key", "skov")
	if string(first.body) != string(again.body) {
		s.Errorf("answered %s, then %s", first.body, again.body)
	}
	parent = read[unit](s.T, first).DaginstitutionsNummer
	made := s.do(201, "POST", "/v2/anvisningsenheder", `{"daginstitutionsNummer":"`+parent+`","enhedsNavn":"Egernet","instType3":6012,
		"adresse":{"vejNavn":"Skovvej","husNummer":"7b","postNummer":"4000","byNavn":"Roskilde","kommuneKode":265}}`)
	child = read[unit](s.T, made).EnhedsNummer
	there := read[unit](s.T, s.do(200, "GET", made.header.Get("Location"), ""))
	if want := (unit{parent, child, "Egernet", "Aktiv", 1}); there != want {
		s.Errorf("read back %+v, want %+v", there, want)
	}
	return parent, child
}

// load imports two daginstitutioner that have numbers already, in two municipalities. The second call, besides, changes a row that
// is not as it says and creates one below a number that nobody has: lines that are refused while another is written.
func (s story) load() (number string) {
	const line = `{"op":"indlaes","type":"daginstitution","nummer":"G2000%d","data":{"daginstitutionsNavn":"Engen","ejerformKode":1,` +
		`"lovgrundlagKode":1,"admKommuneKode":%d}}` + "\n"
	s.imports(fmt.Sprintf(line, 0, 101), 201)
	s.imports(fmt.Sprintf(line, 1, 265)+
		`{"op":"ret","type":"daginstitution","nummer":"G20000","data":{"version":7}}`+"\n"+
		`{"op":"opret","type":"anvisningsenhed","data":{"daginstitutionsNummer":"G99999"}}`+"\n"+
		"{\n", 201, 412, 404, 400)
	return "G20001"
}

// imports sends lines and wants a status for each.
func (s story) imports(lines string, want ...int) {
	s.Helper()
	a := s.do(200, "POST", "/v2/import", lines, "Content-Type", "application/x-ndjson", "Idempotency-Key", rand.Text())
	var got []int
	for line := range bytes.Lines(a.body) {
		got = append(got, read[struct{ Status int }](s.T, answer{body: line}).Status)
	}
	if !slices.Equal(got, want) {
		s.Errorf("lines are answered %v, want %v: %s", got, want, a.body)
	}
}

// change changes the anvisningsenhed, and moves it below another daginstitution and back.
func (s story) change(parent, child, other string) {
	path := "/v2/anvisningsenheder/" + child
	s.do(200, "PUT", path, `{"daginstitutionsNummer":"`+parent+`","enhedsNavn":"Egernet","instType3":6011,
		"adresse":{"vejNavn":"Skovvej","husNummer":"7b","postNummer":"4000","byNavn":"Roskilde","kommuneKode":265}}`, "If-Match", `"1"`)
	s.do(412, "DELETE", path, "", "If-Match", `"1"`)
	for i, to := range []string{other, parent} {
		moved := read[unit](s.T, s.do(200, "POST", path+"/flyt", `{"daginstitutionsNummer":"`+to+`"}`))
		if want := (unit{to, child, "Egernet", "Aktiv", 3 + i}); moved != want {
			s.Errorf("moved to %+v, want %+v", moved, want)
		}
	}
}

// export takes the whole file, and finds both units in it.
func (s story) export(parent, child string) {
	file := s.do(200, "GET", "/v2/eksport/samlet.csv", "", "Accept-Encoding", "gzip")
	if file.header.Get("Content-Encoding") != "gzip" {
		s.Errorf("headers %v", file.header)
	}
	in, err := gzip.NewReader(bytes.NewReader(file.body))
	if err != nil {
		s.Fatal(err)
	}
	text, err := io.ReadAll(in)
	if err != nil {
		s.Fatal(err)
	}
	plain := s.do(200, "GET", "/v2/eksport/samlet.csv", "")
	if !bytes.Equal(text, plain.body) || !bytes.HasPrefix(text, []byte("\xef\xbb\xbf")) {
		s.Errorf("gzipped %q, plain %q", text, plain.body)
	}
	for _, part := range []string{parent, child, "Egernet", "Skovvej"} {
		if !bytes.Contains(text, []byte(part)) {
			s.Errorf("%s is not in %s", part, text)
		}
	}
	s.do(200, "GET", "/health", "")
}

// event is what the story reads of an event.
type event struct{ Type, Subject, DataSchema string }

// follow reads what has happened: in the feed, in the history of a unit, and, for a copy of one's own, in what it should have come to.
func (s story) follow(child string) {
	feed := s.do(200, "GET", "/v2/haendelser?efter=0&limit=1000", "")
	var types []string
	for _, e := range read[[]event](s.T, feed) {
		if e.Subject == child {
			types = append(types, e.Type)
			s.do(200, "GET", strings.TrimPrefix(e.DataSchema, "https://dagtilbudsregisteret.dk"), "")
			s.do(200, "GET", "/haendelser/"+strings.TrimPrefix(e.Type, "dk.dagtilbudsregisteret.")+".json", "")
		}
	}
	history := read[struct{ Historik []struct{ Art string } }](s.T, s.do(200, "GET", "/v2/dagtilbud/"+child+"/historik", "")).Historik
	var arts []string
	for _, step := range history {
		arts = append(arts, "dk.dagtilbudsregisteret.anvisningsenhed."+step.Art+".v1")
	}
	if feed.header.Get("Haendelser-Slut") != "true" || len(types) != 4 || !slices.Equal(types, arts) {
		s.Errorf("%v: the feed tells of %v, the history of %v", feed.header, types, arts)
	}
	own := s.do(200, "GET", "/v2/synk", "")
	if !read[struct{ Ens bool }](s.T, s.do(200, "POST", "/v2/synk", string(own.body))).Ens {
		s.Errorf("a copy of %s differs", own.body)
	}
}

// numbers asks for the state of a number, and sets numbers aside. The series is not the caller's to move.
func (s story) numbers(child string) {
	type entry struct{ Tilstand, Foerste string }
	if got := read[entry](s.T, s.do(200, "GET", "/v2/numre/"+child, "")); got.Tilstand != "aktiv" {
		s.Errorf("%s: %+v", child, got)
	}
	reserved := read[entry](s.T, s.do(201, "POST", "/v2/numre", `{"antal":3}`)).Foerste
	if got := read[entry](s.T, s.do(200, "GET", "/v2/numre/"+reserved, "")); got.Tilstand != "reserveret" {
		s.Errorf("%s: %+v", reserved, got)
	}
	s.do(403, "POST", "/v2/numre", `{"efter":"G30000"}`)
}

func (s story) moveSeries() { s.do(200, "POST", "/v2/numre", `{"efter":"G30000"}`) }

// validate asks for a verdict that refuses, and one that does not; neither writes.
func (s story) validate(parent string) {
	for instType, lawful := range map[string]bool{"6013": false, "6010": true} {
		verdict := read[struct{ Lovlig bool }](s.T, s.do(200, "POST", "/v2/validering", `{"op":"opret","type":"anvisningsenhed","data":{
			"daginstitutionsNummer":"`+parent+`","enhedsNavn":"Bæveren","instType3":`+instType+`,
			"adresse":{"vejNavn":"Skovvej","husNummer":"9","postNummer":"4000","byNavn":"Roskilde","kommuneKode":265}}}`))
		if verdict.Lovlig != lawful {
			s.Errorf("instType3 %s: lawful is %v", instType, verdict.Lovlig)
		}
	}
}

// throughV1 calls each function that has paths of v1: the answers say that it is on its way out.
func (s story) throughV1(child string) {
	for _, c := range []struct {
		status             int
		method, path, body string
	}{
		{200, "GET", "/v1/anvisningsenheder/" + child, ""},
		{404, "DELETE", "/v1/anvisningsenheder/G99999", ""},
		{200, "GET", "/v1/numre/" + child, ""},
		{400, "POST", "/v1/validering", "{"},
	} {
		h := s.do(c.status, c.method, c.path, c.body).header
		links := strings.Join(h.Values("Link"), ", ")
		if h.Get("Deprecation") == "" || h.Get("Sunset") != "Sun, 31 May 2099 22:00:00 GMT" || strings.Count(links, "</versioner>") != 2 ||
			!strings.Contains(links, "<"+strings.Replace(c.path, "/v1/", "/v2/", 1)+`>; rel="successor-version"`) {
			s.Errorf("%s %s: headers %v", c.method, c.path, h)
		}
	}
	lives := s.do(200, "GET", "/versioner", "")
	if !strings.Contains(string(lives.body), `"lukker":"2099-06-01"`) {
		s.Errorf("the versions are %s", lives.body)
	}
}

// seesWhoCallsV1 finds the calls of [story.throughV1] counted.
func (s story) seesWhoCallsV1() {
	use := string(s.do(200, "GET", "/v2/adgang/versioner?version=v1", "").body)
	for _, part := range []string{`"navn":"leverandoer"`, `{"metode":"GET /v1/anvisningsenheder/{nummer}","kald":1}`,
		`{"metode":"DELETE /v1/anvisningsenheder/{nummer}","kald":1}`, `{"metode":"GET /v1/numre/{nummer}","kald":1}`, `{"metode":"POST /v1/validering","kald":1}`} {
		if !strings.Contains(use, part) {
			s.Errorf("%s is not in %s", part, use)
		}
	}
}

// recheck has the schedule go through what is stored, and finds its outcome kept.
func (s story) recheck(d *deployment) {
	before := s.quality()
	if _, err := d.functions["validation"].Invoke(s.Context(), readSample(s.T, "validation-schedule.json")); err != nil {
		s.Fatal(err)
	}
	after := s.quality()
	if len(after.SenesteKoersler) != 1 {
		s.Fatalf("runs %+v", after.SenesteKoersler)
	}
	run := after.SenesteKoersler[0]
	if run.Enheder != after.Enheder || run.Enheder != 4 || len(run.Regler) == 0 {
		s.Errorf("the run found %+v, and now it is %+v", run, after)
	}
	if len(before.SenesteKoersler) == 1 && before.SenesteKoersler[0].Tidspunkt == run.Tidspunkt {
		s.Error("the schedule kept nothing new")
	}
}

type quality struct {
	Enheder         int
	SenesteKoersler []struct {
		Tidspunkt string
		Enheder   int
		Regler    map[string]int
	}
}

func (s story) quality() quality {
	return read[quality](s.T, s.do(200, "GET", "/v2/kvalitet?admKommuneKode=265", ""))
}

// overSOAP creates a daginstitution and reads it, each by the function that has the service.
func (s story) overSOAP() {
	call := func(status int, service, method, arguments, want string) string {
		const namespace = "https://dagtilbudsregisteret.dk/soap/v2"
		a := s.do(status, "POST", "/soap/v2/"+service, `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><`+method+` xmlns="`+namespace+`">`+
			arguments+`</`+method+`></s:Body></s:Envelope>`, "Content-Type", "text/xml; charset=utf-8", "SOAPAction", `"`+namespace+"/"+service+"/"+method+`"`)
		_, after, found := strings.Cut(string(a.body), want)
		if !found || a.header.Get("Content-Type") != "text/xml; charset=utf-8" {
			s.Errorf("%s was answered %v %s", method, a.header, a.body)
		}
		return after
	}
	call(200, "ImportService", "HelloWorld", "", "Hello ")
	call(500, "ImportService", "GetAllDagtilbud", "", "<faultcode>soap:Client</faultcode>")
	number, _, _ := strings.Cut(call(200, "ImportService", "InsertDaginstitution", `<daginstitution><daginstitutionsNavn>Ællehuset</daginstitutionsNavn>`+
		`<ejerformKode>1</ejerformKode><lovgrundlagKode>1</lovgrundlagKode><admKommuneKode>265</admKommuneKode></daginstitution>`,
		"<status>OK</status><nummer>"), "<")
	call(200, "ExportService", "GetDaginstitutionByNummer", "<DagInstitutionsNummer>"+number+"</DagInstitutionsNummer>", "<daginstitutionsNavn>Ællehuset</daginstitutionsNavn>")
	for path, want := range map[string]string{
		"/soap/v1/ImportService?wsdl": `location="` + s.url + `/soap/v1/ImportService"`,
		"/soap/v2/ExportService?wsdl": `location="` + s.url + `/soap/v2/ExportService"`,
		"/soap/v2/dagtilbud.xsd":      `<xs:simpleType name="Nummer">`,
	} {
		if a := s.do(200, "GET", path, ""); !strings.Contains(string(a.body), want) {
			s.Errorf("%s: no %s in %s", path, want, a.body)
		}
	}
}

// close closes the anvisningsenhed, which stays, and its number with it.
func (s story) close(child string) {
	closed := read[unit](s.T, s.do(200, "DELETE", "/v2/anvisningsenheder/"+child, "", "If-Match", "*"))
	if closed.Aktivitetsstatus != "Nedlagt" || closed.Version != 5 {
		s.Errorf("closed %+v", closed)
	}
	number := s.do(200, "GET", "/v2/numre/"+child, "")
	if got := read[struct{ Tilstand string }](s.T, number); got.Tilstand != "nedlagt" {
		s.Errorf("%s: %+v", child, got)
	}
}
