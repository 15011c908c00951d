package events_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/boltstore"
	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/rest"
	"dagtilbudsregisteret.dk/shared/services"
)

// kopi is a copy of the register, or of some municipalities.
type kopi struct {
	rows     map[string]json.RawMessage // by number
	versions map[string]int64           // the latest of each unit, also of those that have left
	only     map[int]bool               // the municipalities that it is of; nil for all
}

// apply takes in an event, in whichever order events come, and however often.
func (k *kopi) apply(event []byte) error {
	var e struct {
		Subject string
		Data    struct {
			Efter          json.RawMessage
			AdmKommuneKode int
		}
	}
	var row struct{ Version int64 }
	if err := json.Unmarshal(event, &e); err != nil {
		return err
	}
	if err := json.Unmarshal(e.Data.Efter, &row); err != nil {
		return err // by reference: get the dataref, and apply the event that is there
	}
	if row.Version <= k.versions[e.Subject] {
		return nil // it is known already, or what is newer came first
	}
	k.versions[e.Subject] = row.Version
	if k.only != nil && !k.only[e.Data.AdmKommuneKode] {
		delete(k.rows, e.Subject) // it has left for another municipality
		return nil
	}
	k.rows[e.Subject] = e.Data.Efter
	return nil
}

// TestReadmeApplies holds the README's way to apply events to the one that is tested here.
func TestReadmeApplies(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("copy_test.go")
	if err != nil {
		t.Fatal(err)
	}
	shown := regexp.MustCompile("(?s)```go\n(.*?)```").FindSubmatch(readme)
	if shown == nil || !strings.Contains(string(source), string(shown[1])) {
		t.Errorf("README.md shows %s", shown)
	}
}

// published is a register whose files and feed are read over HTTP.
type published struct {
	http.Handler
	t     *testing.T
	login string
}

func publish(t *testing.T) *published {
	t.Helper()
	store, err := boltstore.Open(filepath.Join(t.TempDir(), "register.db"), register.DefaultSeries)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	now := time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC)
	secret, kept := access.NewSecret(now, time.Time{})
	drift := access.User{Navn: "drift", Rolle: access.Drift, Forbindelse: access.Laese | access.Levere, Secrets: []access.Secret{kept}, Oprettet: now, Version: 1}
	if err := store.SaveUser(t.Context(), drift, access.NewEntry(now, access.Entry{Handling: "opret", Bruger: drift.Navn})); err != nil {
		t.Fatal(err)
	}
	api := rest.New(services.New(services.Config{
		Store: store, Tables: codes.Embedded(), Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler), Chunk: boltstore.Chunk,
	}), rest.Limits{})
	return &published{api.Handler(api.Import(), api.Export()), t, secret}
}

