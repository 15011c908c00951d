package main

import (
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var loginLine = regexp.MustCompile(`^[a-z0-9.-]+:[A-Za-z0-9_-]{43}\n$`)

// issued runs a command that shows a new secret: on stdout alone, and nowhere else from then on. It gives the login.
func (s *session) issued(args ...string) string {
	s.t.Helper()
	r := s.must(exitDone, args...)
	if !loginLine.MatchString(r.stdout) {
		s.t.Fatalf("dtr %s said %q", strings.Join(args, " "), r.stdout)
	}
	login := strings.TrimSpace(r.stdout)
	_, secret, _ := strings.Cut(login, ":")
	if strings.Contains(r.stderr, secret) {
		s.t.Errorf("the secret is on stderr too: %s", r.stderr)
	}
	contains(s.t, r.stderr, "The secret is not shown again.")
	s.secrets = append(s.secrets, secret)
	return login
}

// columns gives a table's fields. They may hold single spaces.
func columns(text string) (rows [][]string) {
	for line := range strings.Lines(text) {
		rows = append(rows, regexp.MustCompile(` {2,}`).Split(strings.TrimSpace(line), -1))
	}
	return rows
}

// shown gives what stands after a word at the beginning of a line.
func shown(t *testing.T, text, word string) []string {
	t.Helper()
	for _, row := range columns(text) {
		if row[0] == word {
			return row[1:]
		}
	}
	t.Fatalf("no line begins with %s in\n%s", word, text)
	return nil
}

// below gives the first field of the line below the one that begins with a word.
func below(t *testing.T, text, word string) string {
	t.Helper()
	rows := columns(text)
	i := slices.IndexFunc(rows, func(row []string) bool { return row[0] == word })
	if i < 0 || i+1 == len(rows) {
		t.Fatalf("nothing stands below %s in\n%s", word, text)
	}
	return rows[i+1][0]
}

func TestCreateUser(t *testing.T) {
	s := &session{t: t, url: newRegister(t)}
	login := s.issued("adgang", "create", "-rolle", "leverandoer", "-beskrivelse", "Hold\x1b[2J Ind", "-skrivninger", "5", "-laesninger", "0", "hold-ind")
	me := s.as(login).must(exitDone, "adgang", "mig").stdout
	for word, want := range map[string]string{
		"NAVN": "hold-ind", "ROLLE": "leverandoer", "TILSTAND": "aktiv", "FORBINDELSER": "laese,levere", "SKRIVNINGER": "5 a second",
		"LAESNINGER": "any number", "BESKRIVELSE": "Hold\ufffd[2J Ind", "CVR-NUMMER": "-", "VERSION": "1",
	} {
		if got := shown(t, me, word)[0]; got != want {
			t.Errorf("%s is %q, want %q", word, got, want)
		}
	}
	if got := s.must(exitDone, "adgang", "show", "hold-ind").stdout; got != me {
		t.Errorf("it is shown to others as\n%s", got)
	}

	s.issued("adgang", "create", "-rolle", "ejer", "-cvr", "12345678", "-forbindelser", "levere", "ejer-1")
	list := s.must(exitDone, "adgang", "list").stdout
	if got := shown(t, list, "ejer-1"); strings.Join(got[:4], " ") != "ejer aktiv levere 0" {
		t.Errorf("it is listed as %q", got)
	}
	if got := shown(t, list, "drift"); got[4] == "-" {
		t.Errorf("the operator has not logged in, as it is listed: %q", got)
	}
	contains(t, s.must(exitDone, "adgang", "show", "ejer-1").stdout, "CVR-NUMMER    12345678\n", "SKRIVNINGER   50 a second\n")
}

// TestCreateUserRefused tells why, and does not repeat what might be a secret.
func TestCreateUserRefused(t *testing.T) {
	s := &session{t: t, url: newRegister(t), secrets: []string{"Hemmelighed"}}
	s.issued("adgang", "create", "-rolle", "laeser", "avis")
	for _, c := range []struct {
		args, stderr string
		code         int
	}{
		{"-rolle laeser avis", "Navnet avis er givet til en anden.\n", exitRefused},
		{"-en -rolle laeser avis", "The name avis has been given to another.\n", exitRefused},
		{"-rolle konge avis-2", "Rollen er laeser, ", exitRefused},
		{"-rolle ejer ejer-1", "CVR-nummer på 8 cifre", exitRefused},
		{"-rolle laeser -forbindelser laese,levere avis-2", "En læser kan ikke", exitRefused},
		{"-rolle laeser -forbindelser laese,tale avis-2", "laese, levere", exitRefused},
		{"-rolle laeser -skrivninger -1 avis-2", "En grænse er fra 0", exitRefused},
		{"avis-2", "dtr: -rolle is missing\nusage: dtr adgang create -rolle R ", exitFailed},
		{"-rolle laeser", "an argument is missing", exitFailed},
		{"avis-2 -rolle laeser", "there is more than it takes: -rolle laeser", exitFailed},
		{"-rolle laeser avis:Hemmelighed", "NAVN is a system user's name", exitFailed},
		{"-rolle laeser -skrivninger mange avis-2", "it is not a whole number", exitFailed},
	} {
		r := s.must(c.code, append([]string{"adgang", "create"}, strings.Fields(c.args)...)...)
		contains(t, r.stderr, c.stderr)
		if r.stdout != "" {
			t.Errorf("%s: it said %q", c.args, r.stdout)
		}
	}
}

const creation = `{"op":"opret","type":"daginstitution","data":{"daginstitutionsNavn":"Skovly","ejerformKode":1,"lovgrundlagKode":1,"admKommuneKode":265}}`

// creates tells whether a system user may create a daginstitution in municipality 265.
func creates(t *testing.T, url, login string) bool {
	t.Helper()
	status, body := send(t, login, url+"/v2/import?dryRun=true", creation)
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	return strings.Contains(body, `"status":201`)
}

func TestGrant(t *testing.T) {
	s := &session{t: t, url: newRegister(t)}
	login := s.issued("adgang", "create", "-rolle", "leverandoer", "hold-ind")
	if creates(t, s.url, login) {
		t.Error("it creates without a grant")
	}
	given := s.must(exitDone, "adgang", "grant", "-kommune", "265", "-niveauer", "daginstitution,anvisningsenhed", "-ejerformer", "1,2", "-til", "2999-12-31", "hold-ind")
	id := strings.TrimSpace(given.stdout)
	if !regexp.MustCompile(`^hold-ind may write for kommune 265 from \S+ to 2999-12-31\. `).MatchString(given.stderr) {
		t.Errorf("it said %s", given.stderr)
	}
	if !creates(t, s.url, login) {
		t.Error("it does not create with the grant")
	}
	before := shown(t, s.must(exitDone, "adgang", "show", "hold-ind").stdout, id)
	if got := strings.Join(before, " "); !regexp.MustCompile(`^kommune 265 daginstitution,anvisningsenhed 1,2 \S+ 2999-12-31 ja \S+ drift - -$`).MatchString(got) {
		t.Errorf("the grant is shown as %q", got)
	}
	if got := shown(t, s.must(exitDone, "adgang", "list").stdout, "hold-ind"); got[3] != "1" {
		t.Errorf("it is listed as %q", got)
	}
	contains(t, s.must(exitDone, "adgang", "revoke", "hold-ind", id).stdout, "hold-ind has grant "+id+" no more")
	if creates(t, s.url, login) {
		t.Error("it creates with a grant that was revoked")
	}
	after := shown(t, s.must(exitDone, "adgang", "show", "hold-ind").stdout, id)
	if after[5] != "nej" || after[9] != "drift" {
		t.Errorf("the revoked grant is shown as %q", after)
	}
	contains(t, s.must(exitRefused, "adgang", "revoke", "hold-ind", id).stderr, "hold-ind har ingen bevilling med det id")
}

func TestGrantForUnit(t *testing.T) {
	s := &session{t: t, url: newRegister(t)}
	s.issued("adgang", "create", "-rolle", "ejer", "-cvr", "12345678", "ejer-1")
	id := strings.TrimSpace(s.must(exitDone, "adgang", "grant", "-nummer", "G12345", "-fra", "2999-01-01", "ejer-1").stdout)
	if got := shown(t, s.must(exitDone, "adgang", "show", "ejer-1").stdout, id); got[0] != "G12345" || got[3] != "2999-01-01" || got[5] != "nej" {
		t.Errorf("the grant is shown as %q", got)
	}
	if got := shown(t, s.must(exitDone, "adgang", "list").stdout, "ejer-1"); got[3] != "0" {
		t.Errorf("a grant to come counts: %q", got)
	}
}

func TestGrantRefused(t *testing.T) {
	s := &session{t: t, url: newRegister(t)}
	s.issued("adgang", "create", "-rolle", "leverandoer", "hold-ind")
	for _, c := range []struct {
		args, stderr string
		code         int
	}{
		{"-kommune 999 hold-ind", "Der er ingen kommune med koden 999.\n", exitRefused},
		{"-nummer G12345 hold-ind", "En leverandør får bevilling for en kommune", exitRefused},
		{"-kommune 265 -ejerformer 99 hold-ind", "Der er ingen ejerform 99.", exitRefused},
		{"-kommune 265 -niveauer etage hold-ind", "daginstitution, anvisningsenhed, alternativAdresse", exitRefused},
		{"-kommune 265 -fra i-morgen hold-ind", "En dato skrives som", exitRefused},
		{"-kommune 265 hold-ud", "Der findes ingen systembruger ved det navn.\n", exitRefused},
		{"-kommune 265 -ejerformer alle hold-ind", "it is not a list of codes", exitFailed},
		{"hold-ind", "either for a -kommune or for a -nummer", exitFailed},
		{"-kommune 265 -nummer G12345 hold-ind", "either for a -kommune or for a -nummer", exitFailed},
	} {
		contains(t, s.must(c.code, append([]string{"adgang", "grant"}, strings.Fields(c.args)...)...).stderr, c.stderr)
	}
}

// TestRotate goes over from one secret to the next.
func TestRotate(t *testing.T) {
	s := &session{t: t, url: newRegister(t)}
	old := s.issued("adgang", "create", "-rolle", "leverandoer", "hold-ind")
	oldID := below(t, s.must(exitDone, "adgang", "show", "hold-ind").stdout, "HEMMELIGHED")
	next := s.issued("adgang", "rotate", "-udloeber", "2999-01-31T12:00:00+01:00", "hold-ind")
	for _, login := range []string{old, next} {
		s.as(login).must(exitDone, "adgang", "mig")
	}
	contains(t, s.must(exitDone, "adgang", "show", "hold-ind").stdout, "2999-01-31T11:00:00.000Z")
	contains(t, s.must(exitRefused, "adgang", "rotate", "hold-ind").stderr, "hold-ind har allerede to hemmeligheder")

	contains(t, s.must(exitDone, "adgang", "revoke-secret", "hold-ind", oldID).stdout, "hold-ind has secret "+oldID+" no more")
	contains(t, s.as(old).must(exitFailed, "adgang", "mig").stderr, "Log ind med", "tried to log in as hold-ind, by DTR_USER.")
	s.as(next).must(exitDone, "adgang", "mig")
	contains(t, s.must(exitRefused, "adgang", "revoke-secret", "hold-ind", oldID).stderr, "ingen hemmelighed med det id")

	contains(t, s.must(exitRefused, "adgang", "rotate", "-udloeber", "2001-01-31T12:00:00Z", "hold-ind").stderr, "udloeber skal ligge i fremtiden")
	contains(t, s.must(exitFailed, "adgang", "rotate", "-udloeber", "snart", "hold-ind").stderr, "it is not a moment such as")
}

func TestDisable(t *testing.T) {
	s := &session{t: t, url: newRegister(t)}
	login := s.issued("adgang", "create", "-rolle", "laeser", "avis")
	contains(t, s.must(exitDone, "adgang", "disable", "avis").stdout, "avis is shut out, everywhere within a minute\n")
	contains(t, s.as(login).must(exitFailed, "adgang", "mig").stderr, "DTR_USER=NAVN:SECRET")
	if got := shown(t, s.must(exitDone, "adgang", "list").stdout, "avis"); got[1] != "lukket" {
		t.Errorf("it is listed as %q", got)
	}
	contains(t, s.must(exitDone, "adgang", "enable", "avis").stdout, "avis is let in again\n")
	s.as(login).must(exitDone, "adgang", "mig")
	contains(t, s.must(exitRefused, "adgang", "disable", "drift").stderr, "drift er den sidste aktive driftsbruger.\n")
}

// TestAccessUnknown asks for what is not there, or cannot be.
func TestAccessUnknown(t *testing.T) {
	s := &session{t: t, url: newRegister(t), secrets: []string{"Hemmelighed"}}
	long := strings.Repeat("Hemmelighed", 4)
	for _, c := range []struct {
		args, stderr string
		code         int
	}{
		{"show avis", "Der findes ingen systembruger ved det navn.\n", exitRefused},
		{"disable avis", "Der findes ingen systembruger ved det navn.\n", exitRefused},
		{"show ..", "NAVN is a system user's name", exitFailed},
		{"enable Hemmelighed", "NAVN is a system user's name", exitFailed},
		{"revoke drift ..", "ID is as `dtr adgang show` has it", exitFailed},
		{"revoke-secret drift " + long, "ID is as `dtr adgang show` has it", exitFailed},
		{"revoke drift", "an argument is missing", exitFailed},
		{"vis", `there is no command "vis"`, exitFailed},
		{"", "usage: dtr adgang COMMAND", exitFailed},
	} {
		contains(t, s.must(c.code, append([]string{"adgang"}, strings.Fields(c.args)...)...).stderr, c.stderr)
	}
	contains(t, s.must(exitDone, "adgang", "help").stdout, "  dtr adgang create ", "DTR_USER=NAVN:SECRET")
	for _, c := range adgang() {
		contains(t, s.must(exitDone, "adgang", c.name, "-h").stdout, "usage: dtr adgang "+c.name+" ", c.about, "\n  -en\n")
	}
}

// TestTrail shows what was done and what was refused, and narrows it down.
func TestTrail(t *testing.T) {
	s := &session{t: t, url: newRegister(t)}
	login := s.issued("adgang", "create", "-rolle", "leverandoer", "hold-ind")
	s.must(exitDone, "load", sample)
	send(t, login, s.url+"/v2/import", creation) // refused
	all := columns(s.must(exitDone, "adgang", "spor").stdout)
	if got := strings.Join(all[1][1:6], " "); got != "hold-ind opret afvist 265 -" || all[1][10] != "adgang/kommune" {
		t.Errorf("the newest is %q", all[1])
	}
	by := map[string]int{"": len(all) - 1}
	for _, row := range all[1:] {
		by[row[1]]++
		by[row[3]]++
	}
	call := all[1][8]
	for args, want := range map[string]int{
		"":                                 by[""],
		"-antal 3":                         3,
		"-bruger drift":                    by["drift"],
		"-bruger hold-ind":                 1,
		"-om hold-ind":                     1,
		"-udfald afvist":                   by["afvist"],
		"-udfald udfoert -antal 1000":      by["udfoert"],
		"-nummer G20001":                   1,
		"-kommune 265 -udfald afvist":      1,
		"-kommune 999":                     0,
		"-request " + call:                 1,
		"-fra 2999-01-31T12:00:00Z":        0,
		"-til 2001-01-31T12:00:00Z":        0,
		"-til 2999-01-31T12:00:00Z":        by[""],
		"-bruger hold-ind -udfald udfoert": 0,
	} {
		if got := len(columns(s.must(exitDone, append([]string{"adgang", "spor"}, strings.Fields(args)...)...).stdout)) - 1; got != want {
			t.Errorf("spor %s shows %d acts, want %d", args, got, want)
		}
	}
	own := columns(s.as(login).must(exitDone, "adgang", "spor").stdout)
	if len(own) != 2 {
		t.Errorf("a vendor sees %q", own)
	}
	contains(t, s.must(exitDone, "adgang", "spor", "-antal", "1").stderr, "these are the newest 1; -antal shows more")
	contains(t, s.must(exitRefused, "adgang", "spor", "-en", "-udfald", "maaske").stderr, "udfald")
	contains(t, s.must(exitFailed, "adgang", "spor", "-antal", "0").stderr, "-antal is how many acts to show")
}

// TestTrailLong goes on over as many pages as it takes.
func TestTrailLong(t *testing.T) {
	s := &session{t: t, url: newRegister(t)}
	s.must(exitDone, "load", aLot(t))
	pages := 0
	s.wire = func(real http.RoundTripper) http.RoundTripper {
		return calling{real, func(*http.Request) error { pages++; return nil }}
	}
	r := s.must(exitDone, "adgang", "spor", "-antal", "1500")
	seen := make(map[string]bool)
	for _, row := range columns(r.stdout)[1:] {
		seen[strings.Join(row, " ")] = true
	}
	if len(seen) != 1500 || pages != 2 {
		t.Errorf("%d acts are shown, on %d pages", len(seen), pages)
	}
}

// TestForbidden has those who may not told why, after a single call.
func TestForbidden(t *testing.T) {
	s := &session{t: t, url: newRegister(t)}
	reader := s.as(s.issued("adgang", "create", "-rolle", "laeser", "avis"))
	support := s.as(s.issued("adgang", "create", "-rolle", "support", "vagten"))
	nobody := s.as("")
	wrong := s.as("drift:forkert")
	for _, c := range []struct {
		as           *session
		args, stderr string
		code         int
	}{
		{reader, "load " + sample, "dtr: Kaldet er ikke tilladt for systembrugere med rollen laeser.\n", exitFailed},
		{reader, "adgang list", "Kaldet er ikke tilladt for systembrugere med rollen laeser.\n", exitRefused},
		{support, "adgang disable drift", "Rollen support må ikke ændre systembrugere med rollen drift.\n", exitRefused},
		{nobody, "adgang mig", "dtr: Log ind med systembrugerens navn", exitFailed},
		{nobody, "load " + sample, "It did not log in. DTR_USER=NAVN:SECRET says which", exitFailed},
		{wrong, "export", "It tried to log in as drift, by DTR_USER. DTR_USER=NAVN:SECRET says which", exitFailed},
	} {
		calls := 0
		c.as.attempts = 5
		c.as.wire = func(real http.RoundTripper) http.RoundTripper {
			return calling{real, func(*http.Request) error { calls++; return nil }}
		}
		contains(t, c.as.must(c.code, strings.Fields(c.args)...).stderr, c.stderr)
		if calls != 1 {
			t.Errorf("dtr %s made %d calls", c.args, calls)
		}
	}
}

// TestActUncertain does not make an act again whose answer was lost, and says so.
func TestActUncertain(t *testing.T) {
	s := &session{t: t, url: newRegister(t), attempts: 5}
	calls := 0
	s.wire = func(real http.RoundTripper) http.RoundTripper {
		return calling{real, func(*http.Request) error { calls++; return errors.New("connection reset") }}
	}
	r := s.must(exitFailed, "adgang", "create", "-rolle", "laeser", "avis")
	contains(t, r.stderr, "connection reset\nwhether it took effect is not known: see `dtr adgang show avis`", "Is the register running at")
	if calls != 1 {
		t.Errorf("it made %d calls", calls)
	}
	unreached := (&session{t: t, url: "http://127.0.0.1:0"}).must(exitFailed, "adgang", "disable", "avis")
	if strings.Contains(unreached.stderr, "not known") {
		t.Errorf("nobody was asked, but it said %s", unreached.stderr)
	}
}
