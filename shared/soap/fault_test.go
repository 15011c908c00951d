package soap

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/register"
)

// TestKinds has the register fail in every way there is.
func TestKinds(t *testing.T) {
	blame := map[register.Kind]string{register.Internal: "Server", register.Exhausted: "Server", register.Unavailable: "Server"}
	statuses := map[register.Kind]int{register.Unavailable: 503, register.Unauthenticated: 401, register.Limited: 429}
	told := map[register.Kind]string{
		register.NotFound: "ukendt-nummer/findesIkke", register.Exhausted: "nummerserie/opbrugt", register.Unauthenticated: "login/login",
		register.Forbidden: "adgang/kode", register.Limited: "tempo/tempo", register.Gone: "lukket-version/kode",
	}
	s := newSite(t)
	for _, kind := range register.Kinds() {
		s.store.update = func(func(register.Tx) error) error {
			return &register.Error{Kind: kind, Code: "kode", Detail: register.Text{Da: "På dansk.", En: "In English."}, Cause: errors.New("the disk is gone")}
		}
		var want []string
		if line := told[kind]; line != "" {
			want = []string{line}
		}
		if kind == register.TooLarge { // the use case's own word for it
			want = []string{"for-stor/transaktion"}
		}
		for _, d := range dialects {
			status := map[bool]int{true: http.StatusInternalServerError, false: http.StatusBadRequest}[d == &soap11 || blame[kind] == "Server"]
			code := map[bool]faultCode{true: server, false: client}[blame[kind] == "Server"]
			if statuses[kind] != 0 {
				status = statuses[kind]
			}
			s.log.Reset()
			a := s.send(drift, "POST", importPath, envelope(d, register.V2, "InsertDaginstitution", institution))
			a.call = kind.String()
			a.fault(status, d.codes[code], want...)
			if strings.Contains(a.body, "disk") || !strings.Contains(a.body, "<requestId>"+a.Get("X-Request-Id")+"</requestId>") {
				t.Errorf("%s: %s", kind, a.body)
			}
			if a.Get("Retry-After") == "" && kind == register.Unavailable || a.Get("WWW-Authenticate") == "" && kind == register.Unauthenticated {
				t.Errorf("%s: %v", kind, a.Header)
			}
			if line := s.line(); (line["level"] == "ERROR") != (blame[kind] == "Server") || line["route"] != "ImportService.InsertDaginstitution" || line["user"] != drift {
				t.Errorf("%s is logged as %v", kind, line)
			}
		}
	}
	for _, kind := range register.Kinds() {
		if text := kindFaults[kind].text; text.Da == "" || text.En == "" {
			t.Errorf("%s has no text", kind)
		}
	}
}

// line gives the last line that was logged.
func (s *site) line() (members map[string]any) {
	s.t.Helper()
	lines := strings.Split(strings.TrimSpace(s.log.String()), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &members); err != nil {
		s.t.Fatal(err)
	}
	return members
}

func TestPanic(t *testing.T) {
	s := newSite(t)
	s.store.update = func(func(register.Tx) error) error { panic("a secret in the stack") }
	if a := s.call(register.V2, importService, "InsertDaginstitution", institution).fault(500, "Server"); strings.Contains(a.body, "secret") {
		t.Error(a.body)
	}
	if !strings.Contains(s.log.String(), "a secret in the stack") {
		t.Errorf("the log does not tell: %s", s.log)
	}
}

// TestGate turns callers away, for what each of them lacks.
func TestGate(t *testing.T) {
	s := newSite(t)
	insert := envelope(&soap11, register.V2, "InsertDaginstitution", institution)
	a := s.send(nobody, "POST", importPath, insert).fault(401, "Client", "login/login")
	if !strings.HasPrefix(a.Get("WWW-Authenticate"), "Basic ") {
		t.Errorf("%v", a.Header)
	}
	s.send(nobody, "POST", importPath, insert, "Authorization: Basic bm86Ym9keQ==").fault(401, "Client", "login/login")
	s.send(laeser, "POST", importPath, insert).fault(500, "Client", "adgang/rolle")
	s.enroll(access.User{Navn: "slow", Rolle: access.Drift, Skrivninger: 1})
	s.send("slow", "POST", importPath, insert).ok()
	a = s.send("slow", "POST", importPath, insert).fault(429, "Client", "tempo/tempo")
	if a.Get("Retry-After") != "1" || a.Get("RateLimit-Policy") != `"skrivninger";q=1;w=1` {
		t.Errorf("%v", a.Header)
	}
}

// TestMissingGrant is a fault that tells all that stands in the way.
func TestMissingGrant(t *testing.T) {
	s := newSite(t)
	row := strings.NewReplacer("461", "101", "<ejerformKode>1", "<ejerformKode>9").Replace(institution)
	s.callAs(leverandoer, register.V2, importService, "InsertDaginstitution", row).fault(500, "Client", "adgang/kommune", "ejerform/ukendtKode /ejerformKode")
	for e, err := range s.store.Entries(t.Context(), s.now, access.Entry{}, s.now) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Handling == "opret" && e.Af.User == leverandoer && e.Afvist && e.Level == register.Daginstitution {
			return
		}
	}
	t.Error("it is not in the trail")
}

