package access_test

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
)

// FuzzAuthorization holds the gate against the standard library's reading of the header: who sends the right secret comes in, and nobody
// else does.
func FuzzAuthorization(f *testing.F) {
	store := openStore(f)
	text, kept := access.NewSecret(now, time.Time{})
	u := access.User{Navn: "os", Rolle: access.Laeser, Secrets: []access.Secret{kept}, Version: 1}
	if err := store.SaveUser(f.Context(), u, access.NewEntry(now, access.Entry{})); err != nil {
		f.Fatal(err)
	}
	right := basic("os", text)
	for _, header := range []string{
		right, strings.Replace(right, "Basic", "bASIC", 1), right + " ", right + strings.Repeat(" ", 512), right + "=", right[:len(right)-1], strings.Replace(right, " ", "  ", 1),
		"Basic " + right, basic("os", ""), basic("", text), basic("os", text+":"), basic("andre", text), basic("os\x00", text), basic("æ", "ø"),
		"", " ", "Basic", "Basic ", "Basic %", "Bearer " + text, "Basic " + strings.Repeat("A", 511), strings.Repeat(" ", 1000),
	} {
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, header string) {
		gate := access.NewGate(store, func() time.Time { return now }, slog.New(slog.DiscardHandler), 0)
		for range 2 { // looked up, and then remembered
			caller, _, err := gate.Admit(t.Context(), access.Attempt{Authorization: header, Need: access.Indlogning})
			admitted := err == nil && caller.Navn() == "os"
			if err != nil && outcome(err) != in401 || err == nil && !admitted {
				t.Fatalf("%q: %v, %q", header, err, caller.Navn())
			}
			if admitted != (sends(header) == "os:"+text) {
				t.Fatalf("%q: admitted is %v", header, admitted)
			}
		}
	})
}

// sends gives the name and the secret of a header no longer than any that is meant, "" where it has none.
func sends(header string) string {
	scheme, rest, _ := strings.Cut(header, " ")
	r := http.Request{Header: http.Header{"Authorization": {scheme + " " + strings.TrimSpace(rest)}}}
	navn, secret, ok := r.BasicAuth()
	if !ok || len(header) > 512 {
		return ""
	}
	return navn + ":" + secret
}
