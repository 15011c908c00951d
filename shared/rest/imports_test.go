package rest_test

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/rest"
)

// line is a line of an import that creates a daginstitution; more is put into its object.
func line(more string) string {
	return `{"op":"opret","type":"daginstitution","data":` + daginstitution + more + "}\n"
}

// resultLine is one line of an import's answer.
type resultLine struct {
	problemDocument
	Linje   int
	Ref     string
	Nummer  string
	Version int
}

// results gives an import's answer as lines "linje status nummer:version errors …".
func (a *answer) results() (lines []string) {
	a.t.Helper()
	a.ok(200).wantHeaders("Content-Type: application/x-ndjson")
	decoder := json.NewDecoder(strings.NewReader(a.body))
	for decoder.More() {
		var r resultLine
		if err := decoder.Decode(&r); err != nil {
			a.t.Fatalf("%v\n%s", err, a.body)
		}
		shown := fmt.Sprintf("%d %d", r.Linje, r.Status)
		if r.Version > 0 {
			shown += fmt.Sprintf(" %s:%d", r.Nummer, r.Version)
		}
		lines = append(lines, strings.TrimSpace(shown+" "+strings.Join(r.lines(), ", ")))
	}
	return lines
}

func wantResults(t testing.TB, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("results\n got %s\nwant %s", strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

func TestImport(t *testing.T) {
	s := newSite(t)
	body := line(`,"ref":"d"`) +
		"\r\n" +
		strings.Replace(`{"op":"opret","type":"anvisningsenhed","ref":"e","data":`+enhed+"}\r\n", "G10000", "#d", 1) +
		`{"op":"flyt","type":"daginstitution","nummer":"#d"}` + "\n" +
		`{"op":"slet","type":"daginstitution"}` + "\n" +
		`{"op":"opret","type":"skole","data":7,"x":1}` + "\n" +
		`{"op":"opret","type":"anvisningsenhed","data":{"enhedsNavn":"","instType3":"6011"}}` + "\n" +
		"{\n" +
		`{"op":"ret","type":"daginstitution","nummer":"#d","data":{"version":1,` + changed[1:] + "}\n" +
		`{"op":"ret","type":"daginstitution","nummer":"#d","data":{"version":1,` + daginstitution[1:] + "}\n" +
		`{"op":"nedlaeg","type":"daginstitution","nummer":"#d"}` + "\n" +
		`{"op":"nedlaeg","type":"anvisningsenhed","nummer":"#e","data":{}}` + "\n" +
		`{"op":"nedlaeg","type":"daginstitution","nummer":"#d","data":null}`
	a := s.call("POST", "/v2/import", body, "X-Request-Id: import-1")
	wantResults(t, a.results(),
		"1 201 G10000:1", "3 201 G10001:1", "4 422 ukendt-handling/ukendt /op", "5 422 ukendt-handling/ukendt /op",
		"6 422 ukendt-felt/ukendt /x, ukendt-handling/ukendt /type",
		"7 422 forkert-type/type /data/instType3, navn/mangler /data/enhedsNavn, vejnavn/mangler /data/adresse/vejNavn, "+
			"husnummer/mangler /data/adresse/husNummer, postnummer/mangler /data/adresse/postNummer, bynavn/mangler /data/adresse/byNavn, "+
			"kommunekode/mangler /data/adresse/kommuneKode, nummer/mangler /data/daginstitutionsNummer",
		"8 400 ugyldig-json/syntaks", "9 200 G10000:2", "10 412 foraeldet-version/andenVersion", "11 409 aktive-underenheder/aktiv  G10001",
		"12 200 G10001:2", "13 200 G10000:3")
	if a.Get("Content-Language") != "da" || !strings.Contains(a.body, `"linje":1,"ref":"d"`) || !strings.Contains(a.body, `"requestId":"import-1"`) {
		t.Errorf("%v\n%s", a.Header, a.body)
	}
	wantAf := register.Actor{User: drift, Version: register.V2, Address: "192.0.2.1", RequestID: "import-1"}
	var importID string
	for c, err := range s.store.Changes(t.Context(), register.Position{Kommune: 461}) {
		importID = cmp.Or(importID, c.ImportID)
		if err != nil || c.Aarsag != register.VedImport || c.ImportID != importID || c.Af != wantAf {
			t.Errorf("%v: change %+v", err, c)
		}
	}
	if importID == "" || importID == "import-1" {
		t.Errorf("the import is named %q, which is not its own", importID)
	}
}

func TestDryRun(t *testing.T) {
	s := newSite(t)
	wantResults(t, s.call("POST", "/v2/import?dryRun=true", line("")+"{}\n").results(), "1 201 :1",
		"2 422 ukendt-handling/ukendt /op, ukendt-handling/ukendt /type")
	for query, want := range map[string]string{
		"dryRun=maybe": "ugyldig-parameter/dryRun", "dryrun=true": "ugyldig-parameter/ukendt", "dryRun=true&dryRun=false": "ugyldig-parameter/dryRun",
		"dryRun=true;x": "ugyldig-parameter/query",
	} {
		s.call("POST", "/v2/import?"+query, line("")).problem(400, want)
	}
	if at := s.positions(); at != "" {
		t.Errorf("written: %s", at)
	}
	for i, query := range []string{"", "?dryRun=false", "?dryRun="} {
		wantResults(t, s.call("POST", "/v2/import"+query, line("")).results(), fmt.Sprintf("1 201 G1000%d:1", i))
	}
}

func TestStrictImport(t *testing.T) {
	s := newSite(t)
	for _, prefer := range []string{"handling=strict", "respond-async, Handling=Strict", `handling="strict"`} {
		a := s.call("POST", "/v2/import", line("")+"{\n"+line(""), "Prefer: "+prefer)
		wantResults(t, a.results(), "1 409 alt-eller-intet/andenLinjeAfvist", "2 400 ugyldig-json/syntaks", "3 409 alt-eller-intet/andenLinjeAfvist")
		a.wantHeaders("Preference-Applied: handling=strict")
	}
	if at := s.positions(); at != "" {
		t.Errorf("written: %s", at)
	}
	wantResults(t, s.call("POST", "/v2/import", line("")+line(""), "Prefer: handling=strict").results(), "1 201 G10000:1", "2 201 G10001:1")
	a := s.call("POST", "/v2/import", line("")+"{\n", "Prefer: handling=lenient")
	wantResults(t, a.results(), "1 201 G10002:1", "2 400 ugyldig-json/syntaks")
	a.wantHeaders("Preference-Applied:")
}

// TestImportIsSentAgain sends an import under a key in two halves, and then whole.
func TestImportIsSentAgain(t *testing.T) {
	s := newSite(t)
	const key = "Idempotency-Key: k"
	lines := []string{line(`,"ref":"a"`), line(`,"ref":"b"`), "{\n", line("")}
	s.call("POST", "/v2/import", lines[0]+lines[1], key).ok(200)
	whole := s.call("POST", "/v2/import", strings.Join(lines, ""), key)
	want := []string{"1 201 G10000:1", "2 201 G10001:1", "3 400 ugyldig-json/syntaks", "4 201 G10002:1"}
	wantResults(t, whole.results(), want...)
	wantResults(t, s.call("POST", "/v2/import", strings.Join(lines, ""), key).results(), want...)
	s.call("POST", "/v2/daginstitutioner", daginstitution, key).ok(201)
	wantResults(t, s.call("POST", "/v2/import", line(`,"ref":"x"`)+lines[1], key).results(),
		"1 422 genbrugt-noegle/andetIndhold", "2 201 G10001:1")
	if at := s.positions(); at != "461:4" {
		t.Errorf("the log stands at %s", at)
	}
}

// TestLongLines sends lines of the greatest length, and of one byte more.
func TestLongLines(t *testing.T) {
	s := newSite(t)
	long := func(size int) string {
		l := strings.TrimSuffix(line(""), "\n")
		return strings.Repeat(" ", size-len(l)) + l
	}
	tooLong := "for-stor/linje"
	wantResults(t, s.call("POST", "/v2/import", strings.Join([]string{
		long(rest.MaxLine), long(rest.MaxLine + 1), long(3 * rest.MaxLine), long(300), long(rest.MaxLine + 1),
	}, "\n")).results(), "1 201 G10000:1", "2 413 "+tooLong, "3 413 "+tooLong, "4 201 G10001:1", "5 413 "+tooLong)
	wantResults(t, s.call("POST", "/v2/import", long(rest.MaxLine)).results(), "1 201 G10002:1")
	wantResults(t, s.call("POST", "/v2/import", strings.Repeat(" ", 2*rest.MaxLine)+"\n\n").results(), "1 413 "+tooLong)
}

// TestStoreFailsInAnImport has the store fail in the second transaction: the log tells once.
func TestStoreFailsInAnImport(t *testing.T) {
	s := newSite(t, func(c *config) { c.Chunk = 2 })
	updates := 0
	s.store.update = func(fn func(register.Tx) error) error {
		if updates++; updates == 2 {
			return &register.Error{Kind: register.Unavailable, Cause: errors.New("the network is gone")}
		}
		return s.store.Store.Update(t.Context(), fn)
	}
	wantResults(t, s.call("POST", "/v2/import", strings.Repeat(line(""), 5)).results(),
		"1 201 G10000:1", "2 201 G10001:1", "3 503", "4 503", "5 503")
	if log := s.log.String(); strings.Count(log, "the network is gone") != 1 {
		t.Errorf("the log:\n%s", log)
	}
}

// TestImportAnswerIsFull has no room for all results: the lines that have none are not carried out, and the last result says which.
func TestImportAnswerIsFull(t *testing.T) {
	s := newSite(t, func(c *config) { c.MaxAnswer, c.Chunk = 100, 1 })
	want := []string{"1 201 G10000:1", "2 201 G10001:1", "3 201 G10002:1", "4 413 for-stor/svar"}
	wantResults(t, s.call("POST", "/v2/import", strings.Repeat(line(""), 9)).results(), want...)
	if at := s.positions(); at != "461:3" {
		t.Errorf("the log stands at %s", at)
	}
}

// largeImport is the limit of the tests on large imports.
const largeImport = 8 << 20

// spooling has imports of up to largeImport bytes, which is more than is held in memory, and gives the folder they are kept in.
func spooling(t *testing.T, settings ...func(*config)) (s *site, folder string) {
	folder = t.TempDir()
	t.Setenv("TMPDIR", folder)
	limit := func(c *config) { c.MaxImport = largeImport }
	return newSite(t, append([]func(*config){limit}, settings...)...), folder
}

// blank gives so many bytes of blank lines.
func blank(size int) string {
	const width = 50_000
	line := strings.Repeat(" ", width-1) + "\n"
	return strings.Repeat(line, size/width) + strings.Repeat("\n", size%width)
}

func spooled(t *testing.T, folder string) int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "dtr-import-*"))
	if err != nil {
		t.Fatal(err)
	}
	return len(files)
}

