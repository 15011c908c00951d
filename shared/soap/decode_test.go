package soap

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/httpcall"
	"dagtilbudsregisteret.dk/shared/importing"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/services"
	"dagtilbudsregisteret.dk/shared/validation"
	"dagtilbudsregisteret.dk/shared/xmltree"
	"dagtilbudsregisteret.dk/shared/xsd"
)

// TestStructure sends rows that are built in ways of their own.
func TestStructure(t *testing.T) {
	s := newSite(t)
	const own = ` xmlns:i="` + instance + `" `
	edit := func(old, new string) string { return strings.Replace(institution, old, new, 1) }
	end := func(more string) string {
		return strings.Replace(institution, "</daginstitution>", more+"</daginstitution>", 1)
	}
	for name, c := range map[string]struct {
		arguments string
		want      []string // nil for a row that is taken
	}{
		"unknown":        {edit("<ejer", "<hest>1</hest><ejer"), []string{"ukendt-felt/ukendt /hest"}},
		"unknown, twice": {edit("<ejer", "<hest/><hest><x/></hest><ejer"), []string{"ukendt-felt/ukendt /hest", "ukendt-felt/ukendt /hest"}},
		"beside the row": {institution + "<hest/>", []string{"ukendt-felt/ukendt /hest"}},
		"two rows":       {institution + institution, []string{"xml-skema/forMange"}},
		"order": {"<daginstitution><ejerformKode>1</ejerformKode><daginstitutionsNavn>A</daginstitutionsNavn><lovgrundlagKode>1</lovgrundlagKode>" +
			"<admKommuneKode>461</admKommuneKode></daginstitution>", []string{"xml-skema/forkertRaekkefoelge /daginstitutionsNavn"}},
		"repeated":           {edit("<ejer", "<ejerformKode>1</ejerformKode><ejer"), []string{"xml-skema/forMange /ejerformKode"}},
		"other namespace":    {edit("<ejerformKode>", `<ejerformKode xmlns="urn:x">`), []string{"xml-skema/forkertNavnerum /ejerformKode"}},
		"all in none":        {edit("<daginstitution>", `<daginstitution xmlns="">`), []string{"xml-skema/forkertNavnerum"}},
		"attribute":          {edit("<ejerformKode>", `<ejerformKode x="1">`), []string{"xml-skema/ukendtAttribut /ejerformKode"}},
		"attribute of row":   {edit("<daginstitution>", `<daginstitution x="1">`), []string{"xml-skema/ukendtAttribut"}},
		"language":           {edit("<daginstitutionsNavn>", `<daginstitutionsNavn xml:lang="da">`), []string{"xml-skema/ukendtAttribut /daginstitutionsNavn"}},
		"nil":                {edit("<ejerformKode>1", `<ejerformKode`+own+`i:nil="true">`), []string{"xml-skema/nil /ejerformKode", "forkert-type/type /ejerformKode"}},
		"type":               {edit("<ejerformKode>", `<ejerformKode`+own+`i:type="x">`), []string{"xml-skema/xsiType /ejerformKode"}},
		"location":           {edit("<daginstitution>", `<daginstitution`+own+`i:schemaLocation="x y">`), nil},
		"text beside":        {edit("<ejer", "x<ejer"), []string{"xml-skema/kunElementer"}},
		"a text":             {"<daginstitution>x</daginstitution>", []string{"forkert-type/type"}},
		"no number":          {edit("Kode>1</ejer", "Kode>x</ejer"), []string{"forkert-type/type /ejerformKode"}},
		"an empty number":    {edit("Kode>1</ejer", "Kode></ejer"), []string{"forkert-type/type /ejerformKode"}},
		"a fraction":         {edit("Kode>1</ejer", "Kode>1.5</ejer"), []string{"forkert-type/heltal /ejerformKode"}},
		"a large number":     {edit("Kode>1</ejer", "Kode>99999999999</ejer"), []string{"forkert-type/heltal /ejerformKode"}},
		"a spaced number":    {edit("Kode>1</ejer", "Kode>\n +01 </ejer"), nil},
		"an element":         {edit(">Område Øst<", "><b>Øst</b><"), []string{"forkert-type/type /daginstitutionsNavn"}},
		"CDATA":              {edit(">Område Øst<", "><![CDATA[<Øst>]]><"), nil},
		"a status":           {end("<aktivitetsstatus>x</aktivitetsstatus>"), []string{"skrivebeskyttet/aktivitetsstatus /aktivitetsstatus"}},
		"its status":         {end("<aktivitetsstatus> Aktiv </aktivitetsstatus>"), nil},
		"an empty status":    {end("<aktivitetsstatus/>"), nil},
		"a blank status":     {end("<aktivitetsstatus> \n</aktivitetsstatus>"), nil},
		"an element in it":   {end("<aktivitetsstatus><x/></aktivitetsstatus>"), []string{"forkert-type/type /aktivitetsstatus"}},
		"another status":     {end("<aktivitetsstatus>Nedlagt</aktivitetsstatus>"), []string{"skrivebeskyttet/aktivitetsstatus /aktivitetsstatus"}},
		"a version":          {end("<version>7</version>"), nil},
		"a time":             {end("<senestOpdateret>2026-11-23T08:30:00Z</senestOpdateret>"), nil},
		"a time of elements": {end("<senestOpdateret><x/></senestOpdateret>"), []string{"forkert-type/type /senestOpdateret"}},
	} {
		a := s.call(register.V2, importService, "InsertDaginstitution", c.arguments)
		a.call = name
		if c.want == nil {
			a.ok()
			continue
		}
		a.refused(c.want...)
	}
}

