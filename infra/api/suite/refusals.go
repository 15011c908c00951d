package suite

import (
	"net/http"
	"strings"
)

// problem is a refusal.
type problem struct {
	Title, RequestID string
	Status           int
	Errors           []struct{ Regel, Kode, Pointer, Tekst string }
}

// refusals calls in every way that is refused: each refusal says why, and nothing is written.
func (v *visit) refusals() {
	const all = "/v2/daginstitutioner"
	good, one := v.daginstitution("Afvist", kommune), all+"/"+v.made[0].number
	stranger := v.anybody.As(v.vendor.navn, "gættet")
	for _, c := range []struct {
		caller             Caller
		status             int
		method, path, body string
		rule               string
	}{
		{v.anybody, 401, "POST", all, good, ""},
		{stranger, 401, "POST", all, good, ""},
		{stranger, 401, "GET", all, "", ""},
		{v.vendor, 403, "POST", all, v.daginstitution("Naboen", elsewhere), "adgang"},
		{v.vendor, 404, "PUT", all + "/B99999", good, ""},
		{v.anybody, 404, "GET", all + "/B99999", "", ""},
		{v.vendor, 400, "POST", all, "{", ""},
		{v.vendor, 422, "POST", all, strings.Replace(good, "{", `{"farve":"roed",`, 1), ""},
		{v.vendor, 422, "POST", all, `{"daginstitutionsNavn":"","ejerformKode":99,"lovgrundlagKode":1,"admKommuneKode":825}`, ""},
		{v.vendor, 428, "DELETE", one, "", ""},
		{v.anybody, 400, "GET", all + "?farve=roed", "", ""},
		{v.anybody, 400, "GET", all + "?limit=0", "", ""},
	} {
		header := []string(nil)
		if c.method == "PUT" {
			header = []string{"If-Match", "*"}
		}
		a := c.caller.Do(c.status, c.method, c.path, c.body, header...)
		p := Read[problem](v, a)
		if a.Header.Get("Content-Type") != "application/problem+json" || p.Status != c.status || p.Title == "" || p.RequestID == "" || len(p.Errors) == 0 {
			v.Errorf("%s %s: %v %s", c.method, c.path, a.Header, a.Body)
		}
		if c.rule != "" && p.Errors[0].Regel != c.rule {
			v.Errorf("%s %s is refused by %s", c.method, c.path, a.Body)
		}
		if challenge := a.Header.Get("WWW-Authenticate"); (c.status == 401) != (challenge != "") {
			v.Errorf("%s %s: the challenge is %q", c.method, c.path, challenge)
		}
	}
	v.languages(all)
	v.tooLarge(all)
	v.otherMethods(one)
	if found := v.anybody.Do(200, "GET", all+"?navn="+v.suffix+"&limit=1000", ""); strings.Contains(string(found.Body), v.name("Afvist")) {
		v.Error("what was refused is in the register")
	}
}

// languages asks for the same refusal in both.
func (v *visit) languages(path string) {
	da := Read[problem](v, v.vendor.Do(422, "POST", path, `{"admKommuneKode":825}`))
	en := Read[problem](v, v.vendor.Do(422, "POST", path, `{"admKommuneKode":825}`, "Accept-Language", "en"))
	if len(da.Errors) < 2 || len(da.Errors) != len(en.Errors) || da.Errors[0].Tekst == en.Errors[0].Tekst || da.Errors[0].Pointer != en.Errors[0].Pointer {
		v.Errorf("%+v, in English %+v", da, en)
	}
}

// tooLarge sends more than 6 MB, and more than the 10 MB that a gateway takes.
func (v *visit) tooLarge(path string) {
	for _, size := range []int{6_500_000, 10_600_000} {
		body := `{"daginstitutionsNavn":"` + strings.Repeat("x", size) + `"}`
		a := v.vendor.Do(http.StatusRequestEntityTooLarge, "POST", path, body, "Content-Type", "application/json")
		if problem := a.Header.Get("Content-Type") == "application/problem+json"; problem == v.gateway {
			v.Errorf("%d bytes are answered %s", size, a.Body)
		}
	}
}

// otherMethods calls by methods that a path does not have. A gateway knows no more of them than of other paths, and no HEAD.
func (v *visit) otherMethods(path string) {
	for method, status := range map[string]int{"PATCH": 405, "POST": 405, "OPTIONS": 405, "HEAD": 200} {
		if v.gateway {
			status = 404
		}
		a := v.anybody.Do(status, method, path, "")
		switch {
		case v.gateway && method != "HEAD" && string(a.Body) != `{"message":"Not Found"}`:
			v.Errorf("%s: %s", method, a.Body)
		case !v.gateway && status == 405 && !strings.Contains(a.Header.Get("Allow"), "PUT"):
			v.Errorf("%s: %v", method, a.Header)
		case method == "HEAD" && len(a.Body) > 0:
			v.Errorf("HEAD: %s", a.Body)
		}
		if origin := a.Header.Get("Access-Control-Allow-Origin"); origin != "" {
			v.Errorf("%s: pages of %s may call", method, origin)
		}
	}
}
