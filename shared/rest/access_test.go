package rest_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/register"
)

// shownSecret is the one answer that shows a secret.
type shownSecret struct {
	Hemmelighed, HemmelighedID string
	Bruger                     shownUser
}

// shownUser is a user as it is shown.
type shownUser struct {
	Navn, Beskrivelse, Rolle, Tilstand, CvrNummer string
	Forbindelser                                  []string
	Skrivninger, Laesninger, Version              int
	Hemmeligheder                                 []struct{ ID, SenestBrugt, Udloeber string }
	Bevillinger                                   []struct {
		ID, Nummer, Fra, Til, GivetAf, Tilbagekaldt, TilbagekaldtAf string
		AdmKommuneKode                                              int
		Niveauer                                                    []string
		Ejerformer                                                  []int
		Gaelder                                                     bool
	}
}

// rotate gives a user a further secret.
func (s *site) rotate(navn string) shownSecret {
	s.t.Helper()
	return read[shownSecret](s.call("POST", "/v2/adgang/brugere/"+navn+"/hemmeligheder", "").ok(201))
}

// revoke ends one of a user's secrets.
func (s *site) revoke(navn, id string) {
	s.t.Helper()
	s.call("DELETE", "/v2/adgang/brugere/"+navn+"/hemmeligheder/"+id, "").ok(200)
}

// login asks who one is, with a secret.
func (s *site) login(navn, secret string) *answer {
	s.t.Helper()
	return s.as(nobody).call("GET", "/v2/adgang/mig", "", "Authorization: "+basic(navn, secret))
}

// TestRevokedSecret revokes a secret that another process has seen: there it is dead when a minute has passed, here at once.
func TestRevokedSecret(t *testing.T) {
	s := newSite(t)
	other := s.twin()
	secret := s.secrets[leverandoer]
	id := read[shownUser](s.login(leverandoer, secret).ok(200)).Hemmeligheder[0].ID
	other.login(leverandoer, secret).ok(200)

	s.revoke(leverandoer, id)
	s.login(leverandoer, secret).problem(401, "login/login")
	for after, status := range map[time.Duration]int{0: 200, 59 * time.Second: 200, 60 * time.Second: 401, time.Hour: 401} {
		s.now = time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC).Add(after)
		if a := other.login(leverandoer, secret); a.status != status {
			t.Errorf("%s after it was revoked: %d, want %d", after, a.status, status)
		}
	}
}

// TestShutOut closes a user, and takes a grant, that another process has seen.
func TestShutOut(t *testing.T) {
	s := newSite(t)
	other := s.twin()
	for _, navn := range []string{leverandoer, ejer} {
		other.as(navn).call("POST", "/v2/daginstitutioner", "{").ok(400)
	}
	other.as(leverandoer).call("POST", "/v2/daginstitutioner", daginstitution).ok(201)
	s.call("POST", "/v2/adgang/brugere/ejer/luk", "").ok(200)
	s.call("DELETE", "/v2/adgang/brugere/leverandoer/bevillinger/B461", "").ok(200)

	s.as(ejer).call("POST", "/v2/daginstitutioner", "{").problem(401, "login/login")
	s.as(leverandoer).call("POST", "/v2/daginstitutioner", daginstitution).problem(403, "adgang/kommune")
	s.now = s.now.Add(access.Remembered)
	other.as(ejer).call("POST", "/v2/daginstitutioner", "{").problem(401, "login/login")
	other.as(leverandoer).call("POST", "/v2/daginstitutioner", daginstitution).problem(403, "adgang/kommune")

	s.call("POST", "/v2/adgang/brugere/ejer/genaabn", "").ok(200)
	other.as(ejer).call("POST", "/v2/daginstitutioner", "{").ok(400)
}