// unsized hides how long a body is, so that it is sent in chunks.
type unsized struct{ io.Reader }

func TestImportTooLarge(t *testing.T) {
	small := newSite(t)
	large, folder := spooling(t)
	for _, c := range []struct {
		s     *site
		limit int
	}{{small, rest.MaxBody}, {large, largeImport}} {
		fits := line("") + blank(c.limit-len(line("")))
		server := httptest.NewServer(c.s)
		for _, body := range []io.Reader{strings.NewReader(fits + "\n"), unsized{strings.NewReader(fits + "\n")}} {
			response, err := http.Post(c.s.at(server, "/v2/import"), "application/x-ndjson", body)
			if err != nil {
				t.Fatal(err)
			}
			text, _ := io.ReadAll(response.Body)
			response.Body.Close()
			if response.StatusCode != 413 || !strings.Contains(string(text), `"for-stor"`) {
				t.Errorf("%d bytes: %d %s", c.limit+1, response.StatusCode, text)
			}
		}
		server.Close()
		if at := c.s.positions(); at != "" {
			t.Errorf("%d bytes: written %s", c.limit+1, at)
		}
		wantResults(t, c.s.call("POST", "/v2/import", fits).results(), "1 201 G10000:1")
	}
	large.call("POST", "/v2/import", blank(rest.MaxBody+1), "Prefer: handling=strict").problem(413, "for-stor/indhold")
	if n := spooled(t, folder); n != 0 {
		t.Errorf("%d files are left", n)
	}
}

