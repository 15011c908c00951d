package httpcall_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"dagtilbudsregisteret.dk/shared/httpcall"
)

// word is a handler that answers a word.
func word(w string) http.Handler {
	return http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) { answer.Write([]byte(w + r.Pattern)) })
}

// TestOneHandler has the routes of two protocols, each with its own answer to what it has no route for, served as one handler.
func TestOneHandler(t *testing.T) {
	protocol := func(name string, patterns ...string) http.Handler {
		mux := http.NewServeMux()
		for _, pattern := range patterns {
			mux.Handle(pattern, word(name+" has "))
		}
		return httpcall.Elsewhere(mux, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			word(name+" allows "+httpcall.Allow(mux, r)).ServeHTTP(w, r)
		}))
	}
	handler := httpcall.Under("/soap/", protocol("soap", "POST /soap/v1/ImportService"),
		protocol("rest", "GET /v2/dagtilbud", "POST /v2/import", "PUT /v2/import"))
	for call, want := range map[string]string{
		"POST /soap/v1/ImportService": "soap has POST /soap/v1/ImportService",
		"GET /soap/v1/ImportService":  "soap allows POST",
		"POST /soap/v1/x":             "soap allows ",
		"GET /soap/":                  "soap allows ",
		"GET /soap":                   "rest allows ",
		"HEAD /v2/dagtilbud":          "rest has GET /v2/dagtilbud",
		"GET /v2/import":              "rest allows POST, PUT",
		"GET /":                       "rest allows ",
	} {
		method, path, _ := strings.Cut(call, " ")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(method, path, nil))
		if got := w.Body.String(); got != want || w.Code != http.StatusOK || w.Header().Get("Allow") != "" {
			t.Errorf("%s: %d %q, want %q", call, w.Code, got, want)
		}
	}
}
