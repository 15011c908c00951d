package xsd

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dagtilbudsregisteret.dk/shared/xmltree"
)

const altSchema = "testdata/alt/alt.xsd"

// load reads a schema that must be right.
func load(t testing.TB, name string) *Schema {
	t.Helper()
	s, err := Load(os.DirFS(filepath.Dir(name)), filepath.Base(name))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// sample is a document that all are asked about, ourselves and the other tools.
type sample struct {
	schema, document string
	how              string   // it was made
	unasked          string   // a tool that is not asked
	otherwise        []string // the tools that say the opposite of what we say
}

// verdict is what we say of a document: all codes of what is wrong with it.
func verdict(s *Schema, document string) (kodes []string) {
	e, err := xmltree.Read(strings.NewReader(document), xmltree.Limits{})
	if fault, ok := errors.AsType[*xmltree.Fault](err); ok {
		return []string{fault.Kode}
	}
	for _, f := range s.Check(e) {
		kodes = append(kodes, f.Kode)
	}
	return kodes
}

// TestAgainstOthers makes documents, sound and unsound, of our test schema and of the contracts, and asks all whether they are sound.
func TestAgainstOthers(t *testing.T) {
	schemas := []string{altSchema}
	contracts, err := filepath.Glob("../soap/contract/*/*.xsd")
	if err != nil || len(contracts) == 0 {
		t.Fatalf("no contracts: %v", err)
	}
	schemas = append(schemas, contracts...)
	var samples []sample
	for i, schema := range schemas {
		s := load(t, schema)
		n := 30
		if i == 0 {
			n = 200
			samples = append(samples, oddValues(schema, s)...)
			samples = append(samples, disputed()...)
		}
		samples = append(samples, made(t, schema, s, n)...)
	}
	slices.SortStableFunc(samples, func(a, b sample) int { return strings.Compare(a.schema, b.schema) })
	jobs, ours := judged(t, samples)
	for _, other := range tools {
		t.Run(other.name, func(t *testing.T) {
			theirs := other.run(t, jobs)
			if len(theirs) != len(samples) {
				t.Fatalf("%d verdicts for %d documents", len(theirs), len(samples))
			}
			sound := 0
			for i, c := range samples {
				if len(ours[i]) == 0 {
					sound++
				}
				agree := (len(ours[i]) == 0) == (theirs[i] == "ok")
				if c.unasked != other.name && agree == slices.Contains(c.otherwise, other.name) {
					t.Errorf("%s: we say %q, they say %s\n%s", c.how, ours[i], theirs[i], c.document)
				}
			}
			t.Logf("%d documents, %d of them sound", len(samples), sound)
		})
	}
}

// judged writes the samples down for the tools, and gives what we say of each. Every code must be among it.
func judged(t *testing.T, samples []sample) (jobs []job, ours [][]string) {
	t.Helper()
	folder, said, schemas := t.TempDir(), make(map[string]int), make(map[string]*Schema)
	for i, c := range samples {
		if schemas[c.schema] == nil {
			schemas[c.schema] = load(t, c.schema)
		}
		kodes := verdict(schemas[c.schema], c.document)
		for _, kode := range kodes {
			said[kode]++
		}
		j := job{c.schema, filepath.Join(folder, fmt.Sprintf("%05d.xml", i))}
		if err := os.WriteFile(j.document, []byte(c.document), 0o600); err != nil {
			t.Fatal(err)
		}
		jobs, ours = append(jobs, j), append(ours, kodes)
	}
	for _, kode := range kodes {
		if said[kode] == 0 {
			t.Errorf("no document is %s", kode)
		}
	}
	t.Log(said)
	return jobs, ours
}

// kodes are all codes but FlereFejl.
var kodes = []string{UkendtRod, ForkertNavnerum, UkendtElement, ForkertRaekkefoelge, ForMange, Mangler, SkalVaereTom, KunElementer, UkendtAttribut, Nil,
	XsiType, ForLang, ForKort, UkendtKode, Format, Heltal, Tal, Boolsk, Dato, Tidspunkt, Udenfor, ForMangeCifre}

// made makes documents of a schema: n sound ones, each followed by others that something was done to.
func made(t *testing.T, schema string, s *Schema, n int) (samples []sample) {
	t.Helper()
	g, unasked := newGenerator(s, 2026), ""
	add := func(document, how string) {
		samples = append(samples, sample{schema: schema, document: document, how: how, unasked: unasked})
	}
	for i := range n {
		if g.padded, unasked = i%5 == 4, ""; g.padded {
			unasked = "xmllint" // libxml2 leaves the white space around an xs:int, an xs:date and their like
		}
		global := g.globals[g.IntN(len(g.globals))]
		tree := g.sound(global, 0)
		document := g.document(tree)
		if got := verdict(s, document); got != nil {
			t.Errorf("made as sound, and is %s\n%s", got, document)
		}
		add(document, "sound")
		for range 2 {
			changed := clone(tree)
			g.mutate(changed, 1+g.IntN(2))
			add(g.document(changed), "mutated")
		}
		add(g.broken(document), "broken")
		add(g.encoded(document), "encoded")
	}
	return samples
}

// oddValues puts each odd value of a kind in each optional place that takes one, in a document of its own.
func oddValues(schema string, s *Schema) (samples []sample) {
	g := newGenerator(s, 7)
	for _, global := range g.globals {
		if global.content == nil {
			continue
		}
		for _, p := range global.content.particles {
			if p.content != nil || !p.optional {
				continue
			}
			for _, v := range odd[p.value.kind] {
				e := &xmltree.Element{Name: global.name, Children: []*xmltree.Element{{Name: p.name, Text: v}}}
				samples = append(samples, sample{schema: schema, document: g.document(e), how: "odd value"})
			}
		}
	}
	return samples
}

// disputed are documents on which others differ from us, each for a reason. That they do is checked, so that the reason stays true.
func disputed() (samples []sample) {
	const bart = `<bart xmlns="urn:alt">1</bart>`
	xmllint, jdk := tools[0].name, tools[1].name
	for _, c := range []struct {
		why, document string
		otherwise     []string
	}{
		{"we read no DOCTYPE, however harmless", "<!DOCTYPE bart>" + bart, []string{xmllint, jdk}},
		{"we read no processing instructions", "<?a b?>" + bart, []string{xmllint, jdk}},
		{"we read XML 1.0 alone", `<?xml version="1.1"?>` + bart, []string{xmllint, jdk}},
		{"we bound the depth", nested(40), []string{xmllint, jdk}},
		{"we take no xsi:type, even of the type that is declared",
			`<bart xmlns="urn:alt" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xs="http://www.w3.org/2001/XMLSchema" xsi:type="xs:int">1</bart>`,
			[]string{xmllint, jdk}},
		{"our digits are those of Unicode today", `<alt xmlns="urn:alt"><nummer>G߀߁߂߃߄</nummer><navn>xx</navn><kode>1</kode><adresse><vej/>` +
			`<postNummer>4000</postNummer></adresse><sidst>OK</sidst></alt>`, []string{xmllint, jdk}},
		{"the JDK counts characters beyond U+FFFF twice", `<tekster xmlns="urn:alt"><praecis>😀😀😀</praecis></tekster>`, []string{jdk}},
		{"the JDK has the names of XML's fourth edition", `<𐀀:bart xmlns:𐀀="urn:alt">1</𐀀:bart>`, []string{jdk}},
		{"libxml2 leaves white space around some numbers", `<bart xmlns="urn:alt"> 1 </bart>`, []string{xmllint}},
		{"libxml2 has no numbers of more than 24 digits", `<tal xmlns="urn:alt"><integer>1234567890123456789012345</integer></tal>`,
			[]string{xmllint}},
		{"libxml2 takes a number that ends in its exponent", `<tal xmlns="urn:alt"><double>1e</double></tal>`, []string{xmllint}},
		{"libxml2 takes an empty section for text", `<tomt xmlns="urn:alt"><![CDATA[]]></tomt>`, []string{xmllint}},
	} {
		samples = append(samples, sample{schema: altSchema, document: c.document, how: c.why, otherwise: c.otherwise})
	}
	return samples
}

// nested is a document of a depth.
func nested(depth int) string {
	return `<trae xmlns="urn:alt">` + strings.Repeat("<gren>", depth-1) + strings.Repeat("</gren>", depth-1) + "</trae>"
}
