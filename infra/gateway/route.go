package gateway

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// route leads to a function.
type route struct {
	key      string // as the function is told it
	method   string // "ANY" for all
	segments []segment
	function Function
}

// defaultKey is the route that takes what no other does.
const defaultKey = "$default"

// segment is a part of a route's path. How well it fits tells which of several routes is taken.
type segment struct {
	fits fit
	name string // the text itself, or the variable's name
}

type fit uint8

const (
	rest     fit = iota + 1 // {name+}: all that is left, one segment or more
	variable                // {name}
	literal
)

func parseRoute(key string) (route, error) {
	r := route{key: key}
	if key == defaultKey {
		return r, nil
	}
	method, path, ok := strings.Cut(key, " ")
	path, rooted := strings.CutPrefix(path, "/")
	if !ok || !rooted {
		return r, fmt.Errorf("%q is no route", key)
	}
	r.method = method
	for part := range strings.SplitSeq(path, "/") {
		r.segments = append(r.segments, parseSegment(part))
	}
	return r, nil
}

func parseSegment(part string) segment {
	name, isVariable := strings.CutPrefix(part, "{")
	if !isVariable {
		return segment{literal, part}
	}
	name = strings.TrimSuffix(name, "}")
	if name, isRest := strings.CutSuffix(name, "+"); isRest {
		return segment{rest, name}
	}
	return segment{variable, name}
}

// matched is a route that a request fits, and what its variables are.
type matched struct {
	route
	parameters map[string]string
}

// match gives the route that fits a request best.
func (g *Gateway) match(r *http.Request) (best matched, found bool) {
	parts := strings.Split(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/")
	for _, candidate := range g.routes {
		parameters, ok := candidate.fit(r.Method, parts)
		if ok && (!found || candidate.before(best.route)) {
			best, found = matched{candidate, parameters}, true
		}
	}
	return best, found
}

// fit tells whether a request fits, and gives the variables.
func (r *route) fit(method string, parts []string) (parameters map[string]string, ok bool) {
	if r.key == defaultKey {
		return nil, true
	}
	if r.method != method && r.method != "ANY" {
		return nil, false
	}
	parameters = make(map[string]string)
	for i, s := range r.segments {
		if i == len(parts) {
			return nil, false
		}
		if s.fits == rest {
			parameters[s.name] = decoded(strings.Join(parts[i:], "/"))
			return parameters, parts[i] != ""
		}
		part := decoded(parts[i])
		if s.fits == literal && part != s.name || part == "" {
			return nil, false
		}
		if s.fits == variable {
			parameters[s.name] = part
		}
	}
	return parameters, len(parts) == len(r.segments)
}

func decoded(part string) string {
	text, err := url.PathUnescape(part)
	if err != nil {
		return part
	}
	return text
}

// before tells whether of two routes that fit this is taken: the one that is more exact where they differ first, then the one of the
// method alone.
func (r *route) before(other route) bool {
	exactness := func(a, b segment) int { return int(a.fits) - int(b.fits) }
	if order := slices.CompareFunc(r.segments, other.segments, exactness); order != 0 {
		return order > 0
	}
	return other.method == "ANY"
}
