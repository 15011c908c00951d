package rest

import (
	"net/http"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/httpcall"
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
	*httpcall.Call
	api *API
}

// Handler makes one handler of the routes.
func (a *API) Handler(groups ...[]Route) http.Handler {
	mux := http.NewServeMux()
	for _, routes := range groups {
		for _, route := range routes {
			mux.Handle(route.Method+" "+route.Path, a.frame(route.admitted))
		}
	}
	return httpcall.Elsewhere(mux, a.frame(func(e *exchange) error { return e.noRoute(mux) }))
}

func (a *API) frame(handle func(*exchange) error) http.Handler {
	return a.desk.Frame(
		func(c *httpcall.Call) error { return handle(&exchange{c, a}) },
		func(c *httpcall.Call, err error) { (&exchange{c, a}).fail(err) },
	)
}

// admitted lets the caller in at the gate before the handler sees anything.
func (route Route) admitted(e *exchange) error {
	if err := e.Admit(route.Need, route.Method+" "+route.Path, e.R.PathValue("bruger")); err != nil {
		return err
	}
	return route.handle(e)
}

// noRoute answers a path that is not one of the API's, or a method that the path does not have.
func (e *exchange) noRoute(mux *http.ServeMux) error {
	if err := e.Open(); err != nil {
		return err
	}
	if allow := httpcall.Allow(mux, e.R); allow != "" {
		e.W.Header().Set("Allow", allow)
		return e.problem(http.StatusMethodNotAllowed, []validation.Finding{validation.UkendtSti.Finding("", "metode", register.Text{
			Da: "Stien kan ikke kaldes med " + e.R.Method + "; den kan kaldes med " + allow + ".",
			En: "The path cannot be called with " + e.R.Method + "; it can be called with " + allow + ".",
		})})
	}
	return e.problem(http.StatusNotFound, []validation.Finding{validation.UkendtSti.Finding("", "sti", register.Text{
		Da: "Der er intet på denne sti. /openapi.json viser, hvad der er.",
		En: "There is nothing at this path. /openapi.json shows what there is.",
	})})
}
