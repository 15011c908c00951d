package soap

import (
	"net/http"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// svar is what an ImportSvarXML tells.
type svar struct {
	ok        bool
	unit      register.Unit   // the row that the call was about, as it now stands; the zero Unit for none
	rows      []register.Unit // all of them, where a call may change several
	fejl      []fund          // what stood in the way
	advarsler []fund
}

// fund is a finding, and where in what was sent it is.
type fund struct {
	validation.Finding
	place
}

// funds gives findings that are nowhere in particular.
func funds(findings []validation.Finding) []fund {
	all := make([]fund, len(findings))
	for i := range findings {
		all[i].Finding = findings[i]
	}
	return all
}

// answerSvar answers a method by an ImportSvarXML.
func (e *exchange) answerSvar(s *svar) error {
	return e.answer(func(d *document) {
		d.open("ImportSvarXML")
		e.svarXML(d, s)
	})
}

// answer answers a method by what write puts into its response.
func (e *exchange) answer(write func(*document)) error {
	var d document
	e.openAnswer(&d)
	write(&d)
	e.closeAnswer(&d)
	return e.write(http.StatusOK, d.buf)
}

// openAnswer and closeAnswer write what stands around the content of a method's response.
func (e *exchange) openAnswer(d *document) {
	d.raw(declaration + `<soap:Envelope xmlns:soap="` + e.soap.space + `"><soap:Body>`)
	d.raw("<" + e.method.name + `Response xmlns="` + namespace(e.Version) + `">`)
}

func (e *exchange) closeAnswer(d *document) {
	d.close(e.method.name + "Response")
	d.raw(end)
}

// svarXML writes what is in an ImportSvarXML, in the order of its schema, and ends it.
func (e *exchange) svarXML(d *document, s *svar) {
	status := "Fejl"
	if s.ok {
		status = "OK"
	}
	d.text("status", status)
	if s.unit.Level != 0 {
		d.optional("nummer", string(s.unit.Number()))
		d.int("version", s.unit.Version)
		d.text("registerposition", s.last().String())
	}
	d.text("requestId", e.RequestID)
	for i := range s.rows {
		u := &s.rows[i]
		d.open("raekke")
		d.text("dagtilbudsType", u.Level.String())
		d.text("nummer", string(u.Number()))
		d.int("version", u.Version)
		d.close("raekke")
	}
	for i := range s.fejl {
		d.fund("fejl", &s.fejl[i])
	}
	for i := range s.advarsler {
		d.fund("advarsel", &s.advarsler[i])
	}
	d.close("ImportSvarXML")
}

// last is where in the log the latest of the rows stands; all are of one municipality.
func (s *svar) last() register.Position {
	last := s.unit.Position
	for _, u := range s.rows {
		if u.Position.Nr > last.Nr {
			last = u.Position
		}
	}
	return last
}

func (d *document) fund(name string, f *fund) {
	d.open(name)
	d.text("regel", f.Rule.ID)
	d.text("kode", f.Kode)
	d.optional("pointer", f.Pointer)
	d.text("tekst", f.Tekst.Da)
	d.text("tekstEngelsk", f.Tekst.En)
	d.optional("lov", f.Rule.Lov)
	d.optional("nummer", string(f.Nummer))
	if f.linje > 0 {
		d.int("linje", int64(f.linje))
		d.int("kolonne", int64(f.kolonne))
	}
	d.optional("sti", f.sti)
	for _, patch := range f.Rettelser {
		d.open("rettelse")
		for _, step := range patch {
			d.open("trin")
			d.text("op", step.Op)
			d.text("pointer", step.Path)
			d.int("vaerdi", int64(step.Value))
			d.close("trin")
		}
		d.close("rettelse")
	}
	d.close(name)
}
