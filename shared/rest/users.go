package rest

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/granting"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// Access gives the routes about who may do what. They came with v2.
func (a *API) Access() []Route {
	const users, user = "/v2/adgang/brugere", "/v2/adgang/brugere/{bruger}"
	return []Route{
		{"GET", "/v2/adgang/mig", access.Indlogning, plain((*exchange).self)},
		{"GET", "/v2/adgang/spor", access.EgetSpor, (*exchange).trail},
		{"GET", "/v2/adgang/versioner", access.Styring, (*exchange).calls},
		{"GET", users, access.Styring, plain((*exchange).users)},
		{"POST", users, access.Styring, (*exchange).createUser},
		{"GET", user, access.Styring, plain((*exchange).user)},
		{"PUT", user, access.Styring, (*exchange).changeUser},
		{"POST", user + "/luk", access.Styring, onUser(granting.Luk, (*granting.Service).Close)},
		{"POST", user + "/genaabn", access.Styring, onUser(granting.Genaabn, (*granting.Service).Reopen)},
		{"POST", user + "/hemmeligheder", access.Styring, (*exchange).rotate},
		{"DELETE", user + "/hemmeligheder/{id}", access.Styring, onPart(granting.FjernHemmelighed, (*granting.Service).RevokeSecret)},
		{"POST", user + "/bevillinger", access.Styring, (*exchange).grant},
		{"DELETE", user + "/bevillinger/{id}", access.Styring, onPart(granting.TilbagekaldGrant, (*granting.Service).Revoke)},
	}
}

// by is the caller as one who acts on users.
func (e *exchange) by() granting.By { return granting.By{Rolle: e.Caller.User.Rolle, Actor: e.Actor()} }

type userJSON struct {
	Navn          string       `json:"navn"`
	Beskrivelse   string       `json:"beskrivelse,omitempty"`
	Rolle         string       `json:"rolle"`
	Forbindelser  []string     `json:"forbindelser"`
	CVRNummer     string       `json:"cvrNummer,omitempty"`
	Skrivninger   int          `json:"skrivninger"`
	Laesninger    int          `json:"laesninger"`
	Tilstand      string       `json:"tilstand"`
	Oprettet      time.Time    `json:"oprettet"`
	Version       int64        `json:"version"`
	Hemmeligheder []secretJSON `json:"hemmeligheder"`
	Bevillinger   []grantJSON  `json:"bevillinger"`
}

type secretJSON struct {
	ID          string    `json:"id"`
	Oprettet    time.Time `json:"oprettet"`
	SenestBrugt time.Time `json:"senestBrugt,omitzero"`
	Udloeber    time.Time `json:"udloeber,omitzero"`
}

type grantJSON struct {
	ID             string          `json:"id"`
	AdmKommuneKode int             `json:"admKommuneKode,omitzero"`
	Nummer         register.Number `json:"nummer,omitempty"`
	Niveauer       []string        `json:"niveauer,omitempty"`
	Ejerformer     []int           `json:"ejerformer,omitempty"`
	Fra            access.Day      `json:"fra"`
	Til            access.Day      `json:"til,omitempty"`
	Gaelder        bool            `json:"gaelder"`
	Givet          time.Time       `json:"givet"`
	GivetAf        string          `json:"givetAf,omitempty"`
	Tilbagekaldt   time.Time       `json:"tilbagekaldt,omitzero"`
	TilbagekaldtAf string          `json:"tilbagekaldtAf,omitempty"`
}

// connections are the words for the ways to connect.
var connections = []struct {
	word string
	is   access.Connection
}{{"laese", access.Laese}, {"levere", access.Levere}}

