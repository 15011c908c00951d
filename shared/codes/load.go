package codes

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"

	"dagtilbudsregisteret.dk/shared/register"
)

//go:embed data/*.csv
var data embed.FS

// The files of a set.
const (
	ejerformFile        = "ejerform.csv"
	lovgrundlagFile     = "lovgrundlag.csv"
	instTypeFile        = "insttype3.csv"
	kommunerFile        = "kommuner.csv"
	krydsvalideringFile = "krydsvalidering.csv"
)

var embedded = sync.OnceValue(func() *Tables {
	tables, err := Load(embeddedFiles())
	if err != nil {
		panic(err) // the package's tests load these files, so a build that gets here was never tested
	}
	return tables
})

// Embedded gives the tables the program was built with. They are read on the first call.
func Embedded() *Tables { return embedded() }

func embeddedFiles() fs.FS {
	files, err := fs.Sub(data, "data")
	if err != nil {
		panic(err) // "data" is a valid path
	}
	return files
}

// Load reads a full set of tables from the five files in fsys. The error joins everything that is wrong with all of them: a missing
// file, an unknown, repeated or missing column, a field that is not what its column says, a code or triple that stands twice, a
// triple that names an unknown code, an empty table. Each names its file, its line where it has one, and the problem.
func Load(fsys fs.FS) (*Tables, error) {
	l := loader{fsys: fsys}
	t := &Tables{
		Ejerformer:  l.table(Ejerform, ejerformFile, columns[:5]),
		Lovgrundlag: l.table(Lovgrundlag, lovgrundlagFile, columns),
		InstTyper:   l.table(InstType3, instTypeFile, columns[:5]),
		Kommuner:    l.table(Kommuner, kommunerFile, columns[:2]),
	}
	l.triples(t)
	if l.problems != nil {
		return nil, fmt.Errorf("code tables: %w", errors.Join(l.problems...))
	}
	return t, nil
}

// LoadFolder reads the tables an operator has chosen: the embedded ones, with the files of a folder in their place unless its path is
// empty. See [LoadOver].
func LoadFolder(path string) (*Tables, error) {
	if path == "" {
		return Embedded(), nil
	}
	tables, err := LoadOver(os.DirFS(path))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return tables, nil
}

// LoadOver reads a set of tables in which the files of fsys, any of the five, take the place of the embedded ones. Besides what is an
// error to [Load], so is a .csv file of another name: it would be a replacement that replaces nothing.
func LoadOver(fsys fs.FS) (*Tables, error) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, fmt.Errorf("code tables: %w", err)
	}
	var strays []error
	for _, e := range entries {
		switch name := e.Name(); name {
		case ejerformFile, lovgrundlagFile, instTypeFile, kommunerFile, krydsvalideringFile:
		default:
			if strings.HasSuffix(strings.ToLower(name), ".csv") {
				strays = append(strays, fmt.Errorf("code tables: %s: no code table has that name", name))
			}
		}
	}
	tables, err := Load(overlay{fsys, embeddedFiles()})
	if err := errors.Join(append(strays, err)...); err != nil {
		return nil, err
	}
	return tables, nil
}

// overlay is a file system that looks in over first, then in under.
type overlay struct{ over, under fs.FS }

func (o overlay) Open(name string) (fs.File, error) {
	f, err := o.over.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return o.under.Open(name)
	}
	return f, err
}

// columns are those of a code table; a table has the first 2, 5 or 6 of them.
var columns = []string{"kode", "tekst", "text", "hjemmel", "fraVersion", "nummer"}

// table reads one code table with the given columns.
func (l *loader) table(name, file string, columns []string) Table {
	rows := l.rows(file, columns)
	t := Table{Name: name, Codes: make([]Code, 0, len(rows)), index: make(map[int]int, len(rows))}
	lines := make(map[int]int, len(rows))
	for _, r := range rows {
		code := l.code(r)
		if first, twice := lines[code.Kode]; twice && code.Kode != 0 {
			l.problem(file, r.line, "kode %d stands on line %d already", code.Kode, first)
			continue
		}
		lines[code.Kode] = r.line
		t.index[code.Kode] = len(t.Codes)
		t.Codes = append(t.Codes, code)
	}
	return t
}

// code reads one row of a code table. Where a field is wrong, its value is zero.
func (l *loader) code(r row) Code {
	f := r.fields
	code := Code{Kode: l.number(r, "kode", f[0]), Tekst: register.Text{Da: f[1], En: f[1]}, FraVersion: register.V1}
	if len(f) > 2 {
		code.Tekst.En, code.Hjemmel = f[2], f[3]
		code.FraVersion = l.version(r, f[4])
	}
	if code.Tekst.Da == "" || code.Tekst.En == "" {
		l.problem(r.file, r.line, "kode %s has no text", f[0])
	}
	if len(f) > 5 {
		code.Pladsholder = f[5] == "pladsholder"
		if f[5] != "offentlig" && f[5] != "pladsholder" {
			l.problem(r.file, r.line, `nummer is %q; it must be "offentlig" or "pladsholder"`, f[5])
		}
	}
	return code
}

// triples reads the lawful triples and holds them against the tables they name.
func (l *loader) triples(t *Tables) {
	rows := l.rows(krydsvalideringFile, []string{"lovgrundlag", "ejerform", "instType3", "hjemmel"})
	t.Triples = make([]Triple, 0, len(rows))
	t.lawful = make(map[[3]int]bool, len(rows))
	t.pairs = make(map[[2]int]bool, len(rows))
	for _, r := range rows {
		triple := Triple{
			Lovgrundlag: l.known(r, "lovgrundlag", r.fields[0], &t.Lovgrundlag, lovgrundlagFile),
			Ejerform:    l.known(r, "ejerform", r.fields[1], &t.Ejerformer, ejerformFile),
			InstType3:   l.known(r, "instType3", r.fields[2], &t.InstTyper, instTypeFile),
			Hjemmel:     r.fields[3],
		}
		key := [3]int{triple.Lovgrundlag, triple.Ejerform, triple.InstType3}
		if slices.Contains(key[:], 0) {
			continue // its problem is noted
		}
		if t.lawful[key] {
			l.problem(r.file, r.line, "the triple %d, %d, %d stands there already", key[0], key[1], key[2])
			continue
		}
		t.lawful[key] = true
		t.pairs[[2]int{triple.Lovgrundlag, triple.Ejerform}] = true
		t.Triples = append(t.Triples, triple)
	}
}

// known reads a code that must stand in a table. A table that could not be read has its own problem, and knows everything.
func (l *loader) known(r row, column, field string, in *Table, file string) int {
	kode := l.number(r, column, field)
	if _, ok := in.index[kode]; !ok && kode != 0 && len(in.Codes) > 0 {
		l.problem(r.file, r.line, "%s %d is not in %s", column, kode, file)
	}
	return kode
}

// number reads a whole number above 0, and gives 0 where there is none.
func (l *loader) number(r row, column, field string) int {
	n, err := strconv.Atoi(field)
	if err != nil || n < 1 {
		l.problem(r.file, r.line, "%s is %q; it must be a whole number above 0", column, field)
		return 0
	}
	return n
}

func (l *loader) version(r row, field string) register.ServiceVersion {
	v, err := strconv.ParseUint(field, 10, 8)
	if err != nil || v < 1 {
		l.problem(r.file, r.line, "fraVersion is %q; it must be a service version, from 1", field)
	}
	return register.ServiceVersion(v)
}
