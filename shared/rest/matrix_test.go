package rest_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
)

// matrix is who may do what: a row for each operation of either version, and for what some take more than the operation's right; a
// column for each caller. A cell is "ja", or what a refusal comes down to: 401, or the code of the finding with 403. "ja/kommune" is
// allowed to what is the caller's own, and refused to what is another's.
//
// The vendors and the owner have their rights to a private institution of a municipality; the other's is one of another municipality,
// which none of them has a right to. Of acts on users, one's own are those on a vendor, another's those on an operator. Stum may not read, tavs may not deliver;
// lukket and udloebet are operators that were shut out and whose secret has run out.
const matrix = `
                                                    ingen  laeser  leverandoer   ejer      drift  support   stum          tavs    lukket  udloebet
GET    /health                                      ja     ja      ja            ja        ja     ja        ja            ja      ja      ja
GET    /openapi.json                                ja     ja      ja            ja        ja     ja        ja            ja      ja      ja
GET    /versioner                                   ja     ja      ja            ja        ja     ja        ja            ja      ja      ja
GET    /haendelser/{skema}                          ja     ja      ja            ja        ja     ja        ja            ja      ja      ja
GET    /haendelser/v1/{skema}                       ja     ja      ja            ja        ja     ja        ja            ja      ja      ja

GET    /dagtilbud                                   ja     ja      ja            ja        ja     ja        laese         ja      401     401
GET    /dagtilbud/{nummer}                          ja     ja      ja            ja        ja     ja        laese         ja      401     401
GET    /dagtilbud/{nummer}/historik                 ja     ja      ja            ja        ja     ja        laese         ja      401     401
GET    /haendelser                                  ja     ja      ja            ja        ja     ja        laese         ja      401     401
GET    /synk                                        ja     ja      ja            ja        ja     ja        laese         ja      401     401
POST   /synk                                        ja     ja      ja            ja        ja     ja        laese         ja      401     401
GET    /daginstitutioner                            ja     ja      ja            ja        ja     ja        laese         ja      401     401
GET    /daginstitutioner/{nummer}                   ja     ja      ja            ja        ja     ja        laese         ja      401     401
GET    /anvisningsenheder                           ja     ja      ja            ja        ja     ja        laese         ja      401     401
GET    /anvisningsenheder/{nummer}                  ja     ja      ja            ja        ja     ja        laese         ja      401     401
GET    /alternative-adresser                        ja     ja      ja            ja        ja     ja        laese         ja      401     401
GET    /alternative-adresser/{nummer}               ja     ja      ja            ja        ja     ja        laese         ja      401     401
GET    /eksport/{fil}                               ja     ja      ja            ja        ja     ja        laese         ja      401     401
GET    /numre/{nummer}                              ja     ja      ja            ja        ja     ja        laese         ja      401     401
GET    /valideringsregler                           ja     ja      ja            ja        ja     ja        laese         ja      401     401
GET    /kodetabeller                                ja     ja      ja            ja        ja     ja        laese         ja      401     401
GET    /kodetabeller/{navn}                         ja     ja      ja            ja        ja     ja        laese         ja      401     401
GET    /kvalitet                                    ja     ja      ja            ja        ja     ja        laese         ja      401     401
POST   /validering                                  ja     ja      ja            ja        ja     ja        ja            ja      401     401

POST   /daginstitutioner                            401    rolle   ja/kommune    ejer      ja     ja        ja/kommune    levere  401     401
PUT    /daginstitutioner/{nummer}                   401    rolle   ja/kommune    ja/ejer   ja     ja        ja/kommune    levere  401     401
DELETE /daginstitutioner/{nummer}                   401    rolle   ja/kommune    ja/ejer   ja     ja        ja/kommune    levere  401     401
POST   /anvisningsenheder                           401    rolle   ja/kommune    ja/ejer   ja     ja        ja/kommune    levere  401     401
PUT    /anvisningsenheder/{nummer}                  401    rolle   ja/kommune    ja/ejer   ja     ja        ja/kommune    levere  401     401
DELETE /anvisningsenheder/{nummer}                  401    rolle   ja/kommune    ja/ejer   ja     ja        ja/kommune    levere  401     401
POST   /anvisningsenheder/{nummer}/flyt             401    rolle   ja/kommune    ja/ejer   ja     ja        ja/kommune    levere  401     401
POST   /alternative-adresser                        401    rolle   ja/kommune    ja/ejer   ja     ja        ja/kommune    levere  401     401
PUT    /alternative-adresser/{nummer}               401    rolle   ja/kommune    ja/ejer   ja     ja        ja/kommune    levere  401     401
DELETE /alternative-adresser/{nummer}               401    rolle   ja/kommune    ja/ejer   ja     ja        ja/kommune    levere  401     401
POST   /alternative-adresser/{nummer}/flyt          401    rolle   ja/kommune    ja/ejer   ja     ja        ja/kommune    levere  401     401
POST   /dagtilbud                                   401    rolle   ja/kommune    ejer      ja     ja        ja/kommune    levere  401     401
PUT    /dagtilbud/{nummer}                          401    rolle   ja/kommune    ja/ejer   ja     ja        ja/kommune    levere  401     401
POST   /import                                      401    rolle   ja/kommune    ja/ejer   ja     ja        ja/kommune    levere  401     401
POST   /import                              indlaes 401    rolle   indlaes       indlaes   ja     indlaes   indlaes       levere  401     401
POST   /numre                                       401    rolle   ja            ja        ja     ja        ja            levere  401     401
POST   /numre                                 efter 401    rolle   nummerserie   nummerserie ja   nummerserie nummerserie levere  401     401

GET    /adgang/mig                                  401    ja      ja            ja        ja     ja        ja            ja      401     401
GET    /adgang/spor                                 401    rolle   ja            ja        ja     ja        ja            ja      401     401
GET    /adgang/versioner                            401    rolle   rolle         rolle     ja     ja        rolle         rolle   401     401
GET    /adgang/brugere                              401    rolle   rolle         rolle     ja     ja        rolle         rolle   401     401
POST   /adgang/brugere                              401    rolle   rolle         rolle     ja     ja/rolle  rolle         rolle   401     401
GET    /adgang/brugere/{bruger}                     401    rolle   rolle         rolle     ja     ja        rolle         rolle   401     401
PUT    /adgang/brugere/{bruger}                     401    rolle   rolle         rolle     ja     ja/rolle  rolle         rolle   401     401
POST   /adgang/brugere/{bruger}/luk                 401    rolle   rolle         rolle     ja     ja/rolle  rolle         rolle   401     401
POST   /adgang/brugere/{bruger}/genaabn             401    rolle   rolle         rolle     ja     ja/rolle  rolle         rolle   401     401
POST   /adgang/brugere/{bruger}/hemmeligheder       401    rolle   rolle         rolle     ja     ja/rolle  rolle         rolle   401     401
DELETE /adgang/brugere/{bruger}/hemmeligheder/{id}  401    rolle   rolle         rolle     ja     ja/rolle  rolle         rolle   401     401
POST   /adgang/brugere/{bruger}/bevillinger         401    rolle   rolle         rolle     ja     ja/rolle  rolle         rolle   401     401
DELETE /adgang/brugere/{bruger}/bevillinger/{id}    401    rolle   rolle         rolle     ja     ja/rolle  rolle         rolle   401     401

GET    /abonnementer                                401    rolle   rolle         rolle     ja     rolle     rolle         rolle   401     401
POST   /abonnementer                                401    rolle   rolle         rolle     ja     rolle     rolle         rolle   401     401
GET    /abonnementer/{abonnement}                   401    rolle   rolle         rolle     ja     rolle     rolle         rolle   401     401
PUT    /abonnementer/{abonnement}                   401    rolle   rolle         rolle     ja     rolle     rolle         rolle   401     401
DELETE /abonnementer/{abonnement}                   401    rolle   rolle         rolle     ja     rolle     rolle         rolle   401     401
POST   /abonnementer/{abonnement}/pause             401    rolle   rolle         rolle     ja     rolle     rolle         rolle   401     401
POST   /abonnementer/{abonnement}/genoptag          401    rolle   rolle         rolle     ja     rolle     rolle         rolle   401     401
POST   /abonnementer/{abonnement}/afspil            401    rolle   rolle         rolle     ja     rolle     rolle         rolle   401     401
GET    /abonnementer/{abonnement}/doede             401    rolle   rolle         rolle     ja     rolle     rolle         rolle   401     401
POST   /abonnementer/{abonnement}/doede             401    rolle   rolle         rolle     ja     rolle     rolle         rolle   401     401
`