// call gives the body of an answer, and where the feed goes on after it.
func (p *published) call(method, path, body string) (text, after string) {
	p.t.Helper()
	r := httptest.NewRequestWithContext(p.t.Context(), method, path, strings.NewReader(body))
	r.SetBasicAuth("drift", p.login)
	r.Header.Set("Accept", "application/x-ndjson")
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	if w.Code != http.StatusOK || strings.Contains(w.Body.String(), `"errors"`) {
		p.t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	return w.Body.String(), w.Header().Get("Haendelser-Efter")
}

// happen makes two institutions, takes one to another municipality and back, and changes, moves and closes what is below them.
func (p *published) happen(name string) {
	p.t.Helper()
	daginstitution := func(op, more, navn string, kommune int) string {
		return fmt.Sprintf(`{"op":%q,"type":"daginstitution",%s,"data":{"daginstitutionsNavn":%q,"ejerformKode":1,"lovgrundlagKode":1,"admKommuneKode":%d}}`+"\n",
			op, more, name+navn, kommune)
	}
	enhed := `"enhedsNavn":"` + name + `huset","instType3":6012,"adresse":{"vejNavn":"Skovvej","husNummer":"7b","postNummer":"4000","byNavn":"Roskilde","kommuneKode":265}}}` + "\n"
	p.call("POST", "/v2/import", daginstitution("opret", `"ref":"a"`, "Skovly", 265)+daginstitution("opret", `"ref":"b"`, "Strandly", 461)+
		`{"op":"opret","type":"anvisningsenhed","ref":"e","data":{"daginstitutionsNummer":"#a",`+enhed+
		daginstitution("ret", `"nummer":"#a"`, "Skovly", 461)+
		`{"op":"flyt","type":"anvisningsenhed","nummer":"#e","data":{"daginstitutionsNummer":"#b"}}`+"\n"+
		daginstitution("ret", `"nummer":"#a"`, "Skovbryn", 265)+daginstitution("ret", `"nummer":"#b"`, "Strandbryn", 265)+
		`{"op":"nedlaeg","type":"anvisningsenhed","nummer":"#e"}`+"\n"+daginstitution("ret", `"nummer":"#b"`, "Strandbryn", 751))
}

var numberOf = regexp.MustCompile(`"(?:alternativAdresseNummer|enhedsNummer|daginstitutionsNummer)":"([^"]*)"`)

// load makes a copy of a whole file, of one municipality or of all with 0, and says where the feed goes on.
func (p *published) load(kommune int) (k *kopi, after string) {
	p.t.Helper()
	k = &kopi{rows: make(map[string]json.RawMessage), versions: make(map[string]int64)}
	path := "/v2/eksport/samlet.ndjson"
	if kommune != 0 {
		k.only, path = map[int]bool{kommune: true}, fmt.Sprint(path, "?admKommuneKode=", kommune)
	}
	file, after := p.call("GET", path, "")
	for line := range strings.Lines(file) {
		row, number := json.RawMessage(strings.TrimSuffix(line, "\n")), numberOf.FindStringSubmatch(line)[1]
		var has struct{ Version int64 }
		if err := json.Unmarshal(row, &has); err != nil {
			p.t.Fatal(err)
		}
		k.rows[number], k.versions[number] = row, has.Version
	}
	return k, after
}

// TestCopyFollows has copies of the register and of each municipality follow the feed from a file on, and from the first event, in its order
// and in any other, with events that come again: they have what a new file has.
func TestCopyFollows(t *testing.T) {
	p := publish(t)
	p.happen("Store ")
	before := make(map[int]*kopi)
	for _, kommune := range []int{0, 265, 461, 751} {
		k, after := p.load(kommune)
		before[kommune] = k
		if after == "" {
			t.Fatal("the file does not say where the feed goes on")
		}
	}
	p.happen("Lille ")
	random := rand.New(rand.NewPCG(1, 2))
	for kommune, followed := range before {
		path := "/v2/haendelser?limit=1000"
		if kommune != 0 {
			path = fmt.Sprint(path, "&admKommuneKode=", kommune)
		}
		feed, _ := p.call("GET", path, "")
		events := strings.Split(strings.TrimSuffix(feed, "\n"), "\n")
		begun := &kopi{make(map[string]json.RawMessage), make(map[string]int64), followed.only}
		overturned := &kopi{make(map[string]json.RawMessage), make(map[string]int64), followed.only}
		for _, event := range events {
			followed.take(t, event)
			begun.take(t, event)
		}
		random.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		for _, event := range append(events, events[:len(events)/2]...) {
			overturned.take(t, event)
		}
		now, _ := p.load(kommune)
		for name, k := range map[string]*kopi{"from the file": followed, "from the first event": begun, "in any order": overturned} {
			if !maps.EqualFunc(k.rows, now.rows, func(a, b json.RawMessage) bool { return string(a) == string(b) }) {
				t.Errorf("%d, %s: it has %s, the register %s", kommune, name, k.rows, now.rows)
			}
		}
		if len(now.rows) == 0 && kommune != 461 || len(events) < 5 && kommune != 751 {
			t.Errorf("%d: %d rows of %d events", kommune, len(now.rows), len(events))
		}
	}
}

func (k *kopi) take(t *testing.T, event string) {
	t.Helper()
	if err := k.apply([]byte(event)); err != nil {
		t.Fatal(err)
	}
}
