package soap

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
	"dagtilbudsregisteret.dk/shared/xmltree"
	"dagtilbudsregisteret.dk/shared/xsd"
)

// decoding reads elements against the fields that may be there, and collects what is wrong with them rather than stop at the first. What
// REST finds in JSON is found here under the same rule, at the same pointer; only an order, a namespace and attributes are XML's own.
// What is missing, too long or no code is for the rules to say.
type decoding struct {
	space    string             // the namespace that elements must be in
	within   []*xmltree.Element // the one that is read, below all that it stands in from the method's down
	findings []validation.Finding
	places   places // of the findings
}

// field is an element that may stand in another, and what reads it: once, or any number of times where there may be many.
type field struct {
	name    string
	pointer string // to it, from the pointer to the one that it stands in: what the data model calls it, and with many their list
	many    bool
	read    func(d *decoding, e *xmltree.Element, pointer string)
}

// one is a field that stands once at most.
func one(name string, read func(*decoding, *xmltree.Element, string)) field {
	return field{name, "/" + name, false, read}
}

// row is the row that a method takes, where pointers begin.
func row(name string, read func(*decoding, *xmltree.Element, string)) field {
	return field{name, "", false, read}
}

// decode reads what is in the method's element.
func (e *exchange) decode(fields ...field) decoding {
	d := decoding{space: namespace(e.Version), within: []*xmltree.Element{e.sent}, places: make(places)}
	d.elements(e.sent, "", fields)
	e.places = d.places
	return d
}

// elements reads what is in an element: each field once at most, in their order.
func (d *decoding) elements(e *xmltree.Element, pointer string, fields []field) {
	d.attributes(e, pointer)
	switch {
	case e.Mixed:
		d.between(e, pointer)
	case len(e.Children) == 0 && blankless(e.Text) != "":
		d.wrong(pointer, "et objekt", "an object", "en tekst", "a string")
		return
	}
	last, many := -1, 0
	for _, c := range e.Children {
		d.within = append(d.within, c)
		if i := slices.IndexFunc(fields, func(f field) bool { return f.name == c.Name.Local }); i < 0 {
			d.unknown(pointer+"/"+c.Name.Local, c.Name.Local, fields)
		} else {
			f, at := &fields[i], pointer+fields[i].pointer
			if f.many {
				at += "/" + strconv.Itoa(many)
				many++
			}
			switch {
			case i < last:
				d.schema(d.here(), at, xsd.ForkertRaekkefoelge, "%s skal stå før %s.", "%s must stand before %s.", f.name, fields[last].name)
			case i == last && !f.many:
				d.schema(d.here(), at, xsd.ForMange, "%s må kun stå én gang.", "%s may stand once only.", f.name)
			}
			last = max(last, i)
			d.element(c, at, f)
		}
		d.within = d.within[:len(d.within)-1]
	}
}

// element reads a field. In one of another namespace all else is of that: it is said once.
func (d *decoding) element(e *xmltree.Element, pointer string, f *field) {
	if e.Name.Space != d.space {
		stands := standing(e.Name.Space)
		d.note(d.here(), validation.XMLSkema.Finding(pointer, xsd.ForkertNavnerum, register.Text{
			Da: fmt.Sprintf("%s skal stå i navnerummet »%s«; det står %s.", e.Name.Local, d.space, stands.Da),
			En: fmt.Sprintf("%s must be in the namespace “%s”; it is %s.", e.Name.Local, d.space, stands.En),
		}))
		defer func(space string) { d.space = space }(d.space)
		d.space = e.Name.Space
	}
	f.read(d, e, pointer)
}

// standing says in which namespace something is.
func standing(space string) register.Text {
	if space == "" {
		return register.Text{Da: "uden navnerum", En: "without a namespace"}
	}
	space = register.Shown(space)
	return register.Text{Da: "i navnerummet »" + space + "«", En: "in the namespace “" + space + "”"}
}

const instance = "http://www.w3.org/2001/XMLSchema-instance"

// attributes finds every attribute: there is none in the data model. Where a schema lies anybody may say.
func (d *decoding) attributes(e *xmltree.Element, pointer string) {
	for _, a := range e.Attrs {
		kode, da, en := xsd.UkendtAttribut, "%s har ingen attribut %s.", "%s has no attribute %s."
		switch a.Name {
		case xmltree.Name{Space: instance, Local: "schemaLocation"}, xmltree.Name{Space: instance, Local: "noNamespaceSchemaLocation"}:
			continue
		case xmltree.Name{Space: instance, Local: "nil"}:
			kode, da, en = xsd.Nil, "%s må ikke være xsi:%s; udelad elementet.", "%s may not be xsi:%s; leave the element out."
		case xmltree.Name{Space: instance, Local: "type"}:
			kode, da, en = xsd.XsiType, "%s må ikke have xsi:%s; typen er skemaets.", "%s may not have an xsi:%s; the type is the schema's."
		}
		there := d.here()
		there.sti += "/@" + a.Name.Local
		d.schema(there, pointer, kode, da, en, e.Name.Local, a.Name.Local)
	}
}

