package soap

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"runtime"
	"strings"
	"testing"
	"unicode/utf16"

	"dagtilbudsregisteret.dk/shared/importing"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
	"dagtilbudsregisteret.dk/shared/xmltree"
)

const importPath = "/soap/v2/ImportService"

// TestDialects calls in both versions of SOAP, and is answered in kind, well and not.
func TestDialects(t *testing.T) {
	s := newSite(t)
	for _, c := range []struct {
		dialect             *dialect
		contentType, answer string
		status              int
		code                string
	}{
		{&soap11, "text/xml; charset=utf-8", "text/xml; charset=utf-8", 500, "Client"},
		{&soap12, "application/soap+xml; charset=utf-8; action=x", "application/soap+xml; charset=utf-8", 400, "Sender"},
		{&soap11, "application/soap+xml", "text/xml; charset=utf-8", 500, "Client"}, // the envelope says what it is
		{&soap12, "text/xml", "application/soap+xml; charset=utf-8", 400, "Sender"},
		{&soap11, "", "text/xml; charset=utf-8", 500, "Client"},
	} {
		call := func(method, arguments string) *answer {
			return s.send(drift, "POST", importPath, envelope(c.dialect, register.V2, method, arguments), "Content-Type: "+c.contentType, `SOAPAction: "whatever"`)
		}
		a := call("InsertDaginstitution", institution).ok()
		if got := a.Get("Content-Type"); got != c.answer || !strings.Contains(a.body, c.dialect.space) {
			t.Errorf("%s was answered %s\n%s", c.contentType, got, a.body)
		}
		call("InsertDaginstitution", "<daginstitution/>").refused("navn/mangler /daginstitutionsNavn", "ejerform/mangler /ejerformKode",
			"lovgrundlag/mangler /lovgrundlagKode", "adm-kommunekode/mangler /admKommuneKode")
		a = call("InsertHest", "").fault(c.status, c.code, "soap-kald/ukendtMetode")
		if got := a.Get("Content-Type"); got != c.answer || !strings.Contains(a.body, "ImportSvarXML") {
			t.Errorf("%s was answered %s\n%s", c.contentType, got, a.body)
		}
	}
}

// TestEnvelopes sends what is an envelope, in forms that clients have, and what is none.
func TestEnvelopes(t *testing.T) {
	s := newSite(t)
	const ns = "https://dagtilbudsregisteret.dk/soap/v2"
	hello := `<HelloWorld xmlns="` + ns + `"/>`
	in := func(content string) string {
		return `<s:Envelope xmlns:s="` + soap11.space + `">` + content + `</s:Envelope>`
	}
	for name, c := range map[string]struct {
		body string
		want string // the finding; empty for a call that is answered
	}{
		"prefixed":        {in(`<s:Body><x:HelloWorld xmlns:x="` + ns + `"></x:HelloWorld></s:Body>`), ""},
		"empty header":    {in(`<s:Header/><s:Body>` + hello + `</s:Body>`), ""},
		"white space":     {"<?xml version='1.0'?>\n" + in("\n <s:Body>\n "+hello+"\n </s:Body>\n"), ""},
		"comments":        {in("<!-- a --><s:Body><!-- b -->" + hello + "</s:Body>"), ""},
		"ignored header":  {in(`<s:Header><h xmlns="x" s:mustUnderstand="0"/></s:Header><s:Body>` + hello + `</s:Body>`), ""},
		"another's":       {in(`<s:Header><h xmlns="x" s:mustUnderstand="1" s:actor="urn:other"/></s:Header><s:Body>` + hello + `</s:Body>`), ""},
		"body identified": {in(`<s:Body id="b">` + hello + `</s:Body>`), ""},
		"no envelope":     {hello, "soap-kald/konvolut"},
		"no body":         {in(""), "soap-kald/indhold"},
		"empty body":      {in("<s:Body/>"), "soap-kald/indhold"},
		"text":            {in("<s:Body>" + hello + "x</s:Body>"), "soap-kald/indhold"},
		"two methods":     {in("<s:Body>" + hello + hello + "</s:Body>"), "soap-kald/indhold"},
		"two bodies":      {in("<s:Body>" + hello + "</s:Body><s:Body/>"), "soap-kald/konvolut"},
		"header last":     {in("<s:Body>" + hello + "</s:Body><s:Header/>"), "soap-kald/konvolut"},
		"two headers":     {in("<s:Header/><s:Header/><s:Body>" + hello + "</s:Body>"), "soap-kald/konvolut"},
		"something else":  {in("<s:Body>" + hello + "</s:Body><x/>"), "soap-kald/konvolut"},
		"no namespace":    {in("<s:Body><HelloWorld/></s:Body>"), "soap-kald/ukendtMetode"},
		"other version":   {in(`<s:Body><HelloWorld xmlns="https://dagtilbudsregisteret.dk/soap/v1"/></s:Body>`), "soap-kald/ukendtMetode"},
		"other service":   {in(`<s:Body><GetKodetabeller xmlns="` + ns + `"/></s:Body>`), "soap-kald/ukendtMetode"},
		"other case":      {in(`<s:Body><helloWorld xmlns="` + ns + `"/></s:Body>`), "soap-kald/ukendtMetode"},
		"nothing":         {"", "ugyldig-xml/uafsluttet"},
		"form data":       {"a=b&c=d", "ugyldig-xml/udenforRoden"},
		"JSON":            {`{"daginstitutionsNavn":"x"}`, "ugyldig-xml/udenforRoden"},
		"truncated":       {in("<s:Body>" + hello)[:100], "ugyldig-xml/uafsluttet"},
	} {
		a := s.send(nobody, "POST", importPath, c.body)
		if c.want == "" {
			if a.ok(); a.find("HelloWorldResult") == "" {
				t.Errorf("%s: %s", name, a.body)
			}
			continue
		}
		a.call = name
		a.fault(500, "Client", c.want)
	}
}

