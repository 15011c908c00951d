package httpcall

import (
	"net/http"
	"strings"
)

// Elsewhere gives a handler of a mux's routes that has another answer what none of them is for.
func Elsewhere(mux *http.ServeMux, other http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern == "" {
			other.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// Allow gives the methods that a mux has for the path of a request that no route is for, as the header Allow lists them; "" for none.
func Allow(mux *http.ServeMux, r *http.Request) string {
	probe := &discard{header: make(http.Header)}
	mux.ServeHTTP(probe, r)
	return probe.header.Get("Allow")
}

// discard takes an answer that is only looked at for its headers.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(int)             {}

// Under gives a handler that has one answer the paths that begin with a prefix, and another all others: how protocols that have a
// handler each are served as one.
func Under(prefix string, there, elsewhere http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, prefix) {
			there.ServeHTTP(w, r)
			return
		}
		elsewhere.ServeHTTP(w, r)
	})
}
