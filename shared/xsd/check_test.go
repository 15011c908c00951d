package xsd

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"dagtilbudsregisteret.dk/shared/xmltree"
)

// said is what is wrong with a document, each fault as "line:column path kode".
func said(t testing.TB, s *Schema, document string) (faults []string) {
	t.Helper()
	e, err := xmltree.ReadString(document, xmltree.Limits{Depth: 64})
	if err != nil {
		t.Fatalf("%s: %v", document, err)
	}
	for _, f := range s.Check(e) {
		wantPlace(t, e, f)
		faults = append(faults, fmt.Sprintf("%d:%d %s %s", f.Line, f.Column, f.Path, f.Kode))
	}
	return faults
}

// wantPlace checks that a fault has texts, and that its path leads to where it says it is.
func wantPlace(t testing.TB, e *xmltree.Element, f Fault) {
	t.Helper()
	if f.Kode == "" || f.Tekst.Da == "" || f.Tekst.En == "" || f.Tekst.Da == f.Tekst.En || !strings.HasSuffix(f.Tekst.Da,
		".") || !strings.HasSuffix(f.Tekst.En, ".") {
		t.Errorf("%+v", f)
	}
	steps := strings.Split(f.Path, "/")[1:]
	last := steps[len(steps)-1]
	if f.Kode == Mangler || strings.HasPrefix(last, "@") {
		steps = steps[:len(steps)-1]
	}
	if len(steps) == 0 || steps[0] != e.Name.Local {
		t.Fatalf("%s does not begin at the root", f.Path)
	}
	for _, step := range steps[1:] {
		name, n := step, 1
		if open := strings.IndexByte(step, '['); open > 0 {
			name = step[:open]
			fmt.Sscanf(step[open:], "[%d]", &n)
		}
		named := slices.DeleteFunc(slices.Clone(e.Children), func(c *xmltree.Element) bool { return c.Name.Local != name })
		if len(named) < n || len(named) > 1 == (name == step) {
			t.Fatalf("%s leads nowhere at %s", f.Path, step)
		}
		e = named[n-1]
	}
	line, column := e.Line, e.Column
	if (f.Kode == KunElementer || f.Kode == SkalVaereTom) && e.TextLine > 0 {
		line, column = e.TextLine, e.TextColumn
	}
	if line != f.Line || column != f.Column {
		t.Errorf("%s leads to %d:%d, not %d:%d", f.Path, line, column, f.Line, f.Column)
	}
}