// TestRotation goes over to a new secret second by second, at two processes: at no time is there none that works at both.
func TestRotation(t *testing.T) {
	s := newSite(t)
	other := s.twin()
	old := s.secrets[leverandoer]
	id := read[shownUser](s.login(leverandoer, old).ok(200)).Hemmeligheder[0].ID
	var next shownSecret
	for second := range 180 {
		switch second {
		case 30:
			next = s.rotate(leverandoer)
		case 90:
			s.revoke(leverandoer, id)
		}
		for name, at := range map[string]*site{"here": s, "there": other} {
			if second < 90 {
				at.login(leverandoer, old).ok(200)
			}
			if second >= 30 {
				at.login(leverandoer, next.Hemmelighed).ok(200)
			}
			if gone := second >= 150 || second >= 90 && name == "here"; gone {
				at.login(leverandoer, old).ok(401)
			}
		}
		s.now = s.now.Add(time.Second)
	}
	if third := s.rotate(leverandoer); third.Hemmelighed == next.Hemmelighed {
		t.Error("the same secret was made twice")
	}
	s.call("POST", "/v2/adgang/brugere/leverandoer/hemmeligheder", "").problem(409, "systembruger-tilstand/toHemmeligheder")
}

// TestSecretRunsOut gives a secret an end, which comes to the moment, remembered or not, and makes room for another.
func TestSecretRunsOut(t *testing.T) {
	s := newSite(t)
	made := s.call("POST", "/v2/adgang/brugere/laeser/hemmeligheder", `{"udloeber":"2026-11-23T08:30:30Z"}`).ok(201)
	secret := read[shownSecret](made).Hemmelighed
	s.login(laeser, secret).ok(200)
	s.now = s.now.Add(30*time.Second - time.Millisecond)
	s.login(laeser, secret).ok(200)
	s.now = s.now.Add(time.Millisecond)
	s.login(laeser, secret).problem(401, "login/login")
	if u := s.rotate(laeser).Bruger; len(u.Hemmeligheder) != 2 || u.Hemmeligheder[1].Udloeber != "" {
		t.Errorf("the user has %+v", u.Hemmeligheder)
	}
}

// TestLogins tries headers that log nobody in; they are told apart by nothing.
func TestLogins(t *testing.T) {
	s := newSite(t)
	secret := s.secrets[drift]
	right := basic(drift, secret)
	for _, header := range []string{
		basic(drift, "forkert"), basic("ingen", secret), basic("DRIFT", secret), basic(drift, ""), basic("", secret), basic(drift, secret+" "),
		basic(drift, secret[1:]), "Basic", "Basic %%%", "Bearer " + secret, "Basic " + secret, strings.TrimPrefix(right, "Basic "), right + strings.Repeat(" ", 500),
	} {
		for _, call := range []string{"GET /v2/dagtilbud", "POST /v2/daginstitutioner", "GET /v2/adgang/mig", "POST /v2/validering"} {
			method, path, _ := strings.Cut(call, " ")
			a := s.as(nobody).call(method, path, daginstitution, "Authorization: "+header, "X-Request-Id: ens").problem(401, "login/login")
			a.wantHeaders(`WWW-Authenticate: Basic realm="Dagtilbudsregisteret", charset="UTF-8"`)
			if without := s.as(nobody).call("POST", "/v2/daginstitutioner", "", "X-Request-Id: ens"); a.body != without.body {
				t.Errorf("%q: %s\nwithout a login: %s", header, a.body, without.body)
			}
		}
	}
	for _, header := range []string{right, "basic " + strings.TrimPrefix(right, "Basic "), "BASIC  " + strings.TrimPrefix(right, "Basic ")} {
		s.as(nobody).call("GET", "/v2/adgang/mig", "", "Authorization: "+header).ok(200)
	}
	s.as(nobody).call("GET", "/health", "", "Authorization: Basic x").ok(200)
}

// TestGateFails has the store fail while somebody logs in: who is not known is not let in, and nobody is called unknown for it.
func TestGateFails(t *testing.T) {
	s := newSite(t)
	s.as(laeser).call("GET", "/v2/kodetabeller", "").ok(200)
	s.store.user = func(string) (access.User, error) {
		return access.User{}, &register.Error{Kind: register.Unavailable, Cause: fmt.Errorf("the network is gone")}
	}
	for _, call := range []string{"GET /v2/kodetabeller", "POST /v2/import", "GET /v2/adgang/brugere"} {
		method, path, _ := strings.Cut(call, " ")
		s.call(method, path, "").problem(503).wantHeaders("Retry-After: 1")
	}
	s.as(nobody).call("GET", "/v2/kodetabeller", "").ok(200)
	s.as(laeser).call("GET", "/v2/kodetabeller", "").ok(200) // whoever is remembered goes on for a minute
	s.now = s.now.Add(access.Remembered)
	s.as(laeser).call("GET", "/v2/kodetabeller", "").problem(503)
}

