package suite

import (
	"fmt"
	"slices"
	"strings"
)

const (
	brugere = "/v2/adgang/brugere"
	mig     = "/v2/adgang/mig"
)

// made is a secret that the register shows this once.
type secret struct{ Hemmelighed, HemmelighedID string }

// admit makes the story's vendor, at any pace, and grants it the municipality.
func (v *visit) admit() Caller {
	navn := v.name("leverandoer")
	user := brugere + "/" + navn
	made := Read[secret](v, v.operator.Do(201, "POST", brugere, text(map[string]any{
		"navn": navn, "rolle": "leverandoer", "beskrivelse": "Testforløb", "skrivninger": 0, "laesninger": 0,
	})))
	v.ends = append(v.ends, func() { v.operator.try("POST", user+"/luk") })
	v.operator.Do(201, "POST", user+"/bevillinger", fmt.Sprintf(`{"admKommuneKode":%d}`, kommune))
	vendor := v.anybody.As(navn, made.Hemmelighed)
	vendor.Do(200, "GET", mig, "")
	return vendor
}

// users has a reader get and lose all that a user may have.
func (v *visit) users() {
	navn := v.name("laeser")
	user := brugere + "/" + navn
	body := text(map[string]any{"navn": navn, "rolle": "laeser"})
	first := Read[secret](v, v.operator.Do(201, "POST", brugere, body))
	v.ends = append(v.ends, func() { v.operator.try("POST", user+"/luk") })
	v.operator.Do(409, "POST", brugere, body)
	v.operator.Do(422, "POST", brugere, `{"navn":"Æ","rolle":"konge"}`)

	listed := string(v.operator.Do(200, "GET", brugere, "").Body)
	if !strings.Contains(listed, `"navn":"`+navn+`"`) {
		v.Errorf("%s is not in %.2000s", navn, listed)
	}
	v.operator.Do(428, "PUT", user, `{"laesninger":0}`)
	v.operator.Do(412, "PUT", user, `{"laesninger":0}`, "If-Match", `"7"`)
	v.operator.Do(200, "PUT", user, `{"beskrivelse":"Testforløb","laesninger":0}`, "If-Match", `"1"`)
	if got := Read[struct {
		Version    int
		Laesninger *int
	}](v, v.operator.Do(200, "GET", user, "")); got.Version != 2 || got.Laesninger == nil || *got.Laesninger != 0 {
		v.Errorf("changed to %+v", got)
	}

	second := Read[secret](v, v.operator.Do(201, "POST", user+"/hemmeligheder", "{}"))
	reader, former := v.anybody.As(navn, second.Hemmelighed), v.anybody.As(navn, first.Hemmelighed)
	former.Do(200, "GET", mig, "")
	reader.Do(403, "GET", brugere, "")
	v.operator.Do(200, "DELETE", user+"/hemmeligheder/"+first.HemmelighedID, "")
	former.Eventually(401, "GET", mig)
	reader.Do(200, "GET", mig, "")
	v.operator.Do(200, "POST", user+"/luk", "")
	reader.Eventually(401, "GET", mig)
	v.operator.Do(200, "POST", user+"/genaabn", "")
	reader.Eventually(200, "GET", mig)
	v.grants()
}

// grants gives the vendor a right that is limited, and takes it.
func (v *visit) grants() {
	user := brugere + "/" + v.vendor.navn
	bevillinger := func(a Answer) (ids []string) {
		for _, b := range Read[struct {
			Bevillinger []struct {
				ID             string
				AdmKommuneKode int
				Tilbagekaldt   string
			}
		}](v, a).Bevillinger {
			if b.AdmKommuneKode == elsewhere && b.Tilbagekaldt == "" {
				ids = append(ids, b.ID)
			}
		}
		return ids
	}
	v.operator.Do(201, "POST", user+"/bevillinger", fmt.Sprintf(`{"admKommuneKode":%d,"niveauer":["anvisningsenhed"]}`, elsewhere))
	ids := bevillinger(v.operator.Do(200, "GET", user, ""))
	if len(ids) != 1 {
		v.Fatalf("the grants are %v", ids)
	}
	v.operator.Do(200, "DELETE", user+"/bevillinger/"+ids[0], "")
	if left := bevillinger(v.operator.Do(200, "GET", user, "")); slices.Contains(left, ids[0]) {
		v.Errorf("the grants are still %v", left)
	}
}

// trail finds what the vendor did and what it was refused, and by which right.
func (v *visit) trail() {
	refused := v.vendor.Do(403, "POST", "/v2/daginstitutioner", v.daginstitution("Skoven", elsewhere), "X-Forwarded-For", "203.0.113.9")
	type act struct {
		Bruger, Handling, Udfald, Adresse string
		Regler                            []string
	}
	find := func(query string) []act {
		return Read[struct{ Spor []act }](v, v.operator.Do(200, "GET", "/v2/adgang/spor?"+query, "")).Spor
	}
	query := "requestId=" + refused.Header.Get("X-Request-Id")
	acts := find(query)
	if len(acts) != 1 || acts[0].Bruger != v.vendor.navn || acts[0].Udfald != "afvist" || !slices.Equal(acts[0].Regler, []string{"adgang/kommune"}) ||
		acts[0].Adresse == "" || strings.Contains(acts[0].Adresse, "203.0.113.9") {
		v.Errorf("the refused call is %+v", acts)
	}
	if acts = find("limit=1000&udfald=udfoert&bruger=" + v.vendor.navn); len(acts) < 5 {
		v.Errorf("the vendor's acts are %+v", acts)
	}
	v.anybody.Do(401, "GET", "/v2/adgang/spor", "")
}
