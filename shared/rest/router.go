package rest

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// Route is one operation of the API: a method, a path as net/http patterns spell it, what it demands of its caller, and what answers
// it.
type Route struct {
	Method string
	Path   string
	Need   access.Need
	handle func(*exchange) error
}

// versioned gives a route under each service version. It takes no parameters.
func versioned(method, path string, need access.Need, handle func(*exchange) error) []Route {
	return queried(method, path, need, plain(handle))
}

// plain is for what takes no parameters.
func plain(handle func(*exchange) error) func(*exchange) error {
	return func(e *exchange) error {
		if findings := e.readQuery(nil); len(findings) > 0 {
			return e.refuse(findings)
		}
		return handle(e)
	}
}

// queried gives a route under each service version, whose handler reads its parameters.
func queried(method, path string, need access.Need, handle func(*exchange) error) []Route {
	return []Route{{method, "/v1" + path, need, handle}, {method, "/v2" + path, need, handle}}
}

// exchange is one request and its answer.
type exchange struct {
	api *API
	w   *recorder
	r   *http.Request

	version   register.ServiceVersion
	language  language
	requestID string
	caller    access.Caller
}

// recorder notes what was answered, for the log line, and whether it is too late for another answer.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// Handler makes one handler of the routes.
func (a *API) Handler(groups ...[]Route) http.Handler {
	mux := http.NewServeMux()
	for _, routes := range groups {
		for _, route := range routes {
			mux.Handle(route.Method+" "+route.Path, a.frame(route.admitted))
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern == "" {
			a.frame(func(e *exchange) error { return e.noRoute(mux) }).ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// admitted lets the caller in at the gate before the handler sees anything.
func (route Route) admitted(e *exchange) error {
	caller, pace, err := e.api.gate.Admit(e.r.Context(), access.Attempt{
		Authorization: e.r.Header.Get("Authorization"), Need: route.Need, Handling: route.Method + " " + route.Path, Af: e.actor(),
		Om: e.r.PathValue("bruger"),
	})
	e.pace(pace)
	e.caller = caller // of who was turned away too, for the log line
	if err != nil {
		return err
	}
	return route.handle(e)
}

// pace tells how the caller stands to its limit (draft-ietf-httpapi-ratelimit-headers).
func (e *exchange) pace(p access.Pace) {
	if p.Limit == 0 {
		return
	}
	e.w.Header().Set("RateLimit-Policy", fmt.Sprintf(`"%s";q=%d;w=1`, p.Policy, p.Limit))
	e.w.Header().Set("RateLimit", fmt.Sprintf(`"%s";r=%d;t=1`, p.Policy, p.Left))
	if p.Wait > 0 {
		e.w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(p.Wait.Seconds()))))
	}
}

// actor is who makes the call, and how.
func (e *exchange) actor() register.Actor {
	return register.Actor{
		User: e.caller.Navn(), Version: e.version, Address: address(e.r), RequestID: e.requestID, Traceparent: traceparent(e.r),
	}
}

// address is where a call comes from. What the caller says of itself in headers counts for nothing.
func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// traceparent takes a W3C trace context as it came, unless it cannot be one.
func traceparent(r *http.Request) string {
	value := r.Header.Get("Traceparent")
	if len(value) > 64 || strings.Trim(value, "0123456789abcdef-") != "" {
		return ""
	}
	return value
}

// frame puts around a handler what every exchange has: a request id, a language, one answer whatever happens, one log line.
func (a *API) frame(handle func(*exchange) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := a.Now()
		e := &exchange{api: a, w: &recorder{ResponseWriter: w}, r: r, version: versionOf(r.URL.Path),
			language: preferred(header(r, "Accept-Language")), requestID: requestID(r)}
		e.w.Header().Set("X-Request-Id", e.requestID)
		e.w.Header().Set("Vary", "Accept-Language, Accept-Encoding")
		err := e.run(handle)
		switch {
		case err != nil:
			e.fail(err)
		case e.w.status == 0:
			e.w.WriteHeader(http.StatusOK) // an answer of no bytes
		}
		level := slog.LevelInfo
		if e.w.status >= http.StatusInternalServerError {
			level = slog.LevelError
		}
		line := []slog.Attr{slog.String("method", r.Method), slog.String("route", cmp.Or(r.Pattern, "-")), slog.Int("status", e.w.status),
			slog.Int64("bytes", e.w.bytes), slog.Duration("took", a.Now().Sub(began)), slog.String("requestId", e.requestID), slog.String("address", address(r))}
		if navn := e.caller.Navn(); navn != "" {
			line = append(line, slog.String("user", navn))
		}
		if err != nil {
			line = append(line, slog.Any("error", err))
		}
		a.Log.LogAttrs(r.Context(), level, "request", line...)
	})
}

// run turns a panic into an error, but lets an aborted answer go on as one.
func (e *exchange) run(handle func(*exchange) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler {
				panic(p)
			}
			err = &panicked{p, debug.Stack()}
		}
	}()
	return handle(e)
}

// header gives a header that lists things, of which there may be several lines.
func header(r *http.Request, name string) string { return strings.Join(r.Header.Values(name), ",") }

// versionOf reads the service version off a path; paths without one follow the newest.
func versionOf(path string) register.ServiceVersion {
	if strings.HasPrefix(path, "/v1/") {
		return register.V1
	}
	return register.V2
}

// requestID takes the caller's own id where it is a harmless word, and makes one otherwise.
func requestID(r *http.Request) string {
	id := r.Header.Get("X-Request-Id")
	harmless := func(c rune) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-_.=+/", c)
	}
	if id == "" || len(id) > 64 || strings.TrimFunc(id, harmless) != "" {
		return rand.Text()
	}
	return id
}

// noRoute answers a path that is not one of the API's, or a method that the path does not have.
func (e *exchange) noRoute(mux *http.ServeMux) error {
	probe := &discard{header: make(http.Header)}
	mux.ServeHTTP(probe, e.r)
	if allow := probe.header.Get("Allow"); allow != "" {
		e.w.Header().Set("Allow", allow)
		return e.problem(http.StatusMethodNotAllowed, []validation.Finding{validation.UkendtSti.Finding("", "metode", register.Text{
			Da: "Stien kan ikke kaldes med " + e.r.Method + "; den kan kaldes med " + allow + ".",
			En: "The path cannot be called with " + e.r.Method + "; it can be called with " + allow + ".",
		})})
	}
	return e.problem(http.StatusNotFound, []validation.Finding{validation.UkendtSti.Finding("", "sti", register.Text{
		Da: "Der er intet på denne sti. /openapi.json viser, hvad der er.",
		En: "There is nothing at this path. /openapi.json shows what there is.",
	})})
}

// discard takes an answer that is only looked at for its headers.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(int)             {}