// TestBatchOfTwoMunicipalities imports lines of which some are another's: those are refused one by one, the others written, in order.
func TestBatchOfTwoMunicipalities(t *testing.T) {
	s := newSite(t)
	s.enroll(access.User{Navn: "egern", Rolle: access.Leverandoer, Grants: grants(461)})
	in := func(kommune, ref string) string { return strings.Replace(line(`,"ref":"`+ref+`"`), "461", kommune, 1) }
	below := func(parent, ref string) string {
		return strings.Replace(`{"op":"opret","type":"anvisningsenhed","ref":"`+ref+`","data":`+enhed+"}\n", "G10000", "#"+parent, 1)
	}
	body := in("461", "a") + in("751", "b") + below("a", "c") + below("b", "d") + in("751", "e") +
		`{"op":"indlaes","type":"daginstitution","nummer":"G20000","data":` + daginstitution + "}\n" +
		`{"op":"ret","type":"daginstitution","nummer":"#a","data":` + strings.Replace(daginstitution, "461", "751", 1) + "}\n" +
		`{"op":"nedlaeg","type":"anvisningsenhed","nummer":"#c"}` + "\n"
	wantResults(t, s.as("egern").call("POST", "/v2/import", body).results(),
		"1 201 G10000:1", "2 403 adgang/kommune", "3 201 G10001:1", "4 422 ukendt-reference/ukendt /data/daginstitutionsNummer",
		"5 403 adgang/kommune", "6 403 adgang/indlaes", "7 403 adgang/kommune", "8 200 G10001:2")
	rows := s.call("GET", "/v2/eksport/samlet.ndjson", "").body
	if strings.Count(rows, "\n") != 2 || strings.Contains(rows, "751") || s.positions() != "461:3" {
		t.Errorf("at %s:\n%s", s.positions(), rows)
	}
	wantResults(t, s.as("egern").call("POST", "/v2/import", in("461", "a")+in("751", "b"), "Prefer: handling=strict").results(),
		"1 409 alt-eller-intet/andenLinjeAfvist", "2 403 adgang/kommune")
	if at := s.positions(); at != "461:3" {
		t.Errorf("a strict import wrote: %s", at)
	}
}

// TestChangeOfMunicipality moves a daginstitution with what is below it to another municipality: it takes the right on both sides.
func TestChangeOfMunicipality(t *testing.T) {
	s := newSite(t).family()
	moved := strings.Replace(daginstitution, "461", "751", 1)
	daginstitutioner := access.Grant{ID: "N", Kommune: 751, Niveauer: []register.Level{register.Daginstitution}, Fra: "2026-01-01"}
	itself := access.Grant{ID: "E", Nummer: "G10000", Ejerformer: []int{1}, Fra: "2026-01-01"}
	for _, c := range []struct {
		u    access.User
		kode string
	}{
		{access.User{Navn: "fra", Grants: grants(461)}, "kommune"},
		{access.User{Navn: "til", Grants: grants(751)}, "kommune"},
		{access.User{Navn: "ingen", Grants: grants(101)}, "kommune"},
		{access.User{Navn: "oeverst", Grants: append(grants(461), daginstitutioner)}, "niveau"}, // and not what comes along
		{access.User{Navn: "egen", Rolle: access.Ejer, CVRNummer: ownCVR, Grants: []access.Grant{itself}}, "kommune"},
	} {
		c.u.Rolle = cmp.Or(c.u.Rolle, access.Leverandoer)
		s.enroll(c.u)
		before := s.positions()
		status, missing := s.as(c.u.Navn).call("PUT", "/v2/daginstitutioner/G10000", moved, `If-Match: "1"`).verdict()
		if status != 403 || !slices.Equal(missing, []string{"adgang/" + c.kode}) || s.positions() != before {
			t.Errorf("%s: %d %s, the register went from %s to %s", c.u.Navn, status, missing, before, s.positions())
		}
	}
	s.as(leverandoer).call("PUT", "/v2/daginstitutioner/G10000", moved, `If-Match: "1"`).ok(200)
	if rows := s.call("GET", "/v2/eksport/samlet.ndjson?admKommuneKode=751", "").body; strings.Count(rows, "\n") != 3 {
		t.Errorf("751 has\n%s", rows)
	}
}

