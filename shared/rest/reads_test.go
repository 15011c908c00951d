package rest_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// municipalities fills a register with three daginstitutioner of two municipalities, and units below them.
func (s *site) municipalities() *site {
	s.t.Helper()
	in := func(kommune string) string { return strings.Replace(daginstitution, "461", kommune, 1) }
	var body strings.Builder
	for i, kommune := range []string{"461", "751", "461"} {
		fmt.Fprintf(&body, `{"op":"opret","type":"daginstitution","ref":"d%d","data":%s}`+"\n", i, in(kommune))
		for j := range 3 {
			fmt.Fprintf(&body, `{"op":"opret","type":"anvisningsenhed","ref":"e%d%d","data":%s}`+"\n", i, j,
				strings.NewReplacer("G10000", fmt.Sprint("#d", i), "Åkanden", fmt.Sprint("Hus ", i, j)).Replace(enhed))
		}
		fmt.Fprintf(&body, `{"op":"opret","type":"alternativAdresse","data":%s}`+"\n", strings.Replace(adresse, "G10001", fmt.Sprintf("#e%d1", i), 1))
	}
	if a := s.call("POST", "/v2/import", body.String()); strings.Count(a.body, `"status":201`) != 15 {
		s.t.Fatal(a.body)
	}
	return s
}

// order is how the rows of municipalities are read: by municipality, each parent before what is below it.
var order = []string{"G10000", "G10001", "G10002", "G10004", "G10003", "G10010", "G10011", "G10012", "G10014", "G10013",
	"G10005", "G10006", "G10007", "G10009", "G10008"}

// numbersIn gives the own number of each row of a list.
func numbersIn(t testing.TB, rows []json.RawMessage) (found []string) {
	t.Helper()
	for _, row := range rows {
		var u struct{ DaginstitutionsNummer, EnhedsNummer, AlternativAdresseNummer string }
		if err := json.Unmarshal(row, &u); err != nil {
			t.Fatal(err)
		}
		switch {
		case u.AlternativAdresseNummer != "":
			found = append(found, u.AlternativAdresseNummer)
		case u.EnhedsNummer != "":
			found = append(found, u.EnhedsNummer)
		default:
			found = append(found, u.DaginstitutionsNummer)
		}
	}
	return found
}

type page struct {
	Dagtilbud []json.RawMessage
	Cursor    string
}

// follow gives the target of an answer's Link to the next part; empty where there is none.
func (a *answer) follow() (next string) {
	for _, link := range a.Values("Link") {
		target, rel, _ := strings.Cut(strings.TrimPrefix(link, "<"), `>; rel="`)
		switch rel {
		case `next"`:
			next = target
		case `successor-version"`, `deprecation"`, `sunset"`:
		default:
			a.t.Errorf("%s: Link %s", a.call, link)
		}
	}
	return next
}

func TestListsInPages(t *testing.T) {
	s := newSite(t).municipalities()
	for path, want := range map[string][]string{
		"/v2/dagtilbud":                                      order,
		"/v1/dagtilbud?admKommuneKode=751":                   order[10:],
		"/v2/dagtilbud?daginstitutionsNummer=G10010":         order[5:10],
		"/v2/daginstitutioner":                               {"G10000", "G10010", "G10005"},
		"/v2/anvisningsenheder?navn=hus+1":                   {"G10006", "G10007", "G10008"},
		"/v2/alternative-adresser?aktivitetsstatus=Aktiv":    {"G10004", "G10014", "G10009"},
		"/v2/anvisningsenheder?navn=" + url.QueryEscape("ø"): nil,
	} {
		for limit := 1; limit <= len(want)+1; limit++ {
			var found []string
			separator := "?"
			if strings.Contains(path, "?") {
				separator = "&"
			}
			for next := fmt.Sprintf("%s%slimit=%d", path, separator, limit); next != ""; {
				a := s.call("GET", next, "").ok(200)
				p := read[page](a)
				found = append(found, numbersIn(t, p.Dagtilbud)...)
				next = a.follow()
				if len(p.Dagtilbud) > limit || (p.Cursor == "") != (next == "") || !strings.Contains(next, url.QueryEscape(p.Cursor)) {
					t.Errorf("%s, limit %d: %d rows, cursor %q, next %q", path, limit, len(p.Dagtilbud), p.Cursor, next)
				}
			}
			if !slices.Equal(found, want) {
				t.Errorf("%s, limit %d\n got %v\nwant %v", path, limit, found, want)
			}
		}
	}
}