func (e *exchange) userJSON(u *granting.Listed) userJSON {
	shown := userJSON{
		Navn: u.Navn, Beskrivelse: u.Beskrivelse, Rolle: u.Rolle.String(), Forbindelser: []string{}, CVRNummer: u.CVRNummer,
		Skrivninger: u.Skrivninger, Laesninger: u.Laesninger, Tilstand: "aktiv", Oprettet: u.Oprettet, Version: u.Version,
		Hemmeligheder: []secretJSON{}, Bevillinger: []grantJSON{},
	}
	if u.Lukket {
		shown.Tilstand = "lukket"
	}
	for _, c := range connections {
		if u.Forbindelse&c.is != 0 {
			shown.Forbindelser = append(shown.Forbindelser, c.word)
		}
	}
	for _, s := range u.Secrets {
		shown.Hemmeligheder = append(shown.Hemmeligheder, secretJSON{s.ID, s.Oprettet, u.Brugt[s.ID], s.Udloeber})
	}
	today := access.DayOf(e.api.Now())
	for i := range u.Grants {
		shown.Bevillinger = append(shown.Bevillinger, grantOf(&u.Grants[i], today))
	}
	return shown
}

func grantOf(g *access.Grant, today access.Day) grantJSON {
	shown := grantJSON{
		ID: g.ID, AdmKommuneKode: g.Kommune, Nummer: g.Nummer, Ejerformer: g.Ejerformer, Fra: g.Fra, Til: g.Til, Gaelder: g.Holds(today),
		Givet: g.Givet, GivetAf: g.GivetAf, Tilbagekaldt: g.Tilbagekaldt, TilbagekaldtAf: g.TilbagekaldtAf,
	}
	for _, l := range g.Niveauer {
		shown.Niveauer = append(shown.Niveauer, l.String())
	}
	return shown
}

// private answers a document that no cache may keep.
func (e *exchange) private(status int, document any) error {
	body, err := json.Marshal(document)
	if err != nil {
		return err
	}
	e.W.Header().Set("Cache-Control", "no-store")
	return e.json(status, body)
}

// self answers the caller's own user.
func (e *exchange) self() error {
	u, err := e.api.Granting.User(e.R.Context(), e.Caller.Navn())
	if err != nil {
		return err
	}
	return e.private(http.StatusOK, e.userJSON(&u))
}

// users lists every user.
func (e *exchange) users() error {
	all, err := e.api.Granting.Users(e.R.Context())
	if err != nil {
		return err
	}
	shown := []userJSON{}
	for i := range all {
		shown = append(shown, e.userJSON(&all[i]))
	}
	return e.private(http.StatusOK, map[string]any{"brugere": shown})
}

// user answers one user.
func (e *exchange) user() error {
	u, err := e.api.Granting.User(e.R.Context(), e.R.PathValue("bruger"))
	if register.KindOf(err) == register.NotFound {
		return e.refuse([]validation.Finding{validation.UkendtSystembruger.Finding("", "bruger", register.Text{
			Da: "Der findes ingen systembruger ved det navn.", En: "There is no system user by that name.",
		})})
	}
	if err != nil {
		return err
	}
	e.W.Header().Set("ETag", etag(u.Version))
	return e.private(http.StatusOK, e.userJSON(&u))
}

// defaultSettings are those of a user for whom no others are stated. A limit that is left out is the usual one, never none.
var defaultSettings = granting.Settings{Skrivninger: access.DefaultSkrivninger, Laesninger: access.DefaultLaesninger}

// settingsFields are what may be said of a user when it is made and later.
func settingsFields(s *granting.Settings) []field {
	return []field{
		{"beskrivelse", text(&s.Beskrivelse)}, {"cvrNummer", text(&s.CVRNummer)}, {"forbindelser", connectionWords(&s.Forbindelse)},
		{"skrivninger", whole(&s.Skrivninger)}, {"laesninger", whole(&s.Laesninger)},
	}
}

// connectionWords reads a list of ways to connect.
func connectionWords(to *access.Connection) func(*decoding) {
	return func(d *decoding) {
		d.list("laese, levere", func(d *decoding) bool {
			var word string
			text(&word)(d)
			for _, c := range connections {
				if c.word == word {
					*to |= c.is
					return true
				}
			}
			return false
		})
	}
}