// TestMoveOfAnothers has an owner move what is its own below what is not, and the other way, within one municipality.
func TestMoveOfAnothers(t *testing.T) {
	s := newSite(t)
	neighbour := tree{own.kommune, "G10003", "G10004", "G10005", ""}
	s.grow(own, neighbour)
	c, before := s.as(ejer), s.positions()
	for _, move := range []struct{ path, field, to string }{
		{"anvisningsenheder/" + own.enhed, "daginstitutionsNummer", neighbour.daginstitution},
		{"anvisningsenheder/" + neighbour.enhed, "daginstitutionsNummer", own.daginstitution},
		{"alternative-adresser/" + own.adresse, "enhedsNummer", neighbour.enhed},
		{"alternative-adresser/" + neighbour.adresse, "enhedsNummer", own.enhed},
	} {
		c.call("POST", "/v2/"+move.path+"/flyt", below(move.field, move.to)).problem(403, "adgang/ejer")
	}
	if after := s.positions(); after != before {
		t.Errorf("written: %s, before %s", after, before)
	}
	c.call("POST", "/v2/anvisningsenheder/"+own.enhed+"/flyt", below("daginstitutionsNummer", own.daginstitution)).ok(200)
}

// TestOwnersCVRNumber has an owner write another's CVR number onto its own unit, and become of another ejerform.
func TestOwnersCVRNumber(t *testing.T) {
	s := newSite(t)
	private := strings.Replace(daginstitution, `"ejerformKode":1,"lovgrundlagKode":1`, `"ejerformKode":3,"lovgrundlagKode":4`, 1)
	s.call("POST", "/v2/daginstitutioner", private).ok(201)
	with := func(cvr string) string { return strings.Replace(enhed, "{", `{"cvrNummer":"`+cvr+`",`, 1) }
	c := s.as(ejer)
	c.call("POST", "/v2/anvisningsenheder", with(ownCVR)).ok(201)
	c.call("POST", "/v2/anvisningsenheder", with("10150817")).problem(403, "adgang/cvr")
	c.call("PUT", "/v2/anvisningsenheder/G10001", with("10150817"), "If-Match: *").problem(403, "adgang/cvr")
	c.call("PUT", "/v2/daginstitutioner/G10000", daginstitution, "If-Match: *").ok(403)
	s.call("PUT", "/v2/anvisningsenheder/G10001", with("10150817"), "If-Match: *").ok(200)
	c.call("DELETE", "/v2/anvisningsenheder/G10001", "", "If-Match: *").problem(403, "adgang/cvr")
}

// TestOverlap has a municipality go from one vendor to another with a month in which both write. Its days are Danish ones, and the
// trail shows who wrote what.
func TestOverlap(t *testing.T) {
	s := newSite(t)
	gammels := access.Grant{ID: "G", Kommune: 740, Fra: "2020-01-01", Til: "2026-12-31"}
	s.enroll(access.User{Navn: "gammel", Rolle: access.Leverandoer, Grants: []access.Grant{gammels}})
	s.enroll(access.User{Navn: "ny", Rolle: access.Leverandoer})
	s.call("POST", "/v2/adgang/brugere/ny/bevillinger", `{"admKommuneKode":740,"fra":"2026-12-01"}`).ok(201)
	body := strings.Replace(daginstitution, "461", "740", 1)
	var want []string
	for _, c := range []struct {
		at         string
		gammel, ny int
	}{
		{"2026-11-30T22:59:00Z", 201, 403},
		{"2026-11-30T23:00:00Z", 201, 201},
		{"2026-12-31T22:59:00Z", 201, 201},
		{"2026-12-31T23:00:00Z", 403, 201},
	} {
		s.now, _ = time.Parse(time.RFC3339, c.at)
		s.as("gammel").call("POST", "/v2/daginstitutioner", body).ok(c.gammel)
		s.now = s.now.Add(time.Second)
		s.as("ny").call("POST", "/v2/daginstitutioner", body).ok(c.ny)
		udfald := map[int]string{201: "udfoert", 403: "afvist"}
		want = append([]string{"ny " + udfald[c.ny], "gammel " + udfald[c.gammel]}, want...)
	}
	var got []string
	for _, act := range s.as(drift).trail("admKommuneKode=740&fra=2026-11-30T00:00:00Z") {
		got = append(got, act.Bruger+" "+act.Udfald)
	}
	if !slices.Equal(got, want) {
		t.Errorf("the trail tells\n%q\nwant\n%q", got, want)
	}
}

