package rest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// decoding reads a body token by token against the fields it may have, and collects what is wrong with it rather than stop at the
// first, as far as it is answered: unknown fields and wrong types are findings, and only broken JSON ends it.
type decoding struct {
	json     *jsontext.Decoder
	findings []validation.Finding
}

// field reads one member's value.
type field struct {
	name string
	read func(*decoding)
}

// object reads one whole body: an object of the fields. It gives what is wrong with it.
func decodeObject(body []byte, fields []field) []validation.Finding {
	d := &decoding{json: jsontext.NewDecoder(bytes.NewReader(body))}
	err := d.object(fields)
	if err == nil {
		if _, err = d.json.ReadToken(); err == nil {
			d.findings = append(d.findings, validation.UgyldigJSON.Finding("", "mere", register.Text{
				Da: "Der står mere efter objektet.", En: "There is more after the object.",
			}))
		} else if errors.Is(err, io.EOF) {
			err = nil
		}
	}
	if err != nil { // which is told, however much else is: the last place is for the word that there is more
		d.findings = append(d.findings[:min(len(d.findings), validation.MostFindings-2)], broken(err))
	}
	return d.findings
}

// broken says where JSON cannot be read; why is known in English only.
func broken(err error) validation.Finding {
	at, da, en := "", "Indholdet slutter for tidligt.", "The body ends too early."
	if syntactic, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		at = shortened(string(syntactic.JSONPointer))
		da = fmt.Sprintf("JSON kan ikke læses ved byte %d.", syntactic.ByteOffset)
		en = fmt.Sprintf("The JSON cannot be read at byte %d: %v.", syntactic.ByteOffset, syntactic.Err)
	}
	return validation.UgyldigJSON.Finding(at, "syntaks", register.Text{Da: da, En: en})
}

// shortened keeps a pointer to a depth that somebody would read.
func shortened(pointer string) string {
	const longest = 200
	if len(pointer) <= longest {
		return pointer
	}
	return pointer[:max(0, strings.LastIndexByte(pointer[:longest], '/'))]
}

// object reads an object. The error is one of syntax.
func (d *decoding) object(fields []field) error {
	if d.json.PeekKind() != '{' {
		return d.wrong("et objekt", "an object")
	}
	if _, err := d.json.ReadToken(); err != nil {
		return err
	}
	for d.json.PeekKind() != '}' {
		name, err := d.json.ReadToken()
		if err != nil {
			return err
		}
		if err := d.member(name.String(), fields); err != nil {
			return err
		}
	}
	_, err := d.json.ReadToken()
	return err
}

// members reads an object of any names; read takes the value of each.
func (d *decoding) members(read func(name string)) {
	if d.json.PeekKind() != '{' {
		d.wrong("et objekt", "an object")
		return
	}
	d.json.ReadToken()
	for d.json.PeekKind() == '"' {
		name, err := d.json.ReadToken()
		if err != nil {
			return
		}
		at := d.json.InputOffset()
		if read(name.String()); d.json.InputOffset() == at {
			return // it cannot be read at all
		}
	}
	if d.json.PeekKind() == '}' {
		d.json.ReadToken()
	}
}

// member reads a value whose name has been read; null stands for a field that is left out.
func (d *decoding) member(name string, fields []field) error {
	for i := range fields {
		if fields[i].name != name {
			continue
		}
		if d.json.PeekKind() == 'n' {
			return d.json.SkipValue()
		}
		at := d.json.InputOffset()
		fields[i].read(d)
		if d.json.InputOffset() == at {
			// Nothing was taken: the value cannot be read at all.
			return d.json.SkipValue()
		}
		return nil
	}
	if !d.full() {
		d.add(validation.UkendtFelt, "", "ukendt", register.Text{
			Da: fmt.Sprintf("Feltet %s findes ikke her; her er %s.", quoted(name), names(fields)),
			En: fmt.Sprintf("There is no field %s here; there are %s.", quoted(name), names(fields)),
		})
	}
	return d.json.SkipValue()
}