// between finds text where elements alone may stand.
func (d *decoding) between(e *xmltree.Element, pointer string) {
	there := d.here()
	there.linje, there.kolonne = e.TextLine, e.TextColumn
	d.schema(there, pointer, xsd.KunElementer, "I %s må der kun stå elementer, ikke teksten »%s«.", "In %s only elements may stand, not the text “%s”.",
		e.Name.Local, register.Shown(strings.Join(strings.FieldsFunc(e.Text, blank), " ")))
}

// note notes what is wrong at a place, as far as it is answered: an envelope has room for tens of thousands of wrong elements.
func (d *decoding) note(there place, f validation.Finding) {
	if d.full() {
		return
	}
	d.places.keep(&f, there)
	d.findings = validation.Add(d.findings, f)
}

// add notes what is wrong with the element that is read.
func (d *decoding) add(f validation.Finding) {
	if !d.full() {
		d.note(d.here(), f)
	}
}

// full tells whether so much is wrong that no more is answered.
func (d *decoding) full() bool { return len(d.findings) == validation.MostFindings }

// here is where the element stands that is read.
func (d *decoding) here() place {
	last := len(d.within) - 1
	there := at(d.within[last])
	there.sti = "/" + d.within[0].Name.Local
	for i := range last {
		there.sti += "/" + step(d.within[i], d.within[i+1])
	}
	return there
}

// schema finds what is not built as the schema says.
func (d *decoding) schema(there place, pointer, kode, da, en string, args ...any) {
	d.note(there, validation.XMLSkema.Finding(pointer, kode, register.Text{Da: fmt.Sprintf(da, args...), En: fmt.Sprintf(en, args...)}))
}

func (d *decoding) unknown(pointer, name string, fields []field) {
	if d.full() {
		return
	}
	quoted := strconv.Quote(register.Shown(name))
	d.add(validation.UkendtFelt.Finding(pointer, "ukendt", register.Text{
		Da: fmt.Sprintf("Feltet %s findes ikke her; her er %s.", quoted, names(fields)),
		En: fmt.Sprintf("There is no field %s here; there are %s.", quoted, names(fields)),
	}))
}

func names(fields []field) string {
	all := make([]string, len(fields))
	for i, f := range fields {
		all[i] = f.name
	}
	return strings.Join(all, ", ")
}

// wrong notes that a value is of another type than the model's.
func (d *decoding) wrong(pointer, da, en, kind, kindEn string) {
	d.add(validation.ForkertType.Finding(pointer, "type", register.Text{
		Da: fmt.Sprintf("Her skal stå %s, ikke %s.", da, kind), En: fmt.Sprintf("This must be %s, not %s.", en, kindEn),
	}))
}

// leaf gives the text of an element that has nothing else in it.
func (d *decoding) leaf(e *xmltree.Element, pointer, da, en string) (text string, ok bool) {
	d.attributes(e, pointer)
	if len(e.Children) > 0 {
		d.wrong(pointer, da, en, "et objekt", "an object")
		return "", false
	}
	return e.Text, true
}

// text reads a text as it is.
func text[S ~string](to *S) func(*decoding, *xmltree.Element, string) {
	return func(d *decoding, e *xmltree.Element, pointer string) {
		if s, ok := d.leaf(e, pointer, "en tekst", "a string"); ok {
			*to = S(s)
		}
	}
}

// token reads a text without the white space before and after it.
func token[S ~string](to *S) func(*decoding, *xmltree.Element, string) {
	return func(d *decoding, e *xmltree.Element, pointer string) {
		text(to)(d, e, pointer)
		*to = S(blankless(string(*to)))
	}
}

// blankless takes away what XML has for white space, before and after.
func blankless(s string) string { return strings.TrimFunc(s, blank) }

func blank(c rune) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// whole reads an integer.
func whole[I ~int | ~int64](to *I) func(*decoding, *xmltree.Element, string) {
	return func(d *decoding, e *xmltree.Element, pointer string) {
		s, ok := d.leaf(e, pointer, "et heltal", "an integer")
		if !ok {
			return
		}
		s = blankless(s)
		n, err := strconv.ParseInt(s, 10, 32)
		switch {
		case err == nil:
			*to = I(n)
		case number().MatchString(s):
			d.add(validation.ForkertType.Finding(pointer, "heltal", register.Text{
				Da: "Her skal stå et heltal.", En: "This must be an integer.",
			}))
		default:
			d.wrong(pointer, "et heltal", "an integer", "en tekst", "a string")
		}
	}
}