// TestSpool looks into the folder while an import is written.
func TestSpool(t *testing.T) {
	s, folder := spooling(t)
	most := 0
	s.store.update = func(fn func(register.Tx) error) error {
		most = max(most, spooled(t, folder))
		return s.store.Store.Update(t.Context(), fn)
	}
	s.call("POST", "/v2/import", line("")).ok(200)
	if most != 0 {
		t.Error("a small import is kept in a file")
	}
	large := line("") + blank(rest.MaxBody)
	wantResults(t, s.call("POST", "/v2/import", large+line("")).results(),
		"1 201 G10001:1", fmt.Sprintf("%d 201 G10002:1", strings.Count(large, "\n")+1))
	if most != 1 {
		t.Errorf("a large import is kept in %d files", most)
	}

	s.store.update = func(func(register.Tx) error) error { panic("in the middle") }
	s.call("POST", "/v2/import", large).problem(500)
	if n := spooled(t, folder); n != 0 {
		t.Errorf("%d files are left", n)
	}
	os.RemoveAll(folder)
	s.call("POST", "/v2/import", large).problem(500)
}

// TestImportCutOff ends the connection in the middle of a body, and sends one that is no chunked body.
func TestImportCutOff(t *testing.T) {
	s := newSite(t)
	server := httptest.NewServer(s)
	defer server.Close()
	connection, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	fmt.Fprintf(connection, "POST /v2/import HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\nzz\r\n",
		basic(drift, s.secrets[drift]), len(line("")), line(""))
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if text, _ := io.ReadAll(response.Body); response.StatusCode != 400 || !bytes.Contains(text, []byte("ugyldig-json")) {
		t.Errorf("%d %s", response.StatusCode, text)
	}
	if at := s.positions(); at != "" {
		t.Errorf("written: %s", at)
	}
}

