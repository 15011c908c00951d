package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// level is a kind of unit: its path, its number's name, and its name's.
type level struct{ path, typ, number, name string }

var levels = [...]level{
	{"daginstitutioner", "daginstitution", "daginstitutionsNummer", "daginstitutionsNavn"},
	{"anvisningsenheder", "anvisningsenhed", "enhedsNummer", "enhedsNavn"},
	{"alternative-adresser", "alternativAdresse", "alternativAdresseNummer", "alternativAdresseNavn"},
}

// The levels by their places.
const (
	dag = iota
	enh
	alt
)

// unit is one that a vendor has made, as it was last acknowledged.
type unit struct {
	level   int
	number  string
	parent  *unit
	below   []*unit
	navn    string
	kommune int
	version int
	closed  bool
	foreign bool // there may be units below it that nobody knows of
}

// vendor writes units that nobody else writes, so that it knows what each must be.
type vendor struct {
	*site
	nr       int
	random   *rand.Rand
	kommuner []int
	calls    int // made so far: keys and names follow from it

	mu    sync.Mutex // held to add to units, which readers look at
	units []*unit
}

var kommuner = []int{101, 265, 461, 751}

func newVendor(s *site, nr int) *vendor {
	return &vendor{site: s, nr: nr, random: rand.New(rand.NewPCG(s.seed, uint64(nr))), kommuner: []int{kommuner[nr%4], kommuner[(nr+1)%4]}}
}

// work writes at the vendor's share of the rate until the time is over.
func (v *vendor) work(ctx context.Context) {
	each := time.Duration(vendors) * time.Second / time.Duration(v.rate)
	for pause(ctx, time.Duration(v.random.Int64N(int64(2*each)))) == nil {
		v.step(ctx)
	}
}

// step does one thing.
func (v *vendor) step(ctx context.Context) {
	switch n := v.random.IntN(100); {
	case n < 8 || len(v.units) < 5:
		v.create(ctx, dag, nil)
	case n < 28:
		v.createBelow(ctx, enh)
	case n < 38:
		v.createBelow(ctx, alt)
	case n < 62:
		v.change(ctx)
	case n < 70:
		v.move(ctx)
	case n < 78:
		v.close(ctx)
	case n < 84:
		v.tree(ctx)
	case n < 92:
		v.imports(ctx)
	case n < 97:
		v.soap(ctx)
	case n < 98:
		v.emigrate(ctx)
	default:
		v.refused(ctx)
	}
}

// next gives a key that was never used, and a name that goes with it.
func (v *vendor) next() (key, navn string) {
	v.calls++
	key = fmt.Sprintf("soak-%d-%d-%d", v.seed, v.nr, v.calls)
	return key, "Soak " + key
}

const adresse = `{"vejNavn":"Skovvej","husNummer":"7b","postNummer":"4000","byNavn":"Roskilde","kommuneKode":265}`

// body gives what is sent of a unit.
func body(level int, navn, parent string, kommune int) string {
	switch level {
	case dag:
		return fmt.Sprintf(`{"daginstitutionsNavn":%q,"ejerformKode":1,"lovgrundlagKode":1,"admKommuneKode":%d}`, navn, kommune)
	case enh:
		return fmt.Sprintf(`{"daginstitutionsNummer":%q,"enhedsNavn":%q,"instType3":6012,"adresse":%s}`, parent, navn, adresse)
	}
	return fmt.Sprintf(`{"enhedsNummer":%q,"alternativAdresseNavn":%q,"adresse":%s}`, parent, navn, adresse)
}

func (u *unit) body() string {
	parent := ""
	if u.parent != nil {
		parent = u.parent.number
	}
	return body(u.level, u.navn, parent, u.kommune)
}

// path is where the unit is.
func (u *unit) path() string { return "/v2/" + levels[u.level].path + "/" + u.number }

func (u *unit) ifMatch() []string {
	return []string{"If-Match", fmt.Sprintf("%q", fmt.Sprint(u.version))}
}