// decision is a row of the matrix: what each caller comes to at an operation.
type decision struct {
	operation string // "POST /import"
	about     string // what of the operation it is about; empty for all
	outcomes  []string
}

// key is what a row is called by.
func (row *decision) key() string { return strings.TrimSpace(row.operation + " " + row.about) }

// decisions gives the rows of the matrix, and the names of its columns.
func decisions(t *testing.T) (rows []decision, callers []string) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(matrix), "\n")
	callers = strings.Fields(lines[0])
	for _, line := range lines[1:] {
		fields := strings.Fields(line)
		switch len(fields) - len(callers) {
		case 2:
			rows = append(rows, decision{fields[0] + " " + fields[1], "", fields[2:]})
		case 3:
			rows = append(rows, decision{fields[0] + " " + fields[1], fields[2], fields[3:]})
		case -len(callers): // an empty line
		default:
			t.Fatalf("a row of the matrix has %d fields: %s", len(fields), line)
		}
	}
	return rows, callers
}

// TestEveryRouteIsDecided finds a decision for each route, and a route for each decision.
func TestEveryRouteIsDecided(t *testing.T) {
	rows, _ := decisions(t)
	decided := make(map[string]bool)
	for _, row := range rows {
		decided[row.operation] = false
	}
	for _, r := range newSite(t).routes {
		operation := r.Method + " " + unversionedPath(r.Path)
		if _, ok := decided[operation]; !ok {
			t.Errorf("nobody has decided who may call %s %s", r.Method, r.Path)
		}
		decided[operation] = true
	}
	for operation, met := range decided {
		if !met {
			t.Errorf("it is decided who may call %s, which is no route", operation)
		}
	}
}