// TestClosedVersion calls v1 before and after it closes.
func TestClosedVersion(t *testing.T) {
	s := newSite(t)
	s.now = time.Date(2027, 5, 31, 21, 59, 0, 0, time.UTC)
	a := s.call(register.V1, importService, "InsertDaginstitution", institution).ok()
	for _, name := range []string{"Deprecation", "Sunset", "Link"} {
		if a.Get(name) == "" {
			t.Errorf("v1 is answered without %s", name)
		}
	}
	s.now = s.now.Add(time.Minute)
	for _, method := range []string{"InsertDaginstitution", "HelloWorld", "GetXMLSchema", "Findes"} {
		a := s.call(register.V1, importService, method, "").fault(500, "Client", "lukket-version/lukket")
		if !strings.Contains(a.find("tekst"), "/soap/v2/ImportService") {
			t.Errorf("%s names no successor: %s", method, a.body)
		}
	}
	for _, path := range []string{"/soap/v1/ImportService?wsdl", "/soap/v1/ImportService?xsd=import.xsd", "/soap/v1/dagtilbud.xsd", "/soap/v1/ExportService?x"} {
		if a := s.send(nobody, "GET", path, ""); a.status != 410 || !strings.Contains(a.body, "lukket-version") || !strings.Contains(a.body, "<faultstring>") {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	if a := s.call(register.V2, importService, "InsertDaginstitution", institution).ok(); a.Get("Sunset") != "" {
		t.Errorf("v2: %v", a.Header)
	}
}

func TestNoRoute(t *testing.T) {
	s := newSite(t)
	for _, c := range []struct {
		method, path string
		status       int
		want         string
	}{
		{"POST", "/soap/v3/ImportService", 404, "sti"}, {"POST", "/soap/v2/importservice", 405, "metode"}, {"PUT", importPath, 405, "metode"},
		{"GET", "/soap/v2/x.xsd", 404, "skema"}, {"GET", "/soap/v2/ImportService?xsd=x", 404, "skema"}, {"GET", "/soap/", 404, "sti"},
	} {
		a := s.send(nobody, c.method, c.path, "")
		if a.status != c.status || !strings.Contains(a.body, "<regel>ukendt-sti</regel><kode>"+c.want+"</kode>") || (a.Get("Allow") == "") != (c.status == 404) {
			t.Errorf("%s %s: %d %v\n%s", c.method, c.path, a.status, a.Header, a.body)
		}
	}
}

// endless gives a beginning and then one thing again and again, far past every limit, and counts what is read of it.
type endless struct {
	next, again string
	read        int
}

func (e *endless) Read(b []byte) (n int, err error) {
	if e.read > 64<<20 {
		return 0, io.EOF
	}
	for n < len(b) {
		if e.next == "" {
			e.next = e.again
		}
		copied := copy(b[n:], e.next)
		e.next = e.next[copied:]
		n += copied
	}
	e.read += n
	return n, nil
}

// TestClosedVersionReadsNoMore sends v1, before and after it closes, what has no end: it is read as far as the limits go, and costs a small
// multiple of them, either way.
func TestClosedVersionReadsNoMore(t *testing.T) {
	s := newSite(t)
	method := `<s:Envelope xmlns:s="` + soap11.space + `"><s:Body><InsertDaginstitution xmlns="` + namespace(register.V1) + `">`
	call := func(navn string, body *endless) (a *answer, spent uint64) {
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/soap/v1/ImportService", body)
		r.Header.Set("Content-Type", "text/xml; charset=utf-8")
		if navn != nobody {
			r.SetBasicAuth(navn, s.secrets[navn])
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		runtime.ReadMemStats(&after)
		a = &answer{t: t, call: body.again, status: w.Code, Header: w.Header(), body: w.Body.String()}
		a.open()
		return a, after.TotalAlloc - before.TotalAlloc
	}
	for _, navn := range []string{nobody, drift} {
		limit := map[string]int{nobody: maxAnonymous, drift: maxEnvelope}[navn]
		for begins, c := range map[string]struct{ again, want string }{
			"":                    {" ", "for-stor/indhold"},
			method:                {"x", "for-stor/indhold"},
			method + "<a/>":       {"<a/>", "ugyldig-xml/forMange"},
			method + "<a>":        {"<a>", "ugyldig-xml/forDyb"},
			method + "<":          {"a", "ugyldig-xml/navnForLangt"},
			method + `<a b="`:     {"&lt;", "for-stor/indhold"},
			method + "<!--":       {"- ", "for-stor/indhold"},
			method + "<![CDATA[":  {"]", "for-stor/indhold"},
			"<!DOCTYPE l [":       {`<!ENTITY a "&a;&a;">`, "ugyldig-xml/dtd"},
			"<!DOCTYPE l SYSTEM ": {" ", "ugyldig-xml/dtd"},
			"\xff\xfe":            {" \x00", "ugyldig-xml/tegnsaetModsagt"},
		} {
			s.now = time.Date(2027, 5, 31, 21, 59, 0, 0, time.UTC)
			toOpen, toClosed := &endless{begins, c.again, 0}, &endless{begins, c.again, 0}
			a, _ := call(navn, toOpen)
			if c.want == "ugyldig-xml/forMange" && navn == nobody {
				c.want = "for-stor/indhold" // before so many have come
			}
			a.fault(500, "Client", c.want)
			s.now = s.now.Add(time.Minute)
			a, spent := call(navn, toClosed)
			a.fault(500, "Client", "lukket-version/lukket")
			if toClosed.read != toOpen.read || toClosed.read > limit+4096 {
				t.Errorf("of %q, %d bytes are read, %d when it was open", begins, toClosed.read, toOpen.read)
			}
			if most := 16*uint64(limit) + 2<<20; spent > most {
				t.Errorf("%q costs %d bytes, want at most %d", begins, spent, most)
			}
		}
	}
}
