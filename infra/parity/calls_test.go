package parity

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
	"dagtilbudsregisteret.dk/shared/xmltree"
)

// step is a call in the story.
type step struct {
	name string
	as   string // who calls: a vendor where it is empty; "nobody" for who does not log in
	v    register.ServiceVersion
	do   validation.Operation
	tree bool // the row is a whole dagtilbud
	on   register.Level

	number string // the unit that it is about
	row    row    // what is sent of it
	parent string // where it is to stand, of a move
	expect string // the version of it that the caller goes by
	key    string // the Idempotency-Key

	want string // the outcome: "ok", or "<rule>/<code>" of each finding
}

// row is what is sent of a unit, field by field.
type row []field

// field has a string, a json.Number, a row, or several rows.
type field struct {
	name  string
	value any
}

// without and with give a row with a field less, and with another value of one or one more.
func (r row) without(name string) (rest row) {
	for _, f := range r {
		if f.name != name {
			rest = append(rest, f)
		}
	}
	return rest
}

func (r row) with(name string, value any) row {
	changed := append(row{}, r...)
	for i := range changed {
		if changed[i].name == name {
			changed[i].value = value
			return changed
		}
	}
	return append(changed, field{name, value})
}

// inAdresse gives a row with another value in its address.
func (r row) inAdresse(name string, value any) row {
	for _, f := range r {
		if a, ok := f.value.(row); ok && f.name == "adresse" {
			if value == nil {
				return r.with("adresse", a.without(name))
			}
			return r.with("adresse", a.with(name, value))
		}
	}
	return r
}

// json gives a row as REST takes it.
func (r row) json() string {
	var parts []string
	for _, f := range r {
		parts = append(parts, fmt.Sprintf("%q:%s", f.name, jsonOf(f.value)))
	}
	return "{" + strings.Join(parts, ",") + "}"
}

func jsonOf(value any) string {
	switch v := value.(type) {
	case row:
		return v.json()
	case []row:
		var parts []string
		for _, one := range v {
			parts = append(parts, one.json())
		}
		return "[" + strings.Join(parts, ",") + "]"
	}
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// xml gives a row as SOAP takes it.
func (r row) xml() string {
	var b strings.Builder
	for _, f := range r {
		for _, value := range severally(f) {
			b.WriteString("<" + value.name + ">" + xmlOf(value.value) + "</" + value.name + ">")
		}
	}
	return b.String()
}

// severally gives a list as the elements that it is in XML.
func severally(f field) row {
	switch v := f.value.(type) {
	case []row:
		element := map[string]string{"anvisningsenheder": "anvisningsenhed", "alternativeAdresser": "alternativAdresse"}[f.name]
		var all row
		for _, one := range v {
			all = append(all, field{element, one})
		}
		return all
	case []string:
		var all row
		for _, one := range v {
			all = append(all, field{"nummer", one})
		}
		return row{{f.name, all}}
	}
	return row{f}
}

func xmlOf(value any) string {
	if v, ok := value.(row); ok {
		return v.xml()
	}
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(fmt.Sprint(value))); err != nil {
		panic(err)
	}
	return b.String()
}

// What each level is called.
var (
	paths   = map[register.Level]string{dag: "daginstitutioner", enh: "anvisningsenheder", alt: "alternative-adresser"}
	suffix  = map[register.Level]string{dag: "Daginstitution", enh: "AnvisningsEnhed", alt: "AlternativAdresse"}
	ownName = map[register.Level]string{dag: "daginstitutionsNummer", enh: "enhedsNummer", alt: "alternativAdresseNummer"}
)

// user is who makes the call.
func (c *step) user() string {
	switch c.as {
	case "":
		return "leverandoer"
	case "nobody":
		return ""
	}
	return c.as
}