// row is what is read of a unit.
type row map[string]any

func parse(text []byte) row {
	var r row
	_ = json.Unmarshal(text, &r) // what cannot be read has no number, which is told
	return r
}

// one gives the row itself of what a look-up answers.
func (r row) one() row { m, _ := r["dagtilbud"].(map[string]any); return m }

func (r row) text(name string) string { s, _ := r[name].(string); return s }
func (r row) number(name string) int  { n, _ := r[name].(float64); return int(n) }

// add takes a unit that was acknowledged.
func (v *vendor) add(level int, number, navn string, parent *unit, kommune, version int) *unit {
	u := &unit{level: level, number: number, navn: navn, parent: parent, kommune: kommune, version: version}
	if parent != nil {
		parent.below = append(parent.below, u)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.units = append(v.units, u)
	return u
}

// any gives a unit of a level that is open, and fit; nil where there is none.
func (v *vendor) any(level int, fit func(*unit) bool) *unit {
	for range 20 {
		if u := v.units[v.random.IntN(len(v.units))]; !u.closed && u.level == level && (fit == nil || fit(u)) {
			return u
		}
	}
	return nil
}

// post makes a call with an Idempotency-Key until it is answered, and now and then once more: it must answer the same.
func (v *vendor) post(ctx context.Context, name, path, body, key string, want int, header ...string) (a answer, ok bool) {
	c := call{name, v.vendor, "POST", path, body, append(header, "Idempotency-Key", key, "Content-Type", "application/json")}
	a, err := v.insist(ctx, c)
	if err != nil {
		return a, false
	}
	if a.status != want {
		v.stats.fail(name, fmt.Errorf("%s: %d, want %d: %.1000s", body, a.status, want, a.body))
		return a, false
	}
	if v.random.IntN(10) == 0 {
		v.stats.repeat(name)
		if again, err := v.insist(ctx, c); err == nil && (again.status != want || !bytes.Equal(lasting(again.body), lasting(a.body))) {
			v.stats.fail(name, fmt.Errorf("%s: answered\n%s\nand the second time, %d,\n%s", body, a.body, again.status, again.body))
		}
	}
	return a, true
}

var requestID = regexp.MustCompile(`"requestId":"[^"]*",?`)

// lasting is what of an answer is the same when the call is made again: a refusal names the request that it answers.
func lasting(body []byte) []byte { return requestID.ReplaceAll(body, nil) }

func (v *vendor) create(ctx context.Context, level int, parent *unit) {
	key, navn := v.next()
	kommune, above := v.kommuner[v.random.IntN(2)], ""
	if parent != nil {
		kommune, above = parent.kommune, parent.number
	}
	a, ok := v.post(ctx, "create", "/v2/"+levels[level].path, body(level, navn, above, kommune), key, 201)
	if r := parse(a.body); ok {
		v.add(level, r.text(levels[level].number), navn, parent, kommune, r.number("version"))
	}
}

func (v *vendor) createBelow(ctx context.Context, level int) {
	if parent := v.any(level-1, nil); parent != nil {
		v.create(ctx, level, parent)
	}
}

// settle makes a call that may not be repeated blindly, for it goes by the version: whoever was not answered looks at what has become of the
// unit. Nobody else writes it, so its version tells.
func (v *vendor) settle(ctx context.Context, u *unit, c call) (done bool) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), longestDrain)
	defer cancel()
	for {
		a, err := v.try(ctx, c)
		if err == nil {
			if a.status != 200 {
				v.stats.fail(c.name, fmt.Errorf("%s %s of version %d: %d: %.1000s", c.method, c.path, u.version, a.status, a.body))
			}
			return a.status == 200
		}
		found, err := v.insist(ctx, call{"look up after a lost answer", login{}, "GET", "/v2/dagtilbud/" + u.number, "", nil})
		if err != nil {
			return false
		}
		if parse(found.body).one().number("version") != u.version {
			return true // and at the end it must be as it was sent
		}
	}
}

