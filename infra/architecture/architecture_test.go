// Package architecture holds the project to its own rules: which package may import which, that every package says what it is,
// and that the documents lead to files that exist.
package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	root   = "../.."
	module = "dagtilbudsregisteret.dk/"
)

// layers are the packages from the bottom up. A package may import those of lower layers, and of its own where siblings is set.
// Each layer says why it stands where it does.
var layers = []struct {
	why      string
	siblings bool
	packages []string
}{
	{"what everything is about: standard library only", false, []string{"shared/register"}},
	{"log lines that are measurements", false, []string{"shared/metrics"}},
	{"XML as such, whatever it is about", false, []string{"shared/xmltree"}},
	{"XML as schemas have it", false, []string{"shared/xsd"}},
	{"data, layouts and the published contract, which rules, engines and protocols share", false,
		[]string{"shared/keys", "shared/codes", "events"}},
	{"the rules know no engine and no protocol", false, []string{"shared/validation"}},
	{"who may do what; a right that is missing is a finding like others", false, []string{"shared/access"}},
	{"the days of a service version are days as those of grants are", false, []string{"shared/versions"}},
	{"use cases know the Store, never an engine; none knows another", false,
		[]string{"shared/importing", "shared/exporting", "shared/numbering", "shared/rechecking", "shared/granting", "shared/relaying"}},
	{"all that the use cases keep, record by record", false, []string{"shared/records"}},
	{"what goes through the whole of it, whichever engine keeps it; neither needs the other", false,
		[]string{"shared/auditing", "shared/archiving"}},
	{"the use cases put together, once for a process", false, []string{"shared/services"}},
	{"what protocols over HTTP do alike around a call", false, []string{"shared/httpcall"}},
	{"adapters never meet: a protocol or an engine can be replaced alone", false,
		[]string{"shared/rest", "shared/soap", "shared/boltstore", "shared/dynamostore", "shared/sqsqueue", "shared/lambdahost"}},
	{"programs put the parts together", true, []string{"functions", "infra"}},
}

// forTests are packages that only tests and programs under infra may import.
var forTests = []string{"shared/storetest", "shared/access/accesstest", "shared/dynamostore/dynamotest", "shared/sqsqueue/sqstest", "shared/soap/soaptest",
	"shared/records/recordstest"}

// external says which of the libraries from outside a package may use; nothing else may be imported.
var external = []struct {
	prefix, why string
	in          []string
}{
	{"github.com/aws/", "AWS stays at the edge", []string{"shared/dynamostore", "shared/sqsqueue", "shared/lambdahost", "functions", "infra"}},
	{"github.com/awslabs/", "AWS stays at the edge", []string{"shared/lambdahost"}},
	{"go.etcd.io/bbolt", "one engine's own file", []string{"shared/boltstore", "infra/queues", "infra/bench"}},
	{"golang.org/x/time/rate", "token buckets", []string{"shared/access"}},
	{"github.com/go-json-experiment/json", "JSON is REST's form", []string{"shared/rest", "infra"}},
	{"go.yaml.in/yaml/v3", "templates are YAML", []string{"infra/template"}},
	{"github.com/schollz/progressbar/v3", "for people at a terminal", []string{"infra/dtr"}},
	{"golang.org/x/term", "for people at a terminal", []string{"infra/dtr"}},
}

func TestArrowsRunDownwards(t *testing.T) {
	for _, file := range goFiles(t) {
		if strings.HasSuffix(file.path, "_test.go") || under(file.pkg, forTests) || strings.Contains(file.pkg, "/testdata/") {
			continue
		}
		from := layerOf(file.pkg)
		if from < 0 {
			t.Errorf("%s: the package has no place in the table", file.path)
			continue
		}
		for _, spec := range file.ast.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			if own, isOwn := strings.CutPrefix(path, module); isOwn {
				checkOwn(t, file, from, own)
			} else if strings.Contains(strings.Split(path, "/")[0], ".") {
				checkExternal(t, file, path)
			}
		}
	}
}

func checkOwn(t *testing.T, file source, from int, own string) {
	t.Helper()
	if under(own, forTests) {
		if !strings.HasPrefix(file.pkg, "infra/") {
			t.Errorf("%s imports %s, which is for tests", file.path, own)
		}
		return
	}
	to := layerOf(own)
	sameRoot := from == to && layers[from].siblings
	if to < 0 || to > from || to == from && !sameRoot && own != file.pkg {
		t.Errorf("%s may not import %s: %s", file.path, own, layers[from].why)
	}
}

func checkExternal(t *testing.T, file source, path string) {
	t.Helper()
	for _, rule := range external {
		if strings.HasPrefix(path, rule.prefix) && under(file.pkg, rule.in) {
			return
		}
	}
	t.Errorf("%s may not import %s; what may be used, where and why stands in this test", file.path, path)
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	documented := make(map[string]bool)
	for _, file := range goFiles(t) {
		if !strings.Contains(file.pkg, "/testdata/") {
			documented[file.pkg] = documented[file.pkg] || file.ast.Doc != nil
		}
	}
	for pkg, ok := range documented {
		if !ok {
			t.Errorf("%s has no package comment", pkg)
		}
	}
}

// TestMainsAreWiring keeps the functions' mains as short as wiring is.
func TestMainsAreWiring(t *testing.T) {
	mains, err := filepath.Glob(filepath.Join(root, "functions", "*", "main.go"))
	if err != nil || len(mains) == 0 {
		t.Fatalf("no functions: %v", err)
	}
	for _, path := range mains {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if lines := strings.Count(string(text), "\n"); lines >= 60 {
			t.Errorf("%s has %d lines", path, lines)
		}
	}
}

var link = regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)

func TestDocumentsLeadSomewhere(t *testing.T) {
	links := 0
	walk(t, func(path string) {
		if !strings.HasSuffix(path, ".md") {
			return
		}
		text, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range link.FindAllStringSubmatch(string(text), -1) {
			links++
			if _, err := os.Stat(filepath.Join(root, filepath.Dir(path), match[1])); err != nil {
				t.Errorf("%s leads to %s, which does not exist", path, match[1])
			}
		}
	})
	if links == 0 {
		t.Error("found no links at all")
	}
}

// source is one parsed Go file.
type source struct {
	path, pkg string
	ast       *ast.File
}

func goFiles(t *testing.T) (files []source) {
	t.Helper()
	walk(t, func(path string) {
		if !strings.HasSuffix(path, ".go") {
			return
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, path), nil, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, source{path, filepath.Dir(path), parsed})
	})
	if len(files) < 50 {
		t.Fatalf("found only %d Go files", len(files))
	}
	return files
}

// walk visits the files of the project by their paths from its root.
func walk(t *testing.T, visit func(path string)) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && (name == "build" || name == "data" || strings.HasPrefix(name, ".") && len(name) > 2) {
			return fs.SkipDir
		}
		if !entry.IsDir() {
			relative, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			visit(filepath.ToSlash(relative))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func layerOf(pkg string) int {
	for i, layer := range layers {
		if under(pkg, layer.packages) {
			return i
		}
	}
	return -1
}

// under tells whether a package is one of those named, or below one.
func under(pkg string, named []string) bool {
	return slices.ContainsFunc(named, func(n string) bool { return pkg == n || strings.HasPrefix(pkg, n+"/") })
}
