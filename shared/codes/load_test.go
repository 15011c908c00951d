package codes_test

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"dagtilbudsregisteret.dk/shared/codes"
)

// files is a small sound set.
func files() fstest.MapFS {
	return fstest.MapFS{
		"ejerform.csv":        {Data: []byte("kode;tekst;text;hjemmel;fraVersion\n1;Kommunal;Municipal;§ 1;1\n")},
		"lovgrundlag.csv":     {Data: []byte("kode;tekst;text;hjemmel;nummer;fraVersion\n6;Landsby;Village;§ 2;offentlig;1\n")},
		"insttype3.csv":       {Data: []byte("kode;tekst;text;hjemmel;fraVersion\n6010;Vuggestue;Nursery;§ 3;1\n")},
		"kommuner.csv":        {Data: []byte("kode;tekst\n101;København\n")},
		"krydsvalidering.csv": {Data: []byte("lovgrundlag;ejerform;instType3;hjemmel\n6;1;6010;§ 4\n")},
	}
}

func TestLoad(t *testing.T) {
	tables, err := codes.Load(files())
	if err != nil {
		t.Fatal(err)
	}
	if !tables.Lawful(6, 1, 6010) || tables.Lawful(6, 1, 6011) || len(tables.Triples) != 1 {
		t.Errorf("the triples are %+v", tables.Triples)
	}
}

// TestLoadFromSpreadsheet reads what a spreadsheet makes of a file, and columns in an order of their own.
func TestLoadFromSpreadsheet(t *testing.T) {
	set := files()
	set["kommuner.csv"] = &fstest.MapFile{Data: []byte("\ufefftekst;kode\r\nKøbenhavn ; 101\r\n\r\nÆrø;492\r\n")}
	tables, err := codes.Load(set)
	if err != nil {
		t.Fatal(err)
	}
	if code, ok := tables.Kommuner.Lookup(492); !ok || code.Tekst.Da != "Ærø" {
		t.Errorf("492 is %+v, %v", code, ok)
	}
	if code, _ := tables.Kommuner.Lookup(101); code.Tekst.Da != "København" {
		t.Errorf("101 is %+v", code)
	}
}

func TestLoadBroken(t *testing.T) {
	for name, c := range map[string]struct {
		file, content string
		want          []string
	}{
		"missing":         {"kommuner.csv", "", []string{"kommuner.csv: open kommuner.csv: file does not exist"}},
		"no rows":         {"kommuner.csv", "kode;tekst\n\n", []string{"kommuner.csv: it has no rows"}},
		"not UTF-8":       {"kommuner.csv", "kode;tekst\n101;K\xf8benhavn\n", []string{"kommuner.csv: it is not UTF-8"}},
		"unknown column":  {"kommuner.csv", "kode;tekst;x\n1;A;\n", []string{`kommuner.csv:1: unknown column "x"`}},
		"repeated column": {"kommuner.csv", "kode;tekst;kode\n1;A;1\n", []string{`kommuner.csv:1: column "kode" stands there twice`}},
		"missing column":  {"kommuner.csv", "kode\n1\n", []string{`kommuner.csv:1: missing column "tekst"`}},
		"fields": {"kommuner.csv", "kode;tekst\n1\n2;B;C\n", []string{
			"kommuner.csv:2: 1 fields; there are 2 columns", "kommuner.csv:3: 3 fields",
		}},
		"quotes": {"kommuner.csv", "kode;tekst\n1;\"A\"\n", []string{"kommuner.csv:2: a field is quoted"}},
		"not a number": {"kommuner.csv", "kode;tekst\nx;A\n0;B\n-1;C\n", []string{
			`kommuner.csv:2: kode is "x"; it must be a whole number above 0`, `kommuner.csv:3: kode is "0"`, `kommuner.csv:4: kode is "-1"`,
		}},
		"no text":        {"kommuner.csv", "kode;tekst\n1; \n", []string{"kommuner.csv:2: kode 1 has no text"}},
		"duplicate code": {"kommuner.csv", "kode;tekst\n1;A\n\n1;B\n", []string{"kommuner.csv:4: kode 1 stands on line 2 already"}},
		"version": {"ejerform.csv", "kode;tekst;text;hjemmel;fraVersion\n1;A;A;;0\n", []string{
			`ejerform.csv:2: fraVersion is "0"; it must be a service version, from 1`,
		}},
		"nummer": {"lovgrundlag.csv", "kode;tekst;text;hjemmel;fraVersion;nummer\n6;A;A;;1;\n", []string{
			`lovgrundlag.csv:2: nummer is ""; it must be "offentlig" or "pladsholder"`,
		}},
		"triples": {"krydsvalidering.csv", "lovgrundlag;ejerform;instType3;hjemmel\n6;1;6010;\n6;1;6010;\n7;2;6011;\nx;1;6010;\n", []string{
			"krydsvalidering.csv:3: the triple 6, 1, 6010 stands there already",
			"krydsvalidering.csv:4: lovgrundlag 7 is not in lovgrundlag.csv",
			"krydsvalidering.csv:4: ejerform 2 is not in ejerform.csv",
			"krydsvalidering.csv:4: instType3 6011 is not in insttype3.csv",
			`krydsvalidering.csv:5: lovgrundlag is "x"`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			set := files()
			set[c.file] = &fstest.MapFile{Data: []byte(c.content)}
			if c.content == "" {
				delete(set, c.file)
			}
			tables, err := codes.Load(set)
			if tables != nil || err == nil {
				t.Fatal("it was loaded")
			}
			lines := strings.Split(strings.TrimPrefix(err.Error(), "code tables: "), "\n")
			if len(lines) != len(c.want) {
				t.Fatalf("%d problems, want %d:\n%v", len(lines), len(c.want), err)
			}
			for _, want := range c.want {
				if !slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, want) }) {
					t.Errorf("%q is not among:\n%v", want, err)
				}
			}
		})
	}
}

