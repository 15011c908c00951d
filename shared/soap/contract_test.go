package soap

import (
	"crypto/tls"
	"errors"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/xmltree"
	"dagtilbudsregisteret.dk/shared/xsd"
)

const (
	xsdSpace  = "http://www.w3.org/2001/XMLSchema"
	wsdlSpace = "http://schemas.xmlsoap.org/wsdl/"
)

// file gives a file of the contract as a tree.
func file(t *testing.T, v register.ServiceVersion, name string) *xmltree.Element {
	t.Helper()
	text, err := newContract(v, codes.Embedded()).ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	root, err := xmltree.ReadString(string(text), xmltree.Standard)
	if err != nil {
		t.Fatalf("%s %s: %v", v, name, err)
	}
	return root
}

// attr gives an attribute without a namespace, empty where there is none.
func attr(e *xmltree.Element, name string) string {
	value, _ := e.Attr(xmltree.Name{Local: name})
	return value
}

// children gives the children of a name.
func children(e *xmltree.Element, name string) (all []*xmltree.Element) {
	for _, c := range e.Children {
		if c.Name.Local == name {
			all = append(all, c)
		}
	}
	return all
}

// TestWSDL holds each WSDL to the table of methods.
func TestWSDL(t *testing.T) {
	for _, v := range serviceVersions {
		for _, service := range []string{importService, exportService} {
			root := file(t, v, service+".wsdl")
			var want []string
			for _, m := range methods {
				if m.service == service && m.since <= v {
					want = append(want, m.name)
				}
			}
			slices.Sort(want)
			port, binding := children(root, "portType")[0], children(root, "binding")[0]
			for what, operations := range map[string][]*xmltree.Element{"portType": children(port, "operation"), "binding": children(binding, "operation")} {
				var got []string
				for _, o := range operations {
					got = append(got, attr(o, "name"))
				}
				slices.Sort(got)
				if !slices.Equal(got, want) {
					t.Errorf("%s %s: the %s has %v, the table %v", v, service, what, got, want)
				}
			}
			for _, o := range children(port, "operation") {
				checkOperation(t, v, root, o)
			}
			for _, o := range children(binding, "operation") {
				if action := attr(o.Children[0], "soapAction"); action != namespace(v)+"/"+service+"/"+attr(o, "name") {
					t.Errorf("%s: the action of %s is %s", v, attr(o, "name"), action)
				}
			}
			address := find(children(root, "service")[0], "address")
			if got := attr(address, "location"); got != "http://localhost:8080/soap/"+v.String()+"/"+service {
				t.Errorf("%s %s is at %s", v, service, got)
			}
			if attr(root, "targetNamespace") != namespace(v) {
				t.Errorf("%s %s: %s", v, service, attr(root, "targetNamespace"))
			}
		}
	}
}

// checkOperation checks that a method's messages are its elements, and that it says what it does in both languages.
func checkOperation(t *testing.T, v register.ServiceVersion, root, o *xmltree.Element) {
	t.Helper()
	name := attr(o, "name")
	messages := make(map[string]string)
	for _, m := range children(root, "message") {
		messages["tns:"+attr(m, "name")] = attr(m.Children[0], "element")
	}
	for part, want := range map[string]string{"input": "tns:" + name, "output": "tns:" + name + "Response", "fault": "tns:ImportSvarXML"} {
		parts := children(o, part)
		if len(parts) != 1 || messages[attr(parts[0], "message")] != want {
			t.Errorf("%s %s: its %s is not %s", v, name, part, want)
		}
	}
	docs := children(o, "documentation")
	if len(docs) != 1 || len(docs[0].Children) != 2 || docs[0].Children[0].Text == "" || docs[0].Children[0].Text == docs[0].Children[1].Text {
		t.Errorf("%s %s is not documented in both languages", v, name)
	}
}

