package suite

import (
	"fmt"
	"strings"
)

// versions calls v1, whose answers say that it is on its way out, and finds the calls counted; or that it has gone.
func (v *visit) versions() {
	if v.v1Closed {
		v.gone()
		return
	}
	paths := []string{"/anvisningsenheder/B99999", "/numre/B99999", "/kodetabeller"}
	for _, path := range paths {
		status := 200
		if strings.HasPrefix(path, "/anv") {
			status = 404
		}
		h := v.vendor.Do(status, "GET", "/v1"+path, "").Header
		links := strings.Join(h.Values("Link"), ", ")
		if h.Get("Deprecation") == "" || h.Get("Sunset") == "" || !strings.Contains(links, "</versioner>") ||
			!strings.Contains(links, "</v2"+path+`>; rel="successor-version"`) {
			v.Errorf("%s: headers %v", path, h)
		}
	}
	if h := v.vendor.Do(200, "GET", "/v2/kodetabeller", "").Header; h.Get("Deprecation")+h.Get("Sunset") != "" {
		v.Errorf("v2: headers %v", h)
	}
	use := string(v.operator.Do(200, "GET", "/v2/adgang/versioner?version=v1", "").Body)
	if !strings.Contains(use, `"navn":"`+v.vendor.navn+`"`) || !strings.Contains(use, `{"metode":"GET /v1/numre/{nummer}","kald":`) {
		v.Errorf("the calls are not in %.2000s", use)
	}
}

// gone calls every route of v1.
func (v *visit) gone() {
	v.operator.Do(200, "GET", "/v2/adgang/versioner?version=v1", "")
	for _, route := range v.target.Routes {
		method, path, _ := strings.Cut(strings.NewReplacer("{nummer}", "B99999", "{fil}", "samlet.csv", "{navn}", "ejerform").Replace(route), " ")
		switch {
		case strings.HasPrefix(path, "/v1/"):
			a := v.vendor.Do(410, method, path, "")
			if !strings.Contains(string(a.Body), fmt.Sprintf("/v2%s", strings.TrimPrefix(path, "/v1"))) {
				v.Errorf("%s: %s", route, a.Body)
			}
		case strings.HasPrefix(path, "/soap/v1/") && method == "POST":
			if a := v.vendor.try(method, path, "Content-Type", "text/xml"); a.Status < 400 {
				v.Errorf("%s: %d %s", route, a.Status, a.Body)
			}
		case strings.HasPrefix(path, "/soap/v1/"):
			v.anybody.try(method, path)
		}
	}
}