// TestHostile sends envelopes that are made to do harm.
func TestHostile(t *testing.T) {
	s := newSite(t)
	whole := envelope(&soap11, register.V2, "InsertDaginstitution", institution)
	bomb := `<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">` + strings.Repeat(`<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">`, 10) + `]>`
	for name, c := range map[string]struct{ body, want string }{
		"entity bomb":       {bomb + strings.Replace(whole, "Område", "&b;", 1), "ugyldig-xml/dtd"},
		"external entity":   {`<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>` + strings.Replace(whole, "Område", "&e;", 1), "ugyldig-xml/dtd"},
		"external DTD":      {`<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">` + whole, "ugyldig-xml/dtd"},
		"parameter entity":  {`<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:1/"> %p;]>` + whole, "ugyldig-xml/dtd"},
		"an entity":         {strings.Replace(whole, "Område", "&nbsp;", 1), "ugyldig-xml/enhed"},
		"instruction":       {`<?xml-stylesheet href="x"?>` + whole, "ugyldig-xml/procesinstruktion"},
		"deep":              {strings.Replace(whole, institution, strings.Repeat("<a>", 20_000)+strings.Repeat("</a>", 20_000), 1), "ugyldig-xml/forDyb"},
		"wide":              {strings.Replace(whole, institution, strings.Repeat("<a/>", 60_000), 1), "ugyldig-xml/forMange"},
		"attributes":        {strings.Replace(whole, "<daginstitution>", "<daginstitution"+attributes(1000)+">", 1), "ugyldig-xml/forMangeAttributter"},
		"a long namespace":  {strings.Replace(whole, "<daginstitution>", `<daginstitution xmlns:x="`+strings.Repeat("x", 500_000)+`">`, 1), "ugyldig-xml/navnForLangt"},
		"a long name":       {strings.Replace(whole, institution, "<"+strings.Repeat("a", 100_000)+"/>", 1), "ugyldig-xml/navnForLangt"},
		"a large attribute": {strings.Replace(whole, "<daginstitution>", `<daginstitution x="`+strings.Repeat("x", 500_000)+`">`, 1), "xml-skema/ukendtAttribut"},
		"a large text":      {strings.Replace(whole, "Område Øst", strings.Repeat("x", 900_000), 1), "navn/forLang /daginstitutionsNavn"},
		"a null":            {strings.Replace(whole, "Område", "\x00", 1), "ugyldig-xml/tegn"},
		"a control":         {strings.Replace(whole, "Område", "&#1;", 1), "ugyldig-xml/tegn"},
		"half a surrogate":  {strings.Replace(whole, "Område", "&#xD800;", 1), "ugyldig-xml/tegn"},
		"no UTF-8":          {strings.Replace(whole, "Område", "Omr\xe5de", 1), "ugyldig-xml/bytes"},
		"too large":         {whole + strings.Repeat(" ", maxEnvelope), "for-stor/indhold"},
	} {
		a := s.send(drift, "POST", importPath, c.body)
		a.call = name
		if strings.HasPrefix(c.want, "ugyldig-xml") || strings.HasPrefix(c.want, "for-stor") {
			a.fault(500, "Client", c.want)
		} else {
			a.refused(c.want)
		}
		if len(a.body) > 10_000 {
			t.Errorf("%s: the answer has %d bytes", name, len(a.body))
		}
	}
	if p, err := s.store.Positions(t.Context()); err != nil || len(p) > 0 {
		t.Errorf("something was written: %v, %v", p, err)
	}
}