// TestSchemasAndMethods checks that each method has its elements in the schema of its service, and no element is without a method.
func TestSchemasAndMethods(t *testing.T) {
	for _, v := range serviceVersions {
		global := make(map[string]map[string]bool)
		for _, name := range schemas {
			global[name] = make(map[string]bool)
			for _, e := range children(file(t, v, name), "element") {
				global[name][attr(e, "name")] = true
			}
		}
		schemaOf := map[string]string{importService: importSchema, exportService: exportSchema}
		for _, m := range methods {
			for _, name := range []string{m.name, m.name + "Response"} {
				there := global[schemaOf[m.service]][name] || global[commonSchema][name]
				if there != (m.since <= v) {
					t.Errorf("%s: %s of %s is in its schema: %v", v, name, m.service, there)
				}
				delete(global[schemaOf[m.service]], name)
			}
		}
		for _, name := range []string{importSchema, exportSchema} {
			for left := range global[name] {
				t.Errorf("%s %s: %s belongs to no method", v, name, left)
			}
		}
	}
}

// TestSchemasAreDocumented checks that every type, field and code is explained in both languages.
func TestSchemasAreDocumented(t *testing.T) {
	explained := 0
	var check func(where string, e *xmltree.Element)
	check = func(where string, e *xmltree.Element) {
		named := attr(e, "name") + attr(e, "value")
		switch e.Name.Local {
		case "element", "complexType", "simpleType", "enumeration", "schema":
			if attr(e, "ref") != "" || e.Name.Local == "complexType" && named == "" {
				break // what it refers to, or is the type of, is explained
			}
			explained++
			annotations := children(e, "annotation")
			if len(annotations) != 1 || len(children(annotations[0], "documentation")) != 2 {
				t.Errorf("%s: %s %s is not explained", where, e.Name.Local, named)
				break
			}
			for i, lang := range []string{"da", "en"} {
				doc := children(annotations[0], "documentation")[i]
				if got, _ := doc.Attr(xmltree.Name{Space: "http://www.w3.org/XML/1998/namespace", Local: "lang"}); got != lang || strings.TrimSpace(doc.Text) == "" {
					t.Errorf("%s: %s %s is not explained in %s", where, e.Name.Local, named, lang)
				}
			}
		}
		for _, c := range e.Children {
			check(where, c)
		}
	}
	for _, v := range serviceVersions {
		for _, name := range schemas {
			check(v.String()+"/"+name, file(t, v, name))
		}
	}
	if explained < 500 {
		t.Errorf("only %d things are explained", explained)
	}
}

// TestNumbersInAnswers checks that every number in an answer is of a type of XML Schema itself: npm's soap leaves one of a named type a text.
func TestNumbersInAnswers(t *testing.T) {
	answers := map[string][]string{commonSchema: {"ImportSvar", "Raekke", "Fund", "Rettelse", "Trin"}, exportSchema: nil} // of the export's, all
	for _, v := range serviceVersions {
		numeric := make(map[string]bool)
		for _, s := range children(file(t, v, commonSchema), "simpleType") {
			base := attr(children(s, "restriction")[0], "base")
			numeric[attr(s, "name")] = base == "xs:int" || base == "xs:double"
		}
		looked := 0
		for name, types := range answers {
			for _, c := range children(file(t, v, name), "complexType") {
				if types != nil && !slices.Contains(types, attr(c, "name")) {
					continue
				}
				looked++
				each(c, "element", func(e *xmltree.Element) {
					if numeric[attr(e, "type")] {
						t.Errorf("%s: %s of %s in %s is a %s", v, attr(e, "name"), attr(c, "name"), name, attr(e, "type"))
					}
				})
			}
		}
		if looked < 15 || !numeric["Version"] || !numeric["EjerformKode"] {
			t.Errorf("%s: looked at %d types, and %v", v, looked, numeric)
		}
	}
}

