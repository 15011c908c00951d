// Package copyfile reads a copy of the register: the file samlet as NDJSON or JSON, gzipped or not, or what a consumer keeps in that form.
//
// A row says what it is (dagtilbudsType), its number, the number above it and its version; a daginstitution says its municipality, in
// which everything below it is too. What else it says is not looked at, and the rows may come in any order.
package copyfile

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"dagtilbudsregisteret.dk/shared/register"
)

// Copy is the units of a copy: their versions by municipality. Those whose daginstitution is not in the copy are under 0.
type Copy map[int]map[register.Number]int64

// Read reads a copy. Its errors are about what the file holds, but for those of reading it.
func Read(r io.Reader) (Copy, error) {
	in := bufio.NewReader(r)
	if magic, _ := in.Peek(2); string(magic) == "\x1f\x8b" {
		unzipped, err := gzip.NewReader(in)
		if err != nil {
			return nil, err
		}
		in = bufio.NewReader(unzipped)
	}
	rows, err := readRows(in)
	if err != nil {
		return nil, err
	}
	return place(rows)
}

// row is a unit as far as it is looked at.
type row struct {
	DagtilbudsType          string          `json:"dagtilbudsType"`
	DaginstitutionsNummer   register.Number `json:"daginstitutionsNummer"`
	EnhedsNummer            register.Number `json:"enhedsNummer"`
	AlternativAdresseNummer register.Number `json:"alternativAdresseNummer"`
	AdmKommuneKode          int             `json:"admKommuneKode"`
	Version                 int64           `json:"version"`

	number register.Number
}

func readRows(r io.Reader) (rows []row, err error) {
	in := jsontext.NewDecoder(r)
	if in.PeekKind() != '{' {
		token, err := in.ReadToken()
		_, foreign := errors.AsType[*jsontext.SyntacticError](err)
		switch {
		case errors.Is(err, io.EOF):
			return nil, nil // a copy of nothing
		case foreign || err == nil && token.Kind() != '[':
			return nil, errForm
		case err != nil:
			return nil, err
		}
	}
	for in.PeekKind() != ']' {
		var one row
		err := json.UnmarshalDecode(in, &one)
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err == nil {
			err = one.check()
		}
		if err != nil {
			return nil, fmt.Errorf("row %d: %w", len(rows)+1, err)
		}
		rows = append(rows, one)
	}
	return rows, nil
}

var (
	errForm  = errors.New("it is neither NDJSON nor JSON; a CSV file does not say versions: take samlet.ndjson or samlet.json")
	errLevel = errors.New("it does not say its dagtilbudsType; the file of one level is not the whole register: take samlet.ndjson or samlet.json")
)

// check finds the row's own number, and whether it says what a row must.
func (r *row) check() error {
	if r.DagtilbudsType == "" {
		return errLevel
	}
	level, known := register.ParseLevel(r.DagtilbudsType)
	u := register.Unit{
		Level: level, DaginstitutionsNummer: r.DaginstitutionsNummer, EnhedsNummer: r.EnhedsNummer, AlternativAdresseNummer: r.AlternativAdresseNummer,
	}
	r.number = u.Number()
	_, numbered := register.ParseNumber(string(r.number))
	switch {
	case !known:
		return fmt.Errorf("there is no dagtilbudsType %q", r.DagtilbudsType)
	case !numbered || r.Version < 1:
		return fmt.Errorf("%s: it needs its number and its version", level)
	case level == register.Daginstitution && r.AdmKommuneKode < 1:
		return fmt.Errorf("%s needs its admKommuneKode", r.number)
	}
	return nil
}

// place puts units into the municipalities that their daginstitutioner are in.
func place(rows []row) (Copy, error) {
	byNumber := make(map[register.Number]*row)
	for i := range rows {
		r := &rows[i]
		if byNumber[r.number] != nil {
			return nil, fmt.Errorf("row %d: %s stands there twice", i+1, r.number)
		}
		byNumber[r.number] = r
	}
	units := make(Copy)
	for i := range rows {
		top := &rows[i]
		if top.AlternativAdresseNummer != "" {
			top = byNumber[top.EnhedsNummer]
		}
		kommune := 0
		if top != nil && byNumber[top.DaginstitutionsNummer] != nil {
			kommune = byNumber[top.DaginstitutionsNummer].AdmKommuneKode
		}
		if units[kommune] == nil {
			units[kommune] = make(map[register.Number]int64)
		}
		units[kommune][rows[i].number] = rows[i].Version
	}
	return units, nil
}