// TestMissingRow calls methods without the row that they take: that is all there is to say, and the call is in the trail all the same.
func TestMissingRow(t *testing.T) {
	s := newSite(t)
	rows := map[string]string{"InsertDaginstitution": "daginstitution", "UpdateDaginstitution": "daginstitution", "InsertAnvisningsEnhed": "anvisningsenhed",
		"UpdateAnvisningsEnhed": "anvisningsenhed", "InsertAlternativAdresse": "alternativAdresse", "UpdateAlternativAdresse": "alternativAdresse",
		"ReplaceDagtilbud": "dagtilbud"}
	for method, name := range rows {
		a := s.call(register.V2, importService, method, "").fault(500, "Client", "soap-kald/mangler")
		if a.find("tekst") != name+" mangler i "+method+"." || a.find("sti") != "/"+method+"/"+name || a.find("linje") != "1" {
			t.Errorf("%s", a.body)
		}
	}
	s.call(register.V2, importService, "InsertDaginstitution", enhed).fault(500, "Client", "ukendt-felt/ukendt /anvisningsenhed", "soap-kald/mangler")
	s.call(register.V1, importService, "UpdateDaginstitution", "\n").fault(500, "Client", "soap-kald/mangler")
	refused := 0
	for e, err := range s.store.Entries(t.Context(), s.now, access.Entry{}, s.now) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Afvist && e.Af.User == drift && (e.Handling == "opret" || e.Handling == "ret" || e.Handling == importing.Erstat) {
			refused++
		}
	}
	if refused != len(rows)+2 {
		t.Errorf("%d of the calls are in the trail", refused)
	}
}

// TestWithoutNamespace tells what is in no namespace from what is in another.
func TestWithoutNamespace(t *testing.T) {
	s := newSite(t)
	in := func(space string) string {
		return strings.Replace(institution, "<ejerformKode>", `<ejerformKode xmlns="`+space+`">`, 1)
	}
	for space, want := range map[string]string{"": "uden navnerum", "urn:x": "i navnerummet »urn:x«"} {
		for _, a := range []*answer{
			s.call(register.V2, importService, "InsertDaginstitution", in(space)).refused("xml-skema/forkertNavnerum /ejerformKode"),
			s.send(nobody, "POST", importPath, strings.Replace(envelope(&soap11, register.V2, "HelloWorld", ""), namespace(register.V2), space, 1)),
			s.send(nobody, "POST", importPath, strings.NewReplacer("<s:", "<", "</s:", "</", "xmlns:s", "xmlns", soap11.space, space).
				Replace(`<s:Envelope xmlns:s="`+soap11.space+`"><s:Body/></s:Envelope>`)),
			s.call(register.V2, importService, "ValidateXmlAgainstSchema", quoted(t, `<daginstitution xmlns="`+space+`"/>`)),
		} {
			if text := a.find("tekst"); !strings.Contains(text, want) {
				t.Errorf("%q: %s", space, text)
			}
		}
	}
}