// TestManyFindings sends more wrong elements than anybody would read about.
func TestManyFindings(t *testing.T) {
	s := newSite(t)
	many := strings.Repeat("<x/>", 30_000)
	const namesakes = 300 // rows that are alike are each held to all others
	for _, c := range []struct {
		method, arguments, last string
		most                    uint64 // megabytes that may be allocated for it in all
	}{
		{"InsertDaginstitution", "<daginstitution>" + many + "</daginstitution>", "flere-fund/flere", 32},
		{"ReplaceDagtilbud", "<dagtilbud>" + strings.Repeat("<anvisningsenhed/>", importing.MostRows-1) + "</dagtilbud>", "flere-fund/flere", namesakes},
		{"ValidateXmlAgainstSchema", quoted(t, `<daginstitution xmlns="`+namespace(register.V2)+`">`+many+"</daginstitution>"),
			"xml-skema/flereFejl", 32},
		{"ReplaceDagtilbud", `<dagtilbud xmlns:p="urn:` + strings.Repeat("x", 1000) + `">` + strings.Repeat("<p:anvisningsenhed/>", importing.MostRows-1) + "</dagtilbud>",
			"flere-fund/flere", namesakes},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		a := s.call(register.V2, importService, c.method, c.arguments)
		runtime.ReadMemStats(&after)
		lines := a.lines()
		if len(lines) != validation.MostFindings || lines[len(lines)-1] != c.last || len(a.body) > 1<<20 || a.find("status") != "Fejl" {
			t.Errorf("%s: %d findings in %d bytes, the last %q", c.method, len(lines), len(a.body), lines[len(lines)-1])
		}
		if spent := after.TotalAlloc - before.TotalAlloc; spent > c.most<<20 {
			t.Errorf("%s allocates %d bytes", c.method, spent)
		}
	}
}

// TestManyHeaders demands that more headers be understood than anybody would read about.
func TestManyHeaders(t *testing.T) {
	s := newSite(t)
	for _, d := range dialects {
		header := `<s:Header xmlns:p="urn:` + strings.Repeat("x", 1000) + `">` + strings.Repeat(`<p:x s:mustUnderstand="1"/>`, 15_000) + "</s:Header>"
		a := s.send(drift, "POST", importPath, strings.Replace(envelope(d, register.V2, "HelloWorld", ""), "<s:Body>", header+"<s:Body>", 1))
		if got := a.lines(); a.status != 500 || !strings.Contains(a.body, ":MustUnderstand<") || len(a.body) > 2<<20 || d == &soap12 && len(got) != validation.MostFindings {
			t.Errorf("%d: %d bytes, %d findings", a.status, len(a.body), len(got))
		}
	}
}

func attributes(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(" a")
		b.WriteString(strings.Repeat("a", i))
		b.WriteString(`=""`)
	}
	return b.String()
}

// TestAnonymousEnvelopes lets those who do not log in ask short questions only.
func TestAnonymousEnvelopes(t *testing.T) {
	s := newSite(t)
	long := envelope(&soap11, register.V2, "ValidateXmlAgainstSchema", "<xml>"+strings.Repeat(" ", maxAnonymous)+"</xml>")
	s.send(nobody, "POST", importPath, long).fault(500, "Client", "for-stor/indhold")
	s.send(drift, "POST", importPath, long).refused("ugyldig-xml/uafsluttet")
}