func unversionedPath(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, "/v1"), "/v2")
}

// tree is a private daginstitution, an anvisningsenhed below it and an alternativ adresse below that, and the role of the users that
// acts are tried on with it.
type tree struct{ kommune, daginstitution, enhed, adresse, rolle string }

// The trees of a stage: the callers' own, and another's.
var (
	own    = tree{"461", "G10000", "G10001", "G10002", "leverandoer"}
	others = tree{"851", "G10003", "G10004", "G10005", "drift"}
)

// fill puts a tree's own values into a text.
func (of *tree) fill(text string, more ...string) string {
	return strings.NewReplacer(append(more, "461", of.kommune, "G10000", of.daginstitution, "G10001", of.enhed, "G10002", of.adresse,
		"{rolle}", of.rolle, `"ejerformKode":1,"lovgrundlagKode":1`, `"ejerformKode":3,"lovgrundlagKode":4`)...).Replace(text)
}

// grow makes trees on a fresh register.
func (s *site) grow(trees ...tree) {
	s.t.Helper()
	for _, of := range trees {
		s.call("POST", "/v2/daginstitutioner", of.fill(daginstitution)).ok(201)
		s.call("POST", "/v2/anvisningsenheder", of.fill(enhed)).ok(201)
		s.call("POST", "/v2/alternative-adresser", of.fill(adresse)).ok(201)
	}
}

// stage is a register on which the matrix is tried.
type stage struct {
	*site
	count int // of what was made on the way
}

func newStage(t *testing.T) *stage {
	st := &stage{site: newSite(t)}
	st.grow(own, others)
	st.enroll(access.User{Navn: stum, Rolle: access.Leverandoer, Grants: grants(461), Forbindelse: access.Levere})
	st.enroll(access.User{Navn: "tavs", Rolle: access.Leverandoer, Grants: grants(461), Forbindelse: access.Laese})
	st.enroll(access.User{Navn: "lukket", Rolle: access.Drift, Lukket: true})
	st.enroll(access.User{Navn: "udloebet", Rolle: access.Drift})
	made := st.call("POST", "/v2/adgang/brugere/udloebet/hemmeligheder", `{"udloeber":"2026-11-23T09:00:00Z"}`).ok(201)
	st.secrets["udloebet"] = read[struct{ Hemmelighed string }](made).Hemmelighed
	st.now = st.now.Add(time.Hour)
	return st
}

