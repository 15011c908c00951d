package main

import (
	"strings"
	"testing"
)

func TestGet(t *testing.T) {
	s := &session{t: t, url: newRegister(t)}
	s.must(exitDone, "load", sample)
	shown := s.must(exitDone, "get", "G20001").stdout
	contains(t, shown, "\n  \"dagtilbud\": {\n", `"enhedsNavn": "Børnehuset \"De fire vinde\""`, `"daginstitutionsNavn": "Børnehuset \"De fire vinde\""`)
	above := exported(t, s.url, "anvisningsenheder", "anvisningsenhedsNummer")["G20001"]["daginstitutionsNummer"]
	contains(t, s.must(exitDone, "get", above).stdout, `"under": [`, `"enhedsNummer": "G20001"`)
}

// TestGetUnknown has the register say so in the language of whoever asks.
func TestGetUnknown(t *testing.T) {
	const danish, english = "Der findes ingen institution med nummer G99999.\n", "No institution has the number G99999.\n"
	for _, c := range []struct {
		env  map[string]string
		args string
		want string
	}{
		{nil, "get G99999", danish},
		{map[string]string{"LANG": "C.UTF-8"}, "get G99999", danish},
		{map[string]string{"LANG": "da_DK.UTF-8"}, "get -en G99999", english},
		{map[string]string{"LANG": "en_US.UTF-8"}, "get G99999", english},
		{map[string]string{"LANG": "en_US.UTF-8", "LC_ALL": "da_DK"}, "get G99999", danish},
	} {
		s := &session{t: t, url: newRegister(t), env: c.env}
		if r := s.must(exitRefused, strings.Fields(c.args)...); r.stderr != c.want || r.stdout != "" {
			t.Errorf("%v, dtr %s: %q, want %q", c.env, c.args, r.stderr, c.want)
		}
	}
}