func (v *vendor) change(ctx context.Context) {
	u := v.any(v.random.IntN(3), nil)
	if u == nil {
		return
	}
	_, navn := v.next()
	changed := *u
	changed.navn = navn
	if v.settle(ctx, u, call{"change", v.vendor, "PUT", u.path(), changed.body(), append(u.ifMatch(), "Content-Type", "application/json")}) {
		u.navn = navn
		u.version++
	}
}

// emigrate has a daginstitution change municipality, and all below it with it.
func (v *vendor) emigrate(ctx context.Context) {
	u := v.any(dag, func(u *unit) bool { return u.size() < 15 })
	if u == nil {
		return
	}
	changed := *u
	changed.kommune = v.kommuner[0] + v.kommuner[1] - u.kommune
	if v.settle(ctx, u, call{"change municipality", v.vendor, "PUT", u.path(), changed.body(), append(u.ifMatch(), "Content-Type", "application/json")}) {
		u.comeAlong(func(w *unit) { w.kommune, w.version = changed.kommune, w.version+1 })
	}
}

// comeAlong is done to a unit and all below it.
func (u *unit) comeAlong(do func(*unit)) {
	do(u)
	for _, w := range u.below {
		w.comeAlong(do)
	}
}

func (u *unit) size() (n int) {
	u.comeAlong(func(*unit) { n++ })
	return n
}

func (v *vendor) move(ctx context.Context) {
	u := v.any(enh+v.random.IntN(2), nil)
	if u == nil {
		return
	}
	to := v.any(u.level-1, func(p *unit) bool { return p != u.parent && p.kommune == u.kommune })
	if to == nil {
		return
	}
	key, _ := v.next()
	if _, ok := v.post(ctx, "move", u.path()+"/flyt", fmt.Sprintf(`{%q:%q}`, levels[to.level].number, to.number), key, 200); ok {
		u.parent.below = slices.DeleteFunc(u.parent.below, func(w *unit) bool { return w == u })
		u.parent, to.below = to, append(to.below, u)
		u.comeAlong(func(w *unit) { w.version++ })
	}
}

func (v *vendor) close(ctx context.Context) {
	u := v.any(v.random.IntN(3), func(u *unit) bool {
		return !u.foreign && !slices.ContainsFunc(u.below, func(w *unit) bool { return !w.closed })
	})
	if u == nil {
		return
	}
	if v.settle(ctx, u, call{"close", v.vendor, "DELETE", u.path(), "", u.ifMatch()}) {
		u.closed = true
		u.version++
	}
}

// tree makes a whole tree in one call.
func (v *vendor) tree(ctx context.Context) {
	key, navn := v.next()
	kommune := v.kommuner[v.random.IntN(2)]
	sent := fmt.Sprintf(`{"daginstitutionsNavn":%q,"ejerformKode":1,"lovgrundlagKode":1,"admKommuneKode":%d,"anvisningsenheder":[
		{"enhedsNavn":%[1]q,"instType3":6012,"adresse":%[3]s,"alternativeAdresser":[{"alternativAdresseNavn":%[1]q,"adresse":%[3]s}]},
		{"enhedsNavn":%[4]q,"instType3":6012,"adresse":%[3]s}]}`, navn, kommune, adresse, navn+" II")
	a, ok := v.post(ctx, "create a tree", "/v2/dagtilbud", sent, key, 201)
	if !ok {
		return
	}
	r := parse(a.body)
	top := v.add(dag, r.text(levels[dag].number), navn, nil, kommune, r.number("version"))
	for _, e := range r.list("anvisningsenheder") {
		middle := v.add(enh, e.text(levels[enh].number), e.text(levels[enh].name), top, kommune, e.number("version"))
		for _, x := range e.list("alternativeAdresser") {
			v.add(alt, x.text(levels[alt].number), x.text(levels[alt].name), middle, kommune, x.number("version"))
		}
	}
}

func (r row) list(name string) (rows []row) {
	all, _ := r[name].([]any)
	for _, one := range all {
		if m, ok := one.(map[string]any); ok {
			rows = append(rows, m)
		}
	}
	return rows
}