// request is how an operation is called, and what it is then answered where it is allowed. {row} stands for the row as it is, {tree} for
// it with all below it, {n} for a number that was not used before.
type request struct {
	body, header string
	status       int
}

// requests are those of the operations that take more than a path. They leave both trees as they are, so that all callers meet the same.
var requests = map[string]request{
	"POST /validering":                            {line(""), "", 200},
	"POST /daginstitutioner":                      {daginstitution, "", 201},
	"PUT /daginstitutioner/{nummer}":              {"{row}", "If-Match: *", 200},
	"DELETE /daginstitutioner/{nummer}":           {"", `If-Match: "99"`, 412},
	"POST /anvisningsenheder":                     {enhed, "", 201},
	"PUT /anvisningsenheder/{nummer}":             {"{row}", "If-Match: *", 200},
	"DELETE /anvisningsenheder/{nummer}":          {"", `If-Match: "99"`, 412},
	"POST /anvisningsenheder/{nummer}/flyt":       {`{"daginstitutionsNummer":"G10000"}`, "", 200},
	"POST /alternative-adresser":                  {adresse, "", 201},
	"PUT /alternative-adresser/{nummer}":          {"{row}", "If-Match: *", 200},
	"DELETE /alternative-adresser/{nummer}":       {"", `If-Match: "99"`, 412},
	"POST /alternative-adresser/{nummer}/flyt":    {`{"enhedsNummer":"G10001"}`, "", 200},
	"POST /dagtilbud":                             {daginstitution, "", 201},
	"PUT /dagtilbud/{nummer}":                     {"{tree}", "", 200},
	"POST /import":                                {`{"op":"opret","type":"anvisningsenhed","data":` + enhed + "}", "", 201},
	"POST /import indlaes":                        {`{"op":"indlaes","type":"anvisningsenhed","nummer":"G2{n}","data":` + enhed + "}", "", 201},
	"POST /numre":                                 {`{"antal":1}`, "", 201},
	"POST /numre efter":                           {`{"efter":"G10000"}`, "", 200},
	"POST /adgang/brugere":                        {`{"navn":"ny{n}","rolle":"{rolle}"}`, "", 201},
	"PUT /adgang/brugere/{bruger}":                {"{}", "If-Match: *", 200},
	"POST /adgang/brugere/{bruger}/hemmeligheder": {"", "", 201},
	"POST /adgang/brugere/{bruger}/bevillinger":   {`{"admKommuneKode":461}`, "", 201},
	"POST /synk":                                  {`{"kommuner":[{"admKommuneKode":461}]}`, "", 200},
	"POST /abonnementer":                          {`{"navn":"ny{n}","koe":"k{n}"}`, "", 201},
	"PUT /abonnementer/{abonnement}":              {`{"koe":"k{n}"}`, "If-Match: *", 200},
	"POST /abonnementer/{abonnement}/afspil":      {`{"fraBegyndelsen":true}`, "", 200},
}

// status is what is answered where a row is allowed.
func (row *decision) status(of *tree) int {
	if of == &others && strings.HasSuffix(row.operation, "/bevillinger") {
		return 422 // whoever asks, an operator is granted nothing
	}
	return cmp.Or(requests[row.key()].status, 200)
}

// attempt makes a caller's call of a row.
func (st *stage) attempt(row *decision, path, navn string, of *tree) *answer {
	st.t.Helper()
	st.count++
	method, _, _ := strings.Cut(row.operation, " ")
	path = st.fill(path, of)
	req := requests[row.key()]
	if req.body == "{row}" {
		req.body = st.call("GET", path, "").ok(200).body
	}
	if req.body == "{tree}" {
		req.body = st.treeOf(of.daginstitution)
	}
	body := of.fill(req.body, "{n}", fmt.Sprintf("%04d", st.count))
	c := st.as(strings.TrimPrefix(navn, "ingen"))
	if req.header == "" {
		return c.call(method, path, body)
	}
	return c.call(method, path, body, req.header)
}

