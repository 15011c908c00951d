package rest

import (
	_ "embed"
	"fmt"
	"hash/fnv"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/exporting"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// Export gives the routes that read.
func (a *API) Export() []Route {
	routes := []Route{
		{"GET", "/health", access.Ingen, (*exchange).health},
		{"GET", "/openapi.json", access.Ingen, (*exchange).openAPI},
		{"GET", "/versioner", access.Ingen, plain((*exchange).versions)},
	}
	for _, level := range register.Levels {
		routes = append(routes, queried("GET", paths[level], access.AabneData, list(level))...)
		routes = append(routes, versioned("GET", paths[level]+"/{nummer}", access.AabneData, one(level))...)
	}
	routes = append(routes, queried("GET", "/dagtilbud", access.AabneData, list(0))...)
	routes = append(routes, queried("GET", "/dagtilbud/{nummer}", access.AabneData, (*exchange).family)...)
	routes = append(routes, queried("GET", "/eksport/{fil}", access.AabneData, (*exchange).file)...)
	return append(routes, []Route{
		{"GET", "/v2/dagtilbud/{nummer}/historik", access.AabneData, plain((*exchange).history)},
		{"GET", "/v2/haendelser", access.AabneData, (*exchange).feed},
		{"GET", "/v2/synk", access.AabneData, (*exchange).own},
		{"POST", "/v2/synk", access.AabneData, plain((*exchange).compare)},
		{"GET", "/haendelser/{skema}", access.Ingen, plain(schema(""))},
		{"GET", "/haendelser/v1/{skema}", access.Ingen, plain(schema("v1/"))},
	}...)
}

// OpenAPI is the description of the API, an OpenAPI 3.1 document.
//
//go:embed openapi.json
var OpenAPI []byte

func (e *exchange) openAPI() error { return e.json(http.StatusOK, slices.Clip(OpenAPI)) }

// health answers whether the store does.
func (e *exchange) health() error {
	if _, err := e.api.Exporting.Positions(e.R.Context(), 0); err != nil {
		return &register.Error{Kind: register.Unavailable, Cause: err}
	}
	return e.json(http.StatusOK, []byte(`{"status":"ok"}`))
}

// one answers a unit of a level.
func one(level register.Level) func(*exchange) error {
	return func(e *exchange) error {
		n := register.Number(e.R.PathValue("nummer"))
		u, err := e.api.Exporting.Unit(e.R.Context(), n)
		if err == nil && u.Level != level {
			return e.refuse([]validation.Finding{validation.UkendtNummer.Finding("", "andetNiveau", register.Text{
				Da: fmt.Sprintf("%s er ikke en %s, men en %s.", n, level, u.Level), En: fmt.Sprintf("%s is not of the level %s, but %s.", n, level, u.Level),
			})})
		}
		if err != nil {
			return err
		}
		e.stand(&u)
		if e.unchanged(etag(u.Version)) {
			return nil
		}
		return e.json(http.StatusOK, appendUnit(nil, &u))
	}
}

// unchanged answers 304 where the caller has what would be answered.
func (e *exchange) unchanged(tag string) bool {
	for known := range strings.SplitSeq(e.Header("If-None-Match"), ",") {
		known = strings.TrimPrefix(strings.TrimSpace(known), "W/")
		if known == "*" || known == strings.TrimPrefix(tag, "W/") {
			e.W.WriteHeader(http.StatusNotModified)
			return true
		}
	}
	return false
}

// family answers a unit of any level with those above and below it, as they stand or stood at a moment.
func (e *exchange) family() error {
	var moment time.Time
	findings := e.readQuery(map[string]func(string) bool{"pr": momentOf(&moment)})
	if findings = append(findings, e.past(moment)...); len(findings) > 0 {
		return e.refuse(findings)
	}
	n := register.Number(e.R.PathValue("nummer"))
	var u register.Unit
	var above, below []register.Unit
	var err error
	if moment.IsZero() {
		u, above, below, err = e.api.Exporting.Family(e.R.Context(), n)
	} else {
		u, above, below, err = e.api.Exporting.FamilyAt(e.R.Context(), n, moment)
	}
	if err != nil {
		return err
	}
	o := begin(nil)
	o.name("dagtilbud")
	o.buf = appendTyped(o.buf, &u)
	o.name("over")
	o.buf = appendAll(o.buf, above, appendTyped)
	o.name("under")
	o.buf = appendAll(o.buf, below, appendTyped)
	e.standTogether(append(append(above, u), below...))
	if e.unchanged(e.W.Header().Get("ETag")) {
		return nil
	}
	return e.json(http.StatusOK, o.end())
}

// past refuses a moment that has not come: what will have been by then is not known.
func (e *exchange) past(moment time.Time) []validation.Finding {
	if !moment.After(e.api.Now()) {
		return nil
	}
	return invalid("pr", "pr må ikke ligge i fremtiden.", "pr must not lie in the future.")
}

// standTogether tells which versions of several rows of one municipality are answered, and how far its log had come for the latest.
func (e *exchange) standTogether(units []register.Unit) {
	var last register.Position
	hash := fnv.New64a()
	for _, u := range units {
		fmt.Fprintf(hash, "%s:%d ", u.Number(), u.Version)
		if u.Position.Nr > last.Nr {
			last = u.Position
		}
	}
	e.W.Header().Set("ETag", fmt.Sprintf(`W/"%x"`, hash.Sum64()))
	e.W.Header().Set("Registerposition", last.String())
}

// appendAll writes rows as a list, each in a form.
func appendAll(buf []byte, units []register.Unit, form func([]byte, *register.Unit) []byte) []byte {
	buf = append(buf, '[')
	for i := range units {
		if i > 0 {
			buf = append(buf, ',')
		}
		buf = form(buf, &units[i])
	}
	return append(buf, ']')
}

// The sizes of a page.
const (
	defaultLimit = 100
	mostLimit    = 1000
)

// list answers a page of the rows of one level, or of all with level 0.
func list(level register.Level) func(*exchange) error {
	return func(e *exchange) error {
		query, findings := e.query(level, "limit", "cursor")
		if len(findings) > 0 {
			return e.refuse(findings)
		}
		if err := e.position(&query.filter); err != nil {
			return err
		}
		rows, next, err := e.api.Exporting.Page(e.R.Context(), query.filter, query.cursor, query.limit)
		if err != nil {
			return err
		}
		e.linkNext(next.String())
		o := begin(nil)
		o.name("dagtilbud")
		o.buf = append(o.buf, '[')
		for i := range rows {
			if i > 0 {
				o.buf = append(o.buf, ',')
			}
			o.buf = form(level)(o.buf, &rows[i].Unit)
		}
		o.buf = append(o.buf, ']')
		o.optional("cursor", next.String())
		return e.json(http.StatusOK, o.end())
	}
}

// form is how rows of a level are written where one level or all are listed.
func form(level register.Level) func([]byte, *register.Unit) []byte {
	if level == 0 {
		return appendTyped
	}
	return appendUnit
}

// position tells where the register stood before it was read.
func (e *exchange) position(f *exporting.Filter) error {
	positions, err := e.api.Exporting.Positions(e.R.Context(), f.AdmKommuneKode)
	if err == nil {
		e.W.Header().Set("Registerposition", positions.String())
	}
	return err
}

// linkNext names the next page or part.
func (e *exchange) linkNext(cursor string) {
	if cursor == "" {
		return
	}
	query := e.R.URL.Query()
	query.Set("cursor", cursor)
	e.link(query)
}

// link names what comes next, at the same path, beside what other links there are.
func (e *exchange) link(query url.Values) {
	e.W.Header().Add("Link", fmt.Sprintf(`<%s?%s>; rel="next"`, (&url.URL{Path: e.R.URL.Path}).EscapedPath(), query.Encode()))
}

// query is what a read is asked for.
type query struct {
	filter   exporting.Filter
	limit    int
	cursor   exporting.Cursor
	moment   time.Time          // as it was then; the zero time for as it is
	position register.Positions // as it was there; nil for as it is
}

// query reads the filters and whichever further parameters a path has; each that cannot be read, or is unknown, is a finding.
func (e *exchange) query(level register.Level, further ...string) (query, []validation.Finding) {
	q := query{filter: exporting.Filter{Level: level}, limit: defaultLimit}
	f := &q.filter
	readers := map[string]func(string) bool{
		"admKommuneKode":        coded(&e.api.Tables.Kommuner, &f.AdmKommuneKode),
		"daginstitutionsNummer": func(s string) (ok bool) { f.DaginstitutionsNummer, ok = register.ParseNumber(s); return ok },
		"navn":                  func(s string) bool { f.Navn = s; return true },
		"pNummer":               digits(&f.PNummer, 10),
		"cvrNummer":             digits(&f.CVRNummer, 8),
		"instType3":             coded(&e.api.Tables.InstTyper, &f.InstType3),
		"ejerformKode":          coded(&e.api.Tables.Ejerformer, &f.EjerformKode),
		"lovgrundlagKode":       coded(&e.api.Tables.Lovgrundlag, &f.LovgrundlagKode),
		"aktivitetsstatus":      func(s string) (ok bool) { f.Aktivitetsstatus, ok = register.ParseAktivitetsstatus(s); return ok },
		"limit":                 func(s string) bool { return positive(&q.limit)(s) && q.limit <= mostLimit },
		"cursor":                func(s string) (ok bool) { q.cursor, ok = exporting.ParseCursor(s); return ok },
		"pr":                    momentOf(&q.moment),
		"registerposition":      func(s string) (ok bool) { q.position, ok = register.ParsePositions(s); return ok },
	}
	for _, name := range []string{"limit", "cursor", "pr", "registerposition"} {
		if !slices.Contains(further, name) {
			delete(readers, name)
		}
	}
	return q, e.readQuery(readers)
}

// readQuery has each parameter read by its reader. Those that are lists may stand several times, which is as one with commas between.
func (e *exchange) readQuery(readers map[string]func(string) bool, lists ...string) (findings []validation.Finding) {
	values, err := url.ParseQuery(e.R.URL.RawQuery)
	if err != nil {
		return invalid("query", "Forespørgselsstrengen kan ikke læses.", "The query string cannot be read.")
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		read, known := readers[name]
		if !known {
			findings = append(findings, invalid("ukendt", fmt.Sprintf("Parameteren %s findes ikke her.", quoted(name)),
				fmt.Sprintf("There is no parameter %s here.", quoted(name)))...)
			continue
		}
		if slices.Contains(lists, name) {
			values[name] = []string{strings.Join(values[name], ",")}
		}
		if len(values[name]) > 1 {
			findings = append(findings, invalid(name, fmt.Sprintf("%s må kun stå én gang.", name), fmt.Sprintf("%s may stand once only.", name))...)
			continue
		}
		for _, value := range values[name] {
			if value != "" && !read(value) {
				hint := hintOf(name, value, read)
				findings = append(findings, invalid(name, fmt.Sprintf("%s er ikke en gyldig værdi for %s.", quoted(value), name)+hint.Da,
					fmt.Sprintf("%s is not a valid value of %s.", quoted(value), name)+hint.En)...)
			}
		}
	}
	return findings
}

// tabled are the parameters that are codes, and the tables that these are in.
var tabled = map[string]string{
	"admKommuneKode": codes.Kommuner, "instType3": codes.InstType3, "ejerformKode": codes.Ejerform, "lovgrundlagKode": codes.Lovgrundlag,
}

// hintOf says what may help whoever sent a value that cannot be read.
func hintOf(name, value string, read func(string) bool) register.Text {
	if table, isCode := tabled[name]; isCode {
		return register.Text{Da: " Koderne står i /v2/kodetabeller/" + table + ".", En: " The codes are in /v2/kodetabeller/" + table + "."}
	}
	if plus := strings.ReplaceAll(value, " ", "+"); plus != value && read(plus) {
		return register.Text{Da: " Et + skrives %2B i en adresse.", En: " A + is written %2B in an address."}
	}
	return register.Text{}
}

// digits reads a number of so many digits.
func digits(to *string, n int) func(string) bool {
	return func(s string) bool {
		*to = s
		return len(s) == n && strings.Trim(s, "0123456789") == ""
	}
}

// coded reads a code, which must be in its table.
func coded(table *codes.Table, to *int) func(string) bool {
	return func(s string) bool {
		isNumber := positive(to)(s)
		_, known := table.Lookup(*to)
		return isNumber && known
	}
}

// kommune reads the code of a municipality.
func (e *exchange) kommune(s string) (kode int, ok bool) {
	ok = coded(&e.api.Tables.Kommuner, &kode)(s)
	return kode, ok
}

// each reads values with commas between.
func each[T any](to *[]T, one func(string) (T, bool)) func(string) bool {
	return func(s string) bool {
		for part := range strings.SplitSeq(s, ",") {
			value, ok := one(part)
			if !ok {
				return false
			}
			*to = append(*to, value)
		}
		return true
	}
}

func truth(to *bool) func(string) bool {
	return func(s string) bool {
		b, err := strconv.ParseBool(s)
		*to = b
		return err == nil
	}
}

func positive(to *int) func(string) bool {
	return func(s string) bool {
		n, err := strconv.Atoi(s)
		*to = n
		return err == nil && n > 0
	}
}