// imports sends a few lines at once: new units, a change, and one that is refused.
func (v *vendor) imports(ctx context.Context) {
	key, navn := v.next()
	kommune := v.kommuner[v.random.IntN(2)]
	lines := []string{
		fmt.Sprintf(`{"op":"opret","type":"daginstitution","ref":"d","data":%s}`, body(dag, navn, "", kommune)),
		fmt.Sprintf(`{"op":"opret","type":"anvisningsenhed","ref":"e","data":%s}`, body(enh, navn, "#d", 0)),
		fmt.Sprintf(`{"op":"opret","type":"alternativAdresse","data":%s}`, body(alt, navn, "#e", 0)),
		`{"op":"nedlaeg","type":"daginstitution","nummer":"B99999"}`,
	}
	changed := v.any(enh, nil)
	if changed != nil {
		was := *changed
		was.navn = navn + " III"
		lines = append(lines, fmt.Sprintf(`{"op":"ret","type":"anvisningsenhed","nummer":%q,"data":%s}`, changed.number, was.body()))
	}
	a, ok := v.post(ctx, "import of 4 or 5 lines", "/v2/import", strings.Join(lines, "\n")+"\n", key, 200, "Content-Type", "application/x-ndjson")
	if !ok {
		return
	}
	var above *unit
	for i, line := range bytes.Split(bytes.TrimSpace(a.body), []byte("\n")) {
		r := parse(line)
		if want := []int{201, 201, 201, 404, 200}[i]; r.number("status") != want {
			v.stats.fail("import", fmt.Errorf("line %d: %s", i+1, line))
			return
		}
		switch i {
		case 0, 1, 2:
			above = v.add(i, r.text("nummer"), navn, above, kommune, r.number("version"))
		case 4:
			changed.navn, changed.version = navn+" III", changed.version+1
		}
	}
}

const envelope = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>%s</s:Body></s:Envelope>`

var soapNumber = regexp.MustCompile(`<(?:nummer|enhedsNummer)>([^<]+)</`)

// soap makes a unit over SOAP. Whoever is not answered does not know whether there is one, for SOAP has no keys.
func (v *vendor) soap(ctx context.Context) {
	parent := v.any(dag, nil)
	if parent == nil {
		return
	}
	_, navn := v.next()
	sent := fmt.Sprintf(envelope, `<InsertAnvisningsEnhed xmlns="https://dagtilbudsregisteret.dk/soap/v2"><anvisningsenhed><daginstitutionsNummer>`+
		parent.number+`</daginstitutionsNummer><enhedsNavn>`+navn+`</enhedsNavn><instType3>6012</instType3><adresse><vejNavn>Skovvej</vejNavn>`+
		`<husNummer>7b</husNummer><postNummer>4000</postNummer><byNavn>Roskilde</byNavn><kommuneKode>265</kommuneKode></adresse>`+
		`</anvisningsenhed></InsertAnvisningsEnhed>`)
	a, err := v.try(ctx, call{"create over SOAP", v.vendor, "POST", "/soap/v2/ImportService", sent, []string{"Content-Type", "text/xml"}})
	if err != nil {
		parent.foreign = true
		return
	}
	number := soapNumber.FindSubmatch(a.body)
	if a.status != 200 || number == nil {
		v.stats.fail("create over SOAP", fmt.Errorf("%d: %s", a.status, a.body))
		return
	}
	v.add(enh, string(number[1]), navn, parent, parent.kommune, 1)
}

// refused sends what is not lawful.
func (v *vendor) refused(ctx context.Context) {
	a, err := v.try(ctx, call{"create what is unlawful", v.vendor, "POST", "/v2/anvisningsenheder", `{"enhedsNavn":""}`, []string{"Content-Type", "application/json"}})
	if err == nil && a.status != 422 {
		v.stats.fail("create what is unlawful", fmt.Errorf("%d: %s", a.status, a.body))
	}
}
