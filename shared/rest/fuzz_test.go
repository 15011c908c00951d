package rest

import (
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"dagtilbudsregisteret.dk/shared/importing"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// bodies are sound and unsound bodies of every level.
var bodies = []string{
	`{"daginstitutionsNavn":"Område Øst","ejerformKode":1,"lovgrundlagKode":1,"admKommuneKode":461,"version":3,"aktivitetsstatus":"Aktiv"}`,
	`{"enhedsNummer":"G10001","daginstitutionsNummer":"G10000","enhedsNavn":"\"Æblet\" \\ Å","instType3":6011,"email":"a@b.dk","telefonNummer":"12345678",` +
		`"adresse":{"vejNavn":"Vej","husNummer":"1a","etage":"st","doer":"tv","postNummer":"5220","byNavn":"By","supplerendeBynavn":"S","kommuneKode":461,` +
		`"dawaId":"0a3f50a8-d4f7-32b8-e044-0003ba298018","geoBredde":55.37,"geoLaengde":10.44},"cvrNummer":"35209115","pNummer":"1003259422"}`,
	`{"alternativAdresseNavn":"😀","enhedsNummer":"#ref","adresse":null,"aktivitetsstatus":"Nedlagt","senestOpdateret":[{}],"advarsler":7}`,
	`{"adresse":{"geoBredde":1e999,"geoLaengde":-0},"version":99999999999}`,
	`{"adresse":[1,{"a":2}],"enhedsNavn":7,"ukendt":{"dyb":[[[]]]},"ejerformKode":1.5}`,
	`{"daginstitutionsNavn":"a","daginstitutionsNavn":"b"}`, `{"adresse":{"vejNavn":"a","vejNavn":"b"},"enhedsNavn":"c"}`,
	`{"adresse":{"vejNavn":nul}}`, `{"a~/b":1}`, "{\"enhedsNavn\":\"\xff\"}", `[]`, `null`, `"x"`, `{`, ``, `{} {}`, strings.Repeat(`{"adresse":`, 200),
}

// FuzzDecodeUnit reads any body as a row of any level. One that is read without findings says the same when it is written and read again.
func FuzzDecodeUnit(f *testing.F) {
	for _, body := range bodies {
		for level := range register.Levels {
			f.Add(uint8(level), []byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, level uint8, body []byte) {
		u, findings := decodeUnit(body, register.Levels[int(level)%len(register.Levels)])
		wantFindings(t, findings)
		if len(findings) > 0 {
			return
		}
		written := appendUnit(nil, &u)
		again, findings := decodeUnit(written, u.Level)
		if again != u || len(findings) > 0 {
			t.Errorf("%s\n is read as %+v\n  written as %s\n and read as %+v, %+v", body, u, written, again, findings)
		}
	})
}

// FuzzDecodeTree reads any body as a whole tree. One that is read without findings says the same when it is written as an answer is and
// read again.
func FuzzDecodeTree(f *testing.F) {
	for _, body := range bodies {
		f.Add([]byte(body))
		f.Add([]byte(`{"anvisningsenheder":[` + body + `,{"alternativeAdresser":[` + body + "," + body + `]}],"nedlaegges":["G10002"]}`))
	}
	for _, body := range []string{`{"anvisningsenheder":{}}`, `{"anvisningsenheder":[[],null,{"alternativeAdresser":7}],"nedlaegges":[null,{}],"nedlagte":[1]}`,
		`{"anvisningsenheder":[{"alternativeAdresser":[{"adresse":{]`, strings.Repeat(`{"anvisningsenheder":[`, 200)} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		tree, findings := treeIn(body)
		wantFindings(t, findings)
		if len(findings) > 0 {
			return
		}
		o := begin(nil)
		o.unit(&tree.Unit)
		var rows []register.Unit
		for _, g := range tree.Enheder {
			rows = append(append(rows, g.Unit), g.Adresser...)
		}
		o.enheder(rows)
		written := o.end()
		again, findings := treeIn(written)
		if tree.Nedlaegges = nil; !reflect.DeepEqual(again, sized(tree)) || len(findings) > 0 {
			t.Errorf("%s\n is read as %+v\n  written as %s\n and read as %+v, %+v", body, tree, written, again, findings)
		}
	})
}

func treeIn(body []byte) (importing.Tree, []validation.Finding) {
	var tree importing.Tree
	findings := decodeObject(body, treeFields(&tree))
	return sized(tree), findings
}

// sized gives a tree in which a list of nothing is no list.
func sized(tree importing.Tree) importing.Tree {
	tree.Enheder = slices.Clone(tree.Enheder)
	for i := range tree.Enheder {
		tree.Enheder[i].Adresser = append([]register.Unit(nil), tree.Enheder[i].Adresser...)
	}
	tree.Enheder, tree.Nedlaegges = append([]importing.Gren(nil), tree.Enheder...), append([]register.Number(nil), tree.Nedlaegges...)
	return tree
}

// FuzzImportLine reads any line of an import: it is an operation, or there are findings that stand in its way.
func FuzzImportLine(f *testing.F) {
	for _, body := range bodies {
		f.Add([]byte(`{"op":"opret","type":"anvisningsenhed","ref":"a","data":` + body + "}"))
		f.Add([]byte(body))
	}
	for _, operation := range []string{"opret", "ret", "flyt", "nedlaeg", "indlaes", "eftersyn"} {
		for _, level := range []string{"skole", "daginstitution", "anvisningsenhed", "alternativAdresse"} {
			f.Add([]byte(`{"op":"` + operation + `","type":"` + level + `","nummer":"#a","data":{"enhedsNummer":"G10000","version":2}}`))
		}
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		op := decodeLine(line)
		wantFindings(t, op.Findings)
		if !validation.Blocking(op.Findings) && (op.Operation == 0 || op.Level == 0 || op.Unit.Level != op.Level) {
			t.Errorf("%s is read as %+v", line, op)
		}
	})
}

// wantFindings checks that findings block, and say why and where.
func wantFindings(t *testing.T, findings []validation.Finding) {
	t.Helper()
	for _, f := range findings {
		if f.Severity != validation.Fejl || f.Kode == "" || f.Tekst.Da == "" || f.Tekst.En == "" || f.Pointer != "" && f.Pointer[0] != '/' {
			t.Errorf("finding %+v", f)
		}
	}
}

// TestLinesEndBadly reads lines from a file that ends, and from one that breaks in the middle of a line.
func TestLinesEndBadly(t *testing.T) {
	broken := errors.New("the disk is gone")
	for _, c := range []struct {
		body io.Reader
		ops  int
		end  error
	}{
		{strings.NewReader("{}\n{}"), 2, nil},
		{io.MultiReader(strings.NewReader("{}\n{}"), iotest.ErrReader(broken)), 1, broken},
	} {
		lines, ops := &importLines{}, 0
		for range lines.ops(c.body) {
			ops++
		}
		if ops != c.ops || !errors.Is(lines.unread, c.end) {
			t.Errorf("%d operations, then %v; want %d, then %v", ops, lines.unread, c.ops, c.end)
		}
	}
}
