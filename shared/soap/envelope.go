package soap

import (
	"errors"
	"fmt"
	"mime"
	"net/http"

	"dagtilbudsregisteret.dk/shared/httpcall"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
	"dagtilbudsregisteret.dk/shared/xmltree"
)

// How large an envelope may be, in bytes: one row, or a tree of rows, has room in it many times. Who does not log in can ask short
// questions only.
const (
	maxEnvelope  = 1 << 20
	maxAnonymous = 64 << 10
)

// dialect is a version of SOAP.
type dialect struct {
	space     string // the namespace of its envelopes
	mediaType string
	role      string // the attribute that says whom a header block is for
	next      string // the role of whoever gets the envelope

	codes [4]string // by faultCode
}

var (
	soap11 = dialect{
		space: "http://schemas.xmlsoap.org/soap/envelope/", mediaType: "text/xml",
		role: "actor", next: "http://schemas.xmlsoap.org/soap/actor/next",
		codes: [...]string{client: "Client", server: "Server", mustUnderstand: "MustUnderstand", versionMismatch: "VersionMismatch"},
	}
	soap12 = dialect{
		space: "http://www.w3.org/2003/05/soap-envelope", mediaType: "application/soap+xml",
		role: "role", next: "http://www.w3.org/2003/05/soap-envelope/role/next",
		codes: [...]string{client: "Sender", server: "Receiver", mustUnderstand: "MustUnderstand", versionMismatch: "VersionMismatch"},
	}
	dialects = [...]*dialect{&soap11, &soap12}
)

// ultimate is the role of whoever the envelope is for in the end: the register.
const ultimate = "http://www.w3.org/2003/05/soap-envelope/role/ultimateReceiver"

// read reads the envelope that was sent and gives the element in its Body. Where there is none to give, that is a fault.
func (e *exchange) read() (*xmltree.Element, *fault) {
	limit := int64(maxAnonymous)
	if e.R.Header.Get("Authorization") != "" {
		limit = maxEnvelope
	}
	if finding, encoded := e.Encoded(); encoded {
		return nil, &fault{kind: register.Malformed, fund: funds([]validation.Finding{finding})}
	}
	if e.R.ContentLength > limit {
		return nil, tooLarge(limit)
	}
	_, params, _ := mime.ParseMediaType(e.R.Header.Get("Content-Type"))
	root, err := xmltree.ReadAs(http.MaxBytesReader(e.W, e.R.Body, limit), params["charset"], xmltree.Standard)
	if err != nil {
		return nil, unreadable(err, limit)
	}
	return e.open(root)
}

func tooLarge(limit int64) *fault {
	return &fault{kind: register.TooLarge, fund: []fund{{Finding: httpcall.TooLarge(limit)}}}
}

// unreadable is the fault of what cannot be read as XML.
func unreadable(err error, limit int64) *fault {
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return tooLarge(limit)
	}
	wrong, ok := errors.AsType[*xmltree.Fault](err)
	if !ok { // the caller went away amid it
		wrong = &xmltree.Fault{Kode: xmltree.Uafsluttet, Tekst: register.Text{Da: "Indholdet slutter for tidligt.", En: "The body ends too early."}}
	}
	return &fault{kind: register.Malformed, fund: []fund{notXML(wrong)}}
}

// notXML is the finding of a fault in XML.
func notXML(f *xmltree.Fault) fund {
	return fund{validation.UgyldigXML.Finding("", f.Kode, f.Tekst), place{f.Line, f.Column, ""}}
}

// open finds what an envelope holds, and notes in which SOAP the answer is to be.
func (e *exchange) open(root *xmltree.Element) (*xmltree.Element, *fault) {
	spoken := (*dialect)(nil)
	for _, d := range dialects {
		if root.Name == (xmltree.Name{Space: d.space, Local: "Envelope"}) {
			spoken = d
		}
	}
	if spoken == nil {
		return nil, notSOAP(root)
	}
	e.soap = spoken
	var header, body *xmltree.Element
	for _, part := range root.Children {
		switch part.Name {
		case xmltree.Name{Space: spoken.space, Local: "Header"}:
			if header != nil || body != nil {
				return nil, misplaced(part)
			}
			header = part
		case xmltree.Name{Space: spoken.space, Local: "Body"}:
			if body != nil {
				return nil, misplaced(part)
			}
			body = part
		default:
			return nil, misplaced(part)
		}
	}
	if header != nil {
		if f := spoken.mandatory(header); f != nil {
			return nil, f
		}
	}
	if body == nil || len(body.Children) != 1 || body.Mixed {
		return nil, notOne(root, body)
	}
	return body.Children[0], nil
}

// notSOAP is the fault of a document that is no envelope, or one of another SOAP.
func notSOAP(root *xmltree.Element) *fault {
	f := &fault{kind: register.Malformed, fund: []fund{{soapFinding("konvolut",
		"Dokumentet er ikke en SOAP-konvolut; det begynder med %s.", "The document is no SOAP envelope; it begins with %s.", root.Name.Local), at(root)}}}
	if root.Name.Local == "Envelope" {
		f.code = versionMismatch
		stands := standing(root.Name.Space)
		f.fund[0].Finding = validation.SOAPKald.Finding("", "version", register.Text{
			Da: "Konvolutten er hverken SOAP 1.1 eller SOAP 1.2; den er " + stands.Da + ".",
			En: "The envelope is neither SOAP 1.1 nor SOAP 1.2; it is " + stands.En + ".",
		})
	}
	return f
}

// misplaced is the fault of an element that an envelope has no place for, or not there.
func misplaced(part *xmltree.Element) *fault {
	return &fault{kind: register.Malformed, fund: []fund{{soapFinding("konvolut",
		"%s må ikke stå her; en konvolut er en Header, som kan udelades, og derefter en Body.",
		"%s may not stand here; an envelope is a Header, which may be left out, and then a Body.", part.Name.Local), at(part)}}}
}

// notOne is the fault of an envelope without a Body, or whose Body is not one element.
func notOne(root, body *xmltree.Element) *fault {
	if body == nil {
		body = root
	}
	return &fault{kind: register.Malformed, fund: []fund{{soapFinding("indhold",
		"Konvoluttens Body skal have netop ét element i sig: en metode.", "The Body of the envelope must hold exactly one element: a method."), at(body)}}}
}

// mandatory is the fault of header blocks that the register must understand: it understands none, and tells of as many as are answered.
func (d *dialect) mandatory(header *xmltree.Element) *fault {
	var f *fault
	for _, block := range header.Children {
		must, _ := block.Attr(xmltree.Name{Space: d.space, Local: "mustUnderstand"})
		role, _ := block.Attr(xmltree.Name{Space: d.space, Local: d.role})
		if must != "1" && must != "true" || role != "" && role != d.next && role != ultimate {
			continue
		}
		if f == nil {
			f = &fault{kind: register.Malformed, code: mustUnderstand}
		}
		if len(f.fund) == validation.MostFindings {
			break
		}
		f.notUnderstood = append(f.notUnderstood, block.Name)
		f.fund = append(f.fund, fund{soapFinding("mustUnderstand", "Headeren %s skal forstås, og det gør registeret ikke.",
			"The header %s must be understood, which the register does not.", block.Name.Local), at(block)})
	}
	return f
}

// soapFinding is a finding about an envelope.
func soapFinding(kode, da, en string, args ...any) validation.Finding {
	return validation.SOAPKald.Finding("", kode, register.Text{Da: fmt.Sprintf(da, args...), En: fmt.Sprintf(en, args...)})
}