// TestCoordinates sends numbers in the forms that they may have.
func TestCoordinates(t *testing.T) {
	s := newSite(t).family()
	for text, want := range map[string]string{
		"55.5": "", "5.55E1": "", " +55.50\n": "", "55": "", "055.5": "", "555e-1": "",
		"": "forkert-type/type", "x": "forkert-type/type", "NaN": "forkert-type/type", "INF": "forkert-type/type", "0x37": "forkert-type/type",
		"55,5": "forkert-type/type", "5_5": "forkert-type/type", "1e999": "forkert-type/tal", "12": "koordinater/udenfor", "-0": "koordinater/udenfor",
	} {
		row := strings.Replace(enhed, "</kommuneKode>", "</kommuneKode><geoBredde>"+text+"</geoBredde><geoLaengde>10.1</geoLaengde>", 1)
		a := s.call(register.V2, importService, "InsertAnvisningsEnhed", row)
		a.call = text
		if want == "" {
			a.ok()
			continue
		}
		a.refused(want + " /adresse/geoBredde")
	}
}

// TestUnknownSubject names no unit, or one that is none.
func TestUnknownSubject(t *testing.T) {
	s := newSite(t).family()
	for arguments, want := range map[string]string{
		"":                                                    "nummer/mangler /enhedsNummer",
		"<enhedsNummer/>":                                     "nummer/mangler /enhedsNummer",
		"<enhedsNummer>G99999</enhedsNummer>":                 "ukendt-nummer/findesIkke",
		"<enhedsNummer>G10000</enhedsNummer>":                 "ukendt-nummer/findesIkke",
		"<enhedsNummer>#1</enhedsNummer>":                     "ukendt-reference/ukendt /enhedsNummer",
		"<enhedsNummer><x/></enhedsNummer>":                   "forkert-type/type /enhedsNummer",
		"<enhedsNummer>hest</enhedsNummer><x/>":               "ukendt-felt/ukendt /x",
		"<version>1</version><enhedsNummer>G1</enhedsNummer>": "xml-skema/forkertRaekkefoelge /enhedsNummer",
	} {
		a := s.call(register.V1, importService, "DeleteAnvisningsEnhed", arguments)
		if a.find("status") != "Fejl" || !strings.Contains(strings.Join(a.lines(), "\n")+"\n", want+"\n") {
			t.Errorf("%s: %q, want %s", arguments, a.lines(), want)
		}
	}
}

// verdict asks what an Insert would be answered, without writing anything.
func verdict(t *rapid.T, s *services.Services, v register.ServiceVersion, level register.Level, sent *xmltree.Element) []validation.Finding {
	e := &exchange{Call: &httpcall.Call{R: httptest.NewRequest("POST", importPath, nil), Version: v}, sent: sent}
	op := e.operation(validation.Opret, level)
	result := s.Importing.Do(t.Context(), op, importing.Options{Actor: register.Actor{Version: v}, Rights: access.Everything, DryRun: true})
	if result.Err != nil {
		t.Fatal(result.Err)
	}
	return result.Findings
}