// TestCheck has all faults of each document: what is wrong, and nothing that follows from it.
func TestCheck(t *testing.T) {
	s := load(t, altSchema)
	const (
		navn    = "<navn>Egernet</navn>"
		kode    = "<kode>1</kode>"
		adresse = "<adresse><vej>Vej</vej><postNummer>4000</postNummer></adresse>"
		sidst   = "<sidst>OK</sidst>"
		xsi     = ` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"`
	)
	alt := func(content ...string) string {
		return `<alt xmlns="urn:alt">` + strings.Join(content, "\n") + "</alt>"
	}
	tekster := func(name, value string) string {
		return `<tekster xmlns="urn:alt"><` + name + ">" + value + "</" + name + "></tekster>"
	}
	for _, c := range []struct {
		name, document string
		want           []string
	}{
		{"sound", alt(navn, kode, adresse, sidst), nil},
		{"another document", `<andre xmlns="urn:alt"><navn/></andre>`, []string{"1:1 /andre ukendtRod"}},
		{"a document of another file", `<andet xmlns="urn:andet"><a>1</a></andet>`, nil},

		{"the wrong namespace throughout", strings.Replace(alt(navn, "<kode>9</kode>", adresse, sidst), "urn:alt", "urn:v2", 1),
			[]string{"1:1 /alt forkertNavnerum", "2:1 /alt/kode ukendtKode"}},
		{"no namespace throughout", "<alt>" + navn + kode + adresse + sidst + "</alt>", []string{"1:1 /alt forkertNavnerum"}},
		{"no namespace below the root", `<p:tider xmlns:p="urn:alt"><dato>2026-01-31</dato><utc>x</utc></p:tider>`,
			[]string{"1:28 /tider/dato forkertNavnerum", "1:51 /tider/utc forkertNavnerum", "1:51 /tider/utc tidspunkt"}},
		{"no namespace in one place, with all within it", alt(navn, kode, strings.Replace(adresse, "<adresse", `<adresse xmlns=""`, 1), sidst),
			[]string{"3:1 /alt/adresse forkertNavnerum"}},
		{"no namespace, and another within", alt(navn, kode, `<adresse xmlns=""><vej xmlns="u">V</vej><postNummer>4000</postNummer></adresse>`, sidst),
			[]string{"3:1 /alt/adresse forkertNavnerum", "3:19 /alt/adresse/vej forkertNavnerum"}},
		{"the right namespace within the wrong one",
			alt(navn, kode, `<p:adresse xmlns:p="u"><vej>V</vej><postNummer>4000</postNummer></p:adresse>`, sidst),
			[]string{"3:1 /alt/adresse forkertNavnerum"}},

		{"missing", alt(navn, sidst), []string{"1:1 /alt/kode mangler", "1:1 /alt/adresse mangler"}},
		{"missing, and unknown beside it", alt(navn, kode, "<adresse><vej>Vej</vej><postnummer>4000</postnummer></adresse>", sidst),
			[]string{"3:1 /alt/adresse/postNummer mangler", "3:24 /alt/adresse/postnummer ukendtElement"}},
		{"unknown, whatever is in it", alt(navn, "<x><y/>z</x>", kode, adresse, sidst), []string{"2:1 /alt/x ukendtElement"}},
		{"unknown, twice", alt("<x/>", navn, kode, "<x/>", adresse, sidst), []string{"1:22 /alt/x[1] ukendtElement", "4:1 /alt/x[2] ukendtElement"}},
		{"too many", alt(navn, kode, kode, adresse, sidst), []string{"3:1 /alt/kode[2] forMange"}},
		{"too many, of which the second is wrong in itself", alt(navn, kode, adresse, "<adresse><vej>V</vej></adresse>", sidst),
			[]string{"4:1 /alt/adresse[2] forMange", "4:1 /alt/adresse[2]/postNummer mangler"}},
		{"too many, in the wrong place", alt(navn, kode, adresse, navn, sidst), []string{"4:1 /alt/navn[2] forMange"}},
		{"one of many is wrong", alt(navn, kode, adresse, sidst, "<sidst>ok</sidst>", sidst), []string{"5:1 /alt/sidst[2] ukendtKode"}},

		{"the first comes last", alt(kode, adresse, sidst, navn), []string{"4:1 /alt/navn forkertRaekkefoelge"}},
		{"the last comes first", alt(sidst, navn, kode, adresse), []string{"1:22 /alt/sidst forkertRaekkefoelge"}},
		{"two are exchanged", alt(navn, adresse, kode, sidst), []string{"2:1 /alt/adresse forkertRaekkefoelge"}},
		{"one within many", alt(navn, kode, adresse, "<note/>", "<nul>1</nul>", "<note/>", sidst), []string{"5:1 /alt/nul forkertRaekkefoelge"}},
		{"wrong order, and wrong in itself", alt("<kode>x</kode>", navn, adresse, sidst), []string{"1:22 /alt/kode heltal",
			"1:22 /alt/kode forkertRaekkefoelge"}},

		{"text among elements", alt(navn, "x", kode, adresse, sidst), []string{"2:1 /alt kunElementer"}},
		{"text in place of elements", alt(navn, kode, "<adresse>Vej 1</adresse>", sidst),
			[]string{"3:1 /alt/adresse/vej mangler", "3:1 /alt/adresse/postNummer mangler", "3:10 /alt/adresse kunElementer"}},
		{"elements in place of text", alt("<navn>x<b>y</b><b/></navn>", kode, adresse, sidst),
			[]string{"1:29 /alt/navn/b[1] ukendtElement", "1:37 /alt/navn/b[2] ukendtElement"}},
		{"text in what is empty", `<tomt xmlns="urn:alt">x</tomt>`, []string{"1:23 /tomt skalVaereTom"}},
		{"white space in what is empty", `<tomt xmlns="urn:alt"> </tomt>`, []string{"1:1 /tomt skalVaereTom"}},
		{"a comment in what is empty", `<tomt xmlns="urn:alt"><!-- --></tomt>`, nil},
		{"an element in what is empty", "<tomt xmlns='urn:alt'>\n<x/></tomt>", []string{"2:1 /tomt/x ukendtElement"}},

		{"an attribute", alt(`<navn lang="da">Egernet</navn>`, kode, adresse, sidst), []string{"1:22 /alt/navn/@lang ukendtAttribut"}},
		{"xml:lang is an attribute like others", `<bart xmlns="urn:alt" xml:lang="da">1</bart>`, []string{"1:1 /bart/@lang ukendtAttribut"}},
		{"attributes of xsi", `<bart xmlns="urn:alt"` + xsi + ` xsi:schemaLocation="urn:alt x" xsi:noNamespaceSchemaLocation="x">1</bart>`, nil},
		{"an attribute that xsi has not", `<bart xmlns="urn:alt"` + xsi + ` xsi:nill="true">1</bart>`, []string{"1:1 /bart/@nill ukendtAttribut"}},
		{"attributes like those of xsi", `<bart xmlns="urn:alt" xmlns:x="urn:x" x:nil="true" type="x">1</bart>`,
			[]string{"1:1 /bart/@nil ukendtAttribut", "1:1 /bart/@type ukendtAttribut"}},
		{"xsi:type", `<bart xmlns="urn:alt"` + xsi + ` xsi:type="int">x</bart>`, []string{"1:1 /bart/@type xsiType", "1:1 /bart heltal"}},
		{"xsi:nil", alt(navn, kode, adresse, "<nul"+xsi+` xsi:nil="true"/>`, sidst), nil},
		{"xsi:nil with content", alt(navn, kode, adresse, "<nul"+xsi+` xsi:nil=" 1 ">7</nul>`, sidst), []string{"4:1 /alt/nul/@nil nil"}},
		{"xsi:nil of elements", alt(navn, kode, adresse, "<nulAdresse"+xsi+` xsi:nil="true"><vej/></nulAdresse>`, sidst),
			[]string{"4:1 /alt/nulAdresse/@nil nil"}},
		{"xsi:nil that is false", alt(navn, kode, adresse, "<nul"+xsi+` xsi:nil="false"/>`, sidst), []string{"4:1 /alt/nul heltal"}},
		{"xsi:nil that is neither", alt(navn, kode, adresse, "<nul"+xsi+` xsi:nil="ja">7</nul>`, sidst), []string{"4:1 /alt/nul/@nil nil"}},
		{"xsi:nil where it may not be", alt(navn, kode, "<adresse"+xsi+` xsi:nil="true"/>`, sidst), []string{"3:1 /alt/adresse/@nil nil"}},
		{"no xsi:nil where it may not be", alt(navn, kode+"<!-- -->", strings.Replace(adresse, ">", xsi+` xsi:nil="false">`, 1), sidst),
			[]string{"3:1 /alt/adresse/@nil nil"}},

		{"all at once", alt("<x/>", "<kode>0</kode>", "<navn>Y</navn>", "<adresse><postNummer/><vej/><vej/></adresse>", "z"), []string{
			"1:1 /alt/sidst mangler", "1:22 /alt/x ukendtElement", "2:1 /alt/kode ukendtKode",
			"2:1 /alt/kode forkertRaekkefoelge",
			"3:1 /alt/navn forKort", "4:10 /alt/adresse/postNummer format", "4:10 /alt/adresse/postNummer forkertRaekkefoelge",
			"4:29 /alt/adresse/vej[2] forMange", "5:1 /alt kunElementer"}},

		{"too long", tekster("rundt", "abcdef"), []string{"1:26 /tekster/rundt forLang"}},
		{"too long, whatever is wrong with it", tekster("rundt", "xyzæøå"), []string{"1:26 /tekster/rundt forLang"}},
		{"as long as may be, and white space around it", tekster("rundt", " \u00a0\u0085\u2003abcde\n\n"), nil},
		{"too long, and white space around it", tekster("rundt", " \u00a0\u0085\u2003abcdef\n\n"), []string{"1:26 /tekster/rundt forLang"}},
		{"too short", tekster("rundt", "a"), []string{"1:26 /tekster/rundt forKort"}},
		{"empty", tekster("rundt", ""), []string{"1:26 /tekster/rundt forKort"}},
		{"blank", tekster("rundt", "\u00a0 "), []string{"1:26 /tekster/rundt forKort"}},
		{"of the wrong form", tekster("rundt", "xyzæø"), []string{"1:26 /tekster/rundt format"}},
		{"too long for the type below", tekster("indeni", "abcabc"), []string{"1:26 /tekster/indeni forLang"}},
		{"too short for the type above", tekster("indeni", "ab"), []string{"1:26 /tekster/indeni forKort"}},
		{"of the wrong form above", tekster("indeni", "def"), []string{"1:26 /tekster/indeni format"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := said(t, s, c.document); !slices.Equal(got, c.want) {
				t.Errorf("%s\n got %s\nwant %s", c.document, strings.Join(got, "\n     "), strings.Join(c.want, "\n     "))
			}
		})
	}
}