// add notes what is wrong with what was read last, or at a pointer in it.
func (d *decoding) add(rule *validation.Rule, pointer, kode string, tekst register.Text) {
	if !d.full() {
		at := shortened(string(d.json.StackPointer()) + pointer)
		d.findings = validation.Add(d.findings, rule.Finding(at, kode, tekst))
	}
}

// full tells whether so much is wrong that no more is answered.
func (d *decoding) full() bool { return len(d.findings) == validation.MostFindings }

// quoted gives a word of the caller's for a sentence.
func quoted(word string) string { return strconv.Quote(register.Shown(word)) }

func names(fields []field) string {
	all := make([]string, len(fields))
	for i, f := range fields {
		all[i] = f.name
	}
	return strings.Join(all, ", ")
}

// wrong notes that a value is of another type than the model's, and passes it over.
func (d *decoding) wrong(da, en string) error {
	value, err := d.json.ReadValue()
	if err != nil || d.full() {
		return err
	}
	kind := kinds[value.Kind()]
	d.add(validation.ForkertType, "", "type", register.Text{ // of a list, it is at the element itself
		Da: fmt.Sprintf("Her skal stå %s, ikke %s.", da, kind.Da), En: fmt.Sprintf("This must be %s, not %s.", en, kind.En),
	})
	return nil
}

// kinds are what the kinds of JSON are called.
var kinds = map[jsontext.Kind]register.Text{
	'n': {Da: "null", En: "null"}, 't': {Da: "true", En: "true"}, 'f': {Da: "false", En: "false"}, '"': {Da: "en tekst", En: "a string"},
	'0': {Da: "et tal", En: "a number"}, '{': {Da: "et objekt", En: "an object"}, '[': {Da: "en liste", En: "a list"},
}

// text reads a string.
func text[S ~string](to *S) func(*decoding) {
	return func(d *decoding) {
		if d.json.PeekKind() != '"' {
			d.wrong("en tekst", "a string")
			return
		}
		if token, err := d.json.ReadToken(); err == nil {
			*to = S(token.String())
		}
	}
}

// flag reads true or false.
func flag(to *bool) func(*decoding) {
	return func(d *decoding) {
		if kind := d.json.PeekKind(); kind != 't' && kind != 'f' {
			d.wrong("true eller false", "true or false")
			return
		}
		if token, err := d.json.ReadToken(); err == nil {
			*to = token.Bool()
		}
	}
}

// texts reads a list of strings.
func texts[S ~string](to *[]S) func(*decoding) {
	return func(d *decoding) {
		d.list("", func(d *decoding) bool {
			var one S
			text(&one)(d)
			*to = append(*to, one)
			return true
		})
	}
}

// bounded reads a list, as far as there is room. What there is no room for is passed over.
func bounded[T any](to *[]T, room *int, read func(*T) func(*decoding)) func(*decoding) {
	return func(d *decoding) {
		d.list("", func(d *decoding) bool {
			if *room == 0 {
				passed(d)
				return true
			}
			*room--
			var one T
			read(&one)(d)
			*to = append(*to, one)
			return true
		})
	}
}

// aktivitetsstatus reads the word of a status.
func aktivitetsstatus(to *register.Aktivitetsstatus) func(*decoding) {
	return func(d *decoding) {
		var word string
		if text(&word)(d); word == "" {
			return
		}
		var known bool
		if *to, known = register.ParseAktivitetsstatus(word); !known {
			d.add(validation.Skrivebeskyttet, "", "aktivitetsstatus", register.Text{
				Da: "Aktivitetsstatus er Aktiv eller Nedlagt.", En: "Aktivitetsstatus is Aktiv or Nedlagt.",
			})
		}
	}
}

// whole reads an integer.
func whole[I ~int | ~int64](to *I) func(*decoding) {
	return func(d *decoding) {
		if d.json.PeekKind() == '0' {
			token, err := d.json.ReadToken()
			if err != nil {
				return
			}
			n, err := strconv.ParseInt(token.String(), 10, 32)
			if err == nil {
				*to = I(n)
				return
			}
			d.add(validation.ForkertType, "", "heltal", register.Text{Da: "Her skal stå et heltal.", En: "This must be an integer."})
			return
		}
		d.wrong("et heltal", "an integer")
	}
}