// TestSchemaIsNoStricter holds the schema to the rules: whatever it refuses, Insert refuses.
func TestSchemaIsNoStricter(t *testing.T) {
	all := services.New(newSite(t).family().config)
	schemas := make(map[register.ServiceVersion]*xsd.Schema)
	for _, v := range serviceVersions {
		var err error
		if schemas[v], err = newContract(v, codes.Embedded()).schema(); err != nil {
			t.Fatal(err)
		}
	}
	inserts := map[register.Level]string{register.Daginstitution: "InsertDaginstitution", register.Anvisningsenhed: "InsertAnvisningsEnhed",
		register.AlternativAdresse: "InsertAlternativAdresse"}
	outcomes := make(map[string]int)
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.SampledFrom(serviceVersions[:]).Draw(t, "version")
		level := rapid.SampledFrom(register.Levels[:]).Draw(t, "level")
		d := drawing{t, rapid.SampledFrom([]int{3, 20, 100, 1000}).Draw(t, "odds")}
		for range 20 {
			text := fmt.Sprintf(`<%s xmlns="%s">%s</%[1]s>`, inserts[level], namespace(v), d.row(level))
			sent, err := xmltree.ReadString(text, xmltree.Standard)
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			faults, findings := schemas[v].Check(sent), verdict(t, all, v, level, sent)
			if len(faults) > 0 && !validation.Blocking(findings) {
				t.Fatalf("the schema refuses what Insert takes: %s %s\n%s", faults[0].Path, faults[0].Kode, text)
			}
			outcomes[fmt.Sprint(len(faults) > 0, validation.Blocking(findings))]++
		}
	})
	if outcomes["true true"] < 100 || outcomes["false true"] < 10 || outcomes["false false"] < 100 {
		t.Errorf("the rows were too much alike: %v", outcomes)
	}
}

// drawing draws rows, of which one thing in so many is not as it should be.
type drawing struct {
	*rapid.T
	odds int
}

// astray tells whether something is to go wrong.
func (d drawing) astray(what string) bool { return rapid.IntRange(1, d.odds).Draw(d.T, what) == d.odds }

// row gives a row, sound or not.
func (d drawing) row(level register.Level) string {
	var row []string
	switch level {
	case register.Daginstitution:
		row = []string{d.number("daginstitutionsNummer", ""), d.name("daginstitutionsNavn"),
			d.code("ejerformKode", "1", "4", "5"), d.code("lovgrundlagKode", "1", "8", "9", "11"), d.code("admKommuneKode", "461", "999")}
	case register.Anvisningsenhed:
		row = []string{d.number("enhedsNummer", ""), d.number("daginstitutionsNummer", "G10000"), d.name("enhedsNavn"),
			d.code("instType3", "6011", "6022", "6015"), d.address(),
			d.text("email", "a@b.dk", "", "a@b", "a b@c.dk", strings.Repeat("a", 64)+"@b.dk", strings.Repeat("a", 65)+"@b.dk", "a@"+strings.Repeat("b", 127)+".dk", "a@æ.dk"),
			d.text("telefonNummer", "12345678", "", "+45 (12) 34-56 78", "123456789012345678901", "1234567", "12345678x"),
			d.text("cvrNummer", "12345674", "", "12345678", "02345674", "1234567"), d.text("pNummer", "1003259422", "", "100325942", "10032594221")}
	default:
		row = []string{d.number("alternativAdresseNummer", ""), d.number("enhedsNummer", "G10001"), d.name("alternativAdresseNavn"),
			d.address(), d.text("cvrNummer", "12345674", "", "x"), d.text("pNummer", "1003259422", "", "x")}
	}
	row = append(row, d.text("aktivitetsstatus", "Aktiv", "Aktiv", "", "Nedlagt", "aktiv"), d.code("version", "1", "0", "-1", "2147483647", "2147483648"),
		d.text("senestOpdateret", "2026-11-23T08:30:00Z", "", "i går"))
	return "<" + level.String() + d.attribute() + ">" + strings.Join(d.disturbed(row), "") + "</" + level.String() + ">"
}