// createUser makes a user, and answers its first secret this once.
func (e *exchange) createUser() error {
	body, findings := e.wish()
	set := defaultSettings
	var navn, rolle string
	if len(findings) == 0 {
		findings = decodeObject(body, append(settingsFields(&set), field{"navn", text(&navn)}, field{"rolle", text(&rolle)}))
	}
	if len(findings) > 0 {
		return e.refuseAct(granting.Opret, findings)
	}
	role, _ := access.ParseRole(rolle)
	u, secret, findings, err := e.api.Granting.Create(e.R.Context(), e.by(), navn, role, set)
	if err != nil || len(findings) > 0 {
		return e.answerAct(&u, findings, err)
	}
	e.W.Header().Set("Location", "/v2/adgang/brugere/"+u.Navn)
	return e.answerSecret(&u, secret)
}

// answerSecret shows a new secret, the last of the user's.
func (e *exchange) answerSecret(u *access.User, secret string) error {
	e.api.Gate.Forget(u.Navn)
	e.W.Header().Set("ETag", etag(u.Version))
	return e.private(http.StatusCreated, struct {
		Hemmelighed string   `json:"hemmelighed"`
		ID          string   `json:"hemmelighedId"`
		Bruger      userJSON `json:"bruger"`
	}{secret, u.Secrets[len(u.Secrets)-1].ID, e.userJSON(&granting.Listed{User: *u})})
}

// wish reads the body of an act, which takes no parameters.
func (e *exchange) wish() ([]byte, []validation.Finding) {
	body, findings := e.body()
	return body, append(e.readQuery(nil), findings...)
}

// refuseAct refuses an act that could not be read.
func (e *exchange) refuseAct(handling string, findings []validation.Finding) error {
	if err := e.api.Granting.Refuse(e.R.Context(), e.by(), handling, e.R.PathValue("bruger"), findings); err != nil {
		return err
	}
	return e.refuse(findings)
}

// answerAct answers a user as an act left it.
func (e *exchange) answerAct(u *access.User, findings []validation.Finding, err error) error {
	if err != nil {
		return err
	}
	if validation.Blocking(findings) {
		return e.refuse(findings)
	}
	e.api.Gate.Forget(u.Navn)
	e.W.Header().Set("ETag", etag(u.Version))
	return e.private(http.StatusOK, e.userJSON(&granting.Listed{User: *u}))
}

// changeUser replaces a user's settings.
func (e *exchange) changeUser() error {
	body, findings := e.wish()
	set := defaultSettings
	if len(findings) == 0 {
		findings = decodeObject(body, settingsFields(&set))
	}
	match := e.Header("If-Match")
	if match == "" {
		findings = append(findings, validation.ManglerIfMatch.Finding("", "mangler", validation.ManglerIfMatch.Beskrivelse))
	}
	if len(findings) > 0 {
		return e.refuseAct(granting.Ret, findings)
	}
	var expect []int64
	if match != "*" {
		expect = versions(match)
	}
	u, findings, err := e.api.Granting.Change(e.R.Context(), e.by(), e.R.PathValue("bruger"), expect, set)
	return e.answerAct(&u, findings, err)
}

// userAct and partAct are acts on a user, and on one of its secrets or grants, that need no more said.
type (
	userAct func(*granting.Service, context.Context, granting.By, string) (access.User, []validation.Finding, error)
	partAct func(*granting.Service, context.Context, granting.By, string, string) (access.User, []validation.Finding, error)
)

func onUser(handling string, do userAct) func(*exchange) error {
	return func(e *exchange) error {
		if findings := e.readQuery(nil); len(findings) > 0 {
			return e.refuseAct(handling, findings)
		}
		u, findings, err := do(&e.api.Granting, e.R.Context(), e.by(), e.R.PathValue("bruger"))
		return e.answerAct(&u, findings, err)
	}
}

func onPart(handling string, do partAct) func(*exchange) error {
	return func(e *exchange) error {
		if findings := e.readQuery(nil); len(findings) > 0 {
			return e.refuseAct(handling, findings)
		}
		u, findings, err := do(&e.api.Granting, e.R.Context(), e.by(), e.R.PathValue("bruger"), e.R.PathValue("id"))
		return e.answerAct(&u, findings, err)
	}
}

