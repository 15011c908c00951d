// Package suite is the story of the register as its callers see it, by URL alone: it can be told to any deployment, and leaves it as it
// found it but for what it made and closed. It is what `make api` runs against a register on one machine, one of functions on one machine,
// and a stage in the cloud; the functions' own tests tell it to hold their policies against.
//
// It is told by an operator, who admits a vendor for one municipality, Læsø. All that it makes has a name of its own, so that it can be
// told again and again, and by several at once. It takes no row that others made, moves no series, and what it loads has numbers of letters
// that the register never issues. What it cannot take back are the numbers it used, its users and subscriptions, which stay closed, and
// its marks in history, feed and trail: so tell it to no register that others rely on.
//
// It calls every route of the template, and fails on those that it has not called.
package suite

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// Target is the deployment that is told the story.
type Target struct {
	URL              string
	Operator, Secret string   // a system user whose role is drift
	Routes           []string // that the story must call, as net/http patterns
	Queue            Queue    // of the subscriber; nil where there is none to be read, and then nothing is told of what arrives there

	// Settles is for how long a read may not show what was written before it, and is to wait; zero where it always does.
	Settles time.Duration
}

// Where the story plays. In the second the vendor may not write a daginstitution.
const (
	kommune   = 825
	elsewhere = 741
)

// visit is one telling of the story.
type visit struct {
	*site
	target   Target
	suffix   string // of every name
	operator Caller
	vendor   Caller
	anybody  Caller
	gateway  bool // in front of it there is one, which answers what has no route
	v1Closed bool
	position string   // of the feed, as the story begins
	made     []unit   // that are still to be closed
	ends     []func() // what else is to be undone
}

// Run tells the story.
func Run(t *testing.T, target Target) {
	target.URL = strings.TrimSuffix(target.URL, "/")
	v := &visit{site: newSite(t, target.URL, target.Settles), target: target, suffix: strings.ToLower(rand.Text()[:10])}
	v.anybody = Caller{site: v.site}
	v.operator = v.anybody.As(target.Operator, target.Secret)
	t.Cleanup(func() { v.site.TB = t; v.undo() })
	if !v.tell(t, "begin", v.begin) {
		return
	}
	for _, c := range []struct {
		name string
		tell func()
	}{
		{"tables", v.tables}, {"users", v.users}, {"units", v.units}, {"imports", v.imports}, {"trees", v.trees}, {"numbers", v.numbers},
		{"validation", v.validation}, {"files", v.files}, {"copies", v.copies}, {"feed", v.feed}, {"subscriptions", v.subscriptions}, {"arrival", v.arrival},
		{"soap", v.soap}, {"refusals", v.refusals}, {"versions", v.versions}, {"trail", v.trail}, {"closing", v.closing},
	} {
		v.tell(t, c.name, c.tell)
	}
	v.tell(t, "routes", v.routes)
}

// tell tells a chapter as a test of its own.
func (v *visit) tell(t *testing.T, name string, chapter func()) bool {
	return t.Run(name, func(t *testing.T) {
		v.site.TB = t
		chapter()
	})
}

// begin finds out what it is talking to, and admits the vendor.
func (v *visit) begin() {
	missing := v.anybody.Do(http.StatusNotFound, "GET", "/"+v.suffix, "")
	v.gateway = missing.Header.Get("Apigw-Requestid") != ""
	lives := Read[struct {
		Versioner []struct{ Version, Tilstand string }
	}](v, v.anybody.Do(200, "GET", "/versioner", "")).Versioner
	for _, life := range lives {
		v.v1Closed = v.v1Closed || life.Version == "v1" && life.Tilstand == "lukket"
	}
	if len(lives) != 2 {
		v.Errorf("the versions are %+v", lives)
	}
	v.vendor = v.admit()
	v.position = v.end()
}

// end gives the sequence of the feed's latest event. It is found by asking for what follows the largest there may be, and so on from there.
func (v *visit) end() string {
	after := "0"
	for {
		a := v.anybody.Do(200, "GET", "/v2/haendelser?limit=1000&efter="+after, "")
		after = a.Header.Get("Haendelser-Efter")
		if a.Header.Get("Haendelser-Slut") == "true" {
			return after
		}
	}
}

// routes finds the routes that nobody has called.
func (v *visit) routes() {
	called := http.NewServeMux()
	counts := make(map[string]int)
	for _, r := range v.target.Routes {
		called.HandleFunc(r, func(http.ResponseWriter, *http.Request) {})
	}
	for _, r := range v.calls {
		_, pattern := called.Handler(r)
		counts[pattern]++
	}
	for _, r := range v.target.Routes {
		if counts[r] == 0 {
			v.Errorf("the story does not call %s", r)
		}
	}
	v.Logf("%d calls of %d routes", len(v.calls), len(v.target.Routes))
}

// undo closes what the story has left, also where it went wrong.
func (v *visit) undo() {
	for _, u := range slices.Backward(v.made) {
		v.operator.try("DELETE", "/v2/"+u.level.path+"/"+u.number, "If-Match", "*")
	}
	for _, end := range slices.Backward(v.ends) {
		end()
	}
}

// name gives a name of the story's own.
func (v *visit) name(what string) string { return what + "-" + v.suffix }

// text gives a value as JSON.
func text(v any) string {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(body)
}