// TestListWhileOthersWrite walks a list whose rows are changed, closed, moved away and joined by others between the pages.
func TestListWhileOthersWrite(t *testing.T) {
	s := newSite(t).municipalities()
	var found []string
	writes := []func(){
		func() { s.call("PUT", "/v2/daginstitutioner/G10000", changed, `If-Match: "1"`).ok(200) },
		func() { s.call("DELETE", "/v2/alternative-adresser/G10014", "", `If-Match: "1"`).ok(200) },
		func() { s.call("POST", "/v2/daginstitutioner", daginstitution).ok(201) }, // G10015, yet to come
		func() { s.call("POST", "/v2/anvisningsenheder", enhed).ok(201) },         // below G10000, which is past
	}
	next := "/v2/dagtilbud?limit=2&aktivitetsstatus=Aktiv"
	for pages := 0; next != ""; pages++ {
		a := s.call("GET", next, "").ok(200)
		found, next = append(found, numbersIn(t, read[page](a).Dagtilbud)...), a.follow()
		if pages < len(writes) {
			writes[pages]()
		}
	}
	want := slices.DeleteFunc(slices.Insert(slices.Clone(order), 10, "G10015"), func(n string) bool { return n == "G10014" })
	if !slices.Equal(found, want) {
		t.Errorf("got %v\nwant %v", found, want)
	}
}

func TestQueries(t *testing.T) {
	s := newSite(t).family()
	for path, want := range map[string][]string{
		"/v2/dagtilbud?farve=1":                                {"ukendt"},
		"/v2/dagtilbud?cursor=x":                               {"cursor"},
		"/v2/dagtilbud?limit=0":                                {"limit"},
		"/v2/dagtilbud?limit=1001":                             {"limit"},
		"/v2/dagtilbud?limit=1&limit=2":                        {"limit"},
		"/v2/dagtilbud?admKommuneKode=x&a=b":                   {"ukendt", "admKommuneKode"},
		"/v2/dagtilbud?daginstitutionsNummer=g1":               {"daginstitutionsNummer"},
		"/v2/dagtilbud?daginstitutionsNummer=g10000":           {"daginstitutionsNummer"},
		"/v2/dagtilbud?pNummer=100325942":                      {"pNummer"},
		"/v2/anvisningsenheder?pNummer=100325942x&cvrNummer=1": {"cvrNummer", "pNummer"},
		"/v2/dagtilbud?aktivitetsstatus=aktiv":                 {"aktivitetsstatus"},
		"/v2/dagtilbud?navn=%zz":                               {"query"},
		"/v2/eksport/samlet.csv?limit=1":                       {"ukendt"},
		"/v2/eksport/samlet.csv?cursor=x":                      {"cursor"},
		"/v2/dagtilbud?instType3=9999":                         {"instType3"},
		"/v2/dagtilbud?ejerformKode=9&limit=0":                 {"ejerformKode", "limit"},
		"/v2/dagtilbud?lovgrundlagKode=99":                     {"lovgrundlagKode"},
		"/v2/dagtilbud?admKommuneKode=999":                     {"admKommuneKode"},
		"/v1/anvisningsenheder?instType3=6":                    {"instType3"},
		"/v2/eksport/samlet.csv?ejerformKode=5":                {"ejerformKode"},
		"/v2/synk?admKommuneKode=999":                          {"admKommuneKode"},
		"/v2/kvalitet?admKommuneKode=999":                      {"admKommuneKode"},
		"/v2/kvalitet?admKommuneKode=-1":                       {"admKommuneKode"},
		"/v2/kvalitet?navn=x":                                  {"ukendt"},
		"/v2/daginstitutioner/G10000?x=1":                      {"ukendt"},
		"/v2/numre/G10000?x=1":                                 {"ukendt"},
		"/v2/valideringsregler?x=1":                            {"ukendt"},
	} {
		var lines []string
		for _, kode := range want {
			lines = append(lines, "ugyldig-parameter/"+kode)
		}
		s.call("GET", path, "").problem(400, lines...)
	}
	s.call("GET", "/v2/dagtilbud?limit=1000&navn=&cursor=", "").ok(200)
	s.call("GET", "/v2/dagtilbud?admKommuneKode=147&instType3=6022&ejerformKode=4&lovgrundlagKode=10", "").ok(200)
}

