package soap

import (
	"bytes"
	"embed"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
	"dagtilbudsregisteret.dk/shared/xsd"
)

//go:embed contract
var contracts embed.FS

// The schemas. The data model is what the services have in common.
const (
	importSchema = "import.xsd"
	exportSchema = "export.xsd"
	commonSchema = "dagtilbud.xsd"
)

var schemas = []string{commonSchema, importSchema, exportSchema}

// contract is the WSDL and the schemas of a service version. The codes that the data model lists are those of the register's own tables,
// which an operator may have replaced; of the embedded tables the files are as they lie in the project.
type contract struct {
	fs.FS
	common func() []byte
	schema func() (*xsd.Schema, error) // of the ImportService
}

func newContract(v register.ServiceVersion, tables *codes.Tables) *contract {
	files, err := fs.Sub(contracts, path.Join("contract", v.String()))
	if err != nil {
		panic(err) // they are part of the program
	}
	c := &contract{FS: files}
	c.common = sync.OnceValue(func() []byte { return withCodes(c.embedded(commonSchema), v, tables) })
	c.schema = sync.OnceValues(func() (*xsd.Schema, error) { return xsd.Load(c, importSchema) })
	return c
}

func (c *contract) embedded(name string) []byte {
	text, err := fs.ReadFile(c.FS, name)
	if err != nil {
		panic(err) // they are part of the program
	}
	return text
}

// ReadFile gives a file of the contract.
func (c *contract) ReadFile(name string) ([]byte, error) {
	if name == commonSchema {
		return c.common(), nil
	}
	return fs.ReadFile(c.FS, name)
}

// withCodes gives a schema whose enumerations of codes are those of the tables, as far as a version knows them.
func withCodes(schema []byte, v register.ServiceVersion, tables *codes.Tables) []byte {
	for name, table := range map[string]*codes.Table{
		"EjerformKode": &tables.Ejerformer, "LovgrundlagKode": &tables.Lovgrundlag, "InstType3": &tables.InstTyper,
	} {
		const begin, end = "<xs:restriction base=\"xs:int\">\n", "    </xs:restriction>"
		before, after, _ := bytes.Cut(schema, []byte(`<xs:simpleType name="`+name+`">`))
		documented, enumeration, _ := bytes.Cut(after, []byte(begin))
		_, rest, _ := bytes.Cut(enumeration, []byte(end))
		schema = slices.Concat(before, []byte(`<xs:simpleType name="`+name+`">`), documented, []byte(begin), enumerations(table, v), []byte(end), rest)
	}
	return schema
}

func enumerations(table *codes.Table, v register.ServiceVersion) []byte {
	var d document
	for _, code := range table.Codes {
		if code.FraVersion > v {
			continue
		}
		d.raw(`      <xs:enumeration value="` + strconv.Itoa(code.Kode) + "\">\n        <xs:annotation>\n")
		for _, text := range [...]struct{ lang, text string }{{"da", code.Tekst.Da}, {"en", code.Tekst.En}} {
			d.raw(`          <xs:documentation xml:lang="` + text.lang + `">`)
			d.escaped(text.text)
			d.raw("</xs:documentation>\n")
		}
		d.raw("        </xs:annotation>\n      </xs:enumeration>\n")
	}
	return d.buf
}

// describe answers the WSDL of a service, or one of its schemas where the query asks for that. What clients ask for besides there is
// not, and an answer of something else would only puzzle them.
func (e *exchange) describe(service string) error {
	if err := e.Open(); err != nil {
		return err
	}
	asks := make(map[string]string)
	for name, values := range e.R.URL.Query() {
		asks[strings.ToLower(name)] = values[0]
	}
	_, wsdl := asks["wsdl"]
	name, schema := asks["xsd"]
	switch {
	case schema:
		return e.schemaNamed(name)
	case wsdl, e.R.URL.RawQuery == "":
		return e.xml(e.wsdl(service))
	}
	return e.nothingHere(http.StatusNotFound, "forespoergsel",
		"Her er ?wsdl og ?xsd=, med et af skemaerne "+strings.Join(schemas, ", ")+". Metoderne kaldes med POST.",
		"There are ?wsdl and ?xsd=, with one of the schemas "+strings.Join(schemas, ", ")+". The methods are called by POST.")
}

// wsdl gives the WSDL of a service, whose address is the one that it is asked for at.
func (e *exchange) wsdl(service string) []byte {
	const embedded = `location="http://localhost:8080`
	scheme := "http"
	if e.R.TLS != nil || e.R.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	var d document
	d.raw(`location="` + scheme + "://")
	d.escaped(e.R.Host)
	return bytes.Replace(e.contract().embedded(service+".wsdl"), []byte(embedded), d.buf, 1)
}

// schema answers a schema at a path of its own, which those that include it lead to.
func (e *exchange) schema() error {
	if err := e.Open(); err != nil {
		return err
	}
	return e.schemaNamed(e.R.PathValue("fil"))
}

func (e *exchange) schemaNamed(name string) error {
	if !slices.Contains(schemas, name) {
		return e.nothingHere(http.StatusNotFound, "skema", unknownSchema.Da, unknownSchema.En)
	}
	text, err := e.contract().ReadFile(name)
	if err != nil {
		return err
	}
	return e.xml(text)
}

var unknownSchema = register.Text{
	Da: "Skemaerne er " + strings.Join(schemas, ", ") + ".",
	En: "The schemas are " + strings.Join(schemas, ", ") + ".",
}

// xml answers a document.
func (e *exchange) xml(text []byte) error {
	e.W.Header().Set("Content-Type", "text/xml; charset=utf-8")
	e.W.Header().Set("Content-Length", strconv.Itoa(len(text)))
	_, err := e.W.Write(text)
	return err
}

// getXMLSchema answers a schema as a text.
func (e *exchange) getXMLSchema() error {
	if err := e.Open(); err != nil {
		return err
	}
	var name string
	findings := e.arguments(one("skema", token(&name)))
	if name == "" {
		name = map[string]string{importService: importSchema, exportService: exportSchema}[e.method.service]
	}
	if !slices.Contains(schemas, name) {
		findings = append(findings, validation.UgyldigParameter.Finding("/skema", "skema", unknownSchema))
	}
	if len(findings) > 0 {
		return e.refuse(findings)
	}
	text, err := e.contract().ReadFile(name)
	if err != nil {
		return err
	}
	return e.answer(func(d *document) { d.text("GetXMLSchemaResult", string(text)) })
}
