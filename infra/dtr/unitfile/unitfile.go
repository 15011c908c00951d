// Package unitfile reads a file of existing anvisningsenheder, one a line, as they are handed over from elsewhere.
//
// The file is UTF-8, with semicolons and a header; a field may be quoted as in CSV (RFC 4180):
//
//	number;name;instTypeCode;ownerCode;municipalityCode;municipalityName;street;houseNumber;postalCode;city;lat;lon
//
// The codes are those of the code tables. The municipality administers the unit, and the unit lies there; its name is for people and
// is not read. lat and lon are WGS84 degrees and may be empty. Texts are taken byte for byte: whether they are lawful is the
// register's to judge, not this package's.
package unitfile

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"dagtilbudsregisteret.dk/shared/register"
)

// Row is one unit of a file.
type Row struct {
	Line         int // where it stands in the file, from 1
	Number       register.Number
	Navn         string
	InstType3    int
	EjerformKode int
	KommuneKode  int
	VejNavn      string
	HusNummer    string
	PostNummer   string
	ByNavn       string
	GeoBredde    register.Grad
	GeoLaengde   register.Grad
}

// The columns of a file, in order.
const (
	number = iota
	navn
	instType
	owner
	municipality
	municipalityName
	street
	houseNumber
	postalCode
	city
	lat
	lon
)

var header = strings.Split("number;name;instTypeCode;ownerCode;municipalityCode;municipalityName;street;houseNumber;postalCode;city;lat;lon", ";")

// reading is a file on its way into rows, with what is wrong with it.
type reading struct {
	csv      *csv.Reader
	rows     []Row
	lines    map[register.Number]int
	problems []error
}

// Read reads a whole file. The error names everything that is wrong with its layout, a line each, by its line number.
func Read(file io.Reader) ([]Row, error) {
	r := &reading{csv: csv.NewReader(file), lines: make(map[register.Number]int)}
	r.csv.Comma, r.csv.FieldsPerRecord = ';', -1
	for first := true; ; first = false {
		record, err := r.csv.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if broken, ok := errors.AsType[*csv.ParseError](err); ok {
			r.problem(broken.StartLine, "%v", broken.Err)
			continue
		}
		if err != nil {
			return nil, err
		}
		if !first {
			r.record(record)
		} else if !r.header(record) {
			return nil, errors.Join(r.problems...) // the lines would be read as what they are not
		}
	}
	if len(r.rows) == 0 && r.problems == nil {
		r.problem(1, "the file has no rows")
	}
	if r.problems != nil {
		return nil, errors.Join(r.problems...)
	}
	return r.rows, nil
}

func (r *reading) problem(line int, format string, args ...any) {
	r.problems = append(r.problems, fmt.Errorf("line %d: %s", line, fmt.Sprintf(format, args...)))
}

func (r *reading) header(record []string) (ok bool) {
	// Spreadsheets begin a file with a byte order mark.
	record[0] = strings.TrimPrefix(record[0], "\ufeff")
	if ok = slices.Equal(record, header); !ok {
		r.problem(1, "the header must be %s", strings.Join(header, ";"))
	}
	return ok
}

func (r *reading) record(fields []string) {
	line, _ := r.csv.FieldPos(0)
	if len(fields) != len(header) {
		r.problem(line, "%d fields; there are %d columns", len(fields), len(header))
		return
	}
	for i, field := range fields {
		if !utf8.ValidString(field) {
			r.problem(line, "%s is not UTF-8", header[i])
		}
	}
	r.rows = append(r.rows, Row{
		Line: line, Number: r.number(line, fields[number]), Navn: fields[navn],
		InstType3: r.code(line, instType, fields), EjerformKode: r.code(line, owner, fields), KommuneKode: r.code(line, municipality, fields),
		VejNavn: fields[street], HusNummer: fields[houseNumber], PostNummer: fields[postalCode], ByNavn: fields[city],
		GeoBredde: r.degrees(line, lat, fields), GeoLaengde: r.degrees(line, lon, fields),
	})
}

func (r *reading) number(line int, field string) register.Number {
	n, ok := register.ParseNumber(field)
	if !ok {
		r.problem(line, "number is %q; it must be a capital letter and 5 digits", field)
		return ""
	}
	if before, twice := r.lines[n]; twice {
		r.problem(line, "number %s stands on line %d already", n, before)
	}
	r.lines[n] = line
	return n
}

func (r *reading) code(line, column int, fields []string) int {
	code, err := strconv.ParseUint(fields[column], 10, 31)
	if err != nil {
		r.problem(line, "%s is %q; it must be a whole number", header[column], fields[column])
	}
	return int(code)
}

func (r *reading) degrees(line, column int, fields []string) register.Grad {
	if fields[column] == "" {
		return register.Grad{}
	}
	value, err := strconv.ParseFloat(fields[column], 64)
	if err != nil || math.IsNaN(value) || math.IsInf(value, 0) {
		r.problem(line, "%s is %q; it must be decimal degrees", header[column], fields[column])
	}
	return register.Grad{Value: value, Given: true}
}