// TestHints sends values that are nearly right, and reads what is said of them.
func TestHints(t *testing.T) {
	s := newSite(t).family()
	for path, want := range map[string]string{
		"/v2/dagtilbud?instType3=9999":                          ` The codes are in /v2/kodetabeller/instType3.`,
		"/v2/haendelser?admKommuneKode=461,999":                 `"461,999" is not a valid value of admKommuneKode. The codes are in /v2/kodetabeller/kommuner.`,
		"/v2/dagtilbud/G10000?pr=2026-11-23T09:30:00+01:00":     `"2026-11-23T09:30:00 01:00" is not a valid value of pr. A + is written %2B in an address.`,
		"/v2/eksport/samlet.csv?pr=2026-11-23T09:30:00.5+01:00": ` A + is written %2B in an address.`,
		"/v2/adgang/spor?til=2026-11-23T09:30:00+01:00":         ` A + is written %2B in an address.`,
		"/v2/eksport/samlet.csv?pr=2026-11-23+09:30:00":         `"2026-11-23 09:30:00" is not a valid value of pr.`,
		"/v2/dagtilbud?aktivitetsstatus=aktiv":                  `"aktiv" is not a valid value of aktivitetsstatus.`,
		"/v2/dagtilbud?ejerformKode=1&ejerformKode=2":           `ejerformKode may stand once only.`,
		"/v2/eksport/samlet.csv?pr=2126-11-23T09:30:00%2B01:00": `pr must not lie in the future.`,
	} {
		doc := read[problemDocument](s.call("GET", path, "", "Accept-Language: en").ok(400))
		if got := doc.Errors[0].Tekst; !strings.HasSuffix(got, want) {
			t.Errorf("%s: %s", path, got)
		}
	}
	s.call("GET", "/v2/dagtilbud/G10000?pr=2026-11-23T09:30:00%2B01:00", "").ok(200)
	table := s.call("GET", "/v2/kodetabeller/kommuner", "").ok(200) // as the hint says
	if !strings.Contains(table.body, `"kode":461`) {
		t.Errorf("%.200s", table.body)
	}
}

func TestFamily(t *testing.T) {
	s := newSite(t).municipalities()
	type family struct {
		Dagtilbud   json.RawMessage
		Over, Under []json.RawMessage
	}
	for number, want := range map[string][2][]string{
		"G10000": {nil, {"G10001", "G10002", "G10004", "G10003"}},
		"G10002": {{"G10000"}, {"G10004"}},
		"G10004": {{"G10000", "G10002"}, nil},
	} {
		f := read[family](s.call("GET", "/v2/dagtilbud/"+number, "").ok(200))
		if !slices.Equal(numbersIn(t, f.Over), want[0]) || !slices.Equal(numbersIn(t, f.Under), want[1]) ||
			numbersIn(t, []json.RawMessage{f.Dagtilbud})[0] != number {
			t.Errorf("%s: %s", number, f)
		}
	}
	tag := "If-None-Match: " + s.call("GET", "/v2/dagtilbud/G10000", "").Get("ETag")
	s.call("GET", "/v2/dagtilbud/G10000", "", tag).ok(304)
	s.call("DELETE", "/v2/alternative-adresser/G10004", "", "If-Match: *").ok(200)
	s.call("GET", "/v2/dagtilbud/G10000", "", tag).ok(200)
	for _, path := range []string{"/v2/dagtilbud/G99999", "/v2/dagtilbud/x", "/v2/daginstitutioner/" + strings.Repeat("G", 3000)} {
		s.call("GET", path, "").problem(404, "ukendt-nummer/findesIkke")
	}
	s.call("GET", "/v2/anvisningsenheder/G10000", "").problem(404, "ukendt-nummer/andetNiveau")
}