// heapWatch takes an answer, and notes at every quarter of a megabyte how much memory is in use.
type heapWatch struct {
	*httptest.ResponseRecorder
	bytes, lines int
	peak         uint64
}

func (w *heapWatch) Write(b []byte) (int, error) {
	const often = 1 << 18
	if w.bytes/often != (w.bytes+len(b))/often {
		var stats runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&stats)
		w.peak = max(w.peak, stats.HeapAlloc)
	}
	w.bytes, w.lines = w.bytes+len(b), w.lines+bytes.Count(b, []byte("\n"))
	return len(b), nil
}

// TestImportInConstantMemory imports 10,000 lines and 100,000, which load each unit ten times.
func TestImportInConstantMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes some seconds")
	}
	peak := func(count int) uint64 {
		s, _ := spooling(t, func(c *config) { c.MaxImport = 64 << 20 })
		from, to := io.Pipe()
		go func() {
			out := bufio.NewWriter(to)
			for i := range count {
				fmt.Fprintf(out, `{"op":"indlaes","type":"daginstitution","nummer":"G%05d","data":%s}`+"\n", i/10, daginstitution)
			}
			out.Flush()
			to.Close()
		}()
		w := &heapWatch{ResponseRecorder: httptest.NewRecorder()}
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/v2/import", from)
		r.SetBasicAuth(drift, s.secrets[drift])
		s.ServeHTTP(w, r)
		if w.Code != 200 || w.lines != count || s.positions() != fmt.Sprintf("461:%d", count/10) {
			t.Fatalf("%d lines: %d with %d lines, at %s", count, w.Code, w.lines, s.positions())
		}
		return w.peak
	}
	few, many := peak(10_000), peak(100_000)
	if few == 0 || many > few+4<<20 {
		t.Errorf("10,000 lines take %d kB, 100,000 take %d kB", few>>10, many>>10)
	}
}