// TestCompressedCall sends what would have to be unzipped first.
func TestCompressedCall(t *testing.T) {
	s := newSite(t)
	var body bytes.Buffer
	zip := gzip.NewWriter(&body)
	io.WriteString(zip, envelope(&soap11, register.V2, "InsertDaginstitution", institution))
	zip.Close()
	for _, coding := range []string{"gzip", "deflate, gzip"} {
		a := s.send(drift, "POST", importPath, body.String(), "Content-Encoding: "+coding).fault(500, "Client", "ugyldig-parameter/contentEncoding")
		if a.Get("Accept-Encoding") != "identity" || !strings.Contains(a.find("tekst"), "»"+coding+"«") {
			t.Errorf("%v %s", a.Header, a.body)
		}
	}
	s.send(drift, "POST", importPath, envelope(&soap11, register.V2, "HelloWorld", ""), "Content-Encoding: identity").ok()
}

// TestEncodings sends one row in the encodings that are read.
func TestEncodings(t *testing.T) {
	row := envelope(&soap11, register.V2, "InsertDaginstitution", institution)
	declared := func(encoding string) string { return `<?xml version="1.0" encoding="` + encoding + `"?>` + row }
	for name, c := range map[string]struct{ body, contentType string }{
		"UTF-8":             {declared("UTF-8"), "text/xml; charset=utf-8"},
		"byte order mark":   {"\xef\xbb\xbf" + declared("utf-8"), "text/xml"},
		"UTF-16":            {wide(declared("UTF-16"), binary.LittleEndian), "text/xml; charset=utf-16"},
		"UTF-16, big":       {wide(row, binary.BigEndian), "text/xml"},
		"ISO-8859-1":        {narrow(declared("ISO-8859-1")), "text/xml"},
		"ISO-8859-1 called": {narrow(row), "text/xml; charset=iso-8859-1"},
		"windows-1252":      {narrow(declared("windows-1252")), "application/xml"},
	} {
		s := newSite(t)
		s.send(drift, "POST", importPath, c.body, "Content-Type: "+c.contentType).ok()
		if u, err := s.store.Unit(t.Context(), "G10000"); err != nil || u.Navn != "Område Øst" {
			t.Errorf("%s: %q, %v", name, u.Navn, err)
		}
	}
	newSite(t).send(drift, "POST", importPath, declared("ISO-8859-1"), "Content-Type: text/xml; charset=utf-8").
		fault(500, "Client", "ugyldig-xml/tegnsaetModsagt")
}

// wide gives a text in UTF-16 with a byte order mark, narrow in ISO-8859-1.
func wide(s string, order binary.ByteOrder) string {
	var b bytes.Buffer
	for _, unit := range utf16.Encode([]rune("\ufeff" + s)) {
		binary.Write(&b, order, unit)
	}
	return b.String()
}

func narrow(s string) string {
	var b []byte
	for _, c := range s {
		b = append(b, byte(c))
	}
	return string(b)
}

// TestMustUnderstand demands that headers be understood.
func TestMustUnderstand(t *testing.T) {
	s := newSite(t)
	for _, c := range []struct {
		dialect *dialect
		header  string
		refused int // how many headers are not understood
	}{
		{&soap11, `<w:Security xmlns:w="urn:wsse" s:mustUnderstand="1"/>`, 1},
		{&soap11, `<w:Security xmlns:w="urn:wsse" s:mustUnderstand="1" s:actor="http://schemas.xmlsoap.org/soap/actor/next"/><w:x xmlns:w="urn:y" s:mustUnderstand="true"/>`, 2},
		{&soap11, `<w:Security xmlns:w="urn:wsse"/>`, 0},
		{&soap12, `<w:Security xmlns:w="urn:wsse" s:mustUnderstand="true"/>`, 1},
		{&soap12, `<Security s:mustUnderstand="true" s:role="http://www.w3.org/2003/05/soap-envelope/role/ultimateReceiver"/>`, 1},
		{&soap12, `<w:Security xmlns:w="urn:wsse" s:mustUnderstand="true" s:role="http://www.w3.org/2003/05/soap-envelope/role/none"/>`, 0},
	} {
		body := strings.Replace(envelope(c.dialect, register.V2, "HelloWorld", ""), "<s:Body>", "<s:Header>"+c.header+"</s:Header><s:Body>", 1)
		a := s.send(nobody, "POST", importPath, body)
		switch {
		case c.refused == 0:
			a.ok()
		case c.dialect == &soap11:
			a.fault(500, "MustUnderstand") // and no detail, which would be about the Body
		default:
			a.fault(500, "MustUnderstand", "soap-kald/mustUnderstand")
			if !strings.Contains(a.body, `<soap:Header><soap:NotUnderstood qname="`) {
				t.Errorf("it does not say what it is: %s", a.body)
			}
		}
	}
}

