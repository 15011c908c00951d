package soap

import (
	"cmp"
	"net/http"
	"strconv"

	"dagtilbudsregisteret.dk/shared/httpcall"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
	"dagtilbudsregisteret.dk/shared/xmltree"
)

// faultCode says in SOAP who is to blame, or what else kept an envelope from being dealt with.
type faultCode uint8

const (
	client          faultCode = iota // the caller
	server                           // the register
	mustUnderstand                   // a header block that must be understood and is not
	versionMismatch                  // an envelope of another SOAP
)

// fault is an answer that is none to the question.
type fault struct {
	kind          register.Kind
	code          faultCode // one that the kind does not imply; else 0
	status        int       // of HTTP, where it is neither SOAP's nor the kind's
	fund          []fund
	notUnderstood []xmltree.Name
}

// kindFault is how a kind of error is answered over SOAP.
type kindFault struct {
	code   faultCode
	status int  // the HTTP status, where SOAP's own would hide what programs between act on
	svar   bool // it is the business of a method that answers an ImportSvarXML, and no fault there
	text   register.Text
}

// kindFaults maps every kind: the one place where kinds become faults.
var kindFaults = map[register.Kind]kindFault{
	register.Internal:        {server, 0, false, register.Text{Da: "Registeret fejlede.", En: "The register failed."}},
	register.Malformed:       {client, 0, false, register.Text{Da: "Kaldet kan ikke læses.", En: "The call cannot be read."}},
	register.Invalid:         {client, 0, true, register.Text{Da: "Det sendte overholder ikke reglerne.", En: "What was sent breaks the rules."}},
	register.NotFound:        {client, 0, true, register.Text{Da: "Findes ikke.", En: "Not found."}},
	register.Conflict:        {client, 0, true, register.Text{Da: "Registerets tilstand står i vejen.", En: "The state of the register stands in the way."}},
	register.Stale:           {client, 0, true, register.Text{Da: "Rækken er ændret siden.", En: "The row has changed since."}},
	register.Missing:         {client, 0, true, register.Text{Da: "Versionen skal nævnes.", En: "The version must be named."}},
	register.TooLarge:        {client, 0, false, register.Text{Da: "Kaldet eller svaret er for stort.", En: "The call or the answer is too large."}},
	register.Reused:          {client, 0, true, register.Text{Da: "Nøglen er brugt til noget andet.", En: "The key was used for something else."}},
	register.Exhausted:       {server, 0, false, register.Text{Da: "Der er ikke flere numre.", En: "There are no numbers left."}},
	register.Unavailable:     {server, http.StatusServiceUnavailable, false, register.Text{Da: "Registeret svarer ikke lige nu.", En: "The register does not answer just now."}},
	register.Unauthenticated: {client, http.StatusUnauthorized, false, register.Text{Da: "Log ind.", En: "Log in."}},
	register.Forbidden:       {client, 0, false, register.Text{Da: "Ikke tilladt.", En: "Not allowed."}},
	register.Limited:         {client, http.StatusTooManyRequests, false, register.Text{Da: "For mange kald.", En: "Too many calls."}},
	register.Gone:            {client, 0, false, register.Text{Da: "Versionen er lukket.", En: "The version has closed."}},
}

// fail answers an error: the one place where errors become answers. Of our own failures nothing is told but the request id.
func (e *exchange) fail(err error) {
	f := &fault{kind: register.KindOf(err), fund: funds(httpcall.Shown(err))}
	if f.kind == register.Gone && e.R.Method != http.MethodPost { // a file that is gone, which is HTTP's to say
		f.status = http.StatusGone
	}
	e.answerFault(f)
}

// refuse answers findings that stand in the way by a fault.
func (e *exchange) refuse(findings []validation.Finding) error {
	return e.answerFault(&fault{kind: validation.Kind(findings), fund: e.located(findings, validation.Fejl)})
}

// answerFault writes a fault.
func (e *exchange) answerFault(f *fault) error {
	kind := kindFaults[f.kind]
	code := cmp.Or(f.code, kind.code)
	e.TheirFault = code != server
	var d document
	d.raw(declaration + `<soap:Envelope xmlns:soap="` + e.soap.space + `">`)
	detail := "detail"
	if e.soap == &soap12 {
		detail = "soap:Detail"
		d.header12(f, code)
		d.fault12(f, code, &kind.text)
	} else {
		d.fault11(f, code, &kind.text)
	}
	if code != mustUnderstand || e.soap == &soap12 { // in SOAP 1.1 a detail is about the Body alone
		d.open(detail)
		d.raw(`<ImportSvarXML xmlns="` + namespace(e.Version) + `">`)
		e.svarXML(&d, &svar{fejl: f.fund})
		d.close(detail)
	}
	d.close("soap:Fault")
	d.raw(end)
	return e.write(cmp.Or(f.status, kind.status, e.soap.status(code)), d.buf)
}

