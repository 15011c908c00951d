// Package soap is the register over SOAP: the ImportService and the ExportService, in service versions v1 and v2, as the WSDL and the
// schemas under contract/ describe them. It is document/literal, bound to SOAP 1.1; an envelope of SOAP 1.2 is answered in kind.
//
// A call goes one way: envelope.go reads it into a small tree, methods.go tells by the element in the Body which method it is, the gate
// lets the caller in, and the method's handler reads its arguments (decode.go) and asks a use case. What becomes of a write is answered
// by an ImportSvarXML (svar.go), with every finding in both languages; what is no business of the method's is a fault (fault.go), whose
// detail is an ImportSvarXML too. The importing use case gets the same operation as from REST, so it finds the same.
//
// Where in the envelope a finding is, place.go tells. The contract (contract.go) is answered to GET, and by the method GetXMLSchema, and
// validate.go holds documents against it. Answers are written by hand (document.go), and those of many rows are streamed.
//
// The routes are divided as the functions are: [API.Import] and [API.Export] give those of each, and [API.Handler] makes one handler of
// any of them.
package soap

import (
	"net/http"
	"strings"

	"dagtilbudsregisteret.dk/shared/httpcall"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/services"
	"dagtilbudsregisteret.dk/shared/xmltree"
)

// The services, as they are named in paths, in the contract and in the trail.
const (
	importService = "ImportService"
	exportService = "ExportService"
)

// prefix is what all paths begin with.
const prefix = "/soap"

// serviceVersions are the service versions that are spoken.
var serviceVersions = [...]register.ServiceVersion{register.V1, register.V2}

// namespace is that of a service version's documents.
func namespace(v register.ServiceVersion) string {
	return "https://dagtilbudsregisteret.dk/soap/" + v.String()
}

// Limits are how large answers may be where the API runs.
type Limits struct {
	// MaxAnswer is how large an answer of many rows may be, in bytes; 0 for any size. What would be larger comes in parts, where the
	// caller asks for that, and is refused otherwise.
	MaxAnswer int
}

// API serves the register.
type API struct {
	*services.Services
	Limits
	desk     *httpcall.Desk
	contract map[register.ServiceVersion]*contract
}

// New makes the API to the services.
func New(s *services.Services, l Limits) *API {
	a := &API{Services: s, Limits: l, desk: httpcall.New(s, prefix), contract: make(map[register.ServiceVersion]*contract)}
	for _, v := range serviceVersions {
		a.contract[v] = newContract(v, s.Tables)
	}
	return a
}

// Route is one of the API's routes: a method of HTTP, and a path as net/http patterns spell it.
type Route struct {
	Method string
	Path   string
	handle func(*exchange) error
}

// Import gives the routes of the ImportService.
func (a *API) Import() []Route { return service(importService) }

// Export gives the routes of the ExportService, and those of the schemas.
func (a *API) Export() []Route {
	routes := service(exportService)
	for _, v := range serviceVersions {
		routes = append(routes, Route{"GET", prefix + "/" + v.String() + "/{fil}", (*exchange).schema})
	}
	return routes
}

func service(name string) (routes []Route) {
	call := func(e *exchange) error { return e.call(name) }
	describe := func(e *exchange) error { return e.describe(name) }
	for _, v := range serviceVersions {
		path := prefix + "/" + v.String() + "/" + name
		routes = append(routes, Route{"POST", path, call}, Route{"GET", path, describe})
	}
	return routes
}

// Handler makes one handler of the routes.
func (a *API) Handler(groups ...[]Route) http.Handler {
	mux := http.NewServeMux()
	for _, routes := range groups {
		for _, route := range routes {
			mux.Handle(route.Method+" "+route.Path, a.frame(route.handle))
		}
	}
	return httpcall.Elsewhere(mux, a.frame(func(e *exchange) error { return e.noRoute(mux) }))
}

// exchange is one call and its answer.
type exchange struct {
	*httpcall.Call
	api    *API
	soap   *dialect         // the SOAP that the call is in, and is answered in
	method *method          // nil until it is known
	sent   *xmltree.Element // the method's element; nil until it is known
	row    *xmltree.Element // the row in it, if the method takes one: where pointers begin
	places places           // of what was found amiss in reading it
}

// frame puts around a handler what every exchange has.
func (a *API) frame(handle func(*exchange) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e := &exchange{api: a, soap: &soap11}
		if strings.HasPrefix(r.Header.Get("Content-Type"), soap12.mediaType) {
			e.soap = &soap12
		}
		a.desk.Frame(func(c *httpcall.Call) error {
			e.Call = c
			return handle(e)
		}, func(c *httpcall.Call, err error) { e.fail(err) }).ServeHTTP(w, r)
	})
}

// contract gives the contract of the version that is called.
func (e *exchange) contract() *contract { return e.api.contract[e.Version] }