// TestOtherSOAP sends envelopes of a SOAP that is not spoken.
func TestOtherSOAP(t *testing.T) {
	s := newSite(t)
	body := strings.Replace(envelope(&soap12, register.V2, "HelloWorld", ""), soap12.space, "http://www.w3.org/2001/12/soap-envelope", 1)
	s.send(nobody, "POST", importPath, body).fault(500, "VersionMismatch", "soap-kald/version")
	a := s.send(nobody, "POST", importPath, body, "Content-Type: application/soap+xml").fault(500, "VersionMismatch", "soap-kald/version")
	if root, err := xmltree.ReadString(a.body, xmltree.Standard); err != nil || root.Children[0].Name.Local != "Header" ||
		!strings.Contains(a.body, `<soap:SupportedEnvelope qname="q:Envelope" xmlns:q="`+soap11.space+`"/>`) {
		t.Errorf("%v\n%s", err, a.body)
	}
}

// TestUnreadableCalls counts what cannot be read as calls, so that nobody can send any number of it.
func TestUnreadableCalls(t *testing.T) {
	s := newSite(t, func(s *site) { s.config.Anonymous = 2 })
	s.send(nobody, "POST", importPath, "x").fault(500, "Client", "ugyldig-xml/udenforRoden")
	s.send(nobody, "POST", importPath, "x").fault(500, "Client", "ugyldig-xml/udenforRoden")
	a := s.send(nobody, "POST", importPath, "x").fault(429, "Client", "tempo/tempo")
	if a.Get("Retry-After") == "" || a.Get("RateLimit") == "" {
		t.Errorf("%v", a.Header)
	}
}

func FuzzEnvelope(f *testing.F) {
	for _, seed := range []string{
		envelope(&soap11, register.V2, "InsertDaginstitution", institution),
		envelope(&soap12, register.V2, "InsertAnvisningsEnhed", enhed),
		envelope(&soap11, register.V2, "ReplaceDagtilbud", "<dagtilbud><anvisningsenhed><alternativAdresse/></anvisningsenhed><nedlaegges><nummer/></nedlaegges></dagtilbud>"),
		envelope(&soap11, register.V2, "MoveAlternativAdresse", "<alternativAdresseNummer>G10002</alternativAdresseNummer>"),
		envelope(&soap11, register.V2, "ValidateXmlAgainstSchema", "<xml>&lt;daginstitution xmlns='https://dagtilbudsregisteret.dk/soap/v1'/></xml>"),
		envelope(&soap11, register.V2, "GetXMLSchema", "<skema>import.xsd</skema>"),
		`<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header><h s:mustUnderstand="1"/></s:Header><s:Body/></s:Envelope>`,
		"\xff\xfe<\x00a\x00/\x00>\x00", "<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe5</a>", "<!DOCTYPE a><a/>", "",
	} {
		f.Add(seed)
	}
	s := newSite(f)
	s.store.update = func(func(register.Tx) error) error { return &register.Error{Kind: register.Conflict} } // what is read is not written
	f.Fuzz(func(t *testing.T, body string) {
		s.t = t // whatever comes is answered by an envelope that is sound by its schema, and never as our own failure
		if a := s.send(drift, "POST", importPath, body); a.find("faultcode") == "soap:Server" || a.find("Value") == "soap:Receiver" {
			t.Errorf("%q was answered %s", body, a.body)
		}
		s.kept = nil
		s.log.Reset()
	})
}