// fill fills in a route's path: numbers of a tree, and a user or subscription that was made to be acted on.
func (st *stage) fill(path string, of *tree) string {
	number := of.daginstitution
	switch {
	case strings.Contains(path, "/anvisningsenheder"):
		number = of.enhed
	case strings.Contains(path, "/alternative-adresser"):
		number = of.adresse
	}
	fill := []string{"{nummer}", number, "{fil}", "samlet.csv", "{navn}", "kommuner",
		"v1/{skema}", "v1/daginstitution.json", "{skema}", "daginstitution.aendret.v1.json"}
	if strings.Contains(path, "{abonnement}") {
		navn := fmt.Sprintf("abonnement%d", st.count)
		st.call("POST", "/v2/abonnementer", `{"navn":"`+navn+`","koe":"`+navn+`"}`).ok(201)
		fill = append(fill, "{abonnement}", navn)
	}
	if strings.Contains(path, "{bruger}") {
		navn := fmt.Sprintf("emne%d", st.count)
		rolle, _ := access.ParseRole(of.rolle)
		st.enroll(access.User{Navn: navn, Rolle: rolle, Grants: grants(461)})
		u, err := st.store.User(st.t.Context(), navn)
		if err != nil {
			st.t.Fatal(err)
		}
		fill = append(fill, "{bruger}", navn, "hemmeligheder/{id}", "hemmeligheder/"+u.Secrets[0].ID, "bevillinger/{id}", "bevillinger/"+u.Grants[0].ID)
	}
	return strings.NewReplacer(fill...).Replace(path)
}

// verdict gives an answer's status, and what it finds missing: that of the one line where it is an import's.
func (a *answer) verdict() (status int, missing []string) {
	a.t.Helper()
	status = a.status
	var doc problemDocument
	switch a.Get("Content-Type") {
	case "application/x-ndjson":
		line := read[resultLine](a)
		status, doc = line.Status, line.problemDocument
	case "application/problem+json":
		doc = read[problemDocument](a)
	}
	for _, f := range doc.Errors {
		if f.Regel == "adgang" || f.Regel == "login" {
			missing = append(missing, f.Regel+"/"+f.Kode)
		}
	}
	return status, slices.Compact(missing) // which of a tree is said for each row
}

// TestMatrix has every caller try everything, on what is its own and on what is another's.
func TestMatrix(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	rows, callers := decisions(t)
	for _, route := range st.routes {
		for _, row := range rows {
			if row.operation != route.Method+" "+unversionedPath(route.Path) {
				continue
			}
			for i, outcome := range row.outcomes {
				onOwn, onOthers, differ := strings.Cut(outcome, "/")
				if !differ {
					onOthers = onOwn
				}
				st.try(&row, route.Path, callers[i], &own, onOwn)
				st.try(&row, route.Path, callers[i], &others, onOthers)
			}
		}
	}
}

// try holds one call against what it is to come to. What is refused writes nothing.
func (st *stage) try(row *decision, path, navn string, of *tree, want string) {
	st.t.Helper()
	before := st.positions()
	a := st.attempt(row, path, navn, of)
	status, missing := a.verdict()
	ok := false
	switch want {
	case "ja":
		ok = len(missing) == 0 && status == row.status(of)
	case "401":
		ok = status == 401 && slices.Equal(missing, []string{"login/login"}) && a.Get("WWW-Authenticate") != ""
	default:
		ok = status == 403 && slices.Equal(missing, []string{"adgang/" + want})
	}
	if !ok {
		st.t.Errorf("%s %s by %s, in %s: %d %q, want %s\n%.300s", a.call, row.about, navn, of.kommune, status, missing, want, a.body)
	}
	if after := st.positions(); want != "ja" && after != before {
		st.t.Errorf("%s %s by %s is refused, and took the register from %s to %s", a.call, row.about, navn, before, after)
	}
}