// enumerated gives the values that a simple type of the data model lists.
func enumerated(t *testing.T, v register.ServiceVersion, tables *codes.Tables, simpleType string) (values []string) {
	t.Helper()
	text, err := newContract(v, tables).ReadFile(commonSchema)
	if err != nil {
		t.Fatal(err)
	}
	root, err := xmltree.ReadString(string(text), xmltree.Standard)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range children(root, "simpleType") {
		if attr(s, "name") == simpleType {
			each(s, "enumeration", func(e *xmltree.Element) { values = append(values, attr(e, "value")) })
		}
	}
	return values
}

// TestCodes holds the enumerations of codes to the tables, those of the project and an operator's own.
func TestCodes(t *testing.T) {
	for v, want := range map[register.ServiceVersion]string{register.V1: "1 2 3 4 5 6 7 8", register.V2: "1 2 3 4 5 6 7 8 9 10"} {
		if got := strings.Join(enumerated(t, v, codes.Embedded(), "LovgrundlagKode"), " "); got != want {
			t.Errorf("%s lists %s", v, got)
		}
		embedded, err := contracts.ReadFile("contract/" + v.String() + "/" + commonSchema)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := newContract(v, codes.Embedded()).ReadFile(commonSchema); string(got) != string(embedded) {
			t.Errorf("%s: the file lists other codes than the tables do", v)
		}
	}
	own, err := codes.LoadOver(fstest.MapFS{
		"ejerform.csv": {Data: []byte("kode;tekst;text;hjemmel;fraVersion\n1;A & B;A;;1\n2;B;B;;1\n3;C;C;;1\n4;D;D;;2\n7;<E>;E;;2\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if v1, v2 := enumerated(t, register.V1, own, "EjerformKode"), enumerated(t, register.V2, own, "EjerformKode"); strings.Join(v1, "") != "123" || strings.Join(v2, "") != "12347" {
		t.Errorf("of an operator's own v1 lists %v, v2 %v", v1, v2)
	}
	s := newSite(t, func(s *site) { s.config.Tables = own })
	row := strings.Replace(institution, "<daginstitution>", `<daginstitution xmlns="`+namespace(register.V2)+`">`, 1)
	s.call(register.V2, importService, "ValidateXmlAgainstSchema", quoted(t, strings.Replace(row, "<ejerformKode>1", "<ejerformKode>7", 1))).ok()
	s.call(register.V2, importService, "ValidateXmlAgainstSchema", quoted(t, strings.Replace(row, "<ejerformKode>1", "<ejerformKode>8", 1))).refused("xml-skema/ukendtKode")
	for v, codes := range map[register.ServiceVersion]string{register.V1: "123", register.V2: "1234"} {
		triples, known := 0, s.call(v, exportService, "GetKodetabel", "<navn>lovgrundlag</navn>").ok()
		s.call(v, exportService, "GetKodetabel", "<navn>krydsvalidering</navn>").ok().each("kombination", func(c *xmltree.Element) {
			triples++
			if !strings.Contains(codes, text1(c, "ejerformKode")) || !strings.Contains(known.body, "<kode>"+text1(c, "lovgrundlagKode")+"</kode>") {
				t.Errorf("%s lists a combination of ejerform %s and lovgrundlag %s", v, text1(c, "ejerformKode"), text1(c, "lovgrundlagKode"))
			}
		})
		if triples < 10 {
			t.Errorf("%s lists %d combinations", v, triples)
		}
	}
	for _, v := range serviceVersions {
		file := s.send(nobody, "GET", "/soap/"+v.String()+"/ImportService?xsd="+commonSchema, "").body
		answered := s.call(v, importService, "GetXMLSchema", "<skema>"+commonSchema+"</skema>").ok().find("GetXMLSchemaResult")
		if file != answered || strings.Contains(file, "&lt;E&gt;") != (v == register.V2) {
			t.Errorf("%s: an operator's own codes are not in the file and the answer alike", v)
		}
	}
}

// TestV1IsInV2 holds the versions together: what v1 has v2 has too, as it is, and more only where v2 brought it.
func TestV1IsInV2(t *testing.T) {
	brought := []string{"LovgrundlagKode", "ReplaceDagtilbud", "ReplaceDagtilbudResponse", "ReplaceDagtilbudIn", "ReplaceDagtilbudOut", "DagtilbudTrae",
		"AnvisningsenhedTrae", "AlternativAdresseTrae", "Nedlaegges", "DeleteDaginstitution", "DeleteAnvisningsEnhed", "DeleteAlternativAdresse"}
	for _, name := range append([]string{"ImportService.wsdl", "ExportService.wsdl"}, schemas...) {
		v1, v2 := declared(t, register.V1, name), declared(t, register.V2, name)
		for key, text := range v1 {
			if _, there := v2[key]; !there || v2[key] != text && !slices.ContainsFunc(brought, func(b string) bool { return strings.HasSuffix(key, " "+b) }) {
				t.Errorf("%s: %s is not in v2 as it is in v1", name, key)
			}
		}
		for key := range v2 {
			if _, there := v1[key]; !there && !slices.ContainsFunc(brought, func(b string) bool { return strings.HasSuffix(key, " "+b) }) {
				t.Errorf("%s: %s is in v2 only", name, key)
			}
		}
	}
}

// declared gives what a file declares, by kind and name, as text in which versions are alike.
func declared(t *testing.T, v register.ServiceVersion, name string) map[string]string {
	t.Helper()
	all := make(map[string]string)
	root := file(t, v, name)
	parts := slices.Clone(root.Children)
	for _, holder := range append(children(root, "portType"), children(root, "binding")...) {
		parts = append(parts, holder.Children...)
	}
	for _, c := range parts {
		if c.Name.Local == "portType" || c.Name.Local == "binding" || c.Name.Local == "annotation" {
			continue
		}
		var b strings.Builder
		digest(&b, c)
		key := c.Name.Space + " " + c.Name.Local + " " + attr(c, "name")
		all[key] += strings.ReplaceAll(strings.ReplaceAll(b.String(), namespace(v), "ns"), "/soap/"+v.String(), "/soap/v")
	}
	return all
}

// TestSameBytes asks for each schema in all ways there are.
func TestSameBytes(t *testing.T) {
	s := newSite(t)
	for _, v := range serviceVersions {
		for _, name := range schemas {
			want, err := contracts.ReadFile("contract/" + v.String() + "/" + name)
			if err != nil {
				t.Fatal(err)
			}
			base := "/soap/" + v.String() + "/"
			for _, path := range []string{base + name, base + "ImportService?xsd=" + name, base + "ExportService?xsd=" + name} {
				if a := s.send(nobody, "GET", path, ""); a.status != 200 || a.body != string(want) || a.Get("Content-Type") != "text/xml; charset=utf-8" {
					t.Errorf("%s: %d %s", path, a.status, a.Get("Content-Type"))
				}
			}
			for _, service := range []string{importService, exportService} {
				if got := s.callAs(nobody, v, service, "GetXMLSchema", "<skema>"+name+"</skema>").ok().find("GetXMLSchemaResult"); got != string(want) {
					t.Errorf("%s of %s %s is another", name, v, service)
				}
			}
		}
	}
	own := s.callAs(nobody, register.V2, exportService, "GetXMLSchema", "").ok().find("GetXMLSchemaResult")
	if want := s.send(nobody, "GET", "/soap/v2/export.xsd", "").body; own != want {
		t.Error("the ExportService's own schema is another")
	}
	s.call(register.V2, importService, "GetXMLSchema", "<skema>../v1/import.xsd</skema>").fault(500, "Client", "ugyldig-parameter/skema /skema")
}

// TestQueries asks a service for its contract in all ways that clients have, and for what it has not.
func TestQueries(t *testing.T) {
	s := newSite(t)
	for query, want := range map[string]string{
		"": "definitions", "?": "definitions", "?wsdl": "definitions", "?WSDL": "definitions", "?wsdl=": "definitions", "?wsdl&t=1": "definitions",
		"?xsd=import.xsd": "schema", "?XSD=dagtilbud.xsd": "schema", "?xsd=": "", "?xsd": "", "?xsd=import": "", "?foo": "", "?singleWsdl": "", "?disco": "",
		"?wsdl2": "", "?%zz": "", "?HelloWorld": "",
	} {
		for _, service := range []string{importService, exportService} {
			a := s.send(nobody, "GET", "/soap/v2/"+service+query, "")
			root, err := xmltree.ReadString(a.body, xmltree.Standard)
			if err != nil {
				t.Fatal(err)
			}
			text := ""
			if tekst := find(root, "tekst"); tekst != nil {
				text = tekst.Text
			}
			if want != "" && (a.status != 200 || root.Name.Local != want) || want == "" && (a.status != 404 || !strings.Contains(text, "import.xsd")) ||
				want == "" && !strings.HasPrefix(strings.ToLower(query), "?xsd") && !strings.Contains(text, "?wsdl og ?xsd=") {
				t.Errorf("%s%s: %d %s", service, query, a.status, a.body)
			}
		}
	}
}

// TestAddress asks for the WSDL at addresses, which it then has.
func TestAddress(t *testing.T) {
	s := newSite(t)
	for _, c := range []struct {
		host, forwarded string
		tls             bool
		want            string
	}{
		{"localhost:8080", "", false, "http://localhost:8080/soap/v1/ExportService"},
		{"register.example", "https", false, "https://register.example/soap/v1/ExportService"},
		{"register.example:8443", "", true, "https://register.example:8443/soap/v1/ExportService"},
		{`"/><x`, "ftp", false, `http://"/><x/soap/v1/ExportService`},
	} {
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/soap/v1/ExportService?wsdl", nil)
		r.Host = c.host
		r.Header.Set("X-Forwarded-Proto", c.forwarded)
		if c.tls {
			r.TLS = new(tls.ConnectionState)
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		root, err := xmltree.Read(w.Body, xmltree.Standard)
		if err != nil || w.Code != http.StatusOK {
			t.Fatalf("%d, %v", w.Code, err)
		}
		if got := attr(find(root, "address"), "location"); got != c.want || root.Name.Space != wsdlSpace {
			t.Errorf("%s: %s", c.host, got)
		}
	}
}

// TestLocations follows the references of the WSDL to the schemas, as a client does, to files that are there.
func TestLocations(t *testing.T) {
	s := newSite(t)
	server := httptest.NewServer(s)
	defer server.Close()
	for _, path := range []string{"/soap/v1/ImportService?wsdl", "/soap/v2/ExportService?WSDL"} {
		seen := make(map[string]bool)
		var visit func(address string)
		visit = func(address string) {
			if seen[address] {
				return
			}
			seen[address] = true
			answer, err := http.Get(address)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			root, err := xmltree.Read(answer.Body, xmltree.Standard)
			if err != nil || answer.StatusCode != http.StatusOK {
				t.Fatalf("%s: %d, %v", address, answer.StatusCode, err)
			}
			for _, kind := range []string{"import", "include"} {
				each(root, kind, func(e *xmltree.Element) {
					if next, err := answer.Request.URL.Parse(attr(e, "schemaLocation")); err == nil && e.Name.Space == xsdSpace {
						visit(next.String())
					}
				})
			}
		}
		visit(server.URL + path)
		if len(seen) != 3 {
			t.Errorf("%s leads to %v", path, slices.Collect(maps.Keys(seen)))
		}
	}
}

// TestSchemasLoad has the register's own processor load every schema.
func TestSchemasLoad(t *testing.T) {
	for _, v := range serviceVersions {
		for _, name := range schemas {
			if _, err := xsd.Load(newContract(v, codes.Embedded()), name); err != nil {
				t.Errorf("%s: %v", v, err)
			}
		}
	}
	if _, err := newContract(register.V1, codes.Embedded()).ReadFile("x.xsd"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is none: %v", err)
	}
}