// degrees reads a coordinate.
func degrees(to *register.Grad) func(*decoding) {
	return func(d *decoding) {
		if d.json.PeekKind() != '0' {
			d.wrong("et tal", "a number")
			return
		}
		token, err := d.json.ReadToken()
		if err != nil {
			return
		}
		v, err := strconv.ParseFloat(token.String(), 64)
		if err == nil {
			*to = register.Grad{Value: v, Given: true}
			return
		}
		d.add(validation.ForkertType, "", "tal", register.Text{Da: "Tallet er for stort.", En: "The number is too large."})
	}
}

// nested reads an object within an object.
func nested(fields []field) func(*decoding) {
	return func(d *decoding) {
		// An error of syntax stays in the decoder and comes up with the next token.
		_ = d.object(fields)
	}
}

// passed reads a value that the register knows better: it is checked for nothing.
func passed(d *decoding) { _ = d.json.SkipValue() }

// unitFields are the fields of a row's JSON.
func unitFields(u *register.Unit) []field {
	var fields []field
	switch u.Level {
	case register.Daginstitution:
		fields = []field{
			{"daginstitutionsNummer", text(&u.DaginstitutionsNummer)},
			{"daginstitutionsNavn", text(&u.Navn)},
			{"ejerformKode", whole(&u.EjerformKode)},
			{"lovgrundlagKode", whole(&u.LovgrundlagKode)},
			{"admKommuneKode", whole(&u.AdmKommuneKode)},
		}
	case register.Anvisningsenhed:
		fields = []field{
			{"enhedsNummer", text(&u.EnhedsNummer)},
			{"daginstitutionsNummer", text(&u.DaginstitutionsNummer)},
			{"enhedsNavn", text(&u.Navn)},
			{"instType3", whole(&u.InstType3)},
			{"adresse", nested(adresseFields(&u.Adresse))},
			{"email", text(&u.Email)},
			{"telefonNummer", text(&u.TelefonNummer)},
			{"cvrNummer", text(&u.CVRNummer)},
			{"pNummer", text(&u.PNummer)},
		}
	default:
		fields = []field{
			{"alternativAdresseNummer", text(&u.AlternativAdresseNummer)},
			{"enhedsNummer", text(&u.EnhedsNummer)},
			{"alternativAdresseNavn", text(&u.Navn)},
			{"adresse", nested(adresseFields(&u.Adresse))},
			{"cvrNummer", text(&u.CVRNummer)},
			{"pNummer", text(&u.PNummer)},
		}
	}
	return append(fields,
		field{"aktivitetsstatus", aktivitetsstatus(&u.Aktivitetsstatus)},
		field{"version", whole(&u.Version)},
		field{"senestOpdateret", passed},
		field{"advarsler", passed},
		field{"dagtilbudsType", passed},
	)
}

func adresseFields(a *register.Adresse) []field {
	return []field{
		{"vejNavn", text(&a.VejNavn)},
		{"husNummer", text(&a.HusNummer)},
		{"etage", text(&a.Etage)},
		{"doer", text(&a.Doer)},
		{"postNummer", text(&a.PostNummer)},
		{"byNavn", text(&a.ByNavn)},
		{"supplerendeBynavn", text(&a.SupplerendeBynavn)},
		{"kommuneKode", whole(&a.KommuneKode)},
		{"dawaId", text(&a.DawaID)},
		{"geoBredde", degrees(&a.GeoBredde)},
		{"geoLaengde", degrees(&a.GeoLaengde)},
	}
}

// decodeUnit reads a row of a level. The version that it states, if any, stays in it.
func decodeUnit(body []byte, level register.Level) (register.Unit, []validation.Finding) {
	u := register.Unit{Level: level}
	findings := decodeObject(body, unitFields(&u))
	return u, findings
}