// number is how a number is written.
var number = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$`)
})

// degrees reads a coordinate.
func degrees(to *register.Grad) func(*decoding, *xmltree.Element, string) {
	return func(d *decoding, e *xmltree.Element, pointer string) {
		s, ok := d.leaf(e, pointer, "et tal", "a number")
		if !ok {
			return
		}
		s = blankless(s)
		if !number().MatchString(s) {
			d.wrong(pointer, "et tal", "a number", "en tekst", "a string")
			return
		}
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			d.add(validation.ForkertType.Finding(pointer, "tal", register.Text{
				Da: "Tallet er for stort.", En: "The number is too large.",
			}))
			return
		}
		*to = register.Grad{Value: v, Given: true}
	}
}

// nested reads an element that holds fields.
func nested(fields []field) func(*decoding, *xmltree.Element, string) {
	return func(d *decoding, e *xmltree.Element, pointer string) { d.elements(e, pointer, fields) }
}

// passed reads a value that the register knows better: a text, which is checked for nothing.
func passed(d *decoding, e *xmltree.Element, pointer string) {
	d.leaf(e, pointer, "en tekst", "a string")
}

// status reads an aktivitetsstatus. An empty one says nothing.
func status(to *register.Aktivitetsstatus) func(*decoding, *xmltree.Element, string) {
	return func(d *decoding, e *xmltree.Element, pointer string) {
		s, _ := d.leaf(e, pointer, "en tekst", "a string")
		if s = blankless(s); s == "" {
			return
		}
		var known bool
		if *to, known = register.ParseAktivitetsstatus(s); !known {
			d.add(validation.Skrivebeskyttet.Finding(pointer, "aktivitetsstatus", register.Text{
				Da: "Aktivitetsstatus er Aktiv eller Nedlagt.", En: "Aktivitetsstatus is Aktiv or Nedlagt.",
			}))
		}
	}
}

// unitFields are the fields of a row.
func unitFields(u *register.Unit) []field {
	var fields []field
	switch u.Level {
	case register.Daginstitution:
		fields = []field{
			one("daginstitutionsNummer", token(&u.DaginstitutionsNummer)),
			one("daginstitutionsNavn", text(&u.Navn)),
			one("ejerformKode", whole(&u.EjerformKode)),
			one("lovgrundlagKode", whole(&u.LovgrundlagKode)),
			one("admKommuneKode", whole(&u.AdmKommuneKode)),
		}
	case register.Anvisningsenhed:
		fields = []field{
			one("enhedsNummer", token(&u.EnhedsNummer)),
			one("daginstitutionsNummer", token(&u.DaginstitutionsNummer)),
			one("enhedsNavn", text(&u.Navn)),
			one("instType3", whole(&u.InstType3)),
			one("adresse", nested(adresseFields(&u.Adresse))),
			one("email", text(&u.Email)),
			one("telefonNummer", text(&u.TelefonNummer)),
			one("cvrNummer", text(&u.CVRNummer)),
			one("pNummer", text(&u.PNummer)),
		}
	default:
		fields = []field{
			one("alternativAdresseNummer", token(&u.AlternativAdresseNummer)),
			one("enhedsNummer", token(&u.EnhedsNummer)),
			one("alternativAdresseNavn", text(&u.Navn)),
			one("adresse", nested(adresseFields(&u.Adresse))),
			one("cvrNummer", text(&u.CVRNummer)),
			one("pNummer", text(&u.PNummer)),
		}
	}
	return append(fields,
		one("aktivitetsstatus", status(&u.Aktivitetsstatus)),
		one("version", whole(&u.Version)),
		one("senestOpdateret", passed),
	)
}

func adresseFields(a *register.Adresse) []field {
	return []field{
		one("vejNavn", text(&a.VejNavn)),
		one("husNummer", text(&a.HusNummer)),
		one("etage", text(&a.Etage)),
		one("doer", text(&a.Doer)),
		one("postNummer", text(&a.PostNummer)),
		one("byNavn", text(&a.ByNavn)),
		one("supplerendeBynavn", text(&a.SupplerendeBynavn)),
		one("kommuneKode", whole(&a.KommuneKode)),
		one("dawaId", text(&a.DawaID)),
		one("geoBredde", degrees(&a.GeoBredde)),
		one("geoLaengde", degrees(&a.GeoLaengde)),
	}
}