func (d drawing) address() string {
	point := []string{"", ""}
	if rapid.Bool().Draw(d.T, "point") {
		point = []string{d.text("geoBredde", "55.5", "5.55e1", "54.5", "57.8", "57.81", "x"), d.text("geoLaengde", "10.1", "8", "15.25", "15.3", "")}
	}
	return "<adresse>" + strings.Join(d.disturbed(append([]string{
		d.name("vejNavn"), d.text("husNummer", "1", "123B", "12bb", "1234", ""), d.text("etage", "st", "", "12345678901", "1234567890"),
		d.text("doer", "tv", "", "12345678901"), d.text("postNummer", "5220", "0799", "9999", "522", "52200"), d.name("byNavn"),
		d.text("supplerendeBynavn", "Øst", "", strings.Repeat("ø", 132), strings.Repeat("ø", 133)), d.code("kommuneKode", "461", "9"),
		d.text("dawaId", "0A3F50A0-0000-32B8-E044-0003BA298018", "", "0a3f50a0"),
	}, point...)), "") + "</adresse>"
}

// disturbed gives the parts of a row, mostly as they are.
func (d drawing) disturbed(parts []string) []string {
	if !d.astray("parts") {
		return parts
	}
	i, k := rapid.IntRange(0, len(parts)-1).Draw(d.T, "one"), rapid.IntRange(0, len(parts)-1).Draw(d.T, "other")
	switch rapid.IntRange(0, 6).Draw(d.T, "disturbance") {
	case 0:
		parts[i] = ""
	case 1:
		parts[i] += parts[i]
	case 2:
		parts[i], parts[k] = parts[k], parts[i]
	case 3:
		parts[i] += "<hest/>"
	case 4:
		parts[i] += rapid.SampledFrom([]string{"x", " ", "\n", "&#160;", "<!-- x -->", "<![CDATA[ ]]>"}).Draw(d.T, "text")
	case 5:
		parts[i] = strings.Replace(parts[i], ">", ` xmlns="urn:x">`, 1)
	case 6:
		parts[i] = strings.Replace(parts[i], ">", "><x/>", 1)
	}
	return parts
}

// attribute gives the attributes of an element: none, mostly.
func (d drawing) attribute() string {
	if !d.astray("attributes") {
		return ""
	}
	return rapid.SampledFrom([]string{` x=""`, ` xml:space="preserve"`, ` xmlns:i="` + instance + `" i:nil="false"`, ` xmlns:i="` + instance + `" i:type="Navn"`,
		` xmlns:i="` + instance + `" i:schemaLocation="a b"`, ` xmlns:y="urn:y"`}).Draw(d.T, "attribute")
}

// text gives an element with a value, the first mostly, and spaces of some kind around it.
func (d drawing) text(name string, values ...string) string {
	if !d.astray(name) {
		values = values[:1]
	}
	var doc document
	doc.raw("<" + name + d.attribute() + ">")
	doc.escaped(d.space() + rapid.SampledFrom(values).Draw(d.T, name) + d.space())
	doc.close(name)
	return string(doc.buf)
}

func (d drawing) space() string {
	spaces := []string{"", "", "", " ", "\n", "\t\r\n ", "\u00a0", "\u0085", "\u2003", "\u3000 ", "\u200b"}
	if !d.astray("spaces") {
		spaces = spaces[:6]
	}
	return rapid.SampledFrom(spaces).Draw(d.T, "space")
}

func (d drawing) code(name string, values ...string) string {
	return d.text(name, append(values, "", "x", "1.0", "+"+values[0], "00"+values[0])...)
}

// number gives the number of a unit, or nothing where the sound value is none.
func (d drawing) number(name, sound string) string {
	if sound == "" && !d.astray(name) {
		return ""
	}
	return d.text(name, sound, "", "g10000", "G1000", "Å10000", "#1", "G 10000")
}

func (d drawing) name(name string) string {
	return d.text(name, "Åkanden", "", " ", strings.Repeat("å", 132), strings.Repeat("å", 133), strings.Repeat("😀", 132), "A  B", "A\nB", "A\u200bB",
		rapid.StringN(0, 140, -1).Draw(d.T, "any"))
}