// overREST makes the call in a language.
func (c *step) overREST(s *site, language string) (outcome, int) {
	s.t.Helper()
	base := "/" + c.v.String() + "/" + paths[c.on]
	method, path, body := http.MethodPost, base, c.row.json()
	switch {
	case c.tree && c.number == "":
		path = "/" + c.v.String() + "/dagtilbud"
	case c.tree:
		method, path = http.MethodPut, "/"+c.v.String()+"/dagtilbud/"+c.number
	case c.do == validation.Ret:
		method, path = http.MethodPut, base+"/"+c.number
	case c.do == validation.Flyt:
		path, body = base+"/"+c.number+"/flyt", row{{ownName[c.on-1], c.parent}}.json()
	case c.do == validation.Nedlaeg:
		method, path, body = http.MethodDelete, base+"/"+c.number, ""
	}
	headers := map[string]string{"Accept-Language": language}
	if c.expect != "" {
		headers["If-Match"] = `"` + c.expect + `"`
	}
	if c.key != "" {
		headers["Idempotency-Key"] = c.key
	}
	w := s.send(c.user(), method, path, body, headers)
	var answer struct {
		DaginstitutionsNummer, EnhedsNummer, AlternativAdresseNummer string
		Version                                                      int64
		Errors, Advarsler                                            []map[string]any
		restRows
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		s.t.Fatalf("%s: %v\n%s", c.name, err, w.Body)
	}
	o := outcome{Answered: "ok", Fejl: restFunds(answer.Errors), Advarsler: restFunds(answer.Advarsler)}
	if w.Code < 300 {
		o.Nummer = [...]string{"", answer.DaginstitutionsNummer, answer.EnhedsNummer, answer.AlternativAdresseNummer}[c.on]
		o.Version, o.Position = fmt.Sprint(answer.Version), w.Header().Get("Registerposition")
	} else {
		o.Answered = "refused"
	}
	if c.tree && w.Code < 300 {
		o.Rows = answer.restRows.lines(o.Nummer, o.Version)
	}
	return o, w.Code
}

// restRows are those of a whole tree.
type restRows struct {
	Anvisningsenheder []struct {
		EnhedsNummer        string
		Version             int64
		AlternativeAdresser []struct {
			AlternativAdresseNummer string
			Version                 int64
		}
	}
	Nedlagte []struct {
		DagtilbudsType, EnhedsNummer, AlternativAdresseNummer string
		Version                                               int64
	}
}

func (r *restRows) lines(number, version string) []string {
	lines := []string{"daginstitution " + number + " " + version}
	for _, e := range r.Anvisningsenheder {
		lines = append(lines, fmt.Sprintf("anvisningsenhed %s %d", e.EnhedsNummer, e.Version))
		for _, a := range e.AlternativeAdresser {
			lines = append(lines, fmt.Sprintf("alternativAdresse %s %d", a.AlternativAdresseNummer, a.Version))
		}
	}
	for _, u := range r.Nedlagte {
		n := u.EnhedsNummer
		if u.DagtilbudsType == register.AlternativAdresse.String() {
			n = u.AlternativAdresseNummer
		}
		lines = append(lines, fmt.Sprintf("%s %s %d", u.DagtilbudsType, n, u.Version))
	}
	return lines
}

// restFunds reads findings of a language, which stands for both.
func restFunds(all []map[string]any) (funds []fund) {
	for _, f := range all {
		text := func(name string) string {
			s, _ := f[name].(string)
			return s
		}
		var fixes string
		patches, _ := f["rettelser"].([]any)
		for _, patch := range patches {
			for _, step := range patch.([]any) {
				s := step.(map[string]any)
				fixes += fmt.Sprintf("%v %v %v;", s["op"], s["path"], s["value"])
			}
			fixes += "|"
		}
		tekst := alike(text("tekst"))
		funds = append(funds, fund{text("regel"), text("kode"), text("pointer"), tekst, tekst, text("lov"), text("nummer"), fixes})
	}
	return funds
}

