package rest_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
)

// leaks are the forms in which a secret must not be found anywhere: itself, what logs in with it, and what is kept of it.
func leaks(navn, secret string) []string {
	hash := sha256.Sum256([]byte(secret))
	login := []byte(navn + ":" + secret)
	forms := []string{secret, hex.EncodeToString(hash[:]), strings.ToUpper(hex.EncodeToString(hash[:]))}
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		forms = append(forms, encoding.EncodeToString(hash[:]), encoding.EncodeToString(login))
	}
	return forms
}

// closeMouthed goes through calls and keeps all that was answered.
type closeMouthed struct {
	*site
	answered strings.Builder
}

func (s *closeMouthed) call(navn, secret, method, path, body string, headers ...string) *answer {
	s.t.Helper()
	a := s.as(nobody).call(method, path, body, append(headers, "Authorization: "+basic(navn, secret))...)
	fmt.Fprintln(&s.answered, a.Header, a.body)
	return a
}

// manage makes every call there is about users, with a secret typed where it does not belong.
func (s *closeMouthed) manage(operator, typed string) {
	for _, call := range []string{
		"GET /v2/adgang/mig", "GET /v2/adgang/brugere", "GET /v2/adgang/brugere/egern", `PUT /v2/adgang/brugere/egern {"beskrivelse":"Egern"}`,
		`POST /v2/adgang/brugere/egern/bevillinger {"admKommuneKode":461}`, "DELETE /v2/adgang/brugere/egern/bevillinger/" + typed,
		"DELETE /v2/adgang/brugere/egern/hemmeligheder/" + typed, "POST /v2/adgang/brugere/egern/luk", "POST /v2/adgang/brugere/egern/genaabn",
		"GET /v2/adgang/brugere/" + typed, "PUT /v2/adgang/brugere/" + typed + " {}", "POST /v2/adgang/brugere/" + typed + "/luk",
		"POST /v2/adgang/brugere/" + typed + "/genaabn", "POST /v2/adgang/brugere/" + typed + "/hemmeligheder",
		"POST /v2/adgang/brugere/" + typed + `/bevillinger {"admKommuneKode":461}`, "DELETE /v2/adgang/brugere/" + typed + "/hemmeligheder/" + typed,
		`POST /v2/adgang/brugere {"navn":"` + typed + `","rolle":"laeser"}`, `POST /v2/adgang/brugere {"navn":"nyt","rolle":"` + typed + `"}`,
		`POST /v2/adgang/brugere/egern/hemmeligheder {"udloeber":"` + typed + `"}`, "POST /v2/adgang/" + typed, "GET /" + typed,
	} {
		call, body, _ := strings.Cut(call, " {")
		method, path, _ := strings.Cut(call, " ")
		if body != "" {
			body = "{" + body
		}
		s.call(drift, operator, method, path, body, "If-Match: *")
	}
}

// TestNoSecretAnywhere makes every call about users, logs in rightly and wrongly, types secrets where they do not belong, and has the
// register fail meanwhile. Nothing but the one answer that shows a secret tells anything of it: no log line at any level, no other
// answer, no entry of the trail, and not the register's file.
func TestNoSecretAnywhere(t *testing.T) {
	s := &closeMouthed{site: newSite(t)}
	operator := s.secrets[drift]
	first := read[shownSecret](s.site.call("POST", "/v2/adgang/brugere", `{"navn":"egern","rolle":"leverandoer"}`).ok(201))
	second := s.rotate("egern")
	secrets := map[string]string{first.Hemmelighed: "egern", second.Hemmelighed: "egern", operator: drift}
	for _, user := range []func(string) (access.User, error){
		nil,
		func(string) (access.User, error) { return access.User{}, errors.New("the disk is gone") },
		func(string) (access.User, error) { panic("the disk is gone") },
	} {
		typed, _ := access.NewSecret(s.now, time.Time{})
		secrets[typed] = "egern"
		s.manage(operator, typed)
		s.call("egern", typed, "POST", "/v2/daginstitutioner", daginstitution).problem(401, "login/login")
		s.call(typed, typed, "GET", "/v2/dagtilbud", "").problem(401, "login/login")
		s.store.user = user
		s.call("egern", first.Hemmelighed, "GET", "/v2/adgang/mig", "")
		s.call("egern", second.Hemmelighed, "POST", "/v2/import", line(""))
		s.store.user = nil
		s.now = s.now.Add(2 * access.Remembered)
	}
	s.call(drift, operator, "DELETE", "/v2/adgang/brugere/egern/hemmeligheder/"+first.HemmelighedID, "").ok(200)
	s.call("egern", first.Hemmelighed, "GET", "/v2/adgang/mig", "").ok(401)

	trail := s.as(drift).call("GET", "/v2/adgang/spor?limit=1000", "").ok(200).body
	users := s.as(drift).call("GET", "/v2/adgang/brugere", "").ok(200).body
	file, err := os.ReadFile(s.file)
	if err != nil {
		t.Fatal(err)
	}
	for place, text := range map[string]string{
		"log": s.log.String(), "trail": trail, "list of users": users, "other answers": s.answered.String(), "file": string(file),
	} {
		if !strings.Contains(text, "egern") {
			t.Errorf("the %s tells nothing of the user", place)
		}
		for secret, navn := range secrets {
			for _, form := range leaks(navn, secret) {
				if strings.Contains(text, form) {
					t.Errorf("the %s tells %s, of a secret", place, form)
				}
			}
		}
	}
}

// TestSecretIsShownOnce looks at the answers that show a secret: no cache keeps them, and to ask again is to make another.
func TestSecretIsShownOnce(t *testing.T) {
	s := newSite(t)
	const key = "Idempotency-Key: k"
	created := s.call("POST", "/v2/adgang/brugere", `{"navn":"egern","rolle":"leverandoer"}`, key).ok(201)
	created.wantHeaders("Cache-Control: no-store", "Location: /v2/adgang/brugere/egern", `ETag: "1"`)
	first := read[shownSecret](created)
	s.call("POST", "/v2/adgang/brugere", `{"navn":"egern","rolle":"leverandoer"}`, key).problem(409, "systembruger-tilstand/navnOptaget /navn")
	again := s.call("POST", "/v2/adgang/brugere/egern/hemmeligheder", "").ok(201)
	again.wantHeaders("Cache-Control: no-store", `ETag: "2"`)
	second := read[shownSecret](again)
	if len(first.Hemmelighed) != 43 || first.Hemmelighed == second.Hemmelighed || first.HemmelighedID == second.HemmelighedID ||
		second.Bruger.Hemmeligheder[0].ID != first.HemmelighedID || second.Bruger.Hemmeligheder[1].ID != second.HemmelighedID {
		t.Errorf("first %+v\nthen %+v", first, second)
	}
}
