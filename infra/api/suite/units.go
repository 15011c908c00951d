package suite

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// level is a kind of unit: its path, its number's name, and its name's.
type level struct{ path, number, name string }

var (
	dag = level{"daginstitutioner", "daginstitutionsNummer", "daginstitutionsNavn"}
	enh = level{"anvisningsenheder", "enhedsNummer", "enhedsNavn"}
	alt = level{"alternative-adresser", "alternativAdresseNummer", "alternativAdresseNavn"}
)

// unit is one that the story made.
type unit struct {
	level  level
	number string
}

// row is what is read of a unit.
type row struct {
	DaginstitutionsNummer, EnhedsNummer, AlternativAdresseNummer string
	DaginstitutionsNavn, EnhedsNavn, AlternativAdresseNavn       string
	Aktivitetsstatus                                             string
	Version                                                      int
}

func (r row) numberOf(l level) string {
	return map[level]string{dag: r.DaginstitutionsNummer, enh: r.EnhedsNummer, alt: r.AlternativAdresseNummer}[l]
}

func (r row) nameOf(l level) string {
	return map[level]string{dag: r.DaginstitutionsNavn, enh: r.EnhedsNavn, alt: r.AlternativAdresseNavn}[l]
}

const adresse = `{"vejNavn":"Skovvej","husNummer":"7b","postNummer":"9940","byNavn":"Læsø","kommuneKode":825}`

func (v *visit) daginstitution(navn string, kommune int) string {
	return fmt.Sprintf(`{"daginstitutionsNavn":%q,"ejerformKode":1,"lovgrundlagKode":1,"admKommuneKode":%d}`, v.name(navn), kommune)
}

func (v *visit) anvisningsenhed(parent, navn string) string {
	return fmt.Sprintf(`{"daginstitutionsNummer":%q,"enhedsNavn":%q,"instType3":6012,"adresse":%s}`, parent, v.name(navn), adresse)
}

func (v *visit) alternativAdresse(parent, navn string) string {
	return fmt.Sprintf(`{"enhedsNummer":%q,"alternativAdresseNavn":%q,"adresse":%s}`, parent, v.name(navn), adresse)
}

// body gives a unit of a level below a parent.
func (v *visit) body(l level, parent, navn string) string {
	switch l {
	case dag:
		return v.daginstitution(navn, kommune)
	case enh:
		return v.anvisningsenhed(parent, navn)
	}
	return v.alternativAdresse(parent, navn)
}

// create creates a unit through a version, and finds it at its place.
func (v *visit) create(version string, l level, parent, navn string) (number string) {
	v.Helper()
	a := v.vendor.Do(201, "POST", "/"+version+"/"+l.path, v.body(l, parent, navn))
	number = Read[row](v, a).numberOf(l)
	v.made = append(v.made, unit{l, number})
	place := a.Header.Get("Location")
	if want := "/" + version + "/" + l.path + "/" + number; !strings.HasSuffix(place, want) {
		v.Errorf("it is created at %s, want %s", place, want)
	}
	return number
}

// units creates, reads, changes and moves a unit of each level, through each version.
func (v *visit) units() {
	for _, version := range v.openVersions() {
		parents := []string{v.create(version, dag, "", "Skovkanten "+version), v.create(version, dag, "", "Engen "+version)}
		homes := []string{v.create(version, enh, parents[0], "Egernet "+version), v.create(version, enh, parents[0], "Musvitten "+version)}
		place := v.create(version, alt, homes[0], "Hytten "+version)
		for _, u := range []unit{{dag, parents[0]}, {enh, homes[0]}, {alt, place}} {
			v.read(version, u)
			v.change(version, u, map[level]string{enh: parents[0], alt: homes[0]}[u.level])
			v.list(version, u, parents[0])
		}
		v.move(version, unit{alt, place}, homes[1])
		v.move(version, unit{enh, homes[0]}, parents[1])
		v.family(version, homes[0], parents[1])
	}
	v.repeat()
}

// openVersions are those that still answer.
func (v *visit) openVersions() []string {
	if v.v1Closed {
		return []string{"v2"}
	}
	return []string{"v1", "v2"}
}

// read reads a unit, and again only if it has changed.
func (v *visit) read(version string, u unit) {
	v.Helper()
	path := "/" + version + "/" + u.level.path + "/" + u.number
	a := v.anybody.Do(200, "GET", path, "")
	if got := Read[row](v, a); got.numberOf(u.level) != u.number || got.Version != 1 || got.Aktivitetsstatus != "Aktiv" {
		v.Errorf("%s: %s", path, a.Body)
	}
	if a.Header.Get("ETag") != `"1"` || a.Header.Get("Registerposition") == "" {
		v.Errorf("%s: headers %v", path, a.Header)
	}
	if same := v.anybody.Do(304, "GET", path, "", "If-None-Match", a.Header.Get("ETag")); len(same.Body) > 0 {
		v.Errorf("%s: 304 with %s", path, same.Body)
	}
}

