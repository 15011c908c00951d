package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// unit is what is measured with: an existing unit's name, codes and address, or an invented one's.
type unit struct {
	navn, vej, hus, postnr, by string
	ejerform, instType         int
	kommune                    int
	bredde, laengde            string
}

// units reads the real rows where they can be had, and invents some otherwise.
func units() []unit {
	folder := os.Getenv("DTR_REAL_DATA")
	if folder == "" {
		folder = "../shared/data"
	}
	file, err := os.Open(filepath.Join(folder, "real-units.csv"))
	if err != nil {
		return invented()
	}
	defer file.Close()
	in := csv.NewReader(file)
	in.Comma = ';'
	records, err := in.ReadAll()
	if err != nil || len(records) < 2 {
		return invented()
	}
	var all []unit
	for _, r := range records[1:] {
		if r[2] == "6013" && r[3] == "2" {
			continue // the one that no lawful triple covers
		}
		all = append(all, unit{r[1], r[6], r[7], r[8], r[9], atoi(r[3]), atoi(r[2]), atoi(r[4]), r[10], r[11]})
	}
	return all
}

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		fatal(err)
	}
	return n
}

func invented() (all []unit) {
	for i := range 4000 {
		all = append(all, unit{fmt.Sprintf("Børnehuset Æblet %d", i), "Abildgårdsvej", strconv.Itoa(i%200 + 1), "4000", "Roskilde", 1, 6012,
			[]int{101, 265, 461, 751, 851}[i%5], "55.64152", "12.0803"})
	}
	return all
}

// lovgrundlag is one that makes a unit lawful.
func (u unit) lovgrundlag() int {
	switch u.instType {
	case 6013:
		return 5
	case 6020:
		return 7
	case 6021:
		return 8
	case 6022:
		return 9
	}
	return map[int]int{1: 1, 2: 2, 3: 4, 4: 3}[u.ejerform]
}

// daginstitution and enhed are the bodies that create them.
func (u unit) daginstitution() map[string]any {
	return map[string]any{"daginstitutionsNavn": u.navn, "ejerformKode": u.ejerform, "lovgrundlagKode": u.lovgrundlag(), "admKommuneKode": u.kommune}
}

func (u unit) enhed(parent string) map[string]any {
	return map[string]any{
		"daginstitutionsNummer": parent, "enhedsNavn": u.navn, "instType3": u.instType, "email": "post@institution.example",
		"telefonNummer": "+45 12 34 56 78", "pNummer": "1003259422", "cvrNummer": "35209115",
		"adresse": map[string]any{
			"vejNavn": u.vej, "husNummer": u.hus, "postNummer": u.postnr, "byNavn": u.by, "kommuneKode": u.kommune,
			"dawaId": "0a3f50a8-d4f7-32b8-e044-0003ba298018", "geoBredde": json.Number(u.bredde), "geoLaengde": json.Number(u.laengde),
		},
	}
}

// lines are an import of count lines: a daginstitution, and nine anvisningsenheder below it, over and over. They go through every
// rule and are written as vendors' lines are.
func lines(rows []unit, count int) []byte {
	var body []byte
	var top unit
	var ref string
	for i := range count {
		u := rows[i%len(rows)]
		op := map[string]any{"op": "opret", "type": "anvisningsenhed"}
		if i%10 == 0 {
			top, ref = u, "d"+strconv.Itoa(i)
			op["type"], op["ref"], op["data"] = "daginstitution", ref, u.daginstitution()
		} else {
			u.instType = top.instType
			op["data"] = u.enhed("#" + ref)
		}
		body = append(append(body, encode(op)...), '\n')
	}
	return body
}

func encode(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		fatal(err)
	}
	return text
}