// TestUserIsShown makes an owner and reads it in every way there is, before and after it logs in.
func TestUserIsShown(t *testing.T) {
	s := newSite(t)
	made := read[shownSecret](s.call("POST", "/v2/adgang/brugere",
		`{"navn":"solstraalen","rolle":"ejer","beskrivelse":"Solstrålen I/S","cvrNummer":"12345674","forbindelser":["levere","laese"],"skrivninger":7}`).ok(201))
	grant := s.call("POST", "/v2/adgang/brugere/solstraalen/bevillinger",
		`{"nummer":"G10000","niveauer":["anvisningsenhed"],"ejerformer":[1,3],"fra":"2026-11-24","til":"2026-12-31"}`).ok(201)
	grant.wantHeaders(`ETag: "2"`, "Cache-Control: no-store")
	if at := grant.Get("Location"); !strings.HasPrefix(at, "/v2/adgang/brugere/solstraalen/bevillinger/") {
		t.Errorf("the grant is at %s", at)
	}
	s.now = s.now.AddDate(0, 0, 1)
	mine := s.login("solstraalen", made.Hemmelighed).ok(200)
	one := s.call("GET", "/v2/adgang/brugere/solstraalen", "").ok(200)
	one.wantHeaders(`ETag: "2"`, "Cache-Control: no-store")
	all := read[struct{ Brugere []shownUser }](s.call("GET", "/v2/adgang/brugere", "").ok(200)).Brugere
	u := read[shownUser](one)
	i := slices.IndexFunc(all, func(other shownUser) bool { return other.Navn == u.Navn })
	if fmt.Sprint(read[shownUser](mine)) != fmt.Sprint(u) || len(all) != len(cast())+1 || fmt.Sprint(all[i]) != fmt.Sprint(u) {
		t.Errorf("to itself %s\nalone %s\namong all %+v", mine.body, one.body, all)
	}
	g := u.Bevillinger[0]
	if u.Rolle != "ejer" || u.Beskrivelse != "Solstrålen I/S" || u.CvrNummer != ownCVR || fmt.Sprint(u.Forbindelser) != "[laese levere]" || u.Skrivninger != 7 ||
		u.Laesninger != access.DefaultLaesninger || u.Tilstand != "aktiv" || u.Version != 2 || u.Hemmeligheder[0].SenestBrugt != "2026-11-24T08:30:00Z" {
		t.Errorf("the user is %+v", u)
	}
	if g.Nummer != "G10000" || fmt.Sprintf("%v %v %s %s %t %s", g.Niveauer, g.Ejerformer, g.Fra, g.Til, g.Gaelder, g.GivetAf) !=
		"[anvisningsenhed] [1 3] 2026-11-24 2026-12-31 true drift" {
		t.Errorf("the grant is %+v", g)
	}
	revoked := read[shownUser](s.call("DELETE", grant.Get("Location"), "").ok(200)).Bevillinger[0]
	if revoked.Gaelder || revoked.TilbagekaldtAf != drift || revoked.Tilbagekaldt != "2026-11-24T08:30:00Z" {
		t.Errorf("the revoked grant is %+v", revoked)
	}
	s.call("DELETE", grant.Get("Location"), "").problem(404, "ukendt-systembruger/bevilling")
}