// TestTexts has what is said of each kind of fault.
func TestTexts(t *testing.T) {
	s := load(t, altSchema)
	const postNummer = "<adresse xmlns='urn:alt'><vej/><postNummer>%s</postNummer></adresse>"
	for _, c := range []struct{ document, da, en string }{
		{`<x xmlns="urn:alt"/>`, "Skemaet har intet dokument x; det har alt, andet, bart, tal, tekster, tider, tomt, trae.",
			"The schema has no document x; it has alt, andet, bart, tal, tekster, tider, tomt, trae."},
		{`<tomt/>`, "tomt står i intet navnerum; det skal stå i »urn:alt«.", "tomt stands in no namespace; it must stand in “urn:alt”."},
		{`<tomt xmlns="urn:b"/>`, "tomt står i navnerummet »urn:b«; det skal stå i »urn:alt«.", "tomt stands in the namespace “urn:b”; it must stand in “urn:alt”."},
		{`<tomt xmlns="urn:alt"><a/></tomt>`, "Elementet a findes ikke i tomt; her skal intet stå.",
			"There is no element a in tomt; there must be nothing here."},
		{`<trae xmlns="urn:alt"><a/></trae>`, "Elementet a findes ikke i trae; her er blad, gren.",
			"There is no element a in trae; there are blad, gren."},
		{`<trae xmlns="urn:alt"><gren/><gren/><blad/></trae>`, "blad skal stå før gren.", "blad must stand before gren."},
		{`<tal xmlns="urn:alt"><int>1</int><hel>1</hel><long>1</long></tal>`, "hel skal stå efter long.", "hel must stand after long."},
		{`<trae xmlns="urn:alt"><blad/><blad/></trae>`, "blad står her mere end én gang.", "blad stands here more than once."},
		{`<andet xmlns="urn:andet"/>`, "a mangler.", "a is missing."},
		{`<tomt xmlns="urn:alt"> </tomt>`, "tomt skal være tom; her står tekst eller mellemrum.",
			"tomt must be empty; there is text or white space here."},
		{`<trae xmlns="urn:alt">` + "\n x\n <blad/>\ny\n</trae>", "trae indeholder elementer og ingen tekst; her står »x y«.",
			"trae holds elements and no text; here is “x y”."},
		{`<bart xmlns="urn:alt"><b/></bart>`, "bart indeholder tekst alene, ikke elementet b.", "bart holds text alone, not the element b."},
		{`<bart xmlns="urn:alt" b="">1</bart>`, "bart har ingen attribut b.", "bart has no attribute b."},

		{`<bart xmlns="urn:alt">x</bart>`, "bart er »x«; det skal være et heltal.", "bart is “x”; it must be an integer."},
		{`<bart xmlns="urn:alt">` + strings.Repeat("æ", 100) + `</bart>`, "bart er »" + strings.Repeat("æ", 60) + "…«; det skal være et heltal.",
			"bart is “" + strings.Repeat("æ", 60) + "…”; it must be an integer."},
		{`<bart xmlns="urn:alt">2147483648</bart>`, "bart er »2147483648«; det skal være fra -2147483648 til 2147483647.",
			"bart is “2147483648”; it must be from -2147483648 to 2147483647."},
		{`<tal xmlns="urn:alt"><hel>999</hel></tal>`, "hel er »999«; det må højst være 998.", "hel is “999”; it may be at most 998."},
		{`<tal xmlns="urn:alt"><positiv>0</positiv></tal>`, "positiv er »0«; det skal mindst være 1.", "positiv is “0”; it must be at least 1."},
		{`<tal xmlns="urn:alt"><decimal>1,5</decimal></tal>`, "decimal er »1,5«; det skal være et tal med decimalpunktum.",
			"decimal is “1,5”; it must be a number with a decimal point."},
		{`<tal xmlns="urn:alt"><double>x</double></tal>`, "double er »x«; det skal være et tal.", "double is “x”; it must be a number."},
		{`<tal xmlns="urn:alt"><boolsk>ja</boolsk></tal>`, "boolsk er »ja«; det skal være true eller false.",
			"boolsk is “ja”; it must be true or false."},
		{`<tal xmlns="urn:alt"><belob>1.234</belob></tal>`, "belob er »1.234«; der må højst være 5 cifre i alt og 2 decimaler.",
			"belob is “1.234”; there may be at most 5 digits in all and 2 after the point."},
		{`<tider xmlns="urn:alt"><dato>31/1</dato></tider>`, "dato er »31/1«; det skal være en dato som 2026-01-31.",
			"dato is “31/1”; it must be a date such as 2026-01-31."},
		{`<tider xmlns="urn:alt"><tidspunkt>nu</tidspunkt></tider>`, "tidspunkt er »nu«; det skal være et tidspunkt som 2026-01-31T12:00:00Z.",
			"tidspunkt is “nu”; it must be a time such as 2026-01-31T12:00:00Z."},
		{`<tekster xmlns="urn:alt"><kort>æøåæø</kort></tekster>`, "kort er på 5 tegn; der må højst være 4.",
			"kort has 5 characters; there may be at most 4."},
		{`<tekster xmlns="urn:alt"><rundt> abcdefg&#160;</rundt></tekster>`, "rundt er på 7 tegn; der må højst være 5.",
			"rundt has 7 characters; there may be at most 5."},
		{`<tekster xmlns="urn:alt"><indeni/></tekster>`, "indeni er på 0 tegn; der skal mindst være 2.",
			"indeni has 0 characters; there must be at least 2."},
		{`<tekster xmlns="urn:alt"><rundt>xyz</rundt></tekster>`, "rundt er »xyz«. 2-5 tegn fra a til f.", "rundt is “xyz”. 2-5 characters from a to f."},
		{`<tekster xmlns="urn:alt"><praecis>æø</praecis></tekster>`, "praecis er på 2 tegn; der skal mindst være 3.",
			"praecis has 2 characters; there must be at least 3."},
		{`<tekster xmlns="urn:alt"><varm>blå</varm></tekster>`, "varm er »blå«; det skal være et af rød, gul.",
			"varm is “blå”; it must be one of rød, gul."},
		{`<alt xmlns="urn:alt"><navn>xx</navn><kode>3</kode>` + strings.ReplaceAll(fmt.Sprintf(postNummer,
			"4000"), " xmlns='urn:alt'", "") + `<sidst>OK</sidst></alt>`,
			"kode er »3«; det skal være et af 1 (Kommunal), 2 (Privat), +30.", "kode is “3”; it must be one of 1 (Municipal), 2 (Privat), +30."},
		{`<tekster xmlns="urn:alt"><moenster>q</moenster></tekster>`, `moenster er »q«; det skal have formen (ab|c){2,3}d? eller [^a-c\s]+\.[\-+*^]* eller ^x$.`,
			`moenster is “q”; it must be of the form (ab|c){2,3}d? or [^a-c\s]+\.[\-+*^]* or ^x$.`},
		{`<tider xmlns="urn:alt"><utc>2026-01-31T12:00:00</utc></tider>`, "utc er »2026-01-31T12:00:00«. Et tidspunkt i UTC.",
			"utc is “2026-01-31T12:00:00”. A time in UTC."},
	} {
		e, err := xmltree.ReadString(c.document, xmltree.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		faults := s.Check(e)
		if len(faults) != 1 || faults[0].Tekst.Da != c.da || faults[0].Tekst.En != c.en {
			t.Errorf("%s\n got %+v\nwant %s\n     %s", c.document, faults, c.da, c.en)
		}
	}
}

// TestFaultsAreBounded checks documents in which everything is wrong.
func TestFaultsAreBounded(t *testing.T) {
	s := load(t, altSchema)
	for _, wrong := range []string{"<x/>", "<gren>x</gren>", "<gren/><blad/>", "<gren b=''/>", "<gren xmlns='u'/>"} {
		e, err := xmltree.ReadString(`<trae xmlns="urn:alt">`+strings.Repeat(wrong, 15_000)+"</trae>", xmltree.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		faults := s.Check(e)
		if n := len(faults); n != MaxFaults || faults[n-1].Kode != FlereFejl || faults[n-2].Kode == FlereFejl {
			t.Errorf("%s: %d faults, the last %+v", wrong, n, faults[len(faults)-1])
		}
		size := 0
		for _, f := range faults {
			size += len(f.Tekst.Da) + len(f.Tekst.En) + len(f.Path)
		}
		if size > 1<<20 {
			t.Errorf("%s: the faults take %d bytes", wrong, size)
		}
	}
}

// TestFewestAstray puts elements in any order: no fewer could be taken out to put the rest in order than are faults.
func TestFewestAstray(t *testing.T) {
	s := load(t, altSchema)
	names := []string{"int", "long", "integer", "positiv", "decimal", "double", "hel"}
	rapid.Check(t, func(rt *rapid.T) {
		order := rapid.Permutation([]int{0, 1, 2, 3, 4, 5, 6}).Draw(rt, "order")[:rapid.IntRange(0, 7).Draw(rt, "n")]
		content := ""
		for _, i := range order {
			content += fmt.Sprintf("<%s>1</%s>", names[i], names[i])
		}
		faults := said(t, s, `<tal xmlns="urn:alt">`+content+"</tal>")
		if got, want := len(faults), len(order)-rising(order, -1); got != want {
			rt.Errorf("%s: %d faults, want %d", content, got, want)
		}
	})
}

// rising is how many of a list, at most, stand in order above a number, by trying each.
func rising(list []int, above int) (most int) {
	for i, n := range list {
		if n > above {
			most = max(most, 1+rising(list[i+1:], n))
		}
	}
	return most
}

// FuzzCheck checks any document: each fault has its texts and leads to where it is.
func FuzzCheck(f *testing.F) {
	s := load(f, altSchema)
	g := newGenerator(s, 3)
	for range 40 {
		tree := g.sound(pick(g, g.globals), 0)
		f.Add(g.document(tree))
		g.mutate(tree, 3)
		f.Add(g.document(tree))
	}
	f.Fuzz(func(t *testing.T, document string) {
		e, err := xmltree.ReadString(document, xmltree.Limits{})
		if err != nil {
			return
		}
		for _, fault := range s.Check(e) {
			wantPlace(t, e, fault)
			if !utf8.ValidString(fault.Tekst.Da + fault.Tekst.En + fault.Path) {
				t.Errorf("%+v", fault)
			}
		}
	})
}