// change gives a unit another name, by the version it has, and not by another.
func (v *visit) change(version string, u unit, parent string) {
	v.Helper()
	path := "/" + version + "/" + u.level.path + "/" + u.number
	body := v.body(u.level, parent, "Omdøbt "+version)
	v.vendor.Do(412, "PUT", path, body, "If-Match", `"7"`)
	if version == "v2" {
		v.vendor.Do(428, "PUT", path, body)
	}
	a := v.vendor.Do(200, "PUT", path, body, "If-Match", `"1"`)
	if got := Read[row](v, a); got.Version != 2 || got.nameOf(u.level) != v.name("Omdøbt "+version) {
		v.Errorf("%s is changed to %s", path, a.Body)
	}
}

// list finds a unit in the list of its level, and all of its family one by one.
func (v *visit) list(version string, u unit, above string) {
	v.Helper()
	base := "/" + version + "/"
	found := v.anybody.Do(200, "GET", base+u.level.path+"?daginstitutionsNummer="+above, "")
	if !strings.Contains(string(found.Body), `"`+u.number+`"`) {
		v.Errorf("%s is not in %s", u.number, found.Body)
	}
	pages, next := 0, base+"dagtilbud?limit=1&daginstitutionsNummer="+above
	for next != "" && pages < 20 {
		a := v.anybody.Do(200, "GET", next, "")
		if next = nextOf(a); len(Read[struct{ Dagtilbud []json.RawMessage }](v, a).Dagtilbud) > 1 {
			v.Errorf("more than one in %s", a.Body)
		}
		pages++
	}
	if pages < 3 || pages == 20 {
		v.Errorf("below %s there are %d pages", above, pages)
	}
}

// nextOf gives the path that a list goes on at.
func nextOf(a Answer) string {
	for _, link := range strings.Split(strings.Join(a.Header.Values("Link"), ","), ",") {
		address, rest, _ := strings.Cut(strings.TrimSpace(link), ">")
		if strings.Contains(rest, `rel="next"`) {
			return strings.TrimPrefix(address, "<")
		}
	}
	return ""
}

// move moves a unit below another.
func (v *visit) move(version string, u unit, to string) {
	v.Helper()
	parent := map[level]level{enh: dag, alt: enh}[u.level]
	path := "/" + version + "/" + u.level.path + "/" + u.number + "/flyt"
	body := fmt.Sprintf(`{%q:%q}`, parent.number, to)
	v.vendor.Do(412, "POST", path, body, "If-Match", `"1"`)
	a := v.vendor.Do(200, "POST", path, body, "If-Match", `"2"`)
	if got := Read[row](v, a); got.numberOf(parent) != to || got.Version != 3 {
		v.Errorf("%s is moved to %s", u.number, a.Body)
	}
}

// family finds a unit with what stands above it.
func (v *visit) family(version, number, above string) {
	v.Helper()
	a := v.anybody.Do(200, "GET", "/"+version+"/dagtilbud/"+number, "")
	if !strings.Contains(string(a.Body), `"over":[{"dagtilbudsType":"daginstitution","daginstitutionsNummer":"`+above+`"`) {
		v.Errorf("%s: %s", number, a.Body)
	}
	history := Read[struct{ Historik []struct{ Art string } }](v, v.anybody.Do(200, "GET", "/v2/dagtilbud/"+number+"/historik", "")).Historik
	var arts []string
	for _, step := range history {
		arts = append(arts, step.Art)
	}
	if !slices.Equal(arts, []string{"oprettet", "aendret", "flyttet"}) {
		v.Errorf("the history of %s is %v", number, arts)
	}
}

// repeat asks twice for the same, which is done once.
func (v *visit) repeat() {
	body, key := v.daginstitution("Gentaget", kommune), v.name("noegle")
	first := v.vendor.Do(201, "POST", "/v2/daginstitutioner", body, "Idempotency-Key", key)
	again := v.vendor.Do(201, "POST", "/v2/daginstitutioner", body, "Idempotency-Key", key)
	v.made = append(v.made, unit{dag, Read[row](v, first).DaginstitutionsNummer})
	if string(first.Body) != string(again.Body) {
		v.Errorf("answered %s, then %s", first.Body, again.Body)
	}
	v.vendor.Do(422, "POST", "/v2/daginstitutioner", v.daginstitution("En anden", kommune), "Idempotency-Key", key)
}

// closing closes all that the story made, from below, each level through each version, and nothing twice.
func (v *visit) closing() {
	for i, u := range slices.Backward(v.made) {
		version := v.openVersions()[i%len(v.openVersions())]
		path := "/" + version + "/" + u.level.path + "/" + u.number
		a := v.vendor.Do(200, "DELETE", path, "", "If-Match", "*")
		if got := Read[row](v, a); got.Aktivitetsstatus != "Nedlagt" || got.Version < 2 {
			v.Errorf("closed %s", a.Body)
		}
	}
	for _, u := range v.made[:1] {
		closed := v.anybody.Do(200, "GET", "/v2/"+u.level.path+"/"+u.number, "")
		if state := v.stateOf(u.number); Read[row](v, closed).Aktivitetsstatus != "Nedlagt" || state != "nedlagt" {
			v.Errorf("%s is %s: %s", u.number, state, closed.Body)
		}
		v.vendor.Do(409, "PUT", "/v2/"+u.level.path+"/"+u.number, v.daginstitution("For sent", kommune), "If-Match", "*")
	}
	v.made = nil
}