// status is the HTTP status that SOAP has for a fault.
func (d *dialect) status(code faultCode) int {
	if d == &soap12 && code == client {
		return http.StatusBadRequest
	}
	return http.StatusInternalServerError
}

func (d *document) fault11(f *fault, code faultCode, text *register.Text) {
	da, en := f.reason(text)
	d.raw("<soap:Body><soap:Fault>")
	d.text("faultcode", "soap:"+soap11.codes[code])
	d.text("faultstring", da+" / "+en)
}

// header12 writes the header of a fault in SOAP 1.2: what was not understood, or which envelopes would be.
func (d *document) header12(f *fault, code faultCode) {
	switch code {
	case mustUnderstand:
		d.open("soap:Header")
		for _, name := range f.notUnderstood {
			d.qualified("soap:NotUnderstood", name)
		}
		d.close("soap:Header")
	case versionMismatch:
		d.raw("<soap:Header><soap:Upgrade>")
		for _, known := range dialects {
			d.qualified("soap:SupportedEnvelope", xmltree.Name{Space: known.space, Local: "Envelope"})
		}
		d.raw("</soap:Upgrade></soap:Header>")
	}
}

// qualified writes an element whose attribute qname is a name.
func (d *document) qualified(element string, name xmltree.Name) {
	if name.Space == "" {
		d.raw("<" + element + ` qname="` + name.Local + `"/>`)
		return
	}
	d.raw("<" + element + ` qname="q:` + name.Local + `" xmlns:q="`)
	d.escaped(name.Space)
	d.raw(`"/>`)
}

func (d *document) fault12(f *fault, code faultCode, text *register.Text) {
	da, en := f.reason(text)
	d.raw("<soap:Body><soap:Fault><soap:Code>")
	d.text("soap:Value", "soap:"+soap12.codes[code])
	d.raw(`</soap:Code><soap:Reason><soap:Text xml:lang="da">`)
	d.escaped(da)
	d.raw(`</soap:Text><soap:Text xml:lang="en">`)
	d.escaped(en)
	d.raw(`</soap:Text></soap:Reason>`)
}

// reason is a fault in a sentence: the finding's where there is one, else the kind's.
func (f *fault) reason(text *register.Text) (da, en string) {
	if len(f.fund) == 1 {
		text = &f.fund[0].Tekst
	}
	return text.Da, text.En
}

// What stands first and last in every answer.
const (
	declaration = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"
	end         = "</soap:Body></soap:Envelope>\n"
)

// write answers an envelope.
func (e *exchange) write(status int, envelope []byte) error {
	e.W.Header().Set("Content-Type", e.soap.mediaType+"; charset=utf-8")
	e.W.Header().Set("Content-Length", strconv.Itoa(len(envelope)))
	e.W.WriteHeader(status)
	_, err := e.W.Write(envelope)
	return err
}

// noRoute answers a path that is not one of the API's, or a method that the path does not have.
func (e *exchange) noRoute(mux *http.ServeMux) error {
	if allow := httpcall.Allow(mux, e.R); allow != "" {
		e.W.Header().Set("Allow", allow)
		return e.nothingHere(http.StatusMethodNotAllowed, "metode",
			"Stien kan ikke kaldes med "+e.R.Method+"; den kan kaldes med "+allow+".",
			"The path cannot be called with "+e.R.Method+"; it can be called with "+allow+".")
	}
	return e.nothingHere(http.StatusNotFound, "sti",
		"Der er intet på denne sti. Tjenesterne er ImportService og ExportService under /soap/v1 og /soap/v2.",
		"There is nothing at this path. The services are ImportService and ExportService below /soap/v1 and /soap/v2.")
}

// nothingHere answers that a path leads nowhere, with a status of HTTP's own.
func (e *exchange) nothingHere(status int, kode, da, en string) error {
	finding := validation.UkendtSti.Finding("", kode, register.Text{Da: da, En: en})
	return e.answerFault(&fault{kind: register.NotFound, status: status, fund: funds([]validation.Finding{finding})})
}