// rotate gives a user a further secret, and answers it this once.
func (e *exchange) rotate() error {
	body, findings := e.wish()
	var expires time.Time
	if len(findings) == 0 && len(strings.TrimSpace(string(body))) > 0 {
		findings = decodeObject(body, []field{{"udloeber", moment(&expires)}})
	}
	if len(findings) > 0 {
		return e.refuseAct(granting.NyHemmelighed, findings)
	}
	u, secret, findings, err := e.api.Granting.Rotate(e.R.Context(), e.by(), e.R.PathValue("bruger"), expires)
	if err != nil || len(findings) > 0 {
		return e.answerAct(&u, findings, err)
	}
	return e.answerSecret(&u, secret)
}

// grant gives a user a right to write.
func (e *exchange) grant() error {
	body, findings := e.wish()
	var g access.Grant
	if len(findings) == 0 {
		findings = decodeObject(body, []field{
			{"admKommuneKode", whole(&g.Kommune)}, {"nummer", text(&g.Nummer)}, {"niveauer", levelWords(&g.Niveauer)},
			{"ejerformer", wholes(&g.Ejerformer)}, {"fra", text(&g.Fra)}, {"til", text(&g.Til)},
		})
	}
	if len(findings) > 0 {
		return e.refuseAct(granting.Bevilg, findings)
	}
	u, g, findings, err := e.api.Granting.Grant(e.R.Context(), e.by(), e.R.PathValue("bruger"), g)
	if err != nil || len(findings) > 0 {
		return e.answerAct(&u, findings, err)
	}
	e.api.Gate.Forget(u.Navn)
	e.W.Header().Set("Location", "/v2/adgang/brugere/"+u.Navn+"/bevillinger/"+g.ID)
	e.W.Header().Set("ETag", etag(u.Version))
	return e.private(http.StatusCreated, grantOf(&g, access.DayOf(e.api.Now())))
}

// levelWords reads a list of levels, wholes one of whole numbers.
func levelWords(to *[]register.Level) func(*decoding) {
	return func(d *decoding) {
		d.list("daginstitution, anvisningsenhed, alternativAdresse", func(d *decoding) bool {
			var word string
			text(&word)(d)
			l, ok := register.ParseLevel(word)
			*to = append(*to, l)
			return ok
		})
	}
}

func wholes(to *[]int) func(*decoding) {
	return func(d *decoding) {
		d.list("", func(d *decoding) bool {
			var n int
			whole(&n)(d)
			*to = append(*to, n)
			return true
		})
	}
}

// moment reads a moment in the form of RFC 3339.
func moment(to *time.Time) func(*decoding) {
	return func(d *decoding) {
		var s string
		text(&s)(d)
		var err error
		if *to, err = time.Parse(time.RFC3339, s); err != nil && s != "" {
			d.add(validation.ForkertType, "", "tidspunkt", register.Text{
				Da: "Her skal stå et tidspunkt efter RFC 3339.", En: "This must be a moment in the form of RFC 3339.",
			})
		}
	}
}

// list reads a list, whose elements are among words.
func (d *decoding) list(words string, element func(*decoding) bool) {
	if d.json.PeekKind() != '[' {
		d.wrong("en liste", "a list")
		return
	}
	d.json.ReadToken()
	for kind := d.json.PeekKind(); kind != ']' && kind != 0; kind = d.json.PeekKind() {
		at, before := d.json.InputOffset(), len(d.findings)
		known := element(d)
		if d.json.InputOffset() == at {
			return // it cannot be read at all
		}
		if !known && len(d.findings) == before {
			d.add(validation.ForkertType, "", "ukendt", register.Text{
				Da: "Her skal stå et af ordene " + words + ".", En: "This must be one of the words " + words + ".",
			})
		}
	}
	if d.json.PeekKind() == jsontext.Kind(']') {
		d.json.ReadToken()
	}
}