// TestLoadAllProblems breaks every file: each is named in the one error.
func TestLoadAllProblems(t *testing.T) {
	set := files()
	for name := range set {
		set[name] = &fstest.MapFile{Data: []byte("x\ny\n")}
	}
	_, err := codes.Load(set)
	for name := range set {
		if err == nil || !strings.Contains(err.Error(), name+`:1: unknown column "x"`) {
			t.Errorf("%s is not named in: %v", name, err)
		}
	}
}

func TestLoadOver(t *testing.T) {
	tables, err := codes.LoadOver(fstest.MapFS{
		"kommuner.csv": {Data: []byte("kode;tekst\n999;Ny Kommune\n")},
		"README.md":    {Data: []byte("ours")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(tables.Kommuner.Codes) != 1 || len(tables.Triples) != 36 {
		t.Errorf("%d kommuner and %d triples", len(tables.Kommuner.Codes), len(tables.Triples))
	}
}

// TestLoadOverDisagreeing replaces a table by one that lacks codes which the embedded triples name.
func TestLoadOverDisagreeing(t *testing.T) {
	_, err := codes.LoadOver(fstest.MapFS{"ejerform.csv": files()["ejerform.csv"]})
	if err == nil || !strings.Contains(err.Error(), "krydsvalidering.csv:6: ejerform 2 is not in ejerform.csv") {
		t.Errorf("the error is %v", err)
	}
}

func TestLoadOverStrays(t *testing.T) {
	_, err := codes.LoadOver(fstest.MapFS{
		"kommune.csv":  {Data: []byte("kode;tekst\n999;Ny Kommune\n")},
		"kommuner.csv": {Data: []byte("kode;tekst\n")},
	})
	for _, want := range []string{"kommune.csv: no code table has that name", "kommuner.csv: it has no rows"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in: %v", want, err)
		}
	}
}

func TestLoadOverNoFolder(t *testing.T) {
	if _, err := codes.LoadOver(os.DirFS(t.TempDir() + "/none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the error is %v", err)
	}
}

func BenchmarkLoadOver(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := codes.LoadOver(fstest.MapFS{}); err != nil {
			b.Fatal(err)
		}
	}
}