// TestUserIsChanged changes settings from the version that was read.
func TestUserIsChanged(t *testing.T) {
	s := newSite(t)
	const path = "/v2/adgang/brugere/leverandoer"
	s.call("PUT", path, "{}").problem(428, "mangler-if-match/mangler")
	s.call("PUT", path, `{"navn":"andet","rolle":"drift"}`, "If-Match: *").problem(422, "ukendt-felt/ukendt /navn", "ukendt-felt/ukendt /rolle")
	s.call("PUT", path, `{"beskrivelse":"Ny"}`, `If-Match: "2"`).problem(412, "foraeldet-version/andenVersion")
	s.call("PUT", path, `{"beskrivelse":"Ny"}`, `If-Match: "1", "7"`).ok(200).wantHeaders(`ETag: "2"`)
	s.call("PUT", path, `{"forbindelser":["laese"]}`, "If-Match: *").ok(200)
	u := read[shownUser](s.call("GET", path, "").ok(200))
	if u.Beskrivelse != "" || fmt.Sprint(u.Forbindelser) != "[laese]" || u.Version != 3 || len(u.Bevillinger) != 4 || len(u.Hemmeligheder) != 1 {
		t.Errorf("the user is %+v", u)
	}
	s.as(leverandoer).call("POST", "/v2/daginstitutioner", daginstitution).problem(403, "adgang/levere")
	s.call("PUT", path, `{"forbindelser":["laese",7,"skrive"],"laesninger":"mange"}`, "If-Match: *").
		problem(422, "forkert-type/type /forbindelser/1", "forkert-type/ukendt /forbindelser/2", "forkert-type/type /laesninger")
	s.call("PUT", path, `{"forbindelser":"laese"}`, "If-Match: *").problem(422, "forkert-type/type /forbindelser")
	for _, body := range []string{`{"forbindelser":[`, `{"forbindelser":["laese"`, `{"forbindelser":["laese",]}`, `{"forbindelser":[nul]}`} {
		a := s.call("PUT", path, body, "If-Match: *").ok(400)
		if lines := (&problemDocument{Errors: read[problemDocument](a).Errors}).lines(); len(lines) != 1 || !strings.HasPrefix(lines[0], "ugyldig-json/syntaks") {
			t.Errorf("%s: %q", body, lines)
		}
	}
}

// TestLastOperator shuts operators out until one is left.
func TestLastOperator(t *testing.T) {
	s := newSite(t)
	s.enroll(access.User{Navn: "drift2", Rolle: access.Drift})
	s.as("drift2").call("POST", "/v2/adgang/brugere/drift/luk", "").ok(200)
	s.as(drift).call("GET", "/v2/adgang/mig", "").ok(401)
	c := s.as("drift2")
	c.call("POST", "/v2/adgang/brugere/drift2/luk", "").problem(409, "systembruger-tilstand/sidsteDrift")
	id := read[shownUser](c.call("GET", "/v2/adgang/mig", "")).Hemmeligheder[0].ID
	c.call("DELETE", "/v2/adgang/brugere/drift2/hemmeligheder/"+id, "").problem(409, "systembruger-tilstand/sidsteDrift")
	c.call("POST", "/v2/adgang/brugere/drift/genaabn", "").ok(200)
	c.call("POST", "/v2/adgang/brugere/drift2/luk", "").ok(200)
	c.call("GET", "/v2/adgang/mig", "").ok(401)
}

// TestLogNamesWho reads who called off the log line, of calls that were turned away too.
func TestLogNamesWho(t *testing.T) {
	s := newSite(t)
	for call, c := range map[string]struct {
		navn, want string
		status     int
	}{
		"POST /v2/import":           {leverandoer, `"user":"leverandoer"`, 200},
		"POST /v2/daginstitutioner": {laeser, `"user":"laeser"`, 403},
		"GET /v2/dagtilbud":         {nobody, `"status":200`, 200},
	} {
		s.log.Reset()
		method, path, _ := strings.Cut(call, " ")
		s.as(c.navn).call(method, path, "").ok(c.status)
		if got := s.log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, c.want) || strings.Contains(got, `"user"`) != (c.navn != nobody) {
			t.Errorf("%s: %s", call, got)
		}
	}
}