// overSOAP makes the call.
func (c *step) overSOAP(s *site) (outcome, int) {
	s.t.Helper()
	method, arguments := "Insert"+suffix[c.on], ""
	version := ""
	if c.expect != "" {
		version = "<version>" + c.expect + "</version>"
	}
	switch {
	case c.tree:
		method, arguments = "ReplaceDagtilbud", "<dagtilbud>"+c.owned(c.row).xml()+"</dagtilbud>"
	case c.do == validation.Opret:
		arguments = "<" + c.on.String() + ">" + c.row.xml() + "</" + c.on.String() + ">"
	case c.do == validation.Ret:
		method, arguments = "Update"+suffix[c.on], "<"+c.on.String()+">"+c.versioned(c.owned(c.row)).xml()+"</"+c.on.String()+">"
	case c.do == validation.Flyt:
		method, arguments = "Move"+suffix[c.on], row{{ownName[c.on], c.number}, {ownName[c.on-1], c.parent}}.xml()+version
	case c.do == validation.Nedlaeg:
		method, arguments = "Delete"+suffix[c.on], row{{ownName[c.on], c.number}}.xml()+version
	}
	headers := map[string]string{"Content-Type": "text/xml; charset=utf-8"}
	if c.key != "" {
		headers["Idempotency-Key"] = c.key
	}
	content, status := s.call(c.user(), c.v, "ImportService", method, arguments, headers)
	svar := find(content, "ImportSvarXML")
	o := outcome{Answered: "ok", Nummer: text(svar, "nummer"), Version: text(svar, "version"), Position: text(svar, "registerposition"),
		Fejl: soapFunds(svar, "fejl"), Advarsler: soapFunds(svar, "advarsel")}
	if content.Name.Local == "Fault" {
		o.Answered = "fault"
	} else if text(svar, "status") != "OK" {
		o.Answered = "refused"
	}
	for _, r := range children(svar, "raekke") {
		o.Rows = append(o.Rows, text(r, "dagtilbudsType")+" "+text(r, "nummer")+" "+text(r, "version"))
	}
	return o, status
}

// owned gives a row with its own number, which in REST stands in the path.
func (c *step) owned(r row) row {
	if c.number == "" {
		return r
	}
	return append(row{{ownName[c.on], c.number}}, r.without(ownName[c.on])...)
}

// versioned gives a row with the version that the caller goes by, which in REST stands in a header.
func (c *step) versioned(r row) row {
	if c.expect == "" {
		return r
	}
	at := slices.IndexFunc(r, func(f field) bool { return f.name == "senestOpdateret" })
	if at < 0 {
		at = len(r)
	}
	return slices.Insert(slices.Clone(r), at, field{"version", c.expect})
}

// call calls a method, and gives what is in the Body of the answer.
func (s *site) call(user string, v register.ServiceVersion, service, method, arguments string, headers map[string]string) (*xmltree.Element, int) {
	s.t.Helper()
	envelope := fmt.Sprintf(`<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>`+
		`<%s xmlns="https://dagtilbudsregisteret.dk/soap/%s">%s</%[1]s></s:Body></s:Envelope>`, method, v, arguments)
	w := s.send(user, "POST", "/soap/"+v.String()+"/"+service, envelope, headers)
	root, err := xmltree.Read(strings.NewReader(w.Body.String()), xmltree.Limits{Nodes: 1_000_000})
	if err != nil {
		s.t.Fatalf("%s: %v\n%s", method, err, w.Body)
	}
	return root.Children[0].Children[0], w.Code
}

func soapFunds(svar *xmltree.Element, name string) (funds []fund) {
	for _, f := range children(svar, name) {
		var fixes string
		for _, patch := range children(f, "rettelse") {
			for _, step := range children(patch, "trin") {
				fixes += fmt.Sprintf("%v %v %v;", text(step, "op"), text(step, "pointer"), text(step, "vaerdi"))
			}
			fixes += "|"
		}
		funds = append(funds, fund{text(f, "regel"), text(f, "kode"), text(f, "pointer"), text(f, "tekst"), text(f, "tekstEngelsk"),
			text(f, "lov"), text(f, "nummer"), fixes})
	}
	return funds
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

func children(e *xmltree.Element, name string) (all []*xmltree.Element) {
	for _, c := range e.Children {
		if c.Name.Local == name {
			all = append(all, c)
		}
	}
	return all
}

func text(e *xmltree.Element, name string) string {
	for _, c := range children(e, name) {
		return c.Text
	}
	return ""
}
